"""Joint draws of efficiency scores, and Moran's I and LISA of every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from ..efficiency.bootstrap import BootstrapResult
from ..geo.weights import Weights
from ..kernels.moran import deviations, global_moran
from ..kernels.permutation import global_tails
from ..parallel import mapped
from .lisa import LABELS, quadrants, tested_locally
from .periods import Slice, slices, statuses
from .significance import Correction, labelled, pseudo_p

LABEL = "Clusters of the draws"
BLOCK = 200_000  # scores that are mapped at a time


class Inference(NamedTuple):
    """How a map is tested."""

    permutations: int
    alternative: str
    significance: float
    correction: Correction
    seed: int


class Replicated(NamedTuple):
    """What the maps of B draws show.

    Attributes
    ----------
    counts : ndarray of int, shape (labels, n)
        Draws in which a unit carries each of :data:`LABELS`.
    statistic, p_value : ndarray, shape (B,)
        Global Moran's I and its two-sided pseudo p-value; NaN where a draw has none.
    """

    counts: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray


def drawn_distances(bootstrap: BootstrapResult, rows: np.ndarray) -> np.ndarray:
    """Resampled distances of unit-periods, jointly drawn; shape (B, len(rows)), NaN for one without an interval.

    A unit so far beyond a subsample that it has no distance takes its least one of all draws.
    """
    drawn = 1.0 / bootstrap.draws[:, rows]
    least = np.where(np.isnan(drawn), np.inf, drawn).min(axis=0)
    unknown = bootstrap.intervals["lower"].isna().to_numpy()[rows]
    return np.asarray(np.where(unknown, np.nan, np.where(np.isnan(drawn), least, drawn)))


def corrected_draws(bootstrap: BootstrapResult, rows: np.ndarray) -> np.ndarray:
    """Draws from the estimated distribution of the true efficiency, jointly over unit-periods; shape (B, len(rows)).

    On the scale of distances δ = 1/efficiency, which is that of the bootstrap, δ̂* − δ̂ is to δ̂ what δ̂ − δ is to the
    true δ, so that δ̃ = δ̂ − r (δ̂* − δ̂) (Simar & Wilson 2000), with r the rate of a subsample, else one. The frontier
    of a draw lies within the estimated one: δ̂* ≤ δ̂, and 1/δ̃ is in (0, 1]. Over the draws of a unit its quantiles are
    the bootstrap's interval.

    Parameters
    ----------
    bootstrap : BootstrapResult
    rows : ndarray of int
        Unit-periods; those without an interval are NaN.
    """
    known = 1.0 / bootstrap.intervals["efficiency"].to_numpy(float)[rows]
    return np.asarray(1.0 / (known - bootstrap.rate[rows] * (drawn_distances(bootstrap, rows) - known)))


def morans(values: np.ndarray, weights: Weights) -> np.ndarray:
    """Moran's I of every row, NaN where there is none; shape (B,)."""
    statistic = np.full(len(values), np.nan)
    for part in slices(values, statuses(values), weights):
        if part.matrix.nnz:
            statistic[part.periods] = global_moran(part.values, part.matrix).statistic
    return statistic


def replicated(values: np.ndarray, weights: Weights, test: Inference, executor: Executor | None) -> Replicated:
    """Moran's I and LISA of every row, all with the same permutations.

    Parameters
    ----------
    values : ndarray, shape (B, n)
        One draw of a period to a row; NaN where a unit has no value.
    weights : Weights
        Of the n units.
    test : Inference
    executor : concurrent.futures.Executor or None
    """
    blocks = [block for part in slices(values, statuses(values), weights) for block in _blocks(part)]
    counts = np.zeros((len(LABELS), values.shape[1]), dtype=int)
    statistic, p_value = np.full((2, len(values)), np.nan)
    for block, found in zip(blocks, mapped(partial(_mapped, test=test), blocks, executor, LABEL), strict=True):
        counts[:, block.units] += found.counts
        statistic[block.periods], p_value[block.periods] = found.statistic, found.p_value
    counts[LABELS.index("undefined")] = len(values) - counts.sum(axis=0)
    return Replicated(counts, statistic, p_value)


def _blocks(part: Slice) -> Iterator[Slice]:
    """The draws of a slice, some at a time."""
    size = max(BLOCK // len(part.units), 1)
    for start in range(0, len(part.periods), size):
        yield replace(part, periods=part.periods[start:][:size], values=part.values[start:][:size])


def _mapped(block: Slice, test: Inference) -> Replicated:
    """The maps of some draws; counts are of the block's units."""
    local = tested_locally(block, block.values, test.permutations, test.alternative, test.correction, test.seed)
    present = np.ones(block.values.shape, dtype=bool)
    label = labelled(quadrants(local["value"], local["lag"]), local["q"], test.significance, present)
    counts = np.array([(label == name).sum(axis=0) for name in LABELS])
    if block.matrix.nnz == 0:
        return Replicated(counts, *np.full((2, len(block.periods)), np.nan))
    tails = global_tails(deviations(block.values), block.matrix, test.permutations, test.seed)
    statistic = global_moran(block.values, block.matrix).statistic
    return Replicated(counts, statistic, pseudo_p(tails, test.permutations, "two-sided"))

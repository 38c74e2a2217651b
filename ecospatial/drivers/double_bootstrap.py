"""The two bootstraps of Simar and Wilson (2007)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..efficiency.frontiers import Frontier
from ..efficiency.resampling import moved, resampled
from ..efficiency.rescoring import Rescoring
from ..errors import OptionError
from ..kernels.truncated import fit_truncated, truncated_draws
from ..parallel import mapped

LABEL = "Second-stage bootstrap"
TOGETHER = 100_000  # rows that a worker is given at a time


@dataclass(frozen=True, eq=False)
class RegressionScheme:
    """References moved to distances that a truncated regression draws (steps 3.1 to 3.3 of algorithm 2).

    Attributes
    ----------
    model : Rescoring
    distances, mean : ndarray, shape (n,)
        As estimated, and zβ̂.
    sigma : float
    """

    model: Rescoring
    distances: np.ndarray
    mean: np.ndarray
    sigma: float

    def draw(self, generator: np.random.Generator, begin: int) -> tuple[list[Frontier], list[np.ndarray]]:
        """One pseudo-sample for every frontier."""
        drawn = truncated_draws(self.mean, self.sigma, 1.0, generator) / self.distances
        return moved(self.model, [drawn[frontier.reference] for frontier in self.model.frontiers], begin)


def bias_corrected(
    model: Rescoring,
    distances: np.ndarray,
    mean: np.ndarray,
    sigma: float,
    replications: int,
    seed: int,
    executor: Executor | None,
) -> np.ndarray:
    """Distances (n,) less their bias, 2δ̂ − mean(δ̂*).

    Raises
    ------
    OptionError
        Where a frontier is made of unit-periods that others evaluate, which have no distance to it.
    """
    if any(len(np.setdiff1d(frontier.reference, frontier.evaluated)) for frontier in model.frontiers):
        raise OptionError(
            "Algorithm 2 needs frontiers that are made of the unit-periods they evaluate: run the efficiency model"
            " with frontier='contemporaneous' or 'global', or take algorithm='1'."
        )
    scheme = RegressionScheme(model, distances, mean, sigma)
    found = np.full(len(distances), np.nan)
    for frontier, drawn in zip(model.frontiers, resampled(model, scheme, replications, seed, executor), strict=True):
        found[frontier.evaluated] = drawn.mean(axis=0)
    return np.asarray(2 * distances - found)


def redrawn(
    x: np.ndarray, mean: np.ndarray, sigma: float, replications: int, seed: int, executor: Executor | None
) -> np.ndarray:
    """Estimates (L2, k + 1) from samples drawn from a truncated regression.

    Parameters
    ----------
    x : ndarray, shape (n, k)
    mean : ndarray, shape (n,)
        zβ̂.
    sigma : float
    replications, seed : int
        Every replication has a stream of its own, apart from those of the bias correction.
    executor : concurrent.futures.Executor or None
    """
    streams = np.random.SeedSequence((seed, 2)).spawn(replications)
    size = max(TOGETHER // len(x), 1)
    parts = [streams[start:][:size] for start in range(0, len(streams), size)]
    return np.concatenate(mapped(partial(_refitted, x, mean, sigma), parts, executor, LABEL))


def _refitted(x: np.ndarray, mean: np.ndarray, sigma: float, streams: Sequence[np.random.SeedSequence]) -> np.ndarray:
    generators = [np.random.Generator(np.random.PCG64(stream)) for stream in streams]
    y = np.stack([truncated_draws(mean, sigma, 1.0, generator) for generator in generators])
    fits = fit_truncated(y, x, 1.0, near=(mean, sigma))
    return np.column_stack([fits.coefficients, fits.sigma])

"""Draws of reference points, and the distances that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from ..errors import DataError
from ..parallel import mapped
from .frontiers import Frontier
from .radial_measure import RadialMeasure
from .rescoring import Rescoring
from .smoothing import Smoothed

LABEL = "Resampling"
TOGETHER = 20_000  # programmes that a worker is given at a time


class Scheme(Protocol):
    """A way to draw the references of every frontier anew."""

    def draw(self, generator: np.random.Generator, begin: int) -> tuple[list[Frontier], list[np.ndarray]]:
        """Frontiers of one replication, and the values of further rows that they point at, numbered from ``begin``."""


@dataclass(frozen=True, eq=False)
class SmoothScheme:
    """The homogeneous bootstrap of Simar & Wilson (1998): every reference moves along its ray to a drawn distance.

    Attributes
    ----------
    model : Rescoring
    distances : tuple of ndarray (J,)
        Of the references of each frontier to it.
    smoothed : tuple of Smoothed
    itself : bool
        Whether a pseudo-sample is held against its own frontier, instead of the observed units.
    """

    model: Rescoring
    distances: tuple[np.ndarray, ...]
    smoothed: tuple[Smoothed, ...]
    itself: bool = False

    @classmethod
    def of(cls, model: Rescoring, bandwidth: float | None, itself: bool = False) -> SmoothScheme:
        """Distances of the references to their own frontiers, and their smooth distribution.

        Raises
        ------
        DataError
            Where a frontier has fewer than two inefficient units.
        """
        known = tuple(np.where(np.isfinite(part), part, 1.0) for part in model.own())
        smoothed = tuple(Smoothed.of(part, bandwidth) for part in known)
        for frontier, one in zip(model.frontiers, smoothed, strict=True):
            if np.count_nonzero(one.distances > 1.0) < 2:
                raise DataError(
                    "Fewer than two units are inefficient in {frontier}, so there is no distribution of efficiency to "
                    "draw from; name fewer variables, add units, or pool periods with frontier='global'.",
                    frontier=frontier.name,
                )
        return cls(model, known, smoothed, itself)

    def draw(self, generator: np.random.Generator, begin: int) -> tuple[list[Frontier], list[np.ndarray]]:
        """One pseudo-sample for every frontier."""
        ratios = [
            smoothed.draw(len(distances), generator) / distances
            for distances, smoothed in zip(self.distances, self.smoothed, strict=True)
        ]
        return moved(self.model, ratios, begin, self.itself)


def moved(
    model: Rescoring, ratios: Sequence[np.ndarray], begin: int, itself: bool = False
) -> tuple[list[Frontier], list[np.ndarray]]:
    """Every reference moved along its ray, to where its distance is a multiple of what it was.

    Parameters
    ----------
    model : Rescoring
    ratios : sequence of ndarray (J,)
        New over old distances of the references of each frontier.
    begin : int
        Number of the first new row.
    itself : bool
        Whether the moved references are evaluated, instead of the observed units.

    Returns
    -------
    tuple of (list of Frontier, list of ndarray (J, V))
    """
    observed = model.observations
    outwards = isinstance(model.measure, RadialMeasure) and model.measure.orientation == "output"
    along = observed.desired if outwards else ~observed.desired
    frontiers: list[Frontier] = []
    values: list[np.ndarray] = []
    for frontier, ratio in zip(model.frontiers, ratios, strict=True):
        factor = np.where(along, (1.0 / ratio if outwards else ratio)[:, None], 1.0)
        rows = begin + sum(map(len, values)) + np.arange(len(ratio))
        values.append(observed.values[frontier.reference] * factor)
        frontiers.append(replace(frontier, reference=rows, evaluated=rows if itself else frontier.evaluated))
    return frontiers, values


@dataclass(frozen=True, eq=False)
class SubsampleScheme:
    """Some of the references of every frontier, drawn without replacement.

    Attributes
    ----------
    model : Rescoring
    sizes : tuple of int
    """

    model: Rescoring
    sizes: tuple[int, ...]

    def draw(self, generator: np.random.Generator, begin: int) -> tuple[list[Frontier], list[np.ndarray]]:
        """One subsample for every frontier."""
        return [
            replace(frontier, reference=np.sort(generator.choice(frontier.reference, size, replace=False)))
            for frontier, size in zip(self.model.frontiers, self.sizes, strict=True)
        ], []


def resampled(
    model: Rescoring, scheme: Scheme, replications: int, seed: int, executor: Executor | None
) -> list[np.ndarray]:
    """Distances to the frontiers of every replication.

    Parameters
    ----------
    model : Rescoring
    scheme : Scheme
    replications : int
    seed : int
        Every replication has a stream of its own, so that the draws do not depend on who makes them.
    executor : concurrent.futures.Executor or None

    Returns
    -------
    list of ndarray (replications, N)
        By frontier, for the rows that the scheme evaluates.
    """
    parts = shared(np.random.SeedSequence(seed).spawn(replications), len(model.observations.values))
    found = mapped(partial(_replicated, model, scheme), parts, executor, LABEL)
    return [np.concatenate([part[place] for part in found]) for place in range(len(model.frontiers))]


def shared(streams: Sequence[np.random.SeedSequence], programmes: int) -> list[Sequence[np.random.SeedSequence]]:
    """Streams in parts for a worker each, given the programmes that one stream takes."""
    size = max(TOGETHER // programmes, 1)
    return [streams[start:][:size] for start in range(0, len(streams), size)]


def _replicated(model: Rescoring, scheme: Scheme, streams: Sequence[np.random.SeedSequence]) -> list[np.ndarray]:
    """The replications of some streams, in one call of the engine."""
    frontiers: list[Frontier] = []
    values = [model.observations.values]
    for stream in streams:
        drawn, further = scheme.draw(np.random.Generator(np.random.PCG64(stream)), sum(map(len, values)))
        frontiers += drawn
        values += further
    found = model.distances(frontiers, np.vstack(values), LABEL)
    count = len(model.frontiers)
    return [np.array(found[place::count]) for place in range(count)]

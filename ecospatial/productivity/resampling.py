"""Draws of the unit-periods of two successive periods, and the changes that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np
import pandas as pd

from ..efficiency.frontiers import draw_frontiers
from ..efficiency.observations import Observations
from ..efficiency.radial_measure import RadialMeasure
from ..efficiency.resampling import LABEL, shared
from ..efficiency.rescoring import Rescoring
from ..efficiency.smoothing import ONE
from ..efficiency.technology import ReturnsToScale
from ..errors import DataError
from ..parallel import mapped
from ..progress import share
from .decompositions import Decomposition
from .index import Index
from .paired_distances import PairedDistances
from .pairs import Pairs
from .technologies import RadialDistance


@dataclass(frozen=True, eq=False)
class PairScheme:
    """The bootstrap of Simar & Wilson (1999) for two successive periods; it travels to the workers of an executor.

    Attributes
    ----------
    place : int
        Of the later period among all periods.
    index : Index
        Of the two periods alone.
    distances : ndarray (n,)
        Of every unit-period to the frontier of its own period.
    smoothed : PairedDistances
    """

    place: int
    index: Index
    distances: np.ndarray
    smoothed: PairedDistances

    @classmethod
    def of(cls, place: int, index: Index, distances: np.ndarray, bandwidth: float | None) -> PairScheme:
        """Smooth the distances of the units that are there in both periods.

        Raises
        ------
        DataError
            Where fewer than two of them are inefficient in one of the periods.
        """
        both = np.column_stack([distances[index.pairs.earlier], distances[index.pairs.later]])
        few = np.flatnonzero(np.count_nonzero(both > 1.0 + ONE, axis=0) < 2)
        if len(few):
            first, second = index.observations.data.periods
            raise DataError(
                "Fewer than two of the units of both {first} and {second} are inefficient in {period}, so there is no "
                "distribution of efficiency to draw from; name fewer variables, or add units.",
                first=first,
                second=second,
                period=(first, second)[few[0]],
            )
        return cls(place, index, distances, PairedDistances.of(both, bandwidth))

    @property
    def changed(self) -> pd.MultiIndex:
        """The P unit-periods whose change is measured."""
        return self.index.observations.data.index[self.index.pairs.later]

    @property
    def span(self) -> str:
        """Both periods."""
        return "–".join(str(period) for period in self.index.observations.data.periods)

    def pseudo(self, generator: np.random.Generator) -> np.ndarray:
        """Shape (n, V): every unit-period moved along its ray to where its distance is a drawn one."""
        observed = self.index.observations
        unit, when = observed.data.places()
        drawn = self.smoothed.draw(len(observed.data.units), generator)
        ratio = drawn[unit, when] / self.distances
        outwards = cast(RadialDistance, self.index.distance).orientation == "output"
        moved = observed.desired if outwards else ~observed.desired
        return np.asarray(observed.values * np.where(moved, (1.0 / ratio if outwards else ratio)[:, None], 1.0))

    def changes(self, streams: Sequence[np.random.SeedSequence]) -> np.ndarray:
        """Shape (B, P, C): logarithms of the components of the real unit-periods against drawn technologies."""
        found = []
        for done, stream in enumerate(streams):
            values = self.pseudo(np.random.Generator(np.random.PCG64(stream)))
            with share(LABEL, done / len(streams), (done + 1) / len(streams)):
                parts = self.index.components(self.index.measured(pseudo=values))
            found.append(np.column_stack([part.sum(axis=1) for part in parts.values()]))
        return np.array(found)

    def resampled(self, streams: Sequence[np.random.SeedSequence], executor: Executor | None) -> np.ndarray:
        """The same, shared among the workers."""
        parts = shared(streams, len(self.index.questions.asked))
        return np.concatenate(mapped(partial(_changes, self), parts, executor, LABEL))


def _changes(scheme: PairScheme, streams: Sequence[np.random.SeedSequence]) -> np.ndarray:
    return scheme.changes(streams)


def pair_schemes(
    observations: Observations,
    distance: RadialDistance,
    decomposition: Decomposition,
    technology: ReturnsToScale,
    bandwidth: float | None,
) -> list[PairScheme]:
    """One for every two successive periods that share a unit.

    Parameters
    ----------
    observations : Observations
    distance : RadialDistance
    decomposition : mapping
    technology : {"vrs", "crs", "nirs", "ndrs"}
        Returns to scale of the technologies that the draws start from.
    bandwidth : float or None
    """
    own = _own_distances(observations, distance, technology)
    _, when = observations.data.places()
    schemes = []
    for place in np.unique(Pairs.of(observations.data).when):
        rows = np.flatnonzero((when == place) | (when == place - 1))
        data = observations.data.where_periods(observations.data.periods[[place - 1, place]])
        part = replace(observations, panel=data, data=data, values=observations.values[rows])
        index = Index.of(part, distance, "contemporaneous", decomposition)
        schemes.append(PairScheme.of(int(place), index, own[rows], bandwidth))
    return schemes


def _own_distances(observations: Observations, distance: RadialDistance, technology: ReturnsToScale) -> np.ndarray:
    """Shape (n,): one and more."""
    frontiers = tuple(draw_frontiers(observations, "contemporaneous"))
    model = Rescoring(observations, frontiers, technology, RadialMeasure(distance.orientation))
    found = np.ones(len(observations.values))
    for frontier, distances in zip(frontiers, model.own(), strict=True):
        found[frontier.reference] = np.where(np.isfinite(distances), distances, 1.0)
    return found

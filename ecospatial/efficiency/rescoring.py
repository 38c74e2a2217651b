"""A finished model held against other reference points than those that it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import OptionError
from ..kernels.envelopment import Solution
from ..kernels.solvers import solve
from .frontiers import Frontier
from .observations import Observations
from .radial_measure import Orientation, RadialMeasure
from .result import EfficiencyResult
from .slacks_measure import SlacksMeasure
from .super_sbm import SuperMeasure
from .technology import ReturnsToScale, Technology
from .weighting import fraction_weights

OneStage = RadialMeasure | SlacksMeasure


@dataclass(frozen=True, eq=False)
class Rescoring:
    """What it takes to ask a model again; it travels to the workers of an executor.

    Attributes
    ----------
    observations : Observations
    frontiers : tuple of Frontier
        One for each unit-period.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
    measure : RadialMeasure or SlacksMeasure
    beyond : SuperMeasure or None
        For units outside the technology, where ``measure`` has no answer for them.
    """

    observations: Observations
    frontiers: tuple[Frontier, ...]
    returns_to_scale: ReturnsToScale
    measure: OneStage
    beyond: SuperMeasure | None = None

    @classmethod
    def of(cls, result: EfficiencyResult) -> Rescoring:
        """The model of a result.

        Raises
        ------
        OptionError
            Where the result is no ordinary radial or slacks-based model, or a unit-period has several frontiers.
        """
        said = result.specification
        _check(result)
        parts = said.inputs, said.outputs, said.undesirable
        values = result.data.numbers([*said.inputs, *said.outputs, *said.undesirable]).to_numpy()
        observations = Observations(result.data, result.data, *parts, values)
        frontiers = tuple(frontier for frontier in result.frontiers if not frontier.group)
        returns: ReturnsToScale = said.returns_to_scale
        if said.family == "radial":
            orientation: Orientation = "input" if said.orientation == "input" else "output"
            return cls(observations, frontiers, returns, RadialMeasure(orientation))
        weight = np.array([said.weights.get(name, 1.0) for name in observations.variables])
        inputs = np.array([name in said.inputs for name in observations.variables])
        measure = SlacksMeasure(*fraction_weights(weight, inputs, said.orientation))
        beyond = SuperMeasure(*fraction_weights(weight, ~observations.desired, said.orientation))
        return cls(observations, frontiers, returns, measure, beyond)

    def own(self) -> list[np.ndarray]:
        """Distances of the references of each frontier to it, (J,) each."""
        return self.distances([replace(frontier, evaluated=frontier.reference) for frontier in self.frontiers])

    def distances(
        self, frontiers: Sequence[Frontier], values: np.ndarray | None = None, label: str = "Efficiency"
    ) -> list[np.ndarray]:
        """The reciprocal of the efficiency of every evaluated row: one on the frontier, more inside, less beyond.

        Parameters
        ----------
        frontiers : sequence of Frontier
        values : ndarray (n, V) or None
            In the place of the observed ones, with further rows that references may point at.
        label : str

        Returns
        -------
        list of ndarray (N,)
            By frontier; NaN where a programme has no certified optimum.
        """
        seen = self.observations if values is None else replace(self.observations, values=values)
        found = [1.0 / shares for shares in self._shares(seen, frontiers, self.measure, label)]
        if self.beyond is None:
            return found
        outside = [np.flatnonzero(np.isnan(distances)) for distances in found]
        asked = [place for place, rows in enumerate(outside) if len(rows)]
        chosen = [replace(frontiers[at], evaluated=frontiers[at].evaluated[outside[at]]) for at in asked]
        for at, shares in zip(asked, self._shares(seen, chosen, self.beyond, label), strict=True):
            found[at][outside[at]] = 1.0 / shares
        return found

    def _shares(
        self, seen: Observations, frontiers: Sequence[Frontier], measure: OneStage | SuperMeasure, label: str
    ) -> list[np.ndarray]:
        technologies = [Technology.seen_from(seen, frontier, self.returns_to_scale) for frontier in frontiers]
        batches = [replace(measure.programme(technology), tie_costs=None) for technology in technologies]
        return [self._share(solution, measure) for solution in solve(batches, "auto", label)]

    def _share(self, solution: Solution, measure: OneStage | SuperMeasure) -> np.ndarray:
        scores = measure.read(solution, len(self.observations.variables)).scores
        scores = np.where(solution.status == "optimal", scores, np.nan)
        outwards = isinstance(measure, RadialMeasure) and measure.orientation == "output"
        return 1.0 / scores if outwards else scores


def _check(result: EfficiencyResult) -> None:
    said = result.specification
    if said.family not in ("radial", "sbm") or said.super_efficiency:
        raise OptionError(
            "Bootstrap and subsampling take ordinary scores of radial() or sbm(), not '{title}'; run one of them.",
            title=result.title,
        )
    rows = np.concatenate([frontier.evaluated for frontier in result.frontiers if not frontier.group])
    if len(set(rows)) < len(rows):
        raise OptionError(
            "A score that is a mean over several windows cannot be resampled; run the model with another frontier=."
        )

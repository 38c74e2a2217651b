"""How far a unit-period is from a technology, which may be one of other periods.

Each distance says how it is posed and what it means as a level: more is better, zero is the frontier, and a
unit-period beyond the technology, as those of other periods may be, has more than zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol

import numpy as np

from ..efficiency.directional import DirectionalDistance
from ..efficiency.nonradial_directional import NonradialSteps
from ..efficiency.observations import Observations, require_positive
from ..efficiency.radial_measure import RadialMeasure
from ..efficiency.slacks_measure import SlacksMeasure
from ..efficiency.super_sbm import Placement, SuperMeasure
from ..efficiency.technology import Technology
from ..efficiency.weighting import fraction_weights
from ..kernels.envelopment import Envelopment, Solution

Orientation = Literal["output", "input", "non-oriented"]
NOTHING = 1e-9  # share of the unit's own output at or below which a technology makes none of it


class Posed(Protocol):
    """A linear programme and how to read its solution."""

    def programme(self, technology: Technology) -> Envelopment:
        """State it over one technology."""

    def read(self, solution: Solution) -> np.ndarray:
        """Scores (N, C): one, or one for each variable."""


class Distance(Posed, Protocol):
    """A distance of unit-periods to a technology.

    Attributes
    ----------
    NO_LEVEL : str
        Status of an optimum without a level.
    """

    NO_LEVEL: ClassVar[str]

    def level(self, scores: np.ndarray) -> np.ndarray:
        """What adds up, of scores (K, C), NaN where a score is no distance."""

    @property
    def beyond(self) -> Posed | None:
        """How the distance is posed for what lies beyond the technology, where this one has no solution for it."""


@dataclass(frozen=True, eq=False)
class RadialDistance:
    """Shephard's output distance 1/φ, or Farrell's input measure θ, the reciprocal of Shephard's.

    Attributes
    ----------
    orientation : {"output", "input"}
    """

    NO_LEVEL: ClassVar[str] = "infeasible"

    orientation: Literal["output", "input"]
    beyond: None = None

    def programme(self, technology: Technology) -> Envelopment:
        """Farrell's, over all references."""
        return RadialMeasure(self.orientation, super_efficiency=False).programme(technology)

    def read(self, solution: Solution) -> np.ndarray:
        """The share."""
        moved = np.abs(solution.objective)[:, None]
        return moved if self.orientation == "input" else 1.0 / np.where(moved > NOTHING, moved, np.nan)

    def level(self, scores: np.ndarray) -> np.ndarray:
        """The logarithm of the share."""
        return _logarithm(scores)


@dataclass(frozen=True, eq=False)
class SlacksDistance:
    """Tone's ρ within the technology, and his super-efficiency δ beyond it (Tone 2001, 2002, 2004).

    Attributes
    ----------
    measure : SlacksMeasure
    beyond : SuperSlacks
    """

    NO_LEVEL: ClassVar[str] = "infeasible"

    measure: SlacksMeasure
    beyond: SuperSlacks

    @classmethod
    def of(cls, observations: Observations, orientation: Orientation, placement: Placement) -> SlacksDistance:
        """With equal weights.

        Raises
        ------
        DataError
            Where a variable that counts is zero.
        """
        weight = np.ones(len(observations.variables))
        is_input = np.array([name in observations.inputs for name in observations.variables])
        over = ~observations.desired if placement == "numerator" else is_input
        inside = SlacksMeasure(*fraction_weights(weight, is_input, orientation))
        above = SuperMeasure(*fraction_weights(weight, over, orientation))
        require_positive(observations, (inside.saved + inside.gained > 0) | above.counted, "SBM")
        return cls(inside, SuperSlacks(above))

    def programme(self, technology: Technology) -> Envelopment:
        """The slacks-based measure."""
        return self.measure.programme(technology)

    def read(self, solution: Solution) -> np.ndarray:
        """ρ."""
        return self.measure.read(solution, len(self.measure.saved)).scores[:, None]

    def level(self, scores: np.ndarray) -> np.ndarray:
        """The logarithm of ρ or δ."""
        return _logarithm(scores)


@dataclass(frozen=True, eq=False)
class SuperSlacks:
    """The slacks-based distance of what lies beyond a technology."""

    measure: SuperMeasure

    def programme(self, technology: Technology) -> Envelopment:
        """Slacks-based super-efficiency."""
        return self.measure.programme(technology)

    def read(self, solution: Solution) -> np.ndarray:
        """δ."""
        return self.measure.read(solution, len(self.measure.over)).scores[:, None]


@dataclass(frozen=True, eq=False)
class StepDistance:
    """The step β, negative beyond the technology, as the share of the frontier that it leads to.

    1/(1 + β) where outputs move (Chung, Färe & Grosskopf 1997), 1 − β where inputs do, and (1 − β)/(1 + β) where both
    do: under constant returns this is Farrell's measure, so that half the inputs for the same are a growth of two.

    Attributes
    ----------
    distance : DirectionalDistance
        Which has no step back.
    moved : {"output", "input", "non-oriented"}
    """

    NO_LEVEL: ClassVar[str] = "undefined"

    distance: DirectionalDistance
    moved: Orientation = "output"
    beyond: None = None

    def programme(self, technology: Technology) -> Envelopment:
        """A step back and a step forth: own variables β⁻, β⁺ and the slacks."""
        forth = self.distance.programme(technology)
        own = np.concatenate([-forth.own[..., :1], forth.own], axis=-1)
        return replace(forth, own=own, costs=np.append(-forth.costs[0], forth.costs))

    def read(self, solution: Solution) -> np.ndarray:
        """β."""
        return -solution.objective[:, None]

    def level(self, scores: np.ndarray) -> np.ndarray:
        """The logarithm of the share."""
        saved = _logarithm(1.0 - scores) if self.moved != "output" else 0.0
        gained = _logarithm(1.0 + scores) if self.moved != "input" else 0.0
        return np.asarray(saved - gained)


@dataclass(frozen=True, eq=False)
class NonradialDistance:
    """The weighted step w β of each variable, forth within the technology and back beyond it (Zhou, Ang & Wang 2012).

    Attributes
    ----------
    steps : NonradialSteps
    """

    NO_LEVEL: ClassVar[str] = "infeasible"

    steps: NonradialSteps

    @property
    def beyond(self) -> StepsBack:
        """The smallest steps back."""
        return StepsBack(self.steps)

    def programme(self, technology: Technology) -> Envelopment:
        """The largest steps forth."""
        return self.steps.programme(technology)

    def read(self, solution: Solution) -> np.ndarray:
        """Shape (N, V): w β."""
        weight = self.steps.weight
        return np.asarray(weight * solution.own[:, np.arange(len(weight))])

    def level(self, scores: np.ndarray) -> np.ndarray:
        """An inefficiency with its sign turned."""
        return -scores


@dataclass(frozen=True, eq=False)
class StepsBack:
    """The smallest Σ w e, e ≥ 0, for which the technology has a point no better than (x (1 + e), y (1 − e), b (1 + e)).

    So the additive super-efficiency of Du, Liang & Zhu (2010) measures what lies beyond.
    """

    steps: NonradialSteps

    def programme(self, technology: Technology) -> Envelopment:
        """Own variables: the slacks, and the steps back of the variables that move."""
        forth, weight = self.steps.programme(technology), self.steps.weight
        back = -forth.own[..., np.flatnonzero(weight)]
        return replace(
            forth,
            own=np.concatenate([forth.own, back], axis=-1),
            costs=np.append(np.zeros_like(forth.costs), weight[weight > 0]),
        )

    def read(self, solution: Solution) -> np.ndarray:
        """Shape (N, V): −w e."""
        weight = self.steps.weight
        scores = np.zeros((len(solution.own), len(weight)))
        _, back = np.hsplit(solution.own, [-np.count_nonzero(weight)])
        scores[:, weight > 0] = -weight[weight > 0] * back
        return scores


def _logarithm(shares: np.ndarray) -> np.ndarray:
    return np.log(np.where(shares > NOTHING, shares, np.nan))

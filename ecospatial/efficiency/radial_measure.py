"""The radial programme: all inputs shrink, or all outputs grow, in one proportion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..kernels.envelopment import Envelopment, Solution
from .evaluation import Reading
from .technology import Technology

Orientation = Literal["input", "output"]

ROUNDING = 1e-7  # a unit in its own reference set passes one by no more


@dataclass(frozen=True, eq=False)
class RadialMeasure:
    """Farrell's measure θ or φ, and then the largest sum of slacks.

    Attributes
    ----------
    orientation : {"input", "output"}
    super_efficiency : bool
        Whether a unit is left out of its own reference set.
    """

    orientation: Orientation
    super_efficiency: bool = False

    def programme(self, technology: Technology) -> Envelopment:
        """Min θ or min −φ over own variables (θ or φ, slacks); the moved rows carry θ or φ, the others hold."""
        moved = technology.contracted if self.orientation == "input" else technology.desired
        return Envelopment(
            technology=technology.reference,
            scale=technology.scale,
            own=technology.own_columns(-technology.share * moved),
            rhs=technology.share * ~moved,
            costs=technology.own_costs(1.0 if self.orientation == "input" else -1.0),
            limiting=technology.limiting,
            tie_costs=technology.own_costs(0.0, -1.0),
            excluded=technology.itself if self.super_efficiency else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """Scores and slacks; what passes one by rounding is one."""
        scores = np.abs(solution.objective)
        better = scores - 1.0 if self.orientation == "input" else 1.0 - scores
        if not self.super_efficiency:
            scores = np.where((better > 0) & (better <= ROUNDING), 1.0, scores)
        return Reading(scores, solution.own[:, 1:][:, :width], solution.intensities)

"""Super-efficiency of the slacks-based measure: how far an efficient unit is from the technology of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import Message
from ..kernels.envelopment import Envelopment, Solution
from .evaluation import Reading
from .observations import Observations
from .technology import ReturnsToScale, Technology

Placement = Literal["numerator", "denominator"]


@dataclass(frozen=True, eq=False)
class SuperMeasure:
    """The fraction δ = (1 + over · e) / (1 − under · e), excesses e ≥ 0 in shares of the unit's own values.

    An excess is how much worse than the unit the reference point is: more input or bad, less output.

    Attributes
    ----------
    over, under : ndarray (V,)
        Weights of the excesses; a variable with neither is held.
    """

    over: np.ndarray
    under: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """Shape (V,): which variables the reference point may change."""
        return np.asarray(self.over + self.under > 0)

    def programme(self, technology: Technology) -> Envelopment:
        """Charnes & Cooper's linear form over t, t·e and tλ: min t + over · te, where t − under · te = 1."""
        own = technology.own_columns(-technology.share)
        worse = -technology.slacks[:, : len(self.over)][:, self.counted]
        columns = np.concatenate([own, np.broadcast_to(worse, (*own.shape[:-1], worse.shape[1]))], axis=-1)
        line = np.append(technology.own_costs(1.0), -self.under[self.counted])
        lines = np.broadcast_to(line, (*own.shape[:-2], 1, len(line)))
        return Envelopment(
            technology=np.vstack([technology.reference, np.zeros(technology.reference.shape[1])]),
            scale=np.hstack([technology.scale, np.ones((len(technology.scale), 1))]),
            own=np.concatenate([columns, lines], axis=-2),
            rhs=np.append(np.zeros(len(technology.reference)), 1.0),
            costs=np.append(technology.own_costs(1.0), self.over[self.counted]),
            limiting=np.append(technology.limiting, False),
            excluded=technology.itself,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """Divide t out again; an excess is a negative slack."""
        t = np.where(solution.own[:, :1] > 0, solution.own[:, :1], np.nan)
        slacks = np.zeros((len(t), width))
        _, excesses = np.hsplit(solution.own, [-np.count_nonzero(self.counted)])
        slacks[:, self.counted] = -excesses / t
        scores = np.maximum(solution.objective, 1.0)
        return Reading(scores, slacks, solution.intensities.multiply(1.0 / t).tocsr())


def cap_notes(measure: SuperMeasure, observations: Observations, returns_to_scale: ReturnsToScale) -> list[Message]:
    """The cap that bads under the line put on the scores."""
    left = measure.under[~observations.desired].sum()  # of the denominator, where nothing is produced
    if left == 0 or returns_to_scale not in ("crs", "nirs"):
        return []
    return [
        Message.of(
            "With the undesirable outputs in the denominator no score can exceed {cap}, that of a reference point "
            "which produces nothing.",
            cap=f"{1.0 / left:.4g}",
        )
    ]

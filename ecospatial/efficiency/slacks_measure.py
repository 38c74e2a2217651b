"""The slacks-based programme: a fraction of slacks made linear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..kernels.envelopment import Envelopment, Solution
from .evaluation import Reading
from .technology import Technology


@dataclass(frozen=True, eq=False)
class SlacksMeasure:
    """The fraction ρ = (1 − saved · s) / (1 + gained · s), slacks s in shares of the unit's own values.

    Attributes
    ----------
    saved, gained : ndarray (V,)
        Weights of the slacks over and under the line.
    """

    saved: np.ndarray
    gained: np.ndarray

    def programme(self, technology: Technology) -> Envelopment:
        """Charnes & Cooper's linear form over t, t·s and tλ: min t − saved · ts, where t + gained · ts = 1."""
        own = technology.own_columns(-technology.share)
        line = np.broadcast_to(technology.own_costs(1.0, self.gained), (*own.shape[:-2], 1, own.shape[-1]))
        uncounted = self.saved + self.gained == 0
        return Envelopment(
            technology=np.vstack([technology.reference, np.zeros(technology.reference.shape[1])]),
            scale=np.hstack([technology.scale, np.ones((len(technology.scale), 1))]),
            own=np.concatenate([own, line], axis=-2),
            rhs=np.append(np.zeros(len(technology.reference)), 1.0),
            costs=technology.own_costs(1.0, -self.saved),
            limiting=np.append(technology.limiting, False),
            tie_costs=technology.own_costs(0.0, -uncounted.astype(float)) if uncounted.any() else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """Divide t out again."""
        t = np.where(solution.own[:, :1] > 0, solution.own[:, :1], np.nan)
        scores = np.clip(solution.objective, 0.0, 1.0)
        slacks = solution.own[:, 1:][:, :width] / t
        return Reading(scores, slacks, solution.intensities.multiply(1.0 / t).tocsr())

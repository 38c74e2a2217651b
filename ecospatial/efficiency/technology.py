"""The production technology of a frontier, as the units that it evaluates see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from .frontiers import Frontier
from .observations import Observations

ReturnsToScale = Literal["vrs", "crs", "nirs", "ndrs"]

RETURNS: dict[str, str] = {
    "vrs": "variable (VRS)",
    "crs": "constant (CRS)",
    "nirs": "non-increasing (NIRS)",
    "ndrs": "non-decreasing (NDRS)",
}
# Σλ = 1, no row, Σλ + slack = 1, Σλ − slack = 1
_SIZE_SLACK = {"vrs": [0.0], "crs": [], "nirs": [1.0], "ndrs": [-1.0]}


@dataclass(frozen=True, eq=False)
class Technology:
    """Rows of an envelopment model, each in shares of the evaluated unit's own value.

    The R rows are the V variables and, unless returns are constant, the sum of intensities, whose own
    value is one. A row with own value zero is in shares of the smallest positive reference value instead, beside
    which nothing that counts is small.

    Attributes
    ----------
    reference : ndarray (R, J)
        In units of the data.
    scale : ndarray (N, R)
        What a row is divided by.
    share : ndarray (R,) or (N, R)
        The unit's own value after division: one, or zero where it is zero.
    slacks : ndarray (R, S)
        Slack columns: first the V of the variables, then that of the sum of intensities where it has one.
    desired : ndarray (R,) of bool
        Rows of which more is better.
    contracted : ndarray (R,) of bool
        Rows of which less is better.
    limiting : ndarray (R,) of bool
        Rows that keep the intensities small: what is contracted, and the sum of intensities where it is bounded.
    frontier : Frontier
    """

    reference: np.ndarray
    scale: np.ndarray
    share: np.ndarray
    slacks: np.ndarray
    desired: np.ndarray
    contracted: np.ndarray
    limiting: np.ndarray
    frontier: Frontier

    @classmethod
    def seen_from(cls, observations: Observations, frontier: Frontier, returns_to_scale: ReturnsToScale) -> Technology:
        """The technology of a frontier with the scale of its evaluated units."""
        size = np.array(_SIZE_SLACK[returns_to_scale])
        reference = _with_ones(observations.values[frontier.reference], len(size)).T
        own = _with_ones(observations.values[frontier.evaluated], len(size))
        least = np.where(reference > 0, reference, np.inf).min(axis=1)
        desired = observations.desired
        signs = np.concatenate([np.where(desired, -1.0, 1.0), size])
        positive = own > 0
        return cls(
            reference=reference,
            scale=np.where(positive, own, np.where(np.isfinite(least), least, 1.0)),
            share=np.ones(len(signs)) if positive.all() else positive.astype(float),
            slacks=np.diag(signs)[:, signs != 0],
            desired=np.append(desired, np.zeros(len(size), dtype=bool)),
            contracted=np.append(~desired, np.zeros(len(size), dtype=bool)),
            limiting=np.append(~desired, size >= 0),
            frontier=frontier,
        )

    @property
    def itself(self) -> sparse.csr_matrix:
        """Shape (N, J): one where a reference is the evaluated unit itself, which super-efficiency leaves out."""
        return self.frontier.itself

    def own_columns(self, first: np.ndarray) -> np.ndarray:
        """Columns of the own variables: the model's first one, (R,) or (N, R), and the slacks."""
        slacks = np.broadcast_to(self.slacks, (*first.shape[:-1], *self.slacks.shape))
        return np.concatenate([first[..., None], slacks], axis=-1)

    def own_costs(self, first: float, slacks: np.ndarray | float = 0.0) -> np.ndarray:
        """Costs of the own variables: the first one, the V slacks, and nothing for the sum of intensities."""
        costs = np.zeros(1 + self.slacks.shape[1])
        costs[0] = first
        count = np.count_nonzero(self.desired | self.contracted)
        costs[1:][:count] = slacks
        return costs


def _with_ones(values: np.ndarray, count: int) -> np.ndarray:
    return np.hstack([values, np.ones((len(values), count))])

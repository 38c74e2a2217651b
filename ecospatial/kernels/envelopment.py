"""The linear programmes of data envelopment analysis: statement and solution.

Every envelopment model asks of each unit the same small question over the same reference technology.
A model states it once as an :class:`Envelopment`; whichever solver answers, the answers are a :class:`Solution`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

SPECK = 1e-11  # share of the unit's own values below which what a reference adds is rounding


@dataclass(frozen=True, eq=False)
class Envelopment:
    """One linear programme for each of N units over J shared reference columns.

    For unit o, with intensities λ and own variables v::

        min  costs · v    subject to    (technology λ) / scale_o + own v = rhs,   λ ≥ 0,   v ≥ 0

    Dividing the rows by the unit's own values makes ``own`` and ``rhs`` alike for all units, and every
    tolerance relative to the unit.

    Attributes
    ----------
    technology : ndarray (R, J)
        Reference columns in units of the data: inputs, outputs, bads, convexity.
    scale : ndarray (N, R)
        Positive row divisors of each unit.
    own : ndarray (R, K) or (N, R, K)
        Columns of the own variables, shared or by unit.
    rhs : ndarray (R,) or (N, R)
    costs : ndarray (K,)
    limiting : ndarray (R,) of bool
        Rows in which the references together stay within the unit's own value or near it, such as inputs:
        they set the size of a reference column, to which tolerances are relative.
    tie_costs : ndarray (K,) or None
        A second objective, minimised among the optima of the first.
    excluded : csr_matrix (N, J) or None
        Non-zero where a unit may not use a reference column.
    """

    technology: np.ndarray
    scale: np.ndarray
    own: np.ndarray
    rhs: np.ndarray
    costs: np.ndarray
    limiting: np.ndarray
    tie_costs: np.ndarray | None = None
    excluded: sparse.csr_matrix | None = None

    @property
    def units(self) -> int:
        """How many units are evaluated."""
        return len(self.scale)

    @property
    def own_by_unit(self) -> np.ndarray:
        """``own`` as (N, R, K)."""
        return np.broadcast_to(self.own, (self.units, *self.own.shape[-2:]))

    def own_of(self, units: np.ndarray) -> np.ndarray:
        """``own`` of some units, (k, R, K)."""
        return np.broadcast_to(self.own, (len(units), *self.own.shape)) if self.own.ndim == 2 else self.own[units]

    @property
    def rhs_by_unit(self) -> np.ndarray:
        """``rhs`` as (N, R)."""
        return np.broadcast_to(self.rhs, self.scale.shape)

    def of(self, units: np.ndarray) -> Envelopment:
        """The programmes of some units."""
        return replace(
            self,
            scale=self.scale[units],
            own=self.own if self.own.ndim == 2 else self.own[units],
            rhs=self.rhs if self.rhs.ndim == 1 else self.rhs[units],
            excluded=None if self.excluded is None else self.excluded[units],
        )

    def allowed(self, unit: int) -> np.ndarray:
        """Places of the reference columns that a unit may use."""
        everyone = np.arange(self.technology.shape[1])
        return everyone if self.excluded is None else np.setdiff1d(everyone, self.excluded[unit].indices)


@dataclass(frozen=True)
class Effort:
    """What answers took; efforts add up.

    Attributes
    ----------
    lps : int
        Linear programmes solved, repetitions included.
    pivots : int
        Exchanges of the batched simplex method.
    certified : dict of str to int
        Answers by the solver that gave them: ``simplex``, ``highs``, ``exact`` or the class of a solver object.

    Examples
    --------
    >>> Effort(2, 9, {"simplex": 2}) + Effort(2, 4, {"simplex": 1, "highs": 1})
    Effort(lps=4, pivots=13, certified={'simplex': 3, 'highs': 1})
    """

    lps: int = 0
    pivots: int = 0
    certified: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Effort) -> Effort:
        names = dict.fromkeys([*self.certified, *other.certified])
        certified = {name: self.certified.get(name, 0) + other.certified.get(name, 0) for name in names}
        return Effort(self.lps + other.lps, self.pivots + other.pivots, certified)


@dataclass(frozen=True, eq=False)
class Solution:
    """Answers to an :class:`Envelopment`, NaN where the status is not ``optimal``.

    Attributes
    ----------
    own : ndarray (N, K)
    intensities : csr_matrix (N, J)
    duals : ndarray (N, R)
        Multipliers of the scaled rows.
    objective : ndarray (N,)
    status : ndarray (N,) of str
        ``optimal`` (certified), ``infeasible``, ``unbounded`` or ``uncertain``.
    violation : ndarray (N,)
        The larger of primal residual, and duality gap and dual residual together, relative; zero where ``exact``.
    certified : ndarray (N,) of str
        Who answered: ``simplex``, ``highs``, ``exact`` (rational arithmetic) or the class of a solver object; empty
        where the status is ``uncertain``.
    lps_solved : int
    pivots : int
        Exchanges of the batched simplex method.
    """

    own: np.ndarray
    intensities: sparse.csr_matrix
    duals: np.ndarray
    objective: np.ndarray
    status: np.ndarray
    violation: np.ndarray
    certified: np.ndarray
    lps_solved: int
    pivots: int

    @property
    def effort(self) -> Effort:
        """What it took."""
        names, counts = np.unique(self.certified[self.certified != ""].astype(str), return_counts=True)
        return Effort(self.lps_solved, self.pivots, dict(zip(names.tolist(), counts.tolist(), strict=True)))

    @property
    def proven(self) -> np.ndarray:
        """Which programmes have a certified optimum, or no feasible point by multipliers that show it."""
        return np.asarray((self.status == "optimal") | ((self.status == "infeasible") & (self.certified == "simplex")))

    @property
    def worst(self) -> float:
        """The largest violation among the certified optima."""
        return float(self.violation[self.status == "optimal"].max(initial=0.0))

"""The linear programmes of data envelopment analysis: statement, solution and proof.

Every envelopment model asks of each unit the same small question over the same reference technology.
A model states it once as an :class:`Envelopment`; whichever solver answers, :func:`violations` measures
how far a :class:`Solution` is from an optimum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

BLOCK = 1024  # units checked at a time
ENTRIES = 262_144  # prices checked at a time, so that memory does not grow with units × references
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
        Answers by the solver that gave them: ``simplex``, ``highs`` or the class of a solver object.

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
        The largest of primal residual, dual residual and duality gap, relative.
    certified : ndarray (N,) of str
        Who answered: ``simplex``, ``highs`` or the class of a solver object; empty where the status is
        ``uncertain``.
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


def violations(
    batch: Envelopment,
    own: np.ndarray,
    intensities: sparse.csr_matrix,
    duals: np.ndarray,
    references: np.ndarray | None = None,
) -> np.ndarray:
    """How far solutions are from satisfying the optimality conditions, relative to their terms.

    A feasible primal, a feasible dual and equal objectives prove an optimum whichever solver found it.

    Parameters
    ----------
    batch : Envelopment
    own : ndarray (N, K)
    intensities : csr_matrix (N, J)
    duals : ndarray (N, R)
    references : ndarray of int or None
        Places of the references whose dual rows are checked, where these stand for all.

    Returns
    -------
    ndarray (N,)
        The largest of primal residual, dual residual and duality gap; NaN where there is no solution.
    """
    worst = np.empty(batch.units)
    technology = batch.technology if references is None else batch.technology[:, references]
    for start in range(0, batch.units, BLOCK):
        part = slice(start, start + BLOCK)
        scale, columns, rhs = batch.scale[part], batch.own_by_unit[part], batch.rhs_by_unit[part]
        made = (intensities[part] @ batch.technology.T) / scale
        kept = (columns @ own[part][..., None])[..., 0]
        primal = np.abs(made + kept - rhs) / (1.0 + np.abs(made) + np.abs(rhs))
        value, bound = own[part] @ batch.costs, (duals[part] * rhs).sum(axis=1)
        gap = np.abs(value - bound) / (1.0 + np.abs(value))
        own_dual = (duals[part][:, None, :] @ columns)[:, 0] - batch.costs
        excluded = None if batch.excluded is None else batch.excluded[part]
        if excluded is not None:
            gap = gap + np.asarray(np.abs(intensities[part].multiply(excluded)).sum(axis=1)).ravel()
            excluded = excluded if references is None else excluded[:, references]
        dual = np.maximum(
            own_dual.max(axis=1), _reference_dual(technology, batch.limiting, scale, duals[part], excluded)
        )
        dual = dual / (1.0 + np.abs(value))
        worst[part] = np.maximum.reduce([primal.max(axis=1), gap, dual, np.zeros(len(gap))])
    return worst


def _reference_dual(
    technology: np.ndarray,
    limiting: np.ndarray,
    scale: np.ndarray,
    duals: np.ndarray,
    excluded: sparse.csr_matrix | None,
) -> np.ndarray:
    """The largest violation of the dual rows of the reference columns, relative to their sizes, by unit."""
    multipliers, worst = duals / scale, np.zeros(len(scale))
    width = max(ENTRIES // len(scale), 1)
    for start in range(0, technology.shape[1], width):
        part = slice(start, start + width)
        columns = technology[:, part]
        excess = multipliers @ columns
        if excluded is not None:
            excess[excluded[:, part].nonzero()] = 0.0
        units, places = np.nonzero(excess > 0)
        sizes = np.zeros(len(units))
        for row in np.flatnonzero(limiting):
            np.maximum(sizes, np.abs(columns[row, places]) / scale[units, row], out=sizes)
        np.maximum.at(worst, units, excess[units, places] / np.where(sizes > 0, sizes, 1.0))
    worst[np.isnan(multipliers).any(axis=1)] = np.nan
    return worst

"""The linear programmes of data envelopment analysis: statement, solution and proof.

Every envelopment model asks of each unit the same small question over the same reference technology.
A model states it once as an :class:`Envelopment`; whichever solver answers, :func:`violations` measures
how far a :class:`Solution` is from an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

BLOCK = 512  # units checked at a time, so that memory does not grow with units × references


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

    @property
    def rhs_by_unit(self) -> np.ndarray:
        """``rhs`` as (N, R)."""
        return np.broadcast_to(self.rhs, self.scale.shape)

    def allowed(self, unit: int) -> np.ndarray:
        """Places of the reference columns that a unit may use."""
        everyone = np.arange(self.technology.shape[1])
        return everyone if self.excluded is None else np.setdiff1d(everyone, self.excluded[unit].indices)


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
    lps_solved : int
    """

    own: np.ndarray
    intensities: sparse.csr_matrix
    duals: np.ndarray
    objective: np.ndarray
    status: np.ndarray
    violation: np.ndarray
    lps_solved: int

    @property
    def worst(self) -> float:
        """The largest violation among the certified optima."""
        return float(self.violation[self.status == "optimal"].max(initial=0.0))


def violations(batch: Envelopment, own: np.ndarray, intensities: sparse.csr_matrix, duals: np.ndarray) -> np.ndarray:
    """How far solutions are from satisfying the optimality conditions, relative to their terms.

    A feasible primal, a feasible dual and equal objectives prove an optimum whichever solver found it.

    Parameters
    ----------
    batch : Envelopment
    own : ndarray (N, K)
    intensities : csr_matrix (N, J)
    duals : ndarray (N, R)

    Returns
    -------
    ndarray (N,)
        The largest of primal residual, dual residual and duality gap; NaN where there is no solution.
    """
    worst = np.empty(batch.units)
    for start in range(0, batch.units, BLOCK):
        part = slice(start, start + BLOCK)
        scale, columns, rhs = batch.scale[part], batch.own_by_unit[part], batch.rhs_by_unit[part]
        made = (intensities[part] @ batch.technology.T) / scale
        kept = np.einsum("nrk,nk->nr", columns, own[part])
        primal = np.abs(made + kept - rhs) / (1.0 + np.abs(made) + np.abs(rhs))
        value, bound = own[part] @ batch.costs, (duals[part] * rhs).sum(axis=1)
        gap = np.abs(value - bound) / (1.0 + np.abs(value))
        own_dual = np.einsum("nr,nrk->nk", duals[part], columns) - batch.costs
        excluded = None if batch.excluded is None else batch.excluded[part]
        dual = np.maximum(own_dual.max(axis=1), _reference_dual(batch, scale, duals[part], excluded))
        dual = dual / (1.0 + np.abs(value))
        worst[part] = np.maximum.reduce([primal.max(axis=1), gap, dual, np.zeros(len(gap))])
    return worst


def _reference_dual(
    batch: Envelopment, scale: np.ndarray, duals: np.ndarray, excluded: sparse.csr_matrix | None
) -> np.ndarray:
    """The largest violation of the dual rows of the reference columns, relative to their sizes."""
    size = np.zeros((len(scale), batch.technology.shape[1]))
    for row, divisors in zip(batch.technology[batch.limiting], scale.T[batch.limiting], strict=True):
        np.maximum(size, np.abs(row) / divisors[:, None], out=size)
    excess = ((duals / scale) @ batch.technology) / np.where(size > 0, size, 1.0)
    if excluded is not None:
        excess[excluded.nonzero()] = -np.inf
    return np.asarray(excess.max(axis=1))

"""How far solutions are from an optimum, measured so that data of any spread cannot hide it."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .envelopment import Envelopment

BLOCK = 1024  # units checked at a time
ENTRIES = 262_144  # prices checked at a time, so that memory does not grow with units × references
NOTHING = 1e-6  # size of a row's terms, in shares of the unit's own value, below which they count as if that large
ROUNDING = 1e-13  # share of its terms that a price may be off by


def violations(
    batch: Envelopment,
    own: np.ndarray,
    intensities: sparse.csr_matrix,
    duals: np.ndarray,
    references: np.ndarray | None = None,
) -> np.ndarray:
    """How far solutions are from satisfying the optimality conditions, relative to their terms.

    A feasible primal, a feasible dual and equal objectives prove an optimum whichever solver found it. What the dual
    and the objectives lack bounds the error of the optimum, in shares of one plus its size.

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
        The larger of primal residual, and duality gap and dual residual together; NaN where there is no solution.
    """
    worst = np.empty(batch.units)
    technology = batch.technology if references is None else batch.technology[:, references]
    largest = np.abs(technology).max(axis=1, initial=0.0)
    for start in range(0, batch.units, BLOCK):
        part = slice(start, start + BLOCK)
        scale, columns, rhs = batch.scale[part], batch.own_by_unit[part], batch.rhs_by_unit[part]
        made, terms, missed = _rows(batch, part, own[part], intensities[part])
        primal, priced = missed / (NOTHING + terms), _clipped(duals[part], columns, batch.costs)
        value, bound = own[part] @ batch.costs, (priced * rhs).sum(axis=1)
        gap = np.abs(value - bound) + (np.abs(priced) * missed).sum(axis=1)
        own_dual = _own_dual(batch, part, priced, (largest / scale).max(axis=1))
        excluded = None if batch.excluded is None else batch.excluded[part]
        if excluded is not None:
            gap = gap + np.asarray(np.abs(intensities[part].multiply(excluded)).sum(axis=1)).ravel()
            excluded = excluded if references is None else excluded[:, references]
        dual = _reference_dual(technology, batch.limiting, scale, priced, excluded)
        # An intensity is as large as the limiting rows let it be.
        dual = np.maximum(own_dual, dual * np.maximum(1.0, made[:, batch.limiting].max(axis=1, initial=0.0)))
        gap, dual = gap / (1.0 + np.abs(value)), dual / (1.0 + np.abs(value))
        worst[part] = np.maximum(primal.max(axis=1), gap + np.maximum(dual, 0.0))
    return worst


def _rows(
    batch: Envelopment, part: slice, own: np.ndarray, intensities: sparse.csr_matrix
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the references make in each row, the size of its terms, and by how much it is missed, (k, R).

    A variable below zero misses what it makes.
    """
    scale, columns, rhs = batch.scale[part], batch.own_by_unit[part], batch.rhs_by_unit[part]
    made, size = (intensities @ batch.technology.T) / scale, (abs(intensities) @ np.abs(batch.technology.T)) / scale
    kept, moved = (
        (matrix @ point[..., None])[..., 0] for matrix, point in ((columns, own), (np.abs(columns), np.abs(own)))
    )
    negative = (np.abs(columns) @ np.maximum(-own, 0.0)[..., None])[..., 0] + (size - made)
    return made, size + moved + np.abs(rhs), np.abs(made + kept - rhs) + negative


def _clipped(duals: np.ndarray, columns: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Multipliers held on the side of zero that the slack of their row leaves them.

    A slack may be large, and then what a wrong sign would gain is more than rounding.
    """
    held = duals.copy()
    moves = (columns != 0).any(axis=0)
    for place in np.flatnonzero(moves.sum(axis=0) == 1):
        row = int(moves[:, place].argmax())
        entry = columns[:, row, place]
        bound = costs[place] / np.where(entry == 0, np.inf, entry)
        held[:, row] = np.where(entry > 0, np.minimum(held[:, row], bound), held[:, row])
        held[:, row] = np.where(entry < 0, np.maximum(held[:, row], bound), held[:, row])
    return held


def _own_dual(batch: Envelopment, part: slice, duals: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The largest violation of the dual rows of own columns, by unit.

    A variable that costs nothing and that no row bounds may go as far as the ``spread`` of the data, and what a wrong
    price would gain goes with it.
    """
    columns = batch.own_by_unit[part]
    excess = (duals[:, None, :] @ columns)[:, 0] - batch.costs
    rounding = ROUNDING * (np.abs(duals)[:, None, :] @ np.abs(columns))[:, 0]
    closed = np.asarray((columns >= 0).all(axis=2) & (batch.technology >= 0).all(axis=1))  # rows where nothing cancels
    bounded = ((columns > 0) & closed[:, :, None]).any(axis=1) | (batch.costs != 0)
    far = np.maximum(excess - rounding, 0.0) * np.maximum(spread, 1.0)[:, None]
    return np.asarray(np.where(bounded, excess, far).max(axis=1))


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

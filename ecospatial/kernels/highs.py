"""One small linear programme after another, by HiGHS or whatever else answers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog

from .envelopment import SPECK, Envelopment

TIED = 1e-9  # reduced cost below which a column may enter without changing the optimum

# Of min costs · x s.t. matrix x = rhs, x ≥ 0 the status, point and duals: ``ask(costs, matrix, rhs, options)``.
Ask = Callable[[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]], tuple[str, np.ndarray, np.ndarray]]

_TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_ATTEMPTS: tuple[dict[str, Any], ...] = ({"presolve": False, **_TIGHT}, {"presolve": True, **_TIGHT}, {})
_VERDICTS = {0: "optimal", 2: "infeasible", 3: "unbounded"}


def ask_scipy(
    costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray, options: dict[str, Any]
) -> tuple[str, np.ndarray, np.ndarray]:
    """HiGHS as SciPy ships it."""
    found = linprog(costs, A_eq=matrix, b_eq=rhs, method="highs", options=options)
    status = _VERDICTS.get(found.status, "uncertain")
    if status != "optimal":
        return status, np.full(len(costs), np.nan), np.full(len(rhs), np.nan)
    return status, found.x, found.eqlin.marginals


def ask_highspy(
    costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray, options: dict[str, Any]
) -> tuple[str, np.ndarray, np.ndarray]:
    """HiGHS by its own Python package."""
    import highspy

    verdicts = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
    }
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for name, value in options.items():
        solver.setOptionValue(name, {True: "on", False: "off"}.get(value, value))
    solver.passModel(_highs_model(costs, matrix, rhs))
    solver.run()
    point = solver.getSolution()
    status = verdicts.get(solver.getModelStatus(), "uncertain")
    return status, np.array(point.col_value), np.array(point.row_dual)


def _highs_model(costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray) -> Any:
    import highspy

    rows, columns = matrix.shape
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows, columns
    model.col_cost_, model.col_lower_ = costs, np.zeros(columns)
    model.col_upper_ = np.full(columns, highspy.kHighsInf)
    model.row_lower_ = model.row_upper_ = rhs
    entries = matrix.T != 0
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(entries.sum(axis=1))])
    model.a_matrix_.index_ = np.nonzero(entries)[1]
    model.a_matrix_.value_ = matrix.T[entries]
    return model


def ask_highs() -> Ask:
    """HiGHS by its own package where it is installed, else SciPy's."""
    return ask_highspy if importlib.util.find_spec("highspy") else ask_scipy


@dataclass(frozen=True, eq=False)
class Vertex:
    """The solution of one unit; ``columns`` and ``weights`` are its non-zero intensities."""

    status: str
    own: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    duals: np.ndarray
    lps: int


def solve_unit(
    batch: Envelopment, unit: int, ask: Ask = ask_scipy, evenly: bool = False, among: np.ndarray | None = None
) -> Vertex:
    """Solve the programme of one unit.

    Parameters
    ----------
    batch : Envelopment
    unit : int
    ask : callable
        The solver.
    evenly : bool
        Scale reference columns by all their entries instead of those in the limiting rows: another chance
        for data of extreme spread.
    among : ndarray of int or None
        References that are enough, all by default; the proof is over all of them in any case.
    """
    columns = batch.allowed(unit) if among is None else np.intersect1d(batch.allowed(unit), among)
    reference = batch.technology[:, columns] / batch.scale[unit][:, None]
    # HiGHS drops entries below 1e-9, so columns are brought to like sizes.
    limit = _largest(reference[batch.limiting])
    size = _middle(reference) if evenly else limit
    matrix, rhs = np.hstack([reference / size, batch.own_by_unit[unit]]), batch.rhs_by_unit[unit]
    costs = _over(columns, batch.costs)
    status, point, duals = _optimum(ask, costs, matrix, rhs)
    lps = 1
    if status == "optimal" and batch.tie_costs is not None:
        free = costs - duals @ matrix <= TIED * np.append(limit / size, np.ones(len(batch.costs)))
        if (free & (point <= 0)).any():  # otherwise this vertex is the only optimum
            verdict, best, _ = _optimum(ask, _over(columns, batch.tie_costs)[free], matrix[:, free], rhs)
            status, lps = ("optimal" if verdict == "optimal" else "uncertain"), 2
            point = np.zeros(len(free))
            point[free] = best
    weights, own = np.split(point, [len(columns)])
    weights = weights / size
    used = weights * _largest(reference) > SPECK
    return Vertex(status, own, columns[used], weights[used], duals, lps)


def _over(columns: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Costs of all variables: intensities cost nothing."""
    return np.concatenate([np.zeros(len(columns)), own])


def _optimum(ask: Ask, costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    """Status, point and duals, by ever more patient attempts."""
    status, point, duals = "uncertain", np.full(len(costs), np.nan), np.full(len(rhs), np.nan)
    for options in _ATTEMPTS:
        status, point, duals = ask(costs, matrix, rhs, options)
        if status != "uncertain":
            break
    if status == "optimal":
        return status, *_refined(costs, matrix, rhs, point, duals)
    return status, np.full(len(costs), np.nan), np.full(len(rhs), np.nan)


def _refined(
    costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray, point: np.ndarray, duals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sharpen a vertex in one Newton step: the rows hold, and the columns in use price out at zero."""
    used = point > 0
    terms = matrix[:, used] * point[used]
    size = np.maximum(np.abs(terms).sum(axis=1) + np.abs(rhs), np.finfo(float).tiny)
    growth = np.linalg.lstsq(terms / size[:, None], (rhs - terms.sum(axis=1)) / size, rcond=None)[0]
    sharp = np.zeros_like(point)
    sharp[used] = np.maximum(point[used] * (1.0 + growth), 0.0)
    basis = matrix[:, used].T
    return sharp, duals + np.linalg.lstsq(basis, costs[used] - basis @ duals, rcond=None)[0]


def _largest(matrix: np.ndarray) -> np.ndarray:
    """The largest entry of each column, one where all are zero."""
    size = np.abs(matrix).max(axis=0)
    return np.where(size > 0, size, 1.0)


def _middle(matrix: np.ndarray) -> np.ndarray:
    """The geometric mean of the largest and the smallest non-zero entry of each column."""
    entries = np.abs(matrix)
    smallest = np.where(entries > 0, entries, np.inf).min(axis=0)
    return np.asarray(np.sqrt(_largest(matrix) * np.where(np.isfinite(smallest), smallest, 1.0)))

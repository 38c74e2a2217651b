"""The simplex method in rational arithmetic, for the few programmes that floating point does not settle.

A number in a table is a fraction whose denominator is a power of two. So a programme can be solved without any
rounding, whatever the spread of its data: slowly, but what comes out is the optimum or the proof that there is none.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .envelopment import Envelopment
from .highs import Vertex

ROUNDING = 1e-13  # share of its terms within which a price in floating point may have the wrong sign


def solve_exactly(batch: Envelopment, unit: int) -> Vertex:
    """Solve the programme of one unit, with the second objective where there is one.

    Parameters
    ----------
    batch : Envelopment
    unit : int

    Returns
    -------
    Vertex
        ``optimal``, ``infeasible`` or ``unbounded``, which is proved; its numbers are rounded once, at the end.

    Examples
    --------
    >>> own = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
    >>> technology = np.array([[1e-4, 4e9], [1e-4, 2e9]])
    >>> batch = Envelopment(
    ...     technology, technology.T, own, np.array([0.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.array([True, False])
    ... )
    >>> float(solve_exactly(batch, 1).own[0])
    0.5
    """
    method = _Rational(batch, unit)
    status = method.optimise(_with_others(batch.costs, method.count))
    duals = method.duals
    if status != "optimal" or batch.tie_costs is None:
        return method.vertex(status, duals, 1)
    method.keep_optimum()
    return method.vertex(method.minimise(_with_others(batch.tie_costs, method.count)), duals, 2)


class _Rational:
    """One programme and its basis, columns numbered: own ones, references, artificial ones.

    Rows are in units of the data; ``rough`` has all columns in floating point and in shares of the unit's values.
    """

    def __init__(self, batch: Envelopment, unit: int) -> None:
        self.technology, self.places = batch.technology, batch.allowed(unit)
        self.scale = _fractions(batch.scale[unit])
        own, rhs = batch.own_by_unit[unit], batch.rhs_by_unit[unit]
        self.own = _fractions(own) * self.scale[:, None]
        self.rows, self.width = own.shape
        self.first = self.width + len(self.places)  # number of the first artificial column
        self.count = self.first + self.rows
        self.signs = np.where(rhs < 0, -1, 1)
        references = self.technology[:, self.places] / batch.scale[unit][:, None]
        self.rough = np.hstack([own, references, np.diag(self.signs / batch.scale[unit])])
        self.allowed = np.arange(self.count) < self.first
        self.basis = self.first + np.arange(self.rows)
        self.inverse = np.diag(self.signs).astype(object)
        self.levels = _fractions(np.abs(rhs)) * self.scale
        self.costs = self.duals = _fractions(np.zeros(0))
        self.stalls = 0

    def column(self, place: int) -> np.ndarray:
        """A column, (R,)."""
        if place < self.width:
            return np.asarray(self.own[:, place])
        if place < self.first:
            return _fractions(self.technology[:, self.places[place - self.width]])
        return np.asarray((np.arange(self.rows) == place - self.first) * self.signs, dtype=object)

    def optimise(self, costs: np.ndarray) -> str:
        """Find a feasible point, then the optimum."""
        self.minimise((np.arange(self.count) >= self.first).astype(int).astype(object))
        return "infeasible" if self.levels[self.basis >= self.first].sum() > 0 else self.minimise(costs)

    def minimise(self, costs: np.ndarray) -> str:
        """Exchange columns while one improves."""
        self.costs = costs
        while True:
            self.duals = self.costs[self.basis] @ self.inverse
            entering = self.improving()
            if entering < 0:
                return "optimal"
            move = self.inverse @ self.column(entering)
            row = self.leaving(move)
            if row < 0:
                return "unbounded"
            self.exchange(row, move, entering)

    def suspects(self) -> np.ndarray:
        """Columns with a price above zero or near it, the dearest first, or while nothing moves in order (Bland)."""
        duals = (self.duals * self.scale).astype(float)
        costs = self.costs.astype(float)
        size = np.abs(duals) @ np.abs(self.rough) + np.abs(costs)
        price = (duals @ self.rough - costs) / np.where(size > 0, size, 1.0)
        able = self.allowed & (price > -ROUNDING)
        able[self.basis] = False
        found = np.flatnonzero(able)
        return found if self.stalls > self.rows else found[np.argsort(-price[found], kind="stable")]

    def price(self, place: int) -> Fraction:
        """What a unit of a column would gain."""
        return Fraction(self.duals @ self.column(place) - self.costs[place])

    def improving(self) -> int:
        """A column with a price above zero, −1 without one."""
        return next((int(place) for place in self.suspects() if self.price(place) > 0), -1)

    def leaving(self, move: np.ndarray) -> int:
        """The row whose column is used up first, −1 without one; of several that of the first column."""
        spent = (self.basis >= self.first) & (self.levels == 0) & (move != 0) & (self.costs[self.basis] == 0)
        rows = np.flatnonzero(spent | (move > 0))
        return min(rows.tolist(), key=lambda row: (self.levels[row] / abs(move[row]), self.basis[row]), default=-1)

    def exchange(self, row: int, move: np.ndarray, entering: int) -> None:
        """Put a column into the basis in place of the one of a row."""
        line, step = self.inverse[row] / move[row], self.levels[row] / move[row]
        self.inverse = self.inverse - move[:, None] * line
        self.levels = self.levels - move * step
        self.inverse[row], self.levels[row], self.basis[row] = line, step, entering
        self.stalls = self.stalls + 1 if step == 0 else 0

    def keep_optimum(self) -> None:
        """Allow only columns that leave the optimum as it is."""
        tied = [place for place in self.suspects() if self.price(place) == 0]
        self.allowed &= np.isin(np.arange(self.count), [*tied, *self.basis])

    def vertex(self, status: str, duals: np.ndarray, lps: int) -> Vertex:
        """Where the method ended, in floating point."""
        levels = self.levels.astype(float)
        used = (self.basis >= self.width) & (self.basis < self.first) & (levels > 0) & (status == "optimal")
        own = np.full(self.width, 0.0 if status == "optimal" else np.nan)
        if status == "optimal":
            own[self.basis[self.basis < self.width]] = levels[self.basis < self.width]
        multipliers = (duals * self.scale).astype(float) if status == "optimal" else np.full(self.rows, np.nan)
        return Vertex(status, own, self.places[self.basis[used] - self.width], levels[used], multipliers, lps)


def _with_others(own: np.ndarray, count: int) -> np.ndarray:
    """Costs of all columns: only own ones cost anything."""
    return np.concatenate([_fractions(own), np.zeros(count - len(own), dtype=int).astype(object)])


def _fractions(values: np.ndarray) -> np.ndarray:
    """Floating-point numbers as what they are."""
    found = np.array([Fraction(float(value)) for value in values.ravel()], dtype=object)
    return found.reshape(values.shape)

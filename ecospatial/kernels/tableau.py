"""Many small linear programmes at once: their bases, the inverses of these and the exchange of a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PIVOT = 1e-9  # share of the largest entry below which an entry is no pivot
FEASIBLE = 1e-9  # sum of artificial levels at which a first phase ends well
SLIP = 1e-11  # how far a level may fall below zero in exchange for a larger pivot

FIND, BEST, TIES, DONE = range(4)  # phases: a feasible point, the optimum, the best among optima


@dataclass(frozen=True, eq=False)
class Block:
    """K programmes: min costs · v s.t. (columns λ) / scale + own v = rhs, λ ≥ 0, v ≥ 0.

    Columns are numbered: Q own ones, R artificial ones, then the F references.

    Attributes
    ----------
    columns : ndarray (R, F)
    scale : ndarray (K, R)
    own : ndarray (K, R, Q)
    rhs : ndarray (K, R)
    costs : ndarray (Q,)
    tie_costs : ndarray (Q,) or None
    barred : ndarray (K, F) of bool or None
        References that a programme may not use.
    """

    columns: np.ndarray
    scale: np.ndarray
    own: np.ndarray
    rhs: np.ndarray
    costs: np.ndarray
    tie_costs: np.ndarray | None = None
    barred: np.ndarray | None = None

    @property
    def slacks(self) -> np.ndarray:
        """Shape (R,): for each row an own column that moves no other row of the references, −1 without one."""
        rows = (self.columns != 0).any(axis=1)
        moves = (self.own != 0).any(axis=0) & rows[:, None]
        alone = moves & (moves.sum(axis=0) == 1)
        dear = np.where(alone, self.costs, np.inf)
        return np.where(alone.any(axis=1), dear.argmin(axis=1), -1)


class Tableau:
    """The state of a block: bases, their inverses and levels, phases, verdicts."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.count, self.rows = block.rhs.shape
        self.width = len(block.costs)
        self.first = self.width + self.rows  # number of the first reference column
        total = self.first + block.columns.shape[1]
        self.costs = np.zeros((3, total))
        self.costs[FIND, slice(self.width, self.first)] = 1.0
        self.costs[BEST, : self.width] = block.costs
        if block.tie_costs is not None:
            self.costs[TIES, : self.width] = block.tie_costs
        self.artificial = np.where(block.rhs < 0, -1.0, 1.0)
        self.basis = np.zeros((self.count, self.rows), dtype=int)
        self.inverse = np.zeros((self.count, self.rows, self.rows))
        self.levels = np.zeros((self.count, self.rows))
        self.phase = np.full(self.count, FIND)
        self.status = np.full(self.count, "uncertain", dtype=object)
        self.duals = np.full((self.count, self.rows), np.nan)
        self.tie_duals = np.full((self.count, self.rows), np.nan)
        self.stalls = np.zeros(self.count, dtype=int)
        self.fixed: np.ndarray | None = None  # (K, Q + F): what would leave the optimum, for the last phase
        self.pivots = 0

    def column(self, units: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Columns of units: (k, R) for one place each, (k, R, P) for P places each."""
        flat = places.reshape(len(units), places.shape[1] if places.ndim > 1 else 1)
        who = np.broadcast_to(units[:, None], flat.shape)
        found = self.block.columns.T[np.maximum(flat - self.first, 0)] / self.block.scale[who]
        own = flat < self.width
        found[own] = self.block.own[who[own], :, flat[own]]
        artificial = (flat >= self.width) & (flat < self.first)
        rows = flat[artificial] - self.width
        found[artificial] = np.eye(self.rows)[rows] * self.artificial[who[artificial], rows][:, None]
        return np.asarray(found[:, 0] if places.ndim == 1 else found.transpose(0, 2, 1))

    def factor(self, units: np.ndarray) -> None:
        """Compute inverses and levels afresh; units with a singular basis end uncertain."""
        self.inverse[units] = _inverses(self.column(units, self.basis[units]))
        self.levels[units] = (self.inverse[units] @ self.block.rhs[units][..., None])[..., 0]
        self.end(units[~np.isfinite(self.levels[units]).all(axis=1)], "uncertain")

    def end(self, units: np.ndarray, status: str) -> None:
        """Close units."""
        self.status[units], self.phase[units] = status, DONE

    def is_artificial(self, units: np.ndarray) -> np.ndarray:
        """Which basic columns of units are artificial."""
        return np.asarray((self.basis[units] >= self.width) & (self.basis[units] < self.first))

    def exchange(self, units: np.ndarray, row: np.ndarray, places: np.ndarray, move: np.ndarray) -> None:
        """Put a column into the basis in place of the one of a row."""
        if len(units) == 0:
            return
        who = np.arange(len(units))
        inverse, levels = self.inverse[units], self.levels[units]
        pivot = move[who, row]
        line, step = inverse[who, row] / pivot[:, None], levels[who, row] / pivot
        moved = move.copy()
        moved[who, row] = 0.0
        inverse -= moved[:, :, None] * line[:, None, :]
        levels -= moved * step[:, None]
        inverse[who, row], levels[who, row] = line, step
        self.inverse[units], self.levels[units] = inverse, levels
        self.basis[units, row] = places
        self.stalls[units] = np.where(step > SLIP, 0, self.stalls[units] + 1)
        self.pivots += len(units)


def _inverses(stack: np.ndarray) -> np.ndarray:
    """Inverses of a stack of matrices, NaN where one is singular."""
    try:
        return np.linalg.inv(stack)
    except np.linalg.LinAlgError:
        pass
    if len(stack) == 1:
        return np.full_like(stack, np.nan)
    half = len(stack) // 2
    return np.concatenate([_inverses(stack[:half]), _inverses(stack[half:])])

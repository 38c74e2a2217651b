"""Small linear programmes by the hundred: a revised simplex in lockstep.

The programmes of a data envelopment model have a handful of rows, one shared set of reference columns and
a few own columns each. So the basis inverses of many are held in one stack, and each step of the method
(prices, entering column, ratio test, exchange) is one array operation for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .crash_basis import start
from .tableau import BEST, DONE, FEASIBLE, FIND, PIVOT, SLIP, TIES, Block, Tableau

IMPROVES = 1e-9  # price above which a column is worth entering
TIED = 1e-9  # price within which a column may enter without changing the optimum
INFEASIBLE = 1e-7  # sum of artificial levels from which on a first phase ends in vain
REACH = 1e11  # how large a variable may have to be, in shares of the unit's own values
REFACTOR = 30  # exchanges after which inverses are computed afresh
STALLED = 15  # exchanges without progress after which levels at zero are lifted
SHAKE = 1e-8  # by how much
PATIENCE = 60  # exchanges for each row before a programme is given up


@dataclass(frozen=True, eq=False)
class Ends:
    """Where K programmes ended.

    Attributes
    ----------
    status : ndarray (K,) of str
        ``optimal``, ``infeasible``, ``unbounded``, ``uncertain`` or ``unfinished``.
    basis : ndarray (K, R) of int
    levels : ndarray (K, R)
        Values of the basic columns.
    duals : ndarray (K, R)
        Of the optimum, or of the first phase where a programme is infeasible.
    tie_duals : ndarray (K, R)
        Of the second objective.
    pivots : int
    """

    status: np.ndarray
    basis: np.ndarray
    levels: np.ndarray
    duals: np.ndarray
    tie_duals: np.ndarray
    pivots: int


def run(
    block: Block, guess: np.ndarray | None = None, basis: np.ndarray | None = None, leave: int = 0, seed: int = 0
) -> Ends:
    """Solve all programmes of a block.

    Parameters
    ----------
    block : Block
    guess : ndarray (K,) of int or None
        A reference to start from, −1 for none.
    basis : ndarray (K, R) of int or None
        Where to start instead, −1 in the first place for none.
    leave : int
        Stop when no more programmes than this are left; these end ``unfinished``, and their basis says where.
    seed : int
        Of the lots that are drawn where a programme stalls.

    Examples
    --------
    Input efficiency of two units against the first, constant returns; own columns are θ and two slacks:

    >>> own = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
    >>> block = Block(
    ...     columns=np.array([[2.0], [1.0]]),
    ...     scale=np.array([[2.0, 1.0], [4.0, 1.0]]),
    ...     own=np.stack([own, own]),
    ...     rhs=np.array([[0.0, 1.0], [0.0, 1.0]]),
    ...     costs=np.array([1.0, 0.0, 0.0]),
    ... )
    >>> (run(block).duals * block.rhs).sum(axis=1).round(6).tolist()
    [1.0, 0.5]
    """
    tableau = _Lockstep(block)
    start(tableau, guess, basis)
    lots = np.random.Generator(np.random.PCG64(seed))
    count = 0
    live = np.flatnonzero(tableau.phase < DONE)
    while len(live) > leave:
        count += 1
        live = tableau.step(live, lots)
        if len(live) and count % REFACTOR == 0:
            tableau.factor(live)
            live = live[tableau.phase[live] < DONE]
        if count > PATIENCE * block.rhs.shape[1]:
            tableau.end(live, "uncertain")
            live = live[:0]
    tableau.end(live, "unfinished")
    return tableau.ends()


class _Lockstep(Tableau):
    """The steps of the method, taken by all live units together."""

    def step(self, live: np.ndarray, lots: np.random.Generator) -> np.ndarray:
        """One exchange for each live unit, or its next phase; the units that are still live."""
        self.shake(live[self.stalls[live] > STALLED], lots)
        duals, prices = self.price(live)
        entering = prices.argmax(axis=1)
        best = prices[np.arange(len(live)), entering]
        settled = best <= IMPROVES
        if settled.any():
            self.advance(live[settled], duals[settled], prices[settled])
        live_on = live[~settled]
        places = entering[~settled]
        places = np.where(places < self.width, places, places + self.rows)
        if len(live_on):
            move = (self.inverse[live_on] @ self.column(live_on, places)[..., None])[..., 0]
            row, able = self.leaving(live_on, move)
            stuck = live_on[~able]
            self.end(stuck[self.phase[stuck] != BEST], "uncertain")
            self.end(stuck[self.phase[stuck] == BEST], "unbounded")
            self.exchange(live_on[able], row[able], places[able], move[able])
        return np.asarray(live[self.phase[live] < DONE])

    def price(self, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Duals (k, R) and what a unit of each own and reference column would gain, (k, Q + F)."""
        phase = self.phase[live]
        basic = self.costs[phase[:, None], self.basis[live]]
        duals = (basic[:, None, :] @ self.inverse[live])[:, 0]
        prices = np.empty((len(live), self.width + self.block.columns.shape[1]))
        own = (duals[:, None, :] @ self.block.own[live])[:, 0]
        prices[:, : self.width] = own - self.costs[phase, : self.width]
        np.matmul(duals / self.block.scale[live], self.block.columns, out=prices[:, slice(self.width, None)])
        if self.block.barred is not None:
            prices[:, slice(self.width, None)][self.block.barred[live]] = -np.inf
        tied = phase == TIES
        if self.fixed is not None and tied.any():
            places = np.flatnonzero(tied)
            prices[places] = np.where(self.fixed[live[places]], -np.inf, prices[places])
        return duals, prices

    def shake(self, units: np.ndarray, lots: np.random.Generator) -> None:
        """Lift levels at zero by lot, so that exchanges move again; the next fresh inverse takes this back.

        A vertex with many bases is so split into many vertices (Charnes 1952).
        """
        levels = self.levels[units]
        at_zero = (levels <= SLIP) & ~self.is_artificial(units)
        self.levels[units] = np.where(at_zero, SHAKE * (0.5 + lots.random(levels.shape)), levels)

    def advance(self, units: np.ndarray, duals: np.ndarray, prices: np.ndarray) -> None:
        """Next phase of units for which no column improves."""
        phase = self.phase[units].copy()
        self.stalls[units] = 0
        finding = phase == FIND
        if finding.any():
            some = units[finding]
            self.duals[some] = duals[finding]
            self.phase[some] = BEST
            self.factor(some)
            missing = np.where(self.is_artificial(some), self.levels[some], 0.0).sum(axis=1)
            self.end(some[missing > FEASIBLE], "uncertain")
            vain = missing > INFEASIBLE
            self.end(some[vain][self.shown(some[vain], duals[finding][vain], prices[finding][vain])], "infeasible")
        best = phase == BEST
        self.duals[units[best]] = duals[best]
        if self.block.tie_costs is None:
            self.end(units[best], "optimal")
        elif best.any():
            if self.fixed is None:
                self.fixed = np.ones((self.count, prices.shape[1]), dtype=bool)
            self.fixed[units[best]] = prices[best] < -TIED
            self.phase[units[best]] = TIES
        self.tie_duals[units[phase == TIES]] = duals[phase == TIES]
        self.end(units[phase == TIES], "optimal")

    def shown(self, units: np.ndarray, duals: np.ndarray, prices: np.ndarray) -> np.ndarray:
        """Whether multipliers show that there is no feasible point, however far a variable may go."""
        made = (duals * self.block.rhs[units]).sum(axis=1)
        rounding = np.finfo(float).eps * (np.abs(duals) / self.block.scale[units]) @ np.abs(self.block.columns)
        gained = np.maximum(prices.max(axis=1), 0.0) + rounding.max(axis=1, initial=0.0)
        return np.asarray((made > INFEASIBLE) & (made > REACH * gained))

    def leaving(self, units: np.ndarray, move: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the leaving columns, the largest pivot among the tightest, and whether there is one."""
        reach = PIVOT * np.maximum(1.0, np.abs(move).max(axis=1))[:, None]
        levels = self.levels[units]
        spent = self.is_artificial(units) & (self.phase[units] > FIND)[:, None]
        size = np.where(spent, np.abs(move), move)
        able = size > reach
        divisor = np.where(able, size, 1.0)
        room = np.where(able, np.where(spent, 0.0, levels) / divisor, np.inf)
        limit = np.where(able, (np.where(spent, 0.0, levels) + SLIP) / divisor, np.inf).min(axis=1)
        row = np.where(room <= limit[:, None], size, -np.inf).argmax(axis=1)
        return row, able.any(axis=1)

    def ends(self) -> Ends:
        """Verdicts, with levels and duals of the optimal bases sharpened."""
        best = np.flatnonzero(self.status == "optimal")
        status = self.status.copy()
        if len(best):
            self.factor(best)
            basic = self.costs[BEST][self.basis[best]]
            self.duals[best] = (basic[:, None, :] @ self.inverse[best])[:, 0]
            self.status = status
        return Ends(status, self.basis, self.levels, self.duals, self.tie_duals, self.pivots)

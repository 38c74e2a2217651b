"""Small linear programmes by the hundred: a revised simplex in lockstep.

The programmes of a data envelopment model have a handful of rows, one shared set of reference columns and
a few own columns each. So the basis inverses of many are held in one stack, and each step of the method
(prices, entering column, ratio test, exchange) is one array operation for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

IMPROVES = 1e-9  # price above which a column is worth entering
TIED = 1e-9  # price within which a column may enter without changing the optimum
PIVOT = 1e-9  # share of the largest entry below which an entry is no pivot
SLIP = 1e-11  # how far a level may fall below zero in exchange for a larger pivot
FEASIBLE, INFEASIBLE = 1e-9, 1e-7  # sums of artificial levels at which a first phase ends well or in vain
REFACTOR = 30  # exchanges after which inverses are computed afresh
STALLED = 15  # exchanges without progress after which the entering column is drawn by lot
PATIENCE = 60  # exchanges for each row before a programme is given up

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
    tableau = _Tableau(block)
    tableau.start(guess, basis)
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


class _Tableau:
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

    # -- columns and bases ------------------------------------------------------------------------------

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

    # -- start ------------------------------------------------------------------------------------------

    def start(self, guess: np.ndarray | None, basis: np.ndarray | None) -> None:
        """Set up a feasible basis for each unit: the given one, one around the guess, or an artificial one."""
        rest = np.arange(self.count)
        if basis is not None:
            known = rest[basis[:, 0] >= 0]
            self.basis[known] = basis[known]
            rest = np.setdiff1d(rest, self._accept(known))
        if guess is not None:
            self._crash(rest, guess)
            rest = rest[~np.isin(rest, self._accept(rest)) | (self.phase[rest] == FIND)]
        self._begin(rest, keep=False)
        self.end(np.setdiff1d(rest, self._accept(rest)), "uncertain")

    def _accept(self, units: np.ndarray) -> np.ndarray:
        """Those of the units whose basis is feasible, in the first phase while artificial columns are in use."""
        self.status[units] = "uncertain"
        self.phase[units] = BEST
        self.factor(units)
        levels = self.levels[units]
        good = np.isfinite(levels).all(axis=1) & (levels.min(axis=1, initial=0.0) >= -SLIP)
        needs = (self.is_artificial(units) & (levels > FEASIBLE)).any(axis=1)
        self.phase[units[needs]] = FIND
        self.levels[units[good]] = np.maximum(levels[good], 0.0)
        return np.asarray(units[good])

    def _begin(self, units: np.ndarray, keep: bool) -> None:
        """Slacks where there are any, artificial columns elsewhere, and for negative slacks unless these are kept."""
        slacks, artificial = self.block.slacks, self.width + np.arange(self.rows)
        self.basis[units] = np.where(slacks >= 0, slacks, artificial)
        self.phase[units] = FIND
        self.factor(units)
        if not keep:
            self.basis[units] = np.where(self.levels[units] < 0, artificial, self.basis[units])

    def _crash(self, units: np.ndarray, guess: np.ndarray) -> None:
        """Bring in the first own column and the guessed reference where rows are not satisfied yet."""
        self._begin(units, keep=True)
        reference = np.where(guess[units] >= 0, guess[units] + self.first, 0)
        for entering in (np.zeros_like(reference), reference, np.zeros_like(reference)):
            fresh = (self.basis[units] != entering[:, None]).all(axis=1) & (self.phase[units] < DONE)
            some, places = units[fresh], entering[fresh]
            move = (self.inverse[some] @ self.column(some, places)[..., None])[..., 0]
            levels = self.levels[some]
            held = self.is_artificial(some) & (levels > FEASIBLE) & (move > PIVOT)
            short = (levels < 0) & (move < -PIVOT)
            ratio = np.where(short, levels / np.where(short, move, 1.0), -np.inf)
            ratio = np.where(held, np.inf, ratio)
            row = ratio.argmax(axis=1)
            able = ratio[np.arange(len(some)), row] > -np.inf
            self.exchange(some[able], row[able], places[able], move[able])

    # -- one step ---------------------------------------------------------------------------------------

    def step(self, live: np.ndarray, lots: np.random.Generator) -> np.ndarray:
        """One exchange for each live unit, or its next phase; the units that are still live."""
        duals, prices = self.price(live)
        entering, best = self.choose(live, prices, lots)
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

    def choose(self, live: np.ndarray, prices: np.ndarray, lots: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The dearest column, or where a unit stalls one that improves, by lot."""
        entering = prices.argmax(axis=1)
        stalled = np.flatnonzero(self.stalls[live] > STALLED)
        if len(stalled):
            improving = prices[stalled] > IMPROVES
            drawn = (improving * (0.1 + lots.random(improving.shape))).argmax(axis=1)
            entering[stalled] = np.where(improving.any(axis=1), drawn, entering[stalled])
        return entering, prices[np.arange(len(live)), entering]

    def advance(self, units: np.ndarray, duals: np.ndarray, prices: np.ndarray) -> None:
        """Next phase of units for which no column improves."""
        phase = self.phase[units].copy()
        self.stalls[units] = 0
        finding = phase == FIND
        if finding.any():
            some = units[finding]
            missing = np.where(self.is_artificial(some), self.levels[some], 0.0).sum(axis=1)
            self.duals[some] = duals[finding]
            self.phase[some] = BEST
            self.end(some[missing > FEASIBLE], "uncertain")
            vain = missing > INFEASIBLE
            self.end(some[vain][self.shown(some[vain], duals[finding][vain])], "infeasible")
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

    def shown(self, units: np.ndarray, duals: np.ndarray) -> np.ndarray:
        """Whether multipliers show that there is no feasible point, beyond what rounding of their prices can feign."""
        made = (duals * self.block.rhs[units]).sum(axis=1)
        rounding = np.finfo(float).eps * (np.abs(duals) / self.block.scale[units]) @ np.abs(self.block.columns)
        return np.asarray((made > INFEASIBLE) & (rounding.max(axis=1, initial=0.0) < IMPROVES))

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

    # -- end --------------------------------------------------------------------------------------------

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

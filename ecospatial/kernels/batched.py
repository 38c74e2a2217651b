"""An envelopment model for all units at once: the simplex in lockstep over a working set of references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .envelopment import SPECK, Envelopment
from .simplex import IMPROVES, TIED, run
from .tableau import Block
from .working_set import STRAGGLERS, References, frontier, nearest, split

SIGN = 1e-9  # price of the largest entry of a row at which its multiplier is on the wrong side of zero
ROUNDS = 100


@dataclass(frozen=True, eq=False)
class Answers:
    """What the simplex method says of N units.

    Attributes
    ----------
    status : ndarray (N,) of str
    own : ndarray (N, K)
    intensities : csr_matrix (N, J)
    duals : ndarray (N, R)
    columns : ndarray of int
        The working set.
    covered : ndarray (N,) of bool
        Whether prices of the working set bound those of all references.
    lps, pivots : int
    """

    status: np.ndarray
    own: np.ndarray
    intensities: sparse.csr_matrix
    duals: np.ndarray
    columns: np.ndarray
    covered: np.ndarray
    lps: int
    pivots: int


class Search:
    """Rounds over one batch: solve over the working set, price all references, enlarge the set.

    Parameters
    ----------
    batch : Envelopment
    progress : callable
        Told which share of the references has been looked at.
    columns : ndarray of int or None
        The working set to begin with, where it is known.
    """

    def __init__(
        self, batch: Envelopment, progress: Callable[[float], None], columns: np.ndarray | None = None
    ) -> None:
        self.batch = batch
        self.references = References.of(batch)
        self.columns = frontier(self.references, progress) if columns is None else columns
        self.sizes = self.references.unit_sizes(batch.scale)
        shape = batch.scale.shape
        self.status = np.full(batch.units, "uncertain", dtype=object)
        self.basis = np.full(shape, -1, dtype=np.int32)
        self.levels, self.duals, self.tie_duals = (np.full(shape, np.nan) for _ in range(3))
        self.covered = np.ones(batch.units, dtype=bool)
        self.lps, self.pivots = 0, 0

    def solve(self, progress: Callable[[float], None]) -> None:
        """Solve all units in blocks, the slowest of each block together at last."""
        late = [np.arange(0)]
        for part in split(np.arange(self.batch.units), len(self.columns)):
            late.append(self._certain(part, len(part) // STRAGGLERS))
            progress((part[-1] + 1) / self.batch.units)
        for part in split(np.concatenate(late), len(self.columns)):
            self._certain(part, 0)

    def _certain(self, units: np.ndarray, leave: int) -> np.ndarray:
        """Solve a block, enlarging the working set until no reference improves any unit; those left for later."""
        late = [units[:0]]
        for _ in range(ROUNDS):
            if len(units) == 0:
                break
            self._solve(units, leave)
            late.append(units[self.status[units] == "unfinished"])
            units = self._enlarge(units)
        self.status[units] = "uncertain"
        return np.concatenate(late)

    def _solve(self, units: np.ndarray, leave: int) -> None:
        batch, chosen = self.batch, self.columns
        scale = batch.scale[units]
        block = Block(
            columns=self.references.columns[:, chosen],
            scale=scale / self.sizes[units][:, None],
            own=batch.own_of(units),
            rhs=batch.rhs_by_unit[units],
            costs=batch.costs,
            tie_costs=batch.tie_costs,
            barred=self._barred(units, chosen),
        )
        guess = nearest(batch.technology[:, chosen], scale, self.references.signs, block.barred)
        ends = run(block, guess, self.basis[units], leave)
        self.status[units], self.basis[units], self.levels[units] = ends.status, ends.basis, ends.levels
        self.duals[units], self.tie_duals[units] = ends.duals, ends.tie_duals
        self.lps += int((ends.status != "unfinished").sum())
        self.pivots += ends.pivots

    def _barred(self, units: np.ndarray, places: np.ndarray) -> np.ndarray | None:
        excluded = self.batch.excluded
        if excluded is None:
            return None
        barred = np.asarray(excluded[units][:, places].toarray() != 0)
        return barred if barred.any() else None

    def _enlarge(self, units: np.ndarray) -> np.ndarray:
        """Add the references that improve units; those units."""
        units = units[np.isin(self.status[units], ["optimal", "infeasible"])]
        largest = np.abs(self.references.columns).max(axis=1) * self.sizes[units][:, None] / self.batch.scale[units]
        wrong = (self.references.signs * self.duals[units] * largest > SIGN).any(axis=1)
        barred = self._barred(units, self.columns)
        self.covered[units] = ~wrong if barred is None else ~(wrong | barred.any(axis=1))
        # That nothing is feasible is proved by the prices of all references, that a point is optimal also later on.
        units = units[~self.covered[units] | (self.status[units] == "infeasible")]
        rest = np.setdiff1d(np.arange(self.references.columns.shape[1]), self.columns) if len(units) else units
        if len(rest) == 0:
            return units[:0]
        improved, new = [units[:0]], [rest[:0]]
        for some in split(units, len(rest)):
            best, price = self._dearest(some, rest)
            tied = (self.status[some] == "optimal") & (self.batch.tie_costs is not None)
            better = price > np.where(tied, -TIED, IMPROVES)
            improved.append(some[better])
            new.append(rest[best[better]])
        self.columns = np.concatenate([self.columns, np.unique(np.concatenate(new))])
        return np.concatenate(improved)

    def _dearest(self, units: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each unit the best of the references outside the working set and its price."""
        multipliers = self.duals[units] * self.sizes[units][:, None] / self.batch.scale[units]
        prices = multipliers @ self.references.columns[:, rest]
        barred = self._barred(units, rest)
        if barred is not None:
            prices[barred] = -np.inf
        best = prices.argmax(axis=1)
        return best, prices[np.arange(len(units)), best]

    def answers(self) -> Answers:
        """Bases as values of the own variables and the intensities."""
        batch, best = self.batch, self.status == "optimal"
        width, first = len(batch.costs), len(batch.costs) + len(batch.technology)
        own = np.full((batch.units, width), np.nan)
        own[best] = 0.0
        units, rows = np.nonzero((self.basis < width) & best[:, None])
        own[units, self.basis[units, rows]] = self.levels[units, rows]
        units, rows = np.nonzero((self.basis >= first) & best[:, None])
        places = self.columns[self.basis[units, rows] - first]
        weights = self.levels[units, rows] * self.sizes[units] / self.references.sizes[places]
        used = weights * np.abs(batch.technology[:, places].T / batch.scale[units]).max(axis=1) > SPECK
        shape = (batch.units, batch.technology.shape[1])
        intensities = sparse.csr_matrix((weights[used], (units[used], places[used])), shape=shape)
        duals = np.where(best[:, None], self.duals, np.nan)
        return Answers(self.status, own, intensities, duals, self.columns, self.covered, self.lps, self.pivots)

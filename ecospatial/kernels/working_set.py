"""The few reference columns that can matter: those on the frontier of a technology.

A reference that a mix of others matches, or that is worse than such a mix, prices out wherever the others do.
So every programme may be solved over the frontier alone, which is exact and costs a fraction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .envelopment import Envelopment
from .simplex import IMPROVES, run
from .tableau import Block

ENTRIES = 2_000_000  # entries of one array of prices, so that memory does not grow with units × references
CACHED = 32_768  # entries that stay in the cache of a processor
CANDIDATES = 256  # references tried as a place to start from
FEW = 400  # references up to which all are kept
ROUND = 512  # references looked at in the first round; later ones look at more
STRAGGLERS = 16  # the last of so many in a block are left for later, together with those of other blocks
DIRECTIONS = 6  # random directions a row to start from


@dataclass(frozen=True, eq=False)
class References:
    """Reference columns brought to like sizes.

    Attributes
    ----------
    columns : ndarray (R, J)
        Divided by ``sizes``.
    sizes : ndarray (J,)
        Sum of the limiting rows, each relative to its middle.
    middles : ndarray (R,)
    limiting : ndarray (R,) of bool
    signs : ndarray (R,)
        +1 or −1 where a larger or smaller value is worse whatever the unit, 0 where this is not known.
    """

    columns: np.ndarray
    sizes: np.ndarray
    middles: np.ndarray
    limiting: np.ndarray
    signs: np.ndarray

    @classmethod
    def of(cls, batch: Envelopment) -> References:
        """The references of a batch."""
        technology = batch.technology
        positive = np.where(technology != 0, np.abs(technology), np.nan)
        some = np.isfinite(positive).any(axis=1)
        middles = np.ones(len(technology))
        middles[some] = np.nanmedian(positive[some], axis=1)
        limiting = np.asarray(batch.limiting if batch.limiting.any() else some)
        sizes = (np.abs(technology[limiting]) / middles[limiting][:, None]).sum(axis=0)
        largest = (np.abs(technology) / middles[:, None]).max(axis=0)
        sizes = np.where(sizes > 0, sizes, np.where(largest > 0, largest, 1.0))
        return cls(technology / sizes, sizes, middles, limiting, _signs(batch))

    def unit_sizes(self, scale: np.ndarray) -> np.ndarray:
        """Sizes of units with the row divisors ``scale`` (N, R), comparable to ``sizes``."""
        return np.asarray((scale[:, self.limiting] / self.middles[self.limiting]).sum(axis=1))


def _signs(batch: Envelopment) -> np.ndarray:
    """Directions in which own columns let every unit fall short of the references for free."""
    own = batch.own if batch.own.ndim == 2 else batch.own[0]
    rows = (batch.technology != 0).any(axis=1)
    moves = (own != 0) & rows[:, None]
    slack = moves & (moves.sum(axis=0) == 1) & (batch.costs <= 0)
    up, down = ((slack & (sign * own > 0)).any(axis=1) for sign in (1, -1))
    return np.asarray(up.astype(float) - down.astype(float))


def frontier(references: References, progress: Callable[[float], None], seed: int = 0) -> np.ndarray:
    """Places of references of which mixes match or better all others.

    Each reference is held against those found so far; where no mix of them matches it, the multipliers that
    show this also show which reference lies farthest beyond, and that one is added.

    Parameters
    ----------
    references : References
    progress : callable
        Told which share of the references has been looked at.
    seed : int
        Of the first directions and the order of the search.

    Returns
    -------
    ndarray of int
        In ascending order; all places where the frontier has more than half of them.
    """
    rows, count = references.columns.shape
    if count <= FEW:
        return np.arange(count)
    draw = np.random.Generator(np.random.PCG64(seed))
    found = _first(references, draw)
    open_ = draw.permutation(np.setdiff1d(np.arange(count), found))
    bases = np.full((count, rows), -1, dtype=np.int32)
    size = ROUND
    while len(open_):
        looked, rest = open_[:size], open_[size:]
        beyond, uncertain, unfinished, duals = _beyond(references, found, looked, bases)
        few = max(FEW, len(found) // 2)
        place, price = dearest(duals[:few], references.columns)
        new = np.unique(np.concatenate([place[price > IMPROVES], beyond[:few][price <= IMPROVES], uncertain]))
        new = new[~np.isin(new, found)]
        found = np.concatenate([found, new])
        if len(found) > count / 2:
            return np.arange(count)
        open_ = np.concatenate([beyond, unfinished, rest])
        open_ = open_[~np.isin(open_, found)]
        size = min(2 * size, 2**16)
        progress(1.0 - len(open_) / count)
    return np.asarray(np.sort(found))


def _first(references: References, draw: np.random.Generator) -> np.ndarray:
    """The best references in some directions."""
    rows = len(references.signs)
    weights = np.vstack([np.eye(rows), draw.exponential(1.0, (DIRECTIONS * rows, rows)) ** 2])
    sides = np.where(references.signs == 0, draw.choice([-1.0, 1.0], weights.shape), -references.signs)
    return np.unique(dearest(weights * sides / references.middles, references.columns)[0])


def _beyond(
    references: References, found: np.ndarray, looked: np.ndarray, bases: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which references no mix of the found matches, which are in doubt or take longer, and the multipliers that tell.

    ``bases`` are where earlier searches ended; those of ``looked`` are updated.
    """
    columns, signs = references.columns, references.signs
    slacks = np.diag(signs)[:, signs != 0]
    largest = np.abs(columns).max(axis=1)
    beyond, uncertain, unfinished, duals = [], [], [], []
    for part in split(looked, len(found)):
        values = columns[:, part].T
        scale = np.where(values != 0, np.abs(values), np.where(largest > 0, largest, 1.0))
        block = Block(
            columns=columns[:, found],
            scale=scale,
            own=np.broadcast_to(slacks, (len(part), *slacks.shape)),
            rhs=np.sign(values),
            costs=np.zeros(slacks.shape[1]),
        )
        guess = nearest(columns[:, found], scale, signs)
        ends = run(block, guess, bases[part], len(part) // STRAGGLERS)
        bases[part] = ends.basis
        out = ends.status == "infeasible"
        beyond.append(part[out])
        duals.append(ends.duals[out] / scale[out])
        unfinished.append(part[ends.status == "unfinished"])
        uncertain.append(part[np.isin(ends.status, ["uncertain", "unbounded"])])
    return np.concatenate(beyond), np.concatenate(uncertain), np.concatenate(unfinished), np.concatenate(duals)


def split(units: np.ndarray, width: int, entries: int = ENTRIES) -> list[np.ndarray]:
    """Units in parts small enough for an array of units × width."""
    size = int(np.clip(entries // max(width, 1), 16, 4096))
    return [units[slice(start, start + size)] for start in range(0, len(units), size)]


def nearest(columns: np.ndarray, scale: np.ndarray, signs: np.ndarray, barred: np.ndarray | None = None) -> np.ndarray:
    """For each unit the reference that is better by the largest least share, or the least worse, of some spread out."""
    tried = np.unique(np.linspace(0, columns.shape[1] - 1, min(columns.shape[1], CANDIDATES)).astype(int))
    columns, barred = columns[:, tried], None if barred is None else barred[:, tried]
    found = np.empty(len(scale), dtype=int)
    for part in split(np.arange(len(scale)), columns.shape[1], CACHED):
        margin = np.full((len(part), columns.shape[1]), np.inf)
        share = np.empty_like(margin)
        for row in np.flatnonzero(signs):
            np.multiply.outer(-signs[row] / scale[part, row], columns[row], out=share)
            share += signs[row]
            np.minimum(margin, share, out=margin)
        if barred is not None:
            margin[barred[part]] = -np.inf
        found[part] = tried[margin.argmax(axis=1)]
    return found


def dearest(multipliers: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row of multipliers (k, R) the place and price of its dearest column (R, J), in blocks."""
    place, price = np.zeros(len(multipliers), dtype=int), np.full(len(multipliers), -np.inf)
    for part in split(np.arange(columns.shape[1]), 512):
        for units in split(np.arange(len(multipliers)), len(part)):
            prices = multipliers[units] @ columns[:, part]
            best = prices.argmax(axis=1)
            dear = prices[np.arange(len(units)), best]
            better = dear > price[units]
            place[units[better]], price[units[better]] = part[best[better]], dear[better]
    return place, price

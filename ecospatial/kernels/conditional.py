"""Tails of spatial lags under conditional permutation, with one set of draws for all units and periods."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..progress import track
from .neighbour_draws import Group, Own, own_draws, ranked_weights
from .permutation import BLOCK, TIE, Tails, distinct_draws, draw_width, sizes


def local_tails(
    z: np.ndarray,
    weights: sparse.csr_matrix,
    permutations: int,
    seed: int,
    block: int = BLOCK,
    *,
    tied: np.ndarray | None = None,
) -> Tails:
    """Tails of the spatial lag when a unit's neighbours are drawn from all other units.

    A permutation draws one row of distinct units for everyone. A unit with c neighbours takes the first c;
    where it is among them itself, the last of the row stands in. Units whose neighbours weigh the same share
    one reference distribution for each c, sorted once; the others are compared in matrix products.

    Parameters
    ----------
    z : ndarray, shape (T, n)
        Deviations from the mean of each period.
    weights : csr_matrix, shape (n, n)
        Rows of islands are empty; their tails are zero.
    permutations : int
        Number of rows drawn, each used for all units and periods.
    seed : int
        Of the random numbers.
    block : int
        Numbers held at a time.
    tied : ndarray of bool, shape (T, n), or None
        Units whose statistic is the same whatever their neighbours: all their permutations tie. None stands
        for local Moran's I, which is zero for a unit at the mean.

    Returns
    -------
    Tails
        Arrays of shape (T, n): of the lag, whose order is that of local I or, below the mean, its reverse, and
        that of the local statistics of Getis and Ord.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> tails = local_tails(np.array([[-1.5, -0.5, 0.5, 1.5]]), line, 99, seed=1)
    >>> bool((tails.above + tails.below >= 99).all())
    True
    """
    counts = np.diff(weights.indptr)
    depth = int(counts.max(initial=0))
    lag = np.asarray(weights @ z.T).T
    slack = TIE * np.abs(z).max(axis=1, keepdims=True) * np.asarray(weights.sum(axis=1)).ravel()
    low, high = lag - slack, lag + slack
    above, below = np.zeros(z.shape, dtype=int), np.zeros(z.shape, dtype=int)
    if depth == 0:
        return Tails(above, below)
    rng = np.random.Generator(np.random.PCG64(seed))
    groups = _groups(weights)
    for size in track(sizes(permutations, block // draw_width(len(counts), depth + 1)), "Permuting"):
        draws = distinct_draws(rng, len(counts), size, depth + 1)
        for group, compare in groups:
            own, units = own_draws(draws, group, len(counts)), group.units
            for period, values in enumerate(z):
                sample = _Sample(values[draws], values[units], low[period, units], high[period, units])
                tails = compare(group, own, sample)
                above[period, units] += tails.above
                below[period, units] += tails.below
    level = (z == 0 if tied is None else tied) & (counts > 0)
    return Tails(np.where(level, permutations, above), np.where(level, permutations, below))


class _Sample(NamedTuple):
    """Values drawn, shape (size, depth + 1); the members' own values; the bounds within which a lag ties."""

    drawn: np.ndarray
    own: np.ndarray
    low: np.ndarray
    high: np.ndarray


Comparison = Callable[[Group, Own, _Sample], Tails]


def _groups(weights: sparse.csr_matrix) -> list[tuple[Group, Comparison]]:
    """Units whose neighbours weigh the same, and the others; islands are in neither."""
    counts = np.diff(weights.indptr)
    owner = np.repeat(np.arange(len(counts)), counts)
    first = weights.data[weights.indptr[owner]]
    differs = np.zeros(len(counts), dtype=bool)
    differs[owner[np.abs(weights.data - first) > 1e-12 * first]] = True
    alike, unlike = np.flatnonzero(~differs & (counts > 0)), np.flatnonzero(differs)
    parts: list[tuple[np.ndarray, Comparison]] = [(alike, _by_sorting), (unlike, _by_product)]
    ranked = ranked_weights(weights)
    return [(Group(units, ranked[units]), compare) for units, compare in parts if len(units)]


def _by_sorting(group: Group, own: Own, sample: _Sample) -> Tails:
    """Equal weights: the lags of all units with c neighbours have one reference, the sums of c draws."""
    counts = np.diff(group.ranked.indptr)
    weight = group.ranked.data[group.ranked.indptr[:-1]]
    low, high = sample.low / weight, sample.high / weight
    sums = np.cumsum(sample.drawn[:, :-1], axis=1).T
    above, below = np.zeros(len(counts), dtype=int), np.zeros(len(counts), dtype=int)
    for count in np.unique(counts):
        units = counts == count
        reference = np.sort(sums[count - 1])
        above[units] = len(reference) - np.searchsorted(reference, low[units], side="left")
        below[units] = np.searchsorted(reference, high[units], side="right")
    before = sums[counts[own.member] - 1, own.draw]
    after = before + sample.drawn[own.draw, -1] - sample.own[own.member]
    low, high = low[own.member], high[own.member]
    above += _gained(own.member, before >= low, after >= low, len(counts))
    below += _gained(own.member, before <= high, after <= high, len(counts))
    return Tails(above, below)


def _by_product(group: Group, own: Own, sample: _Sample) -> Tails:
    """Unequal weights: each unit has its own reference, a weighted sum of the draws."""
    members = len(group.units)
    shift = own.weight * (sample.drawn[own.draw, -1] - sample.own[own.member])
    above, below = np.zeros(members, dtype=int), np.zeros(members, dtype=int)
    portion = max(1, BLOCK // max(sample.drawn.shape))
    for start in range(0, members, portion):
        rows = slice(start, min(start + portion, members))
        reference = group.ranked[rows].toarray() @ sample.drawn[:, :-1].T
        own_rows = slice(*np.searchsorted(own.member, (rows.start, rows.stop)))
        reference[own.member[own_rows] - start, own.draw[own_rows]] += shift[own_rows]
        above[rows] = (reference >= sample.low[rows, None]).sum(axis=1)
        below[rows] = (reference <= sample.high[rows, None]).sum(axis=1)
    return Tails(above, below)


def _gained(member: np.ndarray, before: np.ndarray, after: np.ndarray, members: int) -> np.ndarray:
    """By member, how many draws came to count less how many ceased to."""
    return np.asarray(np.bincount(member[after & ~before], minlength=members)) - np.bincount(
        member[before & ~after], minlength=members
    )

"""Random orders of units, and the tails of global Moran's I under them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..progress import track

BLOCK = 4_000_000  # numbers held at a time
CACHE = 500_000  # numbers that stay near the processor while a sparse product passes over them again and again
# Sums that differ by less than this share of their largest possible value are a tie: scores that a solver
# calls one are one only to nine digits.
TIE = 1e-9


class Tails(NamedTuple):
    """How many permuted statistics are at least, and at most, as large as the observed one."""

    above: np.ndarray
    below: np.ndarray


def distinct_draws(rng: np.random.Generator, count: int, size: int, depth: int) -> np.ndarray:
    """Rows of ``depth`` distinct places out of ``count``, every order equally likely; shape (size, depth).

    Examples
    --------
    >>> rows = distinct_draws(np.random.Generator(np.random.PCG64(1)), 5, 100, 3)
    >>> rows.shape, all(len(set(row)) == 3 for row in rows)
    ((100, 3), True)
    """
    if draw_width(count, depth) == count:
        return rng.permuted(np.tile(np.arange(count), (size, 1)), axis=1)[:, :depth]
    draws = rng.integers(0, count - np.arange(depth), size=(size, depth))
    for column in range(1, depth):
        # The r-th place not yet taken: r moves up by one for every taken place that is not above it.
        for taken in np.sort(draws[:, :column], axis=1).T:
            draws[:, column] += draws[:, column] >= taken
    return draws


def draw_width(count: int, depth: int) -> int:
    """Numbers held to draw one row: all places where a shuffle of them is cheaper than ``depth`` picks.

    Picks take depth²/2 steps, a shuffle takes some steps for each place.
    """
    return count if depth**2 > 8 * count else depth


def sizes(total: int, most: int) -> list[int]:
    """A total in portions of at most ``most``.

    Examples
    --------
    >>> sizes(10, 4)
    [4, 4, 2]
    """
    portion = max(1, min(most, total))
    whole, rest = divmod(total, portion)
    return [portion] * whole + [rest] * (rest > 0)


def global_tails(
    z: np.ndarray,
    weights: sparse.csr_matrix,
    permutations: int,
    seed: int,
    block: int = CACHE,
    *,
    own: np.ndarray | None = None,
) -> Tails:
    """Tails of z'Wz when the values are shuffled over all units: of global Moran's I.

    Other global statistics have in addition a term of each unit alone, which counts as often as the unit's
    weights: Σ_ij w_ij (z_i z_j + own_i + own_j). Geary's C has own = −z²/2 and falls as the sum rises; the G of
    Getis and Ord has own = mean × z.

    Parameters
    ----------
    z : ndarray, shape (T, n)
        Deviations from the mean of each period.
    weights : csr_matrix, shape (n, n)
        At least one link.
    permutations : int
        Number of shuffles, each used for all periods.
    seed : int
        Of the random numbers.
    block : int
        Numbers held at a time.
    own : ndarray, shape (T, n), or None
        Moves with the values.

    Returns
    -------
    Tails
        Arrays of shape (T,).
    """
    periods, count = z.shape
    half = sparse.csr_matrix(sparse.triu(weights + weights.T, k=1))  # z'Wz needs each pair once
    ends = np.asarray(half.sum(axis=1)).ravel() + np.asarray(half.sum(axis=0)).ravel()
    observed = np.einsum("ti,it->t", z, half @ z.T)
    slack = TIE * half.sum() * (z**2).mean(axis=1)
    if own is not None:
        observed = observed + own @ ends
        slack = slack + TIE * ends.sum() * np.abs(own).mean(axis=1)
    rng = np.random.Generator(np.random.PCG64(seed))
    above, below = np.zeros(periods, dtype=int), np.zeros(periods, dtype=int)
    for size in track(sizes(permutations, block // (count * periods)), "Permuting"):
        orders = rng.permuted(np.tile(np.arange(count), (size, 1)), axis=1)
        shuffled = z.T[orders.T].reshape(count, size * periods)
        statistic = np.einsum("ij,ij->j", shuffled, half @ shuffled).reshape(size, periods)
        if own is not None:
            statistic += np.einsum("i,isj->sj", ends, own.T[orders.T])
        above += (statistic >= observed - slack).sum(axis=0)
        below += (statistic <= observed + slack).sum(axis=0)
    return Tails(above, below)


def product_tails(fixed: np.ndarray, z: np.ndarray, permutations: int, seed: int, block: int = BLOCK) -> Tails:
    """Tails of Σ fixed_i z_i when z is shuffled over all units: of global bivariate Moran's I.

    Parameters
    ----------
    fixed, z : ndarray, shape (T, n)
        z are deviations from the mean of each period.
    permutations : int
        Number of shuffles, each used for all periods.
    seed : int
        Of the random numbers.
    block : int
        Numbers held at a time.

    Returns
    -------
    Tails
        Arrays of shape (T,).
    """
    periods, count = z.shape
    observed = np.einsum("ti,ti->t", fixed, z)
    slack = TIE * np.sqrt((fixed**2).sum(axis=1) * (z**2).sum(axis=1))
    rng = np.random.Generator(np.random.PCG64(seed))
    above, below = np.zeros(periods, dtype=int), np.zeros(periods, dtype=int)
    for size in track(sizes(permutations, block // (count * periods)), "Permuting"):
        orders = rng.permuted(np.tile(np.arange(count), (size, 1)), axis=1)
        statistic = np.einsum("ti,tsi->st", fixed, z[:, orders])
        above += (statistic >= observed - slack).sum(axis=0)
        below += (statistic <= observed + slack).sum(axis=0)
    return Tails(above, below)

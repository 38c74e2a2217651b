"""The q statistic of stratified heterogeneity, its published tests, and its distribution under permuted units.

q = 1 − SSW / SST is the share of the variance of y that lies between strata (Wang et al. 2010, Int. J. Geographical
Information Science 24, 107–127).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse, stats

from ..progress import track
from .permutation import BLOCK, sizes

# Statistics that differ by less are a tie.
TIE = 1e-10


def within_squares(y: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Sums of squares within strata, SSW.

    Parameters
    ----------
    y : ndarray, shape (N,) or (N, B)
    strata : ndarray, shape (N,)
        Positions from zero, each of which occurs.

    Examples
    --------
    >>> float(within_squares(np.array([1.0, 3.0, 5.0, 5.0]), np.array([0, 0, 1, 1])))
    2.0
    """
    centred = y - y.mean(axis=0)
    counts = np.bincount(strata)
    members = sparse.csr_matrix((np.ones(len(strata)), (strata, np.arange(len(strata)))))
    sums = members @ centred
    return np.asarray((centred**2).sum(axis=0) - ((sums.T) ** 2 / counts).sum(axis=-1))


def q_statistic(y: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Share of the variance of y (N,) or (N, B) that lies between strata.

    Examples
    --------
    >>> float(q_statistic(np.array([1.0, 3.0, 5.0, 5.0]), np.array([0, 0, 1, 1])).round(4))
    0.8182
    """
    total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.clip(1 - within_squares(y, strata) / total, 0.0, 1.0))


def noncentral_f(y: np.ndarray, strata: np.ndarray) -> tuple[float, float, float]:
    """F of q, its noncentrality and p-value as published.

    F = (N − L)/(L − 1) q/(1 − q) against F(L − 1, N − L; λ) with
    λ = [Σ Ȳ_h² − (Σ √N_h Ȳ_h)²/N]/σ² (Wang, Zhang and Fu 2016, Ecological Indicators 67, 250–256, eqs 2–3).
    λ changes when a constant is added to y, so that the p-value does too.

    Parameters
    ----------
    y, strata : ndarray, shape (N,)

    Returns
    -------
    tuple of float
        F, λ and p; NaN where q is one.
    """
    counts = np.bincount(strata)
    rows, levels, q = len(y), len(counts), float(q_statistic(y, strata))
    if 1 - q <= TIE:
        return np.nan, np.nan, np.nan
    means = np.bincount(strata, weights=y) / counts
    spread = float((means**2).sum() - (np.sqrt(counts) @ means) ** 2 / rows)
    centrality = max(spread, 0.0) / float(y.var())
    statistic = (rows - levels) / (levels - 1) * q / (1 - q)
    law = stats.ncf(levels - 1, rows - levels, centrality) if centrality > 0 else stats.f(levels - 1, rows - levels)
    return statistic, centrality, float(law.sf(statistic))


def interaction_type(one: float, other: float, both: float) -> str:
    """How two factors act together (Wang et al. 2010, table 1; Wang and Xu 2017).

    Examples
    --------
    >>> interaction_type(0.2, 0.3, 0.6), interaction_type(0.2, 0.3, 0.4), interaction_type(0.2, 0.3, 0.5)
    ('enhanced, nonlinear', 'enhanced, bivariate', 'independent')
    """
    if abs(both - one - other) <= TIE:
        return "independent"
    if both > one + other:
        return "enhanced, nonlinear"
    if both > max(one, other) + TIE:
        return "enhanced, bivariate"
    return "weakened, nonlinear" if both < min(one, other) - TIE else "weakened, univariate"


def overlay(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Strata (N,) of all pairs of strata that occur.

    Examples
    --------
    >>> overlay(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])).tolist()
    [0, 1, 2, 3]
    """
    return np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)[1].reshape(-1)


def welch(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """The t test of two means with unequal variances: statistic, degrees of freedom, two-sided p (Welch 1947)."""
    variances = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    total = sum(variances)
    if total <= 0:
        return np.nan, np.nan, np.nan
    statistic = float((one.mean() - other.mean()) / np.sqrt(total))
    df = float(total**2 / sum(v**2 / (len(part) - 1) for v, part in zip(variances, (one, other), strict=True)))
    return statistic, df, float(2 * stats.t.sf(abs(statistic), df))


def quantile_classes(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes of equal size, closed above, and their bounds; fewer where ties join some.

    Parameters
    ----------
    values : ndarray, shape (N,)
    count : int

    Returns
    -------
    tuple of ndarray
        Positions (N,), and bounds (L + 1,) from the smallest to the largest value.

    Examples
    --------
    >>> quantile_classes(np.array([1.0, 2.0, 3.0, 4.0]), 2)[0].tolist()
    [0, 0, 1, 1]
    """
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)))
    codes = np.searchsorted(edges[1:-1], values, side="left")
    kept, tidy = np.unique(codes, return_inverse=True)
    return tidy.reshape(-1), np.append(edges[0], edges[np.minimum(kept + 1, len(edges) - 1)])


def permuted(y: np.ndarray, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of y (T, n) with whole units shuffled, each of shape (T n, b), period by period.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        The history of a unit stays together.
    permutations, seed : int
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    for size in track(sizes(permutations, BLOCK // y.size), "Permuting"):
        orders = rng.permuted(np.tile(np.arange(y.shape[1]), (size, 1)), axis=1)
        yield np.moveaxis(y[:, orders], 1, 2).reshape(y.size, size)

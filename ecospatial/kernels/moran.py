"""Moran's I, global and local, with its analytic moments, for all periods at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

ROUNDING = 1e-12


class GlobalMoran(NamedTuple):
    """Global Moran's I of each period, shape (T,), and its moments; variances are zero where no order matters.

    The expectation is one number for values, and depends on the period for residuals.
    """

    statistic: np.ndarray
    expected: float | np.ndarray
    variance_norm: np.ndarray
    variance_rand: np.ndarray


class LagMoments(NamedTuple):
    """The spatial lag of standardised values and its moments given the unit's own value, shape (T, n).

    All are NaN for islands; the variance is zero for a unit that neighbours all others: no order matters.
    """

    lag: np.ndarray
    expected: np.ndarray
    variance: np.ndarray


class LocalMoran(NamedTuple):
    """Local Moran's I and its moments given the unit's own value, shape (T, n).

    The variance is zero for a unit at the mean and for one that neighbours all others: no order matters.
    """

    statistic: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    value: np.ndarray
    lag: np.ndarray


def deviations(values: np.ndarray) -> np.ndarray:
    """Values less the mean of their period in shares of the largest deviation, shape (T, n); zero where rounding.

    Moran's I does not depend on the scale, and in shares the fourth powers of its variance cannot overflow.
    """
    largest = np.abs(values).max(axis=1, keepdims=True)
    shares = values / np.where(largest > 0, largest, 1.0)
    z = shares - shares.mean(axis=1, keepdims=True)
    z = np.where(np.abs(z) <= ROUNDING, 0.0, z)
    widest = np.abs(z).max(axis=1, keepdims=True)
    return np.asarray(z / np.where(widest > 0, widest, 1.0))


def global_moran(values: np.ndarray, weights: sparse.csr_matrix) -> GlobalMoran:
    """Global Moran's I with variances under normality and randomisation.

    Cliff and Ord (1981), Spatial Processes, equations 1.44 and 2.14–2.17.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing, none constant over a period; n of at least 4.
    weights : csr_matrix, shape (n, n)
        At least one link.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> global_moran(np.array([[1.0, 2.0, 3.0, 4.0]]), line).statistic.round(4)
    array([0.3333])
    """
    count = values.shape[1]
    z = deviations(values)
    total = float(weights.sum())
    product = np.einsum("ti,it->t", z, weights @ z.T)
    squares = np.einsum("ti,ti->t", z, z)
    statistic = count / total * product / squares
    kurtosis = count * np.einsum("ti,ti,ti,ti->t", z, z, z, z) / squares**2
    expected = -1.0 / (count - 1)
    s1, s2 = link_sums(weights)
    norm = (count**2 * s1 - count * s2 + 3 * total**2) / ((count**2 - 1) * total**2)
    plain = count * ((count**2 - 3 * count + 3) * s1 - count * s2 + 3 * total**2)
    peaked = kurtosis * ((count**2 - count) * s1 - 2 * count * s2 + 6 * total**2)
    rand = (plain - peaked) / ((count - 1) * (count - 2) * (count - 3) * total**2)
    return GlobalMoran(statistic, expected, _excess(norm, expected**2), _excess(rand, expected**2))


def bivariate_moran(values: np.ndarray, second: np.ndarray, weights: sparse.csr_matrix) -> GlobalMoran:
    """Global Moran's I of a variable against the neighbours' second one, which changes places among all units.

    Anselin, Syabri and Smirnov (2002), scaled as the local one: Σ value × lag / Σ value² (with row-standardised
    weights). The moments are those of a linear permutation statistic, exact (Hoeffding 1951): with c the weighted sums
    of a unit's values as others' neighbour, E = 0 and Var = Σ(c − c̄)² Σy² / (n − 1). There are none under normality.

    Parameters
    ----------
    values, second : ndarray, shape (T, n)
        None missing, none constant over a period; n of at least 4.
    weights : csr_matrix, shape (n, n)
        At least one link.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> x = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> bivariate_moran(x, -x, line).statistic.round(4)
    array([-0.3333])
    """
    count = values.shape[1]
    x, y = standardised(values), standardised(second)
    scale = count / float(weights.sum()) / (count - 1)
    pulls = pulled(x, weights)
    spread = ((pulls - pulls.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    spread = np.where(spread > (ROUNDING * pulled(np.abs(x), weights)).max(axis=1) ** 2, spread, 0.0)
    unknown = np.full(len(values), np.nan)
    # Σ y² is n − 1, as is the divisor of the variance.
    return GlobalMoran(scale * np.einsum("ti,ti->t", pulls, y), 0.0, unknown, scale**2 * spread)


def pulled(values: np.ndarray, weights: sparse.csr_matrix) -> np.ndarray:
    """By unit, the weighted sum of the values whose neighbour it is; shape (T, n)."""
    return np.asarray((weights.T @ values.T).T)


def _excess(one: np.ndarray, other: float) -> np.ndarray:
    """The first less the second, zero where the difference is rounding."""
    return np.where(one > (1 + 1e-9) * other, one - other, 0.0)


def link_sums(weights: sparse.csr_matrix) -> tuple[float, float]:
    """Cliff and Ord's S1 and S2."""
    both = weights + weights.T
    ends = np.asarray(weights.sum(axis=1)).ravel() + np.asarray(weights.sum(axis=0)).ravel()
    return float(both.multiply(both).sum()) / 2.0, float((ends**2).sum())


def standardised(values: np.ndarray) -> np.ndarray:
    """Values by period with mean zero and, divided by n − 1, variance one; shape (T, n).

    Examples
    --------
    >>> standardised(np.array([[1.0, 2.0, 3.0]])).round(9)
    array([[-1.,  0.,  1.]])
    """
    z = deviations(values)
    squares = (z**2).sum(axis=1, keepdims=True)
    return np.asarray(z / np.sqrt(squares / (values.shape[1] - 1)))


def lag_moments(value: np.ndarray, weights: sparse.csr_matrix) -> LagMoments:
    """The weighted sum of a unit's neighbours, and its mean and variance over draws of all other units.

    Sokal, Oden and Thomson (1998), Geographical Analysis 30, appendix; Ord and Getis (1995), Geographical
    Analysis 27, equation 6.

    Parameters
    ----------
    value : ndarray, shape (T, n)
        Standardised.
    weights : csr_matrix, shape (n, n)
        Rows of islands are empty.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> lag_moments(standardised(np.array([[1.0, 2.0, 3.0, 4.0]])), line).expected.round(3)
    array([[ 0.387,  0.258, -0.258, -0.387]])
    """
    count = value.shape[1]
    sums = np.asarray(weights.sum(axis=1)).ravel()
    square_sums = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    island = np.diff(weights.indptr) == 0
    lag = np.where(island, np.nan, (weights @ value.T).T)
    # Mean and variance of the other units' standardised values, whose squares sum to n − 1 with the unit's own.
    mean = -value / (count - 1)
    spread = (count - 1 - value**2) / (count - 1) - mean**2
    uneven = square_sums - sums**2 / (count - 1)
    uneven[uneven <= ROUNDING * square_sums] = 0.0
    variance = np.where(island, np.nan, spread * uneven * (count - 1) / (count - 2))
    return LagMoments(lag, np.where(island, np.nan, sums * mean), variance)


def local_moran(values: np.ndarray, weights: sparse.csr_matrix, second: np.ndarray | None = None) -> LocalMoran:
    """Local Moran's I = value × lag, with n − 1 in the variance of the values.

    Anselin (1995), Geographical Analysis 27, equation 12, scaled as GeoDa and PySAL do; moments as
    :func:`lag_moments`. With a second variable the lag is of that one: Anselin, Syabri and Smirnov (2002).

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing, none constant over a period; n of at least 3.
    weights : csr_matrix, shape (n, n)
        Rows of islands are empty; their statistic is NaN.
    second : ndarray, shape (T, n), or None
        Values whose lag is taken.

    Returns
    -------
    LocalMoran
        ``value`` is standardised, ``lag`` the weighted sum of the neighbours' standardised values.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> local_moran(np.array([[1.0, 2.0, 3.0, 4.0]]), line).statistic.round(2)
    array([[0.45, 0.3 , 0.3 , 0.45]])
    """
    value = standardised(values)
    around = lag_moments(value if second is None else standardised(second), weights)
    return LocalMoran(value * around.lag, value * around.expected, value**2 * around.variance, value, around.lag)

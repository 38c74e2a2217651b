"""The statistics of Getis and Ord, general and local, with their moments, for all periods at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from .moran import ROUNDING, deviations, global_moran, lag_moments, link_sums, standardised


class GeneralG(NamedTuple):
    """General G of each period, shape (T,), and its moments; the variance is zero where no order matters."""

    statistic: np.ndarray
    expected: float
    variance: np.ndarray


class LocalG(NamedTuple):
    """Local Gi or Gi* and its standard score, shape (T, n); NaN for islands.

    The score is NaN where no order matters: for a unit that neighbours all others.
    """

    statistic: np.ndarray
    z: np.ndarray


def general_g(values: np.ndarray, weights: sparse.csr_matrix) -> GeneralG:
    """General G: the share of Σ x_i x_j, i ≠ j, that lies between neighbours.

    Getis and Ord (1992), Geographical Analysis 24, equations 8–13. The variance under randomisation is here
    that of m Σ c_i z_i + z'Wz, with x = m + z and c the row and column sums, which does not cancel.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing or negative, none constant over a period; n of at least 4.
    weights : csr_matrix, shape (n, n)
        At least one link.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> general_g(np.array([[1.0, 2.0, 3.0, 4.0]]), line).statistic.round(4)
    array([0.5714])
    """
    count, total = values.shape[1], float(weights.sum())
    z, mean = deviations(values), relative_mean(values)
    moran = global_moran(values, weights)
    _, s2 = link_sums(weights)
    ends = np.asarray(weights.sum(axis=1)).ravel() + np.asarray(weights.sum(axis=0)).ravel()
    squares, cubes = (z**2).sum(axis=1), (z**3).sum(axis=1)
    pairs = count * (count - 1)
    among = mean**2 * total + mean * (z @ ends) + moran.statistic * total * squares / count
    uneven = float(((ends - ends.mean()) ** 2).sum())
    together = 2 * (2 * total**2 - s2) / (count - 2) - s2
    parts = np.array(
        [
            mean**2 * squares / (count - 1) * (uneven if uneven > ROUNDING * s2 else 0.0),
            2 * mean * cubes / pairs * (together if abs(together) > ROUNDING * s2 else 0.0),
            moran.variance_rand * (total * squares / count) ** 2,
        ]
    )
    variance = parts.sum(axis=0)
    variance = np.where(variance > ROUNDING * np.abs(parts).sum(axis=0), variance, 0.0)
    scale = pairs * mean**2 - squares
    return GeneralG(among / scale, total / pairs, variance / scale**2)


def relative_mean(values: np.ndarray) -> np.ndarray:
    """The mean of each period in the unit of its :func:`~ecospatial.kernels.moran.deviations`, shape (T,)."""
    largest = np.abs(values).max(axis=1, keepdims=True)
    shares = values / np.where(largest > 0, largest, 1.0)
    return np.asarray(shares.mean(axis=1) * np.sqrt((deviations(values) ** 2).mean(axis=1)) / shares.std(axis=1))


def starred(weights: sparse.csr_matrix, row: bool) -> sparse.csr_matrix:
    """Weights in which a unit is its own neighbour, as heavy as its heaviest; islands stay alone.

    Parameters
    ----------
    weights : csr_matrix, shape (n, n)
    row : bool
        Whether rows are to sum to one again.

    Examples
    --------
    >>> starred(sparse.csr_matrix([[0.0, 1.0], [1.0, 0.0]]), row=True).toarray().tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    heaviest = np.asarray(weights.max(axis=1).todense()).ravel()
    with_self = sparse.csr_matrix(weights + sparse.diags(heaviest))
    with_self.eliminate_zeros()
    if not row:
        return with_self
    sums = np.asarray(with_self.sum(axis=1)).ravel()
    return sparse.csr_matrix(sparse.diags(1.0 / np.where(sums > 0, sums, 1.0)) @ with_self)


def local_g(values: np.ndarray, weights: sparse.csr_matrix) -> LocalG:
    """Gi: the neighbours' share in the sum of all other units; its score given the unit's own value.

    Ord and Getis (1995), Geographical Analysis 27, equations 5–7.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing, none constant over a period.
    weights : csr_matrix, shape (n, n)
        None of a unit with itself.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> local_g(np.array([[1.0, 2.0, 3.0, 4.0]]), line).statistic.round(3)
    array([[0.222, 0.5  , 0.857, 0.5  ]])
    """
    around = lag_moments(standardised(values), weights)
    z = (around.lag - around.expected) / np.sqrt(np.where(around.variance > 0, around.variance, np.nan))
    others = values.sum(axis=1, keepdims=True) - values
    return LocalG(_share(values, weights, others), z)


def local_g_star(values: np.ndarray, weights: sparse.csr_matrix) -> LocalG:
    """Gi*: the share of the neighbours and the unit itself in the sum of all; its score over all orders.

    Ord and Getis (1995), Geographical Analysis 27, equations 8–10.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing, none constant over a period.
    weights : csr_matrix, shape (n, n)
        From :func:`starred`.

    Examples
    --------
    >>> line = starred(sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1)), row=False)
    >>> local_g_star(np.array([[1.0, 2.0, 3.0, 4.0]]), line).z.round(3)
    array([[-1.549, -1.342,  1.342,  1.549]])
    """
    count = values.shape[1]
    z = deviations(values)
    sums = np.asarray(weights.sum(axis=1)).ravel()
    square_sums = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    uneven = (count * square_sums - sums**2) / (count - 1)
    uneven = np.where(uneven > ROUNDING * square_sums, uneven, np.nan)
    spread = np.sqrt((z**2).mean(axis=1, keepdims=True) * uneven)
    score = np.where(sums > 0, (weights @ z.T).T, np.nan) / spread
    return LocalG(_share(values, weights, values.sum(axis=1, keepdims=True)), score)


def _share(values: np.ndarray, weights: sparse.csr_matrix, whole: np.ndarray) -> np.ndarray:
    alone = np.diff(weights.indptr) == 0
    usable = (whole > 0) & (values.min(axis=1, keepdims=True) >= 0) & ~alone
    return np.asarray(np.where(usable, (weights @ values.T).T / np.where(whole > 0, whole, 1.0), np.nan))

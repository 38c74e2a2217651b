"""Correlations between the residuals of units over the periods they share, and Pesaran's statistic of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

# A correlation of two points is one, whatever they are.
FEWEST_PERIODS = 3
# Variance, as a share of the mean over all units, below which a series is rounding error.
CONSTANT = 1e-20
# Units whose correlations with all others are taken at once.
BLOCK = 256

# Sums over time of the products of the pairs' columns.
Product = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class CrossDependence:
    """Pesaran's CD (2004, 2021, Empirical Economics 60, 13–50).

    Attributes
    ----------
    statistic : float
        Σ √Tᵢⱼ rᵢⱼ over the root of the number of pairs, standard normal; NaN without a pair.
    correlation, absolute : float
        Means of rᵢⱼ and of |rᵢⱼ|.
    pairs : int
        Of units that share enough periods.
    """

    statistic: float
    correlation: float
    absolute: float
    pairs: int


def cross_dependence(residuals: np.ndarray, pairs: tuple[np.ndarray, np.ndarray] | None = None) -> CrossDependence:
    """Pesaran's CD of all pairs of units, or of the given ones: CD(p), local to neighbours.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        NaN where a unit has no row.
    pairs : tuple of two ndarray of int, shape (P,), or None
        Places of the units, each pair once.
    """
    weighted = plain = absolute = 0.0
    count = 0
    for correlation, shared in _every_pair(residuals) if pairs is None else [_of_pairs(residuals, *pairs)]:
        known = ~np.isnan(correlation)
        found = correlation[known]
        weighted += float((np.sqrt(shared[known]) * found).sum())
        plain, absolute = plain + float(found.sum()), absolute + float(np.abs(found).sum())
        count += len(found)
    if count == 0:
        return CrossDependence(np.nan, np.nan, np.nan, 0)
    return CrossDependence(float(weighted / np.sqrt(count)), plain / count, absolute / count, count)


def _every_pair(residuals: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Correlations and shared periods of all pairs, a block of units with those at and after it at a time."""
    units = residuals.shape[1]
    for start in range(0, units, BLOCK):
        rest = residuals[:, start:]
        width = min(BLOCK, units - start)
        later = np.triu(np.ones((width, units - start), dtype=bool), 1)
        correlation, shared = _correlations(rest, lambda a, b, width=width: a[:, :width].T @ b)  # type: ignore[misc]
        yield correlation[later], shared[later]


def _of_pairs(residuals: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _correlations(residuals, lambda a, b: np.einsum("tp,tp->p", a[:, first], b[:, second]))


def _correlations(residuals: np.ndarray, product: Product) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of pairs over the periods both have, and the number of those; NaN where there is none."""
    known = (~np.isnan(residuals)).astype(float)
    # Taken out once for all pairs, the means leave less to cancel.
    means = np.nansum(residuals, axis=0) / np.maximum(known.sum(axis=0), 1)
    values = np.where(known > 0, residuals - means, 0.0)
    shared = product(known, known)
    counts = np.maximum(shared, 1)
    one, other = product(values, known), product(known, values)
    covariance = product(values, values) - one * other / counts
    variances = product(values**2, known) - one**2 / counts, product(known, values**2) - other**2 / counts
    least = CONSTANT * float((values**2).sum()) / max(known.sum(), 1) * counts
    usable = (shared >= FEWEST_PERIODS) & (variances[0] > least) & (variances[1] > least)
    sizes = np.sqrt(np.where(usable, variances[0] * variances[1], 1.0))
    return np.where(usable, covariance / sizes, np.nan), shared

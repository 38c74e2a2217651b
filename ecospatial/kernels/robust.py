"""Covariances of least squares that hold where errors are not alike or not independent."""

from __future__ import annotations

import numpy as np

from .within import group_sums

# A leverage this close to one leaves no residual to weigh.
ALONE = 1e-10


def heteroskedastic(
    x: np.ndarray, residuals: np.ndarray, inverse: np.ndarray, leverage: np.ndarray, df: int, kind: str
) -> np.ndarray:
    """Errors of different variance (White 1980; MacKinnon & White 1985).

    Parameters
    ----------
    x : ndarray, shape (N, k)
    residuals : ndarray, shape (N,)
    inverse : ndarray, shape (k, k)
        Of X'X.
    leverage : ndarray, shape (N,)
        Diagonal of the hat matrix, absorbed effects included.
    df : int
        N less all parameters.
    kind : {"hc0", "hc1", "hc2", "hc3"}
        e², e² N/(N − k), e²/(1 − h), e²/(1 − h)².
    """
    squares = residuals**2
    if kind == "hc1":
        squares = squares * len(x) / df
    if kind in ("hc2", "hc3"):
        left = np.where(1 - leverage > ALONE, 1 - leverage, 1.0)
        squares = squares / left ** (1 if kind == "hc2" else 2)
    return np.asarray(inverse @ (x.T * squares) @ x @ inverse)


def clustered(
    x: np.ndarray, residuals: np.ndarray, inverse: np.ndarray, clusters: np.ndarray, parameters: int
) -> np.ndarray:
    """Errors that are dependent within clusters (Liang & Zeger 1986), times G/(G − 1) (N − 1)/(N − K).

    Parameters
    ----------
    x, residuals, inverse
        As above.
    clusters : ndarray, shape (N,)
        Positions from zero.
    parameters : int
        K.
    """
    return long_run(x, residuals, inverse, clusters, parameters, 0)


def long_run(
    x: np.ndarray, residuals: np.ndarray, inverse: np.ndarray, periods: np.ndarray, parameters: int, bandwidth: int
) -> np.ndarray:
    """Errors that are dependent within a period and over periods (Driscoll & Kraay 1998).

    The sums of the scores by period, with Bartlett weights 1 − j/(m + 1) on their autocovariances; times
    T/(T − 1) (N − 1)/(N − K), so that a bandwidth of zero is clustering by period.

    Parameters
    ----------
    x, residuals, inverse, parameters
        As above.
    periods : ndarray, shape (N,)
        Positions from zero, in the order of time.
    bandwidth : int
        m, the longest lag.
    """
    count, groups = len(x), int(periods.max()) + 1
    sums = group_sums(x * residuals[:, None], periods, groups)
    meat = sums.T @ sums
    for lag in range(1, bandwidth + 1):
        moved = sums[lag:].T @ sums[:-lag]
        meat += (1 - lag / (bandwidth + 1)) * (moved + moved.T)
    scale = groups / (groups - 1) * (count - 1) / (count - parameters)
    return np.asarray(scale * inverse @ meat @ inverse)


def clustered_sums(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Covariance of estimates by what every row (N, p) adds to them, dependent within clusters, times G/(G − 1)."""
    groups = int(clusters.max()) + 1
    sums = group_sums(influence, clusters, groups)
    return np.asarray(groups / (groups - 1) * sums.T @ sums)

"""Lagrange-multiplier tests and Moran's I of least-squares residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .least_squares import least_squares
from .spatial_lag import overlap, spatial_lag


@dataclass(frozen=True)
class LagrangeMultipliers:
    """Statistics of Anselin (1988) and Anselin, Bera, Florax and Yoon (1996); NaN where undefined."""

    error: float
    lag: float
    robust_error: float
    robust_lag: float
    sarma: float


@dataclass(frozen=True)
class ResidualMoran:
    """Moran's I of residuals with its moments under normality (Cliff and Ord 1981, section 8.3)."""

    i: float
    expected: float
    variance: float

    @property
    def z(self) -> float:
        """The standardised statistic."""
        return float((self.i - self.expected) / np.sqrt(self.variance)) if self.variance > 0 else np.nan


def lagrange_multipliers(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix) -> LagrangeMultipliers:
    """LM tests of the regression of y on x against a spatial lag and a spatial error.

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
    w : csr_matrix, shape (n, n)
        Applied within each period (Anselin, Le Gallo and Jayet 2008).
    """
    fit = least_squares(x.reshape(-1, x.shape[2]), y.ravel())
    residuals = fit.residuals.reshape(y.shape)
    sigma2 = fit.squares / y.size
    error = float((residuals * spatial_lag(w, residuals)).sum()) / sigma2
    lag = float((residuals * spatial_lag(w, y)).sum()) / sigma2
    trend = spatial_lag(w, x @ fit.coefficients).ravel()
    outside = trend - fit.basis @ (fit.basis.T @ trend)
    moved = float(outside @ outside) / sigma2
    if np.linalg.norm(outside) <= 1e-10 * np.linalg.norm(trend):
        moved = 0.0
    trace = len(y) * overlap(w)
    both = moved + trace
    # Without a part of W X beta outside X the two alternatives cannot be told apart.
    apart = moved > 0
    robust_error = (error - trace / both * lag) ** 2 / (trace * (1 - trace / both)) if apart else np.nan
    robust_lag = (lag - error) ** 2 / moved if apart else np.nan
    return LagrangeMultipliers(error**2 / trace, lag**2 / both, robust_error, robust_lag, error**2 / trace + robust_lag)


def residual_moran(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix) -> ResidualMoran:
    """Moran's I of the residuals of y on x; arrays as for :func:`lagrange_multipliers`."""
    fit = least_squares(x.reshape(-1, x.shape[2]), y.ravel())
    residuals = fit.residuals.reshape(y.shape)
    basis = fit.basis.reshape(x.shape)
    periods, free = len(y), y.size - x.shape[2]
    scale = y.size / (periods * float(w.sum()))
    ahead = spatial_lag(w, basis).reshape(fit.basis.shape)
    back = spatial_lag(w.T.tocsr(), basis).reshape(fit.basis.shape)
    inside = fit.basis.T @ ahead
    trace = -float(np.trace(inside))
    # Traces of MW MW' + MW MW with M = I - QQ', written out so that no (N, N) matrix is formed.
    squares = (
        periods * overlap(w)
        - float((ahead**2).sum() + (back**2).sum() + 2 * (back * ahead).sum())
        + float((inside**2).sum() + (inside * inside.T).sum())
    )
    expected = scale * trace / free
    variance = scale**2 * (squares + trace**2) / (free * (free + 2)) - expected**2
    i = scale * float((residuals * spatial_lag(w, residuals)).sum()) / fit.squares
    return ResidualMoran(i, expected, variance)

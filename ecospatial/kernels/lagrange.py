"""Lagrange-multiplier tests and Moran's I of least-squares residuals, in panels with effects as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .least_squares import least_squares
from .panel_effects import Sweep
from .spatial_lag import overlap, spatial_lag

NO_EFFECTS = Sweep()
# Share of its length that W X beta must keep outside X.
OUTSIDE = 1e-10
# A variance below this share of the squared expectation is rounding error: I is the same for all residuals.
ROUNDING = 1e-12


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
        known = self.variance > ROUNDING * self.expected**2
        return float((self.i - self.expected) / np.sqrt(self.variance)) if known else np.nan


def lagrange_multipliers(
    y: np.ndarray,
    x: np.ndarray,
    w: sparse.csr_matrix,
    sweep: Sweep = NO_EFFECTS,
    *,
    transformed: bool = False,
) -> LagrangeMultipliers:
    """LM tests of the regression of y on x and effects against a spatial lag and a spatial error.

    They are those of a regression on dummies, whatever the sums of the rows of W: Wy is that of y itself.

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
        Without an intercept where there are fixed effects.
    w : csr_matrix, shape (n, n)
        Applied within each period (Anselin, Le Gallo and Jayet 2008).
    sweep : Sweep
        Takes the fixed effects out.
    transformed : bool
        Count what the orthonormal transformation leaves (Debarsy and Ertur 2010) and not all nT (Elhorst 2014). With
        effects of periods it takes rows of W to sum to one.
    """
    fit = least_squares(sweep(x).reshape(-1, x.shape[2]), sweep(y).ravel())
    residuals = fit.residuals.reshape(y.shape)
    counted = sweep.rows(*y.shape) if transformed else y.size
    sigma2 = fit.squares / counted
    # Effects of periods leave the transformed weights a trace, which the score and its variance given σ² know of.
    shift = swept_trace(w, len(y), sweep) if transformed else 0.0
    error = float((residuals * spatial_lag(w, residuals)).sum()) / sigma2 - shift
    lag = float((residuals * spatial_lag(w, y)).sum()) / sigma2 - shift
    trend = sweep(spatial_lag(w, y - residuals)).ravel()
    outside = trend - fit.basis @ (fit.basis.T @ trend)
    moved = float(outside @ outside) / sigma2
    if np.linalg.norm(outside) <= OUTSIDE * np.linalg.norm(trend):
        moved = 0.0
    trace = swept_overlap(w, len(y), sweep) - 2 * shift**2 / counted if transformed else len(y) * overlap(w)
    both = moved + trace
    # Without a part of W X beta outside X the two alternatives cannot be told apart.
    apart = moved > 0
    robust_error = (error - trace / both * lag) ** 2 / (trace * (1 - trace / both)) if apart else np.nan
    robust_lag = (lag - error) ** 2 / moved if apart else np.nan
    return LagrangeMultipliers(error**2 / trace, lag**2 / both, robust_error, robust_lag, error**2 / trace + robust_lag)


def residual_moran(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, sweep: Sweep = NO_EFFECTS) -> ResidualMoran:
    """Moran's I of the residuals of y on x and effects; arrays as for :func:`lagrange_multipliers`."""
    fit = least_squares(sweep(x).reshape(-1, x.shape[2]), sweep(y).ravel())
    residuals = fit.residuals.reshape(y.shape)
    basis = fit.basis.reshape(x.shape)
    periods, free = len(y), sweep.rows(*y.shape) - x.shape[2]
    scale = y.size / (periods * float(w.sum()))
    ahead = sweep(spatial_lag(w, basis)).reshape(fit.basis.shape)
    back = sweep(spatial_lag(w.T.tocsr(), basis)).reshape(fit.basis.shape)
    inside = fit.basis.T @ ahead
    trace = swept_trace(w, periods, sweep) - float(np.trace(inside))
    # Traces of MW MW' + MW MW, M what the effects and QQ' leave, written out so that no (N, N) matrix is formed.
    squares = (
        swept_overlap(w, periods, sweep)
        - float((ahead**2).sum() + (back**2).sum() + 2 * (back * ahead).sum())
        + float((inside**2).sum() + (inside * inside.T).sum())
    )
    expected = scale * trace / free
    variance = scale**2 * (squares + trace**2) / (free * (free + 2)) - expected**2
    i = scale * float((residuals * spatial_lag(w, residuals)).sum()) / fit.squares
    return ResidualMoran(i, expected, variance)


def swept_trace(w: sparse.csr_matrix, periods: int, sweep: Sweep) -> float:
    """The trace of W over all periods once the effects are swept out: of (I − 11'/n) W (I − 11'/n)."""
    centred = float(w.sum()) / w.shape[0] if sweep.periods else 0.0
    return float((periods - sweep.units) * (w.diagonal().sum() - centred))


def swept_overlap(w: sparse.csr_matrix, periods: int, sweep: Sweep) -> float:
    """The trace of W'W + WW over all periods once the effects are swept out of rows and columns of W."""
    found = overlap(w)
    if sweep.periods:
        rows, columns = (np.asarray(w.sum(axis=axis)).ravel() for axis in (1, 0))
        count = w.shape[0]
        found += 2 * (rows.sum() / count) ** 2 - float(((rows + columns) ** 2).sum()) / count
    return float((periods - sweep.units) * found)

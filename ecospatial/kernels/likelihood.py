"""Maximum likelihood of the spatial lag and the spatial error model.

Both likelihoods are concentrated to one parameter r (Anselin 1988, chapter 12):

    l(r) = -N/2 (ln 2π + 1 + ln(S(r)/N)) + T ln|I - rW|,    N = nT

and differ only in the sum of squares S(r). All arrays are cubes over T periods and n units, lagged (and
later, swept of effects) beforehand; a cross-section has T = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq, minimize_scalar

from .least_squares import least_squares
from .logdet import Derivatives, LogDeterminant

Squares = Callable[[float], tuple[float, float]]
# Differences of cross-products are not known better than this share of them.
ROUNDING = 1e-15


@dataclass(frozen=True, eq=False)
class Profile:
    """A likelihood concentrated to its spatial parameter.

    Attributes
    ----------
    squares : callable
        The sum of squares at r, and its slope.
    observations, periods : int
        N and T.
    """

    squares: Squares
    observations: int
    periods: int

    def loglik(self, r: float, determinant: Derivatives | LogDeterminant) -> float:
        """The concentrated log-likelihood at r."""
        fit = np.log(2 * np.pi) + 1 + np.log(self.squares(r)[0] / self.observations)
        return float(-self.observations / 2 * fit + self.periods * determinant.logdet(r))

    def score(self, r: float, determinant: Derivatives) -> float:
        """Its derivative at r."""
        total, slope = self.squares(r)
        return -self.observations / 2 * slope / total - self.periods * determinant.traces(r)[0]


@dataclass(frozen=True, eq=False)
class Maximum:
    """A fitted spatial model.

    Attributes
    ----------
    parameter : float
        rho or lambda.
    coefficients : ndarray, shape (k,)
    residuals : ndarray, shape (T, n)
        Innovations.
    sigma2 : float
        Their mean square.
    loglik : float
    traces : tuple of float
        tr G and tr G² at the parameter.
    """

    parameter: float
    coefficients: np.ndarray
    residuals: np.ndarray
    sigma2: float
    loglik: float
    traces: tuple[float, float]


def fit_lag(y: np.ndarray, wy: np.ndarray, x: np.ndarray, determinant: LogDeterminant) -> Maximum | None:
    """Fit y = rho Wy + X beta + e.

    Parameters
    ----------
    y, wy : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
    determinant : LogDeterminant

    Returns
    -------
    Maximum or None
        None where the likelihood has no maximum inside the bounds.
    """
    regressors = x.reshape(-1, x.shape[2])
    own, lagged = least_squares(regressors, y.ravel()), least_squares(regressors, wy.ravel())
    found = maximise(lag_profile(y, wy, x), determinant)
    if found is None:
        return None
    r, loglik, traces = found
    residuals = (own.residuals - r * lagged.residuals).reshape(y.shape)
    coefficients = own.coefficients - r * lagged.coefficients
    return Maximum(r, coefficients, residuals, float((residuals**2).mean()), loglik, traces)


def fit_error(
    y: np.ndarray, wy: np.ndarray, x: np.ndarray, wx: np.ndarray, determinant: LogDeterminant
) -> Maximum | None:
    """Fit y = X beta + u, u = lambda Wu + e; see :func:`fit_lag`, ``wx`` is of the shape of ``x``."""
    found = maximise(error_profile(y, wy, x, wx), determinant)
    if found is None:
        return None
    r, loglik, traces = found
    fit = least_squares((x - r * wx).reshape(-1, x.shape[2]), (y - r * wy).ravel())
    residuals = fit.residuals.reshape(y.shape)
    return Maximum(r, fit.coefficients, residuals, float((residuals**2).mean()), loglik, traces)


def lag_profile(y: np.ndarray, wy: np.ndarray, x: np.ndarray) -> Profile:
    """The lag model: S(r) is the square of e0 - r eL, the residuals of y and of Wy on X."""
    regressors = x.reshape(-1, x.shape[2])
    own = least_squares(regressors, y.ravel()).residuals
    lagged = least_squares(regressors, wy.ravel()).residuals
    constant, linear, square = float(own @ own), float(own @ lagged), float(lagged @ lagged)

    def squares(r: float) -> tuple[float, float]:
        total = constant - 2 * r * linear + r**2 * square
        return max(total, ROUNDING * constant), 2 * (r * square - linear)

    return Profile(squares, y.size, len(y))


def error_profile(y: np.ndarray, wy: np.ndarray, x: np.ndarray, wx: np.ndarray) -> Profile:
    """The error model: S(r) is the residual square of y - rWy on X - rWX, from cross-products taken once.

    X is replaced by an orthonormal basis of its columns, so that the cross-products lose no digits.
    """
    fit = least_squares(x.reshape(-1, x.shape[2]), y.ravel())
    lagged_basis = solve_triangular(fit.triangle, wx.reshape(-1, x.shape[2]).T, trans="T").T
    lagged_rest = wy.ravel() - lagged_basis @ (fit.basis.T @ y.ravel())
    own = np.column_stack([fit.basis, fit.residuals])
    lagged = np.column_stack([lagged_basis, lagged_rest])
    constant, linear, square = own.T @ own, own.T @ lagged + lagged.T @ own, lagged.T @ lagged

    def squares(r: float) -> tuple[float, float]:
        products = constant - r * linear + r**2 * square
        loads = np.linalg.solve(products[:-1, :-1], products[:-1, -1])
        contrast = np.append(-loads, 1.0)
        # The coefficients are at their optimum, so only the cross-products move with r.
        slope = float(contrast @ (2 * r * square - linear) @ contrast)
        return max(float(products[-1] @ contrast), ROUNDING * float(constant[-1, -1])), slope

    return Profile(squares, y.size, len(y))


def maximise(profile: Profile, determinant: LogDeterminant) -> tuple[float, float, tuple[float, float]] | None:
    """The parameter, log-likelihood and traces at the highest maximum, None where it lies at a bound.

    A grid over the whole interval finds the cell, a scalar search the top, the analytic score its root.
    """
    grid = determinant.bounds.grid()
    heights = [profile.loglik(float(r), determinant) for r in grid]
    best = int(np.argmax(heights))
    if best in (0, len(grid) - 1):
        return None
    low, high = float(grid[best - 1]), float(grid[best + 1])
    near = determinant.near(low, high)
    rough = minimize_scalar(lambda r: -profile.loglik(r, near), bounds=(low, high), method="bounded").x
    r = _root(lambda r: profile.score(r, near), float(rough), low, high)
    return None if r is None else (r, profile.loglik(r, near), near.traces(r))


def _root(score: Callable[[float], float], start: float, low: float, high: float) -> float | None:
    """The root of a falling function around ``start``, None where it does not cross zero."""
    for width in (1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        left, right = start - width * (start - low), start + width * (high - start)
        if score(left) >= 0 >= score(right):
            return float(brentq(score, left, right, xtol=1e-14, rtol=1e-14))
    return None

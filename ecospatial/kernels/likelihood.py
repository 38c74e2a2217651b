"""Maximum likelihood of spatial models with a lag (rho), a spatial error (lambda), or both.

    y = rho Wy + X beta + u,    u = lambda Wu + e

The likelihood is concentrated to rho and lambda (Anselin 1988, chapter 12; LeSage and Pace 2009, chapter 3):

    l(rho, lambda) = -N/2 (ln 2π + 1 + ln(S(rho, lambda)/N)) + m (ln|I - rho W| + ln|I - lambda W|)

with S the residual sum of squares, N observations and m copies of the spectrum of W: N = nT and m = T, less where
fixed effects were transformed away (:mod:`.panel_effects`). Arrays are cubes over T periods and n units, lagged and
swept of effects beforehand; a cross-section has T = 1. Durbin models have [X, WX] for X.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq, minimize_scalar

from .least_squares import least_squares
from .logdet import Derivatives, LogDeterminant

# Differences of cross-products are not known better than this share of them.
ROUNDING = 1e-15


@dataclass(frozen=True, eq=False)
class Sample:
    """The arrays of a spatial model.

    Attributes
    ----------
    y, wy, wwy : ndarray, shape (T, n)
        The dependent variable, lagged once and twice.
    x, wx : ndarray, shape (T, n, k)
        Regressors and their lags.
    observations, spectra : int
        N and m.
    """

    y: np.ndarray
    wy: np.ndarray
    wwy: np.ndarray
    x: np.ndarray
    wx: np.ndarray
    observations: int
    spectra: int

    def filtered(self, rho: float, lam: float) -> tuple[np.ndarray, np.ndarray]:
        """(I - lambda W)(y - rho Wy), shape (N,), and (I - lambda W) X, shape (N, k)."""
        left = self.y - rho * self.wy - lam * (self.wy - rho * self.wwy)
        return left.ravel(), (self.x - lam * self.wx).reshape(-1, self.x.shape[2])


@dataclass(frozen=True, eq=False)
class Squares:
    """S(rho, lambda) from cross-products of X, y, Wy and their lags, taken once.

    X is replaced by an orthonormal basis of its columns, y and Wy by what X leaves of them, so that the
    cross-products lose no digits. The products of the filtered columns are constant - lambda linear + lambda² square.
    """

    constant: np.ndarray
    linear: np.ndarray
    square: np.ndarray

    @classmethod
    def of(cls, sample: Sample) -> Squares:
        """Take the cross-products."""
        outcomes = np.stack([sample.y.ravel(), sample.wy.ravel()], axis=1)
        lagged = np.stack([sample.wy.ravel(), sample.wwy.ravel()], axis=1)
        k = sample.x.shape[2]
        basis, triangle = np.linalg.qr(sample.x.reshape(-1, k))
        lagged_basis = solve_triangular(triangle, sample.wx.reshape(-1, k).T, trans="T").T
        loads = basis.T @ outcomes
        own = np.column_stack([basis, outcomes - basis @ loads])
        ahead = np.column_stack([lagged_basis, lagged - lagged_basis @ loads])
        cross = own.T @ ahead
        return cls(own.T @ own, cross + cross.T, ahead.T @ ahead)

    def at(self, rho: float, lam: float) -> tuple[float, float, float]:
        """S and its slopes along rho and lambda."""
        products = self.constant - lam * self.linear + lam**2 * self.square
        combination = np.array([1.0, -rho])
        loads = np.linalg.solve(products[:-2, :-2], products[:-2, -2:] @ combination)
        contrast = np.concatenate([-loads, combination])
        pushed = products @ contrast
        # The coefficients are at their optimum, so only the filters move.
        along_lambda = float(contrast @ (2 * lam * self.square - self.linear) @ contrast)
        least = ROUNDING * float(self.constant[-2, -2])
        return max(float(contrast @ pushed), least), -2 * float(pushed[-1]), along_lambda


@dataclass(frozen=True, eq=False)
class Profile:
    """A likelihood concentrated to one spatial parameter.

    Attributes
    ----------
    squares : callable
        The sum of squares at r, and its slope.
    observations, spectra : int
        N and m.
    """

    squares: Callable[[float], tuple[float, float]]
    observations: int
    spectra: int

    def loglik(self, r: float, determinant: Derivatives | LogDeterminant) -> float:
        """The concentrated log-likelihood at r."""
        return gaussian(self.squares(r)[0], self.observations) + self.spectra * determinant.logdet(r)

    def score(self, r: float, determinant: Derivatives) -> float:
        """Its derivative at r."""
        total, slope = self.squares(r)
        return -self.observations / 2 * slope / total - self.spectra * determinant.traces(r)[0]


@dataclass(frozen=True, eq=False)
class Maximum:
    """A fitted spatial model.

    Attributes
    ----------
    rho, lam : float or None
        None where the model has no such parameter.
    coefficients : ndarray, shape (k,)
    residuals : ndarray, shape (T, n)
        Innovations.
    sigma2 : float
        Their sum of squares over N.
    loglik : float
    traces : tuple of (float, float)
        tr G and tr G² at rho and at lambda, of those that the model has.
    observations, spectra : int
        N and m.
    """

    rho: float | None
    lam: float | None
    coefficients: np.ndarray
    residuals: np.ndarray
    sigma2: float
    loglik: float
    traces: tuple[tuple[float, float], ...]
    observations: int
    spectra: int

    @classmethod
    def at(cls, sample: Sample, rho: float | None, lam: float | None, near: tuple[Derivatives, ...]) -> Maximum:
        """The model at given parameters, each with its log-determinant."""
        outcome, regressors = sample.filtered(rho or 0.0, lam or 0.0)
        fit = least_squares(regressors, outcome)
        chosen = [r for r in (rho, lam) if r is not None]
        loglik = gaussian(fit.squares, sample.observations) + sample.spectra * sum(
            determinant.logdet(r) for r, determinant in zip(chosen, near, strict=True)
        )
        traces = tuple(determinant.traces(r) for r, determinant in zip(chosen, near, strict=True))
        residuals = fit.residuals.reshape(sample.y.shape)
        sigma2 = fit.squares / sample.observations
        return cls(rho, lam, fit.coefficients, residuals, sigma2, loglik, traces, sample.observations, sample.spectra)


def gaussian(squares: float, observations: int) -> float:
    """The log-likelihood of normal errors at the variance that maximises it."""
    return float(-observations / 2 * (np.log(2 * np.pi) + 1 + np.log(squares / observations)))


def fit_lag(sample: Sample, determinant: LogDeterminant) -> Maximum | None:
    """Fit y = rho Wy + X beta + e; None where the likelihood has no maximum inside the bounds."""
    found = maximise(lag_profile(sample), determinant)
    return None if found is None else Maximum.at(sample, found[0], None, (found[1],))


def fit_error(sample: Sample, determinant: LogDeterminant) -> Maximum | None:
    """Fit y = X beta + u, u = lambda Wu + e; None where the likelihood has no maximum inside the bounds."""
    found = maximise(error_profile(sample), determinant)
    return None if found is None else Maximum.at(sample, None, found[0], (found[1],))


def lag_profile(sample: Sample) -> Profile:
    """The likelihood of a lag model along rho."""
    squares = Squares.of(sample)
    return Profile(lambda r: squares.at(r, 0.0)[:2], sample.observations, sample.spectra)


def error_profile(sample: Sample) -> Profile:
    """The likelihood of an error model along lambda."""
    squares = Squares.of(sample)
    return Profile(lambda r: squares.at(0.0, r)[::2], sample.observations, sample.spectra)


def maximise(profile: Profile, determinant: LogDeterminant) -> tuple[float, Derivatives] | None:
    """The parameter at the highest maximum and the log-determinant around it, None where it lies at a bound.

    A grid over the whole interval finds the cell, a scalar search the top, the analytic score its root.
    """
    grid, logdets = determinant.grid
    heights = [gaussian(profile.squares(float(r))[0], profile.observations) for r in grid]
    best = int(np.argmax(heights + profile.spectra * logdets))
    if best in (0, len(grid) - 1):
        return None
    low, high = float(grid[best - 1]), float(grid[best + 1])
    near = determinant.near(low, high)
    rough = minimize_scalar(lambda r: -profile.loglik(r, near), bounds=(low, high), method="bounded").x
    r = _root(lambda r: profile.score(r, near), float(rough), low, high)
    return None if r is None else (r, near)


def _root(score: Callable[[float], float], start: float, low: float, high: float) -> float | None:
    """The root of a falling function around ``start``, None where it does not cross zero."""
    for width in (1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        left, right = start - width * (start - low), start + width * (high - start)
        if score(left) >= 0 >= score(right):
            return float(brentq(score, left, right, xtol=1e-14, rtol=1e-14))
    return None

"""Moments of a spatial error panel with random effects (Kapoor, Kelejian and Prucha 2007).

    y = X beta + u,    u = lambda Wu + mu + e

Three moments of the innovations hold within units and three between them, with σ_v² = Var(e) and
σ_1² = σ_v² + T Var(mu). They are linear in lambda, lambda², σ_v² and σ_1², so that, with the variances at their best,
the objective is a quartic in lambda: its minimum is a root of a cubic, and no search is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .least_squares import least_squares
from .spatial_lag import spatial_lag


@dataclass(frozen=True, eq=False)
class MomentFit:
    """A fitted panel.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    cov : ndarray, shape (k, k)
    lam : float
    sigma2_v, sigma2_1 : float
    """

    coefficients: np.ndarray
    cov: np.ndarray
    lam: float
    sigma2_v: float
    sigma2_1: float


@dataclass(frozen=True, eq=False)
class Moments:
    """sample = linear · lambda + square · lambda² + variances · σ².

    Attributes
    ----------
    sample, linear, square : ndarray, shape (m,)
    variances : ndarray, shape (m, q)
    """

    sample: np.ndarray
    linear: np.ndarray
    square: np.ndarray
    variances: np.ndarray

    def solve(self, bound: float, spread: np.ndarray | None = None) -> tuple[float, np.ndarray] | None:
        """The lambda within ±bound and the variances, weighted by the inverse of the moments' covariance matrix."""
        root = np.eye(len(self.sample)) if spread is None else np.linalg.cholesky(spread)
        whitened = np.linalg.solve(root, np.column_stack([self.sample, self.linear, self.square, self.variances]))
        basis = np.linalg.qr(whitened[:, 3:])[0]
        g, a, b = (whitened[:, :3] - basis @ (basis.T @ whitened[:, :3])).T
        objective = np.polynomial.Polynomial([g @ g, -2 * g @ a, a @ a - 2 * g @ b, 2 * a @ b, b @ b])
        roots = objective.deriv().roots()
        inside = roots.real[(np.abs(roots.imag) <= 1e-9) & (np.abs(roots.real) < bound)]
        if len(inside) == 0:
            return None
        lam = float(min(inside, key=objective))
        rest = whitened[:, 0] - lam * whitened[:, 1] - lam**2 * whitened[:, 2]
        return lam, np.asarray(np.linalg.lstsq(whitened[:, 3:], rest, rcond=None)[0])


def fit_moments(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, bound: float) -> MomentFit | None:
    """Fit by the weighted moments of all six kinds, then by feasible generalised least squares.

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
        With the intercept.
    w : csr_matrix, shape (n, n)
    bound : float
        Largest absolute lambda.

    Returns
    -------
    MomentFit or None
        None where no lambda inside the bounds satisfies the moments best, or a variance is not positive.
    """
    (periods, units), k = y.shape, x.shape[2]
    cubes = [least_squares(x.reshape(-1, k), y.ravel()).residuals.reshape(y.shape)]
    for _ in range(2):
        cubes.append(spatial_lag(w, cubes[-1]))
    within = [values - values.mean(axis=0) for values in cubes]
    between = [np.sqrt(periods) * values.mean(axis=0) for values in cubes]
    trace = float(w.multiply(w).sum()) / units
    inner, outer = _moments(within, units * (periods - 1), trace), _moments(between, units, trace)
    first = inner.solve(bound)
    if first is None:
        return None
    start, (own,) = first
    whole = float(((between[0] - start * between[1]) ** 2).sum()) / units
    scales = np.diag([own**2 / (periods - 1), whole**2])
    found = _stacked(inner, outer).solve(bound, np.kron(scales, moment_spread(w)))
    if found is None or min(found[1]) <= 0:
        return None
    lam, (sigma2_v, sigma2_1) = found
    share = 1 - np.sqrt(sigma2_v / sigma2_1)
    outcome, regressors = y - lam * spatial_lag(w, y), x - lam * spatial_lag(w, x)
    outcome, regressors = (values - share * values.mean(axis=0) for values in (outcome, regressors))
    fit = least_squares(regressors.reshape(-1, k), outcome.ravel())
    return MomentFit(fit.coefficients, sigma2_v * fit.inverse, lam, float(sigma2_v), float(sigma2_1))


def moment_spread(w: sparse.csr_matrix) -> np.ndarray:
    """The covariance of the three moments over σ⁴ for normal innovations, times n: T_W of the paper."""
    square = (w.T @ w).tocsr()
    both = float(square.multiply(w + w.T).sum())
    mixed = float(w.multiply(w.T).sum() + w.multiply(w).sum())
    rows = [
        [2.0 * w.shape[0], 2 * float(square.diagonal().sum()), 0.0],
        [2 * float(square.diagonal().sum()), 2 * float(square.multiply(square).sum()), both],
        [0.0, both, mixed],
    ]
    return np.asarray(np.array(rows) / w.shape[0])


def _moments(parts: list[np.ndarray], count: int, trace: float) -> Moments:
    u, once, twice = (values.ravel() for values in parts)
    sample = np.array([u @ u, once @ once, u @ once]) / count
    linear = np.array([2 * (u @ once), 2 * (twice @ once), u @ twice + once @ once]) / count
    square = -np.array([once @ once, twice @ twice, once @ twice]) / count
    return Moments(sample, linear, square, np.array([[1.0], [trace], [0.0]]))


def _stacked(inner: Moments, outer: Moments) -> Moments:
    nothing = np.zeros_like(inner.variances)
    return Moments(
        sample=np.append(inner.sample, outer.sample),
        linear=np.append(inner.linear, outer.linear),
        square=np.append(inner.square, outer.square),
        variances=np.block([[inner.variances, nothing], [nothing, outer.variances]]),
    )

"""Maximum likelihood of spatial panels with random effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from .between_variance import MixedFamily, ScaledFamily, VarianceFamily
from .information import covariance
from .least_squares import LeastSquares, least_squares
from .logdet import LogDeterminant
from .random_likelihood import Columns, RandomLikelihood
from .random_search import Search, Top
from .spatial_lag import spatial_lag

ErrorKind = Literal["none", "kkp", "bsk"]


@dataclass(frozen=True, eq=False)
class RandomFit:
    """A fitted random-effects panel of T periods, n units and k regressors.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    rho, lam : float
        Zero where the model has no such parameter.
    phi : float
        Variance of the random effects over that of the innovations; zero at the boundary.
    sigma2 : float
        Variance of the innovations e, at its maximum likelihood.
    random_effects : ndarray, shape (n,)
        mu, by best linear unbiased prediction.
    residuals, fitted : ndarray, shape (T, n)
        Innovations e, and y - e.
    loglik : float
    cov : ndarray, shape (k + p, k + p), or None
        Of the coefficients and ``parameters``, from the observed information with σ² among the unknowns.
        At the boundary phi has no standard error (NaN) and the others are those of the model without random
        effects. None where the information is singular.
    parameters : tuple of str
        Those of ``"rho", "lambda", "phi"`` that the model has, in this order.
    traces : tuple of float, or None
        tr G and tr G² of G = W (I - rho W)^-1, where there is a rho.
    """

    coefficients: np.ndarray
    rho: float
    lam: float
    phi: float
    sigma2: float
    random_effects: np.ndarray
    residuals: np.ndarray
    fitted: np.ndarray
    loglik: float
    cov: np.ndarray | None
    parameters: tuple[str, ...]
    traces: tuple[float, float] | None

    @property
    def sigma2_mu(self) -> float:
        """Variance of the random effects."""
        return self.phi * self.sigma2

    @property
    def at_boundary(self) -> bool:
        """Whether the likelihood is highest without random effects."""
        return self.phi == 0.0


def fit_random(
    y: np.ndarray,
    wy: np.ndarray,
    x: np.ndarray,
    w: sparse.csr_matrix,
    determinant: LogDeterminant | None,
    *,
    lag: bool,
    error: ErrorKind,
) -> RandomFit | None:
    """Fit y = rho Wy + X beta + u with random effects mu in u, of variance φσ², and innovations e.

    ``error="none"``: u = mu + e. ``"kkp"``: u = (I - λW)^-1 (mu + e), after Kapoor, Kelejian and Prucha
    (2007). ``"bsk"``: u = mu + (I - λW)^-1 e, after Baltagi, Song and Koh (2003). The likelihoods are those of
    Elhorst (2014, section 3.3) and Millo and Piras (2012), concentrated to rho, λ and φ; the maximum is the
    highest of several climbs from a grid, and a root of the analytic score.

    Parameters
    ----------
    y, wy : ndarray, shape (T, n)
        T of at least 2.
    x : ndarray, shape (T, n, k)
        With the intercept, and WX in a Durbin model.
    w : csr_matrix, shape (n, n)
    determinant : LogDeterminant or None
        Of I - rW; None where neither rho nor λ is sought.
    lag : bool
        Whether rho is sought.
    error : {"none", "kkp", "bsk"}
        Errors, and whether λ is sought.

    Returns
    -------
    RandomFit or None
        None where the likelihood has no maximum inside the bounds of rho and λ.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ring = sparse.csr_matrix(np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1, axis=1)) / 2
    >>> x = np.stack([np.ones((6, 30)), rng.normal(size=(6, 30))], axis=2)
    >>> y = x @ [1.0, 2.0] + rng.normal(size=30) + rng.normal(size=(6, 30))
    >>> found = fit_random(y, spatial_lag(ring, y), x, ring, None, lag=False, error="none")
    >>> found.coefficients.round(1).tolist(), found.parameters
    ([0.9, 2.0], ('phi',))
    """
    own, lagged = (least_squares(x.reshape(-1, x.shape[2]), column.ravel()) for column in (y, wy))
    likelihood = _likelihood(own, lagged, w, y.shape, error)
    top = Search(likelihood, determinant, lag, error != "none").top()
    if top is None:
        return None
    rho, lam, tau = (float(value) for value in top.theta)
    coefficients = _coefficients(top, own, lagged)
    composite = y - rho * wy - x @ coefficients
    random_effects = _predicted(composite, likelihood.family, w, lam, tau, error)
    residuals = _innovations(composite, random_effects, w, lam, error)
    parameters = tuple(np.array(["rho", "lambda", "phi"])[[lag, error != "none", True]].tolist())
    return RandomFit(
        coefficients=coefficients,
        rho=rho,
        lam=lam,
        phi=float(np.expm1(tau)) / len(y),
        sigma2=top.point.squares / y.size,
        random_effects=random_effects,
        residuals=residuals,
        fitted=y - residuals,
        loglik=float(top.point.loglik),
        cov=_covariance(top, own, lagged, len(y), [lag, error != "none"]),
        parameters=parameters,
        traces=top.traces,
    )


def _likelihood(
    own: LeastSquares, lagged: LeastSquares, w: sparse.csr_matrix, shape: tuple[int, ...], error: ErrorKind
) -> RandomLikelihood:
    """The regressors are made orthonormal and swept from y and Wy, so that cross-products lose no digits."""
    periods, units = shape
    cube = np.column_stack([own.basis, own.residuals, lagged.residuals]).reshape(periods, units, -1)
    lag = np.zeros_like(cube) if error == "none" else spatial_lag(w, cube)
    within, within_lag = (values - values.mean(axis=0) for values in (cube, lag))
    width = cube.shape[2]
    between = Columns(*(np.sqrt(periods) * values.mean(axis=0) for values in (cube, lag)))
    family: VarianceFamily = ScaledFamily(units)
    if error == "bsk":
        family = MixedFamily.of(w)
    else:
        between = between.packed()
    inner = Columns(within.reshape(-1, width), within_lag.reshape(-1, width)).packed()
    return RandomLikelihood(inner, between, family, units, periods)


def _coefficients(top: Top, own: LeastSquares, lagged: LeastSquares) -> np.ndarray:
    """From the orthonormal regressors of what least squares left, back to the regressors of y - rho Wy."""
    loads = np.linalg.solve(own.triangle, top.point.coefficients)
    return np.asarray(own.coefficients - top.theta[0] * lagged.coefficients + loads)


def _covariance(
    top: Top, own: LeastSquares, lagged: LeastSquares, periods: int, sought: list[bool]
) -> np.ndarray | None:
    """The inverse of the information of (a, rho, λ, τ), carried over to (beta, rho, λ, φ)."""
    k = len(own.coefficients)
    free = np.flatnonzero([*[True] * k, *sought, not top.at_zero])
    inverse = covariance(top.information[np.ix_(free, free)])
    if inverse is None:
        return None
    turn = np.eye(k + 3)
    turn[:k, :k] = np.linalg.inv(own.triangle)
    turn[:k, k] = -lagged.coefficients
    turn[-1, -1] = np.exp(top.theta[2]) / periods
    whole = np.full((k + 3, k + 3), np.nan)
    whole[np.ix_(free, free)] = turn[np.ix_(free, free)] @ inverse @ turn[np.ix_(free, free)].T
    kept = np.flatnonzero([*[True] * k, *sought, True])
    return whole[np.ix_(kept, kept)]


def _predicted(
    composite: np.ndarray, family: VarianceFamily, w: sparse.csr_matrix, lam: float, tau: float, error: ErrorKind
) -> np.ndarray:
    """mu: (exp(τ) - 1) K⁻¹ B v̄, which Baltagi, Song and Koh's filter passes through once more, transposed."""
    mean = composite.mean(axis=0)
    shrunk = np.expm1(tau) * family.at(lam, tau).solve(mean - lam * (w @ mean))
    return np.asarray(shrunk - lam * (w.T @ shrunk) if error == "bsk" else shrunk)


def _innovations(
    composite: np.ndarray, random_effects: np.ndarray, w: sparse.csr_matrix, lam: float, error: ErrorKind
) -> np.ndarray:
    """e, of what the random effects leave."""
    if error == "bsk":
        composite = composite - random_effects
        random_effects = np.zeros_like(random_effects)
    return np.asarray(composite - lam * spatial_lag(w, composite) - random_effects)

"""Spatial models by two-stage least squares and generalised moments: spreg's estimators on this package's arrays."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import helmert, qr

from ..errors import Message, ModelError, OptionError, need
from ..kernels.kkp_moments import fit_moments
from ..kernels.least_squares import INDEPENDENT
from ..kernels.spatial_lag import spatial_lag
from .maximum_likelihood import Estimate
from .spatial_models import LAMBDA, MODELS, PHI, RHO
from .spatial_sample import SpatialSample

# spreg seeks lambda inside ±LIMIT, and in its robust estimator of both parameters cuts rho off at ±CUT.
LIMIT, CUT = 0.99, 0.9
# Kelejian and Prucha (1998): the regressors, their lags, and the lags of these.
ORDERS = 2


@dataclass(frozen=True, eq=False)
class Stack:
    """Rows of all periods, with the effects of units transformed away and those of periods as dummies.

    Attributes
    ----------
    y, wy : ndarray, shape (N, 1)
        Over ``unit``, the spread of y.
    x : ndarray, shape (N, k)
        Orthonormal; regressors first, dummies last.
    triangle : ndarray, shape (k, k)
        ``x @ triangle`` gives the regressors back.
    instruments : ndarray, shape (N, m)
        What the lags of the regressors add to these; orthonormal.
    w : csr_matrix, shape (N, N)
        Weights within each period, of spectral radius one.
    unit, radius : float
    """

    y: np.ndarray
    wy: np.ndarray
    x: np.ndarray
    triangle: np.ndarray
    instruments: np.ndarray
    w: sparse.csr_matrix
    unit: float
    radius: float

    @classmethod
    def of(cls, sample: SpatialSample, radius: float) -> Stack:
        """From the arrays of a model.

        Demeaned rows of a unit are correlated; their orthonormal transforms are not, and give the same estimates.
        """
        periods = len(sample.y)
        turn = helmert(periods) if sample.effects.units else np.eye(periods)
        w = sparse.csr_matrix(sample.weights.sparse / radius)
        y, x = (np.tensordot(turn, cube, axes=1) for cube in (sample.y, sample.x))
        lags = [x]
        for _ in range(ORDERS):
            lags.append(spatial_lag(w, lags[-1]))
        flat = [values.reshape(-1, values.shape[2]) for values in lags]
        dummies = np.kron(np.eye(len(turn)), np.ones((x.shape[1], 1)))
        basis, triangle = np.linalg.qr(np.column_stack([flat[0], dummies]) if sample.effects.periods else flat[0])
        unit = float(np.std(y))
        return cls(
            y=y.reshape(-1, 1) / unit,
            wy=spatial_lag(w, y).reshape(-1, 1) / unit,
            x=basis,
            triangle=triangle,
            instruments=_independent(np.column_stack(flat[1:]), basis),
            w=sparse.csr_matrix(sparse.kron(sparse.identity(len(turn)), w)),
            unit=unit,
            radius=radius,
        )


def estimate_gmm(model: str, sample: SpatialSample, random: bool, robust: bool) -> Estimate:
    """Estimate a model by two-stage least squares or generalised moments.

    ``lag``, ``durbin``: two-stage least squares with the regressors' lags and theirs as instruments (Kelejian and
    Prucha 1998). ``error``, ``durbin-error``: Kelejian and Prucha (1999). ``sac``: both in turn (Kelejian and Prucha
    1998). Robust to heteroskedasticity: White's covariance, and the moments of Kelejian and Prucha (2010) as in
    Arraiz, Drukker, Kelejian and Prucha (2010). Random effects: Kapoor, Kelejian and Prucha (2007), error models
    alone.

    Parameters
    ----------
    model : str
        With rho, lambda or both.
    sample : SpatialSample
    random, robust : bool
        Random effects of units; inference that allows for heteroskedasticity.

    Returns
    -------
    Estimate
        Without a likelihood. Where the moments give lambda no standard error its covariances are NaN.

    Raises
    ------
    OptionError
        Where there is no such estimator.
    ModelError
        Where no instrument is left, or a parameter leaves the interval on which the model is defined.
    MissingPackageError
        Where spreg is needed and not installed.
    """
    kind = MODELS[model]
    if not kind.parameters:
        raise OptionError("The SLX model is least squares; estimator='gmm' is for models with rho or lambda.")
    determinant = sample.weights.log_determinant
    radius = 1.0 if determinant is None else 1 / determinant.bounds.upper
    if random:
        return _random(model, sample, radius, robust)
    stack = Stack.of(sample, radius)
    if RHO in kind.parameters and stack.instruments.shape[1] == 0:
        raise ModelError(
            "The spatial lags of the drivers follow from the drivers themselves and leave no instrument for Wy; use"
            " estimator='ml'."
        )
    betas, cov = _with_spreg(kind.parameters, stack, robust)
    params, cov = _turned(stack, betas, cov, len(sample.names), RHO in kind.parameters)
    _check_parameters(kind.parameters, np.split(betas, [stack.x.shape[1]])[1], stack.radius, robust)
    return _estimate(sample, kind.parameters, params, cov, robust)


def _with_spreg(parameters: tuple[str, ...], stack: Stack, robust: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and parameters of the stack, shape (p,), and their covariance matrix, lambda's perhaps left out."""
    estimator = _estimators(robust)[parameters]
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            found = estimator(stack)
    except Exception as reason:  # spreg raises nothing more special
        raise ModelError("spreg cannot estimate this model: {reason}", reason=str(reason)) from reason
    return np.asarray(found.betas, dtype=float).ravel(), np.asarray(found.vm, dtype=float)


def _estimators(robust: bool) -> dict[tuple[str, ...], Callable[[Stack], Any]]:
    """The estimators of spreg that take arrays, neither add columns nor print."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from spreg.error_sp import BaseGM_Endog_Error, BaseGM_Error
            from spreg.error_sp_het import BaseGM_Endog_Error_Het, BaseGM_Error_Het
            from spreg.twosls import BaseTSLS
    except ImportError as error:
        raise need("spreg", "Estimating by GMM") from error
    white = "white" if robust else None
    of_error, of_both = (BaseGM_Error_Het, BaseGM_Endog_Error_Het) if robust else (BaseGM_Error, BaseGM_Endog_Error)
    return {
        (RHO,): lambda s: BaseTSLS(s.y, s.x, s.wy, q=s.instruments, robust=white),
        (LAMBDA,): lambda s: of_error(s.y, s.x, s.w),
        (RHO, LAMBDA): lambda s: of_both(s.y, s.x, s.wy, s.instruments, s.w),
    }


def _turned(stack: Stack, betas: np.ndarray, cov: np.ndarray, count: int, lag: bool) -> tuple[np.ndarray, np.ndarray]:
    """From the stack's units and orthonormal regressors to those of the model, dummies left out."""
    k = stack.x.shape[1]
    turn = np.eye(len(betas)) / stack.radius
    turn[:k, :k] = stack.unit * np.linalg.inv(stack.triangle)
    whole = np.full((len(betas), len(betas)), np.nan)
    known = slice(0, len(cov))
    whole[known, known] = turn[known, known] @ cov @ turn[known, known].T
    kept = np.delete(np.arange(len(betas)), slice(count, k))
    return (turn @ betas)[kept], whole[np.ix_(kept, kept)]


def _check_parameters(parameters: tuple[str, ...], values: np.ndarray, radius: float, robust: bool) -> None:
    """Stop at values that are no estimates: bounds of spreg's searches, or outside of what the model allows."""
    for name, value in zip(parameters, values, strict=True):
        limit = LIMIT if name == LAMBDA else 1.0
        if robust and parameters == (RHO, LAMBDA) and name == RHO:
            limit = CUT
        if not abs(value) < limit * (1 - 1e-9):
            raise ModelError(
                "{parameter} = {value} is not inside ±{limit}, where this estimator can be trusted: instruments are"
                " weak, or there is a spatial unit root. Use estimator='ml', or other drivers or weights.",
                parameter=name,
                value=f"{value / radius:.4f}",
                limit=f"{limit / radius:.4g}",
            )


def _random(model: str, sample: SpatialSample, radius: float, robust: bool) -> Estimate:
    kind = MODELS[model]
    if kind.parameters != (LAMBDA,) or robust:
        raise OptionError(
            "With random effects GMM is that of Kapoor, Kelejian and Prucha, for error and durbin-error models with"
            " homoskedastic innovations; use estimator='ml', or fixed effects."
        )
    fit = fit_moments(sample.y, sample.x, sample.weights.sparse, 1 / radius)
    if fit is None:
        raise ModelError(
            "The moments of Kapoor, Kelejian and Prucha have no solution with lambda inside its bounds and positive"
            " variances; use estimator='ml'."
        )
    phi = (fit.sigma2_1 / fit.sigma2_v - 1) / len(sample.y)
    count = len(sample.names)
    cov = np.full((count + 2, count + 2), np.nan)
    cov[:count, :count] = fit.cov
    return _estimate(sample, (LAMBDA, PHI), np.append(fit.coefficients, [fit.lam, phi]), cov, robust, fit.sigma2_v)


def _estimate(
    sample: SpatialSample,
    parameters: tuple[str, ...],
    params: np.ndarray,
    cov: np.ndarray,
    robust: bool,
    sigma2: float | None = None,
) -> Estimate:
    coefficients, values = np.split(params, [len(sample.names)])
    named = dict(zip(parameters, values, strict=True))
    rho, lam = named.get(RHO, 0.0), named.get(LAMBDA, 0.0)
    predicted = rho * sample.wy + sample.x @ coefficients
    residuals = _innovations(sample, sample.y - predicted, lam, named.get(PHI, 0.0))
    determinant = sample.weights.log_determinant
    return Estimate(
        parameters=parameters,
        params=params,
        cov=cov,
        residuals=residuals,
        predicted=predicted,
        sigma2=float((residuals**2).sum()) / sample.swept.observations if sigma2 is None else sigma2,
        loglik=float("nan"),
        plain=float("nan"),
        bounds=None if determinant is None else (determinant.bounds.lower, determinant.bounds.upper),
        information="robust" if robust else "homoskedastic",
        traces=_traces(sample, rho),
        notes=_notes(cov),
    )


def _innovations(sample: SpatialSample, composite: np.ndarray, lam: float, phi: float) -> np.ndarray:
    """(I - lambda W) u less the effects: of units by means, shrunk where they are random, of periods by dummies."""
    filtered = composite - lam * spatial_lag(sample.weights.sparse, composite)
    if sample.effects.units:
        filtered = filtered - filtered.mean(axis=0)
    growth = phi * len(composite)
    filtered = filtered - growth / (1 + growth) * filtered.mean(axis=0)
    if sample.effects.periods:
        direction = 1 - lam * np.asarray(sample.weights.sparse.sum(axis=1)).ravel()
        filtered = filtered - np.outer(filtered @ direction / (direction @ direction), direction)
    return np.asarray(filtered)


def _traces(sample: SpatialSample, rho: float) -> tuple[float, float]:
    determinant = sample.weights.log_determinant
    if rho == 0.0 or determinant is None:
        return 0.0, 0.0
    points, _ = determinant.grid
    place = int(np.clip(np.searchsorted(points, rho), 1, len(points) - 1))
    return determinant.near(float(points[place - 1]), float(points[place])).traces(rho)


def _notes(cov: np.ndarray) -> tuple[Message, ...]:
    if not np.isnan(np.diag(cov)).any():
        return ()
    return (
        Message.of(
            "These moments give lambda no standard error: it is a nuisance parameter (Kelejian and Prucha 1999). The"
            " moments that are robust to heteroskedasticity give one."
        ),
    )


def _independent(columns: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """What columns add to a basis: an orthonormal basis of it, without directions that are rounding error."""
    length = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(length > 0, length, 1.0)
    rest = scaled - basis @ (basis.T @ scaled)
    rest = rest - basis @ (basis.T @ rest)
    found, triangle, _ = qr(rest, mode="economic", pivoting=True)
    return np.asarray(found[:, np.abs(np.diag(triangle)) > INDEPENDENT])

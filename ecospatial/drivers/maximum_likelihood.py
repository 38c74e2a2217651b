"""Estimation of a spatial model on its arrays: maximum, covariance, fixed effects, and the refusals on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import Message, ModelError
from ..kernels import information
from ..kernels.least_squares import LeastSquares, least_squares
from ..kernels.likelihood import Maximum, fit_error, fit_lag, gaussian
from ..kernels.logdet import Eigenvalues, LogDeterminant
from ..kernels.sarar import fit_sarar
from ..kernels.spatial_lag import spatial_lag
from .spatial_models import MODELS, SpatialModel
from .spatial_sample import SpatialSample

FITS = {("rho",): fit_lag, ("lambda",): fit_error, ("rho", "lambda"): fit_sarar}


@dataclass(frozen=True, eq=False)
class Estimate:
    """A fitted model with its inference.

    Attributes
    ----------
    parameters : tuple of str
        Terms after the coefficients.
    params : ndarray, shape (p,)
        Coefficients, then parameters.
    cov : ndarray, shape (p, p)
    residuals : ndarray, shape (T, n)
        Innovations.
    predicted : ndarray, shape (T, n)
        rho Wy + X beta, or X beta of a model without rho; swept of fixed effects.
    sigma2, loglik : float
    plain : float
        Log-likelihood of the same regressors and effects without spatial parameters.
    bounds : tuple of float, or None
        Of the spatial parameters.
    information : str
        What the standard errors rest on.
    traces : tuple of float
        tr G and tr G² at rho, of the whole spectrum; of W itself without rho.
    remainder : float or None
        LM statistic for error autocorrelation that a lag model without fixed effects leaves.
    notes : tuple of Message
    """

    parameters: tuple[str, ...]
    params: np.ndarray
    cov: np.ndarray
    residuals: np.ndarray
    predicted: np.ndarray
    sigma2: float
    loglik: float
    plain: float
    bounds: tuple[float, float] | None
    information: str
    traces: tuple[float, float] = (0.0, 0.0)
    remainder: float | None = None
    notes: tuple[Message, ...] = ()

    def value(self, name: str) -> float:
        """A parameter, zero where the model does not have it."""
        first = len(self.params) - len(self.parameters)
        named = dict(zip(self.parameters, self.params[first:], strict=True))
        return float(named.get(name, 0.0))


def estimate(model: str, sample: SpatialSample) -> Estimate:
    """Estimate a model by maximum likelihood; one without spatial parameters by least squares.

    Raises
    ------
    ModelError
        Where a parameter has no bounds, runs to one, or the information is singular.
    """
    kind, swept = MODELS[model], sample.swept
    plain = least_squares(swept.x.reshape(-1, swept.x.shape[2]), swept.y.ravel())
    if not kind.parameters:
        return _least_squares(sample, plain)
    determinant = sample.determinant()
    if determinant is None:
        raise without_bounds(kind)
    fit = FITS[kind.parameters](swept, determinant)
    if fit is None:
        raise without_maximum(kind, determinant)
    small = isinstance(sample.weights.log_determinant, Eigenvalues)
    inverse = _inverse(_information(fit, sample, small), kind, fit)
    last = inverse.shape[0] - 1  # of the variance
    kept = np.concatenate([np.arange(len(sample.names)), np.arange(last - len(kind.parameters), last)])
    return Estimate(
        parameters=kind.parameters,
        params=np.append(fit.coefficients[: len(sample.names)], [r for r in (fit.rho, fit.lam) if r is not None]),
        cov=inverse[np.ix_(kept, kept)],
        residuals=fit.residuals,
        predicted=np.asarray((fit.rho or 0.0) * swept.wy + swept.x @ fit.coefficients),
        sigma2=fit.sigma2,
        loglik=fit.loglik,
        plain=gaussian(plain.squares, swept.observations),
        bounds=(determinant.bounds.lower, determinant.bounds.upper),
        information="expected" if small else "observed",
        traces=_whole_traces(fit, sample),
        remainder=_remainder(fit, sample, inverse, small),
    )


def _least_squares(sample: SpatialSample, fit: LeastSquares) -> Estimate:
    shape, sigma2 = sample.y.shape, fit.squares / sample.degrees
    loglik = gaussian(fit.squares, sample.swept.observations)
    residuals = fit.residuals.reshape(shape)
    return Estimate(
        parameters=(),
        params=fit.coefficients,
        cov=sigma2 * fit.inverse,
        residuals=residuals,
        predicted=sample.swept.y - residuals,
        sigma2=sigma2,
        loglik=loglik,
        plain=loglik,
        bounds=None,
        information="least-squares",
    )


def without_bounds(kind: SpatialModel) -> ModelError:
    """The error for weights that lead nowhere back."""
    return ModelError(
        "In these weights no chain of neighbours leads back to where it began, so {parameter} has no bounds and"
        " cannot be estimated by maximum likelihood.",
        parameter=" and ".join(kind.parameters),
    )


def without_maximum(kind: SpatialModel, determinant: LogDeterminant) -> ModelError:
    """The error for a parameter that runs to its bound."""
    return ModelError(
        "The likelihood has no maximum inside {low} < {parameter} < {high}: {parameter} runs to its bound (a"
        " spatial unit root, or data without noise). Try other drivers or weights.",
        parameter=" or ".join(kind.parameters),
        low=f"{determinant.bounds.lower:.4f}",
        high=f"{determinant.bounds.upper:.4f}",
    )


def _information(fit: Maximum, sample: SpatialSample, small: bool) -> np.ndarray:
    if not small:
        return information.observed(fit, sample.swept)
    trend = None
    if fit.lam is None and fit.rho is not None:
        # Effects that weights do not take to a multiple of themselves are part of what is lagged.
        trend = sample.y - fit.rho * sample.wy - fit.residuals
    return information.expected(fit, sample.swept, sample.weights.sparse, trend, sample.sweep, sample.centred)


def _inverse(matrix: np.ndarray, kind: SpatialModel, fit: Maximum) -> np.ndarray:
    inverse = information.covariance(matrix)
    if inverse is None:
        raise ModelError(
            "The information matrix is singular at {parameter} = {value}: the data do not tell the terms apart.",
            parameter=", ".join(kind.parameters),
            value=", ".join(f"{r:.4f}" for r in (fit.rho, fit.lam) if r is not None),
        )
    return inverse


def _whole_traces(fit: Maximum, sample: SpatialSample) -> tuple[float, float]:
    if fit.rho is None:
        return 0.0, 0.0
    first, second = fit.traces[0]
    if sample.centred:
        first, second = first + 1 / (1 - fit.rho), second + 1 / (1 - fit.rho) ** 2
    return first, second


def _remainder(fit: Maximum, sample: SpatialSample, inverse: np.ndarray, small: bool) -> float | None:
    if fit.lam is not None or sample.effects.units or sample.effects.periods:
        return None
    if small:
        return information.expected_remainder(fit, sample.weights.sparse, inverse)
    return information.observed_remainder(fit, sample.swept, sample.weights.sparse, inverse)


def fixed_effects(sample: SpatialSample, found: Estimate) -> tuple[np.ndarray, np.ndarray]:
    """Effects of units (n,) and of periods (T,), empty where the model has none.

    Effects of units are levels; beside them effects of periods sum to zero, alone they are levels.
    """
    lam = found.value("lambda")
    left = sample.y - found.value("rho") * sample.wy - sample.x @ found.params[: len(sample.names)]
    by_unit = left.mean(axis=0) if sample.effects.units else np.zeros(0)
    if not sample.effects.periods:
        return by_unit, np.zeros(0)
    if sample.effects.units:
        left = left - by_unit
    # In the filtered model an effect of a period stands on (I - lambda W) 1.
    direction = 1 - lam * np.asarray(sample.weights.sparse.sum(axis=1)).ravel()
    filtered = left - lam * spatial_lag(sample.weights.sparse, left)
    return by_unit, np.asarray(filtered @ direction / float(direction @ direction))

"""Estimation of a spatial panel with random effects of units."""

from __future__ import annotations

import numpy as np

from ..errors import Message, ModelError
from ..kernels.logdet import LogDeterminant
from ..kernels.random_effects import ErrorKind, RandomFit, fit_random
from .maximum_likelihood import Estimate, without_bounds, without_maximum
from .spatial_models import LAMBDA, MODELS, PHI, RHO, SpatialModel
from .spatial_sample import SpatialSample


def estimate_random(model: str, sample: SpatialSample, errors: ErrorKind) -> Estimate:
    """Estimate a model whose units have random effects; ``errors`` says whether these are spatially correlated too.

    Raises
    ------
    ModelError
        Where a parameter has no bounds, runs to one, or the information is singular.
    """
    kind = MODELS[model]
    determinant = sample.determinant()
    if kind.parameters and determinant is None:
        raise without_bounds(kind)
    plain = _fit(sample, None, False, "none")
    fit = plain
    if kind.parameters:
        fit = _fit(sample, determinant, RHO in kind.parameters, errors if LAMBDA in kind.parameters else "none")
    if fit is None or plain is None:
        raise _failure(kind, determinant)
    if fit.cov is None:
        raise ModelError("The information matrix is singular: the data do not tell the terms apart.")
    return Estimate(
        parameters=fit.parameters,
        params=np.append(fit.coefficients, [_value(fit, name) for name in fit.parameters]),
        cov=fit.cov,
        residuals=fit.residuals,
        predicted=fit.rho * sample.wy + sample.x @ fit.coefficients,
        sigma2=fit.sigma2,
        loglik=fit.loglik,
        plain=plain.loglik,
        bounds=(determinant.bounds.lower, determinant.bounds.upper) if determinant and kind.parameters else None,
        information="observed",
        traces=fit.traces or (0.0, 0.0),
        notes=_notes(fit),
    )


def _fit(sample: SpatialSample, determinant: LogDeterminant | None, lag: bool, error: ErrorKind) -> RandomFit | None:
    return fit_random(sample.y, sample.wy, sample.x, sample.weights.sparse, determinant, lag=lag, error=error)


def _value(fit: RandomFit, name: str) -> float:
    return {RHO: fit.rho, LAMBDA: fit.lam, PHI: fit.phi}[name]


def _failure(kind: SpatialModel, determinant: LogDeterminant | None) -> ModelError:
    if determinant is None or not kind.parameters:
        return ModelError("The likelihood of the random effects has no maximum; use fixed effects.")
    return without_maximum(kind, determinant)


def _notes(fit: RandomFit) -> tuple[Message, ...]:
    if not fit.at_boundary:
        return ()
    return (Message.of("The likelihood is highest without random effects (phi = 0): this is the pooled model."),)

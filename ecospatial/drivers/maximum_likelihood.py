"""Estimation of a spatial model on arrays: bounds, maximum, covariance, and the refusals on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..errors import ModelError
from ..kernels import information
from ..kernels.likelihood import Maximum, fit_error, fit_lag
from ..kernels.logdet import DENSE_LIMIT, Eigenvalues, Factorised, log_determinant
from .spatial_result import PARAMETERS


@dataclass(frozen=True, eq=False)
class Lagged:
    """The arrays of a spatial model: y, Wy of shape (T, n); X, WX of shape (T, n, k); weights (n, n)."""

    y: np.ndarray
    wy: np.ndarray
    x: np.ndarray
    wx: np.ndarray
    w: sparse.csr_matrix

    @property
    def small(self) -> bool:
        """Whether a dense inverse is within reach."""
        return bool(self.w.shape[0] <= DENSE_LIMIT)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A fitted model with its inference.

    Attributes
    ----------
    fit : Maximum
    cov : ndarray, shape (k + 1, k + 1)
        Of the coefficients and, last, the spatial parameter.
    predicted : ndarray, shape (T, n)
        rho Wy + X beta, or X beta of an error model.
    bounds : tuple of float
        Of the spatial parameter.
    information : {"expected", "observed"}
    remainder : float or None
        LM statistic for error autocorrelation that a lag model leaves.
    """

    fit: Maximum
    cov: np.ndarray
    predicted: np.ndarray
    bounds: tuple[float, float]
    information: str
    remainder: float | None


def estimate(model: str, arrays: Lagged) -> Estimate:
    """Estimate a lag or an error model.

    Raises
    ------
    ModelError
        Where the parameter has no bounds, runs to one, or the information is singular.
    """
    determinant = log_determinant(arrays.w)
    if determinant is None:
        raise ModelError(
            "In these weights no chain of neighbours leads back to where it began, so {parameter} has no bounds and"
            " cannot be estimated by maximum likelihood.",
            parameter=PARAMETERS[model],
        )
    fit = _maximum(model, arrays, determinant)
    infer = _lag_inference if model == "lag" else _error_inference
    inverse, remainder = infer(fit, arrays)
    return Estimate(
        fit=fit,
        cov=inverse[:-1, :-1],
        predicted=arrays.y - fit.residuals if model == "lag" else arrays.x @ fit.coefficients,
        bounds=(determinant.bounds.lower, determinant.bounds.upper),
        information="expected" if arrays.small else "observed",
        remainder=remainder,
    )


def _maximum(model: str, arrays: Lagged, determinant: Eigenvalues | Factorised) -> Maximum:
    if model == "lag":
        fit = fit_lag(arrays.y, arrays.wy, arrays.x, determinant)
    else:
        fit = fit_error(arrays.y, arrays.wy, arrays.x, arrays.wx, determinant)
    if fit is None:
        raise ModelError(
            "The likelihood has no maximum inside {low} < {parameter} < {high}: {parameter} runs to its bound (a"
            " spatial unit root, or data without noise). Try other drivers or weights.",
            parameter=PARAMETERS[model],
            low=f"{determinant.bounds.lower:.4f}",
            high=f"{determinant.bounds.upper:.4f}",
        )
    return fit


def _lag_inference(fit: Maximum, arrays: Lagged) -> tuple[np.ndarray, float | None]:
    """Inverse information of a lag model, and the LM statistic of what it leaves."""
    if arrays.small:
        g = information.multiplier(arrays.w, fit.parameter)
        inverse = _inverse(information.expected_lag(fit, arrays.x, g), "rho", fit)
        return inverse, information.expected_remainder(fit, arrays.w, g, inverse)
    inverse = _inverse(information.observed_lag(fit, arrays.x, arrays.wy), "rho", fit)
    return inverse, information.observed_remainder(fit, arrays.w, arrays.x, arrays.wy, inverse)


def _error_inference(fit: Maximum, arrays: Lagged) -> tuple[np.ndarray, float | None]:
    """Inverse information of an error model."""
    if arrays.small:
        g = information.multiplier(arrays.w, fit.parameter)
        matrix = information.expected_error(fit, arrays.x, arrays.wx, g)
    else:
        matrix = information.observed_error(fit, arrays.y, arrays.wy, arrays.x, arrays.wx)
    return _inverse(matrix, "lambda", fit), None


def _inverse(matrix: np.ndarray, parameter: str, fit: Maximum) -> np.ndarray:
    inverse = information.covariance(matrix)
    if inverse is None:
        raise ModelError(
            "The information matrix is singular at {parameter} = {value}: the data do not tell the terms apart.",
            parameter=parameter,
            value=f"{fit.parameter:.4f}",
        )
    return inverse

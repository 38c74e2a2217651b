"""Tests of a spatial Durbin model against the lag and the error model that it holds."""

from __future__ import annotations

import numpy as np

from .diagnostics import Row, chi2
from .spatial_result import SpatialResult

LR_LAG, WALD_LAG = "LR: Durbin against lag", "Wald: Durbin against lag"
LR_ERROR, WALD_ERROR = "LR: Durbin against error", "Wald: Durbin against error"
WALD_SLX = "Wald: Durbin against SLX"
NO_LAGGED_DRIVERS = "the lagged drivers have no coefficients (theta = 0): a lag model suffices"
COMMON_FACTOR = "common factor (theta + rho beta = 0): an error model suffices"


def durbin_tests(durbin: SpatialResult, lag: SpatialResult, error: SpatialResult) -> dict[str, Row]:
    """Likelihood-ratio and Wald tests of y = rho Wy + X beta + WX theta + e against its simpler forms.

    theta = 0 leaves the lag model; theta + rho beta = 0, the common factor, leaves the error model (Burridge 1981;
    Elhorst 2010). The Wald statistics take the covariance of the Durbin model, that of the common factor by the delta
    method.

    Parameters
    ----------
    durbin, lag, error : SpatialResult
        Of the same data and weights, by maximum likelihood.

    Returns
    -------
    dict of str to Row
        One degree of freedom a lagged driver.
    """
    lagged = [name for name in durbin.x_names if f"W_{name}" in durbin.params.index]
    beta, theta = (durbin.params[names].to_numpy() for names in (lagged, [f"W_{name}" for name in lagged]))
    rho, count = float(durbin.params["rho"]), len(lagged)
    names = [*lagged, *(f"W_{name}" for name in lagged), "rho"]
    cov = durbin.cov.loc[names, names].to_numpy()
    identity = np.eye(count)
    only_theta = np.hstack([0 * identity, identity, np.zeros((count, 1))])
    common_factor = np.hstack([rho * identity, identity, beta[:, None]])
    return {
        LR_LAG: likelihood_ratio(durbin, lag, count, NO_LAGGED_DRIVERS),
        WALD_LAG: wald(theta, only_theta @ cov @ only_theta.T, NO_LAGGED_DRIVERS),
        LR_ERROR: likelihood_ratio(durbin, error, count, COMMON_FACTOR),
        WALD_ERROR: wald(theta + rho * beta, common_factor @ cov @ common_factor.T, COMMON_FACTOR),
        WALD_SLX: wald(np.array([rho]), cov[-1:, -1:], "no spatial lag (rho = 0): the lagged drivers suffice"),
    }


def likelihood_ratio(larger: SpatialResult, smaller: SpatialResult, df: int, null: str) -> Row:
    """Twice the difference of the log-likelihoods, not below zero."""
    return chi2(max(2 * (larger.loglik - smaller.loglik), 0.0), df, null)


def wald(values: np.ndarray, cov: np.ndarray, null: str) -> Row:
    """The quadratic form of what should be zero (q,) in the inverse of its covariance (q, q)."""
    scale = np.sqrt(np.diag(cov))
    correlation = cov / np.outer(scale, scale)
    scaled = values / scale
    return chi2(float(scaled @ np.linalg.solve(correlation, scaled)), len(values), null)

"""Tests of a pooled panel for random effects and spatial dependence at once, as rows of a table."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..geo.weights import Weights
from ..kernels.baltagi import (
    JointTests,
    PooledError,
    effects_given_spatial,
    joint_tests,
    spatial_given_effects,
)
from ..kernels.least_squares import least_squares
from .diagnostics import Row, chi2
from .spatial_result import SpatialResult

LM_EFFECTS, LM_SPATIAL = "LM1: random effects", "LM2: spatial error"
LM_JOINT = "LM-H: random effects or spatial error"
LM_GIVEN_EFFECTS, LM_GIVEN_SPATIAL = "Conditional LM: spatial error", "Conditional LM: random effects"
LM_SERIAL = "Joint LM with serial correlation"


def baltagi_rows(y: np.ndarray, x: np.ndarray, weights: Weights, error: SpatialResult | None) -> dict[str, Row]:
    """The tests of Baltagi, Song and Koh (2003), and the joint one of Baltagi, Song, Jung and Koh (2007).

    Parameters
    ----------
    y : ndarray, shape (T, n), T > 1
    x : ndarray, shape (T, n, k)
        The intercept first.
    weights : Weights
    error : SpatialResult or None
        The pooled spatial error model, for the conditional test of random effects.
    """
    residuals = least_squares(x.reshape(-1, x.shape[2]), y.ravel()).residuals.reshape(y.shape)
    found = joint_tests(residuals, weights.sparse)
    given_effects = spatial_given_effects(y, x, weights.sparse)
    rows = {
        LM_EFFECTS: _one_sided(
            found.individual, "no random effects (variance zero), where there is no spatial error; one-sided"
        ),
        LM_SPATIAL: _one_sided(
            found.spatial, "no spatial error (lambda = 0 against lambda > 0), where there are no effects"
        ),
        LM_JOINT: _mixture(found),
        LM_GIVEN_EFFECTS: _two_sided(given_effects, "no spatial error (lambda = 0), random effects allowed for"),
    }
    if error is not None:
        statistic = effects_given_spatial(_pooled(y, x, error), weights.sparse)
        null = "no random effects (variance zero), a spatial error allowed for; one-sided"
        rows[LM_GIVEN_SPATIAL] = _one_sided(statistic, null)
    if len(y) > 2:
        rows[LM_SERIAL] = chi2(found.serial, 3, "neither random effects, spatial error nor serial correlation")
    return rows


def _pooled(y: np.ndarray, x: np.ndarray, error: SpatialResult) -> PooledError:
    return PooledError(
        residuals=y - x @ error.params.iloc[: x.shape[2]].to_numpy(),
        lam=float(error.params["lambda"]),
        sigma2=error.sigma2,
        variance=float(error.cov.loc["lambda", "lambda"]),
        trace=_trace(error),
    )


def _trace(error: SpatialResult) -> float:
    """The trace of W(I − lambda W)^-1."""
    determinant, bounds = error.weights.log_determinant, error.bounds
    if determinant is None or bounds is None:
        return 0.0
    lam = float(error.params["lambda"])
    step = 0.01 * min(lam - bounds[0], bounds[1] - lam)
    return determinant.near(lam - step, lam + step).traces(lam)[0]


def _mixture(found: JointTests) -> Row:
    """Under the null half of each statistic is cut off: a mixture of chi-squared with 0, 1 and 2 degrees of freedom."""
    value = found.joint
    tail = (2 * stats.chi2.sf(value, 1) + stats.chi2.sf(value, 2)) / 4 if value > 0 else 1.0
    return (
        value,
        np.nan,
        float(tail),
        "neither random effects nor a positive spatial error (chi-squared mixture ¼, ½, ¼)",
    )


def _one_sided(z: float, null: str) -> Row:
    return z, np.nan, float(stats.norm.sf(z)), null


def _two_sided(z: float, null: str) -> Row:
    return z, np.nan, float(2 * stats.norm.sf(abs(z))), null

"""Least-squares residuals period by period, and the moments of their Moran's I."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ..kernels.lagrange import residual_moran
from ..kernels.least_squares import dependence, least_squares
from ..kernels.moran import GlobalMoran
from .periods import FEWEST

NOTHING_LEFT = 1e-13  # squares below this share of the spread are rounding


def with_intercept(regressors: np.ndarray) -> np.ndarray:
    """Regressors behind a column of ones, shape (n, k + 1)."""
    return np.column_stack([np.ones(len(regressors)), regressors])


def residuals(cube: np.ndarray, status: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The residuals of the first variable on the others, and which periods have any.

    Parameters
    ----------
    cube : ndarray, shape (T, n, 1 + k)
        NaN in all variables where one is missing.
    status : ndarray, shape (T,)
        Only periods that are ``"ok"`` are regressed.

    Returns
    -------
    tuple of ndarray
        Residuals, shape (T, n), and statuses: ``"too few units"``, ``"collinear"`` and ``"perfect fit"`` are new.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> residuals(np.dstack([2 * x, x]), np.array(["ok"]))[1].tolist()
    ['perfect fit']
    """
    left, outcome = np.full(cube.shape[:2], np.nan), status.astype(object)
    for period in np.flatnonzero(status == "ok"):
        present = ~np.isnan(cube[period, :, 0])
        y, x = cube[period, present, 0], with_intercept(cube[period, present, 1:])
        left[period, present] = 0.0
        if len(y) - x.shape[1] < FEWEST - 1:
            outcome[period] = "too few units"
        elif dependence(x) is not None:
            outcome[period] = "collinear"
        else:
            fit = least_squares(x, y)
            left[period, present] = fit.residuals
            if fit.squares <= NOTHING_LEFT * float(((y - y.mean()) ** 2).sum()):
                outcome[period] = "perfect fit"
    return left, outcome


def residual_moments(values: np.ndarray, regressors: np.ndarray, weights: sparse.csr_matrix) -> GlobalMoran:
    """Moran's I of residuals with its moments under normality, given the regressors.

    Cliff and Ord (1981), Spatial Processes, section 8.3; under randomisation they are unknown and NaN.

    Parameters
    ----------
    values : ndarray, shape (T, n)
    regressors : ndarray, shape (T, n, k)
    weights : csr_matrix, shape (n, n)
    """
    found = [
        residual_moran(own[None], with_intercept(x)[None], weights) for own, x in zip(values, regressors, strict=True)
    ]
    statistic, expected, variance = (
        np.array([getattr(one, name) for one in found]) for name in ("i", "expected", "variance")
    )
    return GlobalMoran(statistic, expected, variance, np.full(len(found), np.nan))

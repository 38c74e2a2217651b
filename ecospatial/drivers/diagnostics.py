"""Tests and measures that go with a least-squares regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..kernels.least_squares import least_squares

CONDITION_NUMBER = "Condition number"

# Statistic, degrees of freedom, p-value and null.
Row = tuple[float, float, float, str]


def ols_diagnostics(names: Sequence[str], x: np.ndarray, residuals: np.ndarray) -> dict[str, Row]:
    """Normality, heteroskedasticity and collinearity of a regression.

    Jarque and Bera (1987); Breusch and Pagan (1979) on the drivers, as published and studentised by
    Koenker (1981); the condition number of Belsley, Kuh and Welsch (1980); variance inflation factors.

    Parameters
    ----------
    names : sequence of str
        Of the drivers.
    x : ndarray, shape (N, k)
        The intercept and the drivers.
    residuals : ndarray, shape (N,)
    """
    koenker, original = breusch_pagan(residuals, x)
    df = x.shape[1] - 1
    no_test = "no test; above {limit} collinearity inflates the standard errors"
    constant = "the error variance does not depend on the drivers"
    rows: dict[str, Row] = {
        "Jarque–Bera": chi2(jarque_bera(residuals), 2, "the errors are normal"),
        "Breusch–Pagan (Koenker)": chi2(koenker, df, constant),
        "Breusch–Pagan": chi2(original, df, constant + ", given normal errors"),
        CONDITION_NUMBER: (condition_number(x), np.nan, np.nan, no_test.format(limit=30)),
    }
    for name, factor in zip(names, inflation(x), strict=True):
        rows[f"VIF {name}"] = (factor, np.nan, np.nan, no_test.format(limit=10))
    return rows


def jarque_bera(residuals: np.ndarray) -> float:
    """The Jarque–Bera statistic of residuals (N,)."""
    skewness = float(np.mean(residuals**3) / np.mean(residuals**2) ** 1.5)
    kurtosis = float(np.mean(residuals**4) / np.mean(residuals**2) ** 2)
    return len(residuals) * (skewness**2 / 6 + (kurtosis - 3) ** 2 / 24)


def breusch_pagan(residuals: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """The Breusch–Pagan statistic on the columns of x (N, k), studentised and as published."""
    scaled = residuals**2 / np.mean(residuals**2)
    unexplained = least_squares(x, scaled).squares
    total = float(((scaled - 1) ** 2).sum())
    explained = max(total - unexplained, 0.0)
    # Residuals all of one size have no variance to explain.
    share = explained / total if total > 1e-20 * len(residuals) else np.nan
    return len(residuals) * share, explained / 2


def condition_number(x: np.ndarray) -> float:
    """Largest over smallest singular value of the regressors at unit length."""
    return float(np.linalg.cond(x / np.linalg.norm(x, axis=0)))


def inflation(x: np.ndarray) -> np.ndarray:
    """Variance inflation factor of every driver (the first column is the intercept), shape (k - 1,)."""
    centred = x[:, 1:] - x[:, 1:].mean(axis=0)
    scaled = centred / np.linalg.norm(centred, axis=0)
    return np.asarray((np.linalg.pinv(scaled) ** 2).sum(axis=1))


def chi2(statistic: float, df: int, null: str) -> Row:
    """A test whose statistic is chi-squared under the null."""
    return statistic, float(df), float(stats.chi2.sf(statistic, df)), null

"""What every regression result has: coefficients, fit, residuals, a table as economists print it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Table
from ..errors import Message, Text
from ..panel import Panel
from ..result import Result

STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
STARS_CONVENTION = "*** p < 0.01, ** p < 0.05, * p < 0.10"


@dataclass(frozen=True, eq=False, repr=False)
class RegressionResult(Result):
    """A fitted regression.

    Attributes
    ----------
    data : Panel or GeoPanel
        Restricted to the columns in use.
    y_name : str
        Dependent variable.
    x_names : tuple of str
        Drivers.
    effects : {"none", "individual", "time", "twoway", "random"}
        ``"none"``: all unit-periods pooled.
    params : Series
        Coefficients by term.
    cov : DataFrame
        Their covariance matrix.
    fitted, residuals : Series
        By (unit, period); they add up to the dependent variable.
    sigma2 : float
        Residual variance.
    loglik : float
        Gaussian log-likelihood.
    r2 : float
        Share of variance explained; see :meth:`facts` for its definition, within R² with fixed effects.
    diagnostics : DataFrame
        By test: ``statistic, df, pvalue, null``.
    """

    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("coefficients", "term", "Coefficients"),
        Table("residuals", "unit-period", "Residuals", style="residual"),
        Table("diagnostics", "term", "Diagnostics"),
    )
    FIGURE: ClassVar[str | None] = "coefficients"
    LABEL: ClassVar[str] = ""
    LETTER: ClassVar[str] = "z"

    data: Panel
    y_name: str
    x_names: tuple[str, ...]
    panel_effects: str
    params: pd.Series
    cov: pd.DataFrame
    fitted: pd.Series
    residuals: pd.Series
    sigma2: float
    loglik: float
    r2: float
    diagnostics: pd.DataFrame

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return self.LABEL

    @property
    def nobs(self) -> int:
        """Number of observations."""
        return len(self.residuals)

    @property
    def df_resid(self) -> int:
        """Observations less coefficients."""
        return self.nobs - len(self.params)

    @property
    def parameters(self) -> int:
        """What was estimated: the coefficients and the residual variance."""
        return len(self.params) + 1

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors by term."""
        return pd.Series(np.sqrt(np.diag(self.cov)), index=self.params.index, name="std_error")

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over their standard errors."""
        return (self.params / self.std_errors).rename("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values by term."""
        tails = 2 * self._distribution().sf(np.abs(self.tvalues))
        return pd.Series(tails, index=self.params.index, name="pvalue")

    @property
    def aic(self) -> float:
        """Akaike's criterion; the residual variance counts as a parameter."""
        return 2 * self.parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(np.log(self.nobs)) * self.parameters - 2 * self.loglik

    def confidence(self, level: float = 0.95) -> pd.DataFrame:
        """Confidence intervals by term: ``lower, upper``."""
        law, share = self._distribution(), (1 + level) / 2
        quantile = law.ppf(share)
        # One step of Newton's method: Student's quantiles of older SciPy versions hold nine digits.
        quantile -= (law.cdf(quantile) - share) / law.pdf(quantile)
        reach = quantile * self.std_errors
        return pd.DataFrame({"lower": self.params - reach, "upper": self.params + reach})

    def tables(self) -> dict[str, pd.DataFrame]:
        """Coefficients, residuals by unit and period, and diagnostics."""
        coefficients = pd.DataFrame(
            {
                "coefficient": self.params,
                "std_error": self.std_errors,
                "statistic": self.tvalues,
                "pvalue": self.pvalues,
                "stars": [stars(p) for p in self.pvalues],
            }
        ).join(self.confidence())
        observed = self.data.numbers([self.y_name])[self.y_name]
        residuals = pd.DataFrame({"observed": observed, "fitted": self.fitted, "residual": self.residuals})
        return {"coefficients": coefficients, "residuals": residuals, "diagnostics": self.diagnostics}

    def facts(self) -> Mapping[str, Text]:
        """The model, its fit, its tests and the conventions of the table."""
        return {
            "Model": self.label,
            "Dependent variable": self.y_name,
            "Observations": self._sample(),
            **self._fit_facts(),
            **self._likelihood_facts(),
            **self._test_facts(),
            "Stars": STARS_CONVENTION,
        }

    def digest(self) -> pd.DataFrame:
        """The coefficient table as printed."""
        table = self.to_frame("coefficients").drop(columns=["lower", "upper"]).rename_axis(None)
        names = {"coefficient": "coef.", "std_error": "s.e.", "statistic": self.LETTER, "pvalue": "p", "stars": ""}
        return table.rename(columns=names)

    def _distribution(self) -> stats.rv_continuous:
        return stats.norm()

    def _fit_facts(self) -> dict[str, Text]:
        return {"R²": f"{self.r2:.4f}"}

    def _likelihood_facts(self) -> dict[str, Text]:
        """Nothing where the estimator has no likelihood."""
        if np.isnan(self.loglik):
            return {}
        return {"Log-likelihood": f"{self.loglik:.4f}", "AIC": f"{self.aic:.4f}", "BIC": f"{self.bic:.4f}"}

    def _sample(self) -> Text:
        periods = len(self.data.periods)
        if periods == 1:
            return str(self.nobs)
        return Message.of(
            "{count} ({units} units, {periods} periods, pooled)"
            if self.panel_effects == "none"
            else "{count} ({units} units, {periods} periods)",
            count=self.nobs,
            units=len(self.data.units),
            periods=periods,
        )

    def _test_facts(self) -> dict[str, Text]:
        tests = self.diagnostics[self.diagnostics["pvalue"].notna()]
        return {
            str(name): f"{test['statistic']:.4f} (df {test['df']:g}, {probability(test['pvalue'])})"
            for name, test in tests.iterrows()
        }


def stars(pvalue: float) -> str:
    """Significance stars of a p-value.

    Examples
    --------
    >>> stars(0.004), stars(0.03), stars(0.2)
    ('***', '**', '')
    """
    return next((mark for level, mark in STARS if pvalue < level), "")


def probability(pvalue: float) -> str:
    """A p-value in words.

    Examples
    --------
    >>> probability(0.0213), probability(1e-9)
    ('p = 0.0213', 'p < 0.0001')
    """
    return "p < 0.0001" if pvalue < 0.0001 else f"p = {pvalue:.4f}"


def table_of_tests(rows: Mapping[str, tuple[float, float, float, str]]) -> pd.DataFrame:
    """Tests by name: statistic, degrees of freedom, p-value and the null in words."""
    columns = ["statistic", "df", "pvalue", "null"]
    frame = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns)
    return frame.rename_axis("test").astype({"statistic": float, "df": float, "pvalue": float})

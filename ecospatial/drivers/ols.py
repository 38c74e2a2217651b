"""Ordinary least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Column, tool
from ..errors import Text
from ..geo.join import PanelLike
from .design import Design
from .diagnostics import CONDITION_NUMBER, ols_diagnostics
from .regression import RegressionResult


@dataclass(frozen=True, eq=False, repr=False)
class OLSResult(RegressionResult):
    """A least-squares regression; inference by Student's t, ``sigma2`` with N - k."""

    TITLE: ClassVar[str] = "Ordinary least squares"
    LABEL: ClassVar[str] = "OLS"
    LETTER: ClassVar[str] = "t"

    @property
    def adj_r2(self) -> float:
        """R² corrected for degrees of freedom."""
        return 1 - (1 - self.r2) * (self.nobs - 1) / self.df_resid

    def _distribution(self) -> stats.rv_continuous:
        return stats.t(self.df_resid)

    def _fit_facts(self) -> dict[str, Text]:
        return {
            "R²": f"{self.r2:.4f}",
            "Adjusted R²": f"{self.adj_r2:.4f}",
            "σ²": f"{self.sigma2:.6g} (e'e / (N − k))",
        }

    def _test_facts(self) -> dict[str, Text]:
        condition = self.diagnostics["statistic"][CONDITION_NUMBER]
        return {**super()._test_facts(), CONDITION_NUMBER: f"{condition:.4f}"}


@tool(group="drivers", title="Ordinary least squares")
def ols(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    effects: Annotated[Literal["none"], "Effects"] = "none",
) -> OLSResult:
    """Regress a variable on its drivers by ordinary least squares.

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a panel whose unit-periods are pooled. With a GeoPanel later tests can build
        weights from the stored result.
    y : str
        Dependent variable.
    x : sequence of str
        Drivers; the intercept is added.
    effects : {"none"}
        All unit-periods share one intercept.

    Returns
    -------
    OLSResult
        Coefficients with Student t inference, residuals by unit and period, and diagnostics.

    Raises
    ------
    DataError
        Where a cell is missing, a column holds text, or a column is constant.
    ModelError
        Where drivers are collinear or as many as the observations.

    Examples
    --------
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abcd"), "gdp": [1.0, 2.0, 3.0, 5.0], "rd": [0.0, 1.0, 2.0, 3.0]})
    >>> ols(Panel.from_frame(frame, unit="city"), "gdp", ["rd"]).params.round(2).to_dict()
    {'Intercept': 0.8, 'rd': 1.3}
    """
    design = Design.of(data, y, x)
    fit = design.fit()
    count, k = design.x.shape
    sigma2 = fit.squares / (count - k)
    residuals = pd.Series(fit.residuals, index=design.data.index, name="residual")
    return OLSResult(
        data=design.data,
        y_name=y,
        x_names=design.x_names,
        effects=effects,
        params=pd.Series(fit.coefficients, index=design.terms, name="coefficient"),
        cov=pd.DataFrame(sigma2 * fit.inverse, index=design.terms, columns=design.terms),
        fitted=pd.Series(design.y - fit.residuals, index=design.data.index, name="fitted"),
        residuals=residuals,
        sigma2=sigma2,
        loglik=gaussian_loglik(fit.squares, count),
        r2=1 - fit.squares / design.total_squares,
        diagnostics=ols_diagnostics(design, fit.residuals),
    )


def gaussian_loglik(squares: float, count: int) -> float:
    """The log-likelihood of a least-squares fit with its sum of squares."""
    return float(-count / 2 * (np.log(2 * np.pi) + 1 + np.log(squares / count)))

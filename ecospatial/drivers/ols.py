"""Ordinary least squares, and with the effects of a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Message, Text
from ..geo.join import PanelLike
from .covariance import Errors, Inference, infer, labels_of
from .design import Design
from .diagnostics import CONDITION_NUMBER, ols_diagnostics
from .panel_fit import NO_EFFECTS, PanelFit, component_notes, fit_panel, gaussian_loglik
from .panel_tests import effects_tests
from .regression import RegressionResult, table_of_tests
from .transforms import Transforms

__all__ = ["EFFECTS", "OLSResult", "gaussian_loglik", "ols"]

Effects = Literal["none", "individual", "time", "twoway", "random"]
EFFECTS: Mapping[str, str] = {
    "none": "none (pooled)",
    "individual": "fixed, by unit",
    "time": "fixed, by period",
    "twoway": "fixed, by unit and period",
    "random": "random, by unit (Swamy & Arora 1972)",
}
_LABELS = {"none": "OLS", "individual": "FE", "time": "Time FE", "twoway": "Two-way FE", "random": "RE"}


@dataclass(frozen=True, eq=False, repr=False)
class OLSResult(RegressionResult):
    """A least-squares regression; inference by Student's t.

    Attributes
    ----------
    errors : str
        What the standard errors allow for.
    inference : Message
        Their convention in words.
    df_inference : int or None
        Degrees of freedom of Student's t.
    absorbed : int
        Parameters of the fixed effects.
    overall_r2 : float
        Share of all variance explained, fixed effects included; squared correlation with random effects.
    fixed_effects : DataFrame
        ``of`` (unit or period), ``id``, ``effect`` (deviation from the common level; zero on average over the
        observations), ``level``; empty without fixed effects.
    components : dict of str to float
        Of random effects: variances ``unit`` and ``idiosyncratic``, and ``theta`` (its mean in unbalanced panels).
    """

    TITLE: ClassVar[str] = "Ordinary least squares"
    LABEL: ClassVar[str] = "OLS"
    LETTER: ClassVar[str] = "t"
    TABLES: ClassVar[tuple[Table, ...]] = (*RegressionResult.TABLES, Table("fixed_effects", "term", "Fixed effects"))

    errors: str = "classical"
    inference: Text = ""
    df_inference: int | None = None
    absorbed: int = 0
    overall_r2: float = np.nan
    fixed_effects: pd.DataFrame = field(default_factory=NO_EFFECTS.copy)
    components: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return _LABELS[self.panel_effects]

    @property
    def df_resid(self) -> int:
        """Observations less coefficients and fixed effects."""
        return super().df_resid - self.absorbed

    @property
    def parameters(self) -> int:
        """Coefficients, fixed effects and variances."""
        return super().parameters + self.absorbed + (self.panel_effects == "random")

    @property
    def adj_r2(self) -> float:
        """R² corrected for degrees of freedom."""
        return 1 - (1 - self.r2) * (self.nobs - 1) / self.df_resid

    def tables(self) -> dict[str, pd.DataFrame]:
        """Coefficients, residuals by unit and period, diagnostics, and fixed effects where there are any."""
        return {**super().tables(), "fixed_effects": self.fixed_effects}

    def _distribution(self) -> stats.rv_continuous:
        return stats.t(self.df_inference or self.df_resid)

    def _fit_facts(self) -> dict[str, Text]:
        known = f"{self.sigma2:.6g} (e'e / (N − k))"
        if self.panel_effects == "none":
            r2: dict[str, Text] = {"R²": f"{self.r2:.4f}", "Adjusted R²": f"{self.adj_r2:.4f}"}
        elif self.panel_effects == "random":
            found = self.components
            r2 = {
                "R²": Message.of(
                    "{r2} of the quasi-demeaned data; {overall} squared correlation of y and Xβ",
                    r2=f"{self.r2:.4f}",
                    overall=f"{self.overall_r2:.4f}",
                ),
                "Variance components": Message.of(
                    "units {unit}, idiosyncratic {rest}, θ = {theta}",
                    unit=f"{found['unit']:.6g}",
                    rest=f"{found['idiosyncratic']:.6g}",
                    theta=f"{found['theta']:.4f}",
                ),
            }
        else:
            r2 = {"R² (within)": f"{self.r2:.4f}", "R² (with the effects)": f"{self.overall_r2:.4f}"}
        return {"Effects": EFFECTS[self.panel_effects], **r2, "σ²": known, "Standard errors": self.inference}

    def _test_facts(self) -> dict[str, Text]:
        condition = self.diagnostics["statistic"][CONDITION_NUMBER]
        return {**super()._test_facts(), CONDITION_NUMBER: f"{condition:.4f}"}


@tool(group="drivers", title="Ordinary least squares")
def ols(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    effects: Annotated[Effects, "Effects"] = "none",
    errors: Annotated[Errors, "Standard errors"] = "classical",
    cluster: Annotated[str | None, Column(numeric=False), "Clusters"] = None,
    bandwidth: Annotated[int | None, Range(0, 1000), Advanced(), "Bandwidth"] = None,
    transforms: Transforms = (),
) -> OLSResult:
    """Regress a variable on its drivers by least squares, pooled or with the effects of a panel.

    Fixed effects are taken out by the within transformation, exactly in unbalanced panels too (Wansbeek & Kapteyn
    1989). Random effects are those of Swamy & Arora (1972), in unbalanced panels of Baltagi & Chang (1994):
    y − θȳ on X − θX̄ with θᵢ = 1 − √(σₑ²/(σₑ² + Tᵢσᵤ²)).

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a panel, which may be unbalanced. With a GeoPanel later tests can build weights from
        the stored result.
    y : str
        Dependent variable.
    x : sequence of str
        Drivers; the intercept is added, and is absorbed by fixed effects.
    effects : {"none", "individual", "time", "twoway", "random"}
        None: all unit-periods share one intercept. Fixed by unit, by period or both; or random by unit.
    errors : {"classical", "hc0", "hc1", "hc2", "hc3", "clustered", "driscoll-kraay"}
        What the standard errors allow for: nothing; heteroskedasticity (White 1980; MacKinnon & White 1985);
        dependence within clusters (Liang & Zeger 1986), times G/(G − 1) (N − 1)/(N − K), where effects nested in the
        clusters do not count in K; dependence between units and over time (Driscoll & Kraay 1998).
    cluster : str or None
        Column of the clusters, which may be text; by default each unit is one.
    bandwidth : int or None
        Lags of Driscoll–Kraay errors; by default 4 (T/100)^(2/9), rounded down (Newey & West 1994).
    transforms : mapping, or sequence of str
        What is done to variables first, ``{"gdp": "log"}`` or ``["gdp=log+lag"]``: log, standardise, lag (lag2 …),
        winsorise (1 % on each side; winsorise5 …). The term is then called ``lag(log(gdp))``; rows without a lag
        are left out.

    Returns
    -------
    OLSResult
        Coefficients with Student t inference, residuals by unit and period, diagnostics (tests of the effects
        among them) and the fixed effects.

    Raises
    ------
    DataError
        Where a cell is missing, a column holds text, or a column is constant.
    ModelError
        Where drivers are collinear, absorbed by the effects, or as many as the observations.
    OptionError
        Where options do not go together.

    Examples
    --------
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abcd"), "gdp": [1.0, 2.0, 3.0, 5.0], "rd": [0.0, 1.0, 2.0, 3.0]})
    >>> ols(Panel.from_frame(frame, unit="city"), "gdp", ["rd"]).params.round(2).to_dict()
    {'Intercept': 0.8, 'rd': 1.3}
    """
    design = Design.of(data, y, x, transforms)
    fit = fit_panel(design, effects)
    clusters = None if cluster is None else labels_of(data, cluster).reindex(design.data.index)
    inference = infer(fit, design.data, effects, errors, clusters, bandwidth)
    return _result(design, effects, fit, errors, inference)


def _result(design: Design, effects: str, fit: PanelFit, errors: str, inference: Inference) -> OLSResult:
    index, found = design.data.index, fit.components
    components = {} if found is None else {
        "unit": found.unit, "idiosyncratic": found.idiosyncratic, "theta": float(found.theta.mean())
    }  # fmt: skip
    k = len(design.x_names)
    regressors = np.column_stack([np.ones(len(fit.x)), fit.x[:, -k:]])
    rows = ols_diagnostics(design.x_names, regressors, fit.fit.residuals)
    return OLSResult(
        data=design.data,
        y_name=design.y_name,
        x_names=design.x_names,
        panel_effects=effects,
        params=pd.Series(fit.fit.coefficients, index=fit.terms, name="coefficient"),
        cov=pd.DataFrame(inference.cov, index=fit.terms, columns=fit.terms),
        fitted=pd.Series(design.y - fit.residuals, index=index, name="fitted"),
        residuals=pd.Series(fit.residuals, index=index, name="residual"),
        sigma2=fit.sigma2,
        loglik=fit.loglik,
        r2=fit.r2,
        diagnostics=table_of_tests({**rows, **effects_tests(design, effects, fit)}),
        errors=errors,
        inference=inference.words,
        df_inference=inference.df,
        absorbed=fit.absorbed,
        overall_r2=fit.overall,
        fixed_effects=fit.effects,
        components=components,
        notes=(*design.notes, *component_notes(fit), *inference.notes),
    )

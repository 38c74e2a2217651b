"""Pesaran's test for dependence between the residuals of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import sparse, stats

from ..describe import Table, tool
from ..errors import Message, ModelError, OptionError, Text
from ..geo.recipe import WeightsLike
from ..kernels.cross_dependence import CrossDependence, cross_dependence
from ..kernels.least_squares import dependence, least_squares
from ..result import Result
from .design import Design
from .diagnostics import Row
from .neighbourhood import weights_of
from .regression import RegressionResult, table_of_tests

CD, LOCAL_CD = "Pesaran CD", "Pesaran CD of neighbours"
RESIDUALS = {"model": "of the model", "units": "of a regression for each unit"}
WITH_PERIODS = ("time", "twoway")


@dataclass(frozen=True, eq=False, repr=False)
class CrossDependenceResult(Result):
    """Tests for dependence between units.

    Attributes
    ----------
    y_name : str
    residuals : {"model", "units"}
        Whose residuals are correlated.
    tests : DataFrame
        By test: ``statistic, df, pvalue, null``.
    correlations : DataFrame
        By test: ``pairs, mean, mean_absolute`` of the correlations.
    """

    TITLE: ClassVar[str] = "Dependence between units"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("cross_dependence", "term", "Dependence between units"),
        Table("correlations", "term", "Correlations between residuals of units"),
    )

    y_name: str
    residuals: str
    tests: pd.DataFrame
    correlations: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tests and the correlations behind them."""
        return {"cross_dependence": self.tests, "correlations": self.correlations}

    def facts(self) -> Mapping[str, Text]:
        """Whose residuals they are, and the convention of the p-values."""
        return {
            "Dependent variable": self.y_name,
            "Residuals": RESIDUALS[self.residuals],
            "Conventions": "standard normal, two-sided p; pairs of units that share at least three periods",
        }


@tool(group="drivers", title="Dependence between units (Pesaran CD)")
def cross_section_dependence(
    model: Annotated[RegressionResult, "Regression"],
    weights: Annotated[WeightsLike | None, "Weights"] = "queen",
    *,
    residuals: Annotated[Literal["model", "units"], "Residuals"] = "model",
) -> CrossDependenceResult:
    """Test whether the residuals of units move together over time: Pesaran's CD (2004, 2021).

    CD = (1/√P) Σ √Tᵢⱼ rᵢⱼ over the P pairs of units, rᵢⱼ the correlation over the Tᵢⱼ periods that both have: the
    panel may be unbalanced. The local CD(p) is that over pairs of neighbours alone.

    Parameters
    ----------
    model : RegressionResult
        From :func:`ols` or :func:`spatial_panel`, with at least three periods.
    weights : Weights, libpysal Graph or W, or str, or None
        Two units are neighbours where one has a weight for the other; None leaves the local test out.
    residuals : {"model", "units"}
        Those of the model, or of a regression for each unit, as the test was published.

    Returns
    -------
    CrossDependenceResult
        One row a test, and the mean correlations.

    Raises
    ------
    OptionError
        Where there are fewer than three periods, or period effects, whose residuals sum to zero in each period, so that
        the statistic is not normal (Juodis and Reese 2022); take ``residuals="units"`` then.
    ModelError
        Where a unit has too few periods for a regression of its own, or a driver that does not vary.

    Examples
    --------
    >>> from ecospatial.drivers.ols import ols
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": np.repeat(range(9), 8), "year": np.tile(range(8), 9), "rd": rng.normal(size=72)})
    >>> frame["gdp"] = frame["rd"] + rng.normal(size=8)[frame["year"]]
    >>> model = ols(Panel.from_frame(frame, unit="city", period="year"), "gdp", ["rd"])
    >>> bool(cross_section_dependence(model, None).to_frame()["pvalue"].iloc[0] < 0.01)
    True
    """
    _check(model, residuals)
    near = None if weights is None else weights_of(weights, model.data)
    left = model_residuals(model) if residuals == "model" else unit_residuals(model)
    found = {CD: cross_dependence(left)}
    if near is not None:
        found[LOCAL_CD] = cross_dependence(left, neighbour_pairs(near.sparse))
    every = len(left[0]) * (len(left[0]) - 1) // 2
    return CrossDependenceResult(
        y_name=model.y_name,
        residuals=residuals,
        tests=table_of_tests({name: cd_row(name, one) for name, one in found.items()}),
        correlations=_correlations(found),
        notes=_notes(found[CD].pairs, every),
    )


def model_residuals(model: RegressionResult) -> np.ndarray:
    """Residuals as an array (T, n), NaN where a unit has no row."""
    unit, period = model.data.places()
    cube = np.full((len(model.data.periods), len(model.data.units)), np.nan)
    cube[period, unit] = model.residuals.reindex(model.data.index).to_numpy()
    return cube


def unit_residuals(model: RegressionResult) -> np.ndarray:
    """Residuals (T, n) of a regression on the drivers for each unit.

    Raises
    ------
    ModelError
        Where a unit cannot carry one.
    """
    design = Design.of(model.data, model.y_name, model.x_names)
    unit, period = model.data.places()
    cube = np.full((len(model.data.periods), len(model.data.units)), np.nan)
    for place, name in enumerate(model.data.units):
        rows = np.flatnonzero(unit == place)
        x = design.x[rows]
        if len(rows) <= x.shape[1] or dependence(x) is not None:
            raise ModelError(
                "Unit {unit} cannot carry a regression of its own: {rows} periods for {columns} coefficients, or"
                " drivers that do not vary apart. Use residuals='model'.",
                unit=name,
                rows=len(rows),
                columns=x.shape[1],
            )
        cube[period[rows], place] = least_squares(x, design.y[rows]).residuals
    return cube


def neighbour_pairs(w: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Each pair of neighbours once, whichever of the two has a weight for the other."""
    linked = sparse.triu(abs(w) + abs(w.T), k=1).tocoo()
    present = linked.data > 0
    return linked.row[present], linked.col[present]


def cd_row(name: str, found: CrossDependence) -> Row:
    """A row of a table of tests."""
    nulls = {
        CD: "the errors of different units are not correlated",
        LOCAL_CD: "the errors of neighbours are not correlated",
    }
    return found.statistic, np.nan, float(2 * stats.norm.sf(abs(found.statistic))), nulls[name]


def _correlations(found: Mapping[str, CrossDependence]) -> pd.DataFrame:
    rows = {name: (one.pairs, one.correlation, one.absolute) for name, one in found.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["pairs", "mean", "mean_absolute"])
    return frame.rename_axis("test")


def _check(model: RegressionResult, residuals: str) -> None:
    if len(model.data.periods) < 3:
        raise OptionError(
            "Correlations over time need at least three periods; these data have {count}.",
            count=len(model.data.periods),
        )
    if residuals == "model" and model.panel_effects in WITH_PERIODS:
        raise OptionError(
            "With period effects the residuals of a period sum to zero, and Pesaran's CD is not normal (Juodis and"
            " Reese 2022); use residuals='units', or a model without period effects."
        )


def _notes(pairs: int, every: int) -> tuple[Message, ...]:
    if pairs == every:
        return ()
    text = "{pairs} of {every} pairs of units share at least three periods; the others are left out."
    return (Message.of(text, pairs=pairs, every=every),)

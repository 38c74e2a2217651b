"""Regressions side by side, as papers print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pandas as pd

from ..describe import Table, tool
from ..errors import Message, Text
from ..result import Result
from .regression import STARS_CONVENTION, RegressionResult, stars
from .spatial_result import PARAMETERS

SPATIAL_TERMS = tuple(PARAMETERS.values())


@dataclass(frozen=True, eq=False)
class ModelColumn:
    """What a table says of one model.

    Attributes
    ----------
    label : str
    coefficients : DataFrame
        By term: ``coefficient, std_error, pvalue``.
    figures : dict of str to str
        The rows below the coefficients.
    """

    label: str
    coefficients: pd.DataFrame
    figures: Mapping[str, str]

    @classmethod
    def of(cls, model: RegressionResult) -> ModelColumn:
        """Take from a model what a table needs."""
        figures = {
            "Dependent variable": model.y_name,
            "Observations": str(model.nobs),
            "R²": f"{model.r2:.4f}",
            "σ²": number(model.sigma2),
            "Log-likelihood": f"{model.loglik:.3f}",
            "AIC": f"{model.aic:.3f}",
        }
        coefficients = model.to_frame("coefficients")[["coefficient", "std_error", "pvalue"]]
        return cls(model.label, coefficients, figures)

    def cells(self, terms: Sequence[str]) -> list[str]:
        """The column of the table: a coefficient and its standard error for each term, then the figures."""
        found: list[str] = []
        for term in terms:
            if term in self.coefficients.index:
                row = self.coefficients.loc[term]
                found += [number(row["coefficient"]) + stars(row["pvalue"]), f"({number(row['std_error'])})"]
            else:
                found += ["", ""]
        return [*found, *self.figures.values()]


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonResult(Result):
    """A regression table.

    Attributes
    ----------
    models : tuple of ModelColumn
        In the order given.
    """

    TITLE: ClassVar[str] = "Comparison of models"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("comparison", "term", "Comparison of models"),)

    models: tuple[ModelColumn, ...]

    @property
    def terms(self) -> list[str]:
        """All terms as they first appear, spatial parameters last."""
        every = dict.fromkeys(term for model in self.models for term in model.coefficients.index)
        return sorted(every, key=lambda term: term in SPATIAL_TERMS)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Text cells, one column a model, a standard error under its coefficient."""
        terms = self.terms
        rows = [label for term in terms for label in (term, "")] + list(self.models[0].figures)
        columns = {f"({place}) {model.label}": model.cells(terms) for place, model in enumerate(self.models, start=1)}
        return {"comparison": pd.DataFrame(columns, index=pd.Index(rows, name="term"))}

    def facts(self) -> Mapping[str, Text]:
        """The conventions of the table."""
        return {
            "Stars": STARS_CONVENTION,
            "In parentheses": "standard errors",
            "R²": "spatial models: squared correlation of y with ρWy + Xβ (lag) or Xβ (error)",
            "σ²": "OLS: e'e / (N − k); maximum likelihood: e'e / N",
        }


@tool(group="drivers", title="Compare regressions")
def compare(models: Annotated[Sequence[RegressionResult], "Models"]) -> ComparisonResult:
    """Put regressions side by side in one table, as papers print them.

    Parameters
    ----------
    models : sequence of RegressionResult
        Results of :func:`ols` and :func:`spatial_panel`, also loaded from files.

    Returns
    -------
    ComparisonResult
        Coefficients with stars, standard errors in parentheses, then N, R², σ², log-likelihood and AIC.

    Raises
    ------
    OptionError
        Where there is no model, or something else than a regression among them.

    Examples
    --------
    >>> from ecospatial.drivers.ols import ols
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abcd"), "gdp": [1.0, 2.0, 3.0, 5.0], "rd": [0.0, 1.0, 2.0, 3.0]})
    >>> compare([ols(Panel.from_frame(frame, unit="city"), "gdp", ["rd"])]).to_frame().iloc[:2, 0].tolist()
    ['0.8000', '(0.3240)']
    """
    given = [models] if isinstance(models, RegressionResult) else list(models)
    return ComparisonResult(models=tuple(ModelColumn.of(model) for model in given), notes=_notes(given))


def _notes(models: Sequence[RegressionResult]) -> tuple[Message, ...]:
    notes = []
    if len({model.y_name for model in models}) > 1:
        notes.append(Message.of("The models explain different variables; their fit cannot be compared."))
    first = models[0].data.index
    if any(len(first) != len(model.data.index) or len(first.difference(model.data.index)) for model in models[1:]):
        notes.append(Message.of("The models rest on different observations; their fit cannot be compared."))
    return tuple(notes)


def number(value: float) -> str:
    """A number as a regression table prints it: four decimals, or three digits where those would hide it.

    Examples
    --------
    >>> number(-1.59731), number(0.00012345), number(2.5e7)
    ('-1.5973', '0.000123', '2.5e+07')
    """
    usual = abs(value) >= 0.01 and abs(value) < 1e6
    return f"{value:.4f}" if usual or value == 0 else f"{value:.3g}"

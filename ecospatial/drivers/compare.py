"""Regressions side by side, as papers print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pandas as pd

from ..describe import Table, tool
from ..errors import Message, Text
from ..result import Result
from .model_column import ModelColumn, stacked
from .regression import STARS_CONVENTION, RegressionResult
from .spatial_models import LAG_PREFIX, PHI, SPATIAL_TERMS

LAST = (*SPATIAL_TERMS, PHI, "sigma", "sigma_u")
BELOW = {"std_error": "standard errors", "statistic": "t or z statistics"}


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonResult(Result):
    """A regression table.

    Attributes
    ----------
    models : tuple of ModelColumn
        In the order given.
    below : {"std_error", "statistic"}
        What stands in parentheses.
    drivers : tuple of str
        Of the panel of effects.
    """

    TITLE: ClassVar[str] = "Comparison of models"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("comparison", "term", "Comparison of models"),)
    WHOLE: ClassVar[bool] = True

    models: tuple[ModelColumn, ...]
    below: str
    drivers: tuple[str, ...]

    @property
    def terms(self) -> list[str]:
        """All terms as they first appear, lagged drivers behind the others, spatial parameters last."""
        every = dict.fromkeys(term for model in self.models for term in model.coefficients.index)
        return sorted(every, key=lambda term: 2 if term in LAST else int(term.startswith(LAG_PREFIX)))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Text cells, one column a model, a standard error or statistic under its coefficient."""
        rows = stacked(self.models, self.terms, self.drivers, self.below)
        columns = [f"({place}) {model.label}" for place, model in enumerate(self.models, start=1)]
        index = pd.Index([label for label, _ in rows], name="term", dtype=object)
        return {"comparison": pd.DataFrame([cells for _, cells in rows], index=index, columns=columns)}

    def facts(self) -> Mapping[str, Text]:
        """The conventions of the table."""
        return {
            "Stars": STARS_CONVENTION,
            "In parentheses": BELOW[self.below],
            "R²": (
                "with fixed effects: within; spatial models: squared correlation of y with ρWy + Xβ, or with Xβ where"
                " there is no rho"
            ),
            "σ²": "OLS: e'e / (N − k); maximum likelihood: e'e / N",
        }


@tool(group="drivers", title="Compare regressions")
def compare(
    models: Annotated[Sequence[RegressionResult], "Models"],
    below: Annotated[Literal["std_error", "statistic"], "In parentheses"] = "std_error",
    effects: Annotated[bool, "Direct, indirect and total effects"] = True,
) -> ComparisonResult:
    """Put regressions side by side in one table, as papers print them.

    Parameters
    ----------
    models : sequence of RegressionResult
        Results of :func:`ols`, :func:`spatial_panel`, :func:`tobit` and their kin, also loaded from files.
    below : {"std_error", "statistic"}
        What stands in parentheses under a coefficient: its standard error, or its t or z statistic.
    effects : bool
        Whether direct, indirect and total effects of spatial models stand below the coefficients, with standard errors
        by the delta method.

    Returns
    -------
    ComparisonResult
        Coefficients with stars, then the panel of effects, fixed effects, N, R², σ², log-likelihood, AIC and BIC.

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
    return ComparisonResult(
        models=tuple(ModelColumn.of(model, effects) for model in given),
        below=below,
        drivers=tuple(dict.fromkeys(name for model in given for name in model.x_names)),
        notes=_notes(given),
    )


def _notes(models: Sequence[RegressionResult]) -> tuple[Message, ...]:
    notes = []
    if len({model.y_name for model in models}) > 1:
        notes.append(Message.of("The models explain different variables; their fit cannot be compared."))
    first = models[0].data.index
    if any(len(first) != len(model.data.index) or len(first.difference(model.data.index)) for model in models[1:]):
        notes.append(Message.of("The models rest on different observations; their fit cannot be compared."))
    return tuple(notes)

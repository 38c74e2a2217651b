"""The Hausman test of random against fixed effects, of regressions and of spatial models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Table, tool
from ..errors import Message, OptionError, Text
from ..result import Result
from .design import INTERCEPT
from .diagnostics import Row, chi2
from .hausman_covariances import compared_covariances
from .ols import OLSResult
from .regression import RegressionResult, table_of_tests
from .spatial_result import SpatialResult

HAUSMAN = "Hausman"
NULL = "the unit effects do not depend on the drivers: random effects are consistent and efficient"
INDEFINITE = NULL + " (the difference of the covariances is not positive definite)"
UNDEFINED = NULL + " (undefined: the difference of the covariances is not positive definite)"
# Parameters of the errors, which no driver can bias.
OF_THE_ERRORS = ("lambda", "phi")
# Eigenvalues of the difference, relative to the covariance with fixed effects, that count as zero.
ROUNDING = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class HausmanResult(Result):
    """A Hausman test.

    Attributes
    ----------
    y_name : str
    model : str
        What was estimated with both kinds of effects.
    tests : DataFrame
        One row: ``statistic, df, pvalue, null``; NaN where the statistic is negative.
    differences : DataFrame
        By term: ``fixed, random, difference, std_error``, the last the root of the difference of the variances.
    """

    TITLE: ClassVar[str] = "Hausman test"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("hausman", "term", "Hausman test"),
        Table("differences", "term", "Coefficients with fixed and with random effects"),
    )

    y_name: str
    model: str
    tests: pd.DataFrame
    differences: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The test, and the coefficients side by side."""
        return {"hausman": self.tests, "differences": self.differences}

    def facts(self) -> Mapping[str, Text]:
        """The models and the conventions."""
        return {
            "Dependent variable": self.y_name,
            "Model": self.model,
            "Null": NULL,
            "Conventions": "(b − B)'(V_b − V_B)⁻¹(b − B), b with fixed and B with random effects; the drivers, and rho"
            " where there is one",
        }


@tool(group="drivers", title="Hausman test")
def hausman(
    fixed: Annotated[RegressionResult, "Regression with fixed effects"],
    random: Annotated[RegressionResult, "Regression with random effects"],
) -> HausmanResult:
    """Test whether random effects may stand for fixed ones (Hausman 1978), in spatial models as well.

    With fixed effects a model is consistent either way; with random effects it is efficient, but consistent only
    where the effects do not depend on the drivers. The statistic compares the coefficients of the drivers, lagged ones
    too, and rho, which is one (Mutl and Pfaffermayr 2011; Elhorst 2014, section 3.3); lambda belongs to the errors
    and is left out.

    Least squares compares the covariances of the two models. Maximum likelihood takes both from the expected
    information at the parameters of the random-effects model, whose difference is never negative (up to 1,000 units;
    above, those of the models). Where the difference is not positive definite the result says so; a negative statistic
    is undefined, and no absolute value is taken of it. (splm's ``sphtest`` takes the absolute value, with the
    covariance of random effects given rho, and leaves rho out.)

    Parameters
    ----------
    fixed : RegressionResult
        With ``effects="individual"``.
    random : RegressionResult
        The same model of the same data with ``effects="random"``.

    Returns
    -------
    HausmanResult
        The statistic with its degrees of freedom, and the coefficients side by side.

    Raises
    ------
    OptionError
        Where the two are not one model of the same data with the one and the other effects, or where
        standard errors are robust.

    Examples
    --------
    >>> from ecospatial.drivers.ols import ols
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": np.repeat(range(20), 5), "year": np.tile(range(5), 20)})
    >>> frame["rd"] = rng.normal(size=100)
    >>> frame["gdp"] = frame["rd"] + rng.normal(size=20)[frame["city"]] + rng.normal(size=100)
    >>> panel = Panel.from_frame(frame, unit="city", period="year")
    >>> models = [ols(panel, "gdp", ["rd"], effects=effects) for effects in ("individual", "random")]
    >>> float(hausman(*models).to_frame()["df"].iloc[0])
    1.0
    """
    _check(fixed, random)
    terms = compared_terms(fixed, random)
    table = _differences(fixed, random, terms)
    row = hausman_row(fixed, random)
    notes = () if row[3] == NULL else (_indefinite(),)
    return HausmanResult(
        y_name=fixed.y_name,
        model=fixed.label if isinstance(fixed, SpatialResult) else _kind(fixed),
        tests=table_of_tests({HAUSMAN: row}),
        differences=table,
        notes=notes,
    )


def hausman_row(fixed: RegressionResult, random: RegressionResult) -> Row:
    """The test of two fitted models."""
    terms = compared_terms(fixed, random)
    gap = (fixed.params[terms] - random.params[terms]).to_numpy()
    return contrast(gap, *compared_covariances(fixed, random, terms))


def contrast(gap: np.ndarray, fixed: np.ndarray, random: np.ndarray) -> Row:
    """The Hausman statistic of differences (q,) with the covariances (q, q) of both estimators.

    Directions in which the two do not differ carry no information and cost no degree of freedom. Where the difference
    of the covariances is not positive definite the null says so, and a negative statistic is NaN.
    """
    if not (np.isfinite(fixed).all() and np.isfinite(random).all()):
        return np.nan, np.nan, np.nan, UNDEFINED
    root = np.linalg.inv(np.linalg.cholesky(fixed))
    values, vectors = np.linalg.eigh(root @ (fixed - random) @ root.T)
    known = np.abs(values) > ROUNDING
    seen = vectors[:, known].T @ (root @ gap)
    statistic = float((seen**2 / values[known]).sum())
    if statistic < 0 or not known.any():
        return np.nan, np.nan, np.nan, UNDEFINED
    return chi2(statistic, int(known.sum()), NULL if values.min() >= -ROUNDING else INDEFINITE)


def compared_terms(fixed: RegressionResult, random: RegressionResult) -> list[str]:
    """The terms that both models have and that describe the outcome, not its errors."""
    apart = (INTERCEPT, *OF_THE_ERRORS)
    return [term for term in fixed.params.index if term in random.params.index and term not in apart]


def _differences(fixed: RegressionResult, random: RegressionResult, terms: list[str]) -> pd.DataFrame:
    one, other = fixed.params[terms], random.params[terms]
    covariances = compared_covariances(fixed, random, terms)
    variance = np.diag(covariances[0]) - np.diag(covariances[1])
    error = np.sqrt(np.where(variance > 0, variance, np.nan))
    table = pd.DataFrame({"fixed": one, "random": other, "difference": one - other, "std_error": error})
    return table.rename_axis("term")


def _check(fixed: RegressionResult, random: RegressionResult) -> None:
    if fixed.panel_effects != "individual" or random.panel_effects != "random":
        raise OptionError(
            "The Hausman test takes a model with effects='individual' first and one with effects='random' second; these"
            " have '{fixed}' and '{random}'.",
            fixed=fixed.panel_effects,
            random=random.panel_effects,
        )
    if type(fixed) is not type(random) or _kind(fixed) != _kind(random):
        raise OptionError(
            "The two models are of different kinds ({fixed} and {random}); estimate one with both effects.",
            fixed=_kind(fixed),
            random=_kind(random),
        )
    if fixed.y_name != random.y_name or not set(fixed.params.index) - set(OF_THE_ERRORS) <= set(random.params.index):
        raise OptionError("The two models have different variables; estimate one model with both effects.")
    one, other = fixed.data.index, random.data.index
    if len(one) != len(other) or len(one.difference(other)):
        raise OptionError("The two models rest on different observations; estimate them on the same ones.")
    if isinstance(fixed, SpatialResult) and isinstance(random, SpatialResult) and _apart(fixed, random):
        raise OptionError("The two models have different weights; estimate them with the same.")
    if any(isinstance(model, OLSResult) and model.errors != "classical" for model in (fixed, random)):
        raise OptionError(
            "The Hausman test rests on classical standard errors, under which random effects are efficient; estimate"
            " both models with errors='classical'."
        )


def _apart(one: SpatialResult, other: SpatialResult) -> bool:
    return not one.weights.ids.equals(other.weights.ids) or (one.weights.sparse != other.weights.sparse).nnz > 0


def _kind(model: RegressionResult) -> str:
    return str(getattr(model, "model", "least squares"))


def _indefinite() -> Message:
    return Message.of(
        "The covariance with fixed effects less that with random effects is not positive definite, so the statistic is"
        " not chi-squared, and undefined where it is negative. Compare the coefficients, or add the unit means of the"
        " drivers to the random-effects model and test them (Mundlak 1978)."
    )

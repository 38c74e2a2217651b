"""Tests of least-squares residuals for spatial dependence, and where they point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Table, tool
from ..errors import Message, Text, joined
from ..geo.recipe import WeightsLike
from ..geo.weights import Weights
from ..kernels.lagrange import LagrangeMultipliers, ResidualMoran, lagrange_multipliers, residual_moran
from ..result import Result
from .design import Design
from .neighbourhood import weights_notes, weights_of
from .ols import OLSResult
from .regression import probability

LEVEL = 0.05
LM_ERROR, LM_LAG = "LM error", "LM lag"
ROBUST_ERROR, ROBUST_LAG = "Robust LM error", "Robust LM lag"
SARMA, MORAN = "LM SARMA", "Moran's I of the residuals"


@dataclass(frozen=True, eq=False, repr=False)
class SpatialTestsResult(Result):
    """Tests for spatial dependence in a least-squares regression.

    Attributes
    ----------
    y_name : str
    x_names : tuple of str
    nobs : int
    weights : Weights
    tests : DataFrame
        ``test, statistic, df, pvalue, null``.
    moran : DataFrame
        One row: ``I, expected, variance, z, pvalue`` (two-sided, normal approximation).
    path : tuple of Message
        The steps of the decision, the advice last.
    """

    TITLE: ClassVar[str] = "Tests for spatial dependence"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("tests", "term", "Tests for spatial dependence"),
        Table("residual_moran", "term", "Moran's I of the residuals"),
    )

    y_name: str
    x_names: tuple[str, ...]
    nobs: int
    weights: Weights
    tests: pd.DataFrame
    moran: pd.DataFrame
    path: tuple[Message, ...]

    @property
    def recommendation(self) -> str:
        """The steps of the usual decision path on these tests, ending in advice."""
        return str(joined(self.path, " → "))

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tests and the moments of Moran's I."""
        return {"tests": self.tests, "residual_moran": self.moran}

    def facts(self) -> Mapping[str, Text]:
        """The regression, the weights, the conventions and the advice."""
        return {
            "Regression": Message.of("{y} on {x}", y=self.y_name, x=", ".join(self.x_names)),
            "Observations": str(self.nobs),
            "Weights": self.weights.words,
            "Conventions": "σ² = e'e / N in the LM statistics; Moran's I: z under normality, two-sided p",
            "Advice": joined(self.path, " → "),
        }


@tool(group="drivers", title="Tests for spatial dependence")
def spatial_tests(
    model: Annotated[OLSResult, "Least-squares regression"],
    weights: Annotated[WeightsLike, "Weights"] = "queen",
) -> SpatialTestsResult:
    """Test a least-squares regression for a spatial lag and a spatial error.

    The Lagrange-multiplier tests of Anselin (1988), their robust forms of Anselin, Bera, Florax and Yoon
    (1996), and Moran's I of the residuals with the moments of Cliff and Ord (1981). In a pooled panel the
    weights act within each period (Anselin, Le Gallo and Jayet 2008).

    Parameters
    ----------
    model : OLSResult
        From :func:`ols`; a panel must be balanced.
    weights : Weights, libpysal Graph or W, or str
        A name builds them on the map of the regression's data.

    Returns
    -------
    SpatialTestsResult
        One row a test, with its null; ``recommendation`` walks the decision path of Anselin and Florax
        (Florax, Folmer and Rey 2003; Elhorst 2010) and is advice, no verdict.

    Raises
    ------
    OptionError
        Where the model is no least-squares regression.
    JoinError
        Where weights and data are of different units.
    DataError
        Where a panel is unbalanced, or no unit has a neighbour.

    Examples
    --------
    >>> from ecospatial.drivers.ols import ols
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(20), "gdp": rng.normal(size=20), "rd": rng.normal(size=20)})
    >>> ring = np.roll(np.eye(20), 1, axis=1) + np.roll(np.eye(20), -1, axis=1)
    >>> model = ols(Panel.from_frame(frame, unit="city"), "gdp", ["rd"])
    >>> tests = spatial_tests(model, Weights.from_sparse(ring, range(20)))
    >>> tests.to_frame()["test"].tolist()[:2]
    ['LM error', 'LM lag']
    """
    near = weights_of(weights, model.data)
    y, x = Design.of(model.data, model.y_name, model.x_names).cubes()
    statistics = lagrange_multipliers(y, x, near.sparse)
    moran = residual_moran(y, x, near.sparse)
    tests = _tests(statistics, moran)
    return SpatialTestsResult(
        y_name=model.y_name,
        x_names=model.x_names,
        nobs=model.nobs,
        weights=near,
        tests=tests,
        moran=_moran_row(moran),
        path=decision_path(tests.set_index("test")),
        notes=(*weights_notes(near), *_undefined_notes(statistics)),
    )


def _tests(lm: LagrangeMultipliers, moran: ResidualMoran) -> pd.DataFrame:
    rows: list[tuple[str, float, float, str]] = [
        (LM_ERROR, lm.error, 1, "no spatial error (lambda = 0)"),
        (LM_LAG, lm.lag, 1, "no spatial lag (rho = 0)"),
        (ROBUST_ERROR, lm.robust_error, 1, "no spatial error, a spatial lag allowed for"),
        (ROBUST_LAG, lm.robust_lag, 1, "no spatial lag, a spatial error allowed for"),
        (SARMA, lm.sarma, 2, "neither spatial lag nor spatial error (rho = lambda = 0)"),
    ]
    frame = pd.DataFrame(
        [(test, value, df, float(stats.chi2.sf(value, df)), null) for test, value, df, null in rows]
        + [(MORAN, moran.z, np.nan, _two_sided(moran.z), "the residuals are not spatially autocorrelated")],
        columns=["test", "statistic", "df", "pvalue", "null"],
    )
    return frame.astype({"statistic": float, "df": float, "pvalue": float})


def _moran_row(moran: ResidualMoran) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "I": [moran.i],
            "expected": [moran.expected],
            "variance": [moran.variance],
            "z": [moran.z],
            "pvalue": [_two_sided(moran.z)],
        }
    )


def _two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def _undefined_notes(lm: LagrangeMultipliers) -> tuple[Message, ...]:
    if np.isfinite(lm.robust_lag):
        return ()
    text = "The robust tests are undefined here: the spatial lag of the fitted values is a combination of the drivers."
    return (Message.of(text),)


def decision_path(tests: pd.DataFrame) -> tuple[Message, ...]:
    """Walk from LM over robust LM tests to a model (Florax, Folmer and Rey 2003).

    Parameters
    ----------
    tests : DataFrame
        Indexed by name of the test: ``statistic, pvalue``.

    Examples
    --------
    >>> tests = pd.DataFrame({"statistic": [0.7, 0.2], "pvalue": [0.4, 0.6]}, index=["LM error", "LM lag"])
    >>> [str(step) for step in decision_path(tests)]
    ['LM error (p = 0.4000) and LM lag (p = 0.6000) do not reject at 0.05', 'advice: stay with OLS']
    """
    error, lag = tests["pvalue"][LM_ERROR], tests["pvalue"][LM_LAG]
    verdicts = {
        (False, False): "LM error ({error}) and LM lag ({lag}) do not reject at {level}",
        (True, False): "LM error rejects ({error}), LM lag does not ({lag}) at {level}",
        (False, True): "LM lag rejects ({lag}), LM error does not ({error}) at {level}",
        (True, True): "LM error ({error}) and LM lag ({lag}) both reject at {level}",
    }
    rejected = bool(error < LEVEL), bool(lag < LEVEL)
    step = _step(verdicts[rejected], error, lag)
    if rejected == (True, True):
        return step, *_robust_steps(tests)
    if rejected == (False, False):
        return step, Message.of("advice: stay with OLS")
    return step, _advice("error" if rejected[0] else "lag")


def _robust_steps(tests: pd.DataFrame) -> tuple[Message, ...]:
    """Settle by the robust tests; where they agree the larger statistic decides."""
    error, lag = tests["pvalue"][ROBUST_ERROR], tests["pvalue"][ROBUST_LAG]
    if np.isnan(error) or np.isnan(lag):
        return Message.of("the robust tests are undefined"), Message.of("advice: choose lag or error by theory")
    verdicts = {
        (False, False): "neither robust test rejects (error {error}, lag {lag}); the larger statistic decides",
        (True, False): "only robust LM error rejects (error {error}, lag {lag})",
        (False, True): "only robust LM lag rejects (error {error}, lag {lag})",
        (True, True): "both robust tests reject (error {error}, lag {lag}); the larger statistic decides",
    }
    step = _step(verdicts[bool(error < LEVEL), bool(lag < LEVEL)], error, lag)
    larger = tests["statistic"][ROBUST_ERROR] > tests["statistic"][ROBUST_LAG]
    return step, _advice("error" if larger else "lag")


def _step(template: str, error: float, lag: float) -> Message:
    return Message.of(template, error=probability(error), lag=probability(lag), level=f"{LEVEL:g}")


def _advice(model: str) -> Message:
    return Message.of(
        "advice: the spatial {model} model; Elhorst (2010) would estimate a spatial Durbin model as well and test"
        " whether it simplifies to it",
        model=Message.of(model),
    )

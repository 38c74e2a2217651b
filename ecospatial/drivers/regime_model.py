"""The regression that is run by group: which model, on which weights, with which errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ..errors import Message, OptionError, Text
from ..geo.weights import Weights
from ..panel import Panel
from .covariance import Errors
from .ols import Effects, ols
from .regression import RegressionResult
from .spatial_models import MODELS, Model
from .spatial_panel import spatial_panel


@dataclass(frozen=True, eq=False)
class RegimeModel:
    """What is estimated, whatever its columns.

    Attributes
    ----------
    model : str
        ``"ols"`` or a spatial model.
    effects : str
    weights : Weights or None
        None in least squares.
    errors : str
        Of least squares.
    cluster : str or None
    lee_yu : {"transform", "none"}
    """

    model: Model | str
    effects: Effects
    weights: Weights | None
    errors: Errors
    cluster: str | None
    lee_yu: str

    @classmethod
    def of(
        cls,
        data: Panel,
        model: str,
        effects: str,
        weights: Weights | None,
        errors: Errors | None,
        cluster: str | None,
        lee_yu: str,
    ) -> RegimeModel:
        """Settle the errors: clustered in a panel, else robust to heteroskedasticity.

        Raises
        ------
        OptionError
            Where a spatial model is given errors of least squares.
        """
        if model != "ols" and (errors is not None or cluster is not None):
            raise OptionError("errors= and cluster= are for model='ols'; spatial models have errors of their own.")
        usual: Errors = "clustered" if cluster is not None or len(data.periods) > 1 else "hc3"
        return cls(model, effects, weights, errors or usual, cluster, lee_yu)  # type: ignore[arg-type]

    @property
    def lags(self) -> bool:
        """Whether drivers enter with their spatial lags."""
        return self.model != "ols" and MODELS[self.model].lags

    @property
    def spatial_parameters(self) -> int:
        """How many of rho and lambda there are."""
        return 0 if self.model == "ols" else len(MODELS[self.model].parameters)

    def within(self, data: Panel) -> RegimeModel:
        """The same with weights of these units alone."""
        return self if self.weights is None else replace(self, weights=self.weights.subset(data.units))

    def fit(self, data: Panel, y: str, x: Sequence[str], lagged: Sequence[str]) -> RegressionResult:
        """Estimate; only ``lagged`` of the regressors get a spatial lag, in models that have some."""
        if self.weights is None:
            return ols(data, y, x, self.effects, self.errors, self.cluster)
        return spatial_panel(
            data,
            y,
            x,
            self.weights,
            model=self.model,  # type: ignore[arg-type]
            effects=self.effects,
            lee_yu=self.lee_yu,  # type: ignore[arg-type]
            lags_of=list(lagged) if self.lags else None,
        )

    @property
    def words(self) -> Text:
        """The kind of the standard errors."""
        if self.model == "ols":
            return self.errors
        return Message.of("information" if self.spatial_parameters else "classical")

    def inference(self, fit: RegressionResult) -> Text:
        """What the standard errors of a fit rest on."""
        return fit.facts()["Standard errors"]

    def notes(self) -> tuple[Message, ...]:
        """What information-based errors do not allow for."""
        if self.spatial_parameters == 0:
            return ()
        return (
            Message.of(
                "Standard errors and tests rest on the information of the likelihood: they take the errors for"
                " independent over time and alike in all groups, and are not clustered by unit."
            ),
        )


def with_clusters(data: Panel, cluster: str | None, labels: pd.Series | None) -> Panel:
    """The data with the column of clusters beside them."""
    if cluster is None or labels is None or cluster in data.columns:
        return data
    return data.assign(**{cluster: labels})

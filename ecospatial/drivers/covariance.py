"""Which covariance goes with a least-squares fit, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import DataError, Message, OptionError, Text
from ..kernels.robust import clustered, heteroskedastic, long_run
from ..panel import Panel
from .panel_fit import PanelFit

Errors = Literal["classical", "hc0", "hc1", "hc2", "hc3", "clustered", "driscoll-kraay"]
FEW_CLUSTERS, FEW_PERIODS = 30, 20


@dataclass(frozen=True, eq=False)
class Inference:
    """Covariance of the coefficients.

    Attributes
    ----------
    cov : ndarray, shape (k, k)
    df : int
        Of Student's t.
    words : Message
        The convention.
    notes : tuple of Message
    """

    cov: np.ndarray
    df: int
    words: Text
    notes: tuple[Message, ...] = ()


def infer(
    fit: PanelFit, data: Panel, effects: str, errors: Errors, clusters: pd.Series | None, bandwidth: int | None
) -> Inference:
    """The covariance of a fit.

    Parameters
    ----------
    fit : PanelFit
    data : Panel
    effects : str
    errors : str
    clusters : Series or None
        Labels of the rows; units by default.
    bandwidth : int or None

    Raises
    ------
    OptionError
        Where ``clusters`` or ``bandwidth`` are given for other errors, or there is one cluster or period.
    """
    if clusters is not None and errors != "clustered":
        raise OptionError("cluster= goes with errors='clustered', not with '{errors}'.", errors=errors)
    if bandwidth is not None and errors != "driscoll-kraay":
        raise OptionError("bandwidth= goes with errors='driscoll-kraay', not with '{errors}'.", errors=errors)
    if errors == "classical":
        return Inference(fit.sigma2 * fit.fit.inverse, fit.df, Message.of("classical, σ² = e'e / (N − k)"))
    if errors == "clustered":
        return _clustered(fit, data, effects, clusters)
    if errors == "driscoll-kraay":
        return _driscoll_kraay(fit, data, bandwidth)
    cov = heteroskedastic(fit.x, fit.fit.residuals, fit.fit.inverse, fit.leverage, fit.df, errors)
    words = Message.of("heteroskedasticity-robust, {kind}", kind=errors.upper())
    return Inference(cov, fit.df, words, _stock_watson() if effects in ("individual", "twoway") else ())


def _clustered(fit: PanelFit, data: Panel, effects: str, clusters: pd.Series | None) -> Inference:
    unit, period = data.places()
    codes, name, count = cluster_codes(data, clusters)
    parameters = len(fit.terms) + fit.absorbed
    # Effects that are nested in the clusters cost no degrees of freedom, but for their common level.
    if effects in ("individual", "twoway") and _nested(unit, codes):
        parameters -= len(data.units) - 1
    elif effects in ("time", "twoway") and _nested(period, codes):
        parameters -= len(data.periods) - 1
    cov = clustered(fit.x, fit.fit.residuals, fit.fit.inverse, codes, parameters)
    words = Message.of("clustered by {name} ({count} clusters), t with {df} df", name=name, count=count, df=count - 1)
    return Inference(cov, count - 1, words, few_clusters(count))


def cluster_codes(data: Panel, clusters: pd.Series | None) -> tuple[np.ndarray, str, int]:
    """Positions of the rows' clusters, what the clusters are called, and how many there are.

    Raises
    ------
    OptionError
        Where there is one cluster, or every unit is its own in a cross-section.
    """
    unit, _ = data.places()
    codes, name = (unit, "unit") if clusters is None else (pd.factorize(clusters)[0], str(clusters.name))
    if clusters is None and len(data.periods) == 1:
        raise OptionError("Each unit stands once; name the column of the clusters with cluster=.")
    count = int(codes.max()) + 1
    if count < 2:
        raise OptionError("'{column}' puts all rows into one cluster; there must be several.", column=name)
    return codes, name, count


def _driscoll_kraay(fit: PanelFit, data: Panel, bandwidth: int | None) -> Inference:
    _, period = data.places()
    count = len(data.periods)
    if count < 2:
        raise OptionError("Driscoll–Kraay errors need several periods; these data have one.")
    lags = int(4 * (count / 100) ** (2 / 9)) if bandwidth is None else bandwidth
    if lags >= count:
        raise OptionError("bandwidth={lags} must be less than the {count} periods.", lags=lags, count=count)
    parameters = len(fit.terms) + fit.absorbed
    cov = long_run(fit.x, fit.fit.residuals, fit.fit.inverse, period, parameters, lags)
    words = Message.of("Driscoll–Kraay, bandwidth {lags}, t with {df} df", lags=lags, df=count - 1)
    return Inference(cov, count - 1, words, _few_periods(count))


def _nested(inner: np.ndarray, outer: np.ndarray) -> bool:
    """Whether every inner group lies in one outer group."""
    return len(np.unique(np.column_stack([inner, outer]), axis=0)) == len(np.unique(inner))


def labels_of(data: Panel, column: str) -> pd.Series:
    """Labels of clusters, each row one.

    Raises
    ------
    DataError
        Where a cell is empty.
    """
    labels = data[column]
    empty = np.flatnonzero(labels.isna().to_numpy())
    if len(empty):
        raise DataError(
            "'{column}' is empty for {where}; every row needs a cluster.",
            column=column,
            where=data.named(empty),
        )
    return labels.astype(str).rename(column)


def few_clusters(count: int) -> tuple[Message, ...]:
    """A note where clusters are few."""
    if count >= FEW_CLUSTERS:
        return ()
    return (
        Message.of(
            "{count} clusters are few: clustered standard errors are too small with fewer than {enough} (Cameron,"
            " Gelbach & Miller 2008).",
            count=count,
            enough=FEW_CLUSTERS,
        ),
    )


def _few_periods(count: int) -> tuple[Message, ...]:
    if count >= FEW_PERIODS:
        return ()
    return (
        Message.of(
            "{count} periods are few: Driscoll–Kraay standard errors rest on long panels and are too small in short"
            " ones (Hoechle 2007).",
            count=count,
        ),
    )


def _stock_watson() -> tuple[Message, ...]:
    return (
        Message.of(
            "Standard errors robust to heteroskedasticity alone are biased with unit effects (Stock & Watson 2008);"
            " errors='clustered' is not."
        ),
    )

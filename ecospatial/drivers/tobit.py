"""Tobit regression: a dependent variable that is censored at limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, tool
from ..errors import DataError, Message, OptionError, Text
from ..geo.join import PanelLike
from ..kernels.censored import Censored, CensoredFit, fit_censored
from ..kernels.censored_effects import moments
from ..kernels.censored_panel import fit_censored_panel
from ..kernels.robust import clustered_sums
from .covariance import cluster_codes, few_clusters, labels_of
from .design import Design
from .diagnostics import Row, chi2
from .likelihood_result import check_flat, check_limits, effects_table, no_maximum, wald
from .regression import table_of_tests
from .tobit_result import SIGMA, SIGMA_UNIT, TobitResult
from .transforms import Transforms

POOLED_RANDOM = "no unit effects: sigma_u = 0 (half the p-value of chi-squared, since it lies on the edge)"


@tool(group="drivers", title="Tobit regression")
def tobit(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    lower: Annotated[float | None, "Lower limit"] = 0.0,
    upper: Annotated[float | None, "Upper limit"] = None,
    effects: Annotated[Literal["none", "random"], "Effects"] = "none",
    errors: Annotated[Literal["classical", "clustered"], "Standard errors"] = "classical",
    cluster: Annotated[str | None, Column(numeric=False), "Clusters"] = None,
    points: Annotated[int, Range(4, 100), Advanced(), "Nodes of the quadrature"] = 16,
    transforms: Transforms = (),
) -> TobitResult:
    """Regress a variable that is censored at limits on its drivers (Tobin 1958).

    y* = xβ + e with normal errors; y = y* between the limits, and the limit where y* lies beyond it. Maximum
    likelihood by Newton's method in γ = β/σ, θ = 1/σ, where the likelihood is concave (Olsen 1978)::

        log L = Σ_free [log θ + log φ(θy − xγ)] + Σ_lower log Φ(θL − xγ) + Σ_upper log Φ(xγ − θU)

    With ``effects="random"`` y* = xβ + u + e with a normal effect of each unit, integrated out by adaptive
    Gauss–Hermite quadrature (Butler & Moffitt 1982; Liu & Pierce 1994).

    Parameters
    ----------
    data : Panel or GeoPanel
    y : str
        Dependent variable. Values beyond a limit count as censored at it.
    x : sequence of str
        Drivers; the intercept is added.
    lower, upper : float or None
        Limits; None where there is none. On a command line: --lower=-inf.
    effects : {"none", "random"}
        None: all unit-periods are independent. Fixed effects are not offered: in short panels they bias a Tobit
        model (Greene 2004).
    errors : {"classical", "clustered"}
        Of the observed information, or allowing for dependence within clusters, without random effects.
    cluster : str or None
        Column of the clusters; by default each unit is one.
    points : int
        Nodes; the result says how much doubling them changes.
    transforms : mapping, or sequence of str
        What is done to variables first; see :func:`ols`.

    Returns
    -------
    TobitResult
        Terms in the order intercept, drivers, ``sigma_u`` with random effects, ``sigma``; marginal effects on the
        latent variable, the observed one, the uncensored one and the probability of no censoring, at means and on
        average, with standard errors by the delta method.

    Raises
    ------
    OptionError
        Where there is no limit, or the lower is not below the upper.
    DataError
        Where a cell cannot be used, or all observations are censored.
    ModelError
        Where drivers are collinear, or the likelihood has no maximum since a driver separates the censored from the
        rest.

    Examples
    --------
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(200), "rd": rng.normal(size=200)})
    >>> frame["patents"] = np.maximum(0.5 + frame["rd"] + rng.normal(size=200), 0.0)
    >>> tobit(Panel.from_frame(frame, unit="city"), "patents", ["rd"]).params.index.tolist()
    ['Intercept', 'rd', 'sigma']
    """
    low, high = check_limits(lower, upper)
    design = Design.of(data, y, x, transforms)
    sample = Censored.of(design.y, design.x, low, high)
    _check_sample(design, sample, effects)
    fit = _fitted(design, sample, effects, points)
    notes = (*design.notes, *_notes(design, data, y, low, high, sample))
    words: Text = "observed information"
    if effects == "random":
        notes += (_sensitivity(design, sample, fit, points),)
    if errors == "clustered" or cluster is not None:
        fit, words, few = _clustered(design, data, fit, errors, cluster)
        notes += few
    elif effects == "none" and len(design.data.periods) > 1:
        notes += (_independent(),)
    return _result(design, sample, effects, fit, (low, high), points, words, notes)


def _clustered(
    design: Design, data: PanelLike, fit: CensoredFit, errors: str, cluster: str | None
) -> tuple[CensoredFit, Text, tuple[Message, ...]]:
    """The fit with a covariance that allows for dependence within clusters."""
    if errors != "clustered":
        raise OptionError("cluster= goes with errors='clustered', not with '{errors}'.", errors=errors)
    if fit.influence is None:
        raise OptionError("Clustered errors go with effects='none'; random effects are the dependence within units.")
    labels = None if cluster is None else labels_of(data, cluster).reindex(design.data.index)
    codes, name, count = cluster_codes(design.data, labels)
    words = Message.of("clustered by {name} ({count} clusters)", name=name, count=count)
    return replace(fit, cov=clustered_sums(fit.influence, codes)), words, few_clusters(count)


def _independent() -> Message:
    return Message.of(
        "Pooled: the standard errors take the periods of a unit to be independent; see errors='clustered' and"
        " effects='random'."
    )


def _check_sample(design: Design, sample: Censored, effects: str) -> None:
    if (sample.side != 0).all():
        raise DataError(
            "All {count} values of '{column}' are at a limit or beyond it; a Tobit model needs some that are not.",
            count=len(sample.y),
            column=design.y_name,
        )
    if effects == "random" and len(design.data.periods) == 1:
        raise OptionError("effects='random' needs a panel; these data have one period.")


def _fitted(design: Design, sample: Censored, effects: str, points: int) -> CensoredFit:
    unit, _ = design.data.places()
    fit = fit_censored(sample) if effects == "none" else fit_censored_panel(sample, unit, points)
    if fit is None:
        raise no_maximum(design)
    check_flat(design, fit.flat)
    design.check_rest(len(sample.y) * fit.sigma[-1] ** 2)
    return fit


def _result(
    design: Design,
    sample: Censored,
    effects: str,
    fit: CensoredFit,
    limits: tuple[float, float],
    points: int,
    words: Text,
    notes: tuple[Message, ...],
) -> TobitResult:
    spread = [SIGMA_UNIT, SIGMA] if effects == "random" else [SIGMA]
    terms = design.terms.append(pd.Index(spread)).rename("term")
    index = design.data.index
    total, cov = _total(fit)
    expected = moments(design.x @ fit.coefficients, total, *limits).mean
    below, between, above = (int((sample.side == side).sum()) for side in (-1, 0, 1))
    alone = fit_censored(replace(sample, x=sample.x[:, :1]))
    return TobitResult(
        data=design.data,
        y_name=design.y_name,
        x_names=design.x_names,
        panel_effects=effects,
        params=pd.Series(np.append(fit.coefficients, fit.sigma), index=terms, name="coefficient"),
        cov=pd.DataFrame(fit.cov, index=terms, columns=terms),
        fitted=pd.Series(expected, index=index, name="fitted"),
        residuals=pd.Series(design.y - expected, index=index, name="residual"),
        sigma2=float(fit.sigma[-1] ** 2),
        loglik=fit.loglik,
        r2=float(np.corrcoef(sample.y, expected)[0, 1] ** 2),
        diagnostics=table_of_tests(_tests(design, sample, effects, fit)),
        lower=limits[0],
        upper=limits[1],
        censored=(below, between, above),
        marginal=effects_table(design, fit.coefficients, total, cov, limits),
        null_loglik=np.nan if alone is None else alone.loglik,
        points=points if effects == "random" else 0,
        inference=words,
        notes=notes,
    )


def _total(fit: CensoredFit) -> tuple[float, np.ndarray]:
    """The standard deviation of y given x, and its covariance with the coefficients."""
    total = float(np.linalg.norm(fit.sigma))
    count = len(fit.coefficients)
    change = np.zeros((count + 1, len(fit.cov)))
    change[:count, :count] = np.eye(count)
    change[count, count:] = fit.sigma / total
    return total, change @ fit.cov @ change.T


def _tests(design: Design, sample: Censored, effects: str, fit: CensoredFit) -> Mapping[str, Row]:
    rows = {"Wald": wald(fit.coefficients, fit.cov, len(design.x_names))}
    if effects == "random":
        pooled = fit_censored(sample)
        gain = 0.0 if pooled is None else max(2 * (fit.loglik - pooled.loglik), 0.0)
        statistic, df, pvalue, null = chi2(gain, 1, POOLED_RANDOM)
        rows["Likelihood ratio (random effects)"] = statistic, df, pvalue / 2, null
        share, sigma = fit.sigma[0] ** 2 / (fit.sigma**2).sum(), "no test; σᵤ² / (σᵤ² + σₑ²)"
        rows["Share of the unit effects"] = float(share), np.nan, np.nan, sigma
    return rows


def _notes(
    design: Design, data: PanelLike, y: str, lower: float, upper: float, sample: Censored
) -> tuple[Message, ...]:
    notes = []
    if (sample.side == 0).all():
        notes.append(Message.of("No observation is at a limit: this is the normal regression by maximum likelihood."))
    beyond = int(((design.y < lower) | (design.y > upper)).sum())
    if beyond:
        notes.append(Message.of("{count} values lie beyond a limit and count as censored at it.", count=beyond))
    if y in data.made_from and design.y.min() < 1 < design.y.max():
        notes.append(
            Message.of(
                "'{y}' has values on both sides of 1, as super-efficiency scores have: nothing is censored at 1, and a"
                " Tobit model is not for them.",
                y=y,
            )
        )
    return tuple(notes)


def _sensitivity(design: Design, sample: Censored, fit: CensoredFit, points: int) -> Message:
    """How much twice the nodes change."""
    finer = _fitted(design, sample, "random", 2 * points)
    change = np.append(finer.coefficients - fit.coefficients, finer.sigma - fit.sigma) / np.sqrt(np.diag(finer.cov))
    return Message.of(
        "With {points} nodes instead of {half} the log-likelihood changes by {loglik}, and the terms by at most {share}"
        " of a standard error{verdict}.",
        points=2 * points,
        half=points,
        loglik=f"{finer.loglik - fit.loglik:.1g}",
        share=f"{np.abs(change).max():.1g}",
        verdict=Message.of("; give more points") if np.abs(change).max() > 0.01 else "",
    )

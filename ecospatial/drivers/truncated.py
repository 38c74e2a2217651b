"""Truncated regression: a dependent variable that is only seen between limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
import pandas as pd

from ..describe import Column, tool
from ..errors import DataError, Message, Text
from ..geo.join import PanelLike
from ..kernels.truncated import TruncatedFits, fit_truncated, truncated_mean
from .design import Design
from .likelihood_result import LikelihoodResult, check_limits, effects_table, limit_words, no_maximum, wald
from .regression import table_of_tests
from .transforms import Transforms

Kind = TypeVar("Kind", bound="TruncatedResult")

KINDS = ("latent", "uncensored")
SIGMA = "sigma"


@dataclass(frozen=True, eq=False, repr=False)
class TruncatedResult(LikelihoodResult):
    """A truncated regression; its residuals are from the expectation between the limits."""

    TITLE: ClassVar[str] = "Truncated regression"
    LABEL: ClassVar[str] = "Truncated"

    def _fit_facts(self) -> dict[str, Text]:
        return {
            "Limits": limit_words(self.lower, self.upper),
            "Pseudo-R²": Message.of("{r2} squared correlation of y and its expectation", r2=f"{self.r2:.4f}"),
            "Standard errors": "observed information",
        }


@tool(group="drivers", title="Truncated regression")
def truncated(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    lower: Annotated[float | None, "Lower limit"] = 1.0,
    upper: Annotated[float | None, "Upper limit"] = None,
    transforms: Transforms = (),
) -> TruncatedResult:
    """Regress a variable that is only seen between limits on its drivers.

    y = xβ + e with normal errors, seen only where L < y < U (Hausman & Wise 1977)::

        log L = Σ [log φ((y − xβ)/σ) − log σ − log(Φ((U − xβ)/σ) − Φ((L − xβ)/σ))]

    Maximum likelihood by Newton's method in β/σ² and 1/σ², where the likelihood is concave (Orme & Ruud 2002). For
    efficiency scores :func:`second_stage` gives the inference that goes with them.

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a panel whose unit-periods are pooled.
    y : str
        Dependent variable. Rows whose value is at a limit or beyond it are left out and counted.
    x : sequence of str
        Drivers; the intercept is added.
    lower, upper : float or None
        Limits; None where there is none. On a command line: --lower=-inf.
    transforms : mapping, or sequence of str
        What is done to variables first; see :func:`ols`.

    Returns
    -------
    TruncatedResult
        Terms in the order intercept, drivers, ``sigma``; marginal effects on the latent variable and on its
        expectation between the limits.

    Raises
    ------
    OptionError
        Where there is no limit, or the lower is not below the upper.
    DataError
        Where a cell cannot be used, or no row lies between the limits.
    ModelError
        Where drivers are collinear, or the likelihood has no maximum, as with data whose tail is heavier than that
        of an exponential distribution.

    Examples
    --------
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(300), "rd": rng.normal(size=300)})
    >>> frame["distance"] = 1.0 + 0.5 * frame["rd"] + rng.normal(size=300)
    >>> seen = Panel.from_frame(frame[frame["distance"] > 1.0], unit="city")
    >>> truncated(seen, "distance", ["rd"]).params.index.tolist()
    ['Intercept', 'rd', 'sigma']
    """
    limits = check_limits(lower, upper)
    design = between(Design.of(data, y, x, transforms), limits)
    fits = fitted_truncated(design, limits)
    return truncated_result(TruncatedResult, design, fits, limits)


def between(design: Design, limits: tuple[float, float]) -> Design:
    """The rows of a design between limits.

    Raises
    ------
    DataError
        Where there is none.
    """
    inside = (design.y > limits[0]) & (design.y < limits[1])
    if inside.all():
        return design
    if not inside.any():
        raise DataError(
            "No value of '{column}' lies between the limits {low} and {high}; it runs from {least} to {most}.",
            column=design.y_name,
            low=f"{limits[0]:g}",
            high=f"{limits[1]:g}",
            least=f"{design.y.min():g}",
            most=f"{design.y.max():g}",
        )
    kept = Design.of(design.data.where_rows(inside), design.y_name, design.x_names)
    note = Message.of(
        "{count} of {all} unit-periods at a limit or beyond it are left out.",
        count=int((~inside).sum()),
        all=len(inside),
    )
    return replace(kept, notes=(*design.notes, note))


def fitted_truncated(design: Design, limits: tuple[float, float]) -> TruncatedFits:
    """The maximum of the likelihood of a design.

    Raises
    ------
    ModelError
        Where there is none.
    """
    design.fit()
    fits = fit_truncated(design.y[None], design.x, *limits)
    if not np.isfinite(fits.sigma[0]):
        raise no_maximum(design)
    return fits


def truncated_result(
    kind: type[Kind],
    design: Design,
    fits: TruncatedFits,
    limits: tuple[float, float],
    notes: Sequence[Message] = (),
    **further: Any,
) -> Kind:
    """A result of a maximum, with what a kind of result has further."""
    coefficients, sigma, cov = fits.coefficients[0], float(fits.sigma[0]), fits.cov[0]
    terms = design.terms.append(pd.Index([SIGMA])).rename("term")
    index = design.data.index
    expected = truncated_mean(design.x @ coefficients, sigma, *limits)
    shown: dict[str, Any] = {
        "data": design.data,
        "y_name": design.y_name,
        "x_names": design.x_names,
        "panel_effects": "none",
        "params": pd.Series(np.append(coefficients, sigma), index=terms, name="coefficient"),
        "cov": pd.DataFrame(cov, index=terms, columns=terms),
        "fitted": pd.Series(expected, index=index, name="fitted"),
        "residuals": pd.Series(design.y - expected, index=index, name="residual"),
        "sigma2": sigma**2,
        "loglik": float(fits.loglik[0]),
        "r2": float(np.corrcoef(design.y, expected)[0, 1] ** 2),
        "diagnostics": table_of_tests({"Wald": wald(coefficients, cov, len(design.x_names))}),
        "lower": limits[0],
        "upper": limits[1],
        "marginal": effects_table(design, coefficients, sigma, cov, limits, KINDS),
        "notes": (*design.notes, *_pooled(design), *notes),
    }
    return kind(**shown, **further)


def _pooled(design: Design) -> tuple[Message, ...]:
    if len(design.data.periods) == 1:
        return ()
    return (Message.of("Pooled: the periods of a unit are taken to be independent."),)

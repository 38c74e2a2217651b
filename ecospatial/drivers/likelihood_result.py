"""What regressions with a limited dependent variable share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Table
from ..errors import Message, ModelError, OptionError, Text
from ..kernels.censored_effects import KINDS, marginal_effects
from .design import Design
from .diagnostics import Row, chi2
from .regression import RegressionResult, stars


@dataclass(frozen=True, eq=False, repr=False)
class LikelihoodResult(RegressionResult):
    """A regression with a limited dependent variable, by maximum likelihood.

    Attributes
    ----------
    lower, upper : float
        Limits; infinite where there is none.
    marginal : DataFrame
        Marginal effects: ``driver, on, at, effect, std_error, statistic, pvalue, stars``.
    """

    ANCILLARY: ClassVar[tuple[str, ...]] = ("sigma",)
    TABLES: ClassVar[tuple[Table, ...]] = (
        *RegressionResult.TABLES,
        Table("marginal_effects", "term", "Marginal effects"),
    )

    lower: float
    upper: float
    marginal: pd.DataFrame

    @property
    def parameter(self) -> str:
        """The term that is no coefficient."""
        return self.ANCILLARY[0]

    @property
    def parameters(self) -> int:
        """What was estimated; the standard deviation is among the terms."""
        return len(self.params)

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over their standard errors; none for a standard deviation, which cannot be negative."""
        return super().tvalues.mask(self.params.index.isin(self.ANCILLARY))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Coefficients, residuals, diagnostics and marginal effects."""
        return {**super().tables(), "marginal_effects": self.marginal}


def effects_table(
    design: Design,
    coefficients: np.ndarray,
    sigma: float,
    cov: np.ndarray,
    limits: tuple[float, float],
    kinds: Sequence[str] = KINDS,
) -> pd.DataFrame:
    """Marginal effects on average and at the means of the drivers, with standard errors by the delta method."""
    parts = []
    for at, rows in (("average", design.x), ("means", design.x.mean(axis=0, keepdims=True))):
        found = marginal_effects(coefficients, sigma, cov, rows, *limits)
        for kind in kinds:
            effect, error = found[kind]
            known = {"driver": list(design.x_names), "on": kind, "at": at, "effect": effect, "std_error": error}
            parts.append(pd.DataFrame(known))
    table = pd.concat(parts, ignore_index=True).rename_axis("row")
    table["statistic"] = table["effect"] / table["std_error"]
    table["pvalue"] = 2 * stats.norm.sf(table["statistic"].abs())
    return table.assign(stars=[stars(p) for p in table["pvalue"]])


def check_limits(lower: float | None, upper: float | None) -> tuple[float, float]:
    """Limits as numbers, infinite where there is none.

    Raises
    ------
    OptionError
        Where there is none at all, or they are in the wrong order.
    """
    low, high = -np.inf if lower is None else lower, np.inf if upper is None else upper
    if not (isinstance(low, Real) and isinstance(high, Real) and low < high):
        raise OptionError("lower={low} must be less than upper={high}.", low=low, high=high)
    if np.isinf(low) and np.isinf(high):
        raise OptionError("Name a lower or an upper limit; without one this is least squares.")
    return float(low), float(high)


def limit_words(lower: float, upper: float) -> Text:
    """Limits for people.

    Examples
    --------
    >>> str(limit_words(0.0, np.inf)), str(limit_words(0.0, 1.0))
    ('0 from below', '0 from below, 1 from above')
    """
    if np.isinf(upper):
        return Message.of("{lower} from below", lower=f"{lower:g}")
    if np.isinf(lower):
        return Message.of("{upper} from above", upper=f"{upper:g}")
    return Message.of("{lower} from below, {upper} from above", lower=f"{lower:g}", upper=f"{upper:g}")


def wald(coefficients: np.ndarray, cov: np.ndarray, drivers: int) -> Row:
    """That no driver has an effect; the intercept comes first."""
    chosen = slice(1, drivers + 1)
    gap = coefficients[chosen]
    return chi2(float(gap @ np.linalg.solve(cov[chosen, chosen], gap)), drivers, "no driver has an effect")


def check_flat(design: Design, flat: np.ndarray | None) -> None:
    """Stop where the likelihood rises for ever in some direction of the coefficients.

    Parameters
    ----------
    design : Design
    flat : ndarray, shape (k + s,), or None
        In orthonormal regressors: the last that takes part is the driver that does it.
    """
    if flat is None:
        return
    count = design.x.shape[1]
    involved = np.flatnonzero(np.abs(flat[1:count]) > 0.3) + 1
    raise ModelError(
        "The likelihood has no maximum: {drivers} separates the censored observations from the others, or nearly so."
        " Leave it out, or use other limits.",
        drivers=design.drivers(involved) if len(involved) else Message.of("a driver"),
    )


def no_maximum(design: Design) -> ModelError:
    """The error where the likelihood of a design has no maximum that can be found."""
    return ModelError(
        "The likelihood of '{y}' has no maximum that Newton's method finds; use fewer drivers, or other limits.",
        y=design.y_name,
    )

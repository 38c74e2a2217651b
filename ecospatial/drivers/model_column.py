"""What a regression table says of one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .effects_result import KINDS
from .regression import RegressionResult, stars
from .spatial_result import SpatialResult

UNIT_EFFECTS = {"individual": "fixed", "twoway": "fixed", "random": "random"}
PERIOD_EFFECTS = {"time": "fixed", "twoway": "fixed"}
INDENT = "\N{NO-BREAK SPACE}"  # sets the effects of a driver apart from its coefficient
HEADINGS = {"direct": "Direct effects", "indirect": "Indirect effects", "total": "Total effects"}


@dataclass(frozen=True, eq=False)
class ModelColumn:
    """One column of a regression table.

    Attributes
    ----------
    label : str
    coefficients : DataFrame
        By term: ``coefficient, std_error, statistic, pvalue``.
    impacts : dict of str to DataFrame
        The same by driver for direct, indirect and total effects; empty where a model has none.
    figures : dict of str to str
        The rows below the coefficients.
    """

    label: str
    coefficients: pd.DataFrame
    impacts: Mapping[str, pd.DataFrame]
    figures: Mapping[str, str]

    @classmethod
    def of(cls, model: RegressionResult, effects: bool) -> ModelColumn:
        """Take from a model what a table needs."""
        figures = {
            "Dependent variable": model.y_name,
            "Unit effects": UNIT_EFFECTS.get(model.panel_effects, "no"),
            "Period effects": PERIOD_EFFECTS.get(model.panel_effects, "no"),
            "Observations": str(model.nobs),
            "Units": str(len(model.data.units)),
            "R²": _decimals(model.r2, 4),
            "σ²": number(model.sigma2),
            "Log-likelihood": _decimals(model.loglik, 3),
            "AIC": _decimals(model.aic, 3),
            "BIC": _decimals(model.bic, 3),
        }
        coefficients = model.to_frame("coefficients")[["coefficient", "std_error", "statistic", "pvalue"]]
        spills = effects and isinstance(model, SpatialResult) and bool(model.kind.lags or "rho" in model.params.index)
        return cls(model.label, coefficients, _impacts(model) if spills else {}, figures)

    def cells(self, terms: Sequence[str], below: str, of: str | None = None) -> list[str]:
        """A coefficient (or an effect) and what stands below it in parentheses, for each term."""
        table = self.coefficients if of is None else self.impacts.get(of)
        found: list[str] = []
        for term in terms:
            if table is None or term not in table.index:
                found += ["", ""]
                continue
            row = table.loc[term]
            found.append(number(row["coefficient"]) + stars(row["pvalue"]))
            found.append(f"({number(row[below])})" if np.isfinite(row[below]) else "")
        return found


def _impacts(model: RegressionResult) -> dict[str, pd.DataFrame]:
    """Direct, indirect and total effects, each in the shape of a table of coefficients."""
    frame = model.effects().to_frame() if isinstance(model, SpatialResult) else pd.DataFrame()
    names = ("coefficient", "std_error", "statistic", "pvalue")
    return {kind: frame[[kind, f"{kind}_se", f"{kind}_z", f"{kind}_p"]].set_axis(list(names), axis=1) for kind in KINDS}


def stacked(
    models: Sequence[ModelColumn], terms: Sequence[str], drivers: Sequence[str], below: str
) -> list[tuple[str, list[str]]]:
    """The rows of a table: a label, and a cell for each model."""
    labels = [label for term in terms for label in (term, "")]
    rows = list(zip(labels, zip(*(model.cells(terms, below) for model in models), strict=True), strict=True))
    for kind, heading in HEADINGS.items():
        if any(model.impacts for model in models):
            labels = [label for driver in drivers for label in (INDENT + driver, "")]
            cells = zip(*(model.cells(drivers, below, kind) for model in models), strict=True)
            rows += [(heading, ("",) * len(models)), *zip(labels, cells, strict=True)]
    rows += [(name, tuple(model.figures[name] for model in models)) for name in models[0].figures]
    told = [(label, list(cells)) for label, cells in rows]
    unset = {"Unit effects", "Period effects"}
    return [row for row in told if row[0] not in unset or set(row[1]) != {"no"}]


def number(value: float) -> str:
    """A number as a regression table prints it: four decimals, or three digits where those would hide it.

    Examples
    --------
    >>> number(-1.59731), number(0.00012345), number(2.5e7)
    ('-1.5973', '0.000123', '2.50e+07')
    """
    if not np.isfinite(value):
        return ""
    usual = abs(value) >= 0.01 and abs(value) < 1e6
    return f"{value:.4f}" if usual or value == 0 else f"{value:#.3g}"


def _decimals(value: float, places: int) -> str:
    """A figure, empty where the model has none: a GMM estimate has no likelihood."""
    return f"{value:.{places}f}" if np.isfinite(value) else ""

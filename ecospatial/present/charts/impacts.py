"""Direct, indirect and total effects with their confidence intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from ...result import Result
from ..language import Words
from .canvas import sheet
from .coefficients import draw_intervals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {"direct": "Direct effects", "indirect": "Indirect effects", "total": "Total effects"}


def impacts(result: Result, words: Words) -> Figure:
    """Three panels side by side on scales of their own, a driver to a line."""
    table = cast(pd.DataFrame, cast(Any, result).impacts)
    figure = sheet(9.6, 0.3 * len(table) + 1.1)
    panels = figure.subplots(1, len(TITLES), sharey=True)
    for axes, (kind, title) in zip(panels, TITLES.items(), strict=True):
        columns = {"estimate": table[kind], "lower": table[f"{kind}_lower"], "upper": table[f"{kind}_upper"]}
        draw_intervals(axes, pd.DataFrame(columns))
        axes.set_title(words(title))
        axes.set_xlabel(words("Estimate and 95 % interval"))
        axes.locator_params(axis="x", nbins=5)
    return figure

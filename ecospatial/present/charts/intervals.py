"""Confidence intervals of efficiency, the best unit first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...result import Result
from .. import theme
from ..language import Words
from ..layers import one_period, period_suffix
from .canvas import grid, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 50  # units up to which each has its name on the axis


def intervals(result: Result, words: Words, period: Any = None) -> Figure:
    """Estimated and bias-corrected efficiency of a period with its intervals, in the order of the corrected one."""
    frame, when = one_period(cast(pd.DataFrame, cast(Any, result).intervals), period)
    known = frame[frame["lower"].notna()].sort_values("bias_corrected", ascending=False)
    figure = sheet(max(6.4, min(0.16 * len(known) + 2.0, 10.0)), 4.0)
    axes = figure.add_subplot()
    _draw(axes, known, words)
    axes.set_title(words("Efficiency and its confidence interval") + period_suffix(result, when))
    return figure


def _draw(axes: Axes, known: pd.DataFrame, words: Words) -> None:
    places = np.arange(len(known))
    few = len(known) <= NAMED
    axes.vlines(
        places,
        known["lower"].to_numpy(float),
        known["upper"].to_numpy(float),
        color=theme.BAND,
        linewidth=4.0 if few else 1.6,
        label=words("Confidence interval"),
    )
    for column, label, colour, mark in (
        ("efficiency", "Estimated", theme.RULE, "_"),
        ("bias_corrected", "Bias-corrected", theme.ACCENT, "."),
    ):
        values = known[column].to_numpy(float)
        axes.plot(places, values, mark, color=colour, markersize=6 if few else 3, label=words(label))
    if few:
        axes.set_xticks(places, [str(unit) for unit in known.index], rotation=90, fontsize="small")
    else:
        axes.set_xlabel(words("Units, the most efficient first"))
    axes.set_ylabel(words("Efficiency"))
    axes.margins(x=0.02)
    grid(axes)
    axes.legend(loc="lower left")

"""Efficiency scores: over time or as a distribution, and on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...result import Result
from .. import theme
from ..language import Words
from ..layers import efficiency_layer, one_period, period_suffix
from .canvas import grid, period_axis, sheet
from .maps import draw_layer, map_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def efficiency(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """The trend of the mean (or the distribution of one period) and, with boundaries, the map of a period."""
    scores = cast(pd.Series, cast(Any, result).efficiency)
    periods = scores.index.get_level_values("period").unique().sort_values()
    mapped = result.boundaries is not None
    figure = sheet(9.6, max(3.6, map_height(result.boundaries, 4.4))) if mapped else sheet(6.4, 3.6)
    left, *right = figure.subplots(1, 2, width_ratios=(0.9, 1.3)) if mapped else [figure.add_subplot()]
    if len(periods) > 1:
        _trend(left, scores, periods, words)
    else:
        frame, when = one_period(scores.to_frame("share"), period)
        _distribution(left, frame["share"].to_numpy(float), words)
        left.set_title(words("Distribution of efficiency") + period_suffix(result, when))
    if right:
        layer = efficiency_layer(result, words, period)
        draw_layer(right[0], layer, words, schematic)
        right[0].set_title(layer.title)
    return figure


def _trend(axes: Axes, scores: pd.Series, periods: pd.Index, words: Words) -> None:
    by_period = scores.groupby(level="period")
    at = period_axis(axes, periods)
    low, high = (by_period.quantile(share).reindex(periods).to_numpy(float) for share in (0.25, 0.75))
    mean = by_period.mean().reindex(periods).to_numpy(float)
    axes.fill_between(at, low, high, color=theme.BAND, linewidth=0, label=words("Quartiles"))
    axes.plot(at, mean, color=theme.ACCENT, linewidth=1.6, label=words("Mean"))
    axes.set_title(words("Efficiency over time"))
    axes.set_ylabel(words("Efficiency"))
    grid(axes)
    _legend_below(axes)


def _distribution(axes: Axes, values: np.ndarray, words: Words) -> None:
    from matplotlib.ticker import MaxNLocator

    known = values[np.isfinite(values)]
    if known.size:
        low, high = float(known.min()), float(known.max())
        edges = np.linspace(low, high, 13) if high > low else np.array([low - 0.05, low + 0.05])
        axes.hist(known, bins=edges.tolist(), color=theme.BAND, edgecolor="white", linewidth=0.8)
        axes.axvline(float(np.median(known)), color=theme.ACCENT, linewidth=1.4, label=words("Median"))
        _legend_below(axes)
    axes.set_xlabel(words("Efficiency"))
    axes.set_ylabel(words("Units"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    grid(axes)


def _legend_below(axes: Axes) -> None:
    under = -0.2 if axes.get_xlabel() else -0.13
    axes.legend(loc="upper left", bbox_to_anchor=(0, under), ncols=2, borderaxespad=0)

"""A group of units beside all others: their means over time, and each member's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...result import Result
from .. import theme
from ..language import Words
from ..layers import unit_names
from .canvas import grid, period_axis, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 30  # members that a sheet can name
LEVEL = 0.05


def focus(result: Result, words: Words) -> Figure:
    """Both means by period, filled where they differ by more than chance; and the members' first and last value."""
    found = cast(Any, result)
    members = found.members.sort_values("last", ascending=False).head(MOST)
    figure = sheet(9.6, max(3.6, 0.24 * len(members) + 1.3))
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.0))
    _means(left, found, words)
    _ways(right, members, _named(result, members.index), found, words)
    # Legends stand the same distance below, whatever the height.
    under = -0.55 / figure.get_figheight()
    for axes in (left, right):
        axes.legend(loc="upper left", bbox_to_anchor=(0, under), ncols=2, borderaxespad=0)
    return figure


def _means(axes: Axes, found: Any, words: Words) -> None:
    trend = found.trend
    at = period_axis(axes, trend.index)
    axes.plot(at, trend["others"], color=theme.MUTED, linewidth=1.4, marker=".", label=words("All others"))
    axes.plot(at, trend["in_focus"], color=theme.ACCENT, linewidth=1.6, label=found.group)
    p = trend["pvalue"].to_numpy(float)
    for shown, face, label in (
        (p <= LEVEL, theme.ACCENT, words("p ≤ 0.05 ({source})", source=words("permutation"))),
        (p > LEVEL, "white", words("p > 0.05")),
    ):
        if shown.any():
            axes.plot(at[shown], trend["in_focus"][shown], "o", markersize=5, markerfacecolor=face,
                      markeredgecolor=theme.ACCENT, label=label)  # fmt: skip
    axes.set_title(words("Mean of {column}", column=found.column))
    grid(axes)


def _ways(axes: Axes, members: pd.DataFrame, names: list[str], found: Any, words: Words) -> None:
    places = np.arange(len(members))
    periods = found.trend.index[found.trend["focus_units"] > 0]
    if len(periods) > 1:
        axes.hlines(places, members["first"], members["last"], color=theme.BAND, linewidth=2.4)
        axes.plot(members["first"], places, "o", color=theme.MUTED, markersize=4, label=str(periods[0]))
    axes.plot(members["last"], places, "o", color=theme.ACCENT, markersize=5, label=str(periods[-1]))
    axes.set_yticks(places, names)
    axes.set_ylim(len(members) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    title = words("Units in focus")
    if len(members) < len(found.members):
        title = words("The {count} largest of {all} units in focus", count=len(members), all=len(found.members))
    axes.set_title(title)
    grid(axes, "x")


def _named(result: Result, units: pd.Index) -> list[str]:
    """Ids, with names behind them where the boundaries have any."""
    if result.boundaries is None:
        return [str(unit) for unit in units]
    told = dict(zip(result.boundaries.ids, unit_names(result.boundaries), strict=True))
    return [told.get(unit, str(unit)) for unit in units]

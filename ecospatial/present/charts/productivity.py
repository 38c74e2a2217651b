"""Productivity growth and what it is made of, chained over the periods, for all units and group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from ...productivity.chaining import base_place, chained_means
from ...productivity.result import ProductivityResult
from ...result import Result
from .. import theme
from ..language import Words
from ..layers import productivity_layer
from .canvas import grid, period_axis, sheet
from .maps import draw_layer, map_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELS = {
    "tfpch": "Productivity",
    "effch": "Efficiency change",
    "techch": "Technical change",
    "tgch": "Technology gap change",
}
PANELS, ABREAST = 12, 3


def productivity(result: Result, words: Words, column: str | None = None) -> Figure:
    """Cumulative growth and its parts: one panel, and one more for each group of a column that the result kept.

    The mean changes of the periods are chained, so that units that enter or leave count where they are there; the
    title says how many changes are known where some are not. Of more than eleven groups those with the most changes
    are drawn.
    """
    index = cast(ProductivityResult, result)
    periods, additive = index.data.periods, index.specification.additive
    base = periods[base_place(index.data, index.specification.base_period)]
    grouping = column or next(iter(index.to_frame("by_group")["grouping"]), None)
    groups, count = _by_group(index, grouping) if grouping else ({}, 0)
    means = {words("All units"): index.to_frame("periods"), **groups}
    panels = {
        title: chained_means(mean.filter(items=list(LABELS)), periods, base, additive) for title, mean in means.items()
    }
    figure = _draw(panels, words, additive)
    title = words("Cumulative productivity, {base} = {level}", base=base, level=0 if additive else 1)
    if grouping:
        title = words("{title}, by {column}", title=title, column=grouping)
    if count > len(groups):
        title += " · " + words("the {some} largest of {all} groups", some=len(groups), all=count)
    known, asked = int(index.to_frame("periods")["changes"].sum()), len(index.components)
    if known < asked:
        title += " · " + words("{some} of {all} changes", some=known, all=asked)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    return figure


def productivity_map(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """The mean change of every unit, or its change in a period, on the map."""
    layer = productivity_layer(result, words, period)
    figure = sheet(7.6, map_height(layer.boundaries, 5.4))
    axes = figure.add_subplot()
    draw_layer(axes, layer, words, schematic)
    axes.set_title(layer.title)
    return figure


def _by_group(index: ProductivityResult, column: str) -> tuple[dict[str, pd.DataFrame], int]:
    """Mean changes of the groups with the most changes, by period, and how many groups there are."""
    means = index.by(column)
    sizes = means["changes"].groupby(level="group").sum()
    largest = sizes.nlargest(PANELS - 1).index
    return {str(group): means.xs(group, level="group") for group in sizes.index if group in largest}, len(sizes)


def _draw(panels: dict[str, pd.DataFrame], words: Words, additive: bool) -> Figure:
    """Panels on one scale, and one legend below."""
    alone = len(panels) == 1
    down, across = -(-len(panels) // ABREAST), min(len(panels), ABREAST)
    figure = sheet(6.4, 3.6) if alone else sheet(2.8 * across + 0.6, 2.2 * down + 0.8)
    places = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, (title, frame) in zip(places, panels.items(), strict=False):
        _lines(axes, frame, words, additive, most=8 if alone else 4)
        if not alone:
            axes.set_title(title)
            axes.tick_params(labelbottom=True)
    for axes in places[slice(len(panels), None)]:
        axes.remove()
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside lower left", ncols=len(labels))
    return figure


def _lines(axes: Axes, frame: pd.DataFrame, words: Words, additive: bool, most: int) -> None:
    at = period_axis(axes, frame.index, most)
    axes.axhline(0.0 if additive else 1.0, color=theme.MUTED, linewidth=0.8, zorder=1)
    for name in reversed(frame.columns):
        colour, dashes, width = theme.COMPONENTS[name]
        axes.plot(
            at, frame[name], dashes, color=colour, linewidth=width, marker=".", markersize=4, label=words(LABELS[name])
        )
    grid(axes)

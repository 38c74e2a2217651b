"""Spatial weights: how many neighbours units have, and the links on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...geo.boundaries import Boundaries
from ...geo.weights_result import WeightsResult
from ...result import Result
from .. import theme
from ..language import Words
from ..layers import is_schematic
from .canvas import grid, sheet
from .maps import fill_units, map_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = 20_000
DENSE, SHOWN = 30, 6  # links a unit beyond which a map is black, and how many of them are drawn then
MOST_BARS = 30
ALONE = "#c8602a"


def weights(result: Result, words: Words, schematic: bool | None = None) -> Figure:
    """The histogram of neighbours and, with boundaries, the map with a line between the centroids of each link."""
    found = cast(WeightsResult, result)
    mapped = found.boundaries is not None
    figure = sheet(9.6, max(3.6, map_height(cast(Boundaries, found.boundaries), 4.8))) if mapped else sheet(6.4, 3.6)
    left, *right = figure.subplots(1, 2, width_ratios=(0.8, 1.4)) if mapped else [figure.add_subplot()]
    _histogram(left, found.weights.cardinalities.to_numpy(), words)
    if right:
        _links(right[0], found, words)
        if is_schematic(found.boundaries) if schematic is None else schematic:
            right[0].text(0, -0.02, words("Schematic boundaries"), transform=right[0].transAxes, va="top",
                          fontsize=7.5, color=theme.MUTED)  # fmt: skip
    return figure


def _histogram(axes: Axes, count: np.ndarray, words: Words) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = int(count.min()), int(count.max())
    step = -(-(high - low + 1) // MOST_BARS)
    edges = np.arange(low, high + step + 1, step) - 0.5
    _, _, bars = axes.hist(count, bins=edges.tolist(), color=theme.BAND, edgecolor="white", linewidth=0.8)
    if low == 0:
        cast(Any, bars)[0].set_facecolor(ALONE)
    mean = float(count.mean())
    axes.axvline(mean, color=theme.ACCENT, linewidth=1.4, label=words("Mean {value}", value=f"{mean:.2f}"))
    axes.legend(loc="upper right")
    axes.set_xlabel(words("Neighbours"))
    axes.set_ylabel(words("Units"))
    axes.set_title(words("Neighbours of a unit"))
    axes.set_xlim(edges[0] - 0.5, edges[-1] + 0.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    grid(axes)


def _links(axes: Axes, found: WeightsResult, words: Words) -> None:
    """The units, a line for each link or the heaviest of them, and islands in a colour of their own."""
    from matplotlib.collections import LineCollection

    weights, boundaries = found.weights, cast(Boundaries, found.boundaries)
    alone = boundaries.ids.isin(weights.islands)
    fill_units(axes, boundaries, [ALONE if island else "#f4f4f4" for island in alone])
    pairs = weights.sparse.tocoo()
    most = min(MOST_LINES, (SHOWN if pairs.nnz > DENSE * len(alone) else DENSE) * len(alone))
    heaviest = np.argsort(-pairs.data, kind="stable")[:most]
    points = boundaries.points
    lines = np.stack([points[pairs.row[heaviest]], points[pairs.col[heaviest]]], axis=1)
    thin = 0.7 if len(lines) < 4000 else 0.25
    axes.add_collection(LineCollection(list(lines), colors=theme.ACCENT, linewidths=thin, alpha=0.8, zorder=2))
    if len(points) <= 1000:
        axes.plot(*points.T, ".", color=theme.INK, markersize=2.5, zorder=3)
    title = words("{count} links", count=pairs.nnz)
    if pairs.nnz > most:
        title = words("The {some} heaviest of {count} links", some=most, count=pairs.nnz)
    if alone.any():
        title += " · " + words("{count} without a neighbour", count=int(alone.sum()))
    axes.set_title(title)

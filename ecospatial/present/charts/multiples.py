"""Small multiples: the maps of all periods on one sheet, with one legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ...result import Result
from .. import theme
from ..language import Words
from ..layers import MapClass, MapLayer
from .canvas import sheet
from .maps import fill_units, remarks, stretch, with_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LayerOf = Callable[[Result, Words, Any], MapLayer]
WIDTH, LEGEND = 8.4, 1.7  # of the maps and of the legend, in inches
THIN = 0.12  # outlines of small maps, in points


def over_periods(layer_of: LayerOf, style: str | None = None) -> Callable[..., Figure]:
    """A chart that draws the same layer for every period, or for those named.

    Parameters
    ----------
    layer_of : callable
        Makes the layer of a period.
    style : str or None
        Of :data:`theme.LABELLED`, whose order the legend keeps where periods differ in the labels that occur.
    """

    def chart(
        result: Result, words: Words, periods: Sequence[Any] | None = None, schematic: bool | None = None
    ) -> Figure:
        layers = period_layers(with_map(result), words, layer_of, periods)
        order = [words(name) for name, _ in theme.LABELLED[style].values()] if style else []
        classes = dict.fromkeys(item for layer in layers.values() for item in layer.classes)
        legend = sorted(classes, key=lambda item: order.index(item.label) if item.label in order else 0)
        return _sheet_of(layers, legend, remarks(next(iter(layers.values())), words, schematic))

    return chart


def period_layers(
    result: Result, words: Words, layer_of: LayerOf, periods: Sequence[Any] | None = None
) -> dict[Any, MapLayer]:
    """The layers of some periods, all by default, in their order."""
    known = result.to_frame().index.get_level_values("period").unique().sort_values()
    return {period: layer_of(result, words, period) for period in (known if periods is None else periods)}


def _sheet_of(layers: dict[Any, MapLayer], legend: Sequence[MapClass], remark: str) -> Figure:
    from matplotlib.patches import Patch

    last = next(reversed(layers.values()))
    shape = _height_to_width(last)
    columns = _columns(len(layers), shape)
    rows = -(-len(layers) // columns)
    figure = sheet(WIDTH + LEGEND, rows * (0.94 * WIDTH / columns * shape + 0.25) + 0.6)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (period, layer) in zip(panels, layers.items(), strict=False):
        fill_units(axes, layer.boundaries, layer.colours, THIN)
        axes.set_title(str(period), fontsize=9, pad=2)
    spare = len(panels) - len(layers)
    for axes in panels[::-1][:spare]:
        axes.set_axis_off()
    keys = [Patch(facecolor=item.colour, edgecolor=theme.MUTED, linewidth=0.4, label=item.label) for item in legend]
    figure.legend(handles=keys, loc="outside right upper", handlelength=1.2, handleheight=1.0)
    figure.suptitle(last.title.removesuffix(f", {next(reversed(layers))}"), x=0.01, ha="left", fontsize=10)
    figure.supxlabel(remark, x=0.01, ha="left", fontsize=7.5, color=theme.MUTED)
    return figure


def _height_to_width(layer: MapLayer) -> float:
    west, south, east, north = shapely.total_bounds(layer.boundaries.geometry)
    return float(np.clip(stretch(layer.boundaries) * (north - south) / max(east - west, 1e-9), 0.3, 2.0))


def _columns(count: int, shape: float) -> int:
    """Columns of a sheet that is somewhat wider than high."""
    return int(np.clip(np.ceil(np.sqrt(1.6 * count * shape)), 1, min(count, 6)))

"""Maps straight from Shapely geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ...errors import OptionError
from ...geo.boundaries import Boundaries
from ...result import Result
from .. import theme
from ..language import Words
from ..layers import (
    MapLayer,
    emerging_layer,
    geary_layer,
    hot_spot_layer,
    is_schematic,
    lisa_layer,
    stability_layer,
)
from ..shapes import looks_geographic, simplified
from ..significance_layer import significance_layer
from . import moran, stability
from .canvas import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path


def lisa_map(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """The cluster map of a period; without boundaries the Moran scatter plot stands in."""
    if result.boundaries is None:
        return moran.scatter(result, words, period)
    return _sheet_of(lisa_layer(result, words, period), words, schematic)


def significance_map(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """How small the p-values of a period are, in GeoDa's greens."""
    return _sheet_of(significance_layer(with_map(result), words, period), words, schematic)


def hot_spots(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """The hot and cold spots of a period."""
    return _sheet_of(hot_spot_layer(with_map(result), words, period), words, schematic)


def geary_map(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """The local Geary labels of a period."""
    return _sheet_of(geary_layer(with_map(result), words, period), words, schematic)


def emerging_map(result: Result, words: Words, schematic: bool | None = None) -> Figure:
    """The patterns of hot and cold spots over time."""
    return _sheet_of(emerging_layer(with_map(result), words), words, schematic)


def stability_map(result: Result, words: Words, period: Any = None, schematic: bool | None = None) -> Figure:
    """How stable the clusters of a period are; without boundaries Moran's I over the draws stands in."""
    if result.boundaries is None:
        return stability.trend(result, words)
    return _sheet_of(stability_layer(result, words, period), words, schematic)


def with_map(result: Result) -> Result:
    """The result where it has boundaries, else an error."""
    if result.boundaries is None:
        raise OptionError("'{title}' has no figure without boundaries; join the panel to a map.", title=result.title)
    return result


def _sheet_of(layer: MapLayer, words: Words, schematic: bool | None) -> Figure:
    figure = sheet(7.6, map_height(layer.boundaries, 5.4))
    axes = figure.add_subplot()
    draw_layer(axes, layer, words, schematic)
    axes.set_title(layer.title, wrap=True)
    return figure


def draw_layer(axes: Axes, layer: MapLayer, words: Words, schematic: bool | None = None) -> None:
    """Fill the axes with a map and its legend to the right."""
    from matplotlib.patches import Patch

    fill_units(axes, layer.boundaries, layer.colours)
    counts = zip(layer.classes, layer.counts, strict=True)
    keys = [
        Patch(facecolor=item.colour, edgecolor=theme.MUTED, linewidth=0.4, label=f"{item.label} ({count})")
        for item, count in counts
    ]
    axes.legend(handles=keys, loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.2, handleheight=1.0)
    if below := remarks(layer, words, schematic):
        axes.text(0, -0.02, below, transform=axes.transAxes, va="top", fontsize=7.5, color=theme.MUTED)


def remarks(layer: MapLayer, words: Words, schematic: bool | None) -> str:
    """What stands below a map: that it is schematic, and what its legend means."""
    shapes = is_schematic(layer.boundaries) if schematic is None else schematic
    return " · ".join(text for text in (words("Schematic boundaries") if shapes else "", layer.remark) if text)


def fill_units(axes: Axes, boundaries: Boundaries, colours: list[str], outline_width: float = 0.3) -> None:
    """Draw every unit in its colour: polygons filled, lines and points as they are."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import PathPatch

    shapes = simplified(boundaries.geometry)
    west, south, east, north = shapely.total_bounds(shapes)
    dimensions = shapely.get_dimensions(shapes)
    patches = [PathPatch(outline(shape)) for shape in shapes[dimensions == 2]]
    chosen = np.array(colours)
    axes.add_collection(
        PatchCollection(
            patches, facecolors=list(chosen[dimensions == 2]), edgecolors=theme.MUTED, linewidths=outline_width
        )
    )
    _draw_thin(axes, shapes[dimensions < 2], chosen[dimensions < 2])
    pad = 0.02 * max(east - west, north - south, 1e-9)
    axes.set_xlim(west - pad, east + pad)
    axes.set_ylim(south - pad, north + pad)
    axes.set_aspect(stretch(boundaries), anchor="N")
    axes.set_axis_off()


def map_height(boundaries: Boundaries, width: float) -> float:
    """Height of a sheet, in inches, whose map is so wide; bounded, so that long countries fit a page."""
    west, south, east, north = shapely.total_bounds(boundaries.geometry)
    shape = stretch(boundaries) * (north - south) / max(east - west, 1e-9)
    return float(np.clip(width * shape + 0.6, 2.8, 5.5))


def stretch(boundaries: Boundaries) -> float:
    """How much longer a degree of latitude is than one of longitude in the middle of the map."""
    if not looks_geographic(boundaries):
        return 1.0
    _, south, _, north = shapely.total_bounds(boundaries.geometry)
    return float(1 / np.cos(np.radians((south + north) / 2)))


def outline(shape: Any) -> Path:
    """A compound path of all rings; holes run against their shells, so that they stay open."""
    from matplotlib.path import Path

    # Normal form turns shells clockwise and holes counter-clockwise.
    rings = shapely.get_rings(shapely.get_parts(shapely.normalize(shape)))
    paths = [Path(shapely.get_coordinates(ring), closed=True) for ring in rings]
    return Path.make_compound_path(*paths)


def _draw_thin(axes: Axes, shapes: np.ndarray, colours: np.ndarray) -> None:
    for shape, colour in zip(shapes, colours, strict=True):
        for part in shapely.get_parts(shape):
            x, y = shapely.get_coordinates(part).T
            axes.plot(x, y, "o-" if len(x) == 1 else "-", color=colour, markersize=5, markeredgecolor=theme.MUTED)

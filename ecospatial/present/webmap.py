"""The interactive map: folium's Leaflet page with everything it needs inside, so that it works offline."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import numpy as np
import shapely

from ..errors import need
from .html import ASSETS, asset
from .language import Words
from .layers import MapLayer, is_schematic
from .shapes import has_degrees, in_degrees, simplified

DETAIL = 4000


def web_map(layers: Sequence[MapLayer], words: Words, schematic: bool | None = None) -> str:
    """A self-contained HTML page with a map; several layers can be switched.

    Parameters
    ----------
    layers : sequence of MapLayer
        At least one; the last is shown first.
    words : Words
    schematic : bool or None
        Whether the legend says that boundaries are schematic; None looks at the boundaries.

    Returns
    -------
    str
        The same bytes for the same layers.

    Raises
    ------
    MissingPackageError
        Where folium is not installed, or geopandas for boundaries in a projected CRS.
    """
    folium = _folium()
    planar = not all(has_degrees(layer.boundaries) for layer in layers)
    shapes = [layer.boundaries.geometry if planar else in_degrees(layer.boundaries) for layer in layers]
    page = folium.Map(
        tiles=None,
        crs="Simple" if planar else "EPSG3857",
        zoom_snap=0.25,
        zoom_animation=False,  # a page that is printed or drawn at once would show strokes half zoomed
        min_zoom=-20 if planar else 1,
        attribution_control=False,
    )
    page.default_js, page.default_css = [], []
    for layer, geometry in zip(layers, shapes, strict=True):
        _add_layer(folium, page, layer, geometry, shown=layer is layers[-1])
    west, south, east, north = shapely.total_bounds(np.concatenate(shapes))
    page.fit_bounds([[float(south), float(west)], [float(north), float(east)]])
    if len(layers) > 1:
        folium.LayerControl(collapsed=False).add_to(page)
    legends = "".join(_legend(layer, words, schematic, layer is layers[-1]) for layer in layers)
    switch = f"<script>\n{asset('webmap.js').replace('MAP', page.get_name())}</script>\n"
    return _self_contained(page.get_root(), legends + switch)


def _add_layer(folium: Any, page: Any, layer: MapLayer, geometry: np.ndarray, shown: bool) -> None:
    colours = layer.colours
    features = [
        {"type": "Feature", "id": str(place), "properties": {"tip": _tip(rows)}, "geometry": shape}
        for place, (rows, shape) in enumerate(zip(layer.tips, _geometries(geometry), strict=True))
    ]
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=escape(layer.title),
        overlay=False,
        show=shown,
        style_function=lambda feature: {
            "fillColor": colours[int(feature["id"])],
            "fillOpacity": 1,
            "color": "#6b6b6b",
            "weight": 1,
        },
        highlight_function=lambda feature: {"weight": 2.5, "color": "#222222"},
        tooltip=folium.GeoJsonTooltip(fields=["tip"], labels=False, sticky=True),
    ).add_to(page)


def _geometries(shapes: np.ndarray) -> list[Any]:
    """Shapes as GeoJSON objects, no finer than a screen shows."""
    light = simplified(shapes, DETAIL)
    west, south, east, north = shapely.total_bounds(light)
    extent = max(east - west, north - south)
    digits = 6 if extent == 0 else int(np.clip(np.ceil(-np.log10(extent / DETAIL)) + 1, 0, 8))
    return [_rounded(shapely.geometry.mapping(shape), digits) for shape in light]


def _rounded(item: Any, digits: int) -> Any:
    if isinstance(item, dict):
        return {key: _rounded(value, digits) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_rounded(value, digits) for value in item]
    return round(item, digits) if isinstance(item, float) else item


def _tip(rows: Sequence[tuple[str, str]]) -> str:
    # Leaflet sets this as HTML.
    lines = [f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows]
    return f"<table>{''.join(lines)}</table>"


def _legend(layer: MapLayer, words: Words, schematic: bool | None, shown: bool) -> str:
    lines = [
        f'<div><i style="background:{item.colour}"></i>{escape(item.label)} ({count})</div>'
        for item, count in zip(layer.classes, layer.counts, strict=True)
    ]
    if layer.remark:
        lines.append(f"<small>{escape(layer.remark)}</small>")
    if is_schematic(layer.boundaries) if schematic is None else schematic:
        lines.append(f"<small>{escape(words('Schematic boundaries'))}</small>")
    title, hidden = escape(layer.title), "" if shown else " hidden"
    return f'<div class="legend" data-layer="{title}"{hidden}><b>{title}</b>{"".join(lines)}</div>\n'


def _self_contained(root: Any, body: str) -> str:
    """The rendered page with Leaflet in its head and the legends in its body."""
    page = root.render().replace("</head>", f"{_leaflet()}</head>", 1).replace("</body>", f"{body}</body>", 1)
    # folium names its elements at random; names by place make equal maps equal.
    for place, name in enumerate(_names(root)):
        page = page.replace(name, f"{place:x}")
    return str(page)


def _names(element: Any) -> Iterator[str]:
    yield element._id
    for child in element._children.values():
        yield from _names(child)


def _leaflet() -> str:
    """Leaflet's style and script, its images inside."""
    css = re.sub(r"url\((images/[^)]+)\)", lambda found: f"url({_data_uri(found[1])})", asset("leaflet/leaflet.css"))
    script = asset("leaflet/leaflet.js").split("//# sourceMappingURL")[0]
    return f"<style>\n{css}\n{asset('webmap.css')}</style>\n<script>\n{script}</script>\n"


def _data_uri(name: str) -> str:
    image = ASSETS / "leaflet" / name
    if not image.exists():  # the marker's picture, which these maps do not use
        return "data:,"
    return "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode()


def _folium() -> Any:
    try:
        import folium
    except ImportError as error:
        raise need("folium", "Drawing a web map") from error
    return folium

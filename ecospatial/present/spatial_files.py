"""Unit tables with their polygons: GeoPackage and GeoJSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..caveats import SCHEMATIC
from ..errors import OptionError, listed, need
from ..geo.boundaries import Boundaries
from ..result import Result
from .flat import plain_columns
from .layers import is_schematic
from .reading import flattened

# A layer by unit and period repeats every polygon; past so many points it holds them once instead.
MOST_POINTS = 2_000_000
UNIT_GRAINS = ("unit-period", "unit")


def save_geopackage(result: Result, path: Path, table: str | None = None) -> None:
    """Write each table by unit (or one) as a layer.

    A table by unit and period becomes one long layer, polygons repeated, for a temporal map. Where that
    would hold more than two million points, the polygons stand once in a layer ``units`` and the table
    without geometry beside it; its column ``unit`` joins the two.
    """
    names, boundaries = _unit_tables(result, table), _boundaries(result)
    apart = False
    for name in names:
        frame = result.to_frame(name)
        if _points(frame, boundaries) <= MOST_POINTS:
            _write(_layer(frame, boundaries), path, name)
        else:
            _write(plain_columns(flattened(frame)), path, name)
            apart = True
    if apart:
        _write(_layer(pd.DataFrame(index=boundaries.ids), boundaries), path, "units")


def save_geojson(result: Result, path: Path, table: str | None = None) -> None:
    """Write one table in longitude and latitude, as the format wants it."""
    layer = chosen_layer(result, table)
    pyogrio_or_error().write_dataframe(
        layer if layer.crs is None else layer.to_crs("EPSG:4326"), path, driver="GeoJSON"
    )


def chosen_layer(result: Result, table: str | None) -> Any:
    """The named table by unit, or the first, as a ``GeoDataFrame``."""
    name = _unit_tables(result, table)[0]
    return _layer(result.to_frame(name), _boundaries(result))


def _unit_tables(result: Result, only: str | None) -> list[str]:
    found = [table.name for table in result.TABLES if table.grain in UNIT_GRAINS]
    if only is not None and only not in found:
        raise OptionError("'{table}' is no table by unit; there are: {all}", table=only, all=listed(found) or "none")
    if not found:
        raise OptionError("'{title}' has no table by unit, so it has no map; save it as .csv or .xlsx.",
                          title=result.title)  # fmt: skip
    return [only] if only is not None else found


def _boundaries(result: Result) -> Boundaries:
    boundaries = result.boundaries
    if boundaries is None:
        raise OptionError("'{title}' has no boundaries; join the panel to boundaries first, or save it as .csv.",
                          title=result.title)  # fmt: skip
    return boundaries  # type: ignore[no-any-return]


def _points(frame: pd.DataFrame, boundaries: Boundaries) -> int:
    places = boundaries.ids.get_indexer(frame.index.get_level_values("unit"))
    return int(shapely.get_num_coordinates(boundaries.geometry)[places[places >= 0]].sum())


def _layer(frame: pd.DataFrame, boundaries: Boundaries) -> Any:
    import geopandas

    places = boundaries.ids.get_indexer(frame.index.get_level_values("unit"))
    shapes = np.append(boundaries.geometry, [None])[places]
    columns = plain_columns(flattened(frame))
    if is_schematic(boundaries):
        columns = columns.assign(**{SCHEMATIC: True})  # the layer goes on saying so
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=boundaries.crs)


def _write(layer: pd.DataFrame, path: Path, name: str) -> None:
    pyogrio_or_error().write_dataframe(layer, path, layer=name, driver="GPKG", append=path.exists())


def pyogrio_or_error() -> Any:
    """The module pyogrio, or an error that says what needs it."""
    try:
        import geopandas  # noqa: F401
        import pyogrio  # type: ignore[import-untyped]
    except ImportError as error:
        raise need("geopandas", "Writing map layers") from error
    return pyogrio

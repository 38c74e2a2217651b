"""Boundaries: the geometry of the units, by id."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..errors import DataError, FileError, GeometryError, JoinError, listed, suggest
from ..ids import tidy_ids
from ..ports import Port
from ..provenance import fingerprint_arrays
from ..source import Source, geopandas_or_error, read_source, source_of_geodataframe


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Geometry of units, usually polygons.

    Attributes
    ----------
    ids : Index
        Unit ids, unique.
    geometry : ndarray of Shapely geometries, shape (n,)
    crs : str or None
        Coordinate reference system as ``EPSG:4326`` or WKT.
    attributes : DataFrame
        Other fields, indexed by id.
    repaired : tuple
        Ids whose rings crossed and were repaired.

    Examples
    --------
    >>> import shapely
    >>> Boundaries.of(["a", "b"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    <Boundaries: 2 units, no CRS>
    """

    ids: pd.Index
    geometry: np.ndarray
    crs: str | None = None
    attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    repaired: tuple[Any, ...] = ()

    @classmethod
    def of(
        cls,
        ids: Iterable[Any],
        geometry: Iterable[Any],
        crs: str | None = None,
        attributes: pd.DataFrame | None = None,
    ) -> Boundaries:
        """Make boundaries of ids and Shapely geometries.

        Raises
        ------
        DataError
            Where an id is empty or stands twice.
        GeometryError
            Where a geometry is missing or empty.
        """
        frame = pd.DataFrame() if attributes is None else attributes.reset_index(drop=True)
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
        column = ids if isinstance(ids, pd.Series) else pd.Series(list(ids), name="unit")
        keys = pd.Index(tidy_ids(column, "unit"), name="unit")
        given = list(geometry)
        if len(given) != len(keys):
            raise GeometryError("There are {ids} ids but {shapes} geometries.", ids=len(keys), shapes=len(given))
        shapes = np.empty(len(keys), dtype=object)
        shapes[:] = given
        twice = keys[keys.duplicated()].unique()
        if len(twice):
            raise DataError(
                "Boundaries of one unit stand more than once: {units}; dissolve them or choose another id column.",
                units=listed(twice),
            )
        shapes, repaired = _sound(keys, shapes)
        frame = frame if len(frame.columns) else pd.DataFrame(index=range(len(keys)))
        return cls(keys, shapes, crs, frame.set_axis(keys, axis=0), repaired)

    @classmethod
    def from_geodataframe(cls, gdf: Any, unit: str | None = None) -> Boundaries:
        """Make boundaries of a ``GeoDataFrame``.

        Parameters
        ----------
        gdf : GeoDataFrame
        unit : str or None
            Column of ids; None takes an index named ``unit`` or the column that is plainly a code.
        """
        if unit is None and gdf.index.name == "unit":
            gdf, unit = gdf.reset_index(), "unit"
        return cls.from_source(source_of_geodataframe(gdf, "the layer"), unit)

    @classmethod
    def from_source(cls, source: Source, unit: str | None = None) -> Boundaries:
        """Make boundaries of a layer that a door has read."""
        if source.geometry is None:
            raise GeometryError("'{name}' has no geometry; give a map of the units.", name=source.name)
        unit = unit or guess_id(source.frame)
        if unit not in source.frame.columns:
            raise DataError(
                "There is no column '{column}' in '{name}'; {hint}",
                column=unit,
                name=source.name,
                hint=suggest(unit, list(source.frame.columns)),
            )
        return cls.of(source.frame[unit], source.geometry, source.crs, source.frame.drop(columns=[unit]))

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A layer and its id column."""
        return (
            Port(name, "polygons", title, "A map of the units.", required=True),
            Port("boundary_unit", "column", "Unit column of the boundaries", "Codes or names.", table=name),
        )

    @classmethod
    def from_ports(cls, name: str, values: Mapping[str, Any]) -> Boundaries:
        """Boundaries of the layer that a door has read."""
        return cls.from_source(values[name], values.get("boundary_unit"))

    def to_geodataframe(self) -> Any:
        """The boundaries as a ``GeoDataFrame`` indexed by id.

        Raises
        ------
        MissingPackageError
            Where geopandas is not installed.
        """
        geopandas = geopandas_or_error("A GeoDataFrame")
        return geopandas.GeoDataFrame(self.attributes.copy(), geometry=list(self.geometry), crs=self.crs)

    def subset(self, ids: Iterable[Any]) -> Boundaries:
        """Only these units, in this order.

        Raises
        ------
        JoinError
            Where a unit has no boundary.
        """
        wanted = pd.Index(list(ids), name="unit")
        places = self.ids.get_indexer(wanted)
        if (places < 0).any():
            raise JoinError("No boundary for: {units}.", units=listed(wanted[places < 0]))
        kept = tuple(unit for unit in self.repaired if unit in wanted)
        return Boundaries(self.ids[places], self.geometry[places], self.crs, self.attributes.iloc[places], kept)

    @cached_property
    def points(self) -> np.ndarray:
        """Centroids, shape (n, 2)."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.geometry)))

    @property
    def geographic(self) -> bool:
        """Whether the coordinates are degrees of longitude and latitude by the CRS."""
        text = (self.crs or "").strip().upper()
        if text.startswith("EPSG:") and text not in GEOGRAPHIC:
            return self._in_degrees  # the code alone does not say; metres do not stay within a circle
        if "PROJCS[" in text or "PROJCRS[" in text:
            return False
        return text in GEOGRAPHIC or any(mark in text for mark in GEOGRAPHIC_MARKS)

    @property
    def _in_degrees(self) -> bool:
        west, south, east, north = shapely.total_bounds(self.geometry)
        return bool(-180 <= west <= east <= 360 and -90 <= south <= north <= 90)

    def fingerprint(self) -> str:
        """A short hash of ids and geometry."""
        blob = np.frombuffer(b"".join(shapely.to_wkb(self.geometry)), dtype=np.uint8)
        return fingerprint_arrays(np.asarray(self.ids), blob)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        crs = "no CRS" if self.crs is None else self.crs if len(self.crs) < 20 else "CRS as WKT"
        mended = f", {len(self.repaired)} repaired" if self.repaired else ""
        return f"<Boundaries: {len(self)} units, {crs}{mended}>"


GEOGRAPHIC = ("EPSG:4326", "OGC:CRS84", "EPSG:4490", "EPSG:4269", "EPSG:4267", "EPSG:4610", "EPSG:4214", "EPSG:4258")
GEOGRAPHIC_MARKS = ("GEOGCS[", "GEOGCRS[", "GEODCRS[", "+PROJ=LONGLAT", "+PROJ=LATLONG")
ID_NAMES = ("unit", "adcode", "ct_adcode", "city_adcode", "市代码", "地级码", "区划码", "code", "pac", "id", "geoid")


def guess_id(frame: pd.DataFrame) -> str:
    """The column that is plainly the id: by its usual names, its cells unique."""
    named = {str(name).lower(): str(name) for name in frame.columns}
    for alias in ID_NAMES:
        if alias in named and frame[named[alias]].is_unique:
            return named[alias]
    raise DataError("Name the id column of the boundaries; {hint}", hint=suggest("code", list(frame.columns)))


def read_boundaries(
    path: str | os.PathLike[str],
    unit: str | None = None,
    name: str | None = None,
    encoding: str | None = None,
) -> Boundaries:
    """Read boundaries from a shapefile, GeoPackage, GeoJSON, GeoParquet or KML.

    Parameters
    ----------
    path : path-like
    unit : str or None
        Field of unit ids; None takes the field that is plainly a code, or says which there are.
    name : str or None
        Field of unit names, kept as the attribute ``name``.
    encoding : str or None
        Text encoding of the attributes where it is known.

    Raises
    ------
    FileError, GeometryError, DataError
        Where the file is no map, a unit has no geometry, or an id stands twice.

    Examples
    --------
    >>> from ecospatial.shipped import data_path
    >>> read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")
    <Boundaries: 48 units, EPSG:4269>
    """
    source = read_source(path, encoding=encoding)
    if source.geometry is None:
        raise FileError("'{path}' has no geometry; it is a table, not a map.", path=source.name)
    boundaries = Boundaries.from_source(source, unit)
    if name is None:
        return boundaries
    if name not in boundaries.attributes:
        hint = suggest(name, list(boundaries.attributes.columns))
        raise DataError("There is no column '{column}' in '{name}'; {hint}", column=name, name=source.name, hint=hint)
    attributes = boundaries.attributes.rename(columns={name: "name"})
    return Boundaries(boundaries.ids, boundaries.geometry, boundaries.crs, attributes, boundaries.repaired)


def _sound(ids: pd.Index, shapes: np.ndarray) -> tuple[np.ndarray, tuple[Any, ...]]:
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if absent.any():
        raise GeometryError(
            "These units have no geometry: {units}; mend the map, or take their rows out of it.",
            units=listed(ids[absent]),
        )
    lost = np.isnan(shapely.bounds(shapes)).any(axis=1) | _has_nan(shapes)
    if lost.any():
        raise GeometryError(
            "Coordinates of these units are no numbers: {units}; mend the map.", units=listed(ids[lost])
        )
    broken = ~shapely.is_valid(shapes)
    if not broken.any():
        return shapely.force_2d(shapes), ()
    mended = shapely.force_2d(shapes)
    for place in np.flatnonzero(broken):
        mended[place] = _repaired(ids[place], mended[place])
    return mended, tuple(ids[broken])


def _has_nan(shapes: np.ndarray) -> np.ndarray:
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    found = np.zeros(len(shapes), dtype=bool)
    found[owner[~np.isfinite(points).all(axis=1)]] = True
    return found


def _repaired(unit: Any, shape: Any) -> Any:
    valid = shapely.make_valid(shape)
    if shapely.get_dimensions(shape) == 2:
        parts = [part for part in shapely.get_parts(valid) if shapely.get_dimensions(part) == 2]
        valid = shapely.union_all(parts) if parts else None
    if valid is None or shapely.is_empty(valid):
        raise GeometryError(
            "The boundary of unit {unit} is broken and has no area; mend the map or drop it.", unit=unit
        )
    return valid

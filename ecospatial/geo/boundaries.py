"""Boundaries: the geometry of the units, by id."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from ..errors import DataError, FileError, GeometryError, JoinError, Message, OptionError, listed, suggest
from ..ids import tidy_ids
from ..ports import Port
from ..provenance import fingerprint_arrays
from ..source import Source, read_source, source_of_geodataframe
from ..vector_files import LAYER_MARK, geopandas_or_error
from .fields import id_field
from .gcj02 import from_gcj02
from .geometry_repair import mended, sound
from .remarks import of_covered, of_layers

Datum = Literal["as given", "gcj-02"]


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
    absent : tuple
        Ids that a file has without a polygon; they are no part of ``ids``.
    remarks : tuple of Message
        What else was done to what the file has.

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
    absent: tuple[Any, ...] = ()
    remarks: tuple[Message, ...] = ()

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
        absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        if absent.any():
            raise GeometryError(
                "These units have no geometry: {units}; mend the map, or take their rows out of it.",
                units=listed(keys[absent]),
            )
        shapes, repaired = sound(keys, shapes)
        if shapely.is_missing(shapes).any():
            raise GeometryError(
                "The boundary of unit {unit} is broken and has no area; mend the map or drop it.",
                unit=keys[shapely.is_missing(shapes)][0],
            )
        frame = frame if len(frame.columns) else pd.DataFrame(index=range(len(keys)))
        return cls(keys, shapes, crs, frame.set_axis(keys, axis=0), tuple(keys[repaired]))

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
    def from_source(cls, source: Source, unit: str | None = None, datum: Datum = "as given") -> Boundaries:
        """Make boundaries of a layer that a door has read; what was mended stands in :attr:`notes`.

        Rows without an id or without a polygon are left out, several rows of a unit dissolved, crossing rings
        repaired.
        """
        if source.geometry is None:
            raise GeometryError("'{name}' has no geometry; give a map of the units.", name=source.name)
        if not len(source.frame):
            raise GeometryError("'{name}' is a map without a single row.", name=source.name)
        unit = unit or id_field(source.frame)
        if unit not in source.frame.columns:
            raise DataError(
                "There is no column '{column}' in '{name}'; {hint}",
                column=unit,
                name=source.name,
                hint=suggest(unit, list(source.frame.columns)),
            )
        layer = mended(source.frame, source.geometry, unit, source.name)
        remarks = (*of_layers(source.layers), *layer.remarks, *of_covered(layer.ids, layer.geometry))
        made = cls(layer.ids, layer.geometry, source.crs, layer.attributes, layer.repaired, layer.absent, remarks)
        return made.from_datum(datum)

    def from_datum(self, datum: Datum) -> Boundaries:
        """The same boundaries in WGS 84, of coordinates that are shifted.

        Raises
        ------
        OptionError
            Where the coordinates are no degrees.
        """
        if datum not in get_args(Datum):
            raise OptionError(
                "datum={value} is not a choice; choose one of: {choices}",
                value=repr(datum),
                choices=listed(get_args(Datum)),
            )
        if datum == "as given":
            return self
        if not self._in_degrees:
            raise OptionError("datum='gcj-02' needs degrees of longitude and latitude; the coordinates are others.")
        moved = np.asarray(shapely.transform(self.geometry, from_gcj02))
        told = Message.of("Coordinates moved from GCJ-02 to WGS 84")
        return replace(self, geometry=moved, crs="EPSG:4326", remarks=(*self.remarks, told))

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A layer and its id column."""
        return (
            Port(name, "polygons", title, "A map of the units.", required=True),
            Port("boundary_unit", "column", "Unit column of the boundaries", "Codes or names.", table=name),
            datum_port(),
        )

    @classmethod
    def from_ports(cls, name: str, values: Mapping[str, Any]) -> Boundaries:
        """Boundaries of the layer that a door has read."""
        return cls.from_source(values[name], values.get("boundary_unit"), values.get("datum") or "as given")

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
        return replace(
            self,
            ids=self.ids[places],
            geometry=self.geometry[places],
            attributes=self.attributes.iloc[places],
            repaired=kept,
        )

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was mended in what the file has, and what it lacks."""
        notes = list(self.remarks)
        if self.absent:
            notes.append(Message.of("Units of the map without a polygon: {units}", units=listed(self.absent)))
        if self.repaired:
            notes.append(Message.of("Self-intersections repaired for: {units}", units=listed(self.repaired)))
        if self.crs is None:
            notes.append(Message.of("The boundaries carry no coordinate reference system; distances are planar."))
        return tuple(notes)

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


def datum_port() -> Port:
    """The port of the datum of a map's coordinates."""
    return Port(
        "datum",
        "choice",
        "Datum of the boundaries",
        "gcj-02 moves the shifted coordinates of Chinese web maps to WGS 84.",
        default="as given",
        choices=get_args(Datum),
        advanced=True,
    )


def read_boundaries(
    path: str | os.PathLike[str],
    unit: str | None = None,
    name: str | None = None,
    encoding: str | None = None,
    datum: Datum = "as given",
    layer: str | None = None,
) -> Boundaries:
    """Read boundaries from a shapefile (zipped too), GeoPackage, GeoJSON, GeoParquet or KML.

    Parameters
    ----------
    path : path-like
    unit : str or None
        Field of unit ids; None takes the field that is plainly a code (or a name in Chinese), or says which
        there are.
    name : str or None
        Field of unit names, kept as the attribute ``name``.
    encoding : str or None
        Text encoding of the attributes where it is known.
    datum : {"as given", "gcj-02"}
        ``"gcj-02"`` moves the shifted coordinates of Chinese web maps (300 to 600 m) to WGS 84.
    layer : str or None
        Layer of a GeoPackage, or folder of a KML file, that has several; None takes the first with geometry.

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
    source = read_source(path if layer is None else f"{os.fspath(path)}{LAYER_MARK}{layer}", encoding=encoding)
    if source.geometry is None:
        raise FileError("'{path}' has no geometry; it is a table, not a map.", path=source.name)
    boundaries = Boundaries.from_source(source, unit, datum)
    if name is None:
        return boundaries
    if name not in boundaries.attributes:
        hint = suggest(name, list(boundaries.attributes.columns))
        raise DataError("There is no column '{column}' in '{name}'; {hint}", column=name, name=source.name, hint=hint)
    others = boundaries.attributes.drop(columns={"name"} - {name}, errors="ignore")
    return replace(boundaries, attributes=others.rename(columns={name: "name"}))

"""Tables and layers as they stand on disk, read without changing a cell.

A :class:`Source` is what every door hands over: rows, and where the file is a map their geometry.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import FileError, listed, need

VECTOR = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".zip")
TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".dta", ".parquet", ".dbf")


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of a table or layer.

    Attributes
    ----------
    frame : DataFrame
        One row a record; no geometry column.
    geometry : ndarray of Shapely geometries or None
        Row-aligned with ``frame``.
    crs : str or None
        Coordinate reference system as ``EPSG:4326`` or WKT.
    name : str
        The file's or layer's name, for messages.
    labels : dict
        Column labels where the file carries them (Stata).
    """

    frame: pd.DataFrame
    geometry: np.ndarray | None = None
    crs: str | None = None
    name: str = ""
    labels: dict[str, str] | None = None


def read_source(path: str | os.PathLike[str], *, sheet: str | int = 0, encoding: str | None = None) -> Source:
    r"""Read a table or a map.

    Parameters
    ----------
    path : path-like
        ``.csv`` (UTF-8 or GB18030), ``.xlsx``, ``.dta``, ``.parquet``, ``.gpkg``, ``.shp``, ``.geojson`` …
    sheet : str or int
        Sheet of a workbook.
    encoding : str or None
        Text encoding where it is known; found out otherwise.

    Raises
    ------
    FileError
        Where the file is missing, of an unknown kind, or cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes("城市,年份\n唐山,2017\n".encode("gb18030"))
    >>> read_source(path).frame.columns.tolist()
    ['城市', '年份']
    """
    path = Path(path)
    if not path.exists():
        raise FileError("The file '{path}' does not exist.", path=path)
    kind = path.suffix.lower()
    readers: dict[str, Callable[[], Source]] = {
        ".csv": lambda: _read_text(path, encoding, ","),
        ".txt": lambda: _read_text(path, encoding, None),
        ".tsv": lambda: _read_text(path, encoding, "\t"),
        ".xlsx": lambda: _read_excel(path, sheet),
        ".xls": lambda: _read_excel(path, sheet),
        ".dta": lambda: _read_stata(path),
        ".parquet": lambda: _read_parquet(path),
        **{suffix: (lambda: _read_vector(path, encoding)) for suffix in (*VECTOR, ".dbf")},
    }
    if kind not in readers:
        raise FileError(
            "'{path}' is of a kind that cannot be read; use one of: {kinds}",
            path=path.name,
            kinds=listed((*TABLES, *VECTOR), limit=20),
        )
    try:
        return readers[kind]()
    except (FileError, ImportError):
        raise
    except Exception as error:  # readers of four libraries raise kinds of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError("'{path}' cannot be read: {reason}", path=path.name, reason=reason) from error


def _read_text(path: Path, encoding: str | None, separator: str | None) -> Source:
    raw = path.read_bytes()
    for name in (encoding,) if encoding else ("utf-8-sig", "gb18030"):
        try:
            raw.decode(name)
        except UnicodeDecodeError:
            continue
        options: dict[str, Any] = {"encoding": name, "sep": separator}
        if separator is None:
            options |= {"engine": "python"}
        elif int(pd.__version__.split(".")[0]) < 3:  # later versions always read floats exactly
            options |= {"float_precision": "round_trip"}
        head = pd.read_csv(path, dtype=str, nrows=2_000, **options)
        codes = {column: str for column in head if head[column].str.match(r"0\d+$").any()}
        return Source(pd.read_csv(path, dtype=codes, **options), name=path.name)
    raise FileError("'{path}' is neither UTF-8 nor GB18030; name its encoding.", path=path.name)


def _read_excel(path: Path, sheet: str | int) -> Source:
    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise need("openpyxl", "Reading Excel files") from error
    return Source(pd.read_excel(path, sheet_name=sheet), name=path.name)


def _read_stata(path: Path) -> Source:
    with pd.read_stata(path, iterator=True) as reader:
        labels = {name: label for name, label in reader.variable_labels().items() if label}
        return Source(reader.read(), name=path.name, labels=labels)


def _read_parquet(path: Path) -> Source:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise need("pyarrow", "Reading Parquet files") from error
    if b"geo" in (parquet.read_schema(path).metadata or {}):
        return source_of_geodataframe(geopandas_or_error("Reading maps").read_parquet(path), path.name)
    return Source(pd.read_parquet(path), name=path.name)


def _read_vector(path: Path, encoding: str | None) -> Source:
    geopandas = geopandas_or_error("Reading maps")
    options = {"encoding": encoding} if encoding else {}
    return source_of_geodataframe(geopandas.read_file(path, **options), path.name)


def geopandas_or_error(purpose: str) -> Any:
    """The module geopandas, or an error that says what needs it."""
    try:
        import geopandas
    except ImportError as error:
        raise need("geopandas", purpose) from error
    return geopandas


def source_of_geodataframe(layer: Any, name: str) -> Source:
    """Take a GeoDataFrame (or the plain frame of a layer without geometry) apart."""
    geopandas = geopandas_or_error("A GeoDataFrame")
    if not isinstance(layer, geopandas.GeoDataFrame):
        return Source(pd.DataFrame(layer), name=name)
    crs = layer.crs.to_string() if layer.crs is not None else None
    geometry = np.asarray(layer.geometry.array, dtype=object)
    return Source(pd.DataFrame(layer.drop(columns=layer.geometry.name)), geometry, crs, name)

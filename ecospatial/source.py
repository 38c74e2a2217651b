"""Tables and layers as they stand on disk, read without changing a cell.

A :class:`Source` is what every door hands over: rows, and where the file is a map their geometry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from .errors import FileError, OptionError, listed, need
from .grids import text_grid, workbook_grids
from .sheets import Layout, Sheet
from .stata import stata_sheet
from .vector_files import VECTOR, geopandas_or_error, parted, read_layer

TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".dta", ".parquet", ".dbf")
SheetChoice = str | int | Sequence[str | int] | None
SPREADSHEETS = (".xls", ".xlsb", ".et", ".ods", ".numbers")
STATISTICS = (".sav", ".rds", ".rdata", ".sas7bdat", ".wf1")


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
    sheets : tuple of Sheet
        The tables of a file, of which ``frame`` is the first; none where the rows come from elsewhere.
    layers : tuple of str
        The layer of a map file that was read, and the others that have geometry.
    """

    frame: pd.DataFrame
    geometry: np.ndarray | None = None
    crs: str | None = None
    name: str = ""
    labels: dict[str, str] | None = None
    sheets: tuple[Sheet, ...] = ()
    layers: tuple[str, ...] = ()

    @classmethod
    def of(cls, sheets: Sequence[Sheet], name: str) -> Source:
        """The tables of a file."""
        return cls(sheets[0].frame, name=name, labels=sheets[0].labels, sheets=tuple(sheets))


def read_source(
    path: str | os.PathLike[str],
    *,
    sheet: SheetChoice = 0,
    encoding: str | None = None,
    layout: Layout = "auto",
) -> Source:
    r"""Read a table or a map.

    Parameters
    ----------
    path : path-like
        ``.csv`` (UTF-8 or GB18030), ``.xlsx``, ``.dta``, ``.parquet``, ``.gpkg``, ``.shp``, ``.geojson`` … A layer of a
        file that holds several is named as in QGIS: ``china.gpkg|layername=cities``.
    sheet : str, int, sequence or None
        Sheet or sheets of a workbook, by name or counted from 0; None and ``"all"`` take all.
    encoding : str or None
        Text encoding where it is known; found out otherwise.
    layout : {"auto", "long", "wide", "units-across"}
        How tables are to be read, for those who make a panel of them.

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
    if layout not in get_args(Layout):
        template = "{name}={value!s} is not a choice; choose one of: {choices}"
        raise OptionError(template, name="layout", value=repr(layout), choices=listed(get_args(Layout)))
    path, layer = parted(path)
    if not path.exists():
        raise FileError("The file '{path}' does not exist.", path=path)
    if path.is_dir():
        raise FileError("'{path}' is a folder; name a file in it.", path=path)
    kind = path.suffix.lower()
    readers: dict[str, Callable[[], Source]] = {
        ".csv": lambda: _read_text(path, encoding, None),
        ".txt": lambda: _read_text(path, encoding, None),
        ".tsv": lambda: _read_text(path, encoding, "\t"),
        ".xlsx": lambda: _read_excel(path, sheet),
        ".xlsm": lambda: _read_excel(path, sheet),
        ".dta": lambda: Source.of([stata_sheet(path)], path.name),
        ".parquet": lambda: _read_parquet(path),
        **{suffix: (lambda: _read_map(path, encoding, layer)) for suffix in (*VECTOR, ".dbf")},
    }
    if kind in SPREADSHEETS:
        raise FileError("'{path}' must be saved as .xlsx; open it in Excel or WPS and save it so.", path=path.name)
    if kind in STATISTICS:
        raise FileError("'{path}' must be saved as .dta or .csv by the program that wrote it.", path=path.name)
    if kind not in readers:
        raise FileError(
            "'{path}' is of a kind that cannot be read; use one of: {kinds}",
            path=path.name,
            kinds=listed((*TABLES, *VECTOR), limit=20),
        )
    asked = not (sheet is None or isinstance(sheet, (str, int))) or sheet == "all"
    try:
        source = readers[kind]()
        return replace(source, sheets=tuple(replace(each, layout=layout, asked=asked) for each in source.sheets))
    except (FileError, ImportError):
        raise
    except Exception as error:  # readers of four libraries raise kinds of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "not recognized as" in reason:
            raise FileError("'{path}' is no map file, or a damaged one.", path=path.name) from error
        raise FileError("'{path}' cannot be read: {reason}", path=path.name, reason=reason) from error


def _read_text(path: Path, encoding: str | None, separator: str | None) -> Source:
    return Source.of([Sheet.of(text_grid(path, encoding, separator), path.name)], path.name)


def _read_excel(path: Path, sheet: SheetChoice) -> Source:
    wanted = None if sheet in ("all", ["all"]) else [sheet] if isinstance(sheet, (str, int)) else sheet
    return Source.of([Sheet.of(grid, path.name) for grid in workbook_grids(path, wanted)], path.name)


def _read_map(path: Path, encoding: str | None, layer: str | None) -> Source:
    frame, layers = read_layer(path, encoding, layer)
    return replace(source_of_geodataframe(frame, path.name), layers=layers)


def _read_parquet(path: Path) -> Source:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise need("pyarrow", "Reading Parquet files") from error
    if b"geo" in (parquet.read_schema(path).metadata or {}):
        return source_of_geodataframe(geopandas_or_error("Reading maps").read_parquet(path), path.name)
    return Source.of([Sheet.plain(pd.read_parquet(path), path.stem)], path.name)


def source_of_geodataframe(layer: Any, name: str) -> Source:
    """Take a GeoDataFrame (or the plain frame of a layer without geometry) apart."""
    geopandas = geopandas_or_error("A GeoDataFrame")
    if not isinstance(layer, geopandas.GeoDataFrame):
        return Source(pd.DataFrame(layer), name=name)
    crs = layer.crs.to_string() if layer.crs is not None else None
    geometry = np.asarray(layer.geometry.array, dtype=object)
    return Source(pd.DataFrame(layer.drop(columns=layer.geometry.name)), geometry, crs, name)

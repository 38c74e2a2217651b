"""Tables and layers as they stand on disk, read without changing a cell.

A :class:`Source` is what every door hands over: rows, and where the file is a map their geometry.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .cells import settled, typed
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
    if path.is_dir():
        raise FileError("'{path}' is a folder; name a file in it.", path=path)
    kind = path.suffix.lower()
    readers: dict[str, Callable[[], Source]] = {
        ".csv": lambda: _read_text(path, encoding, None),
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
            text = raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        return Source(_parsed(text, separator or _separator(text), path.name), name=path.name)
    if encoding:
        raise FileError("'{path}' is not in the encoding {encoding}.", path=path.name, encoding=encoding)
    raise FileError("'{path}' is neither UTF-8 nor GB18030; name its encoding.", path=path.name)


def _separator(text: str) -> str:
    """What separates the names in the first line: a comma, a semicolon or a tabulator."""
    head = text.lstrip().partition("\n")[0]
    return max((",", ";", "\t"), key=head.count)


def _parsed(text: str, separator: str, name: str) -> pd.DataFrame:
    """Rows of a text table; a row with more cells than the header has names is refused."""
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    if not rows:
        raise FileError("'{path}' is empty.", path=name)
    header, body = [title.strip() for title in rows[0]], rows[1:]
    for number, row in enumerate(body, start=1):
        if len(row) > len(header):
            raise FileError(
                "Row {row} of '{path}' has {cells} cells, but the header names {columns} columns; is a decimal comma"
                " or a comma in a name not quoted?",
                row=number,
                path=name,
                cells=len(row),
                columns=len(header),
            )
    cells = [row + [""] * (len(header) - len(row)) for row in body]
    decimal = "," if separator == ";" else "."
    columns = [typed(pd.Series(column, dtype=object), decimal) for column in zip(*cells, strict=True)]
    if not columns:
        return pd.DataFrame(columns=header)
    return pd.concat(columns, axis=1, keys=range(len(header))).set_axis(header, axis=1)


def _read_excel(path: Path, sheet: str | int) -> Source:
    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise need("openpyxl", "Reading Excel files") from error
    with pd.ExcelFile(path) as book:
        sheets = [str(name) for name in book.sheet_names]
        chosen = _sheet(sheets, sheet, path.name)
        # Without a header row pandas leaves repeated names as they are.
        rows = book.parse(chosen, header=None, keep_default_na=False, na_values=[""], dtype=object)
    if not len(rows):
        raise FileError("Sheet '{sheet}' of '{path}' is empty.", sheet=chosen, path=path.name)
    header = [str(title).strip() for title in rows.iloc[0]]
    body = rows.iloc[1:].reset_index(drop=True).dropna(how="all")
    columns = [settled(_inferred(body.iloc[:, place])) for place in range(len(header))]
    frame = pd.concat(columns, axis=1, keys=range(len(header))).set_axis(header, axis=1)
    return Source(frame, name=path.name)


def _inferred(column: pd.Series) -> pd.Series:
    """Cells of a workbook, each of its own type, as the plainest common type."""
    trimmed = column.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    return trimmed.infer_objects()


def _sheet(sheets: Sequence[str], wanted: str | int, name: str) -> str:
    if str(wanted) in sheets:
        return str(wanted)
    if str(wanted).isdigit() and int(wanted) < len(sheets):
        return sheets[int(wanted)]
    raise FileError(
        "'{path}' has no sheet '{sheet}'; there are: {sheets}.", path=name, sheet=wanted, sheets=listed(sheets, 20)
    )


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
    import pyogrio

    layers = [str(layer) for layer, _ in pyogrio.list_layers(path)]
    options: dict[str, Any] = {"layer": layers[0]} if layers else {}
    guessed = encoding or _dbf_encoding(path)
    return source_of_geodataframe(geopandas.read_file(path, encoding=guessed, **options), path.name)


def _dbf_encoding(path: Path) -> str | None:
    """The encoding of a shapefile's table where it does not say: strict UTF-8, else GB18030.

    A ``.cpg`` file or a language code in the header has the last word.
    """
    table = path.with_suffix(".dbf")
    if path.suffix.lower() not in (".shp", ".dbf") or not table.exists() or path.with_suffix(".cpg").exists():
        return None
    raw = table.read_bytes()
    if len(raw) < 32 or raw[29] != 0:
        return None
    try:
        raw[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030" if _is(raw[32:], "gb18030") else None
    return "utf-8"


def _is(raw: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding; field widths of a table may cut the last character."""
    return raw.decode(encoding, errors="replace").count("\ufffd") <= len(raw) // 1000


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

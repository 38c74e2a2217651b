"""Map files as people have them: shapefiles of any encoding, zipped ones, GeoPackage, GeoJSON, KML."""

from __future__ import annotations

import codecs
import os
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import FileError, listed, need

VECTOR = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".zip")
TABLED = (".shp", ".dbf")
LAYER_MARK = "|layername="
SHAPEFILE = 9994  # what every .shp and .shx begins with
# The code pages that the header of a .dbf file may name by number.
CODE_PAGES = {
    **{0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950"},
    **{0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0xC8: "cp1250", 0xC9: "cp1251"},
}
ANSI = 0x57  # whatever the machine used that wrote the file
CHINESE_PAGES = ("gbk", "gb2312", "hz", "936", "54936", "euccn", "cp936", "ms936")


def parted(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """A file and its layer, which is named as QGIS does; None where none is.

    Examples
    --------
    >>> parted("china.gpkg|layername=cities")[1], parted("china.gpkg")[1]
    ('cities', None)
    """
    file, mark, layer = os.fspath(path).partition(LAYER_MARK)
    return Path(file), layer if mark else None


def read_layer(path: Path, encoding: str | None, layer: str | None = None) -> tuple[Any, tuple[str, ...]]:
    """A layer of a file as a ``GeoDataFrame``, or a plain frame where it has no geometry; and all layers with polygons.

    Where none is named it is the first that has geometry, else the first.

    Raises
    ------
    FileError
        Where a part of a shapefile is missing, an archive holds no map or several, or there is no such layer.
    """
    if path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            return read_layer(_unpacked(path, Path(folder)), encoding, layer)
    geopandas_or_error("Reading maps")
    import pyogrio  # type: ignore[import-untyped]

    _check_parts(path)
    every = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    drawn = tuple(name for name, kind in every.items() if kind is not None)
    if layer is not None and layer not in every:
        raise FileError("'{path}' has no layer '{layer}'; there are: {layers}.",
                        path=path.name, layer=layer, layers=listed(every, 12))  # fmt: skip
    chosen = layer or next(iter(drawn or every), None)
    frame = _read(path, encoding, {} if chosen is None else {"layer": chosen})
    return frame, (chosen or "", *(name for name in drawn if name != chosen))


def _read(path: Path, encoding: str | None, options: dict[str, Any]) -> Any:
    import pyogrio

    encoding = encoding or table_encoding(path)
    if encoding is not None and path.suffix.lower() in TABLED:
        try:
            # Older versions decode what GDAL has decoded already, unless GDAL is told to leave the bytes alone.
            return pyogrio.read_dataframe(path, encoding=encoding, ENCODING="", **options)
        except ValueError:  # newer ones tell GDAL themselves
            pass
    return pyogrio.read_dataframe(path, encoding=encoding, **options)


def geopandas_or_error(purpose: str) -> Any:
    """The module geopandas, or an error that says what needs it."""
    try:
        import geopandas
    except ImportError as error:
        raise need("geopandas", purpose) from error
    return geopandas


def table_encoding(path: Path) -> str | None:
    """The encoding of a shapefile's table: by its .cpg, its header, strict UTF-8, else GB18030.

    What says so must also fit; None leaves it to the reader.
    """
    table = _beside(path, ".dbf")
    if path.suffix.lower() not in TABLED or table is None:
        return None
    raw = table.read_bytes()
    if len(raw) < 32:
        return None
    body = raw[32:]
    told = [_of_cpg(_beside(path, ".cpg")), CODE_PAGES.get(raw[29])]
    for encoding in told:
        if encoding is not None and _is(body, encoding):
            return encoding
    if _is_utf8(body):
        return "utf-8"
    if raw[29] == ANSI and not _in_pairs(body):
        return "cp1252"
    return "gb18030" if _is(body, "gb18030") else None


def _beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix, in whatever case it is written."""
    wanted = (path.stem + suffix).lower()
    if not path.parent.is_dir():
        return None
    return next((other for other in sorted(path.parent.iterdir()) if other.name.lower() == wanted), None)


def _of_cpg(path: Path | None) -> str | None:
    """The codec that a .cpg file names, by any of the names in use."""
    if path is None:
        return None
    name = re.sub(r"[\s_-]", "", path.read_text(encoding="ascii", errors="replace").lower())
    if name in CHINESE_PAGES:
        return "gb18030"
    for codec in (name, f"cp{name.removeprefix('ansi').removeprefix('oem')}", name.replace("65001", "utf-8")):
        try:
            return codecs.lookup(codec).name
        except LookupError:
            continue
    return None


def _is(raw: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding; field widths of a table may cut the last character."""
    return raw.decode(encoding, errors="replace").count("\ufffd") <= len(raw) // 1000


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _in_pairs(raw: bytes) -> bool:
    """Whether the bytes beyond ASCII come in pairs, as Chinese characters do and accented letters do not."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", raw)]
    return bool(runs) and sum(length % 2 == 0 for length in runs) > 0.8 * len(runs)


def _check_parts(path: Path) -> None:
    """A shapefile is three files at least, each as long as its header says."""
    if path.suffix.lower() == ".dbf":
        path = _beside(path, ".shp") or path
    if path.suffix.lower() != ".shp":
        return
    _check_complete(path, [suffix for suffix in (".shx", ".dbf") if _beside(path, suffix) is not None])
    for part in (path, _beside(path, ".shx"), _beside(path, ".dbf")):
        if part is not None and part.suffix.lower() != ".dbf" and not _is_shapefile(part):
            raise FileError("'{path}' is no part of a shapefile, whatever its name.", path=part.name)
        if part is not None and part.stat().st_size < _told_length(part):
            raise FileError(
                "'{path}' is shorter than it says it is, as after a broken download or copy; fetch it once more.",
                path=part.name,
            )


def _check_complete(path: Path, suffixes: Sequence[str]) -> None:
    absent = [suffix for suffix in (".shx", ".dbf") if suffix not in suffixes]
    if absent:
        raise FileError(
            "'{path}' is a part of a shapefile and needs the files {absent} beside it; copy them all, or save the map"
            " as GeoPackage.",
            path=path.name,
            absent=listed(f"{path.stem}{suffix}" for suffix in absent),
        )


def _is_shapefile(part: Path) -> bool:
    with part.open("rb") as file:
        return int.from_bytes(file.read(4), "big") == SHAPEFILE


def _told_length(part: Path) -> int:
    """Bytes by the header: of a .shp or .shx words of two bytes, of a .dbf its records after the header."""
    with part.open("rb") as file:
        header = file.read(28)
    if part.suffix.lower() == ".dbf":
        count, start, width = (int.from_bytes(header[slice(*at)], "little") for at in ((4, 8), (8, 10), (10, 12)))
        return start + count * width
    return 2 * int.from_bytes(header[24:], "big") if len(header) == 28 else 100


def _unpacked(path: Path, folder: Path) -> Path:
    """The one map of an archive, written out under a plain name."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.namelist() if not member.endswith("/") and "__MACOSX" not in member]
        maps = [member for member in members if Path(member).suffix.lower() in VECTOR[:-1]]
        if len(maps) != 1:
            raise FileError(
                "'{path}' must hold one map, but holds: {maps}; unpack it and name one.",
                path=path.name,
                maps=listed(maps) or "none",
            )
        stem = maps[0].rpartition(".")[0]
        parts = [member for member in members if member.rpartition(".")[0] == stem]
        if Path(maps[0]).suffix.lower() == ".shp":
            _check_complete(Path(maps[0]), [Path(part).suffix.lower() for part in parts])
        for member in parts:
            (folder / f"map{Path(member).suffix.lower()}").write_bytes(archive.read(member))
    return folder / f"map{Path(maps[0]).suffix.lower()}"

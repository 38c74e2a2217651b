"""Results as files: the extension says which kind, and a file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..errors import EcospatialError, FileError, listed
from ..files import whole
from ..result import Result
from . import figures, flat, html, latex, shapefile, spatial_files, word, workbook

Writer = Callable[[Result, Path, str | None], None]


def save(result: Result, path: str | os.PathLike[str], table: str | None = None) -> None:
    """Write a result.

    Data files (``.csv .parquet .dta`` one table, ``.xlsx`` all, ``.gpkg .geojson .shp`` with polygons) hold every
    row and digit (Excel the first sixteen), unit and period as columns. Papers and pages
    (``.docx .tex .html``) hold tables rounded for reading, long ones cut with a line that says so.
    ``.svg .png .pdf`` hold the figure.

    Parameters
    ----------
    result : Result
    path : path-like
    table : str or None
        The only table wanted; a one-table format takes the first by default.

    Raises
    ------
    FileError
        Where the extension is unknown or the file cannot be written.
    OptionError
        Where the result has no such table, no figure, or no boundaries for a map.
    MissingPackageError
        Where the format needs a package that is not installed.
    """
    target = Path(path)
    check_kind(target)
    writer = WRITERS[target.suffix.lower()]
    with whole(target) as draft:
        try:
            writer(result, draft, table)
        except (EcospatialError, MemoryError):
            raise
        except Exception as error:  # writers of six libraries raise kinds of their own
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FileError("'{path}' cannot be written: {reason}", path=target.name, reason=reason) from error


def check_kind(path: str | os.PathLike[str]) -> None:
    """Refuse an extension that nobody writes.

    Raises
    ------
    FileError
        Names the file and lists the extensions.
    """
    target = Path(path)
    if target.suffix.lower() not in (*WRITERS, ".eco"):
        raise FileError(
            "'{path}' is of a kind that cannot be written; use one of: {kinds}",
            path=target.name,
            kinds=listed((*WRITERS, ".eco"), limit=20),
        )


def _save_page(result: Result, path: Path, table: str | None) -> None:
    path.write_bytes(html.page(result, table).encode())


def _save_figure(result: Result, path: Path, table: str | None) -> None:
    figures.save_figure(figures.draw(result), path)


WRITERS: dict[str, Writer] = {
    ".csv": flat.save_csv,
    ".parquet": flat.save_parquet,
    ".dta": flat.save_stata,
    ".xlsx": workbook.save_workbook,
    ".docx": word.save_document,
    ".tex": latex.save_latex,
    ".html": _save_page,
    ".gpkg": spatial_files.save_geopackage,
    ".geojson": spatial_files.save_geojson,
    ".shp": shapefile.save_shapefile,
    ".svg": _save_figure,
    ".png": _save_figure,
    ".pdf": _save_figure,
}

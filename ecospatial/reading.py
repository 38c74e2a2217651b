"""Panels from files."""

from __future__ import annotations

import os

from .ids import guess_unit
from .panel import Panel
from .source import read_source


def read_panel(
    path: str | os.PathLike[str],
    unit: str | None = None,
    period: str | None = None,
    *,
    sheet: str | int = 0,
    encoding: str | None = None,
) -> Panel:
    r"""Read a panel from a file.

    Parameters
    ----------
    path : path-like
        ``.csv`` (UTF-8 or GB18030), ``.xlsx``, ``.dta``, ``.parquet`` or ``.gpkg``.
    unit : str or None
        Column of unit ids; None takes the column that is plainly called so.
    period : str or None
        Column of periods; None reads a cross-section.
    sheet : str or int
        Sheet of a workbook.
    encoding : str or None
        Text encoding where it is known.

    Raises
    ------
    FileError, DataError
        Where the file cannot be read or is no panel.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "panel.csv"
    >>> _ = path.write_text("city,year,gdp\na,2000,1\na,2001,2\n")
    >>> read_panel(path, unit="city", period="year")
    <Panel: 1 unit, 2 periods (2000–2001), 1 column, balanced>
    """
    source = read_source(path, sheet=sheet, encoding=encoding)
    return Panel.from_frame(source.frame, unit or guess_unit(source.frame), period, source.labels)

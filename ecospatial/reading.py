"""Panels from files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from .combine import long_table
from .panel import Panel
from .sheets import Layout
from .source import SheetChoice, read_source


def read_panel(
    path: str | os.PathLike[str],
    unit: str | None = None,
    period: str | None = None,
    *,
    sheet: SheetChoice = None,
    layout: Layout = "auto",
    as_text: Sequence[str] = (),
    encoding: str | None = None,
) -> Panel:
    r"""Read a panel from a file as people have it.

    Titles above the header, headers of several rows, merged cells, rows of units, and notes below the table are
    understood; so are thousands separators, percent signs, full-width digits, and dashes for no data. Years may stand
    down or across (``2005``, ``2005年``, ``GDP2005``), variables or years a sheet each. What was understood and mended
    is in the panel's ``notes``; what has a unit apart from its name has it in the panel's ``labels``.

    Parameters
    ----------
    path : path-like
        ``.csv`` (UTF-8 or GB18030), ``.xlsx``, ``.dta``, ``.parquet`` or ``.gpkg``.
    unit : str or None
        Column of unit ids; None takes the column that is plainly called so.
    period : str or None
        Column of periods; None takes the column that is plainly called so where units repeat, or the years across,
        else reads a cross-section.
    sheet : str, int, sequence or None
        Sheets of a workbook, by name or counted from 0, or ``"all"``; they are joined on unit and period. None takes
        the first that holds units and those that fit it.
    layout : {"auto", "long", "wide", "units-across"}
        Whether the years stand down (long) or across (wide); or the years down and a column for each unit, one
        variable a sheet. ``"auto"`` finds out, the last only where the columns are plainly called like places.
    as_text : sequence of str
        Columns that may hold text among numbers, such as house numbers.
    encoding : str or None
        Text encoding where it is known.

    Raises
    ------
    FileError, DataError, OptionError
        Where the file cannot be read or is no panel; a text among numbers is named by sheet, row and column.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = path.write_text("地区,2000年,2001年\n唐山,\"1,234.5\",—\n邯郸,2,3\n")
    >>> panel = read_panel(path)
    >>> panel
    <Panel: 2 units, 2 periods (2000–2001), 1 column, balanced>
    >>> print(panel.notes[0])
    Read as wide: 2 years (2000–2001) across; sheets: 1.
    """
    source = read_source(path, sheet=sheet, encoding=encoding, layout=layout)
    if not source.sheets:
        return Panel.from_ports("table", {"table": source, "unit": unit, "period": period})
    table = long_table(source.sheets, unit, period, as_text=as_text)
    panel = Panel.from_frame(table.frame, table.unit, table.period, table.labels)
    return replace(panel, notes=table.notes)

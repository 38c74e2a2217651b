"""A result as an Excel workbook: a sheet a table, and one that says what they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import OptionError, need
from ..result import Result
from .html import versions_text
from .language import Words
from .reading import flattened

MOST_ROWS = 1_048_575
README = "read me"


def save_workbook(result: Result, path: Path, table: str | None = None) -> None:
    """Write all tables (or one) with full precision, and a 'read me' sheet at the end."""
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise need("openpyxl", "Writing Excel files") from error
    frames = {table: result.to_frame(table)} if table is not None else result.tables()
    book = Workbook()
    book.remove(book.active)
    for name, frame in frames.items():
        if len(frame) > MOST_ROWS:
            raise OptionError("'{table}' has {rows} rows, more than Excel holds; save it as .csv or .parquet.",
                              table=name, rows=len(frame))  # fmt: skip
        _fill_table(book.create_sheet(sheet_name(name)), flattened(frame))
    told = book.create_sheet(README)  # last, so that programs that read the first sheet find a table
    _fill(told, readme_rows(result, Words()))
    told.column_dimensions["A"].width = 28
    told.column_dimensions["B"].width = 100
    book.save(path)


def readme_rows(result: Result, words: Words) -> list[list[str]]:
    """Title, facts, tables, notes and provenance, in two columns."""
    rows = [[words(result.title)], []]
    rows += [[words(name), words(value)] for name, value in result.facts().items()]
    rows += [[], [words("Tables")]]
    rows += [[sheet_name(table.name), words(table.title)] for table in result.TABLES]
    if result.notes:
        rows += [[], [words("Notes")]] + [["", words.message(note)] for note in result.notes]
    if result.provenance.tool:
        rows += [[], [words("Call"), str(result.provenance)], [words("Versions"), versions_text(result.provenance)]]
    return rows


def sheet_name(name: str) -> str:
    """A name that Excel takes.

    Examples
    --------
    >>> sheet_name("slacks [t/a]")
    'slacks _t_a_'
    """
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31]


def _fill_table(sheet: Any, frame: pd.DataFrame) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    _fill(sheet, [[str(name) for name in frame.columns], *_rows(frame)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, name in enumerate(frame.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(10, min(40, len(str(name)) + 2))
    sheet.freeze_panes = "A2"


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[_cell(value) for value in frame.iloc[:, place].tolist()] for place in range(len(frame.columns))]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if pd.isna(value):
        return None
    return value if isinstance(value, (bool, int, str)) or abs(value) != float("inf") else str(value)


def _fill(sheet: Any, rows: list[list[Any]]) -> None:
    for row in rows:
        sheet.append(row)
    # A name that begins with "=" is a name, not a formula.
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"

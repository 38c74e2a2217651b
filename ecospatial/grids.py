"""Rows of cells as they stand in a file, before anybody says which of them is the header."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from .errors import FileError, listed, need
from .years import year_of

HEAD = 20
LARGEST = 50_000_000
_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)
# A cell with a formula and no value; one whose value is an empty text says so (t="str").
_UNCOMPUTED = re.compile(
    rb'<c (?![^>]*t="str")[^>]*><f(?:>[^<]*</f>|[^>]*/>|\s[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


@dataclass(frozen=True, eq=False)
class Grid:
    """The filled part of a sheet.

    Attributes
    ----------
    name : str
        Of the sheet, or of a text file without its ending.
    cells : list of list
        Rows of equal length; None where empty.
    rows : list of int
        The number of each row in the file, from 1.
    spans : tuple of (int, int, int, int)
        Merged cells: first and last place among ``cells``, row by row and column by column.
    decimal : str
        The decimal mark of text.
    ragged : bool
        Whether rows may have been cut at the wrong marks, as those of a text file.
    """

    name: str
    cells: list[list[Any]]
    rows: list[int]
    spans: tuple[tuple[int, int, int, int], ...] = ()
    decimal: str = "."
    ragged: bool = False


def text_grid(path: Path, encoding: str | None, separator: str | None) -> Grid:
    """The rows of a text table."""
    text = _decoded(path, encoding)
    mark = separator or _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    found = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    if not found:
        raise FileError("'{path}' is empty.", path=path.name)
    width = max(len(row) for _, row in found)
    cells = [[cell if cell.strip() else None for cell in row] + [None] * (width - len(row)) for _, row in found]
    return Grid(path.stem, cells, [number for number, _ in found], decimal="," if mark == ";" else ".", ragged=True)


def _decoded(path: Path, encoding: str | None) -> str:
    raw = path.read_bytes()
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for name in (encoding,) if encoding else ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    if encoding:
        raise FileError("'{path}' is not in the encoding {encoding}.", path=path.name, encoding=encoding)
    raise FileError("'{path}' is neither UTF-8 nor GB18030; name its encoding.", path=path.name)


def _separator(text: str) -> str:
    """What separates the cells: the mark that stands in most of the first lines."""
    lines = [line for line in text.lstrip().splitlines()[:HEAD] if line.strip()]
    first = next((line for line in lines if any(mark in line for mark in ",;\t")), "")
    return max((",", ";", "\t"), key=lambda mark: (sum(mark in line for line in lines), first.count(mark)))


def workbook_grids(path: Path, sheets: Sequence[str | int] | None) -> list[Grid]:
    """The sheets of a workbook that were asked for; None takes every one that holds something."""
    try:
        import openpyxl
    except ImportError as error:
        raise need("openpyxl", "Reading Excel files") from error
    _check_workbook(path)
    book = openpyxl.load_workbook(path, data_only=True)
    try:
        names = [str(sheet.title) for sheet in book.worksheets]
        chosen = names if sheets is None else [_sheet(names, wanted, path.name) for wanted in sheets]
        _check_computed(path, book, chosen)
        grids = [_sheet_grid(book[name], _name(name, path.stem, alone=len(names) == 1)) for name in chosen]
    finally:
        book.close()
    filled = [grid for grid in grids if grid.cells]
    if not filled or (sheets is not None and len(filled) < len(grids)):
        empty = next(name for name, grid in zip(chosen, grids, strict=True) if not grid.cells)
        raise FileError("Sheet '{sheet}' of '{path}' is empty.", sheet=empty, path=path.name)
    return filled


def _check_workbook(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise FileError(
            "'{path}' is no workbook of Excel 2007 or later, whatever its name (or it is locked by a password); open it"
            " in Excel or WPS, and save it as .xlsx.",
            path=path.name,
        )


def _check_computed(path: Path, book: Any, sheets: Sequence[str]) -> None:
    """Refuse formulas without the value that they had when somebody last saved the file, which a program wrote."""
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        if not any(_UNCOMPUTED.search(archive.read(name)) for name in parts):
            return
    import openpyxl

    formulas = openpyxl.load_workbook(path)
    for sheet in sheets:
        for row in formulas[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "f" and book[sheet][cell.coordinate].value is None:
                    raise FileError(
                        "Cell {cell} of sheet '{sheet}' holds a formula that was never computed; open '{path}' in Excel"
                        " or WPS, and save it.",
                        cell=cell.coordinate,
                        sheet=sheet,
                        path=path.name,
                    )


def _name(sheet: str, stem: str, alone: bool) -> str:
    """What a sheet is called; one that nobody gave a name, or that stands in the file of a year, as its file."""
    return stem if alone and (_UNNAMED.fullmatch(sheet) or year_of(stem) is not None) else sheet


def _sheet(sheets: Sequence[str], wanted: str | int, name: str) -> str:
    if str(wanted) in sheets:
        return str(wanted)
    if str(wanted).isdigit() and int(wanted) < len(sheets):
        return sheets[int(wanted)]
    raise FileError(
        "'{path}' has no sheet '{sheet}'; there are: {sheets}.", path=name, sheet=wanted, sheets=listed(sheets, 20)
    )


def _sheet_grid(sheet: Any, name: str) -> Grid:
    if sheet.max_row * sheet.max_column > LARGEST:
        raise FileError(
            "Sheet '{sheet}' reaches to row {row}, column {column}; delete the empty rows and columns after the table.",
            sheet=name,
            row=sheet.max_row,
            column=sheet.max_column,
        )
    cells = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    rows = [place for place, row in enumerate(cells) if any(cell is not None for cell in row)]
    columns = [place for place in range(len(cells[0]) if cells else 0) if any(row[place] is not None for row in cells)]
    at_row, at_column = {row: place for place, row in enumerate(rows)}, {c: place for place, c in enumerate(columns)}
    spans = []
    for area in sheet.merged_cells.ranges:
        down = [at_row[row] for row in range(area.min_row - 1, area.max_row) if row in at_row]
        across = [at_column[column] for column in range(area.min_col - 1, area.max_col) if column in at_column]
        if down and across:
            spans.append((down[0], down[-1], across[0], across[-1]))
    kept = [[cells[row][column] for column in columns] for row in rows]
    return Grid(name, kept, [row + 1 for row in rows], tuple(sorted(spans)))


def _shown(cell: Any) -> Any:
    """A cell's value; a share that Excel shows as a percentage is the percentage that people see."""
    value = cell.value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in cell.number_format:
        return f"{Decimal(repr(value)) * 100:f}%"
    return value

"""A sheet as a table: where its header is, what stands above and below, what its columns are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from .cells import Cells, understood
from .errors import FileError, Message, listed
from .grids import Grid
from .headers import Header, again_of, footers_of, header_of
from .years import year_of

Layout = Literal["auto", "long", "wide", "units-across"]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table with one header, and what it took to see it.

    Attributes
    ----------
    name : str
    frame : DataFrame
        One row a record; the columns are called as the header calls them.
    rows : ndarray of int
        The number of each record's row in the file.
    titles : tuple of tuple of str
        Of each column the cells of its header, from the top.
    units : tuple of str
        Of each column the unit of measurement that stands apart from its name, or an empty text.
    strays : dict of int to int
        By column, the record whose cell is text in a column of numbers.
    labels : dict of str to str
    unit : str
        The unit of the whole sheet, or an empty text.
    notes : tuple of Message
    layout : {"auto", "long", "wide", "units-across"}
        How it is to be read where somebody said so.
    asked : bool
        Whether somebody asked for it, so that it cannot be left out.
    """

    name: str
    frame: pd.DataFrame
    rows: np.ndarray
    titles: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    strays: dict[int, int]
    labels: dict[str, str]
    unit: str = ""
    notes: tuple[Message, ...] = ()
    layout: Layout = "auto"
    asked: bool = False

    @classmethod
    def of(cls, grid: Grid, path: str) -> Sheet:
        """Understand a grid.

        Raises
        ------
        FileError
            Where a row has cells beyond the header.
        """
        header = header_of(grid)
        cells = _filled(grid, header.stop)
        stop, again = footers_of(cells, header.stop), again_of(grid, header)
        body = [row for row in range(header.stop, stop) if row not in again]
        if grid.ragged:
            _check_width(grid, header, path)
        columns = [c for c, title in enumerate(header.titles) if title or any(cells[r][c] is not None for r in body)]
        found = [understood([cells[row][column] for row in body], grid.decimal) for column in columns]
        titles = tuple(header.titles[column] or (f"unnamed_{column + 1}",) for column in columns)
        names = ["_".join(parts) for parts in titles]
        units = tuple(header.units[column] or cells.unit for column, cells in zip(columns, found, strict=True))
        frame = pd.concat([cells.values for cells in found], axis=1, keys=range(len(names))).set_axis(names, axis=1)
        strays = {place: cells.strays[0] for place, cells in enumerate(found) if cells.strays}
        numbers = np.array([grid.rows[row] for row in body])
        notes = (*_set_aside(grid, header, stop, again), *_repairs(names, found))
        return cls(grid.name, frame, numbers, titles, units, strays, _labels(names, units), header.unit, notes)

    @classmethod
    def plain(cls, frame: pd.DataFrame, name: str, labels: dict[str, str] | None = None) -> Sheet:
        """A table that needs no understanding."""
        names = [str(column) for column in frame.columns]
        titles = tuple((column,) for column in names)
        rows = np.arange(1, len(frame) + 1)
        return cls(name, frame.set_axis(names, axis=1), rows, titles, ("",) * len(names), {}, labels or {})


def _filled(grid: Grid, start: int) -> list[list[Any]]:
    """The cells, those below the header that are merged downwards each with the text or year they show."""
    cells = [list(row) for row in grid.cells]
    for top, bottom, left, right in grid.spans:
        value = grid.cells[top][left]
        if top >= start and left == right and (isinstance(value, str) or year_of(value) is not None):
            for row in range(top, bottom + 1):
                cells[row][left] = value
    return cells


def _check_width(grid: Grid, header: Header, path: str) -> None:
    width = max((column for column, title in enumerate(header.titles) if title), default=-1) + 1
    for number, row in enumerate(grid.cells[slice(header.stop, None)], start=1):
        extra = [column for column, cell in enumerate(row[width:], start=width) if cell is not None]
        if extra:
            raise FileError(
                "Row {row} of '{path}' has {cells} cells, but the header names {columns} columns; is a decimal comma"
                " or a comma in a name not quoted?",
                row=number,
                path=path,
                cells=extra[-1] + 1,
                columns=width,
            )


def _labels(names: Sequence[str], units: Sequence[str]) -> dict[str, str]:
    return {name: f"{name} ({unit})" for name, unit in zip(names, units, strict=True) if unit and unit not in name}


def _set_aside(grid: Grid, header: Header, stop: int, again: Sequence[int]) -> list[Message]:
    """What was seen around the table."""
    notes = []
    above = [_text(row) for row in grid.cells[: header.start]]
    below = [_text(row) for row in grid.cells[slice(stop, None)]]
    if above:
        notes.append(
            Message.of("Sheet '{sheet}': left out above the header: {text}", sheet=grid.name, text=listed(above))
        )
    if below:
        notes.append(
            Message.of("Sheet '{sheet}': left out below the table: {text}", sheet=grid.name, text=listed(below))
        )
    if header.depth > 1:
        template = "Sheet '{sheet}': {count} header rows were read as one."
        notes.append(Message.of(template, sheet=grid.name, count=header.depth))
    if again:
        template = "Sheet '{sheet}': rows that repeat the header were left out: {rows}."
        notes.append(Message.of(template, sheet=grid.name, rows=listed([grid.rows[row] for row in again])))
    return notes


def _text(row: Sequence[Any], limit: int = 40) -> str:
    text = " ".join(str(cell).strip() for cell in row if cell is not None)
    return text if len(text) <= limit else f"{text[:limit]}…"


def _repairs(names: Sequence[str], found: Sequence[Cells]) -> list[Message]:
    def told(kind: str) -> dict[str, object]:
        mended = {name: cells.repairs[kind] for name, cells in zip(names, found, strict=True) if kind in cells.repairs}
        return {"count": sum(mended.values()), "columns": listed(mended)}

    notes = {
        "thousands": Message.of(
            "Thousands separators were taken out of {count} cells in: {columns}.", **told("thousands")
        ),
        "percent": Message.of("Percentages are kept as written, 12.5 for 12.5%, in: {columns}.", **told("percent")),
        "wide": Message.of("Full-width digits were read in {count} cells of: {columns}.", **told("wide")),
        "absent": Message.of(
            "Dashes, stars and words for no data were read as empty: {count} cells in: {columns}.", **told("absent")
        ),
    }
    return [note for kind, note in notes.items() if any(kind in cells.repairs for cells in found)]

"""One sheet as variables of units and periods, whether its years stand down or across."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from .errors import DataError, Message, listed
from .ids import guess_period, guess_unit, tidy_ids, unit_columns
from .sheets import Sheet
from .yearbook import find_column, plain_name
from .years import as_years, split_year, year_of

Layout = Literal["auto", "long", "wide"]
# Two columns such as gdp2000 and gdp2010 may be two variables of a cross-section; three are a series.
SERIES = 3


@dataclass(frozen=True, eq=False)
class Variable:
    """Values of one quantity.

    Attributes
    ----------
    name, unit : str
        What it is called, and what it is measured in where that stands apart from the name.
    values : Series
        Indexed by (unit, period), or by unit where it has no period.
    """

    name: str
    unit: str
    values: pd.Series


@dataclass(frozen=True, eq=False)
class Part:
    """What one sheet holds.

    Attributes
    ----------
    sheet : Sheet
    unit_name, period_name : str or None
        Columns of the ids; ``period_name`` is None where the years are not a column.
    units : ndarray
        Id of every record.
    periods : ndarray or None
        Period of every record, or the years across.
    layout : {"long", "wide", "cross"}
    years : dict of int to (str, int)
        Of a wide sheet the columns that hold a year: their variable and the year.
    """

    sheet: Sheet
    unit_name: str
    period_name: str | None
    units: np.ndarray
    periods: np.ndarray | None
    layout: Literal["long", "wide", "cross"]
    years: dict[int, tuple[str, int]]

    @classmethod
    def of(cls, sheet: Sheet, unit: str | None, period: str | None, layout: Layout, lenient: bool = False) -> Part:
        """Understand a sheet.

        Parameters
        ----------
        sheet : Sheet
        unit, period : str or None
            Columns where they are known.
        layout : {"auto", "long", "wide"}
        lenient : bool
            Whether a named column that this sheet lacks is looked for under its usual names.

        Raises
        ------
        DataError
            Where there is no unit column, or the years are not where they should be.
        """
        if not len(sheet.frame):
            raise DataError("The table has no rows.")
        across = _years_across(sheet) if layout != "long" else {}
        unit_name = _unit_column(sheet, unit, across, lenient)
        units = tidy_units(sheet, unit_name)
        named = layout == "auto" and year_of(sheet.name) is not None
        period_name = _period_column(sheet, period, named or bool(pd.Series(units).duplicated().any()))
        if period_name is not None and layout != "wide":
            periods = as_years(tidy_ids(sheet.frame[period_name], "period"))
            return cls(sheet, unit_name, period_name, units, periods, "long", {})
        if layout == "wide" or _is_wide(sheet, across):
            if not across:
                raise _no_years(sheet)
            years = np.unique([year for _, year in across.values()])
            return cls(sheet, unit_name, None, units, years, "wide", across)
        year = year_of(sheet.name) if named else None
        if period is not None and year is None:
            find_column(period, list(sheet.frame.columns), sheet.labels)
        if year is None:
            return cls(sheet, unit_name, None, units, None, "cross", {})
        return cls(sheet, unit_name, None, units, np.full(len(units), year), "long", {})

    def with_units(self, units: np.ndarray) -> Part:
        """The same under other ids."""
        return replace(self, units=units)

    def has_numbers(self) -> bool:
        """Whether the sheet holds data, or only lists names and codes."""
        ids = {*unit_columns(self.sheet.frame), self.unit_name, self.period_name}
        return any(values.dtype.kind in "if" for name, values in self.sheet.frame.items() if name not in ids)

    def fixed(self) -> list[str]:
        """Columns of a wide sheet that have no year."""
        return [
            name
            for place, name in enumerate(self.sheet.frame.columns)
            if self.layout == "wide" and place not in self.years and name != self.unit_name
        ]

    def variables(self) -> Iterator[Variable]:
        """The quantities that the sheet holds."""
        if self.layout == "wide":
            yield from self._melted()
            return
        arrays = [self.units] if self.periods is None else [self.units, self.periods]
        names = ["unit", "period"][: len(arrays)]
        index = pd.MultiIndex.from_arrays(arrays, names=names) if len(arrays) > 1 else pd.Index(self.units, name="unit")
        for place, name in enumerate(self.sheet.frame.columns):
            if name not in (self.unit_name, self.period_name):
                yield Variable(name, self.sheet.units[place], self.sheet.frame.iloc[:, place].set_axis(index))

    def _melted(self) -> Iterator[Variable]:
        frame, by_unit = self.sheet.frame, pd.Index(self.units, name="unit")
        for place, name in enumerate(frame.columns):
            if place not in self.years and name != self.unit_name:
                yield Variable(name, self.sheet.units[place], frame.iloc[:, place].set_axis(by_unit))
        index = pd.MultiIndex.from_product([range(len(self.units)), self.periods])
        rows = index.get_level_values(0)
        keys = pd.MultiIndex.from_arrays([self.units[rows], index.get_level_values(1)], names=["unit", "period"])
        for (name, unit), columns in _grouped(self).items():
            block = pd.DataFrame({year: frame.iloc[:, place] for year, place in columns.items()})
            values = block.reindex(columns=self.periods).to_numpy().ravel()
            yield Variable(name, unit, pd.Series(values, index=keys).infer_objects())


def tidy_units(sheet: Sheet, column: str) -> np.ndarray:
    """Ids of the records of a sheet; an empty one is named by its row in the file."""
    cells = sheet.frame[column]
    if isinstance(cells, pd.DataFrame):
        raise DataError("Columns stand twice: {columns}; rename one of each.", columns=column)
    empty = np.flatnonzero(cells.isna().to_numpy())
    if len(empty):
        raise DataError(
            "The unit column '{column}' is empty in row {row} of '{sheet}'; fill the cell or drop the row.",
            column=column,
            row=sheet.rows[empty[0]],
            sheet=sheet.name,
        )
    return tidy_ids(cells, "unit")


def check_cells(sheet: Sheet, apart: Collection[str]) -> None:
    """Refuse text among numbers.

    Raises
    ------
    DataError
        Names sheet, row, column and text.
    """
    for place in sheet.strays:
        if sheet.frame.columns[place] not in apart:
            doubt = _doubt(sheet, place)
            raise DataError(doubt.template, **dict(doubt.values))


def doubtful_cells(sheet: Sheet, apart: Collection[str]) -> list[Message]:
    """What :func:`check_cells` would refuse, as notes."""
    return [_doubt(sheet, place) for place in sheet.strays if sheet.frame.columns[place] not in apart]


def _doubt(sheet: Sheet, place: int) -> Message:
    record = sheet.strays[place]
    cell, column = sheet.frame.iloc[record, place], sheet.frame.columns[place]
    where = {"column": column, "sheet": sheet.name, "row": sheet.rows[record], "cell": cell}
    if str(cell).strip()[-1:] in ("%", "％", "‰"):
        return Message.of(
            "'{column}' of sheet '{sheet}' mixes percentages, such as '{cell}' in row {row}, and plain numbers; write"
            " all one way.",
            **where,
        )
    return Message.of(
        "'{column}' of sheet '{sheet}' holds numbers, but row {row} has '{cell}'; mend the cell or empty it.", **where
    )


def _years_across(sheet: Sheet) -> dict[int, tuple[str, int]]:
    """Columns whose header holds a year: the variable, which is the sheet's where the year stands alone."""
    found = {}
    for place, parts in enumerate(sheet.titles):
        alone = [part for part in parts if year_of(part) is not None]
        if len(alone) == 1:
            rest = [part for part in parts if part not in alone]
            found[place] = "_".join(rest) or sheet.name, int(year_of(alone[0]) or 0)
        elif not alone and (split := split_year("_".join(parts))) is not None:
            found[place] = split
    return found


def _is_wide(sheet: Sheet, across: dict[int, tuple[str, int]]) -> bool:
    alone = [place for place in across if any(year_of(part) is not None for part in sheet.titles[place])]
    if len(alone) > 1:
        return True
    counts: dict[str, set[int]] = {}
    for stem, year in across.values():
        counts.setdefault(plain_name(stem).casefold(), set()).add(year)
    return any(len(years) >= SERIES for years in counts.values())


def _grouped(part: Part) -> dict[tuple[str, str], dict[int, int]]:
    """The columns of every variable by year; one variable in two units is two."""
    names: dict[str, str] = {}
    found: dict[tuple[str, str], dict[int, int]] = {}
    of_all = part.sheet.unit if len({plain_name(stem).casefold() for stem, _ in part.years.values()}) == 1 else ""
    for place, (stem, year) in part.years.items():
        name = names.setdefault(plain_name(stem).casefold(), stem)
        unit = part.sheet.units[place] or of_all
        if year in (columns := found.setdefault((name, unit), {})):
            raise DataError("Two columns hold '{variable}' of {year}; rename one.", variable=name, year=year)
        columns[year] = place
    return found


def _unit_column(sheet: Sheet, unit: str | None, across: dict[int, Any], lenient: bool) -> str:
    columns = list(sheet.frame.columns)
    if unit is not None and not (lenient and find_unit(sheet, unit) is None):
        return find_column(unit, columns, sheet.labels)
    others = [name for place, name in enumerate(columns) if place not in across]
    if len(others) == 1 and len(across) > 1:
        return str(others[0])
    try:
        return guess_unit(sheet.frame)
    except DataError as error:
        raise DataError(
            "Name the column that holds the units; '{sheet}' has: {names}",
            sheet=sheet.name,
            names=listed(columns, limit=12),
        ) from error


def find_unit(sheet: Sheet, unit: str) -> str | None:
    """The named unit column of a sheet, or None."""
    try:
        return find_column(unit, list(sheet.frame.columns), sheet.labels)
    except DataError:
        return None


def _period_column(sheet: Sheet, period: str | None, dated: bool) -> str | None:
    if period is None:
        return guess_period(sheet.frame) if dated else None
    try:
        return find_column(period, list(sheet.frame.columns), sheet.labels)
    except DataError:
        return None


def _no_years(sheet: Sheet) -> DataError:
    return DataError(
        "No column of '{sheet}' names a year, as a wide table has it; the columns are: {names}",
        sheet=sheet.name,
        names=listed(sheet.frame.columns, limit=12),
    )

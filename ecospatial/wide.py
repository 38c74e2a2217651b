"""One sheet as variables of units and periods, whether its years stand down or across."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from .errors import DataError, Message, listed
from .ids import guess_period, guess_unit, tidy_ids, unit_columns
from .sheets import Sheet
from .short_years import check_short_headings, check_short_periods
from .units_across import has_units_across, no_units, others, years_down
from .yearbook import find_column, plain_name
from .years import as_years, split_year, year_of

# Two columns such as gdp2000 and gdp2010 may be two variables of a cross-section; three are a series.
SERIES = 3
# Heads of a column that names variables, so that it names no units.
OF_VARIABLES = ("指标", "指标名称", "项目", "变量", "变量名", "indicator", "indicators", "variable", "item")


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
    layout : {"long", "wide", "units-across", "cross"}
    years : dict of int to (str, int)
        Of a wide sheet the columns that hold a year: their variable and the year.
    """

    sheet: Sheet
    unit_name: str
    period_name: str | None
    units: np.ndarray
    periods: np.ndarray | None
    layout: Literal["long", "wide", "units-across", "cross"]
    years: dict[int, tuple[str, int]]

    @classmethod
    def of(cls, sheet: Sheet, unit: str | None, period: str | None, lenient: bool = False) -> Part:
        """Understand a sheet, as it is to be read where somebody said so.

        Parameters
        ----------
        sheet : Sheet
        unit, period : str or None
            Columns where they are known.
        lenient : bool
            Whether it is one of several, of which a column that was named may go by another of its usual names, and
            whose own names may hold a year.

        Raises
        ------
        DataError
            Where there is no unit column, or the years are not where they should be.
        """
        if not len(sheet.frame):
            raise DataError("The table has no rows.")
        layout = sheet.layout
        across = _years_across(sheet) if layout != "long" else {}
        down = years_down(sheet) if layout == "auto" and unit is None and not across else None
        if layout == "units-across" or (down is not None and has_units_across(sheet, down)):
            return cls._units_across(sheet, unit, period or down)
        if down is not None:
            raise no_units(sheet, down)
        if layout != "long":
            check_short_headings([titles[0] for titles in sheet.titles if len(titles) == 1], sheet.name)
        return cls._of_records(sheet, _unit_column(sheet, unit, across, lenient), period, across, lenient)

    @classmethod
    def _of_records(
        cls, sheet: Sheet, unit_name: str, period: str | None, across: dict[int, tuple[str, int]], lenient: bool
    ) -> Part:
        """A sheet with a row for each unit, or each unit and period."""
        layout, units = sheet.layout, tidy_units(sheet, unit_name)
        year = _year_of_name(sheet.name, lenient) if layout == "auto" else None
        period_name = _period_column(sheet, period, year is not None or bool(pd.Series(units).duplicated().any()))
        if period_name is not None and layout != "wide":
            periods = as_years(tidy_ids(sheet.frame[period_name], "period"))
            check_short_periods(periods, period_name)
            return cls(sheet, unit_name, period_name, units, periods, "long", {})
        if layout == "wide" or _is_wide(sheet, across):
            if not across:
                raise _no_years(sheet)
            years = np.unique([year for _, year in across.values()])
            return cls(sheet, unit_name, None, units, years, "wide", across)
        if period is not None and year is None:
            find_column(period, list(sheet.frame.columns), sheet.labels)
        if year is None:
            return cls(sheet, unit_name, None, units, None, "cross", {})
        return cls(sheet, unit_name, None, units, np.full(len(units), year), "long", {})

    @classmethod
    def _units_across(cls, sheet: Sheet, unit: str | None, period: str | None) -> Part:
        """A sheet with a column for each unit, and its years down."""
        columns = [str(name) for name in sheet.frame.columns]
        named = find_column(period, columns, sheet.labels) if period else guess_period(sheet.frame) or columns[0]
        periods = as_years(tidy_ids(sheet.frame[named], "period"))
        check_short_periods(periods, named)
        units = tidy_ids(pd.Series(others(sheet, named), name=sheet.name), "unit")
        name = unit or next(free for free in ("unit", "unit_id", "units") if free != named)
        return cls(sheet, name, named, units, periods, "units-across", {})

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
        if self.layout == "units-across":
            yield self._stacked()
            return
        arrays = [self.units] if self.periods is None else [self.units, self.periods]
        names = ["unit", "period"][: len(arrays)]
        index = pd.MultiIndex.from_arrays(arrays, names=names) if len(arrays) > 1 else pd.Index(self.units, name="unit")
        for place, name in enumerate(self.sheet.frame.columns):
            if name not in (self.unit_name, self.period_name):
                yield Variable(name, self.sheet.units[place], self.sheet.frame.iloc[:, place].set_axis(index))

    def _stacked(self) -> Variable:
        """The one quantity of a sheet with units across."""
        columns = [place for place, name in enumerate(self.sheet.frame.columns) if name != self.period_name]
        block = self.sheet.frame.iloc[:, columns]
        keys = pd.MultiIndex.from_product([self.units, self.periods], names=["unit", "period"])
        return Variable(self.sheet.name, self.sheet.unit, pd.Series(block.to_numpy().T.ravel(), keys).infer_objects())

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
    again = np.flatnonzero((cells.astype(object) == column).to_numpy())
    if len(again):
        raise DataError(
            "Row {row} of '{sheet}' begins another table ('{column}' once more); put each on a sheet of its own.",
            row=sheet.rows[again[0]],
            sheet=sheet.name,
            column=column,
        )
    return tidy_ids(cells, "unit")


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


def years_in_names(sheet: Sheet) -> list[Message]:
    """A note on columns of a cross-section that name years, too few to be a series for certain."""
    across = _years_across(sheet) if sheet.layout == "auto" else {}
    names = [sheet.frame.columns[place] for place in across]
    template = "Columns with a year in their name stay variables ({columns}); layout='wide' reads them as a panel."
    return [Message.of(template, columns=listed(names))] if len(names) > 1 else []


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
    left = [str(name) for place, name in enumerate(columns) if place not in across]
    of_variables = [name for name in left if plain_name(name).casefold() in OF_VARIABLES]
    if of_variables and across:
        raise DataError(
            "'{column}' of '{sheet}' names variables, and years stand across; give each variable a sheet or a column of"
            " its own.",
            column=of_variables[0],
            sheet=sheet.name,
        )
    if len(left) == 1 and len(across) > 1:
        return left[0]
    try:
        return guess_unit(sheet.frame)
    except DataError as error:
        raise DataError(
            "Name the column that holds the units; '{sheet}' has: {names}",
            sheet=sheet.name,
            names=listed(columns, limit=12),
        ) from error


def _year_of_name(name: str, several: bool) -> int | None:
    """The year that a sheet is called by; where it is one of several, with words beside the year."""
    split = split_year(name) if several else None
    return year_of(name) if split is None else split[1]


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

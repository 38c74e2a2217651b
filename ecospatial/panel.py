"""The panel: a frozen table indexed by unit and period."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

import numpy as np
import pandas as pd

from .caveats import SIMULATED, SIMULATED_DATA, is_marked
from .combine import long_table
from .errors import DataError, Message, Text, listed, suggest
from .ids import guess_period, guess_unit, tidy_ids
from .made_from import marked, parts_of
from .order import check_order
from .package import public
from .ports import Port
from .provenance import fingerprint_frame
from .source import Source
from .yearbook import find_column

Self = TypeVar("Self", bound="Panel")
Missing = Literal["error", "nan"]
PERIOD_HELP = "Years. Left empty: none where each unit has one row, else the column called period or year."


@dataclass(frozen=True, eq=False)
class Panel:
    """Observations of units over periods; a cross-section is a panel with one period.

    Build one with :meth:`from_frame` or :func:`read_panel`. Rows keep the order they came in.

    Attributes
    ----------
    unit_name, period_name : str or None
        Columns the index was made from; ``period_name`` is None for a cross-section.
    labels : dict of str to str
        Long column labels where the source had them; a column is also found by its label, and by its name without
        the unit in brackets.
    notes : tuple of Message
        What was understood and mended when the data were read.
    made_from : dict of str to tuple of str
        Columns that a model made of others, such as efficiency of its inputs and outputs.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["a", "b"], "year": 2000, "gdp": [1.0, 2.0]})
    >>> Panel.from_frame(frame, unit="city", period="year")
    <Panel: 2 units, 1 period (2000), 1 column, balanced>
    """

    _frame: pd.DataFrame
    unit_name: str = "unit"
    period_name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = field(default=(), kw_only=True)
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    @classmethod
    def from_frame(
        cls,
        df: pd.DataFrame,
        unit: str | None = None,
        period: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Panel:
        """Make a panel of a data frame, which is copied.

        Parameters
        ----------
        df : DataFrame
            One row an observation. A frame already indexed by ``unit`` and ``period`` needs no names.
        unit : str or None
            Column of unit ids (codes or names).
        period : str or None
            Column of periods; None for a cross-section.
        labels : mapping or None
            Long column labels.

        Raises
        ------
        DataError
            Where a column is missing, an id is empty, or a unit-period stands twice.
        """
        if not isinstance(df, pd.DataFrame):
            raise DataError("A panel is made of a data frame, not of a {kind}.", kind=type(df).__name__)
        if unit is None and list(df.index.names) == ["unit", "period"]:
            df, unit, period = df.drop(columns=["unit", "period"], errors="ignore").reset_index(), "unit", "period"
        if df.columns.nlevels > 1:
            raise DataError("The table has several header rows; keep one.")
        df = df.set_axis([str(name) for name in df.columns], axis=1)
        if unit is None:
            raise DataError("Name the column that holds the units; {hint}", hint=suggest("unit", list(df.columns)))
        if len(df) == 0:
            raise DataError("The table has no rows.")
        twice = df.columns[df.columns.duplicated()].unique()
        if len(twice):
            raise DataError("Columns stand twice: {columns}; rename one of each.", columns=listed(twice))
        for column in (unit, period):
            if column is not None and column not in df.columns:
                raise DataError(
                    "There is no column '{column}'; {hint}", column=column, hint=suggest(column, list(df.columns))
                )
        units = tidy_ids(df[unit], "unit")
        periods = tidy_ids(df[period], "period") if period is not None else np.zeros(len(df), dtype=int)
        check_order(pd.Index(periods).unique())
        index = pd.MultiIndex.from_arrays([units, periods], names=["unit", "period"])
        _check_unique(index, cross_section=period is None)
        frame = df.drop(columns=[column for column in (unit, period) if column is not None])
        frame = frame.set_axis(index, axis=0).copy()
        return cls(frame, str(unit), period, dict(labels or {}))

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A table with its unit and period columns."""
        return (
            Port(
                name, "table", title, "A table, or a map layer that has the data as well.", required=default is not None
            ),
            Port("unit", "column", "Unit column", "Codes or names of the units.", table=name),
            Port("period", "column", "Period column", PERIOD_HELP, table=name),
        )

    @staticmethod
    def from_ports(name: str, values: Mapping[str, Any]) -> Panel:
        """A panel of the table that a door has read."""
        source: Source = values[name]
        if source.sheets:
            table = long_table(source.sheets, values.get("unit"), values.get("period"), strict=False)
            panel = Panel.from_frame(table.frame, table.unit, table.period, table.labels)
            return replace(panel, notes=table.notes)
        unit = values.get("unit") or guess_unit(source.frame)
        repeats = unit in source.frame and bool(source.frame[unit].duplicated().any())
        period = values.get("period") or (guess_period(source.frame) if repeats else None)
        return Panel.from_frame(source.frame, unit, period, source.labels)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the data, indexed by (unit, period)."""
        return self._frame.copy()

    @property
    def index(self) -> pd.MultiIndex:
        """The (unit, period) index in the order of the rows."""
        return cast(pd.MultiIndex, self._frame.index)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self._frame.columns]

    @cached_property
    def units(self) -> pd.Index:
        """Unit ids in order of first appearance."""
        return pd.Index(self.index.get_level_values("unit").unique(), name="unit")

    @cached_property
    def periods(self) -> pd.Index:
        """Periods in ascending order."""
        return pd.Index(self.index.get_level_values("period").unique().sort_values(), name="period")

    @property
    def balanced(self) -> bool:
        """Whether every unit is there in every period."""
        return len(self._frame) == len(self.units) * len(self.periods)

    @property
    def is_cross_section(self) -> bool:
        """Whether the panel was made without a period column."""
        return self.period_name is None

    @property
    def caveats(self) -> tuple[Message, ...]:
        """What must be said of everything made of these data: that a column ``simulated`` says they are."""
        return (SIMULATED_DATA,) if is_marked(self._frame, SIMULATED) else ()

    def balance(self) -> pd.DataFrame:
        """The unit-periods that are absent, one row each (empty where balanced)."""
        full = pd.MultiIndex.from_product([self.units, self.periods], names=["unit", "period"])
        return full.difference(self.index, sort=False).to_frame(index=False)

    def missing(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The empty cells: unit, period and column, one row each."""
        frame = self.select(columns)._frame if columns is not None else self._frame
        rows, places = np.nonzero(frame.isna().to_numpy())
        found = self.index[rows].to_frame(index=False)
        return found.assign(column=[frame.columns[place] for place in places])

    def numbers(self, columns: Sequence[str], missing: Missing = "error") -> pd.DataFrame:
        """Columns as floats, checked, in the order of the rows.

        Parameters
        ----------
        columns : sequence of str
        missing : {"error", "nan"}
            What an empty cell does.

        Raises
        ------
        DataError
            Names unit, period, column and cell of the first text, empty or infinite one.
        """
        found = {}
        for name in [columns] if isinstance(columns, str) else columns:
            found[name] = self._number(self._column(name), missing)
        return pd.DataFrame(found, index=self.index)

    def _number(self, name: str, missing: Missing) -> np.ndarray:
        column = self._frame[name]
        if column.dtype.kind in "mMc" or isinstance(column.dtype, (pd.PeriodDtype, pd.DatetimeTZDtype)):
            raise DataError("'{column}' holds dates or complex numbers; this needs plain numbers.", column=name)
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        text = np.isnan(values) & column.notna().to_numpy()
        self._complain(text, name, "'{column}' must hold numbers, but {where} holds '{cell}'{more}.")
        self._complain(np.isinf(values), name, "'{column}' is infinite for {where}{more}.")
        if missing == "error":
            empty = "'{column}' is empty for {where}; fill the cell or drop the unit{more}."
            self._complain(np.isnan(values), name, empty)
        return np.asarray(values)

    def _complain(self, wrong: np.ndarray, name: str, template: str) -> None:
        if not wrong.any():
            return
        row = int(np.flatnonzero(wrong)[0])
        others = int(wrong.sum()) - 1
        more = Message.of(" (and {count} more such cells)", count=others) if others else ""
        raise DataError(template, column=name, where=self.where(row), cell=self._frame[name].iloc[row], more=more)

    def where(self, row: int) -> Message:
        """Name the unit and period of a row for a message.

        Examples
        --------
        >>> Panel.from_frame(pd.DataFrame({"u": ["a"], "y": [1.0]}), unit="u").where(0)
        Message(template='unit {unit}', values=(('unit', 'a'),))
        """
        unit, period = self.index[row]
        if self.is_cross_section:
            return Message.of("unit {unit}", unit=unit)
        return Message.of("unit {unit}, period {period}", unit=unit, period=period)

    def named(self, rows: Iterable[int], limit: int = 5) -> Text:
        """Name the first of some rows for a message, and count the rest.

        Examples
        --------
        >>> panel = Panel.from_frame(pd.DataFrame({"u": ["a", "b"], "t": [1, 1]}), unit="u", period="t")
        >>> str(panel.named([0, 1]))
        'unit a, period 1; unit b, period 1'
        """
        return listed((self.where(int(row)) for row in rows), limit, ", " if self.is_cross_section else "; ")

    def cube(self, columns: Sequence[str], missing: Missing = "nan") -> np.ndarray:
        """Columns as an array of shape (T, n, k), NaN where a unit-period is absent.

        Units run in the order of :attr:`units`, periods in that of :attr:`periods`.
        """
        values = self.numbers(columns, missing)
        if missing == "error" and not self.balanced:
            gap = self.balance().iloc[0]
            raise DataError(
                "Unit {unit} has no row for period {period}; this needs a balanced panel.",
                unit=gap["unit"],
                period=gap["period"],
            )
        cube = np.full((len(self.periods), len(self.units), values.shape[1]), np.nan)
        at, when = self.places()
        cube[when, at] = values.to_numpy()
        return cube

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Position of every row's unit in :attr:`units` and of its period in :attr:`periods`."""
        return (
            np.asarray(self.units.get_indexer(self.index.get_level_values("unit"))),
            np.asarray(self.periods.get_indexer(self.index.get_level_values("period"))),
        )

    def __getitem__(self, column: str) -> pd.Series:
        name = self._column(column)
        return marked(self._frame[name].copy(), self.made_from.get(name, ()))

    def _column(self, name: str) -> str:
        """The column that is meant by its name, its name without the unit, or its label."""
        if name not in self._frame.columns:
            _check_apart(self._frame, name)
        return find_column(name, self.columns, self.labels)

    def assign(self: Self, **columns: Any) -> Self:
        """A new panel with columns added or replaced; a Series is aligned by unit and period.

        Raises
        ------
        DataError
            Where a Series shares no unit-period with the panel.
        """
        frame = self._frame.copy()
        made = {name: parts for name, parts in self.made_from.items() if name not in columns}
        for name, values in columns.items():
            frame[name] = self._aligned(name, values)
            if parts := parts_of(values):
                made[name] = parts
        return replace(self, _frame=frame, made_from=made)

    def _aligned(self, name: str, values: Any) -> Any:
        if isinstance(values, pd.DataFrame):
            raise DataError("Give one column at a time for '{column}', not a table.", column=name)
        if not isinstance(values, pd.Series):
            if np.ndim(values) and len(values) != len(self._frame):
                raise DataError(
                    "'{column}' has {count} values, but the panel has {rows} rows.",
                    column=name,
                    count=len(values),
                    rows=len(self._frame),
                )
            return values
        if not values.index.is_unique:
            raise DataError("The index of '{column}' repeats ids; keep one value each.", column=name)
        by_unit = values.index.nlevels == 1
        keys = self.index.get_level_values("unit") if by_unit else self.index
        found = keys.isin(values.index)
        if not found.any() or (by_unit and values.index.name != "unit" and not found.all()):
            raise DataError(
                "The index of '{column}' is not the units of the panel: {units} not found. Index it by unit, or by unit"
                " and period.",
                column=name,
                units=listed(keys[~found].unique()),
            )
        return values.reindex(keys).set_axis(self.index)

    def select(self: Self, columns: Iterable[str]) -> Self:
        """A new panel with only these columns."""
        names = list(dict.fromkeys(self._column(name) for name in columns))
        return replace(self, _frame=self._frame[names].copy())

    def where_units(self: Self, units: Iterable[Any]) -> Self:
        """A new panel with only these units."""
        keep = self.index.get_level_values("unit").isin(list(units))
        if not keep.any():
            raise DataError("None of these units is in the panel; it has: {all}.", all=listed(self.units, limit=10))
        return replace(self, _frame=self._frame[keep].copy())

    def where_rows(self: Self, keep: np.ndarray) -> Self:
        """A new panel with only the rows that an array of bool keeps."""
        part = replace(self, _frame=self._frame[keep].copy())
        return part.where_units(part.units)

    def where_periods(self: Self, periods: Iterable[Any]) -> Self:
        """A new panel with only these periods."""
        wanted = list(periods)
        unknown = [period for period in wanted if period not in self.periods]
        if unknown or not wanted:
            raise DataError(
                "There is no period {periods}; there are: {all}.",
                periods=listed(unknown) or "chosen",
                all=listed(self.periods, limit=30),
            )
        keep = self.index.get_level_values("period").isin(wanted)
        return replace(self, _frame=self._frame[keep].copy())

    def join(self, boundaries: Any, **options: Any) -> Any:
        """Join to boundaries by unit id; see :func:`ecospatial.join`."""
        return public("join")(self, boundaries, **options)

    def fingerprint(self) -> str:
        """A short hash of the data."""
        return fingerprint_frame(self._frame)

    def __repr__(self) -> str:
        count = len(self.periods)
        span = f"{self.periods[0]}" if count == 1 else f"{self.periods[0]}–{self.periods[-1]}"
        when = "cross-section" if self.is_cross_section else f"{count} period{'s' * (count > 1)} ({span})"
        width = len(self.columns)
        state = "balanced" if self.balanced else f"unbalanced, {len(self.balance())} unit-periods absent"
        name = type(self).__name__
        units = f"{len(self.units)} unit{'s' * (len(self.units) != 1)}"
        return f"<{name}: {units}, {when}, {width} column{'s' * (width != 1)}, {state}>"


def _check_apart(frame: pd.DataFrame, name: str) -> None:
    """Refuse several names in one."""
    several = [part.strip() for part in re.split("[,;、，；]", str(name))]
    if len(several) > 1 and set(several) & set(frame.columns):
        raise DataError(
            "There is no column '{column}'; give its columns one by one, on a command line with blanks between them: "
            "{columns}",
            column=name,
            columns=" ".join(several),
        )


def _check_unique(index: pd.MultiIndex, cross_section: bool) -> None:
    twice = index[index.duplicated()].unique()
    if len(twice) == 0:
        return
    if cross_section:
        raise DataError(
            "Units stand more than once: {units}; name the period column, or keep one row a unit.",
            units=listed(twice.get_level_values("unit")),
        )
    raise DataError(
        "Unit-periods stand more than once: {pairs}; keep one row each.",
        pairs=listed(Message.of("unit {unit} in {period}", unit=unit, period=period) for unit, period in twice),
    )

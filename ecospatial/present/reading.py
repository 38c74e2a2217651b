"""Tables as people read them: rounded, cut to a page, with a line that says what was left out."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..describe import Grain, Table
from ..result import Result
from .headings import CELLS
from .language import Words

LIMIT = 60
ABSENT = "–"
NAME = "name"
P_VALUES = frozenset({"p", "pvalue", "p_value", "p_norm", "p_rand", "p_sim", "p_trend"})


@dataclass(frozen=True)
class ReadingTable:
    """A table of texts.

    Attributes
    ----------
    title : str
    header : tuple of str
    rows : tuple of tuple of str
    numeric : tuple of bool
        By column: whether it holds numbers, which align right.
    remark : str
        What was left out, empty where nothing was.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    remark: str = ""


def reading_tables(result: Result, words: Words, only: str | None = None) -> Iterator[tuple[Table, ReadingTable]]:
    """Every declared table of a result (or only the one named) with its reading form."""
    frames = {only: result.to_frame(only)} if only is not None else result.tables()
    for table in result.TABLES:
        if table.name in frames and (len(frames[table.name]) or table.name == only):
            frame = with_names(result, without_lone_period(result, frames[table.name], table.grain))
            limit = len(frame) if result.WHOLE else LIMIT
            yield table, reading(frame, words(table.title), words, limit, names_in_data(result))


def names_in_data(result: Result) -> frozenset[str]:
    """The column names that the result's data came with."""
    frame = getattr(getattr(result, "data", result), "frame", None)
    return frozenset() if frame is None else frozenset(map(str, frame.columns))


def reading(
    frame: pd.DataFrame, title: str, words: Words, limit: int = LIMIT, kept: frozenset[str] = frozenset()
) -> ReadingTable:
    """Write a frame out for reading.

    A long table by unit and period shows its last period; what is still too long shows its first rows.
    Names that are ``kept`` stand as they are in any language.

    Examples
    --------
    >>> frame = pd.DataFrame({"I": [0.31234], "p_sim": [0.0004]}, index=pd.Index([2017], name="period"))
    >>> table = reading(frame, "Global Moran", Words())
    >>> table.header, table.rows
    (('period', 'I', 'p_sim'), (('2017', '0.3123', '<0.001'),))
    """
    shown, remarks = _cut(frame, words, limit)
    flat = flattened(shown)
    n_keys = len(flat.columns) - len(shown.columns)
    columns = [
        _ids(flat.iloc[:, place]) if place < n_keys else _texts(flat.iloc[:, place], str(name))
        for place, name in enumerate(flat.columns)
    ]
    numeric = tuple(
        place >= n_keys and pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        for place, dtype in enumerate(flat.dtypes)
    )
    header = tuple(_heading(str(name), kept, words) for name in flat.columns)
    told = [
        [cell if cell in kept else words.cell(cell, str(name)) for cell in cells] if str(name) in CELLS else cells
        for name, cells in zip(flat.columns, columns, strict=True)
    ]
    return ReadingTable(title, header, tuple(zip(*told, strict=True)), numeric, " ".join(remarks))


def _heading(name: str, kept: frozenset[str], words: Words) -> str:
    """A heading in the reader's language, also behind the number of a model: ``(2) Spatial lag``."""
    if name in kept:
        return name
    number, mark, label = name.rpartition(") ")
    return number + mark + words.heading(label)


def flattened(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its named index as columns and one line of column names."""
    flat = frame.copy()
    if flat.columns.nlevels > 1:
        flat.columns = pd.Index([" ".join(str(part) for part in name if part != "") for name in flat.columns])
    counted = isinstance(flat.index, pd.RangeIndex) or len(flat) == 0  # older pandas has another index for no rows
    if counted and list(flat.index.names) == [None]:
        return flat.reset_index(drop=True)
    names = [name if name is not None else "" for name in flat.index.names]
    clear = [f"{name}_id" if name in flat.columns else name for name in names]
    return flat.rename_axis(index=clear).reset_index()


def without_lone_period(result: Result, frame: pd.DataFrame, grain: Grain = "unit-period") -> pd.DataFrame:
    """The frame without the period that a cross-section has only for form."""
    if not getattr(getattr(result, "data", result), "is_cross_section", False):
        return frame
    if grain == "pair":
        return frame.drop(columns=["period", "peer_period"], errors="ignore")
    if list(frame.index.names) == ["period"]:
        return frame.reset_index(drop=True)
    return frame.droplevel("period") if "period" in frame.index.names else frame


def with_names(result: Result, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the names of its units behind their ids, where the boundaries have names that are not the ids."""
    boundaries = result.boundaries
    indexed = "unit" in frame.index.names
    if boundaries is None or NAME not in boundaries.attributes or NAME in frame or not (indexed or "unit" in frame):
        return frame
    units = frame.index.get_level_values("unit") if indexed else pd.Index(frame["unit"])
    names = boundaries.attributes[NAME].reindex(units).fillna("").astype(str)
    if (names.to_numpy() == units.astype(str)).all():
        return frame
    named = frame.copy()
    named.insert(0 if indexed else list(frame.columns).index("unit") + 1, NAME, names.to_numpy())
    return named


def _cut(frame: pd.DataFrame, words: Words, limit: int) -> tuple[pd.DataFrame, list[str]]:
    shown, remarks = frame, []
    if len(shown) > limit and list(shown.index.names) == ["unit", "period"]:
        last = shown.index.get_level_values("period").max()
        shown = shown[shown.index.get_level_values("period") == last]
        remarks.append(words("Period {period} only.", period=last))
    shown = shown.iloc[:limit]
    if len(shown) < len(frame):
        count = words("{shown} of {all} rows shown; saved data files hold all.", shown=len(shown), all=len(frame))
        remarks.append(count)
    return shown, remarks


def _ids(column: pd.Series) -> list[str]:
    return [ABSENT if pd.isna(cell) else str(cell) for cell in column]


def _texts(column: pd.Series, name: str) -> list[str]:
    if name in P_VALUES:
        return [p_text(cell) for cell in column]
    if pd.api.types.is_float_dtype(column):
        return numbers_text(column.to_numpy(float))
    return [cell_text(cell) for cell in column]


def cell_text(cell: Any) -> str:
    """One cell outside a column of numbers."""
    if isinstance(cell, (bool, np.bool_)):
        return "yes" if cell else "no"
    if isinstance(cell, (float, np.floating)):
        return number_text(float(cell))
    if isinstance(cell, (list, tuple, np.ndarray)):
        return ", ".join(cell_text(item) for item in cell)
    return ABSENT if pd.isna(cell) else str(cell)


def numbers_text(values: np.ndarray) -> list[str]:
    """A column of numbers: four decimals, fewer where its largest one is large."""
    finite = np.abs(values[np.isfinite(values)])
    whole = bool((finite == np.round(finite)).all())
    decimals = 0 if whole or not finite.size else _decimals(float(finite.max()))
    return [number_text(float(value), decimals) for value in values]


def number_text(value: float, decimals: int | None = None) -> str:
    """A number with so many decimals, more where it is small: four digits say something.

    Examples
    --------
    >>> [number_text(value) for value in (0.51234, 12.3456, 25012.4, 0.000612, 1.2e-9, float("nan"))]
    ['0.5123', '12.346', '25,012', '0.0006120', '1.20e-09', '–']
    """
    if math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if decimals is None:
        decimals = _decimals(abs(value))
    value += 0.0  # no minus before a zero
    size = abs(value)
    if 0 < size < 1e-5:
        return f"{value:.2e}"
    if 0 < size < 0.01:
        decimals = 3 - math.floor(math.log10(size))
    elif size * 10**decimals < 1000 and not value.is_integer():
        decimals = _decimals(size)
    return f"{value:,.{decimals}f}" if size >= 10_000 else f"{value:.{decimals}f}"


def p_text(value: Any) -> str:
    """A p-value as papers print it.

    Examples
    --------
    >>> p_text(0.0004), p_text(0.0512)
    ('<0.001', '0.051')
    """
    if not isinstance(value, numbers.Real) or math.isnan(value):
        return ABSENT if pd.isna(value) else str(value)
    return "<0.001" if value < 0.001 else f"{float(value):.3f}"


def _decimals(size: float) -> int:
    if size < 1e-12:
        return 4
    return max(0, min(4, 4 - math.floor(math.log10(size))))

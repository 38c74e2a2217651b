"""One table as a file of rows: CSV, Parquet, Stata."""

from __future__ import annotations

import re
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import need
from ..result import Result
from .reading import flattened

# Stata files carry a date; a fixed one keeps equal results equal to the byte.
STATA_DATE = datetime(1980, 1, 1)
STATA_NAME = 32


def save_csv(result: Result, path: Path, table: str | None = None) -> None:
    """Write one table as CSV in UTF-8; numbers read back to the last bit.

    A byte-order mark stands in front only where the text goes beyond ASCII: without it Excel garbles
    Chinese names, with it some programs misread the first column's name.
    """
    text = flattened(result.to_frame(table)).to_csv(index=False, lineterminator="\n")
    path.write_bytes(text.encode("utf-8" if text.isascii() else "utf-8-sig"))


def save_parquet(result: Result, path: Path, table: str | None = None) -> None:
    """Write one table as Parquet."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise need("pyarrow", "Writing Parquet files") from error
    plain_columns(flattened(result.to_frame(table))).to_parquet(path, index=False, engine="pyarrow")


def save_stata(result: Result, path: Path, table: str | None = None) -> None:
    """Write one table for Stata 14 or later; names it cannot take are mended and kept as labels."""
    frame = plain_columns(flattened(result.to_frame(table)))
    labels = dict(zip(stata_names(list(frame.columns)), [str(name)[:80] for name in frame.columns], strict=True))
    frame = frame.set_axis(list(labels), axis=1)
    floats = frame.select_dtypes("floating").columns
    # Stata knows no infinity.
    frame[floats] = frame[floats].where(np.isfinite(frame[floats]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_stata(
            path,
            write_index=False,
            version=118,
            time_stamp=STATA_DATE,
            data_label=str(result.title)[:80],
            variable_labels=labels,
        )


def stata_names(columns: list[str]) -> list[str]:
    """Names that Stata takes: letters of any script, digits and ``_``, at most 32, no two alike.

    Examples
    --------
    >>> stata_names(["GDP (2017)", "1st", "工业产值"])
    ['GDP__2017_', '_1st', '工业产值']
    """
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W", "_", str(column))
        name = (f"_{name}" if not name or name[0].isdigit() else name)[:STATA_NAME]
        stem, count = name, 1
        while name in names:
            count += 1
            name = f"{stem[: STATA_NAME - len(str(count)) - 1]}_{count}"
        names.append(name)
    return names


def plain_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column either numbers, dates or text, as typed formats want it."""
    plain = frame.copy()
    for name in plain.columns:
        column = plain[name]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
            plain[name] = np.array(["" if pd.isna(cell) else str(cell) for cell in column], dtype=object)
    return plain

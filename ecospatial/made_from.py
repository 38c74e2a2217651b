"""A series that a model made remembers the columns that it was made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

MADE_FROM = "made_from"


def marked(series: pd.Series, columns: Iterable[str]) -> pd.Series:
    """The series, marked as made of columns where there are any; the mark travels in ``attrs``.

    Examples
    --------
    >>> parts_of(marked(pd.Series([0.5, 1.0]), ["labour", "output"]))
    ('labour', 'output')
    """
    parts = tuple(columns)
    if parts:
        series.attrs[MADE_FROM] = parts
    return series


def parts_of(values: Any) -> tuple[str, ...]:
    """The columns that values were made of, none where nothing says so."""
    return tuple(getattr(values, "attrs", {}).get(MADE_FROM, ()))

"""Text cells to numbers and codes, without losing a digit or a leading zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

ABSENT = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "#N/A", "."})
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf"
WHOLE = r"[+-]?\d{1,18}"
CODE = r"0\d+"


def typed(column: pd.Series, decimal: str = ".") -> pd.Series:
    """A column of text as whole numbers, floats or text.

    Codes with a leading zero stay text. Words for absent values count as empty only among numbers, so that the
    code ``NA`` of Namibia stays a code.

    Parameters
    ----------
    column : Series of str
        As it stands in a file.
    decimal : {".", ","}
        The decimal mark.

    Examples
    --------
    >>> typed(pd.Series(["1", "NA", "2.5"])).tolist()
    [1.0, nan, 2.5]
    >>> typed(pd.Series(["NA", "CN"])).tolist()
    ['NA', 'CN']
    >>> typed(pd.Series(["010100", "110000"])).tolist()
    ['010100', '110000']
    """
    text = column.astype(object).str.strip()
    absent = text.isin(ABSENT).to_numpy()
    rest = text[~absent]
    plain = rest.str.replace(",", ".", regex=False) if decimal == "," else rest
    if not len(rest):
        return pd.Series(np.nan, index=column.index, name=column.name)
    if rest.str.fullmatch(CODE).any() or not plain.str.fullmatch(NUMBER).all():
        return text.where(text != "", None)
    if not absent.any() and plain.str.fullmatch(WHOLE).all():
        return pd.Series([int(cell) for cell in plain], index=column.index, name=column.name, dtype="int64")
    values = np.full(len(text), np.nan)
    values[~absent] = [float(cell) for cell in plain]
    return pd.Series(values, index=column.index, name=column.name)


def settled(column: pd.Series) -> pd.Series:
    """A column of a workbook: numbers among which words for absent values stand become plain numbers.

    Examples
    --------
    >>> settled(pd.Series([1, "NA", 2.5], dtype=object)).tolist()
    [1.0, nan, 2.5]
    """
    if column.dtype != object:
        return column
    cells: Sequence[Any] = column.tolist()
    texts = [cell for cell in cells if isinstance(cell, str)]
    numbers = [cell for cell in cells if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell]
    empty = sum(cell is None or cell != cell for cell in cells)
    if not numbers or len(numbers) + len(texts) + empty < len(cells) or not ABSENT.issuperset(map(str.strip, texts)):
        return column
    return pd.Series([np.nan if isinstance(cell, str) else cell for cell in cells], column.index, float, column.name)

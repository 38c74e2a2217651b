"""Cells as people type them to numbers and codes, without losing a digit or a leading zero."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

ABSENT = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "#N/A", "."})
WORDS = frozenset(
    {"N.A.", "n.a.", "na", "缺失", "缺", "缺省", "暂无", "不详", "无数据", "missing", "#DIV/0!", "#VALUE!"}
)
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?inf"
WHOLE = r"[+-]?[0-9]{1,18}"
CODE = r"0[0-9]+|[0-9]{19,}"
_NUMBER, _WHOLE, _CODE = (re.compile(pattern).fullmatch for pattern in (NUMBER, WHOLE, CODE))
_DASHES = re.compile(r"[-—–‒―─_.…·*/\\]+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, ']\d{3})+(?:\.\d*)?")
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(?:[. ']\d{3})+,\d*|[+-]?\d{1,3}(?:[ ']\d{3})+|[+-]?\d{1,3}(?:\.\d{3}){2,}")
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
_MINUS = {ord("−"): "-", ord("﹣"): "-"}
# At most this share of a number column may be text before it counts as a column of mixed codes.
_STRAY = 1 / 3


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of cells as it was understood.

    Attributes
    ----------
    values : Series
        Numbers, or text where the column holds text.
    repairs : dict of str to int
        How many cells were mended, by what was mended.
    strays : tuple of int
        Positions of texts that stand in what is else a column of numbers.
    unit : {"", "%", "‰"}
        The sign that the numbers carried.
    """

    values: pd.Series
    repairs: dict[str, int] = field(default_factory=dict)
    strays: tuple[int, ...] = ()
    unit: str = ""


def plain_cell(text: str) -> str:
    """Text with half-width signs and without blanks around it or signs that nobody sees.

    Examples
    --------
    >>> plain_cell("　－１２．５％ ")
    '-12.5%'
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text.translate(_UNSEEN).translate(_MINUS)).strip()


def is_absent(text: str) -> bool:
    """Whether a cell among numbers says that there is no number.

    Examples
    --------
    >>> [text for text in ("—", "－", "...", "缺失", "*", "N/A", "0", "无锡") if is_absent(text)]
    ['—', '－', '...', '缺失', '*', 'N/A']
    """
    plain = plain_cell(text)
    return plain in ABSENT or plain in WORDS or _DASHES.fullmatch(plain) is not None


def understood(cells: Sequence[Any], decimal: str = ".") -> Cells:
    """A column of a file, each cell text or of its own type, as numbers or as text.

    Thousands separators, percent signs and full-width digits are read; ``12.5%`` is 12.5. Dashes and words for
    absent values are empty among numbers. Codes with a leading zero stay text.

    Parameters
    ----------
    cells : sequence
    decimal : {".", ","}
        The decimal mark of text.

    Examples
    --------
    >>> found = understood(["1,234.5", "１２", "—"])
    >>> found.values.tolist(), found.repairs
    ([1234.5, 12.0, nan], {'thousands': 1, 'wide': 1, 'absent': 1})
    >>> understood([1.5, 2.5, 3.5, "约4"]).strays
    (3,)
    """
    trimmed = [cell.strip() if isinstance(cell, str) else cell for cell in cells]
    texts = [cell for cell in trimmed if isinstance(cell, str)]
    if not texts:
        return Cells(pd.Series(trimmed, dtype=object).infer_objects())
    if len(texts) == len(trimmed):
        plain = typed(pd.Series(trimmed, dtype=object), decimal)
        if plain.dtype != object:
            return Cells(plain)
    return _mended(trimmed, decimal)


def _mended(cells: list[Any], decimal: str) -> Cells:
    repairs: dict[str, int] = {}
    signs: list[str] = []
    values: list[Any] = []
    strays: list[int] = []
    numbers = 0
    for place, cell in enumerate(cells):
        value, repair, sign = _number(cell, decimal) if isinstance(cell, str) else (cell, "", "")
        repairs[repair] = repairs.get(repair, 0) + 1
        if isinstance(value, str):
            strays.append(place)
        elif _is_number(value):
            numbers += 1
            signs += [sign] if value else []
        elif not (value is None or value != value):
            return Cells(pd.Series(_kept(cells), dtype=object))
        values.append(value)
    codes = any(isinstance(cell, str) and _CODE(plain_cell(cell)) for cell in cells)
    if codes or (strays and not numbers) or len(strays) > _STRAY * (numbers + len(strays)):
        return Cells(pd.Series(_kept(cells), dtype=object))
    told = {name: count for name, count in repairs.items() if name}
    if strays:
        return Cells(pd.Series(_kept(cells), dtype=object), told, tuple(strays))
    if len(set(signs)) > 1:
        first = next(p for p, cell in enumerate(cells) if isinstance(cell, str) and cell[-1:] in ("%", "％", "‰"))
        return Cells(pd.Series(_kept(cells), dtype=object), told, (first,))
    whole = bool(values) and all(isinstance(value, (int, np.integer)) for value in values)
    found = pd.Series([np.nan if value is None else value for value in values], dtype="int64" if whole else float)
    return Cells(found, told, (), signs[0] if signs else "")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and value == value


def _kept(cells: list[Any]) -> list[Any]:
    return [None if isinstance(cell, str) and cell == "" else cell for cell in cells]


def _number(text: str, decimal: str) -> tuple[Any, str, str]:
    """The number that a text is (None where absent, the text where none), what was mended, and its sign."""
    if text in ABSENT:
        return None, "", ""
    if is_absent(text):
        return None, "absent", ""
    plain, sign, repair = plain_cell(text), "", ""
    if plain[-1:] in "%‰":
        plain, sign, repair = plain[:-1].strip(), plain[-1], "percent"
    grouped = _GROUPED_COMMA if decimal == "," else _GROUPED
    if grouped.fullmatch(plain):
        plain, repair = re.sub(r"[. ']" if decimal == "," else r"[, ']", "", plain), repair or "thousands"
    if decimal == ",":
        plain = plain.replace(",", ".")
    if not _NUMBER(plain):
        return text, "", ""
    if not repair and not text.isascii():
        repair = "wide"
    return int(plain) if _WHOLE(plain) and not sign else float(plain), repair, sign


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
    text = [cell.strip() for cell in column]
    rest = [cell for cell in text if cell not in ABSENT]
    plain = [cell.replace(",", ".") for cell in rest] if decimal == "," else rest
    if not rest:
        return pd.Series(np.nan, index=column.index, name=column.name)
    if any(cell[0] in "0123456789" and _CODE(cell) for cell in rest) or not all(map(_NUMBER, plain)):
        return pd.Series([cell or None for cell in text], column.index, object, column.name)
    if len(rest) == len(text) and all(map(_WHOLE, plain)):
        return pd.Series([int(cell) for cell in plain], column.index, "int64", column.name)
    values = np.full(len(text), np.nan)
    values[[cell not in ABSENT for cell in text]] = [float(cell) for cell in plain]
    return pd.Series(values, column.index, name=column.name)

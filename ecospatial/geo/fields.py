"""Which field of a layer holds the code, the name, the spelling in Latin letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from ..errors import DataError, listed
from .facts import field_aliases
from .names import gb_codes, is_chinese, plain

OWN_NAME = "unit"
COUNTER_NAMES = ("id", "geoid")  # often a bare counter, so that a name in Chinese goes before it
LATIN_NAMES = ("pinyin", "py", "pyname", "english", "ename", "name_en")
# A field with fewer different values than this share of its rows names groups of units.
DISTINCT = 0.5
NEARLY_ALL = 0.8


def id_field(frame: pd.DataFrame) -> str:
    """The field that is plainly the id: a code, or else a name in Chinese.

    A unit may stand in several rows, as coasts with islands do; a field of groups is left alone.

    Raises
    ------
    DataError
        Where there is no such field; lists the fields.

    Examples
    --------
    >>> id_field(pd.DataFrame({"NAME99": ["唐山市"], "ADCODE99": [130200]}))
    'ADCODE99'
    """
    codes, counters = _named(frame, (OWN_NAME, *field_aliases()["code"])), _named(frame, COUNTER_NAMES)
    names = [name for name in _named(frame, field_aliases()["name"]) if _share(frame[name], is_chinese) > NEARLY_ALL]
    for share in (1.0, DISTINCT):
        for name in (*codes, *names, *counters):
            if _distinct(frame[name]) >= share:
                return name
    every = [str(name) for name in frame.columns]
    raise DataError("Name the id column of the boundaries; there are: {names}", names=listed(every, limit=12))


def name_fields(frame: pd.DataFrame) -> list[str]:
    """Fields that name single units: the usual ones, and text fields with 'name' in their own name."""
    usual = _named(frame, field_aliases()["name"])
    others = [str(name) for name in frame.columns if "name" in str(name).lower() and str(name) not in usual]
    return [name for name in (*usual, *others) if _distinct(frame[name]) > NEARLY_ALL and _texts(frame[name])]


def latin_fields(frame: pd.DataFrame) -> list[str]:
    """Fields of pinyin or English names."""
    return [name for name in _named(frame, LATIN_NAMES) if _distinct(frame[name]) > NEARLY_ALL]


def code_field(frame: pd.DataFrame) -> str | None:
    """A field of GB/T 2260 codes of single units, or None."""
    for name in _named(frame, (OWN_NAME, *field_aliases()["code"], *COUNTER_NAMES)):
        codes = gb_codes(frame[name].dropna().tolist())
        if _distinct(frame[name]) > NEARLY_ALL and sum(code is not None for code in codes) > NEARLY_ALL * len(frame):
            return name
    return None


def _named(frame: pd.DataFrame, aliases: Sequence[str]) -> list[str]:
    fields = {str(name).lower(): str(name) for name in frame.columns}
    return list(dict.fromkeys(fields[alias.lower()] for alias in aliases if alias.lower() in fields))


def _distinct(column: pd.Series) -> float:
    """Different values among the cells that are filled, as a share."""
    filled = _filled(column)
    return filled.nunique() / len(filled) if len(filled) else 0.0


def _share(column: pd.Series, holds: Callable[[str], bool]) -> float:
    filled = _filled(column)
    return float(filled.map(holds).mean()) if len(filled) else 0.0


def _filled(column: pd.Series) -> pd.Series:
    texts = column.dropna().map(plain)
    return texts[texts != ""]


def _texts(column: pd.Series) -> bool:
    return bool(column.dropna().map(lambda cell: isinstance(cell, str)).all())

"""Tables whose years stand down and whose units stand across: found where the heads are plainly places."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

import pandas as pd

from .errors import DataError, listed
from .ids import guess_period, id_text, is_period_name, is_unit_name, unit_columns
from .sheets import Sheet
from .shipped import data_path
from .totals import is_total
from .years import year_of

_CORNER = re.compile(r"(.+?)\s*[\\/／＼|｜、]\s*(.+)")
_CODE = re.compile(r"[1-8]\d{5}")
_SUFFIXED = re.compile(r"[\u4e00-\u9fff]{2,}(?:省|市|自治区|盟|自治州|州|县|区|地区)")
_OWN_SUFFIX = re.compile(r"(?:维吾尔|壮族|回族)?自治区$|省$|市$")


def years_down(sheet: Sheet) -> str | None:
    """The column of years of a table that has no column of units, each year once; None where it has none."""
    names = [str(name) for name in sheet.frame.columns]
    if not names or unit_columns(sheet.frame):
        return None
    named = guess_period(sheet.frame) or names[0]
    cells = sheet.frame[named]
    if isinstance(cells, pd.DataFrame) or len(cells) < 2 or not cells.is_unique:
        return None
    return named if all(year_of(cell) is not None for cell in cells) else None


def has_units_across(sheet: Sheet, years: str) -> bool:
    """Whether the other columns are plainly units: the corner says so, or they are codes or names of places."""
    corner = _CORNER.fullmatch(years)
    if corner and is_period_name(corner[1]) and is_unit_name(corner[2]):
        return True
    heads = [name for name in others(sheet, years) if not is_total(name)]
    return len(heads) > 1 and all(is_place(head) for head in heads)


def is_place(head: str) -> bool:
    """Whether a head is a code or a name of a place of China, or has the suffix of one.

    Examples
    --------
    >>> [head for head in ("北京", "130200", "邯郸", "武安市", "GDP", "工业增加值") if is_place(head)]
    ['北京', '130200', '邯郸', '武安市']
    """
    text = re.sub(r"\s", "", id_text(head))
    return bool(_CODE.fullmatch(text)) or text in _known() or bool(_SUFFIXED.fullmatch(text))


def others(sheet: Sheet, years: str) -> list[str]:
    """The heads of the units.

    Raises
    ------
    DataError
        Where one stands over several columns, or has more than one row.
    """
    heads = [(str(name), titles) for name, titles in zip(sheet.frame.columns, sheet.titles, strict=True)]
    dated = [name for name, _ in heads if name != years and year_of(name) is not None]
    if dated:
        template = "'{sheet}' has years across ({years}), and no units; say layout='wide'."
        raise DataError(template, sheet=sheet.name, years=listed(dated))
    deep = [name for name, titles in heads if name != years and len(titles) > 1]
    if deep:
        raise DataError(
            "'{sheet}' has units across under a header of several rows ({names}); put each variable on a sheet of its"
            " own.",
            sheet=sheet.name,
            names=listed(deep),
        )
    return [name for name, _ in heads if name != years]


def no_units(sheet: Sheet, years: str) -> DataError:
    """The error of a table that has years and no column of units."""
    return DataError(
        "'{sheet}' has no column that is plainly of units, and '{column}' looks like years. Name the column of units if"
        " there is one, say layout='units-across' if the columns ({names}) are units, or add a column with the name of"
        " the one unit that they describe.",
        sheet=sheet.name,
        column=years,
        names=listed(_heads(sheet, years)),
    )


def _heads(sheet: Sheet, years: str) -> Sequence[str]:
    return [str(name) for name in sheet.frame.columns if name != years]


@cache
def _known() -> frozenset[str]:
    """Names of the provinces and prefectures of China, in full and short."""
    facts = json.loads(data_path("facts/china.json").read_text(encoding="utf-8"))
    names = {cell for part in ("provinces", "prefectures") for row in facts[part] for cell in row[1:3]}
    return frozenset(names | {_OWN_SUFFIX.sub("", name) for name in names})

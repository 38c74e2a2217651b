"""Years as people write them, alone and inside column names."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd

YEAR = r"(?:1[89]|20)\d\d"
DIGITS = str.maketrans("０１２３４５６７８９　（）", "0123456789 ()")
# Signs that point to a note below the table.
_NOTED = r"\s*[*†‡#※¹²³①-⑳⑴-⒇]*"
_ALONE = re.compile(rf"({YEAR})(?:\.0+)?\s*(?:年度?|年[末底])?{_NOTED}")
_DATE = re.compile(rf"({YEAR})[-/.](?:0?1[-/.]0?1|12[-/.]31)(?:[ T][0:.]+)?")
_MARK = r"[\s_\-.:]"
_NAMED = r"(?P<year>(?:19|20)\d\d)(?:年度?)?"
_UNIT = r"\s*(?P<unit>(?:[(\[][^()\[\]]*[)\]])?)"
# Before a year without a mark stands more than one letter: B2001 is a code, SO22001 a variable.
_WORD = r".*(?:[^\x00-\x7f]|[^\d\W]{2}|[^\d\W]{2}\d|[)\]%])"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<year>(?:19|20)\d\d)(?:年度|年(?![末底初均]))?{_MARK}*(?P<stem>[^\d\s_\-.:].*)(?P<unit>)",
        rf"(?P<stem>.*[^\s_\-.:]){_MARK}*[(\[]{_NAMED}[)\]]{_UNIT}",
        rf"(?P<stem>.*[^\W\d_].*?){_MARK}+{_NAMED}{_UNIT}",
        rf"(?P<stem>{_WORD}){_NAMED}{_UNIT}",
    )
)


def year_of(cell: Any) -> int | None:
    """The year that a cell is, or None.

    Examples
    --------
    >>> [year_of(cell) for cell in ("2005年", "２００５", 2005.0, "2005-12-31", "2005①", "GDP2005", 20051, True)]
    [2005, 2005, 2005, 2005, 2005, None, None, None]
    """
    if isinstance(cell, datetime.date):
        return None if cell is pd.NaT else cell.year
    if isinstance(cell, str):
        found = _ALONE.fullmatch(text := cell.translate(DIGITS).strip()) or _DATE.fullmatch(text)
        return int(found[1]) if found else None
    if isinstance(cell, (int, float, np.integer, np.floating)) and not isinstance(cell, bool):
        return int(cell) if cell == cell and 1800 <= cell < 2100 and cell == int(cell) else None
    return None


def split_year(name: str) -> tuple[str, int] | None:
    """A variable and its year where a column name holds both.

    Examples
    --------
    >>> [split_year(name) for name in ("GDP2005", "gdp_2005", "2005gdp", "GDP（2005年）", "GDP2005（亿元）", "PM2.5")]
    [('GDP', 2005), ('gdp', 2005), ('gdp', 2005), ('GDP', 2005), ('GDP（亿元）', 2005), None]
    >>> [split_year(name) for name in ("SO2_2005", "SO22005", "2005年末总人口", "B2005", "2000_2005")]
    [('SO2', 2005), ('SO2', 2005), ('年末总人口', 2005), None, None]
    """
    text = name.translate(DIGITS)
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        return None
    lead = len(text) - len(text.lstrip())
    stem, unit = (name[lead:][slice(*found.span(group))].strip() for group in ("stem", "unit"))
    return stem + unit, int(found["year"])


def as_years(cells: np.ndarray) -> np.ndarray:
    """Periods as whole years where every one is a year; dates only where no two are of one year.

    Examples
    --------
    >>> as_years(np.array(["2000年", "2001年"], dtype=object)).tolist()
    [2000, 2001]
    >>> as_years(np.array(["2000-Q1", "2000-Q2"], dtype=object)).tolist()
    ['2000-Q1', '2000-Q2']
    """
    distinct = pd.unique(pd.Series(cells))
    years = {cell: year_of(cell) for cell in distinct}
    dates = pd.api.types.is_datetime64_any_dtype(cells) or any(isinstance(cell, datetime.date) for cell in distinct)
    if None in years.values() or (dates and len(set(years.values())) < len(years)):
        return cells
    return np.array([years[cell] for cell in pd.Series(cells)], dtype=np.int64)

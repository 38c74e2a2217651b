"""Years of two digits: 98, '00, 05年. They are refused, since their order and their century are a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from .errors import DataError, Message, listed

_SHORT = re.compile(r"(?P<before>['‘’`´]?)(?P<year>\d\d)\s*(?P<after>年?度?)")
_NAMED = re.compile(r"(?P<stem>.*[^\W\d].*?[^\d]|[^\W\d])(?P<year>\d\d)")
SERIES = 3  # as many in a row are a series
OLD, NEW = 80, 50  # digits from here on are of the last century, and up to here of this one


def check_short_headings(titles: Sequence[str], sheet: str) -> None:
    """Refuse columns that are called by years of two digits.

    Raises
    ------
    DataError
        Names the columns and what to do.

    Examples
    --------
    >>> check_short_headings(["地区", "98年", "99年", "00年"], "GDP")
    Traceback (most recent call last):
    ecospatial.errors.DataError: The columns of 'GDP' seem to be years of two digits (98年, 99年, 00年); ...
    >>> check_short_headings(["city", "gdp", "12"], "GDP")
    """
    found = [match for title in titles if (match := _SHORT.fullmatch(title.strip()))]
    if len(found) >= SERIES and (any(map(_is_marked, found)) or _in_a_row(int(match["year"]) for match in found)):
        raise DataError(
            "The columns of '{sheet}' seem to be years of two digits ({columns}); write all four, or say layout='long'"
            " where they are no years.",
            sheet=sheet,
            columns=listed([match[0] for match in found]),
        )


def check_short_periods(periods: np.ndarray, column: str) -> None:
    """Refuse periods of two digits that are marked as years or run over the turn of the century.

    Raises
    ------
    DataError
        Names the column.

    Examples
    --------
    >>> check_short_periods(np.array([1, 2, 3]), "wave")
    >>> check_short_periods(np.array([98, 99, 0]), "year")
    Traceback (most recent call last):
    ecospatial.errors.DataError: The periods in 'year' seem to be years of two digits (98, 99, 0); write all four.
    """
    cells = list(dict.fromkeys(periods.tolist()))
    found = [_SHORT.fullmatch(f"{cell:02d}" if isinstance(cell, int) else str(cell).strip()) for cell in cells]
    if not found or None in found:
        return
    short = [match for match in found if match is not None]
    years = [int(match["year"]) for match in short]
    if any(map(_is_marked, short)) or "00" in cells or (max(years) >= OLD and min(years) < NEW):
        template = "The periods in '{column}' seem to be years of two digits ({years}); write all four."
        raise DataError(template, column=column, years=listed(cells))


def doubt_of_names(names: Iterable[str]) -> list[Message]:
    """A note on columns such as gdp98, gdp99, gdp00, which may be a series.

    Examples
    --------
    >>> [str(note) for note in doubt_of_names(["gdp98", "gdp99", "gdp00", "q01", "q02", "q03"])]
    ['Columns such as gdp98 may be years of two digits; gdp1998 would be read as one of a panel.']
    """
    stems: dict[str, list[int]] = {}
    for match in filter(None, map(_NAMED.fullmatch, names)):
        stems.setdefault(match["stem"], []).append(int(match["year"]))
    for stem, years in stems.items():
        if len(years) >= SERIES and _in_a_row(years) and (0 in years or max(years) >= OLD):
            template = "Columns such as {name} may be years of two digits; {whole} would be read as one of a panel."
            century = 19 if years[0] >= NEW else 20
            return [Message.of(template, name=f"{stem}{years[0]:02d}", whole=f"{stem}{century}{years[0]:02d}")]
    return []


def _is_marked(match: re.Match[str]) -> bool:
    return bool(match["before"] or match["after"])


def _in_a_row(years: Iterable[int]) -> bool:
    every = list(years)
    return all((later - year) % 100 == 1 for year, later in pairwise(every))

"""Periods in the order of time."""

from __future__ import annotations

import re

import pandas as pd

from .errors import DataError

_NUMBER = re.compile(r"(\d+)")


def check_order(periods: pd.Index) -> None:
    """Refuse periods that stand in another order as text than their numbers say.

    Raises
    ------
    DataError
        Names two of them.

    Examples
    --------
    >>> check_order(pd.Index(["2009Q1", "2009Q4", "2010Q1"]))
    >>> check_order(pd.Index(["9", "10"]))
    Traceback (most recent call last):
    ecospatial.errors.DataError: Periods are in the order of their text, in which '10' stands before '9'; ...
    """
    texts = sorted({period for period in periods if isinstance(period, str)})
    timely = sorted(texts, key=_by_number)
    wrong = next((place for place, pair in enumerate(zip(texts, timely, strict=True)) if pair[0] != pair[1]), None)
    if wrong is not None:
        raise DataError(
            "Periods are in the order of their text, in which '{first}' stands before '{second}'; write them as "
            "numbers, or with as many digits each, such as 2009M08.",
            first=texts[wrong],
            second=timely[wrong],
        )


def _by_number(text: str) -> list[tuple[bool, int, str]]:
    """Runs of digits as numbers, between them the text."""
    return [(part.isdigit(), int(part), "") if part.isdigit() else (False, 0, part) for part in _NUMBER.split(text)]

"""A variable's change from period to period, and what a variable is called when it is changed or paired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from ..errors import DataError, Message, Text
from ..panel import Panel

Change = Literal["none", "previous", "first"]
SINCE = {
    "previous": "change of {column} since the period before",
    "first": "change of {column} since the first period",
}


def as_changes(data: Panel, columns: Sequence[str], change: Change) -> Panel:
    """The columns, or their changes since the previous or the first period, which is left out.

    Parameters
    ----------
    data : Panel
    columns : sequence of str
    change : {"none", "previous", "first"}

    Raises
    ------
    DataError
        Where a change is asked of one period.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "gdp": [1.0, 3.0, 2.0, 2.0]})
    >>> as_changes(Panel.from_frame(frame, unit="city", period="year"), ["gdp"], "previous")["gdp"].tolist()
    [2.0, 0.0]
    """
    chosen = data.select(columns)
    if change == "none":
        return chosen
    if len(data.periods) < 2:
        raise DataError("A change needs two periods or more; there is one. Name the period column.")
    cube = chosen.cube(columns)
    base = cube[:-1] if change == "previous" else cube[:1]
    later = chosen.where_periods(chosen.periods[1:])
    unit, period = later.places()
    # Units that have gone since the first period have no place among the later ones.
    at = chosen.units.get_indexer(later.units)
    changes = (cube[1:] - base)[period, at[unit]]
    return later.assign(**{name: pd.Series(changes[:, place], later.index) for place, name in enumerate(columns)})


def variable_words(column: str, second: str | None = None, change: str = "none") -> Text:
    """What is tested: a column, its change, or it against the neighbours' second one."""
    named: Text = column
    if second is not None:
        named = Message.of("{column} against the neighbours' {second}", column=column, second=second)
    return named if change == "none" else Message.of(SINCE[change], column=named)

"""What must be said of data, and of everything that is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from .errors import Message

# Columns and attributes by which data say what they are.
SIMULATED, SCHEMATIC = "simulated", "schematic"
SIMULATED_DATA = Message.of(
    "The data are simulated, for teaching and testing: nothing here describes a real place in a real year."
)
CAVEATS = (SIMULATED_DATA,)


def is_marked(frame: pd.DataFrame, mark: str) -> bool:
    """Whether a column of this name says yes in any row.

    Examples
    --------
    >>> is_marked(pd.DataFrame({"simulated": [1, 1]}), "simulated"), is_marked(pd.DataFrame(), "simulated")
    (True, False)
    """
    if mark not in frame.columns:
        return False
    column = frame[mark]
    if column.dtype == bool:
        return bool(column.any())
    return bool((pd.to_numeric(column, errors="coerce").fillna(0) != 0).any())


def caveats_of(values: Iterable[Any]) -> tuple[Message, ...]:
    """The caveats of data and results, those in lists included, each once.

    Examples
    --------
    >>> caveats_of([1, "text", None])
    ()
    """
    found: dict[Message, None] = {}
    for value in values:
        inner = caveats_of(value) if isinstance(value, (list, tuple)) else getattr(value, "caveats", ())
        found |= dict.fromkeys(inner)
    return tuple(found)

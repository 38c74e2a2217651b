"""How a result says what it was computed from."""

from __future__ import annotations

from ..errors import Message, Text
from ..panel import Panel


def sample_words(data: Panel) -> Text:
    """The number of observations, and of units and periods where there are several.

    Examples
    --------
    >>> import pandas as pd
    >>> sample_words(Panel.from_frame(pd.DataFrame({"city": ["a", "b"]}), unit="city"))
    '2'
    """
    if len(data.periods) == 1:
        return str(len(data.index))
    return Message.of(
        "{count} ({units} units, {periods} periods)",
        count=len(data.index),
        units=len(data.units),
        periods=len(data.periods),
    )

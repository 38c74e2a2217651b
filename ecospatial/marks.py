"""The words of an annotation: what a parameter or a table is beyond its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grain = Literal["unit-period", "unit", "period", "term", "pair"]


@dataclass(frozen=True)
class Column:
    """Marks a parameter that names one or more columns of a table.

    Attributes
    ----------
    numeric : bool
        Only number columns serve.
    of : str
        The parameter that holds the table.
    """

    numeric: bool = True
    of: str = "data"


@dataclass(frozen=True)
class Range:
    """Closed bounds of a number."""

    low: float
    high: float


@dataclass(frozen=True)
class ApiOnly:
    """Marks a parameter that only Python code can give, such as an executor."""


@dataclass(frozen=True)
class Advanced:
    """Marks a parameter that a dialog folds away."""


@dataclass(frozen=True)
class Table:
    """A table that a result will have, declared before it runs.

    Attributes
    ----------
    name : str
        Key of the table in ``Result.tables()``.
    grain : {"unit-period", "unit", "period", "term", "pair"}
        What a row stands for; unit grains can be drawn on a map.
    title : str
        Heading for people.
    style : str or None
        Name of the map style for its layer.
    """

    name: str
    grain: Grain
    title: str
    style: str | None = None

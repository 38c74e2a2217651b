"""A panel with the columns of a result beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from .errors import OptionError
from .marks import Table
from .panel import Panel
from .result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Extended(Result):
    """The data that went in, with what came out; made by :func:`extend`.

    Attributes
    ----------
    data : Panel or GeoPanel
        Every column of the panel and of the result's first table.
    """

    TITLE: ClassVar[str] = "Data with the result beside them"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("data", "unit-period", "Data and result"),)

    data: Panel

    def tables(self) -> dict[str, pd.DataFrame]:
        """The panel's columns and the result's."""
        return {"data": self.data.frame}

    def facts(self) -> Mapping[str, str]:
        """What the columns came from."""
        return {"Result": str(self.provenance)}


def extend(panel: Panel, result: Result) -> Extended:
    """Put the columns of a result's first table beside those of the panel.

    Parameters
    ----------
    panel : Panel or GeoPanel
    result : Result
        Its first table has a row for each unit and period. A column whose name the panel has already takes the
        tool's name along.

    Raises
    ------
    OptionError
        Where the result's first table is not by unit and period.

    Examples
    --------
    >>> panel = Panel.from_frame(pd.DataFrame({"city": ["a", "b"], "x": [1.0, 2.0]}), unit="city")
    >>> extend(panel, Extended(panel.assign(score=[0.5, 1.0]))).data.columns
    ['x', 'x_result', 'score']
    """
    first = result.TABLES[0]
    if first.grain != "unit-period":
        raise OptionError("'{title}' has no row for each unit and period to put beside the data.", title=result.title)
    tool = result.provenance.tool or "result"
    found = result.to_frame()
    names = {name: f"{name}_{tool}" if name in panel.columns else str(name) for name in found.columns}
    wider = panel.assign(**{names[name]: found[name] for name in found.columns})
    return Extended(wider, provenance=result.provenance)

"""The group of every unit: a region, a size, a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import DataError, Message, listed
from ..ids import id_text
from ..panel import Panel

Changing = Literal["error", "first"]
Ungrouped = Literal["error", "none"]
NO_GROUP = "none"


@dataclass(frozen=True, eq=False)
class UnitGroups:
    """One group a unit.

    Attributes
    ----------
    by : str
        The column.
    names : tuple of str
    codes : ndarray, shape (n,)
        Positions in ``names``, in the order of the units.
    notes : tuple of Message
    """

    by: str
    names: tuple[str, ...]
    codes: np.ndarray
    notes: tuple[Message, ...] = ()

    @classmethod
    def of(
        cls, data: Panel, units: pd.Index, by: str, changing: Changing = "error", ungrouped: Ungrouped = "error"
    ) -> UnitGroups:
        """Take the groups from a column; a cell may be empty where another period of the unit has the group.

        Parameters
        ----------
        data : Panel
        units : Index
            Those of the regression, in its order.
        by : str
        changing : {"error", "first"}
            What a unit does that changes its group: stop, or keep the group of its first period.
        ungrouped : {"error", "none"}
            What a unit without a group does: stop, or be one of a group "none". It is not left out, since a spatial
            model needs all neighbours.

        Raises
        ------
        DataError
            Where a unit changes its group or has none, or all have the same.
        """
        column = data.where_units(units)[by].astype(object)
        rows = column[column.notna()].sort_index(level="period", sort_remaining=False, kind="stable")
        own = rows.groupby(rows.index.get_level_values("unit"), sort=False)
        moved = own.nunique()
        moved = moved[moved > 1].index
        if len(moved) and changing == "error":
            raise DataError(
                "Units change their '{by}' over time: {units}. A group must stay the same; changing='first' keeps that"
                " of the first period.",
                by=by,
                units=listed(moved),
            )
        labels = own.first().reindex(units)
        bare = units[labels.isna().to_numpy()]
        if len(bare) and ungrouped == "error":
            raise DataError(
                "'{by}' is empty for {units}: fill the cells, or use ungrouped='none' to make them a group of their"
                " own.",
                by=by,
                units=listed(bare),
            )
        names, codes = _sorted(labels)
        if len(names) < 2:
            raise DataError(
                "All units have the same '{by}', {group}; there is nothing to compare.", by=by, group=names[0]
            )
        return cls(by, names, codes, _notes(by, moved, bare))

    @property
    def counts(self) -> np.ndarray:
        """Units of each group."""
        return np.bincount(self.codes, minlength=len(self.names))


def _sorted(labels: pd.Series) -> tuple[tuple[str, ...], np.ndarray]:
    """Names in their order, of numbers by size, units without a group last, and positions in them."""
    values = [value for value in pd.unique(labels) if not pd.isna(value)]
    numbers = all(isinstance(value, (int, float, np.number)) for value in values)
    ordered = sorted(values) if numbers else sorted(values, key=id_text)
    names = list(dict.fromkeys(id_text(value) for value in ordered))
    texts = [NO_GROUP if pd.isna(value) else id_text(value) for value in labels]
    if NO_GROUP in texts and NO_GROUP not in names:
        names.append(NO_GROUP)
    return tuple(names), np.array([names.index(text) for text in texts])


def _notes(by: str, moved: pd.Index, bare: pd.Index) -> tuple[Message, ...]:
    notes = []
    if len(moved):
        notes.append(
            Message.of(
                "Units that change their '{by}' count to the group of their first period: {units}.",
                by=by,
                units=listed(moved),
            )
        )
    if len(bare):
        notes.append(
            Message.of("Units without '{by}' form a group of their own, 'none': {units}.", by=by, units=listed(bare))
        )
    return tuple(notes)

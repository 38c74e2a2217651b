"""Columns that sort the unit-periods: groups, and the units that make a frontier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, OptionError, listed, suggest
from ..geo.join import PanelLike
from ..ids import id_text, id_texts


def group_labels(panel: PanelLike, column: str) -> np.ndarray:
    """The group of every row, as text.

    Raises
    ------
    DataError
        Where there is no such column, or a cell is empty.
    """
    cells = panel[column]
    empty = (cells.isna() | (cells.astype(str).str.strip() == "")).to_numpy()
    if empty.any():
        raise DataError(
            "The group column '{column}' is empty for {where}; fill the cell or drop the unit.",
            column=column,
            where=panel.where(int(np.flatnonzero(empty)[0])),
        )
    return np.array([id_text(cell) for cell in cells], dtype=object)


def reference_rows(panel: PanelLike, reference_units: Sequence[Any] | None) -> np.ndarray:
    """Shape (n,): whether a row may make a frontier.

    Parameters
    ----------
    panel : Panel or GeoPanel
    reference_units : sequence or None
        Unit ids, compared as text; or the name of a column that is true or not zero for them.

    Raises
    ------
    OptionError
        Where a unit is unknown, or no unit is left.
    """
    if reference_units is None:
        return np.ones(len(panel.index), dtype=bool)
    named = [reference_units] if isinstance(reference_units, (str, int)) else list(reference_units)
    by_column = len(named) == 1 and str(named[0]) in panel.columns
    able = _marked(panel, str(named[0])) if by_column else _listed(panel, named)
    if not able.any():
        raise OptionError("No unit is left to make the frontier; name at least one in reference_units=.")
    return able


def _marked(panel: PanelLike, column: str) -> np.ndarray:
    cells = panel[column]
    if pd.api.types.is_bool_dtype(cells) and not cells.isna().any():
        return np.asarray(cells, dtype=bool)
    return np.asarray(panel.numbers([column])[column] != 0)


def _listed(panel: PanelLike, named: Sequence[Any]) -> np.ndarray:
    known, wanted = id_texts(panel.units), id_texts(named)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise OptionError(
            "There is no unit {units} to make the frontier; {hint}",
            units=listed(unknown),
            hint=suggest(unknown[0], known),
        )
    return np.isin(id_texts(panel.index.get_level_values("unit")), wanted)

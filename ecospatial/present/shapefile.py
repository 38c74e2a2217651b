"""One table by unit as a shapefile, within the narrow bounds of the format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..result import Result
from .spatial_files import chosen_layer, pyogrio_or_error

NAME_BYTES = 10
CELL_BYTES = 254


def save_shapefile(result: Result, path: Path, table: str | None = None) -> None:
    """Write one table with its polygons; full field names stand in ``NAME_fields.csv`` beside it.

    A field name has at most ten bytes, which are three Chinese characters: longer ones are cut between characters
    and numbered where two become alike. GeoPackage has none of these bounds.
    """
    layer = chosen_layer(result, table)
    full = [str(name) for name in layer.columns if name != layer.geometry.name]
    short = short_names(full)
    columns = {new: _narrow(layer[old]) for old, new in zip(full, short, strict=True)}
    made = layer[[layer.geometry.name]].assign(**columns)[[*short, layer.geometry.name]]
    pyogrio_or_error().write_dataframe(made, path, driver="ESRI Shapefile", encoding="UTF-8")
    names = pd.DataFrame({"field": short, "name": full}).to_csv(index=False, lineterminator="\n")
    path.with_name(f"{path.stem}_fields.csv").write_bytes(names.encode("utf-8-sig"))


def short_names(names: Sequence[str]) -> list[str]:
    """Names of at most ten bytes that end with a whole character, no two alike in any case.

    Examples
    --------
    >>> short_names(["工业增加值", "工业增长率", "efficiency_score", "EFFICIENCY_rank"])
    ['工业增', '工业增1', 'efficiency', 'EFFICIENC1']
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        made, count = _cut(name, NAME_BYTES), 0
        while made.lower() in taken:
            count += 1
            made = _cut(name, NAME_BYTES - len(str(count))) + str(count)
        taken.add(made.lower())
        found.append(made)
    return found


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _narrow(column: pd.Series) -> pd.Series:
    """Cells as the format holds them: no infinity, yes and no as 1 and 0, text of 254 bytes."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype(int)
    if pd.api.types.is_float_dtype(column):
        return column.where(np.isfinite(column))
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(lambda cell: _cut(str(cell), CELL_BYTES))

"""Geometry as files have it, made fit to compute on: flat, valid, one shape a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..errors import GeometryError, Message, listed
from ..ids import id_text, tidy_ids


@dataclass(frozen=True, eq=False)
class Mended:
    """The units of a layer, and what was done to it.

    Attributes
    ----------
    ids : Index
    geometry : ndarray of Shapely geometries, shape (n,)
    attributes : DataFrame
        Indexed by id.
    repaired, absent : tuple
        Units whose rings crossed; units without a polygon, which are left out.
    remarks : tuple of Message
    """

    ids: pd.Index
    geometry: np.ndarray
    attributes: pd.DataFrame
    repaired: tuple[Any, ...]
    absent: tuple[Any, ...]
    remarks: tuple[Message, ...]


def mended(frame: pd.DataFrame, geometry: np.ndarray, unit: str, name: str) -> Mended:
    """Rows of a layer as one sound shape a unit.

    Rows without an id or a polygon are left out, several rows of a unit dissolved, crossing rings repaired.

    Parameters
    ----------
    frame : DataFrame
    geometry : ndarray of Shapely geometries, row-aligned
    unit : str
        Column of ids.
    name : str
        Of the layer, for messages.

    Raises
    ------
    GeometryError
        Where no row has both an id and a polygon, or a coordinate is no number.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b", None]})
    >>> layer = mended(frame, np.array([shapely.box(0, 0, 1, 1), None, None]), "code", "towns")
    >>> layer.ids.tolist(), layer.absent, str(layer.remarks[0])
    (['a'], ('b',), 'Rows of the map without an id, left out: 1')
    """
    named = _filled(frame[unit])
    if not named.any():
        raise GeometryError("No row of '{name}' has both an id and a polygon.", name=name)
    keys = pd.Index(tidy_ids(frame[unit][named], "unit"), name="unit")
    shapes, repaired = sound(keys, geometry[named])
    attributes = frame[named].drop(columns=[unit])
    attributes = attributes.set_axis([str(column) for column in attributes.columns], axis=1)
    ids, made, several = dissolved(keys, shapes)
    drawn = ~shapely.is_missing(made)
    if not drawn.any():
        raise GeometryError("No row of '{name}' has both an id and a polygon.", name=name)
    remarks = []
    if not named.all():
        remarks.append(Message.of("Rows of the map without an id, left out: {count}", count=int((~named).sum())))
    if several:
        remarks.append(Message.of("Units in several rows of the map, dissolved: {units}", units=listed(several)))
    return Mended(
        ids=ids[drawn],
        geometry=made[drawn],
        attributes=common_attributes(attributes, keys, several)[drawn],
        repaired=tuple(dict.fromkeys(keys[repaired])),
        absent=tuple(ids[~drawn]),
        remarks=tuple(remarks),
    )


def sound(ids: pd.Index, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shapes without heights, their rings repaired; None where nothing is left.

    Parameters
    ----------
    ids : Index, length n
        For messages.
    shapes : ndarray of Shapely geometries, shape (n,)
        None or empty where a unit has none.

    Returns
    -------
    tuple of ndarray
        The shapes, and which were repaired, shape (n,).

    Raises
    ------
    GeometryError
        Where a coordinate is no number.

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> made, repaired = sound(pd.Index(["a"]), np.array([bow]))
    >>> float(shapely.area(made[0])), repaired.tolist()
    (2.0, [True])
    """
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    lost = ~absent & (np.isnan(shapely.bounds(shapes)).any(axis=1) | _has_nan(shapes))
    if lost.any():
        raise GeometryError(
            "Coordinates of these units are no numbers: {units}; mend the map.", units=listed(ids[lost])
        )
    made = shapely.force_2d(shapes)
    made[absent] = None
    broken = ~absent & ~shapely.is_valid(made)
    for place in np.flatnonzero(broken):
        made[place] = _repaired(made[place])
    return made, broken & ~shapely.is_missing(made)


def dissolved(ids: pd.Index, shapes: np.ndarray) -> tuple[pd.Index, np.ndarray, tuple[Any, ...]]:
    """One shape a unit: the union of its rows; and the units that had several.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1), shapely.box(1, 0, 2, 1)])
    >>> ids, shapes, several = dissolved(pd.Index(["a", "b", "a"]), squares)
    >>> ids.tolist(), shapely.area(shapes).tolist(), several
    (['a', 'b'], [2.0, 1.0], ('a',))
    """
    codes, units = pd.factorize(ids)
    if len(units) == len(ids):
        return ids, shapes, ()
    order = np.argsort(codes, kind="stable")
    parts = np.split(shapes[order], np.flatnonzero(np.diff(codes[order])) + 1)
    made = np.empty(len(units), dtype=object)
    made[:] = [_together(part) for part in parts]
    several = tuple(units[place] for place, part in enumerate(parts) if len(part) > 1)
    return pd.Index(units, name=ids.name), made, several


def common_attributes(frame: pd.DataFrame, ids: pd.Index, several: Sequence[Any]) -> pd.DataFrame:
    """One row a unit: its first, emptied where the rows of the unit disagree.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["A", "A"], "part": ["north", "south"]})
    >>> common_attributes(frame, pd.Index([1, 1]), [1]).values.tolist()
    [['A', nan]]
    """
    rows = frame.set_axis(ids, axis=0)
    kept = rows[~ids.duplicated()]
    varied = rows[ids.isin(list(several))].groupby(level=0, sort=False).nunique(dropna=False) > 1
    return kept.mask(varied.reindex(kept.index, fill_value=False))


def _filled(column: pd.Series) -> np.ndarray:
    """Which cells hold an id."""
    return np.asarray([not (cell is None or pd.isna(cell)) and id_text(cell) != "" for cell in column], dtype=bool)


def _together(part: np.ndarray) -> Any:
    drawn = part[~shapely.is_missing(part)]
    if len(drawn) < 2:
        return drawn[0] if len(drawn) else None
    return shapely.union_all(drawn)


def _has_nan(shapes: np.ndarray) -> np.ndarray:
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    found = np.zeros(len(shapes), dtype=bool)
    found[owner[~np.isfinite(points).all(axis=1)]] = True
    return found


def _repaired(shape: Any) -> Any:
    valid = shapely.make_valid(shape)
    if shapely.get_dimensions(shape) == 2:
        parts = [part for part in shapely.get_parts(valid) if shapely.get_dimensions(part) == 2]
        valid = shapely.union_all(parts) if parts else None
    return None if valid is None or shapely.is_empty(valid) else valid

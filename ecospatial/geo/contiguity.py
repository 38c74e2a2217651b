"""Contiguity: units whose polygons share a border or a corner."""

from __future__ import annotations

from typing import Literal

import numpy as np
import shapely
from scipy import sparse

from ..errors import GeometryError, OptionError, listed
from .boundaries import Boundaries

Contact = Literal["queen", "rook"]

# Borders this share of the map's extent apart still touch: millimetres on the map of a country, enough to
# absorb the rounding of a corner that lies on another unit's edge, too little to close a gap in the map.
TOLERANCE = 1e-9


def contiguity(boundaries: Boundaries, contact: Contact = "queen") -> sparse.csr_matrix:
    """Binary neighbours by contact of polygons.

    Borders need no common vertices: a corner on another unit's edge is contact too, and so is overlap.

    Parameters
    ----------
    boundaries : Boundaries
        Polygons, shape (n,).
    contact : {"queen", "rook"}
        ``"queen"``: a common point; ``"rook"``: a common border of some length.

    Returns
    -------
    csr_matrix, shape (n, n)
        Symmetric, ones, empty diagonal.

    Raises
    ------
    GeometryError
        Where a unit is not a polygon.
    OptionError
        Where ``contact`` is neither.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)]
    >>> contiguity(Boundaries.of(["a", "b", "c"], squares), "rook").toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    if contact not in ("queen", "rook"):
        raise OptionError("contact={value} is not a choice; choose one of: queen, rook", value=repr(contact))
    _check_polygons(boundaries)
    shapes = boundaries.geometry
    slack = TOLERANCE * float(np.ptp(shapely.total_bounds(shapes).reshape(2, 2), axis=0).max())
    pairs = _touching(shapes, slack)
    if contact == "rook" and len(pairs):
        pairs = pairs[_share_border(shapes, pairs, slack)]
    return _symmetric(pairs, len(shapes))


def _check_polygons(boundaries: Boundaries) -> None:
    wrong = shapely.get_dimensions(boundaries.geometry) != 2
    if wrong.any():
        raise GeometryError(
            "Contiguity needs polygons, but these units are points or lines: {units};"
            " use nearest neighbours (knn) or a distance band.",
            units=listed(boundaries.ids[wrong]),
        )


def _touching(shapes: np.ndarray, slack: float) -> np.ndarray:
    """Pairs of places, shape (pairs, 2), the lower first."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=slack)
    return np.asarray(np.column_stack([one, other])[one < other])


def _symmetric(pairs: np.ndarray, count: int) -> sparse.csr_matrix:
    half = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return sparse.csr_matrix(half + half.T)


def _share_border(shapes: np.ndarray, pairs: np.ndarray, slack: float) -> np.ndarray:
    """Which touching pairs share a border of some length: by a common edge, else by measuring."""
    shared = np.asarray(_common_edges(shapes)[pairs[:, 0], pairs[:, 1]]).ravel() > 0
    unsure = np.flatnonzero(~shared)
    if len(unsure):
        length = _common_length(shapes[pairs[unsure, 0]], shapes[pairs[unsure, 1]], slack)
        shared[unsure] = length > 1000 * slack  # where two borders meet at a sharp angle they run close for a while
    return shared


def _common_edges(shapes: np.ndarray) -> sparse.csr_matrix:
    """Number of edges that two units share vertex by vertex, shape (n, n), by hashing coordinates."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # One complex key sorts faster than two columns; adding zero makes −0 the same as 0.
    vertices = np.unique(points[:, 0] + 0.0 + 1j * (points[:, 1] + 0.0), return_inverse=True)[1].ravel()
    along = ring[:-1] == ring[1:]
    start, end = vertices[:-1][along], vertices[1:][along]
    keys = np.minimum(start, end) * np.int64(len(points)) + np.maximum(start, end)
    edges, edge = np.unique(keys, return_inverse=True)
    owners = part_owner[ring_part[ring[:-1][along]]]
    holds = sparse.csr_matrix((np.ones(len(owners)), (owners, edge.ravel())), shape=(len(shapes), len(edges)))
    return sparse.csr_matrix(holds @ holds.T)


def _common_length(one: np.ndarray, other: np.ndarray, slack: float) -> np.ndarray:
    """Length of the first unit's border along or inside the second, looked for only where their boxes overlap."""
    low = np.maximum(shapely.bounds(one)[:, :2], shapely.bounds(other)[:, :2]) - 2 * slack
    high = np.minimum(shapely.bounds(one)[:, 2:], shapely.bounds(other)[:, 2:]) + 2 * slack
    window = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    border = shapely.intersection(shapely.boundary(one), window)
    beside = shapely.buffer(shapely.intersection(other, window), slack, quad_segs=1)
    return np.asarray(shapely.length(shapely.intersection(border, beside)))

"""Contiguity: units whose polygons share a border or a corner."""

from __future__ import annotations

from typing import Literal

import numpy as np
import shapely
from scipy import sparse

from ..errors import GeometryError, OptionError, listed
from .boundaries import Boundaries
from .geodesic import metres_on_mercator, on_mercator

Contact = Literal["queen", "rook"]

# Borders this share of the map's extent apart still touch: millimetres on the map of a country, enough to
# absorb the rounding of a corner that lies on another unit's edge, too little to close a gap in the map.
TOLERANCE = 1e-9
# Borders that part at a sharp angle run close to each other for a while, this many times the slack. Where the slack
# is rounding, so is much more than that; where it is a gap that a person would close, borders are not so much longer.
SHARP, SHARP_GAP = 1000, 8
OVERLAP = 1e-3


def contiguity(boundaries: Boundaries, contact: Contact = "queen", tolerance: float = 0.0) -> sparse.csr_matrix:
    """Binary neighbours by contact of polygons.

    Borders need no common vertices: a corner on another unit's edge is contact too, and so is overlap.

    Parameters
    ----------
    boundaries : Boundaries
        Polygons, shape (n,).
    contact : {"queen", "rook"}
        ``"queen"``: a common point; ``"rook"``: a common border of some length.
    tolerance : float
        Gaps and slivers up to this width are closed: in the units of the coordinate reference system, in
        metres where it is geographic. Of borders so far apart, those that run together for eight times
        the tolerance count as rook.

    Returns
    -------
    csr_matrix, shape (n, n)
        Symmetric, ones, empty diagonal.

    Raises
    ------
    GeometryError
        Where a unit is not a polygon.
    OptionError
        Where ``contact`` is neither, or ``tolerance`` is negative.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(1.01, 1, 2, 2)]
    >>> towns = Boundaries.of(["a", "b", "c"], squares)
    >>> contiguity(towns, "queen").toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> contiguity(towns, "queen", tolerance=0.02).toarray().astype(int).tolist()
    [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    if contact not in ("queen", "rook"):
        raise OptionError("contact={value} is not a choice; choose one of: queen, rook", value=repr(contact))
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise OptionError("tolerance={tolerance} must be zero or a positive distance.", tolerance=tolerance)
    _check_polygons(boundaries)
    shapes = boundaries.geometry
    slack = _rounding(shapes)
    pairs = _touching(shapes, slack)
    if contact == "rook" and len(pairs):
        pairs = pairs[_share_border(shapes, pairs, slack)]
    if tolerance > 0:
        near = _across_gaps(boundaries, contact, tolerance * (1 + TOLERANCE))  # a gap just as wide is closed
        pairs = np.unique(np.vstack([pairs, near]), axis=0)
    return _symmetric(pairs, len(shapes))


def overlaps(boundaries: Boundaries, links: sparse.csr_matrix) -> np.ndarray:
    """Linked pairs of polygons that overlap by more than 0.1 % of the smaller, shape (pairs, 2).

    Examples
    --------
    >>> towns = Boundaries.of(["a", "b"], [shapely.box(0, 0, 2, 1), shapely.box(1.9, 0, 3, 1)])
    >>> overlaps(towns, contiguity(towns)).tolist()
    [[0, 1]]
    """
    found, shapes = sparse.triu(links).tocoo(), boundaries.geometry
    one, other = shapes[found.row], shapes[found.col]
    common = shapely.area(shapely.intersection(one, other))
    much = common > OVERLAP * np.minimum(shapely.area(one), shapely.area(other))
    return np.column_stack([found.row[much], found.col[much]])


def _rounding(shapes: np.ndarray) -> float:
    """A distance that is none on this map."""
    return TOLERANCE * float(np.ptp(shapely.total_bounds(shapes).reshape(2, 2), axis=0).max())


def _across_gaps(boundaries: Boundaries, contact: Contact, tolerance: float) -> np.ndarray:
    """Pairs whose borders are no farther apart than the tolerance, shape (pairs, 2)."""
    shapes, slack = boundaries.geometry, np.array([tolerance])
    if boundaries.geographic:
        shapes = on_mercator(shapes)
        pairs, slack = _near_on_mercator(shapes, tolerance)
    else:
        pairs = _touching(shapes, tolerance)
    if contact == "queen" or not len(pairs):
        return pairs
    slack = np.broadcast_to(slack, len(pairs))
    length = _common_length(shapes[pairs[:, 0]], shapes[pairs[:, 1]], slack)
    return np.asarray(pairs[length > SHARP_GAP * slack])


def _near_on_mercator(shapes: np.ndarray, metres: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs no farther apart than so many metres, and how long these are on the plane at each pair."""
    top = np.abs(shapely.total_bounds(shapes)[[1, 3]]).max()
    pairs = _touching(shapes, float(metres / metres_on_mercator(np.ones(1), top)[0]))  # the most that it can be
    gaps = shapely.shortest_line(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    height = shapely.get_coordinates(gaps).reshape(-1, 2, 2)[:, :, 1].mean(axis=1)
    slack = metres / metres_on_mercator(np.ones(len(pairs)), height)
    close = shapely.length(gaps) <= slack
    return pairs[close], slack[close]


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
    low, high = _common_box(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    unsure = np.flatnonzero(~shared & ((high - low).max(axis=1) > SHARP * slack))  # else they meet at a corner
    if len(unsure):
        length = _common_length(shapes[pairs[unsure, 0]], shapes[pairs[unsure, 1]], np.full(len(unsure), slack))
        shared[unsure] = length > SHARP * slack
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


def _common_box(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower left and upper right corners of what two boxes have in common."""
    boxes, others = shapely.bounds(one), shapely.bounds(other)
    return np.maximum(boxes[:, :2], others[:, :2]), np.minimum(boxes[:, 2:], others[:, 2:])


def _common_length(one: np.ndarray, other: np.ndarray, slack: np.ndarray) -> np.ndarray:
    """Length of the first unit's border along or inside the second, looked for only where their boxes overlap."""
    low, high = _common_box(one, other)
    low, high = low - 2 * slack[:, None], high + 2 * slack[:, None]
    window = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    border = shapely.intersection(shapely.boundary(one), window)
    beside = shapely.buffer(shapely.intersection(other, window), slack * (1 + 1e-9), quad_segs=1)
    return np.asarray(shapely.length(shapely.intersection(border, beside)))

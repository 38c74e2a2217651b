"""Neighbours by distance between centroids: nearest units, distance bands, and the nearest for islands.

Distances are planar in the units of the coordinate reference system, and great-circle distances in
kilometres where it is geographic.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from ..errors import GeometryError, OptionError, listed
from .boundaries import Boundaries

EARTH_RADIUS = 6371.0088  # mean radius, kilometres
SAME = 1e-10  # distances that differ by less than this share are a tie


def nearest(boundaries: Boundaries, k: float) -> sparse.csr_matrix:
    """Binary neighbours: the ``k`` nearest units of each; among equally near ones the first by order.

    Parameters
    ----------
    boundaries : Boundaries
        Any geometry, shape (n,).
    k : int
        Neighbours of each unit, a whole number from 1 to n − 1.

    Returns
    -------
    csr_matrix, shape (n, n)
        ``k`` ones in each row; not symmetric in general.

    Raises
    ------
    OptionError
        Where ``k`` is not a whole number in that range.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> nearest(towns, 1).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    """
    count = len(boundaries)
    if not float(k).is_integer() or not 1 <= k < count:
        raise OptionError(
            "k={k} nearest neighbours: k must be a whole number from 1 to {most}, one less than there are units.",
            k=k,
            most=count - 1,
        )
    one, other, distance = _candidates(_places(boundaries), int(k))
    order = np.lexsort((other, distance, one))
    one, other = one[order], other[order]
    rank = np.arange(len(one)) - np.searchsorted(one, np.arange(count))[one]
    return _binary(one[rank < k], other[rank < k], count)


def within(boundaries: Boundaries, threshold: float) -> sparse.csr_matrix:
    """Binary neighbours: units no farther than ``threshold``, inclusive.

    Parameters
    ----------
    boundaries : Boundaries
        Any geometry, shape (n,).
    threshold : float
        In the units of the coordinate reference system; kilometres where it is geographic.

    Raises
    ------
    OptionError
        Where ``threshold`` is not a positive number.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> within(towns, 1).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    if not (np.isfinite(threshold) and threshold > 0):
        raise OptionError("threshold={threshold} must be a positive distance.", threshold=threshold)
    reach = _chord(threshold) if boundaries.geographic else threshold
    pairs = cKDTree(_places(boundaries)).query_pairs(reach * (1 + SAME), output_type="ndarray")
    return _binary(pairs.ravel(), pairs[:, ::-1].ravel(), len(boundaries))


def smallest_reach(boundaries: Boundaries) -> float:
    """The smallest threshold that leaves no unit without a neighbour.

    Raises
    ------
    GeometryError
        Where there are fewer than two units.

    Examples
    --------
    >>> import shapely
    >>> smallest_reach(Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]])))
    2.0
    """
    if len(boundaries) < 2:
        raise GeometryError("A distance band needs two units or more; the map has {count}.", count=len(boundaries))
    places = _places(boundaries)
    gap = float(cKDTree(places).query(places, k=2)[0][:, 1].max())
    if gap == 0:
        raise GeometryError("All units have the centroid of another unit; give a threshold.")
    return _arc(gap) if boundaries.geographic else gap


def link_islands(matrix: sparse.csr_matrix, boundaries: Boundaries) -> sparse.csr_matrix:
    """Link every unit without a neighbour with its nearest unit, both ways.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> link_islands(within(towns, 1), towns).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    islands = np.flatnonzero(np.diff(matrix.indptr) == 0)
    if len(boundaries) < 2:
        raise GeometryError("The only unit, {unit}, has none to be linked with.", unit=listed(boundaries.ids))
    partners = nearest(boundaries, 1).indices[islands]
    links = _binary(islands, partners, len(boundaries))
    return sparse.csr_matrix(matrix.maximum(links).maximum(links.T))


def _places(boundaries: Boundaries) -> np.ndarray:
    """Centroids in the plane, or on the unit sphere, where the chord orders points as the arc does."""
    points = boundaries.points
    if not boundaries.geographic:
        return points
    if (np.abs(points) > (360.0, 90.0)).any():
        raise GeometryError(
            "The map's coordinate reference system, {crs}, counts in degrees, but its coordinates do not;"
            " set the right one.",
            crs=boundaries.crs,
        )
    longitude, latitude = np.radians(points).T
    beside = np.cos(latitude)
    return np.column_stack([beside * np.cos(longitude), beside * np.sin(longitude), np.sin(latitude)])


def _chord(kilometres: float) -> float:
    return 2.0 * float(np.sin(min(kilometres / EARTH_RADIUS, np.pi) / 2.0))


def _arc(chord: float) -> float:
    return 2.0 * EARTH_RADIUS * float(np.arcsin(min(chord / 2.0, 1.0)))


def _candidates(places: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that hold the k nearest of every unit and all that tie with the k-th, with rounded distances."""
    tree = cKDTree(places)
    reach = tree.query(places, k=k + 1)[0][:, k] * (1 + SAME)
    found = tree.query_ball_point(places, reach)
    one = np.repeat(np.arange(len(places)), [len(row) for row in found])
    other = np.concatenate(list(found)).astype(np.intp)
    one, other = one[one != other], other[one != other]
    distance = np.linalg.norm(places[one] - places[other], axis=1)
    tie = distance >= reach[one] * (1 - 3 * SAME)
    return one, other, np.where(tie, reach[one], distance)


def _binary(one: np.ndarray, other: np.ndarray, count: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(one)), (one, other)), shape=(count, count))

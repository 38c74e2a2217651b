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
from .geodesic import arc, chord, great_circle, on_sphere

SAME = 1e-10  # distances that differ by less than this share are a tie
MOST = 5000  # units up to which all pairs fit into memory without a thought


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
    one, other, distance = _candidates(boundaries, k)
    order = np.lexsort((other, distance, one))
    one, other = one[order], other[order]
    rank = np.arange(len(one)) - np.searchsorted(one, np.arange(count))[one]
    return _binary(one[rank < k], other[rank < k], count)


def nearest_and_ties(boundaries: Boundaries, k: float) -> sparse.csr_matrix:
    """Binary neighbours: units no farther than the ``k``-th nearest of each."""
    one, other, _ = _candidates(boundaries, k)
    return _binary(one, other, len(boundaries))


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
    reach = chord(threshold) if boundaries.geographic else threshold
    pairs = cKDTree(_places(boundaries)).query_pairs(reach * (1 + SAME), output_type="ndarray")
    return _binary(pairs.ravel(), pairs[:, ::-1].ravel(), len(boundaries))


def everyone(count: int) -> sparse.csr_matrix:
    """Binary neighbours: every unit of every other.

    Raises
    ------
    OptionError
        Where there are so many units that all pairs would not fit into memory.
    """
    if count > MOST:
        raise OptionError(
            "All pairs of {count} units are too many to keep; give a threshold (up to {most} units need none).",
            count=count,
            most=MOST,
        )
    return sparse.csr_matrix(np.ones((count, count)) - np.eye(count))


def smallest_reach(boundaries: Boundaries, k: int = 1) -> float:
    """The smallest threshold that leaves no unit with fewer than ``k`` neighbours.

    Raises
    ------
    GeometryError
        Where there are fewer than two units, or all lie on top of others.

    Examples
    --------
    >>> import shapely
    >>> smallest_reach(Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]])))
    2.0
    """
    if len(boundaries) < 2:
        raise GeometryError("A distance band needs two units or more; the map has {count}.", count=len(boundaries))
    places = _places(boundaries)
    gap = float(cKDTree(places).query(places, k=[k + 1])[0].max())
    if gap == 0:
        raise GeometryError("All units have the centroid of another unit; give a threshold.")
    return arc(gap) if boundaries.geographic else gap


def whole_number(k: float, boundaries: Boundaries) -> int:
    """A number of neighbours that every unit can have.

    Raises
    ------
    OptionError
        Where ``k`` is not a whole number from 1 to n − 1.
    """
    if float(k).is_integer() and 1 <= k < len(boundaries):
        return int(k)
    raise OptionError(
        "k={k} nearest neighbours: k must be a whole number from 1 to {most}, one less than there are units.",
        k=k,
        most=len(boundaries) - 1,
    )


def distances(boundaries: Boundaries, links: sparse.csr_matrix) -> np.ndarray:
    """Distance of each link, in the order of the matrix's data.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> distances(towns, everyone(3)).tolist()
    [1.0, 3.0, 1.0, 2.0, 3.0, 2.0]
    """
    pairs, points = links.tocoo(), boundaries.points
    if boundaries.geographic:
        return great_circle(points[pairs.row], points[pairs.col])
    return np.asarray(np.hypot(*(points[pairs.row] - points[pairs.col]).T))


def closest(boundaries: Boundaries, units: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Binary links of some units, by position, with the nearest unit of each, both ways; and that nearest unit.

    Raises
    ------
    GeometryError
        Where there is no other unit.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> links, partners = closest(towns, np.array([2]))
    >>> links.toarray().astype(int).tolist(), partners.tolist()
    ([[0, 0, 0], [0, 0, 1], [0, 1, 0]], [1])
    """
    if len(boundaries) < 2:
        raise GeometryError("The only unit, {unit}, has none to be linked with.", unit=listed(boundaries.ids))
    partners = nearest(boundaries, 1).indices[units]
    links = _binary(units, partners, len(boundaries))
    return sparse.csr_matrix(links.maximum(links.T)), partners


def _places(boundaries: Boundaries) -> np.ndarray:
    """Centroids in the plane, or on the unit sphere."""
    points = boundaries.points
    if not boundaries.geographic:
        return points
    if (np.abs(points) > (360.0, 90.0)).any():
        raise GeometryError(
            "The map's coordinate reference system, {crs}, counts in degrees, but its coordinates do not;"
            " set the right one.",
            crs=boundaries.crs,
        )
    return on_sphere(points)


def _candidates(boundaries: Boundaries, k: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that hold the k nearest of every unit and all that tie with the k-th, with rounded distances."""
    k, count = whole_number(k, boundaries), len(boundaries)
    places = _places(boundaries)
    tree = cKDTree(places)
    reach = tree.query(places, k=[k + 1])[0][:, 0] * (1 + SAME)
    found = tree.query_ball_point(places, reach)
    one = np.repeat(np.arange(count), [len(row) for row in found])
    other = np.concatenate(list(found)).astype(np.intp)
    one, other = one[one != other], other[one != other]
    distance = np.linalg.norm(places[one] - places[other], axis=1)
    tie = distance >= reach[one] * (1 - 3 * SAME)
    return one, other, np.where(tie, reach[one], distance)


def _binary(one: np.ndarray, other: np.ndarray, count: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(one)), (one, other)), shape=(count, count))

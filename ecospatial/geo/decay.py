"""Weights that fall with the distance between centroids: powers of it, and kernels."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import sparse

from ..errors import GeometryError, OptionError, joined, listed
from .boundaries import Boundaries
from .neighbours import distances, everyone, nearest_and_ties, smallest_reach, whole_number, within

Function = Literal["gaussian", "triangular", "epanechnikov", "quartic", "uniform"]


def inverse_distance(
    boundaries: Boundaries, threshold: float | None = None, power: float = 1.0, links: sparse.csr_matrix | None = None
) -> sparse.csr_matrix:
    """Weights 1 / d^power of units.

    Parameters
    ----------
    boundaries : Boundaries
        Any geometry, shape (n,); distances d in the units of the coordinate reference system, kilometres
        where it is geographic.
    threshold : float or None
        Distance beyond which the weight is zero; None keeps all pairs.
    power : float
        Positive.
    links : csr_matrix or None
        The pairs to be weighted instead of those within a threshold.

    Raises
    ------
    OptionError
        Where ``power`` is not positive, or there is no threshold and too many pairs.
    GeometryError
        Where two units have the same centroid.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> inverse_distance(towns, 2.5, power=2).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.25], [0.0, 0.25, 0.0]]
    """
    if not (np.isfinite(power) and power > 0):
        raise OptionError("power={power} must be a positive number.", power=power)
    if links is None:
        links = everyone(len(boundaries)) if threshold is None else within(boundaries, threshold)
    apart = distances(boundaries, links)
    if not apart.all():
        pairs = links.tocoo()
        named = [joined(boundaries.ids[[pairs.row[at], pairs.col[at]]], "–") for at in np.flatnonzero(apart == 0)]
        raise GeometryError(
            "These units have the same centroid, so that the inverse of their distance is infinite: {pairs}.",
            pairs=listed(dict.fromkeys(named)),
        )
    return _weighted(links, apart**-power)


def kernel(
    boundaries: Boundaries,
    function: Function = "gaussian",
    bandwidth: float | None = None,
    k: float | None = None,
    adaptive: bool = False,
) -> sparse.csr_matrix:
    """Kernel weights K(d / h) of units up to the bandwidth h, none of a unit with itself.

    With z = d / h ≤ 1: gaussian exp(−z²/2) / √(2π), triangular 1 − z, epanechnikov 3/4 (1 − z²), quartic
    (bisquare) 15/16 (1 − z²)², uniform 1/2. Of these only gaussian and uniform are positive at z = 1, so the
    others leave the unit that sets a bandwidth without weight.

    Parameters
    ----------
    boundaries : Boundaries
        Any geometry, shape (n,).
    function : {"gaussian", "triangular", "epanechnikov", "quartic", "uniform"}
    bandwidth : float or None
        h in the units of the coordinate reference system, kilometres where it is geographic.
    k : int or None
        Neighbours that set the bandwidth where none is given: the largest distance of a unit to its k-th
        nearest. None takes the cube root of n (Kelejian and Prucha 2007, J. Econometrics 140, 131–154), at
        least 2.
    adaptive : bool
        Each unit has a bandwidth of its own, the distance to its k-th nearest.

    Raises
    ------
    OptionError
        Where there is no such function, a bandwidth is not positive, or it is given twice.
    GeometryError
        Where a unit's ``k`` nearest all lie on top of it.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> kernel(towns, "triangular", 4.0).toarray().tolist()
    [[0.0, 0.75, 0.25], [0.75, 0.0, 0.5], [0.25, 0.5, 0.0]]
    """
    if function not in get_args(Function):
        raise OptionError(
            "function={value} is not a choice; choose one of: {choices}",
            value=repr(function),
            choices=listed(get_args(Function)),
        )
    if bandwidth is not None and (k is not None or adaptive):
        raise OptionError("Give a bandwidth, or neighbours (k) that set it, not both.")
    if bandwidth is not None and not (np.isfinite(bandwidth) and bandwidth > 0):
        raise OptionError("bandwidth={bandwidth} must be a positive distance.", bandwidth=bandwidth)
    if adaptive:
        links = nearest_and_ties(boundaries, neighbours_by_default(boundaries) if k is None else k)
        apart = distances(boundaries, links)
        reach = np.repeat(_farthest(boundaries, links, apart), np.diff(links.indptr))
    else:
        width = fixed_bandwidth(boundaries, k) if bandwidth is None else bandwidth
        links = within(boundaries, width)
        apart = distances(boundaries, links)
        reach = np.full_like(apart, width)
    return _weighted(links, _density(np.minimum(apart / reach, 1.0), function))


def neighbours_by_default(boundaries: Boundaries) -> int:
    """The cube root of the number of units, rounded down, at least 2 where there are so many others."""
    count = len(boundaries)
    return max(1, min(count - 1, max(2, int(np.cbrt(count) + 1e-9))))


def fixed_bandwidth(boundaries: Boundaries, k: float | None = None) -> float:
    """The largest distance of a unit to its k-th nearest."""
    return smallest_reach(boundaries, whole_number(neighbours_by_default(boundaries) if k is None else k, boundaries))


def _farthest(boundaries: Boundaries, links: sparse.csr_matrix, apart: np.ndarray) -> np.ndarray:
    """The largest distance in each row; every row has some."""
    reach = np.maximum.reduceat(apart, links.indptr[:-1])
    if not reach.all():
        raise GeometryError(
            "The nearest units of these all have their centroid: {units}; take more neighbours.",
            units=listed(boundaries.ids[reach == 0]),
        )
    return np.asarray(reach)


def _density(z: np.ndarray, function: Function) -> np.ndarray:
    """The kernel at z ≤ 1, a density on [−1, 1] but for the gaussian, which is one on the line."""
    if function == "gaussian":
        return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
    if function == "triangular":
        return np.asarray(1 - z)
    if function == "epanechnikov":
        return np.asarray(0.75 * (1 - z**2))
    return np.asarray(15 / 16 * (1 - z**2) ** 2) if function == "quartic" else np.full_like(z, 0.5)


def _weighted(links: sparse.csr_matrix, weights: np.ndarray) -> sparse.csr_matrix:
    made = sparse.csr_matrix((weights, links.indices, links.indptr), shape=links.shape, copy=True)
    made.eliminate_zeros()
    return made

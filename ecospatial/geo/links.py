"""Links between units by the name of a kind, and what happens to units that have none."""

from __future__ import annotations

import numbers
from typing import Literal, get_args

import numpy as np
from scipy import sparse

from ..errors import GeometryError, Message, OptionError, listed
from .boundaries import Boundaries
from .contiguity import contiguity
from .neighbours import link_islands, nearest, smallest_reach, within

Kind = Literal["queen", "rook", "knn", "band"]
Islands = Literal["keep", "error", "nearest"]


def links(
    boundaries: Boundaries, kind: Kind, value: float | None = None, islands: Islands = "keep"
) -> tuple[sparse.csr_matrix, Message]:
    """Binary links of units, shape (n, n), and a few words on how they were made.

    Parameters
    ----------
    boundaries : Boundaries
        Geometry of the units.
    kind : {"queen", "rook", "knn", "band"}
        Common point; common border; k nearest centroids; centroids within a distance.
    value : float or None
        The ``k`` of knn (None is 4), the threshold of band (None is the smallest that leaves no island).
    islands : {"keep", "error", "nearest"}
        Units without a neighbour stay, stop the work, or are linked with their nearest unit, both ways.

    Raises
    ------
    OptionError
        Where there is no such kind or policy, or a value that the kind cannot use.
    GeometryError
        Where the geometry does not serve the kind, or a unit is alone and ``islands="error"``.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> str(links(towns, "band", 1, islands="nearest")[1])
    'within 1, islands linked with their nearest unit'
    """
    if islands not in get_args(Islands):
        raise OptionError(
            "islands={value} is not a choice; choose one of: {choices}",
            value=repr(islands),
            choices=listed(get_args(Islands)),
        )
    if not len(boundaries):
        raise GeometryError("No unit has a polygon, so there are no weights.")
    if value is not None and not isinstance(value, numbers.Real):
        raise OptionError("{value} is no number of neighbours or distance.", value=repr(value))
    matrix, words = _by_kind(boundaries, kind, value)
    alone = boundaries.ids[np.diff(matrix.indptr) == 0]
    if islands == "keep" or not len(alone):
        return matrix, words
    if islands == "error":
        raise GeometryError(
            "These units have no neighbour: {ids}; link them with islands='nearest' or keep them.", ids=listed(alone)
        )
    return link_islands(matrix, boundaries), Message.of("{kind}, islands linked with their nearest unit", kind=words)


def _by_kind(boundaries: Boundaries, kind: Kind, value: float | None) -> tuple[sparse.csr_matrix, Message]:
    if kind == "knn":
        k = 4 if value is None else value
        return nearest(boundaries, k), Message.of("{k} nearest", k=f"{k:g}")
    if kind == "band":
        reach = smallest_reach(boundaries) if value is None else float(value)
        template = "within {reach} km" if boundaries.geographic else "within {reach}"
        return within(boundaries, reach), Message.of(template, reach=f"{reach:g}")
    if kind not in ("queen", "rook"):
        raise OptionError(
            "weights={kind} is not a kind; choose one of: {choices}", kind=repr(kind), choices=listed(get_args(Kind))
        )
    if value is not None:
        raise OptionError("'{kind}' weights take no number; only knn and band do.", kind=kind)
    return contiguity(boundaries, kind), Message.of("queen" if kind == "queen" else "rook")

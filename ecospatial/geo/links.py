"""Links between units by the name of a kind, and what happens to units that have none."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse

from ..errors import GeometryError, Message, OptionError, Text, joined, listed
from .boundaries import Boundaries
from .contiguity import Contact, contiguity
from .decay import Function, fixed_bandwidth, inverse_distance, kernel, neighbours_by_default
from .neighbours import closest, nearest, smallest_reach, within
from .set_operations import higher_order

Kind = Literal["queen", "rook", "knn", "band", "inverse-distance", "kernel", "adaptive-kernel"]
Islands = Literal["keep", "error", "nearest"]
Linked = tuple[sparse.csr_matrix, Message]


def links(
    boundaries: Boundaries, kind: Kind, value: float | None = None, islands: Islands = "keep", **options: Any
) -> Linked:
    """Links of units, shape (n, n), and a few words on how they were made.

    Parameters
    ----------
    boundaries : Boundaries
        Geometry of the units.
    kind : {"queen", "rook", "knn", "band", "inverse-distance", "kernel", "adaptive-kernel"}
        Common point; common border; k nearest centroids; centroids within a distance; weights that fall with
        the distance.
    value : float or None
        The one number of a kind: ``k`` of knn (None is 4) and adaptive-kernel, ``threshold`` of band (None is the
        smallest that leaves no island) and inverse-distance, ``bandwidth`` of kernel.
    islands : {"keep", "error", "nearest"}
        Units without a neighbour stay, stop the work, or are linked with their nearest unit, both ways.
    **options
        Of the kind: ``tolerance``, ``order``, ``lower_order`` of queen and rook, ``power`` of inverse-distance,
        ``function`` of the kernels. None stands for the default.

    Raises
    ------
    OptionError
        Where there is no such kind or policy, or an option that the kind cannot use.
    GeometryError
        Where the geometry does not serve the kind, or a unit is alone and ``islands="error"``.

    Examples
    --------
    >>> import shapely
    >>> towns = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [1, 0], [3, 0]]))
    >>> str(links(towns, "band", 1, islands="nearest")[1])
    'within 1, islands linked with their nearest unit (c–b)'
    """
    if islands not in get_args(Islands):
        raise OptionError(
            "islands={value} is not a choice; choose one of: {choices}",
            value=repr(islands),
            choices=listed(get_args(Islands)),
        )
    if not len(boundaries):
        raise GeometryError("No unit has a polygon, so there are no weights.")
    given = {name: option for name, option in options.items() if option is not None}
    matrix, words = _builder(kind)(boundaries, **_checked(kind, value, given))
    alone = np.flatnonzero(np.diff(matrix.indptr) == 0)
    if islands == "keep" or not len(alone):
        return matrix, words
    if islands == "error":
        raise GeometryError(
            "These units have no neighbour: {ids}; link them with islands='nearest' or keep them.",
            ids=listed(boundaries.ids[alone], limit=20),
        )
    return _without_islands(matrix, words, boundaries, alone, kind, given)


def kind_and_number(text: str) -> tuple[str, float | None]:
    """A kind, and its one number where it stands behind a colon.

    Raises
    ------
    OptionError
        Where what stands behind the colon is no number.

    Examples
    --------
    >>> kind_and_number("knn:5"), kind_and_number("queen")
    (('knn', 5.0), ('queen', None))
    """
    kind, colon, number = str(text).partition(":")
    try:
        return kind.strip(), float(number) if colon else None
    except ValueError as error:
        raise OptionError("'{text}' must be NAME or NAME:NUMBER, for example knn:5.", text=text) from error


def _without_islands(
    matrix: sparse.csr_matrix, words: Message, boundaries: Boundaries, alone: np.ndarray, kind: Kind, given: Any
) -> Linked:
    """Islands linked with their nearest unit, each named."""
    if kind in ("kernel", "adaptive-kernel"):
        raise OptionError(
            "A kernel gives no weight beyond its bandwidth, so that islands cannot be linked: {ids};"
            " take a larger bandwidth.",
            ids=listed(boundaries.ids[alone]),
        )
    bridges, partners = closest(boundaries, alone)
    if kind == "inverse-distance":
        bridges = inverse_distance(boundaries, power=given.get("power", 1.0), links=bridges)
    pairs = zip(boundaries.ids[alone], boundaries.ids[partners], strict=True)
    named = [joined(pair, "–") for pair in pairs]
    told = Message.of("{kind}, islands linked with their nearest unit ({pairs})", kind=words, pairs=listed(named, 10))
    return sparse.csr_matrix(matrix.maximum(bridges)), told


def _builder(kind: Kind) -> Callable[..., Linked]:
    if kind not in BUILDERS:
        raise OptionError(
            "weights={kind} is not a kind; choose one of: {choices}",
            kind=repr(kind),
            choices=listed(get_args(Kind), limit=20),
        )
    return BUILDERS[kind]


def options_of(kind: Kind) -> tuple[str, ...]:
    """Names of the options of a kind."""
    return tuple(inspect.signature(_builder(kind)).parameters)[1:]


def _checked(kind: Kind, value: float | None, given: dict[str, Any]) -> dict[str, Any]:
    """The options under their names, refused where the kind has none of the name."""
    known = options_of(kind)
    if value is not None:
        if not _is_number(value):
            raise OptionError("{value} is no number of neighbours or distance.", value=repr(value))
        if kind not in VALUES:
            raise OptionError("'{kind}' weights take no number; these do: {kinds}.", kind=kind, kinds=listed(VALUES))
        given = {VALUES[kind]: value, **given}
    for name, option in given.items():
        if name not in known:
            raise OptionError(
                "'{kind}' weights have no option '{option}'; they have: {known}",
                kind=kind,
                option=name,
                known=listed(known),
            )
        if name not in ("function", "lower_order") and not _is_number(option):
            raise OptionError("{name}={value} must be a number", name=name, value=repr(option))
    return given


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _contiguous(boundaries: Boundaries, contact: Contact, tolerance: float, order: float, lower_order: bool) -> Linked:
    matrix = contiguity(boundaries, contact, tolerance)
    words = Message.of(LABELS[contact])
    if tolerance:
        template = (
            "{kind}, gaps up to {width} m closed" if boundaries.geographic else "{kind}, gaps up to {width} closed"
        )
        words = Message.of(template, kind=words, width=f"{tolerance:g}")
    return (matrix, words) if order == 1 else of_higher_order(matrix, words, order, lower_order)


def of_higher_order(matrix: sparse.csr_matrix, words: Text, order: float, lower_order: bool) -> Linked:
    """Links of a higher order, and words that say so."""
    template = "{kind} up to order {order}" if lower_order else "{kind} of order {order}"
    return higher_order(matrix, order, lower_order), Message.of(template, kind=words, order=f"{order:g}")


def _queen(boundaries: Boundaries, tolerance: float = 0.0, order: int = 1, lower_order: bool = False) -> Linked:
    return _contiguous(boundaries, "queen", tolerance, order, lower_order)


def _rook(boundaries: Boundaries, tolerance: float = 0.0, order: int = 1, lower_order: bool = False) -> Linked:
    return _contiguous(boundaries, "rook", tolerance, order, lower_order)


def _knn(boundaries: Boundaries, k: float = 4) -> Linked:
    return nearest(boundaries, k), Message.of("{k} nearest", k=f"{k:g}")


def _band(boundaries: Boundaries, threshold: float | None = None) -> Linked:
    reach = smallest_reach(boundaries) if threshold is None else float(threshold)
    return within(boundaries, reach), Message.of("within {reach}", reach=_length(boundaries, reach))


def _inverse_distance(boundaries: Boundaries, threshold: float | None = None, power: float = 1.0) -> Linked:
    matrix = inverse_distance(boundaries, threshold, power)
    words = Message.of("inverse distance" if power == 1 else "inverse distance^{power}", power=f"{power:g}")
    if threshold is None:
        return matrix, words
    return matrix, Message.of("{kind} within {reach}", kind=words, reach=_length(boundaries, threshold))


def _kernel(
    boundaries: Boundaries, bandwidth: float | None = None, function: Function = "gaussian", k: float | None = None
) -> Linked:
    matrix = kernel(boundaries, function, bandwidth, k)
    width = fixed_bandwidth(boundaries, k) if bandwidth is None else bandwidth
    return matrix, Message.of(
        "{function} kernel, bandwidth {width}", function=Message.of(LABELS[function]), width=_length(boundaries, width)
    )


def _adaptive_kernel(boundaries: Boundaries, k: float | None = None, function: Function = "gaussian") -> Linked:
    k = neighbours_by_default(boundaries) if k is None else k
    words = Message.of(
        "{function} kernel, bandwidth to neighbour {k}", function=Message.of(LABELS[function]), k=f"{k:g}"
    )
    return kernel(boundaries, function, k=k, adaptive=True), words


def _length(boundaries: Boundaries, reach: float) -> Message:
    return Message.of("{length} km" if boundaries.geographic else "{length}", length=f"{reach:g}")


BUILDERS: dict[str, Callable[..., Linked]] = {
    "queen": _queen,
    "rook": _rook,
    "knn": _knn,
    "band": _band,
    "inverse-distance": _inverse_distance,
    "kernel": _kernel,
    "adaptive-kernel": _adaptive_kernel,
}
# Names that stand in the words for weights.
LABELS = {
    **{"queen": "queen", "rook": "rook", "gaussian": "gaussian", "triangular": "triangular"},
    **{"epanechnikov": "epanechnikov", "quartic": "quartic", "uniform": "uniform"},
}
# What a lone number means.
VALUES = {
    "knn": "k",
    "band": "threshold",
    "inverse-distance": "threshold",
    "kernel": "bandwidth",
    "adaptive-kernel": "k",
}

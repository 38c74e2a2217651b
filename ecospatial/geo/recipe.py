"""Weights by name: built on the map of the data once it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast, get_args

from ..errors import GeometryError, OptionError, listed
from ..panel import Panel
from ..ports import Port
from .boundaries import Boundaries
from .decay import Function
from .links import Islands, Kind, kind_and_number, options_of
from .transforms import Transform
from .weights import LibpysalWeights, Weights

# Options of single kinds, which a door leaves empty or at their default for the others.
OPTIONS: dict[str, Any] = {"power": 1.0, "function": "gaussian", "order": 1, "lower_order": False, "tolerance": 0.0}


@dataclass(frozen=True)
class Recipe:
    """Weights to be built once the map of the data is known; what a door makes of its ports.

    Attributes
    ----------
    kind : {"queen", "rook", "knn", "band", "inverse-distance", "kernel", "adaptive-kernel"}
    value : float or None
        Neighbours or distance.
    islands : {"keep", "error", "nearest"}
    transform : {"row", "binary", "spectral", "none"}
    power, function, order, lower_order, tolerance
        Options of the kind; None is its default.

    Examples
    --------
    >>> import shapely
    >>> row = Boundaries.of("abc", [shapely.box(i, 0, i + 1, 1) for i in range(3)])
    >>> Recipe("knn", 1).build(row).cardinalities.tolist()
    [1, 1, 1]
    """

    STANDS_FOR: ClassVar[str] = "Weights"

    kind: str
    value: float | None = None
    islands: Islands = "keep"
    transform: Transform = "row"
    power: float | None = None
    function: Function | None = None
    order: int | None = None
    lower_order: bool | None = None
    tolerance: float | None = None

    @classmethod
    def of(cls, text: str) -> Recipe:
        """A recipe of a name with its number behind a colon, where it has one.

        Raises
        ------
        OptionError
            Where what stands behind the colon is no number.

        Examples
        --------
        >>> Recipe.of("knn:5").value, Recipe.of("queen").value
        (5.0, None)
        """
        return cls(*kind_and_number(text))

    @property
    def options(self) -> dict[str, Any]:
        """Options that were given."""
        return {name: getattr(self, name) for name in OPTIONS if getattr(self, name) is not None}

    def as_argument(self) -> str:
        """As a call would have it."""
        number = "" if self.value is None else f", {self.value:g}"
        usual = {"islands": "keep", "transform": "row"}
        given = {name: getattr(self, name) for name in usual if getattr(self, name) != usual[name]}
        return f"{self.kind!r}{number}" + "".join(
            f", {name}={own!r}" for name, own in {**given, **self.options}.items()
        )

    def build(self, boundaries: Boundaries) -> Weights:
        """Build on a map."""
        options = {"islands": self.islands, "transform": self.transform, **self.options}
        return Weights.build(boundaries, self.kind, self.value, **options)

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A choice, its value, a file, what happens to islands, and options of single kinds."""
        usual = default if isinstance(default, str) else "queen"
        return (
            Port(name, "choice", title, "Who is whose neighbour.", default=usual, choices=(*get_args(Kind), "file")),
            Port(
                f"{name}_value",
                "number",
                "Neighbours (knn, adaptive-kernel) or distance (band, inverse-distance, kernel)",
                "Distances are kilometres in geographic maps.",
            ),
            Port(
                f"{name}_file",
                "file",
                "Weights file",
                "A .gal, .gwt or .kwt file, or a table with a matrix or a row for each link, for the choice 'file'.",
                advanced=True,
            ),
            _choice(
                f"{name}_islands",
                "Units without a neighbour",
                "Keep them, stop with an error, or link each to its nearest unit.",
                get_args(Islands),
            ),
            *_option_ports(name),
        )

    @staticmethod
    def from_ports(name: str, values: Mapping[str, Any]) -> Weights | Recipe:
        """Weights read from the file, or the recipe to build them on the data's map."""
        found = {part: values.get(f"{name}_{part}") for part in ("file", "value", "islands", "transform", *OPTIONS)}
        path, number, islands = found["file"], found["value"], found["islands"]
        named = Recipe.of(values.get(name) or ("file" if path else "queen"))
        kind = named.kind
        if named.value is not None and number is not None:
            template = "{port} was given, but weights={kind} has a number already."
            raise OptionError(template, port=f"{name}_value", kind=values[name])
        number = named.value if number is None else number
        given = {part: found[part] for part, usual in OPTIONS.items() if found[part] not in (None, usual)}
        transform: Transform = found["transform"] or "row"
        if kind != "file":
            if path:
                raise OptionError(
                    "{port} was given, but weights={kind}; choose 'file'.", port=f"{name}_file", kind=kind
                )
            _check_options(name, kind, given)
            return Recipe(kind, number, islands or "keep", transform, **given)
        if not path:
            raise OptionError("'{port}' is needed for weights from a file.", port=f"{name}_file")
        if number is not None or islands == "nearest" or given:
            raise OptionError("Weights from a file take no number and no option, and their islands stay.")
        weights = Weights.read(path, transform)
        if islands == "error" and len(weights.islands):
            raise GeometryError("These units have no neighbour: {ids}.", ids=listed(weights.islands))
        return weights


def _choice(name: str, title: str, explained: str, choices: tuple[str, ...]) -> Port:
    return Port(name, "choice", title, explained, default=choices[0], choices=choices, advanced=True)


def _option_ports(name: str) -> tuple[Port, ...]:
    """The transform, and options of single kinds."""
    return (
        _choice(
            f"{name}_transform",
            "Standardisation of the weights",
            "Rows that sum to one, ones, division by the largest eigenvalue, or none.",
            get_args(Transform),
        ),
        Port(
            f"{name}_tolerance",
            "number",
            "Width of gaps to close (queen, rook)",
            "In the units of the map, in metres where it is geographic.",
            advanced=True,
        ),
        Port(
            f"{name}_order",
            "integer",
            "Order of contiguity (queen, rook)",
            "2: neighbours of neighbours.",
            low=1,
            high=1000,
            advanced=True,
        ),
        Port(
            f"{name}_lower_order",
            "flag",
            "Lower orders too (queen, rook)",
            "Whether closer neighbours count as well where the order is 2 or more.",
            advanced=True,
        ),
        Port(f"{name}_power", "number", "Power of the distance (inverse-distance)", "Usually 1 or 2.", advanced=True),
        _choice(
            f"{name}_function", "Kernel function", "For the choices kernel and adaptive-kernel.", get_args(Function)
        ),
    )


def _check_options(name: str, kind: str, given: Mapping[str, Any]) -> None:
    """Refuse an option of another kind, under the name of its port."""
    for option in given:
        if kind in get_args(Kind) and option not in options_of(cast(Kind, kind)):
            raise OptionError(
                "{port} was given, but '{kind}' weights have no such option.", port=f"{name}_{option}", kind=kind
            )


WeightsLike = Weights | Recipe | LibpysalWeights | str


def as_weights(weights: WeightsLike, data: Panel) -> Weights:
    """Weights of the units of ``data`` in its order, whatever they were given as.

    Parameters
    ----------
    weights : Weights, libpysal Graph or W, or str
        A name builds them on the data's map; :class:`ecospatial.Weights` lists the names.
    data : Panel
        Whose units they are to be.

    Raises
    ------
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no map.
    """
    if isinstance(weights, (str, Recipe)):
        boundaries: Boundaries | None = getattr(data, "boundaries", None)
        if boundaries is None:
            raise GeometryError(
                "'{kind}' weights need the polygons of the units: join the panel to boundaries, or give weights.",
                kind=weights if isinstance(weights, str) else weights.kind,
            )
        return _built(weights, boundaries).align(data.units)
    return _built(weights, None).align(data.units)


def on_map(weights: WeightsLike, boundaries: Boundaries) -> Weights:
    """Weights of the units of a map in its order, whatever they were given as.

    Raises
    ------
    JoinError
        Where weights and map are of different units.
    """
    return _built(weights, boundaries).align(boundaries.ids)


def _built(weights: WeightsLike, boundaries: Any) -> Weights:
    if isinstance(weights, Weights):
        return weights
    if isinstance(weights, str):
        weights = Recipe.of(weights)
    return weights.build(boundaries) if isinstance(weights, Recipe) else Weights.from_graph(weights)

"""Weights by name: built on the map of the data once it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from ..errors import GeometryError, OptionError, listed
from ..panel import Panel
from ..ports import Port
from .boundaries import Boundaries
from .links import Islands, Kind
from .weights import LibpysalWeights, Weights


@dataclass(frozen=True)
class Recipe:
    """Weights to be built once the map of the data is known; what a door makes of its ports.

    Attributes
    ----------
    kind : {"queen", "rook", "knn", "band"}
    value : float or None
        Neighbours or distance.
    islands : {"keep", "error", "nearest"}

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

    def as_argument(self) -> str:
        """As a call would have it."""
        number = "" if self.value is None else f", {self.value:g}"
        islands = "" if self.islands == "keep" else f", islands={self.islands!r}"
        return f"{self.kind!r}{number}{islands}"

    def build(self, boundaries: Boundaries) -> Weights:
        """Build on a map."""
        return Weights.build(boundaries, self.kind, self.value, islands=self.islands)

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A choice, its value, a file, and what happens to islands."""
        usual = default if isinstance(default, str) else "queen"
        return (
            Port(name, "choice", title, "Who is whose neighbour.", default=usual, choices=(*get_args(Kind), "file")),
            Port(f"{name}_value", "number", "Neighbours (knn) or distance (band)", "Kilometres in geographic maps."),
            Port(
                f"{name}_file",
                "file",
                "Weights file",
                "A .gal, .gwt or matrix file, for the choice 'file'.",
                advanced=True,
            ),
            Port(
                f"{name}_islands",
                "choice",
                "Units without a neighbour",
                "Keep them, stop with an error, or link each to its nearest unit.",
                default="keep",
                choices=get_args(Islands),
                advanced=True,
            ),
        )

    @staticmethod
    def from_ports(name: str, values: Mapping[str, Any]) -> Weights | Recipe:
        """Weights read from the file, or the recipe to build them on the data's map."""
        path, number, islands = (values.get(f"{name}_{part}") for part in ("file", "value", "islands"))
        kind = values.get(name) or ("file" if path else "queen")
        if kind != "file":
            if path:
                raise OptionError(
                    "{port} was given, but weights={kind}; choose 'file'.", port=f"{name}_file", kind=kind
                )
            return Recipe(kind, number, islands or "keep")
        if not path:
            raise OptionError("'{port}' is needed for weights from a file.", port=f"{name}_file")
        if number is not None or islands == "nearest":
            raise OptionError("Weights from a file take no number, and their islands stay.")
        weights = Weights.read(path)
        if islands == "error" and len(weights.islands):
            raise GeometryError("These units have no neighbour: {ids}.", ids=listed(weights.islands))
        return weights


WeightsLike = Weights | Recipe | LibpysalWeights | str


def as_weights(weights: WeightsLike, data: Panel) -> Weights:
    """Weights of the units of ``data`` in its order, whatever they were given as.

    Parameters
    ----------
    weights : Weights, libpysal Graph or W, or str
        A name (``"queen"``, ``"rook"``, ``"knn"``, ``"band"``) builds them on the data's map.
    data : Panel
        Whose units they are to be.

    Raises
    ------
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no map.
    """
    if isinstance(weights, str):
        weights = Recipe(weights)
    if isinstance(weights, Recipe):
        boundaries: Boundaries | None = getattr(data, "boundaries", None)
        if boundaries is None:
            raise GeometryError(
                "'{kind}' weights need the polygons of the units: join the panel to boundaries, or give weights.",
                kind=weights.kind,
            )
        weights = weights.build(boundaries)
    elif not isinstance(weights, Weights):
        weights = Weights.from_graph(weights)
    return weights.align(data.units)

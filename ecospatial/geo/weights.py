"""Spatial weights: one frozen sparse matrix with unit ids, and the ways to make it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Protocol, cast, runtime_checkable

import pandas as pd

from ..errors import GeometryError, Message, OptionError
from ..panel import Panel
from .boundaries import Boundaries
from .decay import Function, inverse_distance
from .economic import base_values, economic_distance, gravity
from .links import Islands, Kind, kind_and_number, links
from .set_operations import blocks
from .transforms import Transform, recognised
from .weights_algebra import WeightsAlgebra
from .weights_result import WeightsResult


@runtime_checkable
class LibpysalWeights(Protocol):
    """What libpysal's ``Graph`` and ``W`` have in common; their ids come with them."""

    @property
    def sparse(self) -> Any:
        """The matrix."""
        ...


class Weights(WeightsAlgebra):
    """Spatial weights of units.

    Wherever a method takes weights, a name will do, which builds them on the map of the data: alone, or with its one
    number behind a colon. The same names, with options, are those of :meth:`build`, of ``GeoPanel.weights`` and of the
    command line (``--weights knn --weights-value 4`` or ``--weights knn:4``).

    ==========================  ==================================================================================
    ``queen``, ``rook``         a common point; a common border. Options: ``tolerance``, ``order``, ``lower_order``
    ``knn:4``                   the four nearest centroids (4 where no number is given)
    ``band:500``                centroids within a distance; without a number the smallest that leaves no island
    ``inverse-distance:500``    1 / d, up to a distance; without a number all pairs. Option: ``power``
    ``kernel:500``              gaussian kernel of a bandwidth; without a number the largest distance of a unit to its
                                k-th nearest, k the cube root of n. Options: ``function``, ``k``
    ``adaptive-kernel:10``      the same with each unit's own bandwidth, the distance to its k-th nearest
    ==========================  ==================================================================================

    Distances are in the units of the coordinate reference system, and kilometres along great circles where it is
    geographic. All take ``islands`` and ``transform``. Weights of economic distance, gravity, groups, files and other
    weights have methods of their own here.

    Attributes
    ----------
    ids : Index
        Unit ids; rows and columns of the matrix.
    raw : csr_matrix, shape (n, n)
        The weights before the transform.
    transform : {"row", "binary", "spectral", "none"}
        Rows sum to one; ones; divided by the largest absolute eigenvalue; as given.
    kind : str or Message
        How they were made, for reports.

    Examples
    --------
    >>> import numpy as np
    >>> Weights.from_sparse(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]), ["a", "b", "c"])
    <Weights: 3 units, 2 links, 1 island (c), 2 components, from a matrix, row-standardised>
    """

    @classmethod
    def from_graph(cls, graph: LibpysalWeights, transform: Transform | None = None) -> Weights:
        """Take over a libpysal ``Graph`` or ``W``, which stays as it is; None keeps its own transform.

        Raises
        ------
        OptionError
            Where it is neither.
        """
        ids = getattr(graph, "unique_ids", None)
        ids = ids if ids is not None else getattr(graph, "id_order", None)
        if ids is None:
            raise OptionError(
                "A {kind} is no spatial weights with ids; give a name such as 'queen', a libpysal Graph or W,"
                " or Weights.from_sparse(matrix, ids).",
                kind=type(graph).__name__,
            )
        made = cls.from_sparse(graph.sparse, ids, "none", Message.of("from libpysal {kind}", kind=type(graph).__name__))
        return made.transformed(transform) if transform else replace(made, transform=recognised(made.raw))

    @classmethod
    def build(
        cls,
        boundaries: Boundaries,
        kind: str,
        value: float | None = None,
        *,
        islands: Islands = "keep",
        transform: Transform = "row",
        **options: Any,
    ) -> Weights:
        """Build by the name of the kind, with its options; ``value`` is its one number, as ``k`` of knn.

        Raises
        ------
        OptionError, GeometryError
            As :func:`ecospatial.geo.links.links`, which lists kinds and options.
        """
        named, number = kind_and_number(kind)
        if number is not None and value is not None:
            raise OptionError("weights={kind} has a number already.", kind=repr(kind))
        matrix, words = links(boundaries, cast(Kind, named), number if value is None else value, islands, **options)
        return cls.from_sparse(matrix, boundaries.ids, transform, words)

    @classmethod
    def queen(
        cls,
        boundaries: Boundaries,
        islands: Islands = "keep",
        transform: Transform = "row",
        *,
        tolerance: float = 0.0,
    ) -> Weights:
        """Neighbours share a border or a corner; gaps and slivers up to ``tolerance`` are closed.

        ``tolerance`` is in the units of the CRS, in metres where it is geographic.
        """
        return cls.build(boundaries, "queen", islands=islands, transform=transform, tolerance=tolerance)

    @classmethod
    def rook(
        cls,
        boundaries: Boundaries,
        islands: Islands = "keep",
        transform: Transform = "row",
        *,
        tolerance: float = 0.0,
    ) -> Weights:
        """Neighbours share a border of some length; gaps and slivers up to ``tolerance`` are closed."""
        return cls.build(boundaries, "rook", islands=islands, transform=transform, tolerance=tolerance)

    @classmethod
    def knn(
        cls, boundaries: Boundaries, k: int = 4, islands: Islands = "keep", transform: Transform = "row"
    ) -> Weights:
        """The ``k`` nearest centroids; great-circle distance where the CRS is geographic."""
        return cls.build(boundaries, "knn", k, islands=islands, transform=transform)

    @classmethod
    def distance_band(
        cls,
        boundaries: Boundaries,
        threshold: float | None = None,
        islands: Islands = "keep",
        transform: Transform = "row",
    ) -> Weights:
        """Centroids within a distance.

        ``threshold`` is in the units of the CRS, in kilometres where it is geographic; None takes the
        smallest distance that leaves no island, the largest of the distances to the nearest unit, as GeoDa.
        """
        return cls.build(boundaries, "band", threshold, islands=islands, transform=transform)

    @classmethod
    def inverse_distance(
        cls,
        boundaries: Boundaries,
        threshold: float | None = None,
        power: float = 1.0,
        islands: Islands = "keep",
        transform: Transform = "row",
    ) -> Weights:
        """Weights 1 / d^power of centroids up to a distance; None keeps all pairs.

        Rows that sum to one lose the absolute distance: a remote unit is then as exposed as a central one.
        ``transform="spectral"`` keeps it (Kelejian and Prucha 2010, J. Econometrics 157, 53–67).
        """
        return cls.build(boundaries, "inverse-distance", threshold, islands=islands, transform=transform, power=power)

    @classmethod
    def kernel(
        cls,
        boundaries: Boundaries,
        function: Function = "gaussian",
        bandwidth: float | None = None,
        k: int | None = None,
        adaptive: bool = False,
        transform: Transform = "row",
    ) -> Weights:
        """Kernel weights of centroids up to a bandwidth, none of a unit with itself.

        The bandwidth is a distance; or the largest distance of a unit to its ``k``-th nearest; or, ``adaptive``,
        each unit's own. :func:`ecospatial.geo.decay.kernel` has the formulas.
        """
        if not adaptive:
            return cls.build(boundaries, "kernel", transform=transform, bandwidth=bandwidth, k=k, function=function)
        if bandwidth is not None:
            raise OptionError("Give a bandwidth, or neighbours (k) that set it, not both.")
        return cls.build(boundaries, "adaptive-kernel", transform=transform, k=k, function=function)

    @classmethod
    def block(cls, groups: pd.Series | Mapping[Any, Any], transform: Transform = "row") -> Weights:
        """All units of the same group; ``groups`` by unit id, for example an attribute of the boundaries.

        Examples
        --------
        >>> Weights.block({"a": "north", "b": "south", "c": "north"})
        <Weights: 3 units, 2 links, 1 island (b), 2 components, same group, row-standardised>
        """
        series = groups if isinstance(groups, pd.Series) else pd.Series(dict(groups))
        words = Message.of("same {group}", group="group" if series.name is None else str(series.name))
        return cls.from_sparse(blocks(series), series.index, transform, words)

    @classmethod
    def economic(
        cls,
        data: Panel,
        column: str,
        periods: Any = None,
        smallest: float | None = None,
        transform: Transform = "row",
    ) -> Weights:
        """Weights 1 / |ȳ_i − ȳ_j| of a column's means over base periods, which must be named.

        Case, Rosen and Hines (1993, J. Public Economics 52, 285–307); in studies of China since Lin, Long and Wu
        (2005, China Economic Quarterly 4). Take periods before the sample: values of the sample itself make the
        weights endogenous. Differences below ``smallest`` count as it.

        Examples
        --------
        >>> table = pd.DataFrame({"city": ["a", "b", "c"], "gdp": [1.0, 2.0, 4.0]})
        >>> Weights.economic(Panel.from_frame(table, unit="city"), "gdp").sparse.toarray()[0].tolist()
        [0.0, 0.75, 0.25]
        """
        values, when = base_values(data, column, periods)
        words = Message.of("economic distance by {column} of {periods}", column=column, periods=when)
        return cls.from_sparse(economic_distance(values, smallest), data.units, transform, words)

    @classmethod
    def gravity(
        cls,
        data: Panel,
        column: str,
        periods: Any = None,
        power: float = 2.0,
        threshold: float | None = None,
        transform: Transform = "row",
    ) -> Weights:
        """Weights m_i m_j / d^power of masses (means over base periods) and centroid distances.

        As :meth:`economic`, masses should be older than the sample. ``data`` is a panel with boundaries.

        Raises
        ------
        GeometryError
            Where a unit has no polygon.
        """
        boundaries: Boundaries | None = getattr(data, "boundaries", None)
        if boundaries is None or len(boundaries) < len(data.units):
            raise GeometryError(
                "Gravity weights need the polygons of all units: join the panel to boundaries with unmatched='drop'."
            )
        values, when = base_values(data, column, periods)
        masses = values.loc[boundaries.ids]
        matrix = gravity(inverse_distance(boundaries, threshold, power), masses)
        words = Message.of(
            "gravity of {column} of {periods}, distance^{power}", column=column, periods=when, power=f"{power:g}"
        )
        return cls.from_sparse(matrix, boundaries.ids, transform, words)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        transform: Transform = "row",
        values: Literal["links", "weights"] | None = None,
    ) -> Weights:
        """Read a ``.gal``, ``.gwt`` or ``.kwt`` file, or a csv or Excel table: a matrix with ids, or one row a link.

        Parameters
        ----------
        path : path-like
        transform : {"row", "binary", "spectral", "none"}
        values : {"links", "weights"} or None
            What the third column of a ``.gwt`` is taken for. GeoDa writes distances there, so None takes the links
            alone, and the weights where this package wrote the file.

        Raises
        ------
        FileError
            Where the file is missing, of another kind, or does not hold weights.
        """
        from .weights_files import read_matrix

        matrix, ids = read_matrix(path, values)
        return cls.from_sparse(matrix, ids, transform, Message.of("from {file}", file=os.path.basename(path)))

    def plot(self, boundaries: Boundaries | None = None, **options: Any) -> Any:
        """A matplotlib ``Figure``: how many neighbours units have and, with boundaries, the links on the map.

        Raises
        ------
        MissingPackageError
            Where matplotlib is not installed.
        """
        shown = None if boundaries is None else boundaries.subset(self.ids)
        return WeightsResult(self, boundaries=shown).plot(**options)

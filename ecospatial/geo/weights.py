"""Spatial weights: one frozen sparse matrix with unit ids."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..errors import DataError, JoinError, Message, OptionError, Text, listed
from ..ids import id_texts
from ..provenance import fingerprint_arrays
from .boundaries import Boundaries
from .links import Islands, Kind, links
from .transforms import Transform, recognised, transformed

FROM_MATRIX = Message.of("from a matrix")
STYLES = {"row": "row-standardised", "binary": "binary", "spectral": "spectral", "none": "as given"}


@runtime_checkable
class LibpysalWeights(Protocol):
    """What libpysal's ``Graph`` and ``W`` have in common; their ids come with them."""

    @property
    def sparse(self) -> Any:
        """The matrix."""
        ...


@dataclass(frozen=True, eq=False)
class Weights:
    """Spatial weights of units.

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

    ids: pd.Index
    raw: sparse.csr_matrix
    transform: Transform = "row"
    kind: Text = FROM_MATRIX

    @classmethod
    def from_sparse(
        cls,
        matrix: Any,
        ids: Iterable[Any],
        transform: Transform = "row",
        kind: Text = FROM_MATRIX,
    ) -> Weights:
        """Make weights of a square matrix, dense or sparse, which is copied.

        Raises
        ------
        DataError
            Where the matrix is not square, not as large as ``ids``, negative, not finite, has a diagonal, or ids
            repeat.
        """
        keys = pd.Index(list(ids), name="unit")
        raw = _matrix(matrix, keys)
        if raw.shape != (len(keys), len(keys)):
            raise DataError(
                "The weights matrix is {rows} × {columns}, but there are {count} ids.",
                rows=raw.shape[0],
                columns=raw.shape[1],
                count=len(keys),
            )
        if not keys.is_unique:
            raise DataError("Weights ids stand more than once: {ids}.", ids=listed(keys[keys.duplicated()].unique()))
        if not np.isfinite(raw.data).all() or (raw.data < 0).any():
            raise DataError("Weights must be finite and not negative.")
        if raw.diagonal().any():
            raise DataError("Units are their own neighbours: {ids}.", ids=listed(keys[raw.diagonal() != 0]))
        raw.eliminate_zeros()
        return cls(keys, raw, transform, kind)._settled()

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
        k: float | None = None,
        threshold: float | None = None,
        islands: Islands = "keep",
        transform: Transform = "row",
    ) -> Weights:
        """Build by the name of the kind; ``value`` is the ``k`` of knn or the ``threshold`` of band.

        Raises
        ------
        OptionError, GeometryError
            As :func:`ecospatial.geo.links.links`.
        """
        number = next((given for given in (value, k, threshold) if given is not None), None)
        matrix, words = links(boundaries, cast(Kind, kind), number, islands)
        return cls.from_sparse(matrix, boundaries.ids, transform, words)

    @classmethod
    def queen(cls, boundaries: Boundaries, islands: Islands = "keep", transform: Transform = "row") -> Weights:
        """Neighbours share a border or a corner."""
        return cls.build(boundaries, "queen", islands=islands, transform=transform)

    @classmethod
    def rook(cls, boundaries: Boundaries, islands: Islands = "keep", transform: Transform = "row") -> Weights:
        """Neighbours share a border of some length."""
        return cls.build(boundaries, "rook", islands=islands, transform=transform)

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
        smallest distance that leaves no island.
        """
        return cls.build(boundaries, "band", threshold, islands=islands, transform=transform)

    @classmethod
    def read(cls, path: str | os.PathLike[str], transform: Transform = "row") -> Weights:
        """Read a ``.gal`` or ``.gwt`` file, or a csv or Excel matrix with ids.

        Raises
        ------
        FileError
            Where the file is missing, of another kind, or does not hold weights.
        """
        from .weights_files import read_matrix

        matrix, ids = read_matrix(path)
        return cls.from_sparse(matrix, ids, transform, Message.of("from {file}", file=os.path.basename(path)))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a ``.gal``, ``.gwt`` or ``.csv`` file, whole or not at all.

        Raises
        ------
        FileError
            Where the format cannot hold these weights, or the file cannot be written.
        """
        from .weights_files import write_matrix

        write_matrix(self.sparse, list(self.ids), path)

    def transformed(self, transform: Transform) -> Weights:
        """The weights as they were given, under another transform."""
        return replace(self, transform=transform)._settled()

    def subset(self, ids: Iterable[Any]) -> Weights:
        """Only these units, in this order; the transform is applied anew.

        Raises
        ------
        JoinError
            Where a unit has no weights.
        """
        wanted = pd.Index(list(ids), name="unit")
        places = self._places(wanted)
        if (places < 0).any():
            raise JoinError("No weights for: {units}.", units=listed(wanted[places < 0]))
        if np.array_equal(places, np.arange(len(self.ids))):
            return replace(self, ids=wanted)
        part = sparse.csr_matrix(self.raw[places][:, places])
        part.sort_indices()
        return replace(self, ids=wanted, raw=part)

    def align(self, units: Iterable[Any]) -> Weights:
        """The weights in the order of the data's units, under the data's ids.

        Raises
        ------
        JoinError
            Where weights and data are not of the same units; lists the ids.
        """
        wanted = pd.Index(list(units), name="unit")
        places = self._places(wanted)
        absent = wanted[places < 0]
        extra = self.ids[np.setdiff1d(np.arange(len(self.ids)), places)]
        if len(absent) or len(extra):
            raise JoinError(
                "Weights and data are of different units. Only in the data: {absent}. Only in the weights: {extra}."
                " Leave units without a polygon out (unmatched='drop' of the join), or take a part of the weights"
                " (weights.subset).",
                absent=listed(absent) or "none",
                extra=listed(extra) or "none",
            )
        return self.subset(wanted)

    def _places(self, wanted: pd.Index) -> np.ndarray:
        """Where each unit stands, −1 if nowhere; ids that a file holds as text meet numbers."""
        if wanted.dtype == self.ids.dtype:
            return np.asarray(self.ids.get_indexer(wanted))
        return np.asarray(pd.Index(id_texts(self.ids)).get_indexer(id_texts(wanted)))

    def _settled(self) -> Weights:
        """The same weights, transformed now and kept, so that a transform that cannot be is refused here."""
        _ = self.sparse
        return self

    @cached_property
    def sparse(self) -> sparse.csr_matrix:
        """The weights after the transform, shape (n, n)."""
        made = transformed(self.raw, self.transform)
        made.data.flags.writeable = False
        return made

    @property
    def islands(self) -> pd.Index:
        """Ids without a neighbour."""
        return self.ids[np.diff(self.sparse.indptr) == 0]

    @cached_property
    def n_components(self) -> int:
        """Number of connected components."""
        return int(connected_components(self.sparse, directed=False, return_labels=False))

    @property
    def cardinalities(self) -> pd.Series:
        """Number of neighbours of each unit."""
        return pd.Series(np.diff(self.sparse.indptr), index=self.ids, name="neighbours")

    def to_graph(self) -> Any:
        """A ``libpysal.graph.Graph`` with the same ids and weights.

        Raises
        ------
        MissingPackageError
            Where libpysal is not installed.
        """
        from .weights_files import graph_of

        return graph_of(self.sparse, self.ids)

    def fingerprint(self) -> str:
        """A short hash of ids and matrix."""
        return fingerprint_arrays(np.asarray(self.ids), self.sparse.indptr, self.sparse.indices, self.sparse.data)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def words(self) -> Message:
        """Units, links, islands, components, how they were made and the transform, in one line."""
        alone = self.islands
        return Message.of(
            "{units}, {links}, {islands}{named}, {components}, {kind}, {transform}",
            units=_counted(len(self), "{count} unit", "{count} units"),
            links=_counted(self.sparse.nnz, "{count} link", "{count} links"),
            islands=_counted(len(alone), "{count} island", "{count} islands"),
            named=Message.of(" ({units})", units=listed(alone, 3)) if len(alone) else "",
            components=_counted(self.n_components, "{count} component", "{count} components"),
            kind=self.kind,
            transform=Message.of(STYLES[self.transform]),
        )

    def __repr__(self) -> str:
        return f"<Weights: {self.words}>"


def _matrix(matrix: Any, ids: pd.Index) -> sparse.csr_matrix:
    """A copy as CSR; a data frame is taken by its labels, not by position."""
    if isinstance(matrix, pd.DataFrame):
        if set(matrix.index) != set(ids) or set(matrix.columns) != set(ids):
            raise DataError("Rows and columns of the weights table are not labelled with the ids.")
        matrix = matrix.loc[list(ids), list(ids)].to_numpy()
    try:
        raw = sparse.csr_matrix(getattr(matrix, "sparse", matrix), dtype=float, copy=True)
    except (TypeError, ValueError) as error:
        raise DataError("The weights are no matrix of numbers.") from error
    raw.sum_duplicates()
    return raw


def _counted(count: int, one: str, many: str) -> Message:
    return Message.of(one if count == 1 else many, count=count)

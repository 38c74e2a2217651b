"""A square sparse matrix of weights with unit ids, frozen: its transform, its order, what it looks like."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..errors import DataError, JoinError, Message, Text, listed
from ..ids import id_texts
from ..kernels.logdet import Eigenvalues, Factorised, log_determinant
from ..provenance import fingerprint_arrays
from .connectivity import by_unit, connectivity_facts
from .transforms import Transform, transformed
from .weights_files import graph_of, write_matrix
from .weights_tables import Layout

FROM_MATRIX = Message.of("from a matrix")
STYLES = {"row": "row-standardised", "binary": "binary", "spectral": "spectral", "none": "as given"}

Self = TypeVar("Self", bound="WeightsMatrix")


@dataclass(frozen=True, eq=False)
class WeightsMatrix:
    """Weights of units; see :class:`ecospatial.Weights` for the ways to make some.

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
    """

    ids: pd.Index
    raw: sparse.csr_matrix
    transform: Transform = "row"
    kind: Text = FROM_MATRIX

    @classmethod
    def from_sparse(
        cls: type[Self],
        matrix: Any,
        ids: Iterable[Any],
        transform: Transform = "row",
        kind: Text = FROM_MATRIX,
    ) -> Self:
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

    def transformed(self: Self, transform: Transform) -> Self:
        """The weights as they were given, under another transform."""
        return replace(self, transform=transform)._settled()

    def subset(self: Self, ids: Iterable[Any]) -> Self:
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
            return self if wanted.equals(self.ids) and wanted.dtype == self.ids.dtype else replace(self, ids=wanted)
        part = sparse.csr_matrix(self.raw[places][:, places])
        part.sort_indices()
        return replace(self, ids=wanted, raw=part)

    def align(self: Self, units: Iterable[Any]) -> Self:
        """The weights in the order of the data's units, under the data's ids.

        Raises
        ------
        JoinError
            Where weights and data are not of the same units; lists the ids.
        """
        wanted = pd.Index(list(units), name="unit")
        absent, extra = self._strangers(wanted)
        if len(absent) or len(extra):
            raise JoinError(
                "Weights and data are of different units. Only in the data: {absent}. Only in the weights: {extra}."
                " Leave units without a polygon out (unmatched='drop' of the join), or take a part of the weights"
                " (weights.subset).",
                absent=listed(absent) or "none",
                extra=listed(extra) or "none",
            )
        return self.subset(wanted)

    def _strangers(self, wanted: pd.Index) -> tuple[pd.Index, pd.Index]:
        """Units that are wanted and not here, and units that are here and not wanted."""
        places = self._places(wanted)
        return wanted[places < 0], self.ids[np.setdiff1d(np.arange(len(self.ids)), places)]

    def _places(self, wanted: pd.Index) -> np.ndarray:
        """Where each unit stands, −1 if nowhere; ids that a file holds as text meet numbers."""
        if wanted.dtype == self.ids.dtype:
            return np.asarray(self.ids.get_indexer(wanted))
        return np.asarray(pd.Index(id_texts(self.ids)).get_indexer(id_texts(wanted)))

    def _settled(self: Self) -> Self:
        """The same weights, transformed now and kept, so that a transform that cannot be is refused here."""
        _ = self.sparse
        return self

    @cached_property
    def sparse(self) -> sparse.csr_matrix:
        """The weights after the transform, shape (n, n)."""
        made = transformed(self.raw, self.transform)
        made.data.flags.writeable = False
        return made

    @cached_property
    def log_determinant(self) -> Eigenvalues | Factorised | None:
        """ln|I − rW| with its derivatives, which every model on these weights shares; None where it is always zero."""
        return log_determinant(self.sparse)

    @cached_property
    def has_unit_rows(self) -> bool:
        """Whether every row sums to one, so that no unit is an island."""
        return bool(np.allclose(np.asarray(self.sparse.sum(axis=1)), 1.0, rtol=0, atol=1e-8))

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

    def connectivity(self) -> pd.DataFrame:
        """One row a unit: ``neighbours``, ``weight_sum``, ``island`` (yes or no), ``component``."""
        return by_unit(self.sparse, self.ids)

    def facts(self) -> dict[str, Text]:
        """How they were made, neighbours, density, components, islands by name."""
        made = {
            "Weights": Message.of("{kind}, {transform}", kind=self.kind, transform=Message.of(STYLES[self.transform]))
        }
        return {**made, **connectivity_facts(self.sparse, self.ids)}

    def summary(self) -> str:
        """The connectivity as text, and how many units have how many neighbours."""
        facts = {name: str(text) for name, text in self.facts().items()}
        width = max(map(len, facts))
        sizes = self.cardinalities.value_counts().sort_index().rename("units").to_frame()
        return "\n".join(
            [*(f"{name:<{width}}  {text}" for name, text in facts.items()), "", sizes.to_string(max_rows=40)]
        )

    def to_graph(self) -> Any:
        """A ``libpysal.graph.Graph`` with the same ids and weights.

        Raises
        ------
        MissingPackageError
            Where libpysal is not installed.
        """
        return graph_of(self.sparse, self.ids)

    def write(self, path: str | os.PathLike[str], layout: Layout = "matrix") -> None:
        """Write a ``.gal``, ``.gwt``, ``.csv`` or ``.xlsx`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            ``.gal`` holds links, ``.gwt`` weights but no island; the weights are written after the transform.
        layout : {"matrix", "list"}
            Of ``.csv`` and ``.xlsx``: a square table, or one row a link (unit, neighbour, weight).

        Raises
        ------
        FileError
            Where the format cannot hold these weights, or the file cannot be written.
        """
        write_matrix(self.sparse, list(self.ids), path, layout)

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
        return f"<{type(self).__name__}: {self.words}>"


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

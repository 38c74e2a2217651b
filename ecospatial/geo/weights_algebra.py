"""Weights made of weights: of a higher order, united, intersected, made symmetric, nested."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from ..errors import JoinError, Message, OptionError, Text, listed
from .links import of_higher_order
from .set_operations import Symmetry, intersection, nested, symmetric, union
from .weights_matrix import WeightsMatrix

Self = TypeVar("Self", bound="WeightsAlgebra")


class WeightsAlgebra(WeightsMatrix):
    """What weights can be made of weights; see :class:`ecospatial.Weights`.

    Examples
    --------
    >>> import numpy as np
    >>> chain = WeightsAlgebra.from_sparse(np.eye(3, k=1) + np.eye(3, k=-1), ["a", "b", "c"])
    >>> chain.higher_order(2).sparse.toarray().tolist()
    [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """

    def higher_order(self: Self, order: int = 2, lower_order: bool = False) -> Self:
        """Binary links of units so many steps apart; with ``lower_order`` also of fewer steps."""
        return self._of(*of_higher_order(self.raw, self.kind, order, lower_order))

    def union(self: Self, other: WeightsMatrix) -> Self:
        """Binary links of either; of the same units in any order."""
        matrix = union(self.raw, self._in_order(other).raw)
        return self._of(matrix, Message.of("{one} or {other}", one=self.kind, other=other.kind))

    def intersection(self: Self, other: WeightsMatrix) -> Self:
        """Binary links of both; of the same units in any order."""
        matrix = intersection(self.raw, self._in_order(other).raw)
        return self._of(matrix, Message.of("{one} and {other}", one=self.kind, other=other.kind))

    def symmetrised(self: Self, how: Symmetry = "either") -> Self:
        """The same weights both ways: the larger of two, the smaller (``"both"``), or their ``"mean"``.

        The transform comes after, and rows that sum to one need not be symmetric.
        """
        return self._of(symmetric(self.raw, how), Message.of("{kind}, made symmetric", kind=self.kind))

    def nested(
        self: Self, economic: WeightsMatrix, share: float = 0.5, form: Literal["sum", "product"] = "sum"
    ) -> Self:
        """Geographic and economic weights in one matrix, standardised by row.

        Parameters
        ----------
        economic : Weights
            Of the same units, in any order.
        share : float
            φ of the sum: φ W_geographic + (1 − φ) W_economic, each as it stands after its transform (a convex
            combination, Debarsy and LeSage 2018, Regional Science and Urban Economics 69, 48–68).
        form : {"sum", "product"}
            ``"product"``: w_ij = g_ij e_ij, so that only geographic neighbours have weight (Lin, Long and Wu 2005);
            it takes no share.

        Raises
        ------
        OptionError
            Where ``share`` is not from 0 to 1, or there is no such form.
        """
        other = self._in_order(economic)
        kinds = {"one": self.kind, "other": economic.kind}
        if form == "product":
            matrix, words = self.sparse.multiply(other.sparse), Message.of("({one}) × ({other})", **kinds)
        elif form == "sum":
            matrix = nested(self.sparse, other.sparse, share)
            words = Message.of("{share} ({one}) + {rest} ({other})", share=f"{share:g}", rest=f"{1 - share:g}", **kinds)
        else:
            raise OptionError("form={value} is not a choice; choose one of: sum, product", value=repr(form))
        return type(self).from_sparse(matrix, self.ids, "row", words)

    def _in_order(self, other: WeightsMatrix) -> WeightsMatrix:
        """Other weights in the order of these; of the same units, or refused by name."""
        absent, extra = other._strangers(self.ids)
        if len(absent) or len(extra):
            raise JoinError(
                "Two weights are of different units. Only in the first: {absent}. Only in the second: {extra}."
                " Take a part of them (weights.subset).",
                absent=listed(absent) or "none",
                extra=listed(extra) or "none",
            )
        return other.subset(self.ids)

    def _of(self: Self, matrix: Any, words: Text) -> Self:
        return type(self).from_sparse(matrix, self.ids, self.transform, words)

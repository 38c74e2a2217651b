"""Links made of links: of a higher order, of both or either of two matrices, made symmetric, within groups."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from ..errors import DataError, OptionError, listed

Symmetry = Literal["either", "both", "mean"]


def higher_order(links: sparse.csr_matrix, order: float, lower_order: bool = False) -> sparse.csr_matrix:
    """Binary links of units whose shortest path has so many steps.

    Paths that come back or run in circles do not count (Anselin and Smirnov 1996, J. Regional Science 36, 67–89).

    Parameters
    ----------
    links : csr_matrix, shape (n, n)
        Links of the first order.
    order : int or float
        Steps, at least 1.
    lower_order : bool
        Whether fewer steps count as well.

    Raises
    ------
    OptionError
        Where ``order`` is not a whole number from 1.

    Examples
    --------
    >>> path = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> higher_order(path, 2).toarray().astype(int).tolist()
    [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]
    """
    if not float(order).is_integer() or order < 1:
        raise OptionError("order={order} must be a whole number from 1.", order=order)
    step = _ones(links)
    reached = sparse.eye(links.shape[0], format="csr")
    newest, every = reached, sparse.csr_matrix(links.shape)
    for _ in range(int(order)):
        # Of the places one step further on, those are new that no shorter path has reached.
        onward = _ones(newest @ step)
        newest = sparse.csr_matrix(onward - onward.multiply(reached))
        newest.eliminate_zeros()
        reached, every = reached + newest, every + newest
    return _ones(every if lower_order else newest)


def union(one: sparse.csr_matrix, other: sparse.csr_matrix) -> sparse.csr_matrix:
    """Binary links that stand in either matrix."""
    return _ones(_ones(one) + _ones(other))


def intersection(one: sparse.csr_matrix, other: sparse.csr_matrix) -> sparse.csr_matrix:
    """Binary links that stand in both matrices."""
    return _ones(sparse.csr_matrix(_ones(one).multiply(_ones(other))))


def symmetric(matrix: sparse.csr_matrix, how: Symmetry = "either") -> sparse.csr_matrix:
    """Weights that are the same both ways.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, n)
    how : {"either", "both", "mean"}
        The larger of the two weights, so that a link one way suffices; the smaller; (W + Wᵀ) / 2.

    Raises
    ------
    OptionError
        Where there is no such way.

    Examples
    --------
    >>> one_way = sparse.csr_matrix([[0.0, 1.0], [0.0, 0.0]])
    >>> symmetric(one_way).toarray().tolist(), symmetric(one_way, "mean").toarray().tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.5], [0.5, 0.0]])
    """
    if how == "either":
        return sparse.csr_matrix(matrix.maximum(matrix.T))
    if how == "both":
        return sparse.csr_matrix(matrix.minimum(matrix.T))
    if how == "mean":
        return sparse.csr_matrix((matrix + matrix.T) / 2.0)
    raise OptionError(
        "how={value} is not a choice; choose one of: {choices}", value=repr(how), choices=listed(get_args(Symmetry))
    )


def blocks(groups: pd.Series) -> sparse.csr_matrix:
    """Binary links of all units of the same group.

    Parameters
    ----------
    groups : Series, length n
        Group of each unit.

    Raises
    ------
    DataError
        Where a unit has no group.

    Examples
    --------
    >>> blocks(pd.Series(["north", "south", "north"])).toarray().astype(int).tolist()
    [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    """
    if groups.isna().any():
        raise DataError("These units have no group: {units}.", units=listed(groups.index[groups.isna().to_numpy()]))
    codes = pd.factorize(groups)[0]
    member = sparse.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)))
    together = sparse.csr_matrix(member @ member.T)
    together.setdiag(0.0)
    together.eliminate_zeros()
    return together


def nested(one: sparse.csr_matrix, other: sparse.csr_matrix, share: float) -> sparse.csr_matrix:
    """The convex combination share × one + (1 − share) × other.

    Raises
    ------
    OptionError
        Where ``share`` is not from 0 to 1.
    """
    if not 0.0 <= share <= 1.0:
        raise OptionError("share={share} must be a number from 0 to 1.", share=share)
    made = sparse.csr_matrix(share * one + (1.0 - share) * other)
    made.eliminate_zeros()
    return made


def _ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    made = sparse.csr_matrix(matrix, copy=True)
    made.eliminate_zeros()
    made.data = np.ones_like(made.data, dtype=float)
    return made

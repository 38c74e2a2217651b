"""What units share a row of draws: their weights by rank of the neighbour, and where they were drawn themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse


class Group(NamedTuple):
    """Some of the units, and the weights of each by the rank of the neighbour: shape (m, depth)."""

    units: np.ndarray
    ranked: sparse.csr_matrix


class Own(NamedTuple):
    """Where members of a group were drawn among their own neighbours, in the order of the members."""

    member: np.ndarray
    draw: np.ndarray
    weight: np.ndarray


def ranked_weights(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    """The weights of each unit at the places 0, 1 … of its row, shape (n, depth).

    Examples
    --------
    >>> ranked_weights(sparse.csr_matrix([[0.0, 0.0, 2.0], [3.0, 0.0, 4.0], [0.0, 0.0, 0.0]])).toarray()
    array([[2., 0.],
           [3., 4.],
           [0., 0.]])
    """
    counts = np.diff(weights.indptr)
    rank = np.arange(weights.nnz) - np.repeat(weights.indptr[:-1], counts)
    return sparse.csr_matrix((weights.data, rank, weights.indptr), shape=(len(counts), int(counts.max(initial=0))))


def own_draws(draws: np.ndarray, group: Group, count: int) -> Own:
    """Where members stand among the draws that are to be their own neighbours.

    Parameters
    ----------
    draws : ndarray, shape (size, depth + 1)
        Rows of distinct units; the last one stands in for a unit that was drawn for itself.
    group : Group
        A member with c neighbours takes the first c draws of a row.
    count : int
        Units in all.
    """
    members, depth = group.ranked.shape
    place = np.full(count, members)
    place[group.units] = np.arange(members)
    at = place[draws[:, :depth]]
    limit = np.append(np.diff(group.ranked.indptr), 0)
    draw, rank = np.nonzero(np.arange(depth) < limit[at])
    member = at[draw, rank]
    order = np.argsort(member, kind="stable")
    member, draw, rank = member[order], draw[order], rank[order]
    return Own(member, draw, group.ranked.data[group.ranked.indptr[member] + rank])

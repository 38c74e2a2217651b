"""What a weights matrix looks like: neighbours, islands, components, density."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..errors import Message, Text, listed

NAMED = 20  # islands that are named one by one


def by_unit(matrix: sparse.csr_matrix, ids: pd.Index) -> pd.DataFrame:
    """Neighbours, weights, and component of each unit; components are numbered from 1, the largest first.

    Examples
    --------
    >>> chain = sparse.csr_matrix([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> by_unit(chain, pd.Index(["a", "b", "far"], name="unit"))
          neighbours  weight_sum island  component
    unit
    a              1         1.0     no          1
    b              1         1.0     no          1
    far            0         0.0    yes          2
    """
    count = np.diff(matrix.indptr)
    return pd.DataFrame(
        {
            "neighbours": count.astype(np.int64),
            "weight_sum": np.asarray(matrix.sum(axis=1)).ravel(),
            "island": np.where(count == 0, "yes", "no").astype(object),
            "component": components(matrix),
        },
        index=ids,
    )


def components(matrix: sparse.csr_matrix) -> np.ndarray:
    """Number of each unit's component, from 1, the largest first and equal ones in the order of the units."""
    label = connected_components(matrix, directed=False)[1]
    size = np.bincount(label)
    place = np.argsort(-size, kind="stable").argsort()
    return np.asarray(place[label] + 1, dtype=np.int64)


def links_of(matrix: sparse.csr_matrix, ids: pd.Index) -> pd.DataFrame:
    """One row a link: unit, neighbour, weight."""
    pairs = matrix.tocoo()
    keys = ids.to_numpy()
    return pd.DataFrame({"unit": keys[pairs.row], "neighbour": keys[pairs.col], "weight": pairs.data})


def connectivity_facts(matrix: sparse.csr_matrix, ids: pd.Index) -> dict[str, Text]:
    """The numbers above a connectivity table."""
    count, units = np.diff(matrix.indptr), len(ids)
    islands = ids[count == 0]
    sizes = np.bincount(components(matrix))[1:]
    there = matrix.astype(bool)
    one_way = there.nnz - there.multiply(there.T).nnz
    return {
        "Units": str(units),
        "Links": str(matrix.nnz),
        "Neighbours": Message.of(
            "{low} to {high}, mean {mean}, median {median}",
            low=count.min(initial=units),
            high=count.max(initial=0),
            mean=f"{count.mean() if units else 0:.2f}",
            median=f"{np.median(count) if units else 0:g}",
        ),
        "Density": Message.of("{share} % of all pairs", share=f"{100 * matrix.nnz / max(units * (units - 1), 1):.2f}"),
        "One way": Message.of("{count} links have none back", count=one_way) if one_way else Message.of("none"),
        "Components": Message.of(
            "{count} (units in each: {sizes})", count=len(sizes), sizes=listed(sorted(sizes, reverse=True), limit=8)
        ),
        "Islands": Message.of("{count}: {units}", count=len(islands), units=listed(islands, NAMED))
        if len(islands)
        else Message.of("none"),
    }

"""The closest spellings across a join, as suggestions for a person to decide on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from .names import bare, is_chinese

MOST = 3
CLOSE = 0.3
BLOCK = 512

Near = dict[int, list[int]]


def closest(ours: Sequence[Iterable[str]], theirs: Sequence[Iterable[str]]) -> tuple[Near, Near]:
    """The up to three closest on the other side, the closest first: for each of ours, and for each of theirs.

    Closeness is that of the two most alike names: Dice's coefficient of the pairs of neighbouring signs (and of
    single Chinese characters), suffixes left off.

    Parameters
    ----------
    ours, theirs : sequence
        The names of each place.

    Examples
    --------
    >>> closest([["Bejing"], ["邯单市"]], [["Shanghai"], ["北京", "Beijing"], ["邯郸市"]])
    ({0: [1], 1: [2]}, {1: [0], 2: [1]})
    """
    vocabulary: dict[str, int] = {}
    (one, of_one), (other, of_other) = _pieces(ours, vocabulary), _pieces(theirs, vocabulary)
    left, right = _table(one, len(vocabulary)), _table(other, len(vocabulary)).T.tocsr()
    sizes, others = (np.array([len(row) for row in rows]) for rows in (one, other))
    parts = []
    for start in range(0, len(one), BLOCK):
        common = (left[start:][:BLOCK] @ right).tocoo()
        row, column = common.row + start, common.col
        score = 2 * common.data / (sizes[row] + others[column])
        near = score >= CLOSE
        parts.append(np.column_stack([of_one[row[near]], of_other[column[near]], score[near]]))
    pairs = pd.DataFrame(np.concatenate([np.empty((0, 3)), *parts]), columns=["ours", "theirs", "score"])
    return _best(pairs, "ours", "theirs"), _best(pairs, "theirs", "ours")


def _best(pairs: pd.DataFrame, of: str, on: str) -> Near:
    ranked = pairs.sort_values([of, "score", on], ascending=[True, False, True]).drop_duplicates([of, on])
    best = ranked.groupby(of).head(MOST)
    return {int(place): [int(at) for at in part] for place, part in best.groupby(of)[on]}


def _pieces(places: Sequence[Iterable[str]], vocabulary: dict[str, int]) -> tuple[list[list[int]], np.ndarray]:
    """The pieces of every name by number, and the place of every name."""
    rows, owners = [], []
    for place, names in enumerate(places):
        for name in dict.fromkeys(map(bare, names)):
            pieces = dict.fromkeys(_of(name))
            rows.append([vocabulary.setdefault(piece, len(vocabulary)) for piece in pieces])
            owners.append(place)
    return rows, np.array(owners, dtype=np.int64)


def _of(text: str) -> list[str]:
    framed = f"^{text}$"
    pairs = [framed[at:][:2] for at in range(len(framed) - 1)]
    return [*pairs, *text] if is_chinese(text) else pairs


def _table(rows: list[list[int]], width: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for row in rows for column in row], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), width))

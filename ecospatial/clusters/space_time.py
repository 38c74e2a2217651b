"""Gi* of every unit and period, against its own period or against all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..geo.weights import Weights
from ..ids import id_texts
from ..kernels.conditional import local_tails
from ..kernels.getis_ord import local_g_star, starred
from ..kernels.moran import deviations
from .periods import slices
from .significance import pseudo_p

Scores = tuple[np.ndarray, np.ndarray]


class Draws(NamedTuple):
    """How a permutation test draws, and which tail counts."""

    permutations: int
    seed: int
    alternative: str


def scores(values: np.ndarray, status: np.ndarray, weights: Weights, time_lag: int | None, test: Draws) -> Scores:
    """Scores and p-values of Gi*, NaN where there are none; shape (T, n).

    Parameters
    ----------
    values : ndarray, shape (T, n)
    status : ndarray, shape (T,)
        Periods that are not ``"ok"`` have none.
    weights : Weights
    time_lag : int or None
        None compares a unit's surroundings with its period; a number with all periods, and takes them over so many
        periods before as well.
    test : Draws
    """
    z, p = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    if time_lag is not None:
        return _against_all(values, weights, time_lag, test) if (status == "ok").any() else (z, p)
    for part in slices(values, status, weights):
        cells = np.ix_(part.periods, part.units)
        z[cells], p[cells] = _tested(part.values, part.matrix, weights.transform == "row", test)
    return z, p


def _against_all(values: np.ndarray, weights: Weights, time_lag: int, test: Draws) -> Scores:
    """All unit-periods as one map, in which neighbours in space and time are neighbours."""
    order = np.argsort(id_texts(weights.ids), kind="stable")
    sorted_values = values[:, order]
    near = space_time_weights(weights.subset(weights.ids[order]).sparse, len(values), time_lag)
    present = np.flatnonzero(~np.isnan(sorted_values).ravel())
    found = _tested(sorted_values.ravel()[None, present], near[present][:, present], weights.transform == "row", test)
    back = np.argsort(order)
    whole = np.full((2, values.size), np.nan)
    whole[:, present] = np.vstack(found)
    z, p = whole.reshape(2, *values.shape)[:, :, back]
    return z, p


def space_time_weights(weights: sparse.csr_matrix, periods: int, time_lag: int) -> sparse.csr_matrix:
    """Weights of unit-periods: the unit and its neighbours in the same period and so many before, less itself.

    Units run fastest. A unit's own past weighs as much as its heaviest neighbour; islands stay alone.

    Examples
    --------
    >>> pair = sparse.csr_matrix([[0.0, 1.0], [1.0, 0.0]])
    >>> space_time_weights(pair, 2, 1).toarray().tolist()
    [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0]]
    """
    before = sum((sparse.eye(periods, k=-lag) for lag in range(1, time_lag + 1)), sparse.csr_matrix((periods, periods)))
    past = sparse.kron(before, starred(weights, row=False))
    near = sparse.csr_matrix(sparse.kron(sparse.eye(periods), weights) + past)
    near.sort_indices()
    return near


def _tested(values: np.ndarray, weights: sparse.csr_matrix, row: bool, test: Draws) -> Scores:
    z = deviations(values)
    tails = local_tails(z, weights, test.permutations, test.seed, tied=np.zeros(z.shape, dtype=bool))
    alone = np.diff(weights.indptr) == 0
    p = np.where(alone, np.nan, pseudo_p(tails, test.permutations, test.alternative))
    return local_g_star(values, starred(weights, row)).z, p

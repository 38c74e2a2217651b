"""Geary's C, global and local, of one variable or several, with moments and conditional permutation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..progress import track
from .moran import deviations, link_sums
from .neighbour_draws import Group, Own, own_draws, ranked_weights
from .permutation import BLOCK, TIE, Tails, distinct_draws, draw_width, sizes


class GlobalGeary(NamedTuple):
    """Geary's C of each period, shape (T,), and its variances; zero where no order matters. C is expected to be one."""

    statistic: np.ndarray
    variance_norm: np.ndarray
    variance_rand: np.ndarray


class LocalGeary(NamedTuple):
    """Local Geary and its moments given the unit's own values, shape (T, n); NaN for islands."""

    statistic: np.ndarray
    expected: np.ndarray
    variance: np.ndarray


def global_geary(values: np.ndarray, weights: sparse.csr_matrix) -> GlobalGeary:
    """Geary's C with variances under normality and randomisation.

    Cliff and Ord (1981), Spatial Processes, equations 1.45 and 2.18–2.23.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        None missing, none constant over a period; n of at least 4.
    weights : csr_matrix, shape (n, n)
        At least one link.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> global_geary(np.array([[1.0, 2.0, 3.0, 4.0]]), line).statistic.round(4)
    array([0.3])
    """
    n, total = values.shape[1], float(weights.sum())
    z = deviations(values)
    s1, s2 = link_sums(weights)
    squares = (z**2).sum(axis=1)
    ends = np.asarray(weights.sum(axis=1)).ravel() + np.asarray(weights.sum(axis=0)).ravel()
    unlike = (z**2) @ ends - 2 * np.einsum("ti,it->t", z, weights @ z.T)
    peak = n * (z**4).sum(axis=1) / squares**2
    norm = ((2 * s1 + s2) * (n - 1) - 4 * total**2) / (2 * (n + 1) * total**2)
    rand = (
        (n - 1) * s1 * (n**2 - 3 * n + 3 - (n - 1) * peak)
        - (n - 1) * s2 * (n**2 + 3 * n - 6 - (n**2 - n + 2) * peak) / 4
        + total**2 * (n**2 - 3 - (n - 1) ** 2 * peak)
    ) / (n * (n - 2) * (n - 3) * total**2)
    statistic = (n - 1) / (2 * total) * unlike / squares
    return GlobalGeary(statistic, _no_rounding(np.full(len(z), norm)), _no_rounding(rand))


def _no_rounding(variance: np.ndarray) -> np.ndarray:
    return np.where(variance > 1e-12, variance, 0.0)


def local_geary(z: np.ndarray, weights: sparse.csr_matrix) -> LocalGeary:
    """Local Geary c_i = Σ_j w_ij |z_i − z_j|², for several variables their mean.

    Anselin (1995), Geographical Analysis 27, equation 20; of several variables Anselin (2019), Geographical
    Analysis 51, 133–150. Mean and variance over draws of the neighbours from all other units.

    Parameters
    ----------
    z : ndarray, shape (T, n, k)
        Standardised variables.
    weights : csr_matrix, shape (n, n)
        Rows of islands are empty.

    Examples
    --------
    >>> line = sparse.csr_matrix(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> local_geary(np.array([[[-1.5], [-0.5], [0.5], [1.5]]]), line).statistic.tolist()
    [[1.0, 2.0, 2.0, 1.0]]
    """
    count, variables = z.shape[1:]
    feature, factor = planes(z)
    sums = np.asarray(weights.sum(axis=1)).ravel()
    square_sums = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    around = np.stack([(weights @ plane.T).T for plane in feature])
    own = feature[0]
    statistic = sums * own + (factor * around).sum(axis=0)
    # |z_i − z_j|² = |z_i|² + factor_i · feature_j: sums over j of it and of its square, zero at j = i.
    first = count * own + np.einsum("pti,pt->ti", factor, feature.sum(axis=2))
    products = np.einsum("pti,qti->tpq", feature, feature)
    second = 2 * own * first - count * own**2 + np.einsum("pti,tpq,qti->ti", factor, products, factor)
    mean = first / (count - 1)
    spread = np.maximum(second / (count - 1) - mean**2, 0.0)
    uneven = np.maximum(square_sums - sums**2 / (count - 1), 0.0)
    uneven[uneven <= 1e-12 * square_sums] = 0.0
    variance = spread * uneven * (count - 1) / (count - 2) / variables**2
    found = statistic / variables, sums * mean / variables, variance
    return LocalGeary(*(np.where(np.diff(weights.indptr) == 0, np.nan, part) for part in found))


def planes(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features of j and factors of i whose product is |z_i − z_j|² − |z_i|²; each of shape (k + 1, T, n)."""
    squares = (z**2).sum(axis=2)
    parts = np.moveaxis(z, 2, 0)
    return np.concatenate([squares[None], parts]), np.concatenate([np.ones_like(squares)[None], -2.0 * parts])


def geary_tails(z: np.ndarray, weights: sparse.csr_matrix, permutations: int, seed: int, block: int = BLOCK) -> Tails:
    """Tails of local Geary when a unit's neighbours are drawn from all other units.

    The draws are those of :func:`~ecospatial.kernels.conditional.local_tails`; all variables of a unit are
    drawn together.

    Parameters
    ----------
    z : ndarray, shape (T, n, k)
        Standardised variables.
    weights : csr_matrix, shape (n, n)
        Rows of islands are empty; their tails are zero.
    permutations, seed, block : int
        Rows drawn, each used for all units and periods; of the random numbers; numbers held at a time.

    Returns
    -------
    Tails
        Arrays of shape (T, n).
    """
    periods, count = z.shape[:2]
    links = np.diff(weights.indptr)
    above, below = np.zeros((periods, count), dtype=int), np.zeros((periods, count), dtype=int)
    if weights.nnz == 0:
        return Tails(above, below)
    feature, factor = planes(z)
    observed = (factor * np.stack([(weights @ plane.T).T for plane in feature])).sum(axis=0)
    slack = TIE * feature[0].max(axis=1, keepdims=True) * np.asarray(weights.sum(axis=1)).ravel()
    units = np.flatnonzero(links)
    group = Group(units, ranked_weights(weights)[units])
    depth = group.ranked.shape[1]
    low, high = (observed - slack)[:, units], (observed + slack)[:, units]
    rng = np.random.Generator(np.random.PCG64(seed))
    for size in track(sizes(permutations, block // draw_width(count, depth + 1) // len(feature)), "Permuting"):
        draws = distinct_draws(rng, count, size, depth + 1)
        own = own_draws(draws, group, count)
        for period in range(periods):
            sample = _Sample(feature[:, period][:, draws], feature[:, period, units], factor[:, period, units])
            for rows, reference in _references(group, own, sample):
                above[period, units[rows]] += (reference >= low[period, rows, None]).sum(axis=1)
                below[period, units[rows]] += (reference <= high[period, rows, None]).sum(axis=1)
    return Tails(above, below)


class _Sample(NamedTuple):
    """Features drawn, shape (k + 1, size, depth + 1); features and factors of the members, shape (k + 1, m)."""

    drawn: np.ndarray
    feature: np.ndarray
    factor: np.ndarray


def _references(group: Group, own: Own, sample: _Sample) -> Iterator[tuple[slice, np.ndarray]]:
    """What the draws make of the statistic of some members at a time, less what does not depend on the draws."""
    members = len(group.units)
    portion = max(1, BLOCK // max(sample.drawn.shape[1:]))
    for start in range(0, members, portion):
        rows = slice(start, min(start + portion, members))
        heavy = group.ranked[rows].toarray()
        reference = np.zeros((len(heavy), sample.drawn.shape[1]))
        for drawn, factor in zip(sample.drawn, sample.factor, strict=True):
            reference += (heavy * factor[rows, None]) @ drawn[:, :-1].T
        mine = slice(*np.searchsorted(own.member, (rows.start, rows.stop)))
        member, draw = own.member[mine], own.draw[mine]
        moved = sample.factor[:, member] * (sample.drawn[:, draw, -1] - sample.feature[:, member])
        reference[member - start, draw] += own.weight[mine] * moved.sum(axis=0)
        yield rows, reference

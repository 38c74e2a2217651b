"""The kernels of Getis and Ord, Geary, Mann and Kendall and of Markov chains against definitions written out."""

from __future__ import annotations

from itertools import permutations as orders_of

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import kendalltau, norm

from ecospatial.kernels.conditional import local_tails
from ecospatial.kernels.geary import geary_tails, global_geary, local_geary
from ecospatial.kernels.getis_ord import general_g, local_g, local_g_star, relative_mean, starred
from ecospatial.kernels.markov import homogeneity, probabilities, steady_state, transition_counts
from ecospatial.kernels.moran import deviations, standardised
from ecospatial.kernels.permutation import TIE, distinct_draws, global_tails
from ecospatial.kernels.trend import mann_kendall

PERMUTATIONS = 60
seeds = st.integers(0, 2**32 - 1)


@st.composite
def maps(draw: st.DrawFn, most: int = 14) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Positive values (T, n), sometimes full of ties, and weights with islands, equal in some rows only."""
    rng = np.random.default_rng(draw(seeds))
    count, periods = draw(st.integers(4, most)), draw(st.integers(1, 3))
    matrix = (rng.random((count, count)) < draw(st.sampled_from([0.05, 0.3, 0.8, 1.0]))).astype(float)
    unequal = rng.random(count) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    matrix[unequal] *= rng.uniform(0.1, 2.0, (unequal.sum(), count))
    np.fill_diagonal(matrix, 0.0)
    values = rng.uniform(1.0, 5.0, (periods, count))
    if draw(st.booleans()):
        values = np.round(values)
    values[:, 0] += 3.0  # never constant
    return values, sparse.csr_matrix(matrix)


def neighbours_drawn(draws: np.ndarray, unit: int, links: int) -> np.ndarray:
    """Who stands for the neighbours of a unit in every draw."""
    taken = draws[:, :links].copy()
    taken[taken == unit] = np.repeat(draws[:, -1], (taken == unit).sum(axis=1))
    return taken


@settings(max_examples=50, deadline=None)
@given(maps(), seeds, st.integers(1, 3))
def test_local_geary_tails_equal_brute_force(
    given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int, variables: int
) -> None:
    values, weights = given_map
    count = values.shape[1]
    others = np.random.default_rng(seed).normal(size=(*values.shape, variables - 1))
    z = np.dstack([standardised(values)[:, :, None], others])
    tails = geary_tails(z, weights, PERMUTATIONS, seed)
    depth = int(np.diff(weights.indptr).max())
    draws = distinct_draws(np.random.Generator(np.random.PCG64(seed)), count, PERMUTATIONS, depth + 1)
    for period, row in enumerate(z):
        for unit in range(count):
            start, end = weights.indptr[unit:][:2]
            own, near = weights.data[start:end], weights.indices[start:end]
            observed = own @ ((row[unit] - row[near]) ** 2).sum(axis=1)
            drawn = row[neighbours_drawn(draws, unit, end - start)]
            permuted = ((row[unit] - drawn) ** 2).sum(axis=2) @ own
            slack = 3 * TIE * (row**2).sum(axis=1).max() * own.sum()
            above, below = tails.above[period, unit], tails.below[period, unit]
            if end == start:
                assert above == below == 0
                continue
            assert (permuted >= observed + slack).sum() <= above <= (permuted >= observed - slack).sum()
            assert (permuted <= observed - slack).sum() <= below <= (permuted <= observed + slack).sum()


@settings(max_examples=20, deadline=None)
@given(maps(), seeds, st.integers(1, 500))
def test_blocks_change_nothing(given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int, block: int) -> None:
    values, weights = given_map
    z = standardised(values)[:, :, None]
    whole, parts = geary_tails(z, weights, PERMUTATIONS, seed), geary_tails(z, weights, PERMUTATIONS, seed, block)
    assert np.array_equal(whole.above, parts.above) and np.array_equal(whole.below, parts.below)


@settings(max_examples=40, deadline=None)
@given(maps(), seeds)
def test_tails_of_the_general_statistics_equal_brute_force(
    given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int
) -> None:
    values, weights = given_map
    z = deviations(values)
    geary = global_tails(z, weights, PERMUTATIONS, seed, own=-(z**2) / 2)
    getis = global_tails(z, weights, PERMUTATIONS, seed, own=relative_mean(values)[:, None] * z)
    rng = np.random.Generator(np.random.PCG64(seed))
    orders = rng.permuted(np.tile(np.arange(z.shape[1]), (PERMUTATIONS, 1)), axis=1)
    dense = weights.toarray()
    for period, row in enumerate(values):
        shuffled = row[orders]
        unlike = np.einsum("ij,pij->p", dense, (shuffled[:, :, None] - shuffled[:, None, :]) ** 2)
        among = np.einsum("ij,pi,pj->p", dense, shuffled, shuffled)
        observed = (dense * np.subtract.outer(row, row) ** 2).sum(), row @ dense @ row
        slack = 1e-7 * (1 + np.array(observed))
        assert geary.above[period] == (unlike <= observed[0] + slack[0]).sum()
        assert geary.below[period] == (unlike >= observed[0] - slack[0]).sum()
        assert getis.above[period] == (among >= observed[1] - slack[1]).sum()
        assert getis.below[period] == (among <= observed[1] + slack[1]).sum()


@settings(max_examples=15, deadline=None)
@given(maps(most=6))
def test_global_moments_are_those_of_all_orders(given_map: tuple[np.ndarray, sparse.csr_matrix]) -> None:
    values, weights = given_map
    if weights.nnz == 0:
        return
    shuffled = values[0][np.array(list(orders_of(range(values.shape[1]))))]
    found, c = general_g(shuffled, weights), global_geary(shuffled, weights)
    first_g, first_c = general_g(values[:1], weights), global_geary(values[:1], weights)
    assert found.statistic.mean() == pytest.approx(first_g.expected)
    assert found.statistic.var() == pytest.approx(first_g.variance[0], rel=1e-8, abs=1e-12)
    assert c.statistic.mean() == pytest.approx(1.0)
    assert c.statistic.var() == pytest.approx(c.variance_rand[0], rel=1e-8, abs=1e-11)
    assert np.isclose(first_c.statistic[0], c.statistic).any()


@settings(max_examples=15, deadline=None)
@given(maps(most=6), seeds, st.integers(1, 3))
def test_local_moments_are_those_of_all_draws(
    given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int, variables: int
) -> None:
    values, weights = given_map
    others = np.random.default_rng(seed).normal(size=(1, values.shape[1], variables - 1))
    z = np.dstack([standardised(values[:1])[:, :, None], others - others.mean(axis=1, keepdims=True)])
    found, g = local_geary(z, weights), local_g(values[:1], weights)
    unit = seed % values.shape[1]
    if np.diff(weights.indptr)[unit] == 0:
        assert np.isnan([found.statistic[0, unit], g.z[0, unit]]).all()
        return
    heavy = np.delete(weights[unit].toarray().ravel(), unit)
    places = np.array(list(orders_of(np.delete(np.arange(values.shape[1]), unit))))
    apart = ((z[0, unit] - z[0][places]) ** 2).mean(axis=2) @ heavy
    assert apart.mean() == pytest.approx(found.expected[0, unit])
    assert apart.var() == pytest.approx(found.variance[0, unit], rel=1e-8, abs=1e-11)
    sums = values[0][places] @ heavy
    observed = weights[unit].toarray().ravel() @ values[0]
    if sums.std() > 1e-9:
        assert g.z[0, unit] == pytest.approx((observed - sums.mean()) / sums.std(), rel=1e-7, abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(maps(most=6))
def test_starred_scores_are_those_of_all_orders(given_map: tuple[np.ndarray, sparse.csr_matrix]) -> None:
    values, weights = given_map
    heavy = starred(weights, row=False)
    found = local_g_star(values[:1], heavy).z[0]
    places = np.array(list(orders_of(range(values.shape[1]))))
    sums = values[0][places] @ heavy.toarray().T
    for unit in np.flatnonzero(np.diff(weights.indptr) > 0):
        if sums[:, unit].std() > 1e-9:
            score = (heavy[unit].toarray().ravel() @ values[0] - sums[:, unit].mean()) / sums[:, unit].std()
            assert found[unit] == pytest.approx(score, rel=1e-7, abs=1e-7)
    assert np.isnan(found[np.diff(weights.indptr) == 0]).all()


@settings(max_examples=25, deadline=None)
@given(maps(), st.floats(0.01, 100))
def test_rows_may_be_rescaled(given_map: tuple[np.ndarray, sparse.csr_matrix], scale: float) -> None:
    values, weights = given_map
    scaled = sparse.csr_matrix(weights * scale)
    for one, other in ((weights, scaled), (starred(weights, True), starred(scaled, True))):
        statistic = local_g if one is weights else local_g_star
        assert np.allclose(statistic(values, one).z, statistic(values, other).z, equal_nan=True)
    nobody = np.zeros(values.shape, dtype=bool)
    first = local_tails(deviations(values), weights, PERMUTATIONS, 1, tied=nobody)
    second = local_tails(deviations(values), scaled, PERMUTATIONS, 1, tied=nobody)
    assert np.array_equal(first.above, second.above)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 20), st.integers(1, 4), st.booleans(), seeds)
def test_trend_is_kendalls(periods: int, count: int, ties: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(periods, count)).round(0 if ties else 6)
    series[rng.random(series.shape) < 0.1] = np.nan
    found = mann_kendall(series)
    for place, column in enumerate(series.T):
        known = column[~np.isnan(column)]
        if len(known) < 3 or np.ptp(known) == 0:
            assert np.isnan(found.z[place]) and np.isnan(found.tau[place])
            continue
        tau, p = kendalltau(np.arange(len(known)), known, method="asymptotic")
        assert found.tau[place] == pytest.approx(tau)
        assert 2 * norm.sf(abs(found.s[place]) / np.sqrt(found.variance[place])) == pytest.approx(p)
        assert abs(found.z[place]) <= abs(found.s[place]) / np.sqrt(found.variance[place])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(1, 60), seeds)
def test_chains(states: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = rng.integers(-1, states, size=(length + 1, 3))
    counts = transition_counts(path[:-1], path[1:], states)
    written_out = np.zeros((states, states))
    for one, other in zip(path[:-1].ravel(), path[1:].ravel(), strict=True):
        if one >= 0 and other >= 0:
            written_out[one, other] += 1
    assert np.array_equal(counts, written_out)
    chance = probabilities(counts)
    steady = steady_state(chance)
    if not np.isnan(steady).any():
        assert steady.sum() == pytest.approx(1.0) and (steady >= 0).all()
        assert np.allclose(steady @ np.nan_to_num(chance), steady)


def test_steady_state_where_there_is_none_or_more_than_one() -> None:
    assert np.isnan(steady_state(np.eye(3))).all()
    assert np.isnan(steady_state(np.array([[0.5, 0.5], [np.nan, np.nan]]))).all()
    assert np.allclose(steady_state(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [np.nan] * 3])), [0.5, 0.5, 0.0])
    assert np.allclose(steady_state(np.array([[0.5, 0.5], [0.0, 1.0]])), [0.0, 1.0])


def test_homogeneity_is_a_contingency_test() -> None:
    from scipy.stats import chi2_contingency

    counts = np.random.default_rng(4).integers(1, 30, size=(3, 2, 4))
    counts = np.concatenate([counts, np.ones((3, 2, 4), dtype=int)], axis=1)  # four states
    found = homogeneity(counts)
    for name, method in (("q", "pearson"), ("likelihood_ratio", "log-likelihood")):
        parts = [chi2_contingency(counts[:, row], correction=False, lambda_=method) for row in range(4)]
        assert getattr(found, name) == pytest.approx(sum(part[0] for part in parts))
        assert found.df == sum(part[2] for part in parts)

"""What must hold for any map and any values: permutation kernels, contiguity, nearest units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from ecospatial.clusters.lisa import lisa
from ecospatial.clusters.moran import moran
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.contiguity import contiguity
from ecospatial.geo.neighbours import nearest, within
from ecospatial.geo.weights import Weights
from ecospatial.kernels.conditional import local_tails
from ecospatial.kernels.moran import deviations, global_moran, local_moran
from ecospatial.kernels.permutation import TIE, distinct_draws, global_tails
from ecospatial.panel import Panel

PERMUTATIONS = 60
seeds = st.integers(0, 2**32 - 1)


@st.composite
def maps(draw: st.DrawFn) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Values (T, n), sometimes full of ties, and weights with islands, equal in some rows and not in others."""
    rng = np.random.default_rng(draw(seeds))
    count, periods = draw(st.integers(4, 14)), draw(st.integers(1, 3))
    matrix = (rng.random((count, count)) < draw(st.sampled_from([0.05, 0.3, 0.8, 1.0]))).astype(float)
    unequal = rng.random(count) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    matrix[unequal] *= rng.uniform(0.1, 2.0, (unequal.sum(), count))
    np.fill_diagonal(matrix, 0.0)
    values = rng.normal(size=(periods, count))
    if draw(st.booleans()):
        values = np.round(values)
    values[:, 0] += 3.0  # never constant
    return values, sparse.csr_matrix(matrix)


@settings(max_examples=60, deadline=None)
@given(maps(), seeds)
def test_local_tails_equal_brute_force(given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int) -> None:
    values, weights = given_map
    z = deviations(values)
    count = z.shape[1]
    tails = local_tails(z, weights, PERMUTATIONS, seed)
    deepest = int(np.diff(weights.indptr).max())
    rng = np.random.Generator(np.random.PCG64(seed))
    draws = distinct_draws(rng, count, PERMUTATIONS, deepest + 1)
    for period, row in enumerate(z):
        for unit in range(count):
            start, end = weights.indptr[unit : unit + 2]
            own = weights.data[start:end]
            neighbours = [[draw[-1] if place == unit else place for place in draw[: end - start]] for draw in draws]
            permuted = row[unit] * np.array([own @ row[places] for places in neighbours])
            observed = row[unit] * (own @ row[weights.indices[start:end]])
            slack = TIE * abs(row[unit]) * np.abs(row).max() * own.sum()
            expected = [(permuted >= observed - slack).sum(), (permuted <= observed + slack).sum()]
            found = [tails.above[period, unit], tails.below[period, unit]]
            assert found == ([0, 0] if end == start else expected if row[unit] >= 0 else expected[::-1])


@settings(max_examples=30, deadline=None)
@given(maps(), seeds, st.integers(1, 500))
def test_blocks_change_nothing(given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int, block: int) -> None:
    values, weights = given_map
    z = deviations(values)
    for kernel in (local_tails, global_tails):
        whole, parts = kernel(z, weights, PERMUTATIONS, seed), kernel(z, weights, PERMUTATIONS, seed, block)
        assert np.array_equal(whole.above, parts.above)
        assert np.array_equal(whole.below, parts.below)


@settings(max_examples=40, deadline=None)
@given(maps(), seeds)
def test_global_tails_equal_brute_force(given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int) -> None:
    values, weights = given_map
    z = deviations(values)
    count = z.shape[1]
    tails = global_tails(z, weights, PERMUTATIONS, seed)
    rng = np.random.Generator(np.random.PCG64(seed))
    orders = rng.permuted(np.tile(np.arange(count), (PERMUTATIONS, 1)), axis=1)
    for period, row in enumerate(z):
        observed = row @ weights @ row
        permuted = np.array([row[order] @ weights @ row[order] for order in orders])
        slack = TIE * weights.sum() * (row**2).mean()
        assert tails.above[period] == (permuted >= observed - slack).sum()
        assert tails.below[period] == (permuted <= observed + slack).sum()


@settings(max_examples=25, deadline=None)
@given(maps(), seeds)
def test_moments_are_those_of_all_draws(given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int) -> None:
    """Analytic conditional moments against 4,000 shuffles of the other units."""
    values, weights = given_map
    found = local_moran(values[:1], weights)
    unit = seed % values.shape[1]
    if np.diff(weights.indptr)[unit] == 0:
        assert np.isnan([found.statistic[0, unit], found.expected[0, unit], found.variance[0, unit]]).all()
        return
    others = np.delete(found.value[0], unit)
    heavy = np.delete(weights[unit].toarray().ravel(), unit)
    shuffled = np.random.default_rng(seed).permuted(np.tile(others, (4000, 1)), axis=1)
    permuted = found.value[0, unit] * (shuffled @ heavy)
    spread = np.sqrt(found.variance[0, unit])
    assert permuted.mean() == pytest.approx(found.expected[0, unit], abs=5 * spread / np.sqrt(4000) + 1e-9)
    assert permuted.std() == pytest.approx(spread, rel=0.2, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.data(), seeds)
def test_draws_are_distinct(count: int, data: st.DataObject, seed: int) -> None:
    depth = data.draw(st.integers(1, count))
    draws = distinct_draws(np.random.Generator(np.random.PCG64(seed)), count, 50, depth)
    assert draws.shape == (50, depth)
    assert draws.min() >= 0 and draws.max() < count
    assert all(len(set(row)) == depth for row in draws.tolist())


def test_every_order_is_equally_likely() -> None:
    draws = distinct_draws(np.random.Generator(np.random.PCG64(5)), 5, 60_000, 3)
    frequencies = np.unique(draws @ [25, 5, 1], return_counts=True)[1]
    assert len(frequencies) == 60
    assert ((frequencies - 1000) ** 2 / 1000).sum() < 100  # chi-squared with 59 degrees of freedom: 0.1 % lie above


@settings(max_examples=30, deadline=None)
@given(maps(), seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_units_of_measurement_do_not_matter(
    given_map: tuple[np.ndarray, sparse.csr_matrix], seed: int, scale: float, shift: float
) -> None:
    values, weights = given_map
    one, other = local_moran(values, weights), local_moran(values * scale + shift, weights)
    assert np.allclose(one.statistic, other.statistic, atol=1e-8, equal_nan=True)
    first = local_tails(deviations(values), weights, PERMUTATIONS, seed)
    second = local_tails(deviations(values * scale), weights, PERMUTATIONS, seed)
    assert np.array_equal(first.above, second.above)


@settings(max_examples=25, deadline=None)
@given(maps())
def test_local_statistics_add_up_to_the_global(given_map: tuple[np.ndarray, sparse.csr_matrix]) -> None:
    values, weights = given_map
    if weights.nnz == 0:
        return
    count = values.shape[1]
    local = np.nansum(local_moran(values, weights).statistic, axis=1)
    assert np.allclose(local * count / (count - 1) / weights.sum(), global_moran(values, weights).statistic)


@settings(max_examples=20, deadline=None)
@given(maps(), st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(given_map: tuple[np.ndarray, sparse.csr_matrix], shuffler: object) -> None:
    values, matrix = given_map
    units = [f"u{place}" for place in range(values.shape[1])]
    weights = Weights.from_sparse(matrix, units)
    order = list(range(len(units)))
    shuffler.shuffle(order)
    frame = pd.DataFrame({"unit": units, "y": values[0]})
    straight, mixed = (Panel.from_frame(rows, unit="unit") for rows in (frame, frame.iloc[order]))
    one, other = lisa(straight, "y", weights, 99).I, lisa(mixed, "y", weights, 99).I
    assert np.allclose(one.reindex(other.index), other, equal_nan=True)
    if matrix.nnz:
        assert np.allclose(moran(straight, "y", weights, 99).I, moran(mixed, "y", weights, 99).I)


@st.composite
def partitions(draw: st.DrawFn) -> list[shapely.Polygon]:
    """A square cut in two again and again, so that corners lie on the edges of other cells."""
    cells = [(0, 0, 32, 32)]
    for _ in range(draw(st.integers(1, 9))):
        x0, y0, x1, y1 = cells.pop(draw(st.integers(0, len(cells) - 1)))
        if draw(st.booleans()) and x1 - x0 > 1:
            cut = draw(st.integers(x0 + 1, x1 - 1))
            cells += [(x0, y0, cut, y1), (cut, y0, x1, y1)]
        elif y1 - y0 > 1:
            cut = draw(st.integers(y0 + 1, y1 - 1))
            cells += [(x0, y0, x1, cut), (x0, cut, x1, y1)]
        else:
            cells.append((x0, y0, x1, y1))
    return [shapely.box(*cell) for cell in cells]


@settings(max_examples=60, deadline=None)
@given(partitions(), st.floats(0, 360))
def test_contact_without_common_vertices(cells: list[shapely.Polygon], angle: float) -> None:
    touch = np.array([[one is not other and one.intersects(other) for other in cells] for one in cells])
    border = np.array([[one is not other and one.intersection(other).length > 0 for other in cells] for one in cells])
    turned = [shapely.affinity.rotate(cell, angle, origin=(0, 0)) for cell in cells]
    boundaries = Boundaries.of(range(len(cells)), turned)
    assert np.array_equal(contiguity(boundaries, "queen").toarray() > 0, touch)
    assert np.array_equal(contiguity(boundaries, "rook").toarray() > 0, border)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=25), st.data())
def test_distances_that_tie_but_for_rounding(places: list[tuple[int, int]], data: st.DataObject) -> None:
    """Nearest units and bands on a lattice that was turned, against exact whole numbers."""
    k = data.draw(st.integers(1, len(places) - 1))
    points = np.array(places, dtype=float)
    squared = ((points[:, None] - points) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    expected = np.sort(np.argsort(squared, axis=1, kind="stable")[:, :k])
    angle = data.draw(st.floats(0, 2 * np.pi))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    boundaries = Boundaries.of(range(len(places)), shapely.points(points @ turn * 1e5))
    assert np.array_equal(np.sort(nearest(boundaries, k).indices.reshape(-1, k)), expected)
    reach = data.draw(st.sampled_from([1, 2, 4, 5, 9]))
    assert np.array_equal(within(boundaries, np.sqrt(reach) * 1e5).toarray() > 0, squared <= reach)

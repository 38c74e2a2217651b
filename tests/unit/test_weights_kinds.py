"""Kinds of spatial weights against libpysal and against what they are by definition."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from scipy import sparse

from ecospatial.errors import DataError, GeometryError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries, read_boundaries
from ecospatial.geo.contiguity import contiguity
from ecospatial.geo.decay import Function, fixed_bandwidth, neighbours_by_default
from ecospatial.geo.geodesic import EARTH_RADIUS, great_circle
from ecospatial.geo.join import join
from ecospatial.geo.neighbours import MOST, nearest
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel
from ecospatial.shipped import data_path

FUNCTIONS = get_args(Function)


def dense(weights: Weights) -> np.ndarray:
    return weights.sparse.toarray()


def of_graph(graph: Graph) -> np.ndarray:
    return sparse.csr_matrix(graph.sparse).toarray()


def lattice(side: int, gap: float = 0.0) -> Boundaries:
    cells = [
        shapely.box(x + gap / 2, y + gap / 2, x + 1 - gap / 2, y + 1 - gap / 2)
        for x in range(side)
        for y in range(side)
    ]
    return Boundaries.of(range(side**2), cells)


def voronoi(count: int, seed: int) -> Boundaries:
    places = shapely.multipoints(np.random.default_rng(seed).uniform(0, 1, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(places, extend_to=shapely.box(0, 0, 1, 1)))
    return Boundaries.of(range(count), shapely.intersection(cells, shapely.box(0, 0, 1, 1)))


def columbus() -> Boundaries:
    shapes = geopandas.read_file(libpysal.examples.get_path("columbus.shp")).geometry.to_numpy()
    return Boundaries.of(range(len(shapes)), shapes)


def states() -> Boundaries:
    return read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")


def prefectures() -> Boundaries:
    return read_boundaries(data_path("shapefiles/china_prefectures.shp"))


def baltimore() -> Boundaries:
    """Houses: points, in feet."""
    points = geopandas.read_file(libpysal.examples.get_path("baltim.shp")).geometry.to_numpy()
    return Boundaries.of(range(len(points)), points)


MAPS = {"columbus": columbus, "voronoi": lambda: voronoi(120, 5), "lattice": lambda: lattice(7)}


@pytest.fixture(params=list(MAPS))
def place(request: pytest.FixtureRequest) -> Boundaries:
    return MAPS[request.param]()


@pytest.fixture(params=[*MAPS, "baltimore"])
def spots(request: pytest.FixtureRequest) -> Boundaries:
    return {**MAPS, "baltimore": baltimore}[request.param]()


def centroids(boundaries: Boundaries) -> geopandas.GeoSeries:
    return geopandas.GeoSeries(shapely.points(boundaries.points))


# contiguity


@pytest.mark.parametrize("contact", ["queen", "rook"])
def test_contiguity_is_libpysals_on_shipped_maps_and_random_cells(contact: str) -> None:
    for boundaries in (states(), prefectures(), voronoi(300, 1), voronoi(301, 2)):
        shapes = geopandas.GeoSeries(boundaries.geometry)
        theirs = Graph.build_contiguity(shapes, rook=contact == "rook", strict=False)
        assert np.array_equal(contiguity(boundaries, contact).toarray(), of_graph(theirs))


@pytest.mark.parametrize("contact", ["queen", "rook"])
def test_tolerance_closes_gaps(contact: str) -> None:
    whole, apart = contiguity(lattice(6), contact), lattice(6, gap=0.01)
    assert contiguity(apart, contact).nnz == 0
    width = 0.01 * np.sqrt(2) + 1e-9 if contact == "queen" else 0.01  # corners are farther apart than edges
    assert (contiguity(apart, contact, width) != whole).nnz == 0
    assert (contiguity(lattice(6), contact, width) != whole).nnz == 0


def test_tolerance_is_in_metres_on_a_geographic_map() -> None:
    degree = np.pi * EARTH_RADIUS * 1000 / 180
    for latitude in (0.0, 30.0, 60.0):
        gap = 100 / (degree * np.cos(np.radians(latitude + 0.5)))  # 100 m half way up the border
        squares = [shapely.box(0, latitude, 1, latitude + 1), shapely.box(1 + gap, latitude, 2, latitude + 1)]
        boundaries = Boundaries.of("ab", squares, "EPSG:4326")
        narrow = 100 * np.cos(np.radians(latitude + 1)) / np.cos(np.radians(latitude + 0.5))
        assert contiguity(boundaries, "queen", narrow * 0.999).nnz == 0
        assert contiguity(boundaries, "queen", narrow * 1.001).nnz == 2
        assert contiguity(boundaries, "rook", 101).nnz == 2


def test_bad_tolerance() -> None:
    for tolerance in (-1.0, np.nan, np.inf):
        with pytest.raises(OptionError, match="zero or a positive distance"):
            Weights.queen(lattice(2), tolerance=tolerance)


def test_rook_leaves_corners_out_at_any_angle_and_scale() -> None:
    for angle, scale in ((0, 1.0), (30, 1e6), (77, 1e-4)):
        cells = [shapely.affinity.rotate(cell, angle, origin=(0, 0)) for cell in lattice(5).geometry]
        cells = [shapely.affinity.scale(cell, scale, scale, origin=(0, 0)) for cell in cells]
        turned = Boundaries.of(range(25), cells)
        assert contiguity(turned, "rook").nnz == 80
        assert contiguity(turned, "queen").nnz == 144


# distance


def test_great_circles_are_libpysals_arcs() -> None:
    places = np.random.default_rng(8).uniform((-180, -90), (180, 90), (50, 2))
    ours = great_circle(places[:-1], places[1:])
    theirs = [libpysal.cg.arcdist(one, other, EARTH_RADIUS) for one, other in pairwise(places)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    near = np.array([[116.0, 40.0]]), np.array([[116.0, 40.0 + 1e-7]])
    assert great_circle(*near)[0] == pytest.approx(np.radians(1e-7) * EARTH_RADIUS, rel=1e-7)


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
def test_inverse_distance_is_libpysals(spots: Boundaries, power: float) -> None:
    points = centroids(spots)
    reach = fixed_bandwidth(spots, 4) * 1.01
    with np.errstate(divide="ignore"):  # theirs weighs the diagonal first and drops it then
        theirs = Graph.build_distance_band(points, reach, binary=False, alpha=-power)
    ours = Weights.inverse_distance(spots, reach, power, transform="none")
    np.testing.assert_allclose(dense(ours), of_graph(theirs), rtol=1e-12)
    np.testing.assert_allclose(dense(ours.transformed("row")), of_graph(theirs.transform("r")), rtol=1e-12, atol=1e-15)


def test_inverse_distance_of_all_pairs_is_by_definition() -> None:
    boundaries = states()
    x = np.radians(boundaries.points)
    unit = np.column_stack([np.cos(x[:, 1]) * np.cos(x[:, 0]), np.cos(x[:, 1]) * np.sin(x[:, 0]), np.sin(x[:, 1])])
    apart = EARTH_RADIUS * np.arctan2(np.linalg.norm(np.cross(unit[:, None], unit), axis=2), unit @ unit.T)
    np.fill_diagonal(apart, np.inf)
    ours = Weights.inverse_distance(boundaries, power=2, transform="none")
    np.testing.assert_allclose(dense(ours), apart**-2, rtol=1e-9)
    assert str(ours.kind) == "inverse distance^2"


def test_inverse_distance_that_cannot_be() -> None:
    twins = Boundaries.of(["a", "b", "c"], shapely.points([[0, 0], [0, 0], [1, 1]]))
    with pytest.raises(GeometryError, match="a–b"):
        Weights.inverse_distance(twins)
    with pytest.raises(OptionError, match="positive number"):
        Weights.inverse_distance(lattice(2), power=0)
    many = Boundaries.of(range(MOST + 1), shapely.points(np.column_stack([np.arange(MOST + 1), np.zeros(MOST + 1)])))
    with pytest.raises(OptionError, match="give a threshold"):
        Weights.inverse_distance(many)
    assert Weights.inverse_distance(many, 1.5).n_components == 1


def their_kernel(points: np.ndarray, function: str, **options: Any) -> np.ndarray:
    named = "quadratic" if function == "epanechnikov" else function
    made = libpysal.weights.Kernel(points, function=named, eps=1.0, **options).sparse.toarray()
    np.fill_diagonal(made, 0)
    return made


@pytest.mark.parametrize("function", FUNCTIONS)
def test_kernels_are_libpysals(spots: Boundaries, function: Any) -> None:
    width = fixed_bandwidth(spots, 5)
    ours = dense(Weights.kernel(spots, function, width * 1.001, transform="none"))
    theirs = their_kernel(spots.points, function, bandwidth=width * 1.001)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    by_count = dense(Weights.kernel(spots, function, k=5, transform="none"))
    assert np.array_equal(by_count, dense(Weights.kernel(spots, function, width, transform="none")))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_adaptive_kernels_are_libpysals(function: Any) -> None:
    boundaries = columbus()
    ours = dense(Weights.kernel(boundaries, function, k=6, adaptive=True, transform="none"))
    np.testing.assert_allclose(ours, their_kernel(boundaries.points, function, fixed=False, k=6), atol=1e-12)


def test_kernels_integrate_to_one() -> None:
    z = np.linspace(-1, 1, 20_001)
    line = Boundaries.of(range(len(z)), shapely.points(np.column_stack([z, np.zeros_like(z)])))
    centre = len(z) // 2
    for function in ("triangular", "epanechnikov", "quartic", "uniform"):
        some = line.subset([centre, *range(0, centre, 10)])
        row = Weights.kernel(some, function, 1.0, transform="none").sparse[0]
        assert 2 * row.sum() * 1e-3 == pytest.approx(1, abs=2e-3)


def test_bandwidths() -> None:
    boundaries = lattice(7)
    assert neighbours_by_default(boundaries) == 3
    assert neighbours_by_default(Boundaries.of(range(27), shapely.points(np.arange(54).reshape(-1, 2)))) == 3
    assert Weights.kernel(boundaries).cardinalities.min() >= 3
    for options, words in (
        ({"bandwidth": 2.0, "k": 3}, "not both"),
        ({"bandwidth": 2.0, "adaptive": True}, "not both"),
        ({"bandwidth": -2.0}, "positive distance"),
        ({"k": 49}, "whole number from 1 to 48"),
        ({"k": 2.5, "adaptive": True}, "whole number"),
        ({"function": "cosine"}, "gaussian, triangular, epanechnikov, quartic, uniform"),
    ):
        with pytest.raises(OptionError, match=words):
            Weights.kernel(boundaries, **options)
    heap = Boundaries.of("abcd", shapely.points([[0, 0], [0, 0], [0, 0], [5, 5]]))
    with pytest.raises(GeometryError, match="a, b, c"):
        Weights.kernel(heap, k=2, adaptive=True)


# links made of links


@pytest.mark.parametrize("order", [1, 2, 3])
def test_higher_order_is_libpysals_and_counts_steps(place: Boundaries, order: int) -> None:
    queen = Weights.queen(place, transform="binary")
    steps = sparse.csgraph.shortest_path(queen.raw, unweighted=True)
    assert np.array_equal(dense(queen.higher_order(order)), of_graph(queen.to_graph().higher_order(order)))
    assert np.array_equal(dense(queen.higher_order(order)), (steps == order).astype(float))
    lower = ((steps > 0) & (steps <= order)).astype(float)
    assert np.array_equal(dense(queen.higher_order(order, lower_order=True)), lower)
    assert np.array_equal(
        dense(Weights.build(place, "queen", order=order, lower_order=True, transform="binary")), lower
    )


def test_higher_order_of_one_way_links_counts_steps() -> None:
    boundaries = voronoi(40, 3)
    knn = Weights.knn(boundaries, 2, transform="binary")
    steps = sparse.csgraph.shortest_path(knn.raw, unweighted=True)
    assert np.array_equal(dense(knn.higher_order(3)), (steps == 3).astype(float))
    with pytest.raises(OptionError, match="whole number from 1"):
        knn.higher_order(0)


def test_union_and_intersection_are_libpysals() -> None:
    boundaries = columbus()
    queen, knn = Weights.queen(boundaries, transform="binary"), Weights.knn(boundaries, transform="binary")
    shuffled = knn.subset(np.random.default_rng(0).permutation(knn.ids))
    either, both = queen.union(shuffled), queen.intersection(shuffled)
    assert np.array_equal(dense(either), of_graph(queen.to_graph().union(knn.to_graph())))
    assert np.array_equal(dense(both), of_graph(queen.to_graph().intersection(knn.to_graph())))
    assert str(either.kind) == "queen or 4 nearest"
    with pytest.raises(JoinError, match=r"Only in the first: 0\. Only in the second: none"):
        queen.union(knn.subset(range(1, 49)))


def test_symmetrised() -> None:
    knn = Weights.knn(voronoi(30, 9), 3, transform="none")
    one = knn.raw.toarray()
    assert np.array_equal(dense(knn.symmetrised()), np.maximum(one, one.T))
    assert np.array_equal(dense(knn.symmetrised("both")), np.minimum(one, one.T))
    assert np.array_equal(dense(knn.symmetrised("mean")), (one + one.T) / 2)
    with pytest.raises(OptionError, match="either, both, mean"):
        knn.symmetrised("max")  # type: ignore[arg-type]


def test_blocks_are_libpysals() -> None:
    divisions = states().attributes["division"]
    theirs = Graph.build_block_contiguity(divisions)
    ours = Weights.block(divisions, transform="binary").subset(theirs.unique_ids)
    assert np.array_equal(dense(ours), of_graph(theirs))
    with pytest.raises(DataError, match="no group: b"):
        Weights.block({"a": "x", "b": None})


# economic


@pytest.fixture
def cities() -> Panel:
    frame = pd.DataFrame({"city": list("abcd") * 2, "year": [2000] * 4 + [2001] * 4})
    return Panel.from_frame(frame.assign(gdp=[1.0, 2, 4, 8, 3, 2, 6, 10]), unit="city", period="year")


def test_economic_distance(cities: Panel) -> None:
    mean = np.array([2.0, 2, 5, 9])
    apart = np.maximum(np.abs(mean[:, None] - mean), 0.5)
    np.fill_diagonal(apart, np.inf)
    weights = Weights.economic(cities, "gdp", [2000, 2001], smallest=0.5, transform="none")
    np.testing.assert_allclose(dense(weights), 1 / apart, rtol=1e-15)
    assert "economic distance by gdp of 2000, 2001" in repr(weights)
    with pytest.raises(DataError, match="a–b"):
        Weights.economic(cities, "gdp", [2000, 2001])
    with pytest.raises(OptionError, match="Name the base periods"):
        Weights.economic(cities, "gdp")
    with pytest.raises(OptionError, match="no period 1999"):
        Weights.economic(cities, "gdp", 1999)
    with pytest.raises(OptionError, match="positive number"):
        Weights.economic(cities, "gdp", 2000, smallest=-1)
    gap = cities.assign(gdp=cities["gdp"].where(cities["gdp"] != 8))
    with pytest.raises(DataError, match="base period for these units: d"):
        Weights.economic(gap, "gdp", 2000)


def test_gravity_and_nested(cities: Panel) -> None:
    corners = Boundaries.of(list("dcba"), shapely.points([[3, 0], [2, 0], [1, 0], [0, 0]]))
    geo = join(cities, corners)
    mass, apart = np.array([1.0, 2, 4, 8]), np.abs(np.arange(4)[:, None] - np.arange(4)) + np.diag([np.inf] * 4)
    expected = np.outer(mass, mass) / apart**2
    gravity = Weights.gravity(geo, "gdp", 2000, transform="none")
    assert gravity.ids.tolist() == list("abcd")
    np.testing.assert_allclose(dense(gravity), expected, rtol=1e-12)
    band, likeness = Weights.distance_band(corners, 1.0), Weights.economic(cities, "gdp", 2000)
    order = [3, 2, 1, 0]
    both = band.nested(likeness, 0.3)
    np.testing.assert_allclose(dense(both), 0.3 * dense(band) + 0.7 * dense(likeness)[np.ix_(order, order)], rtol=1e-14)
    product = dense(band) * dense(likeness)[np.ix_(order, order)]
    nested = band.nested(likeness, form="product")
    np.testing.assert_allclose(dense(nested), product / product.sum(axis=1, keepdims=True), rtol=1e-14)
    assert str(both.kind) == "0.3 (within 1) + 0.7 (economic distance by gdp of 2000)"
    with pytest.raises(OptionError, match="from 0 to 1"):
        band.nested(likeness, 1.2)
    with pytest.raises(OptionError, match="sum, product"):
        band.nested(likeness, form="mean")  # type: ignore[arg-type]
    with pytest.raises(GeometryError, match="polygons of all units"):
        Weights.gravity(cities, "gdp", 2000)
    with pytest.raises(DataError, match="not for: a"):
        Weights.gravity(geo.assign(gdp=geo["gdp"] - 1), "gdp", 2000)


# options and islands


def test_options_of_another_kind_are_refused() -> None:
    for kind, options, words in (
        ("knn", {"power": 2}, "no option 'power'; they have: k"),
        ("queen", {"threshold": 2}, "they have: tolerance, order, lower_order"),
        ("inverse-distance", {"power": "2"}, "must be a number"),
        ("band", {"value": True}, "no number of neighbours"),
    ):
        with pytest.raises(OptionError, match=words):
            Weights.build(lattice(3), kind, **options)


def test_islands_of_inverse_distance_keep_their_distance() -> None:
    towns = Boundaries.of("abc", shapely.points([[0, 0], [1, 0], [5, 0]]))
    assert Weights.inverse_distance(towns, 2).islands.tolist() == ["c"]
    linked = Weights.inverse_distance(towns, 2, power=2, islands="nearest", transform="none")
    assert dense(linked)[2].tolist() == [0, 1 / 16, 0]
    assert dense(linked)[1].tolist() == [1, 0, 1 / 16]
    assert "their nearest unit (c–b)" in repr(linked)
    with pytest.raises(OptionError, match="larger bandwidth"):
        Weights.build(towns, "kernel", 2.0, islands="nearest")


@pytest.mark.parametrize("k", [1, 4])
def test_nearest_and_bands_of_points_are_libpysals(k: int) -> None:
    boundaries = voronoi(200, 4)
    assert np.array_equal(nearest(boundaries, k).toarray(), of_graph(Graph.build_knn(centroids(boundaries), k)))
    houses, reach = baltimore(), fixed_bandwidth(baltimore(), k) * 1.001
    theirs = Graph.build_distance_band(centroids(houses), reach)
    assert np.array_equal(dense(Weights.distance_band(houses, reach, transform="binary")), of_graph(theirs))


def test_nearest_of_states_is_by_great_circle() -> None:
    boundaries = states()
    apart = np.array(
        [great_circle(np.repeat(point[None], 48, axis=0), boundaries.points) for point in boundaries.points]
    )
    np.fill_diagonal(apart, np.inf)
    expected = np.sort(np.argsort(apart, axis=1)[:, :4])
    assert np.array_equal(np.sort(nearest(boundaries, 4).indices.reshape(-1, 4)), expected)

"""Spatial weights: built on maps, read from files, exchanged with libpysal, aligned with data."""

from __future__ import annotations

import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from scipy import sparse

from ecospatial.errors import DataError, FileError, GeometryError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.contiguity import contiguity
from ecospatial.geo.geodesic import EARTH_RADIUS
from ecospatial.geo.join import join
from ecospatial.geo.links import links
from ecospatial.geo.neighbours import nearest, smallest_reach, within
from ecospatial.geo.recipe import Recipe, as_weights
from ecospatial.geo.transforms import transformed
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel
from ecospatial.store import load_object, store_object

MAPS = ("columbus.shp", "us48.shp")


def shipped_map(name: str) -> tuple[Boundaries, geopandas.GeoSeries]:
    shapes = geopandas.read_file(libpysal.examples.get_path(name)).geometry.to_numpy()
    return Boundaries.of(range(len(shapes)), shapes), geopandas.GeoSeries(shapes)


def same(ours: sparse.csr_matrix, graph: Graph) -> bool:
    return (ours != sparse.csr_matrix(graph.sparse)).nnz == 0


def squares(*corners: tuple[float, float]) -> list[shapely.Polygon]:
    return [shapely.box(x, y, x + 1, y + 1) for x, y in corners]


def linked(matrix: sparse.csr_matrix) -> set[tuple[int, int]]:
    return {(int(one), int(other)) for one, other in zip(*matrix.nonzero(), strict=True)}


@pytest.fixture
def chain() -> Boundaries:
    """Three squares in a row and one far off."""
    return Boundaries.of(["a", "b", "c", "far"], squares((0, 0), (1, 0), (2, 0), (9, 0)))


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("contact", ["queen", "rook"])
def test_contiguity_is_libpysals(name: str, contact: str) -> None:
    boundaries, series = shipped_map(name)
    assert same(contiguity(boundaries, contact), Graph.build_contiguity(series, rook=contact == "rook", strict=False))


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("k", [1, 5])
def test_nearest_is_libpysals(name: str, k: int) -> None:
    boundaries, series = shipped_map(name)
    assert same(nearest(boundaries, k), Graph.build_knn(series.centroid, k))


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("stretch", [1.0, 1.7])
def test_band_is_libpysals(name: str, stretch: float) -> None:
    boundaries, series = shipped_map(name)
    reach = smallest_reach(boundaries) * stretch
    ours = within(boundaries, reach)
    assert same(ours, Graph.build_distance_band(series.centroid, reach * (1 + 1e-12)))
    assert np.diff(ours.indptr).min() > 0


def test_the_smallest_reach_is_the_smallest() -> None:
    boundaries, _ = shipped_map("columbus.shp")
    assert np.diff(within(boundaries, smallest_reach(boundaries) * 0.999).indptr).min() == 0


CONTACTS = {
    "corner on the middle of an edge": ([shapely.box(0, 0, 2, 2), shapely.Polygon([(2, 1), (3, 0), (3, 2)])], 1, 0),
    "part of an edge, no common vertex": ([shapely.box(0, 0, 2, 2), shapely.box(2, 0.5, 3, 1)], 1, 1),
    "part of an edge, one common vertex": ([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 1)], 1, 1),
    "common corner": (squares((0, 0), (1, 1)), 1, 0),
    "overlap": ([shapely.box(0, 0, 2, 2), shapely.box(1.9, 0.5, 3, 1.5)], 1, 1),
    "a gap": (squares((0, 0), (1.001, 0)), 0, 0),
    "two parts, one of which touches": ([shapely.MultiPolygon(squares((5, 5), (0, 0))), *squares((1, 0))], 1, 1),
    "a hole filled": ([shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2), shapely.box(1, 1, 2, 2)], 1, 1),
}


@pytest.mark.parametrize("case", CONTACTS)
@pytest.mark.parametrize("angle", [0, 37])
def test_contact(case: str, angle: float) -> None:
    shapes, queen, rook = CONTACTS[case]
    turned = [shapely.affinity.rotate(shape, angle, origin=(0, 0)) for shape in shapes]
    boundaries = Boundaries.of(range(len(turned)), turned)
    assert contiguity(boundaries, "queen").nnz == 2 * queen
    assert contiguity(boundaries, "rook").nnz == 2 * rook


def test_contiguity_of_points_is_refused() -> None:
    towns = Boundaries.of(["a", "b"], shapely.points([[0, 0], [1, 1]]))
    with pytest.raises(GeometryError, match=r"points or lines: a, b"):
        Weights.queen(towns)
    with pytest.raises(OptionError, match="bishop"):
        contiguity(towns, "bishop")


def degrees() -> Boundaries:
    places = np.random.default_rng(3).uniform((-180, -80), (180, 80), (60, 2))
    return Boundaries.of(range(60), shapely.points(places), "EPSG:4326")


def haversine(places: np.ndarray) -> np.ndarray:
    longitude, latitude = np.radians(places).T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(half))


def test_geographic_distances_are_great_circles() -> None:
    boundaries = degrees()
    distance = haversine(boundaries.points)
    np.fill_diagonal(distance, np.inf)
    assert smallest_reach(boundaries) == pytest.approx(distance.min(axis=1).max(), rel=1e-9)
    assert np.diff(within(boundaries, smallest_reach(boundaries)).indptr).min() == 1
    assert np.array_equal(within(boundaries, 3000.0).toarray() > 0, distance <= 3000)
    closest = np.argsort(distance, axis=1)[:, :3]
    assert np.array_equal(np.sort(nearest(boundaries, 3).indices.reshape(-1, 3)), np.sort(closest))
    assert within(boundaries, 50_000.0).nnz == 60 * 59


def test_degrees_that_are_none_are_refused() -> None:
    metres = Boundaries.of(["a", "b"], shapely.points([[500_000, 4_000_000], [500_100, 4_000_000]]), "EPSG:4326")
    with pytest.raises(GeometryError, match="counts in degrees"):
        Weights.knn(metres, 1)


def test_ties_go_to_the_first_unit() -> None:
    places = [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (0, 0)]
    boundaries = Boundaries.of(range(6), shapely.points(places))
    assert nearest(boundaries, 3)[0].indices.tolist() == [1, 2, 5]
    assert nearest(boundaries, 3)[5].indices.tolist() == [0, 1, 2]


@pytest.mark.parametrize("k", [0, 4, 2.5])
def test_impossible_k(chain: Boundaries, k: float) -> None:
    with pytest.raises(OptionError, match="whole number from 1 to 3"):
        Weights.build(chain, "knn", k)


@pytest.mark.parametrize("threshold", [0.0, -1.0, np.nan, np.inf])
def test_impossible_threshold(chain: Boundaries, threshold: float) -> None:
    with pytest.raises(OptionError, match="positive distance"):
        Weights.distance_band(chain, threshold)


def test_reach_needs_two_places() -> None:
    with pytest.raises(GeometryError, match="two units or more"):
        Weights.distance_band(Boundaries.of(["a"], squares((0, 0))))
    with pytest.raises(GeometryError, match="centroid of another"):
        Weights.distance_band(Boundaries.of(["a", "b"], squares((0, 0), (0, 0))))


def test_islands(chain: Boundaries) -> None:
    assert Weights.queen(chain).islands.tolist() == ["far"]
    with pytest.raises(GeometryError, match="far"):
        Weights.queen(chain, islands="error")
    nearest_one = Weights.queen(chain, islands="nearest", transform="binary")
    assert linked(nearest_one.sparse) == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)}
    assert "islands linked with their nearest unit" in repr(nearest_one)
    with pytest.raises(OptionError, match="keep, error, nearest"):
        Weights.queen(chain, islands="drop")


def test_two_islands_nearest_to_each_other_weigh_one() -> None:
    pair = Boundaries.of(["a", "b"], squares((0, 0), (5, 0)))
    assert links(pair, "queen", islands="nearest")[0].toarray().tolist() == [[0, 1], [1, 0]]
    with pytest.raises(GeometryError, match="none to be linked with"):
        Weights.queen(Boundaries.of(["a"], squares((0, 0))), islands="nearest")


def test_build_by_name(chain: Boundaries) -> None:
    assert linked(Weights.build(chain, "knn", k=1).sparse) == linked(Weights.knn(chain, 1).sparse)
    assert linked(Weights.build(chain, "band", threshold=2).sparse) == linked(Weights.distance_band(chain, 2).sparse)
    with pytest.raises(OptionError, match="queen, rook, knn, band"):
        Weights.build(chain, "file")
    with pytest.raises(OptionError, match="take no number"):
        Weights.build(chain, "rook", 3)


def test_transforms(chain: Boundaries) -> None:
    row = Weights.queen(chain).sparse.toarray()
    assert row.sum(axis=1).tolist() == [1, 1, 1, 0]
    assert row[1].tolist() == [0.5, 0, 0.5, 0]
    spectral = Weights.queen(chain, transform="spectral").sparse.toarray()
    assert np.abs(np.linalg.eigvals(spectral)).max() == pytest.approx(1)
    assert spectral[0, 1] == pytest.approx(1 / np.sqrt(2))
    assert set(Weights.queen(chain).transformed("binary").sparse.data) == {1.0}
    with pytest.raises(OptionError, match="row, binary, spectral, none"):
        Weights.queen(chain, transform="r")
    with pytest.raises(DataError, match="eigenvalues"):
        Weights.from_sparse([[0, 1], [0, 0]], ["a", "b"], "spectral")


def test_spectral_scale_of_many_units() -> None:
    path = sparse.diags([np.ones(1499), np.ones(1499)], [1, -1])
    scaled = transformed(sparse.csr_matrix(path), "spectral")
    assert scaled.max() == pytest.approx(1 / (2 * np.cos(np.pi / 1501)), rel=1e-8)
    assert scaled.max() == transformed(sparse.csr_matrix(path), "spectral").max()


def test_bad_matrices() -> None:
    for matrix, ids, words in (
        (np.zeros((2, 3)), "ab", "2 × 3"),
        (np.zeros((2, 2)), "aa", "more than once: a"),
        ([[0, -1], [1, 0]], "ab", "not negative"),
        ([[0, np.nan], [1, 0]], "ab", "finite"),
        ([[1, 1], [1, 0]], "ab", "own neighbours: a"),
    ):
        with pytest.raises(DataError, match=words):
            Weights.from_sparse(matrix, list(ids))


def test_the_given_matrix_stays_as_it_is() -> None:
    matrix = sparse.csr_matrix([[0.0, 2.0], [2.0, 0.0]])
    Weights.from_sparse(matrix, ["a", "b"])
    assert matrix.data.tolist() == [2, 2]


def test_repr(chain: Boundaries) -> None:
    assert repr(Weights.queen(chain)) == (
        "<Weights: 4 units, 4 links, 1 island (far), 2 components, queen, row-standardised>"
    )
    assert repr(Weights.knn(chain, 2)).endswith("0 islands, 1 component, 2 nearest, row-standardised>")
    assert "within 1.5, " in repr(Weights.distance_band(chain, 1.5))
    assert "within 500 km, " in repr(Weights.distance_band(degrees(), 500))


def test_cardinalities_and_length(chain: Boundaries) -> None:
    weights = Weights.queen(chain)
    assert weights.cardinalities.to_dict() == {"a": 1, "b": 2, "c": 1, "far": 0}
    assert len(weights) == 4


# libpysal


def test_graph_round_trip_keeps_islands_order_and_weights(chain: Boundaries) -> None:
    weights = Weights.queen(chain).subset(["c", "far", "b", "a"])
    graph = weights.to_graph()
    assert graph.unique_ids.tolist() == ["c", "far", "b", "a"]
    assert graph.isolates.tolist() == ["far"]
    back = Weights.from_graph(graph)
    assert back.ids.tolist() == weights.ids.tolist()
    assert (back.sparse != weights.sparse).nnz == 0
    assert back.transform == "row"


def test_graph_and_w_give_the_same() -> None:
    _, series = shipped_map("columbus.shp")
    graph = Graph.build_contiguity(series, rook=False, strict=False)
    w = graph.to_W()
    before = w.transform, {key: list(values) for key, values in w.weights.items()}
    from_w = Weights.from_graph(w, "row")
    assert (from_w.sparse != Weights.from_graph(graph, "row").sparse).nnz == 0
    assert Weights.from_graph(graph).transform == "binary"
    assert Weights.from_graph(graph.transform("r")).transform == "row"
    assert (w.transform, {key: list(values) for key, values in w.weights.items()}) == before


def test_a_bare_matrix_is_no_weights(chain: Boundaries) -> None:
    panel = Panel.from_frame(pd.DataFrame({"unit": ["a"], "y": [1.0]}), unit="unit")
    with pytest.raises(OptionError, match="ndarray is no spatial weights"):
        as_weights(np.eye(1), panel)


# alignment with data


def towns(*ids: object) -> Panel:
    return Panel.from_frame(pd.DataFrame({"unit": list(ids), "y": 1.0}), unit="unit")


def test_as_weights_follows_the_order_of_the_data(chain: Boundaries) -> None:
    aligned = as_weights(Weights.queen(chain), towns("far", "c", "b", "a"))
    assert aligned.ids.tolist() == ["far", "c", "b", "a"]
    assert linked(aligned.sparse) == {(1, 2), (2, 1), (2, 3), (3, 2)}


def test_weights_of_other_units_are_refused_by_name(chain: Boundaries) -> None:
    with pytest.raises(JoinError, match=r"Only in the data: x\. Only in the weights: c, far\."):
        as_weights(Weights.queen(chain), towns("a", "b", "x"))
    with pytest.raises(JoinError, match="No weights for: x"):
        Weights.queen(chain).subset(["a", "x"])


def test_ids_written_as_text_meet_numbers() -> None:
    weights = Weights.from_sparse([[0, 1], [1, 0]], ["130200", "110000"])
    assert as_weights(weights, towns(110000, 130200)).ids.tolist() == [110000, 130200]


def test_subset_standardises_anew(chain: Boundaries) -> None:
    part = Weights.queen(chain).subset(["b", "a"])
    assert part.sparse.toarray().tolist() == [[0, 1], [1, 0]]


def test_names_and_recipes_are_built_on_the_map_of_the_data(chain: Boundaries) -> None:
    geo = join(towns("c", "b", "a", "far"), chain)
    assert linked(as_weights("rook", geo).sparse) == {(0, 1), (1, 0), (1, 2), (2, 1)}
    assert as_weights(Recipe("knn", 2.0), geo).cardinalities.tolist() == [2] * 4
    with pytest.raises(GeometryError, match="need the polygons"):
        as_weights("queen", towns("a"))


def test_ports(chain: Boundaries, tmp_path: object) -> None:
    names = [port.name for port in Recipe.ports("weights", "Spatial weights", "rook")]
    assert names[:4] == ["weights", "weights_value", "weights_file", "weights_islands"]
    assert Recipe.ports("weights", "", "rook")[0].default == "rook"
    assert Recipe.from_ports("w", {"w": "knn", "w_value": 3, "w_islands": "error"}) == Recipe("knn", 3, "error")
    with pytest.raises(OptionError, match="w_file"):
        Recipe.from_ports("w", {"w": "file"})
    path = f"{tmp_path}/w.gal"
    Weights.queen(chain).write(path)
    assert linked(Recipe.from_ports("w", {"w": "file", "w_file": path}).sparse) == linked(Weights.queen(chain).sparse)


def test_store(chain: Boundaries, tmp_path: object) -> None:
    weights = Weights.queen(chain)
    store_object(weights, f"{tmp_path}/w.eco")
    back = load_object(f"{tmp_path}/w.eco", Weights)
    assert back.fingerprint() == weights.fingerprint()
    assert repr(back) == repr(weights)


# files


@pytest.mark.parametrize("ids", [["a", "b", "c", "far"], [3, 1, 2, 10], ["011", "2", "3", "4"]])
@pytest.mark.parametrize("suffix", ["gal", "csv"])
def test_files_give_back_what_was_written(chain: Boundaries, tmp_path: object, ids: list, suffix: str) -> None:
    weights = Weights.from_sparse(Weights.queen(chain).sparse, ids)
    weights.write(f"{tmp_path}/w.{suffix}")
    back = Weights.read(f"{tmp_path}/w.{suffix}")
    assert back.ids.tolist() == ids
    assert (back.sparse != weights.sparse).nnz == 0


def test_gwt_and_csv_keep_unequal_weights(tmp_path: object) -> None:
    weights = Weights.from_sparse([[0, 1 / 3, 0.7], [1, 0, 0], [0.1, 1e-9, 0]], ["a", "b", "c"], "none")
    for suffix in ("gwt", "csv"):
        weights.write(f"{tmp_path}/w.{suffix}")
        assert (Weights.read(f"{tmp_path}/w.{suffix}", "none").sparse != weights.sparse).nnz == 0
    with pytest.raises(FileError, match="weigh differently for: a, c"):
        weights.write(f"{tmp_path}/w.gal")


@pytest.mark.filterwarnings("ignore:The weights matrix is not fully connected")
def test_libpysal_reads_what_is_written(chain: Boundaries, tmp_path: object) -> None:
    weights = Weights.queen(chain)
    weights.write(f"{tmp_path}/w.gal")
    assert libpysal.io.open(f"{tmp_path}/w.gal").read().neighbors == {
        "a": ["b"],
        "b": ["a", "c"],
        "c": ["b"],
        "far": [],
    }


@pytest.mark.parametrize("name", ["columbus.gal", "sids2.gal"])
def test_libpysals_files_are_read(name: str) -> None:
    path = libpysal.examples.get_path(name)
    theirs = libpysal.io.open(path).read()
    ours = Weights.read(path, "none")
    order = [str(unit) for unit in ours.ids]
    assert order == [str(unit) for unit in theirs.id_order]
    assert (ours.sparse != sparse.csr_matrix(theirs.sparse)).nnz == 0


def test_excel_matrix(tmp_path: object) -> None:
    pd.DataFrame([[0, 2], [1, 0]], index=[7, 8], columns=[7, 8]).to_excel(f"{tmp_path}/w.xlsx")
    weights = Weights.read(f"{tmp_path}/w.xlsx", "none")
    assert weights.ids.tolist() == [7, 8]
    assert weights.sparse.toarray().tolist() == [[0, 2], [1, 0]]


def test_ids_with_spaces_and_commas(tmp_path: object) -> None:
    weights = Weights.from_sparse([[0, 1], [1, 0]], ["New York", 'a,"b'])
    weights.write(f"{tmp_path}/w.csv")
    assert Weights.read(f"{tmp_path}/w.csv").ids.tolist() == ["New York", 'a,"b']
    with pytest.raises(FileError, match="New York"):
        weights.write(f"{tmp_path}/w.gal")


DAMAGED = {
    "count.gal": ("3\na 1\nb\nb 1\na\n", "says 3 units but lists 2"),
    "short.gal": ("2\na 2\nb\nb 1\na\n", "line 2: unit a says 2 neighbours but 1 follow"),
    "unknown.gal": ("2\na 1\nx\nb 1\na\n", "neighbours that are no units: x"),
    "twice.gal": ("2\na 1\nb\na 1\nb\n", "unit a stands twice"),
    "words.gal": ("2\na b\nb\n", "line 2"),
    "empty.gal": ("", "line 1: the number of units"),
    "weight.gwt": ("2\na b x\n", "line 2"),
    "island.gwt": ("0 3 w id\na b 1\nb a 1\n", "cannot name units without neighbours"),
    "shape.csv": ("id,a,b\na,0,1\n", "1 rows and 2 columns"),
    "ids.csv": ("id,a,b\na,0,1\nc,1,0\n", "c stands against b"),
    "gap.csv": ("id,a,b\na,0,\nb,1,0\n", "no number for unit a and neighbour b"),
    "w.txt": ("", "cannot be read as weights"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_named(name: str, tmp_path: object) -> None:
    text, words = DAMAGED[name]
    path = f"{tmp_path}/{name}"
    with open(path, "w") as file:
        file.write(text)
    with pytest.raises(FileError, match=words):
        Weights.read(path)


def test_files_that_cannot_be(chain: Boundaries, tmp_path: object) -> None:
    with pytest.raises(FileError, match="does not exist"):
        Weights.read(f"{tmp_path}/none.gal")
    with pytest.raises(FileError, match="without a neighbour: far"):
        Weights.queen(chain).write(f"{tmp_path}/w.gwt")
    with pytest.raises(FileError, match="cannot be written as"):
        Weights.queen(chain).write(f"{tmp_path}/w.xyz")

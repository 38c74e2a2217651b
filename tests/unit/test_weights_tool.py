"""Weights as a step of their own: connectivity, figure, ports, tables and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.describe import described
from ecospatial.errors import FileError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries, read_boundaries
from ecospatial.geo.join import join
from ecospatial.geo.recipe import Recipe, as_weights
from ecospatial.geo.weights import Weights
from ecospatial.geo.weights_result import WeightsResult
from ecospatial.geo.weights_tool import weights
from ecospatial.panel import Panel
from ecospatial.ports import assemble, ports
from ecospatial.shipped import data_path
from ecospatial.source import Source


@pytest.fixture
def chain() -> Boundaries:
    """Three squares in a row, two beyond a gap of 0.1, and one far off."""
    squares = [shapely.box(x, 0, x + 1, 1) for x in (0, 1, 2, 3.1, 4.1, 20)]
    return Boundaries.of(["a", "b", "c", "d", "e", "far"], squares)


def states() -> Boundaries:
    return read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")


# the tool


def test_connectivity_by_hand(chain: Boundaries) -> None:
    found = weights(chain, "queen")
    table = found.to_frame()
    assert table["neighbours"].tolist() == [1, 2, 1, 1, 1, 0]
    assert table["weight_sum"].tolist() == [1, 1, 1, 1, 1, 0]
    assert table["island"].tolist() == ["no"] * 5 + ["yes"]
    assert table["component"].tolist() == [1, 1, 1, 2, 2, 3]
    links = found.to_frame("links")
    assert links[links["unit"] == "b"].to_numpy().tolist() == [["b", "a", 0.5], ["b", "c", 0.5]]
    facts = {name: str(text) for name, text in found.facts().items()}
    assert facts == {
        "Weights": "queen, row-standardised",
        "Units": "6",
        "Links": "6",
        "Neighbours": "0 to 2, mean 1.00, median 1",
        "Density": "20.00 % of all pairs",
        "One way": "none",
        "Components": "3 (units in each: 3, 2, 1)",
        "Islands": "1: far",
    }
    assert [str(note).partition(".")[0] for note in found.notes] == [
        "Units without a neighbour: far",
        "2 groups of units have no link between them; outside the largest are: d, e",
    ]
    assert "Islands" in found.weights.summary()
    assert found.digest()["units"].to_dict() == {0: 1, 1: 4, 2: 1}


def test_links_across_gaps_are_named(chain: Boundaries) -> None:
    found = weights(chain, Recipe("rook", tolerance=0.1))
    assert [str(note) for note in found.notes][-1] == "Neighbours across a gap in the map (1): c–d."
    assert found.to_frame()["component"].tolist() == [1, 1, 1, 1, 1, 2]


def test_overlaps_are_named() -> None:
    squares = [shapely.box(0, 0, 1, 1), shapely.box(0.99, 0, 2, 1), shapely.box(2 - 1e-5, 0, 3, 1)]
    found = weights(Boundaries.of(["a", "b", "c"], squares), "rook")
    assert [str(note) for note in found.notes] == ["Units that overlap by more than 0.1 % of the smaller (1): a–b."]
    assert weights(states(), "queen").notes == ()


def test_one_way_links_are_counted() -> None:
    knn = weights(states(), Recipe("knn", 3))
    matrix = knn.weights.sparse.toarray() > 0
    assert str(knn.facts()["One way"]) == f"{(matrix & ~matrix.T).sum()} links have none back"


def test_weights_of_other_units_are_refused(chain: Boundaries) -> None:
    with pytest.raises(JoinError, match="Only in the data: far"):
        weights(chain, Weights.queen(chain).subset(list("abcde")))


def test_result_is_stored_and_loaded(chain: Boundaries, tmp_path: Path) -> None:
    found = weights(chain, Recipe("knn", 2))
    found.save(tmp_path / "w.eco")
    back = WeightsResult.load(tmp_path / "w.eco")
    assert back.summary() == found.summary()
    assert isinstance(back.weights, Weights)
    for name, frame in found.tables().items():
        pd.testing.assert_frame_equal(back.to_frame(name), frame)


def test_figure_has_every_link_and_every_unit(chain: Boundaries) -> None:
    found = weights(chain, "queen")
    bars, land = found.plot().axes
    assert sum(bar.get_height() for bar in bars.patches) == 6
    segments = [item for item in land.collections if hasattr(item, "get_segments")]
    assert sum(len(item.get_segments()) for item in segments) == 6
    assert "1 without a neighbour" in land.get_title(loc="left")
    assert len(found.weights.plot().axes) == 1  # type: ignore[attr-defined]
    assert len(Weights.queen(chain).subset(list("cba")).plot(chain).axes) == 2


# the ports


def called(**values: object) -> WeightsResult:
    square = [shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)]
    layer = Source(pd.DataFrame({"code": range(16)}), np.array(square), None, "map")
    return weights(**assemble(described(weights), {"boundaries": layer, **values}))


def test_every_kind_comes_through_the_ports(tmp_path: Path) -> None:
    grid = called().boundaries
    assert grid is not None
    for values, expected in (
        ({}, Weights.queen(grid)),
        ({"weights": "rook", "weights_transform": "binary"}, Weights.rook(grid, transform="binary")),
        ({"weights": "queen", "weights_order": 2}, Weights.queen(grid).higher_order(2)),
        (
            {"weights": "rook", "weights_order": 2, "weights_lower_order": True, "weights_tolerance": 0.01},
            Weights.rook(grid).higher_order(2, lower_order=True),
        ),
        ({"weights": "band", "weights_value": 1.5}, Weights.distance_band(grid, 1.5)),
        (
            {"weights": "inverse-distance", "weights_value": 2.5, "weights_power": 2, "weights_transform": "spectral"},
            Weights.inverse_distance(grid, 2.5, 2, transform="spectral"),
        ),
        (
            {"weights": "kernel", "weights_value": 2.0, "weights_function": "quartic"},
            Weights.kernel(grid, "quartic", 2.0),
        ),
        ({"weights": "adaptive-kernel", "weights_value": 4}, Weights.kernel(grid, k=4, adaptive=True)),
    ):
        assert (called(**values).weights.sparse != expected.sparse).nnz == 0, values
    path = str(tmp_path / "w.gal")
    first = called(weights="rook", write_to=path)
    again = called(weights="file", weights_file=path, weights_transform="spectral")
    assert (again.weights.sparse != first.weights.transformed("spectral").sparse).nnz == 0


def test_defaults_of_other_kinds_do_no_harm_and_other_values_are_refused() -> None:
    every = {port.name: port.default for port in ports(described(weights)) if port.default is not None}
    assert (called(**every).weights.sparse != called().weights.sparse).nnz == 0
    for values, words in (
        ({"weights": "knn", "weights_power": 2}, "weights_power was given"),
        ({"weights": "queen", "weights_value": 2}, "take no number"),
        ({"weights": "queen", "weights_file": "w.gal"}, "choose 'file'"),
        ({"weights": "file", "weights_file": "w.gal", "weights_order": 2}, "no option"),
    ):
        with pytest.raises(OptionError, match=words):
            called(**values)


def test_recipe_as_a_call_would_have_it() -> None:
    assert Recipe("knn", 5.0).as_argument() == "'knn', 5"
    recipe = Recipe("inverse-distance", 300, "nearest", "spectral", power=2)
    assert recipe.as_argument() == "'inverse-distance', 300, islands='nearest', transform='spectral', power=2"


# tables


@pytest.mark.parametrize("layout", ["matrix", "list"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("ids", [["唐山", "b, c", "x"], [130200, 110000, 3], ["011", "2", "3"]])
def test_tables_give_back_what_was_written(tmp_path: Path, layout: str, suffix: str, ids: list) -> None:
    given = Weights.from_sparse([[0, 1 / 3, 0], [0.7, 0, 0], [0, 0, 0]], ids, "none")
    given.write(tmp_path / f"w.{suffix}", layout)  # type: ignore[arg-type]
    back = Weights.read(tmp_path / f"w.{suffix}", "none")
    assert back.ids.tolist() == ids
    assert (back.sparse != given.sparse).nnz == 0


def test_lists_made_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text("from,to,w\n1,2,0.5\n2,1,2\n3,1,1\n4,,\n", encoding="utf-8")
    found = Weights.read(path, "none")
    assert found.ids.tolist() == [1, 2, 3, 4]
    assert found.islands.tolist() == [4]
    assert found.sparse.toarray()[2].tolist() == [1, 0, 0, 0]
    path.write_text("起点,邻居\n唐山,保定\n保定,唐山\n", encoding="gb18030")
    assert Weights.read(path, "none").sparse.toarray().tolist() == [[0, 1], [1, 0]]


DAMAGED = {
    "twice": ("unit,neighbour,weight\na,b,1\na,b,1\n", "unit a and neighbour b, or holds this pair twice"),
    "text": ("unit,neighbour,weight\na,b,much\n", "no number for unit a and neighbour b"),
    "empty": ("unit,neighbour,weight\n,b,1\n", "empty in row 1"),
    "neither": ("x,y,z\na,b,1\n", "nor is it a list of links"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_tables_are_named(tmp_path: Path, case: str) -> None:
    text, words = DAMAGED[case]
    (tmp_path / "w.csv").write_text(text)
    with pytest.raises(FileError, match=words):
        Weights.read(tmp_path / "w.csv")


def test_gwt_of_geoda_holds_distances_and_kwt_weights(tmp_path: Path) -> None:
    text = "0 3 towns ID\n1 2 10.5\n2 1 10.5\n2 3 4\n3 2 4\n"
    (tmp_path / "w.gwt").write_text(text)
    (tmp_path / "w.kwt").write_text(text.replace("1 2", "1 1 0.75\n1 2", 1))
    assert Weights.read(tmp_path / "w.gwt", "none").sparse.data.tolist() == [1, 1, 1, 1]
    assert Weights.read(tmp_path / "w.gwt", "none", values="weights").sparse.data.tolist() == [10.5, 10.5, 4, 4]
    assert Weights.read(tmp_path / "w.kwt", "none").sparse.toarray()[0].tolist() == [0, 10.5, 0]
    with pytest.raises(OptionError, match="links, weights"):
        Weights.read(tmp_path / "w.gwt", values="distances")  # type: ignore[arg-type]


def test_what_cannot_be_written(chain: Boundaries, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="matrix, list"):
        Weights.queen(chain).write(tmp_path / "w.csv", "long")  # type: ignore[arg-type]
    many = Weights.from_sparse(np.eye(1, k=0) * 0, ["a"])
    many.write(tmp_path / "one.csv")
    count = 16_400
    line = Boundaries.of(range(count), shapely.points(np.column_stack([np.arange(count), np.zeros(count)])))
    with pytest.raises(FileError, match="layout='list'"):
        Weights.knn(line, 1).write(tmp_path / "w.xlsx")
    assert not (tmp_path / "w.xlsx").exists()


def test_a_name_with_its_number_serves_everywhere(chain: Boundaries, tmp_path: Path) -> None:
    by_hand = Weights.knn(chain, 2)
    table = pd.DataFrame({"unit": list(chain.ids), "x": np.arange(len(chain), dtype=float)})
    data = join(Panel.from_frame(table, "unit"), chain)
    assert as_weights("knn:2", data).fingerprint() == by_hand.fingerprint()
    assert weights(chain, "knn:2").weights.fingerprint() == by_hand.fingerprint()
    assert data.weights("knn:2").fingerprint() == by_hand.fingerprint()
    with pytest.raises(OptionError, match="has a number already"):
        data.weights("knn:2", value=3)
    assert Recipe.from_ports("weights", {"weights": "knn:2"}) == Recipe("knn", 2)
    with pytest.raises(OptionError, match="has a number already"):
        Recipe.from_ports("weights", {"weights": "knn:2", "weights_value": 3})
    for text, wrong in (("knn:two", "must be NAME or NAME:NUMBER"), ("queen:2", "take no number"), ("gabriel", "kind")):
        with pytest.raises(OptionError, match=wrong):
            as_weights(text, data)

"""The plugin in a real QGIS: what it lists, what it computes, what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from qgis_profile import Ground, Qgis

import ecospatial as es
from ecospatial import tools

INPUTS = ["public_capital", "private_capital", "employment"]
STATES = {"unit": "unit", "period": "period"}


def compare(path: Path, expected: pd.DataFrame) -> None:
    """A layer or table that QGIS wrote against the API's frame, row by row of the index."""
    found = pd.read_csv(path) if path.suffix == ".csv" else pd.DataFrame(geopandas.read_file(path))
    named = [str(name) for name in expected.index.names if name is not None]
    rows = expected.reset_index() if named else expected.reset_index(drop=True)
    assert len(found) == len(rows)
    for column in rows.columns:
        if pd.api.types.is_numeric_dtype(rows[column]) and not pd.api.types.is_bool_dtype(rows[column]):
            ours, theirs = rows[column].to_numpy(float), found[column].to_numpy(float)
            np.testing.assert_allclose(theirs, ours, rtol=1e-10, atol=1e-10, err_msg=str(column))
        elif rows[column].dtype != bool:
            assert found[column].fillna("").astype(str).tolist() == rows[column].fillna("").astype(str).tolist()


def test_every_tool_is_listed_under_its_title(qgis: Qgis) -> None:
    listed = qgis.process("list").stdout
    for name in tools.names():
        assert f"ecospatial:{name}\t{tools.find(name).title}" in listed


def test_efficiency(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    done = qgis.run(
        "sbm",
        panel=ground.two_layer,
        **STATES,
        inputs=";".join(INPUTS),
        outputs="gross_state_product",
        undesirable="unemployment",
        frontier="global",
        scores=tmp_path / "scores.gpkg",
        peers=tmp_path / "peers.csv",
        page=tmp_path / "page.html",
        stored=tmp_path / "scores.eco",
    )
    assert done.code == 0, done.text
    expected = es.sbm(ground.two, INPUTS, ["gross_state_product"], ["unemployment"], frontier="global")
    compare(tmp_path / "scores.gpkg", expected.to_frame("scores"))
    compare(tmp_path / "peers.csv", expected.to_frame("peers"))
    stored = es.Result.load(tmp_path / "scores.eco")
    np.testing.assert_allclose(stored.to_frame()["score"], expected.scores, atol=1e-10)
    assert "<table" in (tmp_path / "page.html").read_text(encoding="utf-8")
    layer = geopandas.read_file(tmp_path / "scores.gpkg")
    mapped = layer[layer.geometry.notna() & ~layer.geometry.is_empty]
    assert len(mapped) == 48
    assert set(mapped["period"]) == {1986}
    assert layer.crs.to_epsg() == 4269


def test_a_temporal_layer_repeats_the_polygons_and_has_dates(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    done = qgis.run(
        "lisa", data=ground.two_layer, **STATES, column="unemployment", temporal="true", clusters=tmp_path / "l.gpkg"
    )
    assert done.code == 0, done.text
    layer = geopandas.read_file(tmp_path / "l.gpkg")
    assert layer.geometry.notna().all() and len(layer) == 96
    assert sorted(layer["period_start"].astype(str).str[:10].unique()) == ["1985-01-01", "1986-01-01"]
    assert sorted(layer["period_end"].astype(str).str[:10].unique()) == ["1985-12-31", "1986-12-31"]


def test_join_of_a_table_without_geometry(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    done = qgis.run(
        "join",
        panel=ground.table,
        **STATES,
        boundaries=ground.last_layer,
        boundary_unit="unit",
        joined=tmp_path / "joined.gpkg",
        report=tmp_path / "report.csv",
    )
    assert done.code == 0, done.text
    compare(tmp_path / "joined.gpkg", ground.two.to_frame())
    assert (pd.read_csv(tmp_path / "report.csv")["rule"] == "exact").all()


@pytest.mark.parametrize(("kind", "value"), [("queen", None), ("knn", 5), ("band", 900)])
def test_moran(qgis: Qgis, ground: Ground, tmp_path: Path, kind: str, value: float | None) -> None:
    options = {"weights_value": value} if value else {}
    done = qgis.run(
        "moran", data=ground.two_layer, **STATES, column="unemployment", weights=kind, **options, seed=5,
        moran=tmp_path / "m.csv",
    )  # fmt: skip
    assert done.code == 0, done.text
    weights = es.Weights.build(ground.two.boundaries, kind, value)
    compare(tmp_path / "m.csv", es.moran(ground.two, "unemployment", weights, seed=5).to_frame())


def test_lisa(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    done = qgis.run(
        "lisa", data=ground.two_layer, **STATES, column="unemployment", weights="rook", correction="fdr",
        clusters=tmp_path / "l.gpkg", counts=tmp_path / "c.csv",
    )  # fmt: skip
    assert done.code == 0, done.text
    expected = es.lisa(ground.two, "unemployment", "rook", correction="fdr")
    compare(tmp_path / "l.gpkg", expected.to_frame())
    compare(tmp_path / "c.csv", expected.to_frame("counts"))


def test_regressions_and_their_tests(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    model = {"data": ground.last_layer, **STATES, "y": "unemployment", "x": "highway_share;employment"}
    ols, lag = tmp_path / "ols.eco", tmp_path / "lag.eco"
    assert qgis.run("ols", **model, coefficients=tmp_path / "ols.csv", stored=ols).code == 0
    assert qgis.run("spatial_tests", model=ols, weights="queen", tests=tmp_path / "tests.csv").code == 0
    for kind in ("lag", "error"):
        stored = tmp_path / f"{kind}.eco"
        done = qgis.run("spatial_panel", **model, model=kind, coefficients=tmp_path / f"{kind}.csv", stored=stored)
        assert done.code == 0, done.text
    done = qgis.run("compare", models=f"{ols};{lag}", comparison=tmp_path / "table.csv")
    assert done.code == 0, done.text
    names = ["highway_share", "employment"]
    expected = es.ols(ground.last, "unemployment", names)
    compare(tmp_path / "ols.csv", expected.to_frame())
    compare(tmp_path / "tests.csv", es.spatial_tests(expected, "queen").to_frame())
    for kind in ("lag", "error"):
        spatial = es.spatial_panel(ground.last, "unemployment", names, "queen", model=kind)  # type: ignore[arg-type]
        compare(tmp_path / f"{kind}.csv", spatial.to_frame())
    assert "(2) Spatial lag" in (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_radial(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    done = qgis.run(
        "radial", panel=ground.last_layer, **STATES, inputs=";".join(INPUTS), outputs="gross_state_product",
        orientation="output", scores=tmp_path / "s.gpkg", targets=tmp_path / "t.gpkg",
    )  # fmt: skip
    assert done.code == 0, done.text
    expected = es.radial(ground.last, INPUTS, ["gross_state_product"], orientation="output")
    compare(tmp_path / "s.gpkg", expected.to_frame())
    compare(tmp_path / "t.gpkg", expected.to_frame("targets"))


def test_chinese_quotes_and_nulls_survive(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    layer = ground.last.to_geodataframe().reset_index()[["unit", "unemployment", "geometry"]]
    layer["单元"] = [f"市'{name}\"" for name in layer["unit"]]
    layer["失业率"] = layer["unemployment"].where(layer["unit"] != "TX")
    layer[["单元", "失业率", "geometry"]].to_file(tmp_path / "中文.gpkg")
    done = qgis.run("lisa", data=tmp_path / "中文.gpkg", unit="单元", column="失业率", clusters=tmp_path / "l.gpkg")
    assert done.code == 0, done.text
    found = geopandas.read_file(tmp_path / "l.gpkg").set_index("unit")
    assert found.loc["市'TX\"", "label"] == "undefined"
    assert np.isnan(found.loc["市'TX\"", "p_sim"])


def test_web_mercator_is_read_in_degrees(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    layer = ground.last.to_geodataframe().reset_index().to_crs("EPSG:3857")
    layer.to_file(tmp_path / "mercator.gpkg")
    done = qgis.run(
        "moran", data=tmp_path / "mercator.gpkg", unit="unit", column="unemployment", weights="band",
        weights_value=700, moran=tmp_path / "m.csv",
    )  # fmt: skip
    assert done.code == 0, done.text
    degrees = es.Weights.distance_band(ground.last.boundaries, 700)
    near = es.moran(ground.last, "unemployment", degrees).to_frame()["I"].iloc[0]
    assert pd.read_csv(tmp_path / "m.csv")["I"].iloc[0] == pytest.approx(near, abs=1e-6)


@pytest.mark.parametrize(
    ("tool", "values", "said"),
    [
        ("sbm", {"inputs": "employment", "outputs": "name"}, "must hold numbers"),
        ("lisa", {"column": "unemployment", "weights": "file"}, "weights_file"),
        ("lisa", {"column": "unemployment", "permutations": 5}, "permutations"),
    ],
)
def test_mistakes_are_sentences(
    qgis: Qgis, ground: Ground, tmp_path: Path, tool: str, values: dict[str, object], said: str
) -> None:
    layer = ground.last.to_geodataframe().reset_index()
    layer["name"] = "text"
    layer.to_file(tmp_path / "a.gpkg")
    main = tools.find(tool).parameters[0].name
    table = tools.find(tool).returns.TABLES[0].name
    done = qgis.run(tool, **{main: tmp_path / "a.gpkg"}, unit="unit", **values, **{table: tmp_path / "out.gpkg"})
    assert done.code != 0
    assert said in done.text
    assert "Traceback" not in done.text
    assert not (tmp_path / "out.gpkg").exists()


@pytest.mark.parametrize("hidden", ["pandas", "shapely"])
def test_without_a_package_tools_are_listed_and_say_what_to_install(
    make_profile: Callable[..., Qgis], ground: Ground, tmp_path: Path, hidden: str
) -> None:
    bare = make_profile(f"without-{hidden}", with_shapely=hidden != "shapely", hide=(hidden,))
    listed = bare.process("list").stdout
    assert all(f"ecospatial:{name}\t" in listed for name in tools.names())
    done = bare.run("lisa", data=ground.last_layer, unit="unit", column="unemployment", clusters=tmp_path / "l.gpkg")
    assert done.code != 0
    assert f"this QGIS lacks: {hidden}" in done.text
    assert "In a terminal" in done.text or "in a terminal" in done.text
    assert "Traceback" not in done.text


def test_no_package_that_breaks_qgis_is_imported(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    probe = qgis.plugin / "algorithm.py"
    source = probe.read_text(encoding="utf-8")
    spy = (
        "\n\ndef _spied(run):\n"
        "    def watched(self, values, context, feedback):\n"
        "        outputs = run(self, values, context, feedback)\n"
        "        import sys\n"
        "        feedback.pushInfo('LOADED ' + ' '.join(sorted({name.split('.')[0] for name in sys.modules})))\n"
        "        return outputs\n"
        "    return watched\n\n\n"
        "ToolAlgorithm.processAlgorithm = _spied(ToolAlgorithm.processAlgorithm)\n"
    )
    try:
        probe.write_text(source + spy, encoding="utf-8")
        done = qgis.run("lisa", data=ground.last_layer, unit="unit", column="unemployment",
                        clusters=tmp_path / "l.gpkg", page=tmp_path / "p.html")  # fmt: skip
    finally:
        probe.write_text(source, encoding="utf-8")
    assert done.code == 0, done.text
    (line,) = [line for line in done.text.splitlines() if line.startswith("LOADED ")]
    loaded = set(line.split()[1:])
    assert {"pandas", "shapely", "ecospatial_qgis"} <= loaded
    assert loaded.isdisjoint({"pyproj", "geopandas", "pyogrio", "fiona", "ecospatial"})


def test_the_plugins_own_layer_serves_the_next_tool(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    chain = tmp_path / "scores.gpkg"
    first = qgis.run("sbm", panel=ground.two_layer, **STATES, inputs=";".join(INPUTS), outputs="gross_state_product",
                     scores=chain)  # fmt: skip
    assert first.code == 0, first.text
    done = qgis.run("lisa", data=chain, unit="unit", period="period", column="score", clusters=tmp_path / "l.gpkg")
    assert done.code == 0, done.text
    scores = es.sbm(ground.two, INPUTS, ["gross_state_product"]).scores
    compare(tmp_path / "l.gpkg", es.lisa(ground.two.assign(score=scores), "score", "queen").to_frame())


def test_points_keep_their_rows_and_their_kind(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    layer = ground.last.to_geodataframe().reset_index()[["unit", "unemployment", "geometry"]]
    layer = layer.set_geometry(geopandas.GeoSeries.from_xy(*ground.last.boundaries.points.T, crs=layer.crs))
    layer.assign(fid=7).to_file(tmp_path / "points.geojson")
    done = qgis.run("lisa", data=tmp_path / "points.geojson", unit="unit", column="unemployment", weights="knn",
                    clusters=tmp_path / "l.gpkg")  # fmt: skip
    assert done.code == 0, done.text
    found = geopandas.read_file(tmp_path / "l.gpkg")
    assert len(found) == 48 and set(found.geom_type) == {"MultiPoint"}


def test_a_self_intersecting_polygon_is_repaired_not_dropped(qgis: Qgis, tmp_path: Path) -> None:
    import shapely

    cells = [shapely.box(place % 4, place // 4, place % 4 + 1, place // 4 + 1) for place in range(16)]
    cells[5] = shapely.Polygon([(1, 1), (2, 2), (2, 1), (1, 2)])
    frame = {"unit": [f"c{place}" for place in range(16)], "y": [float(place**2 % 7) for place in range(16)]}
    geopandas.GeoDataFrame(frame, geometry=cells, crs="EPSG:3405").to_file(tmp_path / "bow.gpkg")
    done = qgis.run("lisa", data=tmp_path / "bow.gpkg", unit="unit", column="y", clusters=tmp_path / "l.gpkg")
    assert done.code == 0, done.text
    assert len(geopandas.read_file(tmp_path / "l.gpkg")) == 16


@pytest.mark.parametrize("output", ["clusters", "page"])
def test_a_folder_that_is_not_there_is_named_before_anything_is_written(
    qgis: Qgis, ground: Ground, tmp_path: Path, output: str
) -> None:
    values = {"clusters": tmp_path / "l.gpkg", "page": tmp_path / "p.html", output: tmp_path / "no" / "x.gpkg"}
    done = qgis.run("lisa", data=ground.last_layer, unit="unit", column="unemployment", **values)
    assert done.code != 0
    assert "does not exist; make it first" in done.text
    assert "Traceback" not in done.text
    assert list(tmp_path.iterdir()) == []


def test_no_input_is_written_over(qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gpkg"
    copy.write_bytes(Path(ground.last_layer).read_bytes())
    done = qgis.run("lisa", data=copy, unit="unit", column="unemployment", clusters=copy)
    assert done.code != 0
    assert "is an input; write to another file" in done.text
    assert len(geopandas.read_file(copy)) == 48

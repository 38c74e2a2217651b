"""The shipped layers and the simulated panel of China: what they hold, and that the estimators find it again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.linalg import eigvalsh
from scipy.optimize import minimize_scalar

import ecospatial as es
from ecospatial.cli import main
from ecospatial.geo import facts
from ecospatial.present.layers import is_schematic
from ecospatial.shipped import data_path

FIELDS = ["name", "pinyin", "english", "prov_code", "province", "region", "stage", "res_type", "schematic"]
DRIVERS = ["ln_pgdp", "industry_share", "rd_share", "fiscal_share", "env_regulation", "fdi_share"]


@pytest.fixture(scope="module")
def prefectures() -> es.Boundaries:
    return es.read_boundaries(data_path("shapefiles/china_prefectures.shp"), unit="code")


@pytest.fixture(scope="module")
def provinces() -> es.Boundaries:
    return es.read_boundaries(data_path("shapefiles/china_provinces.shp"), unit="code")


@pytest.fixture(scope="module")
def panel() -> es.Panel:
    return es.read_panel(data_path("panels/china_prefectures_simulated.csv"), unit="code", period="year")


@pytest.fixture(scope="module")
def about() -> dict[str, object]:
    found: dict[str, object] = json.loads(data_path("panels/china_prefectures_simulated.json").read_text("utf-8"))
    return found


def test_358_prefectures_with_their_attributes(prefectures: es.Boundaries) -> None:
    known = facts.prefectures()
    assert sorted(prefectures.ids) == sorted(known.index)
    table = prefectures.attributes
    assert list(table.columns) == FIELDS
    for field in ("name", "pinyin", "english", "region"):
        assert (table[field] == known[field].reindex(table.index)).all(), field
    assert table["stage"].value_counts().to_dict() == facts.stages().value_counts().to_dict()
    assert table["res_type"].isna().all() and prefectures.crs == "EPSG:4326"


def test_field_names_fit_a_shapefile(prefectures: es.Boundaries, provinces: es.Boundaries) -> None:
    for layer in (prefectures, provinces):
        assert all(name.isascii() and len(name) <= 10 for name in layer.attributes.columns)
    for name in ("china_prefectures", "china_provinces"):
        assert data_path(f"shapefiles/{name}.cpg").read_text() == "UTF-8"
        assert "GCS_WGS_1984" in data_path(f"shapefiles/{name}.prj").read_text()


def test_the_cells_are_valid_and_none_overlaps_another(prefectures: es.Boundaries, provinces: es.Boundaries) -> None:
    for layer in (prefectures, provinces):
        assert layer.repaired == () and shapely.is_valid(layer.geometry).all()
        tree = shapely.STRtree(layer.geometry)
        left, right = tree.query(layer.geometry, predicate="intersects")
        pairs = left < right
        shared = shapely.intersection(layer.geometry[left[pairs]], layer.geometry[right[pairs]])
        assert shapely.area(shared).max() == 0.0


def test_neighbours_are_connected_but_for_the_islands(prefectures: es.Boundaries) -> None:
    weights = es.Weights.queen(prefectures, transform="binary")
    assert list(weights.islands) == ["460300"]
    assert weights.n_components == 3  # the mainland, Hainan, Sansha
    degrees = np.asarray(weights.sparse.sum(axis=1)).ravel()
    assert degrees.mean() == pytest.approx(5.34, abs=0.01) and degrees.max() == 17
    neighbours = pd.DataFrame(weights.sparse.toarray(), weights.ids, weights.ids)
    tangshan = neighbours.columns[neighbours.loc["130200"] > 0]
    assert set(facts.prefectures()["english"][tangshan]) >= {"Qinhuangdao", "Chengde", "Tianjin"}


def test_provinces_are_the_prefectures_dissolved(prefectures: es.Boundaries, provinces: es.Boundaries) -> None:
    assert sorted(provinces.ids) == sorted(facts.provinces().index)
    parts = pd.Series(shapely.area(prefectures.geometry), prefectures.ids)
    areas = parts.groupby(prefectures.attributes["prov_code"]).sum()[list(provinces.ids)]
    np.testing.assert_allclose(shapely.area(provinces.geometry), areas, rtol=1e-9)
    assert es.Weights.queen(provinces).n_components == 2


def test_other_readers_take_the_layers() -> None:
    import geopandas

    for name, count in (("china_prefectures", 358), ("china_provinces", 31)):
        layer = geopandas.read_file(data_path(f"shapefiles/{name}.shp"))
        assert len(layer) == count and layer.crs.to_epsg() == 4326
    assert "唐山市" in set(geopandas.read_file(data_path("shapefiles/china_prefectures.shp"))["name"])


def test_every_picture_of_the_cells_says_schematic(prefectures: es.Boundaries, panel: es.Panel, tmp_path: Path) -> None:
    last = es.join(panel.where_periods([2017]), prefectures)
    assert is_schematic(last.boundaries)
    clusters = es.lisa(last, "true_efficiency", "queen", permutations=99)
    drawn = [text.get_text() for axes in clusters.plot().axes for text in axes.texts]
    assert "Schematic boundaries" in drawn
    page = es.report(clusters).html
    assert "审图号" in page and "Schematic boundaries" in page and "simulated" in page
    clusters.save(tmp_path / "clusters.gpkg")
    clusters.save(tmp_path / "clusters.geojson")
    for name in ("clusters.gpkg", "clusters.geojson"):
        assert es.read_boundaries(tmp_path / name, unit="unit").attributes["schematic"].astype(bool).all(), name


def test_a_layer_with_data_of_its_own_goes_on_saying_schematic(
    prefectures: es.Boundaries, panel: es.Panel, tmp_path: Path
) -> None:
    geo = es.join(panel.where_periods([2017]), prefectures)
    es.sbm(geo, ["labour"], ["value_added"]).save(tmp_path / "scores.gpkg", "scores")
    assert main(["lisa", str(tmp_path / "scores.gpkg"), "--unit", "unit", "--column", "score", "--permutations", "99",
                 "--out", str(tmp_path / "clusters.eco")]) == 0  # fmt: skip
    assert is_schematic(es.Result.load(tmp_path / "clusters.eco").boundaries)


def test_the_panel_is_called_simulated(panel: es.Panel, about: dict[str, object]) -> None:
    assert about["simulated"] is True and panel.caveats
    assert list(about["fields"]) == ["code", "year", *panel.columns]  # type: ignore[call-overload]
    assert len(panel.units) == 357 and panel.balanced and not panel.missing().size
    assert (panel.periods[0], panel.periods[-1]) == (2000, 2017)
    shares = panel.frame[["resource_share", "labour_share", "technology_share"]].sum(axis=1)
    np.testing.assert_allclose(shares, 100.0, atol=1e-9)
    assert (panel.numbers(["labour", "capital", "energy", "value_added", "wastewater", "so2", "soot"]) > 0).all().all()


def within(values: np.ndarray) -> np.ndarray:
    """Deviations from unit and period means; (T, n, ...)."""
    return values - values.mean(0, keepdims=True) - values.mean(1, keepdims=True) + values.mean((0, 1), keepdims=True)


def test_a_spatial_durbin_estimator_finds_the_known_parameters(
    prefectures: es.Boundaries, panel: es.Panel, about: dict[str, dict[str, dict[str, float]]]
) -> None:
    """Concentrated likelihood with two-way effects (Lee & Yu 2010), written for this test."""
    units = prefectures.subset([str(code) for code in panel.units])
    links = es.Weights.queen(units, transform="binary").sparse.toarray()
    degree = links.sum(axis=1)
    weights, alike = links / degree[:, None], links / np.sqrt(np.outer(degree, degree))
    cube = panel.cube(["true_efficiency", *DRIVERS])
    lagged = np.einsum("ij,tjk->tik", weights, cube)
    y, wy = within(cube[..., 0]).ravel(), within(lagged[..., 0]).ravel()
    x = np.concatenate([within(cube[..., 1:]), within(lagged[..., 1:])], axis=2).reshape(len(y), -1)
    plain, lag = (np.linalg.lstsq(x, values, rcond=None)[0] for values in (y, wy))
    rest, lag_rest = y - x @ plain, wy - x @ lag
    roots = eigvalsh(alike)  # also those of the weights

    def loss(rho: float) -> float:
        left = rest - rho * lag_rest
        return len(y) / 2 * np.log(left @ left) - 18 * np.log(1 - rho * roots).sum()

    rho = minimize_scalar(loss, bounds=(-0.9, 0.99), method="bounded").x
    known = about["parameters"]
    found = plain - rho * lag
    left = y - rho * wy - x @ found
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * (left @ left) / (17 * 356))
    truth = np.array([known[part][name] for part in ("beta", "theta") for name in DRIVERS])
    assert rho == pytest.approx(known["rho"], abs=0.03)
    assert (np.abs(found - truth) < 3.5 * errors).all()
    strong = np.abs(truth) > 0.01
    np.testing.assert_allclose(found[strong], truth[strong], rtol=0.35)


def test_the_frontier_finds_the_order_of_the_true_efficiencies(panel: es.Panel) -> None:
    last = panel.where_periods([2017])
    inputs, bads = ["labour", "capital", "energy"], ["wastewater", "so2", "soot"]
    scores = es.sbm(last, inputs, ["value_added"], bads, returns_to_scale="crs").scores
    assert scores.corr(last["true_efficiency"], method="spearman") > 0.75


def test_output_follows_the_known_frontier(panel: es.Panel, about: dict[str, dict[str, dict[str, float]]]) -> None:
    known = about["parameters"]["frontier"]
    frame = panel.frame
    logs = np.log(frame[["capital", "labour", "energy"]].to_numpy())
    time = frame.index.get_level_values("period").to_numpy() - 2000
    design = np.column_stack([np.ones(len(frame)), logs, time])
    target = np.log(frame["value_added"] / frame["true_efficiency"])
    found = np.linalg.lstsq(design, target, rcond=None)[0]
    truth = [np.log(known["scale"]), known["capital"], known["labour"], known["energy"], known["progress"]]
    np.testing.assert_allclose(found, truth, atol=2e-4)

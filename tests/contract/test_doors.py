"""Every registered tool gives the same numbers through every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial import tools
from ecospatial.cli import main
from ecospatial.ports import ports
from ecospatial.shipped import data_path

PANEL = data_path("panels/us_states_production.csv")
CITIES = data_path("panels/china_prefectures_simulated.csv")
STATES = data_path("shapefiles/us_states.shp")
INPUTS = ["public_capital", "private_capital", "employment"]
DRIVERS = ["unemployment", "highway_share"]
PANEL_ARGUMENTS = ["--unit", "state", "--period", "year"]
MAP_ARGUMENTS = ["--boundaries", str(STATES), "--boundary-unit", "state"]


@dataclass(frozen=True)
class Ground:
    """The demo data as an API user holds them, and as files."""

    geo: es.GeoPanel
    last: es.GeoPanel
    long: es.GeoPanel
    panel_file: str
    last_file: str
    long_file: str
    folder: Path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("doors")
    table = pd.read_csv(PANEL)
    table["highway_share"] = table["highways"] / table["public_capital"]
    recent = table[table["year"] >= 1985]
    recent.to_csv(folder / "panel.csv", index=False)
    recent[recent["year"] == 1986].to_csv(folder / "last.csv", index=False)
    geo = es.read_panel(folder / "panel.csv", unit="state", period="year").join(
        es.read_boundaries(STATES, unit="state")
    )
    last = es.read_panel(folder / "last.csv", unit="state", period="year").join(
        es.read_boundaries(STATES, unit="state")
    )
    es.ols(last, "unemployment", ["highway_share"]).store(folder / "ols.eco")
    es.radial(last, INPUTS, ["gross_state_product"]).store(folder / "radial.eco")
    es.malmquist(geo, INPUTS, ["gross_state_product"]).store(folder / "malmquist.eco")
    es.spatial_panel(last, "unemployment", ["highway_share"], "queen", model="lag").store(folder / "lag.eco")
    es.bootstrap(es.radial(last, INPUTS, ["gross_state_product"]), 100, seed=9).store(folder / "bootstrap.eco")
    table[table["year"] >= 1980].to_csv(folder / "long.csv", index=False)
    long = es.read_panel(folder / "long.csv", unit="state", period="year").join(
        es.read_boundaries(STATES, unit="state")
    )
    es.ols(long, "unemployment", ["highway_share"], effects="individual").store(folder / "fixed.eco")
    es.ols(long, "unemployment", ["highway_share"], effects="random").store(folder / "random.eco")
    files = (str(folder / f"{name}.csv") for name in ("panel", "last", "long"))
    return Ground(geo, last, long, *files, folder)


Api = Callable[[Ground], es.Result]
Line = Callable[[Ground], list[str]]

CASES: dict[str, list[tuple[Api, Line]]] = {
    "join": [
        (
            lambda ground: ground.geo,
            lambda ground: [ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS],
        ),
    ],
    "classify": [
        (
            lambda ground: es.classify(es.read_panel(CITIES, unit="code", period="year"), population="population"),
            lambda ground: [str(CITIES), "--unit", "code", "--period", "year", "--population", "population"],
        ),
    ],
    "weights": [
        (
            lambda ground: es.weights(
                ground.geo.boundaries,
                es.Weights.inverse_distance(ground.geo.boundaries, 300, 2, islands="nearest", transform="spectral"),
            ),
            lambda ground: [
                *(str(STATES), "--boundary-unit", "state", "--weights", "inverse-distance"),
                *("--weights-value", "300", "--weights-power", "2", "--weights-islands", "nearest"),
                *("--weights-transform", "spectral"),
            ],
        ),
    ],
    "radial": [
        (
            lambda ground: es.radial(ground.geo, INPUTS, ["gross_state_product"], orientation="output"),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--orientation", "output"),
            ],
        ),
        (
            lambda ground: es.radial(
                ground.geo,
                INPUTS,
                ["gross_state_product"],
                frontier="meta",
                groups="division",
                scale=True,
                by=["division"],
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--frontier", "meta", "--groups", "division"),
                *("--scale", "--by", "division"),
            ],
        ),
        (
            lambda ground: es.radial(
                ground.geo,
                INPUTS,
                ["gross_state_product"],
                returns_to_scale="crs",
                super_efficiency=True,
                frontier="window",
                window=2,
                reference_units=["CA", "NY", "TX", "IL"],
                exclude="unit",
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--returns-to-scale", "crs", "--super-efficiency"),
                *("--frontier", "window", "--window", "2", "--exclude", "unit"),
                *("--reference-units", "CA", "NY", "TX", "IL"),
            ],
        ),
    ],
    "malmquist": [
        (
            lambda ground: es.malmquist(
                ground.geo,
                INPUTS,
                ["gross_state_product"],
                reference="biennial",
                decomposition="ray-desli",
                base_period=1986,
                by=["division"],
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--reference", "biennial", "--by", "division"),
                *("--decomposition", "ray-desli", "--base-period", "1986"),
            ],
        ),
        (
            lambda ground: es.malmquist(
                ground.geo, INPUTS, ["gross_state_product"], ["unemployment"], technology="sbm", orientation="input"
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
                *("--technology", "sbm", "--orientation", "input"),
            ],
        ),
    ],
    "malmquist_luenberger": [
        (
            lambda ground: es.malmquist_luenberger(
                ground.geo,
                INPUTS[2:],
                ["gross_state_product"],
                ["unemployment"],
                reference="global",
                disposability="weak",
                groups="division",
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS[2:]),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
                *("--reference", "global", "--disposability", "weak", "--groups", "division"),
            ],
        ),
    ],
    "luenberger": [
        (
            lambda ground: es.luenberger(
                ground.geo, INPUTS, ["gross_state_product"], ["unemployment"], weights={"unemployment": 1.0}
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
                *("--weights", "unemployment=1"),
            ],
        ),
    ],
    "malmquist_bootstrap": [
        (
            lambda ground: es.malmquist_bootstrap(
                es.malmquist(ground.geo, INPUTS, ["gross_state_product"]),
                replications=100,
                level=0.9,
                interval="basic",
                seed=5,
            ),
            lambda ground: [
                *(str(ground.folder / "malmquist.eco"), "--replications", "100", "--level", "0.9"),
                *("--interval", "basic", "--seed", "5"),
            ],
        ),
    ],
    "sbm": [
        (
            lambda ground: es.sbm(
                ground.last,
                INPUTS,
                ["gross_state_product"],
                ["unemployment"],
                returns_to_scale="crs",
                frontier="global",
            ),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
                *("--returns-to-scale", "crs", "--frontier", "global"),
            ],
        ),
    ],
    "ebm": [
        (
            lambda ground: es.ebm(ground.last, INPUTS, ["gross_state_product"], super_efficiency=True),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--super-efficiency"),
            ],
        ),
    ],
    "additive": [
        (
            lambda ground: es.additive(ground.last, INPUTS, ["gross_state_product"], counted_in="ranges"),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--counted-in", "ranges"),
            ],
        ),
    ],
    "directional": [
        (
            lambda ground: es.directional(
                ground.last, INPUTS, ["gross_state_product"], ["unemployment"], disposability="weak"
            ),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment", "--disposability", "weak"),
            ],
        ),
    ],
    "nonradial_directional": [
        (
            lambda ground: es.nonradial_directional(
                ground.last, INPUTS, ["gross_state_product"], ["unemployment"], disposability="equality"
            ),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment", "--disposability", "equality"),
            ],
        ),
    ],
    "range_directional": [
        (
            lambda ground: es.range_directional(ground.last, INPUTS, ["gross_state_product"], ["unemployment"]),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
            ],
        ),
    ],
    "bootstrap": [
        (
            lambda ground: es.bootstrap(es.radial(ground.last, INPUTS, ["gross_state_product"]), 200, seed=9),
            lambda ground: [str(ground.folder / "radial.eco"), "--replications", "200", "--seed", "9"],
        ),
    ],
    "returns_to_scale_test": [
        (
            lambda ground: es.returns_to_scale_test(
                es.radial(ground.last, INPUTS, ["gross_state_product"]), "mean of ratios", 100
            ),
            lambda ground: [
                *(str(ground.folder / "radial.eco"), "--statistic", "mean of ratios", "--replications", "100"),
            ],
        ),
    ],
    "order_m": [
        (
            lambda ground: es.order_m(
                ground.last, INPUTS, ["gross_state_product"], ["unemployment"], m=10, orientation="output"
            ),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--inputs", *INPUTS),
                *("--outputs", "gross_state_product", "--undesirable", "unemployment"),
                *("--m", "10", "--orientation", "output"),
            ],
        ),
    ],
    "influence": [
        (
            lambda ground: es.influence(es.radial(ground.last, INPUTS, ["gross_state_product"])),
            lambda ground: [str(ground.folder / "radial.eco")],
        ),
    ],
    "moran": [
        (
            lambda ground: es.moran(
                ground.geo, "unemployment", "rook", permutations=199, alternative="greater", seed=7
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment", "--weights", "rook"),
                *("--permutations", "199", "--alternative", "greater", "--seed", "7"),
            ],
        ),
        (
            lambda ground: es.moran(ground.geo, "unemployment", "queen", regressors=["highway_share", "employment"]),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--regressors", "highway_share", "employment"),
            ],
        ),
    ],
    "lisa": [
        (
            lambda ground: es.lisa(
                ground.geo, "unemployment", es.Weights.knn(ground.geo.boundaries, k=5), correction="fdr", seed=3
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--weights", "knn", "--weights-value", "5", "--correction", "fdr", "--seed", "3"),
            ],
        ),
        (
            lambda ground: es.lisa(ground.geo, "unemployment", second="highway_share", change="previous"),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--second", "highway_share", "--change", "previous"),
            ],
        ),
    ],
    "getis_ord": [
        (
            lambda ground, star=star: es.getis_ord(  # type: ignore[misc]
                ground.geo, "unemployment", "rook", star=star, correction="fdr", seed=3
            ),
            lambda ground, star=star: [  # type: ignore[misc]
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment", "--weights", "rook"),
                *(() if star else ("--no-star",)),
                *("--correction", "fdr", "--seed", "3"),
            ],
        )
        for star in (True, False)
    ],
    "geary": [
        (
            lambda ground: es.geary(ground.geo, ["unemployment", "highway_share"], permutations=199),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--columns", "unemployment", "highway_share"),
                *("--permutations", "199"),
            ],
        ),
    ],
    "lisa_transitions": [
        (
            lambda ground: es.lisa_transitions(ground.geo, "unemployment", "rook"),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment", "--weights", "rook"),
            ],
        ),
    ],
    "spatial_markov": [
        (
            lambda ground: es.spatial_markov(ground.geo, "unemployment", classes=3, breaks="period"),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--classes", "3", "--breaks", "period"),
            ],
        ),
    ],
    "emerging_hot_spots": [
        (
            lambda ground: es.emerging_hot_spots(
                ground.long, "unemployment", compared="same period", permutations=199, seed=5
            ),
            lambda ground: [
                *(ground.long_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--compared", "same period", "--permutations", "199", "--seed", "5"),
            ],
        ),
    ],
    "weights_sensitivity": [
        (
            lambda ground: es.weights_sensitivity(ground.geo, "unemployment", ["queen", "knn:5", "band:500"], 199),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--weights", "queen", "knn:5", "band:500", "--permutations", "199"),
            ],
        ),
    ],
    "cluster_stability": [
        (
            lambda ground: es.cluster_stability(es.Result.load(ground.folder / "bootstrap.eco"), "rook", 99, seed=3),
            lambda ground: [
                *(str(ground.folder / "bootstrap.eco"), "--weights", "rook"),
                *("--permutations", "99", "--seed", "3"),
            ],
        ),
    ],
    "ols": [
        (
            lambda ground: es.ols(ground.last, "unemployment", ["highway_share", "employment"]),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment"),
                *("--x", "highway_share", "employment"),
            ],
        ),
        (
            lambda ground: es.ols(
                ground.long,
                "unemployment",
                ["highway_share", "employment"],
                effects="twoway",
                errors="driscoll-kraay",
                transforms={"employment": "log+lag"},
            ),
            lambda ground: [
                *(ground.long_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment"),
                *("--x", "highway_share", "employment", "--effects", "twoway", "--errors", "driscoll-kraay"),
                *("--transforms", "employment=log+lag"),
            ],
        ),
        (
            lambda ground: es.ols(
                ground.geo, "unemployment", ["highway_share"], "random", "clustered", cluster="division"
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment", "--x", "highway_share"),
                *("--effects", "random", "--errors", "clustered", "--cluster", "division"),
            ],
        ),
    ],
    "tobit": [
        (
            lambda ground: es.tobit(
                ground.geo, "unemployment", ["highway_share"], lower=5.0, upper=9.0, effects="random"
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment", "--x", "highway_share"),
                *("--lower", "5", "--upper", "9", "--effects", "random"),
            ],
        ),
    ],
    "truncated": [
        (
            lambda ground: es.truncated(ground.last, "unemployment", ["highway_share"], lower=2.0),
            lambda ground: [
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment", "--x", "highway_share"),
                *("--lower", "2"),
            ],
        ),
    ],
    "second_stage": [
        (
            lambda ground: es.second_stage(
                es.Result.load(ground.folder / "radial.eco"),
                ["unemployment"],
                es.read_panel(ground.last_file, unit="state", period="year"),
                first_replications=20,
                replications=100,
                seed=4,
            ),
            lambda ground: [
                *(str(ground.folder / "radial.eco"), "--x", "unemployment", "--data", ground.last_file),
                *(*PANEL_ARGUMENTS, "--first-replications", "20", "--replications", "100", "--seed", "4"),
            ],
        ),
    ],
    "spatial_tests": [
        (
            lambda ground: es.spatial_tests(es.ols(ground.last, "unemployment", ["highway_share"]), "queen"),
            lambda ground: [str(ground.folder / "ols.eco"), "--weights", "queen"],
        ),
        (
            lambda ground: es.spatial_tests(
                es.Result.load(ground.folder / "fixed.eco"), "queen", convention="debarsy-ertur"
            ),
            lambda ground: [
                *(str(ground.folder / "fixed.eco"), "--weights", "queen", "--convention", "debarsy-ertur"),
            ],
        ),
    ],
    "hausman": [
        (
            lambda ground: es.hausman(
                es.Result.load(ground.folder / "fixed.eco"), es.Result.load(ground.folder / "random.eco")
            ),
            lambda ground: [str(ground.folder / "fixed.eco"), "--random", str(ground.folder / "random.eco")],
        ),
    ],
    "cross_section_dependence": [
        (
            lambda ground: es.cross_section_dependence(es.Result.load(ground.folder / "fixed.eco"), "queen"),
            lambda ground: [str(ground.folder / "fixed.eco"), "--weights", "queen"],
        ),
    ],
    "spatial_effects": [
        (
            lambda ground: es.spatial_effects(es.Result.load(ground.folder / "lag.eco"), orders=2),
            lambda ground: [str(ground.folder / "lag.eco"), "--orders", "2"],
        ),
    ],
    "spatial_panel": [
        (
            lambda ground, model=model: es.spatial_panel(  # type: ignore[misc]
                ground.last, "unemployment", ["highway_share"], "queen", model=model
            ),
            lambda ground, model=model: [  # type: ignore[misc]
                *(ground.last_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment"),
                *("--x", "highway_share", "--weights", "queen", "--model", model),
            ],
        )
        for model in ("lag", "error")
    ],
    "regimes": [
        (
            lambda ground: es.regimes(
                ground.long, "employment", ["unemployment"], "division", effects="twoway", draws=99
            ),
            lambda ground: [
                *(ground.long_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "employment", "--x", "unemployment"),
                *("--by", "division", "--effects", "twoway", "--draws", "99"),
            ],
        ),
        (
            lambda ground: es.regimes(
                ground.geo, "employment", ["unemployment"], "division", model="lag", effects="individual"
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "employment", "--x", "unemployment"),
                *("--by", "division", "--model", "lag", "--effects", "individual"),
            ],
        ),
    ],
    "geodetector": [
        (
            lambda ground: es.geodetector(
                ground.geo,
                "unemployment",
                ["division", "highway_share"],
                classes=4,
                discretisation="best",
                permutations=99,
            ),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--y", "unemployment"),
                *("--factors", "division", "highway_share", "--classes", "4", "--discretisation", "best"),
                *("--permutations", "99"),
            ],
        ),
    ],
    "weights_robustness": [
        (
            lambda ground: es.weights_robustness(
                es.spatial_panel(ground.last, "unemployment", ["highway_share"], "queen", model="lag"),
                ["rook", "knn:4"],
            ),
            lambda ground: [str(ground.folder / "lag.eco"), "--weights", "rook", "knn:4"],
        ),
    ],
    "compare": [
        (
            lambda ground: es.compare(
                [es.Result.load(ground.folder / "ols.eco"), es.Result.load(ground.folder / "lag.eco")]
            ),
            lambda ground: [str(ground.folder / "ols.eco"), str(ground.folder / "lag.eco")],
        ),
    ],
    "focus": [
        (
            lambda ground: es.focus(ground.geo, "unemployment", "division", "Mountain", permutations=199),
            lambda ground: [
                *(ground.panel_file, *PANEL_ARGUMENTS, *MAP_ARGUMENTS, "--column", "unemployment"),
                *("--by", "division", "--group", "Mountain", "--permutations", "199"),
            ],
        ),
    ],
}


def test_every_tool_has_a_case() -> None:
    assert set(CASES) == set(tools.names())


@pytest.mark.parametrize("name", list(CASES))
def test_the_command_line_agrees_with_the_api(name: str, ground: Ground, tmp_path: Path) -> None:
    for number, (api, line) in enumerate(CASES[name]):
        expected = api(ground)
        stored = tmp_path / f"{number}.eco"
        outs = [f"--out={stored}"]
        assert main([name.replace("_", "-"), *line(ground), *outs]) == 0
        found = type(expected).load(stored)
        assert [table.name for table in type(expected).TABLES] == list(expected.tables())
        for table, frame in expected.tables().items():
            same(found.tables()[table], frame)
            same_as_csv(found, table, frame, tmp_path / f"{number}-{table}.csv")


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal to 1e-10 of the size of each column: a slack of 1e-10 among thousands is rounding."""
    assert list(found.columns) == list(expected.columns)
    pd.testing.assert_index_equal(found.index, expected.index, exact=False)
    for column in expected.columns:
        same_column(found[column], expected[column])


def same_column(found: pd.Series, expected: pd.Series) -> None:
    if pd.api.types.is_numeric_dtype(expected) and not pd.api.types.is_bool_dtype(expected):
        ours, theirs = expected.to_numpy(float), found.to_numpy(float)
        size = max(1.0, float(np.abs(ours[np.isfinite(ours)]).max(initial=0.0)))
        np.testing.assert_allclose(theirs, ours, rtol=1e-10, atol=1e-10 * size, err_msg=str(expected.name))
    else:
        assert texts(found) == texts(expected), expected.name


def texts(column: pd.Series) -> list[str]:
    return ["" if cell is None or cell != cell else str(cell) for cell in column]


def same_as_csv(result: es.Result, table: str, expected: pd.DataFrame, path: Path) -> None:
    result.save(path, table)
    read = pd.read_csv(path)
    named = [name for name in expected.index.names if name is not None]
    rows = expected.reset_index() if named else expected
    assert list(read.columns) == list(rows.columns)
    assert len(read) == len(rows)
    for column in rows.columns:
        same_column(read[column], rows[column])


@pytest.mark.parametrize("name", list(CASES))
def test_every_tool_repeats_itself(name: str, ground: Ground, tmp_path: Path) -> None:
    api, _ = CASES[name][0]
    first, second = api(ground), api(ground)
    for table in first.tables():
        first.save(tmp_path / "a.csv", table)
        second.save(tmp_path / "b.csv", table)
        assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes(), table


@pytest.mark.parametrize("name", list(CASES))
def test_every_tool_is_described(name: str) -> None:
    tool = tools.find(name)
    assert tool.group in tools.GROUPS
    assert tool.title
    assert "Examples" in tool.doc
    assert tool.returns.TABLES
    for port in ports(tool):
        assert port.title
        assert port.help or port.kind in ("flag",), f"{name}: {port.name} has no help"


@pytest.mark.parametrize("name", list(CASES))
def test_provenance_names_the_call(name: str, ground: Ground) -> None:
    result = CASES[name][0][0](ground)
    assert result.provenance.tool == name
    assert result.provenance.versions["ecospatial"] == es.__version__
    assert next(iter(result.provenance.arguments)) in str(result.provenance)

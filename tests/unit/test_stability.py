"""Stability of clusters against plain loops over the draws, known cases and bad requests."""

from __future__ import annotations

import importlib.util
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.clusters import replications
from ecospatial.clusters.lisa import LABELS
from ecospatial.clusters.replications import corrected_draws
from ecospatial.clusters.stability import cluster_stability
from ecospatial.clusters.stability_result import StabilityResult
from ecospatial.efficiency.bootstrap import BootstrapResult
from ecospatial.errors import DataError, GeometryError, JoinError, OptionError

SIDE = 6
UNITS = [f"u{place:02d}" for place in range(SIDE**2)] + ["island"]
BOXES = [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)] + [shapely.box(9, 9, 10, 10)]
GRID = es.Boundaries.of(UNITS, BOXES)
FRAME_COLUMNS = ["labour", "capital", "output"]


@cache
def cities(years: int = 2) -> es.GeoPanel:
    """Efficient in one corner of the grid, less so elsewhere, and an island."""
    draw = np.random.default_rng(5)
    frames = []
    for year in range(2001, 2001 + years):
        used = draw.uniform(1.0, 3.0, (len(UNITS), 2))
        corner = np.append((np.arange(SIDE**2) // SIDE + np.arange(SIDE**2) % SIDE) / (2 * SIDE), 0.5)
        lost = np.exp(-0.5 * corner - np.abs(draw.normal(0.0, 0.15, len(UNITS))))
        frame = pd.DataFrame(used, columns=FRAME_COLUMNS[:2])
        frames.append(frame.assign(output=used.prod(axis=1) ** 0.4 * lost, city=UNITS, year=year))
    return es.join(es.Panel.from_frame(pd.concat(frames), unit="city", period="year"), GRID)


@cache
def drawn(years: int = 2, frontier: Any = "contemporaneous") -> BootstrapResult:
    return es.bootstrap(es.radial(cities(years), FRAME_COLUMNS[:2], "output", frontier=frontier), 100, seed=4)


@cache
def found(years: int = 2) -> StabilityResult:
    return cluster_stability(drawn(years), permutations=199, seed=8)


@pytest.mark.parametrize(
    ("frontier", "options"),
    [
        ("contemporaneous", {}),
        ("global", {"correction": "fdr", "significance": 0.1}),
        ("contemporaneous", {"alternative": "directed", "correction": "bonferroni", "significance": 0.3}),
    ],
)
def test_it_is_lisa_and_moran_in_a_loop_over_the_draws(
    frontier: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replications, "BLOCK", 7 * len(UNITS))
    every = drawn(2, frontier)
    bootstrap = replace(every, draws=every.draws[:30], replications=30)
    result = cluster_stability(bootstrap, "queen", 99, seed=8, **options)
    geo, weights = cities(2), es.Weights.queen(GRID)
    scores = corrected_draws(bootstrap, np.arange(len(bootstrap.intervals)))
    labels, statistics, significant = [], [], []
    for one in scores:
        panel = geo.assign(score=one)
        labels.append(es.lisa(panel, "score", weights, 99, seed=8, **options).labels.to_numpy())
        table = es.moran(panel, "score", weights, 99, seed=8).periods
        statistics.append(table["I"].to_numpy())
        significant.append(table["p_sim"].to_numpy() <= options.get("significance", 0.05))
    for label in LABELS:
        np.testing.assert_array_equal(result.frequencies[label], (np.array(labels) == label).mean(axis=0))
    np.testing.assert_allclose(result.moran_draws, statistics, rtol=0, atol=1e-13)
    np.testing.assert_allclose(result.morans["significant"], np.mean(significant, axis=0), atol=1e-13)


def test_draws_are_the_basic_bootstrap_of_the_intervals() -> None:
    bootstrap = drawn()
    scores = corrected_draws(bootstrap, np.arange(len(bootstrap.intervals)))
    assert ((scores > 0) & (scores <= 1 + 1e-9)).all()
    # Quantiles interpolate on the scale of distances.
    np.testing.assert_allclose(1 / np.quantile(1 / scores, 0.975, axis=0), bootstrap.lower, rtol=1e-9)
    np.testing.assert_allclose(1 / np.quantile(1 / scores, 0.025, axis=0), bootstrap.upper, rtol=1e-9)
    corrected = bootstrap.intervals["corrected"].to_numpy()
    assert corrected.any()
    means = 1 / (1 / scores).mean(axis=0)
    np.testing.assert_allclose(means[corrected], bootstrap.bias_corrected[corrected], rtol=1e-9)


@pytest.mark.parametrize("method", ["homogeneous", "subsampling"])
def test_morans_interval_is_the_basic_one(method: Any) -> None:
    geo = cities()
    scores = es.radial(geo, FRAME_COLUMNS[:2], "output", returns_to_scale="crs")
    bootstrap = es.bootstrap(scores, 100, method=method, seed=4)
    result = cluster_stability(bootstrap, permutations=199, seed=8)
    rate = bootstrap.rate[0]
    assert (rate < 1.0) == (method == "subsampling") and (bootstrap.rate == rate).all()
    weights = es.Weights.queen(GRID).sparse.toarray()
    z = bootstrap.draws.reshape(100, 2, len(UNITS))
    z = z - z.mean(axis=2, keepdims=True)
    again = len(UNITS) / weights.sum() * np.einsum("bti,ij,btj->bt", z, weights, z) / (z**2).sum(axis=2)
    own = es.moran(geo.assign(score=bootstrap.intervals["efficiency"]), "score", "queen", 199, seed=8).periods
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(result.morans["I"], own["I"], rtol=1e-13)
    np.testing.assert_allclose(result.morans["p_sim"], own["p_sim"], rtol=1e-13)
    np.testing.assert_allclose(result.morans["lower"], own["I"] - rate * (high - own["I"]), rtol=1e-9)
    np.testing.assert_allclose(result.morans["upper"], own["I"] - rate * (low - own["I"]), rtol=1e-9)
    ends = np.quantile(result.moran_draws, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(result.morans[["draws_lower", "draws_upper"]].to_numpy().T, ends, rtol=1e-13)


def test_table() -> None:
    result = found()
    table = result.stability
    assert table.index.equals(cities().index)
    frequency = table[list(LABELS)]
    np.testing.assert_allclose(frequency.sum(axis=1), 1.0, rtol=1e-13)
    assert (table["frequency"] == frequency.max(axis=1)).all()
    assert all(row[row["label"]] == row["frequency"] for _, row in table.iterrows())
    assert all(row[row["estimated_label"]] == row["estimated_frequency"] for _, row in table.iterrows())
    tested = table[~table["label"].isin(["isolated", "undefined"])]
    expected = pd.cut(tested["frequency"], [0, 0.7, 0.9, 1.01], right=False, labels=["unstable", "mostly", "stable"])
    assert (tested["stability"] == expected.astype(object)).all()
    assert set(tested["stability"]) == {"stable", "mostly", "unstable"}
    assert {"LL", "ns"} <= set(tested.loc[tested["stability"] == "stable", "label"])


def test_the_estimated_label_is_that_of_lisa() -> None:
    geo = cities().assign(score=drawn().intervals["efficiency"])
    assert (found().stability["estimated_label"] == es.lisa(geo, "score", permutations=199, seed=8).labels).all()


def test_counts_add_up() -> None:
    counts = found().counts
    assert counts.groupby("period")["units"].sum().tolist() == [len(UNITS)] * 2
    tested = counts[~counts["label"].isin(["isolated", "undefined"])]
    assert (tested[["stable", "mostly", "unstable"]].sum(axis=1) == tested["units"]).all()
    assert counts.loc[counts["label"] == "isolated", ["units", "stable"]].to_numpy().tolist() == [[1, 0], [1, 0]]


def test_islands_are_isolated_in_every_draw() -> None:
    rows = found().stability.xs("island", level="unit")
    assert (rows["label"] == "isolated").all() and (rows["stability"] == "isolated").all()
    assert (rows["isolated"] == 1.0).all()
    assert "Units without a neighbour have no local statistic and are labelled isolated: island." in map(
        str, found().notes
    )


def test_without_noise_all_is_stable() -> None:
    bootstrap = drawn()
    efficiency = bootstrap.intervals["efficiency"].to_numpy()
    still = replace(bootstrap, draws=np.tile(efficiency, (100, 1)))
    result = cluster_stability(still, permutations=199)
    assert (result.stability["frequency"] == 1.0).all()
    assert (result.stability["label"] == result.stability["estimated_label"]).all()
    assert set(result.stability["stability"]) == {"stable", "isolated"}
    for end in ("lower", "upper", "draws_lower", "draws_upper"):
        np.testing.assert_allclose(result.morans[end], result.morans["I"], rtol=1e-9)


def test_a_unit_without_an_interval_is_left_out_of_its_period() -> None:
    bootstrap = drawn()
    intervals = bootstrap.intervals.copy()
    intervals.loc[("u07", 2001), ["lower", "upper", "bias", "bias_corrected", "sd"]] = np.nan
    result = cluster_stability(replace(bootstrap, intervals=intervals), permutations=199, seed=8)
    assert result.stability.loc[("u07", 2001), ["label", "stability", "undefined"]].tolist() == ["undefined"] * 2 + [1]
    assert result.stability.loc[("u07", 2001), "estimated_label"] == "undefined"
    told = next(str(note) for note in result.notes if "left out of the maps" in str(note))
    assert told.endswith("those of the scores as estimated too (1): unit u07, period 2001.")
    assert result.morans["units"].tolist() == [len(UNITS) - 1, len(UNITS)]
    pd.testing.assert_frame_equal(result.stability.xs(2002, level="period"), found().stability.xs(2002, level="period"))


def test_a_draw_without_a_score_takes_the_least_distance() -> None:
    bootstrap = drawn()
    gaps, filled = bootstrap.draws.copy(), bootstrap.draws.copy()
    gaps[3, 7] = np.nan
    filled[3, 7] = np.nanmax(gaps[:, 7])
    one, other = (cluster_stability(replace(bootstrap, draws=draws), permutations=99) for draws in (gaps, filled))
    pd.testing.assert_frame_equal(one.stability, other.stability)
    pd.testing.assert_frame_equal(one.morans, other.morans)


def test_a_period_in_which_all_are_efficient_is_undefined() -> None:
    bootstrap = drawn()
    flat = bootstrap.intervals.index.get_level_values("period") == 2002
    intervals, draws = bootstrap.intervals.copy(), bootstrap.draws.copy()
    intervals.loc[flat, "efficiency"], draws[:, flat] = 1.0, 1.0
    result = cluster_stability(replace(bootstrap, intervals=intervals, draws=draws), permutations=99)
    assert set(result.stability.xs(2002, level="period")["stability"]) == {"undefined"}
    assert result.morans["status"].tolist() == ["ok", "constant"]
    assert result.morans.loc[2002, ["I", "lower", "draws_upper", "significant"]].isna().all()


def test_weights_without_links_leave_all_isolated() -> None:
    alone = es.Weights.from_sparse(np.zeros((len(UNITS),) * 2), UNITS)
    result = cluster_stability(drawn(), alone, permutations=99)
    assert set(result.labels) == {"isolated"}
    assert result.morans["status"].tolist() == ["no links"] * 2
    assert result.morans["significant"].isna().all()


def test_one_period() -> None:
    result = found(1)
    assert result.morans.index.tolist() == [2001] and result.moran_draws.shape == (100, 1)
    assert "Moran's I" in result.summary()


def test_workers_and_order_change_nothing() -> None:
    bootstrap = drawn()
    with ProcessPoolExecutor(2) as pool:
        shared = cluster_stability(bootstrap, permutations=199, seed=8, executor=pool)
    pd.testing.assert_frame_equal(shared.stability, found().stability, check_exact=True)
    pd.testing.assert_frame_equal(shared.morans, found().morans, check_exact=True)


def test_slacks_based_scores_are_called_a_heuristic() -> None:
    scores = es.sbm(cities(1), FRAME_COLUMNS[:2], "output")
    result = cluster_stability(es.bootstrap(scores, 100), permutations=99)
    assert "Subsampling of slacks-based scores is a heuristic; read the intervals as a rough guide." in map(
        str, result.notes
    )
    assert "a heuristic" in str(result.facts()["Method"])
    assert "heuristic" not in str(found().facts()["Method"])


def test_bad_requests() -> None:
    bootstrap = drawn()
    with pytest.raises(JoinError):
        cluster_stability(bootstrap, es.Weights.queen(es.Boundaries.of("abc", BOXES[:3])))
    with pytest.raises(DataError, match="keeps no draws"):
        cluster_stability(replace(bootstrap, draws=np.empty((0, 0))))
    plain = es.bootstrap(es.radial(es.Panel.from_frame(cities(1).frame), FRAME_COLUMNS[:2], "output"), 100)
    with pytest.raises(GeometryError, match="need the polygons"):
        cluster_stability(plain)
    assert cluster_stability(plain, es.Weights.queen(GRID), 99).boundaries is None
    with pytest.raises(OptionError):
        cluster_stability(bootstrap, permutations=9)


def test_few_permutations_are_told() -> None:
    result = cluster_stability(drawn(), permutations=99, significance=0.01)
    assert any("No unit can be significant" in str(note) for note in result.notes)


def test_store_and_load(tmp_path: Path) -> None:
    found().store(tmp_path / "s.eco")
    again = StabilityResult.load(tmp_path / "s.eco")
    for name, table in found().tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)
    assert again.summary() == found().summary()
    np.testing.assert_array_equal(again.moran_draws, found().moran_draws)


def test_weights_from_the_stored_bootstrap(tmp_path: Path) -> None:
    drawn().store(tmp_path / "b.eco")
    again = cluster_stability(BootstrapResult.load(tmp_path / "b.eco"), permutations=199, seed=8)
    pd.testing.assert_frame_equal(again.stability, found().stability)


def benchmark() -> ModuleType:
    place = Path(__file__).parents[2] / "benchmarks/stability.py"
    spec = importlib.util.spec_from_file_location("stability_benchmark", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_labels_are_right_the_more_often_the_more_frequent_they_are() -> None:
    """A small run of the simulation, whose large one has 0.35, 0.58, 0.71, 0.89 and 0.995 in the classes of frequency.

    In a small class the share is within three standard errors, and 0.1 for the calibration, of the mean frequency.
    """
    module = benchmark()
    labels, _ = module.simulated(7, 100, 99, 8)
    table = module.calibration(labels)
    assert table["cities"].sum() == 392
    known = table[table["cities"] > 0]
    error = np.sqrt(known["mean_frequency"] * (1 - known["mean_frequency"]) / known["cities"])
    assert ((known["right"] - known["mean_frequency"]).abs() <= 0.1 + 3 * error).all()
    right, stable = labels["label"] == labels["true_label"], labels["stability"] == "stable"
    assert right[~stable].mean() < right[stable].mean() - 0.1
    assert table["right"].iloc[-1] > 0.97

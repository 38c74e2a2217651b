from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import linprog

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.errors import DataError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import join
from ecospatial.panel import Panel
from ecospatial.progress import listen

INPUTS, OUTPUTS, BADS = ["labour", "capital"], ["gdp"], ["so2"]


def cities(periods: int = 1, count: int = 12, seed: int = 5) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    cells = draw.lognormal(2.0, 0.6, (count * periods, 4))
    frame = pd.DataFrame(cells, columns=[*INPUTS, *OUTPUTS, *BADS])
    frame["city"] = [f"c{place:02d}" for place in range(count)] * periods
    frame["year"] = np.repeat(range(2000, 2000 + periods), count)
    return frame


def panel_of(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, unit="city", period="year")


def changed(row: int, column: str, value: Any) -> Panel:
    frame = cities()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return panel_of(frame)


def plain_programme(values: np.ndarray, inputs: int, orientation: str, convex: bool, unit: int) -> float:
    """The radial model as the textbook writes it, columns scaled by their means only."""
    values = values / values.mean(axis=0)
    count, width = values.shape
    own, contracted = values[unit], np.arange(width) < inputs
    moved = contracted if orientation == "input" else ~contracted
    signs = np.where(contracted, 1.0, -1.0)[:, None]
    rows = np.hstack([signs * -(own * moved)[:, None], signs * values.T])
    found = linprog(
        np.append(1.0 if orientation == "input" else -1.0, np.zeros(count)),
        A_ub=rows,
        b_ub=signs[:, 0] * own * ~moved,
        A_eq=np.append(0.0, np.ones(count))[None, :] if convex else None,
        b_eq=[1.0] if convex else None,
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert found.status == 0
    return abs(float(found.fun))


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_bads_are_counted_with_the_inputs(orientation: Any, returns_to_scale: Any) -> None:
    frame = cities(count=30)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, BADS, orientation, returns_to_scale)
    values = frame[[*INPUTS, *BADS, *OUTPUTS]].to_numpy()
    expected = [plain_programme(values, 3, orientation, returns_to_scale == "vrs", unit) for unit in range(30)]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9)


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_zero_cells_are_allowed_beside_positive_ones(orientation: Any) -> None:
    frame = cities(count=30)
    frame["rain"] = np.where(np.arange(30) % 4 == 0, 0.0, frame["gdp"][::-1].to_numpy())
    frame.loc[::5, "capital"] = 0.0
    found = radial(panel_of(frame), INPUTS, ["gdp", "rain"], (), orientation)
    values = frame[[*INPUTS, "gdp", "rain"]].to_numpy()
    expected = [plain_programme(values, 2, orientation, True, unit) for unit in range(30)]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9)
    assert (found.targets >= 0).all(axis=None)


def test_single_ratio_has_its_closed_form_whatever_the_size() -> None:
    draw = np.random.default_rng(3)
    size = 10.0 ** draw.uniform(-4, 9, 60)
    frame = pd.DataFrame({"city": range(60), "x": size, "y": size * draw.uniform(0.2, 1.0, 60)})
    ratio = frame["y"] / frame["x"]
    panel = Panel.from_frame(frame, unit="city")
    found = radial(panel, "x", "y", returns_to_scale="crs")
    np.testing.assert_allclose(found.scores, ratio / ratio.max(), rtol=1e-9)
    expanded = radial(panel, "x", "y", returns_to_scale="crs", orientation="output")
    np.testing.assert_allclose(expanded.scores, ratio.max() / ratio, rtol=1e-9)


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs", "nirs", "ndrs"])
def test_units_of_very_different_size_are_certified(returns_to_scale: Any) -> None:
    draw = np.random.default_rng(1)
    cells = draw.lognormal(0.0, 0.5, (40, 4)) * 10.0 ** draw.uniform(-4, 9, (40, 1))
    frame = pd.DataFrame(cells, columns=[*INPUTS, *OUTPUTS, *BADS]).assign(city=range(40))
    found = radial(Panel.from_frame(frame, unit="city"), INPUTS, OUTPUTS, BADS, returns_to_scale=returns_to_scale)
    assert (found.status == "optimal").all()
    assert found.violation < 1e-8


def test_targets_are_what_peers_make_and_what_slacks_leave() -> None:
    frame = cities()
    found = radial(panel_of(frame), INPUTS, OUTPUTS, BADS)
    data = found.data.frame
    rest = data[[*INPUTS, *BADS]].mul(found.scores, axis=0) - found.slacks[[*INPUTS, *BADS]]
    np.testing.assert_allclose(found.targets[[*INPUTS, *BADS]], rest, rtol=1e-9)
    np.testing.assert_allclose(found.targets["gdp"], data["gdp"] + found.slacks["gdp"], rtol=1e-9)
    peers = found.peers.merge(data.reset_index(), left_on=["peer_unit", "peer_period"], right_on=["unit", "period"])
    made = (peers["so2"] * peers["weight"]).groupby(peers["unit_x"]).sum()
    np.testing.assert_allclose(found.targets["so2"].droplevel("period"), made, rtol=1e-9)


def test_second_stage_finds_the_largest_slack() -> None:
    # Unit b uses as much x1 as a but twice the x2: θ = 1 with all of the excess as slack.
    frame = pd.DataFrame({"city": list("abc"), "x1": [1.0, 1.0, 3.0], "x2": [2.0, 4.0, 1.0], "y": [1.0, 1.0, 1.0]})
    found = radial(Panel.from_frame(frame, unit="city"), ["x1", "x2"], "y")
    assert found.scores.tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.slacks["x2"].tolist() == pytest.approx([0.0, 2.0, 0.0])
    assert found.peers.query("unit == 'b'")[["peer_unit", "weight"]].to_numpy().tolist() == [["a", 1.0]]


def test_output_scores_are_phi_and_the_table_has_shares() -> None:
    found = radial(panel_of(cities()), INPUTS, OUTPUTS, orientation="output")
    table = found.to_frame()
    assert (table["score"] >= 1).all()
    np.testing.assert_allclose(table["efficiency"], 1 / table["score"])
    assert table.loc[table["score"].idxmin(), "rank"].min() == 1
    assert table.loc[table["score"].idxmax(), "rank"] == table["rank"].max()
    assert "φ" in str(found.facts()["Score"])


def test_contemporaneous_frontiers_are_separate_runs() -> None:
    frame = cities(periods=3).drop(index=[4, 20])  # unbalanced
    frame = frame.sample(frac=1.0, random_state=1)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, BADS)
    assert found.scores.index.tolist() == list(zip(frame["city"], frame["year"], strict=True))
    for year, part in frame.groupby("year"):
        alone = radial(panel_of(part), INPUTS, OUTPUTS, BADS)
        pd.testing.assert_series_equal(found.scores.xs(year, level="period"), alone.scores.droplevel("period"))
    assert (found.peers["period"] == found.peers["peer_period"]).all()
    assert any("not comparable over time" in str(note) for note in found.notes)


def test_global_frontier_pools_all_periods() -> None:
    frame = cities(periods=3)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, BADS, frontier="global")
    pooled = radial(
        panel_of(frame.assign(city=frame["city"] + frame["year"].astype(str))), INPUTS, OUTPUTS, BADS, frontier="global"
    )
    np.testing.assert_allclose(found.scores, pooled.scores, rtol=1e-12)
    assert (found.scores <= radial(panel_of(frame), INPUTS, OUTPUTS, BADS).scores + 1e-9).all()
    assert any("periods are added" in str(note) for note in found.notes)


def test_super_efficiency_changes_only_efficient_units() -> None:
    panel = panel_of(cities(count=20))
    plain, found = (radial(panel, INPUTS, OUTPUTS, super_efficiency=above) for above in (False, True))
    inside = ~plain.efficient
    np.testing.assert_allclose(found.scores[inside], plain.scores[inside], rtol=1e-9)
    assert (found.scores[~inside].dropna() >= 1 - 1e-9).all()
    infeasible = found.status == "infeasible"
    assert infeasible.sum() == found.scores.isna().sum() > 0
    assert found.targets[infeasible].isna().all(axis=None)
    named = next(str(note) for note in found.notes if "infeasible" in str(note))
    assert all(unit in named for unit, _ in found.scores.index[infeasible])


def test_small_frontier_is_noted() -> None:
    notes = [str(note) for note in radial(panel_of(cities(count=8)), INPUTS, OUTPUTS).notes]
    assert notes == ["Fewer than 9 units, three for each variable, in the frontier (8): many come out efficient."]
    assert not radial(panel_of(cities(count=9)), INPUTS, OUTPUTS).notes


def test_tables_are_declared_and_summary_names_the_model() -> None:
    found = radial(panel_of(cities(periods=2)), INPUTS, OUTPUTS, BADS, returns_to_scale="crs")
    assert list(found.tables()) == [table.name for table in EfficiencyResult.TABLES]
    periods = found.to_frame("periods")
    assert periods.loc[2001, "mean"] == pytest.approx(found.scores.xs(2001, level="period").mean())
    assert periods.loc[2001, "efficient_share"] == found.efficient.xs(2001, level="period").mean()
    summary = found.summary()
    model = ("CCR, input-oriented", "Charnes, Cooper & Rhodes (1978)", "Korhonen & Luptacik")
    for words in (*model, "1e-06", "simplex 24"):
        assert words in summary
    assert found.provenance.tool == "radial"


def test_result_returns_from_its_file(tmp_path: Path) -> None:
    found = radial(panel_of(cities(count=20)), INPUTS, OUTPUTS, BADS, super_efficiency=True)
    found.store(tmp_path / "radial.eco")
    again = EfficiencyResult.load(tmp_path / "radial.eco")
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)
    assert again.summary() == found.summary()
    assert again.specification == found.specification


def test_geopanel_keeps_its_boundaries() -> None:
    panel = panel_of(cities())
    boxes = [shapely.box(place, 0, place + 1, 1) for place in range(12)]
    geo = join(panel, Boundaries.of(panel.units, boxes))
    found = radial(geo, INPUTS, OUTPUTS)
    assert found.boundaries.ids.tolist() == panel.units.tolist()
    np.testing.assert_array_equal(found.scores, radial(panel, INPUTS, OUTPUTS).scores)


def test_progress_runs_once_over_all_frontiers() -> None:
    seen: list[tuple[str, float]] = []
    with listen(lambda label, fraction: seen.append((label, fraction))):
        radial(panel_of(cities(periods=2)), INPUTS, OUTPUTS)
    assert seen[0] == ("Efficiency", 0.0) and seen[-1] == ("Efficiency", 1.0)
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen)


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (3, "labour", -1.0, ["'labour' is negative", "unit c03, period 2000"]),
        (3, "so2", -1.0, ["'so2' is negative", "unit c03"]),
        (4, "gdp", 0.0, ["No output is positive for unit c04, period 2000 (columns gdp)"]),
        (5, "capital", np.nan, ["'capital' is empty", "unit c05"]),
        (6, "gdp", np.inf, ["'gdp' is infinite", "unit c06"]),
        (7, "labour", "many", ["'labour' must hold numbers", "unit c07", "many"]),
    ],
)
def test_bad_cells_are_named(row: int, column: str, value: Any, words: list[str]) -> None:
    with pytest.raises(DataError) as error:
        radial(changed(row, column, value), INPUTS, OUTPUTS, BADS)
    assert all(word in str(error.value) for word in words)


def test_unit_without_input_is_named() -> None:
    frame = cities()
    frame.loc[2, INPUTS] = 0.0
    with pytest.raises(DataError, match="No input is positive for unit c02, period 2000"):
        radial(panel_of(frame), INPUTS, OUTPUTS)


@pytest.mark.parametrize(
    ("inputs", "outputs", "bads", "words"),
    [
        ([], OUTPUTS, [], "no inputs"),
        (INPUTS, [], [], "no outputs"),
        (INPUTS, ["labour"], [], "more than once: labour"),
        (["labour", "labour"], OUTPUTS, [], "more than once: labour"),
        (INPUTS, OUTPUTS, ["gdp"], "more than once: gdp"),
    ],
)
def test_bad_choices_of_columns(inputs: list[str], outputs: list[str], bads: list[str], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        radial(panel_of(cities()), inputs, outputs, bads)


def test_missing_column_is_suggested() -> None:
    with pytest.raises(DataError, match=r"'labor'.*did you mean 'labour'"):
        radial(panel_of(cities()), ["labor"], OUTPUTS)


def test_fewer_units_than_variables() -> None:
    frame = cities(periods=2)
    frame = frame[(frame["year"] == 2000) | (frame["city"] < "c03")]
    with pytest.raises(DataError, match="There are 3 units in the frontier of 2001 for 4 variables"):
        radial(panel_of(frame), INPUTS, OUTPUTS, BADS)


def test_identical_units_score_alike() -> None:
    frame = pd.concat([cities(), cities().assign(city=lambda rows: rows["city"] + "twin")], ignore_index=True)
    scores = radial(panel_of(frame), INPUTS, OUTPUTS).scores.to_numpy()
    np.testing.assert_allclose(scores[:12], scores[12:], rtol=1e-12)
    np.testing.assert_allclose(scores[:12], radial(panel_of(cities()), INPUTS, OUTPUTS).scores, rtol=1e-12)


def test_scale_classes_have_their_closed_form() -> None:
    # One input, one output: productivity rises to unit b, falls after it; the ratio of b is the best scale.
    x, y = np.array([1.0, 2.0, 4.0, 8.0, 2.0, 6.0]), np.array([1.0, 4.0, 6.0, 7.0, 1.0, 3.0])
    frame = pd.DataFrame({"city": list("abcdef"), "x": x, "y": y})
    found = radial(Panel.from_frame(frame, unit="city"), "x", "y", scale=True).to_frame().droplevel("period")
    np.testing.assert_allclose(found["crs"], (y / x) / 2.0, rtol=1e-9)
    np.testing.assert_allclose(found["vrs"], [1, 1, 1, 1, 0.5, (1 + 2 / 3) / 6], rtol=1e-9)
    np.testing.assert_allclose(found["scale_efficiency"], found["crs"] / found["vrs"], rtol=1e-9)
    expected = ["increasing", "constant", "decreasing", "decreasing", "increasing", "increasing"]
    assert found["returns"].tolist() == expected


@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs", "ndrs"])
def test_scale_does_not_depend_on_the_returns_asked_for(orientation: Any, returns_to_scale: Any) -> None:
    panel = panel_of(cities(periods=2))
    options: dict[str, Any] = {"orientation": orientation, "returns_to_scale": returns_to_scale}
    found = radial(panel, INPUTS, OUTPUTS, BADS, scale=True, **options)
    plain = {name: radial(panel, INPUTS, OUTPUTS, BADS, orientation, name).efficiency for name in ("crs", "vrs")}
    assert found.scale is not None
    np.testing.assert_allclose(found.scale["crs"], plain["crs"], rtol=1e-8)
    np.testing.assert_allclose(found.scale["vrs"], plain["vrs"], rtol=1e-8)
    pd.testing.assert_series_equal(found.scores, radial(panel, INPUTS, OUTPUTS, BADS, **options).scores)
    assert found.scale["scale_efficiency"].between(0, 1).all()
    assert "Färe, Grosskopf & Lovell 1985" in found.summary()


def others_relaxed(values: np.ndarray, inputs: int, orientation: str, unit: int) -> float:
    """Cook, Liang, Zha & Zhu in two plain programmes: first the least give of the held side, then the best move."""
    rest, own = np.delete(values, unit, axis=0), values[unit]
    count, contracted = len(rest), np.arange(len(own)) < inputs
    signs = np.where(contracted, 1.0, -1.0)
    moved = contracted if orientation == "input" else ~contracted
    # Columns: give (β or τ), move (1 + τ or 1 − β), intensities.
    rows = np.column_stack([-own * ~moved, -signs * own * moved, signs[:, None] * rest.T])
    common: dict[str, Any] = {
        "A_ub": rows,
        "b_ub": signs * own * ~moved,
        "A_eq": np.concatenate([[0.0, 0.0], np.ones(count)])[None, :],
        "b_eq": [1.0],
        "method": "highs",
    }
    give = linprog(np.append(1.0, np.zeros(count + 1)), **common).fun
    way = 1.0 if orientation == "input" else -1.0
    bounds = [(0, give + 1e-11), *[(0, None)] * (count + 1)]
    move = linprog(np.concatenate([[0.0, way], np.zeros(count)]), bounds=bounds, **common).x[1]
    if give < 1e-9:
        return float(move if orientation == "input" else 1 / move)
    return float(move + 1 / (1 - give) if orientation == "input" else 1 + give + 1 / move)


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_infeasible_super_efficiency_is_repaired_by_name(orientation: Any) -> None:
    frame = cities(count=20)
    options: dict[str, Any] = {"orientation": orientation, "super_efficiency": True}
    plain = radial(panel_of(frame), INPUTS, OUTPUTS, **options)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, infeasible="cook", **options)
    values = frame[[*INPUTS, *OUTPUTS]].to_numpy()
    expected = [others_relaxed(values, 2, orientation, unit) for unit in range(20)]
    np.testing.assert_allclose(found.efficiency, expected, rtol=1e-7)
    mended = plain.status == "infeasible"
    assert mended.any() and (found.status[mended] == "repaired").all() and (found.efficiency[mended] > 1).all()
    pd.testing.assert_series_equal(found.scores[~mended], plain.scores[~mended])
    assert found.targets.notna().all(axis=None)
    note = next(str(note) for note in found.notes if "Cook, Liang, Zha & Zhu (2009)" in str(note))
    assert all(unit in note for unit, _ in found.scores.index[mended])
    assert not any("without a score" in str(note) for note in found.notes)


def test_repair_goes_by_frontier() -> None:
    frame = cities(periods=3)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, super_efficiency=True, infeasible="cook")
    for year, part in frame.groupby("year"):
        alone = radial(panel_of(part), INPUTS, OUTPUTS, super_efficiency=True, infeasible="cook")
        np.testing.assert_allclose(found.scores.xs(year, level="period"), alone.scores, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"infeasible": "cook"}, "mends super-efficiency scores"),
        ({"scale": True, "super_efficiency": True}, "compares ordinary scores"),
        ({"infeasible": "seiford"}, "not a choice"),
        ({"by": "regoin"}, "no column 'regoin'"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], words: str) -> None:
    with pytest.raises((OptionError, DataError), match=words):
        radial(panel_of(cities()), INPUTS, OUTPUTS, **options)


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_multipliers_price_the_units_at_their_score(orientation: Any, returns_to_scale: Any) -> None:
    frame = cities(count=20)
    found = radial(panel_of(frame), INPUTS, OUTPUTS, BADS, orientation, returns_to_scale)
    prices, data = found.multipliers, frame[[*INPUTS, *OUTPUTS, *BADS]].to_numpy()
    assert list(prices.columns) == [*INPUTS, *OUTPUTS, *BADS, *(["u0"] if returns_to_scale == "vrs" else [])]
    assert (prices[[*INPUTS, *OUTPUTS, *BADS]] >= -1e-9).all(axis=None)
    free = prices["u0"].to_numpy() if returns_to_scale == "vrs" else np.zeros(20)
    worth, cost = data[:, [2]] * prices[["gdp"]].to_numpy(), data[:, [0, 1, 3]] * prices[[*INPUTS, *BADS]].to_numpy()
    if orientation == "input":
        np.testing.assert_allclose(cost.sum(axis=1), 1.0, rtol=1e-8)
        np.testing.assert_allclose(worth.sum(axis=1) + free, found.scores, rtol=1e-8)
    else:
        np.testing.assert_allclose(worth.sum(axis=1), 1.0, rtol=1e-8)
        np.testing.assert_allclose(cost.sum(axis=1) - free, found.scores, rtol=1e-8)
    # No unit earns more than it costs at anybody's prices.
    gain = prices[["gdp"]].to_numpy() @ data[:, [2]].T - prices[[*INPUTS, *BADS]].to_numpy() @ data[:, [0, 1, 3]].T
    assert (gain + free[:, None]).max() < 1e-8

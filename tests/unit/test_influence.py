from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.influence import InfluenceResult, influence
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import OptionError
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "b0"]


def drawn(count: int = 24, seed: int = 8) -> np.ndarray:
    inputs = np.random.default_rng(seed).lognormal(0.0, 0.4, (count, 4))
    inputs[:, 2] *= np.sqrt(inputs[:, 0] * inputs[:, 1])
    return inputs


def panel_of(values: np.ndarray, years: int = 1) -> Panel:
    place = np.arange(len(values))
    frame = pd.DataFrame(values, columns=NAMES).assign(city=place // years, year=place % years)
    return Panel.from_frame(frame, unit="city", period="year")


def score(model: Any, panel: Panel, **options: Any) -> EfficiencyResult:
    found: EfficiencyResult = model(panel, NAMES[:2], "y0", "b0", **options)
    return found


def without(panel: Panel, row: int) -> Panel:
    frame = panel.frame.drop(index=panel.index[row]).reset_index()
    return Panel.from_frame(frame, unit="unit", period="period")


def brute_force(model: Any, panel: Panel, **options: Any) -> pd.DataFrame:
    """Every row left out in turn, and the model run on the rest; others in the same frontier only."""
    whole = score(model, panel, **options).efficiency
    rows = []
    for place, label in enumerate(panel.index):
        rest = score(model, without(panel, place), **options).efficiency
        change = rest - whole.reindex(rest.index)
        if options.get("frontier") is None:
            change = change.xs(label[1], level="period")
        rows.append(((change**2).sum() / len(change), (change > 1e-7).sum(), change.max()))
    table = pd.DataFrame(rows, panel.index, ["leverage", "dependents", "largest_change"])
    return table.assign(leverage=np.sqrt(table["leverage"]))


def assert_as_brute_force(model: Any, panel: Panel, **options: Any) -> InfluenceResult:
    found = influence(score(model, panel, **options))
    expected = brute_force(model, panel, **options)
    table = found.leverage.reindex(expected.index)
    for column in expected:
        np.testing.assert_allclose(table[column], expected[column], rtol=0, atol=1e-9, err_msg=str(column))
    assert (table["lost"] == 0).all()
    assert (table["leverage"] > 0).any()
    return found


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs", "nirs", "ndrs"])
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_radial_models_run_again(orientation: str, returns_to_scale: str) -> None:
    options = {"orientation": orientation, "returns_to_scale": returns_to_scale}
    assert_as_brute_force(radial, panel_of(drawn()), **options)


@pytest.mark.parametrize("orientation", ["non-oriented", "output"])
def test_slacks_based_models_run_again(orientation: str) -> None:
    assert_as_brute_force(sbm, panel_of(drawn()), orientation=orientation, weights={"x0": 2.0})


def test_periods_stand_apart() -> None:
    found = assert_as_brute_force(radial, panel_of(drawn(30), years=2))
    table = found.leverage
    for _, year in table.groupby(level="period"):
        np.testing.assert_allclose(year["threshold"], year["leverage"].mean() * np.log(15))


def test_all_periods_share_a_global_frontier() -> None:
    table = assert_as_brute_force(radial, panel_of(drawn(30), years=2), frontier="global").leverage
    np.testing.assert_allclose(table["threshold"], table["leverage"].mean() * np.log(30))


def test_frontiers_that_share_periods_share_a_threshold() -> None:
    """Sequential: the first year can move both years' scores, the second its own alone."""
    panel = panel_of(drawn(30), years=2)
    whole = score(radial, panel, frontier="sequential")
    table = influence(whole).leverage
    np.testing.assert_allclose(table["threshold"], table["leverage"].mean() * np.log(30))
    for year, others in ((0, 29), (1, 14)):
        greatest = table.index[table.index.get_level_values("period") == year][0]
        rest = score(radial, without(panel, panel.index.get_loc(greatest)), frontier="sequential").efficiency
        change = rest - whole.efficiency.drop(index=greatest)
        assert change.max() > 0.01
        assert table.loc[greatest, "leverage"] == pytest.approx(np.sqrt((change**2).sum() / others), abs=1e-9)


def test_leverage_by_independent_programmes() -> None:
    """Charnes, Cooper & Rhodes (1978) by SciPy, without the toolkit."""
    values = drawn(9)

    def theta(unit: int, able: list[int]) -> float:
        own, others = values[unit], values[able].T
        rows = np.vstack([np.column_stack([-own[[0, 1, 3]], others[[0, 1, 3]]]), np.append(0, -others[2])])
        costs = np.append(1.0, np.zeros(len(able)))
        return float(linprog(costs, A_ub=rows, b_ub=[0, 0, 0, -own[2]], method="highs").fun)

    everyone = list(range(9))
    leverage = []
    for left in everyone:
        rest = [unit for unit in everyone if unit != left]
        changes = [theta(unit, rest) - theta(unit, everyone) for unit in rest]
        leverage.append(np.sqrt(np.square(changes).sum() / 8))
    found = influence(score(radial, panel_of(values), returns_to_scale="crs")).leverage
    np.testing.assert_allclose(found["leverage"].sort_index(), leverage, atol=1e-8)


def test_a_planted_outlier_is_named() -> None:
    values = drawn(40)
    assert 17 not in influence(score(radial, panel_of(values))).influential.get_level_values("unit")
    values[17] *= [0.1, 0.1, 2.0, 0.1]
    found = influence(score(radial, panel_of(values)))
    assert found.influential.get_level_values("unit").tolist() == [17]
    assert found.leverage.index[0] == (17, 0)
    assert found.leverage["leverage"].is_monotonic_decreasing
    assert "Influential: unit 17" in str(found.notes[0])


def test_who_is_no_peer_has_no_leverage() -> None:
    scores = score(radial, panel_of(drawn()))
    others = scores.peers[scores.peers["unit"] != scores.peers["peer_unit"]]
    idle = ~np.isin(scores.data.units, others["peer_unit"])
    table = influence(scores).leverage.droplevel("period").reindex(scores.data.units)
    assert idle.any()
    assert (table.loc[idle, ["leverage", "dependents", "largest_change"]] == 0).to_numpy().all()
    assert not table.loc[idle, "influential"].any()


def test_where_everyone_is_efficient_nobody_is_influential() -> None:
    labour = np.arange(1.0, 9.0)
    scores = score(radial, panel_of(np.column_stack([labour, 10 - labour, np.ones(8), np.ones(8)])))
    assert scores.efficient.all()
    found = influence(scores)
    assert (found.leverage["leverage"] == 0).all()
    assert len(found.influential) == 0


def test_twins_hide_each_other() -> None:
    values = np.vstack([drawn(20), drawn(20)])
    found = influence(score(radial, panel_of(values)))
    assert (found.leverage["leverage"] == 0).all()
    assert len(found.influential) == 0
    assert "No unit-period is influential" in str(found.notes[0])


def test_scores_that_are_lost_are_counted_apart() -> None:
    """Under variable returns only the largest reference unit reaches the output of one that makes no frontier."""
    values = drawn(12)
    values[0] = [3.0, 3.0, 50.0, 3.0]
    values[11] = [9.0, 9.0, 40.0, 9.0]
    scores = score(radial, panel_of(values), reference_units=list(range(11)))
    found = influence(scores)
    assert found.leverage["lost"].sum() == 1
    assert found.leverage.loc[(0, 0), "lost"] == 1
    assert sorted(found.leverage.index.get_level_values("unit")) == list(range(11))
    assert np.isfinite(found.leverage["leverage"]).all()
    assert "Without unit 0" in str(found.notes[-1])
    # Ten others keep a score.
    rest = score(radial, panel_of(values[1:]), reference_units=list(range(10)))
    change = rest.efficiency.to_numpy()[:-1] - scores.efficiency.to_numpy()[1:-1]
    assert found.leverage.loc[(0, 0), "leverage"] == pytest.approx(np.sqrt((change**2).mean()), abs=1e-9)


def test_workers_change_nothing(tmp_path: Path) -> None:
    scores = score(radial, panel_of(drawn(30), years=2))
    found = influence(scores)
    with ThreadPoolExecutor(2) as executor:
        pd.testing.assert_frame_equal(influence(scores, executor=executor).leverage, found.leverage)
    found.store(tmp_path / "found.eco")
    again = InfluenceResult.load(tmp_path / "found.eco")
    assert again.summary() == found.summary()
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame())
    assert "ln K" in found.summary()
    assert list(found.tables()) == [table.name for table in found.TABLES]


def test_other_scores_are_refused() -> None:
    panel = panel_of(drawn(30), years=2)
    with pytest.raises(OptionError, match="ordinary scores"):
        influence(score(directional, panel))
    with pytest.raises(OptionError, match="ordinary scores"):
        influence(score(radial, panel, super_efficiency=True))
    with pytest.raises(OptionError, match="windows"):
        influence(score(radial, panel, frontier="window", window=2))

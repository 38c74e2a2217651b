from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency import order_m as room
from ecospatial.efficiency.order_m import order_m
from ecospatial.efficiency.order_m_result import OrderMResult
from ecospatial.errors import DataError, OptionError
from ecospatial.kernels.partial_frontier import expected_minimum
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "y1", "b0"]
both = pytest.mark.parametrize("orientation", ["input", "output"])


def drawn(count: int = 30, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.5, (count, 5))


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def panel_over_time(values: np.ndarray, years: int = 3) -> Panel:
    place = np.arange(len(values))
    frame = pd.DataFrame(values, columns=NAMES).assign(city=place // years, year=place % years, half=place % 2)
    return Panel.from_frame(frame, unit="city", period="year")


def scores(values: np.ndarray, **options: Any) -> np.ndarray:
    return np.asarray(order_m(panel_of(values), NAMES[:2], NAMES[2:4], "b0", **options).scores)


def shares(values: np.ndarray, unit: int, orientation: str) -> np.ndarray:
    """What the units to draw from need of the inputs and bads, or make of the outputs, one by one."""
    own, found = values[unit], []
    for other in values:
        if orientation == "input" and (other[2:4] >= own[2:4]).all():
            found.append(max(other[place] / own[place] for place in (0, 1, 4)))
        if orientation == "output" and (other[[0, 1, 4]] <= own[[0, 1, 4]]).all():
            found.append(min(other[place] / own[place] for place in (2, 3)))
    return np.array(found)


@both
@pytest.mark.parametrize("m", [1, 2, 3])
def test_all_draws_one_by_one(orientation: str, m: int) -> None:
    values = drawn(12)
    best = min if orientation == "input" else max
    expected = [
        np.mean([best(draw) for draw in product(shares(values, unit, orientation), repeat=m)]) for unit in range(12)
    ]
    np.testing.assert_allclose(scores(values, m=m, orientation=orientation), expected, rtol=1e-12)


@both
def test_simulated_draws(orientation: str) -> None:
    values, generator = drawn(), np.random.default_rng(1)
    found = scores(values, m=10, orientation=orientation)
    for unit in range(0, 30, 3):
        draws = generator.choice(shares(values, unit, orientation), size=(20_000, 10))
        best = draws.min(axis=1) if orientation == "input" else draws.max(axis=1)
        assert abs(best.mean() - found[unit]) <= 4 * best.std() / np.sqrt(20_000) + 1e-12


@both
def test_many_peers_make_a_free_disposal_hull(orientation: str) -> None:
    values = drawn()
    best = np.min if orientation == "input" else np.max
    hull = [best(shares(values, unit, orientation)) for unit in range(30)]
    np.testing.assert_allclose(scores(values, m=10**9, orientation=orientation), hull, rtol=1e-12)


@both
def test_more_peers_ask_more(orientation: str) -> None:
    rising = np.array([scores(drawn(), m=m, orientation=orientation) for m in (1, 2, 5, 25, 400)])
    steps = np.diff(rising, axis=0) * (1 if orientation == "output" else -1)
    assert (steps >= -1e-12).all()
    assert (steps > 1e-6).any()


@both
def test_units_of_measurement_do_not_matter(orientation: str) -> None:
    values = drawn()
    found = scores(values * [1e-4, 1e6, 3.0, 1e9, 0.2], orientation=orientation)
    np.testing.assert_allclose(found, scores(values, orientation=orientation), rtol=1e-9)


def test_an_outlier_moves_others_less_than_it_moves_their_hull() -> None:
    values = drawn()
    spoilt = np.vstack([values, [0.01, 0.01, 50.0, 50.0, 0.01]])
    hull, robust = (scores(spoilt, m=m)[:30] / scores(values, m=m) for m in (10**9, 5))
    assert (hull < 0.2).all()
    assert (robust > hull).all()
    assert order_m(panel_of(spoilt), NAMES[:2], NAMES[2:4], "b0", m=5).scores.iloc[30] == 1.0


def test_standard_error_is_that_of_repeated_samples() -> None:
    """Uniform on (0.5, 1.5): the mean of the smallest of m is 0.5 + 1/(m + 1)."""
    samples = 0.5 + np.random.default_rng(3).random((2000, 1000))
    mean, error, size = expected_minimum(samples, 5)
    assert abs(mean.mean() - (0.5 + 1 / 6)) < 0.001
    assert abs(error.mean() / mean.std() - 1) < 0.05
    assert (size == 1000).all()


def test_intervals_need_more_units_than_draws() -> None:
    found = order_m(panel_of(drawn()), NAMES[:2], NAMES[2:4], "b0", m=3, level=0.9).estimates
    some = found["peers"] > 3
    assert some.any()
    assert not some.all()
    np.testing.assert_array_equal(found["std_error"].notna(), some)
    reach = 1.6448536269514722 * (found["std_error"] / found["score"])[some]
    np.testing.assert_allclose(np.log(found["upper"] / found["score"])[some], reach, rtol=1e-9)
    np.testing.assert_allclose(np.log(found["score"] / found["lower"])[some], reach, rtol=1e-9)
    assert (found["lower"][some] > 0).all()


def test_frontiers_over_time() -> None:
    values = drawn(36)
    panel = panel_over_time(values)
    found = {
        kind: order_m(panel, NAMES[:2], NAMES[2:4], "b0", frontier=kind, window=2).estimates
        for kind in ("contemporaneous", "global", "sequential", "window", "biennial")
    }
    years = panel.index.get_level_values("period").to_numpy()
    for year in range(3):
        np.testing.assert_allclose(found["contemporaneous"]["score"][years == year], scores(values[years == year]))
        up_to = scores(values[years <= year])[years[years <= year] == year]
        np.testing.assert_allclose(found["sequential"]["score"][years == year], up_to)
    np.testing.assert_allclose(found["global"]["score"], scores(values))
    early, late = (scores(values[np.isin(years, pair)]) for pair in ([0, 1], [1, 2]))
    middle = (early[years[years < 2] == 1] + late[years[years > 0] == 1]) / 2
    np.testing.assert_allclose(found["window"]["score"][years == 1], middle)
    np.testing.assert_allclose(found["biennial"]["score"][years == 0], early[years[years < 2] == 0])


def test_reference_units_and_those_nobody_can_stand_in_for() -> None:
    values = drawn()
    values[29, 2:4] = 100.0
    found = order_m(panel_of(values), NAMES[:2], NAMES[2:4], "b0", reference_units=list(range(20)))
    assert found.status.iloc[29] == "infeasible"
    assert np.isnan(found.scores.iloc[29])
    assert not found.above_one.iloc[29]
    assert "unit 29" in " ".join(str(note) for note in found.notes)
    np.testing.assert_allclose(found.scores[:20], scores(values[:20]))


def test_zero_outputs_ask_nothing() -> None:
    values = drawn()
    values[3, 2] = 0.0
    own = values[3]
    able = (values[:, [0, 1, 4]] <= own[[0, 1, 4]]).all(axis=1)
    largest = (values[able, 3] / own[3]).max()
    assert scores(values, m=10**9, orientation="output")[3] == pytest.approx(largest)


def test_blocks_and_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = drawn()
    whole = scores(values)
    monkeypatch.setattr(room, "ENTRIES", 70)
    np.testing.assert_array_equal(scores(values), whole)
    with ThreadPoolExecutor(2) as executor:
        np.testing.assert_array_equal(scores(values, executor=executor), whole)


@both
def test_tables(orientation: Any, tmp_path: Path) -> None:
    found = order_m(
        panel_over_time(drawn(36)), NAMES[:2], NAMES[2:4], "b0", orientation=orientation, by="half", frontier="global"
    )
    assert list(found.tables()) == [table.name for table in found.TABLES]
    table = found.to_frame()
    best = table["efficiency" if orientation == "output" else "score"]
    np.testing.assert_array_equal(table["above_one"], best > 1 + 1e-6)
    assert set(best[table["rank"] == 1]) == set(best.groupby(level="period").max())
    assert found.to_frame("periods")["units"].tolist() == [12, 12, 12]
    assert found.to_frame("by_group")["units"].sum() == 36
    assert "order-m" in found.summary().lower()
    found.store(tmp_path / "found.eco")
    again = OrderMResult.load(tmp_path / "found.eco")
    assert again.summary() == found.summary()
    pd.testing.assert_frame_equal(again.to_frame(), table)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [({"m": 0}, "m=0"), ({"m": 2.5}, "m=2.5"), ({"frontier": "meta"}, "meta"), ({"level": 1.0}, "level=1.0")],
)
def test_options_outside_their_range(options: dict[str, Any], wrong: str) -> None:
    with pytest.raises(OptionError, match=wrong):
        order_m(panel_of(drawn()), NAMES[:2], NAMES[2:4], **options)


def test_bad_cells() -> None:
    values = drawn()
    values[4, 0] = 0.0
    with pytest.raises(DataError, match=r"'x0' is zero for unit 4"):
        order_m(panel_of(values), NAMES[:2], NAMES[2:4])
    values[4, 0] = np.nan
    with pytest.raises(DataError, match=r"'x0' is empty for unit 4"):
        order_m(panel_of(values), NAMES[:2], NAMES[2:4])
    values[4, 0] = -1.0
    with pytest.raises(DataError, match=r"'x0' is negative for unit 4"):
        order_m(panel_of(values), NAMES[:2], NAMES[2:4], orientation="output")

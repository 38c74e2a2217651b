from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.additive import additive
from ecospatial.efficiency.range_directional import range_directional
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.errors import DataError, OptionError
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "b0"]
TOWARDS = np.array([-1.0, -1.0, 1.0, -1.0])
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def drawn(count: int = 25, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.6, (count, 4))


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def run(values: np.ndarray, **options: Any) -> EfficiencyResult:
    return additive(panel_of(values), NAMES[:2], "y0", "b0", **options)


def largest(values: np.ndarray, unit: int, costs: np.ndarray, steps: np.ndarray, size: str) -> float:
    """Max costs · s where values of others, moved by steps (4, K) times s, are no better than the mix."""
    count, free = len(values), steps.shape[1]
    rows = np.hstack([steps, -TOWARDS[:, None] * values.T])
    ones = np.concatenate([np.zeros(free), np.ones(count)])[None, :]
    sign = {"nirs": 1.0, "ndrs": -1.0}.get(size)
    found = linprog(
        -np.append(costs, np.zeros(count)),
        A_ub=rows if sign is None else np.vstack([rows, sign * ones]),
        b_ub=np.append(-TOWARDS * values[unit], [] if sign is None else sign),
        A_eq=ones if size == "vrs" else None,
        b_eq=[1.0] if size == "vrs" else None,
        bounds=[(0, None)] * (free + count),
        method="highs",
        options=TIGHT,
    )
    assert found.status == 0
    return float(-found.fun)


def weights(values: np.ndarray, counted_in: str) -> np.ndarray:
    if counted_in == "proportions":
        return 1 / values
    return np.ones_like(values) / (1 if counted_in == "amounts" else 4 * np.ptp(values, axis=0))


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs", "nirs", "ndrs"])
@pytest.mark.parametrize("counted_in", ["amounts", "proportions", "ranges"])
def test_equals_the_model_as_the_papers_write_it(counted_in: Any, returns_to_scale: Any) -> None:
    values = drawn()
    found = run(values, counted_in=counted_in, returns_to_scale=returns_to_scale)
    weight = weights(values, counted_in)
    expected = [largest(values, unit, weight[unit], np.eye(4), returns_to_scale) for unit in range(25)]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.scores, (weight * found.slacks).sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.targets, values + TOWARDS * found.slacks, rtol=1e-8)
    assert 0 < found.efficient.mean() < 1


@pytest.mark.parametrize("counted_in", ["amounts", "ranges"])
def test_columns_of_large_amounts_keep_their_efficient_units(counted_in: Any) -> None:
    plain = drawn()
    large = run(plain * 1e12, counted_in=counted_in)
    small = run(plain, counted_in=counted_in)
    np.testing.assert_allclose(large.scores, small.scores * (1e12 if counted_in == "amounts" else 1), rtol=1e-8)
    assert (large.efficient == small.efficient).all()


def test_range_adjusted_measure_is_a_share() -> None:
    found = run(drawn(), counted_in="ranges")
    assert found.scores.between(0, 1).all()
    np.testing.assert_allclose(found.efficiency, 1 - found.scores)
    assert "1 − score" in str(found.facts()["Score"])


def test_ranges_are_those_of_the_frontier() -> None:
    frame = pd.DataFrame(drawn(40), columns=NAMES).assign(city=[*range(20)] * 2, year=[1] * 20 + [2] * 20)
    panel = Panel.from_frame(frame, unit="city", period="year")
    found = additive(panel, NAMES[:2], "y0", "b0", counted_in="ranges")
    alone = [run(frame.loc[frame["year"] == year, NAMES].to_numpy(), counted_in="ranges").scores for year in (1, 2)]
    np.testing.assert_allclose(found.scores, np.concatenate(alone), rtol=1e-9, atol=1e-12)


def test_constant_column_has_no_range() -> None:
    values = drawn()
    values[:, 1] = 3.0
    assert run(values, counted_in="ranges").scores.between(0, 1).all()


def test_zeros_are_for_amounts_and_ranges() -> None:
    values = drawn()
    values[3, 3] = 0.0
    with pytest.raises(DataError, match="'b0' is zero for unit 3"):
        run(values)
    for counted_in in ("amounts", "ranges"):
        found = run(values, counted_in=counted_in)
        expected = largest(values, 7, weights(values, counted_in)[7], np.eye(4), "vrs")
        assert found.scores.iloc[7] == pytest.approx(expected, abs=1e-9)


def test_unknown_measure() -> None:
    with pytest.raises(OptionError, match="counted_in='bam' is not a choice"):
        run(drawn(), counted_in="bam")


def test_range_directional_with_negative_data() -> None:
    values = drawn() - 1.0
    found = range_directional(panel_of(values), NAMES[:2], "y0", "b0")
    best = np.where(TOWARDS > 0, values.max(axis=0), values.min(axis=0))
    expected = [
        largest(values, unit, np.ones(1), np.abs(best - values[unit])[:, None], "vrs") for unit in range(len(values))
    ]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.efficiency, 1 - found.scores)
    way = np.abs(best - values) * found.scores.to_numpy()[:, None]
    np.testing.assert_allclose(found.targets, values + TOWARDS * (way + found.slacks), rtol=1e-8, atol=1e-9)
    assert (found.targets.to_numpy().min(axis=0) >= values.min(axis=0) - 1e-9).all()


def test_range_directional_unit_at_the_ideal_point_is_efficient() -> None:
    values = drawn() - 1.0
    values[5] = np.where(TOWARDS > 0, values.max(axis=0), values.min(axis=0)) + TOWARDS
    found = range_directional(panel_of(values), NAMES[:2], "y0", "b0")
    assert found.scores.iloc[5] == 0.0
    assert found.scores.drop(found.scores.index[5]).to_numpy() == pytest.approx(1.0)


def test_other_models_point_to_the_range_directional_one() -> None:
    with pytest.raises(DataError, match=r"'x0' is negative .* range-directional model"):
        run(drawn() - 10.0)


@pytest.mark.parametrize("model", [additive, range_directional])
def test_summary_and_file(model: Any, tmp_path: Path) -> None:
    found = model(panel_of(drawn()), NAMES[:2], "y0", "b0")
    assert "counted with the inputs, strongly disposable" in found.summary()
    found.store(tmp_path / "found.eco")
    pd.testing.assert_frame_equal(EfficiencyResult.load(tmp_path / "found.eco").to_frame(), found.to_frame())

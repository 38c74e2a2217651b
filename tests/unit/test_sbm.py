from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import DataError, OptionError
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "x2", "y0", "y1", "b0", "b1"]
INPUTS, OUTPUTS, BADS = NAMES[:3], NAMES[3:5], NAMES[5:]


def drawn(count: int = 40, seed: int = 2, sizes: tuple[float, ...] = (1.0,) * 7) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.7, (count, 7)) * np.array(sizes)


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def tone2004(values: np.ndarray, unit: int, convex: bool) -> float:
    """Tone (2004) over t, tλ, ts⁻, ts⁺ and tsᵇ, slacks in units of the data."""
    count = len(values)
    own, x, y, b = values[unit], slice(0, 3), slice(3, 5), slice(5, 7)
    signs = np.array([1, 1, 1, -1, -1, 1, 1])
    balance = np.hstack([-own[:, None], values.T, np.diag(signs)])
    norm = np.concatenate([[1], np.zeros(count), np.zeros(3), 1 / (4 * own[y]), 1 / (4 * own[b])])
    rows, right = [balance, norm[None, :]], [0.0] * 7 + [1.0]
    if convex:
        rows.append(np.concatenate([[-1], np.ones(count), np.zeros(7)])[None, :])
        right.append(0.0)
    costs = np.concatenate([[1], np.zeros(count), -1 / (3 * own[x]), np.zeros(4)])
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(costs, A_eq=np.vstack(rows), b_eq=right, method="highs", options=tight)
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
def test_equals_the_model_as_tone_writes_it(returns_to_scale: Any) -> None:
    values = drawn()
    found = sbm(panel_of(values), INPUTS, OUTPUTS, BADS, returns_to_scale=returns_to_scale)
    expected = [tone2004(values, unit, returns_to_scale == "vrs") for unit in range(len(values))]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    assert 0.1 < found.efficient.mean() < 0.9


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
def test_columns_from_tiny_to_huge(returns_to_scale: Any) -> None:
    # The textbook form cannot be solved at these sizes, so the independent programme gets like columns.
    plain = drawn(seed=7)
    values = plain * np.array([1e-4, 1e9, 1.0, 1e6, 1e-2, 1e9, 1e-4])
    found = sbm(panel_of(values), INPUTS, OUTPUTS, BADS, returns_to_scale=returns_to_scale)
    expected = [tone2004(plain, unit, returns_to_scale == "vrs") for unit in range(len(plain))]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)


def test_units_from_tiny_to_huge() -> None:
    plain = drawn(seed=9)
    values = plain * 10.0 ** np.random.default_rng(8).uniform(-4, 9, (40, 1))
    constant, variable = (
        sbm(panel_of(values), INPUTS, OUTPUTS, BADS, returns_to_scale=kind) for kind in ("crs", "vrs")
    )
    # Under constant returns size does not count; under variable the independent programme needs shares.
    without_size = [tone2004(plain, unit, convex=False) for unit in range(40)]
    np.testing.assert_allclose(constant.scores, without_size, rtol=0, atol=1e-8)
    in_shares = [tone2004(values / values[unit], unit, convex=True) for unit in range(40)]
    np.testing.assert_allclose(variable.scores, in_shares, rtol=0, atol=1e-8)


def test_score_is_the_fraction_of_its_slacks() -> None:
    values = drawn()
    found = sbm(panel_of(values), INPUTS, OUTPUTS, BADS)
    shares = found.slacks / values
    expected = (1 - shares[INPUTS].sum(axis=1) / 3) / (1 + shares[OUTPUTS + BADS].sum(axis=1) / 4)
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9)
    less = INPUTS + BADS
    np.testing.assert_allclose(found.targets[less], found.data.frame[less] - found.slacks[less], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.targets[OUTPUTS], found.data.frame[OUTPUTS] + found.slacks[OUTPUTS], rtol=1e-8)


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_uncounted_slacks_are_maximised(orientation: Any) -> None:
    panel = panel_of(drawn())
    found = sbm(panel, INPUTS, OUTPUTS, BADS, orientation=orientation)
    assert (found.scores >= sbm(panel, INPUTS, OUTPUTS, BADS).scores - 1e-9).all()
    target = Panel.from_frame(pd.concat([panel.frame, found.targets.rename(index=lambda unit: unit + 100, level=0)]))
    assert sbm(target, INPUTS, OUTPUTS, BADS).efficient.to_numpy()[40:].all()


def test_weights_of_inputs_shift_the_score() -> None:
    values = drawn()
    heavy = sbm(panel_of(values), INPUTS, OUTPUTS, BADS, orientation="input", weights={"x0": 8.0})
    shares = (heavy.slacks / values)[INPUTS]
    np.testing.assert_allclose(heavy.scores, 1 - shares @ np.array([0.8, 0.1, 0.1]), rtol=1e-9)
    assert heavy.facts()["Weights"].startswith("x0 2.4, x1 0.3, x2 0.3, y0 1")


def test_equal_weights_are_the_default() -> None:
    panel = panel_of(drawn())
    found = sbm(panel, INPUTS, OUTPUTS, BADS, weights=dict.fromkeys(NAMES, 5.0))
    np.testing.assert_allclose(found.scores, sbm(panel, INPUTS, OUTPUTS, BADS).scores, rtol=1e-12)


def test_oriented_models_divide_only_by_what_counts() -> None:
    values = drawn()
    values[3, 6] = 0.0  # a bad
    scores = sbm(panel_of(values), INPUTS, OUTPUTS, BADS, orientation="input").scores
    assert scores.between(0, 1).all()
    with pytest.raises(DataError, match="'b1' is zero for unit 3, and SBM divides by it"):
        sbm(panel_of(values), INPUTS, OUTPUTS, BADS, orientation="output")


def test_zero_says_where_and_how_to_mend_it() -> None:
    values = drawn()
    values[5, 0] = values[9, 3] = 0.0
    with pytest.raises(DataError) as error:
        sbm(panel_of(values), INPUTS, OUTPUTS, BADS)
    assert "'x0' is zero for unit 5 (and 1 more such cells)" in str(error.value)
    assert "radial" in str(error.value)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"x9": 1.0}, "'x9' has a weight but is no variable"),
        ({"x0": 0.0}, "weights are positive"),
        ({"b0": -1.0}, "weights are positive"),
        ({"y0": np.nan}, "weights are positive"),
    ],
)
def test_bad_weights(weights: dict[str, float], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        sbm(panel_of(drawn()), INPUTS, OUTPUTS, BADS, weights=weights)


@pytest.mark.parametrize(
    ("option", "value"),
    [("orientation", "inward"), ("returns_to_scale", "irs"), ("frontier", "all"), ("solver", "cbc")],
)
def test_unknown_options(option: str, value: str) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(OptionError, match=f"{option}='{value}' is not a choice"):
        sbm(panel_of(drawn()), INPUTS, OUTPUTS, BADS, **options)


def test_result_returns_from_its_file(tmp_path: Path) -> None:
    found = sbm(panel_of(drawn()), INPUTS, OUTPUTS, BADS, weights={"b0": 3.0})
    found.store(tmp_path / "sbm.eco")
    again = EfficiencyResult.load(tmp_path / "sbm.eco")
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)
    assert again.summary() == found.summary()


def test_summary_names_paper_and_treatment_of_bads() -> None:
    summary = sbm(panel_of(drawn()), INPUTS, OUTPUTS, BADS).summary()
    assert "Slacks-based efficiency (SBM, non-oriented)" in summary
    assert "Tone (2001, 2004)" in summary
    assert "b0, b1: separable, strongly disposable" in summary

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.nonradial_directional import nonradial_directional
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.errors import DataError, OptionError
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "y1", "b0"]
INPUTS, OUTPUTS, BADS = NAMES[:2], NAMES[2:4], NAMES[4:]
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
every_return = pytest.mark.parametrize("returns_to_scale", ["vrs", "crs", "nirs", "ndrs"])
every_disposability = pytest.mark.parametrize("disposability", ["strong", "weak", "equality"])


def drawn(count: int = 25, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.6, (count, 5))


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def kuosmanen(values: np.ndarray, unit: int, steps: np.ndarray, costs: np.ndarray, size: str, kind: str) -> float:
    """The largest Σ costs · β with steps (5, K) in amounts; z and μ are variables of their own."""
    count = len(values)
    x, y, b = values[:, :2].T, values[:, 2:4].T, values[:, 4:].T
    idle = x if kind == "weak" else np.full_like(x, np.nan)
    active = np.vstack([x, -y]), np.vstack([idle, np.zeros_like(y)])
    upper = np.hstack([np.vstack([steps[:2], steps[2:4]]), *active])
    bads = np.hstack([steps[4:], b, np.zeros_like(b)])
    ones = np.concatenate([np.zeros(steps.shape[1]), np.ones(2 * count)])[None, :]
    rows, right = [upper], [np.append(values[unit, :2], -values[unit, 2:4])]
    equal: list[np.ndarray] = []
    level: list[np.ndarray] = []
    (rows if kind == "strong" else equal).append(bads)
    (right if kind == "strong" else level).append(values[unit, 4:])
    if size == "vrs":
        equal.append(ones)
        level.append(np.ones(1))
    elif size != "crs":
        sign = 1.0 if size == "nirs" else -1.0
        rows.append(sign * ones)
        right.append(np.array([sign]))
    used = slice(None) if kind == "weak" else slice(0, steps.shape[1] + count)
    found = linprog(
        -np.concatenate([costs, np.zeros(2 * count)])[used],
        A_ub=np.vstack(rows)[:, used],
        b_ub=np.concatenate(right),
        A_eq=np.vstack(equal)[:, used] if equal else None,
        b_eq=np.concatenate(level) if equal else None,
        method="highs",
        options=TIGHT,
    )
    assert found.status == 0
    return float(-found.fun)


@every_return
@every_disposability
def test_equals_the_model_as_the_papers_write_it(disposability: Any, returns_to_scale: Any) -> None:
    values = drawn()
    found = directional(
        panel_of(values), INPUTS, OUTPUTS, BADS, disposability=disposability, returns_to_scale=returns_to_scale
    )
    expected = [
        kuosmanen(values, unit, values[unit][:, None], np.ones(1), returns_to_scale, disposability)
        for unit in range(25)
    ]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    assert 0 < found.efficient.mean() < 1


@every_return
@every_disposability
def test_nonradial_equals_the_model_as_the_papers_write_it(disposability: Any, returns_to_scale: Any) -> None:
    values = drawn()
    options: dict[str, Any] = {"disposability": disposability, "returns_to_scale": returns_to_scale}
    found = nonradial_directional(panel_of(values), INPUTS, OUTPUTS, BADS, **options)
    weight = np.array([1, 1, 1, 1, 2]) / 6
    expected = [
        kuosmanen(values, unit, np.diag(values[unit]), weight, returns_to_scale, disposability) for unit in range(25)
    ]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    part = nonradial_directional(panel_of(values), INPUTS, OUTPUTS, BADS, weights={"y0": 3.0, "x1": 1.0}, **options)
    costs = np.array([0.25, 0.75])
    expected = [
        kuosmanen(values, unit, np.diag(values[unit])[:, [1, 2]], costs, returns_to_scale, disposability)
        for unit in range(25)
    ]
    np.testing.assert_allclose(part.scores, expected, rtol=0, atol=1e-8)


@every_disposability
@pytest.mark.parametrize("size", [1e-4, 1.0, 1e9])
def test_chosen_amounts_of_any_size(size: float, disposability: Any) -> None:
    plain = drawn()
    amounts = {"y0": 0.5, "b0": 0.25}
    steps = np.array([0, 0, 0.5, 0, 0.25])[:, None]
    found = directional(
        panel_of(plain * size),
        INPUTS,
        OUTPUTS,
        BADS,
        {name: step * size for name, step in amounts.items()},
        "amounts",
        disposability=disposability,
    )
    expected = [kuosmanen(plain, unit, steps, np.ones(1), "vrs", disposability) for unit in range(25)]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)


@every_disposability
def test_targets_are_where_step_and_slacks_lead(disposability: Any) -> None:
    values = drawn()
    found = directional(panel_of(values), INPUTS, OUTPUTS, BADS, {"y0": 1, "b0": 2}, disposability=disposability)
    beta = found.scores.to_numpy()
    slacks, targets = found.slacks.to_numpy(), found.targets.to_numpy()
    np.testing.assert_allclose(targets[:, :2], values[:, :2] - slacks[:, :2], rtol=1e-9)
    np.testing.assert_allclose(targets[:, 2], values[:, 2] * (1 + beta) + slacks[:, 2], rtol=1e-9)
    np.testing.assert_allclose(targets[:, 4], values[:, 4] * (1 - 2 * beta) - slacks[:, 4], rtol=1e-9)
    if disposability != "strong":
        assert (slacks[:, 4] == 0).all()
    assert (targets >= -1e-12).all()
    np.testing.assert_allclose(found.efficiency, 1 / (1 + beta))


def test_weak_lets_a_reference_shrink_with_its_bads() -> None:
    # Unit b makes half of what a makes with half the bad: on the frontier only where a can be abated to it.
    frame = pd.DataFrame({"city": list("abc"), "x": [1.0, 1.0, 1.0], "y": [4.0, 1.0, 4.0], "b": [2.0, 1.0, 4.0]})
    panel = Panel.from_frame(frame, unit="city")
    scores = {
        kind: directional(panel, "x", "y", "b", {"y": 1.0}, disposability=kind).scores["b"].iloc[0]
        for kind in ("strong", "weak", "equality")
    }
    assert scores == pytest.approx({"strong": 0.0, "weak": 1.0, "equality": 0.0})


def test_peers_under_weak_disposability_sum_to_one() -> None:
    found = directional(panel_of(drawn()), INPUTS, OUTPUTS, BADS, disposability="weak")
    np.testing.assert_allclose(found.peers.groupby("unit")["weight"].sum(), 1.0, rtol=1e-9)


def test_nonradial_slacks_are_the_steps() -> None:
    values = drawn()
    found = nonradial_directional(panel_of(values), INPUTS, OUTPUTS, BADS)
    steps = found.slacks / values
    np.testing.assert_allclose(found.scores, steps @ (np.array([1, 1, 1, 1, 2]) / 6), rtol=1e-9, atol=1e-12)
    assert found.facts()["Weights"] == "x0 0.1667, x1 0.1667, y0 0.1667, y1 0.1667, b0 0.3333"


@pytest.mark.parametrize(
    ("direction", "words"),
    [
        ({"y9": 1.0}, "'y9' has a direction but is no variable"),
        ({"y0": 0.0}, "steps are positive"),
        ({"b0": -1.0}, "steps are positive"),
        ({"x0": np.nan}, "steps are positive"),
        ({}, "The direction is empty"),
    ],
)
def test_bad_directions(direction: dict[str, float], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        directional(panel_of(drawn()), INPUTS, OUTPUTS, BADS, direction)


def test_unit_that_cannot_move_has_a_status() -> None:
    values = drawn()
    values[4, 4] = 0.0
    found = directional(panel_of(values), INPUTS, OUTPUTS, BADS, {"b0": 1.0})
    assert found.status.iloc[4] == "unbounded" and np.isnan(found.scores.iloc[4])
    assert any("unit 4" in str(note) and "unbounded" in str(note) for note in found.notes)
    assert (found.status.drop(found.status.index[4]) == "optimal").all()


def test_nonradial_refuses_zeros_where_it_divides() -> None:
    values = drawn()
    values[4, 4] = 0.0
    panel = panel_of(values)
    with pytest.raises(DataError, match="'b0' is zero for unit 4"):
        nonradial_directional(panel, INPUTS, OUTPUTS, BADS)
    assert (nonradial_directional(panel, INPUTS, OUTPUTS, BADS, {"y0": 1.0}).status == "optimal").all()
    with pytest.raises(OptionError, match="'y7' has a weight"):
        nonradial_directional(panel, INPUTS, OUTPUTS, BADS, {"y7": 1.0})


@pytest.mark.parametrize("model", [directional, nonradial_directional])
def test_summary_and_file(model: Any, tmp_path: Path) -> None:
    found = model(panel_of(drawn()), INPUTS, OUTPUTS, BADS, disposability="weak")
    for words in ("Kuosmanen 2005", "inefficiency, 0 is efficient", "1/(1 + score)"):
        assert words in found.summary()
    found.store(tmp_path / "found.eco")
    again = EfficiencyResult.load(tmp_path / "found.eco")
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame())

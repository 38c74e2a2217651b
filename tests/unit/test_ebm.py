from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.affinity import affinity_matrix, epsilon_and_weights
from ecospatial.efficiency.ebm import ebm
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import DataError, OptionError
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "y1", "b0"]
INPUTS, OUTPUTS, BADS = NAMES[:2], NAMES[2:4], NAMES[4:]
LESS = np.array([True, True, False, False, True])
GIVEN: dict[str, Any] = {"epsilon": 0.6, "weights": {"x0": 2.0, "y1": 3.0}}
WEIGHT = np.array([0.5, 0.25, 0.25, 0.75, 0.25])
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
oriented = pytest.mark.parametrize("orientation", ["input", "output"])


def drawn(count: int = 30, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.6, (count, 5))


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def run(values: np.ndarray, **options: Any) -> EfficiencyResult:
    return ebm(panel_of(values), INPUTS, OUTPUTS, BADS, **options)


def tone_tsutsui(values: np.ndarray, unit: int, orientation: str, convex: bool, apart: bool = False) -> float:
    """The paper's model over t, θ, η, λ and the slacks in units of the data; t is one where it is no fraction."""
    others = np.delete(values, unit, axis=0) if apart else values
    own, count = values[unit], len(others)
    columns = 3 + count + 5
    balance = np.zeros((5, columns))
    balance[LESS, 1], balance[~LESS, 2] = -own[LESS], -own[~LESS]
    balance[:, 3 : 3 + count] = others.T
    balance[:, 3 + count :] = np.diag(np.where(LESS, 1.0, -1.0))
    above, below = np.zeros(columns), np.zeros(columns)
    above[1], below[2] = 1.0, 1.0
    above[3 + count :] = np.where(LESS, -0.6 * WEIGHT / own, 0.0)
    below[3 + count :] = np.where(LESS, 0.0, 0.6 * WEIGHT / own)
    rows, right = [balance], [0.0] * 5

    def fix(coefficients: dict[int, float], value: float) -> None:
        row = np.zeros((1, columns))
        row[0, list(coefficients)] = list(coefficients.values())
        rows.append(row)
        right.append(value)

    limits, bounds = [], []
    if convex:
        fix({0: -1.0, **dict.fromkeys(range(3, 3 + count), 1.0)}, 0.0)
    if orientation == "non-oriented":
        rows.append(below[None, :])
        right.append(1.0)
        limits, bounds = [np.eye(columns)[1] - np.eye(columns)[0], np.eye(columns)[0] - np.eye(columns)[2]], [0.0, 0.0]
    else:
        fix({0: 1.0}, 1.0)
        fix({2 if orientation == "input" else 1: 1.0}, 1.0)
    found = linprog(
        -below if orientation == "output" else above,
        A_ub=np.array(limits) if limits else None,
        b_ub=bounds or None,
        A_eq=np.vstack(rows),
        b_eq=right,
        method="highs",
        options=TIGHT,
    )
    assert found.status in (0, 2)
    if found.status == 2:
        return np.nan
    return float(-1 / found.fun if orientation == "output" else found.fun)


@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
@pytest.mark.parametrize("orientation", ["non-oriented", "input", "output"])
def test_equals_the_model_as_the_paper_writes_it(orientation: Any, returns_to_scale: Any) -> None:
    values = drawn()
    found = run(values, orientation=orientation, returns_to_scale=returns_to_scale, **GIVEN)
    expected = [tone_tsutsui(values, unit, orientation, returns_to_scale == "vrs") for unit in range(30)]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    assert 0 < found.efficient.mean() < 1


@oriented
@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
def test_super_efficiency_ranks_what_is_efficient(orientation: Any, returns_to_scale: Any) -> None:
    values = drawn()
    options: dict[str, Any] = {"orientation": orientation, "returns_to_scale": returns_to_scale, **GIVEN}
    ordinary, found = run(values, **options), run(values, super_efficiency=True, **options)
    inside = ~ordinary.efficient
    np.testing.assert_array_equal(found.scores[inside], ordinary.scores[inside])
    units = np.flatnonzero(~inside).tolist()
    expected = [tone_tsutsui(values, unit, orientation, returns_to_scale == "vrs", apart=True) for unit in units]
    np.testing.assert_allclose(found.scores.to_numpy()[units], expected, rtol=1e-8)
    assert (found.status == "infeasible").tolist() == found.scores.isna().tolist()


@oriented
def test_without_epsilon_it_is_the_radial_model(orientation: Any) -> None:
    panel = panel_of(drawn())
    found = ebm(panel, INPUTS, OUTPUTS, orientation=orientation, epsilon=0.0)
    other = radial(panel, INPUTS, OUTPUTS, orientation=orientation)
    np.testing.assert_allclose(found.scores, other.efficiency, atol=1e-9)
    assert (found.scores >= ebm(panel, INPUTS, OUTPUTS, orientation=orientation, epsilon=0.5).scores - 1e-9).all()


def test_with_epsilon_one_and_even_weights_it_is_the_slacks_based_measure() -> None:
    panel = panel_of(drawn())
    even = dict.fromkeys(NAMES[:4], 1.0)
    found = ebm(panel, INPUTS, OUTPUTS, orientation="non-oriented", epsilon=1.0, weights=even)
    np.testing.assert_allclose(found.scores, sbm(panel, INPUTS, OUTPUTS).scores, atol=1e-9)


def test_affinity_of_known_vectors() -> None:
    first = np.array([1.0, 1.0, 1.0, 1.0])
    second = np.exp([0.0, 0.0, 1.0, 1.0])  # half of the ratios at each end: as unlike as can be
    third = np.exp([0.0, 0.0, 0.0, 1.0])  # c − c̄ is 1/4 three times and 3/4 once: D = 3/8
    found = affinity_matrix(np.column_stack([first, second, third, 5 * first]))
    np.testing.assert_allclose(found[0], [1.0, 0.0, 0.25, 1.0], atol=1e-12)
    np.testing.assert_allclose(found, found.T, atol=1e-12)


def test_epsilon_is_zero_for_what_moves_together_and_one_for_what_does_not() -> None:
    line = np.array([1.0, 2.0, 3.0, 4.0])
    assert epsilon_and_weights(np.column_stack([line, 3 * line]))[0] == pytest.approx(0.0, abs=1e-12)
    apart = np.column_stack([np.ones(4), np.exp([0.0, 0.0, 1.0, 1.0])])
    epsilon, weights = epsilon_and_weights(apart)
    assert epsilon == pytest.approx(1.0)
    assert weights.sum() == pytest.approx(1.0)
    assert epsilon_and_weights(line[:, None]) == (0.0, np.ones(1))


def test_computed_epsilon_and_weights_are_told() -> None:
    found = run(drawn())
    assert any("from the affinity matrices" in str(note) for note in found.notes)
    weights = found.specification.weights
    assert sum(weights[name] for name in OUTPUTS) == pytest.approx(1.0)
    assert sum(weights[name] for name in [*INPUTS, *BADS]) == pytest.approx(1.0)
    np.testing.assert_allclose(run(drawn() * 1e6).scores, found.scores, atol=1e-8)


def projection(values: np.ndarray, unit: int) -> np.ndarray:
    """The paper's first step: the additive model in proportions under variable returns, in SciPy."""
    own, sign, count = values[unit], np.where(LESS, 1.0, -1.0), len(values)
    balance = np.hstack([values.T / own[:, None], np.diag(sign)])
    found = linprog(
        np.append(np.zeros(count), -np.ones(5)),
        A_eq=np.vstack([balance, np.append(np.ones(count), np.zeros(5))]),
        b_eq=np.ones(6),
        method="highs",
        options=TIGHT,
    )
    return np.asarray(own * (1.0 - sign * found.x[count:]))


def mixed(points: np.ndarray) -> tuple[float, np.ndarray]:
    """Its second step, pair by pair: diversity D, affinity 1 − 2D, and the first eigenvector by powers."""
    count = points.shape[1]
    affinity = np.eye(count)
    for a in range(count):
        for b in range(count):
            c = [np.log(point[b] / point[a]) for point in points]
            if a != b:
                mean = sum(c) / len(c)
                affinity[a, b] = 1.0 - 2.0 * sum(abs(one - mean) for one in c) / (len(c) * (max(c) - min(c)))
    vector = np.ones(count) / count
    for _ in range(2000):
        vector = affinity @ vector / (affinity @ vector).sum()
    largest = float((affinity @ vector).sum() / vector.sum())
    return (count - largest) / (count - 1), vector


def test_every_step_equals_the_paper_in_scipy() -> None:
    values = drawn(24, seed=8)
    points = np.array([projection(values, unit) for unit in range(24)])
    (less, inward), (more, outward) = mixed(points[:, LESS]), mixed(points[:, ~LESS])
    assert 0 < less < 1 and 0 < more < 1
    found = run(values, orientation="non-oriented")
    weights = np.zeros(5)
    weights[LESS], weights[~LESS] = inward, outward
    np.testing.assert_allclose([found.specification.weights[name] for name in NAMES], weights, atol=1e-9)
    assert any(f"inputs is {less:.4f} and of the outputs {more:.4f}" in str(note) for note in found.notes)
    expected = [fraction(values, unit, np.where(LESS, less, more) * weights) for unit in range(24)]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-8)
    assert found.scores.between(0, 1, inclusive="right").all()


def fraction(values: np.ndarray, unit: int, weights: np.ndarray) -> float:
    """Its third step, non-oriented: t, tθ, tη, tλ and ts in shares of own values."""
    own, sign, count = values[unit], np.where(LESS, 1.0, -1.0), len(values)
    empty = np.zeros(count)
    balance = np.column_stack([np.zeros(5), -1.0 * LESS, -1.0 * ~LESS, values.T / own[:, None], np.diag(sign)])
    convex = np.r_[-1.0, 0, 0, np.ones(count), np.zeros(5)]
    below = np.r_[0.0, 0, 1, empty, weights * ~LESS]
    found = linprog(
        np.r_[0.0, 1, 0, empty, -weights * LESS],
        A_ub=np.array([np.r_[-1.0, 1, 0, empty, np.zeros(5)], np.r_[1.0, 0, -1, empty, np.zeros(5)]]),
        b_ub=[0.0, 0.0],
        A_eq=np.vstack([balance, convex, below]),
        b_eq=np.append(np.zeros(6), 1.0),
        method="highs",
        options=TIGHT,
    )
    return float(found.fun)


def test_bounds_of_the_scores() -> None:
    """A radial score is feasible with no slacks; θ ≤ 1 ≤ η bounds only the non-oriented model."""
    panel = panel_of(drawn())
    found = {name: run(drawn(), orientation=name, **GIVEN).scores for name in ("non-oriented", "input", "output")}
    for name in ("input", "output"):
        plain = radial(panel, INPUTS, OUTPUTS, BADS, orientation=name).efficiency
        assert (found[name] <= plain + 1e-9).all() and (found["non-oriented"] <= plain + 1e-9).all()
        assert found[name].between(0, 1, inclusive="right").all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epsilon": 1.5}, "epsilon=1.5 must be a number from 0 to 1"),
        ({"weights": {"z": 1.0}}, "'z' has a weight but is no variable"),
        ({"super_efficiency": True, "orientation": "non-oriented"}, "needs orientation='input' or 'output'"),
    ],
)
def test_bad_options(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        run(drawn(), **options)


def test_zero_is_refused() -> None:
    values = drawn()
    values[3, 4] = 0.0
    with pytest.raises(DataError, match="'b0' is zero for unit 3, and EBM divides by it"):
        run(values)


def test_summary_and_file(tmp_path: Path) -> None:
    found = run(drawn(), super_efficiency=True)
    for words in ("Tone & Tsutsui (2010)", "contracted with them", "no score for trends"):
        assert words in found.summary()
    found.store(tmp_path / "ebm.eco")
    pd.testing.assert_frame_equal(EfficiencyResult.load(tmp_path / "ebm.eco").to_frame(), found.to_frame())

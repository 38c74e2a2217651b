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
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
both_placements = pytest.mark.parametrize("placement", ["numerator", "denominator"])
both_returns = pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])


def drawn(count: int = 40, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0.0, 0.7, (count, 7))


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(city=range(len(values))), unit="city")


def ranked(values: np.ndarray, **options: Any) -> EfficiencyResult:
    return sbm(panel_of(values), INPUTS, OUTPUTS, BADS, super_efficiency=True, **options)


def tone2002(values: np.ndarray, unit: int, convex: bool, placement: str) -> float:
    """Super-SBM over the reference point (x̄, ȳ, b̄) itself and λ, both times t; NaN where it has no solution."""
    own, others = values[unit], np.delete(values, unit, axis=0)
    count, less = len(others), np.array([True] * 3 + [False] * 2 + [True] * 2)
    toward = np.where(less, 1.0, -1.0)
    # Variables: t, the seven coordinates of the reference point, λ of the others.
    point, zeros = np.eye(7), np.zeros((7, count))
    no_better_than_unit = np.hstack([(toward * own)[:, None], -toward[:, None] * point, zeros])
    within_technology = np.hstack([np.zeros((7, 1)), -toward[:, None] * point, toward[:, None] * others.T])
    over = np.array([True] * 3 + [False] * 2 + [placement == "numerator"] * 2)
    goods_and_bads = np.where(np.arange(7) < 5, 1.0, -1.0)  # of a bad under the line, 2 − b̄/b counts
    costs = np.concatenate([[0.0], np.where(over, 1.0 / (own * over.sum()), 0.0), np.zeros(count)])
    under = np.where(over, 0.0, goods_and_bads / (own * (~over).sum()))
    constant = 0.0 if placement == "numerator" else 2.0 * 2 / 4
    equal = [np.concatenate([[constant], under, np.zeros(count)])]
    right = [1.0]
    if convex:
        equal.append(np.concatenate([[-1.0], np.zeros(7), np.ones(count)]))
        right.append(0.0)
    found = linprog(
        costs,
        A_ub=np.vstack([no_better_than_unit, within_technology]),
        b_ub=np.zeros(14),
        A_eq=np.array(equal),
        b_eq=right,
        method="highs",
        options=TIGHT,
    )
    assert found.status in (0, 2)
    return float(found.fun) if found.status == 0 else np.nan


@both_placements
@both_returns
def test_equals_the_model_as_tone_writes_it(returns_to_scale: Any, placement: Any) -> None:
    values = drawn(60)
    ordinary = sbm(panel_of(values), INPUTS, OUTPUTS, BADS, returns_to_scale=returns_to_scale)
    found = ranked(values, returns_to_scale=returns_to_scale, super_undesirable=placement)
    efficient = np.flatnonzero(ordinary.efficient).tolist()
    expected = [tone2002(values, unit, returns_to_scale == "vrs", placement) for unit in efficient]
    np.testing.assert_allclose(found.scores.to_numpy()[efficient], expected, rtol=1e-8)
    assert 10 < len(efficient) < 55
    rest = ~ordinary.efficient
    np.testing.assert_array_equal(found.scores[rest], ordinary.scores[rest])
    np.testing.assert_array_equal(found.targets[rest], ordinary.targets[rest])


def test_denominator_without_a_solution_is_named() -> None:
    values = drawn(16, seed=4)
    values[3, 5] = values[:, 5].min() / 1e3  # so clean that no mix of the others comes near
    found = ranked(values, super_undesirable="denominator")
    assert np.isnan(tone2002(values, 3, True, "denominator"))
    assert found.status.iloc[3] == "infeasible" and np.isnan(found.scores.iloc[3])
    assert found.targets.iloc[3].isna().all()
    assert any("infeasible" in str(note) and "unit 3" in str(note) for note in found.notes)
    assert (ranked(values).status == "optimal").all()


@pytest.mark.parametrize("returns_to_scale", ["crs", "nirs"])
def test_cap_of_the_denominator_is_neared_and_printed(returns_to_scale: Any) -> None:
    values = drawn(16, seed=4)
    values[3, 5:] /= 1e6
    found = ranked(values, returns_to_scale=returns_to_scale, super_undesirable="denominator")
    assert 1.999 < found.scores.iloc[3] <= 2.0
    assert (found.status == "optimal").all()
    assert any("no score can exceed 2," in str(note) for note in found.notes)
    for options in ({"super_undesirable": "denominator"}, {"returns_to_scale": returns_to_scale}):
        assert not any("can exceed" in str(note) for note in ranked(values, **options).notes)


@both_placements
def test_score_is_the_fraction_of_its_excesses(placement: Any) -> None:
    values = drawn()
    found = ranked(values, returns_to_scale="crs", super_undesirable=placement)
    above = found.scores > 1 + 1e-6
    worse = -(found.slacks / values)[above]
    assert above.sum() > 3 and (worse >= 0).all(axis=None)
    if placement == "numerator":
        expected = (1 + worse[INPUTS + BADS].sum(axis=1) / 5) / (1 - worse[OUTPUTS].sum(axis=1) / 2)
    else:
        expected = (1 + worse[INPUTS].sum(axis=1) / 3) / (1 - worse[OUTPUTS + BADS].sum(axis=1) / 4)
    np.testing.assert_allclose(found.scores[above], expected, rtol=1e-8)
    more = INPUTS + BADS
    np.testing.assert_allclose(found.targets[more], found.data.frame[more] - found.slacks[more], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.targets[OUTPUTS], found.data.frame[OUTPUTS] + found.slacks[OUTPUTS], rtol=1e-8)


def test_reference_point_is_made_by_others() -> None:
    found = ranked(drawn())
    assert not (found.peers["unit"] == found.peers["peer_unit"])[found.peers["unit"].map(above_one(found))].any()
    rows = found.peers.merge(found.data.frame.droplevel("period"), left_on="peer_unit", right_index=True)
    made = rows[NAMES].mul(rows["weight"], axis=0).groupby(rows["unit"]).sum()
    targets = found.targets.droplevel("period").loc[made.index]
    assert (made[INPUTS + BADS] <= targets[INPUTS + BADS] * (1 + 1e-8)).all(axis=None)
    assert (made[OUTPUTS] >= targets[OUTPUTS] * (1 - 1e-8)).all(axis=None)


def above_one(found: EfficiencyResult) -> pd.Series:
    return (found.scores > 1 + 1e-6).droplevel("period")


@pytest.mark.parametrize("orientation", ["input", "output"])
@both_placements
def test_oriented_scores_are_never_below_the_non_oriented_one(orientation: Any, placement: Any) -> None:
    values = drawn()
    whole = ranked(values, returns_to_scale="crs", super_undesirable=placement)
    part = ranked(values, returns_to_scale="crs", super_undesirable=placement, orientation=orientation)
    above = whole.scores > 1 + 1e-6
    assert (part.scores[above].fillna(np.inf) >= whole.scores[above] - 1e-8).all()


def test_twins_have_nothing_in_hand() -> None:
    values = drawn()
    best = int(ranked(values).scores.argmax())
    twins = ranked(np.vstack([values, values[best]]))
    assert twins.scores.iloc[[best, 40]].tolist() == pytest.approx([1.0, 1.0])


def test_weights_count_in_super_efficiency_too() -> None:
    values = drawn()
    heavy = ranked(values, weights={"b0": 7.0})
    above = heavy.scores > 1 + 1e-6
    worse = -(heavy.slacks / values)[above]
    over = worse[[*INPUTS, "b1"]].sum(axis=1) / 11 + worse["b0"] * 7 / 11
    np.testing.assert_allclose(heavy.scores[above], (1 + over) / (1 - worse[OUTPUTS].sum(axis=1) / 2), rtol=1e-8)


def test_periods_are_ranked_apart() -> None:
    frame = pd.DataFrame(drawn(60), columns=NAMES).assign(city=[*range(30)] * 2, year=[1] * 30 + [2] * 30)
    found = sbm(Panel.from_frame(frame, unit="city", period="year"), INPUTS, OUTPUTS, BADS, super_efficiency=True)
    alone = [ranked(frame.loc[frame["year"] == year, NAMES].to_numpy()).scores for year in (1, 2)]
    np.testing.assert_allclose(found.scores, np.concatenate(alone), rtol=1e-10)


def test_zero_bad_is_refused_where_it_is_divided_by() -> None:
    values = drawn()
    values[3, 6] = 0.0
    options: dict[str, Any] = {"orientation": "input", "super_undesirable": "denominator"}
    assert (ranked(values, returns_to_scale="crs", **options).scores.dropna() > 0).all()
    with pytest.raises(DataError, match="'b1' is zero for unit 3"):
        ranked(values, orientation="input")


def test_unknown_placement() -> None:
    with pytest.raises(OptionError, match="super_undesirable='both' is not a choice"):
        ranked(drawn(), super_undesirable="both")


def test_summary_says_how_and_what_for(tmp_path: Path) -> None:
    found = ranked(drawn(), super_undesirable="denominator")
    summary = found.summary()
    for words in ("Super-efficiency (SBM, non-oriented)", "Tone (2002)", "(denominator)", "no score for trends"):
        assert words in summary
    found.store(tmp_path / "super.eco")
    assert EfficiencyResult.load(tmp_path / "super.eco").summary() == summary

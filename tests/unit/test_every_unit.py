"""Every model against one fresh HiGHS programme for each of 5,130 units, stated here once more from its paper.

The programmes leave out references that another one dominates (no more of any input and bad, no less of the output):
its intensity can go to that other one at no loss, so the optimum is the same. That is checked on some units with all
references. Super-efficiency, for which this does not hold, has all references but the unit itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.additive import additive
from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.ebm import ebm
from ecospatial.efficiency.nonradial_directional import nonradial_directional
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.sbm import sbm
from ecospatial.panel import Panel

pytestmark = pytest.mark.slow

COUNT = 5130  # the cities of a country over 18 years
NAMES = ["labour", "capital", "output", "soot"]
WORSE = np.array([1.0, 1.0, -1.0, 1.0])  # more of it is worse
INPUT = np.array([True, True, False, False])
EPSILON = 0.4
WEIGHT = np.array([1.0, 1.0, 3.0, 1.0]) / 3  # of the epsilon-based measure
INF = np.inf


def cities() -> np.ndarray:
    draw = np.random.default_rng(18)
    inputs = draw.lognormal(3.0, 0.6, (COUNT, 2))
    good = np.prod(inputs**0.4, axis=1, keepdims=True) * np.exp(-np.abs(draw.normal(0.0, 0.3, (COUNT, 1))))
    return np.hstack([inputs, good, good**0.9 * np.exp(np.abs(draw.normal(0.0, 0.4, (COUNT, 1))))])


VALUES = cities()
PANEL = Panel.from_frame(pd.DataFrame(VALUES, columns=NAMES).assign(city=range(COUNT)), unit="city")


def undominated(values: np.ndarray) -> np.ndarray:
    """Places of the units that no other one dominates."""
    losses = values * WORSE
    order = np.argsort((losses / values.mean(axis=0)).sum(axis=1))
    kept: list[int] = []
    for unit in order:
        if not (losses[kept] <= losses[unit]).all(axis=1).any():
            kept.append(int(unit))
    return np.array(kept)


@dataclass(frozen=True)
class Stated:
    """Min costs · v s.t. low ≤ references λ + own v ≤ high; rows are the variables, in shares of the unit's values,
    the sum of intensities and others in which there are no references."""

    own: np.ndarray
    costs: np.ndarray
    low: np.ndarray
    high: np.ndarray


def radial_input() -> Stated:
    moved = WORSE > 0
    return Stated(
        own=np.append(-moved.astype(float), 0.0)[:, None],
        costs=np.ones(1),
        low=np.append(np.where(moved, -INF, 1.0), 1.0),
        high=np.append(np.where(moved, 0.0, INF), 1.0),
    )


def radial_output() -> Stated:
    moved = WORSE < 0
    return Stated(
        own=np.append(-moved.astype(float), 0.0)[:, None],
        costs=-np.ones(1),
        low=np.append(np.where(moved, 0.0, -INF), 1.0),
        high=np.append(np.where(moved, INF, 1.0), 1.0),
    )


def slacks_based() -> Stated:
    """Tone (2004) over t and ts."""
    saved, gained = INPUT / 2, ~INPUT / 2
    balance = np.column_stack([-np.ones(4), np.diag(WORSE)])
    own = np.vstack([balance, np.append(-1.0, np.zeros(4)), np.append(1.0, gained)])
    right = np.append(np.zeros(5), 1.0)
    return Stated(own, np.append(1.0, -saved), right, right)


def slacks_based_super(over: np.ndarray) -> Stated:
    """Tone (2002) over t and the excesses te, those of ``over`` above the line."""
    rows = np.column_stack([-np.ones(4), np.diag(-WORSE)])
    line = np.append(1.0, -np.where(over, 0.0, 1 / (~over).sum()))
    own = np.vstack([rows, np.append(-1.0, np.zeros(4)), line])
    low, high = np.where(WORSE > 0, -INF, 0.0), np.where(WORSE > 0, 0.0, INF)
    return Stated(own, np.append(1.0, np.where(over, 1 / over.sum(), 0.0)), np.r_[low, 0, 1], np.r_[high, 0, 1])


def proportions() -> Stated:
    return Stated(np.vstack([np.diag(WORSE), np.zeros(4)]), -np.ones(4), np.ones(5), np.ones(5))


def steps() -> Stated:
    """Zhou, Ang & Wang (2012): inputs, output and bad a third each."""
    return Stated(
        np.vstack([np.diag(WORSE), np.zeros(4)]), -np.array([1 / 6, 1 / 6, 1 / 3, 1 / 3]), np.ones(5), np.ones(5)
    )


def one_step() -> Stated:
    low, high = np.where(WORSE > 0, -INF, 1.0), np.where(WORSE > 0, 1.0, INF)
    return Stated(np.append(WORSE, 0.0)[:, None], -np.ones(1), np.append(low, 1.0), np.append(high, 1.0))


def epsilon_based() -> Stated:
    """Tone & Tsutsui (2010) over t, tθ, tη and ts."""
    less = WORSE > 0
    rows = np.column_stack([np.zeros(4), -less.astype(float), -(~less).astype(float), np.diag(WORSE)])
    convex, caps = np.r_[-1.0, np.zeros(6)], [np.r_[-1.0, 1, 0, np.zeros(4)], np.r_[1.0, 0, -1, np.zeros(4)]]
    line = np.r_[0.0, 0, 1, np.where(less, 0.0, EPSILON * WEIGHT)]
    costs = np.r_[0.0, 1, 0, np.where(less, -EPSILON * WEIGHT, 0.0)]
    return Stated(
        np.vstack([rows, convex, *caps, line]), costs, np.r_[np.zeros(5), -INF, -INF, 1], np.r_[np.zeros(5), 0, 0, 1]
    )


def plain_highs(stated: Stated, unit: int, references: np.ndarray, sized: bool) -> float:
    """The optimum by a fresh HiGHS programme, NaN where there is none."""
    import highspy

    low, high, rows = stated.low.copy(), stated.high.copy(), len(stated.low)
    if not sized:
        low[4], high[4] = -INF, INF
    shares = np.zeros((len(references), rows))
    shares[:, :4], shares[:, 4] = VALUES[references] / VALUES[unit], 1.0
    columns = np.vstack([shares, stated.own.T])
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows, len(columns)
    model.col_cost_ = np.r_[np.zeros(len(references)), stated.costs]
    model.col_lower_, model.col_upper_ = np.zeros(len(columns)), np.full(len(columns), highspy.kHighsInf)
    model.row_lower_, model.row_upper_ = low, high
    entries = columns != 0
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.r_[0, np.cumsum(entries.sum(axis=1))]
    model.a_matrix_.index_, model.a_matrix_.value_ = np.nonzero(entries)[1], columns[entries]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-10)
    solver.passModel(model)
    solver.run()
    best = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) if best else np.nan


def everything(model: Callable[..., Any], **options: Any) -> Any:
    return model(PANEL, NAMES[:2], NAMES[2], NAMES[3], **options)


ORDINARY: dict[str, tuple[Stated, Callable[[], Any], bool]] = {
    "radial input vrs": (radial_input(), lambda: everything(radial), True),
    "radial input crs": (radial_input(), lambda: everything(radial, returns_to_scale="crs"), False),
    "radial output vrs": (radial_output(), lambda: everything(radial, orientation="output"), True),
    "sbm vrs": (slacks_based(), lambda: everything(sbm), True),
    "sbm crs": (slacks_based(), lambda: everything(sbm, returns_to_scale="crs"), False),
    "additive": (proportions(), lambda: everything(additive), True),
    "ebm": (
        epsilon_based(),
        lambda: everything(
            ebm, orientation="non-oriented", epsilon=EPSILON, weights=dict(zip(NAMES, WEIGHT, strict=True))
        ),
        True,
    ),
    "directional": (one_step(), lambda: everything(directional), True),
    "nonradial directional": (steps(), lambda: everything(nonradial_directional), True),
}


@pytest.fixture(scope="module")
def frontier() -> np.ndarray:
    return undominated(VALUES)


@pytest.mark.parametrize("name", ORDINARY)
def test_every_unit_has_the_score_of_plain_highs(name: str, frontier: np.ndarray) -> None:
    stated, model, sized = ORDINARY[name]
    found = model()
    expected = np.abs([plain_highs(stated, unit, frontier, sized) for unit in range(COUNT)])
    np.testing.assert_allclose(found.scores, expected, rtol=1e-8, atol=1e-8)
    assert (found.status == "optimal").all() and found.violation <= 1e-8
    some = range(0, COUNT, 171)
    unreduced = [plain_highs(stated, unit, np.arange(COUNT), sized) for unit in some]
    np.testing.assert_allclose(np.abs(unreduced), expected[some], rtol=1e-8, atol=1e-8)


SUPER: dict[str, tuple[Stated, Callable[..., Any], dict[str, Any]]] = {
    "radial": (radial_input(), radial, {}),
    "sbm, bads over the line": (slacks_based_super(WORSE > 0), sbm, {}),
    "sbm, bads under the line": (slacks_based_super(INPUT), sbm, {"super_undesirable": "denominator"}),
}


@pytest.mark.parametrize("name", SUPER)
def test_every_efficient_unit_has_the_super_efficiency_of_plain_highs(name: str) -> None:
    stated, model, options = SUPER[name]
    ordinary, found = everything(model), everything(model, super_efficiency=True, **options)
    inside = ~ordinary.efficient.to_numpy()
    np.testing.assert_allclose(found.scores[inside], ordinary.scores[inside], rtol=1e-8)
    expected = [plain_highs(stated, int(u), np.delete(np.arange(COUNT), u), True) for u in np.flatnonzero(~inside)]
    np.testing.assert_allclose(found.scores[~inside], expected, rtol=1e-8)
    assert ((found.status == "infeasible") == found.scores.isna()).all()

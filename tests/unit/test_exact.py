"""Rational arithmetic, and what it shows of the engine on data of thirteen decades in every cell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

from ecospatial.efficiency.additive import additive
from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.ebm import ebm
from ecospatial.efficiency.nonradial_directional import nonradial_directional
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.kernels.envelopment import Envelopment
from ecospatial.kernels.exact import solve_exactly
from ecospatial.kernels.solvers import solve
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "x2", "y0", "b0"]
INPUTS, OUTPUT, BAD = NAMES[:3], NAMES[3], NAMES[4]
WORSE = np.array([1.0, 1.0, 1.0, -1.0, 1.0])
RETURNS = ["vrs", "crs", "nirs", "ndrs"]


def decades(count: int, seed: int) -> np.ndarray:
    """Every cell from 1e-4 to 1e9."""
    return 10.0 ** np.random.default_rng(seed).uniform(-4, 9, (count, 5))


def panel_of(values: np.ndarray, names: list[str] = NAMES) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=names).assign(city=range(len(values))), unit="city")


def radial_programme(values: np.ndarray, outward: bool, convex: bool, alone: bool = False) -> Envelopment:
    """Input or output efficiency under variable or constant returns."""
    ones = np.ones((len(values), int(convex)))
    technology, rows = np.hstack([values, ones]).T, 5 + int(convex)
    moved = np.append((WORSE < 0) == outward, np.zeros(int(convex), dtype=bool))
    slacks = np.vstack([np.diag(WORSE), np.zeros((int(convex), 5))])
    return Envelopment(
        technology=technology,
        scale=technology.T,
        own=np.column_stack([-moved.astype(float), slacks]),
        rhs=(~moved).astype(float),
        costs=np.append(-1.0 if outward else 1.0, np.zeros(5)),
        limiting=np.append(WORSE > 0, np.ones(rows - 5, dtype=bool)),
        tie_costs=np.append(0.0, -np.ones(5)),
        excluded=sparse.identity(len(values), format="csr") if alone else None,
    )


@pytest.mark.parametrize("convex", [True, False], ids=["vrs", "crs"])
@pytest.mark.parametrize("outward", [True, False])
def test_equals_scipy_on_tame_data(outward: bool, convex: bool) -> None:
    batch = radial_programme(np.random.default_rng(3).integers(1, 6, (25, 5)).astype(float), outward, convex)
    for unit in range(0, 25, 3):
        found = solve_exactly(batch, unit)
        matrix = np.hstack([batch.own, batch.technology / batch.scale[unit][:, None]])
        plain = partial(linprog, A_eq=matrix, b_eq=batch.rhs, method="highs")
        best = plain(np.append(batch.costs, np.zeros(25)))
        assert found.status == "optimal" and found.own @ batch.costs == pytest.approx(best.fun, abs=1e-9)
        assert found.duals @ batch.rhs == pytest.approx(best.fun, abs=1e-12)
        held = plain(np.append(batch.tie_costs, np.zeros(25)), bounds=[(found.own[0], found.own[0])] + [(0, None)] * 30)
        assert found.own @ batch.tie_costs == pytest.approx(held.fun, abs=1e-7)
        made = batch.technology[:, found.columns] @ found.weights / batch.scale[unit] + batch.own @ found.own
        np.testing.assert_allclose(made, batch.rhs, atol=1e-14)


def test_what_has_no_optimum_is_named() -> None:
    batch = radial_programme(np.random.default_rng(3).lognormal(size=(20, 5)), True, True)
    nobody = replace(batch, excluded=sparse.csr_matrix(np.ones((20, 20))))
    assert solve_exactly(nobody, 0).status == "infeasible"
    endless = replace(batch, own=np.hstack([batch.own, np.zeros((6, 1))]), costs=np.append(batch.costs, -1.0))
    assert solve_exactly(replace(endless, tie_costs=None), 0).status == "unbounded"
    assert np.isnan(solve_exactly(nobody, 0).own).all()


@pytest.mark.parametrize("alone", [False, True], ids=["ordinary", "super"])
@pytest.mark.parametrize("outward", [True, False], ids=["output", "input"])
def test_engine_equals_exact_arithmetic_on_thirteen_decades(outward: bool, alone: bool) -> None:
    for seed, convex in ((1, True), (2, False)):
        batch = radial_programme(decades(20, seed), outward, convex, alone)
        (found,) = solve([batch])
        exact = [solve_exactly(batch, unit) for unit in range(20)]
        assert found.status.tolist() == [vertex.status for vertex in exact]
        np.testing.assert_allclose(
            found.objective, [vertex.own @ batch.costs for vertex in exact], rtol=1e-8, atol=1e-8
        )


def everything(panel: Panel, returns_to_scale: Any) -> dict[str, EfficiencyResult]:
    given: dict[str, Any] = {"returns_to_scale": returns_to_scale}
    return {
        "input": radial(panel, INPUTS, OUTPUT, BAD, **given),
        "output": radial(panel, INPUTS, OUTPUT, BAD, orientation="output", **given),
        "sbm": sbm(panel, INPUTS, OUTPUT, BAD, **given),
        "super": sbm(panel, INPUTS, OUTPUT, BAD, super_efficiency=True, **given),
        "additive": additive(panel, INPUTS, OUTPUT, BAD, **given),
        "ebm": ebm(panel, INPUTS, OUTPUT, BAD, orientation="non-oriented", epsilon=0.4, weights={}, **given),
        "directional": directional(panel, INPUTS, OUTPUT, BAD, **given),
        "nonradial": nonradial_directional(panel, INPUTS, OUTPUT, BAD, **given),
    }


@pytest.mark.parametrize("returns_to_scale", RETURNS)
def test_every_model_has_every_score_on_thirteen_decades(returns_to_scale: Any) -> None:
    values = decades(25, 4)
    found = everything(panel_of(values), returns_to_scale)
    assert all((result.status == "optimal").all() for result in found.values())
    if returns_to_scale == "vrs":
        # Nobody can stand in for the only unit with the best value of a variable.
        best = np.unique((values * WORSE).argmin(axis=0))
        for name in ("sbm", "ebm", "directional", "nonradial", "additive"):
            np.testing.assert_allclose(found[name].efficiency.iloc[best], 1.0, atol=1e-8)
    efficient = found["sbm"].efficiency > 1 - 1e-9
    for name in ("ebm", "directional", "nonradial", "additive"):
        np.testing.assert_array_equal(found[name].efficiency > 1 - 1e-9, efficient, err_msg=name)
    assert (found["super"].scores[efficient] >= 1).all()


def cities_of_all_sizes(count: int, seed: int) -> np.ndarray:
    """Alike in their proportions, thirteen decades apart in size."""
    draw = np.random.default_rng(seed)
    inputs = draw.lognormal(3.0, 0.6, (count, 3))
    made = np.prod(inputs**0.3, axis=1, keepdims=True) * np.exp(-np.abs(draw.normal(0.0, 0.3, (count, 1))))
    return np.asarray(np.hstack([inputs, made, made**0.9]) * 10.0 ** draw.uniform(-4, 9, (count, 1)))


def test_no_city_is_scored_below_one_by_rounding() -> None:
    found = everything(panel_of(cities_of_all_sizes(60, 1)), "ndrs")
    for name in ("ebm", "directional", "nonradial", "additive"):
        np.testing.assert_array_equal(found[name].efficient, found["sbm"].efficient, err_msg=name)


def test_no_city_is_called_infeasible_that_is_its_own_reference() -> None:
    panel = panel_of(cities_of_all_sizes(450, 5))  # one city is on the frontier by less than tolerances see
    found = directional(panel, INPUTS, OUTPUT, BAD, returns_to_scale="ndrs")
    assert (found.status == "optimal").all()


@pytest.mark.parametrize("returns_to_scale", RETURNS)
def test_a_unit_without_an_input_is_held_against_units_without_it(returns_to_scale: Any) -> None:
    values = decades(40, 6)
    without = np.arange(40) % 4 == 0
    values[without, 1] = 0.0
    found = radial(panel_of(values), INPUTS, OUTPUT, BAD, returns_to_scale=returns_to_scale)
    rest = panel_of(np.delete(values[without], 1, axis=1), [name for name in NAMES if name != "x1"])
    alone = radial(rest, ["x0", "x2"], OUTPUT, BAD, returns_to_scale=returns_to_scale)
    np.testing.assert_allclose(found.scores[without], alone.scores, rtol=1e-8, atol=1e-10)


def test_more_variables_than_units() -> None:
    batch = radial_programme(np.random.default_rng(5).lognormal(0.0, 1.5, (4, 5)), False, True)
    expected = [solve_exactly(batch, unit).own[0] for unit in range(4)]
    np.testing.assert_allclose(solve([batch])[0].objective, expected, rtol=1e-12)


def test_everyone_on_one_sphere_is_efficient() -> None:
    sphere = np.abs(np.random.default_rng(5).normal(size=(60, 5))) + 1e-3
    sphere = 2.0 - WORSE * sphere / np.linalg.norm(sphere, axis=1, keepdims=True)
    (found,) = solve([radial_programme(sphere, False, True)])
    np.testing.assert_allclose(found.objective, 1.0, atol=1e-12)

"""What must hold for every efficiency model on any data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecospatial.efficiency.additive import additive
from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.ebm import ebm
from ecospatial.efficiency.nonradial_directional import nonradial_directional
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.range_directional import range_directional
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "b0"]
Model = Callable[..., EfficiencyResult]
MODELS: dict[str, Model] = {
    "radial input": lambda panel, **options: radial(panel, NAMES[:2], "y0", "b0", **options),
    "radial output": lambda panel, **options: radial(panel, NAMES[:2], "y0", "b0", orientation="output", **options),
    "sbm": lambda panel, **options: sbm(panel, NAMES[:2], "y0", "b0", **options),
    "additive": lambda panel, **options: additive(panel, NAMES[:2], "y0", "b0", **options),
    "ebm": lambda panel, **options: ebm(
        panel, NAMES[:2], "y0", "b0", orientation="non-oriented", epsilon=0.4, weights={"x0": 2.0}, **options
    ),
    "directional": lambda panel, **options: directional(panel, NAMES[:2], "y0", "b0", **options),
    "nonradial directional": lambda panel, **options: nonradial_directional(
        panel, NAMES[:2], "y0", "b0", weights={"x1": 1.0, "b0": 2.0}, **options
    ),
}


def weak(panel: Panel, **options: Any) -> EfficiencyResult:
    return directional(panel, NAMES[:2], "y0", "b0", disposability="weak", **options)


every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
amounts = arrays(float, (9, 4), elements=st.floats(0.05, 100.0))
briefly = settings(max_examples=12, deadline=None, derandomize=True)


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(unit=range(len(values))), unit="unit")


def scores(model: Model, values: np.ndarray, **options: Any) -> np.ndarray:
    found = model(panel_of(values), **options)
    assert (found.status == "optimal").all()
    return np.asarray(found.efficiency)


@every_model
@briefly
@given(amounts, arrays(float, 4, elements=st.sampled_from([1e-4, 0.3, 1.0, 7.0, 1e9])))
def test_units_of_measurement_do_not_matter(model: Model, values: np.ndarray, factors: np.ndarray) -> None:
    np.testing.assert_allclose(scores(model, values * factors), scores(model, values), atol=1e-8)


@every_model
@briefly
@given(amounts, st.integers(0, 8), st.floats(1.0, 3.0))
def test_a_dominated_unit_changes_no_other_score(model: Model, values: np.ndarray, unit: int, worse: float) -> None:
    dominated = values[unit] * np.array([worse, worse, 1 / worse, worse])
    extended = scores(model, np.vstack([values, dominated]))
    np.testing.assert_allclose(extended[:9], scores(model, values), atol=1e-8)
    assert extended[9] <= extended[unit] + 1e-8


@every_model
@briefly
@given(amounts)
def test_larger_technologies_score_lower(model: Model, values: np.ndarray) -> None:
    found = {size: scores(model, values, returns_to_scale=size) for size in ("vrs", "nirs", "ndrs", "crs")}
    for part in ("nirs", "ndrs"):
        assert (found["crs"] <= found[part] + 1e-8).all()
        assert (found[part] <= found["vrs"] + 1e-8).all()


@every_model
@briefly
@given(amounts)
def test_targets_are_efficient(model: Model, values: np.ndarray) -> None:
    targets = model(panel_of(values)).targets.to_numpy()
    np.testing.assert_allclose(scores(model, np.vstack([values, targets]))[9:], 1.0, atol=1e-7)


@briefly
@given(amounts)
def test_sbm_is_never_above_radial(values: np.ndarray) -> None:
    assert (scores(MODELS["sbm"], values) <= scores(MODELS["radial input"], values) + 1e-8).all()


@every_model
@briefly
@given(amounts, st.permutations(range(9)))
def test_order_of_rows_does_not_matter(model: Model, values: np.ndarray, order: list[int]) -> None:
    np.testing.assert_allclose(scores(model, values[order]), scores(model, values)[order], atol=1e-8)


@pytest.mark.parametrize("placement", ["numerator", "denominator"])
@pytest.mark.parametrize("returns_to_scale", ["vrs", "crs"])
@briefly
@given(amounts, arrays(float, 4, elements=st.sampled_from([1e-4, 1.0, 1e9])))
def test_super_sbm_ranks_what_is_efficient(
    returns_to_scale: Any, placement: Any, values: np.ndarray, factors: np.ndarray
) -> None:
    options = {"returns_to_scale": returns_to_scale}
    ordinary = MODELS["sbm"](panel_of(values), **options)
    above = MODELS["sbm"](panel_of(values), super_efficiency=True, super_undesirable=placement, **options)
    rest = ~ordinary.efficient
    np.testing.assert_array_equal(above.scores[rest], ordinary.scores[rest])
    assert (above.scores[~rest].dropna() >= 1.0).all()
    if placement == "numerator":
        assert (above.status == "optimal").all()
    if (placement, returns_to_scale) == ("denominator", "crs"):
        assert above.scores.max() <= 2.0 + 1e-8
    other = MODELS["sbm"](panel_of(values * factors), super_efficiency=True, super_undesirable=placement, **options)
    np.testing.assert_allclose(other.scores, above.scores, rtol=1e-7)


@briefly
@given(amounts)
def test_disposability_nests_the_technologies(values: np.ndarray) -> None:
    strong, abated, equality = (
        directional(panel_of(values), NAMES[:2], "y0", "b0", disposability=kind).scores
        for kind in ("strong", "weak", "equality")
    )
    # Weak disposability can shrink a reference unit, which strong disposability under variable returns cannot.
    assert (equality <= abated + 1e-8).all()
    assert (equality <= strong + 1e-8).all()


@briefly
@given(amounts)
def test_targets_are_efficient_under_weak_disposability(values: np.ndarray) -> None:
    targets = weak(panel_of(values)).targets.to_numpy()
    np.testing.assert_allclose(scores(weak, np.vstack([values, targets]))[9:], 1.0, atol=1e-7)


@briefly
@given(amounts, arrays(float, 4, elements=st.floats(-200.0, 200.0)), st.sampled_from([1e-3, 1.0, 1e6]))
def test_range_directional_has_no_origin_and_no_unit(values: np.ndarray, shift: np.ndarray, factor: float) -> None:
    def range_model(panel: Panel) -> EfficiencyResult:
        return range_directional(panel, NAMES[:2], "y0", "b0")

    found = range_model(panel_of(values))
    assert found.scores.between(0.0, 1.0).all()
    moved = range_model(panel_of((values + shift) * factor))
    np.testing.assert_allclose(moved.scores, found.scores, atol=1e-7)


years = arrays(float, (18, 4), elements=st.floats(0.05, 100.0))


def panel_over_time(values: np.ndarray) -> Panel:
    frame = pd.DataFrame(values, columns=NAMES).assign(unit=np.arange(18) % 6, year=np.arange(18) // 6)
    return Panel.from_frame(frame.assign(part=np.arange(18) % 2), unit="unit", period="year")


@every_model
@briefly
@given(years)
def test_larger_frontiers_score_lower(model: Model, values: np.ndarray) -> None:
    panel = panel_over_time(values)
    kinds = ("global", "window", "sequential", "biennial", "contemporaneous")
    found = {kind: model(panel, frontier=kind, window=2).efficiency for kind in kinds}
    for kind in kinds[1:]:
        assert (found["global"] <= found[kind] + 1e-8).all()
        assert (found[kind] <= found["contemporaneous"] + 1e-8).all()
    widest = model(panel, frontier="window", window=3).efficiency
    np.testing.assert_allclose(widest, found["global"], atol=1e-8)


@every_model
@briefly
@given(years)
def test_gap_ratios_are_shares(model: Model, values: np.ndarray) -> None:
    table = model(panel_over_time(values), frontier="meta", groups="part").to_frame()
    assert table["gap_ratio"].between(0, 1, inclusive="right").all()


@briefly
@given(amounts)
def test_super_efficiency_is_the_ordinary_score_of_inefficient_units(values: np.ndarray) -> None:
    for infeasible in ("report", "cook"):
        options: dict[str, Any] = {"super_efficiency": True, "infeasible": infeasible}
        plain, above = (MODELS["radial input"](panel_of(values), **given) for given in ({}, options))
        inside = ~plain.efficient
        np.testing.assert_allclose(above.scores[inside], plain.scores[inside], atol=1e-8)
        assert (above.scores[~inside].dropna() >= 1 - 1e-8).all()
    assert above.scores.notna().all()


@briefly
@given(amounts)
def test_scale_classes_agree_with_the_smaller_technologies(values: np.ndarray) -> None:
    table = MODELS["radial input"](panel_of(values), scale=True).to_frame()
    assert table["scale_efficiency"].between(0, 1).all()
    assert ((table["returns"] == "constant") == (table["vrs"] - table["crs"] <= 1e-6)).all()
    ndrs = scores(MODELS["radial input"], values, returns_to_scale="ndrs")
    decreasing = (table["returns"] == "decreasing").to_numpy()
    np.testing.assert_allclose(ndrs[decreasing], table["crs"][decreasing], atol=1e-8)

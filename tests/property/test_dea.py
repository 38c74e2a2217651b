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

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.panel import Panel

NAMES = ["x0", "x1", "y0", "b0"]
Model = Callable[..., EfficiencyResult]
MODELS: dict[str, Model] = {
    "radial input": lambda panel, **options: radial(panel, NAMES[:2], "y0", "b0", **options),
    "radial output": lambda panel, **options: radial(panel, NAMES[:2], "y0", "b0", orientation="output", **options),
    "sbm": lambda panel, **options: sbm(panel, NAMES[:2], "y0", "b0", **options),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
amounts = arrays(float, (9, 4), elements=st.floats(0.05, 100.0))
briefly = settings(max_examples=12, deadline=None, derandomize=True)


def panel_of(values: np.ndarray) -> Panel:
    return Panel.from_frame(pd.DataFrame(values, columns=NAMES).assign(unit=range(len(values))), unit="unit")


def scores(model: Model, values: np.ndarray, **options: Any) -> np.ndarray:
    found = model(panel_of(values), **options)
    assert (found.status == "optimal").all()
    return found.efficiency.to_numpy()


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

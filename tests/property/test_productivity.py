"""What must hold for every productivity index on any data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecospatial.panel import Panel
from ecospatial.productivity.luenberger import luenberger
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.malmquist_luenberger import malmquist_luenberger
from ecospatial.productivity.result import ProductivityResult

NAMES = ["x0", "x1", "y0", "b0"]
N, T = 6, 3
ATOL = 1e-10
Index = Callable[..., ProductivityResult]
RATIOS: dict[str, Index] = {
    "output": lambda panel, **options: malmquist(panel, NAMES[:2], "y0", **options),
    "input": lambda panel, **options: malmquist(panel, NAMES[:2], "y0", orientation="input", **options),
    "sbm": lambda panel, **options: malmquist(panel, NAMES[:2], "y0", "b0", technology="sbm", **options),
    "directional": lambda panel, **options: malmquist_luenberger(panel, NAMES[:2], "y0", "b0", **options),
}


def indicator(panel: Panel, **options: Any) -> ProductivityResult:
    return luenberger(panel, NAMES[:2], "y0", "b0", **options)


ratios = pytest.mark.parametrize("index", RATIOS.values(), ids=RATIOS.keys())
every = pytest.mark.parametrize("index", [*RATIOS.values(), indicator], ids=[*RATIOS, "luenberger"])
references = pytest.mark.parametrize("reference", ["contemporaneous", "sequential", "global", "biennial"])
amounts = arrays(float, (N * T, 4), elements=st.floats(0.1, 50.0))
briefly = settings(max_examples=3, deadline=None, derandomize=True)


def panel_of(values: np.ndarray, periods: tuple[int, ...] = (1, 2, 3)) -> Panel:
    frame = pd.DataFrame(values, columns=NAMES)
    frame = frame.assign(
        unit=np.tile(range(N), T), period=np.repeat(periods, N), group=np.tile(["a"] * 3 + ["b"] * 3, T)
    )
    return Panel.from_frame(frame, unit="unit", period="period")


def product(parts: pd.DataFrame, *names: str) -> pd.Series:
    return parts[list(names)].prod(axis=1, skipna=False)


def assert_relative(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=ATOL, equal_nan=True)


@ratios
@references
@briefly
@given(amounts)
def test_every_row_obeys_its_identities(index: Index, reference: Any, values: np.ndarray) -> None:
    parts = index(panel_of(values), reference=reference).components
    assert_relative(product(parts, "effch", "techch"), parts["tfpch"].where(parts["techch"].notna()))
    assert_relative(product(parts, "pech", "sech"), parts["effch"])


@pytest.mark.parametrize("index", list(RATIOS.values())[:3], ids=list(RATIOS)[:3])
@references
@briefly
@given(amounts)
def test_every_row_obeys_the_identities_of_ray_and_desli(index: Index, reference: Any, values: np.ndarray) -> None:
    found = index(panel_of(values), reference=reference, decomposition="ray-desli")
    parts, other = found.components, index(panel_of(values), reference=reference).components
    known = parts["effch"].notna()
    assert_relative(product(parts, "effch", "techch")[known], parts["tfpch"][known])
    assert_relative(product(parts, "pech", "sech"), parts["effch"])
    assert_relative(parts[["tfpch", "pech"]], other[["tfpch", "pech"]])
    assert (known == (found.status == "optimal")).all()


@references
@briefly
@given(amounts)
def test_the_indicator_and_its_contributions_add_up(reference: Any, values: np.ndarray) -> None:
    found = indicator(panel_of(values), reference=reference)
    parts = found.components
    np.testing.assert_allclose(parts["effch"] + parts["techch"], parts["tfpch"], atol=ATOL)
    sums = found.contributions.groupby(level=["unit", "period"]).sum().reindex(parts.index)
    np.testing.assert_allclose(sums, parts, atol=ATOL)


@references
@briefly
@given(amounts)
def test_groups_obey_their_identity(reference: Any, values: np.ndarray) -> None:
    found = malmquist_luenberger(panel_of(values), "x0", "y0", "b0", reference=reference, groups="group")
    parts, known = found.components, found.status == "optimal"
    assert parts[known].notna().all(axis=None)
    assert_relative(product(parts, "effch", "techch", "tgch")[known], parts["tfpch"][known])


@every
@briefly
@given(amounts)
def test_the_global_index_is_circular(index: Index, values: np.ndarray) -> None:
    """The change over two periods is that of the panel in which the middle one is not a period of its own."""
    found = index(panel_of(values), reference="global")
    distances = found.distances[(found.distances["technology_from"] == 1) & (found.distances["technology_to"] == 3)]
    distances = distances[distances["returns_to_scale"] == "crs"].set_index(["unit", "period"])["distance"].unstack()
    total = found.cumulative["tfpch"].unstack("period")[3]
    if index is indicator:
        np.testing.assert_allclose(total, distances[1] - distances[3], atol=1e-9)
    elif index is RATIOS["directional"]:
        np.testing.assert_allclose(total, (1 + distances[1]) / (1 + distances[3]), rtol=1e-9)
    else:
        np.testing.assert_allclose(total, distances[3] / distances[1], rtol=1e-9)


@every
@briefly
@given(amounts, arrays(float, 4, elements=st.sampled_from([1e-4, 0.3, 7.0, 1e6])))
def test_units_of_measurement_do_not_matter(index: Index, values: np.ndarray, factors: np.ndarray) -> None:
    plain, scaled = (index(panel_of(each)).components for each in (values, values * factors))
    np.testing.assert_allclose(scaled, plain, rtol=1e-7, atol=1e-7)


@every
@pytest.mark.parametrize("reference", ["contemporaneous", "biennial"])
@briefly
@given(amounts)
def test_time_reversal_turns_progress_round(index: Index, reference: Any, values: np.ndarray) -> None:
    there = index(panel_of(values), reference=reference).components["tfpch"].unstack("period")
    back = index(panel_of(values, (3, 2, 1)), reference=reference).components["tfpch"].unstack("period")
    turned = -back[[3, 2]] if index is indicator else 1.0 / back[[3, 2]]
    np.testing.assert_allclose(there[[2, 3]].to_numpy(), turned.to_numpy(), rtol=1e-8, atol=1e-9)


@ratios
@briefly
@given(amounts)
def test_a_sequential_frontier_never_turns_back(index: Index, values: np.ndarray) -> None:
    shift = index(panel_of(values), reference="sequential").components["techch"]
    assert (shift.dropna() >= 1.0 - 1e-8).all()


@pytest.mark.parametrize("index", list(RATIOS.values())[:2], ids=list(RATIOS)[:2])
@briefly
@given(arrays(float, (N, 4), elements=st.floats(0.1, 50.0)), st.floats(0.5, 2.0))
def test_growth_of_all_outputs_alike_is_technical_change(index: Index, values: np.ndarray, factor: float) -> None:
    grown = np.array([1.0, 1.0, factor, 1.0])
    parts = index(panel_of(np.vstack([values, values * grown, values * grown**2]))).components
    np.testing.assert_allclose(parts["tfpch"], factor, rtol=1e-7)
    np.testing.assert_allclose(parts[["effch", "pech", "sech"]], 1.0, rtol=1e-7)


@every
@briefly
@given(arrays(float, (N, 4), elements=st.floats(0.1, 50.0)))
def test_standing_still_is_no_change(index: Index, values: np.ndarray) -> None:
    parts = index(panel_of(np.vstack([values] * T))).components
    np.testing.assert_allclose(parts, 0.0 if index is indicator else 1.0, atol=1e-8)


@pytest.mark.parametrize("reference", ["contemporaneous", "global"])
@pytest.mark.parametrize(
    ("technology", "orientation", "bads"),
    [
        ("radial", "output", ()),
        ("radial", "input", ()),
        ("directional", "output", ()),
        ("directional", "input", ()),
        ("directional", "non-oriented", ()),
        ("directional", "input", ["b0"]),
        ("directional", "non-oriented", ["b0"]),
    ],
)
@briefly
@given(arrays(float, (N, 4), elements=st.floats(0.1, 50.0)))
def test_the_same_of_half_is_a_growth_of_two(
    reference: Any, technology: Any, orientation: Any, bads: Any, values: np.ndarray
) -> None:
    """Under constant returns, whatever moves; with bads half of them too."""
    halved = np.where(np.isin(NAMES, [*NAMES[:2], *bads]), 0.5, 1.0)
    panel = panel_of(np.vstack([values, values * halved, values * halved**2]))
    options = {"technology": technology, "orientation": orientation, "reference": reference}
    np.testing.assert_allclose(malmquist(panel, NAMES[:2], "y0", bads, **options).components["tfpch"], 2.0, rtol=1e-7)


@pytest.mark.parametrize("orientation", ["output", "input", "non-oriented"])
@briefly
@given(amounts)
def test_without_bads_directional_and_radial_are_one_under_constant_returns(
    orientation: Any, values: np.ndarray
) -> None:
    panel = panel_of(values)
    found = malmquist(panel, NAMES[:2], "y0", technology="directional", orientation=orientation)
    expected = malmquist(panel, NAMES[:2], "y0")
    names = ["tfpch", "effch", "techch"]
    np.testing.assert_allclose(found.components[names], expected.components[names], rtol=1e-8)

"""Super-SBM, additive, epsilon-based and directional models against published tables and independent programs.

Each JSON file in ``data`` says where its numbers come from and how exact they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.additive import additive
from ecospatial.efficiency.affinity import epsilon_and_weights
from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.ebm import ebm
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"


class Case:
    """A reference file as a panel and its expected values."""

    def __init__(self, name: str) -> None:
        self.source: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
        self.expected: dict[str, Any] = self.source["expected"]
        parts = {"x": self.source["inputs"], "y": self.source["outputs"], "b": self.source["undesirable"] or []}
        columns = {
            f"{part}{place}": column
            for part, rows in parts.items()
            for place, column in enumerate(zip(*rows, strict=True))
        }
        self.names = [[name for name in columns if name.startswith(part)] for part in parts]
        units = self.source.get("dmus") or [str(place + 1) for place in range(len(self.source["inputs"]))]
        periods = self.source.get("period", [0] * len(units))
        frame = pd.DataFrame({**columns, "unit": units, "period": periods})
        self.panel = Panel.from_frame(frame, unit="unit", period="period")

    def run(self, model: Callable[..., EfficiencyResult], **options: Any) -> EfficiencyResult:
        return model(self.panel, *self.names, **options)

    def assert_equal(self, found: Sequence[float], expected: Sequence[float | None]) -> None:
        values = np.array([np.nan if value is None else value for value in expected])
        np.testing.assert_allclose(found, values, rtol=0, atol=self.source["tolerance"])


def test_tone2002_super_sbm() -> None:
    case = Case("tone2002_table1_supersbm")
    found = case.run(sbm, returns_to_scale="crs", super_efficiency=True)
    both = zip(case.expected["super_sbm"], case.expected["sbm"], strict=True)
    case.assert_equal(found.scores, [ordinary if above is None else above for above, ordinary in both])
    assert found.scores.to_numpy()[2:5] == pytest.approx([1.125, 1.25, 1.5])
    targets = found.targets.droplevel("period")
    # The published point of D, (4, 3), is one of several.
    for unit in ("C", "E"):
        assert targets.loc[unit, ["x0", "x1"]].tolist() == pytest.approx(case.expected["super_targets_x"][unit])


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
@pytest.mark.parametrize(("orientation", "short"), [("non-oriented", "no"), ("input", "io"), ("output", "oo")])
def test_hospitals_super_sbm(orientation: str, short: str, returns_to_scale: str) -> None:
    case = Case("cst_hospitals12")
    options = {"orientation": orientation, "returns_to_scale": returns_to_scale}
    ordinary, found = (case.run(sbm, super_efficiency=above, **options) for above in (False, True))
    expected = np.array(case.expected[f"hosp_super_{short}_{returns_to_scale}"], dtype=float)
    case.assert_equal(found.scores, np.where(ordinary.efficient, expected, ordinary.scores).tolist())
    np.testing.assert_array_equal(found.status == "infeasible", np.isnan(expected))


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
def test_fried_lovell_schmidt_additive(returns_to_scale: str) -> None:
    case = Case("fls11_radial_additive_ddf")
    found = case.run(additive, returns_to_scale=returns_to_scale, counted_in="amounts")
    case.assert_equal(found.scores, case.expected[f"additive_{returns_to_scale}"])


def test_fried_lovell_schmidt_proportions() -> None:
    case = Case("fls11_radial_additive_ddf")
    case.assert_equal(case.run(additive, returns_to_scale="crs").scores, case.expected["additive_mip_crs"])


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
def test_fried_lovell_schmidt_directional(returns_to_scale: str) -> None:
    case = Case("fls11_radial_additive_ddf")
    found = case.run(directional, returns_to_scale=returns_to_scale)
    case.assert_equal(found.scores, case.expected[f"ddf_{returns_to_scale}"])


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("D", {"direction": {"y0": 1, "b0": 1}}),
        ("D_g_observed_xyb", {}),
        ("D_g_ones", {"direction": {"x0": 1, "y0": 1, "b0": 1}, "direction_in": "amounts"}),
    ],
)
def test_environmental_directional(column: str, options: dict[str, Any]) -> None:
    case = Case("environmental_ddf_5")
    case.assert_equal(case.run(directional, returns_to_scale="crs", **options).scores, case.expected[column])


@pytest.mark.parametrize("disposability", ["equality", "weak"])
def test_stata_teddf(disposability: str) -> None:
    # Under constant returns the abatement factors of the weak form change nothing.
    case = Case("stata_teddf_ddf_china30")
    found = case.run(directional, returns_to_scale="crs", disposability=disposability)
    case.assert_equal(found.scores, case.expected["D"])


def test_hospitals_ebm() -> None:
    case = Case("ebm_hospitals12")
    given = dict(zip(case.names[0], case.source["weights"], strict=True))
    found = case.run(ebm, returns_to_scale="crs", epsilon=case.source["epsilon"], weights=given)
    case.assert_equal(found.scores, case.expected["score"])


def test_hospitals_epsilon() -> None:
    # The published ε is that of projections rounded to two decimals.
    case = Case("ebm_hospitals12")
    projected = case.run(additive, returns_to_scale="vrs").targets[case.names[0]].round(2)
    epsilon, weights = epsilon_and_weights(projected.to_numpy())
    assert epsilon == pytest.approx(case.source["epsilon"], abs=1e-12)
    assert weights.tolist() == pytest.approx(case.source["weights"], abs=1e-12)
    found = case.run(ebm, returns_to_scale="crs")
    np.testing.assert_allclose(found.scores, case.expected["score"], rtol=0, atol=1e-5)

"""The second stage of Simar and Wilson (2007) on simulated data, against truncreg and rDEA."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.second_stage import second_stage
from ecospatial.drivers.truncated import truncated
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.panel import Panel

CASE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data/simar_wilson_2007_simulated.json").read_text(encoding="utf-8")
)
DRIVERS = ["z1", "z2"]


@pytest.fixture(scope="module")
def panel() -> Panel:
    columns = {"x": np.ravel(CASE["inputs"]), "y": np.ravel(CASE["outputs"])}
    frame = pd.DataFrame(columns).join(pd.DataFrame(CASE["z"], columns=DRIVERS))
    return Panel.from_frame(frame.assign(unit=range(len(frame))), unit="unit")


@pytest.fixture(scope="module")
def efficiency(panel: Panel) -> EfficiencyResult:
    return radial(panel, ["x"], ["y"], orientation="output")


def test_truncated_regression_of_truncreg(panel: Panel, efficiency: EfficiencyResult) -> None:
    assert efficiency.scores.to_numpy() == pytest.approx(CASE["expected"]["phi"], abs=CASE["tolerance"]["phi"])
    wanted = CASE["expected"]["truncreg_beta_sigma"]
    inefficient = panel.assign(phi=efficiency.scores).where_rows((efficiency.scores > 1 + 1e-6).to_numpy())
    plain = truncated(inefficient, "phi", DRIVERS)
    first = second_stage(efficiency, DRIVERS, panel, algorithm="1", replications=100)
    for found in (plain, first):
        assert found.params.to_numpy() == pytest.approx(wanted, abs=2e-6)
        assert found.loglik == pytest.approx(CASE["expected"]["loglik"], abs=1e-9)
        assert found.loglik >= CASE["expected"]["loglik"] - 1e-9


def test_algorithm_2_of_rdea(panel: Panel, efficiency: EfficiencyResult) -> None:
    """The tolerance is that of Monte Carlo: both draw 100 and 2,000 times."""
    wanted = CASE["expected"]
    found = second_stage(efficiency, DRIVERS, panel)
    beta, sigma = found.params.iloc[:3], found.params["sigma"]
    assert beta.to_numpy() == pytest.approx(wanted["alg2_beta"], abs=0.02)
    assert sigma == pytest.approx(wanted["alg2_sigma"], abs=0.02)
    assert found.confidence().iloc[:3].to_numpy() == pytest.approx(np.array(wanted["alg2_ci95"]), abs=0.2)
    truth = np.array([0.5, 0.5, 0.3])
    assert ((found.confidence().iloc[:3].to_numpy() - truth[:, None]) * [1, -1] < 0).all()

"""Every efficiency model with every choice of frontier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial.efficiency.result import EfficiencyResult

NAMES = ["x0", "x1", "y0", "b0"]
MODELS: dict[str, Callable[..., EfficiencyResult]] = {
    "sbm": es.sbm,
    "ebm": es.ebm,
    "additive": es.additive,
    "directional": es.directional,
    "nonradial_directional": es.nonradial_directional,
    "range_directional": es.range_directional,
}
every_model = pytest.mark.parametrize("name", MODELS)


def cities() -> pd.DataFrame:
    cells = np.random.default_rng(4).lognormal(0.0, 0.5, (60, 4))
    frame = pd.DataFrame(cells, columns=NAMES)
    return frame.assign(city=[*range(20)] * 3, year=np.repeat([2001, 2002, 2003], 20), coast=["east", "west"] * 30)


def run(name: str, frame: pd.DataFrame, **options: Any) -> EfficiencyResult:
    fixed: dict[str, Any] = {"epsilon": 0.5, "weights": {"x0": 1.0}} if name == "ebm" else {}
    panel = es.Panel.from_frame(frame, unit="city", period="year")
    return MODELS[name](panel, NAMES[:2], ["y0"], ["b0"], **fixed, **options)


@every_model
def test_contemporaneous_frontiers_are_separate_runs(name: str) -> None:
    frame = cities()
    found = run(name, frame)
    for year, part in frame.groupby("year"):
        alone = run(name, part)
        np.testing.assert_allclose(found.scores.xs(year, level="period"), alone.scores, atol=1e-9)


@every_model
def test_group_frontiers_are_separate_runs(name: str) -> None:
    frame = cities()
    found = run(name, frame, frontier="meta", groups="coast")
    assert found.gaps is not None
    for coast, part in frame.groupby("coast"):
        own = found.gaps["group"] == coast
        alone = run(name, part, frontier="global").efficiency.to_numpy()
        np.testing.assert_allclose(found.gaps.loc[own, "group_efficiency"], alone, atol=1e-9)
        assert (
            found.efficiency[own].to_numpy() <= alone + 1e-9
        ).all() or name == "range_directional"  # its direction differs


@every_model
def test_biennial_scores_equal_a_run_over_two_periods(name: str) -> None:
    frame = cities()
    found = run(name, frame, frontier="biennial")
    pooled = run(name, frame[frame["year"] < 2003], frontier="global")
    expected = pooled.scores.xs(2001, level="period")
    np.testing.assert_allclose(found.scores.xs(2001, level="period"), expected, atol=1e-9)


@pytest.mark.parametrize("name", ["sbm", "ebm"])
def test_units_beyond_the_reference_units_are_ranked(name: str) -> None:
    frame = cities()
    options: dict[str, Any] = {"frontier": "global", "reference_units": list(range(10))}
    ordinary = run(name, frame, **options)
    found = run(name, frame, super_efficiency=True, orientation="input", returns_to_scale="crs", **options)
    assert (found.status == "optimal").all()
    outside = found.scores.index.get_level_values("unit") >= 10
    assert (found.scores[outside] > 1).any()
    assert set(found.peers["peer_unit"]) <= set(range(10))
    assert set(ordinary.status) <= {"optimal", "infeasible"}


@pytest.mark.parametrize("name", ["sbm", "ebm"])
def test_a_unit_can_be_left_out_of_all_periods(name: str) -> None:
    frame = cities()
    options: dict[str, Any] = {"super_efficiency": True, "frontier": "global", "orientation": "input"}
    each, whole = (run(name, frame, exclude=kind, **options) for kind in ("observation", "unit"))
    assert (whole.scores.fillna(np.inf) >= each.scores.fillna(np.inf) - 1e-9).all()
    ranked = whole.peers.merge(whole.scores[whole.scores > 1 + 1e-6].rename("score").reset_index())
    assert len(ranked) and (ranked["unit"] != ranked["peer_unit"]).all()

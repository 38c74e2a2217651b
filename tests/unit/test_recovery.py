"""Known parameters of a spatial Durbin panel are found again."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def recovery() -> ModuleType:
    place = Path(__file__).parents[2] / "benchmarks/recovery.py"
    spec = importlib.util.spec_from_file_location("recovery", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(recovery: ModuleType, count: int) -> pd.DataFrame:
    weights = recovery.chessboard()
    rows = [recovery.estimates(panel, "efficiency", weights) for panel in recovery.panels(count, weights)]
    return recovery.recovered(rows, recovery.truth(weights))  # type: ignore[no-any-return]


@pytest.mark.slow
def test_a_thousand_panels_have_no_bias_and_intervals_that_cover(recovery: ModuleType) -> None:
    table = found(recovery, 1000)
    assert table["coverage"].between(0.93, 0.97).all()
    # A mean of 1,000 estimates errs by its own standard error; what is left is the bias of small samples.
    assert (table["bias"].abs() <= 4 * table["error_of_the_mean"] + 0.005 * table["truth"].abs()).all()


def test_estimated_scores_weaken_the_spatial_lag(recovery: ModuleType) -> None:
    tables = recovery.study(20)
    actual, scores = tables["true efficiency"], tables["estimated scores"]
    assert abs(actual.loc["rho", "mean"] - recovery.RHO) < 0.05
    assert scores.loc["rho", "mean"] < 0.75 * recovery.RHO, "noise of estimated scores does not spill over"
    assert 0.7 < scores.loc["direct rd", "mean"] / actual.loc["direct rd", "truth"] < 1.3

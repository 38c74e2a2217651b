"""Regression tables."""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.compare import ComparisonResult, compare
from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.errors import OptionError
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel
from ecospatial.result import Result

COUNT = 30


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(COUNT, 3)), columns=["a", "b", "z"]).assign(city=range(COUNT))
    return Panel.from_frame(frame.assign(y=1 + 3 * frame["a"] + frame["z"]), unit="city")


@pytest.fixture(scope="module")
def weights() -> Weights:
    ring = np.roll(np.eye(COUNT), 1, axis=1) + np.roll(np.eye(COUNT), -1, axis=1)
    return Weights.from_sparse(ring, range(COUNT))


@pytest.fixture(scope="module")
def plain(panel: Panel) -> OLSResult:
    return ols(panel, "y", ["a", "b"])


@pytest.fixture(scope="module")
def lag(panel: Panel, weights: Weights) -> SpatialResult:
    return spatial_panel(panel, "y", ["a"], weights, model="lag")


def test_the_table_reads_as_in_a_paper(plain: OLSResult, lag: SpatialResult) -> None:
    table = compare([plain, lag]).to_frame()
    assert table.columns.tolist() == ["(1) OLS", "(2) Spatial lag"]
    assert table.index.tolist()[:8] == ["Intercept", "", "a", "", "b", "", "rho", ""]
    first, error = plain.params["a"], plain.std_errors["a"]
    assert table.iloc[2, 0] == f"{first:.4f}***"
    assert table.iloc[3, 0] == f"({error:.4f})"
    assert table.loc["b", "(2) Spatial lag"] == ""
    assert table.loc["rho", "(1) OLS"] == ""
    assert table.loc["Observations"].tolist() == ["30", "30"]
    assert table.loc["AIC"].tolist() == [f"{plain.aic:.3f}", f"{lag.aic:.3f}"]
    assert table.loc["Log-likelihood", "(2) Spatial lag"] == f"{lag.loglik:.3f}"


def test_the_summary_states_the_conventions(plain: OLSResult) -> None:
    text = compare([plain]).summary()
    assert "*** p < 0.01, ** p < 0.05, * p < 0.10" in text
    assert "standard errors" in text


def test_models_from_files_give_the_same_table(plain: OLSResult, lag: SpatialResult, tmp_path: pathlib.Path) -> None:
    for name, model in (("ols", plain), ("lag", lag)):
        model.store(tmp_path / f"{name}.eco")
    loaded = [Result.load(tmp_path / f"{name}.eco") for name in ("ols", "lag")]
    direct = compare([plain, lag])
    pd.testing.assert_frame_equal(compare(loaded).to_frame(), direct.to_frame())  # type: ignore[arg-type]
    direct.store(tmp_path / "table.eco")
    again = ComparisonResult.load(tmp_path / "table.eco")
    pd.testing.assert_frame_equal(again.to_frame(), direct.to_frame())


def test_what_cannot_be_compared_is_noted(panel: Panel, plain: OLSResult) -> None:
    other = ols(panel, "z", ["a"])
    few = ols(panel.where_units(range(20)), "y", ["a"])
    assert compare([plain, plain]).notes == ()
    assert "different variables" in str(compare([plain, other]).notes[0])
    assert "different observations" in str(compare([plain, few]).notes[0])


def test_only_regressions_can_be_compared(plain: OLSResult) -> None:
    with pytest.raises(OptionError, match="models takes a list of"):
        compare([])
    with pytest.raises(OptionError, match="models takes a list of RegressionResult"):
        compare([plain, "ols.eco"])  # type: ignore[list-item]
    assert compare(plain).to_frame().shape[1] == 1  # type: ignore[arg-type]


def test_effects_stand_below_the_coefficients_and_all_rows_are_printed(panel: Panel, weights: Weights) -> None:
    durbin = spatial_panel(panel, "y", ["a", "b"], weights, model="durbin")
    found = compare([ols(panel, "y", ["a"]), durbin])
    table = found.to_frame()
    assert table.index.tolist()[6:12] == ["W_a", "", "W_b", "", "rho", ""]
    start = table.index.tolist().index("Indirect effects")
    effects = durbin.effects().to_frame()
    assert table.iloc[start + 1, 1].startswith(f"{effects.loc['a', 'indirect']:.4f}"[:6])
    assert table.iloc[start + 2, 1] == f"({effects.loc['a', 'indirect_se']:.4f})"
    assert (table.iloc[start : start + 5, 0] == "").all()
    assert "Unit effects" not in table.index, "a row that says no for all models says nothing"
    for line in ("BIC", "Total effects", "W_b"):
        assert line in found.summary()
    assert "Direct effects" not in compare([durbin], effects=False).to_frame().index


def test_statistics_may_stand_in_parentheses(plain: OLSResult) -> None:
    found = compare([plain], below="statistic")
    assert found.to_frame().iloc[3, 0] == f"({plain.tvalues['a']:.4f})"
    assert "t or z statistics" in found.summary()


def test_fixed_effects_are_named_by_model() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"city": np.repeat(range(8), 4), "year": list(range(4)) * 8, "a": rng.normal(size=32)})
    panel = Panel.from_frame(frame.assign(y=frame["a"] + rng.normal(size=32)), unit="city", period="year")
    table = compare([ols(panel, "y", ["a"], effects=kind) for kind in ("none", "individual", "twoway")]).to_frame()
    assert table.loc["Unit effects"].tolist() == ["no", "fixed", "fixed"]
    assert table.loc["Period effects"].tolist() == ["no", "no", "fixed"]

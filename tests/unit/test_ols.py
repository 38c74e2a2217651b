"""Least squares: numbers, tables, and what it refuses."""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.diagnostics import inflation
from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.errors import DataError, EcospatialError, ModelError, OptionError
from ecospatial.panel import Panel
from ecospatial.result import Result

COUNT = 40


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(COUNT, 3))
    y = 1 + x @ [2.0, -1.0, 0.0] + rng.normal(size=COUNT)
    return pd.DataFrame({"city": [f"c{i}" for i in range(COUNT)], "y": y, "a": x[:, 0], "b": x[:, 1], "c": x[:, 2]})


@pytest.fixture
def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, unit="city")


def test_the_normal_equations(frame: pd.DataFrame, panel: Panel) -> None:
    model = ols(panel, "y", ["a", "b", "c"])
    x = np.column_stack([np.ones(COUNT), frame[["a", "b", "c"]]])
    inverse = np.linalg.inv(x.T @ x)
    errors = frame["y"] - x @ (inverse @ x.T @ frame["y"])
    assert model.params.to_numpy() == pytest.approx(inverse @ x.T @ frame["y"].to_numpy(), abs=1e-12)
    assert model.cov.to_numpy() == pytest.approx(inverse * (errors @ errors) / (COUNT - 4), abs=1e-12)
    assert model.df_resid == COUNT - 4
    assert model.adj_r2 < model.r2


def test_p_values_are_student_t(panel: Panel) -> None:
    from scipy import stats

    model = ols(panel, "y", ["a", "b", "c"])
    assert model.pvalues["b"] == pytest.approx(2 * stats.t.sf(abs(model.tvalues["b"]), COUNT - 4), rel=1e-12)


def test_confidence_intervals_reject_what_p_values_reject(panel: Panel) -> None:
    table = ols(panel, "y", ["a", "b", "c"]).to_frame()
    covers_zero = (table["lower"] < 0) & (table["upper"] > 0)
    assert covers_zero.tolist() == (table["pvalue"] > 0.05).tolist()


def test_residuals_and_fitted_add_up_in_the_order_of_the_rows(frame: pd.DataFrame) -> None:
    shuffled = frame.sample(frac=1, random_state=3)
    table = ols(Panel.from_frame(shuffled, unit="city"), "y", ["a"]).to_frame("residuals")
    assert table.index.get_level_values("unit").tolist() == shuffled["city"].tolist()
    assert (table["fitted"] + table["residual"]).to_numpy() == pytest.approx(shuffled["y"].to_numpy())


def test_an_unbalanced_panel_is_pooled(frame: pd.DataFrame) -> None:
    long = pd.concat([frame.assign(year=2000), frame.assign(year=2001, y=frame["y"] + 1).iloc[3:]])
    model = ols(Panel.from_frame(long, unit="city", period="year"), "y", ["a", "b"])
    assert model.nobs == 2 * COUNT - 3
    assert "pooled" in str(model.facts()["Observations"])


def test_inflation_factors_are_those_of_auxiliary_regressions(frame: pd.DataFrame, panel: Panel) -> None:
    auxiliary = ols(panel, "b", ["a", "c"])
    x = np.column_stack([np.ones(COUNT), frame[["a", "b", "c"]]])
    assert inflation(x)[1] == pytest.approx(1 / (1 - auxiliary.r2), rel=1e-10)


def test_the_summary_prints_stars_and_their_convention(panel: Panel) -> None:
    text = ols(panel, "y", ["a", "b", "c"]).summary()
    assert "*** p < 0.01, ** p < 0.05, * p < 0.10" in text
    assert any(line.startswith("a ") and line.endswith("***") for line in text.splitlines())
    assert "Jarque–Bera" in text


def test_a_stored_result_comes_back_whole(panel: Panel, tmp_path: pathlib.Path) -> None:
    model = ols(panel, "y", ["a", "b"])
    model.store(tmp_path / "ols.eco")
    again = Result.load(tmp_path / "ols.eco")
    assert isinstance(again, OLSResult)
    assert again.summary() == model.summary()
    for name, table in model.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name], check_dtype=False, check_index_type=False)


def test_the_input_is_left_alone(frame: pd.DataFrame) -> None:
    before = frame.copy()
    ols(Panel.from_frame(frame, unit="city"), "y", ["a"])
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("change", "x", "kind", "words"),
    [
        ({}, [], OptionError, "at least one driver"),
        ({}, ["a", "a"], OptionError, "twice: a"),
        ({}, ["a", "y"], OptionError, "'y' is the dependent variable and a driver"),
        ({}, ["a", "gdp"], DataError, "no column 'gdp'"),
        ({"rho": 1.0}, ["rho"], OptionError, "Rename the column 'rho'"),
        ({"k": 0.1}, ["a", "k"], DataError, "'k' is the same for all units"),
        ({"y": 0.1}, ["a"], DataError, "'y' is the same for all units; there is nothing to explain"),
        ({"d": lambda f: 3 + 2 * f["a"] - f["b"]}, ["a", "b", "c", "d"], ModelError, "'d' .* follows from 'a', 'b';"),
        ({"d": lambda f: 1e9 * f["a"]}, ["a", "b", "d"], ModelError, "'d' .* follows from 'a';"),
        ({"y": lambda f: 2 * f["a"] - f["b"]}, ["a", "b"], ModelError, "explains 'y' without any rest"),
        ({"a": lambda f: f["a"].where(f["city"] != "c5")}, ["a"], DataError, "'a' is empty for unit c5"),
        ({"a": lambda f: f["a"].astype(object).where(f["city"] != "c6", "n/a")}, ["a"], DataError, "unit c6 .*'n/a'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(
    frame: pd.DataFrame, change: dict[str, object], x: list[str], kind: type[EcospatialError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        ols(Panel.from_frame(frame.assign(**change), unit="city"), "y", x)


def test_nearly_collinear_drivers_are_let_through(frame: pd.DataFrame) -> None:
    noise = 1e-4 * np.random.default_rng(1).normal(size=COUNT)
    model = ols(Panel.from_frame(frame.assign(d=frame["a"] + noise), unit="city"), "y", ["a", "d"])
    assert model.diagnostics["statistic"]["Condition number"] > 1000


def test_fewer_units_than_variables(frame: pd.DataFrame) -> None:
    few = Panel.from_frame(frame.iloc[:4], unit="city")
    with pytest.raises(ModelError, match="4 observations cannot carry 4 coefficients"):
        ols(few, "y", ["a", "b", "c"])
    assert ols(few, "y", ["a", "b"]).df_resid == 1


def test_effects_that_are_not_offered(panel: Panel) -> None:
    with pytest.raises(OptionError, match="effects='twoway'"):
        ols(panel, "y", ["a"], effects="twoway")  # type: ignore[arg-type]


def test_diagnostics_agree_with_spreg(frame: pd.DataFrame, panel: Panel) -> None:
    import spreg

    peer = spreg.OLS(frame[["y"]].to_numpy(), frame[["a", "b", "c"]].to_numpy())
    ours = ols(panel, "y", ["a", "b", "c"]).diagnostics["statistic"]
    assert ours["Jarque–Bera"] == pytest.approx(peer.jarque_bera["jb"], rel=1e-10)
    assert ours["Condition number"] == pytest.approx(peer.mulColli, rel=1e-10)

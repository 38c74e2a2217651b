"""Munnell's states (Produc): fixed and random effects against plm, linearmodels and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
LOGS = {"gsp": "log", "pcap": "log", "pc": "log", "emp": "log"}
DRIVERS = ["pcap", "pc", "emp", "unemp"]
EFFECTS = {"pooling": "none", "within": "individual", "twoways": "twoway", "random": "random"}


def values(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["values"]


@pytest.fixture(scope="module")
def produc() -> pd.DataFrame:
    return pd.read_csv(DATA / "data_produc.csv")


@pytest.fixture(scope="module")
def gaps(produc: pd.DataFrame) -> pd.DataFrame:
    places = pd.factorize(produc["state"])[0] + pd.factorize(produc["year"])[0]
    return produc[places % 5 != 0]


def fitted(frame: pd.DataFrame, effects: str, **options: Any) -> OLSResult:
    panel = Panel.from_frame(frame, unit="state", period="year")
    return ols(panel, "gsp", DRIVERS, effects=effects, transforms=LOGS, **options)  # type: ignore[arg-type]


def assert_terms(ours: pd.Series, theirs: dict[str, float], rel: float) -> None:
    wanted = pd.Series(theirs).rename({"(Intercept)": "Intercept"})
    assert set(ours.index) == set(wanted.index)
    assert ours[wanted.index].to_numpy() == pytest.approx(wanted.to_numpy(), rel=rel)


@pytest.mark.parametrize("name", EFFECTS)
def test_coefficients_and_standard_errors_of_plm(produc: pd.DataFrame, name: str) -> None:
    wanted, found = values("09_produc_panel_nonspatial")[name], fitted(produc, EFFECTS[name])
    assert_terms(found.params, wanted["coef"], 1e-10)
    if "se" in wanted:
        assert_terms(found.std_errors, wanted["se"], 1e-10)


def test_variance_components_of_plm(produc: pd.DataFrame) -> None:
    wanted, found = values("09_produc_panel_nonspatial")["random"], fitted(produc, "random").components
    assert found["theta"] == pytest.approx(wanted["theta"], abs=1e-12)
    assert found["unit"] == pytest.approx(wanted["sigma2"]["id"], rel=1e-9)
    assert found["idiosyncratic"] == pytest.approx(wanted["sigma2"]["idios"], rel=1e-9)


@pytest.mark.parametrize(
    ("effects", "ours", "theirs"),
    [
        ("individual", "F test of the effects", "pFtest"),
        ("none", "Breusch–Pagan LM (random effects)", "plmtest_bp"),
        ("random", "Breusch–Pagan LM (random effects)", "plmtest_bp"),
        ("random", "Hausman", "hausman"),
    ],
)
def test_tests_of_plm(produc: pd.DataFrame, effects: str, ours: str, theirs: str) -> None:
    wanted, row = values("09_produc_panel_nonspatial")[theirs], fitted(produc, effects).diagnostics.loc[ours]
    assert row["statistic"] == pytest.approx(wanted["statistic"], rel=1e-9)
    assert row["df"] == wanted["df"]
    assert row["pvalue"] == pytest.approx(wanted["p"], rel=1e-7, abs=1e-300)


@pytest.mark.parametrize("effects", ["none", "individual", "twoway"])
@pytest.mark.parametrize("errors", ["hc0", "hc1", "hc2", "hc3"])
def test_heteroskedastic_errors_of_dummies_in_statsmodels(produc: pd.DataFrame, effects: str, errors: str) -> None:
    wanted = values("produc_robust_errors")["std_errors"][effects][errors]
    assert_terms(fitted(produc, effects, errors=errors).std_errors, wanted, 1e-8)


@pytest.mark.parametrize(("effects", "parameters"), [("none", 5), ("individual", 5), ("twoway", 21)])
def test_clustered_errors_of_statsmodels(produc: pd.DataFrame, effects: str, parameters: int) -> None:
    wanted = values("produc_robust_errors")["std_errors"][effects]["clustered"]
    found = fitted(produc, effects, errors="clustered")
    scale = np.sqrt(48 / 47 * 815 / (816 - parameters))
    assert_terms(found.std_errors / scale, wanted, 1e-8)
    assert found.df_inference == 47


@pytest.mark.parametrize(("effects", "parameters"), [("none", 5), ("individual", 52), ("twoway", 68)])
def test_driscoll_kraay_errors_of_statsmodels(produc: pd.DataFrame, effects: str, parameters: int) -> None:
    wanted = values("produc_robust_errors")["std_errors"][effects]["driscoll-kraay"]
    found = fitted(produc, effects, errors="driscoll-kraay", bandwidth=3)
    scale = np.sqrt(17 / 16 * 815 / (816 - parameters))
    assert_terms(found.std_errors / scale, wanted, 1e-8)


def test_random_effects_of_linearmodels_in_an_unbalanced_panel(gaps: pd.DataFrame) -> None:
    wanted, found = values("produc_robust_errors")["unbalanced_random"], fitted(gaps, "random")
    assert_terms(found.params, wanted["coef"], 1e-8)
    assert_terms(found.std_errors, wanted["se"], 1e-8)
    assert found.components["unit"] == pytest.approx(wanted["unit"], rel=1e-8)
    assert found.components["idiosyncratic"] == pytest.approx(wanted["idiosyncratic"], rel=1e-8)


def test_two_way_effects_of_linearmodels_in_an_unbalanced_panel(gaps: pd.DataFrame) -> None:
    wanted, found = values("produc_robust_errors")["unbalanced_twoway"], fitted(gaps, "twoway")
    assert_terms(found.params, wanted["coef"], 1e-8)
    assert_terms(found.std_errors, wanted["se"], 1e-8)
    assert found.r2 == pytest.approx(wanted["r2_within_effects"], abs=1e-10)
    assert found.loglik == pytest.approx(wanted["loglik"], abs=1e-8)
    assert found.diagnostics["statistic"]["F test of the effects"] == pytest.approx(wanted["f_pooled"], rel=1e-8)

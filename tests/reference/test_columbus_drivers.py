"""Columbus crime (Anselin 1988): least squares, LM tests, spatial lag and spatial error.

The values were computed with spdep and spatialreg; the JSON files beside the data name versions and papers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.drivers.spatial_tests import spatial_tests
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
TERMS = {
    **{"(Intercept)": "Intercept", "INC": "INC", "HOVAL": "HOVAL", "rho": "rho", "lambda": "lambda"},
    **{"lag.INC": "W_INC", "lag.HOVAL": "W_HOVAL"},
}


def values(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["values"]


@pytest.fixture(scope="module")
def columbus() -> Panel:
    frame = pd.read_csv(DATA / "data_oldcol.csv")
    return Panel.from_frame(frame.assign(tract=range(1, 50)), unit="tract")


@pytest.fixture(scope="module")
def neighbours() -> Weights:
    pairs = pd.read_csv(DATA / "data_oldcol_nb.csv")
    matrix = sparse.coo_matrix((np.ones(len(pairs)), (pairs["i"] - 1, pairs["j"] - 1)), shape=(49, 49))
    return Weights.from_sparse(matrix, range(1, 50))


@pytest.fixture(scope="module")
def least_squares(columbus: Panel) -> OLSResult:
    return ols(columbus, "CRIME", ["INC", "HOVAL"])


def fitted(columbus: Panel, neighbours: Weights, model: Any) -> SpatialResult:
    return spatial_panel(columbus, "CRIME", ["INC", "HOVAL"], neighbours, model=model)


def assert_terms(ours: pd.Series, theirs: dict[str, float], tolerance: float) -> None:
    assert set(ours.index) == {TERMS[name] for name in theirs}
    for name, value in theirs.items():
        assert ours[TERMS[name]] == pytest.approx(value, abs=tolerance), name


def test_least_squares(least_squares: OLSResult) -> None:
    wanted = values("01_columbus_ols_lm")
    assert_terms(least_squares.params, wanted["coef"], 1e-10)
    assert_terms(least_squares.std_errors, wanted["se"], 1e-10)
    assert least_squares.r2 == pytest.approx(wanted["r2"], abs=1e-12)
    assert least_squares.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-12)
    assert least_squares.loglik == pytest.approx(wanted["logLik"], abs=1e-10)
    assert least_squares.aic == pytest.approx(wanted["AIC"], abs=1e-10)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("Breusch–Pagan (Koenker)", "BP"), ("Breusch–Pagan", "BP_nonstudentized")]
)
def test_breusch_pagan(least_squares: OLSResult, ours: str, theirs: str) -> None:
    wanted = values("01_columbus_ols_lm")[theirs]
    row = least_squares.diagnostics.loc[ours]
    assert row["statistic"] == pytest.approx(wanted["statistic"], rel=1e-10)
    assert row["pvalue"] == pytest.approx(wanted["p"], rel=1e-9)
    assert row["df"] == wanted["df"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("LM error", "LMerr"),
        ("LM lag", "LMlag"),
        ("Robust LM error", "RLMerr"),
        ("Robust LM lag", "RLMlag"),
        ("LM SARMA", "SARMA"),
    ],
)
def test_lagrange_multipliers(least_squares: OLSResult, neighbours: Weights, ours: str, theirs: str) -> None:
    wanted = values("01_columbus_ols_lm")["LM"][theirs]
    row = spatial_tests(least_squares, neighbours).to_frame().set_index("test").loc[ours]
    assert row["statistic"] == pytest.approx(wanted["statistic"], rel=1e-9)
    assert row["pvalue"] == pytest.approx(wanted["p"], rel=1e-9)
    assert row["df"] == wanted["df"]


def test_moran_of_the_residuals(least_squares: OLSResult, neighbours: Weights) -> None:
    wanted = values("01_columbus_ols_lm")["moran_resid"]
    row = spatial_tests(least_squares, neighbours).to_frame("residual_moran").iloc[0]
    assert row["I"] == pytest.approx(wanted["I"], abs=1e-12)
    assert row["expected"] == pytest.approx(wanted["EI"], abs=1e-12)
    assert row["variance"] == pytest.approx(wanted["VI"], abs=1e-12)
    assert row["z"] == pytest.approx(wanted["z"][0][0], abs=1e-10)


def test_the_decision_path_points_to_the_lag_model(least_squares: OLSResult, neighbours: Weights) -> None:
    path = spatial_tests(least_squares, neighbours).recommendation
    assert "both reject" in path
    assert "advice: the spatial lag model" in path


@pytest.mark.parametrize(("model", "name"), [("lag", "02_columbus_sar_ml"), ("error", "03_columbus_sem_ml")])
def test_maximum_likelihood(columbus: Panel, neighbours: Weights, model: str, name: str) -> None:
    wanted, found = values(name), fitted(columbus, neighbours, model)
    assert_terms(found.params, wanted["coef"], 1e-5)
    assert_terms(found.std_errors, wanted["se"], 1e-5)
    assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-6)
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-6)
    assert found.aic == pytest.approx(wanted["AIC"], abs=1e-6)
    for ours, theirs in (("Likelihood ratio", "LR"), ("Wald", "Wald")):
        row = found.diagnostics.loc[ours]
        assert row["statistic"] == pytest.approx(wanted[theirs]["statistic"], rel=1e-5)
        assert row["pvalue"] == pytest.approx(wanted[theirs]["p"], rel=1e-4)
        assert row["df"] == wanted[theirs]["df"]


def test_what_the_lag_model_leaves(columbus: Panel, neighbours: Weights) -> None:
    wanted = values("02_columbus_sar_ml")["LMtest_resid"]
    left = fitted(columbus, neighbours, "lag").diagnostics.loc["LM of the residuals"]
    assert left["statistic"] == pytest.approx(wanted, abs=1e-6)


def test_terms_stand_in_the_order_of_a_table(columbus: Panel, neighbours: Weights) -> None:
    assert fitted(columbus, neighbours, "error").params.index.tolist() == ["Intercept", "INC", "HOVAL", "lambda"]


def test_spatial_durbin(columbus: Panel, neighbours: Weights) -> None:
    wanted, found = values("04_columbus_sdm_ml"), fitted(columbus, neighbours, "durbin")
    assert_terms(found.params, wanted["coef"], 1e-5)
    assert_terms(found.std_errors, wanted["se"], 1e-5)
    assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-6)
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-6)
    assert found.aic == pytest.approx(wanted["AIC"], abs=1e-6)
    for ours, theirs in (("Likelihood ratio", "LR"), ("Wald", "Wald")):
        row = found.diagnostics.loc[ours]
        assert row["statistic"] == pytest.approx(wanted[theirs]["statistic"], rel=1e-5)
        assert row["df"] == wanted[theirs]["df"]
    left = found.diagnostics.loc["LM of the residuals", "statistic"]
    assert left == pytest.approx(wanted["LMtest_resid"], abs=1e-6)


def test_the_direct_effect_of_a_durbin_model_holds_its_part_of_wx(columbus: Panel, neighbours: Weights) -> None:
    """Not -0.9612, which is what is left where WX is booked as indirect."""
    effects = fitted(columbus, neighbours, "durbin").effects().to_frame()
    assert effects.loc["INC", "direct"] == pytest.approx(-1.0239, abs=5e-5)
    assert effects.loc["INC", "total"] == pytest.approx((-0.914223 - 0.520284) / (1 - 0.426335), abs=1e-4)


@pytest.mark.parametrize(("model", "name"), [("sac", "SAC"), ("slx", "SLX"), ("durbin-error", "SDEM")])
def test_other_families(columbus: Panel, neighbours: Weights, model: str, name: str) -> None:
    wanted, found = values("06_columbus_other_families")[name], fitted(columbus, neighbours, model)
    assert_terms(found.params, wanted["coef"], 1e-5)
    if "se" in wanted:
        assert_terms(found.std_errors, wanted["se"], 1e-10)
    if "logLik" in wanted:
        assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-6)


@pytest.mark.parametrize(
    ("model", "name", "part"),
    [
        ("lag", "02_columbus_sar_ml", None),
        ("error", "03_columbus_sem_ml", None),
        ("durbin", "04_columbus_sdm_ml", None),
        ("sac", "06_columbus_other_families", "SAC"),
        ("durbin-error", "06_columbus_other_families", "SDEM"),
    ],
)
def test_the_peer_is_never_above_us(
    columbus: Panel, neighbours: Weights, model: str, name: str, part: str | None
) -> None:
    wanted = values(name)[part] if part else values(name)
    frame, w = columbus.frame, neighbours.sparse.toarray()
    x = np.column_stack([np.ones(49), frame[["INC", "HOVAL"]]])
    x = np.column_stack([x, w @ x[:, 1:]])
    terms = ["(Intercept)", "INC", "HOVAL", "lag.INC", "lag.HOVAL"]
    beta = np.array([wanted["coef"].get(term, 0.0) for term in terms])
    lag, error = (np.eye(49) - wanted["coef"].get(term, 0.0) * w for term in ("rho", "lambda"))
    rest = error @ (lag @ frame["CRIME"].to_numpy() - x @ beta)
    determinants = sum(float(np.linalg.slogdet(matrix)[1]) for matrix in (lag, error))
    theirs = -49 / 2 * (np.log(2 * np.pi * float(rest @ rest) / 49) + 1) + determinants
    ours = fitted(columbus, neighbours, model).loglik
    assert theirs <= ours + 1e-9
    assert theirs == pytest.approx(ours, abs=1e-5)

"""Munnell's panel of American states: spatial lag, error and both, with fixed effects, against splm.

splm lags the two-way demeaned dependent variable and does not demean again, so that its effects of periods are a little
off the maximum; its log-likelihood of error models has an offset of its own. See the notes in the JSON file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
DRIVERS = ["log(pcap)", "log(pc)", "log(emp)", "unemp"]
# splm calls the parameter of the lag lambda and that of the error rho.
NAMES = {"lambda": "rho", "rho": "lambda"}
MODELS = {"sem": "error", "sar": "lag", "sarar": "sac"}
EFFECTS = {"fe": "individual", "fe_time": "time", "fe_two": "twoway"}


def values() -> dict[str, Any]:
    return json.loads((DATA / "10_produc_spatial_fe.json").read_text(encoding="utf-8"))["values"]


@pytest.fixture(scope="module")
def produc() -> Panel:
    return Panel.from_frame(pd.read_csv(DATA / "data_produc.csv"), unit="state", period="year")


@pytest.fixture(scope="module")
def neighbours(produc: Panel) -> Weights:
    triples = pd.read_csv(DATA / "data_usaww.csv")
    matrix = sparse.coo_matrix((triples["w"], (triples["i"] - 1, triples["j"] - 1)), shape=(48, 48))
    return Weights.from_sparse(matrix, produc.units, transform="none")


def fitted(panel: Panel, weights: Weights, name: str, lee_yu: Any = "none") -> SpatialResult:
    model, _, effects = name.partition("_")
    logs = ["gsp=log", "pcap=log", "pc=log", "emp=log"]
    kinds: dict[str, Any] = {"model": MODELS[model], "effects": EFFECTS[effects], "lee_yu": lee_yu}
    return spatial_panel(panel, "gsp", ["pcap", "pc", "emp", "unemp"], weights, transforms=logs, **kinds)


@pytest.mark.parametrize("name", ["sem_fe", "sar_fe", "sarar_fe"])
def test_individual_effects(produc: Panel, neighbours: Weights, name: str) -> None:
    wanted, found = values()[name], fitted(produc, neighbours, name)
    for term in wanted["coef"]:
        ours = NAMES.get(term, term)
        assert found.params[ours] == pytest.approx(wanted["coef"][term], abs=1e-5), term
        assert found.std_errors[ours] == pytest.approx(wanted["se"][term], rel=1e-3), term
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-5)
    if name == "sar_fe":
        assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-6)
    if name == "sem_fe":
        assert found.params["lambda"] == pytest.approx(0.5574013, abs=1e-6)


@pytest.mark.parametrize("name", ["sar_fe_time", "sar_fe_two", "sem_fe_two"])
def test_effects_of_periods_come_near(produc: Panel, neighbours: Weights, name: str) -> None:
    wanted, found = values()[name], fitted(produc, neighbours, name)
    for term in wanted["coef"]:
        ours = NAMES.get(term, term)
        assert found.params[ours] == pytest.approx(wanted["coef"][term], abs=5e-3), term
        assert found.std_errors[ours] == pytest.approx(wanted["se"][term], rel=0.01), term
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=0.005)


def loglik(panel: Panel, w: np.ndarray, name: str, coef: dict[str, float]) -> float:
    """The likelihood with dummies, concentrated to the effects and the variance."""
    frame = panel.frame
    frame = frame.assign(**{f"log({column})": np.log(frame[column]) for column in ("gsp", "pcap", "pc", "emp")})
    y, *x = (frame[column].unstack("unit")[panel.units].to_numpy() for column in ("log(gsp)", *DRIVERS))
    effects = name.partition("_")[2]
    rho, lam = coef.get("lambda", 0.0), coef.get("rho", 0.0)
    lag, error = np.eye(48) - rho * w, np.eye(48) - lam * w
    left = (y @ lag.T - sum(coef[driver] * column for driver, column in zip(DRIVERS, x, strict=True))) @ error.T
    if effects != "fe_time":
        left = left - left.mean(axis=0)
    if effects != "fe":
        left = left - left.mean(axis=1, keepdims=True)
    count = left.size
    determinant = sum(float(np.linalg.slogdet(matrix)[1]) for matrix in (lag, error))
    return float(-count / 2 * (np.log(2 * np.pi * (left**2).sum() / count) + 1) + len(y) * determinant)


@pytest.mark.parametrize("name", values())
def test_the_peer_is_never_above_us(produc: Panel, neighbours: Weights, name: str) -> None:
    found = fitted(produc, neighbours, name)
    own = {NAMES.get(term, term): value for term, value in found.params.items()}
    w = neighbours.sparse.toarray()
    assert loglik(produc, w, name, own) == pytest.approx(found.loglik, abs=1e-8)
    assert loglik(produc, w, name, values()[name]["coef"]) <= found.loglik + 1e-9


def test_the_transformation_corrects_the_variance(produc: Panel, neighbours: Weights) -> None:
    plain, transformed = (fitted(produc, neighbours, "sar_fe", choice) for choice in ("none", "transform"))
    assert transformed.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-9)
    assert transformed.sigma2 == pytest.approx(plain.sigma2 * 17 / 16, rel=1e-9)

"""Columbus and Munnell by two-stage least squares and generalised moments, beside spatialreg and splm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.drivers.design import Design
from ecospatial.drivers.gmm import estimate_gmm
from ecospatial.drivers.maximum_likelihood import Estimate
from ecospatial.drivers.spatial_sample import SpatialSample
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
DRIVERS = ["lpcap", "lpc", "lemp", "unemp"]


def values(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["values"]


def columbus(model: str) -> dict[str, float]:
    frame, pairs = pd.read_csv(DATA / "data_oldcol.csv"), pd.read_csv(DATA / "data_oldcol_nb.csv")
    matrix = sparse.coo_matrix((np.ones(len(pairs)), (pairs["i"] - 1, pairs["j"] - 1)), shape=(49, 49))
    design = Design.of(Panel.from_frame(frame.assign(tract=range(1, 50)), unit="tract"), "CRIME", ["INC", "HOVAL"])
    sample = SpatialSample.of(design, Weights.from_sparse(matrix, range(1, 50)), model, "none", "transform", None)
    found = estimate_gmm(model, sample, random=False, robust=False)
    return dict(zip(["(Intercept)", "INC", "HOVAL", *found.parameters], found.params, strict=True))


def munnell(effects: str) -> Estimate:
    frame, links = pd.read_csv(DATA / "data_produc.csv"), pd.read_csv(DATA / "data_usaww.csv")
    logs = {f"l{name}": np.log(frame[name]) for name in ("gsp", "pcap", "pc", "emp")}
    near = sparse.csr_matrix((links["w"], (links["i"] - 1, links["j"] - 1)), shape=(48, 48))
    design = Design.of(Panel.from_frame(frame.assign(**logs), unit="state", period="year"), "lgsp", DRIVERS)
    weights = Weights.from_sparse(near, frame["state"].unique())
    sample = SpatialSample.of(design, weights, "error", effects, "transform", None)
    return estimate_gmm("error", sample, random=effects == "random", robust=False)


def test_two_stage_least_squares() -> None:
    wanted = values("06_columbus_other_families")["stsls"]
    assert columbus("lag") == pytest.approx({"rho": wanted.pop("Rho"), **wanted}, rel=1e-9)


def test_moments_of_the_error_model() -> None:
    """Two general searches, spreg's and R's, stop within 3e-6 of each other."""
    assert columbus("error") == pytest.approx(values("06_columbus_other_families")["GMerror"], rel=3e-6)


def test_fixed_effects() -> None:
    """The moments within units; spreg and splm search for their minimum to six digits."""
    wanted, found = values("13_produc_gm")["within"], munnell("individual")
    assert found.params[:4] == pytest.approx(list(wanted["coef"].values()), rel=2e-6)
    assert found.value("lambda") == pytest.approx(wanted["rho"][0], rel=2e-6)


def test_random_effects() -> None:
    """All six moments with their weights; here the minimum is exact, and splm's to nine digits."""
    wanted, found = values("13_produc_gm")["random_fullweights"], munnell("random")
    lam, sigma2_v, sigma2_1, theta = wanted["rho"]
    assert found.params[:5] == pytest.approx(wanted["coef"], rel=1e-8)
    assert found.value("lambda") == pytest.approx(lam, rel=1e-8)
    assert found.sigma2 == pytest.approx(sigma2_v, rel=1e-8)
    assert found.sigma2 * (1 + 17 * found.value("phi")) == pytest.approx(sigma2_1, rel=1e-8)
    assert 1 - 1 / np.sqrt(1 + 17 * found.value("phi")) == pytest.approx(theta, rel=1e-8)

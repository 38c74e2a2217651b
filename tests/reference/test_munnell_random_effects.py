"""Munnell's states (48 × 17): random-effects spatial panels by maximum likelihood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.kernels.logdet import log_determinant
from ecospatial.kernels.random_effects import RandomFit, fit_random
from ecospatial.kernels.spatial_lag import spatial_lag

DATA = Path(__file__).parent / "data"
TERMS = ["(Intercept)", "log(pcap)", "log(pc)", "log(emp)", "unemp"]
VALUES = json.loads((DATA / "munnell_random_effects.json").read_text(encoding="utf-8"))["values"]


def fitted(*, lag: bool, error: Any) -> RandomFit:
    frame, links = pd.read_csv(DATA / "data_produc.csv"), pd.read_csv(DATA / "data_usaww.csv")
    w = sparse.csr_matrix((links["w"], (links["i"] - 1, links["j"] - 1)), shape=(48, 48))
    y, capital, private, labour, unemployed = (
        column.to_numpy().reshape(48, 17).T
        for column in (*(np.log(frame[name]) for name in ("gsp", "pcap", "pc", "emp")), frame["unemp"])
    )
    x = np.stack([np.ones_like(y), capital, private, labour, unemployed], axis=2)
    found = fit_random(y, spatial_lag(w, y), x, w, log_determinant(w), lag=lag, error=error)
    assert found is not None
    return found


def estimates(found: RandomFit) -> dict[str, float]:
    named = {"rho": found.rho, "lambda": found.lam, "phi": found.phi}
    return dict(zip(TERMS, found.coefficients, strict=True)) | {name: named[name] for name in found.parameters}


def test_random_effects_without_space() -> None:
    found, wanted = fitted(lag=False, error="none"), VALUES["random"]
    assert {name: estimates(found)[name] for name in TERMS} == pytest.approx(wanted["coef"], abs=1e-9)
    assert dict(zip(TERMS, np.sqrt(np.diag(found.cov)), strict=False)) == pytest.approx(wanted["se"], rel=1e-6)
    assert found.sigma2_mu == pytest.approx(wanted["sigma2_mu"], rel=1e-6)
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-6)
    assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-8)


@pytest.mark.parametrize("error", ["kkp", "bsk"])
def test_spatial_errors_reach_the_maximum(error: str) -> None:
    found, wanted = fitted(lag=False, error=error), VALUES[error]
    assert estimates(found) == pytest.approx(wanted["coef"], rel=1e-6)
    assert found.sigma2 == pytest.approx(wanted["sigma2"], rel=1e-6)
    assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-8)


def test_lag_and_error_as_published() -> None:
    found = estimates(fitted(lag=True, error="bsk"))
    wanted = VALUES["lag_bsk"]["coef"]
    assert found.pop("phi") == pytest.approx(wanted.pop("phi"), abs=1e-3)
    assert found == pytest.approx(wanted, abs=5e-5)

"""Regressions by group against spreg's regimes on Columbus, and dummy regressions of statsmodels and linearmodels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import spreg

from ecospatial.drivers.regimes import regimes
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
DRIVERS = ["INC", "HOVAL"]


def values(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["values"]


@pytest.fixture(scope="module")
def columbus() -> pd.DataFrame:
    return pd.read_csv(DATA / "data_columbus.csv")


def test_columbus_against_spreg(columbus: pd.DataFrame) -> None:
    """spreg 1.9's OLS_Regimes: coefficients, standard errors and Chow tests, which it gives as chi-squared."""
    named = columbus.assign(side=np.where(columbus["EW"] > 0, "east", "west"))
    found = regimes(Panel.from_frame(named, unit="POLYID"), "CRIME", DRIVERS, "side", errors="classical")
    peer = spreg.OLS_Regimes(
        named[["CRIME"]].to_numpy(), named[DRIVERS].to_numpy(), named["side"].tolist(), regime_err_sep=False
    )
    slopes = found.slopes.set_index(["group", "term"])
    for place, group in enumerate(("east", "west")):
        own = slice(3 * place + 1, 3 * place + 3)
        assert slopes.loc[group, "coefficient"].to_numpy() == pytest.approx(peer.betas.ravel()[own], rel=1e-9)
        assert slopes.loc[group, "std_error"].to_numpy() == pytest.approx(peer.std_err[own], rel=1e-9)
    chi2 = found.chow["statistic"] * found.chow["df"]
    assert chi2["All slopes and levels"] == pytest.approx(peer.chow.joint[0], rel=1e-9)
    assert chi2[DRIVERS].to_numpy() == pytest.approx(np.asarray(peer.chow.regi)[1:, 0], rel=1e-8)


@pytest.fixture(scope="module")
def produc() -> Panel:
    frame = pd.read_csv(DATA / "data_produc.csv")
    coast = np.where(frame["region"].isin([1, 5, 9]), "coast", "inland")
    return Panel.from_frame(frame.assign(coast=coast), unit="state", period="year")


def test_clustered_by_state_against_statsmodels(produc: Panel) -> None:
    """Dummy interactions; Wald tests with F(q, G - 1)."""
    wanted = values("produc_regimes")["pooled"]
    found = regimes(
        produc,
        "gsp",
        ["pcap", "unemp"],
        "coast",
        effects="none",
        wild_bootstrap="never",
        transforms={"gsp": "log", "pcap": "log"},
    )
    assert found.slopes["coefficient"].to_numpy() == pytest.approx(np.array(wanted["coefficient"]), rel=1e-8)
    assert found.slopes["std_error"].to_numpy() == pytest.approx(np.array(wanted["std_error"]), rel=1e-8)
    assert found.slopes["pvalue"].to_numpy() == pytest.approx(np.array(wanted["pvalue"]), rel=1e-6)
    assert found.chow.loc["All slopes", "statistic"] == pytest.approx(wanted["F"], rel=1e-7)
    assert found.chow.loc["All slopes", "pvalue"] == pytest.approx(wanted["F_pvalue"], rel=1e-6)


def test_two_way_effects_against_linearmodels(produc: Panel) -> None:
    """linearmodels counts the effects of states, which are nested in the clusters, as parameters; here they are not."""
    wanted = values("produc_regimes")["twoway"]
    found = regimes(produc, "emp", ["unemp", "hwy"], "coast", wild_bootstrap="never").slopes
    assert found["coefficient"].to_numpy() == pytest.approx(np.array(wanted["coefficient"]), rel=1e-8)
    scale = np.sqrt((816 - wanted["parameters"]) / (816 - 21))
    assert found["std_error"].to_numpy() == pytest.approx(np.array(wanted["std_error"]) * scale, rel=1e-8)

"""Munnell's states and Columbus crime: tests of spatial dependence, restrictions and effects.

The values were computed with splm, plm, spdep and spatialreg; the JSON files beside the data name versions and papers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.drivers.cross_dependence import cross_section_dependence
from ecospatial.drivers.hausman import hausman
from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_tests import spatial_tests
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
DRIVERS = ["log(pcap)", "log(pc)", "log(emp)", "unemp"]


def values(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["values"]


def matrix(name: str, units: int) -> sparse.coo_matrix:
    pairs = pd.read_csv(DATA / name)
    weights = pairs["w"] if "w" in pairs else np.ones(len(pairs))
    return sparse.coo_matrix((weights, (pairs["i"] - 1, pairs["j"] - 1)), shape=(units, units))


@pytest.fixture(scope="module")
def states() -> Panel:
    frame = pd.read_csv(DATA / "data_produc.csv")
    logs = {f"log({name})": np.log(frame[name]) for name in ("gsp", "pcap", "pc", "emp")}
    return Panel.from_frame(frame.assign(**logs), unit="state", period="year")


@pytest.fixture(scope="module")
def near(states: Panel) -> Weights:
    return Weights.from_sparse(matrix("data_usaww.csv", 48), list(states.units))


@pytest.fixture(scope="module")
def models(states: Panel) -> dict[str, OLSResult]:
    return {
        effects: ols(states, "log(gsp)", DRIVERS, effects=effects)
        for effects in ("none", "individual", "random")  # type: ignore[arg-type]
    }


@pytest.fixture(scope="module")
def tables(models: dict[str, OLSResult], near: Weights) -> dict[str, pd.DataFrame]:
    return {effects: spatial_tests(model, near).to_frame().set_index("test") for effects, model in models.items()}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("LM error", "lme"), ("LM lag", "lml"), ("Robust LM error", "rlme"), ("Robust LM lag", "rlml")],
)
@pytest.mark.parametrize(("effects", "kind"), [("none", "pool"), ("individual", "within")])
def test_lagrange_multipliers_of_panels(
    tables: dict[str, pd.DataFrame], effects: str, kind: str, ours: str, theirs: str
) -> None:
    wanted, row = values("12_produc_lm_tests")[f"{kind}_{theirs}"], tables[effects].loc[ours]
    assert row["statistic"] == pytest.approx(wanted["statistic"], rel=1e-8)
    assert row["df"] == wanted["df"]
    assert row["pvalue"] == pytest.approx(wanted["p"], rel=1e-6)


def test_spreg_divides_by_other_degrees_of_freedom(
    states: Panel, near: Weights, tables: dict[str, pd.DataFrame]
) -> None:
    """spreg's σ² = e'e/(N − k): its statistics are ((N − k)/N)² times Elhorst's."""
    import spreg

    frame = states.frame.reset_index().sort_values(["period", "unit"])
    peer = near.to_graph().to_W()
    y, x = frame[["log(gsp)"]].to_numpy(), frame[DRIVERS].to_numpy()
    theirs = spreg.panel_LMerror(y, x, peer)[0]
    ours = tables["none"]["statistic"]["LM error"]
    assert theirs == pytest.approx(ours * ((816 - 5) / 816) ** 2, rel=1e-6)


@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance"),
    [
        ("LM1: random effects", "LM1", 1e-8),
        ("LM2: spatial error", "LM2", 1e-8),
        ("LM-H: random effects or spatial error", "LMH", 1e-8),
        ("Conditional LM: spatial error", "CLMlambda", 1e-8),
        # The peer's lambda is that of an optimiser that stops early.
        ("Conditional LM: random effects", "CLMmu", 1e-6),
        ("Joint LM with serial correlation", "bsjk_J", 1e-8),
    ],
)
@pytest.mark.parametrize("effects", ["none", "random"])
def test_baltagi(tables: dict[str, pd.DataFrame], effects: str, ours: str, theirs: str, tolerance: float) -> None:
    wanted = values("12_produc_lm_tests")[theirs]
    assert tables[effects]["statistic"][ours] == pytest.approx(wanted["statistic"], rel=tolerance)
    if wanted["df"] is not None:
        assert tables[effects]["df"][ours] == wanted["df"]


def test_tests_of_the_effects(models: dict[str, OLSResult], tables: dict[str, pd.DataFrame]) -> None:
    wanted = values("09_produc_panel_nonspatial")
    assert tables["none"]["statistic"]["LM1: random effects"] ** 2 == pytest.approx(
        wanted["plmtest_bp"]["statistic"], rel=1e-9
    )
    found = hausman(models["individual"], models["random"]).to_frame().iloc[0]
    assert found["statistic"] == pytest.approx(wanted["hausman"]["statistic"], rel=1e-6)
    assert found["pvalue"] == pytest.approx(wanted["hausman"]["p"], rel=1e-5)


def test_pesaran_of_neighbours(models: dict[str, OLSResult], near: Weights) -> None:
    """The peer takes the residuals of a regression for each state."""
    found = cross_section_dependence(models["none"], near, residuals="units").to_frame()
    wanted = values("12_produc_lm_tests")["pcdtest"]
    assert found["statistic"]["Pesaran CD of neighbours"] == pytest.approx(wanted["statistic"], rel=1e-8)
    assert found["pvalue"]["Pesaran CD of neighbours"] == pytest.approx(wanted["p"], rel=1e-6)


@pytest.mark.parametrize(("model", "tolerance"), [("lag", 1e-5), ("error", 1e-6)])
def test_hausman_of_splm_and_ours(states: Panel, near: Weights, model: Any, tolerance: float) -> None:
    """splm: random effects as GLS given rho, fixed effects demeaned, the absolute value of what is not definite."""
    fixed, random = (
        spatial_panel(
            states, "log(gsp)", DRIVERS, near, model=model, effects=effects, lee_yu="none", random_errors="bsk"
        )
        for effects in ("individual", "random")  # type: ignore[arg-type]
    )
    gls = _gls_covariance(states, near, random)
    gap = (fixed.params[DRIVERS] - random.params[DRIVERS]).to_numpy()
    difference = gls - fixed.cov.loc[DRIVERS, DRIVERS].to_numpy()
    assert np.linalg.eigvalsh(difference).max() > 0  # so that theirs is no distance
    theirs = abs(gap @ np.linalg.solve(difference, gap))
    assert theirs == pytest.approx(
        values("12_produc_lm_tests")[f"hausman_{MODELS[model]}_ML"]["statistic"], rel=tolerance
    )
    ours = hausman(fixed, random)
    assert ours.notes == ()
    assert ours.to_frame()["df"].iloc[0] == (5 if model == "lag" else 4)
    assert 15 < ours.to_frame()["statistic"].iloc[0] < 60


MODELS = {"lag": "lag", "error": "err"}


def _gls_covariance(states: Panel, near: Weights, random: Any) -> np.ndarray:
    """σ² (X'Σ⁻¹X)⁻¹ of the drivers, of dense matrices over all unit-periods."""
    x = states.cube(DRIVERS)
    periods, units = x.shape[:2]
    stacked = np.column_stack([np.ones(periods * units), x.reshape(-1, 4)])
    b = np.eye(units) - random.params.get("lambda", 0.0) * near.sparse.toarray()
    whole = np.kron(np.eye(periods), np.linalg.inv(b.T @ b))
    whole += random.params["phi"] * np.kron(np.ones((periods, periods)), np.eye(units))
    return random.sigma2 * np.linalg.inv(stacked.T @ np.linalg.solve(whole, stacked))[1:, 1:]


# Columbus


@pytest.fixture(scope="module")
def crime() -> pd.DataFrame:
    frame = pd.read_csv(DATA / "data_oldcol.csv").assign(tract=range(1, 50))
    weights = Weights.from_sparse(matrix("data_oldcol_nb.csv", 49), range(1, 50))
    model = ols(Panel.from_frame(frame, unit="tract"), "CRIME", ["INC", "HOVAL"])
    found = spatial_tests(model, weights)
    assert "advice: the spatial lag model" in found.recommendation
    return found.to_frame().set_index("test")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("LR: Durbin against lag", "LR_SDM_vs_SAR"),
        ("LR: Durbin against error", "LR_SDM_vs_SEM"),
        ("Wald: Durbin against lag", "Wald_SDM_to_SAR"),
        ("Wald: Durbin against error", "Wald_common_factor_SEM"),
    ],
)
def test_restrictions_of_the_durbin_model(crime: pd.DataFrame, ours: str, theirs: str) -> None:
    wanted = values("04_columbus_sdm_ml")[theirs]
    statistic = wanted["statistic"] if isinstance(wanted, dict) else wanted
    assert crime["statistic"][ours] == pytest.approx(statistic, rel=1e-5)
    assert crime["df"][ours] == 2
    if isinstance(wanted, dict):
        assert crime["pvalue"][ours] == pytest.approx(wanted["p"], rel=1e-5)


def test_a_cross_section_has_no_panel_tests(crime: pd.DataFrame) -> None:
    assert crime["statistic"].notna().all()
    assert [name for name in crime.index if name.startswith(("F of the u", "LM1", "LM2", "Joint", "Pesaran"))] == []

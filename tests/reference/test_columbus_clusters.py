"""Columbus crime: published implementations' global and local Moran's I.

Computed with spdep 1.2-7 (07, 08), pygeoda 0.1.3 and esda 2.9.0 (22); sources and tolerances stand in the files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.clusters.lisa import LisaResult, lisa
from ecospatial.clusters.moran import moran
from ecospatial.geo.weights import Weights
from ecospatial.kernels.moran import global_moran, local_moran
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
PEER = 1e-9


def reference(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text())["values"]


def columbus(data: str, links: str) -> tuple[Panel, Weights]:
    table = pd.read_csv(DATA / f"{data}.csv")
    pairs = pd.read_csv(DATA / f"{links}.csv")
    count = len(table)
    matrix = sparse.csr_matrix((np.ones(len(pairs)), (pairs["i"] - 1, pairs["j"] - 1)), shape=(count, count))
    return Panel.from_frame(table, unit="POLYID"), Weights.from_sparse(matrix, table["POLYID"])


@pytest.fixture(scope="module")
def spdep() -> tuple[Panel, Weights]:
    return columbus("data_oldcol", "data_oldcol_nb")


@pytest.fixture(scope="module")
def geoda() -> tuple[Panel, Weights]:
    return columbus("data_columbus", "data_columbus_queen")


@pytest.mark.parametrize(("kind", "suffix"), [("moran_rand", "rand"), ("moran_norm", "norm")])
def test_global_moran_of_spdep(spdep: tuple[Panel, Weights], kind: str, suffix: str) -> None:
    data, weights = spdep
    expected = reference("07_columbus_global")[kind]
    row = moran(data, "CRIME", weights, alternative="greater").to_frame().iloc[0]
    assert row["I"] == pytest.approx(expected["stat"], rel=PEER)
    assert row["expected"] == pytest.approx(expected["E"], rel=PEER)
    assert row[f"z_{suffix}"] == pytest.approx(expected["z"], rel=PEER)
    assert row[f"p_{suffix}"] == pytest.approx(expected["p"], rel=1e-8)
    moments = global_moran(data.cube(["CRIME"])[:, :, 0], weights.sparse)
    assert getattr(moments, f"variance_{suffix}").item() == pytest.approx(expected["V"], rel=PEER)


def test_global_moran_of_esda(geoda: tuple[Panel, Weights]) -> None:
    data, weights = geoda
    expected = reference("22_columbus_geoda_lisa")["esda"]
    row = moran(data, "CRIME", weights).to_frame().iloc[0]
    for ours, theirs in (("I", "I"), ("expected", "EI"), ("z_norm", "z_norm"), ("z_rand", "z_rand")):
        assert row[ours] == pytest.approx(expected[theirs], rel=PEER)


def test_local_moran_of_spdep(spdep: tuple[Panel, Weights]) -> None:
    data, weights = spdep
    expected = reference("08_columbus_local")
    shrink = 48 / 49  # spdep divides by n where GeoDa and esda divide by n − 1
    found = local_moran(data.cube(["CRIME"])[:, :, 0], weights.sparse)
    assert np.allclose(found.statistic[0], shrink * np.array(expected["Ii"]), rtol=PEER)
    assert np.allclose(found.expected[0], shrink * np.array(expected["E_cond"]), rtol=PEER)
    assert np.allclose(found.variance[0], shrink**2 * np.array(expected["V_cond"]), rtol=PEER)
    result = lisa(data, "CRIME", weights)
    assert np.allclose(result.to_frame()["z"], expected["z_cond"], rtol=1e-8)
    names = {"High-High": "HH", "Low-Low": "LL", "Low-High": "LH", "High-Low": "HL"}
    assert result.to_frame()["quadrant"].tolist() == [names[name] for name in expected["quadrant"]]


@pytest.fixture(scope="module")
def long_run(geoda: tuple[Panel, Weights]) -> LisaResult:
    data, weights = geoda
    return lisa(data, "CRIME", weights, permutations=99_999, alternative="directed")


def test_local_moran_of_geoda_and_esda(geoda: tuple[Panel, Weights]) -> None:
    data, weights = geoda
    expected = reference("22_columbus_geoda_lisa")
    table = lisa(data, "CRIME", weights).to_frame()
    assert np.allclose(table["I"], expected["geoda"]["complete"]["lisa"], rtol=0, atol=PEER)
    assert np.allclose(table["I"], expected["esda"]["Is"], rtol=0, atol=PEER)
    assert table["quadrant"].tolist() == [("HH", "LH", "LL", "HL")[code - 1] for code in expected["esda"]["q"]]


@pytest.mark.parametrize("engine", ["complete", "lookup"])
def test_p_values_of_geoda(geoda: tuple[Panel, Weights], long_run: LisaResult, engine: str) -> None:
    data, weights = geoda
    expected = np.array(reference("22_columbus_geoda_lisa")["geoda"][engine]["p"])
    short = lisa(data, "CRIME", weights, alternative="directed")
    # Either run of 999 is off the truth by up to 0.03 (the reference's tolerance); two runs by √2 times that.
    assert np.abs(long_run.p_sim - expected).max() < 0.045
    assert np.abs(short.p_sim - expected).max() < 0.06
    assert np.abs(short.p_sim - long_run.p_sim.to_numpy()).max() < 0.045


def test_p_values_of_esda(geoda: tuple[Panel, Weights]) -> None:
    # Two Monte Carlo estimates: one run of 99,999 of theirs, the mean of six of ours. The largest of 49 differences
    # may be four standard errors (up to 0.0068); on the whole they lie within a tenth of the reference's 0.003.
    data, weights = geoda
    expected = np.array(reference("22_columbus_geoda_lisa")["esda"]["p_99999"])
    runs = [lisa(data, "CRIME", weights, 99_999, "directed", seed=seed).p_sim.to_numpy() for seed in range(1, 7)]
    error = np.sqrt(expected * (1 - expected) * (1 + 1 / 6) / 99_999)
    difference = np.mean(runs, axis=0) - expected
    assert (np.abs(difference) < 4 * error).all()
    assert abs(difference.mean()) < 0.0003
    assert np.abs(difference).mean() < 0.0015


def test_clusters_of_geoda(long_run: LisaResult) -> None:
    # GeoDa's codes; where its 999 permutations stand within 0.02 of the cutoff, chance decides.
    expected = reference("22_columbus_geoda_lisa")["geoda"]["complete"]
    codes = {"ns": 0, "HH": 1, "LL": 2, "LH": 3, "HL": 4}
    clear = np.abs(np.array(expected["p"]) - 0.05) > 0.02
    assert clear.sum() > 35
    ours = long_run.labels.map(codes).to_numpy()
    assert (ours[clear] == np.array(expected["cluster"])[clear]).all()

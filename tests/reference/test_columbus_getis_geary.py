"""Columbus crime: published implementations' G, Geary's C and bivariate local Moran.

Computed with spdep 1.2-7 (07, 08), pygeoda 0.1.3 (22) and esda 2.9.0; sources and tolerances stand in the files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.clusters.geary import geary
from ecospatial.clusters.getis_ord import getis_ord
from ecospatial.clusters.lisa import lisa
from ecospatial.geo.weights import Weights
from ecospatial.kernels.geary import global_geary
from ecospatial.kernels.getis_ord import general_g
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
PEER = 1e-9
# Directed p-values of two runs of 9,999: the largest of 49 differences.
MONTE_CARLO = 0.025
# One run of 999 against one of 9,999.
SHORT = 0.06


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


def crime(data: Panel) -> np.ndarray:
    return data.cube(["CRIME"])[:, :, 0]


def test_global_geary_of_spdep(spdep: tuple[Panel, Weights]) -> None:
    data, weights = spdep
    expected = reference("07_columbus_global")["geary_rand"]
    row = geary(data, "CRIME", weights).to_frame("global_geary").iloc[0]
    assert row["C"] == pytest.approx(expected["stat"], rel=PEER)
    assert row["z_rand"] == pytest.approx(-expected["z"], rel=PEER)  # spdep takes 1 − C
    assert row["p_rand"] == pytest.approx(2 * expected["p"], rel=1e-8)
    assert global_geary(crime(data), weights.sparse).variance_rand.item() == pytest.approx(expected["V"], rel=PEER)


def test_general_g_of_spdep(spdep: tuple[Panel, Weights]) -> None:
    data, weights = spdep
    expected = reference("07_columbus_global")["G"]
    binary = weights.transformed("binary")
    row = getis_ord(data, "CRIME", binary).to_frame("general_g").iloc[0]
    assert row["G"] == pytest.approx(expected["stat"], rel=PEER)
    assert row["expected"] == pytest.approx(expected["E"], rel=PEER)
    assert row["z_rand"] == pytest.approx(expected["z"][0][0], rel=PEER)
    assert row["p_rand"] == pytest.approx(2 * expected["p"][0][0], rel=1e-8)
    assert general_g(crime(data), binary.sparse).variance.item() == pytest.approx(expected["V"], rel=PEER)


@pytest.mark.parametrize("transform", ["row", "binary"])
def test_local_statistics_of_spdep(spdep: tuple[Panel, Weights], transform: Any) -> None:
    data, weights = spdep
    expected = reference("08_columbus_local")
    weights = weights.transformed(transform)
    assert np.allclose(getis_ord(data, "CRIME", weights, star=False).hot_spots["z"], expected["Gi_z"], rtol=1e-8)
    assert np.allclose(getis_ord(data, "CRIME", weights, star=True).hot_spots["z"], expected["Gistar_z"], rtol=1e-8)


def test_local_geary_of_spdep(spdep: tuple[Panel, Weights]) -> None:
    data, weights = spdep
    expected = reference("08_columbus_local")["localC"]
    assert np.allclose(geary(data, "CRIME", weights).local["c"], expected, rtol=PEER)


@pytest.mark.parametrize(("star", "name"), [(False, "geoda_local_g"), (True, "geoda_local_gstar")])
def test_local_g_of_geoda(geoda: tuple[Panel, Weights], star: bool, name: str) -> None:
    data, weights = geoda
    expected = reference("22_columbus_geoda_lisa")[name]
    table = getis_ord(data, "CRIME", weights, star, 9999, "directed").hot_spots
    assert np.allclose(table["G"], expected["v"], rtol=PEER)
    assert np.abs(table["p_sim"] - expected["p"]).max() < SHORT


def test_local_geary_of_geoda(geoda: tuple[Panel, Weights]) -> None:
    data, weights = geoda
    expected = reference("22_columbus_geoda_lisa")["geoda_local_geary"]
    table = geary(data, "CRIME", weights, 9999, "directed").local
    assert np.allclose(table["c"], expected["v"], rtol=PEER)
    assert np.abs(table["p_sim"] - expected["p"]).max() < SHORT


def test_bivariate_moran_of_geoda_and_esda(geoda: tuple[Panel, Weights]) -> None:
    data, weights = geoda
    theirs = reference("22_columbus_geoda_lisa")["geoda_bimoran"]
    expected = reference("esda_columbus_g_geary")["bivariate"]
    table = lisa(data, "CRIME", weights, 9999, "directed", second="INC").to_frame()
    assert np.allclose(table["I"], theirs["v"], rtol=0, atol=PEER)
    assert np.allclose(table["I"], expected["I"], rtol=0, atol=PEER)
    assert table["quadrant"].tolist() == [("HH", "LH", "LL", "HL")[code - 1] for code in expected["q"]]
    assert np.abs(table["p_sim"] - theirs["p"]).max() < SHORT
    assert np.abs(table["p_sim"] - expected["p_sim"]).max() < MONTE_CARLO


def test_global_statistics_of_esda(geoda: tuple[Panel, Weights]) -> None:
    data, weights = geoda
    expected = reference("esda_columbus_g_geary")
    row = geary(data, "CRIME", weights).to_frame("global_geary").iloc[0]
    for ours, theirs in (("C", "C"), ("z_norm", "z_norm"), ("z_rand", "z_rand")):
        assert row[ours] == pytest.approx(expected["geary"][theirs], rel=PEER)
    found = getis_ord(data, "CRIME", weights.transformed("binary")).to_frame("general_g").iloc[0]
    for ours, theirs in (("G", "G"), ("expected", "EG"), ("z_rand", "z_norm")):
        assert found[ours] == pytest.approx(expected["general_g"][theirs], rel=PEER)


@pytest.mark.parametrize("star", [False, True])
@pytest.mark.parametrize("transform", ["row", "binary"])
def test_local_g_of_esda(geoda: tuple[Panel, Weights], transform: Any, star: bool) -> None:
    data, weights = geoda
    expected = reference("esda_columbus_g_geary")[f"local_g{'_star' if star else ''}_{transform[0]}"]
    table = getis_ord(data, "CRIME", weights.transformed(transform), star, 9999, "directed").hot_spots
    assert np.allclose(table["G"], expected["G"], rtol=PEER)
    assert np.abs(table["p_sim"] - expected["p_sim"]).max() < MONTE_CARLO
    if "z" in expected:
        assert np.allclose(table["z"], expected["z"], rtol=1e-8)


@pytest.mark.parametrize(("columns", "name"), [(["CRIME"], "local_geary"), (["CRIME", "INC"], "local_geary_mv")])
def test_local_geary_of_esda(geoda: tuple[Panel, Weights], columns: list[str], name: str) -> None:
    data, weights = geoda
    expected = reference("esda_columbus_g_geary")[name]
    table = geary(data, columns, weights, 9999, "directed").local
    assert np.allclose(table["c"] * 49 / 48, expected["c"], rtol=PEER)  # esda divides by n, GeoDa and spdep by n − 1
    assert np.abs(table["p_sim"] - expected["p_sim"]).max() < MONTE_CARLO

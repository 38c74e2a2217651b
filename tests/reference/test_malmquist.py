"""Productivity indices against published tables and independent programs.

Each JSON file in ``data`` says where its numbers come from and how exact they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.panel import Panel
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.malmquist_luenberger import malmquist_luenberger
from ecospatial.productivity.result import ProductivityResult

DATA = Path(__file__).parent / "data"
ORIENTATIONS = {"io": "input", "oo": "output"}
REFERENCES = {"cont": "contemporaneous", "seq": "sequential", "glob": "global"}


def source(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def five_by_three(given: dict[str, Any]) -> Panel:
    """Periods of five units with one input, one output and at most one bad."""
    columns = {"x": given["inputs"], "y": given["outputs"], "b": given["undesirable"]}
    frame = pd.DataFrame({name: np.ravel(values) for name, values in columns.items() if values is not None})
    return Panel.from_frame(
        frame.assign(unit=np.tile(range(1, 6), 3), period=np.repeat([1, 2, 3], 5)), unit="unit", period="period"
    )


def assert_components(found: ProductivityResult, given: dict[str, Any], names: dict[str, str]) -> None:
    for theirs, ours in names.items():
        expected = np.array(given["expected"][theirs], dtype=float).ravel()
        np.testing.assert_allclose(found.components[ours], expected, rtol=0, atol=given["tolerance"])


def test_malmquist_of_data_envelopment_analysis_jl() -> None:
    given = source("malmquist_5x3_jl")
    found = malmquist(five_by_three(given), "x", "y")
    assert_components(found, given, {"MI": "tfpch", "EC": "effch", "TC": "techch"})


def test_malmquist_luenberger_of_aparicio_pastor_zofio() -> None:
    given = source("malmquist_luenberger_5x3_jl")
    found = malmquist_luenberger(five_by_three(given), "x", "y", "b")
    assert_components(found, given, {"ML": "tfpch", "EC": "effch", "TC": "techch"})


def test_malmquist_luenberger_by_the_directional_technology_is_the_same() -> None:
    given = source("malmquist_luenberger_5x3_jl")
    found = malmquist(five_by_three(given), "x", "y", "b", technology="directional")
    assert_components(found, given, {"ML": "tfpch", "EC": "effch", "TC": "techch"})


def test_a_direction_of_ones_leaves_one_pair_without_an_index() -> None:
    given = source("malmquist_luenberger_5x3_jl")
    ones = {"x": 1.0, "y": 1.0, "b": 1.0}
    found = malmquist_luenberger(five_by_three(given), "x", "y", "b", direction=ones, direction_in="amounts")
    assert found.status[found.status != "optimal"].to_dict() == {(1, 2): "undefined"}
    assert np.isnan(found.components.loc[(1, 2), "tfpch"])
    assert "1 + β or 1 − β is not positive; undefined): unit 1, period 2" in found.summary()
    assert "depend on the length of the direction" in found.summary()


class Industry:
    """Industry of 31 Chinese regions, 2005 to 2009, with the indices of deaR."""

    def __init__(self) -> None:
        given = source("malmquist_china_industry_31x5")
        frame = pd.DataFrame(given["inputs"], columns=["capital", "labour"]).assign(output=np.ravel(given["outputs"]))
        frame = frame.assign(unit=given["dmus"] * 5, period=given["period"])
        self.panel = Panel.from_frame(frame, unit="unit", period="period")
        self.expected: dict[str, dict[str, Any]] = given["expected"]
        self.tolerance: float = given["tolerance"]

    def found(self, case: str) -> ProductivityResult:
        _, orientation, reference, decomposition = case.split("_")
        options: dict[str, Any] = {
            "orientation": ORIENTATIONS[orientation],
            "reference": REFERENCES[reference],
            "decomposition": {"fgnz": "fgnz", "rd": "ray-desli"}[decomposition],
        }
        return malmquist(self.panel, ["capital", "labour"], "output", **options)

    def assert_close(self, values: Any, case: str, name: str) -> None:
        expected = np.array(self.expected[case][name], dtype=float).ravel()
        np.testing.assert_allclose(np.asarray(values), expected, rtol=0, atol=self.tolerance, err_msg=name)


@pytest.fixture(scope="module")
def industry() -> Industry:
    return Industry()


@pytest.mark.parametrize("orientation", ["io", "oo"])
@pytest.mark.parametrize("reference", ["cont", "seq"])
def test_chinese_industry_by_fgnz(industry: Industry, orientation: str, reference: str) -> None:
    case = f"malm_{orientation}_{reference}_fgnz"
    found = industry.found(case)
    for theirs, ours in {"mi": "tfpch", "tc": "techch", "pech": "pech", "sech": "sech"}.items():
        industry.assert_close(found.components[ours], case, theirs)
    expected = {name: np.array(industry.expected[case][name]).ravel() for name in ("pech", "sech")}
    np.testing.assert_allclose(found.components["effch"], expected["pech"] * expected["sech"], atol=1e-6)


def distance(found: ProductivityResult, periods: str, returns_to_scale: str) -> pd.Series:
    """Distances of the pairs: of their earlier (t) or later (s) period, from the technology of t, s or all (g)."""
    held, by = periods
    rows = found.components.index.to_frame(index=False)
    first, last = min(rows["period"]) - 1, max(rows["period"])
    when = {"t": rows["period"] - 1, "s": rows["period"]}
    start = when[by] if by != "g" else first
    if found.specification.reference == "sequential":
        start = first
    keys = rows.assign(
        period=when[held],
        technology_from=start,
        technology_to=when[by] if by != "g" else last,
        returns=returns_to_scale,
    )
    columns = ["unit", "period", "technology_from", "technology_to", "returns_to_scale"]
    return pd.Series(found.distances.set_index(columns)["distance"].reindex(pd.MultiIndex.from_frame(keys)).to_numpy())


@pytest.mark.parametrize("orientation", ["io", "oo"])
@pytest.mark.parametrize("reference", ["cont", "seq"])
def test_chinese_industry_by_ray_and_desli(industry: Industry, orientation: str, reference: str) -> None:
    """deaR holds the parts against the earlier technology alone, where Ray & Desli take the mean over both."""
    case = f"malm_{orientation}_{reference}_rd"
    found = industry.found(case)
    industry.assert_close(found.components["pech"], case, "pech")
    crs, vrs = ({ends: distance(found, ends, kind) for ends in ("tt", "ss", "st", "ts")} for kind in ("crs", "vrs"))
    industry.assert_close(vrs["st"] / vrs["ss"], case, "tc")
    industry.assert_close((crs["st"] / vrs["st"]) / (crs["tt"] / vrs["tt"]), case, "sech")
    industry.assert_close(crs["st"] / crs["tt"] * (vrs["st"] / vrs["st"]), case, "mi")
    both = np.sqrt(vrs["st"] / vrs["ss"] * vrs["tt"] / vrs["ts"])
    np.testing.assert_allclose(found.components["techch"], both, rtol=1e-10)
    np.testing.assert_allclose(
        found.components["tfpch"], np.sqrt(crs["st"] / crs["tt"] * crs["ss"] / crs["ts"]), rtol=1e-10
    )


@pytest.mark.parametrize("orientation", ["io", "oo"])
def test_chinese_industry_against_all_periods(industry: Industry, orientation: str) -> None:
    """deaR takes the gap under variable returns and scale against the earlier technology."""
    case = f"malm_{orientation}_glob_fgnz"
    found, earlier = industry.found(f"malm_{orientation}_glob_rd"), industry.found(f"malm_{orientation}_cont_rd")
    industry.assert_close(found.components["pech"], case, "pech")
    industry.assert_close(found.components["techch"], case, "tc")
    crs, vrs = ({ends: distance(earlier, ends, kind) for ends in ("tt", "st")} for kind in ("crs", "vrs"))
    sech = (crs["st"] / vrs["st"]) / (crs["tt"] / vrs["tt"])
    industry.assert_close(sech, case, "sech")
    industry.assert_close(
        found.components["techch"].to_numpy() * found.components["pech"].to_numpy() * sech, case, "mi"
    )

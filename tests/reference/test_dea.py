"""Efficiency scores against published tables and independent programs.

Each JSON file in ``data`` says where its numbers come from and how exact they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"


class Case:
    """A reference file as a panel and its expected values."""

    def __init__(self, name: str) -> None:
        self.source: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
        self.expected: dict[str, Any] = self.source["expected"]
        parts = {"x": self.source["inputs"], "y": self.source["outputs"], "b": self.source["undesirable"] or []}
        columns = {
            f"{part}{place}": column
            for part, rows in parts.items()
            for place, column in enumerate(zip(*rows, strict=True))
        }
        self.inputs, self.outputs, self.bads = ([name for name in columns if name.startswith(part)] for part in parts)
        units = self.source.get("dmus") or [str(place + 1) for place in range(len(self.source["inputs"]))]
        self.panel = Panel.from_frame(pd.DataFrame({**columns, "unit": units}), unit="unit")

    def radial(self, **options: Any) -> EfficiencyResult:
        return radial(self.panel, self.inputs, self.outputs, **options)

    def sbm(self, **options: Any) -> EfficiencyResult:
        return sbm(self.panel, self.inputs, self.outputs, self.bads, **options)

    def assert_scores(self, result: EfficiencyResult, expected: list[float | None]) -> None:
        values = np.array([np.nan if value is None else value for value in expected])
        np.testing.assert_allclose(result.scores, values, rtol=0, atol=self.source["tolerance"])
        assert (result.status[result.scores.notna()] == "optimal").all()


@pytest.fixture(scope="module")
def tone2001() -> Case:
    return Case("tone2001_sbm")


@pytest.fixture(scope="module")
def tone2004() -> Case:
    return Case("tone2004_sbm_undesirable_vrs")


@pytest.fixture(scope="module")
def follow_through() -> Case:
    return Case("ccr1981_program_follow_through")


@pytest.fixture(scope="module")
def fls() -> Case:
    return Case("fls11_radial_additive_ddf")


@pytest.fixture(scope="module")
def hospitals() -> Case:
    return Case("cst_hospitals12")


def test_tone2001_published(tone2001: Case) -> None:
    found = tone2001.sbm(returns_to_scale="crs")
    tone2001.assert_scores(found, tone2001.expected["sbm_non_oriented"])
    np.testing.assert_allclose(found.slacks[["x0", "x1"]], tone2001.expected["sbm_input_slacks"], atol=6e-4)
    np.testing.assert_allclose(found.slacks[["y0", "y1"]], tone2001.expected["sbm_output_slacks"], atol=6e-4)
    tone2001.assert_scores(tone2001.radial(returns_to_scale="crs"), tone2001.expected["ccr_input"])


@pytest.mark.parametrize("orientation", ["non-oriented", "input", "output"])
def test_tone2001_full_precision(tone2001: Case, orientation: str) -> None:
    expected = tone2001.source["expected_full_precision"][f"sbm_{orientation.replace('-', '_')}"]
    found = tone2001.sbm(returns_to_scale="crs", orientation=orientation)
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ratio", ["1:0.3", "1:1", "1:3"])
def test_tone2004_weights_of_goods_and_bads(tone2004: Case, ratio: str) -> None:
    good, bad = (float(part) for part in ratio.split(":"))
    tone2004.assert_scores(tone2004.sbm(weights={"y0": good, "b0": bad}), tone2004.expected[ratio])


def test_tone2004_targets(tone2004: Case) -> None:
    targets = tone2004.sbm().targets.droplevel("period")
    for unit, target in tone2004.source["expected_targets_1_1"].items():
        np.testing.assert_allclose(targets.loc[unit, ["y0", "b0"]].to_numpy(float), target, atol=1e-9)


def test_deap_example() -> None:
    case = Case("deap_eg1_crs_input")
    found = case.radial(returns_to_scale="crs")
    case.assert_scores(found, case.expected["te"])
    np.testing.assert_allclose(found.targets[["x0", "x1"]], case.expected["targets_x"], atol=6e-4)
    np.testing.assert_allclose(found.slacks[["x0", "x1"]], case.expected["slacks_x"], atol=1e-9)
    peers = found.peers.groupby("unit")
    for unit, weights in case.expected["peers"].items():
        own = peers.get_group(unit).set_index("peer_unit")["weight"]
        assert own.to_dict() == pytest.approx(weights, abs=6e-4)


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("crs_input", {"returns_to_scale": "crs"}),
        ("vrs_input", {"returns_to_scale": "vrs"}),
        ("vrs_output_phi", {"returns_to_scale": "vrs", "orientation": "output"}),
        ("nirs_input", {"returns_to_scale": "nirs"}),
        ("ndrs_input", {"returns_to_scale": "ndrs"}),
        ("super_crs_input", {"returns_to_scale": "crs", "super_efficiency": True}),
        ("super_vrs_input", {"returns_to_scale": "vrs", "super_efficiency": True}),
    ],
)
def test_program_follow_through(follow_through: Case, column: str, options: dict[str, Any]) -> None:
    expected = follow_through.expected[column]
    found = follow_through.radial(**options)
    follow_through.assert_scores(found, expected)
    assert (found.status == "infeasible").tolist() == [value is None for value in expected]


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("crs_input", {"returns_to_scale": "crs"}),
        ("vrs_input", {"returns_to_scale": "vrs"}),
        ("crs_output_phi", {"returns_to_scale": "crs", "orientation": "output"}),
        ("vrs_output_phi(own LP)", {"returns_to_scale": "vrs", "orientation": "output"}),
    ],
)
def test_fried_lovell_schmidt(fls: Case, column: str, options: dict[str, Any]) -> None:
    fls.assert_scores(fls.radial(**options), fls.expected[column])


def test_weakly_efficient_unit_has_its_slack(fls: Case) -> None:
    found = fls.radial(returns_to_scale="crs")
    np.testing.assert_allclose(found.slacks[["x0", "x1"]], fls.expected["crs_input_slacks_x"], atol=1e-7)


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("ccr_input", {"returns_to_scale": "crs"}),
        ("bcc_input", {"returns_to_scale": "vrs"}),
        ("bcc_output_phi", {"returns_to_scale": "vrs", "orientation": "output"}),
    ],
)
def test_hospitals_radial(hospitals: Case, column: str, options: dict[str, Any]) -> None:
    hospitals.assert_scores(hospitals.radial(**options), hospitals.expected[column])


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
@pytest.mark.parametrize("orientation", ["non-oriented", "input", "output"])
def test_hospitals_sbm(hospitals: Case, orientation: str, returns_to_scale: str) -> None:
    short = {"non-oriented": "non", "input": "in", "output": "out"}[orientation]
    found = hospitals.sbm(orientation=orientation, returns_to_scale=returns_to_scale)
    hospitals.assert_scores(found, hospitals.expected[f"sbm_{short}_{returns_to_scale}"])


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
def test_enhanced_russell_graph(returns_to_scale: str) -> None:
    case = Case("erg_sbm_1x1")
    case.assert_scores(case.sbm(returns_to_scale=returns_to_scale), case.expected[returns_to_scale])


def test_tone2002_ordinary_scores() -> None:
    case = Case("tone2002_table1_supersbm")
    case.assert_scores(case.radial(returns_to_scale="crs"), case.expected["ccr_input"])
    case.assert_scores(case.sbm(returns_to_scale="crs"), case.expected["sbm"])

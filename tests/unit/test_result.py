"""The tables of an efficiency result beyond its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import OptionError
from ecospatial.panel import Panel

INPUTS, OUTPUTS = ["labour", "capital"], ["gdp", "rain"]


def panel() -> Panel:
    draw = np.random.default_rng(6)
    frame = pd.DataFrame(draw.lognormal(0.0, 0.5, (48, 4)), columns=[*INPUTS, *OUTPUTS])
    frame["city"], frame["year"] = [f"c{place:02d}" for place in range(16)] * 3, np.repeat([2001, 2002, 2003], 16)
    frame["region"] = np.array(["west", "east", "east", None])[np.arange(48) % 4]
    frame["size"] = np.arange(48) % 16 // 8
    frame.loc[::7, "rain"] = 0.0
    return Panel.from_frame(frame, unit="city", period="year")


def test_improvement_leads_to_the_target_in_units_and_per_cent() -> None:
    found = radial(panel(), INPUTS, OUTPUTS)
    tables, data = found.tables(), found.data.frame
    np.testing.assert_allclose(data + tables["improvement"], found.targets, rtol=1e-9, atol=1e-12)
    assert (tables["improvement"][INPUTS] <= 1e-9).all(axis=None)
    assert (tables["improvement"][OUTPUTS] >= -1e-9).all(axis=None)
    percent = tables["improvement_percent"]
    assert (percent["rain"].isna() == (data["rain"] == 0)).all()
    np.testing.assert_allclose(data[INPUTS] * (1 + percent[INPUTS] / 100), found.targets[INPUTS], rtol=1e-9)


def test_groups_are_summarised_by_period() -> None:
    found = radial(panel(), INPUTS, OUTPUTS, by=["region", "size"])
    by_region = found.by("region")
    assert list(by_region.index.names) == ["group", "period"]
    assert list(by_region.columns) == ["units", "mean", "sd", "min", "max", "efficient_share"]
    east = found.scores[(found.data["region"] == "east") & (found.scores.index.get_level_values("period") == 2002)]
    row = by_region.loc[("east", 2002)]
    expected = [len(east), east.mean(), east.std(), east.min(), east.max(), (east >= 1 - 1e-6).mean()]
    np.testing.assert_allclose(row, expected)
    assert set(by_region.index.get_level_values("group")) == {"east", "west"}  # cities without a region are left out
    table = found.to_frame("by_group")
    assert table["grouping"].tolist() == ["region"] * 6 + ["size"] * 6
    assert table.loc[table["grouping"] == "size", "units"].tolist() == [8] * 6


def test_groups_may_be_given_afterwards() -> None:
    found = radial(panel(), INPUTS, OUTPUTS, by="region")
    labels = found.data["region"].xs(2001, level="period")
    pd.testing.assert_frame_equal(found.by(labels), found.by("region"))
    with pytest.raises(OptionError, match="no column 'size' to group by; keep it with by='size'"):
        found.by("size")


def test_a_result_without_groups_has_an_empty_table_of_them() -> None:
    table = radial(panel(), INPUTS, OUTPUTS).to_frame("by_group")
    assert len(table) == 0 and list(table.columns)[:3] == ["grouping", "group", "period"]


def test_ranks_are_shared_by_efficient_units() -> None:
    found = radial(panel(), INPUTS, OUTPUTS).to_frame()
    assert (found.loc[found["efficient"], "rank"] == 1).all()
    for _, part in found.groupby(level="period"):
        worst = part.loc[part["score"].idxmin()]
        assert worst["rank"] == (part["score"] > worst["score"]).sum() + 1


@pytest.mark.parametrize("suffix", [".xlsx", ".html", ".tex", ".docx", ".csv", ".eco"])
def test_every_table_can_be_written(suffix: str, tmp_path: Path) -> None:
    for by in ((), ("region",)):
        found = radial(panel(), INPUTS, OUTPUTS, by=by, scale=True)
        path = tmp_path / f"found{len(by)}{suffix}"
        found.save(path)
        assert path.stat().st_size > 0


def test_tables_are_in_the_declared_order() -> None:
    declared = [table.name for table in EfficiencyResult.TABLES]
    results: Any = (radial(panel(), INPUTS, OUTPUTS, frontier="meta", groups="size"), sbm(panel(), INPUTS, "gdp"))
    for found in results:
        assert list(found.tables()) == declared
        assert all(len(found.tables()[name]) == 48 for name in ("scores", "improvement", "multipliers"))


def test_summary_prints_model_conventions_and_tolerance() -> None:
    found = radial(panel(), INPUTS, OUTPUTS, orientation="output", frontier="meta", groups="size", scale=True)
    summary = found.summary()
    for words in (
        *("BCC, output-oriented", "Banker, Charnes & Cooper (1984)", "variable (VRS)", "meta", "labour, capital"),
        *("efficiency = 1/φ", "within 1e-06 of 1", "equal within 1e-06", "O'Donnell, Rao & Battese 2008"),
    ):
        assert words in summary, words

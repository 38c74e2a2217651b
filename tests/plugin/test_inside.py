"""What the plugin does inside the process of QGIS: styles, selection, progress, cancel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qgis_profile import SYSTEM_PYTHON, Ground, Qgis

from ecospatial.present import layers, theme
from ecospatial.present.language import Words


@pytest.fixture(scope="module")
def told(qgis: Qgis, ground: Ground) -> dict[str, Any]:
    script = Path(__file__).with_name("inside_qgis.py")
    done = subprocess.run(
        [SYSTEM_PYTHON, str(script), str(qgis.plugin.parent), ground.two_layer],
        capture_output=True,
        text=True,
        env={**qgis.environment, "PYTHONPATH": ""},
        timeout=300,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(lines[0][5:])
    return found


def test_clusters_have_geodas_classes_and_colours_and_one_for_no_data(told: dict[str, Any]) -> None:
    shown = told["renderers"]
    assert shown["attribute"] == "label"
    expected = [[value, label, colour.lower()] for value, (label, colour) in theme.CLUSTERS.items()]
    assert shown["categories"][:-1] == expected
    assert shown["categories"][-1][0] in (None, "") and shown["categories"][-1][1] == "No data"


def test_efficiency_has_classes_up_to_the_frontier_and_one_for_no_data(told: dict[str, Any]) -> None:
    rules = told["renderers"]["rules"]
    assert [rule[1] for rule in rules][-2:] == ["1 and above (efficient)", "No data"]
    assert rules[-1][0] == "ELSE"
    assert len({rule[2] for rule in rules}) == len(rules) == 6


def test_growth_has_the_classes_of_the_report_around_no_change(told: dict[str, Any]) -> None:
    index, indicator = told["renderers"]["growth"]
    classes, _ = layers.growth_classes(np.ones(1), Words(), 1.0)
    assert index[1] == [*([item.label, item.colour] for item in classes), ["No data", theme.ABSENT]]
    assert index[0] == '"tfpch" + 0.000001 < 0.95'
    assert indicator[0] == '"tfpch" + 0.000001 < -0.05'


def test_a_layer_of_schematic_cells_says_so_in_its_name(told: dict[str, Any]) -> None:
    assert told["renderers"]["schematic"] == "Clusters – Schematic boundaries"


def test_classes_are_named_in_chinese(told: dict[str, Any]) -> None:
    assert told["renderers"]["chinese"][1] == "高-高聚集"


def test_a_temporal_layer_knows_its_dates(told: dict[str, Any]) -> None:
    assert told["renderers"]["temporal"][:3] == [True, "period_start", "period_end"]


def test_only_selected_features_are_taken(told: dict[str, Any]) -> None:
    assert told["selected"] == ["AR", "KS", "LA", "NM", "OK", "TX"]


def test_progress_moves_and_cancel_stops_within_a_second(told: dict[str, Any]) -> None:
    assert told["cancelled"]["moved"] > 5
    assert told["cancelled"]["worked"] is False
    assert told["cancelled"]["after"] < 1.0


def test_no_process_is_spawned(told: dict[str, Any]) -> None:
    assert told["workers"] == []


def test_rare_parameters_are_folded_away(told: dict[str, Any]) -> None:
    assert {"seed", "weights_file", "weights_islands"} <= set(told["parameters"]["folded"])
    assert told["parameters"]["group"] == "Clusters"
    assert "Anselin 1995" in told["parameters"]["help"]


def test_whole_numbers_fit_the_spin_box_of_a_dialog(told: dict[str, Any]) -> None:
    assert told["parameters"]["largest"] < 2**31


def test_an_unloaded_plugin_leaves_no_core_behind(told: dict[str, Any]) -> None:
    assert told["left"] == []

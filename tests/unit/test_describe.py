from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
import pytest

import ecospatial as es
from ecospatial import tools
from ecospatial.checks import check
from ecospatial.errors import OptionError
from ecospatial.marks import Range
from ecospatial.ports import assemble, ports
from ecospatial.source import Source


def toy(
    side: Annotated[Literal["left", "right"], "Side"] = "left",
    draws: Annotated[int, Range(1, 9), "Draws"] = 3,
    share: Annotated[float | None, Range(0, 1), "Share"] = None,
) -> None:
    """Toy."""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"side": "up"}, "side='up' is not a choice; choose one of: left, right"),
        ({"draws": 0}, "draws=0 must be a whole number from 1 to 9"),
        ({"draws": 2.5}, "draws=2.5 must be a whole number"),
        ({"draws": True}, "draws=True"),
        ({"draws": "3"}, "draws='3'"),
        ({"share": 1.5}, "share=1.5 must be a number from 0 to 1"),
        ({"share": float("nan")}, "share=nan"),
        ({"side": False}, "side=False is not a choice"),
        ({"side": None}, "'side' is needed"),
        ({"draws": None}, "'draws' is needed"),
    ],
)
def test_arguments_outside_the_signature_are_named(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        check(toy, {"side": "left", "draws": 3, "share": None, **wrong})


def test_arguments_inside_the_signature_pass() -> None:
    check(toy, {"side": "right", "draws": 9, "share": 0})


def test_a_data_frame_is_no_panel() -> None:
    frame = pd.DataFrame({"city": ["a"], "x": [1.0], "y": [1.0]})
    with pytest.raises(OptionError, match=r"panel takes Panel or GeoPanel, not DataFrame; see Panel\.from_frame"):
        es.sbm(frame, ["x"], ["y"])  # type: ignore[arg-type]


def test_a_panel_opens_into_table_unit_and_period() -> None:
    opened = {port.name: port for port in ports(tools.find("sbm"))}
    assert list(opened)[:5] == ["panel", "unit", "period", "boundaries", "boundary_unit"]
    assert opened["inputs"].kind == "columns" and opened["inputs"].table == "panel" and opened["inputs"].numeric
    assert not opened["boundaries"].required
    assert opened["returns_to_scale"].choices == ("vrs", "crs", "nirs", "ndrs")


def test_weights_open_into_a_choice_a_value_a_file_and_islands() -> None:
    opened = [port.name for port in ports(tools.find("lisa"))]
    assert [name for name in opened if name.startswith("weights")] == [
        "weights",
        *("weights_value", "weights_file", "weights_islands", "weights_transform", "weights_tolerance"),
        *("weights_order", "weights_lower_order", "weights_power", "weights_function"),
    ]


def test_a_result_opens_into_a_file_of_its_kind() -> None:
    (model, *_) = ports(tools.find("spatial_tests"))
    assert (model.kind, model.required) == ("result", True)
    assert model.accepts


def test_required_ports_are_asked_for() -> None:
    source = Source(pd.DataFrame({"city": ["a", "b"], "x": [1.0, 2.0]}))
    with pytest.raises(OptionError, match="'outputs' is needed"):
        assemble(tools.find("sbm"), {"panel": source, "inputs": ["x"]})


def test_provenance_records_defaults_and_seed() -> None:
    frame = pd.DataFrame({"city": list("abcd"), "x": [1.0, 2, 3, 4], "y": [1.0, 3, 2, 4]})
    result = es.sbm(es.Panel.from_frame(frame, unit="city"), ["x"], ["y"])
    assert result.provenance.arguments["returns_to_scale"] == "'vrs'"
    assert result.provenance.seed is None

"""Tables for reading: rounding, alignment, cutting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial.present.language import Words
from ecospatial.present.reading import flattened, number_text, p_text, reading, without_lone_period


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (0.51234, "0.5123"),
        (-0.51236, "-0.5124"),
        (12.3456, "12.346"),
        (25012.4, "25,012"),
        (0.000612, "0.0006120"),
        (1.2e-9, "1.20e-09"),
        (np.nan, "–"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (np.nan, "–")])
def test_p_values(p: float, text: str) -> None:
    assert p_text(p) == text


def test_a_column_shares_its_decimals() -> None:
    frame = pd.DataFrame({"score": [1.0, 0.81234], "n": [3.0, 4.0], "big": [123456.7, 0.5], "label": ["a", None]})
    table = reading(frame, "t", Words())
    assert [row[0] for row in table.rows] == ["1.0000", "0.8123"]
    assert [row[1] for row in table.rows] == ["3", "4"]
    assert [row[2] for row in table.rows] == ["123,457", "0.5000"]
    assert [row[3] for row in table.rows] == ["a", "–"]
    assert table.numeric == (True, True, True, False)


def test_codes_and_years_are_names_not_numbers() -> None:
    index = pd.MultiIndex.from_tuples([(130200, 2017)], names=["unit", "period"])
    table = reading(pd.DataFrame({"x": [1.5]}, index=index), "t", Words())
    assert table.rows == (("130200", "2017", "1.5000"),) and table.numeric == (False, False, True)


def test_long_panels_show_their_last_period_and_say_so() -> None:
    index = pd.MultiIndex.from_product([range(100), [2016, 2017]], names=["unit", "period"])
    table = reading(pd.DataFrame({"x": np.arange(200.0)}, index=index), "t", Words())
    assert len(table.rows) == 60 and {row[1] for row in table.rows} == {"2017"}
    assert table.remark == "Period 2017 only. 60 of 200 rows shown; saved data files hold all."


def test_short_tables_are_whole() -> None:
    table = reading(pd.DataFrame({"x": range(60)}), "t", Words())
    assert len(table.rows) == 60 and table.remark == ""


def test_flattening_keeps_named_indices_as_columns() -> None:
    named = pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="term"))
    assert flattened(named).columns.tolist() == ["term", "x"]
    assert flattened(pd.DataFrame({"x": [1]})).columns.tolist() == ["x"]
    clash = pd.DataFrame({"unit": [1]}, index=pd.Index(["a"], name="unit"))
    assert flattened(clash).columns.tolist() == ["unit_id", "unit"]
    levels = pd.DataFrame({("a", "b"): [1], ("c", ""): [2]})
    assert flattened(levels).columns.tolist() == ["a b", "c"]


def test_a_cross_section_shows_no_period() -> None:
    frame = pd.DataFrame({"u": list("abc"), "x": [1.0, 2.0, 3.0], "y": [1.0, 1.0, 2.0]})
    result = es.radial(es.Panel.from_frame(frame, unit="u"), inputs=["x"], outputs=["y"])
    assert without_lone_period(result, result.to_frame()).index.names == ["unit"]
    assert result.to_frame().index.names == ["unit", "period"]
    pairs = without_lone_period(result, result.to_frame("peers"), "pair")
    assert pairs.columns.tolist() == ["unit", "peer_unit", "weight"]
    assert without_lone_period(result, result.to_frame("periods"), "period").index.names == [None]

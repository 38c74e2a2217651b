"""Whatever stands in a table, it becomes a panel or an error that says why; numbers come back as they were written."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ecospatial as es
from ecospatial.cells import understood
from ecospatial.errors import EcospatialError
from ecospatial.years import as_years, split_year, year_of

WORDS = [
    "城市",
    "地区",
    "年份",
    "code",
    "GDP(亿元)",
    "2000",
    "2001年",
    "GDP2000",
    "so2_2001",
    "单位：亿元",
    "吨",
    "注：略",
    "唐山",
]
CELLS = st.one_of(
    st.none(),
    st.sampled_from(WORDS),
    st.sampled_from(["—", "12.5%", "1,234", "１２", "0", "NA", "010100", "甲", "a\nb", "%", "."]),
    st.integers(-5, 2005),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.dates(),
    st.text(max_size=4).filter(str.isprintable),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6), st.sampled_from([".xlsx", ".csv"]))
def test_any_table_is_a_panel_or_a_clear_error(rows: list[list[object]], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        if suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        else:
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
        try:
            panel = es.read_panel(path)
        except EcospatialError as error:
            assert str(error)
            assert "cannot be read" not in str(error)
        else:
            assert len(panel.frame) > 0


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), min_size=1, max_size=6), st.sampled_from(", '")
)
def test_numbers_survive_separators_and_full_width_signs(values: list[float], mark: str) -> None:
    texts = [f"{value:,.3f}".replace(",", mark) for value in values]
    wide = [text.translate({code: code + 0xFEE0 for code in range(ord("!"), ord("~"))}) for text in texts]
    np.testing.assert_array_equal(understood([*texts, "—"]).values[:-1], values)
    np.testing.assert_array_equal(understood([*wide, "—"]).values[:-1], values)


@given(st.integers(1800, 2099), st.sampled_from(["{}", "{}年", " {}", "{}.0", "{}年度"]))
def test_a_year_is_read_however_written(year: int, form: str) -> None:
    assert year_of(form.format(year)) == year
    assert as_years(np.array([form.format(year)], dtype=object)).tolist() == [year]


@pytest.mark.parametrize(
    "form", ["{name}{year}", "{name}_{year}", "{year}年{name}", "{name}（{year}）", "{year} {name}"]
)
@given(
    st.from_regex(r"[a-zA-Z\u4e00-\u5e73\u5e75-\u5ea5\u5ea7-\u672a\u672c-\u9fff]{2,6}", fullmatch=True),
    st.integers(1900, 2099),
)
def test_a_variable_and_its_year_come_apart(form: str, name: str, year: int) -> None:
    assert split_year(form.format(name=name, year=year)) == (name, year)

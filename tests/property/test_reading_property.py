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
from ecospatial.combine import long_table
from ecospatial.errors import EcospatialError
from ecospatial.grids import Grid
from ecospatial.panel import Panel
from ecospatial.sheets import Sheet
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


PLACES = ["北京", "唐山市", "邯郸", "上 海", "石家庄市", "保定"]
QUANTITIES = ["GDP(亿元)", "工业二氧化硫排放量(吨)", "工业二氧化硫去除量(吨)", "就业"]
DRESSES = (
    lambda value: value,
    lambda value: f"{value:,}",
    lambda value: str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
)
Rows = list[list[object]]


def sheet(name: str, rows: Rows) -> Sheet:
    width = max(map(len, rows))
    full = [[*row, *[None] * (width - len(row))] for row in rows]
    return Sheet.of(Grid(name, full, list(range(1, len(full) + 1))), "a.xlsx")


def forms(cells: dict[tuple[str, str, int], object], places: list[str], years: list[int]) -> dict[str, list[Sheet]]:
    """The same figures as people lay them out."""
    named = [(name, year) for name in QUANTITIES for year in years]
    by_year = [(name, year) for year in years for name in QUANTITIES]

    def rows(heads: Rows, columns: list[tuple[str, int]]) -> Rows:
        body = [[place, *(cells[place, name, year] for name, year in columns)] for place in places]
        return [*heads, *body, ["注：略"]]

    years_first = [year for _, year in by_year]
    over = [name if year == years[0] else None for name, year in named]
    across = {
        "years in names": rows([["地区", *(f"{name}{year}" for name, year in named)]], named),
        "variables over years": rows([["地区", *over], [None, *(f"{year}年" for _, year in named)]], named),
        "years over variables": rows([["城市", *years_first], [None, *(name for name, _ in by_year)]], by_year),
    }
    long = [[place, year, *(cells[place, name, year] for name in QUANTITIES)] for place in places for year in years]
    down = {
        name: [["年份", *places], *([year, *(cells[place, name, year] for place in places)] for year in years)]
        for name in QUANTITIES
    }
    wide = {name: rows([["地 区", *years]], [(name, year) for year in years]) for name in QUANTITIES}
    dated = {f"{year}年": rows([["城市", *QUANTITIES]], [(name, year) for name in QUANTITIES]) for year in years}
    several = {"a variable a sheet": wide, "a year a sheet": dated, "units across": down}
    return {
        "long": [sheet("s", [["城市", "年份", *QUANTITIES], *long])],
        **{form: [sheet("s", one)] for form, one in across.items()},
        **{form: [sheet(name, one) for name, one in many.items()] for form, many in several.items()},
    }


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_every_layout_of_the_same_figures_is_the_same_panel(data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(PLACES), min_size=2, max_size=5, unique=True))
    first, count = data.draw(st.integers(1990, 2010)), data.draw(st.integers(3, 5))
    years = list(range(first, first + count))
    keys = [(place, name, year) for place in places for name in QUANTITIES for year in years]
    figures = data.draw(st.lists(st.integers(1, 9_999_999), min_size=len(keys), max_size=len(keys)))
    numbers = dict(zip(keys, figures, strict=True))
    dress = data.draw(st.sampled_from(DRESSES))
    for form, sheets in forms({key: dress(value) for key, value in numbers.items()}, places, years).items():
        table = long_table(sheets)
        panel = Panel.from_frame(table.frame, table.unit, table.period, table.labels)
        assert sorted(panel.units) == sorted(place.replace(" ", "") for place in places), form
        for (place, name, year), value in numbers.items():
            assert panel[name][place.replace(" ", ""), year] == value, (form, place, name, year)

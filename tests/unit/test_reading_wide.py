"""Panels as people have them: yearbook workbooks, years across, several sheets."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.cli import main
from ecospatial.errors import DataError, FileError, OptionError
from ecospatial.panel import Panel
from ecospatial.source import read_source
from ecospatial.store import load_object, store_object

Rows = Iterable[Sequence[Any]]


def book(path: Path, sheets: Mapping[str, Rows], merged: Mapping[str, Sequence[str]] | None = None) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
    made.save(path)
    return path


def notes(panel: Panel) -> str:
    return "\n".join(str(note) for note in panel.notes)


@pytest.fixture
def yearbook(tmp_path: Path) -> Path:
    """A workbook as a Chinese user has it."""
    gdp = [
        ["2-1 地级市地区生产总值", None, None, None],
        [None, None, None, "单位：亿元"],
        [],
        ["地　区", "地区生产总值", None, None],
        [None, "2000年", "２００１年", 2002],
        ["北　京", "1,234.5", "１２．５", 3],
        ["唐山市 ", 4, "—", 6.5],
        ["全国", 10, 20, 30],
        [],
        ["注：本表按当年价格计算。"],
        ["数据来源：《中国城市统计年鉴》"],
    ]
    so2 = [
        [
            "城市",
            "代码",
            *(f"工业二氧化硫{what}{year}（吨）" for what in ("去除量", "排放量") for year in (2000, 2001, 2002)),
        ],
        ["唐山市", 130200.0, 1, 2, 3, 4, 5, 6],
        ["北京", 110000.0, 7, 8, 9, 10, 11, 12],
    ]
    jobs = [["城市", "年份", "从业人员"], [None, None, "万人"]]
    jobs += [[city, f"{year}年", year % 100 + 0.5] for city in ("北　京", "唐山市") for year in (2000, 2001, 2002)]
    sheets = {"说明": [["由年鉴整理"]], "产值": gdp, "污染": so2, "就业": jobs}
    return book(tmp_path / "年鉴.xlsx", sheets, {"产值": ["A1:D1", "A4:A5", "B4:D4"]})


def test_a_yearbook_workbook_becomes_one_panel(yearbook: Path) -> None:
    panel = es.read_panel(yearbook)
    assert panel.units.tolist() == ["北京", "唐山市", "全国"]
    assert panel.periods.tolist() == [2000, 2001, 2002]
    assert panel.columns == ["代码", "地区生产总值", "工业二氧化硫去除量（吨）", "工业二氧化硫排放量（吨）", "从业人员"]
    expected = [1234.5, 12.5, 3.0, 4.0, np.nan, 6.5, 10.0, 20.0, 30.0]
    np.testing.assert_array_equal(panel["地区生产总值"], expected)
    np.testing.assert_array_equal(panel["工业二氧化硫排放量（吨）"], [10, 11, 12, 4, 5, 6, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(panel["从业人员"], [0.5, 1.5, 2.5] * 2 + [np.nan] * 3)
    assert panel.labels["地区生产总值"] == "地区生产总值 (亿元)"
    assert panel.labels["从业人员"] == "从业人员 (万人)"


def test_what_was_understood_is_in_the_notes(yearbook: Path) -> None:
    told = notes(es.read_panel(yearbook))
    for piece in (
        "Read as wide: 3 years (2000–2002) across; sheets: 2.",
        "3 sheets were joined: 产值, 污染, 就业.",
        "Units are those of column '地区'.",
        "left out: 说明",
        "above the header: 2-1 地级市地区生产总值, 单位：亿元",
        "below the table: 注：本表按当年价格计算。, 数据来源：《中国城市统计年鉴》",
        "'北　京' → '北京'",
        "Thousands separators were taken out of 1 cells",
        "Dashes, stars and words for no data were read as empty: 1 cells",
        "look like totals: 全国",
        "stand in every year: 代码",
    ):
        assert piece in told


def test_notes_and_labels_travel_and_are_stored(yearbook: Path, tmp_path: Path) -> None:
    panel = es.read_panel(yearbook)
    part = panel.assign(x=1.0).where_periods([2000]).select(["地区生产总值", "x"])
    store_object(part, tmp_path / "a.eco")
    back = load_object(tmp_path / "a.eco", Panel)
    assert back.notes == part.notes == panel.notes
    assert back.labels["地区生产总值"] == "地区生产总值 (亿元)"


def test_the_command_line_reads_the_same(yearbook: Path) -> None:
    source = read_source(yearbook, sheet=None)
    panel = Panel.from_ports("data", {"data": source})
    assert panel.fingerprint() == es.read_panel(yearbook).fingerprint()


def test_a_column_is_found_without_its_unit_and_a_removal_is_no_emission(yearbook: Path) -> None:
    panel = es.read_panel(yearbook)
    assert panel["工业二氧化硫排放量"].tolist()[:3] == [10, 11, 12]
    assert panel.numbers(["工业二氧化硫排放量"], missing="nan").columns.tolist() == ["工业二氧化硫排放量"]
    assert panel.select(["工业二氧化硫排放量"]).columns == ["工业二氧化硫排放量（吨）"]
    with pytest.raises(DataError, match="did you mean '工业二氧化硫排放量（吨）'"):
        panel["so2"]
    removed = panel.select(["工业二氧化硫去除量", "从业人员"])
    with pytest.raises(DataError, match=r"there are: 从业人员$"):
        removed["工业二氧化硫排放量"]


def test_a_name_that_fits_two_columns_is_refused() -> None:
    frame = pd.DataFrame({"u": ["a"], "废水(吨)": [1], "废水(万吨)": [2]})
    with pytest.raises(DataError, match=r"could be any of: 废水\(吨\), 废水\(万吨\)"):
        Panel.from_frame(frame, unit="u")["废水"]


WIDE_NAMES = [
    ["GDP2005", "GDP2006", "GDP2007"],
    ["gdp_2005", "gdp_2006", "gdp_2007"],
    ["2005gdp", "2006gdp", "2007gdp"],
    ["2005年GDP（亿元）", "2006年GDP（亿元）", "2007年GDP(亿元)"],
    ["GDP(2005)", "GDP(2006年)", "GDP（２００７）"],
]


@pytest.mark.parametrize("names", WIDE_NAMES)
def test_years_within_column_names_are_understood(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((",".join(["城市", *names]) + "\n唐山,1,2,3\n邯郸,4,5,6\n").encode("gbk"))
    panel = es.read_panel(path, unit="城市")
    assert panel.periods.tolist() == [2005, 2006, 2007]
    assert len(panel.columns) == 1
    assert panel["gdp" if names[0][0] == "g" or names[0].endswith("gdp") else "GDP"].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "header",
    [
        [2000, 2001],
        ["2000", "2001 "],
        ["２０００", "２００１年"],
        [2000.0, 2001.0],
        [datetime.date(2000, 1, 1), datetime.date(2001, 12, 31)],
    ],
)
def test_years_across_are_understood_however_written(tmp_path: Path, header: list[Any]) -> None:
    path = book(tmp_path / "gdp.xlsx", {"Sheet1": [[None, *header], ["a", 1, 2], ["b", 3, 4]]})
    panel = es.read_panel(path)
    assert panel.periods.tolist() == [2000, 2001]
    assert panel["gdp"].tolist() == [1, 2, 3, 4]
    assert panel.units.tolist() == ["a", "b"]


def test_one_variable_a_sheet_is_joined_on_unit_and_year(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        {
            "gdp": [["city", 2000, 2001], ["a", 1, 2], ["b", 3, 4]],
            "so2": [["city", 2001, 2000], ["b", 5, 6], ["a", 7, 8]],
        },
    )
    panel = es.read_panel(path, unit="city", period="t")
    assert panel.period_name == "t"
    assert panel.frame.to_numpy().tolist() == [[1, 8], [2, 7], [3, 6], [4, 5]]
    assert es.read_panel(path, unit="city", sheet="so2").columns == ["so2"]
    assert es.read_panel(path, unit="city", sheet=["gdp", "so2"]).fingerprint() == panel.fingerprint()


def test_one_year_a_sheet_is_stacked(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        {"2000年": [["city", "gdp"], ["a", 1], ["b", 2]], "2005": [["city", "gdp", "so2"], ["b", 3, 9], ["a", 4, 8]]},
    )
    panel = es.read_panel(path, unit="city")
    assert panel["gdp"].to_dict() == {("a", 2000): 1, ("a", 2005): 4, ("b", 2000): 2, ("b", 2005): 3}
    assert panel["so2"].isna().tolist() == [True, False, True, False]
    assert "names of the sheets are taken for periods" in notes(panel)


def test_a_quantity_in_two_units_stays_two_columns(tmp_path: Path) -> None:
    years = {
        "2000": [["城市", "废水"], [None, "万吨"], ["a", 1], ["b", 2]],
        "2001": [["城市", "废水"], [None, "吨"], ["a", 10_000], ["b", 20_000]],
    }
    panel = es.read_panel(book(tmp_path / "a.xlsx", years))
    assert panel.columns == ["废水(万吨)", "废水(吨)"]
    assert "'废水' stands in several units: 废水(万吨), 废水(吨). Nothing was converted." in notes(panel)
    wide = {"a": [["城市", "废水2000(万吨)", "废水2001(吨)", "废水2002(吨)", "废水2003(吨)"], ["a", 1, 2, 3, 4]]}
    panel = es.read_panel(book(tmp_path / "b.xlsx", wide))
    assert panel.columns == ["废水(万吨)", "废水(吨)"]
    assert "Nothing was converted" in notes(panel)


def test_sheets_with_codes_or_names_alone_meet_under_what_they_share(tmp_path: Path) -> None:
    sheets = {
        "gdp": [["代码", "城市", 2000, 2001], [130200, "唐山", 1, 2], [130400, "邯郸", 3, 4]],
        "so2": [["城市", 2000, 2001], ["邯郸", 7, 8], ["唐山", 5, 6]],
    }
    panel = es.read_panel(book(tmp_path / "a.xlsx", sheets))
    assert panel.units.tolist() == ["唐山", "邯郸"]
    assert panel["so2"].tolist() == [5, 6, 7, 8]


def test_sheets_that_clash_are_left_out_or_refused(tmp_path: Path) -> None:
    sheets = {
        "a": [["city", "year", "gdp"], ["x", 2000, 1], ["x", 2001, 2]],
        "b": [["city", "year", "gdp"], ["x", 2000, 7], ["x", 2001, 2]],
    }
    path = book(tmp_path / "a.xlsx", sheets)
    panel = es.read_panel(path, unit="city", period="year")
    assert panel["gdp"].tolist() == [1, 2]
    assert "Sheets that do not fit the first were left out: b" in notes(panel)
    with pytest.raises(DataError, match="Sheet 'b' holds 'gdp' of unit x, period 2000 once more"):
        es.read_panel(path, unit="city", period="year", sheet="all")


def test_provinces_a_sheet_are_stacked_when_all_are_asked_for(tmp_path: Path) -> None:
    sheets = {
        "河北": [["城市", "年份", "gdp"], ["唐山", 2000, 1], ["唐山", 2001, 2]],
        "山西": [["城市", "年份", "gdp"], ["大同", 2000, 3], ["大同", 2001, 4]],
    }
    panel = es.read_panel(book(tmp_path / "a.xlsx", sheets), sheet="all")
    assert panel["gdp"].tolist() == [1, 2, 3, 4]
    assert panel.units.tolist() == ["唐山", "大同"]


def test_headers_of_three_rows_are_read_as_one_with_or_without_merging(tmp_path: Path) -> None:
    rows = [
        ["城市", "产出", None, None, None, "投入"],
        [None, "GDP", None, "SO2", None, "劳动"],
        [None, 2000, 2001, 2000, 2001, 2000],
        ["a", 1, 2, 3, 4, 5],
        ["b", 6, 7, 8, 9, 10],
    ]
    merged = {"s": ["A1:A3", "B1:E1", "B2:C2", "D2:E2"]}
    first = es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}, merged))
    assert first.columns == ["产出_GDP", "产出_SO2", "投入_劳动"]
    assert first["产出_SO2"].tolist() == [3, 4, 8, 9]
    assert es.read_panel(book(tmp_path / "a.xlsx", {"s": rows})).fingerprint() == first.fingerprint()


def test_unit_cells_merged_downwards_name_every_row(tmp_path: Path) -> None:
    rows = [["城市", "年份", "x"], ["a", 2000, 1], [None, 2001, 2], ["b", 2000, 3], [None, 2001, 4]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}, {"s": ["A2:A3", "A4:A5"]}), unit="城市", period="年份")
    assert panel["x"].to_dict() == {("a", 2000): 1, ("a", 2001): 2, ("b", 2000): 3, ("b", 2001): 4}
    with pytest.raises(DataError, match="unit column '城市' is empty in row 3 of 's'"):
        es.read_panel(book(tmp_path / "b.xlsx", {"s": rows}), unit="城市", period="年份")


def test_a_text_among_numbers_is_named_by_sheet_row_and_column(tmp_path: Path) -> None:
    rows = [["各市"], ["city", "year", "gdp"], ["a", 2000, 1], ["a", 2001, 2], [], ["a", 2002, "约3"]]
    path = book(tmp_path / "a.xlsx", {"产值": rows, "other": [["x"]]})
    with pytest.raises(DataError, match="'gdp' of sheet '产值' holds numbers, but row 6 has '约3'"):
        es.read_panel(path, unit="city", period="year")
    kept = es.read_panel(path, unit="city", period="year", as_text=["gdp"])
    assert kept["gdp"].tolist() == [1, 2, "约3"]
    with pytest.raises(DataError, match="holds '约3'"):
        kept.numbers(["gdp"])
    lenient = Panel.from_ports("d", {"d": read_source(path), "unit": "city", "period": "year"})
    assert "row 6 has '约3'" in notes(lenient)


def test_percentages_are_kept_as_people_see_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    for row in (["city", "text", "shown"], ["a", "12.5%", 0.07], ["b", "３％", 0.125]):
        made.active.append(row)
    made.active["C2"].number_format = made.active["C3"].number_format = "0.0%"
    made.save(path)
    panel = es.read_panel(path, unit="city")
    assert panel["text"].tolist() == [12.5, 3.0]
    assert panel["shown"].tolist() == [7.0, 12.5]
    assert panel.labels["text"] == "text (%)"
    csv = tmp_path / "a.csv"
    csv.write_text("city,x\na,12.5%\nb,0.125\nc,3\n")
    with pytest.raises(DataError, match=r"mixes percentages, such as '12\.5%' in row 2"):
        es.read_panel(csv, unit="city")


def test_layouts_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,pop2000,pop2010\na,1,2\nb,3,4\n")
    assert es.read_panel(path, unit="city").columns == ["pop2000", "pop2010"]
    assert es.read_panel(path, unit="city", layout="wide")["pop"].tolist() == [1, 2, 3, 4]
    path.write_text("city,x,y\na,1,2\n")
    with pytest.raises(DataError, match=r"No column of 'a' names a year.*city, x, y"):
        es.read_panel(path, unit="city", layout="wide")
    path.write_text("city,2000,2001\na,1,2\n")
    assert es.read_panel(path, unit="city", layout="long").columns == ["2000", "2001"]
    with pytest.raises(OptionError, match="layout='tall'"):
        es.read_panel(path, unit="city", layout="tall")  # type: ignore[arg-type]


def test_a_long_table_with_base_years_among_its_columns_stays_long(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,year,p2000,p2001,p2002\na,2000,1,2,3\na,2001,1,2,3\n")
    assert es.read_panel(path, unit="city", period="year").columns == ["p2000", "p2001", "p2002"]


@pytest.mark.parametrize(
    "column", [["2000年", "2001年"], [" 2000 ", "２００１"], ["2000.0", "2001.0"], ["2000-12-31", "2001/12/31"]]
)
def test_periods_become_years(tmp_path: Path, column: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("地区,年份,x\n" + "".join(f"a,{year},1\n" for year in column), encoding="gb18030")
    assert es.read_panel(path).periods.tolist() == [2000, 2001]


def test_dates_within_a_year_stay_dates(tmp_path: Path) -> None:
    rows = [["city", "year", "x"], *(["a", datetime.datetime(2000, month, 1), month] for month in (1, 4, 7))]
    assert len(es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}), unit="city", period="year").periods) == 3


def test_unknown_units_and_twice_held_cells_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("where,what,2000,2001\na,x,1,2\n")
    with pytest.raises(DataError, match="Name the column that holds the units; 'a' has: where, what, 2000, 2001"):
        es.read_panel(path)
    path.write_text("city,2000,2001\na,1,2\na,3,4\n")
    with pytest.raises(DataError, match="Units stand more than once in 'a': a"):
        es.read_panel(path)
    path.write_text("city,gd2000,gd2001,gd2002,2000gd\na,1,2,3,4\n")
    with pytest.raises(DataError, match="Two columns hold 'gd' of 2000"):
        es.read_panel(path)


@pytest.mark.parametrize(
    ("name", "advice"), [("a.xls", "save it so"), ("a.sav", ".dta or .csv"), ("a.rds", ".dta or .csv")]
)
def test_files_of_other_programs_say_how_to_save_them(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(FileError, match=advice):
        es.read_panel(tmp_path / name)


def test_a_workbook_that_holds_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"Sheet 'empty' of 'a\.xlsx' is empty"):
        es.read_panel(book(tmp_path / "a.xlsx", {"empty": []}))
    with pytest.raises(DataError, match="no rows"):
        es.read_panel(book(tmp_path / "a.xlsx", {"a": [["city", "gdp"]]}), unit="city")


def test_a_wide_stata_file_keeps_labels_and_is_found_by_them(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"code": [130200.0, 130400.0], "year": [2000, 2000], "v1": [1.0, 2.0]})
    frame.to_stata(path, write_index=False, version=118, variable_labels={"v1": "工业废水排放量（万吨）"})
    panel = es.read_panel(path)
    assert panel.units.tolist() == [130200, 130400]
    assert panel["工业废水排放量"].tolist() == panel["v1"].tolist() == [1.0, 2.0]
    with pytest.raises(DataError, match="did you mean 'v1'"):
        panel["wastewater"]


def test_an_old_stata_file_with_chinese_is_read_right(tmp_path: Path) -> None:
    def latin(text: str) -> str:
        return text.encode("gb18030").decode("latin-1")

    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"city": [latin("唐山市"), latin("邯郸市")], "x": [1.0, 2.0]})
    frame.to_stata(path, write_index=False, version=114, variable_labels={"x": latin("工业产值")})
    panel = es.read_panel(path)
    assert panel.units.tolist() == ["唐山市", "邯郸市"]
    assert panel.labels["x"] == "工业产值"
    french = pd.DataFrame({"city": ["Orléans", "São Paulo"], "x": [1.0, 2.0]})
    french.to_stata(path, write_index=False, version=114)
    assert es.read_panel(path).units.tolist() == ["Orléans", "São Paulo"]


def test_text_tables_with_titles_notes_and_other_marks(tmp_path: Path) -> None:
    path = tmp_path / "gdp.csv"
    path.write_text(
        '2-1 各市生产总值,,\n,,单位：亿元\n地区,2000年,2001年\n唐山,"1,234",1 234.5\n邯郸,…,缺失\n\n注：当年价\n',
        encoding="gbk",
    )
    panel = es.read_panel(path)
    np.testing.assert_array_equal(panel["gdp"], [1234, 1234.5, np.nan, np.nan])
    assert panel.labels == {"gdp": "gdp (亿元)"}
    path.write_bytes("地区\t2000\t2001\n唐山\t1\t2\n".encode("utf-16"))
    assert es.read_panel(path)["gdp"].tolist() == [1, 2]


def test_lost_leading_zeros_are_given_back_where_the_width_is_known(tmp_path: Path) -> None:
    rows = [["code", "x"], ["01", 1], [2, 2], ["10", 3]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}), unit="code")
    assert panel.units.tolist() == ["01", "02", "10"]
    assert "Leading zeros were given back to the codes: 2" in notes(panel)


def test_a_list_of_codes_before_the_data_is_left_out(tmp_path: Path) -> None:
    sheets = {
        "代码表": [["代码", "城市"], [130200, "唐山"], [130400, "邯郸"]],
        "gdp": [["城市", 2000, 2001], ["唐山", 1, 2], ["邯郸", 3, 4]],
    }
    panel = es.read_panel(book(tmp_path / "a.xlsx", sheets))
    assert panel["gdp"].tolist() == [1, 2, 3, 4]
    assert "left out: 代码表" in notes(panel)


def test_a_plain_table_leaves_no_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,year,x\na,2000,1\na,2001,\n")
    assert es.read_panel(path, unit="city", period="year").notes == ()


def test_a_file_named_by_a_year_is_of_that_year(tmp_path: Path) -> None:
    path = tmp_path / "2017.csv"
    path.write_text("city,gdp\na,1\nb,2\n")
    assert es.read_panel(path, unit="city").periods.tolist() == [2017]
    path.write_text("city,year,gdp\na,2016,1\nb,2016,2\n")
    assert es.read_panel(path, unit="city").periods.tolist() == [2016]


def test_columns_of_ids_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,year,2000,2001\na,1950,1,2\nb,1960,3,4\n")
    panel = es.read_panel(path)
    assert panel.period_name == "period"
    assert panel["year"].tolist() == [1950, 1950, 1960, 1960]
    with pytest.raises(DataError, match="Columns stand twice: year"):
        es.read_panel(path, period="year", layout="wide")


def test_attributes_of_units_join_when_every_sheet_is_asked_for(tmp_path: Path) -> None:
    sheets = {
        "gdp": [["city", 2000, 2001], ["a", 1, 2], ["b", 3, 4]],
        "area": [["city", "km2"], ["b", 20], ["a", 10]],
    }
    path = book(tmp_path / "a.xlsx", sheets)
    assert es.read_panel(path).columns == ["gdp"]
    assert es.read_panel(path, sheet="all")["km2"].tolist() == [10, 10, 20, 20]
    path = book(tmp_path / "b.xlsx", {**sheets, "area": [*sheets["area"], ["a", 11]]})
    with pytest.raises(DataError, match="Units stand more than once in 'area': a"):
        es.read_panel(path, sheet="all")


def test_a_cell_far_away_is_an_error_and_no_endless_wait(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = "city", 1
    made.save(path)
    with pytest.raises(FileError, match="reaches to row 1048576"):
        es.read_panel(path)


def test_rows_that_name_nothing_new_are_no_part_of_a_name(tmp_path: Path) -> None:
    rows = [
        ["地区", "人口", "产值"],
        ["Region", "Population", "GDP"],
        [None, "(万人)", "(亿元)"],
        ["甲", 1, 2],
        ["唐山", 700, 3.5],
    ]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"a": rows}))
    assert panel.frame.to_numpy().tolist() == [[700.0, 3.5]]
    assert panel.labels == {"人口": "人口 (万人)", "产值": "产值 (亿元)"}


def test_units_without_any_number_are_named(tmp_path: Path) -> None:
    rows = [["城市", 2000, 2001], ["河北省", None, None], ["唐山", 1, 2], ["邯郸", None, 3]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"a": rows}))
    assert "These units have no number at all: 河北省;" in notes(panel)


def test_years_above_variables_and_variables_above_years_are_the_same(tmp_path: Path) -> None:
    above = [["城市", 2000, None, 2001, None], [None, "x", "y", "x", "y"], ["a", 1, 2, 3, 4]]
    below = [["城市", "x", None, "y", None], [None, 2000, 2001, 2000, 2001], ["a", 1, 3, 2, 4]]
    merged = {"s": ["A1:A2", "B1:C1", "D1:E1"]}
    first = es.read_panel(book(tmp_path / "a.xlsx", {"s": above}, merged))
    assert first.fingerprint() == es.read_panel(book(tmp_path / "b.xlsx", {"s": below}, merged)).fingerprint()
    assert first.frame.to_numpy().tolist() == [[1, 2], [3, 4]]


def test_a_join_keeps_what_the_reading_noted(yearbook: Path) -> None:
    panel = es.read_panel(yearbook).where_units(["北京", "唐山市"])
    layer = es.Boundaries.of(["北京", "唐山市"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    geo = es.join(panel, layer)
    assert geo.notes[: len(panel.notes)] == panel.notes
    assert "Note: Read as wide: 3 years" in geo.summary()
    assert geo.labels == panel.labels


def test_a_unit_may_be_called_like_the_numbering_of_columns(tmp_path: Path) -> None:
    rows = [("甲", 2001, 1), ("乙", 2001, 2), ("甲", 2002, 3), ("乙", 2002, 4)]
    pd.DataFrame(rows, columns=["city", "year", "a"]).to_csv(tmp_path / "a.csv", index=False)
    found = es.read_panel(tmp_path / "a.csv", unit="city", period="year")
    assert len(found.frame) == 4 and not found.notes
    pd.DataFrame({"city": ["甲", "乙"], "rank": ["一", "二"]}).to_csv(tmp_path / "b.csv", index=False)
    assert len(es.read_panel(tmp_path / "b.csv", unit="city").frame) == 2


CITIES = ["北京", "唐山", "邯郸"]
DOWN = [[2000, 1, 2, 3], [2001, 4, 5, 6], [2002, 7, 8, 9]]


@pytest.mark.parametrize(
    "head",
    [
        ["年份", *CITIES],
        [None, "北京市", "唐山市", "邯郸市"],
        ["year", 110000.0, "130200", 130400],
        ["年份\\地区", "甲", "乙", "丙"],
        ["年份", "全国", *CITIES[1:]],
    ],
)
def test_years_down_and_places_across_are_found(tmp_path: Path, head: list[Any]) -> None:
    path = book(tmp_path / "a.xlsx", {"GDP": [["单位：亿元"], head, *DOWN], "SO2": [head, *DOWN]})
    panel = es.read_panel(path)
    assert panel.columns == ["GDP", "SO2"]
    assert len(panel.units) == 3 and panel.periods.tolist() == [2000, 2001, 2002]
    np.testing.assert_array_equal(panel.cube(["GDP"])[:, :, 0], [row[1:] for row in DOWN])
    np.testing.assert_array_equal(panel["SO2"], panel["GDP"])
    assert panel.labels["GDP"] == "GDP (亿元)"
    assert "Read with years down and units across: 3 units; sheets: 2." in notes(panel)


def test_years_down_without_units_say_how_to_go_on(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"GDP": [["年份", "甲", "乙", "丙"], *DOWN]})
    told = r"no column that is plainly of units.*layout='units-across' if .*\(甲, 乙, 丙\)"
    with pytest.raises(DataError, match=told):
        es.read_panel(path)
    panel = es.read_panel(path, layout="units-across", period="年份")
    assert panel["GDP"].to_dict()[("乙", 2001)] == 5
    out = tmp_path / "out.csv"
    assert main(["classify", str(path), "--layout", "units-across", "--unknown", "empty", "--out", str(out)]) == 0
    assert pd.read_csv(out)["unit"].unique().tolist() == ["甲", "乙", "丙"]


def test_units_across_that_cannot_be_are_named(tmp_path: Path) -> None:
    twice = book(tmp_path / "a.xlsx", {"GDP": [["年份", *CITIES], *DOWN, DOWN[0]]})
    with pytest.raises(DataError, match="'GDP' has these twice: 2000"):
        es.read_panel(twice, layout="units-across")
    wide = book(tmp_path / "c.xlsx", {"GDP": [["地区", 2000, 2001, 2002], ["唐山", 1, 2, 3]]})
    with pytest.raises(DataError, match=r"'GDP' has years across \(2000, 2001, 2002\)"):
        es.read_panel(wide, layout="units-across")
    deep = [["年份", "北京", None, "唐山"], [None, "GDP", "SO2", "GDP"], *DOWN]
    with pytest.raises(DataError, match="header of several rows"):
        es.read_panel(book(tmp_path / "b.xlsx", {"GDP": deep}, {"GDP": ["B1:C1"]}), layout="units-across")


@pytest.mark.parametrize("years", [["'98", "'99", "'00"], ["98年", "99年", "00年"], ["98", "99", "00"]])
def test_years_of_two_digits_are_refused_across(tmp_path: Path, years: list[str]) -> None:
    path = book(tmp_path / "a.xlsx", {"GDP": [["地区", *years], ["唐山", 1, 2, 3]]})
    with pytest.raises(DataError, match=r"years of two digits .*write all four"):
        es.read_panel(path)
    assert es.read_panel(path, layout="long").columns == years


@pytest.mark.parametrize("years", [[98, 99, 0], ["98", "99", "00"], ["98年", "99年", "00年"]])
def test_years_of_two_digits_are_refused_down(tmp_path: Path, years: list[Any]) -> None:
    path = book(tmp_path / "a.xlsx", {"GDP": [["地区", "年份", "x"], *(["唐山", year, 1] for year in years)]})
    with pytest.raises(DataError, match="'年份' seem to be years of two digits"):
        es.read_panel(path)


def test_waves_and_numbered_questions_are_no_years(tmp_path: Path) -> None:
    rows = [["地区", "period", "q01", "q02", "q03"], *(["唐山", wave, 1, 2, 3] for wave in (1, 2, 3))]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}))
    assert panel.periods.tolist() == [1, 2, 3] and "two digits" not in notes(panel)
    short = es.read_panel(book(tmp_path / "b.xlsx", {"s": [["地区", "gdp99", "gdp00", "gdp01"], ["唐山", 1, 2, 3]]}))
    assert "gdp1999 would be read as one of a panel" in notes(short)


def test_two_years_stay_variables_and_say_so(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"s": [["地区", "GDP2000", "GDP2001"], ["唐山", 1, 2]]})
    assert "layout='wide' reads them as a panel" in notes(es.read_panel(path))
    assert es.read_panel(path, layout="wide").periods.tolist() == [2000, 2001]


def test_a_header_that_is_repeated_is_no_unit(tmp_path: Path) -> None:
    head = ["地区", 2000, 2001, 2002]
    rows = [head, ["北京", 1, 2, 3], ["续表"], head, ["唐山", 4, 5, 6]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"GDP": rows}))
    assert panel.units.tolist() == ["北京", "唐山"]
    assert "rows that repeat the header were left out: 3, 4" in notes(panel)
    other = [head, ["北京", 1, 2, 3], ["地区", 2003, 2004, 2005], ["唐山", 4, 5, 6]]
    with pytest.raises(DataError, match="Row 3 of 'GDP' begins another table"):
        es.read_panel(book(tmp_path / "b.xlsx", {"GDP": other}))


def test_notes_of_several_lines_are_no_units(tmp_path: Path) -> None:
    rows = [["地区", 2000, 2001, 2002], ["北京", 1, 2, 3], ["唐山", None, None, None]]
    told = [["注:1.本表按当年价格计算"], ["   2.不含市辖县"], ["资料来源：统计年鉴"]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"GDP": [*rows, *told]}))
    assert panel.units.tolist() == ["北京", "唐山"]
    with pytest.raises(DataError, match="The table has no rows"):
        es.read_panel(book(tmp_path / "b.xlsx", {"GDP": [rows[0], told[0]]}))
    assert "left out below the table: 注:1.本表按当年价格计算, 2.不含市辖县, 资料来源：统计年鉴" in notes(panel)


def test_signs_of_notes_on_years_are_left_out(tmp_path: Path) -> None:
    rows = [["地区", "2015年底", "2016*", "2017①", 2018], ["北京", 1, 2, 3, 4]]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"人口": rows}))
    assert panel.columns == ["人口"] and panel["人口"].tolist() == [1, 2, 3, 4]


def test_formulas_that_were_never_computed_are_refused(tmp_path: Path) -> None:
    rows = [["地区", 2000, 2001, 2002], ["北京", 1, "=B2*2", 3]]
    with pytest.raises(FileError, match="Cell C2 of sheet 'GDP' holds a formula that was never computed"):
        es.read_panel(book(tmp_path / "a.xlsx", {"GDP": rows}))


def test_a_column_that_counts_rows_is_no_unit(tmp_path: Path) -> None:
    rows = [["id", "省份", "city name", "Year", "gdp"]]
    rows += [[2 * at + year - 1999, "河北", city, year, 1] for at, city in enumerate(CITIES) for year in (2000, 2001)]
    panel = es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}))
    assert panel.units.tolist() == CITIES and panel.periods.tolist() == [2000, 2001]


def test_a_row_that_stands_twice_is_named_though_rows_are_counted(tmp_path: Path) -> None:
    rows = [["id", "城市", "年份", "x"], [1, "唐山", 2000, 1], [2, "唐山", 2000, 1], [3, "邯郸", 2001, 1]]
    with pytest.raises(DataError, match="unit 唐山 in 2000"):
        es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}))


@pytest.mark.parametrize("form", ["{}年数据", "GDP{}", "{}"])
def test_years_in_the_names_of_sheets_are_periods(tmp_path: Path, form: str) -> None:
    sheets = {form.format(year): [["城市", "GDP"], *([city, year] for city in CITIES)] for year in (2000, 2001)}
    panel = es.read_panel(book(tmp_path / "a.xlsx", {**sheets, "说明": [["来源"]]}))
    assert panel.periods.tolist() == [2000, 2001]
    assert (panel["GDP"] == panel.index.get_level_values("period")).all()


def test_a_column_of_variables_is_no_unit(tmp_path: Path) -> None:
    rows = [["地区：北京市"], ["指标", "2002年", "2001年", "2000年"], ["GDP", 1, 2, 3], ["人口", 1, 2, 3]]
    with pytest.raises(DataError, match="'指标' of 's' names variables"):
        es.read_panel(book(tmp_path / "a.xlsx", {"s": rows}))


def test_totals_and_groups_of_units_are_named(tmp_path: Path) -> None:
    rows = [["地区", 2000, 2001, 2002], *([name, 1, 2, 3] for name in ("全 国 总 计", "东部地区", "北京"))]
    assert "look like totals: 全国总计, 东部地区; drop" in notes(es.read_panel(book(tmp_path / "a.xlsx", {"s": rows})))


def test_a_sheet_keeps_the_name_that_somebody_gave_it(tmp_path: Path) -> None:
    rows = [["地区", 2000, 2001, 2002], ["北京", 1, 2, 3]]
    assert es.read_panel(book(tmp_path / "data.xlsx", {"GDP": rows})).columns == ["GDP"]
    assert es.read_panel(book(tmp_path / "GDP.xlsx", {"Sheet1": rows})).columns == ["GDP"]


def test_a_file_that_is_no_workbook_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(FileError, match="is no workbook of Excel 2007 or later"):
        es.read_panel(tmp_path / "a.xlsx")


def test_a_year_in_a_heading_is_no_column_of_years(tmp_path: Path) -> None:
    rows = [["省份", "城市", "2000年", "2001年", "2002年"], ["河北", "唐山", 1, 2, 3], ["河北", "邯郸", 4, 5, 6]]
    panel = es.read_panel(book(tmp_path / "2000.xlsx", {"s": rows}))
    assert panel.units.tolist() == ["唐山", "邯郸"] and panel.periods.tolist() == [2000, 2001, 2002]

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial.errors import DataError


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city": ["唐山", "邯郸", "唐山", "邯郸"],
            "year": [2001, 2001, 2000, 2000],
            "gdp": [3.0, 4.0, 1.0, 2.0],
            "so2": [1, 2, 3, 4],
        }
    )


def test_units_keep_their_order_and_periods_are_sorted() -> None:
    panel = es.Panel.from_frame(frame(), unit="city", period="year")
    assert list(panel.units) == ["唐山", "邯郸"]
    assert list(panel.periods) == [2000, 2001]
    assert panel.frame.index.names == ["unit", "period"]
    assert panel.balanced


def test_cube_is_period_by_unit_by_column() -> None:
    cube = es.Panel.from_frame(frame(), unit="city", period="year").cube(["gdp", "so2"])
    assert cube.shape == (2, 2, 2)
    assert cube[0, 1].tolist() == [2.0, 4.0]
    assert cube[1, 0].tolist() == [3.0, 1.0]


def test_a_cross_section_has_one_period() -> None:
    panel = es.Panel.from_frame(frame().iloc[:2].drop(columns="year"), unit="city")
    assert panel.is_cross_section
    assert len(panel.periods) == 1
    assert panel.cube(["gdp"]).shape == (1, 2, 1)


def test_nothing_the_caller_does_reaches_the_panel() -> None:
    source = frame()
    panel = es.Panel.from_frame(source, unit="city", period="year")
    before = panel.fingerprint()
    source.loc[0, "gdp"] = 99.0
    for copy in (panel.frame["gdp"], panel["gdp"]):
        copy.iloc[0] = 7.0
    assert panel.fingerprint() == before


def test_a_frame_indexed_by_unit_and_period_needs_no_names() -> None:
    panel = es.Panel.from_frame(frame(), unit="city", period="year")
    again = es.Panel.from_frame(panel.frame)
    assert again.fingerprint() == panel.fingerprint()


def test_duplicates_are_named() -> None:
    twice = pd.concat([frame(), frame().iloc[:1]])
    with pytest.raises(DataError, match="unit 唐山 in 2001"):
        es.Panel.from_frame(twice, unit="city", period="year")


def test_units_without_period_column_that_repeat_are_named() -> None:
    with pytest.raises(DataError, match="name the period column"):
        es.Panel.from_frame(frame(), unit="city")


def test_a_missing_column_is_suggested() -> None:
    with pytest.raises(DataError, match="did you mean 'city'"):
        es.Panel.from_frame(frame(), unit="City", period="year")
    with pytest.raises(DataError, match=r"'gpd'.*did you mean 'gdp'"):
        es.Panel.from_frame(frame(), unit="city", period="year").cube(["gpd"])


@pytest.mark.parametrize(
    ("cell", "message"),
    [("n/a", "holds 'n/a'"), (None, "is empty for unit 邯郸, period 2001"), (np.inf, "is infinite for unit 邯郸")],
)
def test_a_cell_that_is_no_number_is_named(cell: object, message: str) -> None:
    bad = frame().astype({"gdp": object})
    bad.loc[1, "gdp"] = cell
    panel = es.Panel.from_frame(bad, unit="city", period="year")
    with pytest.raises(DataError, match=message):
        panel.numbers(["gdp"])


def test_empty_ids_are_named() -> None:
    bad = frame()
    bad.loc[2, "city"] = " "
    with pytest.raises(DataError, match="unit column 'city' is empty in row 3 below the header"):
        es.Panel.from_frame(bad, unit="city", period="year")


def test_absent_unit_periods_are_reported() -> None:
    panel = es.Panel.from_frame(frame().iloc[:3], unit="city", period="year")
    assert not panel.balanced
    assert panel.balance().to_numpy().tolist() == [["邯郸", 2000]]
    assert np.isnan(panel.cube(["gdp"])[0, 1, 0])
    with pytest.raises(DataError, match="Unit 邯郸 has no row for period 2000"):
        panel.cube(["gdp"], missing="error")


def test_missing_cells_are_reported() -> None:
    holes = frame()
    holes.loc[0, "gdp"] = np.nan
    report = es.Panel.from_frame(holes, unit="city", period="year").missing()
    assert report.to_numpy().tolist() == [["唐山", 2001, "gdp"]]


def test_codes_read_as_floats_are_whole_again() -> None:
    panel = es.Panel.from_frame(pd.DataFrame({"code": [130200.0, 130400.0], "y": [1, 2]}), unit="code")
    assert panel.units.tolist() == [130200, 130400]


def test_assign_aligns_by_id_not_by_position() -> None:
    panel = es.Panel.from_frame(frame(), unit="city", period="year")
    shuffled = panel["gdp"].iloc[::-1] * 10
    assert panel.assign(ten=shuffled)["ten"].tolist() == [30.0, 40.0, 10.0, 20.0]
    by_unit = pd.Series({"邯郸": 1.0, "唐山": 2.0})
    assert panel.assign(by=by_unit)["by"].tolist() == [2.0, 1.0, 2.0, 1.0]
    with pytest.raises(DataError, match="is not the units of the panel"):
        panel.assign(none=pd.Series({"北京": 1.0}))


@pytest.mark.parametrize("columns", [["a", "a", "city"]])
def test_columns_that_stand_twice_are_named(columns: list[str]) -> None:
    with pytest.raises(DataError, match="Columns stand twice: a"):
        es.Panel.from_frame(pd.DataFrame([[1, 2, "x"]], columns=columns), unit="city")


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        es.Panel.from_frame(frame().iloc[:0], unit="city", period="year")


def test_rows_are_named_with_a_mark_that_they_do_not_hold() -> None:
    panel = es.Panel.from_frame(frame(), unit="city", period="year")
    assert str(panel.named([0, 3])) == "unit 唐山, period 2001; unit 邯郸, period 2000"
    assert str(panel.named(range(4), limit=1)) == "unit 唐山, period 2001 and 3 more"
    alone = es.Panel.from_frame(frame().iloc[:2], unit="city")
    assert str(alone.named([0, 1])) == "unit 唐山, unit 邯郸"


@pytest.mark.parametrize("mark", [",", ";", "、", ", ", "，"])
def test_columns_given_as_one_are_taken_apart_in_the_message(mark: str) -> None:
    panel = es.Panel.from_frame(frame(), unit="city", period="year")
    with pytest.raises(DataError, match=r"no column 'gdp.*so2'; give its columns one by one.*: gdp so2$"):
        panel.select([f"gdp{mark}so2"])
    with pytest.raises(DataError, match="there are"):
        panel.select([f"population{mark}area"])


def test_periods_whose_text_is_out_of_order_are_refused() -> None:
    months = pd.DataFrame({"city": "a", "month": ["2009M8", "2009M9", "2009M10"], "gdp": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match="'2009M10' stands before '2009M8'"):
        es.Panel.from_frame(months, unit="city", period="month")
    padded = months.assign(month=["2009M08", "2009M09", "2009M10"])
    assert es.Panel.from_frame(padded, unit="city", period="month").periods.tolist() == padded["month"].tolist()

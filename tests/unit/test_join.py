from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial import tools
from ecospatial.cli import main
from ecospatial.errors import DataError, JoinError, OptionError
from ecospatial.geo.join_report import JoinReport
from ecospatial.geo.merging import policies
from ecospatial.ports import ports
from ecospatial.shipped import data_path


def layer(ids: list[object], **attributes: list[object]) -> es.Boundaries:
    boxes = [shapely.box(at, 0, at + 1, 1) for at in range(len(ids))]
    return es.Boundaries.of(ids, boxes, "EPSG:4326", pd.DataFrame(attributes) if attributes else None)


def panel(rows: list[tuple[object, int, float, float]]) -> es.Panel:
    return es.Panel.from_frame(pd.DataFrame(rows, columns=["unit", "year", "gdp", "people"]), "unit", "year")


@pytest.fixture
def shandong() -> es.Panel:
    """Jinan to 2020, Laiwu to 2018, the last year before it became part of Jinan."""
    jinan = [("370100", year, 10.0 + year - 2016, 4.0) for year in range(2016, 2021)]
    return panel([*jinan, *(("371200", year, 1.0, 1.0) for year in range(2016, 2019))])


JINAN = layer(["370100", "370200"], name=["济南市", "青岛市"])


def test_a_merged_unit_is_flagged_and_nothing_is_added(shandong: es.Panel) -> None:
    geo = es.join(shandong, JINAN)
    row = geo.report.to_frame().set_index("unit").loc["371200"]
    assert pd.isna(row["boundary"]) and row["rule"] == "merged away" and row["suggestion_1"] == "370100 济南市"
    assert geo.frame.equals(shandong.frame)
    assert "name a policy for every column" in geo.summary()
    changes = geo.report.tables()["changes"]
    assert changes[["unit", "year", "change"]].values.tolist() == [
        ["370100", 2019, "merged"],
        ["371200", 2019, "merged"],
    ]


@pytest.mark.parametrize(
    ("merge", "gdp", "people"),
    [
        ("sum", [11, 12, 13, 13, 14], [5, 5, 5, 4, 4]),
        ("mean", [5.5, 6, 6.5, 13, 14], [2.5, 2.5, 2.5, 4, 4]),
        ("drop", [10, 11, 12, 13, 14], [4, 4, 4, 4, 4]),
        ({"gdp": "weighted mean by people", "*": "sum"}, [41 / 5, 45 / 5, 49 / 5, 13, 14], [5, 5, 5, 4, 4]),
        ("gdp = mean by people; people = drop", [41 / 5, 45 / 5, 49 / 5, 13, 14], [4, 4, 4, 4, 4]),
    ],
)
def test_a_merger_joins_figures_by_named_policy(
    shandong: es.Panel, merge: object, gdp: list[float], people: list[float]
) -> None:
    geo = es.join(shandong, JINAN, merge=merge)  # type: ignore[arg-type]
    assert geo.units.tolist() == ["370100"]
    assert geo["gdp"].tolist() == pytest.approx(gdp)
    assert geo["people"].tolist() == pytest.approx(people)
    report = geo.report.to_frame().set_index("unit")
    assert report.loc["371200", ["boundary", "rule"]].tolist() == ["370100", "merged"]
    assert geo.report.only_in_panel == ()
    assert "371200 taken into 370100" in geo.summary()


def test_a_figure_that_is_lacking_leaves_the_sum_empty() -> None:
    rows = [("370100", 2017, 10.0, 4.0), ("370100", 2018, 10.0, 4.0), ("371200", 2018, np.nan, 1.0)]
    geo = es.join(panel(rows), JINAN, merge="sum")
    assert geo["gdp"].isna().tolist() == [True, True] and geo["people"].tolist()[1] == 5.0


def test_rows_after_the_merger_are_left_out_and_told(shandong: es.Panel) -> None:
    late = panel([("370100", 2018, 1.0, 1.0), ("370100", 2019, 2.0, 1.0), ("371200", 2018, 1.0, 1.0),
                  ("371200", 2019, 9.0, 1.0)])  # fmt: skip
    geo = es.join(late, JINAN, merge="sum")
    assert geo["gdp"].tolist() == [2.0, 2.0]
    assert "not added" in geo.summary()


@pytest.mark.parametrize(
    ("merge", "kind", "told"),
    [
        ({"gdp": "sum"}, OptionError, "no policy for people"),
        ({}, OptionError, "no policy for gdp, people"),
        ({"gdp": "total", "*": "sum"}, OptionError, "'total' for gdp is no policy"),
        ({"gpd": "sum", "*": "sum"}, DataError, "no column 'gpd'; did you mean 'gdp'"),
        ("gdp=mean by peple, *=sum", DataError, "no column 'peple'; did you mean 'people'"),
    ],
)
def test_policies_that_cannot_be_are_named(shandong: es.Panel, merge: object, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        es.join(shandong, JINAN, merge=merge)  # type: ignore[arg-type]


def test_a_unit_that_was_taken_in_is_not_unmatched(shandong: es.Panel) -> None:
    assert len(es.join(shandong, JINAN, unmatched="error", merge="sum").units) == 1
    with pytest.raises(JoinError, match="no boundary: 371200"):
        es.join(shandong, JINAN, unmatched="error")


def test_policies_read_as_text() -> None:
    assert policies("flag") is None
    assert policies("sum") == {"*": "sum"}


def test_one_place_under_two_names_is_joined_in_time_only_when_asked() -> None:
    rows = [("思茅", year, 1.0 * year, 1.0) for year in (2005, 2006)] + [("普洱", 2007, 7.0, 1.0)]
    puer = layer(["530800"], name=["普洱市"])
    with pytest.raises(JoinError, match="units 普洱 and 思茅 could both be 530800"):
        es.join(panel(rows), puer)
    geo = es.join(panel(rows), puer, merge="sum")
    assert geo.units.tolist() == ["普洱"] and geo["gdp"].tolist() == [2005.0, 2006.0, 7.0]
    with pytest.raises(JoinError, match="both have figures for 2007"):
        es.join(panel([*rows, ("思茅", 2007, 1.0, 1.0)]), puer, merge="sum")


def test_a_split_and_moved_counties_are_flagged_on_unit_and_year() -> None:
    cities = {"341400": "巢湖市", "340500": "马鞍山市", "340700": "铜陵市", "340800": "安庆市", "341500": "六安市"}
    rows = [(code, year, 1.0, 1.0) for code in cities for year in (2008, 2010, 2017)]
    there = [code for code in cities if code != "341400"]
    geo = es.join(panel(rows), layer(there, name=[cities[code] for code in there]), merge="sum")
    changes = geo.report.changes
    assert changes.loc[changes["unit"] == "340500", ["year", "change", "to"]].values.tolist() == [
        [2011, "split", "合肥市、芜湖市、马鞍山市"]
    ]
    moved = changes[changes["change"] == "county moved"].set_index("unit")
    assert moved["county"].to_dict() == {"340700": "枞阳县", "340800": "枞阳县", "341500": "寿县"}
    report = geo.report.to_frame().set_index("unit")
    assert report.loc["341400", "rule"] == "split" and geo.report.only_in_panel == ("341400",)
    assert "马鞍山" not in str(changes["county"]) and "340500 (2011)" in geo.summary()
    early = es.join(panel([row for row in rows if row[1] <= 2010]), layer(there))
    assert early.report.changes.empty


def test_a_correction_file_goes_out_is_edited_and_comes_back(tmp_path: Path) -> None:
    cities = layer(["130200", "130400"], name=["唐山市", "邯郸市"])
    data = panel([("邯单", 2000, 1.0, 1.0), ("唐山", 2000, 1.0, 1.0)])
    report = es.join(data, cities).report
    assert report.only_in_panel == ("邯单",)
    for path in (tmp_path / "frame.xlsx", tmp_path / "report.xlsx", tmp_path / "frame.csv"):
        if path.stem == "report":
            report.save(path)
            table = pd.read_excel(path, sheet_name="to_correct", dtype=object)
        else:
            table = report.corrections()
        table["boundary"] = table["boundary"].astype(object)
        table.loc[table["unit"] == "邯单", "boundary"] = table["suggestion_1"][0]
        with pd.ExcelWriter(path) if path.suffix == ".xlsx" else path.open("w", encoding="utf-8") as file:
            if path.suffix == ".xlsx":
                table.to_excel(file, sheet_name="to_correct")
            else:
                table.to_csv(file, index=False)
        again = es.join(data, cities, corrections=path)
        assert again.report.to_frame().set_index("unit")["boundary"].to_dict() == {"邯单": "130400", "唐山": "130200"}
    assert es.join(data, cities, corrections=table).report.matched == 2


def test_an_excel_panel_of_2000_meets_the_shipped_prefectures(tmp_path: Path) -> None:
    units = ["533200", "622200", "思茅", "襄樊", "522400", "唐山", "邯郸市", "1301", "恩施州", "Xi'an", "巢湖"]
    frame = pd.DataFrame({"城市": units, "年份": 2000, "产值": 1.0})
    frame.to_excel(tmp_path / "panel.xlsx", index=False)
    geo = es.join(
        es.read_panel(tmp_path / "panel.xlsx", unit="城市", period="年份"),
        es.read_boundaries(data_path("shapefiles/china_prefectures.shp")),
    )
    found = geo.report.to_frame()
    assert found["boundary"].astype(object).tolist()[:-1] == [
        *("530700", "620700", "530800", "420600", "520500"),
        *("130200", "130400", "130100", "422800", "610100"),
    ]
    assert found["rule"].tolist()[-1] == "split" and len(geo.report.only_in_boundaries) == 348


def test_corrections_and_policies_come_through_the_command_line(tmp_path: Path, shandong: es.Panel) -> None:
    frame = shandong.frame.reset_index()
    frame["unit"] = frame["unit"].replace({"370100": "Tsinan"})
    frame.to_csv(tmp_path / "panel.csv", index=False)
    JINAN.to_geodataframe().reset_index().to_file(tmp_path / "map.gpkg")
    (tmp_path / "right.csv").write_text("unit,boundary\nTsinan,370100\n")
    arguments = [str(tmp_path / "panel.csv"), "--unit", "unit", "--period", "period",
                 "--boundaries", str(tmp_path / "map.gpkg"), "--corrections", str(tmp_path / "right.csv")]  # fmt: skip
    out = tmp_path / "joined.csv"
    assert main(["join", *arguments, "--merge", "gdp=sum, people=drop", "--out", str(out)]) == 0
    assert pd.read_csv(out)["gdp"].tolist() == [11, 12, 13, 13, 14]
    named = [port.name for port in ports(tools.find("lisa"))]
    assert {"corrections", "datum", "unmatched"} <= set(named)


def test_the_report_is_a_result(tmp_path: Path, shandong: es.Panel) -> None:
    report = es.join(shandong, JINAN).report
    assert "371200" in report._repr_html_() and "莱芜市" in report._repr_html_()
    report.save(tmp_path / "report.html")
    assert "370100" in (tmp_path / "report.html").read_text(encoding="utf-8")
    report.store(tmp_path / "report.eco")
    back = JoinReport.load(tmp_path / "report.eco")
    for name, table in report.tables().items():
        assert back.to_frame(name).equals(table), name
    geo = es.join(shandong, JINAN, merge="sum")
    geo.store(tmp_path / "geo.eco")
    assert str(es.GeoPanel.load(tmp_path / "geo.eco").report) == str(geo.report)


def test_a_part_of_the_panel_keeps_its_part_of_the_report(shandong: es.Panel) -> None:
    part = es.join(shandong, JINAN).where_units(["370100"])
    assert part.report.to_frame()["unit"].tolist() == ["370100"]
    assert part.report.changes["unit"].tolist() == ["370100"]


def test_inputs_stay_as_they_were(shandong: es.Panel) -> None:
    before, map_before = shandong.fingerprint(), JINAN.fingerprint()
    es.join(shandong, JINAN, merge="sum")
    assert (shandong.fingerprint(), JINAN.fingerprint()) == (before, map_before)

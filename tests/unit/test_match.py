from __future__ import annotations

import time

import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import DataError, JoinError, OptionError
from ecospatial.geo import facts
from ecospatial.geo.join_report import JoinReport
from ecospatial.geo.match import match
from ecospatial.geo.names import folded, gb_code, gb_codes, romanised, stems
from ecospatial.geo.suggestions import closest


def layer(ids: list[object], **attributes: list[object]) -> es.Boundaries:
    boxes = [shapely.box(at % 20, at // 20, at % 20 + 1, at // 20 + 1) for at in range(len(ids))]
    return es.Boundaries.of(ids, boxes, "EPSG:4326", pd.DataFrame(attributes) if attributes else None)


@pytest.fixture(scope="module")
def china() -> es.Boundaries:
    """All prefectures of 2015 under their codes."""
    known = facts.prefectures()
    return layer(known.index.tolist(), name=known["name"].tolist(), pinyin=known["pinyin"].tolist())


def pairs(report: JoinReport) -> dict[object, tuple[object, str]]:
    return {row.unit: (row.boundary, row.rule) for row in report.to_frame().itertuples()}


@pytest.mark.parametrize(
    ("unit", "boundary", "rule"),
    [
        ("130200", "130200", "exact"),
        (130200.0, "130200", "exact"),
        ("１３０２００ ", "130200", "normalised"),
        ("1302", "130200", "code"),
        ("130200000000", "130200", "code"),
        ("533200", "530700", "code of another year"),
        ("622200", "620700", "code of another year"),
        ("532700", "530800", "code of another year"),
        ("522400", "520500", "code of another year"),
        ("632100", "630200", "code of another year"),
        ("110100", "110000", "code of another year"),
        ("唐山市", "130200", "name"),
        (" 唐山 ", "130200", "name without suffix"),
        ("丽江地区", "530700", "name without suffix"),
        ("恩施州", "422800", "name without suffix"),
        ("湘西", "433100", "name without suffix"),
        ("吉林", "220200", "name without suffix"),
        ("思茅", "530800", "name of another year"),
        ("襄樊市", "420600", "name of another year"),
        ("TANG SHAN", "130200", "pinyin"),
        ("Xi'an", "610100", "pinyin"),
        ("Lǚliáng Shì", "141100", "pinyin"),
        ("Hohhot", "150100", "pinyin"),
    ],
)
def test_a_unit_is_found_by_the_surest_rule(china: es.Boundaries, unit: object, boundary: str, rule: str) -> None:
    found = match([unit], china).to_frame().iloc[0]
    assert (found["boundary"], found["rule"]) == (boundary, rule)


@pytest.mark.parametrize(("old", "new"), [("533200", "530700"), ("622200", "620700"), ("522400", "520500")])
def test_vintages_work_both_ways(old: str, new: str) -> None:
    for unit, there in ((old, new), (new, old)):
        assert pairs(match([unit], layer([there, "130200"]))) == {unit: (there, "code of another year")}


@pytest.mark.parametrize(
    ("unit", "there"), [("思茅", "普洱市"), ("普洱", "思茅地区"), ("襄阳市", "襄樊"), ("毕节市", "毕节地区")]
)
def test_former_names_work_both_ways(unit: str, there: str) -> None:
    assert match([unit], layer([there, "唐山"])).matched == 1


@pytest.mark.parametrize(
    ("unit", "there"), [("533200", "丽江市"), ("丽江", "533200"), ("Puer", "532700"), (532700, "普洱")]
)
def test_codes_meet_names(unit: object, there: str) -> None:
    assert match([unit], layer([there])).matched == 1


def test_every_recoded_prefecture_of_the_facts_is_found(china: es.Boundaries) -> None:
    changes = facts.timeline().query("kind == 'recoded'")
    here = changes[changes["new"].isin(china.ids) & (changes["year"] <= 2015)]
    assert len(here) > 50
    frame = match(here["old"], china).to_frame()
    assert frame["boundary"].tolist() == here["new"].tolist()
    assert set(frame["rule"]) == {"code of another year"}


def test_every_prefecture_is_found_by_every_name(china: es.Boundaries) -> None:
    known = facts.prefectures()
    for column in ("name", "short"):
        report = match(known[column], china)
        assert report.to_frame()["boundary"].tolist() == known.index.tolist()
    spelt = known["pinyin"][~known["pinyin"].map(romanised).duplicated(keep=False)]
    assert match(spelt.str.upper(), china).to_frame()["boundary"].tolist() == spelt.index.tolist()


def test_a_spelling_of_two_cities_is_an_error_that_shows_both(china: es.Boundaries) -> None:
    with pytest.raises(JoinError, match=r"unit Suzhou could be 320500 \(苏州市\) or 341300 \(宿州市\)"):
        match(["Suzhou"], china)


@pytest.mark.parametrize("units", [["唐山", "唐山市"], ["130200", "唐山"], ["思茅", "普洱"], ["533200", "530700"]])
def test_two_units_for_one_boundary_are_an_error_that_shows_both(china: es.Boundaries, units: list[str]) -> None:
    with pytest.raises(JoinError, match="could both be") as caught:
        match(units, china)
    assert all(unit in str(caught.value) for unit in units)


def test_a_province_is_not_the_city_of_its_name() -> None:
    cities = layer(["吉林市", "长春市"])
    assert pairs(match(["吉林省", "长春"], cities))["吉林省"][1] == "unmatched"
    assert pairs(match(["河北", "吉林"], layer(["130000", "220000"])))["吉林"] == ("220000", "name without suffix")


def test_names_do_not_overrule_codes() -> None:
    counties = layer(["370116", "370101"], name=["莱芜区", "市中区"])
    report = match(["371200", "370101"], counties)
    assert report.only_in_panel == ("371200",)


def test_a_close_spelling_is_only_a_suggestion(china: es.Boundaries) -> None:
    report = match(["邯单市", "Tangshang", "石家庄"], china)
    frame = report.to_frame().set_index("unit")
    assert frame["boundary"].isna().tolist() == [True, True, False]
    assert frame.loc["邯单市", "suggestion_1"] == "130400 邯郸市"
    assert frame.loc["Tangshang", "suggestion_1"] == "130200 唐山市"
    assert "邯单市: did you mean 130400 邯郸市" in str(report)
    back = report.unused.set_index("boundary")
    assert back.loc["130400", "suggestion_1"] == "邯单市"


def test_other_countries_match_by_id_and_name_alone() -> None:
    regions = layer(["01", "02", "11"], name=["Ain", "Aisne", "Aude"])
    assert pairs(match([1, "AUDE"], regions)) == {"1": ("01", "normalised"), "AUDE": ("11", "name")}
    assert match([11, 2, 40], regions).matched == 2
    assert match([110000], regions).matched == 0
    assert match(["Kansas"], layer([1], name=["Kansas City"])).matched == 0
    assert match(["Cote d'Or"], layer(["21"], name=["Côte-d’Or"])).matched == 1


def test_codes_of_another_country_are_no_codes_of_china() -> None:
    assert gb_codes(["01", "02", "11", "12"]) == [None] * 4
    assert gb_code("999999") is None and gb_code("11011") is None and gb_code("130202001001") is None


def test_exact_rules_leave_all_else_alone(china: es.Boundaries) -> None:
    report = match(["130200", "唐山"], china, "exact")
    assert report.only_in_panel == ("唐山",)


def test_corrections_come_first(china: es.Boundaries) -> None:
    given = {"Suzhou": 341300, "邯单": "130400 邯郸市", "唐山": "-", "130200": None}
    found = pairs(match(["Suzhou", "邯单", "唐山", "130200"], china, corrections=given))
    assert found["Suzhou"] == ("341300", "correction") and found["邯单"] == ("130400", "correction")
    assert found["唐山"][1] == "left alone" and found["130200"] == ("130200", "exact")


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        ({"a": "x"}, OptionError, r"unit a the boundary x.*there are|did you mean"),
        (pd.DataFrame({"unit": ["a"]}), DataError, "needs the columns unit and boundary; boundary is not there"),
        (pd.DataFrame({"unit": ["a", "a"], "boundary": ["b", "c"]}), DataError, "unit a two boundaries: b and c"),
        ({"a": "b", "c": "b"}, JoinError, "units a and c could both be b"),
    ],
)
def test_corrections_that_cannot_be_are_named(given: object, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        match(["a", "c"], layer(["b", "c"]), corrections=given)  # type: ignore[arg-type]


def test_a_correction_of_a_stranger_is_told() -> None:
    report = match(["a"], layer(["a", "b"]), corrections={"z": "b"})
    assert "not in the panel: z" in str(report)


def test_suffixes_of_every_level() -> None:
    roots = {
        name: {root for _, root in stems(name)} for name in ("内蒙古自治区", "黔西南布依族苗族自治州", "寿县", "沙市")
    }
    assert roots == {
        "内蒙古自治区": {"内蒙古"},
        "黔西南布依族苗族自治州": {"黔西南"},
        "寿县": {"寿县"},
        "沙市": {"沙市"},
    }
    assert stems("密云县") & stems("密云区") and not stems("临夏县") & stems("临夏回族自治州")
    assert folded("1-10") != folded("11-0")


def test_suggestions_are_three_at_most_and_the_closest_first() -> None:
    near, back = closest([["Springfeld"]], [["Springfield"], ["Springdale"], ["Spring"], ["Springs"], ["Dover"]])
    assert len(near[0]) == 3 and near[0][0] == 0 and 4 not in back
    assert closest([], [["a"]]) == ({}, {})


def test_three_thousand_counties_take_less_than_a_second() -> None:
    ids = [str(110001 + 100 * at) for at in range(2900)]
    names = [f"{chr(0x4E00 + at % 290 * 7)}{'东西南北中上下大小新'[at // 290]}县" for at in range(2900)]
    counties = layer(list(ids), name=list(names))
    units = [*ids[:900], *(name[:-1] for name in names[900:1900]), *(f"{name[:-1]}川" for name in names[1900:])]
    started = time.perf_counter()
    report = match(units, counties)
    assert time.perf_counter() - started < 1.0
    assert report.matched == 1900 and report.to_frame()["suggestion_1"].notna().sum() == 1000


def test_a_total_is_like_no_city(china: es.Boundaries) -> None:
    report = match(["唐山", "合计", "合费"], china).to_frame().set_index("unit")
    assert report["suggestion_1"].dropna().to_dict() == {"合费": "340100 合肥市"}

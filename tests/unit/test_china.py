from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import DataError, OptionError
from ecospatial.geo import facts
from ecospatial.geo.city_groups import Classified, classify


def panel(**columns: list[object]) -> es.Panel:
    return es.Panel.from_frame(pd.DataFrame(columns), unit="code", period="year" if "year" in columns else None)


def test_the_plan_has_126_cities_of_prefecture_level_in_four_stages() -> None:
    counts = es.china.resource_cities()["stage"].value_counts().to_dict()
    assert counts == {"growing": 20, "mature": 66, "declining": 24, "regenerative": 16}


def test_the_sixteen_regenerative_cities_by_name() -> None:
    eastern = ["唐山", "包头", "鞍山", "盘锦", "葫芦岛", "通化", "徐州", "宿迁", "马鞍山", "淄博", "临沂"]
    names = [*eastern, "洛阳", "南阳", "丽江", "张掖", "阿坝"]
    found = es.china.resource_cities("regenerative")
    assert {name[: len(short)] for name, short in zip(found["name"], names, strict=True)} == set(names)
    assert (found["resource_type"] == "").all()


def test_a_stage_that_is_none_is_named() -> None:
    with pytest.raises(OptionError, match="regenerative"):
        es.china.resource_cities("old")  # type: ignore[arg-type]


def test_every_resource_city_is_a_unit_of_the_layer_and_stands_in_one_stage() -> None:
    listed = [code for codes in facts.facts()["resource_cities"].values() for code in codes]
    assert len(listed) == len(set(listed)) == 126
    assert set(listed) <= set(facts.prefectures().index)


def test_31_provinces_in_four_regions() -> None:
    regions = es.china.regions()["region"]
    assert regions.value_counts().to_dict() == {"West": 12, "East": 10, "Central": 6, "Northeast": 3}
    assert regions[["230000", "500000", "360000", "460000"]].tolist() == ["Northeast", "West", "Central", "East"]


def test_prefectures_have_pinyin_and_a_name_in_english_without_gaps() -> None:
    frame = facts.prefectures()
    assert len(frame) == 358 and frame.index.is_unique and frame.notna().all().all()
    assert frame.index.str.fullmatch(r"\d{6}").all()
    assert (
        frame["pinyin"].str.fullmatch(r"[A-Z][a-z']+").all() and frame["english"].str.fullmatch(r"[A-Z][a-z']+").all()
    )
    shown = frame.loc[["341500", "411100", "150100", "540300"]]
    assert shown["pinyin"].tolist() == ["Lu'an", "Luohe", "Huhehaote", "Changdu"]
    assert shown["english"].tolist() == ["Lu'an", "Luohe", "Hohhot", "Qamdo"]


@pytest.mark.parametrize(
    ("old", "new", "year", "kind"),
    [
        ("533200", "530700", 2002, "recoded"),
        ("622200", "620700", 2002, "recoded"),
        ("640300", "640500", 2003, "separated"),
        ("530800", "530800", 2007, "renamed"),
        ("420600", "420600", 2010, "renamed"),
        ("341400", "340500", 2011, "split"),
        ("522400", "520500", 2011, "recoded"),
        ("522200", "520600", 2011, "recoded"),
        ("632100", "630200", 2013, "recoded"),
        ("542200", "540500", 2016, "recoded"),
        ("652200", "650500", 2016, "recoded"),
        ("542400", "540600", 2017, "recoded"),
        ("371200", "370100", 2019, "merged"),
    ],
)
def test_the_changes_that_break_joins(old: str, new: str, year: int, kind: str) -> None:
    assert [old, new, year, kind] in facts.timeline().to_numpy(dtype=object).tolist()


def test_codes_of_the_timeline_were_in_force_when_they_changed() -> None:
    spans = facts.vintages().groupby("code").agg(first=("first", "min"), last=("last", "max"))
    closed = facts.vintages().groupby("code")["last"].apply(lambda years: years.notna().all())
    for row in facts.timeline().query("kind in ('recoded', 'merged', 'split') and old != '469003'").itertuples():
        assert closed[row.old] and spans["last"][row.old] == row.year - 1, row
        assert not spans["first"][row.new] > row.year, row


def test_the_timeline_of_a_place_by_any_of_its_codes() -> None:
    by_old, by_new = es.china.timeline(533200), es.china.timeline("530700")
    assert by_old.equals(by_new)
    assert by_new["code"].tolist() == ["533200", "530700"] and by_new["last"].tolist()[0] == 2001
    assert es.china.timeline(132400)["name"].tolist() == ["保定地区"]
    assert len(es.china.timeline()) > 600 and es.china.timeline()["place"].notna().all()
    with pytest.raises(DataError, match="999999"):
        es.china.timeline("999999")


def test_lower_bounds_belong_to_the_class_and_upper_do_not() -> None:
    bounds = [0, 20, 50, 100, 300, 500, 1000]
    names = ["small II", "small I", "medium", "large II", "large I", "mega", "super"]
    assert es.china.size_tiers(pd.Series(bounds, dtype=float)).tolist() == names
    below = pd.Series(bounds[1:], dtype=float) - 1e-6
    assert es.china.size_tiers(below, persons=10_000.0).tolist() == names[:-1]


def test_the_class_of_the_base_year_holds_throughout() -> None:
    index = pd.MultiIndex.from_product([["130200", "310000"], [2000, 2010]], names=["unit", "period"])
    people = pd.Series([90.0, 200.0, 800.0, 2000.0], index)
    assert es.china.size_tiers(people).tolist() == ["medium", "medium", "mega", "mega"]
    assert es.china.size_tiers(people, base_period="2010").tolist() == ["large II", "large II", "super", "super"]
    assert es.china.size_tiers(people, yearly=True).tolist() == ["medium", "large II", "mega", "super"]
    with pytest.raises(DataError, match="2005"):
        es.china.size_tiers(people, base_period=2005)


@pytest.mark.parametrize("people", [[2_000_000.0], [1.5], [np.nan]])
def test_a_population_that_no_city_has_asks_for_its_unit(people: list[float]) -> None:
    with pytest.raises(DataError, match="persons"):
        es.china.size_tiers(pd.Series(people))


def test_a_negative_population_is_named() -> None:
    with pytest.raises(DataError, match="b"):
        es.china.size_tiers(pd.Series([50.0, -1.0], index=["a", "b"]))


def test_classify_takes_codes_of_any_year_and_kind() -> None:
    found = classify(panel(code=[533200.0, 110000.0, 130000.0], y=[1, 2, 3])).frame
    assert found["region"].tolist() == ["West", "East", "East"]
    assert found["stage"].tolist() == ["regenerative", "none", "none"]
    text = classify(panel(code=["533200", " 620700 "], y=[1, 2])).frame
    assert text["stage"].tolist() == ["regenerative", "regenerative"]


def test_cities_recoded_after_the_plan_keep_their_stage() -> None:
    stages = facts.stages()
    late = facts.timeline().query("year > 2013 and kind == 'recoded'")
    for row in late.itertuples():
        if row.old in stages.index:
            assert classify(panel(code=[row.new], y=[1])).frame["stage"].tolist() == [stages[row.old]]


def test_a_code_that_never_was_stops_or_stays_empty() -> None:
    cities = panel(code=[130200, 999999], y=[1, 2])
    with pytest.raises(DataError, match="999999"):
        classify(cities)
    found = classify(cities, unknown="empty")
    assert found.frame["region"].isna().tolist() == [False, True]
    assert any("999999" in str(note) for note in found.notes)


def test_a_column_of_the_panel_is_not_replaced() -> None:
    with pytest.raises(DataError, match="region"):
        classify(panel(code=[130200], region=["here"]))
    assert "stage" not in classify(panel(code=[130200], stage=["x"]), resource=False).groups


def test_a_city_without_its_base_year_has_no_class_and_is_named() -> None:
    cities = panel(code=[130200, 130200, 310000], year=[2000, 2001, 2001], people=[90.0, 91.0, 2000.0])
    found = classify(cities, population="people")
    assert found.frame["size"].isna().tolist() == [False, False, True]
    assert any("310000" in str(note) for note in found.notes)


def test_a_panel_stays_a_panel_and_keeps_its_boundaries(tmp_path: Path) -> None:
    cities = panel(code=[130200, 310000], people=[90.0, 2000.0])
    plain = classify(cities, population="people")
    assert isinstance(plain, Classified) and not isinstance(plain, es.GeoPanel) and plain.boundaries is None
    squares = es.Boundaries.of([130200, 310000], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    mapped = classify(es.join(cities, squares), population="people")
    assert isinstance(mapped, es.GeoPanel) and len(mapped.weights("queen").ids) == 2
    assert mapped.where_units([130200]).groups == ("region", "stage", "size")
    mapped.store(tmp_path / "cities.eco")
    again = es.Result.load(tmp_path / "cities.eco")
    for name, table in mapped.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)
    assert type(again) is type(mapped) and again.provenance.tool == "classify"


def test_groups_are_counted_in_their_usual_order() -> None:
    cities = panel(code=[130200, 310000, 230100, 510100], people=[90.0, 2000.0, 400.0, 15.0])
    counted = classify(cities, population="people").to_frame("groups")
    assert counted.query("grouping == 'region'")["group"].tolist() == ["East", "West", "Northeast"]
    assert counted.query("grouping == 'size'")["group"].tolist() == ["super", "large I", "medium", "small II"]
    assert counted.groupby("grouping")["units"].sum().tolist() == [4, 4, 4]

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import DataError, FileError, GeometryError, JoinError
from ecospatial.shipped import data_path


def squares(ids: list[object]) -> es.Boundaries:
    return es.Boundaries.of(ids, [shapely.box(i, 0, i + 1, 1) for i in range(len(ids))])


def panel(ids: list[object]) -> es.Panel:
    return es.Panel.from_frame(pd.DataFrame({"unit": ids, "y": range(len(ids))}), unit="unit")


def test_join_reports_every_unit_on_both_sides() -> None:
    geo = es.join(panel(["a", "b", "x"]), squares(["b", "a", "c"]))
    report = geo.report.to_frame()
    assert report["unit"].tolist() == ["a", "b", "x"]
    assert report["rule"].tolist() == ["exact", "exact", "unmatched"]
    assert report["boundary"].isna().tolist() == [False, False, True]
    assert geo.report.only_in_panel == ("x",)
    assert geo.report.only_in_boundaries == ("c",)
    assert geo.boundaries.ids.tolist() == ["a", "b"]
    assert shapely.bounds(geo.boundaries.geometry[0])[0] == 1.0


def test_codes_as_numbers_meet_codes_as_text() -> None:
    geo = es.join(panel([130200, 130400]), squares(["130400", "130200"]))
    assert geo.report.matched == 2
    assert geo.boundaries.ids.tolist() == [130200, 130400]


def test_unmatched_units_stay_leave_or_stop() -> None:
    both = panel(["a", "x"]), squares(["a"])
    assert es.join(*both).units.tolist() == ["a", "x"]
    assert es.join(*both, unmatched="drop").units.tolist() == ["a"]
    with pytest.raises(JoinError, match="no boundary: x"):
        es.join(*both, unmatched="error")


def test_a_join_of_strangers_shows_both_sides() -> None:
    with pytest.raises(JoinError, match=r"The panel has: a, b.*The boundaries have: 1, 2"):
        es.join(panel(["a", "b"]), squares([1, 2]))


def test_a_unit_without_polygon_is_named_by_a_method_that_needs_it() -> None:
    geo = es.join(panel(["a", "b", "c", "x"]), squares(["a", "b", "c"]))
    with pytest.raises(JoinError, match=r"Only in the data: x"):
        es.moran(geo, "y", geo.weights("queen"))
    assert len(es.moran(geo.matched(), "y", "queen").to_frame()) == 1


@pytest.mark.parametrize("shape", [None, shapely.Polygon()])
def test_an_absent_geometry_is_named(shape: object) -> None:
    with pytest.raises(GeometryError, match="no geometry: b"):
        es.Boundaries.of(["a", "b"], [shapely.box(0, 0, 1, 1), shape])


def test_a_crossing_ring_is_repaired_and_reported() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    boundaries = es.Boundaries.of(["a", "b"], [bow, shapely.box(5, 5, 6, 6)])
    assert boundaries.repaired == ("a",)
    assert shapely.is_valid(boundaries.geometry).all()
    assert shapely.area(boundaries.geometry[0]) == pytest.approx(2.0)
    geo = es.join(panel(["a", "b"]), boundaries)
    assert "repaired for: a" in geo.summary()


def test_a_ring_without_area_is_refused() -> None:
    with pytest.raises(GeometryError, match="unit a is broken"):
        es.Boundaries.of(["a"], [shapely.Polygon([(0, 0), (1, 1), (0, 0)])])


def test_ids_that_stand_twice_are_named() -> None:
    with pytest.raises(DataError, match="more than once: a"):
        squares(["a", "a"])


def test_geodataframe_goes_and_comes_back() -> None:
    states = es.read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")
    back = es.Boundaries.from_geodataframe(states.to_geodataframe())
    assert back.fingerprint() == states.fingerprint()
    assert back.crs == states.crs == "EPSG:4269"
    assert states.geographic


def test_a_map_with_its_data_is_a_geopanel() -> None:
    states = es.read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")
    table = es.read_panel(data_path("panels/us_states_production.csv"), unit="state", period="year")
    geo = es.join(table, states)
    long = geo.to_geodataframe().reset_index()
    assert len(long) == 816
    again = es.GeoPanel.from_geodataframe(long, unit="unit", period="period")
    assert again.boundaries.fingerprint() == geo.boundaries.fingerprint()
    assert np.array_equal(again.cube(["employment"]), geo.cube(["employment"]))
    one = geo.to_geodataframe(period=1986)
    assert one.index.name == "unit" and len(one) == 48


def test_the_id_field_is_asked_for_where_it_is_not_plain() -> None:
    with pytest.raises(DataError, match=r"Name the id column.*there are: state, name, fips, division"):
        es.read_boundaries(data_path("shapefiles/us_states.shp"))


def test_a_table_is_no_map() -> None:
    with pytest.raises(FileError, match="no geometry"):
        es.read_boundaries(data_path("panels/us_states_production.csv"), unit="state")


def test_a_period_that_is_not_there_is_named() -> None:
    geo = es.join(panel(["a"]), squares(["a"]))
    with pytest.raises(JoinError, match="no period 1999"):
        geo.to_geodataframe(period=1999)


def test_selection_keeps_the_boundaries() -> None:
    geo = es.join(panel(["a", "b"]), squares(["a", "b"]))
    assert isinstance(geo.assign(z=1.0).select(["z"]), es.GeoPanel)
    assert geo.assign(z=1.0).boundaries is geo.boundaries
    assert geo.where_units(["b"]).boundaries.ids.tolist() == ["b"]
    assert geo.weights("queen").subset(["b"]).islands.tolist() == ["b"]

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import DataError, FileError, GeometryError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.fields import id_field, name_fields
from ecospatial.geo.gcj02 import from_gcj02, to_gcj02
from ecospatial.source import Source
from ecospatial.vector_files import table_encoding

NAMES = ["唐山市", "邯郸市"]
CITIES = {"ADCODE99": [130200, 130400], "NAME99": NAMES}
BOXES = [shapely.box(118, 39, 119, 40), shapely.box(114, 36, 115, 37)]


def cities(shapes: list[object] = BOXES, **columns: list[object]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(pd.DataFrame(columns or CITIES), geometry=list(shapes), crs="EPSG:4326")


def source(shapes: list[object], crs: str | None = "EPSG:4326", **columns: list[object]) -> Source:
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return Source(pd.DataFrame(columns or CITIES), geometry, crs, "a map")


def shapefile(
    folder: Path, encoding: str = "gb18030", cpg: str | None = None, page: int = 0, names: Sequence[str] = NAMES
) -> Path:
    """A shapefile with texts and a header of our own making."""
    path = folder / "城市.shp"
    marks = [f"mark{at}".ljust(20, "_") for at in range(len(names))]
    pyogrio.write_dataframe(cities(ADCODE99=CITIES["ADCODE99"], NAME99=marks), path)
    (folder / "城市.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "城市.cpg").write_text(cpg)
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[29] = page
    for mark, name in zip(marks, names, strict=True):
        raw = raw.replace(mark.encode(), name.encode(encoding).ljust(20))
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg", "page"),
    [
        ("gb18030", None, 0),
        ("gb18030", None, 0x4D),
        ("gb18030", None, 0x57),
        ("gb18030", "GBK", 0),
        ("gb18030", "936\n", 0),
        ("gb18030", "ANSI 936", 0x57),
        ("gb18030", "UTF-8", 0),
        ("gb18030", "nonsense", 0),
        ("utf-8", None, 0),
        ("utf-8", None, 0x57),
        ("utf-8", "UTF-8", 0x4D),
        ("utf-8", "65001", 0),
    ],
)
def test_a_chinese_shapefile_reads_right_whatever_it_says(
    tmp_path: Path, encoding: str, cpg: str | None, page: int
) -> None:
    boundaries = es.read_boundaries(shapefile(tmp_path, encoding, cpg, page))
    assert boundaries.ids.tolist() == [130200, 130400]
    assert boundaries.attributes["NAME99"].tolist() == ["唐山市", "邯郸市"]


def test_accented_letters_of_an_ansi_table_are_no_chinese(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "cp1252", page=0x57, names=["Côte d'Or", "Forêt-Noire"])
    assert table_encoding(path) == "cp1252"
    assert es.read_boundaries(path).attributes["NAME99"].tolist() == ["Côte d'Or", "Forêt-Noire"]


def kml() -> str:
    """The cities as a map program writes them, with heights."""
    places = "".join(
        f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},12" for x, y in shapely.get_coordinates(box))
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for name, box in zip(NAMES, BOXES, strict=True)
    )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>map</name>{places}</Document></kml>'


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet", ".kml", ".zip", ".shp", ".fgb"])
def test_every_format_comes_back_as_it_went(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cities{suffix}"
    layer = cities()
    if suffix == ".parquet":
        layer.to_parquet(path)
    elif suffix == ".zip":
        inner = shapefile(tmp_path)
        with zipfile.ZipFile(path, "w") as archive:
            for part in inner.parent.glob("城市.*"):
                archive.write(part, f"folder/{part.name}")
    elif suffix == ".kml":
        path.write_text(kml(), encoding="utf-8")
    else:
        pyogrio.write_dataframe(layer, path)
    boundaries = es.read_boundaries(path)
    assert boundaries.ids.astype(str).tolist() == (NAMES if suffix == ".kml" else ["130200", "130400"])
    assert shapely.equals(shapely.normalize(boundaries.geometry), shapely.normalize(np.array(BOXES))).all()
    assert boundaries.crs in ("EPSG:4326", "OGC:CRS84") and boundaries.geographic
    panel = es.Panel.from_frame(pd.DataFrame({"city": ["唐山", "邯郸"], "y": [1.0, 2.0]}), "city")
    assert es.join(panel, boundaries).report.matched == 2


def test_an_archive_with_several_maps_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "maps.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", "{}")
        archive.writestr("b.geojson", "{}")
    with pytest.raises(FileError, match=r"must hold one map, but holds: a\.geojson, b\.geojson"):
        es.read_boundaries(path)


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_names_it(tmp_path: Path, part: str) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(part).unlink()
    with pytest.raises(FileError, match=rf"needs the files 城市\{part} beside it"):
        es.read_boundaries(path)


@pytest.mark.parametrize("opened", [".shp", ".dbf"])
@pytest.mark.parametrize("part", [".shp", ".shx"])
def test_a_shapefile_that_is_cut_short_is_no_map(tmp_path: Path, part: str, opened: str) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(part).write_bytes(path.with_suffix(part).read_bytes()[:-20])
    with pytest.raises(FileError, match="shorter than it says it is"):
        es.read_boundaries(path.with_suffix(opened))


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"NAME99": ["唐山市", "邯郸市"], "PAC": [130200, 130400]}, "PAC"),
        ({"ct_adcode": ["130200", "130400"], "ct_name": ["唐山", "邯郸"]}, "ct_adcode"),
        ({"地级码": ["130200", "130400"], "地级": ["唐山", "邯郸"]}, "地级码"),
        ({"ADM2_PCODE": ["CN013002", "CN013004"], "ADM2_ZH": ["唐山市", "邯郸市"]}, "ADM2_PCODE"),
        ({"area": [1.0, 2.0], "市名称": ["唐山市", "邯郸市"]}, "市名称"),
        ({"ADCODE93": [130200, 130200], "名称": ["路南区", "丰南区"], "y": [1, 2]}, "ADCODE93"),
    ],
)
def test_the_id_field_is_found_by_its_usual_names(columns: dict[str, list[object]], field: str) -> None:
    if field == "ADCODE93":  # every row under one code names a group, so that the name serves
        field = "名称"
        columns = {name: cells * 3 for name, cells in columns.items()}
        columns["名称"] = ["路南区", "丰南区", "路北区", "古冶区", "开平区", "曹妃甸区"]
    assert id_field(pd.DataFrame(columns)) == field


def test_an_id_field_that_is_not_plain_is_asked_for() -> None:
    with pytest.raises(DataError, match=r"Name the id column.*there are: label, area"):
        id_field(pd.DataFrame({"label": ["a", "b"], "area": [1.0, 2.0]}))


def test_a_field_of_groups_names_no_unit() -> None:
    frame = pd.DataFrame({"省": ["河北省"] * 6, "NAME_2": list("abcdef"), "city_name": ["x"] * 6})
    assert name_fields(frame) == ["NAME_2"]


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (0, 0)])])
def test_one_unit_without_polygon_does_not_stop_the_run(shape: object) -> None:
    boundaries = Boundaries.from_source(source([BOXES[0], shape]))
    assert boundaries.ids.tolist() == [130200] and boundaries.absent == (130400,)
    assert "without a polygon: 130400" in str(boundaries.notes[0])
    panel = es.Panel.from_frame(pd.DataFrame({"code": [130200, 130400], "y": [1.0, 2.0]}), "code")
    geo = es.join(panel, boundaries)
    assert geo.report.to_frame()["rule"].tolist() == ["exact", "no polygon"]
    assert "without a polygon: 130400" in geo.summary() and "without a polygon" in str(geo.report)


def test_a_map_without_any_polygon_is_refused() -> None:
    with pytest.raises(GeometryError, match="No row of 'a map'"):
        Boundaries.from_source(source([None, shapely.Polygon()]))


def test_an_empty_polygon_in_a_table_with_its_own_map_leaves_its_unit() -> None:
    layer = cities([BOXES[0], shapely.Polygon()])
    geo = es.GeoPanel.from_geodataframe(layer, unit="ADCODE99")
    assert geo.units.tolist() == [130200, 130400] and geo.boundaries.ids.tolist() == [130200]


def test_rows_of_one_unit_are_dissolved_and_told() -> None:
    rows = {"ADCODE99": [130200, 130400, 130200], "NAME99": ["唐山市", "邯郸市", "唐山市"], "part": ["a", "b", "c"]}
    boundaries = Boundaries.from_source(source([*BOXES, shapely.box(119, 39, 120, 40)], **rows))
    assert boundaries.ids.tolist() == [130200, 130400]
    assert shapely.area(boundaries.geometry).tolist() == [2.0, 1.0]
    assert boundaries.attributes["NAME99"].tolist() == ["唐山市", "邯郸市"]
    assert boundaries.attributes["part"].isna().tolist() == [True, False]
    assert "dissolved: 130200" in str(boundaries.notes[0])


def test_rows_without_an_id_are_left_out_and_told() -> None:
    columns = {"NAME99": ["唐山市", "邯郸市", " "]}
    boundaries = Boundaries.from_source(source([*BOXES, shapely.box(110, 5, 115, 20)], **columns))
    assert len(boundaries) == 2 and "without an id, left out: 1" in str(boundaries.notes[0])


def test_heights_are_dropped_and_rings_repaired() -> None:
    high = shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5), (0, 0, 5)])
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    boundaries = Boundaries.from_source(source([high, bow], crs=None))
    assert not shapely.has_z(boundaries.geometry).any() and shapely.is_valid(boundaries.geometry).all()
    told = " ".join(map(str, boundaries.notes))
    assert "repaired for: 130400" in told and "no coordinate reference system" in told


def test_a_line_left_by_the_repair_is_no_part_of_a_polygon() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (3, 1), (1, 1), (0, 1), (0, 0)])
    boundaries = Boundaries.from_source(source([spike, BOXES[1]]))
    assert shapely.get_dimensions(boundaries.geometry).tolist() == [2, 2]
    assert shapely.area(boundaries.geometry[0]) == pytest.approx(1.0)


def published_shift(longitude: float, latitude: float) -> tuple[float, float]:
    """WGS 84 to GCJ-02 as the public programs write it, one point at a time."""
    x, y, pi = longitude - 105.0, latitude - 35.0, math.pi
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    north += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * pi) + 320 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    east += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = latitude / 180.0 * pi
    magic = 1 - 0.00669342162296594323 * math.sin(radians) ** 2
    north = north * 180.0 / ((6378245.0 * (1 - 0.00669342162296594323)) / (magic * math.sqrt(magic)) * pi)
    east = east * 180.0 / (6378245.0 / math.sqrt(magic) * math.cos(radians) * pi)
    return longitude + east, latitude + north


def test_gcj02_goes_and_comes_back_within_a_millimetre() -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    points = np.column_stack([draw.uniform(74, 135, 500), draw.uniform(18, 53, 500)])
    shifted = np.array([published_shift(*point) for point in points.tolist()])
    assert np.abs(to_gcj02(points) - shifted).max() < 1e-12
    metres = np.abs(from_gcj02(shifted) - points).max() * 111_320
    assert metres < 1e-3
    shift = np.hypot(*(shifted - points).T) * 111_320
    assert 50 < shift.min() < 300 < np.median(shift) < 600
    abroad = np.array([[2.35, 48.85], [-100.0, 40.0]])
    assert np.array_equal(from_gcj02(abroad), abroad)


def test_gcj02_is_named_when_reading(tmp_path: Path) -> None:
    path = tmp_path / "shifted.geojson"
    shifted = [shapely.transform(box, to_gcj02) for box in BOXES]
    pyogrio.write_dataframe(cities(shifted), path, COORDINATE_PRECISION=12)
    boundaries = es.read_boundaries(path, datum="gcj-02")
    there = shapely.get_coordinates(boundaries.geometry)
    assert np.abs(there - shapely.get_coordinates(np.array(BOXES))).max() * 111_320 < 1
    assert "GCJ-02" in " ".join(map(str, boundaries.notes))
    with pytest.raises(OptionError, match="needs degrees"):
        Boundaries.from_source(source([shapely.box(5e5, 4e6, 6e5, 5e6)] * 2), datum="gcj-02")
    with pytest.raises(OptionError, match="datum='gcj' is not a choice"):
        es.read_boundaries(path, datum="gcj")  # type: ignore[arg-type]


def test_notes_and_repairs_come_back_from_a_store(tmp_path: Path) -> None:
    from ecospatial.store import load_object, store_object

    rows = {"ADCODE99": [130200, 130400, 130200]}
    before = Boundaries.from_source(source([BOXES[0], None, shapely.box(119, 39, 120, 40)], crs=None, **rows))
    store_object(before, tmp_path / "b.eco")
    after = load_object(tmp_path / "b.eco", Boundaries)
    assert after.notes == before.notes and after.absent == before.absent


def test_a_layer_of_several_is_named_and_the_others_are_told(tmp_path: Path) -> None:
    path = tmp_path / "china.gpkg"
    cities().iloc[:1].to_file(path, layer="counties", driver="GPKG")
    cities().to_file(path, layer="cities", driver="GPKG")
    first = es.read_boundaries(path)
    assert first.ids.tolist() == [130200]
    assert "The layer 'counties' of the map was read; it has others: cities" in str(first.notes[0])
    for named in (es.read_boundaries(path, layer="cities"), es.read_boundaries(f"{path}|layername=cities")):
        assert named.ids.tolist() == [130200, 130400]
    with pytest.raises(FileError, match="has no layer 'towns'; there are: counties, cities"):
        es.read_boundaries(path, layer="towns")


def test_a_layer_with_polygons_goes_before_a_table(tmp_path: Path) -> None:
    path = tmp_path / "china.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"note": ["a"]}), path, layer="about", driver="GPKG")
    cities().to_file(path, layer="cities", driver="GPKG")
    assert es.read_boundaries(path).notes == ()


def test_files_that_only_look_like_maps_are_refused(tmp_path: Path) -> None:
    for suffix in (".shp", ".shx", ".dbf", ".gpkg", ".geojson"):
        (tmp_path / f"a{suffix}").write_bytes(b"no map " * 100_000)
    with pytest.raises(FileError, match=r"'a.shp' is no part of a shapefile"):
        es.read_boundaries(tmp_path / "a.shp")
    for suffix in (".gpkg", ".geojson"):
        with pytest.raises(FileError, match="is no map file, or a damaged one"):
            es.read_boundaries(tmp_path / f"a{suffix}")
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(GeometryError, match="is a map without a single row"):
        es.read_boundaries(tmp_path / "b.geojson")


def test_a_table_of_a_shapefile_that_is_cut_short_is_named(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-30])
    with pytest.raises(FileError, match=r"'城市.dbf' is shorter than it says it is"):
        es.read_boundaries(path)


@pytest.mark.parametrize("second", [shapely.reverse(BOXES[0]), shapely.box(118.1, 39.1, 118.9, 39.9)])
def test_units_that_lie_over_others_are_told(second: shapely.Polygon) -> None:
    made = Boundaries.from_source(source([BOXES[0], second]))
    assert [str(note) for note in made.notes] == ["Units of the map that lie over others: 130200–130400"]


def test_an_enclave_lies_over_nobody() -> None:
    ring = BOXES[0].difference(shapely.box(118.4, 39.4, 118.6, 39.6))
    assert Boundaries.from_source(source([ring, shapely.box(118.4, 39.4, 118.6, 39.6)])).notes == ()


def test_an_archive_that_lacks_a_part_names_it_as_it_is_called_there(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".dbf"):
            archive.write(path.with_suffix(suffix), f"地图/城市{suffix}")
    with pytest.raises(FileError, match=r"'城市.shp' is a part of a shapefile and needs the files 城市.shx"):
        es.read_boundaries(tmp_path / "a.zip")

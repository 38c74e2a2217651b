from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import ecospatial as es
from ecospatial.errors import FileError, MissingPackageError
from ecospatial.source import read_source

TABLE = pd.DataFrame({"城市": ["唐山", "邯郸"], "年份": [2017, 2017], "工业增加值": [1.25, 0.1 + 0.2]})


def write(path: Path) -> Path:
    writers = {
        ".csv": lambda: TABLE.to_csv(path, index=False),
        ".xlsx": lambda: TABLE.to_excel(path, index=False),
        ".dta": lambda: TABLE.rename(columns={"城市": "city", "年份": "year", "工业增加值": "value"}).to_stata(
            path, write_index=False, version=118, variable_labels={"city": "城市", "value": "工业增加值"}
        ),
        ".parquet": lambda: TABLE.to_parquet(path, index=False),
    }
    writers[path.suffix]()
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_chinese_table_reads_alike_from_every_format(tmp_path: Path, suffix: str) -> None:
    panel = es.read_panel(write(tmp_path / f"表{suffix}"), unit="城市", period="年份")
    assert panel.units.tolist() == ["唐山", "邯郸"]
    assert panel["工业增加值"].tolist() == pytest.approx(TABLE["工业增加值"].tolist(), rel=1e-15)


def test_stata_labels_are_kept(tmp_path: Path) -> None:
    panel = es.read_panel(write(tmp_path / "a.dta"), unit="city", period="year")
    assert panel.labels["value"] == "工业增加值"
    assert panel["value"].tolist() == TABLE["工业增加值"].tolist()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_csv_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.to_csv(index=False).encode(encoding))
    assert read_source(path).frame.columns.tolist() == TABLE.columns.tolist()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xff\x00\x81\xff")
    with pytest.raises(FileError, match="neither UTF-8 nor GB18030"):
        read_source(path)


def test_leading_zeros_of_codes_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("fips,y\n01,1\n10,2\n")
    assert es.read_panel(path, unit="fips").units.tolist() == ["01", "10"]


def test_a_geopackage_table_without_geometry_is_a_panel(tmp_path: Path) -> None:
    import pyogrio

    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(TABLE, path)
    panel = es.read_panel(path, unit="城市", period="年份")
    assert panel["工业增加值"].tolist() == TABLE["工业增加值"].tolist()


@pytest.mark.parametrize("name", ["nothing.csv", "picture.png"])
def test_files_that_cannot_serve_are_named(tmp_path: Path, name: str) -> None:
    if name.endswith("png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(FileError, match=name):
        read_source(tmp_path / name)


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".parquet", ".gpkg", ".shp"])
def test_a_damaged_file_is_an_error_of_one_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(b"this is none of it")
    with pytest.raises(FileError, match="broken") as caught:
        read_source(path)
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(MissingPackageError, match="pip install openpyxl"):
        read_source(path)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("fips,y\n" + "".join(f"{i + 10000},1\n" for i in range(2_500)) + "00042,1\n", "00042"),
        ("code,y\nNA,1\nCN,2\n", "NA"),
    ],
)
def test_codes_that_look_like_something_else_stay_codes(tmp_path: Path, text: str, units: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    panel = es.read_panel(path, unit=text.split(",")[0])
    assert units in panel.units


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,y\na,1,7\nb,2,7\n")
    with pytest.raises(FileError, match=r"Row 1 of 'a\.csv' has 3 cells, but the header names 2"):
        read_source(path)


def test_semicolons_and_decimal_commas_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code;y\na;1,5\nb;2,25\n")
    assert es.read_panel(path, unit="code")["y"].tolist() == [1.5, 2.25]


def test_words_for_absent_values_are_empty_among_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,y\na,NA\nb,2\n")
    assert es.read_panel(path, unit="code").missing().to_numpy().tolist() == [["a", 0, "y"]]


def test_floats_are_read_to_the_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    values = [0.1 + 0.2, 1e-300, 123456789.123456789, 2 / 3]
    path.write_text("code,y\n" + "".join(f"u{i},{value!r}\n" for i, value in enumerate(values)))
    assert es.read_panel(path, unit="code")["y"].tolist() == values


def test_sheets_are_found_by_name_even_if_it_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        TABLE.to_excel(book, sheet_name="notes", index=False)
        TABLE.assign(**{"工业增加值": [5.0, 6.0]}).to_excel(book, sheet_name="2017", index=False)
    assert es.read_panel(path, unit="城市", sheet="2017")["工业增加值"].tolist() == [5.0, 6.0]
    with pytest.raises(FileError, match="no sheet '2018'; there are: notes, 2017"):
        read_source(path, sheet="2018")


def test_columns_that_stand_twice_in_a_file_are_refused(tmp_path: Path) -> None:
    from ecospatial.errors import DataError

    path = tmp_path / "a.csv"
    path.write_text("code,y,y\na,1,2\n")
    with pytest.raises(DataError, match="Columns stand twice: y"):
        es.read_panel(path, unit="code")


@pytest.mark.parametrize("cpg", [True, False])
def test_a_chinese_shapefile_reads_right(tmp_path: Path, cpg: bool) -> None:
    import geopandas
    import shapely

    path = tmp_path / "map.shp"
    layer = geopandas.GeoDataFrame(
        {"名称": ["唐山市", "邯郸市"], "code": [130200, 130400]},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(2)],
    )
    layer.to_file(path, encoding="gb18030")
    if not cpg:
        path.with_suffix(".cpg").unlink()
        raw = bytearray(path.with_suffix(".dbf").read_bytes())
        raw[29] = 0
        path.with_suffix(".dbf").write_bytes(bytes(raw))
    boundaries = es.read_boundaries(path)
    assert boundaries.attributes["名称"].tolist() == ["唐山市", "邯郸市"]

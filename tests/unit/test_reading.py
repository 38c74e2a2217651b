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

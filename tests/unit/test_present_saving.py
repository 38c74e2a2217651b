"""Files: every kind holds the numbers, whole or not at all."""

from __future__ import annotations

import sys
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.errors import FileError, Message, MissingPackageError, OptionError
from ecospatial.present import flat, latex, spatial_files
from ecospatial.present.saving import WRITERS, save
from ecospatial.source import read_source

UNITS = ["唐山", "=SUM(A1)", "a<b & c_d", "plain"]
ONE_TABLE = (".csv", ".parquet", ".dta")


@pytest.fixture
def result() -> EfficiencyResult:
    """Scores of four units in two years, with names that trip careless writers."""
    frame = pd.DataFrame(
        {
            "unit": UNITS * 2,
            "year": [2016] * 4 + [2017] * 4,
            "劳动": [1.0, 2.0, 3.0, 1 / 3, 1.1, 2.2, 0.7, 4.0],
            "y": [1.0, 1.5, 1.2, 1.0, 0.9, 1.7, 1.1, 3.0],
        }
    )
    squares = [shapely.box(x, 30, x + 1, 31) for x in range(110, 114)]
    boundaries = es.Boundaries.of(UNITS, squares, "EPSG:4326")
    geo = es.join(es.Panel.from_frame(frame, unit="unit", period="year"), boundaries)
    found = es.radial(geo, inputs=["劳动"], outputs=["y"])
    return replace(found, notes=(*found.notes, Message.of("50 % of {what}", what="a<b")))


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["unit", "period"])


@pytest.mark.parametrize("table", ["scores", "slacks", "targets"])
@pytest.mark.parametrize("kind", ONE_TABLE)
def test_one_table_files_hold_every_bit(result: EfficiencyResult, tmp_path: Path, kind: str, table: str) -> None:
    path = tmp_path / f"out{kind}"
    save(result, path, table)
    back = keyed(read_source(path).frame)
    wanted = result.to_frame(table)
    assert back.columns.tolist() == wanted.columns.tolist()
    assert back.index.equals(wanted.index)
    for name in wanted.select_dtypes("floating"):
        assert np.array_equal(back[name].to_numpy(float), wanted[name].to_numpy(float), equal_nan=True)


def test_csv_repeats_to_the_byte_and_marks_its_encoding_only_beyond_ascii(
    result: EfficiencyResult, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        save(result, tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfunit,period,score")
    save(result, tmp_path / "c.csv", "periods")
    assert (tmp_path / "c.csv").read_bytes().startswith(b"period,")
    assert b"\r" not in (tmp_path / "a.csv").read_bytes()


def test_workbook_has_a_sheet_a_table_and_a_readme(result: EfficiencyResult, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "out.xlsx"
    save(result, path)
    book = load_workbook(path)
    assert book.sheetnames == [*result.tables(), "read me"]
    back = keyed(pd.read_excel(path, sheet_name="scores"))
    assert back["score"].to_numpy() == pytest.approx(result.scores.to_numpy(), rel=1e-15)
    assert [cell.data_type for cell in book["scores"]["A"]] == ["s"] * 9
    words = [str(cell.value) for row in book["read me"].iter_rows() for cell in row if cell.value]
    assert "50 % of a<b" in words and str(result.provenance) in words and str(result.title) in words


def test_word_holds_facts_tables_and_notes(result: EfficiencyResult, tmp_path: Path) -> None:
    from docx import Document

    path = tmp_path / "out.docx"
    save(result, path, "scores")
    document = Document(str(path))
    (table,) = document.tables
    assert [row.cells[0].text for row in table.rows][1:] == [str(unit) for unit, _ in result.scores.index]
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Note: 50 % of a<b" in text
    assert all(name in text for name in result.facts())


def test_latex_escapes_and_balances(result: EfficiencyResult, tmp_path: Path) -> None:
    path = tmp_path / "out.tex"
    save(result, path)
    text = path.read_text(encoding="utf-8")
    assert r"a$<$b \& c\_d" in text and "唐山" in text and r"50 \% of a$<$b" in text
    filled = [table for table in result.tables().values() if len(table)]
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == len(filled)
    assert r"\toprule" in text
    assert latex.escape("\\{^}") == r"\textbackslash{}\{\textasciicircum{}\}"


def test_page_escapes(result: EfficiencyResult, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    save(result, path)
    text = path.read_text(encoding="utf-8")
    assert "a&lt;b &amp; c_d" in text and "a<b" not in text and "唐山" in text


def test_geopackage_has_a_layer_a_unit_table(result: EfficiencyResult, tmp_path: Path) -> None:
    import geopandas
    import pyogrio

    path = tmp_path / "out.gpkg"
    save(result, path)
    layers = ["scores", "slacks", "targets", "improvement", "improvement_percent", "multipliers"]
    assert [name for name, _ in pyogrio.list_layers(path)] == layers
    layer = geopandas.read_file(path, layer="scores")
    assert layer.crs.to_epsg() == 4326
    assert np.array_equal(keyed(layer)["score"], result.scores)
    places = result.boundaries.ids.get_indexer(layer["unit"])
    assert shapely.equals(np.asarray(layer.geometry), result.boundaries.geometry[places]).all()


def test_heavy_polygons_stand_once(result: EfficiencyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import geopandas
    import pyogrio

    monkeypatch.setattr(spatial_files, "MOST_POINTS", 10)
    path = tmp_path / "out.gpkg"
    save(result, path, "scores")
    assert dict(pyogrio.list_layers(path)) == {"scores": None, "units": "Polygon"}
    assert len(geopandas.read_file(path, layer="units")) == 4
    assert len(geopandas.read_file(path, layer="scores")) == 8


def test_geojson_is_in_degrees(result: EfficiencyResult, tmp_path: Path) -> None:
    import geopandas

    projected = es.Boundaries.from_geodataframe(result.boundaries.to_geodataframe().to_crs("EPSG:3857"))
    moved = replace(result, data=replace(result.data, boundaries=projected))
    save(moved, tmp_path / "out.geojson")
    layer = geopandas.read_file(tmp_path / "out.geojson")
    assert layer.total_bounds == pytest.approx([110, 30, 114, 31])
    assert layer["unit"].tolist() == [unit for unit, _ in result.scores.index]


@pytest.mark.parametrize("kind", [".svg", ".png", ".pdf"])
def test_figures_repeat_to_the_byte(result: EfficiencyResult, tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        save(result, tmp_path / f"{name}{kind}")
    assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()


@pytest.mark.parametrize("kind", [*WRITERS])
def test_a_failure_leaves_the_old_file(
    result: EfficiencyResult, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"out{kind}"
    path.write_text("old")

    def half(result: object, draft: Path, table: str | None) -> None:
        draft.write_text("half of")
        raise ValueError("the disk\nis full")

    monkeypatch.setitem(WRITERS, kind, half)
    with pytest.raises(FileError, match="cannot be written: the disk"):
        save(result, path)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_unknown_kinds_are_answered_with_the_known(result: EfficiencyResult, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"'out\.mif'.*\.csv.*\.gpkg.*\.eco"):
        save(result, tmp_path / "out.mif")


def test_an_unknown_table_leaves_nothing(result: EfficiencyResult, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no table 'scroes'"):
        save(result, tmp_path / "out.csv", "scroes")
    assert list(tmp_path.iterdir()) == []


def test_maps_need_a_table_by_unit_and_boundaries(result: EfficiencyResult, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="there are: scores, slacks, targets"):
        save(result, tmp_path / "out.gpkg", "periods")
    bare = replace(result, data=es.Panel.from_frame(result.data.frame))
    with pytest.raises(OptionError, match="no boundaries"):
        save(bare, tmp_path / "out.gpkg")


@pytest.mark.parametrize(
    ("kind", "module", "package"),
    [
        (".parquet", "pyarrow", "pyarrow"),
        (".xlsx", "openpyxl", "openpyxl"),
        (".docx", "docx", "python-docx"),
        (".gpkg", "pyogrio", "geopandas"),
        (".png", "matplotlib", "matplotlib"),
    ],
)
def test_a_missing_package_is_named(
    result: EfficiencyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match=f"pip install {package}"):
        save(result, tmp_path / f"out{kind}")
    assert list(tmp_path.iterdir()) == []


def test_stata_takes_any_names_quietly(result: EfficiencyResult, tmp_path: Path) -> None:
    long = "industrial wastewater (10 000 t), " * 3
    slacks = result.slacks.set_axis([long, long + "2"], axis=1)
    slacks.iloc[0] = [np.inf, np.nan]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(replace(result, slacks=slacks), tmp_path / "out.dta", "slacks")
    with pd.read_stata(tmp_path / "out.dta", iterator=True) as reader:
        labels = reader.variable_labels()
        assert list(labels) == ["unit", "period", *flat.stata_names([long, long + "2"])]
        assert labels[flat.stata_names([long])[0]] == long[:80]
        assert reader.read().iloc[0, 2:].isna().all()


def test_result_save_reaches_the_writers(result: EfficiencyResult, tmp_path: Path) -> None:
    result.save(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").exists()
    with zipfile.ZipFile(tmp_path / "out.eco", "w"):
        pass
    result.save(tmp_path / "out.eco")
    assert type(result).load(tmp_path / "out.eco").scores.equals(result.scores)


def test_latex_writes_greek_as_commands() -> None:
    assert latex.escape("ρWy + Xβ → σ²") == r"$\rho$Wy + X$\beta$ $\rightarrow$ $\sigma$$^2$"

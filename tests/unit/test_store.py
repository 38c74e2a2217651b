from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import FileError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import JoinReport
from ecospatial.panel import Panel
from ecospatial.store import load_object, store_object


def geo(ids: list[object]) -> es.GeoPanel:
    frame = pd.DataFrame(
        {
            "unit": ids * 2,
            "period": np.repeat([2000, 2001], len(ids)),
            "x": np.array([0.1 + 0.2, np.nan, 1e-300, 3.0] * len(ids))[: 2 * len(ids)],
            "count": range(2 * len(ids)),
            "flag": [True, False] * len(ids),
            "text": ["", 'a,b\n"c"', "中文", None] * (len(ids) // 2),
        }
    )
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(len(ids))]
    return es.join(Panel.from_frame(frame, unit="unit", period="period"), Boundaries.of(ids, boxes, "EPSG:4326"))


@pytest.mark.parametrize("ids", [["010100", "b"], [1, 2], [1.5, 2.5]])
def test_a_panel_comes_back_as_it_was(ids: list[object], tmp_path: Path) -> None:
    before = geo(ids)
    before.store(tmp_path / "a.eco")
    after = es.GeoPanel.load(tmp_path / "a.eco")
    assert after.fingerprint() == before.fingerprint()
    assert after.units.tolist() == before.units.tolist()
    assert after.frame["x"].tolist()[0] == 0.1 + 0.2
    assert after.frame.drop(columns="text").dtypes.tolist() == before.frame.drop(columns="text").dtypes.tolist()
    assert after.boundaries.crs == "EPSG:4326"
    assert after.report.to_frame().equals(before.report.to_frame())
    assert after.provenance == before.provenance


def test_weights_come_back_as_they_were(tmp_path: Path) -> None:
    weights = geo(["a", "b"]).weights("queen")
    store_object(weights, tmp_path / "w.eco")
    again = load_object(tmp_path / "w.eco", es.Weights)
    assert again.fingerprint() == weights.fingerprint()
    assert repr(again) == repr(weights)


def test_the_same_object_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.eco", "b.eco"):
        geo(["a", "b"]).store(tmp_path / name)
    assert (tmp_path / "a.eco").read_bytes() == (tmp_path / "b.eco").read_bytes()


def test_the_file_is_a_zip_of_json_csv_and_arrays(tmp_path: Path) -> None:
    geo(["a", "b"]).store(tmp_path / "a.eco")
    with zipfile.ZipFile(tmp_path / "a.eco") as archive:
        kinds = {Path(name).suffix for name in archive.namelist()}
        assert kinds == {".json", ".csv", ".npy"}
        assert not any(archive.read(name).startswith(b"\x80\x04") for name in archive.namelist())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"a,b\n1,2\n"])
def test_damage_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.eco"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"a\.eco' is not a stored result"):
        es.Result.load(path)
    with pytest.raises(FileError, match="does not exist"):
        es.Result.load(tmp_path / "b.eco")


@pytest.mark.parametrize("place", ["os:system", "..errors:DataError", "panel:read_panel", "store:importlib"])
def test_a_file_cannot_name_other_code(place: str, tmp_path: Path) -> None:
    path = tmp_path / "a.eco"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "object.json", f'{{"format": 1, "object": {{"#": "object", "class": "{place}", "fields": {{}}}}}}'
        )
    with pytest.raises(FileError):
        es.Result.load(path)


def test_an_object_of_another_kind_is_named(tmp_path: Path) -> None:
    geo(["a", "b"]).store(tmp_path / "a.eco")
    with pytest.raises(FileError, match="holds a GeoPanel, but this needs a Weights"):
        load_object(tmp_path / "a.eco", es.Weights)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist; make it first"):
        geo(["a", "b"]).store(tmp_path / "no" / "a.eco")
    store_object(geo(["a", "b"]), tmp_path / "a.eco")
    with pytest.raises(TypeError):
        store_object({"not": object()}, tmp_path / "a.eco")
    assert isinstance(es.Result.load(tmp_path / "a.eco"), es.GeoPanel)
    assert [path.name for path in tmp_path.iterdir()] == ["a.eco"]


@pytest.mark.parametrize(
    "column",
    [
        pd.array([True, None], dtype="boolean"),
        pd.array([1, None], dtype="Int64"),
        pd.array([1.5, None], dtype="Float64"),
        pd.to_datetime(["2001-01-01", "2002-01-01"]),
        ["a\rb", "c\nd"],
        np.array([2**63, 1], dtype="uint64"),
    ],
)
def test_rare_kinds_of_cells_survive(column: object, tmp_path: Path) -> None:
    before = Panel.from_frame(pd.DataFrame({"unit": ["a", "b"], "x": column}), unit="unit")
    boundaries = Boundaries.of(["a", "b"], [shapely.box(i, 0, i + 1, 1) for i in range(2)])
    before.join(boundaries).store(tmp_path / "a.eco")
    after = es.GeoPanel.load(tmp_path / "a.eco")
    for one, other in zip(before["x"], after["x"], strict=True):
        assert (pd.isna(one) and pd.isna(other)) or str(one) == str(other)


def test_a_counter_stays_a_counter(tmp_path: Path) -> None:
    store_object(JoinReport(pd.DataFrame({"unit": ["a"], "boundary": ["a"], "rule": ["exact"]})), tmp_path / "r.eco")
    assert isinstance(load_object(tmp_path / "r.eco", JoinReport).matches.index, pd.RangeIndex)

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import ecospatial as es
from ecospatial.present.shapefile import short_names

NAMES = ["工业增加值亿元", "工业增加值占比", "efficiency_score", "Efficiency_Rank", "备注", "达标"]


@pytest.fixture
def joined() -> es.GeoPanel:
    frame = pd.DataFrame({"城市": ["唐山", "邯郸", "承德"], "年份": 2017})
    columns = [[1.5, np.inf, 2.0], [1, 2, 3], [0.1, np.nan, 0.3], [3, 2, 1], ["长" * 200, "", "b"], [True, False, True]]
    frame = frame.assign(**dict(zip(NAMES, columns, strict=True)))
    boxes = [shapely.box(at, 0, at + 1, 1) for at in range(2)]
    return es.join(es.Panel.from_frame(frame, "城市", "年份"), es.Boundaries.of(["唐山", "邯郸"], boxes, "EPSG:4326"))


def test_a_shapefile_reads_back_with_whole_names(joined: es.GeoPanel, tmp_path: Path) -> None:
    joined.save(tmp_path / "结果.shp")
    assert {path.suffix for path in tmp_path.iterdir()} >= {".shp", ".shx", ".dbf", ".cpg", ".prj", ".csv"}
    assert (tmp_path / "结果.cpg").read_text().strip() == "UTF-8"
    back = pyogrio.read_dataframe(tmp_path / "结果.shp")
    table = pd.read_csv(tmp_path / "结果_fields.csv")
    assert back.columns.drop("geometry").tolist() == table["field"].tolist()
    assert table["name"].tolist() == ["unit", "period", *NAMES]
    assert all(len(name.encode()) <= 10 for name in table["field"])
    full = back.rename(columns=dict(zip(table["field"], table["name"], strict=True)))
    assert full["unit"].tolist() == ["唐山", "邯郸", "承德"]
    assert full["工业增加值占比"].tolist() == [1, 2, 3]
    assert np.isnan(full["工业增加值亿元"][1]) and full["达标"].tolist() == [1, 0, 1]
    assert set(full["备注"][0]) == {"长"} and len(full["备注"][0].encode()) <= 254
    assert full.geometry.isna().tolist() == [False, False, True]
    assert es.read_boundaries(tmp_path / "结果.shp", unit="unit").ids.tolist() == ["唐山", "邯郸"]


def test_nothing_is_left_where_it_cannot_be_written(joined: es.GeoPanel, tmp_path: Path) -> None:
    with pytest.raises(es.EcospatialError, match="no table by unit"):
        joined.save(tmp_path / "a.shp", "changes")
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), min_size=1, max_size=12), max_size=40)
)
def test_short_names_fit_and_differ(names: list[str]) -> None:
    made = short_names(names)
    assert all(len(name.encode()) <= 10 for name in made)
    assert len({name.lower() for name in made}) == len(names)
    assert all(name == short for name, short in zip(names, made, strict=True) if len(name.encode()) <= 10 and
               [other.lower()[:10] for other in names].count(name.lower()[:10]) == 1 and short == name)  # fmt: skip

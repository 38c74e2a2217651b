"""The shipped layers of China in a real QGIS."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas
import pandas as pd
from qgis_profile import PLUGIN, Qgis

import ecospatial as es
from ecospatial.shipped import data_path

LAYER = data_path("shapefiles/china_prefectures.shp")


def test_layers_made_of_schematic_cells_say_so(qgis: Qgis, tmp_path: Path) -> None:
    panel = pd.read_csv(data_path("panels/china_prefectures_simulated.csv"))
    panel[panel["year"] == 2017].drop(columns="year").to_csv(tmp_path / "last.csv", index=False)
    done = qgis.run(
        "lisa",
        data=tmp_path / "last.csv",
        unit="code",
        boundaries=LAYER,
        boundary_unit="code",
        column="true_efficiency",
        permutations=99,
        clusters=tmp_path / "clusters.gpkg",
        page=tmp_path / "page.html",
        stored=tmp_path / "clusters.eco",
    )
    assert done.code == 0, done.text
    layer = geopandas.read_file(tmp_path / "clusters.gpkg")
    assert len(layer) == 357 and layer["schematic"].astype(bool).all()
    assert es.Result.load(tmp_path / "clusters.eco").caveats
    assert "simulated" in (tmp_path / "page.html").read_text(encoding="utf-8") and "simulated" in done.text


def test_the_facts_are_in_the_zip(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        inside = archive.read(f"{PLUGIN}/ecospatial/data/facts/china.json")
    assert inside == data_path("facts/china.json").read_bytes()

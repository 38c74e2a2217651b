"""Data that come with the package are what their description says."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import ecospatial as es
from ecospatial.shipped import data_path

FIGURES = ["capacity", "labour", "energy", "electricity", "co2"]
HOURS_IN_A_YEAR = 8760


@pytest.fixture(scope="module")
def power() -> pd.DataFrame:
    return pd.read_csv(data_path("panels/china_power.csv"))


def test_china_power_is_thirty_provinces_over_eleven_years(power: pd.DataFrame) -> None:
    panel = es.read_panel(data_path("panels/china_power.csv"), unit="code", period="year")
    assert panel.balanced and len(panel.units) == 30
    assert panel.periods.tolist() == list(range(2007, 2018))
    assert panel.missing().empty
    assert list(power) == ["code", "province", "name", "region", "year", *FIGURES]
    assert (power[FIGURES] > 0).all(axis=None)


def test_a_province_has_one_code_name_and_region(power: pd.DataFrame) -> None:
    labels = power[["code", "province", "name", "region"]].drop_duplicates()
    assert len(labels) == 30
    assert all(labels[name].is_unique for name in ("code", "province", "name"))
    assert labels["region"].value_counts().to_dict() == {"East": 10, "Central": 6, "West": 11, "Northeast": 3}
    assert (labels["code"] % 10_000 == 0).all()


@pytest.mark.parametrize(
    ("province", "year", "figures"),
    [
        ("Beijing", 2007, [390, 5.20, 728.87, 224.43, 1843.25]),
        ("Anhui", 2007, [1776, 7.34, 2966.92, 853.38, 8007.02]),
        ("Yunnan", 2017, [1613, 8.90, 1109.96, 239.66, 3127.40]),
    ],
)
def test_china_power_holds_the_figures_of_its_source(
    power: pd.DataFrame, province: str, year: int, figures: list[float]
) -> None:
    assert power.set_index(["province", "year"]).loc[(province, year), FIGURES].tolist() == figures


def test_china_power_sums_to_the_nation(power: pd.DataFrame) -> None:
    totals = power.groupby("year")[FIGURES].sum()
    assert totals.loc[2007].round(2).tolist() == [51604, 233.81, 100685.79, 27600.35, 270464.02]
    assert totals.loc[2017].round(2).tolist() == [110453, 288.81, 153168.83, 46621.20, 425736.96]


def test_the_units_of_china_power_are_those_documented(power: pd.DataFrame) -> None:
    """Hours of use and grams of coal for a kWh are those of a power station, but for the cell that is named."""
    hours = power["electricity"] * 1e8 / (power["capacity"] * 1e4)
    coal = power["energy"] * 1e4 * 1e6 / (power["electricity"] * 1e8)
    doubtful = power.loc[~hours.between(1000, HOURS_IN_A_YEAR), ["province", "year", "capacity"]]
    assert doubtful.to_numpy().tolist() == [["Guangdong", 2007, 471]]
    assert coal.between(200, 550).all()


def test_every_shipped_table_is_described() -> None:
    said = data_path("README.md").read_text(encoding="utf-8")
    folder = data_path("panels")
    described = set(re.findall(r"`panels/(\w+\.csv)`", said))
    assert described == {path.name for path in folder.glob("*.csv")}


def test_every_shipped_map_is_described_beside_it() -> None:
    said = data_path("shapefiles/README.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`(\w+)\.\*`", said))
    assert described == {path.stem for path in data_path("shapefiles").glob("*.shp")}
    for fact in ("CC BY 4.0", "public domain", "BSD-3-Clause", "81 %", "0.89", "0.92", "Thiessen", "schematic"):
        assert fact in said

"""Build the US states' polygons and Munnell's production panel from the packages that ship them.

    python data/build/us_states.py

Needs libpysal (polygons), linearmodels (panel) and geopandas. Running it again writes the same bytes.
"""

from __future__ import annotations

import os
from pathlib import Path

import geopandas
import libpysal
from linearmodels.datasets import munnell

DATA = Path(__file__).resolve().parents[1]

FIELDS = {"STATE_ABBR": "state", "STATE_NAME": "name", "STATE_FIPS": "fips", "SUB_REGION": "division"}
DIVISIONS = {
    "N Eng": "New England",
    "Mid Atl": "Middle Atlantic",
    "E N Cen": "East North Central",
    "W N Cen": "West North Central",
    "S Atl": "South Atlantic",
    "E S Cen": "East South Central",
    "W S Cen": "West South Central",
    "Mtn": "Mountain",
    "Pacific": "Pacific",
}
COLUMNS = {
    "ST_ABB": "state",
    "YR": "year",
    "P_CAP": "public_capital",
    "HWY": "highways",
    "WATER": "water_sewers",
    "UTIL": "other_public",
    "PC": "private_capital",
    "EMP": "employment",
    "UNEMP": "unemployment",
    "GSP": "gross_state_product",
}


def build_polygons(target: Path) -> geopandas.GeoDataFrame:
    """Write the 48 states with readable fields and the CRS that the source leaves out."""
    source = Path(libpysal.__file__).parent / "examples" / "us_income" / "us48.shp"
    states = geopandas.read_file(source).rename(columns=FIELDS)[[*FIELDS.values(), "geometry"]]
    states["division"] = states["division"].map(DIVISIONS)
    states = states.sort_values("state", ignore_index=True).set_crs("EPSG:4269")
    states.to_file(target, encoding="UTF-8")
    stamp_out_date(target.with_suffix(".dbf"))
    return states


def stamp_out_date(dbf: Path) -> None:
    """Set the date of last update in a dBASE header to 2000-01-01, so that builds are alike."""
    with dbf.open("r+b") as file:
        file.seek(1)
        file.write(bytes([100, 1, 1]))


def build_panel(target: Path, states: geopandas.GeoDataFrame) -> None:
    """Write the panel sorted by state and year, with the division of each state."""
    panel = munnell.load().rename(columns=COLUMNS)[list(COLUMNS.values())]
    panel.insert(1, "division", panel["state"].map(states.set_index("state")["division"]))
    panel.sort_values(["state", "year"]).to_csv(target, index=False, lineterminator="\n")


if __name__ == "__main__":
    os.makedirs(DATA / "shapefiles", exist_ok=True)
    os.makedirs(DATA / "panels", exist_ok=True)
    polygons = build_polygons(DATA / "shapefiles" / "us_states.shp")
    build_panel(DATA / "panels" / "us_states_production.csv", polygons)

"""Write the US states with two years of data as one layer, for the desktop check."""

from __future__ import annotations

import sys

import ecospatial as es
from ecospatial.shipped import data_path

panel = es.read_panel(data_path("panels/us_states_production.csv"), unit="state", period="year")
geo = panel.join(es.read_boundaries(data_path("shapefiles/us_states.shp"), unit="state"))
geo.where_periods([1985, 1986]).save(sys.argv[1], "joined")

"""ecospatial: how eco-efficient are the cities of a country, where do they cluster, and why.

Public names are imported at first use, so that ``import ecospatial`` costs next to nothing.

Examples
--------
>>> import ecospatial as es
>>> es.Panel.__name__
'Panel'
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Panel": "panel",
    "read_panel": "reading",
    "Boundaries": "geo.boundaries",
    "china": "geo",
    "read_boundaries": "geo.boundaries",
    "GeoPanel": "geo.join",
    "JoinReport": "geo.join_report",
    "join": "geo.join",
    "match": "geo.match",
    "classify": "geo.city_groups",
    "weights": "geo.weights_tool",
    "Weights": "geo.weights",
    "radial": "efficiency.radial",
    "sbm": "efficiency.sbm",
    "ebm": "efficiency.ebm",
    "additive": "efficiency.additive",
    "directional": "efficiency.directional",
    "nonradial_directional": "efficiency.nonradial_directional",
    "range_directional": "efficiency.range_directional",
    "bootstrap": "efficiency.bootstrap",
    "returns_to_scale_test": "efficiency.returns_test",
    "order_m": "efficiency.order_m",
    "influence": "efficiency.influence",
    "malmquist": "productivity.malmquist",
    "malmquist_luenberger": "productivity.malmquist_luenberger",
    "luenberger": "productivity.luenberger",
    "malmquist_bootstrap": "productivity.confidence",
    "moran": "clusters.moran",
    "lisa": "clusters.lisa",
    "getis_ord": "clusters.getis_ord",
    "geary": "clusters.geary",
    "lisa_transitions": "clusters.transitions",
    "spatial_markov": "clusters.spatial_markov",
    "emerging_hot_spots": "clusters.emerging",
    "weights_sensitivity": "clusters.sensitivity",
    "cluster_stability": "clusters.stability",
    "ols": "drivers.ols",
    "tobit": "drivers.tobit",
    "truncated": "drivers.truncated",
    "second_stage": "drivers.second_stage",
    "spatial_tests": "drivers.spatial_tests",
    "hausman": "drivers.hausman",
    "cross_section_dependence": "drivers.cross_dependence",
    "spatial_panel": "drivers.spatial_panel",
    "spatial_effects": "drivers.impacts",
    "weights_robustness": "drivers.weights_robustness",
    "regimes": "drivers.regimes",
    "geodetector": "drivers.geodetector",
    "compare": "drivers.compare",
    "focus": "heterogeneity.focus",
    "report": "present.report",
    "Result": "result",
    "EcospatialError": "errors",
}

__all__ = [*_PLACES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'ecospatial' has no attribute '{name}'")
    place = importlib.import_module(f".{_PLACES[name]}", __name__)
    value = getattr(place, name) if hasattr(place, name) else importlib.import_module(f"{place.__name__}.{name}")
    globals()[name] = value
    return value


def _present(room: str) -> Any:
    """A module of the presentation floor, for the results below it."""
    return importlib.import_module(f".present.{room}", __name__)


def __dir__() -> list[str]:
    return sorted(__all__)

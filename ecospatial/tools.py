"""The registry: every public tool by name, nothing imported until asked."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from .describe import Described, described

TOOLS = (
    "geo.join:join",
    "geo.city_groups:classify",
    "geo.weights_tool:weights",
    "efficiency.radial:radial",
    "efficiency.sbm:sbm",
    "efficiency.ebm:ebm",
    "efficiency.additive:additive",
    "efficiency.directional:directional",
    "efficiency.nonradial_directional:nonradial_directional",
    "efficiency.range_directional:range_directional",
    "efficiency.bootstrap:bootstrap",
    "efficiency.returns_test:returns_to_scale_test",
    "efficiency.order_m:order_m",
    "efficiency.influence:influence",
    "productivity.malmquist:malmquist",
    "productivity.malmquist_luenberger:malmquist_luenberger",
    "productivity.luenberger:luenberger",
    "productivity.confidence:malmquist_bootstrap",
    "clusters.moran:moran",
    "clusters.lisa:lisa",
    "clusters.getis_ord:getis_ord",
    "clusters.geary:geary",
    "clusters.transitions:lisa_transitions",
    "clusters.spatial_markov:spatial_markov",
    "clusters.emerging:emerging_hot_spots",
    "clusters.sensitivity:weights_sensitivity",
    "clusters.stability:cluster_stability",
    "drivers.ols:ols",
    "drivers.tobit:tobit",
    "drivers.truncated:truncated",
    "drivers.second_stage:second_stage",
    "drivers.spatial_tests:spatial_tests",
    "drivers.hausman:hausman",
    "drivers.cross_dependence:cross_section_dependence",
    "drivers.spatial_panel:spatial_panel",
    "drivers.impacts:spatial_effects",
    "drivers.weights_robustness:weights_robustness",
    "drivers.regimes:regimes",
    "drivers.geodetector:geodetector",
    "drivers.compare:compare",
    "heterogeneity.focus:focus",
)

GROUPS = {
    "places": "Places",
    "efficiency": "Efficiency",
    "productivity": "Productivity",
    "clusters": "Clusters",
    "drivers": "Drivers",
    "heterogeneity": "Heterogeneity",
}


def names() -> tuple[str, ...]:
    """Names of all tools, in the order of the chain.

    Examples
    --------
    >>> names()[:3]
    ('join', 'classify', 'weights')
    """
    return tuple(place.partition(":")[2] for place in TOOLS)


def find(name: str) -> Described:
    """The description of one tool.

    Raises
    ------
    KeyError
        Where there is no tool of that name.
    """
    place = next((place for place in TOOLS if place.endswith(f":{name}")), None)
    if place is None:
        raise KeyError(name)
    module, _, attribute = place.partition(":")
    return described(getattr(importlib.import_module(f".{module}", __package__), attribute))


def function(tool: Described) -> Any:
    """The public function behind a description, checks and provenance included."""
    return getattr(sys.modules[tool.function.__module__], tool.name)

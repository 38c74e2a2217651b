"""What productivity growth is made of: sums of changes of distance.

A distance enters as a level in which more is better and which adds up: the logarithm of a share of the frontier
for an index, an inefficiency with its sign turned for an indicator. So one algebra serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np

from ..efficiency.technology import ReturnsToScale

DecompositionKind = Literal["fgnz", "ray-desli"]


class Change(NamedTuple):
    """The change of a unit's level between two periods.

    Attributes
    ----------
    against : {"own", "benchmark"}
        Each period against its own technology, or both against the benchmark; the mean over the benchmarks where
        there are two of them.
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
    among : {"everyone", "group"}
        Who makes the technologies.
    """

    against: Literal["own", "benchmark"]
    returns_to_scale: ReturnsToScale
    among: Literal["everyone", "group"] = "everyone"


# Each component as a sum of changes with their signs.
Decomposition = Mapping[str, Mapping[Change, int]]


def catch_up_and_shift(returns_to_scale: ReturnsToScale) -> Decomposition:
    """Efficiency change × technical change, under one kind of returns to scale (Färe, Grosskopf, Lindgren & Roos 1992).

    Examples
    --------
    >>> sorted(catch_up_and_shift("crs"))
    ['effch', 'techch', 'tfpch']
    """
    own, benchmark = Change("own", returns_to_scale), Change("benchmark", returns_to_scale)
    return {"tfpch": {benchmark: 1}, "effch": {own: 1}, "techch": {benchmark: 1, own: -1}}


def fgnz() -> Decomposition:
    """Färe, Grosskopf, Norris & Zhang (1994): efficiency change is pure efficiency change × scale efficiency change."""
    own, pure = Change("own", "crs"), Change("own", "vrs")
    return {**catch_up_and_shift("crs"), "pech": {pure: 1}, "sech": {own: 1, pure: -1}}


def ray_desli() -> Decomposition:
    """Ray & Desli (1997): technical change under variable returns, scale as both technologies see it."""
    growth, pure, pure_growth = Change("benchmark", "crs"), Change("own", "vrs"), Change("benchmark", "vrs")
    return {
        "tfpch": {growth: 1},
        "effch": {pure: 1, growth: 1, pure_growth: -1},
        "techch": {pure_growth: 1, pure: -1},
        "pech": {pure: 1},
        "sech": {growth: 1, pure_growth: -1},
    }


def meta_frontier(returns_to_scale: ReturnsToScale) -> Decomposition:
    """Catching up within the group × technical change of the group × change of its technology gap (Oh 2010)."""
    everyone = Change("benchmark", returns_to_scale)
    own, group = Change("own", returns_to_scale, "group"), Change("benchmark", returns_to_scale, "group")
    return {
        "tfpch": {everyone: 1},
        "effch": {own: 1},
        "techch": {group: 1, own: -1},
        "tgch": {everyone: 1, group: -1},
    }


def combined(decomposition: Decomposition, change: Callable[[Change], np.ndarray]) -> dict[str, np.ndarray]:
    """The components, NaN where a change they need is.

    Parameters
    ----------
    decomposition : mapping
    change : callable
        The value of each change, ndarrays of one shape.

    Examples
    --------
    >>> values = {Change("benchmark", "crs"): np.array([0.3]), Change("own", "crs"): np.array([0.1])}
    >>> combined(catch_up_and_shift("crs"), values.__getitem__)["techch"].round(6).tolist()
    [0.2]
    """
    return {
        name: np.sum([sign * change(each) for each, sign in parts.items()], axis=0)
        for name, parts in decomposition.items()
    }


def changes_of(decomposition: Decomposition) -> tuple[Change, ...]:
    """Every change that a decomposition needs, once."""
    return tuple(dict.fromkeys(each for parts in decomposition.values() for each in parts))

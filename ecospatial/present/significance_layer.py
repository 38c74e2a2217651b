"""The significance map: how small the p-values of local statistics are."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ..clusters.significance import reached
from ..errors import Message
from ..result import Result
from . import theme
from .language import Words
from .layers import MapClass, MapLayer, one_period, period_suffix, unit_names
from .reading import p_text


def significance_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The p-values of a period, or its q where they were adjusted, in GeoDa's classes and greens.

    The first level is the cutoff of the result; levels that its permutations cannot reach are left out.
    """
    found = cast(Any, result)
    frame, when = one_period(result.to_frame(), period)
    frame = frame.reindex(result.boundaries.ids)
    letter = "p" if found.correction == "none" else "q"
    values = frame["p_sim" if letter == "p" else "q"].to_numpy(float)
    levels = _levels(found)
    untested = frame["label"].where(frame["label"].isin(list(theme.UNTESTED)), "undefined")
    classes = (
        MapClass(words("Not significant"), theme.CLUSTERS["ns"][1]),
        *(MapClass(f"{letter} ≤ {level:g}", _green(level)) for level in levels),
        *(MapClass(words(name), colour) for name, colour in theme.UNTESTED.values()),
    )
    depth = reached(values[:, None], np.array(levels)).sum(axis=1)
    missing = 1 + len(levels) + np.array([list(theme.UNTESTED).index(label) for label in untested])
    class_of = np.where(np.isnan(values), missing, depth)
    rows = zip(unit_names(result.boundaries), class_of, values, strict=True)
    told = words("Pseudo p") if letter == "p" else "q"
    tips = tuple(
        ((words("Unit"), unit), (words("Significance"), classes[place].label), (told, p_text(float(value))))
        for unit, place, value in rows
    )
    named = words(found.variable) if isinstance(found.variable, Message) else found.variable
    title = words("Significance of the local statistics of {column}", column=named) + period_suffix(result, when)
    return MapLayer(title, result.boundaries, classes, class_of, tips)


def _levels(found: Any) -> list[float]:
    """The cutoff and GeoDa's levels below it, as far as the permutations reach."""
    smallest = (2 if found.alternative == "two-sided" else 1) / (found.permutations + 1)
    below = [level for level in theme.LEVELS if reached(smallest, level) and level < found.significance]
    return [found.significance, *below]


def _green(level: float) -> str:
    """The green of the nearest of GeoDa's levels that is not below."""
    return next((theme.LEVELS[known] for known in sorted(theme.LEVELS) if level <= known), theme.LOOSE)

"""What a map shows: the class of every unit in one period, drawn on paper and on the web alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pandas as pd

from ..caveats import SCHEMATIC, is_marked
from ..errors import Message, OptionError, joined, listed
from ..geo.boundaries import Boundaries
from ..result import Result
from . import theme
from .language import Words
from .reading import number_text, p_text

FRONTIER = 1e-6
GROWTH = (-0.05, -0.01, 0.0, 0.01, 0.05)


@dataclass(frozen=True)
class MapClass:
    """One line of a legend."""

    label: str
    colour: str


@dataclass(frozen=True, eq=False)
class MapLayer:
    """The units of one period, each in a class.

    Attributes
    ----------
    title : str
    boundaries : Boundaries
        Of n units.
    classes : tuple of MapClass
    class_of : ndarray of int, shape (n,)
        Position in ``classes``, by unit.
    tips : tuple of tuple of (str, str)
        What a reader sees who points at a unit: names and texts.
    remark : str
        What must be known to read the legend.
    """

    title: str
    boundaries: Boundaries
    classes: tuple[MapClass, ...]
    class_of: np.ndarray
    tips: tuple[tuple[tuple[str, str], ...], ...]
    remark: str = ""

    def to_frame(self) -> pd.DataFrame:
        """The map as data: the class and the colour of every unit."""
        names = [self.classes[place].label for place in self.class_of]
        return pd.DataFrame({"class": names, "colour": self.colours}, index=self.boundaries.ids.rename("unit"))

    @property
    def counts(self) -> np.ndarray:
        """Units in each class."""
        return np.bincount(self.class_of, minlength=len(self.classes))

    @property
    def colours(self) -> list[str]:
        """The colour of each unit."""
        return [self.classes[place].colour for place in self.class_of]


def layer_of(result: Result, words: Words, period: Any = None) -> MapLayer | None:
    """The map layer of a result, or None where it has no map: no boundaries, or nothing by unit."""
    makers: dict[str | None, Callable[[Result, Words, Any], MapLayer]] = {
        "efficiency": efficiency_layer,
        "lisa_map": lisa_layer,
        "productivity": productivity_layer,
        "hot_spots": hot_spot_layer,
        "geary_map": geary_layer,
        "emerging_map": emerging_layer,
        "stability_map": stability_layer,
    }
    maker = makers.get(result.FIGURE)
    return maker(result, words, period) if maker is not None and result.boundaries is not None else None


def lisa_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The clusters of a period in GeoDa's colours; every class stands in the legend."""
    tested = cast(Any, result)
    values = tested.data.numbers([tested.column], missing="nan")[tested.column].rename("tested")
    frame, when = one_period(result.to_frame().join(values), period)
    frame = frame.reindex(result.boundaries.ids)
    labels = frame["label"].where(frame["label"].isin(list(theme.CLUSTERS)), "undefined")
    classes = tuple(MapClass(words(name), colour) for name, colour in theme.CLUSTERS.values())
    class_of = np.array([list(theme.CLUSTERS).index(label) for label in labels], dtype=int)
    rows = zip(unit_names(result.boundaries), class_of, frame["tested"], frame["I"], frame["p_sim"], strict=True)
    tips = tuple(
        (
            (words("Unit"), unit),
            (words("Cluster"), classes[place].label),
            (tested.column, number_text(float(value))),
            (words("Local I"), number_text(float(local))),
            (words("Pseudo p"), p_text(float(p))),
        )
        for unit, place, value, local, p in rows
    )
    named = words(tested.variable) if isinstance(tested.variable, Message) else tested.column
    title = words("Local Moran clusters of {column}", column=named) + period_suffix(result, when)
    return MapLayer(title, result.boundaries, classes, class_of, tips)


def hot_spot_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The hot and cold spots of a period."""
    found = cast(Any, result)
    frame, when = one_period(result.to_frame(), period)
    columns = {"z": words("Standard score"), "p_sim": words("Pseudo p")}
    template = "Hot and cold spots (Gi*) of {column}" if found.star else "Hot and cold spots (Gi) of {column}"
    title = words(template, column=found.column) + period_suffix(result, when)
    return labelled_layer(result, words, title, frame, "hot_spots", columns)


def geary_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The local Geary labels of a period."""
    frame, when = one_period(result.to_frame(), period)
    columns = {"c": words("Local Geary"), "p_sim": words("Pseudo p")}
    title = words("Local Geary of {column}", column=joined(cast(Any, result).columns)) + period_suffix(result, when)
    return labelled_layer(result, words, title, frame, "geary", columns)


def emerging_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The patterns of hot and cold spots over all periods."""
    found = cast(Any, result)
    columns = {"hot": words("Hot periods"), "cold": words("Cold periods"), "p_trend": words("p of the trend")}
    first, last = found.data.periods[0], found.data.periods[-1]
    title = words("Emerging hot spots of {column}, {when}", column=found.column, when=f"{first}–{last}")
    return labelled_layer(result, words, title, result.to_frame(), "emerging", columns)


def stability_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The most frequent labels of a period, each the greyer the less often the draws give it."""
    frame, when = one_period(result.to_frame(), period)
    tested = frame["label"] != frame["stability"]
    frame = frame.assign(label=frame["label"].where(~tested, frame["label"] + " " + frame["stability"]))
    columns = {"frequency": words("Frequency"), "HH": "HH", "LL": "LL", "LH": "LH", "HL": "HL", "ns": words("ns")}
    title = words("Stability of clusters of efficiency") + period_suffix(result, when)
    layer = labelled_layer(result, words, title, frame, "stability", columns)
    return replace(layer, remark=words("Most frequent label; stable: in 90 % of the draws or more, mostly: in 70 %"))


def labelled_layer(
    result: Result, words: Words, title: str, frame: pd.DataFrame, style: str, columns: Mapping[str, str]
) -> MapLayer:
    """A map of the labels of a table by unit, in the colours of a style; only labels that occur stand in the legend.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit, with a column ``label``.
    style : str
        Of :data:`theme.LABELLED`.
    columns : mapping of str to str
        What else a reader sees who points at a unit: columns, and what they are called.
    """
    known = theme.LABELLED[style]
    frame = frame.reindex(result.boundaries.ids)
    labels = frame["label"].where(frame["label"].isin(list(known)), "undefined")
    shown = [label for label in known if (labels == label).any()]
    classes = tuple(MapClass(words(known[label][0]), known[label][1]) for label in shown)
    class_of = np.array([shown.index(label) for label in labels], dtype=int)
    tips = tuple(
        (
            (words("Unit"), unit),
            (words("Label"), classes[place].label),
            *((told, _tip(name, row[name])) for name, told in columns.items()),
        )
        for unit, place, (_, row) in zip(unit_names(result.boundaries), class_of, frame.iterrows(), strict=True)
    )
    return MapLayer(title, result.boundaries, classes, class_of, tips)


def _tip(name: str, value: Any) -> str:
    return p_text(value) if name.startswith("p_") else number_text(float(value))


def efficiency_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The efficiency of a period, as shares: the frontier (exactly 1) and four quantile classes of the rest."""
    frame, when = one_period(cast(Any, result).efficiency.to_frame("share"), period)
    values = frame["share"].reindex(result.boundaries.ids).to_numpy(float)
    classes, class_of = score_classes(values, words)
    tips = tuple(
        ((words("Unit"), unit), (words("Efficiency"), number_text(float(value))))
        for unit, value in zip(unit_names(result.boundaries), values, strict=True)
    )
    title = words("Efficiency") + period_suffix(result, when)
    return MapLayer(title, result.boundaries, classes, class_of, tips)


def score_classes(values: np.ndarray, words: Words) -> tuple[tuple[MapClass, ...], np.ndarray]:
    """Classes of scores and the class of each; uncomputed ones come last.

    Examples
    --------
    >>> classes, class_of = score_classes(np.array([0.2, 0.9, 1.0, np.nan]), Words())
    >>> [item.label for item in classes], class_of.tolist()
    (['0.200–0.375', '0.375–0.550', '0.550–0.725', '0.725–0.900', '1 (frontier)', 'Not computed'], [0, 3, 4, 5])
    """
    known = np.isfinite(values)
    frontier = known & (np.abs(values - 1) <= FRONTIER)
    rest = values[known & ~frontier]
    # A frontier that caps the scores deserves a class; a 1 among super-efficient ones is a number like any.
    if not (frontier.any() and (rest.size == 0 or rest.max() < 1)):
        frontier, rest = np.zeros_like(known), values[known]
    ramp = theme.RAMP[:-1] if frontier.any() else theme.RAMP
    edges = np.unique(np.quantile(rest, np.linspace(0, 1, len(ramp) + 1))) if rest.size else np.array([])
    class_of = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(len(edges) - 2, 0))
    bounds = list(pairwise(edges)) or [(edge, edge) for edge in edges]
    names = [f"{low:.3f}" if low == high else f"{low:.3f}–{high:.3f}" for low, high in bounds]
    classes = [MapClass(name, colour) for name, colour in zip(names, _spread(ramp, len(names)), strict=True)]
    if frontier.any():
        class_of[frontier] = len(classes)
        classes.append(MapClass(words("1 (frontier)"), theme.RAMP[-1]))
    if not known.all():
        class_of[~known] = len(classes)
        classes.append(MapClass(words("Not computed"), theme.ABSENT))
    return tuple(classes), class_of


def productivity_layer(result: Result, words: Words, period: Any = None) -> MapLayer:
    """The mean productivity change of every unit, or its change in a period, in classes around no change."""
    found = cast(Any, result)
    if period is None:
        frame, when = result.to_frame("units"), f"{found.data.periods[0]}–{found.data.periods[-1]}"
        title = words("Mean productivity change, {when}", when=when)
    else:
        frame, when = one_period(found.components, period)
        title = words("Productivity change, {when}", when=when)
    values = frame["tfpch"].reindex(result.boundaries.ids).to_numpy(float)
    classes, class_of = growth_classes(values, words, 0.0 if found.specification.additive else 1.0)
    tips = tuple(
        ((words("Unit"), unit), (words("Productivity change"), number_text(float(value))))
        for unit, value in zip(unit_names(result.boundaries), values, strict=True)
    )
    return MapLayer(title, result.boundaries, classes, class_of, tips)


def growth_classes(values: np.ndarray, words: Words, unchanged: float) -> tuple[tuple[MapClass, ...], np.ndarray]:
    """The same six classes of decline and growth for every map, and the class of each value; uncomputed ones come last.

    Examples
    --------
    >>> classes, class_of = growth_classes(np.array([0.8, 1.0, np.nan]), Words(), 1.0)
    >>> [item.label for item in classes[:3]], class_of.tolist()
    (['below 0.95', '0.95 to 0.99', '0.99 to 1'], [0, 3, 6])
    """
    edges = [unchanged + step for step in GROWTH]
    names = [f"{edge:.4g}".replace("-", "−") for edge in edges]
    labels = [
        words("below {high}", high=names[0]),
        *(words("{low} to {high}", low=low, high=high) for low, high in pairwise(names)),
        words("{low} and more", low=names[-1]),
    ]
    classes = [MapClass(label, colour) for label, colour in zip(labels, theme.DIVERGING, strict=True)]
    # What has not changed may be a rounding error below it.
    class_of = np.searchsorted(edges, values + FRONTIER, side="right")
    known = np.isfinite(values)
    if not known.all():
        class_of[~known] = len(classes)
        classes.append(MapClass(words("Not computed"), theme.ABSENT))
    return tuple(classes), class_of


def one_period(frame: pd.DataFrame, period: Any = None) -> tuple[pd.DataFrame, Any]:
    """The rows of a period (the last one by default) indexed by unit, and the period.

    Raises
    ------
    OptionError
        Where there is no such period.
    """
    periods = frame.index.get_level_values("period").unique().sort_values()
    when = periods[-1] if period is None else period
    if when not in periods:
        raise OptionError("There is no period {period}; there are: {all}", period=when, all=listed(periods, limit=30))
    return frame.xs(when, level="period"), when


def period_suffix(result: Result, when: Any) -> str:
    """The period as the end of a title; nothing for a cross-section."""
    return "" if getattr(getattr(result, "data", None), "is_cross_section", False) else f", {when}"


def unit_names(boundaries: Boundaries) -> list[str]:
    """Ids, each with the unit's name behind it where the boundaries have an attribute ``name``."""
    if "name" not in boundaries.attributes:
        return [str(unit) for unit in boundaries.ids]
    names = boundaries.attributes["name"]
    return [f"{unit} {name}" for unit, name in zip(boundaries.ids, names, strict=True)]


def is_schematic(boundaries: Boundaries | None) -> bool:
    """Whether the boundaries say of themselves, in an attribute ``schematic``, that they are no survey."""
    return boundaries is not None and is_marked(boundaries.attributes, SCHEMATIC)


def _spread(colours: tuple[str, ...], count: int) -> list[str]:
    places = np.linspace(0, len(colours) - 1, count).round().astype(int)
    return [colours[place] for place in places]

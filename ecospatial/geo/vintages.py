"""Ground that kept its place while its code or name changed: places of China through the years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import pandas as pd

from . import facts
from .names import folded, romanised, stems

Key = TypeVar("Key")

# Codes of the urban and the rural part of a municipality, which layers use for the whole.
MUNICIPALITIES = {
    **dict.fromkeys(("110100", "110200"), "110000"),
    **dict.fromkeys(("120100", "120200"), "120000"),
    **dict.fromkeys(("310100", "310200"), "310000"),
    **dict.fromkeys(("500100", "500200", "500300"), "500000"),
}
# Names that went out of use before the recorded changes begin would only be mistaken for others.
FIRST_YEAR = 1997
CHANGES = ("unit", "year", "change", "from", "to", "county")


@dataclass(frozen=True)
class Gazetteer:
    """Places of China, each under the last code it had.

    Attributes
    ----------
    place : mapping
        From any code to the place.
    names, spellings : mapping
        Names in Chinese and in Latin letters of each place, former ones included.
    by_name, by_stem : mapping
        From a folded name, or a name without its suffix, to the places that have it.
    """

    place: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, tuple[str, ...]]
    by_name: Mapping[str, frozenset[str]]
    by_stem: Mapping[tuple[str, str], frozenset[str]]

    def place_of_name(self, name: str) -> str | None:
        """The one place of a name, or of a name without its suffix; None where there are none or several.

        Examples
        --------
        >>> gazetteer().place_of_name("思茅地区"), gazetteer().place_of_name("吉林")
        ('530800', None)
        """
        found = self.by_name.get(folded(name), frozenset())
        if not found:
            found = frozenset().union(*(self.by_stem.get(stem, ()) for stem in stems(name)))
        return next(iter(found)) if len(found) == 1 else None


@cache
def gazetteer() -> Gazetteer:
    """The places in the facts that come with the package.

    Examples
    --------
    >>> places = gazetteer()
    >>> places.place["533200"], places.names["530800"]
    ('530700', ('思茅地区', '思茅市', '普洱市'))
    """
    vintages = facts.vintages()
    in_use = vintages[vintages["last"].isna() | (vintages["last"] >= FIRST_YEAR)].sort_values("last", kind="stable")
    prefectures, provinces = facts.prefectures(), facts.provinces()
    changes = facts.timeline()
    known = (*in_use["code"], *prefectures.index, *provinces.index, *changes["old"], *changes["new"])
    place = {code: code for code in known} | MUNICIPALITIES
    recoded = dict(changes.loc[changes["kind"] == "recoded", ["old", "new"]].itertuples(index=False))
    for code in list(place):
        while place[code] in recoded:
            place[code] = recoded[place[code]]
    names = _by_place(place, [*zip(in_use["code"], in_use["name"], strict=True), *provinces["name"].items(),
                              *prefectures["name"].items()])  # fmt: skip
    spellings = _by_place(place, [*prefectures["pinyin"].items(), *prefectures["english"].items(),
                                  *provinces["english"].items()])  # fmt: skip
    by_name = _inverted((folded(name), code) for code, every in names.items() for name in every)
    by_stem = _inverted((stem, code) for code, every in names.items() for name in every for stem in stems(name))
    return Gazetteer(place, names, spellings, by_name, by_stem)


def _by_place(place: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for code, text in pairs:
        found[place[code]][text] = None
    return {code: tuple(texts) for code, texts in found.items()}


def _inverted(pairs: Iterable[tuple[Key, str]]) -> dict[Key, frozenset[str]]:
    found: dict[Key, set[str]] = defaultdict(set)
    for key, code in pairs:
        found[key].add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


def successor(place: str) -> tuple[str, int] | None:
    """The place that a place was merged into, and the first year without it.

    Examples
    --------
    >>> successor("371200"), successor("341400")
    (('370100', 2019), None)
    """
    changes = facts.timeline()
    into = changes[(changes["old"] == place) & (changes["kind"] == "merged")]
    if into.empty:
        return None
    row = into.iloc[0]
    return gazetteer().place.get(row["new"], row["new"]), int(row["year"])


def breaks(units: Mapping[str, object], span: tuple[int, int] | None) -> pd.DataFrame:
    """Changes of ground that break the series of units: mergers, splits, separations, moves of counties.

    Parameters
    ----------
    units : mapping
        From a place to the unit that stands for it.
    span : tuple of int or None
        First and last year of the data; a change that both sides of it are in counts. None takes all.

    Returns
    -------
    DataFrame
        ``unit``, ``year`` (the first after it), ``change``, ``from``, ``to`` and ``county`` (where one moved).

    Examples
    --------
    >>> breaks({"340700": "铜陵"}, (2000, 2017)).values.tolist()
    [['铜陵', 2016, 'county moved', '安庆市', '铜陵市', '枞阳县']]
    """
    rows = [row for row in _all_breaks() if span is None or span[0] < row[1] <= span[1]]
    found = [(units[place], year, *rest) for place, year, *rest in rows if place in units]
    order = {unit: rank for rank, unit in enumerate(units.values())}
    return pd.DataFrame(sorted(found, key=lambda row: (order[row[0]], row[1])), columns=list(CHANGES))


@cache
def _all_breaks() -> tuple[tuple[str, int, str, str, str, str], ...]:
    """One row for each place that a change touches."""
    places, rows = gazetteer(), []
    changes = facts.timeline()
    apart = changes[changes["kind"].isin(["merged", "split", "separated"])]
    for (old, year, kind), part in apart.groupby(["old", "year", "kind"], sort=False):
        ends = [places.place.get(code, code) for code in (old, *part["new"])]
        names = [name_of(code) for code in ends]
        rows += [(code, int(year), kind, names[0], "、".join(names[1:]), "") for code in dict.fromkeys(ends)]
    for move in facts.transfers().itertuples():
        ends = [places.place.get(code, code) for code in (move.old, move.new)]
        rows += [(code, int(move.year), "county moved", *map(name_of, ends), str(move.county)) for code in ends]
    return tuple(rows)


def name_of(place: str) -> str:
    """The last name of a place, or its code."""
    return gazetteer().names.get(place, (place,))[-1]


def spellings_of(place: str) -> frozenset[str]:
    """How a place is written in Latin letters, as compared."""
    return frozenset(romanised(text) for text in gazetteer().spellings.get(place, ()))


def split_up(place: str) -> bool:
    """Whether a place was divided among several and is no more.

    Examples
    --------
    >>> split_up("341400"), split_up("371200")
    (True, False)
    """
    changes = facts.timeline()
    return bool(((changes["old"] == place) & (changes["kind"] == "split")).any())

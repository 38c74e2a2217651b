"""The rules by which units of a panel find their boundaries, from the surest to the loosest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..errors import JoinError, Message, joined, listed
from ..ids import id_text
from .fields import code_field, latin_fields, name_fields
from .names import folded, gb_codes, is_chinese, plain, romanised, stems
from .vintages import gazetteer, name_of, spellings_of, successor

Rules = Literal["auto", "exact"]
UNMATCHED, BY_HAND, LEFT_ALONE = "unmatched", "correction", "left alone"


@dataclass(frozen=True)
class Entry:
    """A unit or a boundary with all that it may be known by.

    Attributes
    ----------
    id : str
        The id as text.
    code : str or None
        GB/T 2260 code.
    place : str or None
        The place of China it is, under the last code of the place.
    names, latin : tuple of str
        Own names, and spellings in Latin letters.
    """

    id: str
    code: str | None = None
    place: str | None = None
    names: tuple[str, ...] = ()
    latin: tuple[str, ...] = ()

    @property
    def every_name(self) -> tuple[str, ...]:
        """Own names, else the last one of the place."""
        return self.names or ((name_of(self.place),) if self.place else ())

    @property
    def in_china(self) -> bool:
        """Whether its Latin spelling is plainly pinyin: not Kansas, which is not Kansas City."""
        spelt_apart = bool(set(self.latin) - set(self.names))
        return self.place is not None or spelt_apart or any(map(is_chinese, self.names))


def entries_of(ids: Sequence[Any] | pd.Index, attributes: pd.DataFrame | None = None) -> list[Entry]:
    """What the units of one side may be known by.

    Examples
    --------
    >>> entries_of(["思茅市"])
    [Entry(id='思茅市', code=None, place='530800', names=('思茅市',), latin=())]
    """
    frame = pd.DataFrame(index=range(len(ids))) if attributes is None else attributes
    texts = [id_text(value) for value in ids]
    codes = gb_codes(list(ids))
    field = code_field(frame) if not any(codes) else None
    if field is not None:
        codes = gb_codes(frame[field].tolist())
    columns = [frame[name].tolist() for name in name_fields(frame)]
    romans = [frame[name].tolist() for name in latin_fields(frame)]
    found = []
    for at, text in enumerate(texts):
        own = () if plain(text).replace(".", "", 1).isdigit() else (text,)
        names = _texts((*own, *(column[at] for column in columns)))
        latin = _texts((*(name for name in names if not is_chinese(name)), *(column[at] for column in romans)))
        found.append(Entry(text, codes[at], _place(codes[at], names), names, latin))
    return found


def _texts(cells: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(cell) for cell in cells if isinstance(cell, str) and cell.strip()))


def _place(code: str | None, names: tuple[str, ...]) -> str | None:
    if code is not None:
        return gazetteer().place.get(code)
    found = (gazetteer().place_of_name(name) for name in names if is_chinese(name))
    return next((place for place in found if place is not None), None)


Keys = Callable[[Entry], Iterable[Hashable]]
Fits = Callable[[Entry, Entry], bool]


def _spellings(entry: Entry) -> set[str]:
    known = spellings_of(entry.place) if entry.place else frozenset()
    return {romanised(text) for text in entry.latin} | set(known)


def _surely(unit: Entry, boundary: Entry) -> bool:
    return True


def _by_name(unit: Entry, boundary: Entry) -> bool:
    """Whether names may decide: not against two codes, nor against two known places."""
    if unit.code and boundary.code:
        return False
    return unit.place is None or boundary.place is None or unit.place == boundary.place


def _by_pinyin(unit: Entry, boundary: Entry) -> bool:
    return (unit.in_china or boundary.in_china) and _by_name(unit, boundary)


# Each rule: its name, what must be equal, and what else must hold of the two.
RULES: tuple[tuple[str, Keys, Fits], ...] = (
    ("exact", lambda entry: [entry.id], _surely),
    ("normalised", lambda entry: [folded(entry.id)], _surely),
    ("code", lambda entry: [entry.code] if entry.code else [], _surely),
    ("code of another year", lambda entry: [entry.place] if entry.code and entry.place else [], _surely),
    ("name", lambda entry: {folded(name) for name in entry.every_name}, _by_name),
    ("name without suffix", lambda entry: {stem for name in entry.every_name for stem in stems(name)}, _by_name),
    ("name of another year", lambda entry: [entry.place] if entry.place else [], _by_name),
    ("pinyin", _spellings, _by_pinyin),
)


@dataclass(frozen=True)
class Found:
    """Where each unit found its boundary.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Position among the boundaries, −1 for none.
    rules : list of str
    into : dict
        From the position of a unit whose place was merged away to that of the boundary of its successor.
    twins : list of tuple
        Positions of two units that are one place under different codes or names, for a caller that can join them.
    """

    places: np.ndarray
    rules: list[str]
    into: dict[int, int]
    twins: list[tuple[int, int]]


def found(
    units: Sequence[Entry],
    boundaries: Sequence[Entry],
    corrections: Mapping[int, int] | None = None,
    rules: Rules = "auto",
    twins: bool = False,
) -> Found:
    """Match by the rules in turn; a doubt is an error that shows both.

    Parameters
    ----------
    units, boundaries : sequence of Entry
    corrections : mapping or None
        Positions that a person has paired; −1 leaves a unit without a boundary.
    rules : {"auto", "exact"}
    twins : bool
        Whether two units that are one place under different codes or names are given back instead of refused.

    Raises
    ------
    JoinError
        Where a unit could match several boundaries, or several units one boundary.
    """
    search = _Search(units, boundaries, dict(corrections or {}))
    for rule in RULES[:1] if rules == "exact" else RULES:
        search.apply(*rule)
    pairs = search.settle_twins() if twins else []
    search.complain()
    into = search.successors() if rules == "auto" else {}
    return Found(search.places, search.rules, into, pairs)


class _Search:
    """The state of one match; lives for the length of one call."""

    def __init__(self, units: Sequence[Entry], boundaries: Sequence[Entry], corrections: dict[int, int]) -> None:
        self.units, self.boundaries = units, boundaries
        self.places = np.full(len(units), -1)
        self.rules = [UNMATCHED] * len(units)
        self.taken: dict[int, int] = {}
        self.doubts: dict[int, list[int]] = {}
        self.rivals: list[tuple[int, int, int]] = []
        self.closed = {unit for unit, place in corrections.items() if place < 0}
        for unit, place in corrections.items():
            if place >= 0:
                self._take(unit, place, BY_HAND)
            else:
                self.rules[unit] = LEFT_ALONE

    def apply(self, rule: str, keys: Keys, may_be_one: Fits) -> None:
        index: dict[Hashable, list[int]] = defaultdict(list)
        for place, boundary in enumerate(self.boundaries):
            for key in keys(boundary):
                index[key].append(place)
        for unit, entry in enumerate(self.units):
            if self.places[unit] >= 0 or unit in self.closed:
                continue
            near = dict.fromkeys(place for key in keys(entry) for place in index.get(key, ()))
            fits = [place for place in near if may_be_one(entry, self.boundaries[place])]
            if len(fits) == 1:
                self._take(unit, fits[0], rule)
            elif fits:
                self.doubts[unit] = fits
                self.closed.add(unit)

    def _take(self, unit: int, place: int, rule: str) -> None:
        if place in self.taken:
            self.rivals.append((self.taken[place], unit, place))
            self.closed.add(unit)
            return
        self.taken[place] = unit
        self.places[unit], self.rules[unit] = place, rule

    def settle_twins(self) -> list[tuple[int, int]]:
        """Take the rivals that are one place out of the doubts."""
        one = [rivals for rivals in self.rivals if self._same_place(*rivals[:2])]
        self.rivals = [rivals for rivals in self.rivals if rivals not in one]
        return [(first, second) for first, second, _ in one]

    def _same_place(self, one: int, other: int) -> bool:
        return self.units[one].place is not None and self.units[one].place == self.units[other].place

    def complain(self) -> None:
        told: list[object] = [
            Message.of("unit {unit} could be {boundaries}", unit=self.units[unit].id,
                       boundaries=joined([_told(self.boundaries[place]) for place in fits], " or "))
            for unit, fits in self.doubts.items()
        ]  # fmt: skip
        told += [
            Message.of("units {one} and {other} could both be {boundary}", one=self.units[one].id,
                       other=self.units[other].id, boundary=_told(self.boundaries[place]))
            for one, other, place in self.rivals
        ]  # fmt: skip
        if told:
            raise JoinError(
                "The match is in doubt: {doubts}. Drop or rename one, or say which is which in a table of corrections"
                " (columns unit and boundary; '-' for none).",
                doubts=listed(told),
            )

    def successors(self) -> dict[int, int]:
        """Where the boundary of the place stands into which an unmatched unit was merged."""
        standing = {boundary.place: place for place, boundary in enumerate(self.boundaries) if boundary.place}
        into = {}
        for unit, entry in enumerate(self.units):
            merged = successor(entry.place) if entry.place and self.places[unit] < 0 else None
            if merged is not None and merged[0] in standing and unit not in self.closed:
                into[unit] = standing[merged[0]]
        return into


def _told(entry: Entry) -> str:
    names = [name for name in (*entry.names, *([name_of(entry.place)] if entry.place else [])) if name != entry.id]
    return f"{entry.id} ({names[0]})" if names else entry.id

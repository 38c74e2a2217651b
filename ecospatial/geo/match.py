"""Which boundary belongs to which unit, with the rule that says so, what is left, and what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import JoinError, Message, listed
from ..ids import id_texts, tidy_ids
from ..totals import is_total
from .boundaries import Boundaries
from .corrections import Corrections, CorrectionsLike
from .join_report import SUGGESTED, JoinReport
from .matching import UNMATCHED, Entry, Found, Rules, entries_of, found
from .merging import Union
from .suggestions import closest
from .vintages import breaks, split_up, successor

YEARS = (1900, 2100)
MERGED, MERGED_AWAY, SPLIT, NO_POLYGON = "merged", "merged away", "split", "no polygon"


def match(
    units: Iterable[Any],
    boundaries: Boundaries,
    rules: Rules = "auto",
    corrections: CorrectionsLike | None = None,
) -> JoinReport:
    """Match ids or names to boundaries without joining anything.

    Parameters
    ----------
    units : iterable, or a panel's ``units``
        Codes (as numbers or text, of any year) or names.
    boundaries : Boundaries
    rules : {"auto", "exact"}
        See :func:`ecospatial.join`.
    corrections : mapping, DataFrame, path or None

    Returns
    -------
    JoinReport

    Raises
    ------
    JoinError
        Where a unit could match several boundaries or several units one boundary.

    Examples
    --------
    >>> import shapely
    >>> cities = Boundaries.of(["530700", "530800"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> match([533200, "思茅"], cities).to_frame()[["unit", "boundary", "rule"]].values.tolist()
    [['533200', '530700', 'code of another year'], ['思茅', '530800', 'name of another year']]
    """
    given = pd.Series(list(getattr(units, "units", units)), name="unit")
    ids = pd.Index(tidy_ids(given, "unit"), name="unit")
    return paired(ids.drop_duplicates(), boundaries, None, rules, Corrections.of(corrections)).report


@dataclass(frozen=True, eq=False)
class Pairing:
    """Units with the places of their boundaries.

    Attributes
    ----------
    units : Index
    places : ndarray of int
        Position among the boundaries, −1 for none.
    unions : tuple of Union
        Units that another one of the panel could take in.
    report : JoinReport
    """

    units: pd.Index
    places: np.ndarray
    unions: tuple[Union, ...]
    report: JoinReport

    def with_unions(self) -> JoinReport:
        """The report once the unions are made: the old units stand with the boundary of the new one."""
        matches = self.report.matches.copy()
        boundary = dict(zip(matches["unit"], matches["boundary"], strict=True))
        taken = {union.old: boundary[union.new] for union in self.unions}
        rows = matches["unit"].isin(list(taken))
        matches.loc[rows, "boundary"] = [taken[unit] for unit in matches.loc[rows, "unit"]]
        matches.loc[rows, "rule"] = MERGED
        matches.loc[rows, list(SUGGESTED)] = np.nan
        left = tuple(unit for unit in self.report.only_in_panel if unit not in taken)
        return replace(self.report, matches=matches, only_in_panel=left)


def paired(
    units: pd.Index,
    boundaries: Boundaries,
    periods: pd.Index | None = None,
    rules: Rules = "auto",
    corrections: Corrections | None = None,
    unions: bool = False,
) -> Pairing:
    """Match the units of a panel, and report on both sides.

    Parameters
    ----------
    units : Index
    boundaries : Boundaries
    periods : Index or None
        Of the panel, so that only changes within its years are reported.
    rules : {"auto", "exact"}
    corrections : Corrections or None
    unions : bool
        Whether one place under two codes is wanted as a union instead of an error.
    """
    theirs = _distinct(boundaries.ids)
    ours, others = entries_of(units), entries_of(boundaries.ids, boundaries.attributes)
    told = {_told(entry): place for place, entry in enumerate(others)} | {id: place for place, id in enumerate(theirs)}
    by_hand, strange = (corrections or Corrections({})).places([entry.id for entry in ours], told)
    search = found(ours, others, by_hand, rules, twins=unions)
    report = _report(units, boundaries, ours, others, search)
    if rules == "auto":
        report = replace(report, changes=_changes(units, ours, periods))
    if strange:
        lost = Message.of("Corrections of units that are not in the panel: {units}", units=listed(strange))
        report = replace(report, notes=(lost, *report.notes))
    return Pairing(units, search.places, _unions(units, ours, search), report)


def _distinct(ids: pd.Index) -> list[str]:
    texts = id_texts(ids)
    index = pd.Index(texts)
    if not index.is_unique:
        raise JoinError("Boundary ids are alike as text: {ids}.", ids=listed(index[index.duplicated()]))
    return texts


def _report(
    units: pd.Index, boundaries: Boundaries, ours: Sequence[Entry], others: Sequence[Entry], search: Found
) -> JoinReport:
    rules = _rules(ours, boundaries, search)
    lone = [unit for unit, rule in enumerate(rules) if rule == UNMATCHED and not is_total(ours[unit].id)]
    unused = sorted(set(range(len(others))) - set(search.places.tolist()))
    near, back = closest([_words(ours[unit]) for unit in lone], [_words(others[place]) for place in unused])
    meant = {lone[at]: [_told(others[unused[place]]) for place in places] for at, places in near.items()}
    meant |= {unit: [_told(others[place])] for unit, place in search.into.items()}
    meant_back = {at: [_told(ours[lone[unit]]) for unit in units_near] for at, units_near in back.items()}
    partners = [int(place) if place >= 0 else None for place in search.places]
    ids = list(boundaries.ids)
    matches = {
        "unit": np.asarray(units),
        "boundary": _column(np.nan if place is None else ids[place] for place in partners),
        "rule": rules,
        "name": _column(np.nan if place is None else _name(others[place]) for place in partners),
    }
    spare = {"boundary": _column(ids[place] for place in unused), "name": _column(_name(others[at]) for at in unused)}
    return JoinReport(
        pd.DataFrame(matches).join(_written(meant, len(units))),
        tuple(units[search.places < 0]),
        tuple(boundaries.ids[unused]),
        pd.DataFrame(spare).join(_written(meant_back, len(unused))),
        notes=boundaries.notes,
    )


def _rules(ours: Sequence[Entry], boundaries: Boundaries, search: Found) -> list[str]:
    """The rule of each unit, and for the unmatched why where it is known."""
    empty = set(id_texts(boundaries.absent))
    rules = list(search.rules)
    for unit, entry in enumerate(ours):
        if rules[unit] != UNMATCHED:
            continue
        if unit in search.into:
            rules[unit] = MERGED_AWAY
        elif entry.id in empty:
            rules[unit] = NO_POLYGON
        elif entry.place and split_up(entry.place):
            rules[unit] = SPLIT
    return rules


def _name(entry: Entry) -> Any:
    """A name beside the id, NaN where there is none."""
    return next((name for name in entry.every_name if name != entry.id), np.nan)


def _column(cells: Iterable[Any]) -> np.ndarray:
    """Cells as they are, ids of any type among them."""
    every = list(cells)
    column = np.empty(len(every), dtype=object)
    column[:] = every
    return column


def _written(meant: Mapping[int, Sequence[str]], count: int) -> pd.DataFrame:
    """Suggestions in columns, NaN where there are fewer."""
    texts = np.full((count, len(SUGGESTED)), np.nan, dtype=object)
    for at, names in meant.items():
        texts[at, slice(len(names))] = names
    return pd.DataFrame(texts, columns=list(SUGGESTED))


def _told(entry: Entry) -> str:
    """The id and a name, as a suggestion writes them."""
    return " ".join(part for part in (entry.id, _name(entry)) if isinstance(part, str))


def _words(entry: Entry) -> tuple[str, ...]:
    return (*entry.every_name, *entry.latin) or (entry.id,)


def _changes(units: pd.Index, ours: Sequence[Entry], periods: pd.Index | None) -> pd.DataFrame:
    known = {entry.place: unit for entry, unit in zip(ours, units, strict=True) if entry.place}
    return breaks(known, _span(periods))


def _span(periods: pd.Index | None) -> tuple[int, int] | None:
    """First and last year, or None where the periods are no years."""
    if periods is None or len(periods) < 2:
        return None
    years = pd.to_numeric(pd.Series(periods), errors="coerce")
    if not years.between(*YEARS).all():
        return None
    return int(years.min()), int(years.max())


def _unions(units: pd.Index, ours: Sequence[Entry], search: Found) -> tuple[Union, ...]:
    """What could be taken in: merged places whose successor is a unit, and places under two codes."""
    holder = {place: unit for unit, place in enumerate(search.places) if place >= 0}
    made = [Union(units[other], units[one], None) for one, other in search.twins]
    for unit, place in search.into.items():
        merger = successor(ours[unit].place or "")
        if place in holder and merger is not None:
            made.append(Union(units[unit], units[holder[place]], merger[1]))
    return tuple(made)

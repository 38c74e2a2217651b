"""Which sheets of a file make the panel."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import DataError, Message, listed
from .ids import unit_columns
from .sheets import Sheet
from .unit_ids import clean_units
from .variables import collected
from .wide import Part, find_unit

# A sheet belongs to the first where this share of its units is there too.
SHARED = 0.5


def chosen(sheets: Sequence[Sheet], unit: str | None, period: str | None) -> tuple[list[Part], list[Message]]:
    """The sheets that make the panel, their ids as one kind, and what there is to say.

    Parameters
    ----------
    sheets : sequence of Sheet
    unit, period : str or None
        Columns of the ids; None looks for them.
        Sheets that do not fit the first with data are left out unless somebody asked for them.

    Raises
    ------
    DataError
        Where a sheet that must take part cannot.
    """
    parts = _parts(sheets, unit, period)
    if len(parts) > 1:
        parts = _met(parts, unit, period)
        if not any(part.sheet.asked for part in parts):
            parts = _fitting([part for part in parts if part.has_numbers()] or parts)
    ids, notes = clean_units([part.units for part in parts])
    out = [sheet.name for sheet in sheets if all(part.sheet is not sheet for part in parts)]
    if out:
        template = "Sheets that do not fit the first were left out: {sheets}; name those you want."
        notes = [*notes, Message.of(template, sheets=listed(out))]
    return [part.with_units(units) for part, units in zip(parts, ids, strict=True)], notes


def _parts(sheets: Sequence[Sheet], unit: str | None, period: str | None) -> list[Part]:
    """The sheets that can be understood."""
    parts: list[Part] = []
    problems: list[DataError] = []
    for sheet in sheets:
        try:
            parts.append(Part.of(sheet, unit, period, lenient=len(sheets) > 1))
        except DataError as error:
            if sheet.asked:
                raise
            problems.append(error)
    if not parts:
        raise problems[0]
    return parts


def _met(parts: Sequence[Part], unit: str | None, period: str | None) -> list[Part]:
    """The sheets by those unit columns under which most of them meet: one may have codes, another names alone."""

    def under(part: Part) -> list[Part]:
        if part.layout == "units-across" or (unit is not None and part.unit_name == find_unit(part.sheet, unit)):
            return [part]
        others = [name for name in unit_columns(part.sheet.frame) if name != part.unit_name]
        return [part, *(Part.of(part.sheet, name, period) for name in others if _names_all(part.sheet, name))]

    choices = [under(part) for part in parts]
    best: list[Part] = []
    for first in choices[0]:
        met = [first, *(max(each, key=lambda part: _shared(part, first)) for each in choices[1:])]
        if not best or sum(_shared(part, first) for part in met) > sum(_shared(part, best[0]) for part in best):
            best = met
    return best


def _names_all(sheet: Sheet, column: str) -> bool:
    return bool(sheet.frame[column].notna().all())


def _fitting(parts: Sequence[Part]) -> list[Part]:
    """The first sheet, and those of the same units and of years that do not contradict it."""
    ids, _ = clean_units([part.units for part in parts])
    first, *others = (part.with_units(units) for part, units in zip(parts, ids, strict=True))
    fit = [part.periods is not None and first.periods is not None and _shared(part, first) >= SHARED for part in others]
    kept = [first, *(part for part, fits in zip(others, fit, strict=True) if fits)]
    try:
        collected(kept)
    except DataError:
        kept = [first]
    return [part for part in parts if any(part.sheet is each.sheet for each in kept)]


def _shared(part: Part, first: Part) -> float:
    """The share of a sheet's units that the first has."""
    ours, theirs = (set(clean_units([each.units.astype(object)])[0][0]) for each in (part, first))
    return len(ours & theirs) / len(ours)

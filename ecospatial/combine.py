"""The sheets of a file as one long table: joined on unit and period, or stacked by year."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .errors import DataError, Message, listed
from .sheet_choice import chosen
from .sheets import Sheet
from .short_years import doubt_of_names
from .stray_cells import check_cells, doubtful_cells
from .totals import is_total
from .variables import collected
from .wide import Part, years_in_names
from .yearbook import mixed_units


@dataclass(frozen=True, eq=False)
class LongTable:
    """One row a unit and period, and what was understood on the way."""

    frame: pd.DataFrame
    unit: str
    period: str | None
    labels: dict[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


def long_table(
    sheets: Sequence[Sheet],
    unit: str | None = None,
    period: str | None = None,
    *,
    strict: bool = True,
    as_text: Collection[str] = (),
) -> LongTable:
    """Make one table of the sheets of a file.

    Parameters
    ----------
    sheets : sequence of Sheet
    unit, period : str or None
        Columns of the ids; None looks for them.
    strict : bool
        Whether text among numbers is an error, or a note.
    as_text : collection of str
        Columns that may hold text among numbers.

    Raises
    ------
    DataError
        Where no table can be made.
    """
    parts, chosen_notes = chosen(sheets, unit, period)
    notes = [*chosen_notes, *(note for part in parts for note in part.sheet.notes)]
    for part in parts:
        apart = {part.unit_name, part.period_name or part.unit_name, *as_text}
        if strict:
            check_cells(part.sheet, apart)
        notes += doubtful_cells(part.sheet, apart)
    first = parts[0]
    dated = any(part.periods is not None for part in parts)
    taken = {str(name) for part in parts for name in part.sheet.frame.columns}
    free = "year" if "year" not in taken else "period"
    period_name = (first.period_name or period or free) if dated else None
    if len(parts) == 1 and first.layout in ("long", "cross"):
        frame = _own(parts[0], period_name)
        labels = {name: label for name, label in first.sheet.labels.items() if name in frame}
    else:
        frame, labels = _joined(parts, period_name)
    told = (*_understood(parts, unit, period), *notes, *_doubts(frame, first.unit_name, period_name))
    return LongTable(frame, first.unit_name, period_name, labels, told)


def _own(part: Part, period_name: str | None) -> pd.DataFrame:
    """The one long sheet, its ids cleaned."""
    frame = part.sheet.frame.copy()
    frame[part.unit_name] = part.units
    if part.periods is not None and period_name is not None:
        if part.period_name is None:
            frame.insert(0, period_name, part.periods)
        else:
            frame[period_name] = part.periods
    return frame


def _joined(parts: Sequence[Part], period_name: str | None) -> tuple[pd.DataFrame, dict[str, str]]:
    dated, fixed, measured = collected(parts)
    unit_name = parts[0].unit_name
    if period_name is None:
        frame = pd.DataFrame(fixed).rename_axis(unit_name).reset_index()
    else:
        frame = _aligned(dated, fixed, unit_name, period_name)
    labels = {name: label for part in parts for name, label in part.sheet.labels.items() if name in frame}
    labels |= {name: f"{name} ({unit})" for name, unit in measured.items() if unit not in name}
    return frame, labels


def _aligned(
    dated: dict[str, pd.Series], fixed: dict[str, pd.Series], unit_name: str, period_name: str
) -> pd.DataFrame:
    """All variables on the same rows: units as they first appear, periods ascending."""
    keys = pd.MultiIndex.from_tuples(dict.fromkeys(key for values in dated.values() for key in values.index))
    units, periods = (pd.Index(dict.fromkeys(keys.get_level_values(level))) for level in (0, 1))
    if len({isinstance(period, str) for period in periods}) > 1:
        raise DataError("The periods of the sheets are of different kinds: {periods}.", periods=listed(periods, 30))
    places = [periods.sort_values().get_indexer(keys.get_level_values(1)), units.get_indexer(keys.get_level_values(0))]
    keys = keys[np.lexsort(places)]
    ids = {unit_name: keys.get_level_values(0), period_name: keys.get_level_values(1)}
    held = {name: values.reindex(ids[unit_name]).to_numpy() for name, values in fixed.items()}
    found = {name: values.reindex(keys).to_numpy() for name, values in dated.items()}
    twice = ids.keys() & (held.keys() | found.keys())
    if twice:
        raise DataError("Columns stand twice: {columns}; rename one of each.", columns=listed(sorted(twice)))
    return pd.DataFrame({**ids, **held, **found}).infer_objects()


def _understood(parts: Sequence[Part], unit: str | None, period: str | None) -> list[Message]:
    """How the sheets were read, where nobody had said so."""
    notes, first = [], parts[0]
    wide = [part for part in parts if part.layout == "wide"]
    if wide:
        years = np.unique(np.concatenate([part.periods for part in wide if part.periods is not None]))
        notes.append(
            Message.of(
                "Read as wide: {count} years ({first}–{last}) across; sheets: {sheets}.",
                count=len(years),
                first=years[0],
                last=years[-1],
                sheets=len(wide),
            )
        )
        held = sorted({name for part in wide for name in part.fixed()})
        if held:
            notes.append(Message.of("Columns without a year stand in every year: {columns}.", columns=listed(held)))
    turned = [part for part in parts if part.layout == "units-across"]
    if turned:
        template = "Read with years down and units across: {count} units; sheets: {sheets}."
        notes.append(Message.of(template, count=len(turned[0].units), sheets=len(turned)))
    if len(parts) > max(len(wide) + len(turned), 1):
        names = listed([part.sheet.name for part in parts], limit=3)
        notes.append(Message.of("{count} sheets were joined: {sheets}.", count=len(parts), sheets=names))
    if first.layout == "long" and first.period_name is None:
        notes.append(Message.of("The names of the sheets are taken for periods."))
    if unit is None and first.layout != "units-across":
        notes.append(Message.of("Units are those of column '{column}'.", column=first.unit_name))
    if period is None and first.period_name is not None:
        notes.append(Message.of("Periods are those of column '{column}'.", column=first.period_name))
    if first.layout == "cross":
        notes += years_in_names(first.sheet)
    return [*notes, *doubt_of_names(first.sheet.frame.columns)]


def _doubts(frame: pd.DataFrame, unit: str, period: str | None) -> list[Message]:
    """What a person should look at before computing."""
    template = "'{name}' stands in several units: {columns}. Nothing was converted."
    notes = [
        Message.of(template, name=name, columns=listed(several)) for name, several in mixed_units(frame.columns).items()
    ]
    numbers = frame.drop(columns=[unit, period] if period else unit).select_dtypes("number")
    if len(numbers.columns):
        bare = numbers.isna().all(axis=1).groupby(frame[unit], sort=False).all()
        if bare.any():
            template = "These units have no number at all: {units}; they may be headings."
            notes.append(Message.of(template, units=listed(bare.index[bare.to_numpy(dtype=bool)])))
    totals = [name for name in pd.unique(frame[unit]) if is_total(str(name))]
    if totals:
        template = "These units look like totals: {units}; drop them before scoring."
        notes.append(Message.of(template, units=listed(totals)))
    return notes

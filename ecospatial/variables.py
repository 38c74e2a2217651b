"""The variables of several sheets under one name each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from .errors import DataError, Message, listed
from .sheets import Sheet
from .wide import Part, Variable
from .yearbook import plain_name


def collected(parts: Sequence[Part]) -> tuple[dict[str, pd.Series], dict[str, pd.Series], dict[str, str]]:
    """By name: variables of unit and period, those of unit alone, and their units of measurement."""
    for part in parts:
        _check_once(part)
    found: list[tuple[Variable, Sheet]] = [(each, part.sheet) for part in parts for each in part.variables()]
    names = _names([variable for variable, _ in found])
    dated: dict[str, pd.Series] = {}
    fixed: dict[str, pd.Series] = {}
    units = {name: unit for name, unit in names.values() if unit}
    for variable, sheet in found:
        name = names[id(variable)][0]
        values = variable.values
        if values.index.nlevels == 1:
            fixed[name] = fixed[name].combine_first(values) if name in fixed else values
        elif name in dated:
            dated[name] = _stacked(dated[name], values, name, sheet.name)
        else:
            dated[name] = values
    return dated, {name: values for name, values in fixed.items() if name not in dated}, units


def _check_once(part: Part) -> None:
    """Refuse a unit, or a unit and period, that stands twice in one sheet."""
    if part.layout == "units-across":
        _check_alone(part)
        return
    across = part.layout == "wide" or part.periods is None
    keys = pd.Index(part.units) if across else pd.MultiIndex.from_arrays([part.units, part.periods])
    twice = keys[keys.duplicated()].unique()
    if len(twice) and across:
        raise DataError("Units stand more than once in '{sheet}': {units}.", sheet=part.sheet.name, units=listed(twice))
    if len(twice):
        raise DataError(
            "Unit-periods stand more than once: {pairs}; keep one row each.",
            pairs=listed(Message.of("unit {unit} in {period}", unit=unit, period=period) for unit, period in twice),
        )


def _check_alone(part: Part) -> None:
    """Refuse a unit or a period that stands twice in a sheet with units across."""
    for ids in (pd.Index(part.units), pd.Index(part.periods)):
        if not ids.is_unique:
            template = "'{sheet}' has these twice: {ids}; keep one each."
            raise DataError(template, sheet=part.sheet.name, ids=listed(ids[ids.duplicated()].unique()))


def _stacked(ours: pd.Series, theirs: pd.Series, name: str, sheet: str) -> pd.Series:
    """Values of two sheets; the same cell twice must hold the same."""
    shared = theirs.index.intersection(ours.index)
    if len(shared) and not ours[shared].equals(theirs[shared]):
        unit, period = shared[0]
        raise DataError(
            "Sheet '{sheet}' holds '{column}' of unit {unit}, period {period} once more; rename the column or name the"
            " sheets you want.",
            sheet=sheet,
            column=name,
            unit=unit,
            period=period,
        )
    return pd.concat([ours, theirs[~theirs.index.isin(shared)]])


def _names(variables: Iterable[Variable]) -> dict[int, tuple[str, str]]:
    """What each variable is called, and its unit: a quantity in two units is two columns."""
    groups: dict[str, list[Variable]] = {}
    for variable in variables:
        groups.setdefault(plain_name(variable.name).casefold(), []).append(variable)
    found = {}
    for group in groups.values():
        name = group[0].name
        units = {variable.unit for variable in group if variable.unit}
        for variable in group:
            unit = variable.unit
            if not unit and len(units) == 1 and not (units & {"%", "‰"} and variable.values.notna().any()):
                unit = next(iter(units))
            several = len({*units, unit}) > 1
            found[id(variable)] = (f"{name}({unit})" if several and unit else name), unit
    return found

"""Logs, lags, standardising and winsorising of variables, declared and not done by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import numpy as np
import pandas as pd

from ..describe import Advanced
from ..errors import DataError, Message, OptionError, listed
from ..panel import Panel

AnyPanel = TypeVar("AnyPanel", bound=Panel)

# Transforms of the dependent variable and the drivers, for signatures.
Transforms = Annotated[Mapping[str, str] | Sequence[str], Advanced(), "Transforms"]

RULES = "log, standardise, lag (lag2 …), winsorise (winsorise5 …)"
_RULE = re.compile(r"(log|standardise|lag|winsorise)(\d*)")
USUAL = {"lag": 1, "winsorise": 1}


@dataclass(frozen=True, eq=False)
class Transformed:
    """A panel whose columns are the terms of a regression.

    Attributes
    ----------
    data : Panel or GeoPanel
        One column a term, without the rows that lags cost.
    names : dict of str to str
        The term of every variable that was asked for, the variable itself where nothing was done to it.
    notes : tuple of Message
    """

    data: Panel
    names: Mapping[str, str]
    notes: tuple[Message, ...] = ()


def transformed(data: Panel, columns: Sequence[str], transforms: Mapping[str, str] | Sequence[str]) -> Transformed:
    """Apply declared rules to columns of a panel.

    ``log`` is the natural logarithm; ``standardise`` takes out the mean and divides by the standard deviation
    (n − 1) of all unit-periods; ``winsorise`` moves what lies beyond the 1st and 99th percentile of all unit-periods to
    them, ``winsorise5`` beyond the 5th and 95th; ``lag`` is the value of the period before among those of the panel,
    ``lag2`` that of two before. Rules are chained in their order by ``+``: ``log+lag``.

    Parameters
    ----------
    data : Panel or GeoPanel
    columns : sequence of str
        The variables in use.
    transforms : mapping, or sequence of str
        Rules by variable, or texts such as ``pgdp=log``.

    Raises
    ------
    OptionError
        Where a rule is unknown, is for a variable that is not in use, or lags a cross-section.
    DataError
        Where a logarithm is of zero or less, a variable to standardise is constant, or lags leave no row.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "gdp": [1.0, np.e, 1.0, 1.0]})
    >>> found = transformed(Panel.from_frame(frame, "city", "year"), ["gdp"], ["gdp=log+lag"])
    >>> found.data.frame["lag(log(gdp))"].tolist(), found.names
    ([0.0, 0.0], {'gdp': 'lag(log(gdp))'})
    """
    rules = _rules(transforms, columns)
    if not rules:
        return Transformed(data.select(columns), {name: name for name in columns})
    terms = [_Term.of(data, name).changed(rules.get(name, ())) for name in columns]
    twice = [term.name for term in terms if [each.name for each in terms].count(term.name) > 1]
    if twice:
        raise OptionError("Two variables would be called '{name}'; rename a column.", name=twice[0])
    lost = np.logical_or.reduce([term.lost for term in terms])
    if lost.all():
        raise DataError("The lags leave no unit-period: no unit has a row that many periods before another.")
    made = {term.name: pd.Series(term.values, data.index) for term in terms if rules.get(term.column)}
    whole = data.assign(**made).select([term.name for term in terms])
    kept = whole.where_rows(~lost) if lost.any() else whole
    return Transformed(kept, {term.column: term.name for term in terms}, _notes(data, terms, lost))


@dataclass(frozen=True, eq=False)
class _Term:
    """A variable on its way through its rules."""

    data: Panel
    column: str
    name: str
    values: np.ndarray
    lost: np.ndarray
    lagged: int = field(default=0)

    @classmethod
    def of(cls, data: Panel, column: str) -> _Term:
        # Empty cells are complained of later, where they are still in the way.
        values = data.numbers([column], missing="nan")[column].to_numpy()
        return cls(data, column, column, values, np.zeros(len(values), dtype=bool))

    def changed(self, rules: Sequence[tuple[str, int]]) -> _Term:
        """After rules in their order."""
        term = self
        for rule, size in rules:
            values, lost = _DONE[rule](term, size)
            shown = f"{rule}{size if size != USUAL.get(rule, 0) else ''}"
            lagged = term.lagged + (size if rule == "lag" else 0)
            term = _Term(term.data, term.column, f"{shown}({term.name})", values, lost, lagged)
        return term

    def log(self, _: int) -> tuple[np.ndarray, np.ndarray]:
        wrong = np.flatnonzero(~(self.values > 0) & ~np.isnan(self.values) & ~self.lost)
        if len(wrong):
            raise DataError(
                "'{column}' is {value} for {where}, which has no logarithm; leave the unit out, or use another"
                " transform.",
                column=self.name,
                value=f"{self.values[wrong[0]]:g}",
                where=self.data.where(int(wrong[0])),
            )
        return np.log(np.where(self.lost, 1.0, self.values)), self.lost

    def standardise(self, _: int) -> tuple[np.ndarray, np.ndarray]:
        known = self.values[~self.lost & ~np.isnan(self.values)]
        spread = known.std(ddof=1) if len(known) > 1 else 0.0
        if spread <= 1e-12 * np.abs(known).max(initial=0.0):
            raise DataError("'{column}' is the same for all units and cannot be standardised.", column=self.name)
        return (self.values - known.mean()) / spread, self.lost

    def winsorise(self, percent: int) -> tuple[np.ndarray, np.ndarray]:
        known = self.values[~self.lost & ~np.isnan(self.values)]
        if len(known) == 0:
            return self.values, self.lost
        low, high = np.quantile(known, [percent / 100, 1 - percent / 100])
        return np.clip(self.values, low, high), self.lost

    def lag(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        if len(self.data.periods) == 1:
            raise OptionError("'{column}' cannot be lagged: the data have one period.", column=self.column)
        unit, period = self.data.places()
        row = np.full((len(self.data.periods), len(self.data.units)), -1)
        row[period, unit] = np.arange(len(unit))
        before = np.where(period >= steps, row[period - steps, unit], -1)
        lost = self.lost | (before < 0) | self.lost[before]
        return np.where(lost, np.nan, self.values[before]), lost


_DONE: Mapping[str, Callable[[_Term, int], tuple[np.ndarray, np.ndarray]]] = {
    "log": _Term.log,
    "standardise": _Term.standardise,
    "winsorise": _Term.winsorise,
    "lag": _Term.lag,
}


def _rules(
    transforms: Mapping[str, str] | Sequence[str], columns: Sequence[str]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Rules and their sizes by variable."""
    if isinstance(transforms, Mapping):
        pairs = list(transforms.items())
    else:
        texts = [transforms] if isinstance(transforms, str) else list(transforms)
        pairs = [_pair(text) for text in texts]
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for name, text in pairs:
        if name not in columns:
            raise OptionError(
                "transforms= names '{column}', which is neither y nor in x; there are: {all}.",
                column=name,
                all=listed(columns, limit=20),
            )
        if name in found:
            raise OptionError("transforms= names '{column}' twice; chain its rules by +.", column=name)
        found[name] = tuple(_rule(part.strip()) for part in str(text).split("+"))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, rule = str(text).rpartition("=")
    if not equals:
        raise OptionError("A transform is written COLUMN=RULE, such as pgdp=log, and not '{text}'.", text=text)
    return name.strip(), rule


def _rule(text: str) -> tuple[str, int]:
    match = _RULE.fullmatch(text)
    size = int(match[2] or USUAL.get(match[1], 0)) if match else 0
    sized = match is not None and bool(match[2])
    if match is None or (match[1] in USUAL) != (size > 0) or (sized and match[1] not in USUAL) or size >= 50:
        raise OptionError("There is no transform '{rule}'; the rules are: {rules}.", rule=text, rules=RULES)
    return match[1], size


def _notes(data: Panel, terms: Sequence[_Term], lost: np.ndarray) -> tuple[Message, ...]:
    deepest = max(term.lagged for term in terms)
    if not deepest:
        return ()
    notes = [Message.of("Lags cost {lost} of {count} unit-periods.", lost=int(lost.sum()), count=len(lost))]
    _, period = data.places()
    torn = data.index[lost & (period >= deepest)].get_level_values("unit").unique()
    if len(torn):
        notes.append(
            Message.of(
                "Series with gaps, which lose the unit-periods after a gap as well: {units}.", units=listed(torn)
            )
        )
    steps = _steps(data.periods)
    if len(steps) > 1:
        notes.append(
            Message.of(
                "The periods are not evenly spaced (steps of {steps}): a lag is the value of the period before, however"
                " long ago.",
                steps=listed(steps),
            )
        )
    return tuple(notes)


def _steps(periods: pd.Index) -> list[object]:
    """The distances between periods that are numbers, each once."""
    if not pd.api.types.is_numeric_dtype(periods):
        return []
    return sorted(set(np.diff(periods.to_numpy()).tolist()))

"""What a join leaves to say: the rule behind every pair, what is unmatched, and what broke a series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from ..describe import Table
from ..errors import Message, Text, listed
from ..result import Result
from .corrections import NOTHING
from .matching import LEFT_ALONE
from .vintages import CHANGES

MOST_LINES = 60
SUGGESTED = ("suggestion_1", "suggestion_2", "suggestion_3")
SURE = ("exact", "normalised", "code", "name")
UNUSED, CHANGED, TO_CORRECT = (
    Table("unused", "term", "Boundaries without a unit"),
    Table("changes", "term", "Mergers, splits and moved counties"),
    Table("to_correct", "term", "Pairs to check, to be edited and given back as corrections"),
)


def _no_unused() -> pd.DataFrame:
    return pd.DataFrame(columns=["boundary", "name", *SUGGESTED], index=pd.RangeIndex(0))


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame(columns=list(CHANGES), index=pd.RangeIndex(0))


@dataclass(frozen=True, eq=False, repr=False)
class JoinReport(Result):
    """How units of a panel met boundaries.

    Attributes
    ----------
    matches : DataFrame
        One row a panel unit: ``unit``, ``boundary`` (NaN where unmatched), ``rule``, and where they are known the
        boundary's ``name`` and up to three close spellings.
    only_in_panel, only_in_boundaries : tuple
        Ids without a partner.
    unused : DataFrame
        One row a boundary without a unit, with close spellings among the units without a boundary.
    changes : DataFrame
        One row a unit and year in which its ground changed.
    """

    TITLE: ClassVar[str] = "Join report"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("matches", "unit", "Join report"), UNUSED, CHANGED, TO_CORRECT)

    matches: pd.DataFrame
    only_in_panel: tuple[Any, ...] = ()
    only_in_boundaries: tuple[Any, ...] = ()
    unused: pd.DataFrame = field(default_factory=_no_unused)
    changes: pd.DataFrame = field(default_factory=_no_changes)

    def of(self, units: pd.Index) -> JoinReport:
        """The report of some of the units."""
        here, there = self.matches["unit"].isin(units), self.changes["unit"].isin(units)
        return JoinReport(
            self.matches[here].reset_index(drop=True),
            tuple(unit for unit in self.only_in_panel if unit in units),
            self.only_in_boundaries,
            self.unused,
            self.changes[there].reset_index(drop=True),
            notes=self.notes,
            provenance=self.provenance,
        )

    @property
    def matched(self) -> int:
        """How many panel units have a boundary."""
        return int(self.matches["boundary"].notna().sum())

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """One row a panel unit with the rule that matched it, or another table of the report."""
        return self.matches.copy() if table is None else super().to_frame(table)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The pairs by unit, unused boundaries, changes, and what is to be checked."""
        return {
            "matches": self.matches.set_index("unit"),
            "unused": self.unused,
            "changes": self.changes,
            "to_correct": self.corrections(),
        }

    def corrections(self) -> pd.DataFrame:
        """A table to edit and give back: units whose pair is not plainly right, those without a boundary first.

        Fill the column ``boundary`` with an id (or paste a suggestion), or with ``-`` for none; an empty cell leaves
        the unit to the rules. Write it with ``.to_excel(path)`` and give ``corrections=path`` to the join.

        Examples
        --------
        >>> matches = pd.DataFrame({"unit": ["a", "B"], "boundary": ["a", None], "rule": ["exact", "unmatched"]})
        >>> JoinReport(matches).corrections()["unit"].tolist()
        ['B']
        """
        doubtful = self.matches[~self.matches["rule"].isin(SURE)]
        order = doubtful["boundary"].notna().to_numpy().argsort(kind="stable")
        table = doubtful.iloc[order].reset_index(drop=True)
        return table.assign(boundary=table["boundary"].mask(table["rule"] == LEFT_ALONE, NOTHING))

    def facts(self) -> Mapping[str, Text]:
        """How many matched, and who is left over."""
        return {
            "Units matched": Message.of("{matched} of {all}", matched=self.matched, all=len(self.matches)),
            "Matched by a looser rule": str(sum(map(len, self._by_rule().values()))),
            "Only in the panel": listed(self.only_in_panel, limit=20) or "none",
            "Only in the boundaries": listed(self.only_in_boundaries, limit=20) or "none",
        }

    def digest(self) -> pd.DataFrame:
        """What is not plainly right."""
        return self.corrections().set_index("unit")

    def __str__(self) -> str:
        lines = [*self._counts(), *(f"{unit}: did you mean {', '.join(names)}?" for unit, names in self._suggestions())]
        for row in self.changes.itertuples(index=False):
            moved = f"{row.change}: {row.county}" if row.county else row.change
            lines.append(f"{row.unit}, {row.year}: {moved} ({row[3]} → {row.to})")
        return "\n".join([*lines[:MOST_LINES], *map(str, self.notes)])

    def _counts(self) -> list[str]:
        lines = [f"{self.matched} of {len(self.matches)} units matched"]
        lines += [
            f"by {rule}: {listed([f'{unit} → {boundary}' for unit, boundary in pairs], limit=20)}"
            for rule, pairs in self._by_rule().items()
        ]
        if self.only_in_panel:
            lines.append(f"only in the panel: {listed(self.only_in_panel, limit=20)}")
        if self.only_in_boundaries:
            lines.append(f"only in the boundaries: {listed(self.only_in_boundaries, limit=20)}")
        return lines

    def _by_rule(self) -> dict[str, list[tuple[Any, Any]]]:
        paired = self.matches[self.matches["boundary"].notna() & ~self.matches["rule"].isin(SURE)]
        return {
            str(rule): list(zip(part["unit"], part["boundary"], strict=True))
            for rule, part in paired.groupby("rule", sort=False)
        }

    def _suggestions(self) -> list[tuple[Any, list[str]]]:
        columns = [name for name in SUGGESTED if name in self.matches]
        open_ones = self.matches[self.matches["boundary"].isna()]
        found = [(row[0], [cell for cell in row[1:] if isinstance(cell, str)])
                 for row in open_ones[["unit", *columns]].itertuples(index=False)]  # fmt: skip
        return [(unit, names) for unit, names in found if names]

    def __repr__(self) -> str:
        return f"<JoinReport: {'; '.join(self._counts())}>"

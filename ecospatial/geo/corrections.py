"""A table by which a person pairs units with boundaries; what it says comes before every rule."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import pandas as pd

from ..errors import DataError, FileError, OptionError, listed, suggest
from ..ids import id_text
from ..ports import Port
from ..source import read_source

SHEET = "to_correct"
NOTHING = "-"
COLUMNS = ("unit", "boundary")


@dataclass(frozen=True, eq=False)
class Corrections:
    """Units and the boundary ids that a person gave them.

    Attributes
    ----------
    pairs : mapping
        Boundary id by unit, as text; ``"-"`` leaves the unit without a boundary.

    Examples
    --------
    >>> Corrections.of({"Tang Mountain": 130200}).pairs
    {'Tang Mountain': '130200'}
    """

    STANDS_FOR: ClassVar[str] = "a table of corrections"

    pairs: Mapping[str, str]

    @classmethod
    def of(cls, given: CorrectionsLike | None) -> Corrections:
        """Corrections of whatever they were given as; a unit whose boundary is left empty is left to the rules.

        Raises
        ------
        DataError
            Where a table lacks its columns, or gives one unit two boundaries.
        """
        if isinstance(given, Corrections):
            return given
        if given is None:
            return cls({})
        if isinstance(given, Mapping):
            return cls._of_pairs(list(given.items()))
        frame = given if isinstance(given, pd.DataFrame) else _read(Path(given))
        lacking = [name for name in COLUMNS if name not in frame.columns]
        if lacking:
            raise DataError(
                "A table of corrections needs the columns unit and boundary; {lacking} is not there. It has: {columns}",
                lacking=listed(lacking),
                columns=listed(frame.columns, limit=12),
            )
        return cls._of_pairs(list(zip(frame["unit"], frame["boundary"], strict=True)))

    @classmethod
    def _of_pairs(cls, pairs: Sequence[tuple[Any, Any]]) -> Corrections:
        found: dict[str, str] = {}
        for unit, boundary in pairs:
            if _empty(unit) or _empty(boundary):
                continue
            one, other = id_text(unit), id_text(boundary)
            if found.setdefault(one, other) != other:
                raise DataError("The corrections give unit {unit} two boundaries: {one} and {other}.",
                                unit=one, one=found[one], other=other)  # fmt: skip
        return cls(found)

    def places(self, units: Sequence[str], boundaries: Mapping[str, int]) -> tuple[dict[int, int], list[str]]:
        """Positions of the pairs, −1 for no boundary; and units that are not in the panel.

        Parameters
        ----------
        units : sequence of str
        boundaries : mapping
            Position by id, and by suggestion ("130200 唐山市"), which people paste whole.

        Raises
        ------
        OptionError
            Where there is no such boundary.
        """
        known = {unit: place for place, unit in enumerate(units)}
        found, strange = {}, []
        for unit, boundary in self.pairs.items():
            place = -1 if boundary == NOTHING else boundaries.get(boundary)
            if place is None:
                raise OptionError(
                    "The corrections give unit {unit} the boundary {boundary}, which is not there; {hint}",
                    unit=unit,
                    boundary=boundary,
                    hint=suggest(boundary, list(boundaries)),
                )
            if unit in known:
                found[known[unit]] = place
            else:
                strange.append(unit)
        return found, strange

    def as_argument(self) -> str:
        """As a call would have it."""
        return repr(dict(self.pairs))

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A file."""
        told = "A table with the columns unit and boundary, such as a join's own 'to_correct', edited."
        return (Port(name, "file", title, told, advanced=True),)

    @classmethod
    def from_ports(cls, name: str, values: Mapping[str, Any]) -> Corrections | None:
        """Corrections of the file that was named."""
        return cls.of(values[name]) if values.get(name) else None


CorrectionsLike: TypeAlias = Corrections | pd.DataFrame | Mapping[Any, Any] | str | os.PathLike[str]


def _read(path: Path) -> pd.DataFrame:
    """The sheet of corrections where a workbook has one, else the first table."""
    if path.suffix.lower() == ".xlsx":
        try:
            return read_source(path, sheet=SHEET).frame
        except FileError:
            pass
    return read_source(path).frame


def _empty(cell: Any) -> bool:
    return bool(pd.isna(cell)) or id_text(cell) == ""

"""Texts that stand among numbers."""

from __future__ import annotations

from collections.abc import Collection

from .errors import DataError, Message
from .sheets import Sheet


def check_cells(sheet: Sheet, apart: Collection[str]) -> None:
    """Refuse text among numbers.

    Raises
    ------
    DataError
        Names sheet, row, column and text.
    """
    for place in sheet.strays:
        if sheet.frame.columns[place] not in apart:
            doubt = _doubt(sheet, place)
            raise DataError(doubt.template, **dict(doubt.values))


def doubtful_cells(sheet: Sheet, apart: Collection[str]) -> list[Message]:
    """What :func:`check_cells` would refuse, as notes."""
    return [_doubt(sheet, place) for place in sheet.strays if sheet.frame.columns[place] not in apart]


def _doubt(sheet: Sheet, place: int) -> Message:
    record = sheet.strays[place]
    cell, column = sheet.frame.iloc[record, place], sheet.frame.columns[place]
    where = {"column": column, "sheet": sheet.name, "row": sheet.rows[record], "cell": cell}
    if str(cell).strip()[-1:] in ("%", "％", "‰"):
        return Message.of(
            "'{column}' of sheet '{sheet}' mixes percentages, such as '{cell}' in row {row}, and plain numbers; write"
            " all one way.",
            **where,
        )
    return Message.of(
        "'{column}' of sheet '{sheet}' holds numbers, but row {row} has '{cell}'; mend the cell or empty it.", **where
    )

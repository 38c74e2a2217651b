"""Errors and notes for the person at the keyboard.

Every message is an English template and its values, so that a door (command line, QGIS, report) can
translate the template and fill the values in afterwards.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Message:
    """A template with named fields and the values that fill it.

    Parameters
    ----------
    template : str
        English text with ``str.format`` fields; the key in the message catalogue.
    values : tuple of (str, str or Message)
        Name and text of each field; a text that wants translating is a message itself.

    Examples
    --------
    >>> str(Message.of("{count} units", count=3))
    '3 units'
    """

    template: str
    values: tuple[tuple[str, Text], ...] = ()

    @classmethod
    def of(cls, template: str, **values: object) -> Message:
        """Fill a template by keyword."""
        texts = ((name, value if isinstance(value, Message) else str(value)) for name, value in values.items())
        return cls(template, tuple(texts))

    def __str__(self) -> str:
        return self.template.format(**dict(self.values))


Text: TypeAlias = str | Message


class EcospatialError(Exception):
    """Base of all errors raised on purpose; says what is wrong, where, and how to mend it."""

    def __init__(self, template: str, **values: object) -> None:
        self.message = Message.of(template, **values)
        super().__init__(template, values)

    def __str__(self) -> str:
        return str(self.message)


class DataError(EcospatialError, ValueError):
    """A cell, column, unit or period that the method cannot use."""


class OptionError(EcospatialError, ValueError):
    """An argument outside what is allowed."""


class GeometryError(EcospatialError, ValueError):
    """A boundary that is missing, empty or broken."""


class JoinError(EcospatialError, ValueError):
    """Units of two objects that do not agree."""


class ModelError(EcospatialError, ValueError):
    """A model that cannot be estimated from these data."""


class FileError(EcospatialError, OSError):
    """A file that cannot be read or written."""

    def __str__(self) -> str:
        return str(self.message)


class MissingPackageError(EcospatialError, ImportError):
    """An optional package that this piece of work needs."""

    def __str__(self) -> str:
        return str(self.message)


class Cancelled(EcospatialError):
    """The person asked to stop."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")


def need(package: str, purpose: str) -> MissingPackageError:
    """The error for an optional package that is not installed."""
    return MissingPackageError(
        "{purpose} needs the package '{package}', which is not installed; try: pip install {package}",
        purpose=Message.of(purpose),
        package=package,
    )


def listed(items: Iterable[object], limit: int = 5, mark: str = ", ") -> Text:
    """Write out the first items, with a mark between them, and count the rest.

    Examples
    --------
    >>> str(listed(range(7), limit=3))
    '0, 1, 2 and 4 more'
    """
    every = list(items)
    shown = joined(every[:limit], mark)
    if len(every) <= limit:
        return shown
    return Message.of("{shown} and {count} more", shown=shown, count=len(every) - limit)


def joined(items: Sequence[object], mark: str = ", ") -> Text:
    """Items in a row, still to be translated where some are messages.

    Examples
    --------
    >>> str(joined([Message.of("unit {unit}", unit=7), "x"], " → "))
    'unit 7 → x'
    """
    if not any(isinstance(item, Message) for item in items):
        return mark.join(str(item) for item in items)
    named = {f"item{place}": item for place, item in enumerate(items)}
    return Message.of(mark.join(f"{{{name}}}" for name in named), **named)


def suggest(name: str, candidates: Sequence[Any], limit: int = 3) -> Message:
    """A half-sentence with the closest spellings, or with all names where none is close."""
    texts = [str(candidate) for candidate in candidates]
    lowered = {text.lower(): text for text in texts}
    close = difflib.get_close_matches(str(name).lower(), list(lowered), n=limit, cutoff=0.6)
    if close:
        return Message.of("did you mean {names}?", names=", ".join(f"'{lowered[text]}'" for text in close))
    return Message.of("there are: {names}", names=listed(texts, limit=12))

"""What all results share: tables, text, figures, files, provenance."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast

import pandas as pd

from .caveats import CAVEATS
from .describe import Table
from .errors import Message, OptionError, Text, listed
from .package import public
from .provenance import Provenance
from .store import load_object, store_object

Self = TypeVar("Self", bound="Result")


@dataclass(frozen=True, eq=False)
class Result:
    """Base of every result: frozen, self-describing, kept with its provenance.

    A subclass declares :attr:`TITLE`, :attr:`TABLES` and :attr:`FIGURE`, whether its tables are printed
    :attr:`WHOLE` however long they are, and answers :meth:`tables` and :meth:`facts`.

    Attributes
    ----------
    notes : tuple of Message
        What a careful reader of the numbers should know.
    provenance : Provenance
        The call, seed and versions.
    """

    TITLE: ClassVar[str] = ""
    TABLES: ClassVar[tuple[Table, ...]] = ()
    FIGURE: ClassVar[str | None] = None
    WHOLE: ClassVar[bool] = False

    notes: tuple[Message, ...] = field(default=(), kw_only=True)
    provenance: Provenance = field(default_factory=Provenance, kw_only=True)

    @property
    def title(self) -> Text:
        """The heading: :attr:`TITLE`, or what a result calls itself by its options."""
        return self.TITLE

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every declared table under its name, in the declared order."""
        raise NotImplementedError

    def facts(self) -> Mapping[str, Text]:
        """Model, options, conventions and single numbers: what goes above a table."""
        return {}

    def digest(self) -> pd.DataFrame:
        """The table that a summary prints."""
        return self.to_frame()

    def digests(self) -> Sequence[pd.DataFrame]:
        """All tables that a summary prints: the digest, and what a result has to say beside it."""
        return (self.digest(),)

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """A table as tidy data; the first declared one by default.

        Parameters
        ----------
        table : str or None
            Name of the table.

        Raises
        ------
        OptionError
            Where the result has no table of that name.
        """
        tables = self.tables()
        name = table or self.TABLES[0].name
        if name not in tables:
            raise OptionError(
                "This result has no table '{table}'; it has: {tables}", table=name, tables=listed(tables, limit=20)
            )
        return tables[name].copy()

    def summary(self) -> str:
        """A text with the model, its conventions, the main tables and the notes."""
        facts = {str(name): str(value) for name, value in self.facts().items()}
        width = max((len(name) for name in facts), default=0)
        title = str(self.title)
        lines = [title, "=" * len(title)]
        lines += [f"{name:<{width}}  {value}" for name, value in facts.items()]
        for digest in self.digests():
            if len(digest):
                shown = digest.to_string(
                    max_rows=None if self.WHOLE else 40, float_format=lambda number: f"{number:.4f}", na_rep="–"
                )
                lines += ["", shown]
        if self.notes:
            lines += ["", *(f"Note: {note}" for note in self.notes)]
        return "\n".join(lines)

    def plot(self, **options: Any) -> Any:
        """Draw the result as a matplotlib ``Figure``.

        Raises
        ------
        MissingPackageError
            Where matplotlib is not installed.
        """
        return self._present("figures").draw(self, **options)

    def figure_data(self, figure: str | None = None, **options: Any) -> pd.DataFrame:
        """What a map, a scatter plot or a trend draws, as a table: classes and colours, points, lines and bands.

        Raises
        ------
        OptionError
            Where the figure has no data apart from the tables.
        """
        return cast(pd.DataFrame, self._present("figure_data").figure_data(self, figure, **options))

    def save(self, path: str | os.PathLike[str], table: str | None = None) -> None:
        """Write the result by extension, whole or not at all.

        Parameters
        ----------
        path : path-like
            ``.csv .parquet .dta .geojson`` one table; ``.xlsx .docx .tex .html`` all; ``.gpkg`` unit tables
            with their polygons; ``.svg .png .pdf`` the figure; ``.eco`` the result itself.
        table : str or None
            The table for a one-table format; the first by default.

        Raises
        ------
        FileError, OptionError, MissingPackageError
            Where the file cannot be written.
        """
        if str(path).endswith(".eco"):
            self.store(path)
        else:
            self._present("saving").save(self, path, table)

    def store(self, path: str | os.PathLike[str]) -> None:
        """Write the result itself as one ``.eco`` file."""
        store_object(self, path)

    @classmethod
    def load(cls: type[Self], path: str | os.PathLike[str]) -> Self:
        """Read a result back from an ``.eco`` file.

        Raises
        ------
        FileError
            Where the file is no stored result or one of another kind.
        """
        return load_object(path, cls)

    @property
    def caveats(self) -> tuple[Message, ...]:
        """What must be said of everything made of this result."""
        return tuple(note for note in self.notes if note in CAVEATS)

    @property
    def boundaries(self) -> Any:
        """The polygons of the units, or None where the data had none."""
        return getattr(getattr(self, "data", None), "boundaries", None)

    @staticmethod
    def _present(room: str) -> Any:
        return public("_present")(room)

    def _repr_html_(self) -> str:
        return str(self._present("html").fragment(self))

    def __repr__(self) -> str:
        return self.summary()

"""The report: results in the order given, as one HTML page that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..caveats import CAVEATS, caveats_of
from ..errors import FileError, MissingPackageError, OptionError, need
from ..files import whole
from ..progress import track
from ..result import Result
from . import figures, html
from .guide import how_to_read
from .language import Words
from .layers import is_schematic, layer_of
from .webmap import web_map


@dataclass(frozen=True)
class Report:
    """A finished page.

    Attributes
    ----------
    html : str
        The whole page; nothing in it is loaded from elsewhere.
    """

    html: str

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page, whole or not at all.

        Raises
        ------
        FileError
            Where the name does not end in ``.html`` or the file cannot be written.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise FileError("A report is an HTML page; let '{path}' end in .html.", path=Path(path).name)
        with whole(path) as draft:
            draft.write_bytes(self.html.encode())

    def _repr_html_(self) -> str:
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:50rem;border:0"></iframe>'

    def __repr__(self) -> str:
        return f"<Report: {len(self.html.encode()) / 1e6:.1f} MB of HTML>"


@dataclass(frozen=True)
class Section:
    """One result on the page; ``facts``, ``tables`` and the rest are HTML."""

    title: str
    lead: str
    facts: str
    figures: tuple[str, ...]
    tables: str
    notes: str


def report(
    *results: Result,
    title: str | None = None,
    language: str = "en",
    schematic: bool | None = None,
    remark: str | None = None,
) -> Report:
    """Put results on one self-contained HTML page.

    Parameters
    ----------
    *results : Result
        At least one; the page keeps their order.
    title : str or None
        Heading of the page; the title of the first result by default.
    language : str
        Language of labels and notes, for example ``"zh_CN"``; names in the data stay as they are.
    schematic : bool or None
        Whether the boundaries are schematic, which the page then says; None looks for an attribute
        ``schematic`` of the boundaries.
    remark : str or None
        A sentence to stand at the top, for example that the data are simulated.

    Returns
    -------
    Report
        Same results, same bytes: the page holds no date.

    Raises
    ------
    OptionError
        Where no result is given, or something else than a result.
    MissingPackageError
        Where jinja2 or matplotlib is not installed. Without folium the page has no interactive map and says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial import Panel, radial
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [1.0, 2.0, 3.0], "output": [1.0, 1.5, 4.0]})
    >>> page = report(radial(Panel.from_frame(frame, unit="city"), ["labour"], ["output"]), title="Three cities")
    >>> "<h1>Three cities</h1>" in page.html
    True
    """
    for result in results:
        if not isinstance(result, Result):
            raise OptionError("A report is made of results; this is a {kind}.", kind=type(result).__name__)
    if not results:
        raise OptionError("A report needs at least one result.")
    words = Words(language)
    shown_schematic = schematic if schematic is not None else any(is_schematic(item.boundaries) for item in results)
    headings = zip(results, _headings(results, words), strict=True)
    sections = [
        _section(result, heading, words, shown_schematic)
        for result, heading in track(headings, "Drawing the report", len(results))
    ]
    map_page, map_remark = _map(results, words, shown_schematic)
    caveats = [words.message(caveat) for caveat in caveats_of(results)]
    warnings = [remark, *caveats, words(SCHEMATIC) if shown_schematic else None, map_remark]
    return Report(
        _template().render(
            words=words,
            version=__version__,
            title=title or words(results[0].title),
            style=html.asset("fragment.css") + html.asset("report.css"),
            warnings=[text for text in warnings if text],
            sections=sections,
            map=map_page,
            calls=[str(result.provenance) for result in results if result.provenance.tool],
            versions=_versions(results),
            conventions=[(words(name), words(text)) for name, text in CONVENTIONS],
        )
    )


def _headings(results: Sequence[Result], words: Words) -> list[str]:
    """The titles; where one repeats, with the model or variable behind it."""
    titles = [words(result.title) for result in results]
    subjects = [getattr(result, "label", None) or getattr(result, "column", None) for result in results]
    return [
        f"{title}: {words(subject)}" if subject and titles.count(title) > 1 else title
        for title, subject in zip(titles, subjects, strict=True)
    ]


def _section(result: Result, heading: str, words: Words, schematic: bool) -> Section:
    return Section(
        title=heading,
        lead=words(how_to_read(result)),
        facts=html.facts_html(result, words),
        figures=tuple(_figures(result, words, schematic)),
        tables=html.tables_html(result, words),
        notes=html.notes_html(_without_caveats(result), words),
    )


def _without_caveats(result: Result) -> Result:
    """The result without what the top of the page says already."""
    return replace(result, notes=tuple(note for note in result.notes if note not in CAVEATS))


def _figures(result: Result, words: Words, schematic: bool) -> Iterator[str]:
    for name in figures.figure_names(result):
        options = {"schematic": schematic} if name in figures.MAPPED else {}
        figure = figures.draw(result, figure=name, language=words.language, **options)
        yield figures.inline_svg(figure, words(result.title))


def _map(results: Sequence[Result], words: Words, schematic: bool) -> tuple[str | None, str | None]:
    layers = [layer for layer in (layer_of(result, words) for result in results) if layer is not None]
    if not layers:
        return None, None
    try:
        return web_map(layers, words, schematic), None
    except MissingPackageError as error:
        return None, words.message(error.message)


def _versions(results: Sequence[Result]) -> str:
    found: dict[str, str] = {}
    for result in results:
        found |= result.provenance.versions
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _template() -> Any:
    try:
        import jinja2
    except ImportError as error:
        raise need("jinja2", "Making a report") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


SCHEMATIC = (
    "The boundaries are schematic, made for teaching: shapes and areas are approximate and say nothing about borders. "
    "A map published in China needs a reviewed base map (审图号)."
)
CONVENTIONS = (
    ("Numbers", "Tables are rounded for reading and long ones cut; saved data files hold every row and digit."),
    ("P-values", "Below 0.001 printed as <0.001."),
    ("Not computed", "A dash; the column 'status' says why where there is one."),
    ("Cluster maps", "Colours and names as in GeoDa; the last period unless the heading says otherwise."),
    ("Efficiency maps", "The frontier (a score of 1), then four classes of equally many units."),
)

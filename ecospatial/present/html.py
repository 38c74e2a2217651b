"""Results as HTML: the pieces of a page, a notebook's view, a page of one result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path

import pandas as pd

from ..describe import Table
from ..provenance import Provenance
from ..result import Result
from .language import Words
from .reading import ReadingTable, names_in_data, reading, reading_tables, with_names, without_lone_period

IN_VIEW = 40
ASSETS = Path(__file__).parent / "assets"


def fragment(result: Result) -> str:
    """A result for a notebook: facts, tables, notes and provenance, with their style."""
    return f"<style>\n{asset('fragment.css')}</style>\n{section(result, Words())}"


def page(result: Result, only: str | None = None) -> str:
    """A self-contained page of one result, without figures; see ``report`` for those."""
    words = Words()
    return (
        f'<!DOCTYPE html>\n<html lang="{words.tag}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(words(result.title))}</title>\n<style>\n{asset('fragment.css')}"
        "body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }\n</style>\n</head>\n"
        f"<body>\n{section(result, words, only)}\n</body>\n</html>\n"
    )


def section(result: Result, words: Words, only: str | None = None) -> str:
    """Title, facts, tables, notes and provenance of a result."""
    parts = [
        f"<h2>{escape(words(result.title))}</h2>",
        facts_html(result, words),
        tables_html(result, words, only),
        notes_html(result, words),
        provenance_html(result.provenance, words),
    ]
    return '<section class="ecospatial">\n' + "\n".join(part for part in parts if part) + "\n</section>"


def tables_html(result: Result, words: Words, only: str | None = None) -> str:
    """Short tables in view, then the long ones and those by unit, folded."""
    tables = list(reading_tables(result, words, only))
    in_view = [only is not None or not _folds(table, content) for table, content in tables]
    shown = [table_html(content) for (_, content), plain in zip(tables, in_view, strict=True) if plain]
    folded = [folded_html(content) for (_, content), plain in zip(tables, in_view, strict=True) if not plain]
    if not shown and not _stands_among(result.digest(), result.tables()):
        digest = with_names(result, without_lone_period(result, result.digest()))
        shown = [table_html(reading(digest, "", words, kept=names_in_data(result)))]
    return "\n".join(text for text in (*shown, *folded) if text)


def _folds(table: Table, content: ReadingTable) -> bool:
    return table.grain in ("unit-period", "unit") or len(content.rows) > IN_VIEW


def _stands_among(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> bool:
    return any(frame.equals(other) for other in tables.values())


def facts_html(result: Result, words: Words) -> str:
    """The facts as a definition list, empty where there are none."""
    pairs = [f"<dt>{escape(words(name))}</dt><dd>{escape(words(value))}</dd>" for name, value in result.facts().items()]
    return '<dl class="facts">\n' + "\n".join(pairs) + "\n</dl>" if pairs else ""


def folded_html(table: ReadingTable) -> str:
    """A table under its title, which opens it."""
    if not table.rows:
        return ""
    return f"<details>\n<summary>{escape(table.title)}</summary>\n{table_html(replace(table, title=''))}\n</details>"


def table_html(table: ReadingTable) -> str:
    """A table with its title and the line that says what was left out."""
    if not table.rows:
        return ""
    marks = [' class="number"' if number else "" for number in table.numeric]
    head = "".join(f'<th scope="col"{mark}>{escape(name)}</th>' for name, mark in zip(table.header, marks, strict=True))
    body = "\n".join(
        "<tr>" + "".join(f"<td{mark}>{escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.title)}</caption>\n" if table.title else ""
    remark = f'\n<p class="remark">{escape(table.remark)}</p>' if table.remark else ""
    return (
        f'<div class="scroll">\n<table>\n{caption}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>{remark}\n</div>"
    )


def notes_html(result: Result, words: Words) -> str:
    """The notes as a list, empty where there are none."""
    items = [f"<li>{escape(words.message(note))}</li>" for note in result.notes]
    return '<ul class="notes">\n' + "\n".join(items) + "\n</ul>" if items else ""


def provenance_html(provenance: Provenance, words: Words) -> str:
    """The call and the versions, empty for a result built by hand."""
    if not provenance.tool:
        return ""
    call = f"<code>{escape(str(provenance))}</code>"
    return f'<p class="provenance">{call}<br>{escape(versions_text(provenance))}</p>'


def versions_text(provenance: Provenance) -> str:
    """Versions in one line."""
    return ", ".join(f"{name} {version}" for name, version in provenance.versions.items())


def asset(name: str) -> str:
    """The text of a file that pages inline."""
    return (ASSETS / name).read_text(encoding="utf-8")

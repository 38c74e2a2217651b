"""A result as a Word document: facts, tables rounded for reading, notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import need
from ..result import Result
from .html import versions_text
from .language import Words
from .reading import ReadingTable, reading_tables

EAST_ASIAN = "SimSun"


def save_document(result: Result, path: Path, table: str | None = None) -> None:
    """Write all tables (or one) of a result for a paper."""
    try:
        from docx import Document
        from docx.oxml.ns import qn
    except ImportError as error:
        raise need("python-docx", "Writing Word files") from error
    words = Words()
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "Times New Roman"
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), EAST_ASIAN)
    document.add_heading(words(result.title), level=1)
    for name, value in result.facts().items():
        line = document.add_paragraph()
        line.paragraph_format.space_after = 0
        line.add_run(f"{words(name)}: ").bold = True
        line.add_run(words(value))
    for _, content in reading_tables(result, words, table):
        _add_table(document, content)
    for note in result.notes:
        document.add_paragraph(f"{words('Note')}: {words.message(note)}")
    if result.provenance.tool:
        document.add_paragraph(f"{result.provenance}\n{versions_text(result.provenance)}", style="Caption")
    document.save(str(path))


def _add_table(document: Any, content: ReadingTable) -> None:
    document.add_heading(content.title, level=2)
    grid = document.add_table(rows=1 + len(content.rows), cols=len(content.header))
    _rule_outside(grid)
    for row, texts in zip(grid.rows, (content.header, *content.rows), strict=True):
        for cell, text, number in zip(row.cells, texts, content.numeric, strict=True):
            _write(cell, text, right=number, bold=texts is content.header)
    for cell in grid.rows[0].cells:
        _rule(cell._tc.get_or_add_tcPr(), "w:tcBorders", "bottom")
    if content.remark:
        document.add_paragraph(content.remark, style="Caption")


def _write(cell: Any, text: str, right: bool, bold: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(9)


def _rule_outside(grid: Any) -> None:
    _rule(grid._tbl.tblPr, "w:tblBorders", "top", "bottom")


def _rule(properties: Any, tag: str, *sides: str) -> None:
    """The horizontal rules of a printed table, which no built-in style draws without a grid."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement(tag)
    for side in sides:
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:val"), "single")
        edge.set(qn("w:sz"), "8")
        borders.append(edge)
    properties.append(borders)

"""Where the header of a sheet is: below titles, over several rows, above a row of units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .cells import NUMBER, is_absent, plain_cell
from .grids import HEAD, Grid
from .ids import is_known_name
from .yearbook import is_unit
from .years import year_of

DEEPEST = 4
_UNIT_LINE = re.compile(r"[(\[]?\s*(?:计量)?(?:单位|units?)\s*:\s*(?P<unit>.*?)[)\]]?", re.IGNORECASE)
_FOOTER = re.compile(
    r"(?:附?注释?|备注|说明|数据说明|(?:数据|资料)?来源|sources?|notes?)\s*[\d①-⑨]*\s*[:.].*|[*※①-⑨注].*", re.IGNORECASE
)
_AGAIN = re.compile(r"\(?\s*(?:续表?\s*[\d一二三四五六七八九十]*|(?:table )?continued)\s*\)?", re.IGNORECASE)
_CJK_GAP = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])")
_UNIT_WORDS = ("单位", "计量单位", "unit", "units")
_NUMBERING = "甲乙丙丁"


@dataclass(frozen=True)
class Header:
    """The header of a sheet.

    Attributes
    ----------
    start, stop : int
        Its rows.
    titles : tuple of tuple of str
        Of each column the cells of its header, from the top.
    units : tuple of str
        Of each column its cell in a row of units.
    unit : str
        The unit of the whole sheet where a line above the header names one.
    """

    start: int
    stop: int
    titles: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    unit: str = ""

    @property
    def depth(self) -> int:
        """How many rows it has."""
        return self.stop - self.start


def header_of(grid: Grid) -> Header:
    """Find the header of a grid.

    Examples
    --------
    >>> rows = [["各市生产总值", None, None], ["地区", "GDP", None], [None, 2000, 2001], ["唐山", 1.5, 2.5]]
    >>> header_of(Grid("a", rows, [1, 2, 3, 4])).titles
    (('地区',), ('GDP', '2000'), ('GDP', '2001'))
    """
    start = _start(grid)
    key = _key(_spread(grid, start))
    if start and _is_group(grid, start - 1, key):
        start -= 1
    stop = start + 1
    while stop - start < DEEPEST and stop + 1 < len(grid.cells) and _continues(grid.cells[stop], key):
        stop += 1
    rows = range(start, stop)
    of_units = [row for row in rows[1:] if _is_units(grid.cells[row], key)]
    # A row of column numbers, or the same header in a second language, names nothing new.
    again = [row for row in rows[1:] if _repeats(grid.cells[row], grid.cells[start], key)]
    width = len(grid.cells[start])
    units = [""] * width
    for row in of_units:
        units = [_bare_unit(cell) if column != key else "" for column, cell in enumerate(grid.cells[row])]
    named = _handed_down(grid, [row for row in rows if row not in (*of_units, *again)])
    return Header(
        start, stop, tuple(_title(column) for column in zip(*named, strict=True)), tuple(units), _line(grid, start)
    )


def footers_of(cells: Sequence[Sequence[Any]], start: int) -> int:
    """Where the notes below a table begin."""
    first = place = len(cells)
    while place > start and (_is_footer(cells[place - 1]) or _is_alone(cells[place - 1])):
        place -= 1
        first = place if _is_footer(cells[place]) else first  # a note may run on over rows without a mark
    return first


def again_of(grid: Grid, header: Header) -> list[int]:
    """Rows below a header that repeat it, or only say that the table goes on, as at the turn of a page."""
    known = [[_text(cell) for cell in grid.cells[row]] for row in range(header.start, header.stop)]
    below = range(header.stop, len(grid.cells))
    return [row for row in below if [_text(cell) for cell in grid.cells[row]] in known or _goes_on(grid.cells[row])]


def _goes_on(row: Sequence[Any]) -> bool:
    return _is_alone(row) and any(_AGAIN.fullmatch(plain_cell(cell)) for cell in row if cell is not None)


def _is_alone(row: Sequence[Any]) -> bool:
    """Whether a row of a table holds one text and nothing else."""
    filled = [cell for cell in row if cell is not None]
    return len(filled) == 1 and len(row) > 1 and not _is_figure(filled[0])


def _is_footer(row: Sequence[Any]) -> bool:
    filled = [cell for cell in row if cell is not None]
    if not isinstance(filled[0], str) or any(_is_figure(cell) for cell in filled):
        return False
    text = plain_cell(filled[0])
    alone = len(filled) == 1 and len(row) > 1
    return bool(_FOOTER.fullmatch(text)) or (alone and (len(text) > 30 or any(mark in text for mark in "。:;")))


def _start(grid: Grid) -> int:
    """The first row that names a known column or fills half the width."""
    width = max(sum(cell is not None for cell in row) for row in grid.cells)
    wide = None
    for place in range(min(HEAD, len(grid.cells))):
        row = [cell for cell in _spread(grid, place) if cell is not None]
        if len({_text(cell) for cell in row}) < 2 or any(_unit_line(cell) for cell in row):
            continue
        if 2 * len(row) >= width or any(is_known_name(_text(cell)) for cell in row):
            return place
        wide = place if wide is None else wide
    return wide or 0


def _spread(grid: Grid, row: int) -> list[Any]:
    """A row, its cells that are merged sideways each with the text they show."""
    cells = list(grid.cells[row])
    for top, bottom, left, right in grid.spans:
        if top <= row <= bottom and right > left:
            cells[slice(left, right + 1)] = [grid.cells[top][left]] * (right + 1 - left)
    return cells


def _key(row: Sequence[Any]) -> int:
    """The column under whose title a record has its id."""
    filled = [column for column, cell in enumerate(row) if cell is not None]
    return next((column for column in filled if is_known_name(_text(row[column]))), filled[0] if filled else 0)


def _is_group(grid: Grid, place: int, key: int) -> bool:
    row = _spread(grid, place)
    filled = [cell for cell in row if cell is not None]
    return row[key] is None and len(filled) > 1 and not any(_unit_line(cell) for cell in filled)


def _continues(row: Sequence[Any], key: int) -> bool:
    """Whether a row below the header's first belongs to it: years, names or units, and no record."""
    if _is_numbering(row, key) or _is_units(row, key):
        return True
    others = [cell for column, cell in enumerate(row) if column != key and cell is not None]
    headed = row[key] is None or is_known_name(_text(row[key]))
    names = [cell for cell in others if year_of(cell) is None]
    return headed and bool(others) and not any(_is_figure(cell) or is_absent(str(cell)) for cell in names)


def _repeats(row: Sequence[Any], first: Sequence[Any], key: int) -> bool:
    return _is_numbering(row, key) or (is_known_name(_text(row[key])) and is_known_name(_text(first[key])))


def _is_numbering(row: Sequence[Any], key: int) -> bool:
    """Whether a row numbers the columns: 甲, 乙, … for names and 1, 2, … for figures; a unit may be called 甲 too."""
    cells = [_text(cell) for cell in row if cell is not None]
    letters = [cell for cell in cells if cell in _NUMBERING]
    figures = [str(number) for number in range(1, len(cells) - len(letters) + 1)]
    return _text(row[key]) == _NUMBERING[0] and len(figures) > 1 and cells == [*_NUMBERING[: len(letters)], *figures]


def _is_units(row: Sequence[Any], key: int) -> bool:
    others = [cell for column, cell in enumerate(row) if column != key and cell is not None]
    headed = row[key] is None or _text(row[key]).lower() in _UNIT_WORDS
    return headed and bool(others) and all(isinstance(cell, str) and _bare_unit(cell) for cell in others)


def _is_figure(cell: Any) -> bool:
    return not isinstance(cell, str) or re.fullmatch(NUMBER, plain_cell(cell).replace(",", "").rstrip("%")) is not None


def _bare_unit(cell: Any) -> str:
    """The unit in a cell such as ``(亿元)`` or ``单位：亿元``; empty where it holds none."""
    text = plain_cell(str(cell)) if cell is not None else ""
    line = _UNIT_LINE.fullmatch(text)
    bare = line["unit"] if line else text.strip("()[] ")
    return bare if is_unit(bare) else ""


def _unit_line(cell: Any) -> bool:
    return isinstance(cell, str) and _UNIT_LINE.fullmatch(plain_cell(cell)) is not None


def _line(grid: Grid, start: int) -> str:
    """The one unit that the lines above the header name."""
    found = [_bare_unit(cell) for row in grid.cells[:start] for cell in row if _unit_line(cell)]
    return found[0] if len(found) == 1 else ""


def _handed_down(grid: Grid, rows: Sequence[int]) -> list[list[Any]]:
    """The rows of a header, a title over several columns repeated for each."""
    named = [_spread(grid, row) for row in rows]
    for place in reversed(range(len(rows) - 1)):
        upper, lower = named[place], named[place + 1]
        if any(top <= rows[place] <= bottom and right > left for top, bottom, left, right in grid.spans):
            continue  # merged cells say themselves how far they reach
        for column in range(1, len(upper)):
            if upper[column] is None and lower[column] is not None and lower[column - 1] is not None:
                upper[column] = upper[column - 1]
    return named


def _title(cells: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(cell) for cell in cells if cell is not None))


def _text(cell: Any) -> str:
    """A cell of a header on one line; a year is a year whatever its type."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        year = year_of(cell)
        return str(cell if year is None else year)
    return _CJK_GAP.sub("", re.sub(r"\s*[\r\n]+\s*", " ", cell.strip()))

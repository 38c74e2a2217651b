"""Weights as files: GeoDa's .gal, .gwt and .kwt, tables; and as a libpysal graph."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from ..errors import FileError, OptionError, listed, need
from ..files import whole
from ..ids import id_texts
from .weights_tables import Layout, Read, csv_lines, read_table, write_workbook

ThirdColumn = Literal["links", "weights"]

LAYER = "weights"  # names our own files in their header


def read_matrix(path: str | os.PathLike[str], values: ThirdColumn | None = None) -> Read:
    r"""Weights and ids of a file, as they stand there.

    Parameters
    ----------
    path : path-like
        ``.gal`` (links), ``.gwt`` (links with a third column), ``.kwt`` (GeoDa's kernel weights), ``.csv`` and
        ``.xlsx`` (a square table whose first row and first column hold the ids, or one row a link with the columns
        unit, neighbour, weight).
    values : {"links", "weights"} or None
        What the third column of a ``.gwt`` is taken for. GeoDa writes distances there and itself uses the links alone,
        and so does None, but where this package wrote the file. Weights of units with themselves are left out.

    Raises
    ------
    FileError
        Where the file is missing, of another kind, or damaged; names the line.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "towns.gal"
    >>> _ = path.write_text("0 3 towns code\n11 1\n12\n12 1\n11\n13 0\n\n")
    >>> matrix, ids = read_matrix(path)
    >>> ids, matrix.nnz
    ([11, 12, 13], 2)
    """
    path = Path(path)
    if not path.exists():
        raise FileError("The file '{path}' does not exist.", path=path)
    readers: dict[str, Callable[[Path], Read]] = {
        ".gal": _read_gal,
        ".gwt": lambda given: _read_gwt(given, values),
        ".kwt": lambda given: _read_gwt(given, values or "weights"),
        **dict.fromkeys((".csv", ".xlsx"), read_table),
    }
    if values not in (None, *get_args(ThirdColumn)):
        raise OptionError("values={value} is not a choice; choose one of: links, weights", value=repr(values))
    if path.suffix.lower() not in readers:
        raise FileError(
            "'{path}' is of a kind that cannot be read as weights; use one of: {kinds}",
            path=path.name,
            kinds=listed(readers),
        )
    return readers[path.suffix.lower()](path)


def write_matrix(
    matrix: sparse.csr_matrix, ids: Sequence[Any], path: str | os.PathLike[str], layout: Layout = "matrix"
) -> None:
    """Write weights by extension, whole or not at all.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, n)
        A ``.gal`` holds links only, a ``.gwt`` no unit without a neighbour; ``.csv`` and ``.xlsx`` hold all.
    ids : sequence, length n
        Unit ids.
    path : path-like
        ``.gal``, ``.gwt``, ``.csv`` or ``.xlsx``.
    layout : {"matrix", "list"}
        Of the tables.

    Raises
    ------
    FileError
        Where the format cannot hold these weights, or the file cannot be written.
    OptionError
        Where there is no such layout.
    """
    path = Path(path)
    if layout not in get_args(Layout):
        raise OptionError("layout={value} is not a choice; choose one of: matrix, list", value=repr(layout))
    writers: dict[str, Callable[[], Iterable[str]]] = {
        ".gal": lambda: _gal_lines(matrix, id_texts(ids)),
        ".gwt": lambda: _gwt_lines(matrix, id_texts(ids)),
        ".csv": lambda: csv_lines(matrix, ids, layout),
    }
    kind = path.suffix.lower()
    if kind not in (*writers, ".xlsx"):
        raise FileError(
            "Weights cannot be written as '{path}'; use one of: {kinds}",
            path=path.name,
            kinds=listed((*writers, ".xlsx")),
        )
    with whole(path) as draft:
        if kind == ".xlsx":
            write_workbook(matrix, ids, draft, layout)
            return
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in writers[kind]())


def graph_of(matrix: sparse.csr_matrix, ids: pd.Index) -> Any:
    """A ``libpysal.graph.Graph`` with these ids, in this order; units without a neighbour are kept.

    Raises
    ------
    MissingPackageError
        Where libpysal is not installed.
    """
    try:
        from libpysal.graph import Graph
    except ImportError as error:
        raise need("libpysal", "A libpysal graph") from error
    links = matrix.tocoo()
    islands = np.flatnonzero(np.diff(matrix.indptr) == 0)  # a Graph knows them by a link of zero to themselves
    one, other = np.concatenate([links.row, islands]), np.concatenate([links.col, islands])
    order = np.lexsort((other, one))
    weights = np.concatenate([links.data, np.zeros(len(islands))])[order]
    return Graph.from_arrays(ids.to_numpy()[one[order]], ids.to_numpy()[other[order]], weights)


def _read_gal(path: Path) -> Read:
    lines = _lines(path)
    count = _count_of_header(path, lines)
    found: dict[str, list[str]] = {}
    for number, line in lines:
        cells = line.rsplit(None, 1)
        if len(cells) != 2 or not cells[1].isdigit():
            raise _damaged(path, number, "'id number-of-neighbours' was expected")
        unit, links = cells
        named = next(lines, (number, ""))[1].split() if links != "0" else []
        if len(named) != int(links):
            raise _damaged(path, number, f"unit {unit} says {links} neighbours but {len(named)} follow")
        if unit in found:
            raise _damaged(path, number, f"unit {unit} stands twice")
        found[unit] = named
    triples = [(unit, other, 1.0) for unit, others in found.items() for other in others]
    return _assembled(path, count, list(found), triples)


def _read_gwt(path: Path, values: ThirdColumn | None) -> Read:
    lines = list(_lines(path))
    count = _count_of_header(path, iter(lines))
    ours = any(line.split()[2:3] == [LAYER] for _, line in lines[:1])
    weighted = values == "weights" or (values is None and ours)
    triples = []
    for number, line in lines[1:]:
        try:
            one, other, third = line.split()
            weight = float(third)
        except ValueError:
            raise _damaged(path, number, "'id neighbour weight' was expected") from None
        triples.append((one, other, weight if weighted else 1.0))
    units = list(dict.fromkeys(one for one, _, _ in triples))
    return _assembled(path, count, units, [triple for triple in triples if triple[0] != triple[1]])


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    raise FileError("'{path}' is neither UTF-8 nor GB18030.", path=path.name)


def _count_of_header(path: Path, lines: Iterator[tuple[int, str]]) -> int:
    """The number of units: ``n`` alone, or ``0 n layer field``."""
    cells = next(lines, (1, ""))[1].split()
    cell = cells[1] if len(cells) > 1 and cells[0] == "0" else "".join(cells[:1])
    if not cell.isdigit():
        raise _damaged(path, 1, "the number of units was expected")
    return int(cell)


def _assembled(path: Path, count: int, units: list[str], triples: list[tuple[str, str, float]]) -> Read:
    index = pd.Index(units)
    if len(index) != count:
        raise FileError(
            "'{path}' says {count} units but lists {found}; a .gwt file cannot name units without neighbours.",
            path=path.name,
            count=count,
            found=len(index),
        )
    one = index.get_indexer([triple[0] for triple in triples])
    other = index.get_indexer([triple[1] for triple in triples])
    if (other < 0).any():
        unknown = dict.fromkeys(triples[place][1] for place in np.flatnonzero(other < 0))
        raise FileError("'{path}' names neighbours that are no units: {ids}.", path=path.name, ids=listed(unknown))
    weights = [triple[2] for triple in triples]
    matrix = sparse.csr_matrix((weights, (one, other)), shape=(count, count), dtype=float)
    return matrix, _numbers_if_all(units)


def _numbers_if_all(ids: list[str]) -> list[Any]:
    """Ids as numbers where every one is written as Python writes it, so that 0110 stays text."""
    return [int(unit) for unit in ids] if all(re.fullmatch(r"0|-?[1-9]\d{0,17}", unit) for unit in ids) else list(ids)


def _damaged(path: Path, number: int, reason: str) -> FileError:
    return FileError("'{path}', line {number}: {reason}.", path=path.name, number=number, reason=reason)


def _gal_lines(matrix: sparse.csr_matrix, ids: list[str]) -> list[str]:
    rows = [matrix.data[start:end] for start, end in zip(matrix.indptr, matrix.indptr[1:], strict=False)]
    unequal = [unit for unit, row in zip(ids, rows, strict=True) if len(row) and np.ptp(row) > 1e-12 * row.max()]
    if unequal:
        raise FileError(
            "A .gal file holds links only, but neighbours weigh differently for: {ids}; write .gwt or .csv.",
            ids=listed(unequal),
        )
    _check_no_space(ids)
    lines = [f"0 {len(ids)} {LAYER} unit"]
    for unit, start, end in zip(ids, matrix.indptr, matrix.indptr[1:], strict=False):
        lines += [f"{unit} {end - start}", " ".join(ids[place] for place in matrix.indices[start:end])]
    return lines


def _gwt_lines(matrix: sparse.csr_matrix, ids: list[str]) -> list[str]:
    islands = [unit for unit, links in zip(ids, np.diff(matrix.indptr), strict=True) if links == 0]
    if islands:
        raise FileError(
            "A .gwt file cannot name units without a neighbour: {ids}; write .gal or .csv.", ids=listed(islands)
        )
    _check_no_space(ids)
    links = matrix.tocoo()
    triples = zip(links.row, links.col, links.data.tolist(), strict=True)
    return [f"0 {len(ids)} {LAYER} unit", *(f"{ids[one]} {ids[other]} {weight!r}" for one, other, weight in triples)]


def _check_no_space(ids: list[str]) -> None:
    spaced = [unit for unit in ids if re.search(r"\s", unit)]
    if spaced:
        raise FileError(
            "This format separates by spaces, but these ids hold some: {ids}; write .csv.", ids=listed(spaced)
        )

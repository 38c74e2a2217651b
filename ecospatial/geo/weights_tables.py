"""Weights as tables, csv or Excel: a square matrix with ids, or one row a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from ..errors import DataError, FileError, need
from ..ids import id_texts, tidy_ids
from ..source import read_source

Layout = Literal["matrix", "list"]
Read = tuple[sparse.csr_matrix, list[Any]]

NEIGHBOUR_NAMES = (
    "neighbour",
    "neighbor",
    "to",
    "target",
    "destination",
    "j",
    "nid",
    "id2",
    "邻居",
    "终点",
    "邻接单元",
)
LIST_HEADER = ("unit", "neighbour", "weight")
EXCEL_COLUMNS, MOST_CELLS = 16_384, 10_000**2


def read_table(path: Path) -> Read:
    """Weights and ids of a table: its first row and column hold the ids, or its second column is the neighbour.

    Raises
    ------
    FileError
        Where the table is neither, and where a cell cannot be.
    """
    frame = read_source(path).frame
    if frame.shape[1] in (2, 3) and str(frame.columns[1]).strip().lower() in NEIGHBOUR_NAMES:
        return _of_list(frame, path)
    if frame.shape[1] != frame.shape[0] + 1:
        raise FileError(
            "'{path}' is no square matrix with ids: it has {rows} rows and {columns} columns after the first; nor is it"
            " a list of links, whose columns are unit, neighbour and weight.",
            path=path.name,
            rows=frame.shape[0],
            columns=frame.shape[1] - 1,
        )
    try:
        return _of_square(frame, path), tidy_ids(frame.iloc[:, 0], "unit").tolist()
    except DataError as error:
        raise FileError("'{path}': {reason}", path=path.name, reason=error) from error


def _of_square(frame: pd.DataFrame, path: Path) -> sparse.csr_matrix:
    rows, columns = id_texts(frame.iloc[:, 0]), id_texts(frame.columns[1:])
    if rows != columns:
        row, column = next(pair for pair in zip(rows, columns, strict=True) if pair[0] != pair[1])
        raise FileError(
            "'{path}' has other ids in its first column than in its first row: {row} stands against {column}.",
            path=path.name,
            row=row,
            column=column,
        )
    cells = frame.iloc[:, 1:].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    if np.isnan(cells).any():
        at, to = np.argwhere(np.isnan(cells))[0]
        raise FileError(
            "'{path}' holds no number for unit {one} and neighbour {other}; write 0 where there is no link.",
            path=path.name,
            one=rows[at],
            other=columns[to],
        )
    return sparse.csr_matrix(cells)


def _of_list(frame: pd.DataFrame, path: Path) -> Read:
    """One row a link; a unit without a neighbour has a row of its own with the other cells empty."""
    linked = frame.iloc[:, 1].notna() & (frame.iloc[:, 1].astype(str).str.strip() != "")
    every = pd.concat([frame.iloc[:, 0], frame.iloc[:, 1][linked]], ignore_index=True)
    try:
        ids = pd.Index(tidy_ids(every, "unit")).unique()
    except DataError as error:
        raise FileError("'{path}': {reason}", path=path.name, reason=error) from error
    pairs = frame[linked]
    weights = np.ones(len(pairs))
    if frame.shape[1] == 3:
        weights = pd.to_numeric(pairs.iloc[:, 2], errors="coerce").to_numpy(dtype=float)
    texts = pd.Index(id_texts(ids))
    one, other = (texts.get_indexer(id_texts(pairs.iloc[:, place])) for place in (0, 1))
    wrong = np.flatnonzero(np.isnan(weights) | pd.DataFrame({"one": one, "other": other}).duplicated().to_numpy())
    if len(wrong):
        raise FileError(
            "'{path}' holds no number for unit {one} and neighbour {other}, or holds this pair twice.",
            path=path.name,
            one=texts[one[wrong[0]]],
            other=texts[other[wrong[0]]],
        )
    return sparse.csr_matrix((weights, (one, other)), shape=(len(ids), len(ids))), ids.tolist()


def csv_lines(matrix: sparse.csr_matrix, ids: Sequence[Any], layout: Layout) -> Iterator[str]:
    """The lines of a .csv file."""
    quoted = ['"' + unit.replace('"', '""') + '"' if re.search(r'[",\n]', unit) else unit for unit in id_texts(ids)]
    if layout == "list":
        yield ",".join(LIST_HEADER)
        for one, other, weight in _links(matrix):
            yield f"{quoted[one]},," if other is None else f"{quoted[one]},{quoted[other]},{weight!r}"
        return
    _check_size(matrix, MOST_CELLS)
    yield ",".join(["unit", *quoted])
    for unit, row in zip(quoted, _rows(matrix), strict=True):
        yield ",".join([unit, *(f"{weight!r}" if weight else "0" for weight in row)])


def write_workbook(matrix: sparse.csr_matrix, ids: Sequence[Any], path: Path, layout: Layout) -> None:
    """Write an .xlsx file of one sheet.

    Raises
    ------
    MissingPackageError
        Where openpyxl is not installed.
    FileError
        Where a sheet has no room for all columns.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise need("openpyxl", "Writing Excel files") from error
    keys = [int(unit) if isinstance(unit, (int, np.integer)) else str(unit) for unit in ids]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("weights")
    if layout == "list":
        sheet.append(list(LIST_HEADER))
        for one, other, weight in _links(matrix):
            sheet.append([keys[one]] if other is None else [keys[one], keys[other], weight])
    else:
        _check_size(matrix, (EXCEL_COLUMNS - 1) ** 2)
        sheet.append(["unit", *keys])
        for unit, row in zip(keys, _rows(matrix), strict=True):
            sheet.append([unit, *row])
    book.save(path)


def _links(matrix: sparse.csr_matrix) -> Iterator[tuple[int, int | None, float]]:
    """Unit, neighbour and weight by position; None is the neighbour of a unit that has none."""
    for one, (start, end) in enumerate(zip(matrix.indptr, matrix.indptr[1:], strict=False)):
        if start == end:
            yield one, None, 0.0
        for at in range(start, end):
            yield one, int(matrix.indices[at]), float(matrix.data[at])


def _rows(matrix: sparse.csr_matrix) -> Iterator[list[float]]:
    for place in range(matrix.shape[0]):
        yield matrix[place].toarray().ravel().tolist()


def _check_size(matrix: sparse.csr_matrix, most: int) -> None:
    if matrix.shape[0] ** 2 > most:
        raise FileError(
            "A square table of {count} units is too large for such a file; write a list of links (layout='list').",
            count=matrix.shape[0],
        )

"""Stata files, with their labels, and with the Chinese of versions that named no encoding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from .errors import Message
from .sheets import Sheet


def stata_sheet(path: Path) -> Sheet:
    """The table of a ``.dta`` file; texts before Stata 14 are GB18030 where they can only be that."""
    try:
        frame, labels = _read(path, categories=True)
    except ValueError:  # value labels that stand twice
        frame, labels = _read(path, categories=False)
    texts = frame.select_dtypes(exclude="number")
    every = [*frame.columns, *labels.values(), *(cell for column in texts for cell in texts[column].unique())]
    if not _is_chinese(text for text in every if isinstance(text, str)):
        return Sheet.plain(frame, path.stem, labels)
    told = {column: texts[column].astype(object).map(_recoded) for column in texts}
    whole = frame.assign(**told).rename(columns=_recoded)
    sheet = Sheet.plain(whole, path.stem, {_recoded(name): _recoded(label) for name, label in labels.items()})
    return replace(sheet, notes=(Message.of("The texts of '{path}' were read as GB18030.", path=path.name),))


def _read(path: Path, categories: bool) -> tuple[pd.DataFrame, dict[str, str]]:
    with pd.read_stata(path, iterator=True, convert_categoricals=categories) as reader:
        labels = {name: label for name, label in reader.variable_labels().items() if label}
        return reader.read(), labels


def _is_chinese(texts: Iterable[str]) -> bool:
    """Whether all that is not ASCII comes in pairs of GB 2312 bytes that were read as Latin letters."""
    runs = [run for text in texts for run in re.findall(r"[^\x00-\x7f]+", text)]
    return bool(runs) and all(len(run) % 2 == 0 and re.fullmatch(r"[\xa1-\xfe]+", run) for run in runs)


def _recoded(text: Any) -> Any:
    return text.encode("latin-1").decode("gb18030", errors="replace") if isinstance(text, str) else text

"""Ids of units as several sheets write them, made one kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from .errors import Message, listed
from .ids import id_text

_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|[\ufeff\u200b]")


def clean_units(columns: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[Message]]:
    """Ids of several sheets as one kind: gaps within Chinese names closed, lost leading zeros given back.

    Examples
    --------
    >>> clean_units([np.array(["北　京", "唐山"], dtype=object)])[0][0].tolist()
    ['北京', '唐山']
    >>> [ids.tolist() for ids in clean_units([np.array(["01", "10"], dtype=object), np.array([1, 10])])[0]]
    [['01', '10'], ['01', '10']]
    """
    if all(column.dtype.kind == "i" for column in columns):
        return list(columns), []
    before = [[id_text(cell) for cell in column] for column in columns]
    after = [[_clean(text) for text in texts] for texts in before]
    every = {text for texts in after for text in texts}
    widths = {len(text) for text in every if re.fullmatch(r"0[0-9]+", text)}
    notes = []
    changed = {old: new for olds, news in zip(before, after, strict=True) for old, new in zip(olds, news, strict=True)}
    closed = [f"'{old}' → '{new}'" for old, new in changed.items() if old != new]
    if closed:
        notes.append(Message.of("Blanks and full-width signs in unit ids were mended: {ids}", ids=listed(closed)))
    if len(widths) == 1 and all(re.fullmatch(r"[0-9]+", text) and len(text) <= max(widths) for text in every):
        short = sorted(text for text in every if len(text) < max(widths))
        if short:
            after = [[text.zfill(max(widths)) for text in texts] for texts in after]
            notes.append(Message.of("Leading zeros were given back to the codes: {ids}", ids=listed(short)))
    return [np.array(texts, dtype=object) for texts in after], notes


def _clean(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return _GAP.sub("", plain if plain.isascii() else text).strip()

"""Words in the reader's language: English as written in the code, others from a gettext catalogue."""

from __future__ import annotations

import gettext
from pathlib import Path

from ..errors import Message

LOCALE = Path(__file__).parents[1] / "locale"


class Words:
    """Translates labels and fills templates; English where the catalogue has no entry.

    Parameters
    ----------
    language : str
        For example ``"en"`` or ``"zh_CN"``; catalogues stand in ``ecospatial/locale``.

    Examples
    --------
    >>> words = Words("en")
    >>> words("Map of {period}", period=2017)
    'Map of 2017'
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._catalogue = gettext.translation("ecospatial", LOCALE, languages=[language], fallback=True)

    def __call__(self, text: str, **values: object) -> str:
        """Translate a label, then fill its fields; without values the text is taken as it is."""
        # The empty key of a catalogue holds its header.
        translated = self._catalogue.gettext(text) if text else ""
        return translated.format(**values) if values else translated

    def message(self, message: Message) -> str:
        """Translate the template of a note, then fill it."""
        return self(message.template).format(**dict(message.values))

    @property
    def tag(self) -> str:
        """The language as HTML writes it."""
        return self.language.replace("_", "-")

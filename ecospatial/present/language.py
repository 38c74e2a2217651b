"""Words in the reader's language: English as written in the code, others from a gettext catalogue."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import Message

LOCALE = Path(__file__).parents[1] / "locale"
# The order in which a POSIX program looks, after the variable that is our own.
VARIABLES = ("ECOSPATIAL_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
HEADING = "heading"


class Words:
    """Translates labels and fills templates; English where the catalogue has no entry.

    Parameters
    ----------
    language : str
        For example ``"en"`` or ``"zh_CN"``, also as other programs write it (``"zh-Hans"``,
        ``"zh_CN.UTF-8"``); catalogues stand in ``ecospatial/locale``.

    Examples
    --------
    >>> words = Words("en")
    >>> words("Map of {period}", period=2017)
    'Map of 2017'
    >>> Words("zh_CN")("High-High")
    '高-高聚集'
    """

    def __init__(self, language: str = "en") -> None:
        self.language = catalogue_of(language)
        self._catalogue = gettext.translation("ecospatial", LOCALE, languages=[self.language], fallback=True)

    def __call__(self, text: str | Message, **values: object) -> str:
        """Translate a label, then fill its fields; without values the text is taken as it is."""
        if isinstance(text, Message):
            return self.message(text)
        # The empty key of a catalogue holds its header.
        translated = self._catalogue.gettext(text) if text else ""
        return translated.format(**values) if values else translated

    def message(self, message: Message) -> str:
        """Translate the template of a note, and of messages among its values, then fill it."""
        values = {name: self(value) if isinstance(value, Message) else value for name, value in message.values}
        return self(message.template).format(**values)

    def heading(self, name: str) -> str:
        """Translate the name of a column of the package's own."""
        return self._catalogue.pgettext(HEADING, name)

    def cell(self, text: str, column: str) -> str:
        """Translate what the package says in the cells of a column."""
        return self._catalogue.pgettext(column, text)

    @property
    def tag(self) -> str:
        """The language as HTML writes it."""
        return self.language.replace("_", "-")


def words(environment: Mapping[str, str] | None = None) -> Words:
    """Words in the language that the environment asks for, English by default.

    Examples
    --------
    >>> words({"LANG": "zh_CN.UTF-8"}).language, words({"ECOSPATIAL_LANGUAGE": "en", "LANG": "zh_CN"}).language
    ('zh_CN', 'en')
    """
    found = os.environ if environment is None else environment
    return Words(next((found[name] for name in VARIABLES if found.get(name)), "en"))


def catalogue_of(language: str) -> str:
    """The name of a language's catalogue; all Chinese shares one, and no locale at all is English.

    Examples
    --------
    >>> [catalogue_of(name) for name in ("zh-Hans", "zh_CN.UTF-8", "C", "de_AT.UTF-8")]
    ['zh_CN', 'zh_CN', 'en', 'de_AT']
    """
    plain = language.split(".")[0].split("@")[0].replace("-", "_")
    if plain.lower().startswith("zh"):
        return "zh_CN"
    return "en" if plain in ("", "C", "POSIX") else plain

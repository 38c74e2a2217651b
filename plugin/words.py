"""Labels in the language of the QGIS window."""

import json
import re
from pathlib import Path

from qgis.PyQt.QtCore import QSettings

HERE = Path(__file__).parent


class Words:
    """Translates English labels by the table frozen into the plugin; English where it has none."""

    def __init__(self, language):
        path = HERE / "words.json"
        tables = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.language = language
        self.table = tables.get(language, {})

    def __call__(self, text):
        """The text in the reader's language, without the marks of the documentation's markup."""
        said = self.table.get(text, text)
        return re.sub(r":\w+:`~?([^`]*)`", r"\1", said).replace("``", "")

    @classmethod
    def here(cls):
        """The words of the running QGIS, which calls simplified Chinese zh-Hans."""
        locale = str(QSettings().value("locale/userLocale", "en") or "en").replace("-", "_")
        return cls("zh_CN" if locale.startswith(("zh_CN", "zh_Hans")) or locale == "zh" else locale[:2])

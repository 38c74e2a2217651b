"""Build the QGIS plugin: freeze the registry, gather the files, zip them the same way every time.

    python scripts/build_plugin.py

Writes ``dist/ecospatial_qgis-<version>.zip`` with one top folder, ``ecospatial_qgis``.
"""

from __future__ import annotations

import ast
import gettext
import json
import sys
import zipfile
from pathlib import Path

from ecospatial import __version__
from ecospatial.frozen import frozen

ROOT = Path(__file__).resolve().parents[1]
TOP = "ecospatial_qgis"
EPOCH = (1980, 1, 1, 0, 0, 0)
LANGUAGES = ("zh_CN",)
CORE_KINDS = (".py", ".mo", ".css", ".js", ".j2", ".txt", ".png", ".typed", ".svg")


def words(description: dict[str, object]) -> dict[str, dict[str, str]]:
    """Every text of the description and of the plugin's own code that has a translation, by language."""
    found = sorted({*texts(description), *constants()})
    tables = {}
    for language in LANGUAGES:
        catalogue = gettext.translation("ecospatial", ROOT / "ecospatial" / "locale", [language])
        translated = {text: catalogue.gettext(text) for text in found if text}
        tables[language] = {text: other for text, other in translated.items() if other != text}
    return tables


def texts(value: object) -> list[str]:
    """Every text in a description."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [text for item in items for text in texts(item)]


def constants() -> list[str]:
    """Every text in the plugin's code."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "plugin").glob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [node.value for node in nodes if isinstance(node.value, str)]


def members() -> dict[str, bytes]:
    """Every file of the zip under its name in it."""
    description = frozen()
    found = {
        "tools.json": dumped(description),
        "words.json": dumped(words(description)),
        "metadata.txt": (ROOT / "metadata.txt").read_bytes(),
        "LICENSE": (ROOT / "plugin" / "LICENSE").read_bytes(),
        "ecospatial/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }
    for path in sorted((ROOT / "plugin").rglob("*")):
        if path.suffix in (".py", ".svg"):
            found[path.relative_to(ROOT / "plugin").as_posix()] = path.read_bytes()
    for path in sorted((ROOT / "ecospatial").rglob("*")):
        if path.is_file() and (path.suffix in CORE_KINDS or path.name == "LICENSE") and "__pycache__" not in path.parts:
            found[f"ecospatial/{path.relative_to(ROOT / 'ecospatial').as_posix()}"] = path.read_bytes()
    for path in sorted((ROOT / "data" / "facts").glob("*.json")):
        found[f"ecospatial/data/facts/{path.name}"] = path.read_bytes()
    return found


def dumped(value: object) -> bytes:
    """JSON that is the same bytes for the same value."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()


def build(target: Path) -> Path:
    """Write the zip."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = members()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(found):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, found[name])
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{build(ROOT / 'dist' / f'{TOP}-{__version__}.zip')}\n")

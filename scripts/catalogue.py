"""The message catalogues: every text that a person sees, its translation, and the compiled form.

``python scripts/catalogue.py`` gathers the texts, merges them into the catalogues of
``ecospatial/locale`` and compiles those. It ends with 1 where a text has no translation yet.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ecospatial import __version__, errors, tools
from ecospatial.frozen import frozen
from ecospatial.present import guide, theme
from ecospatial.present.headings import CELLS, HEADINGS
from ecospatial.present.language import HEADING

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ecospatial"
LANGUAGES = ("zh_CN",)

Text = tuple[str, str | None]
"""A text and the context that tells it from equal ones, None for most."""

Names = dict[str, list[ast.expr]]

# Where the text stands among the arguments of a call.
CALLS: dict[str, tuple[int, ...]] = {
    **{name: (0,) for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)},
    **dict.fromkeys(("of", "words", "said", "tick", "_step"), (0,)),
    **dict.fromkeys(("track", "need", "island_notes", "tidy_ids"), (1,)),
    **{"_complain": (2,), "Table": (2,), "_counted": (1, 2)},
}
OPTIONS = ("help", "description", "treatment", "model")
# Constants whose texts reach the page by way of their value.
CONSTANTS = ("TITLE", "LABEL", "LABELS", "CONVENTIONS", "SCHEMATIC", "RETURNS", "ARGPARSE", "DEMOS")
DEEPEST = 3
# Labels that the plugin holds in tables of its own.
PLUGIN = (
    "ecospatial: efficiency, clusters and drivers of cities",
    *("below 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 to below 1", "1 and above (efficient)"),
)
# Parameters whose choices a result names among its facts.
CHOICES = ("orientation", "frontier", "alternative", "statistic")
LETTERS = re.compile(r"[A-Za-z]{2}")


def texts() -> list[Text]:
    """Every text, each once, in a fixed order."""
    found: list[Text] = [(text, None) for text in (*of_registry(), *of_presentation(), *of_sources(), *of_template())]
    found += [(text, HEADING) for text in HEADINGS]
    found += [(text, column) for column, cells in CELLS.items() for text in cells]
    return sorted({item for item in found if LETTERS.search(item[0])}, key=lambda item: (item[1] or "", item[0]))


def of_registry() -> Iterator[str]:
    """Titles and helps of groups, tools, ports and tables."""
    plain = frozen()
    yield from plain["groups"].values()
    for tool in plain["tools"]:
        yield from (tool["title"], *tool["help"])
        yield from (port[key] for port in tool["ports"] for key in ("title", "help") if port[key])
        yield from (choice for port in tool["ports"] if port["name"] in CHOICES for choice in port["choices"])
        yield from (table["title"] for table in tool["tables"])
    yield from (tools.find(name).returns.TITLE for name in tools.names())


def of_presentation() -> Iterator[str]:
    """Tables of labels that no call names."""
    yield from (name for classes in theme.LABELLED.values() for name, _ in classes.values())
    yield from guide.HOW_TO_READ.values()
    yield from PLUGIN
    yield from CELLS["test"]  # also the names of facts


def of_template() -> Iterator[str]:
    """What the page of the report asks for."""
    page = (PACKAGE / "present/report.html.j2").read_text(encoding="utf-8")
    yield from re.findall(r"""words\(["'](.*?)["'][,)]""", page)


def of_sources() -> Iterator[str]:
    """Texts in the code: messages, labels, progress, facts, helps of options."""
    for path in (*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "plugin").glob("*.py"))):
        module = ast.parse(path.read_text(encoding="utf-8"))
        names = _assigned(module)
        for node in ast.walk(module):
            for place in _places(node):
                yield from _strings(place, names)


def _assigned(module: ast.Module) -> Names:
    """What each name of a module may stand for."""
    names: Names = {}
    for node in ast.walk(module):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.iter if isinstance(node, ast.For) else getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                names.setdefault(target.id, []).append(value)
    return names


def _places(node: ast.AST) -> Iterator[ast.expr]:
    """Where a node holds what a person sees."""
    if isinstance(node, ast.Call):
        places = CALLS.get(node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""), ())
        yield from (node.args[place] for place in places if place < len(node.args))
        yield from (option.value for option in node.keywords if option.arg in OPTIONS)
    elif isinstance(node, ast.FunctionDef) and node.name.endswith("facts"):
        dicts = [inner for inner in ast.walk(node) if isinstance(inner, ast.Dict)]
        yield from (item for inner in dicts for item in (*inner.keys, *inner.values) if item is not None)
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id in CONSTANTS and node.value is not None:
            yield node.value


def _strings(node: ast.AST, names: Names, depth: int = 0) -> Iterator[str]:
    """The texts that an expression may be: itself, a branch, a member, what its name stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and depth < DEEPEST:
        for value in names.get(node.id, []):
            yield from _strings(value, names, depth + 1)
    for inner in _inner(node):
        yield from _strings(inner, names, depth)


def _inner(node: ast.AST) -> Sequence[ast.AST]:
    if isinstance(node, ast.IfExp):
        return node.body, node.orelse
    if isinstance(node, ast.Subscript):
        return (node.value,)
    if isinstance(node, (ast.BoolOp, ast.Dict)):
        return node.values
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else ()


def path_of(language: str) -> Path:
    """The catalogue of a language, for people; the compiled one stands beside it as ``.mo``."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "ecospatial.po"


def read(language: str) -> Catalog:
    """The catalogue as it stands on disk."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="ecospatial")


def merged(old: Catalog) -> Catalog:
    """Today's texts with the translations that there are; those of texts that are gone are dropped."""
    new = Catalog(
        locale=old.locale,
        domain="ecospatial",
        header_comment="# Chinese words of ecospatial. Made by scripts/catalogue.py; translate here.",
        project="ecospatial",
        version=__version__,
        msgid_bugs_address="The ecospatial developers",
        copyright_holder="The ecospatial developers",
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        last_translator="The ecospatial developers",
        language_team="The ecospatial developers",
        fuzzy=False,
    )
    for text, context in texts():
        message = old.get(text, context)
        new.add(text, message.string if message else "", context=context, flags=message.flags if message else ())
    return new


def missing(catalogue: Catalog) -> list[str]:
    """Texts without a translation, or with one that nobody has looked at."""
    return [str(message.id) for message in catalogue if message.id and (not message.string or message.fuzzy)]


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    draft = io.BytesIO()
    write_mo(draft, catalogue)
    return draft.getvalue()


def main() -> int:
    """Bring every catalogue up to date; 1 where one is incomplete."""
    incomplete = False
    for language in LANGUAGES:
        catalogue = merged(read(language))
        draft = io.BytesIO()
        write_po(draft, catalogue, width=100, sort_output=True, omit_header=False)
        path_of(language).write_bytes(draft.getvalue())
        path_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))
        for text in missing(catalogue):
            sys.stdout.write(f"{language}: no translation of {text!r}\n")
            incomplete = True
    return int(incomplete)


if __name__ == "__main__":
    sys.exit(main())

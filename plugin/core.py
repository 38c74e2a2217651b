"""Where the core is, and what this Python lacks to run it.

The plugin carries the core beside itself; in a checkout it stands one folder up. Nothing is imported
before a tool runs.
"""

import importlib
import re
import sys
from pathlib import Path

from .dependencies import add_own_folder, sentence

HERE = Path(__file__).parent
NEEDED = {"numpy": (1, 24), "scipy": (1, 10), "pandas": (1, 5), "shapely": (2, 0)}
PYTHON = (3, 10)


def missing():
    """Packages that are absent or too old, as (name, version found or None)."""
    add_own_folder()
    found = []
    for name, least in NEEDED.items():
        try:
            version = importlib.import_module(name).__version__
        except Exception:  # absent, or there and broken in a way of its own
            found.append((name, None))
            continue
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < least:
            found.append((name, version))
    return found


def problem():
    """One sentence that says what to install on this system, or None where all is well."""
    if sys.version_info < PYTHON:
        return "ecospatial needs QGIS with Python {}.{} or newer; this one has {}.{}.".format(
            *PYTHON, *sys.version_info[:2]
        )
    lacking = missing()
    return sentence(lacking) if lacking else None


def module(name):
    """A module of the core: the vendored copy, or the checkout's."""
    if (HERE / "ecospatial").is_dir():
        return importlib.import_module(f"{__package__}.ecospatial{name and '.' + name}")
    root = str(HERE.parent)
    if root not in sys.path:
        sys.path.append(root)
    return importlib.import_module(f"ecospatial{name and '.' + name}")


def library(name):
    """A package that the core needs too, imported when a tool runs."""
    return importlib.import_module(name)


def forget():
    """Drop every module of the core, so that a newer version of the plugin starts afresh."""
    root = f"{__package__}.ecospatial"
    for name in [name for name in sys.modules if name == root or name.startswith(f"{root}.")]:
        del sys.modules[name]

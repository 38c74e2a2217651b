"""A QGIS profile, and a way to run its tools as a subprocess."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import ecospatial as es

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = "ecospatial_qgis"
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Done:
    """What a run of QGIS said and left."""

    code: int
    text: str
    outputs: dict[str, str]


@dataclass(frozen=True)
class Qgis:
    """One profile of QGIS."""

    profile: Path
    environment: dict[str, str]

    @property
    def plugin(self) -> Path:
        return self.profile / "profiles/default/python/plugins" / PLUGIN

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Debian 12's wrapper passes an option that the program refuses.
        program = shutil.which("qgis_process.bin") or shutil.which("qgis_process") or "qgis_process"
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, env=self.environment, timeout=300, check=False
        )

    def run(self, tool: str, **values: object) -> Done:
        given = [f"{name}={value}" for name, value in values.items()]
        done = self.process("run", f"ecospatial:{tool}", "--", *given)
        tail = done.stdout.partition("Results\n----------------\n")[2]
        outputs = dict(line.split(":\t", 1) for line in tail.splitlines() if ":\t" in line)
        return Done(done.returncode, done.stdout + done.stderr, outputs)


def system_shapely() -> bool:
    """Whether the Python of QGIS has a Shapely that serves."""
    script = "import shapely, sys; sys.exit(int(shapely.__version__.split('.')[0]) < 2)"
    return subprocess.run([SYSTEM_PYTHON, "-c", script], capture_output=True, check=False).returncode == 0


HIDING = """
import sys
from importlib.abc import MetaPathFinder


class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None


sys.meta_path.insert(0, Hidden())
"""


def install_shapely(root: Path) -> None:
    """What the plugin tells a person on Debian 12 to install, where it says."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([SYSTEM_PYTHON, "-c", script], capture_output=True, text=True, check=True)
    version = done.stdout.strip()
    target = root / "profiles/default/python/ecospatial_deps" / f"py{version.replace('.', '')}"
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--python-version", version, "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", *options, "shapely>=2,<2.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Ground:
    """The US states as files that QGIS reads, and as the API holds them."""

    folder: Path
    two: es.GeoPanel
    last: es.GeoPanel

    @property
    def two_layer(self) -> str:
        return str(self.folder / "two.gpkg")

    @property
    def last_layer(self) -> str:
        return str(self.folder / "last.gpkg")

    @property
    def table(self) -> str:
        return str(self.folder / "table.csv")


def description(path: Path) -> dict[str, object]:
    with zipfile.ZipFile(path) as archive:
        loaded: dict[str, object] = json.loads(archive.read(f"{PLUGIN}/tools.json"))
        return loaded


BREAKING = ("geopandas", "pyproj", "pyogrio", "fiona")

TELLTALE = """
import pathlib
import traceback

if any("ecospatial" in frame.filename for frame in traceback.extract_stack()):
    pathlib.Path(__file__).with_suffix(".imported").write_text("".join(traceback.format_stack()))
raise ImportError("a stand-in that tells who asked for it")
"""


def lay_telltales(root: Path) -> Path:
    """Stand-ins for the packages that break QGIS; each leaves a file when our code imports it."""
    folder = root / "telltales"
    folder.mkdir()
    for name in BREAKING:
        (folder / f"{name}.py").write_text(TELLTALE)
    return folder

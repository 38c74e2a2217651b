"""The built plugin in a fresh QGIS profile, and the demo data as files."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis_profile import HIDING, PLUGIN, ROOT, Ground, Qgis, install_shapely, lay_telltales, system_shapely

import ecospatial as es
from ecospatial.shipped import data_path

collect_ignore = ["inside_qgis.py"]  # runs in the Python of QGIS


@pytest.fixture(scope="session")
def built() -> Path:
    """The plugin's zip, built now."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "build_plugin.py")], capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def make_profile(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Qgis]:
    """Make a fresh profile with the plugin installed and enabled."""

    def make(name: str, with_shapely: bool = True, hide: tuple[str, ...] = ()) -> Qgis:
        root = tmp_path_factory.mktemp(name)
        plugins = root / "profiles/default/python/plugins"
        plugins.mkdir(parents=True)
        with zipfile.ZipFile(built) as archive:
            archive.extractall(plugins)
        runtime = root / "runtime"
        runtime.mkdir(mode=0o700)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))},
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(runtime),
            "QGIS_CUSTOM_CONFIG_PATH": str(root),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        environment["PYTHONPATH"] = str(lay_telltales(root))
        if hide:
            site = root / "hidden"
            site.mkdir()
            (site / "sitecustomize.py").write_text(HIDING.format(names=hide))
            environment["PYTHONPATH"] += os.pathsep + str(site)
        if with_shapely and not system_shapely():
            install_shapely(root)
        qgis = Qgis(root, environment)
        assert "ecospatial" in qgis.process("plugins", "enable", PLUGIN).stdout
        return qgis

    return make


@pytest.fixture(scope="session")
def qgis(make_profile: Callable[..., Qgis]) -> Qgis:
    return make_profile("qgis")


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("ground")
    panel = es.read_panel(data_path("panels/us_states_production.csv"), unit="state", period="year")
    geo = panel.join(es.read_boundaries(data_path("shapefiles/us_states.shp"), unit="state"))
    geo = geo.assign(highway_share=geo["highways"] / geo["public_capital"]).where_periods([1985, 1986])
    two, last = geo, geo.where_periods([1986])
    two.save(folder / "two.gpkg", "joined")
    last.save(folder / "last.gpkg", "joined")
    two.save(folder / "table.csv", "joined")
    return Ground(folder, two, last)

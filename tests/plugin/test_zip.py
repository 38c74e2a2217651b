"""The zip as the plugin repository wants it."""

from __future__ import annotations

import ast
import configparser
import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

from qgis_profile import PLUGIN, ROOT, description

import ecospatial
from ecospatial import tools


def test_a_second_build_is_the_same_bytes(built: Path) -> None:
    before = built.read_bytes()
    subprocess.run([sys.executable, str(ROOT / "scripts" / "build_plugin.py")], check=True, capture_output=True)
    assert built.read_bytes() == before


def test_one_top_folder_plain_files_no_leftovers(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
        assert {name.split("/")[0] for name in names} == {PLUGIN}
        assert PLUGIN.isidentifier()
        for wanted in ("__init__.py", "LICENSE", "metadata.txt", "tools.json", "ecospatial/LICENSE"):
            assert f"{PLUGIN}/{wanted}" in names
        for entry in archive.infolist():
            assert stat.S_IMODE(entry.external_attr >> 16) == 0o644, entry.filename
            assert not entry.filename.endswith((".pyc", ".so", ".pyd"))
            assert not any(part in entry.filename for part in ("__pycache__", ".git", "__MACOSX", "..", "\\"))
    assert built.stat().st_size < 25 * 2**20


def test_the_licence_of_the_plugin_is_the_gpl(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        assert b"GNU GENERAL PUBLIC LICENSE" in archive.read(f"{PLUGIN}/LICENSE")[:200]
        assert b"BSD 3-Clause" in archive.read(f"{PLUGIN}/ecospatial/LICENSE")[:200]


def test_the_metadata_are_complete(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        parser = configparser.ConfigParser()
        parser.read_string(archive.read(f"{PLUGIN}/metadata.txt").decode())
    general = parser["general"]
    wanted = "name description version qgisMinimumVersion author email about tracker repository homepage"
    for field in wanted.split():
        assert general[field].strip(), field
    assert general["version"] == ecospatial.__version__
    assert general["qgisMinimumVersion"] == "3.22"
    assert "supportsQt6" not in general and "plugin_dependencies" not in general


def test_the_frozen_description_is_the_registry(built: Path) -> None:
    frozen = description(built)
    assert [tool["name"] for tool in frozen["tools"]] == list(tools.names())  # type: ignore[index, attr-defined]


def test_no_output_has_the_name_of_an_input(built: Path) -> None:
    for tool in description(built)["tools"]:  # type: ignore[attr-defined]
        inputs = {port["name"] for port in tool["ports"]}
        outputs = {table["name"] for table in tool["tables"]} | {"page", "stored", "temporal"}
        assert inputs.isdisjoint(outputs), tool["name"]


def test_qt_is_imported_only_through_qgis() -> None:
    for path in (ROOT / "plugin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not any(name.startswith(("PyQt", "PySide", "geopandas", "pyproj")) for name in names), path


def test_the_scanners_of_the_plugin_repository_find_nothing(built: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
    tools_of = Path(sys.executable).parent
    for command in (
        [str(tools_of / "bandit"), "--quiet", "--recursive", PLUGIN],
        [str(tools_of / "flake8"), "--max-line-length", "120", PLUGIN],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    secrets = [str(tools_of / "detect-secrets"), "scan", "--all-files", PLUGIN]
    done = subprocess.run(secrets, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["results"] == {}

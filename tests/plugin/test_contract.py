"""The QGIS leg of the contract: every registered tool gives the API's numbers, with the command line's arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis_profile import Qgis
from test_doors import CASES, Ground, ground, same, same_as_csv

from ecospatial import tools
from ecospatial.ports import ports
from ecospatial.tool_command import parser_of

__all__ = ["ground"]


def qgis_values(name: str, line: list[str]) -> dict[str, Any]:
    """The command line's arguments as qgis_process takes them."""
    tool = tools.find(name)
    given = vars(parser_of(tool).parse_args(line))
    found = {port.name: given[port.name] for port in ports(tool) if given[port.name] is not None}
    return {key: ";".join(map(str, value)) if isinstance(value, list) else value for key, value in found.items()}


@pytest.mark.parametrize("name", tools.names())
def test_qgis_agrees_with_the_api(name: str, qgis: Qgis, ground: Ground, tmp_path: Path) -> None:
    for number, (api, line) in enumerate(CASES[name]):
        expected = api(ground)
        first = type(expected).TABLES[0].name
        stored, table = tmp_path / f"{number}.eco", tmp_path / f"{number}.csv"
        done = qgis.run(name, **qgis_values(name, line(ground)), **{first: table}, stored=stored)
        assert done.code == 0, done.text[-3000:]
        found = type(expected).load(stored)
        for key, frame in expected.tables().items():
            same(found.tables()[key], frame)
            same_as_csv(found, key, frame, tmp_path / f"{number}-{key}.csv")
        rows = table.read_text(encoding="utf-8").splitlines()
        assert len(rows) == len(expected.tables()[first]) + 1


def test_no_package_that_breaks_qgis_was_asked_for_by_any_tool(qgis: Qgis) -> None:
    assert (qgis.profile / "telltales" / "geopandas.py").exists()
    assert list((qgis.profile / "telltales").glob("*.imported")) == []


def test_the_telltales_would_tell(qgis: Qgis, tmp_path: Path) -> None:
    import subprocess

    from qgis_profile import SYSTEM_PYTHON

    asking = tmp_path / "ecospatial_asks.py"
    asking.write_text("import geopandas")
    subprocess.run([SYSTEM_PYTHON, str(asking)], env=qgis.environment, capture_output=True, check=False)
    told = qgis.profile / "telltales" / "geopandas.imported"
    assert told.exists()
    told.unlink()

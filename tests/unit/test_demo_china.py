from __future__ import annotations

from pathlib import Path

import pytest

import ecospatial as es
from ecospatial.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo-china")
    assert main(["demo", "china", "--out", str(target)]) == 0
    return target


def test_the_page_says_that_data_are_simulated_and_cells_schematic(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    top = page[: page.index("<section")]
    assert "The data are simulated" in top and "审图号" in top
    assert page.count("Schematic boundaries") >= 3  # two figures and the web map
    for words in ("regenerative", "Slacks-based efficiency", "Moran", "High-High", "LM lag"):
        assert words in page, words


def test_every_prefecture_with_figures_has_a_cell_and_a_score(folder: Path) -> None:
    cities = es.Result.load(folder / "groups.eco")
    assert isinstance(cities, es.GeoPanel) and len(cities.units) == len(cities.boundaries) == 357
    scores = es.Result.load(folder / "efficiency.eco")
    assert scores.to_frame()["score"].between(0, 1 + 1e-9).all()


def test_stored_results_of_simulated_data_go_on_saying_so(folder: Path) -> None:
    for path in folder.glob("*.eco"):
        assert es.Result.load(path).caveats, path.name

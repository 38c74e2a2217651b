from __future__ import annotations

import re
from pathlib import Path

import pytest

import ecospatial as es
from ecospatial.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    assert main(["demo", "us-states", "--out", str(target)]) == 0
    return target


def test_the_last_line_is_the_path_of_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecospatial import demo

    joined = {"join": demo._states()}
    monkeypatch.setitem(demo.DEMOS, demo.NAMES[0], ("US states", lambda: joined))
    assert main(["demo", "--out", str(tmp_path / "new")]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert Path(last) == (tmp_path / "new" / "report.html").resolve()
    assert Path(last).stat().st_size > 10_000


def test_the_page_is_in_the_language_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecospatial import demo

    monkeypatch.setitem(demo.DEMOS, "us-states", ("US states", lambda: {"join": demo._states()}))
    assert main(["demo", "us-states", "--language", "zh_CN", "--out", str(tmp_path)]) == 0
    assert "匹配的单元" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_loads_nothing_from_elsewhere(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    loads = re.findall(r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["']([^"']+)""", page)
    assert [load for load in loads if not load.startswith(("data:", "#"))] == []
    assert "@import" not in page and "url(http" not in page


def test_the_page_shows_every_step(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("Slacks-based efficiency", "Moran", "LISA", "High-High", "LM lag", "rho", "lambda", "Tone"):
        assert words in page, words
    assert page.count("<svg") >= 4


def test_a_second_run_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert main(["demo", "us-states", "--out", str(tmp_path)]) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert "report.html" in names and "efficiency.csv" in names
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_stored_results_serve_a_later_step(folder: Path) -> None:
    ols = es.Result.load(folder / "ols.eco")
    again = es.spatial_tests(ols, "queen").to_frame()
    assert again.equals(es.Result.load(folder / "spatial-tests.eco").to_frame())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file" / "inside")]) == 2
    assert "Cannot make the folder" in capsys.readouterr().err

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecospatial.cli import main
from ecospatial.shipped import data_path

PANEL = str(data_path("panels/us_states_production.csv"))
INDEX = ["--unit", "state", "--period", "year"]
SBM = ["sbm", PANEL, *INDEX, "--inputs", "employment", "--outputs", "gross_state_product"]


def complaint(arguments: list[str], capsys: pytest.CaptureFixture[str], code: int = 2) -> str:
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("ecospatial: ")
    return captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sbn", "x.csv"], "did you mean 'sbm'"),
        (["sbm"], "required"),
        (["sbm", "nothing.csv", "--inputs", "a", "--outputs", "b"], "'nothing.csv' does not exist"),
        ([*SBM, "--frontier", "glbal"], "choose one of: contemporaneous, global"),
        ([*SBM[:-1], "gross_product"], "did you mean 'gross_state_product'"),
        (["sbm", PANEL, "--unit", "division", *SBM[6:], "--period", "year"], "stand more than once"),
        (["moran", PANEL, *INDEX, "--column", "employment"], "join the panel to boundaries"),
        (["moran", PANEL, *INDEX, "--column", "division", "--permutations", "5"], "from 99"),
        (["moran", PANEL, "--column", "employment", "--permutations", "many"], "invalid int value"),
        (["lisa", PANEL, "--column", "employment", "--weights", "file"], "weights_file"),
        (["spatial-tests", PANEL], "is not a stored result"),
        (["demo", "moon"], "there are: china, china-power, us-states"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in complaint(arguments, capsys)


def test_text_in_a_number_column_names_unit_period_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,year,x,y\na,2000,1,2\nb,2000,1..2,2\nc,2000,1,2\n")
    line = complaint(["sbm", str(path), "--period", "year", "--inputs", "x", "--outputs", "y"], capsys)
    assert "'x' must hold numbers, but unit b, period 2000 holds '1..2'" in line


@pytest.mark.parametrize("cell", ["0", "-3"])
def test_a_zero_or_negative_input_is_named(cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"city,year,x,y\na,2000,1,2\nb,2000,{cell},2\nc,2000,1,2\nd,2000,2,2\n")
    line = complaint(["sbm", str(path), "--period", "year", "--inputs", "x", "--outputs", "y"], capsys)
    assert "unit b, period 2000" in line
    assert " x" in line or "'x'" in line


def test_a_result_of_another_kind_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = tmp_path / "scores.eco"
    assert main([*SBM, "--out", str(stored)]) == 0
    capsys.readouterr()
    assert "SpatialTests" not in (line := complaint(["spatial-tests", str(stored), "--weights", "queen"], capsys))
    assert "holds" in line


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "old.png.csv.nonsense"
    target.write_text("old")
    complaint([*SBM, "--out", str(target)], capsys)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == [target.name]


def test_tools_lists_every_tool(capsys: pytest.CaptureFixture[str]) -> None:
    from ecospatial import tools

    assert main(["tools"]) == 0
    shown = capsys.readouterr().out
    for name in tools.names():
        assert f"  {name.replace('_', '-')}" in shown


def test_without_out_the_summary_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SBM]) == 0
    assert "Slacks-based efficiency" in capsys.readouterr().out


def test_the_program_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "ecospatial", "nothing"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_an_unforeseen_error_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import ecospatial.cli as cli

    monkeypatch.setattr(cli, "_list_tools", lambda: 1 // 0)
    assert "ZeroDivisionError" in complaint(["tools"], capsys, code=1)
    with pytest.raises(ZeroDivisionError):
        main(["tools", "--debug"])


def test_a_repeated_option_adds_to_the_list(tmp_path: Path) -> None:
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    start = ["sbm", PANEL, *INDEX, "--outputs", "gross_state_product"]
    assert main([*start, "--inputs", "employment", "private_capital", "--out", str(once)]) == 0
    assert main([*start, "--inputs", "employment", "--inputs", "private_capital", "--out", str(twice)]) == 0
    assert once.read_bytes() == twice.read_bytes()


def test_no_input_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(Path(PANEL).read_bytes())
    line = complaint(["sbm", str(table), *SBM[2:], "--out", str(table)], capsys)
    assert "is an input; write to another file" in line
    assert table.read_bytes() == Path(PANEL).read_bytes()


def test_kinds_are_checked_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    complaint([*SBM, "--out", str(tmp_path / "a.csv"), "--out", str(tmp_path / "b.nonsense")], capsys)
    assert list(tmp_path.iterdir()) == []


def test_the_result_goes_beside_the_data(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    assert main([*SBM, "--data-out", str(wide)]) == 0
    header = wide.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert {"unit", "period", "employment", "unemployment", "score"} <= set(header)
    moran = ["ols", str(wide), "--y", "score", "--x", "unemployment", "--out", str(tmp_path / "ols.csv")]
    assert main(moran) == 0


def test_several_results_make_one_page(tmp_path: Path) -> None:
    stored, page = tmp_path / "s.eco", tmp_path / "page.html"
    assert main([*SBM, "--out", str(stored)]) == 0
    assert main(["report", str(stored), str(stored), "--out", str(page), "--title", "Two results"]) == 0
    assert "Two results" in page.read_text(encoding="utf-8")


def test_a_pipe_in_an_old_encoding_does_not_fail() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "gbk"}
    for arguments in ([*SBM], ["sbm", "--help"]):
        command = [sys.executable, "-m", "ecospatial", *arguments]
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--weights", "queen", "--weights-file", "w.gal"], "choose 'file'"),
        (["--weights-file", "w.gal", "--weights-value", "9"], "take no number"),
        (["--weights-file", "w.gal"], "w.gal"),
    ],
)
def test_weights_options_that_cannot_go_together(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in complaint(["moran", PANEL, *INDEX, "--column", "employment", *options], capsys)

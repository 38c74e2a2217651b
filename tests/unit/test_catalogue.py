"""Every label that a person sees has its Chinese, and the doors speak it."""

from __future__ import annotations

import gettext
import importlib.util
import re
import string
from html import unescape
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.clusters.lisa import lisa
from ecospatial.clusters.moran import moran
from ecospatial.drivers.compare import compare
from ecospatial.drivers.ols import ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_tests import spatial_tests
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import Message, listed, suggest
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.panel import Panel
from ecospatial.present.language import Words, words
from ecospatial.result import Result

ROOT = Path(__file__).resolve().parents[2]
CHINESE = "zh_CN"
# Names of methods, people and statistics, which Chinese papers leave as they are.
KEPT = {"I", "z", "q", "AIC", "BIC", "OLS", "(1) OLS", "R²", "σ²", "SBM"}


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "scripts/catalogue.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fields(template: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, kind) for _, name, spec, kind in string.Formatter().parse(template) if name is not None}


def test_every_text_is_translated(catalogue: ModuleType) -> None:
    known = {
        (message.id, message.context)
        for message in catalogue.read(CHINESE)
        if message.id and message.string and not message.fuzzy
    }
    assert [text for text in catalogue.texts() if text not in known] == []


def test_the_extraction_sees_each_kind_of_text(catalogue: ModuleType) -> None:
    found = {text for text, _ in catalogue.texts()}
    assert {
        "Clusters",  # a group
        "Local Moran clusters (LISA)",  # a tool and a table
        "Who is whose neighbour.",  # the help of a port
        "The file '{path}' does not exist.",  # an error
        "All periods share one frontier: scores change when periods are added.",  # a note, by way of a dict
        "Drawing the report",  # progress
        "Returns to scale",  # a fact
        "variable (VRS)",  # its value
        "High-High",  # a legend
        "Reproduce",  # the page
        "folder for the report and the results",  # an option
        "Temporal layer: repeat the polygons for every period",  # the plugin
    } <= found


def test_translations_keep_the_fields(catalogue: ModuleType) -> None:
    messages = [message for message in catalogue.read(CHINESE) if message.id and message.string]
    assert [message.id for message in messages if fields(message.id) != fields(message.string)] == []


def test_the_compiled_catalogue_is_the_written_one(catalogue: ModuleType) -> None:
    messages = [message for message in catalogue.read(CHINESE) if message.id and message.string]
    written = {(message.id, message.context): message.string for message in messages}
    with catalogue.path_of(CHINESE).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    keys = [key for key in compiled._catalog if key]  # type: ignore[attr-defined]
    assert len(keys) == len(written)
    for (text, context), chinese in written.items():
        assert (compiled.pgettext(context, text) if context else compiled.gettext(text)) == chinese


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}, "de_DE"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW"}, "zh_CN"),
        ({"ECOSPATIAL_LANGUAGE": "zh-Hans", "LC_ALL": "C"}, "zh_CN"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_of_the_environment(environment: dict[str, str], language: str) -> None:
    assert words(environment).language == language


@pytest.mark.parametrize("language", ["tlh", "", "../etc"])
def test_an_unknown_language_falls_back_to_english(language: str) -> None:
    assert Words(language)("High-High") == "High-High"


def test_messages_within_messages_are_translated() -> None:
    chinese = Words(CHINESE)
    note = Message.of("There is no column '{column}'; {hint}", column="gpd", hint=suggest("gpd", ["gdp", "so2"]))
    assert str(note) == "There is no column 'gpd'; did you mean 'gdp'?"
    assert chinese(note) == "没有“gpd”列；是否想写 'gdp'？"
    assert chinese(Message.of("No boundary for: {units}.", units=listed("abcdefg"))).endswith("另有 2 个。")


def test_names_in_the_data_stay_as_they_are() -> None:
    from ecospatial.present.reading import names_in_data, reading

    frame = pd.DataFrame({"city": ["a", "b", "c"], "score": [1.0, 2.0, 4.0], "value": [2.0, 3.0, 4.0]})
    result = sbm(Panel.from_frame(frame, unit="city"), ["score"], ["value"], frontier="global")
    slacks = reading(result.slacks, "", Words(CHINESE), kept=names_in_data(result))
    assert slacks.header == ("单元", "时期", "score", "value")
    scores = reading(result.to_frame(), "", Words(CHINESE))
    assert scores.header == ("单元", "时期", "得分", "排名", "是否有效", "状态", "验证者")
    assert scores.rows[0][-3:] == ("是", "最优", "simplex")


@pytest.fixture(scope="module")
def results() -> tuple[Result, ...]:
    rng = np.random.default_rng(7)
    towns = [f"镇{place}" for place in range(25)]
    cells = [shapely.box(x, y, x + 1, y + 1) for y in range(5) for x in range(5)]
    frame = pd.DataFrame({"town": towns, "work": rng.uniform(1, 2, 25), "soot": rng.uniform(1, 2, 25)})
    frame["made"] = frame["work"] + np.repeat(np.arange(5.0), 5) + rng.normal(0, 0.1, 25)
    geo: GeoPanel = join(Panel.from_frame(frame, unit="town"), Boundaries.of(towns, cells))
    plain = ols(geo, "made", ["work", "soot"])
    lag = spatial_panel(geo, "made", ["work", "soot"], "queen", model="lag")
    return (
        geo,
        sbm(geo, ["work"], ["made"], ["soot"]),
        moran(geo, "made"),
        lisa(geo, "made"),
        plain,
        spatial_tests(plain, "queen"),
        lag,
        compare([plain, lag]),
    )


def test_a_chinese_report_has_no_english_label(results: tuple[Result, ...]) -> None:
    from ecospatial.present.report import report

    page = report(*results, title="报告", language=CHINESE).html
    assert '<html lang="zh-CN">' in page
    labels = re.findall(r"<(?:h2|dt|th [^>]*|caption|summary|strong|li><a[^>]*)>(.*?)</", page)
    labels += re.findall(r"<text[^>]*>(.*?)</text>", page)
    data = {"work", "soot", "made", "town", "rho", "lambda", "VIF work", "VIF soot"}
    english = {
        text for text in map(unescape, labels) if re.search("[A-Za-z]{2}", text) and not re.search("[一-鿿]", text)
    }
    assert english - data - KEPT == set()
    for chinese in (
        "莫兰指数",
        "高-高聚集",
        "空间滞后",
        "规模报酬",
        "可变 (VRS)",
        "非期望产出",
        "对数似然值",
        "行标准化",
    ):
        assert chinese in page


def test_facts_are_chinese(results: tuple[Result, ...]) -> None:
    chinese = Words(CHINESE)
    left = {
        f"{name}: {chinese(value)}"
        for result in results
        for name, value in result.facts().items()
        if re.search("[A-Za-z]{4}", chinese(value)) and not re.search("[一-鿿]", chinese(value))
    }
    assert {text.split(":")[0] for text in left} <= {"Variable", "Dependent variable", "Inputs", "Outputs"}


def test_the_command_line_speaks_chinese(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from ecospatial.cli import main

    monkeypatch.delenv("ECOSPATIAL_LANGUAGE")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert main(["sbm", "nothing.csv", "--inputs", "a", "--outputs", "b"]) == 2
    assert capsys.readouterr().err == "ecospatial: 文件“nothing.csv”不存在。\n"
    assert main(["tools"]) == 0
    assert "局部莫兰聚集" in capsys.readouterr().out
    assert main(["lisa", "--help"]) == 0
    told = capsys.readouterr().out
    assert "选项" in told and "置换次数" in told and "options:" not in told

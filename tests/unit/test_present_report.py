"""The report, the web map and the notebook view: self-contained, escaped, and the same every time."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import FileError, Message, OptionError
from ecospatial.present import html, layers, webmap
from ecospatial.present.language import Words
from ecospatial.present.report import Report, report
from ecospatial.result import Result

ODD = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Collects what a browser would load, the ids, and how elements nest."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.frames: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster") or (name in ("href", "xlink:href") and tag != "a"):
                self.loads.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "srcdoc":
                self.frames.append(value or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def results() -> tuple[Result, ...]:
    """A chain on sixteen squares, one unit with an odd name."""
    units = [ODD, "唐山", *(f"u{number}" for number in range(14))]
    squares = [shapely.box(110 + x, 30 + y, 111 + x, 31 + y) for y in range(4) for x in range(4)]
    rng = np.random.Generator(np.random.PCG64(5))
    frame = pd.DataFrame(
        [
            {"unit": unit, "year": year, "x": 1 + rng.random(), "y": 1 + i % 4 + rng.random(), "z": rng.random()}
            for year in (2016, 2017)
            for i, unit in enumerate(units)
        ]
    )
    attributes = pd.DataFrame({"name": ["a<i>", *("n" for _ in units[1:])]})
    boundaries = es.Boundaries.of(units, squares, "EPSG:4326", attributes)
    geo = es.join(es.Panel.from_frame(frame, unit="unit", period="year"), boundaries)
    efficiency = es.radial(geo, inputs=["x"], outputs=["y"])
    weights = geo.weights("queen")
    model = es.ols(geo.where_periods([2017]), "y", ["x", "z"])
    return (
        geo,
        efficiency,
        es.moran(geo, "y", weights, permutations=99),
        es.lisa(geo, "y", weights, permutations=99),
        model,
        es.spatial_tests(model, weights),
        es.compare([model]),
    )


@pytest.fixture(scope="module")
def page(results: tuple[Result, ...]) -> str:
    return report(*results, title="A & B <title>").html


def loaded(text: str) -> list[str]:
    """Everything a browser would fetch: attributes, style sheets, frames inside."""
    found = Page(text)
    styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.S))
    urls = [*found.loads, *re.findall(r"url\(\s*['\"]?([^)'\"]+)", styles), *re.findall(r"@import\s+(\S+)", styles)]
    return urls + [url for frame in found.frames for url in loaded(frame)]


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    inside = ("#", "data:")
    assert [url for url in loaded(page) if not url.startswith(inside)] == []
    assert "Content-Security-Policy" in page and "default-src &#39;none&#39;" not in page
    assert "default-src 'none'" in page


def test_same_results_same_bytes(results: tuple[Result, ...], page: str) -> None:
    assert report(*results, title="A & B <title>").html == page


def test_ids_are_unique_and_contents_lead_to_them(page: str) -> None:
    ids = [name for name in Page(page).ids if name.startswith(("section", "map", "reproduce"))]
    targets = re.findall(r'<li><a href="#([^"]+)"', page)
    assert targets == ids and len(set(ids)) == len(ids)


def test_names_are_escaped_everywhere(page: str) -> None:
    frame = Page(page).frames[0]
    for text in (page, frame):
        assert ODD not in text and "a<i>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "A &amp; B &lt;title&gt;" in page
    tip = re.search(r'"tip": "(.*?)"[,}]', frame)
    assert tip is not None
    assert "&lt;script&gt;" in tip[1].encode().decode("unicode_escape")


def test_sections_stand_in_the_order_given(results: tuple[Result, ...], page: str) -> None:
    headings = [unescape(text) for text in re.findall(r"<h2>(.*?)</h2>", page)]
    assert headings == [*(str(result.title) for result in results), "Map", "Reproduce"]


def test_every_call_can_be_repeated_from_the_page(results: tuple[Result, ...], page: str) -> None:
    text = unescape(page)
    assert all(str(result.provenance) in text for result in results)
    assert "seed=12345" in text and f"ecospatial {es.__version__}" in text


def test_the_map_has_both_layers_and_shows_the_clusters(page: str) -> None:
    frame = Page(page).frames[0]
    shown = re.findall(r'class="legend" data-layer="([^"]*)"( hidden)?', frame)
    assert shown == [("Efficiency, 2017", " hidden"), ("Local Moran clusters of y, 2017", "")]
    assert "L.map(" in frame and "Leaflet 1.9.4" in frame and "jquery" not in frame.lower()


def test_maps_repeat_and_hold_no_random_name(results: tuple[Result, ...]) -> None:
    words = Words()
    layer = layers.layer_of(results[3], words)
    assert layer is not None
    first, second = (webmap.web_map([layer], words) for _ in range(2))
    assert first == second
    own = first.replace(webmap._leaflet(), "")
    assert re.findall(r"_[0-9a-f]{32}", own) == []


def test_planar_boundaries_get_a_planar_map(results: tuple[Result, ...]) -> None:
    words = Words()
    layer = layers.layer_of(results[3], words)
    assert layer is not None
    plan = es.Boundaries.of(layer.boundaries.ids, shapely.transform(layer.boundaries.geometry, lambda xy: xy * 1000))
    assert "L.CRS.Simple" in webmap.web_map([replace(layer, boundaries=plan)], words)
    assert "L.CRS.EPSG3857" in webmap.web_map([layer], words)


def test_schematic_boundaries_and_remarks_are_said_at_the_top(results: tuple[Result, ...], page: str) -> None:
    marked = report(*results, schematic=True, remark="Simulated <data>.").html
    assert "Simulated &lt;data&gt;." in marked and marked.count("审图号") == 1
    assert "Schematic boundaries" in Page(marked).frames[0]
    assert "审图号" not in page and "Schematic" not in page


def test_without_folium_the_page_says_so(results: tuple[Result, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "folium", None)
    text = report(results[3]).html
    assert "pip install folium" in text and "<iframe" not in text


def test_without_jinja_it_names_the_package(results: tuple[Result, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match="pip install jinja2"):
        report(results[4])


def test_only_results_make_a_report() -> None:
    with pytest.raises(OptionError, match="at least one"):
        report()
    with pytest.raises(OptionError, match="DataFrame"):
        report(pd.DataFrame())  # type: ignore[arg-type]


def test_a_report_is_saved_as_html_only(tmp_path: Path) -> None:
    made = Report("<p>唐山</p>")
    made.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "<p>唐山</p>"
    with pytest.raises(FileError, match=r"end in \.html"):
        made.save(tmp_path / "a.pdf")
    with pytest.raises(FileError, match="does not exist"):
        made.save(tmp_path / "no" / "a.html")


def test_labels_pass_through_the_catalogue(
    results: tuple[Result, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecospatial.present import language

    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    pairs = {
        "": "Content-Type: text/plain; charset=UTF-8\n",
        "Contents": "目录",
        "Not significant": "不显著",
        "Lost {n}": "{n} 个缺失",
    }
    (folder / "ecospatial.mo").write_bytes(catalogue(pairs))
    monkeypatch.setattr(language, "LOCALE", tmp_path)
    noted = replace(results[3], notes=(Message.of("Lost {n}", n=3),))
    text = report(noted, language="zh_CN").html
    assert '<html lang="zh-CN">' in text and "<strong>目录</strong>" in text
    assert "3 个缺失" in text and "不显著 (" in text
    assert Words("xx")("Contents") == "Contents" and Words("zh_CN")("") == ""


def catalogue(pairs: dict[str, str]) -> bytes:
    """A compiled gettext catalogue: header, two tables of lengths and places, then the texts."""
    keys = sorted(pairs)
    texts = [key.encode() for key in keys] + [pairs[key].encode() for key in keys]
    start, places = 28 + 16 * len(keys), []
    for text in texts:
        places += [len(text), start]
        start += len(text) + 1
    head = [0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0]
    return np.array(head + places, dtype="<u4").tobytes() + b"".join(text + b"\0" for text in texts)


def test_the_notebook_view_escapes_and_closes_what_it_opens(results: tuple[Result, ...]) -> None:
    for result in results:
        text = html.fragment(replace(result, notes=(Message.of("{n}", n=ODD),)))
        assert Page(text).open == []
        assert ODD not in text and "&lt;script&gt;" in text
        assert text == html.fragment(replace(result, notes=(Message.of("{n}", n=ODD),)))
    assert results[3]._repr_html_() == html.fragment(results[3])


def test_headings_that_would_repeat_name_their_subject(results: tuple[Result, ...]) -> None:
    clusters = results[3]
    other = replace(clusters, column="x", data=results[0])
    text = report(clusters, other, results[4]).html
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings[:3] == [f"{clusters.title}: y", f"{clusters.title}: x", results[4].title]

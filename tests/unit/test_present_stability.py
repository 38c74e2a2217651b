"""Significance maps, small multiples and the stability of clusters: what is drawn, and the same as data."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.clusters.stability import cluster_stability
from ecospatial.clusters.stability_result import StabilityResult
from ecospatial.errors import OptionError
from ecospatial.present import figures, layers, theme
from ecospatial.present.language import Words
from ecospatial.present.significance_layer import significance_layer
from ecospatial.present.webmap import web_map

SIDE, YEARS = 5, (2001, 2002, 2003)
UNITS = [f"u{place:02d}" for place in range(SIDE**2)] + ["island"]
BOXES = [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)] + [shapely.box(9, 9, 10, 10)]


@cache
def geo(schematic: bool = False) -> es.GeoPanel:
    draw = np.random.default_rng(3)
    slope = np.append(np.arange(SIDE**2) // SIDE, 2.0) / SIDE
    rows = []
    for year in YEARS:
        used = draw.uniform(1.0, 2.0, len(UNITS))
        made = used * np.exp(-slope - np.abs(draw.normal(0, 0.1, len(UNITS))))
        rows.append(pd.DataFrame({"unit": UNITS, "year": year, "labour": used, "output": made}))
    attributes = pd.DataFrame({"schematic": 1}, index=UNITS) if schematic else None
    boundaries = es.Boundaries.of(UNITS, BOXES, attributes=attributes)
    return es.join(es.Panel.from_frame(pd.concat(rows), unit="unit", period="year"), boundaries)


@cache
def stability(schematic: bool = False) -> StabilityResult:
    scores = es.radial(geo(schematic), "labour", "output")
    return cluster_stability(es.bootstrap(scores, 100, seed=2), permutations=199)


@cache
def lisa(correction: Any = "none", significance: float = 0.05, permutations: int = 999) -> Any:
    return es.lisa(geo(), "output", permutations=permutations, correction=correction, significance=significance)


def legend(figure: Any) -> list[str]:
    found = figure.legends[0] if figure.legends else figure.axes[0].get_legend()
    return [text.get_text() for text in found.texts]


def written(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text"))]


def test_significance_classes_are_geodas() -> None:
    layer = significance_layer(lisa("none", 0.05, 99_999), Words())
    assert [(item.label, item.colour) for item in layer.classes] == [
        ("Not significant", "#eeeeee"),
        ("p ≤ 0.05", "#4bff50"),
        ("p ≤ 0.01", "#06c40b"),
        ("p ≤ 0.001", "#037406"),
        ("p ≤ 0.0001", "#014603"),
        ("Undefined", "#464646"),
        ("Isolated", "#999999"),
    ]
    p = lisa("none", 0.05, 99_999).p_sim.xs(2003, level="period")
    names = ["p ≤ 0.0001", "p ≤ 0.001", "p ≤ 0.01", "p ≤ 0.05", "Not significant"]
    expected = pd.cut(p, [-1, 0.0001, 0.001, 0.01, 0.05, 2], labels=names)
    assert layer.to_frame()["class"].tolist() == [*expected.iloc[:-1], "Isolated"]
    assert dict(layer.tips[-1])["Pseudo p"] == "–"


def test_levels_that_permutations_cannot_reach_are_left_out() -> None:
    assert [item.label for item in significance_layer(lisa(), Words()).classes[1:-2]] == ["p ≤ 0.05", "p ≤ 0.01"]
    assert [item.label for item in significance_layer(lisa("fdr", 0.1), Words()).classes[1:-2]] == [
        *("q ≤ 0.1", "q ≤ 0.05", "q ≤ 0.01")
    ]
    strict = significance_layer(lisa("none", 0.02), Words()).classes[1:-2]
    assert [(item.label, item.colour) for item in strict] == [("p ≤ 0.02", "#4bff50"), ("p ≤ 0.01", "#06c40b")]


def test_the_significant_units_are_those_of_the_cluster_map() -> None:
    for correction in ("none", "fdr", "bonferroni"):
        result = lisa(correction, 0.2)
        drawn = result.figure_data("significance_map")["class"]
        labels = result.labels.xs(2003, level="period")
        assert ((drawn == "Not significant") == (labels == "ns").to_numpy()).all()


@pytest.mark.parametrize(
    ("name", "single"), [("lisa_periods", "lisa_map"), ("significance_periods", "significance_map")]
)
def test_small_multiples_draw_every_period_with_one_legend(name: str, single: str) -> None:
    figure = figures.draw(lisa(), figure=name)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert [title for title in titles if title] == [str(year) for year in YEARS]
    assert len(figure.legends) == 1 and all(axes.get_legend() is None for axes in figure.axes)
    table = lisa().figure_data(name)
    assert table.index.names == ["unit", "period"]
    for year in YEARS:
        one = lisa().figure_data(single, period=year)
        pd.testing.assert_frame_equal(table.xs(year, level="period"), one)


def test_multiples_of_chosen_periods_and_of_other_statistics() -> None:
    chosen = figures.draw(lisa(), figure="lisa_periods", periods=[2002])
    assert [axes.get_title("left") for axes in chosen.axes] == ["2002"]
    with pytest.raises(OptionError, match="no period 1900"):
        figures.draw(lisa(), figure="lisa_periods", periods=[1900])
    spots = es.getis_ord(geo(), "output", permutations=99)
    assert legend(figures.draw(spots, figure="hot_spot_periods"))[-1] == "Isolated"
    alike = es.geary(geo(), "output", permutations=99)
    assert len(alike.figure_data("geary_periods")) == len(UNITS) * len(YEARS)


def test_the_stability_map_shows_label_and_stability() -> None:
    result = stability()
    table = result.stability.xs(2003, level="period")
    drawn = result.figure_data()
    for unit, row in table.iterrows():
        key = row["label"] if row["label"] == row["stability"] else f"{row['label']} {row['stability']}"
        assert tuple(drawn.loc[unit]) == theme.STABILITY[key]
    figure = figures.draw(result)
    counts = drawn["class"].value_counts()
    names = [name for name, _ in theme.STABILITY.values() if name in counts]
    assert legend(figure) == [f"{name} ({counts[name]})" for name in names]
    below = [text.get_text() for text in figure.axes[0].texts]
    assert below == ["Most frequent label; stable: in 90 % of the draws or more, mostly: in 70 %"]


def test_the_legend_of_multiples_keeps_its_order() -> None:
    shown = legend(figures.draw(stability(), figure="stability_periods"))
    order = [name for name, _ in theme.STABILITY.values()]
    assert shown == [name for name in order if name in shown]
    assert set(shown) == set(stability().figure_data("stability_periods")["class"])


def test_stable_clusters_have_geodas_colours() -> None:
    for label in ("HH", "LL", "LH", "HL", "ns"):
        assert theme.STABILITY[f"{label} stable"][1] == theme.CLUSTERS[label][1]
    assert len({colour for _, colour in theme.STABILITY.values()}) == len(theme.STABILITY)


def test_the_trend_is_the_table() -> None:
    result = stability()
    axes = figures.draw(result, figure="stability_trend").axes[0]
    assert axes.get_legend().texts[0].get_text() == "95 % interval"
    table = result.figure_data("stability_trend")
    pd.testing.assert_series_equal(table["lower"], result.morans["lower"])
    assert table["expected"].tolist() == [-1 / (len(UNITS) - 1)] * 3
    line = next(line for line in axes.lines if line.get_linewidth() == 1.4)
    np.testing.assert_allclose(line.get_ydata(), result.morans["I"])


def test_without_boundaries_the_trend_stands_in() -> None:
    panel = es.Panel.from_frame(geo().frame)
    scores = es.bootstrap(es.radial(panel, "labour", "output"), 100)
    result = cluster_stability(scores, geo().weights("queen"), 99)
    assert figures.draw(result).axes[0].get_title("left") == "Moran's I of efficiency and its confidence interval"
    assert layers.layer_of(result, Words()) is None
    with pytest.raises(OptionError, match="no figure without boundaries"):
        result.figure_data("stability_map")
    one = cluster_stability(replace(scores), geo().weights("queen"), 99)
    assert one.figure_data("stability_trend").index.tolist() == list(YEARS)


def test_a_single_period_lies_flat() -> None:
    scores = es.bootstrap(es.radial(geo().where_periods([2001]), "labour", "output"), 100)
    figure = figures.draw(cluster_stability(scores, permutations=99), figure="stability_trend")
    assert figure.axes[0].get_xlabel() == "Moran's I" and not figure.axes[0].get_yticks().size


@pytest.mark.parametrize("name", ["stability_map", "stability_periods", "lisa_periods", "significance_map"])
def test_maps_of_schematic_layers_say_so(name: str) -> None:
    result = stability(True) if name.startswith("stability") else es.lisa(geo(True), "output", permutations=99)
    assert any(text.startswith("Schematic boundaries") for text in written(figures.draw(result, figure=name)))
    assert not any("Schematic" in text for text in written(figures.draw(result, figure=name, schematic=False)))


def test_scatter_plot_and_trend_as_data() -> None:
    points = lisa().figure_data("moran_scatter", period=2002)
    table = lisa().to_frame().xs(2002, level="period").drop("island")
    pd.testing.assert_frame_equal(points, table[["value", "lag", "label"]])
    moran = es.moran(geo(), "output")
    trend = moran.figure_data()
    width = trend["upper"] - trend["expected"]
    np.testing.assert_allclose((trend["I"] - trend["expected"]) / width * 1.959964, moran.periods["z_rand"])
    with pytest.raises(OptionError, match="drawn from the tables"):
        es.lisa_transitions(geo(), "output").figure_data()


def test_web_map_and_report_carry_the_remark() -> None:
    layer = layers.layer_of(stability(), Words())
    assert layer is not None
    assert "Most frequent label" in web_map([layer], Words())
    page = es.report(stability()).html
    assert page.count("<svg") >= 2
    assert "Stability of cluster labels" in page


def test_the_table_reads() -> None:
    html = stability()._repr_html_()
    assert "estimated_frequency" in html
    assert "Clusters confirmed" in stability().summary()

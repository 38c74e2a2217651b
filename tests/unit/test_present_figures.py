"""Charts and maps: what they draw, in which colours, and that they say the same thing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import OptionError
from ecospatial.present import figures, layers, shapes, theme
from ecospatial.present.charts.maps import outline
from ecospatial.present.language import Words

GEODA = {
    "ns": "#eeeeee",
    "HH": "#FF0000",
    "LL": "#0000FF",
    "LH": "#a7adf9",
    "HL": "#f4ada8",
    "undefined": "#464646",
    "isolated": "#999999",
}


def grid(periods: int = 3, island: bool = True) -> es.GeoPanel:
    """Sixteen squares and one apart, with values that rise to the east."""
    boxes = [shapely.box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]
    boxes += [shapely.box(9, 9, 10, 10)] * island
    units = [f"城市<{number}>" for number in range(16)] + ["island"] * island
    boundaries = es.Boundaries.of(units, boxes)
    rng = np.random.Generator(np.random.PCG64(3))
    rows = [
        {
            "unit": unit,
            "year": 2000 + t,
            "x": 1 + rng.random(),
            "y": 1 + (i % 4) + 0.1 * rng.random(),
            "z": rng.random(),
        }
        for t in range(periods)
        for i, unit in enumerate(units)
    ]
    frame = pd.DataFrame(rows)
    period = "year" if periods > 1 else None
    panel = es.Panel.from_frame(frame if period else frame.drop(columns="year"), unit="unit", period=period)
    return es.join(panel, boundaries)


def scores(geo: es.GeoPanel) -> Any:
    return es.radial(geo, inputs=["x"], outputs=["y"])


def texts(figure: Any) -> list[str]:
    return [
        text.get_text() for axes in figure.axes for legend in [axes.get_legend()] if legend for text in legend.texts
    ]


def map_colours(figure: Any) -> np.ndarray:
    from matplotlib.collections import PatchCollection

    for axes in figure.axes:
        for collection in axes.collections:
            if isinstance(collection, PatchCollection):
                return np.asarray(collection.get_facecolor())
    raise LookupError("no map")


def test_cluster_colours_are_geodas() -> None:
    assert {label: colour for label, (_, colour) in theme.CLUSTERS.items()} == GEODA


def test_lisa_map_shows_every_class_with_its_count_and_colour() -> None:
    from matplotlib.colors import to_rgba

    geo = grid(1)
    y = geo["y"]
    y.iloc[0] = np.nan
    result = es.lisa(geo.assign(y=y), "y", "queen", permutations=99)
    labels = result.to_frame()["label"].droplevel("period").reindex(result.boundaries.ids)
    figure = figures.draw(result)
    counts = labels.value_counts()
    assert texts(figure) == [f"{name} ({counts.get(label, 0)})" for label, (name, _) in theme.CLUSTERS.items()]
    assert np.allclose(map_colours(figure), [to_rgba(GEODA[label]) for label in labels])
    assert labels.iloc[0] == "undefined" and labels.iloc[-1] == "isolated"


def test_efficiency_map_gives_uncomputed_units_a_class_of_their_own() -> None:
    result = scores(grid(2))
    broken = result.scores.copy()
    broken.loc[("island", 2001)] = np.nan
    layer = layers.efficiency_layer(replace(result, scores=broken), Words())
    assert layer.classes[-1].label == "Not computed"
    assert layer.counts.sum() == 17 and layer.counts[-1] == 1
    assert layer.classes[layer.class_of[-1]].colour == theme.ABSENT


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1.0, 1.0], ["1 (frontier)"]),
        ([np.nan, np.nan], ["Not computed"]),
        ([0.5, 0.5, 1.0], ["0.500", "1 (frontier)"]),
        ([0.5, 1.0, 1.5], ["0.500–0.700", "0.700–0.900", "0.900–1.100", "1.100–1.300", "1.300–1.500"]),
    ],
)
def test_score_classes_at_the_edges(values: list[float], labels: list[str]) -> None:
    classes, class_of = layers.score_classes(np.array(values), Words())
    assert [item.label for item in classes] == labels
    assert set(class_of) <= set(range(len(classes)))


@pytest.mark.parametrize("periods", [1, 3])
def test_one_and_many_periods(periods: int) -> None:
    geo = grid(periods)
    trend = figures.draw(es.moran(grid(periods, island=False), "y", "queen", permutations=99))
    assert trend.axes[0].get_title("left") == "Global Moran's I of y"
    left, right = figures.draw(scores(geo)).axes
    assert left.get_title("left") == ("Efficiency over time" if periods > 1 else "Distribution of efficiency")
    assert right.get_title("left") == ("Efficiency, 2002" if periods > 1 else "Efficiency")


def test_significant_periods_are_filled() -> None:
    figure = figures.draw(es.moran(grid(3, island=False), "y", "rook", permutations=99))
    markers = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() for line in markers] == [theme.ACCENT]
    assert len(markers[0].get_xdata()) == 3


def test_without_boundaries_there_is_no_map() -> None:
    geo = grid(2)
    panel = es.Panel.from_frame(geo.frame)
    assert len(figures.draw(scores(panel)).axes) == 1
    result = es.lisa(panel, "y", geo.weights("queen"), permutations=99)
    assert figures.draw(result).axes[0].get_title("left") == "Moran scatter plot of y, 2001"


def test_scatter_has_the_slope_of_morans_i() -> None:
    geo = grid(1, island=False)
    weights = geo.weights("rook")
    figure = figures.draw(es.lisa(geo, "y", weights, permutations=99), figure="moran_scatter")
    statistic = es.moran(geo, "y", weights, permutations=99).to_frame()["I"].iloc[0]
    assert f"Slope {statistic:.3f}" in texts(figure)


def test_coefficients_leave_the_constant_out_unless_asked() -> None:
    result = es.ols(grid(3), "y", ["x", "z"])
    plain = figures.draw(result).axes[0]
    assert [label.get_text() for label in plain.get_yticklabels()] == ["x", "z"]
    assert len(figures.draw(result, constant=True).axes[0].get_yticks()) == 3


def test_a_hole_stays_open() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    path = outline(shapely.MultiPolygon([ring, shapely.box(5, 5, 6, 6)]))
    signs = [np.sign(_signed_area(part)) for part in path.to_polygons()]
    assert sorted(signs) == [-1, -1, 1]


def _signed_area(points: np.ndarray) -> float:
    x, y = points.T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def test_degrees_are_stretched_by_latitude() -> None:
    from ecospatial.present.charts.maps import stretch

    north = es.Boundaries.of(["a"], [shapely.box(100, 50, 110, 70)], "EPSG:4326")
    assert stretch(north) == pytest.approx(2.0)
    assert stretch(es.Boundaries.of(["a"], [shapely.box(0, 0, 1, 1)])) == 1


def test_simplifying_keeps_every_unit() -> None:
    circle = shapely.Point(0, 0).buffer(1, quad_segs=5000)
    shapes_in = np.array([circle, shapely.box(1.0001, 0, 1.0002, 0.0001)])
    light = shapes.simplified(shapes_in, 500)
    assert shapely.get_num_coordinates(light[0]) < 400
    assert not shapely.is_empty(light).any()


def test_points_and_lines_are_drawn_too() -> None:
    geo = grid(1)
    mixed = [shapely.Point(0, 0), shapely.LineString([(1, 1), (2, 2)]), *geo.boundaries.geometry[2:]]
    moved = es.Boundaries.of(geo.boundaries.ids, mixed)
    figure = figures.draw(replace(scores(geo), data=replace(geo, boundaries=moved)))
    assert len(map_colours(figure)) == 15


def test_schematic_boundaries_say_so() -> None:
    geo = grid(1)
    attributes = pd.DataFrame({"schematic": True}, index=geo.boundaries.ids)
    marked = replace(geo, boundaries=replace(geo.boundaries, attributes=attributes))
    said = [text.get_text() for text in figures.draw(scores(marked)).axes[1].texts]
    assert said == ["Schematic boundaries"]
    assert [text.get_text() for text in figures.draw(scores(geo)).axes[1].texts] == []


def test_svg_bytes_repeat() -> None:
    first, second = (figures.inline_svg(figures.draw(scores(grid(3))), "Efficiency") for _ in range(2))
    assert first == second
    assert "<dc:date>" not in first and first.startswith('<svg role="img" aria-label="Efficiency"')


def test_settings_outside_stay_as_they_were() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures.draw(scores(grid(1)))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"period": 1900}, "2000, 2001, 2002"),
        ({"colour": "red"}, "'colour'"),
        ({"figure": "pie"}, "'pie'"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        figures.draw(scores(grid(3)), **options)


def test_a_result_without_a_figure_says_so() -> None:
    with pytest.raises(OptionError, match="has no figure"):
        figures.draw(grid(1))


def test_drawing_without_matplotlib_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        figures.draw(scores(grid(1)))


def test_the_spatial_parameter_stands_apart() -> None:
    geo = grid(1, island=False)
    drivers, spatial = figures.draw(es.spatial_panel(geo, "y", ["x", "z"], "queen", model="lag")).axes
    assert [label.get_text() for label in drivers.get_yticklabels()] == ["x", "z"]
    assert [label.get_text() for label in spatial.get_yticklabels()] == ["rho"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("periods", [1, 2])
def test_nothing_to_show_is_drawn_without_complaint(periods: int) -> None:
    geo = grid(periods).assign(flat=1.0)
    assert figures.draw(es.moran(geo, "flat", "queen", permutations=99)).axes
    result = es.lisa(geo, "flat", "queen", permutations=99)
    assert set(result.to_frame()["label"]) <= {"undefined", "isolated"}
    for name in figures.figure_names(result):
        assert figures.draw(result, figure=name).axes
    efficiency = scores(geo)
    assert figures.draw(replace(efficiency, scores=efficiency.scores * np.nan)).axes

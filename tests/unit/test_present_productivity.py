"""The figure and the map of productivity: what they draw, and that they say what the tables say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.errors import OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import join
from ecospatial.panel import Panel
from ecospatial.present import figures, layers, theme
from ecospatial.present.language import Words
from ecospatial.present.webmap import web_map
from ecospatial.productivity.chaining import chained_means
from ecospatial.productivity.luenberger import luenberger
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.result import ProductivityResult

YEARS = [2000, 2001, 2002, 2003]


def panel(regions: int = 2, units: int = 16) -> Panel:
    """Sixteen cities over four years, each in one of some regions."""
    rng = np.random.Generator(np.random.PCG64(11))
    frame = pd.DataFrame({"city": np.repeat(np.arange(units), len(YEARS)), "year": YEARS * units})
    frame = frame.assign(region=[f"东部 {number % regions}" for number in frame["city"]])
    frame = frame.assign(x=rng.uniform(1, 2, len(frame)), y=rng.uniform(1, 3, len(frame)))
    return Panel.from_frame(frame, unit="city", period="year")


def index(kept: str | None = None, regions: int = 2, **options: Any) -> ProductivityResult:
    return malmquist(panel(regions), "x", "y", by=[kept] if kept else (), **options)


def mapped() -> ProductivityResult:
    squares = Boundaries.of(range(16), [shapely.box(i % 4, i // 4, i % 4 + 1, i // 4 + 1) for i in range(16)])
    return malmquist(join(panel(), squares), "x", "y")


def lines(axes: Any) -> dict[str, np.ndarray]:
    return {line.get_label(): np.asarray(line.get_ydata()) for line in axes.lines if line.get_marker() == "."}


def heading(figure: Any) -> str:
    return str(figure._suptitle.get_text())


def titles(figure: Any) -> list[str]:
    return [axes.get_title("left") for axes in figure.axes]


@pytest.mark.parametrize("base", [2000, 2002])
def test_lines_are_the_geometric_means_of_the_cumulative_index(base: int) -> None:
    found = index(base_period=base)
    (axes,) = figures.draw(found).axes
    expected = np.exp(np.log(found.cumulative).groupby(level="period").mean())
    drawn = lines(axes)
    assert set(drawn) == {"Productivity", "Efficiency change", "Technical change"}
    np.testing.assert_allclose(drawn["Productivity"], expected["tfpch"], rtol=1e-12)
    np.testing.assert_allclose(
        drawn["Productivity"], drawn["Efficiency change"] * drawn["Technical change"], rtol=1e-12
    )
    assert drawn["Productivity"][YEARS.index(base)] == 1.0


def test_each_group_has_a_panel_of_its_own() -> None:
    found = index("region")
    figure = figures.draw(found)
    assert titles(figure) == ["All units", "东部 0", "东部 1"]
    assert heading(figure) == "Cumulative productivity, 2000 = 1, by region"
    odd = found.cumulative[found.cumulative.index.get_level_values("unit") % 2 == 1]
    expected = np.exp(np.log(odd).groupby(level="period").mean())
    np.testing.assert_allclose(lines(figure.axes[2])["Technical change"], expected["techch"], rtol=1e-12)
    assert figure.axes[0].get_ylim() == figure.axes[2].get_ylim()


def test_many_groups_are_cut_and_the_title_says_so() -> None:
    figure = figures.draw(index("region", regions=14))
    assert len(figure.axes) == 12
    assert heading(figure).endswith("· the 11 largest of 14 groups")


def test_the_title_counts_what_is_known_where_changes_are_missing() -> None:
    found = index()
    components = found.components.copy()
    components.iloc[5, 0] = np.nan
    assert heading(figures.draw(replace(found, components=components))).endswith("2000 = 1 · 47 of 48 changes")


def test_an_indicator_starts_from_zero() -> None:
    found = luenberger(panel(), "x", "y")
    (axes,) = figures.draw(found).axes
    expected = found.cumulative["tfpch"].groupby(level="period").mean()
    np.testing.assert_allclose(lines(axes)["Productivity"], expected, atol=1e-12)
    assert heading(figures.draw(found)) == "Cumulative productivity, 2000 = 0"


def test_beyond_a_period_without_changes_there_is_no_line() -> None:
    means = pd.DataFrame({"tfpch": [2.0, np.nan, 4.0], "changes": 3}, index=YEARS[1:])
    later = chained_means(means, pd.Index(YEARS), 2000, additive=False)["tfpch"]
    assert later.iloc[:2].tolist() == pytest.approx([1.0, 2.0]) and later.iloc[2:].isna().all()
    earlier = chained_means(means, pd.Index(YEARS), 2003, additive=False)["tfpch"]
    assert earlier.iloc[2:].tolist() == pytest.approx([0.25, 1.0]) and earlier.iloc[:2].isna().all()


def test_a_column_that_was_not_kept_is_named() -> None:
    with pytest.raises(OptionError, match="no column 'stage'"):
        figures.draw(index("region"), column="stage")


@pytest.mark.filterwarnings("error")
def test_nothing_to_show_is_drawn_without_complaint() -> None:
    found = index("region")
    empty = replace(found, components=found.components * np.nan)
    (axes,) = figures.draw(empty).axes
    assert all(np.isnan(np.delete(values, 0)).all() for values in lines(axes).values())


def test_map_shows_the_mean_change_in_classes_around_one() -> None:
    found = mapped()
    assert figures.figure_names(found) == ("productivity", "productivity_map")
    layer = layers.layer_of(found, Words())
    assert layer is not None and layer.title == "Mean productivity change, 2000–2003"
    means = found.to_frame("units")["tfpch"].reindex(layer.boundaries.ids)
    grows = np.array([colour in theme.DIVERGING[3:] for colour in layer.colours])
    assert 0 < grows.sum() < 16
    np.testing.assert_array_equal(grows, means >= 1)
    assert len(figures.draw(found, figure="productivity_map", period=2001).axes) == 1
    assert "Mean productivity change, 2000–2003" in web_map([layer], Words())


def test_map_of_a_period_that_no_change_ends_in() -> None:
    with pytest.raises(OptionError, match="no period 2000; there are: 2001"):
        figures.draw(mapped(), figure="productivity_map", period=2000)


@pytest.mark.parametrize(
    ("unchanged", "values", "places"),
    [
        (1.0, [0.5, 0.95, 0.995, 1.0, 1 - 1e-12, 1.02, 2.0], [0, 1, 2, 3, 3, 4, 5]),
        (0.0, [-0.5, -0.05, -0.005, 0.0, 1e-12, 0.02, 2.0], [0, 1, 2, 3, 3, 4, 5]),
        (1.0, [np.nan, 1.0], [6, 3]),
    ],
)
def test_growth_classes_at_the_edges(unchanged: float, values: list[float], places: list[int]) -> None:
    classes, class_of = layers.growth_classes(np.array(values), Words(), unchanged)
    assert class_of.tolist() == places
    assert len({item.colour for item in classes}) == len(classes)


def test_svg_bytes_repeat() -> None:
    first, second = (figures.inline_svg(figures.draw(index("region")), "Productivity") for _ in range(2))
    assert first == second

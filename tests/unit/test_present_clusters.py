"""Maps of hot spots, local Geary and emerging patterns; heat maps of chains; sensitivity to the weights."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.clusters import emerging, geary, getis_ord, lisa
from ecospatial.errors import OptionError
from ecospatial.present import figures, layers, theme
from ecospatial.present.language import Words

SIDE = 5
UNITS = [f"u{place:02d}" for place in range(SIDE**2)] + ["island"]
BOXES = [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)] + [shapely.box(9, 9, 10, 10)]


def grid(periods: int = 6) -> es.GeoPanel:
    """A slope with noise, and an island."""
    rng = np.random.default_rng(3)
    values = np.append(np.arange(SIDE**2) // SIDE, 2.0) + 5 + rng.random((periods, len(UNITS)))
    frame = pd.DataFrame(
        {
            "unit": np.tile(UNITS, periods),
            "year": np.repeat(2000 + np.arange(periods), len(UNITS)),
            "y": values.ravel(),
            "x": rng.random(values.size),
        }
    )
    return es.join(es.Panel.from_frame(frame, unit="unit", period="year"), es.Boundaries.of(UNITS, BOXES))


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().texts]


@pytest.mark.parametrize(
    ("make", "style"),
    [
        (lambda geo: es.getis_ord(geo, "y", permutations=199), "hot_spots"),
        (lambda geo: es.geary(geo, "y", permutations=199), "geary"),
        (lambda geo: es.geary(geo, ["y", "x"], permutations=199), "geary"),
        (lambda geo: es.emerging_hot_spots(geo, "y", permutations=199), "emerging"),
    ],
)
def test_maps_show_the_labels_that_occur(make: Any, style: str) -> None:
    result = make(grid())
    axes = figures.draw(result).axes[0]
    labels = result.labels if style == "emerging" else result.labels.xs(2005, level="period")
    counts = labels.value_counts()
    known = theme.LABELLED[style]
    assert texts(axes) == [f"{name} ({counts[label]})" for label, (name, _) in known.items() if label in counts]
    layer = layers.layer_of(result, Words())
    assert layer is not None
    colours = dict(zip(layer.boundaries.ids, layer.colours, strict=True))
    assert all(colours[unit] == known[label][1] for unit, label in labels.items())
    assert colours["island"] == theme.UNTESTED["isolated"][1]
    assert dict(layer.tips[0])["Unit"] == "u00"


def test_every_label_has_a_colour() -> None:
    for labels, style in (
        (lisa.LABELS, "lisa"),
        (getis_ord.LABELS, "hot_spots"),
        (geary.LABELS, "geary"),
        (emerging.PATTERNS, "emerging"),
    ):
        assert set(labels) == set(theme.LABELLED[style])
        assert len({colour for _, colour in theme.LABELLED[style].values()}) == len(labels)


def test_qgis_has_the_same_classes() -> None:
    """The plugin lists them itself, since it styles layers without loading the core."""
    source = ast.parse((Path(__file__).parents[2] / "plugin/styles.py").read_text(encoding="utf-8"))
    tables = {
        node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined]
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
    }
    styles = {"CLUSTERS": "lisa", "HOT_SPOTS": "hot_spots", "GEARY": "geary", "EMERGING": "emerging"}
    for name, style in {**styles, "STABILITY": "stability"}.items():
        assert [(value, (label, colour)) for value, label, colour in tables[name]] == list(
            theme.LABELLED[style].items()
        )


def test_without_boundaries_there_is_no_map() -> None:
    geo = grid()
    panel = es.Panel.from_frame(geo.frame)
    result = es.getis_ord(panel, "y", geo.weights("queen"), permutations=99)
    with pytest.raises(OptionError, match="no figure without boundaries"):
        figures.draw(result)
    assert layers.layer_of(result, Words()) is None


def test_heat_maps_write_the_probabilities_of_states_that_were_left() -> None:
    geo = grid()
    transitions = es.lisa_transitions(geo, "y", "rook")
    left = figures.draw(transitions).axes[0]
    chances = transitions.probabilities.to_numpy()
    assert [text.get_text() for text in left.texts] == [f"{value:.2f}" for value in chances[~np.isnan(chances)]]
    markov = es.spatial_markov(geo, "y", classes=3)
    figure = figures.draw(markov)
    titles = [axes.get_title("left") for axes in figure.axes[:4]]
    assert titles == ["All units", *(f"Neighbours in class {number}" for number in (1, 2, 3))]


def test_sensitivity_has_a_row_a_weights_and_their_agreement() -> None:
    result = es.weights_sensitivity(grid(), "y", ["queen", "knn:3"], 99)
    left, right = figures.draw(result).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["queen", "knn:3"]
    share = result.agreement["same_cluster"].iloc[0]
    assert [text.get_text() for text in right.texts] == ["100%", f"{share:.0%}", f"{share:.0%}", "100%"]


def test_residuals_have_the_band_of_the_normal_law() -> None:
    axes = figures.draw(es.moran(grid(), "y", "queen", 99, regressors=["x"])).axes[0]
    assert axes.get_title("left") == "Global Moran's I of residuals of y on x"
    assert "95 % band, normality" in texts(axes)


def test_two_variables_are_named_in_the_scatter_plot() -> None:
    axes = figures.draw(es.lisa(grid(), "y", permutations=99, second="x"), figure="moran_scatter").axes[0]
    assert axes.get_ylabel() == "Spatial lag of x"
    assert "y against the neighbours' x" in axes.get_title("left").replace("\n", " ")


def test_reports_of_all_of_them_are_written(tmp_path: Path) -> None:
    geo = grid()
    results = [
        es.getis_ord(geo, "y", permutations=99),
        es.geary(geo, "y", permutations=99),
        es.lisa_transitions(geo, "y"),
        es.spatial_markov(geo, "y", classes=3),
        es.emerging_hot_spots(geo, "y", permutations=99),
        es.weights_sensitivity(geo, "y", ["queen", "rook"], 99),
    ]
    es.report(*results).save(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= len(results)
    for result in results:
        assert result.TITLE.replace("'", "&#39;") in page or result.TITLE in page

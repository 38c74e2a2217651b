"""Figures: one door to the charts, and the files they are written to."""

from __future__ import annotations

import inspect
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import OptionError, listed, need
from ..result import Result
from . import theme
from .charts import (
    chains,
    coefficients,
    efficiency,
    focus,
    impacts,
    intervals,
    maps,
    moran,
    multiples,
    productivity,
    regimes,
    sensitivity,
    stability,
    weights,
)
from .language import Words
from .layers import geary_layer, hot_spot_layer, lisa_layer, stability_layer
from .significance_layer import significance_layer

# A chart takes the result, the words of a language, and options of its own.
CHARTS: dict[str, Callable[..., Any]] = {
    "efficiency": efficiency.efficiency,
    "intervals": intervals.intervals,
    "moran_trend": moran.trend,
    "moran_scatter": moran.scatter,
    "lisa_map": maps.lisa_map,
    "lisa_periods": multiples.over_periods(lisa_layer, "lisa"),
    "significance_map": maps.significance_map,
    "significance_periods": multiples.over_periods(significance_layer),
    "stability_map": maps.stability_map,
    "stability_periods": multiples.over_periods(stability_layer, "stability"),
    "stability_trend": stability.trend,
    "hot_spots": maps.hot_spots,
    "hot_spot_periods": multiples.over_periods(hot_spot_layer, "hot_spots"),
    "geary_map": maps.geary_map,
    "geary_periods": multiples.over_periods(geary_layer, "geary"),
    "emerging_map": maps.emerging_map,
    "transitions": chains.transitions,
    "spatial_markov": chains.spatial_markov,
    "sensitivity": sensitivity.sensitivity,
    "coefficients": coefficients.coefficients,
    "regimes": regimes.regimes,
    "productivity": productivity.productivity,
    "productivity_map": productivity.productivity_map,
    "weights": weights.weights,
    "focus": focus.focus,
    "impacts": impacts.impacts,
}
# What a report draws beside the declared figure.
COMPANIONS = {
    "lisa_map": ("moran_scatter", "significance_map"),
    "stability_map": ("stability_trend",),
    "productivity": ("productivity_map",),
}
# What else there is of a result, beside the figure that it declares.
FURTHER = {
    "lisa_map": ("moran_scatter", "significance_map", "lisa_periods", "significance_periods"),
    "hot_spots": ("hot_spot_periods", "significance_map", "significance_periods"),
    "geary_map": ("geary_periods", "significance_map", "significance_periods"),
    "stability_map": ("stability_periods", "stability_trend"),
    "productivity": ("productivity_map",),
}
# Figures with a map in them, which must say where it is schematic.
MAPPED = (
    *("efficiency", "productivity_map", "weights"),
    *("lisa_map", "lisa_periods", "significance_map", "significance_periods"),
    *("hot_spots", "hot_spot_periods", "geary_map", "geary_periods", "emerging_map"),
    *("stability_map", "stability_periods"),
)


def draw(result: Result, figure: str | None = None, language: str = "en", **options: Any) -> Any:
    """Draw a result.

    Parameters
    ----------
    result : Result
    figure : str or None
        Name of the figure; the one that the result declares by default.
    language : str
    **options
        Of the figure, for example ``period``.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    OptionError
        Where the result has no such figure, or the figure no such option.
    MissingPackageError
        Where matplotlib is not installed.
    """
    name = figure or result.FIGURE
    if name is None:
        raise OptionError("'{title}' has no figure.", title=result.title)
    chart = CHARTS.get(name)
    if chart is None:
        raise OptionError("There is no figure '{name}'; there are: {all}", name=name, all=listed(CHARTS, limit=20))
    check_figure(result, name)
    known = list(inspect.signature(chart).parameters)[2:]
    for option in options:
        if option not in known:
            raise OptionError(
                "The figure '{figure}' has no option '{option}'; it has: {known}",
                figure=name,
                option=option,
                known=listed(known) or "none",
            )
    with _drawing():
        drawn = chart(result, Words(language), **options)
        # Ticks are made when first drawn: make them now, while these fonts hold.
        drawn.draw_without_rendering()
    return drawn


def check_figure(result: Result, name: str) -> None:
    """Refuse a figure of other results.

    Raises
    ------
    OptionError
        Where this result has no such figure.
    """
    own = (result.FIGURE, *FURTHER.get(result.FIGURE, ())) if result.FIGURE else ()
    if name not in own:
        raise OptionError(
            "'{title}' has no figure '{name}'; it has: {own}",
            title=result.title,
            name=name,
            own=listed(own) or "none",
        )


def figure_names(result: Result) -> tuple[str, ...]:
    """The figures of a result, the declared one first."""
    if result.FIGURE is None:
        return ()
    companions = COMPANIONS.get(result.FIGURE, ()) if result.boundaries is not None else ()
    return (result.FIGURE, *companions)


def save_figure(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure as .svg, .png or .pdf, without a date in it."""
    kind = os.path.splitext(path)[1].lower().lstrip(".")
    dateless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[kind]
    with _drawing():
        figure.savefig(path, format=kind, metadata=dateless)


def inline_svg(figure: Any, label: str) -> str:
    """The figure as an ``<svg>`` element for a page; ``label`` is what a screen reader says."""
    from html import escape

    text = io.StringIO()
    with _drawing():
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = "<svg" + svg.partition("<svg")[2]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.S)
    # Group names repeat from figure to figure, and ids must not repeat on a page.
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1).strip()


@contextmanager
def _drawing() -> Iterator[None]:
    try:
        import matplotlib
    except ImportError as error:
        raise need("matplotlib", "Drawing figures") from error
    with matplotlib.rc_context(theme.style()):
        yield

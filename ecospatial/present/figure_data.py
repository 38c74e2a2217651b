"""Figures as data: what a chart draws, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ..errors import OptionError, listed
from ..result import Result
from .charts import moran, stability
from .charts.maps import with_map
from .charts.multiples import LayerOf, period_layers
from .figures import check_figure
from .language import Words
from .layers import emerging_layer, geary_layer, hot_spot_layer, lisa_layer, stability_layer
from .significance_layer import significance_layer

MAPS: dict[str, LayerOf] = {
    "lisa_map": lisa_layer,
    "significance_map": significance_layer,
    "stability_map": stability_layer,
    "hot_spots": hot_spot_layer,
    "geary_map": geary_layer,
    "emerging_map": emerging_layer,
}
PERIODS: dict[str, LayerOf] = {
    "lisa_periods": lisa_layer,
    "significance_periods": significance_layer,
    "stability_periods": stability_layer,
    "hot_spot_periods": hot_spot_layer,
    "geary_periods": geary_layer,
}
SERIES: dict[str, Callable[[Result], pd.DataFrame]] = {
    "moran_trend": moran.trend_data,
    "stability_trend": stability.trend_data,
}


def figure_data(result: Result, figure: str | None = None, period: Any = None, language: str = "en") -> pd.DataFrame:
    """What a figure draws.

    Parameters
    ----------
    result : Result
    figure : str or None
        Name of the figure; the one that the result declares by default.
    period : object or None
        Of a map or a scatter plot of one period; the last one by default.
    language : str
        Of the classes of a map.

    Returns
    -------
    DataFrame
        Of a map ``class`` and ``colour`` by unit, of small multiples by unit and period; of a scatter plot ``value``,
        ``lag`` and ``label`` by unit; of a trend the line and the ends of its band by period.

    Raises
    ------
    OptionError
        Where the result has no such figure, or it has no data apart from the result's tables, or the period is
        unknown.
    """
    name, words = figure or result.FIGURE, Words(language)
    if name in {"moran_scatter", *SERIES, *MAPS, *PERIODS}:
        check_figure(result, name)
    if name == "moran_scatter":
        return moran.scatter_data(result, period)
    if name in SERIES:
        return SERIES[name](result)
    if name in MAPS:
        return MAPS[name](with_map(result), words, period).to_frame()
    if name in PERIODS:
        layers = period_layers(with_map(result), words, PERIODS[name])
        found = pd.concat({when: layer.to_frame() for when, layer in layers.items()}, names=["period", "unit"])
        return found.swaplevel().rename_axis(index=["unit", "period"])
    raise OptionError(
        "The figure '{name}' is drawn from the tables of the result; as data there are: {all}",
        name=name,
        all=listed([*SERIES, "moran_scatter", *MAPS, *PERIODS], limit=20),
    )

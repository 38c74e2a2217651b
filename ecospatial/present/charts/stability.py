"""Moran's I of efficiency over the draws of a bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...result import Result
from .. import theme
from ..language import Words
from .canvas import grid, period_axis, sheet
from .moran import draw_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


DRAWS = ("draws_lower", "draws_upper")


def trend(result: Result, words: Words) -> Figure:
    """Moran's I of the scores by period with its interval over the draws; one period lies flat."""
    frame = trend_data(result)
    figure = sheet(7.2, 3.4 if len(frame) > 1 else 1.6)
    axes = figure.add_subplot()
    level = f"{100 * cast(Any, result).level:.4g}"
    draw = _periods if len(frame) > 1 else _single_period
    draw(axes, frame, level, words)
    axes.set_title(words("Moran's I of efficiency and its confidence interval"), wrap=True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def trend_data(result: Result) -> pd.DataFrame:
    """By period: Moran's I of the scores, its p-value, interval and expectation, and what the draws give."""
    frame = cast(Any, result).morans.sort_index()
    columns = ["I", "p_sim", "lower", "upper", "I_corrected", *DRAWS]
    return cast(pd.DataFrame, frame[columns].assign(expected=-1.0 / (frame["units"] - 1)))


def _periods(axes: Axes, frame: pd.DataFrame, level: str, words: Words) -> None:
    at = period_axis(axes, frame.index)
    band = words("{level} % interval", level=level)
    axes.fill_between(at, frame["lower"], frame["upper"], color=theme.BAND, linewidth=0, label=band)
    for end, label in zip(DRAWS, (words("{level} % of the draws", level=level), None), strict=True):
        axes.plot(at, frame[end], color=theme.ACCENT, linewidth=0.6, label=label)
    axes.plot(at, frame["expected"], "--", color=theme.MUTED, linewidth=0.9, label=words("Expected"))
    axes.plot(at, frame["I_corrected"], ":", color=theme.INK, linewidth=1.1, label=words("Bias-corrected"))
    axes.plot(at, frame["I"], color=theme.ACCENT, linewidth=1.4, zorder=3)
    draw_points(axes, at, frame["I"].to_numpy(float), frame, words)
    axes.set_ylabel(words("Moran's I"))
    grid(axes)


def _single_period(axes: Axes, frame: pd.DataFrame, level: str, words: Words) -> None:
    only = frame.iloc[0]
    if np.isfinite(only["lower"]):
        band = words("{level} % interval", level=level)
        axes.axvspan(only["lower"], only["upper"], color=theme.BAND, linewidth=0, label=band)
    for end, label in zip(DRAWS, (words("{level} % of the draws", level=level), None), strict=True):
        axes.axvline(only[end], color=theme.ACCENT, linewidth=0.6, label=label)
    axes.axvline(only["expected"], linestyle="--", color=theme.MUTED, linewidth=0.9, label=words("Expected"))
    axes.axvline(only["I_corrected"], linestyle=":", color=theme.INK, linewidth=1.1, label=words("Bias-corrected"))
    draw_points(axes, frame["I"].to_numpy(float), np.zeros(1), frame, words)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("Moran's I"))

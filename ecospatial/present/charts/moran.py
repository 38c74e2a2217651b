"""Global Moran's I over the periods, and the scatter plot behind one period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...errors import Message
from ...result import Result
from .. import theme
from ..language import Words
from ..layers import one_period, period_suffix
from .canvas import grid, period_axis, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVEL = 0.05
QUANTILE = 1.959964  # 97.5 % point of the normal law
BANDS = {"z_rand": "95 % band, randomisation", "z_norm": "95 % band, normality"}


def trend(result: Result, words: Words) -> Figure:
    """Moran's I by period with its expectation and 95 % band under randomisation; one period lies flat."""
    frame = result.to_frame().sort_index()
    figure = sheet(7.2, 3.4 if len(frame) > 1 else 1.6)
    axes = figure.add_subplot()
    draw_periods = _periods if len(frame) > 1 else _single_period
    draw_periods(axes, frame, words)
    axes.set_title(words("Global Moran's I of {column}", column=variable(result, words)), wrap=True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def trend_data(result: Result) -> pd.DataFrame:
    """By period: Moran's I, its expectation, the ends of the 95 % band, the p-values."""
    frame = result.to_frame().sort_index()
    low, high, _ = _band(frame)
    return frame[["I", "expected"]].assign(lower=low, upper=high, p_sim=frame["p_sim"], p_rand=frame["p_rand"])


def _periods(axes: Axes, frame: pd.DataFrame, words: Words) -> None:
    at = period_axis(axes, frame.index)
    low, high, law = _band(frame)
    axes.fill_between(at, low, high, color=theme.BAND, linewidth=0, label=words(BANDS[law]))
    axes.plot(at, frame["expected"], "--", color=theme.MUTED, linewidth=0.9, label=words("Expected"))
    axes.plot(at, frame["I"], color=theme.ACCENT, linewidth=1.4, zorder=3)
    draw_points(axes, at, frame["I"].to_numpy(float), frame, words)
    axes.set_ylabel(words("Moran's I"))
    grid(axes)


def _single_period(axes: Axes, frame: pd.DataFrame, words: Words) -> None:
    (low,), (high,), law = _band(frame)
    if np.isfinite(low):
        axes.axvspan(low, high, color=theme.BAND, linewidth=0, label=words(BANDS[law]))
    axes.axvline(float(frame["expected"].iloc[0]), linestyle="--", color=theme.MUTED, linewidth=0.9,
                 label=words("Expected"))  # fmt: skip
    draw_points(axes, frame["I"].to_numpy(float), np.zeros(1), frame, words)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("Moran's I"))


def draw_points(axes: Axes, x: np.ndarray, y: np.ndarray, frame: pd.DataFrame, words: Words) -> None:
    """A point a period, filled where it is significant."""
    source, p_values = _p_values(frame, words)
    significant = p_values <= LEVEL
    known = np.isfinite(p_values)
    labels = (words("p ≤ 0.05 ({source})", source=source), words("p > 0.05"))
    for chosen, face, label in zip((significant, ~significant & known), (theme.ACCENT, "white"), labels, strict=True):
        if chosen.any():
            axes.plot(x[chosen], y[chosen], "o", markersize=5, markerfacecolor=face, markeredgecolor=theme.ACCENT,
                      zorder=4, label=label)  # fmt: skip


def _band(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, str]:
    """Where 95 % of the statistics of random patterns lie and by which law, NaN where the variance is not known."""
    law = "z_rand" if frame["z_rand"].notna().any() else "z_norm"
    expected = frame["expected"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = QUANTILE * np.abs((frame["I"].to_numpy(float) - expected) / frame[law].to_numpy(float))
    spread[~np.isfinite(spread)] = np.nan
    return expected - spread, expected + spread, law


def _p_values(frame: pd.DataFrame, words: Words) -> tuple[str, np.ndarray]:
    if frame["p_sim"].notna().any():
        return words("permutation"), frame["p_sim"].to_numpy(float)
    return words("randomisation"), frame["p_rand"].to_numpy(float)


def variable(result: Result, words: Words) -> str:
    """What was tested: a column as the user wrote it, or words about columns."""
    tested = cast(Any, result).variable
    return words(tested) if isinstance(tested, Message) else str(tested)


def scatter_data(result: Result, period: Any = None) -> pd.DataFrame:
    """By unit: the standardised value, its spatial lag and the label; units without one are left out."""
    frame, _ = one_period(result.to_frame(), period)
    return frame.loc[np.isfinite(frame["value"]) & np.isfinite(frame["lag"]), ["value", "lag", "label"]]


def scatter(result: Result, words: Words, period: Any = None) -> Figure:
    """The standardised values of a period against their spatial lag, in the colours of their clusters."""
    _, when = one_period(result.to_frame(), period)
    known = scatter_data(result, period)
    figure = sheet(5.2, 4.4)
    axes = figure.add_subplot()
    for label, (name, colour) in theme.CLUSTERS.items():
        chosen = known[known["label"] == label]
        if len(chosen):
            axes.plot(chosen["value"], chosen["lag"], "o", markersize=5, color=colour, markeredgecolor=theme.MUTED,
                      markeredgewidth=0.4, label=f"{words(name)} ({len(chosen)})")  # fmt: skip
    axes.axvline(0, color=theme.RULE, linewidth=0.8, zorder=0)
    axes.axhline(0, color=theme.RULE, linewidth=0.8, zorder=0)
    if known["value"].nunique() > 1:
        slope, level = np.polyfit(known["value"].to_numpy(float), known["lag"].to_numpy(float), 1)
        ends = np.array([known["value"].min(), known["value"].max()], dtype=float)
        label = words("Slope {slope:.3f}", slope=slope)
        axes.plot(ends, level + slope * ends, color=theme.INK, linewidth=1, label=label)
    name = words("Moran scatter plot of {column}", column=variable(result, words))
    axes.set_title(name + period_suffix(result, when), wrap=True)
    axes.set_xlabel(words("Standardised value"))
    second = cast(Any, result).second
    axes.set_ylabel(words("Spatial lag of {column}", column=second) if second else words("Spatial lag"))
    if len(known):
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure

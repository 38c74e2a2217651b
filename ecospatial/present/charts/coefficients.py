"""Coefficients with their confidence intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ...result import Result
from .. import theme
from ..language import Words
from .canvas import grid, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONSTANTS = frozenset({"constant", "const", "intercept", "(intercept)"})


def coefficients(result: Result, words: Words, constant: bool = False) -> Figure:
    """Point estimates and 95 % intervals, in the order of the table; the constant only when asked for.

    The spatial parameter, which has a scale of its own, stands apart.
    """
    model = cast(Any, result)
    estimates = cast(pd.DataFrame, model.confidence(0.95)).assign(estimate=model.params)
    spatial = [name for name in estimates.index if name in getattr(model, "spatial_parameters", ())]
    drivers = [
        name for name in estimates.index if name not in spatial and (constant or str(name).lower() not in CONSTANTS)
    ]
    groups = [estimates.loc[names] for names in (drivers, spatial) if names]
    heights = [0.3 * len(group) + 0.6 for group in groups]
    figure = sheet(6.4, sum(heights) + 0.5)
    panels = figure.subplots(len(groups), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, group in zip(panels, groups, strict=True):
        draw_intervals(axes, group)
    panels[0].set_title(words("Coefficients with 95 % intervals"))
    panels[-1].set_xlabel(words("Estimate"))
    return figure


def draw_intervals(axes: Axes, group: pd.DataFrame) -> None:
    """A line for each row: ``estimate``, and its interval from ``lower`` to ``upper``."""
    at = np.arange(len(group), dtype=float)
    points = group["estimate"].to_numpy(float)
    reach = np.abs(group[["lower", "upper"]].to_numpy(float).T - points)
    axes.axvline(0, color=theme.MUTED, linewidth=0.8)
    axes.errorbar(points, at, xerr=reach, fmt="o", color=theme.ACCENT, markersize=4.5, elinewidth=1.4)
    axes.set_yticks(at, [str(name) for name in group.index])
    axes.set_ylim(len(group) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    grid(axes, "x")

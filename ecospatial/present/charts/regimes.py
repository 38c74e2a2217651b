"""Slopes of drivers across groups, with their intervals."""

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

ACROSS = 3
LEVEL = 0.05


def regimes(result: Result, words: Words) -> Figure:
    """A panel a driver, a row a group: coefficient and 95 % interval, filled where significant.

    A dashed line marks the slope that all groups share in the common regression.
    """
    found = cast(Any, result)
    slopes = cast(pd.DataFrame, found.slopes)
    terms, groups = list(dict.fromkeys(slopes["term"])), list(dict.fromkeys(slopes["group"]))
    down = -(-len(terms) // ACROSS)
    across = -(-len(terms) // down)
    longest = max(len(str(group)) for group in groups)
    height = down * (0.32 * len(groups) + 0.9) + 0.7
    figure = sheet(min(11.0, 2.9 * across + 0.09 * longest + 0.4), height)
    panels = figure.subplots(down, across, squeeze=False, sharey=True)
    for place, axes in enumerate(panels.ravel()):
        if place < len(terms):
            own = slopes[slopes["term"] == terms[place]].set_index("group").reindex(groups)
            shared = None if found.common is None else found.common.params.get(terms[place])
            _panel(axes, own, shared, words)
            axes.set_title(str(terms[place]))
        else:
            axes.set_visible(False)
    panels[0, 0].set_yticks(range(len(groups)), [str(group) for group in groups])
    panels[0, 0].set_ylim(len(groups) - 0.4, -0.6)
    figure.suptitle(words("Slopes by {by}, with 95 % intervals", by=found.by))
    _legend(figure, panels)
    return figure


def _legend(figure: Figure, panels: np.ndarray) -> None:
    once: dict[str, Any] = {}
    for axes in panels.ravel():
        handles, labels = axes.get_legend_handles_labels()
        once |= dict(zip(labels, handles, strict=True))
    figure.legend(once.values(), once.keys(), loc="outside lower left", ncols=3)


def _panel(axes: Axes, own: pd.DataFrame, shared: float | None, words: Words) -> None:
    at, points = np.arange(len(own), dtype=float), own["coefficient"].to_numpy(float)
    reach = np.abs(own[["lower", "upper"]].to_numpy(float).T - points)
    reach[np.isinf(reach)] = np.nan
    decides = own["p_wild" if "p_wild" in own else "pvalue"].to_numpy(float)
    axes.axvline(0, color=theme.MUTED, linewidth=0.8)
    if shared is not None:
        label = words("Common slope")
        axes.axvline(float(shared), color=theme.ACCENT, linewidth=1.0, linestyle="--", alpha=0.7, label=label)
    for chosen, face, label in (
        (decides <= LEVEL, theme.ACCENT, words("p ≤ 0.05 (wild bootstrap)") if "p_wild" in own else words("p ≤ 0.05")),
        (~(decides <= LEVEL), "white", words("p > 0.05")),
    ):
        if chosen.any():
            axes.errorbar(points[chosen], at[chosen], xerr=reach[:, chosen], fmt="o", color=theme.ACCENT,
                          markerfacecolor=face, markersize=5, elinewidth=1.4, label=label)  # fmt: skip
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    grid(axes, "x")

"""Moran's I and the agreement of clusters under several weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...result import Result
from .. import theme
from ..language import Words
from .canvas import grid, sheet
from .chains import DARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVEL = 0.05


def sensitivity(result: Result, words: Words) -> Figure:
    """Moran's I of every period by weights, and the share of the clusters of either that two weights agree on."""
    found = cast(Any, result)
    names = list(found.weights)
    figure = sheet(9.0, max(3.0, 0.42 * len(names) + 1.6))
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
    _statistics(left, found, names, words)
    _agreement(right, found, names, words)
    return figure


def _statistics(axes: Axes, found: Any, names: list[str], words: Words) -> None:
    """A point a period, filled where it is significant."""
    for place, name in enumerate(names):
        rows = found.morans[found.morans["weights"] == name]
        values, p = rows["I"].to_numpy(float), rows["p_sim"].to_numpy(float)
        for chosen, face, label in (
            (p <= LEVEL, theme.ACCENT, words("p ≤ 0.05 ({source})", source=words("permutation"))),
            (p > LEVEL, "white", words("p > 0.05")),
        ):
            if chosen.any():
                axes.plot(values[chosen], np.full(int(chosen.sum()), place), "o", markersize=5, markerfacecolor=face,
                          markeredgecolor=theme.ACCENT, alpha=0.8, label=label)  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(words("Moran's I"))
    axes.set_title(words("Global Moran's I of {column}", column=found.column))
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    axes.figure.legend(once.values(), once.keys(), loc="outside lower left", ncols=2)
    grid(axes, "x")


def _agreement(axes: Axes, found: Any, names: list[str], words: Words) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    share = np.eye(len(names))
    for _, row in found.agreement.iterrows():
        one, other = names.index(row["weights"]), names.index(row["other_weights"])
        share[one, other] = share[other, one] = row["same_cluster"]
    shades = LinearSegmentedColormap.from_list("share", ["#ffffff", theme.BAND, theme.ACCENT])
    axes.imshow(np.nan_to_num(share), cmap=shades, vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*share.shape):
        value = share[row, column]
        text = "–" if np.isnan(value) else f"{value:.0%}"
        axes.text(column, row, text, ha="center", va="center", fontsize=8,
                  color="white" if value >= DARK else theme.INK)  # fmt: skip
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.set_title(words("Clusters with the same label"))
    for spine in axes.spines.values():
        spine.set_visible(False)

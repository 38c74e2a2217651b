"""Transition probabilities as heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...result import Result
from .. import theme
from ..language import Words
from .canvas import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DARK = 0.72  # from this probability on, white letters read better than black ones


def transitions(result: Result, words: Words) -> Figure:
    """Transitions between the quadrants of the Moran scatter plot, and the types of moves by period."""
    found = cast(Any, result)
    figure = sheet(8.4, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.1))
    states = list(found.counts.index)
    _heat(left, found.probabilities.to_numpy(), found.counts.to_numpy(), states, words)
    left.set_title(words("LISA transitions of {column}", column=found.column))
    _moves(right, found, words)
    return figure


def _moves(axes: Axes, found: Any, words: Words) -> None:
    """Bars of the types of moves, over all periods, without those that stayed."""
    types = found.move_types
    kinds = ("I", "II", "IIIa", "IIIb")
    counts = [int(types[kind].sum()) for kind in kinds]
    labels = {
        "I": words("I: unit alone"),
        "II": words("II: neighbours alone"),
        "IIIa": words("IIIa: both, alike"),
        "IIIb": words("IIIb: both, apart"),
    }
    bars = axes.barh([labels[kind] for kind in kinds], counts, color=theme.ACCENT, height=0.6)
    axes.bar_label(bars, padding=3, fontsize=8.5)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    total, stay = int(types["moves"].sum()), int(types["stay"].sum())
    axes.set_title(words("Moves; {share} stay in their quadrant", share=f"{stay / max(total, 1):.1%}"))
    axes.set_xlabel(words("Transitions"))


def spatial_markov(result: Result, words: Words) -> Figure:
    """A heat map of all units, and one for each class of the neighbours."""
    found = cast(Any, result)
    count = len(found.counts)
    columns = min(3, count)
    rows = -(-count // columns)
    figure = sheet(3.2 * columns, 3.1 * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    states = [str(place + 1) for place in range(found.classes)]
    for panel, name, chance, times in zip(axes, found.lag_classes, found.probabilities, found.counts, strict=False):
        _heat(panel, chance, times, states, words)
        told = (
            words("All units") if name == found.lag_classes[0] else words("Neighbours in class {number}", number=name)
        )
        panel.set_title(told)
    for panel in axes[count:]:
        panel.set_axis_off()
    figure.suptitle(
        words("Transition probabilities of {column}", column=found.column), x=0.01, ha="left", fontsize=10.5
    )
    return figure


def _heat(axes: Axes, chance: np.ndarray, counts: np.ndarray, states: list[str], words: Words) -> None:
    """Probabilities in shades of one colour, each written in its cell; empty rows stay white."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("chance", ["#ffffff", theme.BAND, theme.ACCENT])
    axes.imshow(np.nan_to_num(chance), cmap=shades, vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*chance.shape):
        value = chance[row, column]
        if counts[row].sum():
            colour = "white" if value >= DARK else theme.INK
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    left = counts.sum(axis=1)
    axes.set_xticks(range(len(states)), states)
    axes.set_yticks(range(len(states)), [f"{state} ({number:,})" for state, number in zip(states, left, strict=True)])
    axes.tick_params(length=0)
    axes.set_xlabel(words("To"))
    axes.set_ylabel(words("From (transitions)"))
    for spine in axes.spines.values():
        spine.set_visible(False)

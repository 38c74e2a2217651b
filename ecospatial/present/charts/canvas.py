"""What all charts share: the sheet, the axis of periods, the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def sheet(width: float, height: float) -> Figure:
    """An empty figure that makes room for its own labels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def period_axis(axes: Axes, periods: pd.Index, most: int = 8) -> np.ndarray:
    """Positions of the periods, and ticks that name some of them, at most so many."""
    from matplotlib.ticker import MaxNLocator

    if pd.api.types.is_integer_dtype(periods):
        axes.xaxis.set_major_locator(MaxNLocator(nbins=most, integer=True))
        return np.asarray(periods, dtype=float)
    places = np.arange(len(periods), dtype=float)
    step = -(-len(periods) // most)
    axes.set_xticks(places[::step], [str(period) for period in periods[::step]])
    return places


def grid(axes: Axes, along: Any = "y") -> None:
    """Faint lines behind the data."""
    axes.grid(True, axis=along, color=theme.RULE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)

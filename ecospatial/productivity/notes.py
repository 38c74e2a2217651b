"""What a careful reader of productivity changes should know of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import Message
from ..geo.join import PanelLike
from .chaining import labelled
from .pairs import Pairs

FENCE = 5.0  # interquartile ranges beyond the quartiles
LEAST = 0.2  # below this nothing is extreme, however alike the others are
_REASONS = {
    "infeasible": "{count} of {all} changes lack a component, since a unit-period cannot be held against the "
    "technology of another period (infeasible): {where}. reference='global' and reference='biennial' have no "
    "such pairs.",
    "undefined": "{count} of {all} changes lack a component, since the step of a unit-period is too long for a ratio "
    "(1 + β or 1 − β is not positive; undefined): {where}. luenberger() takes differences of steps, which need "
    "no ratio.",
    "unbounded": "{count} of {all} changes lack a component, since a distance has no bound (unbounded): {where}; look "
    "for inputs of zero there.",
    "uncertain": "{count} of {all} changes lack a component, since no optimum could be certified (uncertain): "
    "{where}; look there for extreme values.",
}


def missing_notes(panel: PanelLike, pairs: Pairs, status: np.ndarray, total: np.ndarray) -> Iterator[Message]:
    """Name the changes that lack a component, and say what that means for means and chains.

    Parameters
    ----------
    panel : Panel or GeoPanel
    pairs : Pairs
    status : ndarray (P,) of str
    total : ndarray (n, C)
        Cumulative, NaN where there is none.
    """
    for name in sorted(set(status) & set(_REASONS)):
        rows = pairs.later[status == name]
        yield Message.of(_REASONS[name], count=len(rows), all=len(status), where=panel.named(rows))
    if (status != "optimal").any():
        yield Message.of(
            "Means by period, group and unit leave out the changes that lack a component, and speak for the others "
            "only."
        )
    broken = np.count_nonzero(np.isnan(total).any(axis=1))
    if broken:
        yield Message.of(
            "{count} unit-periods have no cumulative value in some component, since a change between them and the base "
            "period is missing.",
            count=broken,
        )


def unlabelled_notes(panel: PanelLike, pairs: Pairs, columns: Sequence[str]) -> Iterator[Message]:
    """Count the changes that belong to no group.

    Parameters
    ----------
    panel : Panel or GeoPanel
    pairs : Pairs
    columns : sequence of str
        Of groups.
    """
    for name in columns:
        count = int(labelled(panel[name]).isna().to_numpy()[pairs.later].sum())
        if count:
            yield Message.of(
                "{count} of {all} changes have no label in '{column}' and are left out of its means.",
                count=count,
                all=len(pairs.later),
                column=name,
            )


def extreme_notes(panel: PanelLike, pairs: Pairs, growth: np.ndarray) -> Iterator[Message]:
    """Name the changes that are so large or small that a wrong cell is likely.

    Parameters
    ----------
    panel : Panel or GeoPanel
    pairs : Pairs
    growth : ndarray (P,)
        Of productivity, as it adds up; NaN where there is none.
    """
    places = outside(growth)
    if len(places):
        yield Message.of(
            "Extreme growth or decline of productivity, more than {fence} interquartile ranges beyond the quartiles of "
            "all changes: {where}. Check the data there and in the period before; one wrong cell can shift the "
            "technology for all.",
            fence=f"{FENCE:g}",
            where=panel.named(pairs.later[places]),
        )


def outside(growth: np.ndarray) -> np.ndarray:
    """Places of the values outside a wide fence around the quartiles, the furthest first.

    Examples
    --------
    >>> outside(np.array([0.0, 0.1, 0.2, 0.3, 9.0, np.nan])).tolist()
    [4]
    """
    known = growth[np.isfinite(growth)]
    low, high = np.quantile(known, [0.25, 0.75]) if len(known) else (0.0, 0.0)
    beyond = np.nan_to_num(np.maximum(low - growth, growth - high))
    order = np.argsort(-beyond, kind="stable")
    return np.asarray(order[beyond[order] > max(FENCE * (high - low), LEAST)])

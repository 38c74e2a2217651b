"""A column by period: which units have a value, and whether the period can be tested at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ..errors import Message, Text, listed
from ..geo.weights import Weights
from ..ids import id_texts
from ..panel import Panel

FEWEST = 4  # the variance of Moran's I under randomisation divides by n − 3
REFUSED = ("collinear", "perfect fit")  # by single methods
FLAT = 1e-12  # a spread below this share of the level is rounding


@dataclass(frozen=True, eq=False)
class Slice:
    """Periods in which the same units have a value.

    Attributes
    ----------
    periods, units : ndarray of int
        Places among the periods and units of the panel.
    values : ndarray, shape (periods, units)
        None missing, none constant over a period.
    matrix : csr_matrix, shape (units, units)
        Weights restricted to these units, the transform applied anew.
    """

    periods: np.ndarray
    units: np.ndarray
    values: np.ndarray
    matrix: sparse.csr_matrix


def statuses(values: np.ndarray) -> np.ndarray:
    """For each period ``"ok"``, ``"constant"`` or ``"too few units"``; ``values`` of shape (T, n).

    Examples
    --------
    >>> statuses(np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0], [1.0, np.nan, 2.0, 3.0]])).tolist()
    ['ok', 'constant', 'too few units']
    """
    present = ~np.isnan(values)
    high = np.where(present, values, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(present, values, np.inf).min(axis=1, initial=np.inf)
    enough = present.sum(axis=1) >= FEWEST
    constant = high - low <= FLAT * np.maximum(np.abs(high), np.abs(low))
    return np.where(enough, np.where(constant, "constant", "ok"), "too few units").astype(object)


def joint(cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Several variables as far as all of them are there, and the statuses of their periods.

    Parameters
    ----------
    cube : ndarray, shape (T, n, k)

    Returns
    -------
    tuple of ndarray
        The cube, NaN in all variables where one is missing; of each period the first status that is not ``"ok"``.

    Examples
    --------
    >>> cube = np.dstack([np.arange(5.0)[None], np.ones((1, 5))])
    >>> joint(cube)[1].tolist()
    ['constant']
    """
    complete = np.where(np.isnan(cube).any(axis=2, keepdims=True), np.nan, cube)
    status = statuses(complete[:, :, 0])
    for variable in range(1, cube.shape[2]):
        status = np.where(status == "ok", statuses(complete[:, :, variable]), status)
    return complete, status


def slices(values: np.ndarray, status: np.ndarray, weights: Weights) -> Iterator[Slice]:
    """The periods that can be tested, together where the same units are present."""
    testable = np.flatnonzero(status == "ok")
    if not len(testable):
        return
    # In the order of the ids, the random draws do not depend on the order of the rows.
    order = np.argsort(id_texts(weights.ids), kind="stable")
    patterns, pattern_of = np.unique(~np.isnan(values[testable]), axis=0, return_inverse=True)
    for place, present in enumerate(patterns):
        periods = testable[pattern_of.ravel() == place]
        units = order[present[order]]
        matrix = weights.subset(weights.ids[units]).sparse
        yield Slice(periods, units, values[np.ix_(periods, units)], matrix)


def period_notes(data: Panel, column: Text, values: np.ndarray, status: np.ndarray) -> list[Message]:
    """What a reader should know of missing values and of periods that could not be tested."""
    notes = []
    missing = np.isnan(values)
    if missing.any():
        notes.append(
            Message.of(
                "'{column}' has no value in {count} of {total} unit-periods (units {units}); they are left out of"
                " their period, and its weights are taken over the units present.",
                column=column,
                count=int(missing.sum()),
                total=missing.size,
                units=listed(data.units[missing.any(axis=0)]),
            )
        )
    for kind in ("constant", "too few units", *REFUSED):
        periods = data.periods[status == kind]
        if len(periods):
            notes.append(
                Message.of(
                    "Not tested, {kind}: {periods}.",
                    kind=Message.of(kind),
                    periods=listed(period_names(data, periods)),
                )
            )
    return notes


def period_names(data: Panel, periods: Any) -> list[str]:
    """Periods as text; the only one of a cross-section has no name of its own."""
    return ["the cross-section"] if data.is_cross_section else [str(period) for period in periods]


def island_notes(weights: Weights, fate: str) -> list[Message]:
    """What happens to units without a neighbour."""
    if not len(weights.islands):
        return []
    return [
        Message.of("Units without a neighbour {fate}: {units}.", fate=Message.of(fate), units=listed(weights.islands))
    ]

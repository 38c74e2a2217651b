"""Weights of a regression's units: aligned, checked, and what a reader should know of them."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, Message, listed
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..panel import Panel


def weights_of(weights: WeightsLike, data: Panel) -> Weights:
    """Weights in the order of the data's units.

    Raises
    ------
    JoinError, GeometryError
        Where they are of other units, or cannot be built without polygons.
    DataError
        Where no unit has a neighbour.
    """
    aligned = as_weights(weights, data)
    if len(aligned.islands) == len(aligned.ids):
        raise DataError("No unit has a neighbour in these weights; use others, for example k nearest neighbours.")
    return aligned


def weights_notes(weights: Weights) -> tuple[Message, ...]:
    """Islands, and rows that do not sum to one."""
    notes = []
    if len(weights.islands):
        notes.append(
            Message.of(
                "Units without a neighbour, whose spatial lag is zero: {units}",
                units=listed(weights.islands, limit=20),
            )
        )
    sums = np.asarray(weights.sparse.sum(axis=1)).ravel()
    if not np.allclose(sums[sums > 0], 1.0):
        notes.append(
            Message.of(
                "The weights are not row-standardised: a spatial lag is a sum, not an average, of the"
                " neighbours, and the spatial parameter is not bounded by one."
            )
        )
    return tuple(notes)

"""Weights of the variables in a score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import OptionError, suggest
from .observations import Observations


def variable_weights(observations: Observations, given: Mapping[str, float] | None, other: float = 1.0) -> np.ndarray:
    """Weights as given.

    Parameters
    ----------
    observations : Observations
    given : mapping of str to float or None
        By column.
    other : float
        Weight of a column that is not named.

    Returns
    -------
    ndarray (V,)

    Raises
    ------
    OptionError
        Where a name is no variable or a weight is no positive number.
    """
    given = given or {}
    for name, weight in given.items():
        if name not in observations.variables:
            hint = suggest(name, observations.variables)
            raise OptionError("'{name}' has a weight but is no variable of the model; {hint}", name=name, hint=hint)
        if not 0 < weight < np.inf:
            raise OptionError("The weight of '{name}' is {weight}; weights are positive.", name=name, weight=weight)
    return np.array([float(given.get(name, other)) for name in observations.variables])


def normalised(weight: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Weights of some variables brought to a sum of one, and zero elsewhere.

    Examples
    --------
    >>> normalised(np.array([1.0, 3.0, 5.0]), np.array([True, True, False])).tolist()
    [0.25, 0.75, 0.0]
    """
    chosen = np.where(part, weight, 0.0)
    return chosen / chosen.sum() if chosen.any() else chosen


def fraction_weights(weight: np.ndarray, over: np.ndarray, orientation: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the slacks over and under the line of a slacks-based measure; orientation drops one of them."""
    return normalised(weight, over) * (orientation != "output"), normalised(weight, ~over) * (orientation != "input")

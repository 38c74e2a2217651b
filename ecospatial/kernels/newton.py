"""Newton's method on functions whose score and Hessian are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDS, HALVINGS = 200, 40
# Gain that a further step promises, per observation, at which a maximum is reached.
GAIN = 1e-17
# Below this promise full steps are safe, and rounding makes the value no guide.
NEAR = 1e-10
SLACK = 1e-12


@dataclass(frozen=True, eq=False)
class Point:
    """A function at a point: value, gradient (p,) and Hessian (p, p)."""

    value: float
    score: np.ndarray
    hessian: np.ndarray


Function = Callable[[np.ndarray], Point]


def maximise(
    around: Callable[[np.ndarray], Function], start: np.ndarray, positive: int, count: int
) -> tuple[np.ndarray, Point] | None:
    """The maximum of a function.

    Where the Hessian is not negative definite its eigenvalues are turned round, so that every step climbs.

    Parameters
    ----------
    around : callable
        The function as it is computed near a place: a quadrature has its nodes there, and keeps them for a step.
    start : ndarray, shape (p,)
    positive : int
        Position of a parameter that stays above zero.
    count : int
        Observations, which the tolerance grows with.

    Returns
    -------
    tuple of ndarray and Point, or None
        None where the steps do not come to an end.
    """
    at = start
    for _ in range(ROUNDS):
        function = around(at)
        here = function(at)
        step = _ascent(here)
        gain = float(here.score @ step)
        if not np.isfinite(gain):
            return None
        if gain <= GAIN * count:
            return at, here
        floor = -np.inf if gain <= NEAR * count else here.value - SLACK * max(abs(here.value), 1.0)
        found = _climb(function, at, step, positive, floor)
        if found is None:
            return None
        at = found
    return None


def _ascent(here: Point) -> np.ndarray:
    sizes, directions = np.linalg.eigh(-here.hessian)
    sizes = np.maximum(np.abs(sizes), 1e-14 * np.abs(sizes).max())
    return np.asarray(directions @ (directions.T @ here.score / sizes))


def _climb(function: Function, at: np.ndarray, step: np.ndarray, positive: int, floor: float) -> np.ndarray | None:
    """The step, halved until the function does not fall below a floor."""
    size = 1.0
    for _ in range(HALVINGS):
        there = at + size * step
        if there[positive] > 0.05 * at[positive]:
            found = function(there)
            if np.isfinite(found.value) and found.value >= floor:
                return np.asarray(there)
        size /= 2
    return None

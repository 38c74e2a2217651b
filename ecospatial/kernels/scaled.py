"""Regressors and a dependent variable brought to common scales, so that units of measurement do not matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular


@dataclass(frozen=True, eq=False)
class Scaled:
    """Orthonormal regressors and a shifted dependent variable of unit size.

    Attributes
    ----------
    x : ndarray, shape (N, k)
        Orthogonal columns with mean squares of one.
    triangle : ndarray, shape (k, k)
        ``x @ triangle`` gives the regressors back.
    centre, size : float
        What was taken off the dependent variable, and what it was divided by then.
    """

    x: np.ndarray
    triangle: np.ndarray
    centre: float
    size: float

    @classmethod
    def of(cls, x: np.ndarray, centre: float, size: float) -> Scaled:
        """Of regressors (N, k) that are independent, the intercept first."""
        basis, triangle = np.linalg.qr(x)
        root = np.sqrt(len(x))
        return cls(basis * root, triangle / root, centre, size)

    def brought(self, y: np.ndarray) -> np.ndarray:
        """Values of the dependent variable in common scales."""
        return np.asarray((y - self.centre) / self.size)

    def coefficients(self, scaled: np.ndarray) -> np.ndarray:
        """Coefficients (k,) or (k, B) in the units of the data."""
        found = self.slopes(scaled)
        found[0] += self.centre
        return found

    def slopes(self, scaled: np.ndarray) -> np.ndarray:
        """What (k,) or (k, B) add to the coefficients."""
        return np.asarray(self.size * solve_triangular(self.triangle, scaled, check_finite=False))

    def to_units(self, width: int) -> np.ndarray:
        """The matrix (width, width) that takes scaled coefficients and deviations to units of the data."""
        count = len(self.triangle)
        matrix = np.eye(width) * self.size
        matrix[:count, :count] = self.slopes(np.eye(count))
        return matrix

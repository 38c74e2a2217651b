"""Least squares by QR, and the columns that it cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

# Share of a column's own length that must be left once the columns before it are taken out.
INDEPENDENT = 1e-8
# Share of its length that a column must spread around its mean.
CONSTANT = 1e-12


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """A least-squares fit.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    residuals : ndarray, shape (N,)
    basis : ndarray, shape (N, k)
        Orthonormal, spans the regressors.
    triangle : ndarray, shape (k, k)
        Upper triangular; ``basis @ triangle`` gives the regressors back.
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    basis: np.ndarray
    triangle: np.ndarray

    @property
    def inverse(self) -> np.ndarray:
        """The inverse of X'X, shape (k, k)."""
        root = solve_triangular(self.triangle, np.eye(len(self.triangle)))
        return np.asarray(root @ root.T)

    @property
    def squares(self) -> float:
        """Sum of squared residuals."""
        return float(self.residuals @ self.residuals)


def least_squares(x: np.ndarray, y: np.ndarray) -> LeastSquares:
    """Regress y (N,) on the columns of x (N, k), which must be independent."""
    basis, triangle = np.linalg.qr(x)
    coefficients = solve_triangular(triangle, basis.T @ y)
    return LeastSquares(coefficients, y - x @ coefficients, basis, triangle)


def dependence(x: np.ndarray) -> tuple[int, np.ndarray] | None:
    """The first column that the ones before it explain, with the positions of those that do.

    Parameters
    ----------
    x : ndarray, shape (N, k)
        The first column is the intercept; the others are centred and scaled here.

    Returns
    -------
    tuple of int and ndarray, or None
        None where all columns are independent. No positions where the column is constant.
    """
    centred = x[:, 1:] - x[:, 1:].mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    constant = length <= CONSTANT * np.linalg.norm(x[:, 1:], axis=0)
    scaled = centred / np.where(constant, 1.0, length)
    # The diagonal of a QR factor holds what the columns before leave of each.
    left = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    wrong = np.flatnonzero(constant | (left <= INDEPENDENT))
    if len(wrong) == 0:
        return None
    place = int(wrong[0])
    if constant[place]:
        return place + 1, np.array([], dtype=int)
    loads = np.linalg.lstsq(scaled[:, :place], scaled[:, place], rcond=None)[0]
    return place + 1, np.flatnonzero(np.abs(loads) > np.sqrt(INDEPENDENT)) + 1

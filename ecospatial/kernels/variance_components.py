"""The variances of a one-way random-effects model, and the transformation that goes with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .within import group_means, group_sums

INDEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Components:
    """Variances of the unit effects and of what is left, and what they make of the means.

    Attributes
    ----------
    unit, idiosyncratic : float
    bounded : bool
        Whether the variance of the unit effects came out negative and was set to zero.
    theta : ndarray, shape (n,)
        Share of its mean that is taken out of a unit.
    """

    unit: float
    idiosyncratic: float
    bounded: bool
    theta: np.ndarray

    def transformed(self, values: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Rows (N,) or (N, k) less theta times the means of their unit."""
        means = group_means(values, units, np.bincount(units))
        return np.asarray(values - (means.T * self.theta).T[units])

    def loglik(self, residuals: np.ndarray, units: np.ndarray) -> float:
        """Gaussian log-likelihood of residuals (N,) y − Xb."""
        counts = np.bincount(units)
        sums = group_sums(residuals, units, len(counts))
        whole = self.idiosyncratic + counts * self.unit
        squares = residuals @ residuals - (self.unit / whole * sums**2).sum()
        logs = ((counts - 1) * np.log(self.idiosyncratic) + np.log(whole)).sum()
        return float(-(len(residuals) * np.log(2 * np.pi) + logs + squares / self.idiosyncratic) / 2)


def swamy_arora(y: np.ndarray, x: np.ndarray, units: np.ndarray) -> Components | None:
    """Variances after Swamy & Arora (1972), in unbalanced panels after Baltagi & Chang (1994).

    The within residuals give σₑ² = e'e/(N − n − k). The between regression, of means weighted by √Tᵢ, gives
    σᵤ² = (e'e − (n − k) σₑ²)/(N − tr), tr = tr[(X'PX)⁻¹ X'ZZ'X]. Then θᵢ = 1 − √(σₑ²/(σₑ² + Tᵢ σᵤ²)).

    Parameters
    ----------
    y : ndarray, shape (N,)
    x : ndarray, shape (N, k)
        The intercept first.
    units : ndarray, shape (N,)
        Positions from zero.

    Returns
    -------
    Components or None
        None where there are too few units or rows.
    """
    counts = np.bincount(units)
    whole = np.column_stack([y, x])
    means = group_means(whole, units, counts)
    spread = np.linalg.norm(x[:, 1:] - x[:, 1:].mean(axis=0), axis=0)
    left, inside, _ = _regressed((whole[:, 2:] - means[units, 2:]) / spread, y - means[units, 0])
    df, root = len(y) - len(counts) - inside, np.sqrt(counts)
    central = np.column_stack([np.ones(len(counts)) / np.sqrt(len(y)), (means[:, 2:] - x[:, 1:].mean(axis=0)) / spread])
    rest, between, basis = _regressed(root[:, None] * central, root * means[:, 0])
    if df <= 0 or len(counts) <= between:
        return None
    own = left / df
    trace = float(((basis**2).T * counts).sum())
    unit = (rest - (len(counts) - between) * own) / (len(y) - trace)
    kept = max(unit, 0.0)
    return Components(kept, own, unit < 0, 1 - np.sqrt(own / (own + counts * kept)))


def _regressed(x: np.ndarray, y: np.ndarray) -> tuple[float, int, np.ndarray]:
    """Squares left, rank and orthonormal basis of a regression on columns that may be zero or depend on others."""
    basis, sizes, _ = np.linalg.svd(x, full_matrices=False)
    basis = basis[:, sizes > INDEPENDENT]
    rest = y - basis @ (basis.T @ y)
    return float(rest @ rest), basis.shape[1], basis

"""The likelihood of a balanced spatial panel with random effects, its score and its observed information.

With v = y − rho Wy − X beta, filtered by B = I − λW and split into deviations from the means over time and
the means themselves, the quadratic form and the log-likelihood are

    F = Σ |B (v_t − v̄)|² + T (B v̄)' K⁻¹ (B v̄)
    l = −N/2 (ln 2π + 1 + ln(F/N)) + T ln|I − rho W| + T ln|B| − ½ ln|K|,      N = nT

with σ² = F/N at its maximum and K as in :mod:`.between_variance`. F is a sum of two forms z'K⁻¹z whose z is
linear in beta and rho, so all derivatives are closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .between_variance import Scaled, Variance, VarianceFamily
from .logdet import Derivatives


@dataclass(frozen=True, eq=False)
class Columns:
    """Orthonormal regressors, the rest of y and the rest of Wy, in this order, and their spatial lags.

    Attributes
    ----------
    own, lagged : ndarray, shape (m, k + 2)
    """

    own: np.ndarray
    lagged: np.ndarray

    def filtered(self, lam: float) -> np.ndarray:
        """The columns less λ times their lags."""
        return self.own - lam * self.lagged

    def packed(self) -> Columns:
        """As few rows as there are columns, with the same products."""
        width = self.own.shape[1]
        triangle = np.asarray(np.linalg.qr(np.column_stack([self.own, self.lagged]), mode="r"))
        return Columns(triangle[:, :width], triangle[:, width:])

    def products(self, lam: float, variance: Variance) -> np.ndarray:
        """Cross-products of the filtered columns, weighted by the inverse of their variance."""
        filtered = self.filtered(lam)
        return np.asarray(filtered.T @ variance.solve(filtered))

    def form(self, lam: float, contrast: np.ndarray, variance: Variance) -> tuple[float, np.ndarray, np.ndarray]:
        """z'K⁻¹z of z = filtered columns times contrast, with gradient and Hessian in (a, rho, λ, τ).

        The contrast is (−a, 1, −rho) with a the coefficients of the orthonormal regressors.
        """
        filtered, k = self.filtered(lam), len(contrast) - 2
        weighted = variance.solve(filtered @ contrast)
        turn = np.column_stack(
            [-filtered[:, :k], -filtered[:, -1], -self.lagged @ contrast, np.zeros(len(filtered))],
        )
        pushed = np.zeros_like(turn)
        pushed[:, -2:] = variance.moved(weighted)
        gradient = weighted @ (2 * turn - pushed)
        hessian = 2 * (turn - pushed).T @ variance.solve(turn - pushed)
        bend = 2 * np.delete(weighted @ self.lagged, k)
        hessian[-2, : k + 1] += bend
        hessian[: k + 1, -2] += bend
        hessian[-2:, -2:] -= variance.bent(weighted)
        return float(weighted @ filtered @ contrast), gradient, hessian


@dataclass(frozen=True, eq=False)
class Point:
    """The likelihood at one set of parameters, with the coefficients at their best.

    Attributes
    ----------
    loglik : float
    score : ndarray, shape (3,)
        By rho, λ and τ.
    coefficients : ndarray, shape (k,)
        Of the orthonormal regressors.
    squares : float
        F.
    """

    loglik: float
    score: np.ndarray
    coefficients: np.ndarray
    squares: float


@dataclass(frozen=True, eq=False)
class RandomLikelihood:
    """The likelihood of one sample.

    Attributes
    ----------
    within, between : Columns
        Deviations from the means over time, and √T times the means.
    family : VarianceFamily
        K.
    units, periods : int
    """

    within: Columns
    between: Columns
    family: VarianceFamily
    units: int
    periods: int

    @property
    def observations(self) -> int:
        """N = nT."""
        return self.units * self.periods

    def heights(self, rho: np.ndarray, lam: float, tau: float) -> np.ndarray:
        """The concentrated log-likelihood without the log-determinants of the two filters, at many rho."""
        variance = self.family.at(lam, tau)
        products = self._products(lam, variance)
        k = len(products) - 2
        rest = products[k:, k:] - products[k:, :k] @ np.linalg.solve(products[:k, :k], products[:k, k:])
        squares = rest[0, 0] - 2 * rho * rest[0, 1] + rho**2 * rest[1, 1]
        return np.asarray(self._fit(squares) - variance.logdet / 2)

    def at(self, theta: np.ndarray, of_rho: Derivatives | None, of_lambda: Derivatives | None) -> Point:
        """Value and score at (rho, λ, τ); a parameter without log-determinant is held at zero."""
        rho, lam, tau = theta
        variance = self.family.at(lam, tau)
        coefficients = self._coefficients(rho, lam, variance)
        squares, gradient, _ = self._form(theta, coefficients, variance)
        score = -self.observations / 2 * gradient[-3:] / squares
        score[1:] -= variance.slope() / 2
        loglik = float(self._fit(squares)) - variance.logdet / 2
        for place, determinant in enumerate((of_rho, of_lambda)):
            if determinant is not None:
                loglik += self.periods * determinant.logdet(theta[place])
                score[place] -= self.periods * determinant.traces(theta[place])[0]
        return Point(loglik, score, coefficients, squares)

    def information(
        self, theta: np.ndarray, point: Point, of_rho: Derivatives | None, of_lambda: Derivatives | None
    ) -> np.ndarray:
        """Observed information of (a, rho, λ, τ) with σ² at its best, shape (k + 3, k + 3)."""
        variance = self.family.at(theta[1], theta[2])
        squares, gradient, hessian = self._form(theta, point.coefficients, variance)
        share = gradient / squares
        found = self.observations / 2 * (hessian / squares - np.outer(share, share))
        found[-2:, -2:] += variance.curvature() / 2
        for place, determinant in enumerate((of_rho, of_lambda)):
            if determinant is not None:
                found[place - 3, place - 3] += self.periods * determinant.traces(theta[place])[1]
        return np.asarray(found)

    def _fit(self, squares: Any) -> Any:
        return -self.observations / 2 * (np.log(2 * np.pi) + 1 + np.log(squares / self.observations))

    def _products(self, lam: float, variance: Variance) -> np.ndarray:
        return np.asarray(self.within.products(lam, self._plain()) + self.between.products(lam, variance))

    def _coefficients(self, rho: float, lam: float, variance: Variance) -> np.ndarray:
        products = self._products(lam, variance)
        k = len(products) - 2
        return np.asarray(np.linalg.solve(products[:k, :k], products[:k, k] - rho * products[:k, k + 1]))

    def _form(
        self, theta: np.ndarray, coefficients: np.ndarray, variance: Variance
    ) -> tuple[float, np.ndarray, np.ndarray]:
        contrast = np.concatenate([-coefficients, [1.0, -theta[0]]])
        inner = self.within.form(theta[1], contrast, self._plain())
        outer = self.between.form(theta[1], contrast, variance)
        return inner[0] + outer[0], inner[1] + outer[1], inner[2] + outer[2]

    def _plain(self) -> Scaled:
        return Scaled(0.0, 0, rate=0.0)

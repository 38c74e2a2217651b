"""The variance of a balanced panel's time means, over that of the innovations, and its derivatives.

The innovations e keep the variance σ² within units. What a random effect mu of variance φσ² adds falls on the
means over the T periods, which enter as √T B v̄ with B = I − λW:

    Kapoor, Kelejian and Prucha (2007), Bv = mu + e:        K = (1 + Tφ) I
    Baltagi, Song and Koh (2003),       Bv = B mu + e:      K = I + Tφ BB'

Both are functions of λ and of τ = ln(1 + Tφ), which is zero where there is no random effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import splu

# Far below rounding: the imaginary part of f(r + iε) is then ε f'(r) to every digit (Squire and Trapp 1998).
TINY = 1e-30
# Share of entries of WW' above which dense factors are quicker.
FULL = 0.1
# The error of a difference of such slopes falls with the square of the step.
STEP = 1e-5


class Variance(Protocol):
    """K at one λ and τ; derivatives are in this order."""

    @property
    def logdet(self) -> float:
        """Log-determinant of K."""
        ...

    def solve(self, z: np.ndarray) -> np.ndarray:
        """The product of the inverse of K with z, of shape (n,) or (n, k)."""
        ...

    def moved(self, z: np.ndarray) -> np.ndarray:
        """The products of the two derivatives of K with z (n,), shape (n, 2)."""
        ...

    def bent(self, z: np.ndarray) -> np.ndarray:
        """The quadratic forms in z (n,) of the second derivatives of K, shape (2, 2)."""
        ...

    def slope(self) -> np.ndarray:
        """Gradient of the log-determinant, shape (2,)."""
        ...

    def curvature(self) -> np.ndarray:
        """Hessian of the log-determinant, shape (2, 2)."""
        ...


class VarianceFamily(Protocol):
    """K as a function of its parameters."""

    def at(self, lam: float, tau: float) -> Variance:
        """K at λ and τ."""
        ...


@dataclass(frozen=True, eq=False)
class Scaled:
    """K = exp(τ) I for ``units`` means; ``rate`` 0 holds the scale fixed."""

    tau: float
    units: int
    rate: float = 1.0

    @property
    def logdet(self) -> float:
        """Log-determinant of K."""
        return self.units * self.tau

    def solve(self, z: np.ndarray) -> np.ndarray:
        """The product of the inverse of K with z."""
        return np.asarray(z * np.exp(-self.tau))

    def moved(self, z: np.ndarray) -> np.ndarray:
        """The products of the derivatives of K with z."""
        return np.column_stack([np.zeros(len(z)), self.rate * np.exp(self.tau) * z])

    def bent(self, z: np.ndarray) -> np.ndarray:
        """The quadratic forms of the second derivatives of K."""
        return np.diag([0.0, self.rate * np.exp(self.tau) * float(z @ z)])

    def slope(self) -> np.ndarray:
        """Gradient of the log-determinant."""
        return np.array([0.0, self.units])

    def curvature(self) -> np.ndarray:
        """Hessian of the log-determinant."""
        return np.zeros((2, 2))


@dataclass(frozen=True)
class ScaledFamily:
    """The variance of Kapoor, Kelejian and Prucha."""

    units: int

    def at(self, lam: float, tau: float) -> Scaled:
        """K at τ; λ does not enter."""
        return Scaled(tau, self.units)


@dataclass(frozen=True, eq=False)
class MixedFamily:
    """The variance of Baltagi, Song and Koh: BB' = I − λ(W + W') + λ² WW'.

    Attributes
    ----------
    linear, square : csc_matrix or ndarray, shape (n, n)
        W + W' and WW'. Dense arrays are worked on with dense factors.
    """

    linear: sparse.csc_matrix | np.ndarray
    square: sparse.csc_matrix | np.ndarray

    @classmethod
    def of(cls, w: sparse.csr_matrix) -> MixedFamily:
        """From weights; neighbours of neighbours decide which factors are quicker."""
        linear, square = (w + w.T).tocsc(), (w @ w.T).tocsc()
        is_dense = square.nnz > FULL * w.shape[0] ** 2
        return cls(linear.toarray(), square.toarray()) if is_dense else cls(linear, square)

    def at(self, lam: float, tau: float) -> DenseMixed | SparseMixed:
        """K at λ and τ."""
        kind = DenseMixed if isinstance(self.linear, np.ndarray) else SparseMixed
        return kind(self, lam, tau)

    def matrix(self, lam: complex, tau: complex) -> sparse.csc_matrix | np.ndarray:
        """K itself."""
        units = self.linear.shape[0]
        identity = np.eye(units) if isinstance(self.linear, np.ndarray) else sparse.identity(units, format="csc")
        return np.exp(tau) * identity + (np.exp(tau) - 1) * (lam**2 * self.square - lam * self.linear)


class Mixed:
    """K = I + (exp(τ) − 1) BB'; how it is factorised is left to the two classes below."""

    logdet: float

    def __init__(self, family: MixedFamily, lam: float, tau: float) -> None:
        self.family, self.lam, self.tau = family, lam, tau
        self.growth = float(np.exp(tau))

    def solve(self, z: np.ndarray) -> np.ndarray:
        """The product of the inverse of K with z."""
        raise NotImplementedError

    def moved(self, z: np.ndarray) -> np.ndarray:
        """The products of the derivatives of K with z."""
        linear, square = self.family.linear @ z, self.family.square @ z
        by_lambda = (self.growth - 1) * (2 * self.lam * square - linear)
        return np.column_stack([by_lambda, self.growth * (z - self.lam * linear + self.lam**2 * square)])

    def bent(self, z: np.ndarray) -> np.ndarray:
        """The quadratic forms of the second derivatives of K."""
        linear, square = float(z @ (self.family.linear @ z)), float(z @ (self.family.square @ z))
        cross = self.growth * (2 * self.lam * square - linear)
        own = self.growth * (float(z @ z) - self.lam * linear + self.lam**2 * square)
        return np.array([[2 * (self.growth - 1) * square, cross], [cross, own]])


class DenseMixed(Mixed):
    """By a dense Cholesky factor, with exact traces."""

    def __init__(self, family: MixedFamily, lam: float, tau: float) -> None:
        super().__init__(family, lam, tau)
        self.factor = cho_factor(family.matrix(lam, tau), lower=True)
        self.logdet = 2 * float(np.log(np.diag(self.factor[0])).sum())

    def solve(self, z: np.ndarray) -> np.ndarray:
        """The product of the inverse of K with z."""
        return np.asarray(cho_solve(self.factor, z))

    def slope(self) -> np.ndarray:
        """Traces of the inverse of K with its derivatives."""
        inverse = self.solve(np.eye(len(self.factor[0])))
        return np.array([float((inverse * part).sum()) for part in self._derivatives()])

    def curvature(self) -> np.ndarray:
        """Traces of second derivatives less those of products of first ones."""
        linear, square = self.family.linear, self.family.square
        by_lambda, by_tau = self._derivatives()
        second = [(self.growth - 1) * 2 * square, self.growth * (2 * self.lam * square - linear), by_tau]
        inverse = self.solve(np.eye(len(linear)))
        own, cross, last = (float((inverse * part).sum()) for part in second)
        first, other = self.solve(by_lambda), self.solve(by_tau)
        own -= float((first * first.T).sum())
        cross -= float((first * other.T).sum())
        last -= float((other * other.T).sum())
        return np.array([[own, cross], [cross, last]])

    def _derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        linear, square = self.family.linear, self.family.square
        products = np.eye(len(linear)) + self.lam**2 * square - self.lam * linear
        return (self.growth - 1) * (2 * self.lam * square - linear), self.growth * products


class SparseMixed(Mixed):
    """By sparse LU factors of K a tiny step beside the real line, whose imaginary part is the slope."""

    def __init__(self, family: MixedFamily, lam: float, tau: float) -> None:
        super().__init__(family, lam, tau)
        self.factor = splu(family.matrix(lam + 1j * TINY, tau), permc_spec="MMD_AT_PLUS_A")
        self.logdet = float(np.log(np.abs(self.factor.U.diagonal().real)).sum())

    def solve(self, z: np.ndarray) -> np.ndarray:
        """The product of the inverse of K with z."""
        return np.asarray(self.factor.solve(z.astype(complex)).real)

    def slope(self) -> np.ndarray:
        """Gradient of the log-determinant, by the complex step."""
        other = splu(self.family.matrix(self.lam, self.tau + 1j * TINY), permc_spec="MMD_AT_PLUS_A")
        return np.array([_imaginary_step(factor.U.diagonal()) for factor in (self.factor, other)])

    def curvature(self) -> np.ndarray:
        """Differences of the slopes, which are exact."""
        rows = []
        for step in ((STEP, 0.0), (0.0, STEP)):
            ahead, back = (SparseMixed(self.family, self.lam + sign * step[0], self.tau + sign * step[1]).slope()
                           for sign in (1, -1))  # fmt: skip
            rows.append((ahead - back) / (2 * STEP))
        found = np.array(rows)
        return np.asarray((found + found.T) / 2)


def _imaginary_step(diagonal: np.ndarray) -> float:
    return float((diagonal.imag / diagonal.real).sum() / TINY)

"""The log-determinant of I - rW and the traces that follow from it.

With G = W (I - rW)^-1 the log-determinant L(r) has the derivatives L' = -tr G and L'' = -tr G², so one
function of r serves the likelihood, its score and its information. Small W: eigenvalues (Ord 1975).
Large W: sparse LU, and between its values a Chebyshev interpolant (Pace and LeSage 2004).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.polynomial import Chebyshev
from scipy import sparse
from scipy.linalg import eigvals, eigvalsh
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigs, splu

from ..progress import track

DENSE_LIMIT = 1_000
NODES = 16
_REACH, _STEPS = 4.5, 19


@dataclass(frozen=True)
class Stretch:
    """The interval of r drawn out to the whole line: r = middle + half · tanh(s).

    The determinant is singular at the ends of the interval. Along s it is analytic at a distance of at
    least π/4 from every real point, so that few nodes interpolate it to rounding error.
    """

    lower: float
    upper: float

    @property
    def middle(self) -> float:
        """Centre of the interval."""
        return (self.lower + self.upper) / 2

    @property
    def half(self) -> float:
        """Half its length."""
        return (self.upper - self.lower) / 2

    def to_r(self, s: Any) -> Any:
        """From the line to the interval."""
        return self.middle + self.half * np.tanh(s)

    def to_s(self, r: Any) -> Any:
        """From the interval to the line."""
        return np.arctanh((r - self.middle) / self.half)

    def grid(self) -> np.ndarray:
        """Points to look for a maximum at, close together towards the ends."""
        return np.asarray(self.to_r(np.linspace(-_REACH, _REACH, _STEPS)))


class Derivatives(Protocol):
    """The log-determinant and its derivatives."""

    def logdet(self, r: float) -> float:
        """Log-determinant of I - rW."""
        ...

    def traces(self, r: float) -> tuple[float, float]:
        """Traces of G and of G²."""
        ...


class LogDeterminant(Protocol):
    """What a likelihood asks of weights."""

    @property
    def bounds(self) -> Stretch:
        """The interval around zero on which I - rW is regular."""
        ...

    @property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Points of the interval to look for a maximum at, and the log-determinants there."""
        ...

    def logdet(self, r: float) -> float:
        """Log-determinant of I - rW."""
        ...

    def near(self, low: float, high: float) -> Derivatives:
        """The log-determinant with its derivatives on a part of the interval."""
        ...


@dataclass(frozen=True, eq=False)
class Eigenvalues:
    """Log-determinants of the eigenvalues of W, shape (n,), real or complex."""

    values: np.ndarray
    bounds: Stretch

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Points of the interval, and the log-determinants there."""
        return _on_grid(self)

    def logdet(self, r: float) -> float:
        """Log-determinant of I - rW."""
        return float(np.log(np.abs(1 - r * self.values)).sum())

    def traces(self, r: float) -> tuple[float, float]:
        """Traces of G and of G²."""
        ratios = self.values / (1 - r * self.values)
        return float(ratios.sum().real), float((ratios**2).sum().real)

    def near(self, low: float, high: float) -> Eigenvalues:
        """Itself: exact everywhere."""
        return self


@dataclass(frozen=True, eq=False)
class Factorised:
    """Log-determinants of sparse LU factors of I - rW."""

    w: sparse.csr_matrix
    bounds: Stretch

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Points of the interval, and the log-determinants there."""
        return _on_grid(self)

    def logdet(self, r: float) -> float:
        """Log-determinant of I - rW."""
        system = sparse.csc_matrix(sparse.identity(self.w.shape[0]) - r * self.w)
        return float(np.log(np.abs(splu(system, permc_spec="MMD_AT_PLUS_A").U.diagonal())).sum())

    def near(self, low: float, high: float) -> Interpolant:
        """A Chebyshev interpolant between ``low`` and ``high``."""
        return Interpolant.of(self.logdet, self.bounds, low, high)


@dataclass(frozen=True, eq=False)
class Interpolant:
    """A Chebyshev polynomial of the log-determinant along the drawn-out line."""

    polynomial: Chebyshev
    bounds: Stretch

    @classmethod
    def of(cls, logdet: Callable[[float], float], bounds: Stretch, low: float, high: float) -> Interpolant:
        """Interpolate at Chebyshev nodes."""
        domain = [float(bounds.to_s(low)), float(bounds.to_s(high))]

        def at(nodes: np.ndarray) -> np.ndarray:
            return np.array([logdet(float(bounds.to_r(s))) for s in track(nodes, "Log-determinant")])

        return cls(Chebyshev.interpolate(at, NODES - 1, domain), bounds)

    def logdet(self, r: float) -> float:
        """Log-determinant of I - rW."""
        return float(self.polynomial(self.bounds.to_s(r)))

    def traces(self, r: float) -> tuple[float, float]:
        """Traces of G and of G², by the chain rule of r = middle + half · tanh(s)."""
        s = float(self.bounds.to_s(r))
        first, second = float(self.polynomial.deriv(1)(s)), float(self.polynomial.deriv(2)(s))
        bend = np.tanh(s)
        speed = self.bounds.half * (1 - bend**2)
        return -first / speed, (-second - 2 * bend * first) / speed**2


@dataclass(frozen=True, eq=False)
class UnitRootRemoved:
    """ln|I - rW| - ln(1 - r): of weights whose rows sum to one, on what is orthogonal to the constant."""

    whole: LogDeterminant

    @property
    def bounds(self) -> Stretch:
        """The interval on which I - rW is regular."""
        return self.whole.bounds

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Points of the interval, and the log-determinants there."""
        points, logdets = self.whole.grid
        return points, logdets - np.log(1 - points)

    def logdet(self, r: float) -> float:
        """Log-determinant less that of the constant."""
        return self.whole.logdet(r) - float(np.log(1 - r))

    def near(self, low: float, high: float) -> Remainder:
        """The same with its derivatives."""
        return Remainder(self.whole.near(low, high))


@dataclass(frozen=True, eq=False)
class Remainder:
    """A log-determinant with its derivatives, less ln(1 - r)."""

    whole: Derivatives

    def logdet(self, r: float) -> float:
        """Log-determinant less that of the constant."""
        return self.whole.logdet(r) - float(np.log(1 - r))

    def traces(self, r: float) -> tuple[float, float]:
        """Traces of G and of G² less the share of the constant."""
        first, second = self.whole.traces(r)
        return first - 1 / (1 - r), second - 1 / (1 - r) ** 2


def _on_grid(determinant: Eigenvalues | Factorised) -> tuple[np.ndarray, np.ndarray]:
    points = determinant.bounds.grid()
    return points, np.array([determinant.logdet(float(r)) for r in points])


def log_determinant(w: sparse.csr_matrix, dense_limit: int = DENSE_LIMIT) -> Eigenvalues | Factorised | None:
    """The log-determinant of I - rW for weights of any size.

    Parameters
    ----------
    w : csr_matrix, shape (n, n)
        Weights, not negative.
    dense_limit : int
        Up to this n by eigenvalues, above by sparse LU.

    Returns
    -------
    Eigenvalues, Factorised or None
        None where no chain of neighbours leads back to where it began: then |I - rW| = 1 for every r, and
        the parameter has no bounds.
    """
    if not _has_cycle(w):
        return None
    if w.shape[0] > dense_limit:
        radius = _perron_root(w)
        return Factorised(w, Stretch(-1 / radius, 1 / radius))
    values = eigenvalues(w)
    radius = float(np.abs(values).max())
    # Complex roots leave no sharp lower bound; within ±1/radius the model is regular (Kelejian and Prucha 2010).
    is_real = np.abs(values.imag).max() <= 1e-9 * radius
    lowest = float(values.real.min()) if is_real else -radius
    return Eigenvalues(values, Stretch(1 / lowest, 1 / radius))


def eigenvalues(w: sparse.csr_matrix) -> np.ndarray:
    """Eigenvalues of weights, real where W is symmetric or a row-scaled symmetric matrix.

    D^-1 C has the eigenvalues of the symmetric D^-1/2 C D^-1/2; for weights of equal size within a row D
    is the number of neighbours.
    """
    neighbours = np.diff(w.indptr)
    for scale in (np.ones(w.shape[0]), np.where(neighbours > 0, neighbours, 1).astype(float)):
        unscaled = sparse.diags(scale) @ w
        if abs(unscaled - unscaled.T).max() <= 1e-12 * abs(unscaled).max():
            root = np.sqrt(scale)
            return np.asarray(eigvalsh(w.toarray() * (root[:, None] / root)))
    return np.asarray(eigvals(w.toarray()))


def _perron_root(w: sparse.csr_matrix) -> float:
    """The spectral radius, which is an eigenvalue of a matrix without negative entries."""
    sums = np.asarray(w.sum(axis=1)).ravel()
    if np.allclose(sums[sums > 0], 1.0):
        return 1.0
    start = np.ones(w.shape[0])
    return float(eigs(w, k=1, which="LR", v0=start, return_eigenvectors=False)[0].real)


def _has_cycle(w: sparse.csr_matrix) -> bool:
    """Whether some chain of neighbours leads back to where it began."""
    count, _ = connected_components(w, directed=True, connection="strong")
    return bool(count < w.shape[0])

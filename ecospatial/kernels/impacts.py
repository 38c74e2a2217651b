"""Mean direct and total effects of drivers in models with spatial lags.

A driver with coefficient beta, and theta on its lag, has the effects matrix (LeSage and Pace 2009, section 2.7)

    (I - rho W)^-1 (beta I + theta W) = beta I + (rho beta + theta) G,    G = W (I - rho W)^-1

The mean of its diagonal is the direct effect, the mean of its row sums the total effect:

    direct = beta + (rho beta + theta) tr G / n
    total  = beta + (rho beta + theta) 1'G1 / n

Since dG/drho = G², the delta method needs tr G² and 1'G²1 besides, and no inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Chebyshev
from scipy import sparse
from scipy.sparse.linalg import splu

from .logdet import NODES, Eigenvalues, LogDeterminant


@dataclass(frozen=True)
class Spread:
    """A mean of G, of its diagonal or of its row sums, and its derivative by rho."""

    mean: float
    slope: float

    def effects(self, beta: np.ndarray, theta: np.ndarray, rho: float) -> np.ndarray:
        """Effects of drivers (p,)."""
        return np.asarray(beta + (rho * beta + theta) * self.mean)

    def gradient(self, beta: np.ndarray, theta: np.ndarray, rho: float) -> np.ndarray:
        """Derivatives of the effects by beta, theta and rho, shape (p, 2p + 1)."""
        p = len(beta)
        by_rho = beta * self.mean + (rho * beta + theta) * self.slope
        return np.column_stack([np.eye(p) * (1 + rho * self.mean), np.eye(p) * self.mean, by_rho])


def row_spread(w: sparse.csr_matrix, rho: float) -> Spread:
    """1'G1 / n and 1'G²1 / n, exact for weights of any row sums and with islands."""
    solve = splu(sparse.csc_matrix(sparse.identity(w.shape[0]) - rho * w), permc_spec="MMD_AT_PLUS_A").solve
    once = w @ solve(np.ones(w.shape[0]))
    return Spread(float(once.mean()), float((w @ solve(once)).mean()))


def own_spread(w: sparse.csr_matrix, traces: tuple[float, float]) -> Spread:
    """Tr G / n and tr G² / n."""
    return Spread(traces[0] / w.shape[0], traces[1] / w.shape[0])


def means_along(w: sparse.csr_matrix, determinant: LogDeterminant, rhos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tr G / n and 1'G1 / n at many values of rho, each of shape (R,)."""
    low, high = float(rhos.min()), float(rhos.max())
    if low == high:
        low, high = low - 1e-6, high + 1e-6
    near = determinant.near(low, high)
    if isinstance(determinant, Eigenvalues):
        own = np.array([determinant.traces(float(rho))[0] for rho in rhos])
    else:
        own = np.array([near.traces(float(rho))[0] for rho in rhos])
    sums = np.asarray(w.sum(axis=1)).ravel()
    if np.allclose(sums, 1.0, rtol=0, atol=1e-12):
        return own / w.shape[0], 1 / (1 - rhos)
    # Along the stretched line the mean is as smooth as the log-determinant, so few solves interpolate it.
    domain = [float(determinant.bounds.to_s(end)) for end in (low, high)]
    polynomial = Chebyshev.interpolate(
        lambda nodes: np.array([row_spread(w, float(determinant.bounds.to_r(s))).mean for s in nodes]),
        NODES - 1,
        domain,
    )
    return own / w.shape[0], np.asarray(polynomial(determinant.bounds.to_s(rhos)))


def power_means(w: sparse.csr_matrix, orders: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of the diagonal and of the row sums of W^0, W^1 … W^orders, each of shape (orders + 1,)."""
    n = w.shape[0]
    row, sums = np.ones(n), [1.0]
    for _ in range(orders):
        row = w @ row
        sums.append(float(row.mean()))
    # tr W^(a + b) is the sum of W^a ∘ (W^b)', so powers up to half the order will do.
    powers = [sparse.csr_matrix(sparse.identity(n))]
    for _ in range((orders + 1) // 2):
        powers.append(sparse.csr_matrix(powers[-1] @ w))
    own = [float(powers[order // 2].multiply(powers[order - order // 2].T).sum()) / n for order in range(orders + 1)]
    return np.array(own), np.array(sums)

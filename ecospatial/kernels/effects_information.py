"""Expected information on a spatial panel within units and between them.

With random effects y is normal with mean A^-1 X beta, A = I − rho W. Its deviations from the means over time have the
variance σ² A^-1 S A'^-1, S = (B'B)^-1 and B = I − lambda W; the means, times √T, have σ² A^-1 [S + Tφ K] A'^-1, with
K = S where the effects are correlated as the innovations (Kapoor, Kelejian and Prucha 2007) and K = I where not
(Baltagi, Song and Koh 2003). The two are independent, so their information adds up; fixed effects leave that of the
deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve


@dataclass(frozen=True, eq=False)
class RandomEffects:
    """A model with random effects at its parameters.

    Attributes
    ----------
    x : ndarray, shape (T, n, k)
    coefficients : ndarray, shape (k,)
    w : csr_matrix, shape (n, n)
    rho, lam : float or None
        None where the model has no such parameter.
    sigma2, phi : float
        Of the innovations; variance of the effects over it.
    correlated : bool
        Whether K = S.
    """

    x: np.ndarray
    coefficients: np.ndarray
    w: sparse.csr_matrix
    rho: float | None
    lam: float | None
    sigma2: float
    phi: float
    correlated: bool


def information(model: RandomEffects) -> tuple[np.ndarray, np.ndarray]:
    """The information within units and between them, each (p, p).

    Returns
    -------
    tuple of ndarray
        In the order coefficients, rho, lambda (those that the model has), σ², φ; about φ there is none within units.
    """
    w, periods = model.w.toarray(), len(model.x)
    identity = np.eye(len(w))
    b = identity - (model.lam or 0.0) * w
    spread = np.linalg.inv(b.T @ b)
    effect = spread if model.correlated else identity
    g = np.linalg.solve((identity - (model.rho or 0.0) * w).T, w.T).T
    by_lambda = spread @ (w.T @ b + b.T @ w) @ spread
    means = model.x.mean(axis=0)
    found = []
    for x, covariance, moved, by_phi, copies in (
        (model.x - means, spread, by_lambda, 0 * identity, periods - 1),
        (
            np.sqrt(periods) * means[None],
            spread + periods * model.phi * effect,
            by_lambda * (1 + periods * model.phi) if model.correlated else by_lambda,
            periods * effect,
            1,
        ),
    ):
        levels = [x[:, :, place] for place in range(x.shape[2])]
        derivatives = [covariance / model.sigma2, by_phi]
        if model.lam is not None:
            derivatives.insert(0, moved)
        if model.rho is not None:
            levels.append((x @ model.coefficients) @ g.T)
            derivatives.insert(0, g @ covariance + covariance @ g.T)
        found.append(_gaussian(levels, derivatives, covariance, model.sigma2, copies, x.shape[2]))
    return found[0], found[1]


def _gaussian(
    levels: Sequence[np.ndarray],
    derivatives: Sequence[np.ndarray],
    covariance: np.ndarray,
    sigma2: float,
    copies: int,
    first: int,
) -> np.ndarray:
    """Information on the mean and on the covariance of ``copies`` normal vectors.

    The derivatives of the mean (m, n) are those by the first parameters; those of the covariance, over σ², start with
    parameter ``first``.
    """
    total = np.zeros((first + len(derivatives),) * 2)
    factor = cho_factor(covariance)
    stacked = np.stack([level.ravel() for level in levels])
    weighted = np.stack([cho_solve(factor, level.T).T.ravel() for level in levels])
    own = slice(0, len(levels))
    total[own, own] = stacked @ weighted.T / sigma2
    ratios = [cho_solve(factor, derivative) for derivative in derivatives]
    for row, one in enumerate(ratios):
        for column, other in enumerate(ratios):
            total[first + row, first + column] += copies / 2 * float((one * other.T).sum())
    return total

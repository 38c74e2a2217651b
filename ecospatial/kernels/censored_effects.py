"""What a driver does to the parts of a censored variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

KINDS = ("latent", "observed", "uncensored", "probability")


@dataclass(frozen=True, eq=False)
class Moments:
    """Means and slopes of a censored normal variable at linear predictors η and standard deviation σ.

    Attributes
    ----------
    mean : ndarray, shape (N,)
        Of the observed variable, E y.
    slopes : dict of str to ndarray, shape (3, N)
        By kind, the derivative in η and its own derivatives in η and in σ.
    """

    mean: np.ndarray
    slopes: Mapping[str, np.ndarray]


def moments(eta: np.ndarray, sigma: float, lower: float, upper: float) -> Moments:
    """McDonald & Moffitt (1980) for two limits.

    With a = (L − η)/σ, b = (U − η)/σ, p = Φ(b) − Φ(a) and m = φ(a) − φ(b): the slope of the latent mean is 1, of E y
    it is p, of P(L < y < U) it is m/σ, and of E(y | L < y < U) it is 1 + (aφ(a) − bφ(b))/p − (m/p)².
    """
    (low, first), (high, last) = (_edge((limit - eta) / sigma) for limit in (lower, upper))
    below, above = ndtr((lower - eta) / sigma), ndtr((eta - upper) / sigma)
    p, m = 1 - below - above, first - last
    a1, b1 = low * first, high * last  # zφ(z)
    m_eta, m_sigma = (a1 - b1) / sigma, (low * a1 - high * b1) / sigma
    p_eta, p_sigma = m / sigma, (a1 - b1) / sigma
    bend, width = a1 - b1, np.maximum(p, np.finfo(float).tiny)
    bend_eta = -(first * (1 - low**2) - last * (1 - high**2)) / sigma
    bend_sigma = -(a1 * (1 - low**2) - b1 * (1 - high**2)) / sigma
    ratio = m / width

    def inner(bend_d: np.ndarray, p_d: np.ndarray, m_d: np.ndarray) -> np.ndarray:
        return np.asarray((bend_d - bend / width * p_d - 2 * ratio * (m_d - ratio * p_d)) / width)

    one = np.ones_like(eta)
    slopes = {
        "latent": np.stack([one, 0 * one, 0 * one]),
        "observed": np.stack([p, p_eta, p_sigma]),
        "uncensored": np.stack(
            [1 + bend / width - ratio**2, inner(bend_eta, p_eta, m_eta), inner(bend_sigma, p_sigma, m_sigma)]
        ),
        "probability": np.stack([m, m_eta, m_sigma - m / sigma]) / sigma,
    }
    ends = (0.0 if np.isinf(lower) else lower * below) + (0.0 if np.isinf(upper) else upper * above)
    return Moments(ends + eta * p + sigma * m, slopes)


def marginal_effects(
    coefficients: np.ndarray, sigma: float, cov: np.ndarray, x: np.ndarray, lower: float, upper: float
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Effects of the drivers, averaged over rows, with standard errors by the delta method.

    Parameters
    ----------
    coefficients : ndarray, shape (k,)
        The intercept first.
    sigma : float
        Of y given x.
    cov : ndarray, shape (k + 1, k + 1)
        Of the coefficients and sigma.
    x : ndarray, shape (N, k)
        All rows for average effects, one row of means for effects at the means.
    lower, upper : float

    Returns
    -------
    dict of str to (ndarray, ndarray), shapes (k − 1,)
        By kind.
    """
    found = {}
    for kind, (slope, by_eta, by_sigma) in moments(x @ coefficients, sigma, lower, upper).slopes.items():
        level = slope.mean()
        change = np.outer(coefficients[1:], np.append(by_eta @ x / len(x), by_sigma.mean()))
        change[:, 1:-1] += level * np.eye(len(coefficients) - 1)
        found[kind] = (coefficients[1:] * level, np.sqrt(np.einsum("ij,jk,ik->i", change, cov, change)))
    return found


def _edge(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A standardised limit and the density there; nothing at infinity."""
    finite = np.where(np.isfinite(z), z, 0.0)
    return finite, np.where(np.isfinite(z), np.exp(-(finite**2) / 2) / np.sqrt(2 * np.pi), 0.0)

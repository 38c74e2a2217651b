"""The likelihood of normal regressions whose dependent variable is censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from .least_squares import least_squares
from .newton import Point, maximise
from .scaled import Scaled

LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)
# Share of the information of uncensored data below which the data say nothing about some direction.
NOTHING_KNOWN = 1e-7


@dataclass(frozen=True, eq=False)
class Censored:
    """Observations of which some are only known to lie at or beyond a limit.

    Attributes
    ----------
    y : ndarray, shape (N,)
        The limit where censored.
    x : ndarray, shape (N, k)
    side : ndarray, shape (N,)
        −1 where censored from below, 1 from above, else 0.
    """

    y: np.ndarray
    x: np.ndarray
    side: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, lower: float, upper: float) -> Censored:
        """What is at or beyond a limit is censored there; limits may be infinite."""
        side = np.where(y <= lower, -1, np.where(y >= upper, 1, 0))
        return cls(np.clip(y, lower, upper), x, side)

    def scaled(self) -> tuple[Censored, Scaled]:
        """In common scales."""
        units = Scaled.of(self.x, float(self.y.mean()), max(float(self.y.std()), np.finfo(float).tiny))
        return Censored(units.brought(self.y), units.x, self.side), units

    def parts(self, z: np.ndarray, theta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log-likelihood of standardised residuals z (N, ...) = θy − xγ and its first and second derivative in z."""
        side = self.side.reshape(-1, *[1] * (z.ndim - 1))
        free = side == 0
        tail = -side * z
        log = np.where(free, 0.0, log_ndtr(tail))
        mills = np.exp(-0.5 * tail**2 - LOG_ROOT_TWO_PI - log)
        value = np.where(free, np.log(theta) - LOG_ROOT_TWO_PI - 0.5 * z**2, log)
        first = np.where(free, -z, -side * mills)
        second = np.where(free, -1.0, -mills * np.maximum(mills + tail, 0.0))
        return value, first, second


@dataclass(frozen=True, eq=False)
class CensoredFit:
    """A maximum.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    sigma : ndarray, shape (s,)
        Standard deviations: of the error, and before it of the unit effects where there are any.
    cov : ndarray, shape (k + s, k + s)
        Of both, from the observed information.
    loglik : float
    flat : ndarray, shape (k + s,), or None
        A direction in which the likelihood does not fall, scaled to the data; None where it falls in all.
    influence : ndarray, shape (N, k + s), or None
        What every row adds to the estimates, for errors that are dependent within clusters.
    """

    coefficients: np.ndarray
    sigma: np.ndarray
    cov: np.ndarray
    loglik: float
    flat: np.ndarray | None
    influence: np.ndarray | None = None


def fit_censored(data: Censored) -> CensoredFit | None:
    """Maximum likelihood in Olsen's (1978) parameters γ = β/σ, θ = 1/σ, in which the likelihood is concave.

    Uncensored rows contribute log θ + log φ(θy − xγ), others log Φ(θL − xγ) or log Φ(xγ − θU).

    Returns
    -------
    CensoredFit or None
        None where Newton's method finds no maximum.
    """
    scaled, units = data.scaled()
    loads = np.column_stack([-scaled.x, scaled.y])
    free = np.count_nonzero(scaled.side == 0)

    def at(place: np.ndarray) -> Point:
        value, first, second = scaled.parts(loads @ place, place[-1])
        score, hessian = loads.T @ first, (loads.T * second) @ loads
        score[-1] += free / place[-1]
        hessian[-1, -1] -= free / place[-1] ** 2
        return Point(float(value.sum()), score, hessian)

    found = maximise(lambda _: at, _start(scaled), -1, len(scaled.y))
    if found is None:
        return None
    place, here = found
    flat = flat_direction(here.hessian, len(scaled.y))
    sigma = 1 / place[-1]
    change = units.to_units(len(place)) @ jacobian(place)
    inverse = np.linalg.inv(-here.hessian if flat is None else np.eye(len(place)))
    scores = loads * scaled.parts(loads @ place, place[-1])[1][:, None]
    scores[:, -1] += (scaled.side == 0) * sigma
    return CensoredFit(
        coefficients=units.coefficients(place[:-1] * sigma),
        sigma=np.array([sigma * units.size]),
        cov=change @ inverse @ change.T,
        loglik=here.value - free * np.log(units.size),
        flat=flat,
        influence=scores @ inverse @ change.T,
    )


def jacobian(place: np.ndarray) -> np.ndarray:
    """Derivatives of β = γ/θ and σ = 1/θ by γ and θ."""
    theta = place[-1]
    change = np.eye(len(place)) / theta
    change[:-1, -1] = -place[:-1] / theta**2
    change[-1, -1] = -1 / theta**2
    return np.asarray(change)


def flat_direction(hessian: np.ndarray, count: int) -> np.ndarray | None:
    """The direction of the smallest information, where there is next to none."""
    sizes, directions = np.linalg.eigh(-hessian / count)
    return np.asarray(directions[:, 0]) if sizes[0] <= NOTHING_KNOWN else None


def _start(scaled: Censored) -> np.ndarray:
    """Least squares on all rows, with a spread that no censored row can be far from."""
    fit = least_squares(scaled.x, scaled.y)
    theta = 1 / max(np.sqrt(fit.squares / len(scaled.y)), 1e-3)
    return np.append(fit.coefficients * theta, theta)

"""Normal regressions whose dependent variable is only seen between limits, many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from .scaled import Scaled

LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)
ROUNDS, HALVINGS = 100, 30
GAIN = 1e-16  # promised by a further step, per observation, at which a maximum is reached
FLAT = 1e-8  # share of its start to which a precision that runs to zero has come


@dataclass(frozen=True, eq=False)
class TruncatedFits:
    """Maxima of B samples that share their regressors; NaN where there is none.

    Attributes
    ----------
    coefficients : ndarray, shape (B, k)
    sigma : ndarray, shape (B,)
    loglik : ndarray, shape (B,)
    cov : ndarray, shape (B, k + 1, k + 1)
        Of the coefficients and sigma, from the observed information.
    """

    coefficients: np.ndarray
    sigma: np.ndarray
    loglik: np.ndarray
    cov: np.ndarray


def fit_truncated(y: np.ndarray, x: np.ndarray, lower: float, upper: float = np.inf) -> TruncatedFits:
    """Maximum likelihood of y = xβ + e, e ~ N(0, σ²), seen only where L < y < U.

    In α = β/σ² and h = 1/σ² the density exp(s xα − h s²/2) / ∫ exp(t xα − h t²/2) dt of s = y − L is an exponential
    family in its natural parameters, so the likelihood is concave and Newton's method finds its maximum from
    anywhere (Orme & Ruud 2002). The score is s less its expectation; the Hessian is minus the variance of
    (s, −s²/2).

    Parameters
    ----------
    y : ndarray, shape (B, N)
    x : ndarray, shape (N, k)
        The intercept first; independent columns.
    lower, upper : float
        One of them finite.
    """
    turned = not np.isfinite(lower)
    seen, span = (upper - y, np.inf) if turned else (y - lower, upper - lower)
    units = Scaled.of(x, 0.0, float(np.sqrt((seen**2).mean())))
    family = _Family(seen / units.size, units.x, span / units.size)
    place, value, information = family.maxima()
    alpha, h = place[:, :-1], place[:, -1]
    sigma = 1 / np.sqrt(h)
    change = np.zeros_like(information)
    count = x.shape[1]
    change[:, :count, :count] = np.eye(count) / h[:, None, None]
    change[:, :count, count] = -alpha / h[:, None] ** 2
    change[:, count, count] = -(sigma**3) / 2
    change = units.to_units(count + 1) @ change
    if turned:
        change[:, :count] *= -1
    cov = change @ _inverse(information) @ change.transpose(0, 2, 1)
    shifted = units.coefficients((alpha / h[:, None]).T).T
    # The first regressor is the intercept, which takes the limit back.
    shifted[:, 0] += -upper if turned else lower
    loglik = value - y.shape[1] * np.log(units.size)
    return TruncatedFits(-shifted if turned else shifted, sigma * units.size, loglik, cov)


def truncated_draws(mean: np.ndarray, sigma: float, lower: float, generator: np.random.Generator) -> np.ndarray:
    """Draws of N(mean, σ²) above a limit, by the inverse of the distribution function in logarithms.

    Parameters
    ----------
    mean : ndarray, shape (N,)
    sigma, lower : float
    generator : Generator

    Returns
    -------
    ndarray, shape (N,)
    """
    tail = log_ndtr((mean - lower) / sigma) + np.log1p(-generator.random(len(mean)))
    return np.asarray(np.maximum(mean - sigma * ndtri_exp(tail), lower))


def truncated_mean(mean: np.ndarray, sigma: float, lower: float, upper: float) -> np.ndarray:
    """The expectation of N(mean, σ²) between limits, shape (N,)."""
    if not np.isfinite(lower):
        return -truncated_mean(-mean, sigma, -upper, np.inf)
    return lower + sigma * _moments((mean - lower) / sigma, (upper - lower) / sigma)[1][0]


@dataclass(frozen=True, eq=False)
class _Family:
    """The likelihood of s (B, N), between zero and a span, in natural parameters (B, k + 1)."""

    s: np.ndarray
    x: np.ndarray
    span: float

    def maxima(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places, values and information (B, k + 1, k + 1) of the maxima."""
        place = self._start()
        first = place[:, -1].copy()
        value = np.full(len(place), np.nan)
        information = np.full((*place.shape, place.shape[1]), np.nan)
        running = np.arange(len(place))
        for _ in range(ROUNDS):
            part = _Family(self.s[running], self.x, self.span)
            now, score, here = part._derivatives(place[running])
            step = _solved(here, score)
            gain = (score * step).sum(axis=1)
            done = np.abs(gain) <= GAIN * self.s.shape[1]
            value[running[done]], information[running[done]] = now[done], here[done]
            # Where rounding has eaten the information the steps no longer climb.
            onward = ~done & (gain > 0)
            running, step, now = running[onward], step[onward], now[onward]
            if len(running) == 0:
                break
            place[running] = _Family(self.s[running], self.x, self.span)._climbed(place[running], step, now)
            lost = ~np.isfinite(place[running]).all(axis=1) | (place[running, -1] < FLAT * first[running])
            running = running[~lost]
        place[np.isnan(value)] = np.nan
        return place, value, information

    def _start(self) -> np.ndarray:
        beta = self.s @ self.x / len(self.x)
        variance = ((self.s - beta @ self.x.T) ** 2).mean(axis=1)
        h = 1 / np.maximum(variance, 1e-12)
        return np.column_stack([beta * h[:, None], h])

    def _value(self, place: np.ndarray) -> np.ndarray:
        eta, h = place[:, :-1] @ self.x.T, place[:, [-1]]
        sigma = 1 / np.sqrt(h)
        centre = eta * sigma
        log = self.s * eta - h * self.s**2 / 2 - centre**2 / 2
        log = log - _log_mass(centre, self.span / sigma) - np.log(sigma) - LOG_ROOT_TWO_PI
        return np.asarray(log.sum(axis=1))

    def _derivatives(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        eta, h = place[:, :-1] @ self.x.T, place[:, [-1]]
        sigma = 1 / np.sqrt(h)
        mass, (one, two, three, four) = _moments(eta * sigma, self.span / sigma)
        one, two, three, four = one * sigma, two * sigma**2, three * sigma**3, four * sigma**4
        log = self.s * eta - h * self.s**2 / 2 - (eta * sigma) ** 2 / 2 - mass - np.log(sigma) - LOG_ROOT_TWO_PI
        score = np.column_stack([(self.s - one) @ self.x, (two - self.s**2).sum(axis=1) / 2])
        count = self.x.shape[1]
        information = np.empty((len(place), count + 1, count + 1))
        pairs = (self.x[:, :, None] * self.x[:, None, :]).reshape(len(self.x), -1)
        information[:, :count, :count] = ((two - one**2) @ pairs).reshape(-1, count, count)
        information[:, :count, count] = information[:, count, :count] = -(three - one * two) @ self.x / 2
        information[:, count, count] = (four - two**2).sum(axis=1) / 4
        return log.sum(axis=1), score, information

    def _climbed(self, place: np.ndarray, step: np.ndarray, now: np.ndarray) -> np.ndarray:
        """The steps, each halved until it climbs."""
        size = np.ones(len(place))
        floor = 0.05 * place[:, -1]
        for _ in range(HALVINGS):
            there = place + size[:, None] * step
            inside = there[:, -1] > floor
            there[~inside] = place[~inside]
            worse = ~inside | ~(self._value(there) >= now - 1e-12 * np.maximum(np.abs(now), 1.0))
            if not worse.any():
                break
            size = np.where(worse, size / 2, size)
        return np.where(worse[:, None], np.nan, there)


def _log_mass(centre: np.ndarray, span: np.ndarray | float) -> np.ndarray:
    """Logarithm of the mass of N(centre, 1) between zero and a span."""
    whole = log_ndtr(centre)
    if not np.isfinite(span).all():
        return np.asarray(whole)
    # On the side where the tails are smaller.
    below = centre < span / 2
    near, far = np.where(below, centre, span - centre), np.where(below, centre - span, -centre)
    large = log_ndtr(near)
    return np.asarray(large + np.log1p(-np.exp(log_ndtr(far) - large)))


def _moments(centre: np.ndarray, span: np.ndarray | float) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Log mass and the first four moments of N(centre, 1) between zero and a span."""
    mass = _log_mass(centre, span)
    low = np.exp(-(centre**2) / 2 - LOG_ROOT_TWO_PI - mass)
    one = centre + low
    if not np.isfinite(span).all():
        two = 1 + centre * one
        three = 2 * one + centre * two
        return mass, (one, two, three, 3 * two + centre * three)
    high = np.exp(-((span - centre) ** 2) / 2 - LOG_ROOT_TWO_PI - mass)
    one = one - high
    two = 1 + centre * one - span * high
    three = 2 * one + centre * two - span**2 * high
    return mass, (one, two, three, 3 * two + centre * three - span**3 * high)


def _solved(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Solutions of many small systems, NaN where one is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, vector[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(np.nan_to_num(matrix)) @ vector[:, :, None])[:, :, 0])


def _inverse(matrix: np.ndarray) -> np.ndarray:
    known = np.isfinite(matrix).all(axis=(1, 2))
    found = np.full_like(matrix, np.nan)
    found[known] = np.linalg.pinv(matrix[known])
    return found

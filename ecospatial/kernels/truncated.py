"""Normal regressions whose dependent variable is only seen between limits, many at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from .scaled import Scaled

LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)
ROUNDS, HALVINGS = 100, 30
GAIN = 1e-16  # promised by a further step, per observation, at which a maximum is reached
FLAT = 1e-8  # share of its start to which a precision that runs to zero has come
# Multiplications beyond which BLAS shares a product among threads; for sums as short as these that costs far more
# than it saves, a hundred times where the cores have other work.
THREADED = 2**18


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


def fit_truncated(
    y: np.ndarray,
    x: np.ndarray,
    lower: float,
    upper: float = np.inf,
    near: tuple[np.ndarray, float] | None = None,
) -> TruncatedFits:
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
    near : tuple of ndarray, shape (N,), and float, or None
        Means and standard deviation that the samples were drawn with: where to start, instead of least squares.
    """
    turned = not np.isfinite(lower)
    seen, span = (upper - y, np.inf) if turned else (y - lower, upper - lower)
    units = Scaled.of(x, 0.0, float(np.sqrt((seen**2).mean())))
    family = _Family(seen / units.size, units.x, span / units.size)
    if near is None:
        start = family.least_squares()
    else:
        mean = upper - near[0] if turned else near[0] - lower
        start = family.natural(mean[None] / units.size, np.full(len(y), (near[1] / units.size) ** 2))
    place, value, information = family.maxima(start)
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
class _Points:
    """Values (B,), scores (B, p) and information (B, p, p) at places (B, p)."""

    place: np.ndarray
    value: np.ndarray
    score: np.ndarray
    information: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> _Points:
        return _Points(self.place[rows], self.value[rows], self.score[rows], self.information[rows])

    def put(self, rows: np.ndarray, others: _Points) -> None:
        """Overwrite some of the points."""
        self.place[rows], self.value[rows] = others.place, others.value
        self.score[rows], self.information[rows] = others.score, others.information


@dataclass(frozen=True, eq=False)
class _Family:
    """The likelihood of s (B, N), between zero and a span, in natural parameters (B, k + 1)."""

    s: np.ndarray
    x: np.ndarray
    span: float

    def maxima(self, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places, values and information (B, k + 1, k + 1) of the maxima; NaN where there is none."""
        place, value = np.full(start.shape, np.nan), np.full(len(start), np.nan)
        information = np.full((*start.shape, start.shape[1]), np.nan)
        running, here = np.arange(len(start)), self._at(start)
        for _ in range(ROUNDS):
            step = _solved(here.information, here.score)
            gain = (here.score * step).sum(axis=1)
            done = np.abs(gain) <= GAIN * self.s.shape[1]
            # The last step is so short that its end is the maximum to all digits.
            place[running[done]] = (here.place + step)[done]
            value[running[done]], information[running[done]] = here.value[done], here.information[done]
            # Where rounding has eaten the information the steps no longer climb.
            onward = ~done & (gain > 0)
            running = running[onward]
            if len(running) == 0:
                break
            here = self._of(running)._climbed(here[onward], step[onward])
            kept = np.isfinite(here.place).all(axis=1) & (here.place[:, -1] >= FLAT * start[running, -1])
            running, here = running[kept], here[kept]
        return place, value, information

    def least_squares(self) -> np.ndarray:
        """Where to start: the fit that knows of no limit, (B, k + 1)."""
        beta = self.s @ self.x / len(self.x)
        fitted = beta @ self.x.T
        return self.natural(fitted, np.maximum(((self.s - fitted) ** 2).mean(axis=1), 1e-12))

    def natural(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Natural parameters (B, k + 1) of means (B or 1, N) that the regressors span, and variances (B,)."""
        h = 1 / variance[:, None]
        return np.column_stack([mean @ self.x / len(self.x) * h, h])

    def _of(self, rows: np.ndarray) -> _Family:
        return self if len(rows) == len(self.s) else _Family(self.s[rows], self.x, self.span)

    def _at(self, place: np.ndarray) -> _Points:
        eta, h = place[:, :-1] @ self.x.T, place[:, [-1]]
        sigma = 1 / np.sqrt(h)
        mass, (one, two, three, four) = _moments(eta * sigma, self.span / sigma)
        one, two, three, four = one * sigma, two * sigma**2, three * sigma**3, four * sigma**4
        log = self.s * eta - h * self.s**2 / 2 - (eta * sigma) ** 2 / 2 - mass - np.log(sigma) - LOG_ROOT_TWO_PI
        score = np.column_stack([_sums(self.s - one, self.x), (two - self.s**2).sum(axis=1) / 2])
        count = self.x.shape[1]
        information = np.empty((len(place), count + 1, count + 1))
        rows, columns = np.triu_indices(count)
        squares = _sums(two - one**2, self.x[:, rows] * self.x[:, columns])
        information[:, rows, columns] = information[:, columns, rows] = squares
        information[:, :count, count] = information[:, count, :count] = -_sums(three - one * two, self.x) / 2
        information[:, count, count] = (four - two**2).sum(axis=1) / 4
        return _Points(place, log.sum(axis=1), score, information)

    def _climbed(self, here: _Points, step: np.ndarray) -> _Points:
        """The ends of steps, each halved until it climbs; NaN where none does."""
        size = np.ones(len(step))
        ends = replace(here, place=np.full_like(step, np.nan))
        left = np.arange(len(step))
        for _ in range(HALVINGS):
            there = here.place[left] + size[left, None] * step[left]
            inside = there[:, -1] > 0.05 * here.place[left, -1]
            found = self._of(left[inside])._at(there[inside])
            now = here.value[left[inside]]
            climbed = found.value >= now - 1e-12 * np.maximum(np.abs(now), 1.0)
            ends.put(left[inside][climbed], found[climbed])
            left = np.setdiff1d(left, left[inside][climbed])
            if len(left) == 0:
                break
            size[left] /= 2
        return ends


def _sums(weights: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """``weights @ columns``, (B, N) by (N, p), in parts that BLAS does not share among threads."""
    size = max(THREADED // max(len(weights) * columns.shape[1], 1), 1)
    parts = (weights[:, start:][:, :size] @ columns[start:][:size] for start in range(0, len(columns), size))
    return np.asarray(sum(parts))


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

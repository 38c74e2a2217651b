"""Tests of pooled regressions for random effects, a spatial error and serial correlation, jointly and conditionally.

Baltagi, Song and Koh (2003, J. Econometrics 117, 123–150) and Baltagi, Song, Jung and Koh (2007, J. Econometrics 140,
5–51). The model is y = X beta + u, u = mu + e, e = lambda We + v, with mu of variance σµ² for each unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import brentq

from .least_squares import least_squares
from .spatial_lag import overlap, spatial_lag

# Where the ratio of variances is sought: from effects that are everything to none at all.
SMALLEST_RATIO = 1e-12


@dataclass(frozen=True)
class JointTests:
    """Statistics of least-squares residuals.

    Attributes
    ----------
    individual, spatial : float
        LM1 and LM2, standard normal, large where σµ² > 0 and lambda > 0.
    serial : float
        Joint with serial correlation, chi-squared with 3 degrees of freedom; NaN below three periods.
    """

    individual: float
    spatial: float
    serial: float

    @property
    def joint(self) -> float:
        """LM-H, against σµ² > 0 or lambda > 0: what points the other way counts nothing."""
        return max(self.individual, 0.0) ** 2 + max(self.spatial, 0.0) ** 2


def joint_tests(residuals: np.ndarray, w: sparse.csr_matrix) -> JointTests:
    """LM1, LM2 and their joint forms.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        Of least squares on all unit-periods, T > 1.
    w : csr_matrix, shape (n, n)
    """
    periods, units = residuals.shape
    squares = float((residuals**2).sum())
    individual = float((residuals.sum(axis=0) ** 2).sum()) / squares - 1
    spatial = float((residuals * spatial_lag(w, residuals)).sum()) / squares
    serial = float((residuals[1:] * residuals[:-1]).sum()) / squares
    lm1 = np.sqrt(units * periods / (2 * (periods - 1))) * individual
    lm2 = np.sqrt(units**2 * periods / overlap(w)) * spatial
    if periods < 3:
        return JointTests(float(lm1), float(lm2), np.nan)
    over_time = individual**2 - 4 * individual * serial + 2 * periods * serial**2
    scale = units * periods**2 / (2 * (periods - 1) * (periods - 2))
    return JointTests(float(lm1), float(lm2), float(scale * over_time + lm2**2))


def variance_ratio(y: np.ndarray, x: np.ndarray) -> float:
    """The ratio φ = σv²/(σv² + T σµ²) of a random-effects model by maximum likelihood, 1 where there are no effects.

    The root of the slope of −nT/2 ln S(φ) + n/2 ln φ, with S the squares of the regression of y on x less 1 − √φ of
    their means over time (Breusch 1987, J. Econometrics 36, 383–389).

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
    """

    def slope(log_ratio: float) -> float:
        ratio = np.exp(log_ratio)
        fit = least_squares(_without_means(x, ratio).reshape(-1, x.shape[2]), _without_means(y, ratio).ravel())
        means = (y - x @ fit.coefficients).mean(axis=0)
        return float(len(means) / 2 - y.size / 2 * ratio * len(y) * float(means @ means) / fit.squares)

    low = float(np.log(SMALLEST_RATIO))
    if slope(0.0) >= 0:
        return 1.0
    return float(np.exp(brentq(slope, low, 0.0, xtol=1e-14))) if slope(low) > 0 else SMALLEST_RATIO


def quasi_demeaned(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both less 1 − √φ of their means over time, after which a random effect is gone from the errors."""
    ratio = variance_ratio(y, x)
    return _without_means(y, ratio), _without_means(x, ratio)


def spatial_given_effects(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix) -> float:
    """The conditional test of lambda = 0 where σµ² may be positive: standard normal.

    D / √[((T − 1) + φ²) b] of maximum-likelihood residuals u, b = tr(W² + W'W), D = (φ² ū'Wū + e'We)/σv² with ū the
    means over time and e what they leave (Baltagi, Song and Koh 2003, section 2.3).

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
    w : csr_matrix, shape (n, n)
    """
    ratio = variance_ratio(y, x)
    fit = least_squares(_without_means(x, ratio).reshape(-1, x.shape[2]), _without_means(y, ratio).ravel())
    residuals = y - x @ fit.coefficients
    means = residuals.mean(axis=0)
    inside = residuals - means
    between = len(y) * float(means @ (w @ means))
    within = float((inside * spatial_lag(w, inside)).sum())
    score = (ratio**2 * between + within) / (fit.squares / y.size)
    return float(score / np.sqrt((len(y) - 1 + ratio**2) * overlap(w)))


@dataclass(frozen=True, eq=False)
class PooledError:
    """A pooled spatial error model by maximum likelihood.

    Attributes
    ----------
    residuals : ndarray, shape (T, n)
        y − X beta, not yet filtered.
    lam, sigma2 : float
    variance : float
        Of lambda.
    trace : float
        tr W(I − lambda W)^-1.
    """

    residuals: np.ndarray
    lam: float
    sigma2: float
    variance: float
    trace: float


def effects_given_spatial(error: PooledError, w: sparse.csr_matrix) -> float:
    """The conditional test of σµ² = 0 where lambda may differ from zero: standard normal, large where σµ² > 0.

    The score −T/(2σ²) tr B'B + (Σu)'(B'B)²(Σu)/(2σ⁴), B = I − lambda W, over its standard deviation once σ² and lambda
    are estimated (Baltagi, Song and Koh 2003, eq. 2.30).
    """
    periods, units = error.residuals.shape
    b = sparse.identity(units, format="csr") - error.lam * w
    product = (b.T @ b).tocsr()
    pushed = product @ error.residuals.sum(axis=0)
    size, twice = float(product.diagonal().sum()), 2 * error.sigma2
    score = float(pushed @ pushed) / (twice * error.sigma2) - periods * size / twice
    own = periods**2 * float(product.multiply(product).sum()) / (twice * error.sigma2)
    with_sigma2 = periods * size / (twice * error.sigma2)
    with_lambda = periods * 2 * float(w.multiply(b).sum()) / twice
    # What σ² and lambda explain of the score, the block of both inverted by parts.
    sigma2_own = units * periods / (twice * error.sigma2)
    sigma2_lambda = periods * error.trace / error.sigma2
    left = with_lambda - with_sigma2 * sigma2_lambda / sigma2_own
    spread = own - with_sigma2**2 / sigma2_own - error.variance * left**2
    return float(score / np.sqrt(spread)) if spread > 0 else np.nan


def _without_means(cube: np.ndarray, ratio: float) -> np.ndarray:
    return np.asarray(cube - (1 - np.sqrt(ratio)) * cube.mean(axis=0))

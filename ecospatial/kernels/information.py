"""Information matrices of spatial models, in the order beta, rho, lambda, sigma², without what a model has not.

Up to ``DENSE_LIMIT`` units the expected information (Anselin 1988, sections 6.2 and 8.1), which takes a dense inverse;
above, the observed information, which takes only products. Neither is a numerical Hessian. Filters of the same W
commute, so that one G = W (I - rW)^-1 for each parameter is all that is needed.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .likelihood import Maximum, Sample
from .panel_effects import NO_SWEEP, Sweep
from .spatial_lag import overlap, spatial_lag


def multiplier(w: sparse.csr_matrix, r: float) -> np.ndarray:
    """G = W (I - rW)^-1, dense, shape (n, n)."""
    dense = w.toarray()
    return np.asarray(np.linalg.solve((np.eye(len(dense)) - r * dense).T, dense.T).T)


def expected(
    fit: Maximum,
    sample: Sample,
    w: sparse.csr_matrix,
    trend: np.ndarray | None = None,
    sweep: Sweep = NO_SWEEP,
    centred: bool = False,
) -> np.ndarray:
    """Expected information of a fitted model.

    Parameters
    ----------
    fit : Maximum
    sample : Sample
    w : csr_matrix, shape (n, n)
    trend : ndarray, shape (T, n), or None
        Expectation of (I - rho W) y, effects that are swept later included; X beta by default.
    sweep : Sweep
    centred : bool
        Whether one root of the spectrum went with the effects of periods (:mod:`.panel_effects`).
    """
    lam = fit.lam or 0.0
    inverses, derivatives = [], []
    if fit.rho is not None:
        g = multiplier(w, fit.rho)
        pushed = spatial_lag(g, sample.x @ fit.coefficients if trend is None else trend)
        inverses.append(g)
        derivatives.append(sweep(pushed - lam * spatial_lag(w, pushed)))
    if fit.lam is not None:
        inverses.append(multiplier(w, fit.lam))
        derivatives.append(np.zeros_like(sample.y))
    if centred:
        inverses = [g - g.mean(axis=0) for g in inverses]
    spread = [[float((g * (h + h.T)).sum()) for h in inverses] for g in inverses]
    curvature = fit.spectra * np.array(spread) + _products(derivatives, derivatives) / fit.sigma2
    filtered = sample.x - lam * sample.wx
    slopes = fit.spectra * np.array([np.trace(g) for g in inverses])
    return _assembled(fit, filtered, _loads(filtered, derivatives), curvature, slopes)


def observed(fit: Maximum, sample: Sample) -> np.ndarray:
    """Observed information of a fitted model at its maximum."""
    rho, lam = fit.rho or 0.0, fit.lam or 0.0
    filtered = sample.x - lam * sample.wx
    by_rho = sample.wy - lam * sample.wwy
    by_lambda = sample.wy - rho * sample.wwy - sample.wx @ fit.coefficients
    derivatives = [cube for r, cube in ((fit.rho, by_rho), (fit.lam, by_lambda)) if r is not None]
    curvature = fit.spectra * np.diag([second for _, second in fit.traces])
    curvature = curvature + _products(derivatives, derivatives) / fit.sigma2
    loads = _loads(filtered, derivatives)
    if fit.lam is not None:
        loads[:, -1] += np.einsum("tnk,tn->k", sample.wx, fit.residuals)
    if fit.rho is not None and fit.lam is not None:
        both = float((fit.residuals * sample.wwy).sum()) / fit.sigma2
        curvature = curvature + both * np.array([[0.0, 1.0], [1.0, 0.0]])
    slopes = fit.spectra * np.array([first for first, _ in fit.traces])
    return _assembled(fit, filtered, loads, curvature, slopes)


def _products(ones: list[np.ndarray], others: list[np.ndarray]) -> np.ndarray:
    return np.array([[float((one * other).sum()) for other in others] for one in ones])


def _loads(x: np.ndarray, derivatives: list[np.ndarray]) -> np.ndarray:
    return np.stack([np.einsum("tnk,tn->k", x, cube) for cube in derivatives], axis=1)


def _assembled(fit: Maximum, x: np.ndarray, loads: np.ndarray, curvature: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Put the blocks together; at the maximum both kinds agree on the row of sigma²."""
    k, last = x.shape[2], x.shape[2] + len(slopes)
    information = np.zeros((last + 1, last + 1))
    information[:k, :k] = np.einsum("tnk,tnl->kl", x, x) / fit.sigma2
    information[:k, k:last] = loads / fit.sigma2
    information[k:last, :k] = loads.T / fit.sigma2
    information[k:last, k:last] = curvature
    information[k:last, last] = information[last, k:last] = slopes / fit.sigma2
    information[last, last] = fit.observations / (2 * fit.sigma2**2)
    return information


def covariance(information: np.ndarray) -> np.ndarray | None:
    """The inverse of an information matrix, None where it is not positive definite."""
    diagonal = np.diag(information)
    if not (diagonal > 0).all():
        return None
    scale = 1 / np.sqrt(diagonal)
    try:
        root = np.linalg.cholesky(information * np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return None
    inverse_root = np.linalg.solve(root, np.diag(scale))
    return np.asarray(inverse_root.T @ inverse_root)


def expected_remainder(fit: Maximum, w: sparse.csr_matrix, inverse: np.ndarray) -> float:
    """LM statistic for error autocorrelation left in a lag model (Anselin 1988, eq. 8.27).

    ``inverse`` is the inverse of the expected information.
    """
    residuals = fit.residuals
    gradient = float((residuals * spatial_lag(w, residuals)).sum()) / fit.sigma2
    g = multiplier(w, fit.rho or 0.0)
    cross = len(residuals) * float(w.multiply(g).sum() + w.T.multiply(g).sum())
    spread = len(residuals) * overlap(w) - cross**2 * inverse[-2, -2]
    return gradient**2 / spread if spread > 0 else np.nan


def observed_remainder(fit: Maximum, sample: Sample, w: sparse.csr_matrix, inverse: np.ndarray) -> float:
    """The same from the observed information, without a dense inverse."""
    residuals = fit.residuals
    ahead, back = spatial_lag(w, residuals), spatial_lag(w.T.tocsr(), residuals)
    gradient = float((residuals * ahead).sum()) / fit.sigma2
    by_beta = np.einsum("tnk,tn->k", sample.x, ahead + back) / fit.sigma2
    by_rho = float((sample.wy * (ahead + back)).sum()) / fit.sigma2
    cross = np.concatenate([by_beta, [by_rho, gradient / fit.sigma2]])
    own = len(residuals) * float(w.multiply(w.T).sum()) + float((ahead**2).sum()) / fit.sigma2
    spread = own - float(cross @ inverse @ cross)
    return gradient**2 / spread if spread > 0 else np.nan

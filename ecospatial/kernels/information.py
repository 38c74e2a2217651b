"""Information matrices of the spatial lag and error model, in the order beta, r, sigma².

Up to ``DENSE_LIMIT`` units the expected information (Anselin 1988, section 6.2), which takes a dense
inverse; above, the observed information, which takes only products. Neither is a numerical Hessian.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .likelihood import Maximum
from .spatial_lag import overlap, spatial_lag


def multiplier(w: sparse.csr_matrix, r: float) -> np.ndarray:
    """G = W (I - rW)^-1, dense, shape (n, n)."""
    dense = w.toarray()
    return np.asarray(np.linalg.solve((np.eye(len(dense)) - r * dense).T, dense.T).T)


def expected_lag(fit: Maximum, x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Expected information of the lag model, ``x`` of shape (T, n, k)."""
    pushed = spatial_lag(g, x @ fit.coefficients)
    curvature = len(x) * (fit.traces[1] + float((g**2).sum())) + float((pushed**2).sum()) / fit.sigma2
    return _assembled(fit, x, np.einsum("tnk,tn->k", x, pushed), curvature)


def observed_lag(fit: Maximum, x: np.ndarray, wy: np.ndarray) -> np.ndarray:
    """Observed information of the lag model at its maximum."""
    curvature = len(x) * fit.traces[1] + float((wy**2).sum()) / fit.sigma2
    return _assembled(fit, x, np.einsum("tnk,tn->k", x, wy), curvature)


def expected_error(fit: Maximum, x: np.ndarray, wx: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Expected information of the error model, ``x`` and ``wx`` of shape (T, n, k)."""
    filtered = x - fit.parameter * wx
    curvature = len(x) * (fit.traces[1] + float((g**2).sum()))
    return _assembled(fit, filtered, np.zeros(x.shape[2]), curvature)


def observed_error(fit: Maximum, y: np.ndarray, wy: np.ndarray, x: np.ndarray, wx: np.ndarray) -> np.ndarray:
    """Observed information of the error model at its maximum."""
    filtered = x - fit.parameter * wx
    lagged = wy - wx @ fit.coefficients
    cross = np.einsum("tnk,tn->k", filtered, lagged) + np.einsum("tnk,tn->k", wx, fit.residuals)
    curvature = len(x) * fit.traces[1] + float((lagged**2).sum()) / fit.sigma2
    return _assembled(fit, filtered, cross, curvature)


def _assembled(fit: Maximum, x: np.ndarray, cross: np.ndarray, curvature: float) -> np.ndarray:
    """Put the blocks together; at the maximum both kinds agree on the row of sigma²."""
    k = x.shape[2]
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = np.einsum("tnk,tnl->kl", x, x) / fit.sigma2
    information[:k, k] = information[k, :k] = cross / fit.sigma2
    information[k, k] = curvature
    information[k, k + 1] = information[k + 1, k] = len(x) * fit.traces[0] / fit.sigma2
    information[k + 1, k + 1] = fit.residuals.size / (2 * fit.sigma2**2)
    return information


def covariance(information: np.ndarray) -> np.ndarray | None:
    """The inverse of an information matrix, None where it is not positive definite."""
    scale = 1 / np.sqrt(np.diag(information))
    try:
        root = np.linalg.cholesky(information * np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return None
    inverse_root = np.linalg.solve(root, np.diag(scale))
    return np.asarray(inverse_root.T @ inverse_root)


def expected_remainder(fit: Maximum, w: sparse.csr_matrix, g: np.ndarray, inverse: np.ndarray) -> float:
    """LM statistic for error autocorrelation left in a lag model (Anselin 1988, eq. 8.27).

    ``inverse`` is the inverse of the expected information.
    """
    residuals = fit.residuals
    gradient = float((residuals * spatial_lag(w, residuals)).sum()) / fit.sigma2
    cross = len(residuals) * float(w.multiply(g).sum() + w.T.multiply(g).sum())
    spread = len(residuals) * overlap(w) - cross**2 * inverse[-2, -2]
    return gradient**2 / spread if spread > 0 else np.nan


def observed_remainder(fit: Maximum, w: sparse.csr_matrix, x: np.ndarray, wy: np.ndarray, inverse: np.ndarray) -> float:
    """The same from the observed information, without a dense inverse."""
    residuals = fit.residuals
    ahead, back = spatial_lag(w, residuals), spatial_lag(w.T.tocsr(), residuals)
    gradient = float((residuals * ahead).sum()) / fit.sigma2
    by_beta = np.einsum("tnk,tn->k", x, ahead + back) / fit.sigma2
    by_rho = float((wy * (ahead + back)).sum()) / fit.sigma2
    cross = np.concatenate([by_beta, [by_rho, gradient / fit.sigma2]])
    own = len(residuals) * float(w.multiply(w.T).sum()) + float((ahead**2).sum()) / fit.sigma2
    spread = own - float(cross @ inverse @ cross)
    return gradient**2 / spread if spread > 0 else np.nan

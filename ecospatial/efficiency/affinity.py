"""How alike inputs, or outputs, vary over the frontier: epsilon and weights of the epsilon-based measure."""

from __future__ import annotations

import numpy as np


def affinity_matrix(values: np.ndarray) -> np.ndarray:
    """Affinity of every two variables, 1 − 2D (Tone & Tsutsui 2010).

    With c = ln(b/a), D is the mean of |c − c̄| over units, divided by the range of c. D runs from 0, where
    b is a multiple of a, to 1/2.

    Parameters
    ----------
    values : ndarray (n, K)
        Positive.

    Returns
    -------
    ndarray (K, K)

    Examples
    --------
    >>> affinity_matrix(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    logs = np.log(values)
    ratios = logs[:, None, :] - logs[:, :, None]
    span = np.ptp(ratios, axis=0)
    spread = np.abs(ratios - ratios.mean(axis=0)).mean(axis=0)
    alike = span < 1e-9  # rounding of proportional variables
    return 1.0 - 2.0 * np.where(alike, 0.0, spread) / np.where(alike, 1.0, span)


def epsilon_and_weights(values: np.ndarray) -> tuple[float, np.ndarray]:
    """From the first principal component of the affinity matrix (Tone & Tsutsui 2010).

    With ρ its largest eigenvalue, ε = (K − ρ)/(K − 1), zero for one variable alone, and the weights are the
    eigenvector brought to a sum of one.

    Parameters
    ----------
    values : ndarray (n, K)

    Returns
    -------
    float
        ε from 0, a radial measure, to 1, a slacks-based one.
    ndarray (K,)
    """
    count = values.shape[1]
    if count == 1:
        return 0.0, np.ones(1)
    roots, vectors = np.linalg.eigh(affinity_matrix(values))
    first = np.abs(vectors[:, -1])
    return float(np.clip((count - roots[-1]) / (count - 1), 0.0, 1.0)), first / first.sum()

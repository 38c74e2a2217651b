"""Weights applied to arrays of periods and units."""

from __future__ import annotations

from typing import Any

import numpy as np


def spatial_lag(w: Any, values: np.ndarray) -> np.ndarray:
    """Apply weights period by period.

    Parameters
    ----------
    w : sparse matrix or ndarray, shape (n, n)
    values : ndarray, shape (T, n) or (T, n, k)

    Returns
    -------
    ndarray
        Of the shape of ``values``.

    Examples
    --------
    >>> spatial_lag(np.array([[0.0, 1.0], [0.5, 0.0]]), np.array([[2.0, 4.0]])).tolist()
    [[4.0, 1.0]]
    """
    return np.stack([np.asarray(w @ period) for period in values])


def overlap(w: Any) -> float:
    """The trace of W'W + WW of sparse weights."""
    return float(w.multiply(w).sum() + w.multiply(w.T).sum())

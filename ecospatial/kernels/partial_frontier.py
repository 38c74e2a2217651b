"""Expected minima of draws: what order-m efficiency is made of."""

from __future__ import annotations

import numpy as np


def expected_minimum(distances: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean of the smallest of some draws with replacement, for each row of a table, and its standard error.

    With d₁ ≤ … ≤ d_N the sorted values of a row and S(u) the share of them above u, the mean of the smallest of m
    draws is ∫ S(u)^m du from zero, that is d₁ + Σ (dᵢ₊₁ − dᵢ) (1 − i/N)^m, which needs no draws. Its standard error
    as an estimate of the same mean over the population is that of Cazals, Florens & Simar (2002), for m that is small
    beside N: the root of m²/N times the variance over the sample of A(d) = ∫ S(u)^(m−1) du, taken from zero to d.

    Parameters
    ----------
    distances : ndarray (B, J)
        Infinite where a value is no part of its row's sample.
    draws : int
        m, one and more.

    Returns
    -------
    mean, error : ndarray (B,)
        NaN where the sample is empty; the error also where it is a single value.
    size : ndarray (B,) of int
        N, values in the sample.

    Examples
    --------
    >>> mean, error, size = expected_minimum(np.array([[3.0, 1.0, np.inf]]), 2)
    >>> mean.tolist(), size.tolist()
    ([1.5], [2])
    """
    ordered = np.sort(distances, axis=1)
    known = np.isfinite(ordered)
    size = known.sum(axis=1)
    share = 1.0 - np.arange(1, ordered.shape[1]) / np.maximum(size, 1)[:, None]
    steps = np.diff(np.where(known, ordered, 0.0), axis=1)
    steps = np.where(known[:, 1:], steps * np.maximum(share, 0.0) ** (draws - 1), 0.0)
    first = np.where(size > 0, ordered[:, 0], np.nan)
    mean = first + (steps * share).sum(axis=1)
    reach = np.cumsum(np.column_stack([first, steps]), axis=1)
    spread = np.where(known, reach - mean[:, None], 0.0)
    error = draws * np.sqrt((spread**2).sum(axis=1)) / np.maximum(size, 1)
    return mean, np.where(size > 1, error, np.nan), size

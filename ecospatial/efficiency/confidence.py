"""Bias and intervals of efficiency from resampled distances."""

from __future__ import annotations

import numpy as np
import pandas as pd


def intervals_of(efficiency: np.ndarray, drawn: np.ndarray, rates: np.ndarray, level: float) -> pd.DataFrame:
    """Bias, correction and interval of every distance, as shares.

    Parameters
    ----------
    efficiency : ndarray (n,)
        As estimated, in shares.
    drawn : ndarray (B, n)
        Resampled distances, reciprocals of shares; NaN where there is none.
    rates : ndarray (n,)
        What a resampled difference is multiplied by.
    level : float

    Returns
    -------
    DataFrame
        Shares: efficiency, bias, bias_corrected, corrected, lower, upper, sd and draws; NaN where more
        draws are missing than a tail of the interval has.

    Examples
    --------
    >>> drawn = np.array([[1.8], [1.9], [1.7], [1.8]])
    >>> intervals_of(np.array([0.5]), drawn, np.ones(1), 0.5)["bias_corrected"].round(4).tolist()
    [0.4545]
    """
    known = 1.0 / efficiency
    apart = (drawn - known) * rates
    usable = np.isfinite(apart).sum(axis=0)
    # A draw is missing where the unit lies beyond it, which is what a tail of the interval is about.
    some = np.flatnonzero(np.isfinite(known) & (usable >= len(drawn) * (1.0 + level) / 2.0))
    bias, spread, low, high = (np.full(len(known), np.nan) for _ in range(4))
    bias[some], spread[some] = np.nanmean(apart[:, some], axis=0), np.nanstd(apart[:, some], axis=0, ddof=1)
    tails = (1.0 - level) / 2.0
    low[some], high[some] = np.nanquantile(apart[:, some], [tails, 1.0 - tails], axis=0)
    corrected = bias**2 > 3.0 * spread**2
    better = np.where(corrected, 1.0 / (known - bias), efficiency)
    return pd.DataFrame(
        {
            "efficiency": efficiency,
            "bias": efficiency - 1.0 / (known - bias),
            "bias_corrected": np.where(np.isfinite(bias), better, np.nan),
            "corrected": corrected,
            "lower": 1.0 / (known - low),
            "upper": 1.0 / (known - high),
            "sd": spread / known**2,
            "draws": usable,
        }
    )

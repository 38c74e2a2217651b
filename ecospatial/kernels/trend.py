"""The trend test of Mann and Kendall, for many series at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class MannKendall(NamedTuple):
    """Kendall's S, its variance corrected for ties, tau-b, and the standard score, each of shape (n,).

    The score is NaN where fewer than three values or all alike leave nothing to test.
    """

    s: np.ndarray
    variance: np.ndarray
    tau: np.ndarray
    z: np.ndarray


def mann_kendall(series: np.ndarray) -> MannKendall:
    """Test each column for a monotonic trend.

    Mann (1945), Econometrica 13; variance with ties and the continuity correction as in Kendall (1975), Rank
    Correlation Methods, chapter 4.

    Parameters
    ----------
    series : ndarray, shape (T, n)
        NaN where there is no value.

    Examples
    --------
    >>> found = mann_kendall(np.array([[1.0], [2.0], [2.0], [4.0]]))
    >>> found.s.tolist(), found.z.round(4).tolist()
    ([5.0], [1.4446])
    """
    periods, count = series.shape
    present = ~np.isnan(series)
    values = present.sum(axis=0)
    s, tied = np.zeros(count), np.zeros((periods, count))
    for period in range(periods):
        s += np.where(present[period], np.nan_to_num(np.sign(series[period:] - series[period])).sum(axis=0), 0.0)
        tied[period] = (series == series[period]).sum(axis=0)
    # A group of t tied values is met t times, so that each time counts a t-th of its share.
    spread = np.where(present, (tied - 1) * (2 * tied + 5), 0.0).sum(axis=0)
    variance = (values * (values - 1) * (2 * values + 5) - spread) / 18
    pairs = values * (values - 1) / 2
    untied = pairs - np.where(present, tied - 1, 0.0).sum(axis=0) / 2
    testable = (values >= 3) & (untied > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = np.where(testable, s / np.sqrt(pairs * untied), np.nan)
        z = np.where(testable, (s - np.sign(s)) / np.sqrt(variance), np.nan)
    return MannKendall(s, variance, tau, z)

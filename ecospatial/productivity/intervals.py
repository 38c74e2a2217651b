"""Bias and intervals of changes from resampled ones."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

IntervalKind = Literal["percentile", "basic"]
ROUNDING = 1e-9


class Intervals(NamedTuple):
    """Of logarithms of changes; NaN where more draws are missing than a tail of the interval holds.

    Attributes
    ----------
    bias_corrected, lower, upper : ndarray (...)
    """

    bias_corrected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, known: np.ndarray, drawn: np.ndarray, level: float, kind: IntervalKind = "percentile") -> Intervals:
        """As drawn changes are to the known one, the known one is taken to be to the true one.

        Parameters
        ----------
        known : ndarray (...)
        drawn : ndarray (B, ...)
            NaN where a replication has none.
        level : float
        kind : {"percentile", "basic"}
            Between quantiles of the drawn changes, or those mirrored at the known one.

        Examples
        --------
        >>> found = Intervals.of(np.array([0.5]), np.array([[0.6], [0.7], [0.8]]), 0.5, "basic")
        >>> found.bias_corrected.round(4).tolist(), found.lower.round(4).tolist(), found.upper.round(4).tolist()
        ([0.3], [0.25], [0.35])
        """
        apart = (drawn - known).reshape(len(drawn), -1)
        missing = 1.0 - np.isfinite(apart).mean(axis=0)
        some = np.flatnonzero(missing <= (1.0 - level) / 2.0 + ROUNDING)
        tails = np.array([0.5 - level / 2.0, 0.5 + level / 2.0])
        moved = np.full((3, apart.shape[1]), np.nan)
        bias, spread = np.nanmean(apart[:, some], axis=0), np.nanstd(apart[:, some], axis=0, ddof=1)
        ends = np.nanquantile(apart[:, some], tails, axis=0)
        moved[0, some] = np.where(bias**2 > 3.0 * spread**2, -bias, 0.0)
        moved[1:, some] = ends if kind == "percentile" else -ends[::-1]
        return cls(*(known + part.reshape(known.shape) for part in moved))

    def significant(self, rounding: float = ROUNDING) -> np.ndarray:
        """Shape (...): 1 where the interval is above no change, −1 where it is below, 0 where it holds it."""
        return np.asarray((self.lower > rounding).astype(int) - (self.upper < -rounding).astype(int))

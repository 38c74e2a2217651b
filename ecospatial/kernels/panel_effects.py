"""Fixed effects taken out of balanced cubes (T, n), and what they take from a likelihood.

Demeaning over periods takes out the effects of units, demeaning over units those of periods. The same sums of squares
come from the orthonormal transformations of Lee and Yu (2010, J. Econometrics 154, 165–185): F' y with F F' = I − 11'/T
leaves T − 1 periods, and with F F' = I − 11'/n it leaves n − 1 units. The two ways differ in what they count:

    =============  =======================  ====================================
    effects        dummies (demeaned)       transformed
    =============  =======================  ====================================
    individual     nT;  T ln|I − rW|        n(T − 1);  (T − 1) ln|I − rW|
    time           nT;  T ln|I − rW|        (n − 1)T;  T [ln|I − rW| − ln(1 − r)]
    two-way        nT;  T ln|I − rW|        (n − 1)(T − 1);  (T − 1) [ln|I − rW| − ln(1 − r)]
    =============  =======================  ====================================

The transformation over units needs W1 = 1, so that F'WF stands for W.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNITS, PERIODS = ("individual", "twoway"), ("time", "twoway")


@dataclass(frozen=True)
class Sweep:
    """The projection that takes fixed effects out of cubes.

    Attributes
    ----------
    units, periods : bool
        Whose effects are taken out.
    """

    units: bool = False
    periods: bool = False

    @classmethod
    def of(cls, effects: str) -> Sweep:
        """By the name of the effects; nothing for "none"."""
        return cls(effects in UNITS, effects in PERIODS)

    def __call__(self, cube: np.ndarray) -> np.ndarray:
        """A cube (T, n) or (T, n, k) less its effects.

        Examples
        --------
        >>> Sweep.of("twoway")(np.array([[1.0, 2.0], [3.0, 6.0]])).tolist()
        [[0.5, -0.5], [-0.5, 0.5]]
        """
        if self.units:
            cube = cube - cube.mean(axis=0)
        if self.periods:
            cube = cube - cube.mean(axis=1, keepdims=True)
        return cube

    def rows(self, periods: int, units: int) -> int:
        """Observations that are left: all, less one for each dummy."""
        return (periods - self.units) * (units - self.periods)


NO_SWEEP = Sweep()


def period_dummies(periods: int, units: int, swept: bool) -> np.ndarray:
    """Dummies of periods as regressors, shape (T, n, T), or (T, n, T − 1) less their means over time.

    For a filter I − rW that does not take the constant to a multiple of itself: then demeaning over units
    does not take out the effects of periods.
    """
    dummies = np.broadcast_to(np.eye(periods)[:, None, :], (periods, units, periods))
    return dummies[:, :, 1:] - dummies[:, :, 1:].mean(axis=0) if swept else dummies.copy()

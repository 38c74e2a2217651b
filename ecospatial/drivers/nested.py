"""F tests between nested least-squares regressions: effects of units and periods, and lagged drivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats

from ..kernels.panel_effects import Sweep
from ..kernels.spatial_lag import spatial_lag
from .design import NOTHING_LEFT
from .diagnostics import Row

F_UNITS, F_PERIODS, F_SLX = "F of the unit effects", "F of the period effects", "F of the lagged drivers (SLX)"
# Share of its length that a column must keep once the ones before it are taken out.
INDEPENDENT = 1e-8


@dataclass(frozen=True)
class Squares:
    """What a regression leaves: the sum of squares and its degrees of freedom."""

    total: float
    df: int

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, sweep: Sweep) -> Squares:
        """Of y (T, n) on x (T, n, k) and effects; columns that follow from others count once."""
        basis = _basis(x, sweep)
        rows = sweep(y).ravel()
        rest = rows - basis @ (basis.T @ rows)
        return cls(float(rest @ rest), sweep.rows(*y.shape) - basis.shape[1])

    def against(self, smaller: Squares, null: str) -> Row:
        """The F test of this regression against a smaller one; ``df`` is of the numerator."""
        df = smaller.df - self.df
        if df <= 0 or self.df <= 0 or self.total <= NOTHING_LEFT * smaller.total:
            return np.nan, np.nan, np.nan, null
        statistic = (smaller.total - self.total) / df / (self.total / self.df)
        return statistic, float(df), float(stats.f.sf(statistic, df, self.df)), null


def effects_rows(y: np.ndarray, x: np.ndarray) -> dict[str, Row]:
    """F tests of the effects of units and of periods, each given the other, which would drown it otherwise.

    Spatial dependence, which they know nothing of, makes that of periods reject more often.

    Parameters
    ----------
    y : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
        The intercept among them.
    """
    both = Squares.of(y, x, Sweep(True, True))
    return {
        F_UNITS: both.against(Squares.of(y, x, Sweep(periods=True)), "all units have the same level, periods given"),
        F_PERIODS: both.against(Squares.of(y, x, Sweep(units=True)), "all periods have the same level, units given"),
    }


def lagged_drivers_row(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, sweep: Sweep, drivers: int) -> Row:
    """The F test of WX in y = X beta + WX theta + effects + e, of the last ``drivers`` columns of x (T, n, k)."""
    null = "the lagged drivers have no coefficients (theta = 0): OLS suffices"
    both = np.concatenate([x, spatial_lag(w, x[:, :, -drivers:])], axis=2)
    return Squares.of(y, both, sweep).against(Squares.of(y, x, sweep), null)


def drivers_to_lag(names: Sequence[str], x: np.ndarray, w: sparse.csr_matrix, sweep: Sweep) -> tuple[str, ...]:
    """The drivers whose spatial lags do not follow from effects, drivers and the lags before them.

    Parameters
    ----------
    names : sequence of str, k - 1
    x : ndarray, shape (T, n, k)
        The intercept, then the drivers.
    """
    lags = spatial_lag(w, x[:, :, 1:])
    basis = _basis(x, sweep)
    kept: list[str] = []
    for place, name in enumerate(names):
        rest = sweep(lags[:, :, place]).ravel()
        rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > INDEPENDENT * np.linalg.norm(lags[:, :, place]):
            basis = np.column_stack([basis, rest / size])
            kept.append(name)
    return tuple(kept)


def _basis(x: np.ndarray, sweep: Sweep) -> np.ndarray:
    """An orthonormal basis (N, r) of swept columns (T, n, k), some of which may follow from others or vanish."""
    columns, swept = (cube.reshape(-1, x.shape[2]) for cube in (x, sweep(x)))
    length = np.linalg.norm(swept, axis=0)
    left = length > INDEPENDENT * np.linalg.norm(columns, axis=0)
    basis, sizes, _ = np.linalg.svd(swept[:, left] / length[left], full_matrices=False)
    return np.asarray(basis[:, sizes > INDEPENDENT])

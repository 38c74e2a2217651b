"""Wild cluster bootstrap of linear restrictions on least squares, with the null imposed.

Cameron, Gelbach and Miller (2008, Review of Economics and Statistics 90, 414–427): residuals of the restricted fit
are multiplied by one random weight a cluster, and the Wald statistic with clustered covariance is computed anew. All
of it happens in sums over clusters (Roodman et al. 2019, Stata Journal 19, 4–60), so that rows cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from .permutation import BLOCK, sizes

# Webb (2023): six points, so that few clusters have enough distinct draws.
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
RADEMACHER = np.array([-1.0, 1.0])
TIE = 1e-9
# Directions of the covariance that are as good as nil take no part in the statistic.
SINGULAR = 1e-10
# Standard errors at which a search gives up, and how finely it ends.
UNBOUNDED, HALVINGS = 1e6, 40


@dataclass(frozen=True, eq=False)
class WildBootstrap:
    """A least-squares fit whose restrictions can be tested by the wild cluster bootstrap.

    Attributes
    ----------
    x : ndarray, shape (N, k)
        Regressors, fixed effects taken out.
    y : ndarray, shape (N,)
        Likewise.
    crossing : ndarray, shape (N, r)
        Orthonormal basis of the fixed effects that are not nested in clusters.
    clusters : ndarray, shape (N,)
        Positions from zero, each of which occurs.
    points : ndarray
        What a weight may be, each as likely.
    draws, seed : int
    """

    x: np.ndarray
    y: np.ndarray
    crossing: np.ndarray
    clusters: np.ndarray
    points: np.ndarray
    draws: int
    seed: int

    def pvalue(self, restrictions: np.ndarray) -> float:
        """The p-value of R beta = 0, (#{W* ≥ W} + 1) / (draws + 1).

        Parameters
        ----------
        restrictions : ndarray, shape (q, k)

        Returns
        -------
        float
            NaN where the clusters are too few for the covariance of the restrictions.
        """
        turn = restrictions @ self._inverse
        coefficients, residuals = self._fit
        back = turn.T @ np.linalg.solve(turn @ restrictions.T, restrictions @ coefficients)
        sums = _Sums.of(self, turn, residuals + self.x @ back)
        found = _wald(*sums.drawn(np.ones((self._groups, 1))))[0]
        if self._groups <= len(restrictions) or np.isnan(found):
            return np.nan
        beyond = 0
        for weights in self._weights(len(restrictions)):
            beyond += int((_wald(*sums.drawn(weights)) >= found * (1 - TIE)).sum())
        return (beyond + 1) / (self.draws + 1)

    def interval(self, row: np.ndarray, level: float = 0.95) -> tuple[float, float]:
        """The values of r'beta that the bootstrap does not reject, with the same draws as :meth:`pvalue`.

        Residuals with the null r'beta = c imposed are those of the fit and a multiple of one direction, so that
        numerators and variances of all draws are known at every c at once; the ends are found by bisection.

        Parameters
        ----------
        row : ndarray, shape (k,)
        level : float

        Returns
        -------
        tuple of float
            Infinite where the clusters are too few to bound it, NaN where there is no variance.
        """
        turn = row[None] @ self._inverse
        coefficients, residuals = self._fit
        parts = [_Sums.of(self, turn, own) for own in (residuals, self.x @ turn[0] / (turn[0] @ row))]
        known = float((parts[0].drawn(np.ones((self._groups, 1)))[1] ** 2).sum())
        if known <= 0:
            return np.nan, np.nan
        curves = np.concatenate(
            [_curve(*(part.drawn(weights) for part in parts)) for weights in self._weights(2)], axis=1
        )

        def accepted(distance: float) -> bool:
            above = curves[0] + distance * curves[1]
            below = curves[2] + distance * curves[3] + distance**2 * curves[4]
            beyond = (above**2 >= below * (distance**2 / known * (1 - TIE))).sum()
            return bool((beyond + 1) / (self.draws + 1) > 1 - level)

        centre, step = float(row @ coefficients), float(np.sqrt(known))
        return centre - _farthest(accepted, step), centre + _farthest(lambda distance: accepted(-distance), step)

    @cached_property
    def _groups(self) -> int:
        return int(self.clusters.max()) + 1

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.asarray(np.linalg.inv(self.x.T @ self.x))

    @cached_property
    def _fit(self) -> tuple[np.ndarray, np.ndarray]:
        coefficients = self._inverse @ (self.x.T @ self.y)
        return coefficients, self.y - self.x @ coefficients

    def _weights(self, width: int) -> Iterator[np.ndarray]:
        """Random weights (G, b) of the clusters in blocks, the same for every test whatever the size of the blocks."""
        rng = np.random.Generator(np.random.PCG64(self.seed))
        for size in sizes(self.draws, BLOCK // (self._groups * width)):
            yield np.ascontiguousarray(rng.choice(self.points, size=(size, self._groups)).T)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over clusters of residuals, from which every statistic follows.

    Attributes
    ----------
    slopes : ndarray, shape (k, G)
        What each cluster's residuals, at weight one, add to the coefficients.
    crossing : ndarray, shape (r, G)
        Likewise to the fixed effects.
    own : ndarray, shape (q, G)
        Scores of the restrictions before coefficients and effects are taken out of residuals.
    by_slopes : ndarray, shape (q, G, k)
    by_crossing : ndarray, shape (q, G, r)
        What coefficients and effects take out of them.
    """

    slopes: np.ndarray
    crossing: np.ndarray
    own: np.ndarray
    by_slopes: np.ndarray
    by_crossing: np.ndarray

    @classmethod
    def of(cls, fit: WildBootstrap, turn: np.ndarray, residuals: np.ndarray) -> _Sums:
        """Of residuals (N,), for restrictions times the inverse of X'X, (q, k)."""
        rest, projected = residuals[:, None], fit.x @ turn.T
        members = sparse.csr_matrix((np.ones(len(fit.y)), (fit.clusters, np.arange(len(fit.y)))))
        return cls(
            slopes=fit._inverse @ np.asarray(members @ (fit.x * rest)).T,
            crossing=np.asarray(members @ (fit.crossing * rest)).T,
            own=np.asarray(members @ (projected * rest)).T,
            by_slopes=np.stack([members @ (fit.x * column[:, None]) for column in projected.T]),
            by_crossing=np.stack([members @ (fit.crossing * column[:, None]) for column in projected.T]),
        )

    def drawn(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """R beta* - R beta (q, b) and scores of the clusters (q, G, b) where residuals get weights (G, b)."""
        taken = self.by_slopes @ (self.slopes @ weights) + self.by_crossing @ (self.crossing @ weights)
        return self.own @ weights, self.own[:, :, None] * weights - taken


def _wald(values: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Wald statistics (b,), but for a factor; NaN where undefined."""
    by_draw = np.moveaxis(scores, 2, 0)
    meat = by_draw @ np.swapaxes(by_draw, 1, 2)
    size = np.sqrt(np.einsum("bii->bi", meat))
    unit = np.where(size > 0, size, 1.0)
    scaled, correlation = values.T / unit, meat / unit[:, :, None] / unit[:, None, :]
    found = np.einsum("bp,bpq,bq->b", scaled, np.linalg.pinv(correlation, SINGULAR, hermitian=True), scaled)
    return np.where((size > 0).all(axis=1), found, np.nan)


def _curve(free: tuple[np.ndarray, np.ndarray], moved: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Coefficients by powers of the distance, of numerators (2 rows) and of variances (3 rows), shape (5, b)."""
    one, other = free[1][0], moved[1][0]
    squares = (one**2).sum(axis=0), 2 * (one * other).sum(axis=0), (other**2).sum(axis=0)
    return np.stack([free[0][0], moved[0][0], *squares])


def _farthest(accepted: Callable[[float], bool], step: float) -> float:
    """The end of the interval of distances that are accepted."""
    low, high = 0.0, step
    while accepted(high):
        low, high = high, 2 * high
        if high > UNBOUNDED * step:
            return np.inf
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if accepted(middle) else (low, middle)
    return low

"""The highest maximum of a random-effects likelihood: a grid for the starts, a climb along the analytic score."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import maximum_filter
from scipy.optimize import minimize

from .between_variance import ScaledFamily
from .logdet import Derivatives, LogDeterminant
from .random_likelihood import Point, RandomLikelihood

# The grid of τ = ln(1 + Tφ), its end, and how thin the grid is where every point takes a factorisation.
TAUS = (0.0, 0.5, 1.0, 2.0, 3.5, 5.0, 7.0)
LARGEST_TAU = 30.0
THIN = 4
STARTS = 2
POLISHES, BOXES = 3, 10


@dataclass(frozen=True, eq=False)
class Top:
    """A maximum, theta = (rho, λ, τ).

    Attributes
    ----------
    theta : ndarray, shape (3,)
    point : Point
    information : ndarray, shape (k + 3, k + 3)
        Observed, of (a, rho, λ, τ).
    traces : tuple of float, or None
        tr G and tr G² at rho, where it is sought.
    """

    theta: np.ndarray
    point: Point
    information: np.ndarray
    traces: tuple[float, float] | None

    @property
    def at_zero(self) -> bool:
        """Whether the random effects have no variance."""
        return bool(self.theta[2] == 0.0)


@dataclass(frozen=True, eq=False)
class Climb:
    """Where a climb ended, and the log-determinants around there."""

    theta: np.ndarray
    point: Point
    of_rho: Derivatives | None
    of_lambda: Derivatives | None


@dataclass(frozen=True, eq=False)
class Search:
    """Where to look.

    Attributes
    ----------
    likelihood : RandomLikelihood
    determinant : LogDeterminant or None
        Of I − rW; None where neither parameter is sought.
    lag, error : bool
        Whether rho and λ are sought.
    """

    likelihood: RandomLikelihood
    determinant: LogDeterminant | None
    lag: bool
    error: bool

    def top(self) -> Top | None:
        """The highest maximum, None where it lies at a bound of rho or λ."""
        best = self._best()
        return None if any(self._at_end(best.theta[place]) for place in self._sought()) else self._polished(best)

    def _best(self) -> Climb:
        return max((self._climb(start) for start in self._starts()), key=lambda climb: climb.point.loglik)

    def _sought(self) -> np.ndarray:
        return np.flatnonzero([self.lag, self.error])

    @property
    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        return (np.zeros(1), np.zeros(1)) if self.determinant is None else self.determinant.grid

    def _at_end(self, r: float) -> bool:
        points, _ = self._grid
        return bool(r in points[[0, -1]])

    def _starts(self) -> list[np.ndarray]:
        """The highest local maxima on a grid.

        A likelihood that takes a factorisation at every point is looked at on a thin grid, and from the
        maximum of the cheap one whose random effects pass through the filter.
        """
        grid, logdets = self._grid
        if isinstance(self.likelihood.family, ScaledFamily):
            return self._peaks(grid, logdets, TAUS)
        family, between = ScaledFamily(self.likelihood.units), self.likelihood.between.packed()
        first = replace(self, likelihood=replace(self.likelihood, family=family, between=between))._best().theta
        thin = slice(THIN // 2, None, THIN)
        others = self._peaks(grid[thin], logdets[thin], TAUS[1::2])
        return [first, *(start for start in others if not self._beside(start, first))]

    def _beside(self, start: np.ndarray, other: np.ndarray) -> bool:
        """Whether two starts lie within one cell of the thin grid."""
        along = self.determinant.bounds.to_s if self.determinant is not None else abs
        steps = [2 * abs(along(start[place]) - along(other[place])) for place in self._sought()]
        return bool(max(steps) <= THIN and abs(start[2] - other[2]) <= THIN)

    def _peaks(self, grid: np.ndarray, logdets: np.ndarray, taus: tuple[float, ...]) -> list[np.ndarray]:
        rhos, of_rho = (grid, logdets) if self.lag else (np.zeros(1), np.zeros(1))
        lams, of_lambda = (grid, logdets) if self.error else (np.zeros(1), np.zeros(1))
        heights = np.array([[self.likelihood.heights(rhos, lam, tau) for tau in taus] for lam in lams])
        heights += self.likelihood.periods * (of_rho + of_lambda[:, None, None])
        peaks = np.argwhere(heights == maximum_filter(heights, size=3, mode="nearest"))
        highest = sorted(peaks, key=lambda peak: -heights[tuple(peak)])[:STARTS]
        return [np.array([rhos[i], lams[j], taus[k]]) for j, k, i in highest]

    def _climb(self, start: np.ndarray) -> Climb:
        """Climb within the cells of the grid around a start, and go on where the way leads out of them."""
        theta = start
        for _ in range(BOXES):
            box = self._box(theta)
            of_rho, of_lambda = self._determinants(box)
            theta = self._ascend(theta, box, of_rho, of_lambda)
            if not any(theta[place] in box[place] and not self._at_end(theta[place]) for place in self._sought()):
                break
        return Climb(theta, self.likelihood.at(theta, of_rho, of_lambda), of_rho, of_lambda)

    def _box(self, theta: np.ndarray) -> list[tuple[float, float]]:
        grid, box = self._grid[0], [(0.0, 0.0), (0.0, 0.0), (0.0, LARGEST_TAU)]
        for place in self._sought():
            centre = int(np.argmin(np.abs(grid - theta[place])))
            box[place] = (float(grid[max(centre - 1, 0)]), float(grid[min(centre + 1, len(grid) - 1)]))
        return box

    def _determinants(self, box: list[tuple[float, float]]) -> tuple[Derivatives | None, Derivatives | None]:
        if self.determinant is None:
            return None, None
        of_rho = self.determinant.near(*box[0]) if self.lag else None
        return of_rho, self.determinant.near(*box[1]) if self.error else None

    def _ascend(
        self,
        theta: np.ndarray,
        box: list[tuple[float, float]],
        of_rho: Derivatives | None,
        of_lambda: Derivatives | None,
    ) -> np.ndarray:
        count = self.likelihood.observations
        free = np.append(self._sought(), 2)

        def fall(values: np.ndarray) -> tuple[float, np.ndarray]:
            full = np.zeros(3)
            full[free] = values
            point = self.likelihood.at(full, of_rho, of_lambda)
            return -point.loglik / count, -point.score[free] / count

        options = {"ftol": 1e-13, "gtol": 1e-7}
        bounds = [box[place] for place in free]
        found = np.zeros(3)
        found[free] = minimize(fall, theta[free], jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        return found

    def _polished(self, climb: Climb) -> Top:
        """Newton steps with the observed information, as long as they bring the score nearer to zero."""
        theta, point, determinants = climb.theta, climb.point, (climb.of_rho, climb.of_lambda)
        information = self.likelihood.information(theta, point, *determinants)
        for _ in range(POLISHES):
            step = self._step(theta, point.score, information)
            ahead = self.likelihood.at(theta + step, *determinants)
            if not np.abs(ahead.score[step != 0]).sum() < np.abs(point.score[step != 0]).sum():
                break
            theta, point = theta + step, ahead
        information = self.likelihood.information(theta, point, *determinants)
        return Top(theta, point, information, None if climb.of_rho is None else climb.of_rho.traces(theta[0]))

    def _step(self, theta: np.ndarray, score: np.ndarray, information: np.ndarray) -> np.ndarray:
        """The coefficients are at their best, so their part of the score is zero."""
        at_bound = theta[2] == 0.0
        free = self._sought() if at_bound else np.append(self._sought(), 2)
        k = len(information) - 3
        active = np.concatenate([np.arange(k), k + free])
        step = np.zeros(3)
        if len(free):
            whole = np.linalg.solve(information[np.ix_(active, active)], np.append(np.zeros(k), score[free]))
            step[free] = whole[k:]
        return step

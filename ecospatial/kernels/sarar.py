"""Maximum likelihood of the model with both a spatial lag and a spatial error, SAC or SARAR.

    y = rho Wy + X beta + u,    u = lambda Wu + e

with one W for both (Anselin 1988, section 8.1; Kelejian and Prucha 1998). The likelihood often has two maxima, since a
lag and an error explain much the same; so it is laid out on a grid over both parameters before it is climbed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, root

from .likelihood import Maximum, Sample, Squares, gaussian
from .logdet import Derivatives, LogDeterminant

# So many peaks of the grid are climbed.
CONTENDERS = 3
# Slopes per observation, and differences of heights, that are rounding error.
FLAT = 1e-9


def fit_sarar(sample: Sample, determinant: LogDeterminant) -> Maximum | None:
    """Fit rho and lambda; None where the likelihood has no maximum inside the bounds."""
    squares = Squares.of(sample)
    found = [_climb(sample, squares, determinant, *peak) for peak in _peaks(sample, squares, determinant)]
    inside = [maximum for maximum in found if maximum is not None]
    return max(inside, key=lambda maximum: maximum.loglik, default=None)


def _peaks(sample: Sample, squares: Squares, determinant: LogDeterminant) -> list[tuple[int, int]]:
    """The highest places of the grid that no neighbour tops, none where the highest lies on the rim."""
    grid, logdets = determinant.grid
    heights = np.array(
        [[gaussian(squares.at(rho, lam)[0], sample.observations) for lam in grid.tolist()] for rho in grid.tolist()]
    )
    heights += sample.spectra * (logdets[:, None] + logdets)
    rimmed = np.pad(heights, 1, constant_values=-np.inf)
    count = len(grid)
    around = [
        np.roll(rimmed, (-down, -right), axis=(0, 1))[1:-1, 1:-1]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if (down, right) != (0, 0)
    ]
    tops = np.argwhere(heights >= np.max(around, axis=0))
    ordered = sorted(tops.tolist(), key=lambda place: -heights[tuple(place)])
    inner = [(rho, lam) for rho, lam in ordered if 0 < rho < count - 1 and 0 < lam < count - 1]
    return inner[:CONTENDERS] if ordered[0] == list(inner[0] if inner else ()) else []


def _climb(sample: Sample, squares: Squares, determinant: LogDeterminant, rho: int, lam: int) -> Maximum | None:
    """From a place of the grid to the top, cell by cell, since ridges run askew."""
    grid, _ = determinant.grid
    places = np.array([rho, lam])
    point = grid[places]
    for _ in grid:
        cells = [(float(grid[place - 1]), float(grid[place + 1])) for place in places]
        near = determinant.near(*cells[0]), determinant.near(*cells[1])
        surface = Surface(sample, squares, near)
        edge, top = surface.climb(point, cells)
        if top is not None:
            return Maximum.at(sample, float(top[0]), float(top[1]), near)
        # On the edge of its cell the climb goes on in the next; on the rim of the grid there is no top.
        nearest = np.array([int(np.argmin(np.abs(grid - r))) for r in edge])
        if (nearest == places).all() or (nearest == 0).any() or (nearest == len(grid) - 1).any():
            return None
        places, point = nearest, edge
    return None


@dataclass(frozen=True, eq=False)
class Surface:
    """The concentrated log-likelihood on a cell of (rho, lambda)."""

    sample: Sample
    squares: Squares
    near: tuple[Derivatives, Derivatives]

    def at(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its score."""
        rho, lam = (float(r) for r in point)
        count, spectra = self.sample.observations, self.sample.spectra
        total, *slopes = self.squares.at(rho, lam)
        logdets = self.near[0].logdet(rho) + self.near[1].logdet(lam)
        traces = np.array([self.near[0].traces(rho)[0], self.near[1].traces(lam)[0]])
        return gaussian(total, count) + spectra * logdets, -count / 2 * np.array(slopes) / total - spectra * traces

    def climb(self, start: np.ndarray, cells: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray | None]:
        """The highest point of the cell by a quasi-Newton search, and the root of the score where it lies inside."""
        low, high = np.array(cells).T

        def depth(point: np.ndarray) -> tuple[float, np.ndarray]:
            # A step of the root search must not leave the interval on which the filters are regular.
            loglik, score = self.at(np.clip(point, low, high))
            return -loglik / self.sample.observations, -score / self.sample.observations

        edge = minimize(depth, start, jac=True, method="L-BFGS-B", bounds=cells).x
        top = root(lambda point: depth(point)[1], edge, tol=1e-13).x
        (lowest, _), (found, slope) = depth(edge), depth(top)
        inside = bool(((low < top) & (top < high)).all())
        return edge, top if inside and np.abs(slope).max() < FLAT and found <= lowest + FLAT else None

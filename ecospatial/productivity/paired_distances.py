"""The smooth joint distribution of the distances of two periods, from which a bootstrap draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..efficiency.smoothing import ONE


@dataclass(frozen=True, eq=False)
class PairedDistances:
    """A bivariate kernel density of distances of one and more, reflected at one in both periods.

    Attributes
    ----------
    distances : ndarray (N, 2)
        Of the units that are there in both periods.
    bandwidth : float
        In standard deviations of the distances.
    """

    distances: np.ndarray
    bandwidth: float

    @classmethod
    def of(cls, distances: np.ndarray, bandwidth: float | None = None) -> PairedDistances:
        """With a given bandwidth, or that of the normal reference rule, (4 / 5N)^(1/6) (Silverman 1986, eq. 4.14)."""
        kept = np.where(distances < 1.0 + ONE, 1.0, distances)
        return cls(kept, (4.0 / (5.0 * len(kept))) ** (1.0 / 6.0) if bandwidth is None else bandwidth)

    def draw(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Pairs of distances of one and more (Simar & Wilson 1999, section 4).

        A unit is drawn with both its distances, each reflected or not, and moved by a kernel with the covariance of
        the distances, whose sign turns with a reflection. All are drawn together again so that their variance is
        that of the distances, and at last reflected back.

        Parameters
        ----------
        count : int
        generator : Generator

        Returns
        -------
        ndarray (count, 2)
        """
        drawn = self.distances[generator.integers(0, len(self.distances), count)]
        side = generator.choice([-1.0, 1.0], (count, 2))
        kernel = generator.standard_normal((count, 2)) @ self._root().T
        reflected = 1.0 + side * (drawn - 1.0)
        middle = reflected.mean(axis=0)
        together = middle + (reflected + self.bandwidth * side * kernel - middle) / np.hypot(1.0, self.bandwidth)
        return np.asarray(1.0 + np.abs(together - 1.0))

    def _root(self) -> np.ndarray:
        """Shape (2, 2): the lower triangle whose product with its transpose is the covariance of the distances."""
        (first, both), (_, second) = np.cov(self.distances, rowvar=False)
        slope = both / np.sqrt(first) if first > 0 else 0.0
        return np.array([[np.sqrt(first), 0.0], [slope, np.sqrt(max(second - slope**2, 0.0))]])

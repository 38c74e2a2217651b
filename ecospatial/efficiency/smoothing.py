"""The smooth distribution of distances from which a bootstrap draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ONE = 1e-6  # a distance within this of one is one


@dataclass(frozen=True, eq=False)
class Smoothed:
    """A kernel density of distances of one and more, reflected at one so that none is lost beyond it.

    Attributes
    ----------
    distances : ndarray (n,)
    bandwidth : float
    """

    distances: np.ndarray
    bandwidth: float

    @classmethod
    def of(cls, distances: np.ndarray, bandwidth: float | None = None) -> Smoothed:
        """With a given bandwidth, or the one of :func:`reflected_bandwidth`."""
        kept = np.where(distances < 1.0 + ONE, 1.0, distances)
        return cls(kept, reflected_bandwidth(kept) if bandwidth is None else bandwidth)

    def draw(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Distances of one and more (Daraio & Simar 2007, section 3.4).

        What is drawn from the reflected sample is moved by the kernel, drawn together again so that its variance is
        that of the reflected sample, and at last reflected back.

        Parameters
        ----------
        count : int
        generator : Generator

        Returns
        -------
        ndarray (count,)
        """
        reflected = np.concatenate([self.distances, 2.0 - self.distances])
        drawn = reflected[generator.integers(0, len(reflected), count)]
        moved = drawn + self.bandwidth * generator.standard_normal(count)
        middle, spread = drawn.mean(), reflected.var(ddof=1)
        together = middle + (moved - middle) / np.sqrt(1.0 + self.bandwidth**2 / spread)
        return np.asarray(1.0 + np.abs(together - 1.0))


def reflected_bandwidth(distances: np.ndarray) -> float:
    """The normal reference rule for reflected distances, without the spurious mass at one.

    With the m distances above one, reflected to 2m points of standard deviation s, h = 0.9 min(s, IQR/1.34)
    (2m)^(−1/5) is the rule of Silverman (1986, eq. 3.31). To all n distances, of standard deviation sₙ, it is brought
    by the factor (2m/n)^(1/5) sₙ/s (Daraio & Simar 2007, eq. 3.26).

    Parameters
    ----------
    distances : ndarray (n,)
        One and more.

    Returns
    -------
    float
        Zero where fewer than two are above one.

    Examples
    --------
    >>> round(reflected_bandwidth(np.array([1.0, 1.0, 1.2, 1.5, 1.9])), 4)
    0.2392
    """
    above = distances[distances > 1.0]
    if len(above) < 2:
        return 0.0
    reflected = np.concatenate([above, 2.0 - above])
    spread, quartiles = reflected.std(ddof=1), np.subtract(*np.quantile(reflected, [0.75, 0.25]))
    rule = 0.9 * min(spread, quartiles / 1.34) * len(reflected) ** -0.2
    return float(rule * (len(reflected) / len(distances)) ** 0.2 * distances.std(ddof=1) / spread)

"""GCJ-02, the shifted coordinates of Chinese web maps, and the way back to WGS 84.

The shift is the public formula that map programs share; it has no inverse in closed form, but it changes so
slowly that subtracting it repeatedly comes to the point itself.
"""

from __future__ import annotations

import numpy as np

AXIS = 6378245.0
SQUARED_ECCENTRICITY = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
ROUNDS = 10


def to_gcj02(points: np.ndarray) -> np.ndarray:
    """WGS 84 to GCJ-02; points outside China stay.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Degrees of longitude and latitude.

    Examples
    --------
    >>> to_gcj02(np.array([[116.391, 39.907]])).round(4).tolist()
    [[116.3972, 39.9084]]
    """
    longitude, latitude = points[:, 0], points[:, 1]
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    north += 2 / 3 * (ripple + _waves(y, (20, 1.0), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    east += 2 / 3 * (ripple + _waves(x, (20, 1.0), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    radians = np.deg2rad(latitude)
    flat = 1 - SQUARED_ECCENTRICITY * np.sin(radians) ** 2
    shift = np.column_stack(
        [
            np.rad2deg(east * np.sqrt(flat) / (AXIS * np.cos(radians))),
            np.rad2deg(north * flat**1.5 / (AXIS * (1 - SQUARED_ECCENTRICITY))),
        ]
    )
    inside = (longitude >= WEST) & (longitude <= EAST) & (latitude >= SOUTH) & (latitude <= NORTH)
    return np.asarray(np.where(inside[:, None], points + shift, points))


def from_gcj02(points: np.ndarray) -> np.ndarray:
    """GCJ-02 to WGS 84, to a tenth of a millimetre.

    Parameters
    ----------
    points : ndarray, shape (n, 2)

    Examples
    --------
    >>> here = np.array([[116.391, 39.907]])
    >>> bool(np.abs(from_gcj02(to_gcj02(here)) - here).max() < 1e-9)
    True
    """
    found = points
    for _ in range(ROUNDS):
        found = found + points - to_gcj02(found)
    return found


def _waves(of: np.ndarray, *waves: tuple[float, float]) -> np.ndarray:
    return np.asarray(sum(height * np.sin(np.pi * pitch * of) for height, pitch in waves))

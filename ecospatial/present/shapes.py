"""Geometry made light enough for a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from ..geo.boundaries import Boundaries


def simplified(shapes: np.ndarray, detail: int = 1500) -> np.ndarray:
    """Shapes without the points that a picture ``detail`` pixels wide cannot show.

    Parameters
    ----------
    shapes : ndarray of Shapely geometries, shape (n,)
    detail : int
        Resolution of the longer side.

    Returns
    -------
    ndarray of Shapely geometries, shape (n,)
        Neighbours keep common borders where Shapely can (2.1 or later, for polygons).
    """
    west, south, east, north = shapely.total_bounds(shapes)
    tolerance = max(east - west, north - south) / detail
    if not tolerance > 0:
        return shapes
    areal = bool((shapely.get_dimensions(shapes) == 2).all())
    if areal and hasattr(shapely, "coverage_simplify") and shapely.geos_version >= (3, 12, 0):
        return np.asarray(shapely.coverage_simplify(shapes, tolerance))
    return np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=True))


def looks_geographic(boundaries: Boundaries) -> bool:
    """Whether coordinates are degrees: by the CRS, or without one by their range.

    Small positive coordinates without a CRS are as likely those of a plan.
    """
    if boundaries.crs is not None:
        return boundaries.geographic
    west, south, east, north = shapely.total_bounds(boundaries.geometry)
    on_the_globe = west >= -180 and east <= 360 and south >= -90 and north <= 90
    return bool(on_the_globe and (west < 0 or east > 60))


def has_degrees(boundaries: Boundaries) -> bool:
    """Whether coordinates are, or can be turned into, longitude and latitude."""
    return boundaries.crs is not None or looks_geographic(boundaries)


def in_degrees(boundaries: Boundaries) -> np.ndarray:
    """Geometry in longitude and latitude.

    Raises
    ------
    MissingPackageError
        Where a projected layer needs geopandas to be turned back.
    """
    if looks_geographic(boundaries):
        return boundaries.geometry
    turned: Any = boundaries.to_geodataframe().to_crs("EPSG:4326")
    return np.asarray(turned.geometry.array, dtype=object)

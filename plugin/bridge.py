"""Features to tables and boundaries, and tables to features, through the QGIS API alone."""

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingException,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QVariant

from . import core

DATES = ("period_start", "period_end")
WEB_MERCATOR = ("EPSG:3857", "EPSG:900913")


def source(features, context, feedback):
    """Rows, and geometry where there is any, of a QGIS feature source (selection and NULLs respected)."""
    pandas = __import__("pandas")
    names = [field.name() for field in features.fields()]
    request = QgsFeatureRequest()
    crs = features.sourceCrs()
    if crs.authid() in WEB_MERCATOR:  # its distances grow with latitude
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        request.setDestinationCrs(crs, context.transformContext())
    mapped = features.wkbType() not in (QgsWkbTypes.NoGeometry, QgsWkbTypes.Unknown)
    if not mapped:
        request.setFlags(QgsFeatureRequest.NoGeometry)
    rows, shapes = [], []
    for feature in features.getFeatures(request):
        if feedback.isCanceled():
            raise QgsProcessingException("Cancelled.")
        rows.append([plain(value) for value in feature.attributes()])
        shapes.append(shape(feature.geometry()) if mapped else None)
    frame = pandas.DataFrame(rows, columns=names)
    geometry = None
    if mapped:
        geometry = np.empty(len(shapes), dtype=object)
        geometry[:] = shapes
    made = core.module("source").Source
    return made(frame.infer_objects(), geometry, crs_text(crs), features.sourceName())


def plain(value):
    """A QGIS attribute as Python has it: NULL is None, dates are text."""
    if value is None or (isinstance(value, QVariant) and value.isNull()):
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString("yyyy-MM-dd")
    return value


def shape(geometry):
    """A Shapely geometry, or None."""
    if geometry is None or geometry.isNull() or geometry.isEmpty():
        return None
    return __import__("shapely").from_wkb(bytes(geometry.asWkb()))


def crs_text(crs):
    """A CRS as the core reads it: WKT where geographic, so that its degrees are seen, else its code."""
    if not crs.isValid():
        return None
    if crs.authid() == "EPSG:4326":
        return "EPSG:4326"
    return crs.toWkt() if crs.isGeographic() or not crs.authid() else crs.authid()


def crs_of(text):
    """A QGIS CRS of the core's text."""
    return QgsCoordinateReferenceSystem(text) if text else QgsCoordinateReferenceSystem()


def flat(frame):
    """The index of a table as columns; a nameless counter is dropped."""
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index() if named else frame.reset_index(drop=True)


def with_dates(rows):
    """The rows with the first and last day of their period, where periods are years."""
    years = rows["period"].astype(str)
    return rows.assign(period_start=years + "-01-01", period_end=years + "-12-31")


def fields(table):
    """QGIS fields of a table."""
    made = QgsFields()
    for name in table.columns:
        made.append(field(str(name), table[name]))
    return made


def field(name, column):
    """A QGIS field; newer versions name types by QMetaType, 3.22 by QVariant."""
    kind = column.dtype.kind
    if name in DATES:
        return QgsField(name, QVariant.Date)
    if kind in "iu":
        return QgsField(name, QVariant.LongLong)
    if kind == "b":
        return QgsField(name, QVariant.Bool)
    if kind == "f":
        return QgsField(name, QVariant.Double)
    return QgsField(name, QVariant.String)


def attribute(value, numeric, date):
    """A cell as QGIS takes it: NaN and None are NULL."""
    if value is None or value != value:
        return None
    if date:
        return QDate.fromString(value, "yyyy-MM-dd")
    if numeric:
        return value.item() if hasattr(value, "item") else value
    return str(value)


def fill(sink, table, made_fields, shapes, feedback):
    """Write a table into a sink; ``shapes`` is row-aligned or None."""
    shapely = __import__("shapely")
    numeric = [column.dtype.kind in "iubf" for _, column in table.items()]
    dates = [str(name) in DATES for name in table.columns]
    for place, row in enumerate(table.itertuples(index=False, name=None)):
        if feedback.isCanceled():
            raise QgsProcessingException("Cancelled.")
        feature = QgsFeature(made_fields)
        feature.setAttributes([attribute(*parts) for parts in zip(row, numeric, dates)])
        if shapes is not None and shapes[place] is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(shapely.to_wkb(shapes[place]))
            feature.setGeometry(geometry)
        sink.addFeature(feature, QgsFeatureSink.FastInsert)


def row_shapes(frame, boundaries, repeat):
    """Polygons aligned with the rows of a unit table; those of the last period only, unless repeated."""
    units = frame.index.get_level_values("unit")
    places = boundaries.ids.get_indexer(units)
    shapes = np.append(boundaries.geometry, [None])[places]
    if "period" in frame.index.names and not repeat:
        periods = frame.index.get_level_values("period")
        shapes = np.where(np.asarray(periods == periods.max()), shapes, None)
    return shapes

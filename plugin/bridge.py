"""Features to tables and boundaries, and tables to features, through the QGIS API alone."""

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime, QVariant

from . import core

RESERVED = ("fid", "ogc_fid", "geometry", "geom")
FIELD_TYPES = {"i": QVariant.LongLong, "u": QVariant.LongLong, "b": QVariant.Bool, "f": QVariant.Double}
DATES = ("period_start", "period_end")
WEB_MERCATOR = ("EPSG:3857", "EPSG:900913")


def source(features, context, feedback):
    """Rows, and geometry where there is any, of a QGIS feature source (selection and NULLs respected)."""
    request = QgsFeatureRequest()
    crs = features.sourceCrs()
    if crs.authid() in WEB_MERCATOR:  # its distances grow with latitude
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        request.setDestinationCrs(crs, context.transformContext())
        feedback.pushInfo("Web Mercator stretches distances; the layer is read in degrees (EPSG:4326).")
    mapped = features.wkbType() not in (QgsWkbTypes.NoGeometry, QgsWkbTypes.Unknown)
    if not mapped:
        request.setFlags(QgsFeatureRequest.NoGeometry)
    rows, shapes = [], []
    # The core repairs invalid rings itself; QGIS's own check would stop or drop the feature.
    for feature in features.getFeatures(request, QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks):
        if feedback.isCanceled():
            raise core.module("errors").Cancelled()
        rows.append([plain(value) for value in feature.attributes()])
        shapes.append(shape(feature.geometry()) if mapped else None)
    made = core.module("source").Source
    return made(table(rows, features.fields()), geometries(shapes, mapped), crs_text(crs), features.sourceName())


def table(rows, fields):
    """Rows as a data frame; text that is all numbers, as OGR reads csv files, becomes numbers."""
    pandas = core.library("pandas")
    names = [field.name() for field in fields]
    frame = pandas.DataFrame(rows, columns=names).infer_objects()
    if fields.count() and all(field.type() == QVariant.String for field in fields):
        typed = core.module("cells").typed
        columns = [typed(column.fillna("")) for _, column in frame.items()]
        frame = pandas.concat(columns, axis=1, keys=range(len(names))).set_axis(names, axis=1)
    return frame


def geometries(shapes, mapped):
    """Shapely geometries as an array, or None."""
    if not mapped:
        return None
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def plain(value):
    """A QGIS attribute as Python has it: NULL is None, dates and other rare kinds are text."""
    if value is None or (isinstance(value, QVariant) and value.isNull()):
        return None
    if isinstance(value, QDate):
        return value.toString("yyyy-MM-dd")
    if isinstance(value, (QDateTime, QTime)):
        return value.toString(Qt.ISODate)
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def shape(geometry):
    """A Shapely geometry, or None."""
    if geometry is None or geometry.isNull() or geometry.isEmpty():
        return None
    if QgsWkbTypes.isCurvedType(geometry.wkbType()):
        geometry = QgsGeometry(geometry.constGet().segmentize())
    return core.library("shapely").from_wkb(bytes(geometry.asWkb()))


def crs_text(crs):
    """A CRS as the core reads it: WKT where geographic, so that its degrees are seen, else its code."""
    if not crs.isValid():
        return None
    if crs.authid() == "EPSG:4326":
        return "EPSG:4326"
    return crs.toWkt(crs.WKT_PREFERRED) if crs.isGeographic() or not crs.authid() else crs.authid()


def crs_of(text):
    """A QGIS CRS of the core's text."""
    return QgsCoordinateReferenceSystem(text) if text else QgsCoordinateReferenceSystem()


def flat(frame):
    """The index of a table as columns; a nameless counter is dropped, names that a file cannot hold are changed."""
    named = [name for name in frame.index.names if name is not None]
    clear = frame.rename(columns={name: f"{name}_value" for name in frame.columns if name in named})
    rows = clear.reset_index() if named else clear.reset_index(drop=True)
    return rows.rename(columns={name: f"{name}_" for name in rows.columns if str(name).lower() in RESERVED})


def with_dates(rows):
    """The rows with the first and last day of their period, or None where periods are no years."""
    years = rows["period"].astype(str)
    if not years.str.fullmatch(r"\d{4}").all():
        return None
    rows = rows.drop(columns=[name for name in DATES if name in rows.columns])
    return rows.assign(period_start=years + "-01-01", period_end=years + "-12-31")


def fields(rows, dated):
    """QGIS fields of a table; newer versions name types by QMetaType, 3.22 by QVariant."""
    made = QgsFields()
    for name in rows.columns:
        kind = QVariant.Date if dated and name in DATES else FIELD_TYPES.get(rows[name].dtype.kind, QVariant.String)
        made.append(QgsField(str(name), kind))
    return made


def built(rows, made_fields, shapes, feedback):
    """Every feature of a table, made before a sink is opened; ``shapes`` is row-aligned or None."""
    shapely = core.library("shapely")
    numeric = [rows[name].dtype.kind in FIELD_TYPES for name in rows.columns]
    dates = [field.type() == QVariant.Date for field in made_fields]
    features = []
    for place, row in enumerate(rows.itertuples(index=False, name=None)):
        if feedback.isCanceled():
            raise core.module("errors").Cancelled()
        feature = QgsFeature(made_fields)
        feature.setAttributes([attribute(*parts) for parts in zip(row, numeric, dates)])
        if shapes is not None and shapes[place] is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(shapely.to_wkb(shapes[place]))
            feature.setGeometry(geometry)
        features.append(feature)
    return features


def attribute(value, numeric, date):
    """A cell as QGIS takes it: NaN and None are NULL."""
    if value is None or value != value:
        return None
    if date:
        return QDate.fromString(value, "yyyy-MM-dd")
    if numeric:
        return value.item() if hasattr(value, "item") else value
    return str(value)


def row_shapes(frame, boundaries, repeat):
    """Polygons aligned with the rows of a unit table: on the last row of each unit, or on all where repeated."""
    units = frame.index.get_level_values("unit")
    places = boundaries.ids.get_indexer(units)
    shapes = np.append(boundaries.geometry, [None])[places]
    if "period" in frame.index.names and not repeat:
        periods = frame.index.get_level_values("period")
        order = np.argsort(np.asarray(periods), kind="stable")
        last = np.zeros(len(frame), dtype=bool)
        last[order[~units[order].duplicated(keep="last")]] = True
        shapes = np.where(last, shapes, None)
    return shapes


def one_kind(shapes):
    """Shapes as one multi-part type that a layer can hold, and that type."""
    shapely = core.library("shapely")
    present = [shape for shape in shapes if shape is not None]
    highest = max((shapely.get_dimensions(shape) for shape in present), default=2)
    kind, collect = multi_types(shapely)[int(highest)]
    made = [None if shape is None else collect(parts_of(shapely, shape, highest)) for shape in shapes]
    return made, kind


def parts_of(shapely, shape, dimension):
    """The simple parts of a shape that have the dimension."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if shapely.get_dimensions(part) == dimension]


def multi_types(shapely):
    """The multi-part type of each dimension, and how Shapely makes it."""
    return (
        (QgsWkbTypes.MultiPoint, shapely.multipoints),
        (QgsWkbTypes.MultiLineString, shapely.multilinestrings),
        (QgsWkbTypes.MultiPolygon, shapely.multipolygons),
    )

"""Ports of the frozen description as QGIS parameters."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

LARGEST_INTEGER = 2**31 - 1  # of the spin box of a dialog
POLYGON_STYLES = ("unit-period", "unit")


def parameter(port, words):
    """The QGIS parameter of one port."""
    empty = not port["required"] and port["default"] in (None, "", [])
    made = MAKERS[port["kind"]](port, words(port["title"]), empty)
    if port["help"]:
        made.setHelp(words(port["help"]))
    if port["advanced"]:
        made.setFlags(made.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    return made


def _table(port, title, optional):
    return QgsProcessingParameterFeatureSource(port["name"], title, [QgsProcessing.TypeVector], optional=optional)


def _polygons(port, title, optional):
    kinds = [QgsProcessing.TypeVectorAnyGeometry]
    return QgsProcessingParameterFeatureSource(port["name"], title, kinds, optional=optional)


def _column(port, title, optional, many=False):
    kind = QgsProcessingParameterField.Numeric if port["numeric"] else QgsProcessingParameterField.Any
    return QgsProcessingParameterField(
        port["name"], title, None, port["table"], kind, allowMultiple=many, optional=optional
    )


def _columns(port, title, optional):
    return _column(port, title, optional, many=True)


def _choice(port, title, optional):
    choices = [str(choice) for choice in port["choices"] if choice is not None]
    return QgsProcessingParameterEnum(
        port["name"], title, choices, False, port["default"], optional=optional, usesStaticStrings=True
    )


def _number(port, title, optional, kind=QgsProcessingParameterNumber.Double):
    made = QgsProcessingParameterNumber(port["name"], title, kind, port["default"], optional)
    if port["low"] is not None:
        made.setMinimum(port["low"])
        made.setMaximum(min(port["high"], LARGEST_INTEGER) if kind == made.Integer else port["high"])
    return made


def _integer(port, title, optional):
    return _number(port, title, optional, QgsProcessingParameterNumber.Integer)


def _flag(port, title, optional):
    return QgsProcessingParameterBoolean(port["name"], title, bool(port["default"]), True)


def _text(port, title, optional):
    return QgsProcessingParameterString(port["name"], title, port["default"], False, optional)


def _texts(port, title, optional):
    usual = "; ".join(port["default"] or ()) or None
    return QgsProcessingParameterString(port["name"], title, usual, False, optional)


def _result(port, title, optional):
    return QgsProcessingParameterFile(port["name"], title, QgsProcessingParameterFile.File, "eco", None, optional)


def _results(port, title, optional):
    return QgsProcessingParameterMultipleLayers(port["name"], title, QgsProcessing.TypeFile, None, optional)


def _file(port, title, optional):
    return QgsProcessingParameterFile(port["name"], title, QgsProcessingParameterFile.File, "", None, optional)


MAKERS = {
    "table": _table,
    "polygons": _polygons,
    "column": _column,
    "columns": _columns,
    "choice": _choice,
    "integer": _integer,
    "number": _number,
    "flag": _flag,
    "text": _text,
    "texts": _texts,
    "pairs": _text,
    "result": _result,
    "results": _results,
    "file": _file,
}


def outputs(tool, words):
    """A sink for each table, the page, the stored result; only the first table is made by default."""
    made = []
    for place, table in enumerate(tool["tables"]):
        kind = QgsProcessing.TypeVectorAnyGeometry if table["grain"] in POLYGON_STYLES else QgsProcessing.TypeVector
        first = place == 0
        made.append(
            QgsProcessingParameterFeatureSink(table["name"], words(table["title"]), kind, None, not first, first)
        )
    page = words("Page with the conventions and tables")
    made.append(QgsProcessingParameterFileDestination("page", page, "HTML (*.html)", None, True, True))
    stored = words("Result for later steps")
    made.append(QgsProcessingParameterFileDestination("stored", stored, "ecospatial (*.eco)", None, True, False))
    return made


def temporal(tool, words):
    """The choice of a temporal layer, for tools that have a table by unit and period."""
    if not any(table["grain"] == "unit-period" for table in tool["tables"]):
        return []
    title = words("Temporal layer: repeat the polygons for every period")
    made = QgsProcessingParameterBoolean("temporal", title, False, True)
    made.setHelp(words("Otherwise the rows of the last period carry the polygons and the others have none."))
    return [made]

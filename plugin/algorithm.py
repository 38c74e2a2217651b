"""One algorithm class for every tool: what differs stands in ``tools.json``."""

import os
from html import escape

from qgis.core import QgsProcessingAlgorithm, QgsProcessingException

from . import core, parameters
from .words import Words

COLUMN_KINDS = ("column", "columns")


class ToolAlgorithm(QgsProcessingAlgorithm):
    """A tool of the core as QGIS shows and runs it."""

    def __init__(self, tool, groups):
        super().__init__()
        self.tool = tool
        self.groups = groups
        self.words = Words.here()

    def createInstance(self):
        return ToolAlgorithm(self.tool, self.groups)

    def name(self):
        return self.tool["name"]

    def displayName(self):
        return self.words(self.tool["title"])

    def group(self):
        return self.words(self.groups[self.tool["group"]])

    def groupId(self):
        return self.tool["group"]

    def shortHelpString(self):
        return "".join(f"<p>{escape(self.words(part))}</p>" for part in self.tool["help"])

    def tags(self):
        return ["ecospatial", self.tool["name"].replace("_", " "), self.tool["title"]]

    def initAlgorithm(self, configuration=None):
        for port in self.tool["ports"]:
            self.addParameter(parameters.parameter(port, self.words))
        for extra in parameters.temporal(self.tool, self.words):
            self.addParameter(extra)
        for output in parameters.outputs(self.tool, self.words):
            self.addParameter(output)

    def canExecute(self):
        problem = core.problem()
        return (problem is None, problem or "")

    def checkParameterValues(self, values, context):
        # qgis_process does not ask canExecute.
        problem = core.problem()
        if problem is not None:
            return False, problem
        return super().checkParameterValues(values, context)

    def processAlgorithm(self, values, context, feedback):
        problem = core.problem()
        if problem is not None:
            raise QgsProcessingException(problem)
        from .running import run

        return run(self, values, context, feedback)

    def port_value(self, port, values, context):
        """A plain value of one port, or the QGIS feature source of a table."""
        name, kind = port["name"], port["kind"]
        if values.get(name) in (None, ""):
            return port["default"] if kind in ("choice", "integer", "number", "flag") else None
        if kind in ("table", "polygons"):
            return self.parameterAsSource(values, name, context)
        if kind in COLUMN_KINDS:
            chosen = self.parameterAsFields(values, name, context)
            return chosen if kind == "columns" else (chosen or [None])[0]
        if kind == "choice":
            return self.parameterAsEnumString(values, name, context)
        if kind == "integer":
            return self.parameterAsInt(values, name, context)
        if kind == "number":
            return self.parameterAsDouble(values, name, context)
        if kind == "flag":
            return self.parameterAsBoolean(values, name, context)
        if kind == "results":
            given = self.parameterAsFileList(values, name, context)
            return [path for text in given for path in ([text] if os.path.exists(text) else text.split(";")) if path]
        if kind in ("result", "file"):
            return self.parameterAsFile(values, name, context)
        return self.parameterAsString(values, name, context)

    def destination(self, name, values, context):
        """The path of a file output, or an empty text."""
        return self.parameterAsFileOutput(values, name, context) if values.get(name) else ""

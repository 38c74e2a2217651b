"""The provider: one algorithm a tool of ``tools.json``; it loads in any QGIS, whatever Python lacks."""

import json
from pathlib import Path

from qgis.core import QgsApplication, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import core
from .algorithm import ToolAlgorithm
from .words import Words

HERE = Path(__file__).parent


class EcospatialProvider(QgsProcessingProvider):
    """Lists every tool from the frozen description alone."""

    def id(self):
        return "ecospatial"

    def name(self):
        return "ecospatial"

    def longName(self):
        return Words.here()("ecospatial: efficiency, clusters and drivers of cities")

    def icon(self):
        return QIcon(str(HERE / "icons" / "ecospatial.svg"))

    def loadAlgorithms(self):
        description = json.loads((HERE / "tools.json").read_text(encoding="utf-8"))
        for tool in description["tools"]:
            self.addAlgorithm(ToolAlgorithm(tool, description["groups"]))


class EcospatialPlugin:
    """Registers the provider."""

    def __init__(self, iface):
        self.iface = iface
        self.provider = None

    def initProcessing(self):
        """Called by QGIS for processing without a window."""
        self.provider = EcospatialProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by the QGIS desktop."""
        self.initProcessing()

    def unload(self):
        """Called when the plugin is switched off."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        core.forget()

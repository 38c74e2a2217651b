"""Runs inside the QGIS desktop: the toolbox, the LISA dialog, the styled layer; a picture of each."""

import os
import traceback
from pathlib import Path

import processing
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["ECOSPATIAL_DESKTOP"])


def settle(milliseconds):
    """Let the window draw."""
    from qgis.PyQt.QtCore import QElapsedTimer

    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < milliseconds:
        QCoreApplication.processEvents()


def picture(name):
    """Save the whole screen."""
    settle(1500)
    screen = QgsApplication.primaryScreen()
    screen.grabWindow(0).save(str(FOLDER / f"{name}.png"))


def toolbox():
    """Open the processing toolbox with the provider's tools unfolded."""
    docks = iface.mainWindow().findChildren(QDockWidget)
    dock = next(dock for dock in docks if dock.objectName() == "ProcessingToolbox")
    dock.show()
    dock.raise_()
    dock.searchBox.setText("ecospatial")
    dock.algorithmTree.expandAll()
    picture("toolbox")


def dialog(layer):
    """Open the LISA dialog on the layer, run it, and keep the result."""
    shown = processing.createAlgorithmDialog(
        "ecospatial:lisa",
        {"data": layer.id(), "unit": "unit", "period": "period", "column": "unemployment"},
    )
    shown.show()
    shown.resize(1000, 800)
    picture("dialog")
    shown.runButton().click()
    settle(8000)
    picture("log")
    shown.close()


def main():
    layer = QgsVectorLayer(f"{FOLDER / 'states.gpkg'}|layername=joined", "states", "ogr")
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    iface.zoomToActiveLayer()
    toolbox()
    dialog(layer)
    QgsProject.instance().layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(False)
    clusters = [item for item in QgsProject.instance().mapLayers().values() if item.id() != layer.id()]
    for item in clusters:
        iface.setActiveLayer(item)
    iface.zoomToActiveLayer()
    picture("layer")
    kinds = [type(item.renderer()).__name__ for item in clusters if item.isSpatial()]
    if "QgsCategorizedSymbolRenderer" not in kinds:
        raise RuntimeError(f"no styled cluster layer arrived: {kinds}")
    (FOLDER / "done.txt").write_text(f"{kinds}\n", encoding="utf-8")


def safely():
    try:
        main()
    except Exception:
        (FOLDER / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
    QgsProject.instance().setDirty(False)
    QgsApplication.instance().exit(0)
    os._exit(0)


QTimer.singleShot(4000, safely)

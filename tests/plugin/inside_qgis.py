"""Runs in the Python of QGIS and prints as JSON what only QGIS can tell.

python3 inside_qgis.py PLUGINS_FOLDER LAYER
"""

import json
import sys
import time
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

plugins, layer_path = Path(sys.argv[1]), sys.argv[2]
sys.path[:0] = [str(plugins), "/usr/share/qgis/python/plugins"]
application = QgsApplication([], False)
application.initQgis()

from ecospatial_qgis import styles  # noqa: E402
from ecospatial_qgis.provider import EcospatialProvider  # noqa: E402
from ecospatial_qgis.words import Words  # noqa: E402

provider = EcospatialProvider()
QgsApplication.processingRegistry().addProvider(provider)
layer = QgsVectorLayer(f"{layer_path}|layername=joined", "states", "ogr")
QgsProject.instance().addMapLayer(layer)


class Watching(QgsProcessingFeedback):
    """Counts progress and cancels once it has moved."""

    def __init__(self, cancel_at):
        super().__init__()
        self.cancel_at, self.seen, self.cancelled_at = cancel_at, [], None
        self.progressChanged.connect(self.watch)

    def watch(self, value):
        self.seen.append(value)
        if value >= self.cancel_at and self.cancelled_at is None:
            self.cancelled_at = time.monotonic()
            self.cancel()


def run(name, values, cancel_at=1000.0):
    """Run a tool in this process; returns outputs, whether it worked, the feedback and the seconds after a cancel."""
    algorithm = QgsApplication.processingRegistry().algorithmById(f"ecospatial:{name}").create()
    context, feedback = QgsProcessingContext(), Watching(cancel_at)
    context.setProject(QgsProject.instance())
    context.setFeedback(feedback)
    outputs, worked = algorithm.run(values, context, feedback)
    after = None if feedback.cancelled_at is None else time.monotonic() - feedback.cancelled_at
    return outputs, worked, feedback, after, context


def renderers():
    """Classes and colours of the styles, and what a temporal layer is told."""
    english = Words("en")
    clusters = styles.cluster_renderer(english)
    efficiency = styles.efficiency_renderer(english)
    dated = QgsVectorLayer("Polygon?field=label:string&field=period_start:date&field=period_end:date", "x", "memory")
    styles.dress(dated, "lisa", True, english)
    temporal = dated.temporalProperties()
    schematic = QgsVectorLayer("Polygon?field=label:string&field=schematic:integer", "Clusters", "memory")
    styles.dress(schematic, "lisa", False, english)
    return {
        "attribute": clusters.classAttribute(),
        "categories": [[item.value(), item.label(), item.symbol().color().name()] for item in clusters.categories()],
        "rules": [
            [rule.filterExpression(), rule.label(), rule.symbol().color().name()]
            for rule in efficiency.rootRule().children()
        ],
        "growth": [centred(1.02, 0.97, 1.0), centred(0.02, -0.03, None)],
        "chinese": [item.label() for item in styles.cluster_renderer(Words("zh_CN")).categories()],
        "schematic": schematic.name(),
        "temporal": [temporal.isActive(), temporal.startField(), temporal.endField(), int(temporal.mode())],
    }


def centred(*values):
    """The expression of the first class of growth in a layer of productivity changes, and all labels and colours."""
    changes = QgsVectorLayer("Polygon?field=tfpch:double", "x", "memory")
    features = []
    for value in values:
        feature = QgsFeature(changes.fields())
        feature.setAttributes([value])
        features.append(feature)
    changes.dataProvider().addFeatures(features)
    styles.dress(changes, "productivity", False, Words("en"))
    rules = changes.renderer().rootRule().children()
    return [rules[0].filterExpression(), [[rule.label(), rule.symbol().color().name()] for rule in rules]]


def selected():
    """Units that a run over the selected features saw."""
    from qgis.core import QgsProcessingFeatureSourceDefinition

    layer.selectByExpression("\"period\" = 1986 AND \"unit\" IN ('TX', 'OK', 'LA', 'AR', 'NM', 'KS')")
    values = {
        "data": QgsProcessingFeatureSourceDefinition(layer.id(), True),
        "unit": "unit",
        "column": "unemployment",
        "clusters": "memory:",
    }
    outputs, worked, _, _, context = run("lisa", values)
    found = context.takeResultLayer(outputs["clusters"]) if worked else None
    return sorted(feature["unit"] for feature in found.getFeatures()) if found else None


def cancelled():
    """A long run that is cancelled on the way."""
    values = {
        "panel": layer.id(),
        "unit": "unit",
        "period": "period",
        "inputs": ["public_capital", "private_capital", "employment"],
        "outputs": ["gross_state_product"],
        "frontier": "global",
        "solver": "highs",
        "scores": "memory:",
    }
    _, worked, feedback, after, _ = run("sbm", values, cancel_at=10.0)
    return {"worked": worked, "after": after, "moved": len(feedback.seen)}


def parameters():
    """Which parameters of LISA a dialog folds away, and which may be left empty."""
    algorithm = QgsApplication.processingRegistry().algorithmById("ecospatial:lisa")
    definitions = algorithm.parameterDefinitions()
    folded = [item.name() for item in definitions if item.flags() & item.FlagAdvanced]
    spins = [item for item in definitions if item.type() == "number" and item.dataType() == item.Integer]
    largest = max(item.maximum() for item in spins)
    return {"largest": largest, "folded": folded, "group": algorithm.group(), "help": algorithm.shortHelpString()}


def reloaded():
    """Modules of the core that stay behind when the plugin is unloaded."""
    from ecospatial_qgis import core

    core.forget()
    return sorted(name for name in sys.modules if name.startswith("ecospatial_qgis.ecospatial"))


told = {"renderers": renderers(), "selected": selected(), "cancelled": cancelled(), "parameters": parameters()}
told["workers"] = sorted(name for name in sys.modules if name in ("multiprocessing.pool", "concurrent.futures.process"))
told["left"] = reloaded()
print("TOLD " + json.dumps(told, ensure_ascii=True))
QgsProject.instance().clear()
application.exitQgis()

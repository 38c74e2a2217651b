"""How layers look when they arrive: GeoDa's cluster colours, classes of efficiency and of growth, periods in time."""

from qgis.core import (
    QgsAggregateCalculator,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsProcessingLayerPostProcessorInterface,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsVectorLayerTemporalProperties,
    QgsWkbTypes,
)

OUTLINE = {"outline_color": "#ffffff", "outline_width": "0.1"}
ABSENT = "#d9d9d9"

CLUSTERS = (
    ("ns", "Not significant", "#eeeeee"),
    ("HH", "High-High", "#FF0000"),
    ("LL", "Low-Low", "#0000FF"),
    ("LH", "Low-High", "#a7adf9"),
    ("HL", "High-Low", "#f4ada8"),
    ("undefined", "Undefined", "#464646"),
    ("isolated", "Isolated", "#999999"),
)

HOT_SPOTS = (
    ("ns", "Not significant", "#eeeeee"),
    ("hot", "Hot spot", "#d7301f"),
    ("cold", "Cold spot", "#2b6cb0"),
    ("undefined", "Undefined", "#464646"),
    ("isolated", "Isolated", "#999999"),
)

GEARY = (
    ("ns", "Not significant", "#eeeeee"),
    ("HH", "High-High", "#b2182b"),
    ("LL", "Low-Low", "#ef8a62"),
    ("other", "Other positive", "#fddbc7"),
    ("positive", "Positive", "#336ea1"),
    ("negative", "Negative", "#67adc7"),
    ("undefined", "Undefined", "#464646"),
    ("isolated", "Isolated", "#999999"),
)

EMERGING = (
    ("new hot", "New hot spot", "#fdae61"),
    ("consecutive hot", "Consecutive hot spot", "#f46d43"),
    ("intensifying hot", "Intensifying hot spot", "#7f0000"),
    ("persistent hot", "Persistent hot spot", "#b2182b"),
    ("diminishing hot", "Diminishing hot spot", "#d6604d"),
    ("sporadic hot", "Sporadic hot spot", "#f4a582"),
    ("oscillating hot", "Oscillating hot spot", "#e7a6c8"),
    ("historical hot", "Historical hot spot", "#c9a78f"),
    ("new cold", "New cold spot", "#9fd8e8"),
    ("consecutive cold", "Consecutive cold spot", "#4fb3d9"),
    ("intensifying cold", "Intensifying cold spot", "#08204f"),
    ("persistent cold", "Persistent cold spot", "#2166ac"),
    ("diminishing cold", "Diminishing cold spot", "#4393c3"),
    ("sporadic cold", "Sporadic cold spot", "#92c5de"),
    ("oscillating cold", "Oscillating cold spot", "#b7b1dd"),
    ("historical cold", "Historical cold spot", "#8fa3b5"),
    ("none", "No pattern", "#eeeeee"),
    ("undefined", "Undefined", "#464646"),
    ("isolated", "Isolated", "#999999"),
)

# A label and its stability.
STABILITY = (
    ("HH stable", "High-High, stable", "#FF0000"),
    ("HH mostly", "High-High, mostly stable", "#dc7878"),
    ("HH unstable", "High-High, unstable", "#c8abab"),
    ("LL stable", "Low-Low, stable", "#0000FF"),
    ("LL mostly", "Low-Low, mostly stable", "#7878dc"),
    ("LL unstable", "Low-Low, unstable", "#ababc8"),
    ("LH stable", "Low-High, stable", "#a7adf9"),
    ("LH mostly", "Low-High, mostly stable", "#b9bdec"),
    ("LH unstable", "Low-High, unstable", "#c0c1d6"),
    ("HL stable", "High-Low, stable", "#f4ada8"),
    ("HL mostly", "High-Low, mostly stable", "#efc1be"),
    ("HL unstable", "High-Low, unstable", "#dac3c1"),
    ("ns stable", "Not significant, stable", "#eeeeee"),
    ("ns mostly", "Not significant, mostly stable", "#dedede"),
    ("ns unstable", "Not significant, unstable", "#c6c6c6"),
    ("undefined", "Undefined", "#464646"),
    ("isolated", "Isolated", "#999999"),
)

EFFICIENCY = (
    ('"{field}" < 0.4', "below 0.4", "#ffffcc"),
    ('"{field}" >= 0.4 AND "{field}" < 0.6', "0.4 to 0.6", "#a1dab4"),
    ('"{field}" >= 0.6 AND "{field}" < 0.8', "0.6 to 0.8", "#41b6c4"),
    ('"{field}" >= 0.8 AND "{field}" < 0.999999', "0.8 to below 1", "#2c7fb8"),
    ('"{field}" >= 0.999999', "1 and above (efficient)", "#253494"),
)

# Decline is brown, growth is green.
GROWTH = (-0.05, -0.01, 0.0, 0.01, 0.05)
GROWTH_COLOURS = ("#8c510a", "#d8b365", "#f6e8c3", "#c7eae5", "#5ab4ac", "#01665e")


def fill(colour):
    """A fill symbol with a thin white outline."""
    return QgsFillSymbol.createSimple({"color": colour, **OUTLINE})


def cluster_renderer(words, classes=CLUSTERS, field="label"):
    """Categories by label, or by an expression, one of them for no data."""
    categories = [QgsRendererCategory(value, fill(colour), words(label)) for value, label, colour in classes]
    categories.append(QgsRendererCategory(None, fill(ABSENT), words("No data")))
    return QgsCategorizedSymbolRenderer(field, categories)


# Untested units have the same word in both columns.
LABEL_AND_STABILITY = """if("label" = "stability", "label", "label" || ' ' || "stability")"""


def class_renderer(classes, words):
    """A rule for each (expression, label, colour), and one for no data."""
    root = QgsRuleBasedRenderer.Rule(None)
    for expression, label, colour in classes:
        root.appendChild(QgsRuleBasedRenderer.Rule(fill(colour), filterExp=expression, label=label))
    root.appendChild(QgsRuleBasedRenderer.Rule(fill(ABSENT), filterExp="ELSE", label=words("No data")))
    return QgsRuleBasedRenderer(root)


def efficiency_renderer(words, field="score"):
    """Classes of a score up to the frontier and beyond, and no data."""
    classes = [(expression.format(field=field), words(label), colour) for expression, label, colour in EFFICIENCY]
    return class_renderer(classes, words)


def efficiency_field(layer):
    """The column in (0, 1]: an output-oriented model has its own."""
    return "efficiency" if layer.fields().indexOf("efficiency") >= 0 else "score"


def productivity_renderer(words, unchanged=1.0):
    """Classes of decline and growth around no change, and no data."""
    edges = [f"{unchanged + step:.4g}" for step in GROWTH]
    lows, highs = edges[:-1], edges[1:]
    # What has not changed may be a rounding error below it.
    changed = '"tfpch" + 0.000001'
    expressions = [
        f"{changed} < {edges[0]}",
        *(f"{changed} >= {low} AND {changed} < {high}" for low, high in zip(lows, highs)),
        f"{changed} >= {edges[-1]}",
    ]
    labels = [
        words("below {high}").format(high=edges[0]),
        *(words("{low} to {high}").format(low=low, high=high) for low, high in zip(lows, highs)),
        words("{low} and more").format(low=edges[-1]),
    ]
    return class_renderer(zip(expressions, labels, GROWTH_COLOURS), words)


def no_change(layer):
    """One for an index, which is made of ratios; zero for an indicator, which is made of differences."""
    median, found = layer.aggregate(QgsAggregateCalculator.Median, "tfpch")
    return 0.0 if found and isinstance(median, float) and median < 0.5 else 1.0


STYLES = {
    "lisa": lambda layer, words: cluster_renderer(words),
    "hot_spots": lambda layer, words: cluster_renderer(words, HOT_SPOTS),
    "geary": lambda layer, words: cluster_renderer(words, GEARY),
    "emerging": lambda layer, words: cluster_renderer(words, EMERGING),
    "stability": lambda layer, words: cluster_renderer(words, STABILITY, LABEL_AND_STABILITY),
    "efficiency": lambda layer, words: efficiency_renderer(words, efficiency_field(layer)),
    "productivity": lambda layer, words: productivity_renderer(words, no_change(layer)),
}


def dress(layer, kind, dated, words):
    """Set renderer and temporal properties of a layer."""
    if kind in STYLES and layer.geometryType() == QgsWkbTypes.PolygonGeometry:
        layer.setRenderer(STYLES[kind](layer, words))
    if dated and layer.fields().indexOf("period_start") >= 0:
        properties = layer.temporalProperties()
        properties.setMode(QgsVectorLayerTemporalProperties.ModeFeatureDateTimeStartAndEndFromFields)
        properties.setStartField("period_start")
        properties.setEndField("period_end")
        properties.setIsActive(True)
    if layer.fields().indexOf("schematic") >= 0:
        layer.setName(f"{layer.name()} – {words('Schematic boundaries')}")
    layer.triggerRepaint()


class Dresser(QgsProcessingLayerPostProcessorInterface):
    """Dresses a layer when QGIS has loaded it."""

    # QGIS keeps no reference, and a collected post-processor never runs.
    kept = ()

    def __init__(self, kind, dated, words):
        super().__init__()
        self.kind, self.dated, self.words = kind, dated, words

    def postProcessLayer(self, layer, context, feedback):
        dress(layer, self.kind, self.dated, self.words)


def dresser(kind, dated, words):
    """A post-processor that stays alive; only the latest hundred are kept."""
    made = Dresser(kind, dated, words)
    Dresser.kept = (*Dresser.kept[-99:], made)
    return made

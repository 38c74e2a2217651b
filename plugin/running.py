"""One run: parameters in, the core's function, tables out."""

import os
from pathlib import Path

from qgis.core import QgsFeatureSink, QgsProcessingException, QgsWkbTypes

from . import bridge, core, styles

UNIT_GRAINS = ("unit", "unit-period")


def run(algorithm, values, context, feedback):
    """Run a tool and write what was asked for; returns the outputs by name.

    Whatever goes wrong ends in one sentence, and nothing is written before everything is computed.
    """
    errors, said = core.module("errors"), core.module("present.language").Words(algorithm.words.language)
    try:
        check_files(algorithm, values, context)
        with core.module("progress").listen(Listener(feedback, errors.Cancelled, said)):
            result = call(algorithm, values, context, feedback)
            tell(result, said, feedback)
            prepared = [
                prepare(algorithm, result, table, values, context, feedback) for table in wanted(algorithm, values)
            ]
        outputs = {}
        for table, features, made, kind, crs, dated in prepared:
            outputs[table["name"]] = write(algorithm, table, features, made, kind, crs, values, context)
            told = dated or made.indexOf("schematic") >= 0
            style(table["style"], outputs[table["name"]], dated, told, algorithm, context)
        outputs.update(files(algorithm, result, values, context))
        return outputs
    except errors.Cancelled as stop:
        raise QgsProcessingException(algorithm.words("Cancelled.")) from stop
    except errors.EcospatialError as error:
        raise QgsProcessingException(said.message(error.message)) from error
    except QgsProcessingException:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        told = algorithm.words("Something went wrong that should not; please report it.")
        raise QgsProcessingException(f"{told} {type(error).__name__}: {reason}") from error


class Listener:
    """Hands ticks to QGIS and stops the work when the person cancels."""

    def __init__(self, feedback, cancelled, said):
        self.feedback = feedback
        self.cancelled = cancelled
        self.said = said
        self.label = None

    def __call__(self, label, fraction):
        if self.feedback.isCanceled():
            raise self.cancelled()
        if label != self.label:
            self.label = label
            self.feedback.setProgressText(self.said(label))
        self.feedback.setProgress(100.0 * fraction)


def tell(result, said, feedback):
    """Summary and notes in the log, where columns keep their places only with hard spaces."""
    for line in result.summary().splitlines():
        feedback.pushInfo(line.replace(" ", "\u00a0"))
    for note in result.notes:
        feedback.pushWarning(said.message(note))


def call(algorithm, values, context, feedback):
    """The result of the core's function on what came in through the ports."""
    found = {}
    for port in algorithm.tool["ports"]:
        value = algorithm.port_value(port, values, context)
        found[port["name"]] = read(port["kind"], value, context, feedback)
    tools, ports = core.module("tools"), core.module("ports")
    tool = tools.find(algorithm.tool["name"])
    return tools.function(tool)(**ports.assemble(tool, found))


def read(kind, value, context, feedback):
    """What the core takes for a port value."""
    if value is None or value == "":
        return None
    if kind in ("table", "polygons"):
        return bridge.source(value, context, feedback)
    load = core.module("result").Result.load
    if kind == "result":
        return load(value)
    if kind == "results":
        return [load(path) for path in value]
    if kind == "pairs":
        return core.module("ports").pairs(split(value))
    if kind == "texts":
        return split(value)
    return value


def split(text):
    """Parts between semicolons or lines."""
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def wanted(algorithm, values):
    """The tables that were asked for."""
    return [table for table in algorithm.tool["tables"] if values.get(table["name"]) not in (None, "")]


def prepare(algorithm, result, table, values, context, feedback):
    """Everything of a table that a sink takes; unit tables take their polygons along."""
    repeat = bool(values.get("temporal")) and algorithm.parameterAsBoolean(values, "temporal", context)
    frame = result.to_frame(table["name"])
    boundaries = result.boundaries if table["grain"] in UNIT_GRAINS else None
    rows = bridge.flat(frame)
    if core.module("present.layers").is_schematic(boundaries):
        rows = rows.assign(schematic=True)  # the layer goes on saying so
    dated = bridge.with_dates(rows) if repeat and boundaries is not None and table["grain"] == "unit-period" else None
    if dated is not None:
        rows = dated
    elif repeat and "period" in rows:
        feedback.pushWarning(algorithm.words("The periods are no years; the layer is not temporal."))
    made = bridge.fields(rows, dated is not None)
    shapes, kind = None, QgsWkbTypes.NoGeometry
    if boundaries is not None:
        shapes, kind = bridge.one_kind(bridge.row_shapes(frame, boundaries, repeat))
    crs = bridge.crs_of(boundaries.crs if boundaries is not None else None)
    return table, bridge.built(rows, made, shapes, feedback), made, kind, crs, dated is not None


def write(algorithm, table, features, made, kind, crs, values, context):
    """Write the features of a table; a row that the format refuses stops the run."""
    sink, target = algorithm.parameterAsSink(values, table["name"], context, made, kind, crs)
    if sink is None:
        raise QgsProcessingException(algorithm.invalidSinkError(values, table["name"]))
    for feature in features:
        if not sink.addFeature(feature, QgsFeatureSink.FastInsert):
            reason = sink.lastError()
            del sink
            if os.path.isfile(target):
                os.remove(target)
            raise QgsProcessingException(f"{target}: {reason}")
    del sink
    return target


def style(kind, target, dated, told, algorithm, context):
    """Dress the layer after it is loaded, where there is a style or something to tell."""
    if context.willLoadLayerOnCompletion(target) and (kind in styles.STYLES or told):
        context.layerToLoadOnCompletionDetails(target).setPostProcessor(styles.dresser(kind, dated, algorithm.words))


def check_files(algorithm, values, context):
    """Before anything is computed: folders exist, and no input is written over."""
    read_from = [algorithm.parameterAsLayer(values, port["name"], context) for port in algorithm.tool["ports"]
                 if port["kind"] in ("table", "polygons") and values.get(port["name"])]  # fmt: skip
    inputs = {os.path.realpath(layer.source().partition("|")[0]) for layer in read_from if layer is not None}
    for output in [*(table["name"] for table in wanted(algorithm, values)), "page", "stored"]:
        path = values.get(output)
        if not isinstance(path, str) or not os.path.isabs(path):
            continue
        if not Path(path).parent.is_dir():
            raise core.module("errors").FileError(
                "The folder '{folder}' does not exist; make it first.", folder=Path(path).parent
            )
        if os.path.realpath(path) in inputs:
            raise core.module("errors").OptionError("'{path}' is an input; write to another file.", path=path)


def files(algorithm, result, values, context):
    """Write the page and the stored result where they were asked for."""
    outputs = {}
    for name, save in (("page", result.save), ("stored", result.store)):
        path = algorithm.destination(name, values, context)
        if path:
            save(path)
            outputs[name] = path
    return outputs

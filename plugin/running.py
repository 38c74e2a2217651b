"""One run: parameters in, the core's function, tables out."""

from qgis.core import QgsProcessingException

from . import bridge, core, styles


def run(algorithm, values, context, feedback):
    """Run a tool and write what was asked for; returns the outputs by name."""
    errors = core.module("errors")
    progress = core.module("progress")
    try:
        with progress.listen(Listener(feedback, errors.Cancelled)):
            result = call(algorithm, values, context, feedback)
    except errors.Cancelled as stop:
        raise QgsProcessingException(algorithm.words("Cancelled.")) from stop
    except errors.EcospatialError as error:
        raise QgsProcessingException(str(error)) from error
    except QgsProcessingException:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        told = algorithm.words("Something went wrong that should not; please report it.")
        raise QgsProcessingException(f"{told} {type(error).__name__}: {reason}") from error
    for line in result.summary().splitlines():
        feedback.pushInfo(line)
    for note in result.notes:
        feedback.pushWarning(str(note))
    outputs = tables(algorithm, result, values, context, feedback)
    outputs.update(files(algorithm, result, values, context, errors))
    return outputs


class Listener:
    """Hands ticks to QGIS and stops the work when the person cancels."""

    def __init__(self, feedback, cancelled):
        self.feedback = feedback
        self.cancelled = cancelled
        self.label = None

    def __call__(self, label, fraction):
        if self.feedback.isCanceled():
            raise self.cancelled()
        if label != self.label:
            self.label = label
            self.feedback.setProgressText(label)
        self.feedback.setProgress(100.0 * fraction)


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
        return core.module("ports").pairs(value.split())
    if kind == "texts":
        return [text.strip() for text in value.split(";") if text.strip()]
    return value


def tables(algorithm, result, values, context, feedback):
    """Write every table that was asked for; unit tables take their polygons along."""
    repeat = bool(values.get("temporal")) and algorithm.parameterAsBoolean(values, "temporal", context)
    outputs = {}
    for table in algorithm.tool["tables"]:
        name = table["name"]
        if values.get(name) in (None, ""):
            continue
        frame = result.to_frame(name)
        boundaries = result.boundaries if table["grain"] in ("unit", "unit-period") else None
        rows = bridge.flat(frame)
        dated = repeat and boundaries is not None and table["grain"] == "unit-period"
        if dated:
            rows = bridge.with_dates(rows)
        made = bridge.fields(rows)
        crs = bridge.crs_of(boundaries.crs if boundaries is not None else None)
        sink, target = algorithm.sink(name, values, context, made, boundaries is not None, crs)
        if sink is None:
            raise QgsProcessingException(algorithm.invalidSinkError(values, name))
        shapes = None if boundaries is None else bridge.row_shapes(frame, boundaries, repeat)
        bridge.fill(sink, rows, made, shapes, feedback)
        del sink
        outputs[name] = target
        style(table["style"], target, dated, algorithm, context)
    return outputs


def style(kind, target, dated, algorithm, context):
    """Dress the layer after it is loaded."""
    if context.willLoadLayerOnCompletion(target) and (kind in styles.STYLES or dated):
        context.layerToLoadOnCompletionDetails(target).setPostProcessor(styles.dresser(kind, dated, algorithm.words))


def files(algorithm, result, values, context, errors):
    """Write the page and the stored result where they were asked for."""
    outputs = {}
    for name, save in (("page", "save"), ("stored", "store")):
        path = algorithm.destination(name, values, context)
        if not path:
            continue
        try:
            getattr(result, save)(path)
        except errors.EcospatialError as error:
            raise QgsProcessingException(str(error)) from error
        outputs[name] = path
    return outputs

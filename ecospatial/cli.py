"""The command line, generated from the registry."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from . import __version__, tools
from .describe import Described
from .errors import EcospatialError, OptionError, suggest
from .ports import Port, assemble, ports
from .progress import listen
from .result import Result
from .source import read_source
from .terminal import Bar

PROGRAM = "ecospatial"
COMMANDS = ("demo", "tools")


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        raise OptionError("{message} (see: {program} --help)", message=message, program=self.prog)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 2 with one line on standard error where it could not.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments after the program's name; those of the process by default.

    Examples
    --------
    >>> main(["--version"])
    ecospatial 0.1.0
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    bar = Bar()
    try:
        with listen(bar):
            _dispatch([argument for argument in arguments if argument != "--debug"], bar)
        return 0
    except EcospatialError as error:
        return _complain(bar, str(error), 2)
    except KeyboardInterrupt:
        return _complain(bar, "stopped.", 130)
    except BrokenPipeError:
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except Exception as error:
        if debug:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        return _complain(
            bar, f"something went wrong that should not: {type(error).__name__}: {reason} (add --debug)", 1
        )


def _complain(bar: Bar, text: str, code: int) -> int:
    bar.close()
    sys.stderr.write(f"{PROGRAM}: {' '.join(text.split())}\n")
    return code


def _dispatch(arguments: list[str], bar: Bar) -> None:
    command, *rest = arguments or ["--help"]
    if command in ("-h", "--help", "help"):
        _say(_overview())
    elif command == "--version":
        _say(f"{PROGRAM} {__version__}")
    elif command == "tools":
        _say(_list_tools())
    elif command == "demo":
        _demo(rest, bar)
    elif command.replace("-", "_") in tools.names():
        _run(tools.find(command.replace("-", "_")), rest, bar)
    else:
        known = [name.replace("_", "-") for name in tools.names()]
        raise OptionError("There is no tool '{name}'; {hint}", name=command, hint=suggest(command, [*known, *COMMANDS]))


def _overview() -> str:
    return (
        f"usage: {PROGRAM} TOOL DATA [options] [--out FILE]\n"
        f"       {PROGRAM} tools               what there is\n"
        f"       {PROGRAM} TOOL --help         what a tool takes\n"
        f"       {PROGRAM} demo [us-states]    the whole chain on shipped data, ends with the path of a report"
    )


def _list_tools() -> str:
    lines: list[str] = []
    found = [tools.find(name) for name in tools.names()]
    for group, title in tools.GROUPS.items():
        lines += ["", title] if lines else [title]
        lines += [f"  {tool.name.replace('_', '-'):<16} {tool.title}" for tool in found if tool.group == group]
    return "\n".join(lines)


def _demo(arguments: list[str], bar: Bar) -> None:
    from . import demo

    parser = _Parser(prog=f"{PROGRAM} demo", description="Run the whole chain on shipped data.")
    parser.add_argument("name", nargs="?", default=demo.NAMES[0], help=f"one of: {', '.join(demo.NAMES)}")
    parser.add_argument("--out", default="ecospatial-demo", help="folder for the report and the results")
    given = parser.parse_args(arguments)
    path = demo.run(given.name, given.out)
    bar.close()
    _say(str(path))


def _run(tool: Described, arguments: list[str], bar: Bar) -> None:
    parser = tool_parser(tool)
    given = vars(parser.parse_args(arguments))
    values = {port.name: _value(port, given) for port in ports(tool)}
    result: Result = tool_function(tool)(**assemble(tool, values))
    bar.close()
    if not given["out"]:
        _say(result.summary())
    for path in given["out"] or ():
        result.save(path, given["table"])
        _say(path)


def tool_function(tool: Described) -> Any:
    """The public function behind a description, checks and provenance included."""
    return getattr(sys.modules[tool.function.__module__], tool.name)


def tool_parser(tool: Described) -> argparse.ArgumentParser:
    """The argument parser of one tool."""
    name = f"{PROGRAM} {tool.name.replace('_', '-')}"
    lead = tool.doc.split("\n\n")
    parser = _Parser(prog=name, description=f"{tool.title}. {' '.join(lead[0].split())}")
    opened = ports(tool)
    for place, port in enumerate(opened):
        _add(parser, port, positional=place == 0)
    tables = ", ".join(table.name for table in tool.returns.TABLES)
    parser.add_argument(
        "--out", action="append", metavar="FILE",
        help="where to write, by extension: .csv .parquet .dta .xlsx .gpkg .docx .tex .html .svg .png, or .eco for the"
        " result itself; may be given more than once",
    )  # fmt: skip
    parser.add_argument("--table", metavar="NAME", help=f"table for a one-table file, one of: {tables}")
    if any(port.kind == "table" for port in opened):
        parser.add_argument("--sheet", default=0, help="sheet of an Excel workbook")
        parser.add_argument("--encoding", help="text encoding of the table, where it is known")
    return parser


def _add(parser: argparse.ArgumentParser, port: Port, positional: bool) -> None:
    options: dict[str, Any] = {"help": _help(port), "default": None}
    if port.kind in ("columns", "results", "texts", "pairs"):
        options["nargs"] = "+"
    if port.kind == "integer":
        options["type"] = int
    if port.kind == "number":
        options["type"] = float
    if port.kind == "flag":
        options = {"action": argparse.BooleanOptionalAction, "default": None, "help": _help(port)}
    else:
        options["metavar"] = _metavar(port)
    if positional:
        parser.add_argument(port.name, **{key: value for key, value in options.items() if key != "default"})
    else:
        parser.add_argument(f"--{port.name.replace('_', '-')}", required=port.required, **options)


def _help(port: Port) -> str:
    text = port.title if not port.help else f"{port.title}. {port.help}"
    if port.choices:
        text += f" One of: {', '.join(str(choice) for choice in port.choices)}."
    if port.default not in (None, (), ""):
        text += f" (default: {port.default})"
    return text.replace("%", "%%")


def _metavar(port: Port) -> str:
    names = {
        "table": "FILE", "polygons": "MAP", "column": "COLUMN", "columns": "COLUMN", "choice": "CHOICE",
        "integer": "N", "number": "X", "text": "TEXT", "texts": "TEXT", "pairs": "NAME=X",
        "result": "RESULT.eco", "results": "RESULT.eco", "file": "FILE",
    }  # fmt: skip
    return names[port.kind]


def _value(port: Port, given: dict[str, Any]) -> Any:
    value = given[port.name]
    if value is None:
        return None
    if port.kind == "table":
        sheet = given["sheet"]
        return read_source(value, sheet=int(sheet) if str(sheet).isdigit() else sheet, encoding=given["encoding"])
    if port.kind == "polygons":
        return read_source(value)
    if port.kind == "result":
        return Result.load(value)
    if port.kind == "results":
        return [Result.load(path) for path in value]
    if port.kind == "pairs":
        return dict(_pair(text) for text in value)
    return value


def _pair(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise OptionError("'{text}' must be NAME=NUMBER.", text=text) from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())

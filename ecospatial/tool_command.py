"""One tool on the command line: its options, its values, its run."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from . import tools
from .describe import Described
from .errors import OptionError
from .extended import extend
from .ports import Port, assemble, pairs, ports
from .present.language import words
from .present.saving import check_kind
from .result import Result
from .sheets import Layout
from .source import read_source

PROGRAM = "ecospatial"
LISTS = ("columns", "results", "texts", "pairs")
METAVARS = {
    "table": "FILE", "polygons": "MAP", "column": "COLUMN", "columns": "COLUMN", "integer": "N", "number": "X",
    "text": "TEXT", "texts": "TEXT", "pairs": "NAME=X", "result": "RESULT.eco", "results": "RESULT.eco", "file": "FILE",
}  # fmt: skip
# What the library writes into every help.
ARGPARSE = ("usage:", "positional arguments:", "options:", "show this help message and exit")


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, in the reader's language."""

    def format_help(self) -> str:
        """The help, the library's own words translated."""
        text, said = super().format_help(), words()
        for phrase in ARGPARSE:
            text = text.replace(phrase, said(phrase), 1)
        return text

    def error(self, message: str) -> NoReturn:
        """Complain in one line."""
        raise OptionError("{message} (see: {program} --help)", message=message, program=self.prog)


def run(tool: Described, arguments: Sequence[str]) -> tuple[Result, list[str]]:
    """Run a tool and write its files.

    Returns
    -------
    tuple of (Result, list of str)
        The result, and the paths that were written.

    Raises
    ------
    EcospatialError
        Where an option, the data or a file cannot be.
    """
    given = vars(parser_of(tool).parse_args(arguments))
    opened = ports(tool)
    outs, data_out = list(given["out"] or ()), given["data_out"]
    _check_outputs([*outs, *([data_out] if data_out else [])], opened, given)
    values = {port.name: _value(port, given) for port in opened}
    call = assemble(tool, values)
    result: Result = tools.function(tool)(**call)
    for path in outs:
        result.save(path, given["table"])
    if data_out:
        extend(call[opened[0].name], result).save(data_out)
        outs.append(data_out)
    return result, outs


def parser_of(tool: Described) -> Parser:
    """The argument parser of one tool."""
    said = words()
    lead = " ".join(tool.doc.split("\n\n")[0].split())
    description = said("{title}. {lead}", title=said(tool.title), lead=said(lead))
    parser = Parser(prog=f"{PROGRAM} {tool.name.replace('_', '-')}", description=description)
    opened = ports(tool)
    for place, port in enumerate(opened):
        _add(parser, port, positional=place == 0)
    tables = ", ".join(table.name for table in tool.returns.TABLES)
    out = said(
        "where to write, by extension: .csv .parquet .dta .xlsx .gpkg .geojson .docx .tex .html .svg .png .pdf, or .eco"
        " for the result itself; may be given more than once"
    )
    parser.add_argument("--out", action="append", metavar="FILE", help=out)
    beside = said("where to write the input table with the result's columns beside its own")
    parser.add_argument("--data-out", metavar="FILE", help=beside if opened[0].kind == "table" else argparse.SUPPRESS)
    only = said("table for a one-table file, one of: {names}", names=tables)
    parser.add_argument("--table", metavar="NAME", help=only)
    if any(port.kind == "table" for port in opened):
        sheet = said("sheet of an Excel workbook, by name or counted from 0; may be given more than once")
        parser.add_argument("--sheet", action="append", metavar="NAME", help=sheet)
        how = said("years down, years across, or years down and units across, where that is not found out by itself")
        parser.add_argument("--layout", metavar="{" + ",".join(get_args(Layout)) + "}", default="auto", help=how)
        parser.add_argument("--encoding", help=said("text encoding of the files, where it is known"))
    return parser


def _add(parser: Parser, port: Port, positional: bool) -> None:
    options: dict[str, Any] = {"help": _help(port)}
    if port.kind == "flag":
        options["action"] = argparse.BooleanOptionalAction
    else:
        options["metavar"] = _metavar(port)
    if port.kind in LISTS:
        options["nargs"] = "+"
    if port.kind in ("integer", "number"):
        options["type"] = int if port.kind == "integer" else float
    if positional:
        parser.add_argument(port.name, **options)
        return
    if port.kind in LISTS:
        options["action"] = "extend"  # --inputs a --inputs b is both
    parser.add_argument(f"--{port.name.replace('_', '-')}", required=port.required, default=None, **options)


def _help(port: Port) -> str:
    said = words()
    text = said(port.title)
    if port.help and not port.help.startswith(port.title):
        text = said("{title}. {lead}", title=text, lead=said(port.help))
    if port.default not in (None, (), ""):
        text += said(" (default: {value})", value=port.default)
    return unmarked(text).replace("%", "%%")


def unmarked(text: str) -> str:
    """Text without the marks of the documentation's markup.

    Examples
    --------
    >>> unmarked("From :func:`ols`, one of ``queen``.")
    'From ols, one of queen.'
    """
    return re.sub(r":\w+:`~?([^`]*)`", r"\1", text).replace("``", "")


def _metavar(port: Port) -> str:
    if port.kind == "choice":
        return "{" + ",".join(str(choice) for choice in port.choices if choice is not None) + "}"
    return METAVARS[port.kind]


def _check_outputs(outs: Sequence[str], opened: Sequence[Port], given: dict[str, Any]) -> None:
    """Before anything is computed: kinds that can be written, and no input overwritten."""
    read = {port.name for port in opened if port.kind in ("table", "polygons", "file", "result", "results")}
    inputs = [given[name] for name in read if given[name] is not None]
    paths = [path for value in inputs for path in (value if isinstance(value, list) else [value])]
    for out in outs:
        check_kind(out)
        if any(Path(out).exists() and os.path.samefile(out, path) for path in paths if Path(path).exists()):
            raise OptionError("'{path}' is an input; write to another file.", path=out)


def _value(port: Port, given: dict[str, Any]) -> Any:
    value = given[port.name]
    if value is None:
        return None
    if port.kind == "table":
        return read_source(value, sheet=given["sheet"], encoding=given["encoding"], layout=given["layout"])
    if port.kind == "polygons":
        return read_source(value, encoding=given.get("encoding"))
    if port.kind == "result":
        return Result.load(value)
    if port.kind == "results":
        return [Result.load(path) for path in value]
    if port.kind == "pairs":
        return pairs(value)
    return value

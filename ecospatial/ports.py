"""How a signature opens to a door that knows only files, columns, choices and numbers.

Every parameter expands into *ports*; :func:`assemble` turns what came in through them back into the
arguments of the call. A composite type answers ``ports(name, title, optional)`` and
``from_ports(name, values)`` itself.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from .describe import Advanced, ApiOnly, Column, Described, Parameter, Range
from .errors import OptionError
from .result import Result

Kind = Literal[
    "table",
    "polygons",
    "column",
    "columns",
    "choice",
    "integer",
    "number",
    "flag",
    "text",
    "texts",
    "pairs",
    "result",
    "results",
    "file",
]


@dataclass(frozen=True)
class Port:
    """One plain input of a tool.

    Attributes
    ----------
    name : str
        Key of the value, also the option's name.
    kind : str
        What a door shows for it.
    title, help : str
        Words for people.
    required : bool
    default : object
        Value where nothing is given.
    choices : tuple
        For ``choice``.
    low, high : float or None
        Bounds of a number.
    table : str or None
        For columns: the table port they are of.
    numeric : bool
        For columns: number columns only.
    accepts : tuple of str
        For results: class names that serve.
    advanced : bool
        A dialog folds it away.
    """

    name: str
    kind: Kind
    title: str
    help: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    table: str | None = None
    numeric: bool = False
    accepts: tuple[str, ...] = ()
    advanced: bool = False


def ports(tool: Described) -> tuple[Port, ...]:
    """The ports of a tool, in the order of its parameters."""
    helps = parameter_help(tool.doc)
    found: list[Port] = []
    for parameter in tool.parameters:
        opened = [
            replace(port, help=helps.get(parameter.name, "")) if port.name == parameter.name and not port.help else port
            for port in _open(parameter)
        ]
        if parameter.mark(Advanced) is not None:
            opened = [replace(port, advanced=True) for port in opened]
        found += opened
    return tuple(found)


def assemble(tool: Described, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call from port values; ports that were not given keep their default.

    Parameters
    ----------
    tool : Described
    values : mapping
        By port name: a ``Source`` for tables and polygons, a result for results, plain values else.

    Raises
    ------
    OptionError
        Where a required port has no value.
    """
    for port in ports(tool):
        if port.required and values.get(port.name) in (None, [], ()):
            raise OptionError("'{port}' is needed: {title}.", port=port.name, title=port.title)
        if port.accepts:
            _check_results(port, values.get(port.name))
    arguments = {}
    for parameter in tool.parameters:
        composite = _composite(parameter)
        if composite is not None and (parameter.default is not None or values.get(parameter.name) is not None):
            arguments[parameter.name] = composite.from_ports(parameter.name, values)
        elif composite is None and values.get(parameter.name) is not None:
            arguments[parameter.name] = values[parameter.name]
    return arguments


def _check_results(port: Port, value: Any) -> None:
    for result in value if isinstance(value, (list, tuple)) else (value,):
        kinds = [kind.__name__ for kind in type(result).__mro__]
        if result is not None and not set(port.accepts) & set(kinds):
            raise OptionError(
                "'{port}' holds a result of '{found}', but this needs one of kind {wanted}.",
                port=port.name,
                found=getattr(getattr(result, "provenance", None), "tool", "") or kinds[0],
                wanted=" or ".join(port.accepts),
            )


def _composite(parameter: Parameter) -> Any:
    """The richest member of the hint that opens into ports of its own."""
    able = [member for member in parameter.members if hasattr(member, "from_ports")]
    return max(able, key=lambda member: len(member.__mro__)) if able else None


def _open(parameter: Parameter) -> Sequence[Port]:
    if parameter.mark(ApiOnly) is not None:
        return ()
    composite = _composite(parameter)
    if composite is not None:
        return tuple(composite.ports(parameter.name, parameter.title, parameter.default))
    return (_plain_port(parameter),)


def _plain_port(parameter: Parameter) -> Port:
    kind, accepts = _kind(parameter)
    bounds, column = parameter.mark(Range), parameter.mark(Column)
    return Port(
        name=parameter.name,
        kind=kind,
        title=parameter.title,
        required=parameter.required,
        default=None if parameter.default is inspect.Parameter.empty else parameter.default,
        choices=parameter.choices,
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        table=column.of if column else None,
        numeric=column.numeric if column else False,
        accepts=accepts,
    )


def _kind(parameter: Parameter) -> tuple[Kind, tuple[str, ...]]:
    members = parameter.members
    many = next((member for member in members if get_origin(member) in (Sequence, tuple, list)), None)
    of = get_args(many)[0] if many is not None else None
    if parameter.mark(Column) is not None:
        return ("columns" if many is not None else "column"), ()
    results = [kind for kind in (of, *members) if isinstance(kind, type) and issubclass(kind, Result)]
    if results:
        return ("results" if many is not None else "result"), tuple(kind.__name__ for kind in results)
    if parameter.choices:
        return "choice", ()
    if any(get_origin(member) is Mapping and get_args(member)[1] is float for member in members):
        return "pairs", ()
    plain: dict[Any, Kind] = {str: "text", bool: "flag", float: "number", int: "integer"}
    for kind, name in plain.items():
        if kind in members:
            return name, ()
    return "texts", ()


def pairs(texts: Iterable[str]) -> dict[str, float]:
    """Numbers by name, of texts such as ``rd_share=+0.5``.

    Raises
    ------
    OptionError
        Where a text is not of this form.

    Examples
    --------
    >>> pairs(["rd_share=+0.5", "so2=-10"])
    {'rd_share': 0.5, 'so2': -10.0}
    """
    found = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError as error:
            raise OptionError("'{text}' must be NAME=NUMBER.", text=text) from error
    return found


def parameter_help(doc: str) -> dict[str, str]:
    r"""The text under each name of a NumPy-style ``Parameters`` section.

    Examples
    --------
    >>> parameter_help("X.\n\nParameters\n----------\na, b : int\n    Two numbers.\n\nRaises\n------\nE\n")
    {'a': 'Two numbers.', 'b': 'Two numbers.'}
    """
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", doc, re.M | re.S)
    helps: dict[str, str] = {}
    if section is None:
        return helps
    for block in re.finditer(r"^(\w[^\n]*?)(?: : [^\n]*)?\n((?:[ \t]+[^\n]*\n?|\n)*)", section[1], re.M):
        text = " ".join(block[2].split())
        for name in block[1].split(","):
            helps[name.strip()] = text
    return helps

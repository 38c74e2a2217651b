"""The registry frozen as plain data, for a door that must list tools without importing them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import __version__, tools
from .describe import Described
from .ports import Port, ports

Words = dict[str, str]


def frozen() -> dict[str, Any]:
    """Version, groups and tools as JSON takes them.

    Examples
    --------
    >>> frozen()["tools"][0]["name"]
    'join'
    """
    return {
        "version": __version__,
        "groups": dict(tools.GROUPS),
        "tools": [_tool(tools.find(name)) for name in tools.names()],
    }


def _tool(tool: Described) -> dict[str, Any]:
    lead, *rest = tool.doc.split("\n\n")
    return {
        "name": tool.name,
        "group": tool.group,
        "title": tool.title,
        "help": [" ".join(part.split()) for part in (lead, *_before_sections(rest))],
        "ports": [_port(port) for port in ports(tool)],
        "tables": [asdict(table) for table in tool.returns.TABLES],
    }


def _before_sections(parts: list[str]) -> list[str]:
    kept = []
    for part in parts:
        lines = part.split("\n")
        if len(lines) > 1 and set(lines[1]) == {"-"}:
            break
        kept.append(part)
    return kept


def _port(port: Port) -> dict[str, Any]:
    data = asdict(port)
    data["choices"], data["accepts"] = list(port.choices), list(port.accepts)
    if isinstance(port.default, tuple):
        data["default"] = list(port.default)
    return data

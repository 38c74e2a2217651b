"""Arguments held against the signature, before any work is done."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast, get_args, get_origin

import numpy as np

from .errors import Message, OptionError, listed
from .marks import Column, Range
from .signature import Parameter, parameters_of


def check(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Refuse what the signature does not allow.

    Parameters
    ----------
    function : callable
        Whose annotations say what is allowed.
    arguments : mapping
        A value for every parameter.

    Raises
    ------
    OptionError
        Names the parameter, what it was given and what it takes.

    Examples
    --------
    >>> def draw(count: int = 1) -> None: ...
    >>> check(draw, {"count": 3})
    """
    for parameter in parameters_of(function):
        value = arguments[parameter.name]
        if value is None:
            if type(None) not in parameter.members and Any not in parameter.members:
                raise OptionError("'{port}' is needed: {title}.", port=parameter.name, title=parameter.title)
            continue
        for hold in (_hold_kind, _hold_choice, _hold_range, _hold_flag, _hold_columns, _hold_mapping, _hold_results):
            hold(parameter, value)


def _hold_kind(parameter: Parameter, value: object) -> None:
    """A parameter of the package's own types takes nothing else."""
    kinds = [kind for kind in (get_origin(member) or member for member in parameter.members) if isinstance(kind, type)]
    if not any(hasattr(kind, "from_ports") or hasattr(kind, "TABLES") for kind in kinds):
        return
    if isinstance(value, tuple(kinds)):
        return
    told = dict.fromkeys(getattr(kind, "STANDS_FOR", kind.__name__) for kind in kinds)
    raise OptionError(
        "{name} takes {kinds}, not {found}{hint}.",
        name=parameter.name,
        kinds=" or ".join(told),
        found=type(value).__name__,
        hint=Message.of("; see Panel.from_frame and read_panel") if "Panel" in told else "",
    )


def _hold_choice(parameter: Parameter, value: object) -> None:
    if not parameter.choices:
        return
    plain = isinstance(value, str) or type(value) in {type(choice) for choice in parameter.choices}
    if plain and value in parameter.choices:
        return
    if isinstance(value, tuple(member for member in parameter.members if isinstance(member, type))):
        return
    raise OptionError(
        "{name}={value!s} is not a choice; choose one of: {choices}",
        name=parameter.name,
        value=repr(value),
        choices=listed(parameter.choices, limit=20),
    )


def _hold_range(parameter: Parameter, value: object) -> None:
    bounds = parameter.mark(Range)
    if bounds is None:
        return
    whole = int in parameter.members and float not in parameter.members
    kind = numbers.Integral if whole else numbers.Real
    if isinstance(value, kind) and not isinstance(value, bool) and bounds.low <= cast(float, value) <= bounds.high:
        return
    raise OptionError(
        "{name}={value} must be a {kind} from {low} to {high}",
        name=parameter.name,
        value=repr(value),
        kind=Message.of("whole number" if whole else "number"),
        low=f"{bounds.low:.10g}",
        high=f"{bounds.high:.10g}",
    )


def _hold_flag(parameter: Parameter, value: object) -> None:
    if parameter.hint is bool and not isinstance(value, (bool, np.bool_)):
        raise OptionError("{name}={value} must be True or False", name=parameter.name, value=repr(value))


def _hold_columns(parameter: Parameter, value: object) -> None:
    """One name for a column, names for columns; a single name serves as a list of one."""
    if parameter.mark(Column) is None or isinstance(value, str):
        return
    many = any(get_origin(member) is Sequence for member in parameter.members)
    if many and isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value):
        return
    raise OptionError(
        "{name}={value} must be {kind}",
        name=parameter.name,
        value=repr(value),
        kind=Message.of("a list of column names" if many else "a column name"),
    )


def _hold_mapping(parameter: Parameter, value: object) -> None:
    if not any(get_origin(member) is Mapping and get_args(member)[1] is float for member in parameter.members):
        return
    if isinstance(value, Mapping):
        names = all(isinstance(name, str) for name in value)
        if names and all(isinstance(item, numbers.Real) and not isinstance(item, bool) for item in value.values()):
            return
    raise OptionError("{name}={value} must map names to numbers", name=parameter.name, value=repr(value))


def _hold_results(parameter: Parameter, value: object) -> None:
    """A list of results holds results of the kind, and at least one."""
    for member in parameter.members:
        kinds = [kind for kind in get_args(member) if hasattr(kind, "TABLES")]
        if get_origin(member) is not Sequence or not kinds:
            continue
        items = value if isinstance(value, (list, tuple)) else [value]
        if items and all(isinstance(item, tuple(kinds)) for item in items):
            return
        raise OptionError(
            "{name} takes a list of {kinds}", name=parameter.name, kinds=" or ".join(kind.__name__ for kind in kinds)
        )

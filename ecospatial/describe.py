"""The vocabulary of a public signature.

A public method is a plain typed function under :func:`tool`. Its signature, the ``Annotated``
descriptions and the docstring are its only description; the doors are generated from them.
"""

from __future__ import annotations

import functools
import inspect
import numbers
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .errors import OptionError, listed
from .provenance import Provenance

P = ParamSpec("P")
R = TypeVar("R")

Grain = Literal["unit-period", "unit", "period", "term", "pair"]


@dataclass(frozen=True)
class Column:
    """Marks a parameter that names one or more columns of a table.

    Attributes
    ----------
    numeric : bool
        Only number columns serve.
    of : str
        The parameter that holds the table.
    """

    numeric: bool = True
    of: str = "data"


@dataclass(frozen=True)
class Range:
    """Closed bounds of a number."""

    low: float
    high: float


@dataclass(frozen=True)
class ApiOnly:
    """Marks a parameter that only Python code can give, such as an executor."""


@dataclass(frozen=True)
class Advanced:
    """Marks a parameter that a dialog folds away."""


@dataclass(frozen=True)
class Table:
    """A table that a result will have, declared before it runs.

    Attributes
    ----------
    name : str
        Key of the table in ``Result.tables()``.
    grain : {"unit-period", "unit", "period", "term", "pair"}
        What a row stands for; unit grains can be drawn on a map.
    title : str
        Heading for people.
    style : str or None
        Name of the map style for its layer.
    """

    name: str
    grain: Grain
    title: str
    style: str | None = None


@dataclass(frozen=True)
class Described:
    """What is known of a public function."""

    name: str
    group: str
    title: str
    function: Callable[..., Any]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in order."""
        return _parameters(self.function)

    @property
    def returns(self) -> Any:
        """The result class."""
        return _hints(self.function)["return"]

    @property
    def doc(self) -> str:
        """The docstring, dedented."""
        return inspect.getdoc(self.function) or ""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a public function, its annotation taken apart."""

    name: str
    hint: Any
    title: str
    default: Any
    marks: tuple[Any, ...]

    @property
    def required(self) -> bool:
        """Whether the call must give it."""
        return self.default is inspect.Parameter.empty

    @property
    def members(self) -> tuple[Any, ...]:
        """The members of a union, or the hint alone."""
        return get_args(self.hint) if get_origin(self.hint) in (Union, types.UnionType) else (self.hint,)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values of a ``Literal``, empty for other hints."""
        return tuple(value for member in self.members if get_origin(member) is Literal for value in get_args(member))

    def mark(self, kind: type[R]) -> R | None:
        """The first mark of a kind."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)


def tool(*, group: str, title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a public method.

    Arguments are checked against the signature (choices and ranges), and the result is stamped with
    its provenance.

    Parameters
    ----------
    group : str
        Chapter the tool stands in.
    title : str
        Name for people.

    Raises
    ------
    OptionError
        At a call, where an argument is outside its choices or its range.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            check(function, bound.arguments)
            result = function(*bound.args, **bound.kwargs)
            stamped = Provenance.of(function.__name__, bound.arguments)
            return cast(R, replace(cast(Any, result), provenance=stamped))

        cast(Any, call).described = Described(function.__name__, group, title, function)
        return call

    return declare


def described(function: Callable[..., Any]) -> Described:
    """What :func:`tool` recorded of a function."""
    return cast(Described, cast(Any, function).described)


def check(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Hold arguments against choices and ranges of the signature."""
    for parameter in _parameters(function):
        value = arguments[parameter.name]
        _check_kind(parameter, value)
        if parameter.choices and (isinstance(value, str) or value is None):
            _check_choice(parameter, value)
        if parameter.mark(Range) is not None and value is not None:
            _check_range(parameter, value)


def _check_kind(parameter: Parameter, value: object) -> None:
    """A parameter of the package's own types takes nothing else."""
    kinds = [member for member in parameter.members if isinstance(member, type)]
    own = [kind.__name__ for kind in kinds if hasattr(kind, "from_ports") or hasattr(kind, "TABLES")]
    if not own or isinstance(value, tuple(kinds)):
        return
    raise OptionError(
        "{name} takes {kinds}, not {found}{hint}.",
        name=parameter.name,
        kinds=" or ".join(dict.fromkeys(own)),
        found=type(value).__name__,
        hint="; see Panel.from_frame and read_panel" if "Panel" in own else "",
    )


def _check_choice(parameter: Parameter, value: object) -> None:
    if value in parameter.choices or (value is None and type(None) in parameter.members):
        return
    if isinstance(value, str) and str in parameter.members:
        return
    raise OptionError(
        "{name}={value!s} is not a choice; choose one of: {choices}",
        name=parameter.name,
        value=repr(value),
        choices=listed(parameter.choices, limit=20),
    )


def _check_range(parameter: Parameter, value: object) -> None:
    bounds = cast(Range, parameter.mark(Range))
    whole = int in parameter.members and float not in parameter.members
    kind = numbers.Integral if whole else numbers.Real
    if isinstance(value, kind) and not isinstance(value, bool) and bounds.low <= cast(float, value) <= bounds.high:
        return
    raise OptionError(
        "{name}={value} must be a {kind} from {low} to {high}",
        name=parameter.name,
        value=repr(value),
        kind="whole number" if whole else "number",
        low=f"{bounds.low:g}",
        high=f"{bounds.high:g}",
    )


@functools.cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function, include_extras=True)


@functools.cache
def _parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    hints = _hints(function)
    found = []
    for name, raw in inspect.signature(function).parameters.items():
        hint: Any = hints[name]
        extras: tuple[Any, ...] = ()
        if get_origin(hint) is Annotated:
            hint, *rest = get_args(hint)
            extras = tuple(rest)
        texts = [extra for extra in extras if isinstance(extra, str)]
        marks = tuple(extra for extra in extras if not isinstance(extra, str))
        title = texts[0] if texts else name.replace("_", " ").capitalize()
        found.append(Parameter(name, hint, title, raw.default, marks))
    return tuple(found)

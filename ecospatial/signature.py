"""A signature taken apart: every parameter with its members, choices, title and marks."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

R = TypeVar("R")


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


@functools.cache
def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function, resolved."""
    return {name: _bare(hint) for name, hint in get_type_hints(function, include_extras=True).items()}


def _bare(hint: Any) -> Any:
    """An annotation without the ``Optional`` that Python 3.10 puts around it where the default is None."""
    members = get_args(hint) if get_origin(hint) is Union else ()
    marked = [member for member in members if get_origin(member) is Annotated]
    if len(members) != 2 or len(marked) != 1 or type(None) not in members:
        return hint
    inner, *marks = get_args(marked[0])
    return Annotated[(inner | None, *marks)]


@functools.cache
def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a function in order."""
    hints = hints_of(function)
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

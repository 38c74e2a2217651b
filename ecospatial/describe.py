"""How a public method is declared.

A public method is a plain typed function under :func:`tool`. Its signature, the ``Annotated``
descriptions and the docstring are its only description; the doors are generated from them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar, cast

from .caveats import caveats_of
from .checks import check
from .marks import Advanced, ApiOnly, Column, Grain, Range, Table
from .provenance import Provenance
from .signature import Parameter, hints_of, parameters_of

__all__ = ["Advanced", "ApiOnly", "Column", "Described", "Grain", "Parameter", "Range", "Table", "described", "tool"]

P = ParamSpec("P")
R = TypeVar("R")


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
        return parameters_of(self.function)

    @property
    def returns(self) -> Any:
        """The result class."""
        return hints_of(self.function)["return"]

    @property
    def doc(self) -> str:
        """The docstring, dedented."""
        return inspect.getdoc(self.function) or ""


def tool(*, group: str, title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a public method.

    Arguments are checked against the signature (choices and ranges), and the result is stamped with
    its provenance. What must be said of the data, that they are simulated, it says too.

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
            # Who did the work is no part of the record, since it changes no number.
            apart = {parameter.name for parameter in parameters_of(function) if parameter.mark(ApiOnly)}
            recorded = {name: value for name, value in bound.arguments.items() if name not in apart}
            stamped = Provenance.of(function.__name__, recorded)
            said = cast(Any, result).notes
            inherited = tuple(caveat for caveat in caveats_of(bound.arguments.values()) if caveat not in said)
            return cast(R, replace(cast(Any, result), provenance=stamped, notes=(*said, *inherited)))

        cast(Any, call).described = Described(function.__name__, group, title, function)
        return call

    return declare


def described(function: Callable[..., Any]) -> Described:
    """What :func:`tool` recorded of a function."""
    return cast(Described, cast(Any, function).described)

from __future__ import annotations

import typing
from typing import Annotated, Any, Optional

import pytest

from ecospatial import signature
from ecospatial.marks import Advanced, Range
from ecospatial.signature import parameters_of

Share = Annotated[float | None, Range(0, 1), Advanced(), "Share"]


def plain(share: Share = None, count: Annotated[int, Range(1, 9), "Count"] = 3) -> None:
    """Toy."""


@pytest.mark.parametrize("wrapped", [Optional[Share], typing.Union[None, Share]])  # noqa: UP045
def test_marks_are_found_inside_the_optional_of_python_310(monkeypatch: pytest.MonkeyPatch, wrapped: Any) -> None:
    """Python 3.10 reads ``x: Annotated[T, mark] = None`` as ``Optional[Annotated[T, mark]]``."""
    (usual, count) = parameters_of(plain)
    real = typing.get_type_hints
    monkeypatch.setattr(
        signature, "get_type_hints", lambda function, **options: {**real(function, **options), "share": wrapped}
    )
    signature.hints_of.cache_clear()
    (share, again) = parameters_of.__wrapped__(plain)
    signature.hints_of.cache_clear()
    assert share == usual and again == count
    assert share.title == "Share" and share.mark(Range) == Range(0, 1) and share.mark(Advanced) == Advanced()
    assert set(share.members) == {float, type(None)} and share.default is None


def test_other_unions_stay_as_they_are() -> None:
    def open_ended(value: int | None = None, both: Annotated[int | str, "Both"] = 1) -> None:
        """Toy."""

    value, both = parameters_of(open_ended)
    assert value.members == (int, type(None)) and value.marks == ()
    assert both.members == (int, str) and both.title == "Both"

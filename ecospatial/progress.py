"""Progress and cancellation.

Long work ticks through :func:`track`; whoever started it listens through :func:`listen`. Ticks are
sent from the process that called, never from a pool worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[str, float], None]

_listener: ContextVar[Listener | None] = ContextVar("ecospatial_progress", default=None)


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Send ticks to ``listener(label, fraction)`` inside the block; it may raise ``Cancelled``.

    Examples
    --------
    >>> seen = []
    >>> with listen(lambda label, fraction: seen.append(fraction)):
    ...     total = sum(track([1, 2], "Adding"))
    >>> seen
    [0.0, 0.5, 1.0]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tick(label: str, fraction: float) -> None:
    """Report one fraction in [0, 1] of the work called ``label``."""
    listener = _listener.get()
    if listener is not None:
        listener(label, fraction)


@contextmanager
def share(label: str, low: float, high: float) -> Iterator[None]:
    """Let the ticks inside the block move the work called ``label`` from one fraction to another.

    Examples
    --------
    >>> seen = []
    >>> with listen(lambda label, fraction: seen.append((label, fraction))):
    ...     with share("Both", 0.5, 1.0):
    ...         tick("Second", 0.5)
    >>> seen
    [('Both', 0.5), ('Both', 0.75), ('Both', 1.0)]
    """
    listener = _listener.get()
    if listener is None:
        yield
        return
    listener(label, low)
    with listen(lambda _, fraction: listener(label, low + (high - low) * fraction)):
        yield
    listener(label, high)


def track(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Iterate and tick after each item."""
    if total is None:
        total = len(items) if isinstance(items, Sized) else 0
    tick(label, 0.0)
    for done, item in enumerate(items, start=1):
        yield item
        if total:
            tick(label, done / total)

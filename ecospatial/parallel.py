"""Independent pieces of work, one after another or by the workers of an executor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from typing import Annotated, TypeVar

from .errors import EcospatialError, OptionError
from .marks import ApiOnly
from .progress import share, tick

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

# Who does the work, for signatures.
Workers = Annotated[Executor | None, ApiOnly(), "Executor"]


def mapped(
    function: Callable[[Item], Outcome], items: Sequence[Item], executor: Executor | None, label: str
) -> list[Outcome]:
    """Apply a function to every item; the outcomes stand in the order of the items, whoever did the work.

    Ticks come from this process: from within the work where there is no executor, and after each piece where
    there is one. A listener that raises, as it does to cancel, withdraws what has not begun.

    Parameters
    ----------
    function, items
        They travel to the workers, so processes need them to pickle.
    executor : concurrent.futures.Executor or None
        Threads, processes, or a Dask cluster by ``Client.get_executor()``; None for this process.
    label : str
        What the progress is called.

    Raises
    ------
    OptionError
        Where the executor is none.
    EcospatialError
        Where it is shut down, or the workers are gone before the work is done.

    Examples
    --------
    >>> mapped(abs, [-1, 2, -3], None, "Sizes")
    [1, 2, 3]
    """
    if executor is None:
        return [_within(function, items, place, label) for place in range(len(items))]
    if not hasattr(executor, "submit"):
        raise OptionError(
            "An executor has a method submit, as those of concurrent.futures have; a {kind} has none.",
            kind=type(executor).__name__,
        )
    tick(label, 0.0)
    futures: list[Future[Outcome]] = []
    try:
        futures += [executor.submit(function, item) for item in items]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            tick(label, done / len(futures))
    except BrokenExecutor as error:
        raise EcospatialError(
            "A worker of the executor ended before its work was done, often for lack of memory; use fewer workers."
        ) from error
    except RuntimeError as error:
        if len(futures) == len(items):
            raise
        raise EcospatialError("The executor takes no more work: it is shut down; make a new one.") from error
    finally:
        for future in futures:
            future.cancel()
    return [future.result() for future in futures]


def _within(function: Callable[[Item], Outcome], items: Sequence[Item], place: int, label: str) -> Outcome:
    with share(label, place / len(items), (place + 1) / len(items)):
        return function(items[place])

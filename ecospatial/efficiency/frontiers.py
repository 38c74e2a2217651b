"""Whose frontier: which unit-periods evaluate which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import DataError, Message, listed
from .observations import Observations

FrontierKind = Literal["contemporaneous", "global"]


@dataclass(frozen=True, eq=False)
class Frontier:
    """One reference set and the unit-periods held against it, as rows of the panel.

    Attributes
    ----------
    name : Message
        How a message calls it.
    evaluated : ndarray (N,) of int
    reference : ndarray (J,) of int
    """

    name: Message
    evaluated: np.ndarray
    reference: np.ndarray

    @property
    def home(self) -> np.ndarray:
        """Shape (N,): place of each evaluated row in ``reference``, −1 where it is not there."""
        order = np.argsort(self.reference)
        places = np.searchsorted(self.reference, self.evaluated, sorter=order)
        at = order[np.minimum(places, len(order) - 1)]
        return np.where(self.reference[at] == self.evaluated, at, -1)


def draw_frontiers(observations: Observations, kind: FrontierKind) -> list[Frontier]:
    """Split the panel into frontiers.

    Parameters
    ----------
    observations : Observations
        The panel may be unbalanced.
    kind : {"contemporaneous", "global"}
        Each period against itself, or all unit-periods against one frontier.

    Raises
    ------
    DataError
        Where a frontier has fewer units than there are variables.
    """
    panel = observations.data
    if kind == "global" or len(panel.periods) == 1:
        everyone = np.arange(len(observations.values))
        frontiers = [Frontier(Message.of("the frontier"), everyone, everyone)]
    else:
        _, when = panel.places()
        periods = [(period, np.flatnonzero(when == place)) for place, period in enumerate(panel.periods)]
        name = "the frontier of {period}"
        frontiers = [Frontier(Message.of(name, period=period), rows, rows) for period, rows in periods]
    for frontier in frontiers:
        _check_size(frontier, len(observations.variables))
    return frontiers


def _check_size(frontier: Frontier, variables: int) -> None:
    if len(frontier.reference) < variables:
        raise DataError(
            "There are {units} units in {frontier} for {variables} variables, and nearly all would come out efficient; "
            "name fewer variables, add units, or pool periods with frontier='global'.",
            frontier=frontier.name,
            units=len(frontier.reference),
            variables=variables,
        )


def frontier_notes(observations: Observations, kind: FrontierKind, frontiers: Sequence[Frontier]) -> list[Message]:
    """What the choice of frontiers means for reading the scores."""
    notes = []
    enough = 3 * len(observations.variables)
    sizes = {frontier.name: len(frontier.reference) for frontier in frontiers}
    small = [Message.of("{name} ({size})", name=name, size=size) for name, size in sizes.items() if size < enough]
    if small:
        notes.append(
            Message.of(
                "Fewer than {enough} units, three for each variable, in {frontiers}: many come out efficient.",
                enough=enough,
                frontiers=listed(small),
            )
        )
    if len(observations.data.periods) > 1:
        comparable = {
            "contemporaneous": "Each period has its own frontier: scores are not comparable over time.",
            "global": "All periods share one frontier: scores change when periods are added.",
        }
        notes.append(Message.of(comparable[kind]))
    return notes

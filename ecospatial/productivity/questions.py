"""Which unit-periods are held against which technologies, each question once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from ..efficiency.frontiers import Frontier, span_name
from ..efficiency.observations import Observations
from ..efficiency.technology import ReturnsToScale
from ..errors import DataError, Message
from .decompositions import Change
from .pairs import Pairs

ReferenceKind = Literal["contemporaneous", "global", "sequential", "biennial"]
FIELDS = ("first", "last", "returns_to_scale", "group", "row")
_RETURNS: tuple[ReturnsToScale, ...] = ("crs", "vrs", "nirs", "ndrs")
_EVERYONE = -1


@dataclass(frozen=True, eq=False)
class Questions:
    """Unit-periods and technologies without repetition, sorted by technology.

    Attributes
    ----------
    asked : ndarray (K, 5) of int
        Columns as in ``FIELDS``: first and last period that make the technology, returns to scale, group (−1 for
        everyone), and the row of the panel that is held against it.
    places : dict of Change to ndarray (2, B, P)
        Where the questions of a change stand, of the earlier and the later rows, for each of its B technologies.
    labels : ndarray (n,) of str or None
        Group of every row of the panel; groups are numbered in the order of their names.
    """

    asked: np.ndarray
    places: Mapping[Change, np.ndarray]
    labels: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        pairs: Pairs,
        kind: ReferenceKind,
        changes: Sequence[Change],
        periods: int,
        labels: np.ndarray | None = None,
    ) -> Questions:
        """Everything that some changes need to know.

        Parameters
        ----------
        pairs : Pairs
        kind : {"contemporaneous", "global", "sequential", "biennial"}
        changes : sequence of Change
        periods : int
            How many the panel has.
        labels : ndarray (n,) of str or None
            Group of every row of the panel.
        """
        numbers = (
            np.unique(labels.astype(str), return_inverse=True)[1] if labels is not None else np.zeros(0, dtype=int)
        )
        blocks = {}
        for change in changes:
            rows = np.stack([pairs.earlier, pairs.later])[:, None, :]
            group = numbers[rows] if change.among == "group" else np.full_like(rows, _EVERYONE)
            spans = _spans(pairs.when, kind, change.against, periods)
            returns = np.array(_RETURNS.index(change.returns_to_scale))
            every = np.broadcast_arrays(*spans, returns, group, rows)
            blocks[change] = np.stack(every, axis=-1)
        flat = np.concatenate([block.reshape(-1, len(FIELDS)) for block in blocks.values()])
        asked, inverse = np.unique(flat, axis=0, return_inverse=True)
        ends = np.cumsum([block[..., 0].size for block in blocks.values()])[:-1]
        parts = zip(blocks.items(), np.split(inverse.reshape(-1), ends), strict=True)
        places = {change: part.reshape(block.shape[:-1]) for (change, block), part in parts}
        return cls(asked, places, labels)

    @property
    def by_technology(self) -> list[np.ndarray]:
        """Places of the questions of each technology."""
        starts = np.flatnonzero((np.diff(self.asked[:, :-1], axis=0) != 0).any(axis=1)) + 1
        return np.split(np.arange(len(self.asked)), starts)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, none where everyone makes the technologies."""
        return () if self.labels is None else tuple(np.unique(self.labels.astype(str)).tolist())

    def some(self, places: np.ndarray) -> Questions:
        """Some of the questions."""
        return replace(self, asked=self.asked[places], places={})

    def frontiers(self, observations: Observations) -> list[tuple[Frontier, ReturnsToScale]]:
        """The technologies with the rows that are held against them.

        Raises
        ------
        DataError
            Where a technology has fewer units than there are variables.
        """
        _, when = observations.data.places()
        everyone, groups, found = np.arange(len(when)), self.groups, []
        for places in self.by_technology:
            first, last, returns, group, _ = self.asked[places[0]]
            name = span_name(observations.data.periods, range(first, last + 1))
            within = (when >= first) & (when <= last)
            if group != _EVERYONE:
                name = Message.of("group {group} in {frontier}", group=groups[group], frontier=name)
                within &= self.labels == groups[group]
            frontier = Frontier(name, self.asked[places, -1], np.flatnonzero(within), everyone)
            _check_size(frontier, len(observations.variables))
            found.append((frontier, _RETURNS[returns]))
        return found

    def change(self, change: Change, levels: np.ndarray) -> np.ndarray:
        """Shape (P, …): later less earlier, the mean over the technologies, of levels (K, …) of the questions."""
        earlier, later = self.places[change]
        return np.asarray((levels[later] - levels[earlier]).mean(axis=0))

    def frame(self, observations: Observations) -> pd.DataFrame:
        """Unit and period, and the technology they are held against, one row a question."""
        first, last, returns, group, row = self.asked.T
        periods, index = observations.data.periods, observations.data.index[row]
        found = {
            "unit": index.get_level_values("unit"),
            "period": index.get_level_values("period"),
            "technology_from": periods[first],
            "technology_to": periods[last],
            "returns_to_scale": np.array(_RETURNS, dtype=object)[returns],
        }
        if self.groups:
            found["technology_of"] = np.array([*self.groups, ""], dtype=object)[group]
        return pd.DataFrame(found)


def _spans(when: np.ndarray, kind: ReferenceKind, against: str, periods: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last period of the technologies of the earlier and the later rows, each (2, B, P)."""
    both = np.stack([when - 1, when])
    start = np.zeros_like(both) if kind == "sequential" else both
    if against == "own":
        return start[:, None, :], both[:, None, :]
    if kind == "global":
        return np.zeros((2, 1, len(when)), dtype=int), np.full((2, 1, len(when)), periods - 1)
    if kind == "biennial":
        return np.stack([both[:1]] * 2), np.stack([both[1:]] * 2)
    return np.stack([start] * 2), np.stack([both] * 2)


def _check_size(frontier: Frontier, variables: int) -> None:
    if len(frontier.reference) < variables:
        raise DataError(
            "There are {units} units in {frontier} for {variables} variables, so that nearly all lie on it and a "
            "change means little; name fewer variables, add units, or make groups fewer.",
            frontier=frontier.name,
            units=len(frontier.reference),
            variables=variables,
        )

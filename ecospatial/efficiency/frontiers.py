"""Whose frontier: which unit-periods evaluate which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from ..describe import Advanced, Column, Range
from ..errors import DataError, Message, OptionError, listed
from .membership import group_labels, reference_rows
from .observations import Observations

FrontierKind = Literal["contemporaneous", "global", "sequential", "window", "biennial", "meta"]
Exclude = Literal["observation", "unit"]

# What every model says of its frontiers, for signatures.
Window = Annotated[int, Range(1, 10_000), Advanced(), "Width of the window, in periods"]
Groups = Annotated[str | None, Column(numeric=False, of="panel"), Advanced(), "Groups of the meta-frontier"]
ReferenceUnits = Annotated[Sequence[Any] | None, Advanced(), "Units that make the frontier"]
Excluded = Annotated[Exclude, Advanced(), "Left out in super-efficiency"]


_OVER_TIME = {
    "contemporaneous": "Each period has its own frontier: scores are not comparable over time.",
    "global": "All periods share one frontier: scores change when periods are added.",
    "meta": "All periods share one frontier: scores change when periods are added.",
    "sequential": "A period's frontier is made of all periods up to it: technology cannot regress, and later periods "
    "are held against larger frontiers, so that scores are not comparable over time.",
    "window": "A score is the mean over all windows that hold its period ({frontiers}); the first and the last periods "
    "are in fewer of them. Compare over time within a window.",
    "biennial": "A period's frontier is made of it and the next, that of the last period of it and the one before "
    "({frontiers}): scores are not comparable over time, but do not change when later periods are added, those of the "
    "last period apart.",
}


@dataclass(frozen=True, eq=False)
class Frontier:
    """One reference set and the unit-periods held against it, as rows of the panel.

    Attributes
    ----------
    name : Message
        How a message calls it.
    evaluated : ndarray (N,) of int
    reference : ndarray (J,) of int
    owners : ndarray (n,) of int
        Rows of the panel with the same owner are left out together in super-efficiency.
    group : str
        The group whose frontier it is, empty for a frontier of everyone.
    """

    name: Message
    evaluated: np.ndarray
    reference: np.ndarray
    owners: np.ndarray
    group: str = ""

    @property
    def itself(self) -> sparse.csr_matrix:
        """Shape (N, J): one where a reference belongs to the evaluated row's owner."""
        own, theirs = self.owners[self.evaluated], self.owners[self.reference]
        order = np.argsort(theirs, kind="stable")
        first, last = (np.searchsorted(theirs, own, side, sorter=order) for side in ("left", "right"))
        counts = last - first
        ends = np.append(0, np.cumsum(counts))
        columns = order[np.arange(ends[-1]) + np.repeat(first - ends[:-1], counts)]
        return sparse.csr_matrix((np.ones(ends[-1]), columns, ends), shape=(len(own), len(theirs)))


def draw_frontiers(
    observations: Observations,
    kind: FrontierKind,
    window: int = 3,
    groups: str | None = None,
    reference_units: Sequence[Any] | None = None,
    exclude: Exclude = "observation",
) -> list[Frontier]:
    """Split the panel into frontiers.

    Parameters
    ----------
    observations : Observations
        The panel may be unbalanced.
    kind : {"contemporaneous", "global", "sequential", "window", "biennial", "meta"}
        Periods that make a unit-period's frontier: its own; all; all up to its own (Tulkens & Vanden Eeckaut
        1995); every ``window`` successive ones that hold its own (Charnes, Clark, Cooper & Golany 1985); its own
        and the next, for the last one the one before (Pastor, Asmild & Lovell 2011); all, and those of its own
        group besides (O'Donnell, Rao & Battese 2008).
    window : int
        Width of a window.
    groups : str or None
        Column of groups; each frontier is then drawn for everyone, and for each group on its own as well.
    reference_units : sequence or None
        The units that make the frontiers, by id, or the name of a column that marks them; all by default.
    exclude : {"observation", "unit"}
        What super-efficiency leaves out of a frontier: the unit-period, or all periods of its unit.

    Raises
    ------
    OptionError
        Where a window is wider than the panel, a meta-frontier has no groups, or a unit is unknown.
    DataError
        Where a frontier has fewer units than there are variables.
    """
    if kind == "meta" and groups is None:
        raise OptionError("A meta-frontier needs groups; name the column that holds them with groups=.")
    unit, when = observations.data.places()
    able = reference_rows(observations.panel, reference_units)
    owners = np.arange(len(unit)) if exclude == "observation" else unit
    frontiers = [
        Frontier(name, np.flatnonzero(np.isin(when, held)), np.flatnonzero(np.isin(when, pooled) & able), owners)
        for name, held, pooled in _spans(observations.data.periods, kind, window)
    ]
    if groups is not None:
        labels = group_labels(observations.panel, groups)
        frontiers += [part for frontier in frontiers for part in _by_group(frontier, labels)]
    for frontier in frontiers:
        _check_size(frontier, len(observations.variables))
    return frontiers


def _spans(
    periods: pd.Index, kind: FrontierKind, window: int
) -> Iterator[tuple[Message, Sequence[int], Sequence[int]]]:
    """Name, periods held against it and periods that make it, of every frontier."""
    count = len(periods)
    every = range(count)
    if kind == "window" and window > count:
        raise OptionError(
            "A window of {window} periods is wider than the panel, which has {count}; give window= at most {count}.",
            window=window,
            count=count,
        )
    if kind in ("global", "meta") or count == 1:
        yield Message.of("the frontier"), every, every
    elif kind == "contemporaneous":
        for place in every:
            yield span_name(periods, [place]), [place], [place]
    elif kind == "sequential":
        for place in every:
            name = Message.of("the frontier up to {period}", period=periods[place])
            yield name, [place], range(place + 1)
    elif kind == "biennial":
        for place in range(count - 1):
            pair = [place, place + 1]
            yield span_name(periods, pair), pair if place == count - 2 else [place], pair
    else:
        for place in range(count - window + 1):
            span = range(place, place + window)
            yield span_name(periods, span), span, span


def span_name(periods: pd.Index, span: Sequence[int]) -> Message:
    """What a message calls the frontier that successive periods make."""
    if len(span) == 1:
        return Message.of("the frontier of {period}", period=periods[span[0]])
    return Message.of("the frontier of {first}–{last}", first=periods[span[0]], last=periods[span[-1]])


def _by_group(frontier: Frontier, labels: np.ndarray) -> Iterator[Frontier]:
    for group in sorted(set(labels[frontier.evaluated])):
        evaluated, reference = (rows[labels[rows] == group] for rows in (frontier.evaluated, frontier.reference))
        name = Message.of("group {group} in {frontier}", group=group, frontier=frontier.name)
        yield replace(frontier, name=name, evaluated=evaluated, reference=reference, group=group)


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
    notes = [*size_notes(frontiers, 3 * len(observations.variables)), *_reference_notes(observations, frontiers)]
    if len(observations.data.periods) > 1:
        names = listed(frontier.name for frontier in frontiers if not frontier.group)
        notes.append(Message.of(_OVER_TIME[kind], **({"frontiers": names} if "{" in _OVER_TIME[kind] else {})))
    if any(frontier.group for frontier in frontiers):
        notes.append(
            Message.of(
                "The technology gap ratio is the efficiency against all groups over that against the own group; the "
                "meta-frontier is the convex hull of all groups (O'Donnell, Rao & Battese 2008)."
            )
        )
    return notes


def super_efficiency_notes(observations: Observations, frontiers: Sequence[Frontier]) -> list[Message]:
    """What super-efficiency scores are good for, and what they leave out.

    Raises
    ------
    OptionError
        Where there are groups: a gap ratio of super-efficiency scores may pass one.
    """
    if any(frontier.group for frontier in frontiers):
        raise OptionError(
            "Super-efficiency scores make no technology gap ratio, since it could exceed 1; leave out groups= or "
            "super_efficiency=."
        )
    notes = [Message.of("Super-efficiency ranks efficient units; it is no score for trends or regressions.")]
    unit, _ = observations.data.places()
    repeated = any(len(set(unit[each.reference])) < len(each.reference) for each in frontiers)
    if repeated and all(len(set(each.owners)) == len(unit) for each in frontiers):
        notes.append(
            Message.of(
                "Super-efficiency leaves out the unit-period alone, so that a unit is also held against its own other "
                "periods; exclude='unit' leaves out them too."
            )
        )
    elif repeated:
        notes.append(Message.of("Super-efficiency leaves out all periods of the unit."))
    return notes


def size_notes(frontiers: Sequence[Frontier], enough: int) -> list[Message]:
    """Name the frontiers that fewer than ``enough`` units make."""
    sizes = {frontier.name: len(frontier.reference) for frontier in frontiers}
    small = [Message.of("{name} ({size})", name=name, size=size) for name, size in sizes.items() if size < enough]
    if not small:
        return []
    return [
        Message.of(
            "Fewer than {enough} units, three for each variable, in {frontiers}: many come out efficient.",
            enough=enough,
            frontiers=listed(small),
        )
    ]


def _reference_notes(observations: Observations, frontiers: Sequence[Frontier]) -> list[Message]:
    unit, _ = observations.data.places()
    made = len(set(unit[np.concatenate([frontier.reference for frontier in frontiers])]))
    every = len(observations.data.units)
    if made == every:
        return []
    return [
        Message.of(
            "{made} of {every} units make the frontier; another may lie beyond it, with a score better than 1 or none.",
            made=made,
            every=every,
        )
    ]

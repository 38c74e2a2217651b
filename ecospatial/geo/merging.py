"""Units that became one: their figures put together by a policy that is named for every column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, JoinError, Message, OptionError, listed, suggest
from ..panel import Panel

FLAG = "flag"
REST = "*"
SIMPLE = ("sum", "mean", "drop")
WEIGHTED = re.compile(r"^(?:weighted )?mean by (.+)$")


@dataclass(frozen=True)
class Union:
    """A unit that another one takes in.

    Attributes
    ----------
    old, new : object
        Units of the panel.
    year : int or None
        First year in which the new unit's own figures include the old one; None where both are the same place under
        another code or name.
    """

    old: Any
    new: Any
    year: int | None


def policies(merge: Mapping[str, str] | str) -> dict[str, str] | None:
    """A policy by column, ``"*"`` for all others; None where nothing is to be merged.

    Parameters
    ----------
    merge : str or mapping
        ``"flag"``, one policy for all columns, a mapping, or its text: ``"gdp=sum, rate=mean by population"``.

    Raises
    ------
    OptionError
        Where a policy is none of: sum, mean, mean by COLUMN, drop.

    Examples
    --------
    >>> policies("gdp=sum, rate=weighted mean by population")
    {'gdp': 'sum', 'rate': 'weighted mean by population'}
    """
    if merge == FLAG:
        return None
    if isinstance(merge, str):
        pairs = [part.rpartition("=") for part in re.split(r"[,;]", merge) if part.strip()]
        merge = {name.strip() or REST: policy.strip() for name, _, policy in pairs}
    for name, policy in merge.items():
        if policy not in SIMPLE and not WEIGHTED.match(policy):
            raise OptionError(
                "merge: '{policy}' for {column} is no policy; use one of: sum, mean, weighted mean by COLUMN, drop",
                policy=policy,
                column=name,
            )
    return dict(merge)


def merged(panel: Panel, unions: Sequence[Union], rules: Mapping[str, str]) -> tuple[Panel, tuple[Message, ...]]:
    """The panel with the old units taken into the new ones.

    A figure that one of them lacks before the union leaves the joint figure empty. From the union on the new
    unit's own figures stand. Text columns are the new unit's.

    Parameters
    ----------
    panel : Panel
    unions : sequence of Union
    rules : mapping
        From :func:`policies`.

    Raises
    ------
    OptionError
        Where a numeric column has no policy.
    JoinError
        Where one place has figures under two codes in the same period.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": ["a", "b"], "y": 2000, "gdp": [1.0, 2.0], "rate": [0.1, 0.4]})
    >>> rules = {"gdp": "sum", "rate": "weighted mean by gdp"}
    >>> joint, _ = merged(Panel.from_frame(frame, "u", "y"), [Union("b", "a", 2010)], rules)
    >>> joint.frame.round(3).values.tolist()
    [[3.0, 0.3]]
    """
    frame = panel.frame
    named = _checked(frame, rules)
    frame = _renamed(frame, {union.old: union.new for union in unions if union.year is None})
    takers: dict[Any, list[Union]] = defaultdict(list)
    for union in unions:
        if union.year is not None:
            takers[union.new].append(union)
    notes = []
    for new, parts in takers.items():
        notes += _take_in(frame, new, parts, named)
    gone = [union.old for union in unions if union.year is not None]
    kept = frame[~frame.index.get_level_values("unit").isin(gone)]
    return replace(panel, _frame=kept), tuple(notes)


def _checked(frame: pd.DataFrame, rules: Mapping[str, str]) -> dict[str, str]:
    """The policy of every numeric column."""
    numeric = [str(name) for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    by = [found[1] for policy in rules.values() if (found := WEIGHTED.match(policy))]
    for name in (*(name for name in rules if name != REST), *by):
        if name not in frame.columns:
            raise DataError(
                "There is no column '{column}'; {hint}", column=name, hint=suggest(name, list(frame.columns))
            )
    named = {name: rules.get(name, rules.get(REST, "")) for name in numeric}
    lacking = [name for name, policy in named.items() if not policy]
    if lacking:
        raise OptionError(
            "merge: no policy for {columns}; name one of sum, mean, weighted mean by COLUMN, drop for each, or one for"
            " all others under '*'.",
            columns=listed(lacking, limit=12),
        )
    return named


def _renamed(frame: pd.DataFrame, names: Mapping[Any, Any]) -> pd.DataFrame:
    """The rows of a place under one unit."""
    units = frame.index.get_level_values("unit")
    periods = frame.index.get_level_values("period")
    to = pd.Index([names.get(unit, unit) for unit in units], name="unit")
    index = pd.MultiIndex.from_arrays([to, periods], names=["unit", "period"])
    twice = index[index.duplicated()]
    if len(twice):
        unit, period = twice[0]
        both = [unit, *(old for old, new in names.items() if new == unit)]
        raise JoinError(
            "{units} are one place under different codes or names, but both have figures for {period}; keep one.",
            units=listed(both),
            period=period,
        )
    return frame.set_axis(index, axis=0)


def _take_in(frame: pd.DataFrame, new: Any, parts: Sequence[Union], named: Mapping[str, str]) -> list[Message]:
    """Write the joint figures into the rows of the new unit, in the frame that is being made."""
    units = frame.index.get_level_values("unit")
    rows = np.flatnonzero(units == new)
    periods = frame.index.get_level_values("period")[rows]
    shares = [np.ones(len(rows), dtype=bool), *(np.asarray(periods < part.year) for part in parts)]
    counted = np.column_stack(shares)
    blocks = [frame.iloc[rows]] + [
        frame[units == part.old].droplevel("unit").reindex(periods) for part in parts
    ]  # fmt: skip
    for name, policy in named.items():
        if policy == "drop":
            continue
        cells = _cells(blocks, name)
        found = WEIGHTED.match(policy)
        weights = _cells(blocks, found[1]) if found else np.ones_like(cells)
        parts_sum = np.where(counted, cells * weights, 0.0).sum(axis=1)
        joint = parts_sum if policy == "sum" else parts_sum / np.where(counted, weights, 0.0).sum(axis=1)
        column = frame[name].to_numpy(dtype=float, na_value=np.nan, copy=True)
        column[rows] = joint
        frame[name] = column
    lost = [part.old for part in parts if (~pd.Index(frame[units == part.old].droplevel("unit").index)
                                           .isin(periods[periods < part.year])).any()]  # fmt: skip
    told = [Message.of("{units} taken into {unit}", units=listed([part.old for part in parts]), unit=new)]
    if lost:
        told.append(Message.of("Rows of {units} that were not added, since {unit} has no row or already includes them",
                               units=listed(lost), unit=new))  # fmt: skip
    return told


def _cells(blocks: Sequence[pd.DataFrame], name: str) -> np.ndarray:
    return np.column_stack([block[name].to_numpy(dtype=float, na_value=np.nan) for block in blocks])

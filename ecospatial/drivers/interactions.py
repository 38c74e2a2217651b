"""Drivers with a slope for every group, in one regression over all units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import Message, ModelError, OptionError, listed
from ..panel import Panel
from .design import Design
from .spatial_models import LAG_PREFIX
from .unit_groups import UnitGroups

Levels = Literal["group", "group-period", "common"]
PERIODS = ("time", "twoway")


@dataclass(frozen=True, eq=False)
class Interactions:
    """The columns of a regression by group.

    Attributes
    ----------
    data : Panel or GeoPanel
        The dependent variable, the drivers, and the columns below.
    y_name : str
    drivers : tuple of str
    groups : UnitGroups
    slopes : dict of str to tuple of str
        By driver: its columns, one a group, zero outside the group.
    levels : tuple of str
        Dummies of groups, or of groups and periods, against the first group.
    """

    data: Panel
    y_name: str
    drivers: tuple[str, ...]
    groups: UnitGroups
    slopes: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, design: Design, groups: UnitGroups, levels: Levels, effects: str) -> Interactions:
        """Build the columns.

        Raises
        ------
        OptionError
            Where groups are to have own effects of periods but the model has none.
        """
        if levels == "group-period" and effects not in PERIODS:
            raise OptionError(
                "levels='group-period' needs effects of periods: effects='time' or 'twoway', not '{effects}'.",
                effects=effects,
            )
        unit, period = design.data.places()
        member = groups.codes[unit][:, None] == np.arange(len(groups.names))
        columns: dict[str, np.ndarray] = {}
        slopes = {}
        for driver, values in zip(design.x_names, design.x[:, 1:].T, strict=True):
            slopes[driver] = tuple(f"{driver}[{group}]" for group in groups.names)
            columns |= dict(zip(slopes[driver], (member * values[:, None]).T, strict=True))
        dummies = _dummies(design.data, groups, member, period, levels, effects)
        data = _with_columns(design.data, {**columns, **dummies})
        return cls(data, design.y_name, design.x_names, groups, slopes, tuple(dummies))

    @property
    def interacted(self) -> list[str]:
        """The columns of all slopes."""
        return [name for names in self.slopes.values() for name in names]

    def own_coefficients(self, lags: bool) -> int:
        """Coefficients that rest on one group alone."""
        return len(self.drivers) * (1 + lags) + any(name in self.levels for name in self.group_levels)

    @property
    def group_levels(self) -> tuple[str, ...]:
        """Names that dummies of whole groups have."""
        return tuple(f"level[{group}]" for group in self.groups.names[1:])

    def terms(self, found: pd.Index) -> dict[str, tuple[str, ...]]:
        """Coefficients by driver and by lagged driver, one a group, as far as a model has them."""
        lagged = {
            LAG_PREFIX + driver: tuple(LAG_PREFIX + name for name in names) for driver, names in self.slopes.items()
        }
        return {term: names for term, names in {**self.slopes, **lagged}.items() if names[0] in found}

    def check_cells(self, lags: bool, counts: np.ndarray | None = None) -> None:
        """Stop where a group is too small for slopes of its own.

        Parameters
        ----------
        lags : bool
        counts : ndarray, shape (G,), or None
            Clusters of each group; units where errors are not clustered.

        Raises
        ------
        ModelError
            Where a group has no more of them than coefficients: their scores sum to zero, and the covariance with them.
        """
        own = self.own_coefficients(lags)
        found = self.groups.counts if counts is None else counts
        small = np.flatnonzero(found <= own)
        if len(small):
            raise ModelError(
                "Groups of '{by}' are too small for {count} coefficients of their own, which need more than {count}"
                " {what}: {groups}. Join groups, or use fewer drivers{more}.",
                by=self.groups.by,
                count=own,
                what=Message.of("units" if counts is None else "clusters"),
                groups=listed(
                    Message.of("{name} ({count})", name=self.groups.names[place], count=found[place]) for place in small
                ),
                more="" if counts is None else Message.of(" or finer clusters"),
            )


def _dummies(
    data: Panel, groups: UnitGroups, member: np.ndarray, period: np.ndarray, levels: Levels, effects: str
) -> dict[str, np.ndarray]:
    within_units = effects in ("individual", "twoway")
    if levels == "common" or (levels == "group" and within_units):
        return {}
    if levels == "group":
        return {f"level[{name}]": member[:, place] * 1.0 for place, name in enumerate(groups.names) if place}
    # Effects of units take one period of each group with them.
    first = int(within_units)
    later = list(enumerate(data.periods))[first:]
    return {
        f"level[{name}, {when}]": member[:, place] * (period == at) * 1.0
        for place, name in enumerate(groups.names)
        if place
        for at, when in later
        if (member[:, place] & (period == at)).any()
    }


def _with_columns(data: Panel, columns: Mapping[str, np.ndarray]) -> Panel:
    clash = [name for name in columns if name in data.columns]
    if clash:
        raise OptionError("Rename the column '{name}': a slope by group is called so.", name=clash[0])
    return data.assign(**columns)

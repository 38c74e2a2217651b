"""One group of units held against all others: its trend, its members, and whether the difference is chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import DataError, Message, Text, listed
from ..geo.join import PanelLike
from ..ids import id_text
from ..panel import Panel
from ..result import Result


@dataclass(frozen=True, eq=False, repr=False)
class FocusResult(Result):
    """A group of units among all.

    Attributes
    ----------
    data : Panel or GeoPanel
        The column and the groups.
    column, by, group : str
        What was compared, the column of groups, and the group in focus.
    members : DataFrame
        By unit: ``first, last, change, mean, rank``; the rank among all units with a value in the last period, the
        largest value first.
    trend : DataFrame
        By period: ``in_focus, others, difference, pvalue, focus_units, other_units``.
    overall : Series
        The same entries over all periods together.
    permutations, seed : int
    """

    TITLE: ClassVar[str] = "A group in focus"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("members", "unit", "Units in focus"),
        Table("trend", "period", "The group and all others"),
    )
    FIGURE: ClassVar[str | None] = "focus"

    data: Panel
    column: str
    by: str
    group: str
    members: pd.DataFrame
    trend: pd.DataFrame
    overall: pd.Series
    permutations: int
    seed: int

    @property
    def title(self) -> Text:
        """Heading for people."""
        return Message.of("In focus: {group} ({column})", group=self.group, column=self.column)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The units of the group, and the group beside all others by period."""
        return {"members": self.members, "trend": self.trend}

    def facts(self) -> Mapping[str, Text]:
        """The group, the difference and how it was tested."""
        return {
            "Group": Message.of("{by} = {group}: {count} units", by=self.by, group=self.group, count=len(self.members)),
            "Variable": self.column,
            "Mean in focus": f"{self.overall['in_focus']:.4f}",
            "Mean of all others": f"{self.overall['others']:.4f}",
            "Difference": Message.of(
                "{difference} (pseudo p = {pvalue}: {permutations} permutations of whole units, two-sided)",
                difference=f"{self.overall['difference']:+.4f}",
                pvalue=f"{self.overall['pvalue']:.4f}",
                permutations=self.permutations,
            ),
        }

    def digest(self) -> pd.DataFrame:
        """The members, the best of the last period first."""
        return self.members.sort_values("rank", kind="stable").reset_index()


@tool(group="heterogeneity", title="A group in focus")
def focus(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to compare, for example an efficiency score"],
    by: Annotated[str, Column(numeric=False), "Column of groups"],
    group: Annotated[str, "Group in focus"],
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> FocusResult:
    r"""Hold one group of units against all others, which were scored together with it.

    The difference of means is tested by giving the group's label, with its whole history, to other units at random:
    the years of a city are no independent observations, so that whole units are permuted. The pseudo p-value is
    two-sided, :math:`(\#\{|d^*| \ge |d|\} + 1) / (P + 1)` with P permutations.

    Parameters
    ----------
    data : Panel or GeoPanel
    column : str
        Numbers; a unit-period without a value is left out.
    by : str
        Column that says which group a unit-period belongs to; a group may change over time.
    group : str
        The value of ``by`` in focus.
    permutations : int
        How many random groups the difference is held against.
    seed : int
        Of the permutations.

    Returns
    -------
    FocusResult
        ``members`` has a row for each unit that is ever in the group, over the periods in which it is.

    Raises
    ------
    DataError
        Where no unit-period, or every one, is in the group.

    References
    ----------
    Good, P. (2005). *Permutation, Parametric, and Bootstrap Tests of Hypotheses*, 3rd ed., chapter 3.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": list("abcd"), "eco": [0.9, 0.7, 0.5, 0.3], "stage": ["new", "old", "new", "old"]})
    >>> focus(Panel.from_frame(frame, unit="city"), "eco", "stage", "new").members["rank"].tolist()
    [1.0, 3.0]
    """
    values = data.cube([column])[:, :, 0]
    inside = _membership(data, by, group)
    if not (inside & np.isfinite(values)).any() or not (~inside & np.isfinite(values)).any():
        raise DataError(
            "The group '{group}' of '{by}' has {count} unit-periods with a value of '{column}', all others {rest};"
            " there is nothing to compare.",
            group=group,
            by=by,
            column=column,
            count=int((inside & np.isfinite(values)).sum()),
            rest=int((~inside & np.isfinite(values)).sum()),
        )
    trend, overall = _compared(values, inside, permutations, seed)
    return FocusResult(
        data=data.select([column, by]),
        column=column,
        by=by,
        group=group,
        members=_members(values, inside, data.units),
        trend=trend.set_index(data.periods.rename("period")),
        overall=overall,
        permutations=permutations,
        seed=seed,
    )


def _membership(data: Panel, by: str, group: str) -> np.ndarray:
    """Which unit-periods are in the group, (T, n)."""
    labels = pd.Series([None if pd.isna(label) else id_text(label) for label in data[by]], dtype=object)
    known = sorted(labels.dropna().unique())
    if group not in known:
        raise DataError(
            "'{by}' has no group '{group}'; its groups are {known}.", by=by, group=group, known=listed(known, limit=20)
        )
    at, when = data.places()
    inside = np.zeros((len(data.periods), len(data.units)), dtype=bool)
    inside[when, at] = (labels == group).to_numpy()
    return inside


def _compared(values: np.ndarray, inside: np.ndarray, permutations: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """The group and all others by period, and over all periods."""
    draw = np.random.Generator(np.random.PCG64(seed))
    found, whole = _means(values, inside)
    beyond, beyond_whole = np.ones(len(values)), 1.0
    for _ in range(permutations):
        drawn, drawn_whole = _means(values, inside[:, draw.permutation(values.shape[1])])
        beyond += _at_least(drawn["difference"], found["difference"])
        beyond_whole += float(_at_least(drawn_whole["difference"], whole["difference"]))
    share = np.where(np.isfinite(found["difference"]), beyond / (permutations + 1), np.nan)
    columns = ["in_focus", "others", "difference", "pvalue", "focus_units", "other_units"]
    trend = pd.DataFrame(found).assign(pvalue=share)[columns]
    return trend, pd.Series({**whole, "pvalue": beyond_whole / (permutations + 1)})[columns]


def _at_least(drawn: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Whether differences are as large, but for rounding; one that cannot be taken is no evidence against chance."""
    return np.asarray(~(np.abs(drawn) < np.abs(found) * (1 - 1e-12)))


def _means(values: np.ndarray, inside: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Means, difference and counts of the group and all others, by period and over all."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    masks = {"focus": known & inside, "other": known & ~inside}
    counts = {name: mask.sum(axis=1) for name, mask in masks.items()}
    sums = {name: (filled * mask).sum(axis=1) for name, mask in masks.items()}
    return _row(sums, counts), _row({k: s.sum() for k, s in sums.items()}, {k: c.sum() for k, c in counts.items()})


def _row(sums: Mapping[str, np.ndarray], counts: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    focused, others = (sums[name] / np.where(counts[name] > 0, counts[name], np.nan) for name in ("focus", "other"))
    return {
        "in_focus": focused,
        "others": others,
        "difference": focused - others,
        "focus_units": counts["focus"],
        "other_units": counts["other"],
    }


def _members(values: np.ndarray, inside: np.ndarray, units: pd.Index) -> pd.DataFrame:
    """Each unit of the group: its first and last value in it, its mean, and its rank in the last period."""
    ever = np.flatnonzero((inside & np.isfinite(values)).any(axis=0))
    own = pd.DataFrame(np.where(inside, values, np.nan)[:, ever], columns=units[ever].rename("unit"))
    # Scores on the frontier differ by rounding, which must not rank them.
    size = np.nanmax(np.abs(values[-1]), initial=0.0)
    level = np.round(values[-1] / size, 12) if size > 0 else values[-1]
    rank = pd.Series(level, index=units).rank(ascending=False, method="min")
    first, last = own.bfill().iloc[0], own.ffill().iloc[-1]
    members = pd.DataFrame({"first": first, "last": last, "change": last - first, "mean": own.mean()})
    return members.assign(rank=rank.reindex(members.index))

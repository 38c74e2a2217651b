"""What became of hot and cold spots over the periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import DataError, Message, Text
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.trend import mann_kendall
from ..panel import Panel
from ..result import Result
from .periods import island_notes, period_notes, statuses
from .significance import (
    Correction,
    adjusted,
    inference_facts,
    labelled,
    normal_p,
    reached,
    resolution_notes,
    tests_by_period,
)
from .space_time import Draws, scores

HISTORIES = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
PATTERNS = (
    *(f"{history} hot" for history in HISTORIES),
    *(f"{history} cold" for history in HISTORIES),
    *("none", "isolated", "undefined"),
)
FEWEST_PERIODS = 5  # with four, even a series that always rises has p = 0.09
Compared = Literal["all periods", "same period"]


@dataclass(frozen=True, eq=False, repr=False)
class EmergingHotSpotsResult(Result):
    """Patterns of hot and cold spots over time.

    Attributes
    ----------
    data : Panel
        The column.
    weights : Weights
        In the order of the data's units.
    patterns : DataFrame
        By unit: the ``label``, how many periods were ``hot`` and ``cold`` of those ``tested``, and the trend of the
        scores: Kendall's ``tau``, ``z_trend``, ``p_trend``.
    spots : DataFrame
        By (unit, period), in the order of the data: the score ``z`` of Gi*, ``p_sim``, ``q``, ``label``.
    """

    TITLE: ClassVar[str] = "Emerging hot spots"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("patterns", "unit", "Emerging hot spots", style="emerging"),
        Table("spots", "unit-period", "Hot and cold spots by period", style="hot_spots"),
        Table("counts", "term", "Units of each pattern"),
    )
    FIGURE: ClassVar[str | None] = "emerging_map"

    data: Panel
    column: str
    weights: Weights
    compared: str
    time_lag: int
    permutations: int
    significance: float
    correction: str
    seed: int
    patterns: pd.DataFrame
    spots: pd.DataFrame

    @property
    def labels(self) -> pd.Series:
        """The pattern of each unit."""
        return self.patterns["label"].copy()

    @property
    def counts(self) -> pd.DataFrame:
        """How many units show each pattern."""
        counts = self.labels.value_counts().reindex(list(PATTERNS), fill_value=0)
        return pd.DataFrame({"label": list(PATTERNS), "units": counts.to_numpy()})

    def tables(self) -> dict[str, pd.DataFrame]:
        """Patterns by unit, hot and cold spots by unit and period, counts."""
        return {"patterns": self.patterns, "spots": self.spots, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        own = "Gi* against the mean and spread of the period"
        every = Message.of("Gi* against all periods, neighbours also those of up to {lag} before", lag=self.time_lag)
        pooled = every if self.time_lag else "Gi* against all periods, neighbours those of the same period"
        return {
            "Variable": self.column,
            "Statistic": own if self.compared == "same period" else pooled,
            "Trend": "Mann–Kendall of the scores, corrected for ties and continuity, two-sided",
            "Weights": self.weights.words,
            **inference_facts(self.permutations, self.seed, "two-sided", self.correction, self.significance),
        }

    def digest(self) -> pd.DataFrame:
        """The patterns that occur."""
        return self.counts[self.counts["units"] > 0].reset_index(drop=True)


@tool(group="clusters", title="Emerging hot spots")
def emerging_hot_spots(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    compared: Annotated[Compared, "Compare with"] = "all periods",
    time_lag: Annotated[int, Range(0, 10), "Periods before that count as neighbours"] = 1,
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> EmergingHotSpotsResult:
    """Class units by the history of their hot or cold spots: new, intensifying, persistent, diminishing and others.

    Gi* of every unit and period (Ord and Getis 1995), tested by conditional permutation; the trend of its scores by
    Mann (1945) and Kendall (1975). The classes are those of ArcGIS, of which the first that fits is taken; for cold
    spots read cold for hot. The last period is hot: **intensifying**, **diminishing** or **persistent** where at
    least 90 % of the periods are hot and the scores rise, fall or neither (significantly); **new** where no other
    period was hot, **consecutive** where only an unbroken run up to the last was; **oscillating** where some period
    was cold; **sporadic** else. The last period is not hot: **historical** where at least 90 % were.

    Parameters
    ----------
    data : Panel or GeoPanel
        Five periods or more. Where a unit has no value in the last period it is labelled ``undefined``; other gaps
        are left out of its history.
    column : str
        The variable.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
    compared : {"all periods", "same period"}
        With all unit-periods, as ArcGIS does by default: where everything grows, early periods are cold and late ones
        hot. Or with the units of the same period, so that only places differ.
    time_lag : int
        Periods before, whose values of the unit and its neighbours count as neighbours too; only for
        ``"all periods"``.
    permutations : int
        More give finer p-values; the smallest possible one is 2 / (permutations + 1).
    significance : float
        A unit is hot or cold where its p-value, or with a correction its q, is not above this; likewise the trend.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    EmergingHotSpotsResult

    Raises
    ------
    DataError
        Where there are fewer than five periods, or the column is missing or does not hold numbers.
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no polygons.

    Examples
    --------
    >>> line = Weights.from_sparse(np.eye(20, k=1) + np.eye(20, k=-1), range(20))
    >>> rows = [(town, year, float(town) + (town > 16) * year) for year in range(8) for town in range(20)]
    >>> data = Panel.from_frame(pd.DataFrame(rows, columns=["town", "year", "y"]), unit="town", period="year")
    >>> emerging_hot_spots(data, "y", line, compared="same period").labels[18]
    'intensifying hot'
    """
    if len(data.periods) < FEWEST_PERIODS:
        raise DataError(
            "Emerging hot spots need {fewest} periods or more; there are {count}.",
            fewest=FEWEST_PERIODS,
            count=len(data.periods),
        )
    aligned = as_weights(weights, data)
    values = data.cube([column])[:, :, 0]
    lag = time_lag if compared == "all periods" else None
    status = statuses(values) if lag is None else np.repeat(statuses(values.reshape(1, -1)), len(values))
    z, p = scores(values, status, aligned, lag, Draws(permutations, seed, "two-sided"))
    q = adjusted(p, correction)
    tested = ~np.isnan(values) & (status == "ok")[:, None]
    spot = labelled(np.where(z > 0, "hot", "cold"), q, significance, tested)
    unit, period = data.places()
    return EmergingHotSpotsResult(
        data=data.select([column]),
        column=column,
        weights=aligned,
        compared=compared,
        time_lag=time_lag,
        permutations=permutations,
        significance=significance,
        correction=correction,
        seed=seed,
        patterns=_patterns(spot, z, significance).set_index(data.units),
        spots=pd.DataFrame(
            {name: found[period, unit] for name, found in (("z", z), ("p_sim", p), ("q", q), ("label", spot))},
            data.index,
        ),
        notes=(
            *period_notes(data, column, values, status),
            *island_notes(aligned, "have no local statistic and are labelled isolated"),
            *resolution_notes(tests_by_period(p), permutations, "two-sided", significance, correction),
        ),
    )


def _patterns(spot: np.ndarray, z: np.ndarray, significance: float) -> pd.DataFrame:
    """One row a unit: its pattern, how often it was hot and cold, the trend of its scores."""
    trend = mann_kendall(z)
    p_trend = normal_p(trend.z, "two-sided")
    direction = np.where(reached(p_trend, significance), np.sign(trend.s), 0.0)
    labels = []
    for history, turn in zip(spot.T, direction, strict=True):
        known = history[(history != "undefined") & (history != "isolated")]
        labels.append(pattern(known, turn) if history[-1] not in ("undefined", "isolated") else history[-1])
    return pd.DataFrame(
        {
            "label": pd.Series(labels, dtype=object),
            "hot": (spot == "hot").sum(axis=0),
            "cold": (spot == "cold").sum(axis=0),
            "tested": (~np.isnan(z)).sum(axis=0),
            "tau": trend.tau,
            "z_trend": trend.z,
            "p_trend": p_trend,
        }
    )


def pattern(spots: Sequence[str] | np.ndarray, direction: float) -> str:
    """The pattern of a unit.

    Parameters
    ----------
    spots : sequence of str
        ``"hot"``, ``"cold"`` or ``"ns"`` by period, the last one last.
    direction : float
        Of a significant trend of the scores: 1, −1, or 0 where there is none.

    Examples
    --------
    >>> pattern(["ns", "ns", "hot", "hot"], 0), pattern(["cold"] * 10, 1), pattern(["hot"] * 9 + ["ns"], 0)
    ('consecutive hot', 'diminishing cold', 'historical hot')
    """
    found = np.asarray(spots)
    hot, cold = ("hot", "cold", direction), ("cold", "hot", -direction)
    for kind, other, towards in (cold, hot) if found[-1] == "cold" else (hot, cold):
        history = _history(found == kind, found == other, towards)
        if history:
            return f"{history} {kind}"
    return "none"


def _history(on: np.ndarray, other: np.ndarray, direction: float) -> str | None:
    often = 10 * on.sum() >= 9 * len(on)
    if not on[-1]:
        return "historical" if often else None
    if often:
        return {1.0: "intensifying", -1.0: "diminishing"}.get(direction, "persistent")
    run = int(np.argmin(on[::-1]))  # how many periods up to the last one
    if not on[: len(on) - run].any():
        return "new" if run == 1 else "consecutive"
    return "oscillating" if other.any() else "sporadic"

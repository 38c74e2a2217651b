"""Hot and cold spots by the statistics of Getis and Ord, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Message, Text, listed
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.conditional import local_tails
from ..kernels.getis_ord import general_g, local_g, local_g_star, relative_mean, starred
from ..kernels.moran import deviations
from ..kernels.permutation import global_tails
from ..panel import Panel
from ..result import Result
from .lisa import label_counts
from .periods import Slice, island_notes, period_names, period_notes, slices, statuses
from .significance import (
    Correction,
    Sides,
    adjusted,
    inference_facts,
    labelled,
    normal_p,
    pseudo_p,
    resolution_notes,
    tests_by_period,
)

LABELS = ("hot", "cold", "ns", "isolated", "undefined")
LOCAL = ("G", "z", "p_norm", "p_sim", "q")
GLOBAL = ("G", "expected", "z_rand", "p_rand", "p_sim")


@dataclass(frozen=True, eq=False, repr=False)
class GetisOrdResult(Result):
    """Hot and cold spots by unit and period, and the general G by period.

    Attributes
    ----------
    data : Panel
        The column that was tested.
    weights : Weights
        In the order of the data's units; without the unit's own weight, which Gi* adds.
    star : bool
        Whether the unit itself counts as its neighbour (Gi*).
    hot_spots : DataFrame
        By (unit, period), in the order of the data: ``G``, the score ``z`` with its ``p_norm``, ``p_sim``, ``q``,
        ``label``.
    periods : DataFrame
        By period: the general ``G``, ``expected``, ``z_rand`` and ``p_rand``, ``p_sim``, ``units``, ``status``.
    """

    TITLE: ClassVar[str] = "Hot and cold spots (Getis–Ord)"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("hot_spots", "unit-period", "Hot and cold spots (Getis–Ord)", style="hot_spots"),
        Table("general_g", "period", "General G by period"),
        Table("counts", "period", "Hot and cold spots by period"),
    )
    FIGURE: ClassVar[str | None] = "hot_spots"

    data: Panel
    column: str
    weights: Weights
    star: bool
    permutations: int
    alternative: str
    significance: float
    correction: str
    seed: int
    hot_spots: pd.DataFrame
    periods: pd.DataFrame

    @property
    def labels(self) -> pd.Series:
        """The label by unit and period."""
        return self.hot_spots["label"].copy()

    @property
    def counts(self) -> pd.DataFrame:
        """How many units carry each label, by period."""
        return label_counts(self.labels, LABELS)

    @property
    def variable(self) -> Text:
        """What was tested, in words."""
        return self.column

    def tables(self) -> dict[str, pd.DataFrame]:
        """The hot spots, the general G, and the counts by period."""
        return {"hot_spots": self.hot_spots, "general_g": self.periods, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        own = "Gi*: the unit counts as its own neighbour, as heavy as its heaviest one; z over all orders of the values"
        others = "Gi: neighbours only; z given the unit's own value"
        return {
            "Variable": self.variable,
            "Statistic": own if self.star else others,
            "Weights": self.weights.words,
            **inference_facts(self.permutations, self.seed, self.alternative, self.correction, self.significance),
        }

    def digest(self) -> pd.DataFrame:
        """The counts by period."""
        return self.counts

    def digests(self) -> Sequence[pd.DataFrame]:
        """The counts and the general G."""
        return self.counts, self.periods


@tool(group="clusters", title="Hot and cold spots (Getis–Ord)")
def getis_ord(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to test, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    star: Annotated[bool, "Count the unit itself (Gi*)"] = True,
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Sides, "Alternative"] = "two-sided",
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> GetisOrdResult:
    """Find where high or low values concentrate, in every period: Gi or Gi*, and the general G.

    Getis and Ord (1992, Geographical Analysis 24, 189–206) and Ord and Getis (1995, Geographical Analysis 27,
    286–306). Local p-values draw each unit's neighbours from all other units; the unit's own value stays, so that
    they are the same for Gi and Gi*. The general G is shuffled over all units. The same draws serve all periods.

    Parameters
    ----------
    data : Panel or GeoPanel
        Units without a value in a period are left out of that period and labelled ``undefined``.
    column : str
        The variable. Where it has negative values the shares G mean nothing and are left empty; scores and
        p-values of the local statistics do not depend on the zero point and stand.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
        Getis and Ord take binary weights of a distance band; any others serve.
    star : bool
        Gi*, or else Gi.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "directed"}
        ``"directed"`` is GeoDa's and PySAL's p-value, half the two-sided one; false positives are twice the cutoff.
    significance : float
        A unit is hot or cold where its p-value, or with a correction its q, is not above this.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    GetisOrdResult
        Labels hot (high values around), cold (low values around), ns, isolated (no neighbour), undefined (no
        value, or a period that cannot be tested).

    Raises
    ------
    DataError
        Where the column is missing or does not hold numbers.
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no polygons.

    Examples
    --------
    >>> import shapely
    >>> from ecospatial.geo.boundaries import Boundaries
    >>> towns = [f"t{place}" for place in range(36)]
    >>> grid = Boundaries.of(towns, [shapely.box(x, y, x + 1, y + 1) for x in range(6) for y in range(6)])
    >>> table = pd.DataFrame({"town": towns, "score": [1.0 + place // 6 for place in range(36)]})
    >>> getis_ord(Panel.from_frame(table, unit="town").join(grid), "score").counts
            hot  cold  ns  isolated  undefined
    period
    0        10    10  16         0          0
    """
    aligned = as_weights(weights, data)
    values = data.cube([column])[:, :, 0]
    status = statuses(values)
    local = {name: np.full(values.shape, np.nan) for name in LOCAL}
    tested = np.zeros(values.shape, dtype=bool)
    general = pd.DataFrame(np.nan, index=data.periods, columns=list(GLOBAL))
    for part in slices(values, status, aligned):
        cells = np.ix_(part.periods, part.units)
        tested[cells] = True
        for name, found in _local(part, star, aligned, permutations, alternative, correction, seed).items():
            local[name][cells] = found
        if part.matrix.nnz:
            general.iloc[part.periods] = _general(part, permutations, alternative, seed)
        else:
            status[part.periods] = "no links"
    unit, period = data.places()
    rows = pd.DataFrame({name: found[period, unit] for name, found in local.items()}, data.index)
    kind = np.where(rows["z"].fillna(0.0) > 0, "hot", "cold")
    below_zero = np.asarray((values < 0).any(axis=1))
    general[below_zero] = np.nan
    return GetisOrdResult(
        data=data.select([column]),
        column=column,
        weights=aligned,
        star=star,
        permutations=permutations,
        alternative=alternative,
        significance=significance,
        correction=correction,
        seed=seed,
        hot_spots=rows.assign(label=labelled(kind, rows["q"], significance, tested[period, unit])),
        periods=general.assign(
            units=(~np.isnan(values)).sum(axis=1),
            status=np.where(below_zero & (status == "ok"), "negative values", status),
        ),
        notes=(
            *period_notes(data, column, values, status),
            *_sign_notes(data, column, below_zero),
            *island_notes(aligned, "have no local statistic and are labelled isolated"),
            *resolution_notes(tests_by_period(local["p_sim"]), permutations, alternative, significance, correction),
        ),
    )


def _local(
    part: Slice, star: bool, weights: Weights, permutations: int, alternative: str, correction: Correction, seed: int
) -> dict[str, np.ndarray]:
    """The local numbers of some periods, each of shape (periods, units)."""
    row = weights.transform == "row"
    found = local_g_star(part.values, starred(part.matrix, row)) if star else local_g(part.values, part.matrix)
    z = deviations(part.values)
    tails = local_tails(z, part.matrix, permutations, seed, tied=np.zeros(z.shape, dtype=bool))
    alone = np.diff(part.matrix.indptr) == 0
    p = np.where(alone, np.nan, pseudo_p(tails, permutations, alternative))
    p_norm = normal_p(found.z, alternative)
    return {"G": found.statistic, "z": found.z, "p_norm": p_norm, "p_sim": p, "q": adjusted(p, correction)}


def _general(part: Slice, permutations: int, alternative: str, seed: int) -> np.ndarray:
    """The general G of some periods, a row each."""
    found = general_g(part.values, part.matrix)
    z_rand = (found.statistic - found.expected) / np.sqrt(np.where(found.variance > 0, found.variance, np.nan))
    z = deviations(part.values)
    tails = global_tails(z, part.matrix, permutations, seed, own=relative_mean(part.values)[:, None] * z)
    p = pseudo_p(tails, permutations, alternative)
    expected = np.full(len(p), found.expected)
    return np.column_stack([found.statistic, expected, z_rand, normal_p(z_rand, alternative), p])


def _sign_notes(data: Panel, column: str, below_zero: np.ndarray) -> list[Message]:
    if not below_zero.any():
        return []
    return [
        Message.of(
            "'{column}' has negative values in {periods}: the shares G are left empty there, since they depend on the"
            " zero point; local scores and p-values do not.",
            column=column,
            periods=listed(period_names(data, data.periods[below_zero])),
        )
    ]

"""Local Moran clusters (LISA), period by period: of one variable, of two, or of a variable's change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Text
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.conditional import local_tails
from ..kernels.moran import deviations, local_moran
from ..panel import Panel
from ..result import Result
from .change import Change, as_changes, variable_words
from .periods import Slice, island_notes, joint, period_notes, slices
from .significance import (
    Correction,
    Sides,
    adjusted,
    inference_facts,
    pseudo_p,
    reached,
    resolution_notes,
    tests_by_period,
)

LABELS = ("HH", "LL", "LH", "HL", "ns", "isolated", "undefined")
UNTESTED = ("isolated", "undefined")
NUMBERS = ("I", "z", "p_sim", "q")
SCATTER = ("value", "lag")


@dataclass(frozen=True, eq=False, repr=False)
class LisaResult(Result):
    """Local Moran clusters by unit and period.

    Attributes
    ----------
    data : Panel
        The values that were tested; with ``change``, the changes.
    second : str or None
        The variable whose lag was taken, where it is another one.
    change : {"none", "previous", "first"}
        Since when values are changes.
    weights : Weights
        In the order of the data's units.
    clusters : DataFrame
        By (unit, period), in the order of the data: ``I``, ``z``, ``p_sim``, ``q``, ``quadrant``, ``label``,
        and for the Moran scatter plot the standardised ``value`` and its spatial ``lag``.
    """

    TITLE: ClassVar[str] = "Local Moran clusters (LISA)"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("clusters", "unit-period", "Local Moran clusters (LISA)", style="lisa"),
        Table("counts", "period", "Cluster counts by period"),
    )
    FIGURE: ClassVar[str | None] = "lisa_map"

    data: Panel
    column: str
    weights: Weights
    permutations: int
    alternative: str
    significance: float
    correction: str
    seed: int
    clusters: pd.DataFrame
    second: str | None = None
    change: str = "none"

    @property
    def I(self) -> pd.Series:  # noqa: E743 - the statistic's name
        """The local statistic by unit and period."""
        return self.clusters["I"].copy()

    @property
    def p_sim(self) -> pd.Series:
        """The permutation p-value by unit and period."""
        return self.clusters["p_sim"].copy()

    @property
    def labels(self) -> pd.Series:
        """The cluster label by unit and period."""
        return self.clusters["label"].copy()

    @property
    def counts(self) -> pd.DataFrame:
        """How many units carry each label, by period."""
        return label_counts(self.labels, LABELS)

    @property
    def variable(self) -> Text:
        """What was tested, in words."""
        return variable_words(self.column, self.second, self.change)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The clusters, and their counts by period."""
        return {"clusters": self.clusters, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        return {
            "Variable": self.variable,
            "Statistic": "local Moran's I, n − 1 in the variance as in GeoDa and PySAL (spdep's is n/(n − 1) times it)",
            "Weights": self.weights.words,
            **inference_facts(self.permutations, self.seed, self.alternative, self.correction, self.significance),
        }

    def digest(self) -> pd.DataFrame:
        """Cluster counts by period."""
        return self.counts


def label_counts(labels: pd.Series, known: tuple[str, ...]) -> pd.DataFrame:
    """How many units carry each label, by period; a column for every known label."""
    table = pd.crosstab(labels.index.get_level_values("period"), labels.to_numpy())
    return table.reindex(columns=list(known), fill_value=0).rename_axis(index="period", columns=None)


@tool(group="clusters", title="Local Moran clusters (LISA)")
def lisa(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to test, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Sides, "Alternative"] = "two-sided",
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
    second: Annotated[str | None, Column(), "Second variable, that of the neighbours"] = None,
    change: Annotated[Change, "Test the change since"] = "none",
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> LisaResult:
    """Find clusters and spatial outliers of a variable, in every period.

    The local Moran statistic I = value × lag of standardised values (Anselin 1995, Geographical Analysis 27,
    equation 12, with n − 1 in the variance), tested by drawing each unit's neighbours from all other units.
    The same draws serve all units and periods.

    Parameters
    ----------
    data : Panel or GeoPanel
        Units without a value in a period are left out of that period and labelled ``undefined``.
    column : str
        The variable.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "directed"}
        ``"directed"`` is GeoDa's and PySAL's p-value, half the two-sided one; false positives are twice the cutoff.
    significance : float
        A unit is in a cluster where its p-value, or with a correction its q, is not above this.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    second : str or None
        Bivariate LISA: the unit's own variable against the lag of this one. HL is then a unit high in the first
        amid neighbours low in the second (Anselin, Syabri and Smirnov 2002). It does not control for the
        correlation of the two within the unit.
    change : {"none", "previous", "first"}
        Differential LISA: clusters of the change since the period before or since the first one, which the result
        then leaves out. For two chosen periods, take them with ``where_periods``.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    LisaResult
        Labels HH, LL (clusters), LH, HL (outliers), ns, isolated (no neighbour), undefined (no value, or a
        period that cannot be tested). The standard score ``z`` is analytic, given the unit's own value.

    Raises
    ------
    DataError
        Where the column is missing or does not hold numbers, or a change is asked of one period.
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
    >>> lisa(Panel.from_frame(table, unit="town").join(grid), "score").counts
            HH  LL  LH  HL  ns  isolated  undefined
    period
    0       10  10   0   0  16         0          0
    """
    names = [column] if second is None else [column, second]
    tested = as_changes(data, names, change)
    aligned = as_weights(weights, data).subset(tested.units)  # less those that were there in the first period only
    cube, status = joint(tested.cube(names))
    numbers = {name: np.full(status.shape + cube.shape[1:2], np.nan) for name in (*NUMBERS, *SCATTER)}
    for part in slices(cube[:, :, 0], status, aligned):
        cells = np.ix_(part.periods, part.units)
        lagged = cube[:, :, -1][cells]
        for name, found in tested_locally(part, lagged, permutations, alternative, correction, seed).items():
            numbers[name][cells] = found
    unit, period = tested.places()
    rows = pd.DataFrame({name: found[period, unit] for name, found in numbers.items()}, tested.index)
    return LisaResult(
        data=tested,
        column=column,
        weights=aligned,
        permutations=permutations,
        alternative=alternative,
        significance=significance,
        correction=correction,
        seed=seed,
        clusters=_labelled(rows, significance),
        second=second,
        change=change,
        notes=(
            *period_notes(tested, variable_words(column, second, change), cube[:, :, 0], status),
            *island_notes(aligned, "have no local statistic and are labelled isolated"),
            *resolution_notes(tests_by_period(numbers["p_sim"]), permutations, alternative, significance, correction),
        ),
    )


def tested_locally(
    part: Slice, lagged: np.ndarray, permutations: int, alternative: str, correction: Correction, seed: int
) -> dict[str, np.ndarray]:
    """The numbers of some periods, each of shape (periods, units); ``lagged`` are the values whose lag is taken."""
    found = local_moran(part.values, part.matrix, lagged)
    z = (found.statistic - found.expected) / np.sqrt(np.where(found.variance > 0, found.variance, np.nan))
    at_mean = deviations(part.values) == 0
    tails = local_tails(deviations(lagged), part.matrix, permutations, seed, tied=at_mean)
    p = np.where(np.isnan(found.lag), np.nan, pseudo_p(tails, permutations, alternative))
    q = adjusted(p, correction)
    return {"I": found.statistic, "z": z, "p_sim": p, "q": q, "value": found.value, "lag": found.lag}


def quadrants(value: Any, lag: Any) -> np.ndarray:
    """HH, LL, LH, HL by the signs of value and lag, zero counting as low; None where the lag is missing."""
    high, high_lag = value > 0, lag > 0
    quadrant = np.select([high & high_lag, high, high_lag], ["HH", "HL", "LH"], "LL").astype(object)
    quadrant[np.isnan(lag)] = None
    return np.asarray(quadrant)


def _labelled(numbers: pd.DataFrame, significance: float) -> pd.DataFrame:
    """Add quadrant and label, and put the columns in their order."""
    value, lag = numbers["value"], numbers["lag"]
    quadrant = quadrants(value, lag)
    significant = reached(numbers["q"], significance)
    label = np.select([value.isna(), lag.isna(), significant], ["undefined", "isolated", quadrant], "ns").astype(object)
    return numbers.assign(quadrant=quadrant, label=label)[[*NUMBERS, "quadrant", "label", *SCATTER]]

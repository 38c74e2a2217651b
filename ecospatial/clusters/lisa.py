"""Local Moran clusters (LISA), period by period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Message, Text
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.conditional import local_tails
from ..kernels.moran import deviations, local_moran
from ..panel import Panel
from ..result import Result
from .periods import Slice, island_notes, period_notes, slices, statuses
from .significance import Correction, adjusted, pseudo_p

LABELS = ("HH", "LL", "LH", "HL", "ns", "isolated", "undefined")
NUMBERS = ("I", "z", "p_sim", "q")
SCATTER = ("value", "lag")
FAMILIES = {
    "none": "none: by chance alone, a share of the units equal to the cutoff would be significant",
    "fdr": "false discovery rate (Benjamini–Hochberg); the units of a period are one family",
    "bonferroni": "Bonferroni; the units of a period are one family",
}
SIDES = {
    "two-sided": "two-sided: twice the smaller tail",
    "directed": "directed: the smaller tail, as GeoDa and PySAL report it",
}


@dataclass(frozen=True, eq=False, repr=False)
class LisaResult(Result):
    """Local Moran clusters by unit and period.

    Attributes
    ----------
    data : Panel
        The column that was tested.
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
        labels = self.clusters["label"]
        table = pd.crosstab(labels.index.get_level_values("period"), labels.to_numpy())
        return table.reindex(columns=list(LABELS), fill_value=0).rename_axis(index="period", columns=None)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The clusters, and their counts by period."""
        return {"clusters": self.clusters, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        return {
            "Variable": self.column,
            "Statistic": "local Moran's I, n − 1 in the variance as in GeoDa and PySAL (spdep's is n/(n − 1) times it)",
            "Weights": self.weights.words,
            "Permutations": Message.of(
                "{count} conditional on the unit's own value, seed {seed}", count=self.permutations, seed=self.seed
            ),
            "Alternative": SIDES[self.alternative],
            "Correction": FAMILIES[self.correction],
            "Significant": Message.of(
                "{letter} ≤ {cutoff} (cutoff included)",
                letter="p" if self.correction == "none" else "q",
                cutoff=f"{self.significance:g}",
            ),
        }

    def digest(self) -> pd.DataFrame:
        """Cluster counts by period."""
        return self.counts


@tool(group="clusters", title="Local Moran clusters (LISA)")
def lisa(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to test, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Literal["two-sided", "directed"], "Alternative"] = "two-sided",
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
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
        ``"queen"``, ``"rook"``, ``"knn"`` and ``"band"`` are built on the polygons of a GeoPanel.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "directed"}
        ``"directed"`` is GeoDa's and PySAL's p-value, half the two-sided one.
    significance : float
        A unit is in a cluster where its p-value, or with a correction its q, is not above this.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    LisaResult
        ``z`` uses the exact conditional mean and variance. ``quadrant`` stands whether significant or not;
        ``label`` is the quadrant where significant, else ``ns``; ``isolated`` without a neighbour,
        ``undefined`` without a value or where a period is constant.

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
    >>> lisa(Panel.from_frame(table, unit="town").join(grid), "score").counts
            HH  LL  LH  HL  ns  isolated  undefined
    period
    0       10  10   0   0  16         0          0
    """
    aligned = as_weights(weights, data)
    values = data.cube([column])[:, :, 0]
    status = statuses(values)
    numbers = {name: np.full(values.shape, np.nan) for name in (*NUMBERS, *SCATTER)}
    for part in slices(values, status, aligned):
        cells = np.ix_(part.periods, part.units)
        for name, found in _tested(part, permutations, alternative, correction, seed).items():
            numbers[name][cells] = found
    unit, period = data.places()
    rows = pd.DataFrame({name: found[period, unit] for name, found in numbers.items()}, data.index)
    return LisaResult(
        data=data.select([column]),
        column=column,
        weights=aligned,
        permutations=permutations,
        alternative=alternative,
        significance=significance,
        correction=correction,
        seed=seed,
        clusters=_labelled(rows, significance),
        notes=(
            *period_notes(data, column, values, status),
            *island_notes(aligned, "have no local statistic and are labelled isolated"),
            *_resolution_notes(len(aligned), permutations, alternative, significance, correction),
        ),
    )


def _tested(
    part: Slice, permutations: int, alternative: str, correction: Correction, seed: int
) -> dict[str, np.ndarray]:
    """The numbers of some periods, each of shape (periods, units)."""
    found = local_moran(part.values, part.matrix)
    z = (found.statistic - found.expected) / np.sqrt(np.where(found.variance > 0, found.variance, np.nan))
    tails = local_tails(deviations(part.values), part.matrix, permutations, seed)
    p = np.where(np.isnan(found.lag), np.nan, pseudo_p(tails, permutations, alternative))
    q = adjusted(p, correction)
    return {"I": found.statistic, "z": z, "p_sim": p, "q": q, "value": found.value, "lag": found.lag}


def _labelled(numbers: pd.DataFrame, significance: float) -> pd.DataFrame:
    """Add quadrant and label, and put the columns in their order."""
    value, lag = numbers["value"], numbers["lag"]
    high, high_lag, known = value > 0, lag > 0, lag.notna()
    quadrant = np.select([high & high_lag, high, high_lag], ["HH", "HL", "LH"], "LL").astype(object)
    quadrant[~known.to_numpy()] = None
    reached = numbers["q"] <= significance * (1 + 1e-12)  # q is a product: its last digit must not decide
    label = np.select([value.isna(), ~known, reached], ["undefined", "isolated", quadrant], "ns").astype(object)
    return numbers.assign(quadrant=quadrant, label=label)[[*NUMBERS, "quadrant", "label", *SCATTER]]


def _resolution_notes(
    units: int, permutations: int, alternative: str, significance: float, correction: str
) -> list[Message]:
    """Say where too few permutations make significance impossible."""
    smallest = (2 if alternative == "two-sided" else 1) / (permutations + 1)
    needed = smallest * (units if correction == "bonferroni" else 1)
    if needed <= significance * (1 + 1e-12):
        return []
    return [
        Message.of(
            "No unit can be significant: with {permutations} permutations the smallest p-value is {smallest};"
            " it would take {enough}.",
            permutations=permutations,
            smallest=f"{smallest:g}",
            enough=int(np.ceil(needed / significance * (permutations + 1))) - 1,
        )
    ]

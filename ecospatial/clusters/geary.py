"""Geary's C, global and local, of one variable or of several together, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import OptionError, Text, joined, listed
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.geary import geary_tails, global_geary, local_geary
from ..kernels.moran import deviations, lag_moments, standardised
from ..kernels.permutation import global_tails
from ..panel import Panel
from ..result import Result
from .lisa import label_counts, quadrants
from .periods import Slice, island_notes, joint, period_notes, slices
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

LABELS = ("HH", "LL", "other", "positive", "negative", "ns", "isolated", "undefined")
LOCAL = ("c", "expected", "z", "p_sim", "q")
GLOBAL = ("C", "expected", "z_norm", "p_norm", "z_rand", "p_rand", "p_sim")


@dataclass(frozen=True, eq=False, repr=False)
class GearyResult(Result):
    """Local Geary by unit and period, and Geary's C by period.

    Attributes
    ----------
    data : Panel
        The columns that were tested.
    columns : tuple of str
    weights : Weights
        In the order of the data's units.
    local : DataFrame
        By (unit, period), in the order of the data: ``c``, ``expected``, ``z``, ``p_sim``, ``q``, ``label``.
    periods : DataFrame
        By (variable and) period: ``C``, ``expected``, ``z_norm`` and ``p_norm`` (normality), ``z_rand`` and
        ``p_rand`` (randomisation), ``p_sim`` (permutation), ``units``, ``status``.
    """

    TITLE: ClassVar[str] = "Geary's C, global and local"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("local_geary", "unit-period", "Local Geary", style="geary"),
        Table("global_geary", "term", "Geary's C by period"),
        Table("counts", "period", "Local Geary labels by period"),
    )
    FIGURE: ClassVar[str | None] = "geary_map"

    data: Panel
    columns: tuple[str, ...]
    weights: Weights
    permutations: int
    alternative: str
    significance: float
    correction: str
    seed: int
    local: pd.DataFrame
    periods: pd.DataFrame

    @property
    def labels(self) -> pd.Series:
        """The label by unit and period."""
        return self.local["label"].copy()

    @property
    def counts(self) -> pd.DataFrame:
        """How many units carry each label, by period."""
        unused = ("positive",) if len(self.columns) == 1 else ("HH", "LL", "other")
        return label_counts(self.labels, tuple(label for label in LABELS if label not in unused))

    @property
    def variable(self) -> Text:
        """What was tested, in words."""
        return joined(self.columns)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The local statistics, Geary's C, and the counts by period."""
        return {"local_geary": self.local, "global_geary": self.periods, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Variables, weights and conventions."""
        one = "local c = Σ w (z_i − z_j)², n − 1 in the variance; small c: neighbours are alike"
        several = "local c = the mean of Σ w (z_i − z_j)² over the variables, all of a unit drawn together"
        return {
            "Variable": self.variable,
            "Statistic": one if len(self.columns) == 1 else several,
            "Weights": self.weights.words,
            **inference_facts(self.permutations, self.seed, self.alternative, self.correction, self.significance),
        }

    def digest(self) -> pd.DataFrame:
        """The counts by period."""
        return self.counts

    def digests(self) -> Sequence[pd.DataFrame]:
        """The counts and Geary's C."""
        return self.counts, self.periods


@tool(group="clusters", title="Geary's C, global and local")
def geary(
    data: Annotated[PanelLike, "Panel"],
    columns: Annotated[Sequence[str], Column(), "Variable to test, or several together"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Sides, "Alternative"] = "two-sided",
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> GearyResult:
    """Test whether neighbours differ less, or more, than units at random, in every period.

    Geary's C (1954, The Incorporated Statistician 5, 115–145; moments of Cliff and Ord 1981) and the local Geary
    of one variable (Anselin 1995, Geographical Analysis 27) or several (Anselin 2019, Geographical Analysis 51),
    tested by drawing each unit's neighbours from all other units. It sees links that are not linear, which the
    local Moran statistic misses.

    Parameters
    ----------
    data : Panel or GeoPanel
        Units without a value in a period are left out of that period and labelled ``undefined``.
    columns : str or sequence of str
        The variable; or several, whose squared distance in standard deviations is tested.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "directed"}
        ``"directed"`` is GeoDa's and PySAL's p-value, half the two-sided one; false positives are twice the cutoff.
    significance : float
        A unit is labelled where its p-value, or with a correction its q, is not above this.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    GearyResult
        Labels of one variable as in GeoDa: HH and LL (alike, both high or both low), other (alike across the
        mean), negative (unlike), ns, isolated, undefined; of several: positive (alike) and negative.

    Raises
    ------
    OptionError
        Where a column is named twice, or none is.
    DataError
        Where a column is missing or does not hold numbers.
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
    >>> found = geary(Panel.from_frame(table, unit="town").join(grid), "score")
    >>> found.to_frame("global_geary")["C"].round(3).tolist()
    [0.12]
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not names or len(set(names)) < len(names):
        raise OptionError("Name one column or more, each once: {columns}.", columns=listed(names) or "none")
    aligned = as_weights(weights, data)
    cube, status = joint(data.cube(names))
    local = {name: np.full(cube.shape[:2], np.nan) for name in (*LOCAL, "value", "lag")}
    tested = np.zeros(cube.shape[:2], dtype=bool)
    general = np.full((len(names), len(status), len(GLOBAL)), np.nan)
    for part in slices(cube[:, :, 0], status, aligned):
        cells = np.ix_(part.periods, part.units)
        tested[cells] = True
        for name, found in _local(part, cube[cells], permutations, alternative, correction, seed).items():
            local[name][cells] = found
        if part.matrix.nnz:
            for place in range(len(names)):
                values = cube[:, :, place][cells]
                general[place, part.periods] = _global(values, part, permutations, alternative, seed)
        else:
            status[part.periods] = "no links"
    unit, period = data.places()
    rows = pd.DataFrame({name: found[period, unit] for name, found in local.items()}, data.index)
    kind = _kinds(rows, len(names))
    return GearyResult(
        data=data.select(names),
        columns=names,
        weights=aligned,
        permutations=permutations,
        alternative=alternative,
        significance=significance,
        correction=correction,
        seed=seed,
        local=rows[list(LOCAL)].assign(label=labelled(kind, rows["q"], significance, tested[period, unit])),
        periods=_by_period(general, data, names, (~np.isnan(cube[:, :, 0])).sum(axis=1), status),
        notes=(
            *period_notes(data, joined(names), cube[:, :, 0], status),
            *island_notes(aligned, "have no local statistic and are labelled isolated"),
            *resolution_notes(tests_by_period(local["p_sim"]), permutations, alternative, significance, correction),
        ),
    )


def _local(
    part: Slice, values: np.ndarray, permutations: int, alternative: str, correction: Correction, seed: int
) -> dict[str, np.ndarray]:
    """The local numbers of some periods, each of shape (periods, units); ``values`` (periods, units, k)."""
    z = np.dstack([standardised(values[:, :, place]) for place in range(values.shape[2])])
    found = local_geary(z, part.matrix)
    score = (found.statistic - found.expected) / np.sqrt(np.where(found.variance > 0, found.variance, np.nan))
    tails = geary_tails(z, part.matrix, permutations, seed)
    p = np.where(np.isnan(found.statistic), np.nan, pseudo_p(tails, permutations, alternative))
    return {
        "c": found.statistic,
        "expected": found.expected,
        "z": score,
        "p_sim": p,
        "q": adjusted(p, correction),
        "value": z[:, :, 0],
        "lag": lag_moments(z[:, :, 0], part.matrix).lag,
    }


def _global(values: np.ndarray, part: Slice, permutations: int, alternative: str, seed: int) -> np.ndarray:
    """Geary's C of some periods, a row each."""
    found = global_geary(values, part.matrix)
    z_norm, z_rand = (
        (found.statistic - 1) / np.sqrt(np.where(variance > 0, variance, np.nan))
        for variance in (found.variance_norm, found.variance_rand)
    )
    z = deviations(values)
    p = pseudo_p(global_tails(z, part.matrix, permutations, seed, own=-(z**2) / 2), permutations, alternative)
    p_norm, p_rand = normal_p(z_norm, alternative), normal_p(z_rand, alternative)
    return np.column_stack([found.statistic, np.ones(len(p)), z_norm, p_norm, z_rand, p_rand, p])


def _kinds(rows: pd.DataFrame, variables: int) -> np.ndarray:
    """What a significant unit is: like its neighbours, and then on which side of the mean, or unlike them."""
    quadrant = quadrants(rows["value"], rows["lag"])
    alike = np.where(np.isin(quadrant, ["HH", "LL"]), quadrant, "other") if variables == 1 else "positive"
    return np.where(rows["c"] > rows["expected"], "negative", alike)


def _by_period(
    general: np.ndarray, data: Panel, names: Sequence[str], units: np.ndarray, status: np.ndarray
) -> pd.DataFrame:
    """One row a variable and period."""
    frames = [
        pd.DataFrame(table, columns=list(GLOBAL)).assign(
            variable=name, period=np.asarray(data.periods), units=units, status=status
        )
        for name, table in zip(names, general, strict=True)
    ]
    found = pd.concat(frames, ignore_index=True)
    return found[["variable", "period", *GLOBAL, "units", "status"]]

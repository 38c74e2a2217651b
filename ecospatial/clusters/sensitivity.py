"""How Moran's I and LISA clusters depend on the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Message, OptionError, Text, listed
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..panel import Panel
from ..result import Result
from .lisa import UNTESTED, lisa
from .moran import moran
from .significance import Correction, Sides, inference_facts

VERDICT = ("label", "agree")
USUAL = ("queen", "rook", "knn:4", "knn:6", "knn:8")


@dataclass(frozen=True, eq=False, repr=False)
class WeightsSensitivityResult(Result):
    """Moran's I and LISA clusters under several weights.

    Attributes
    ----------
    data : Panel
        The column that was tested.
    weights : dict of str to Weights
        By name, in the order given.
    morans : DataFrame
        One row a weights and period: ``I, expected, z_rand, p_rand, p_sim, status``.
    labels : DataFrame
        By (unit, period), in the order of the data: the label under each weights, the most common one (``label``) and
        the share of the weights that ``agree`` on it.
    """

    TITLE: ClassVar[str] = "Sensitivity to the weights"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("global_moran", "term", "Moran's I by weights"),
        Table("labels", "unit-period", "Cluster labels by weights", style="lisa"),
        Table("agreement", "pair", "Agreement of cluster labels"),
    )
    FIGURE: ClassVar[str | None] = "sensitivity"

    data: Panel
    column: str
    weights: dict[str, Weights]
    permutations: int
    alternative: str
    significance: float
    correction: str
    seed: int
    morans: pd.DataFrame
    labels: pd.DataFrame

    @property
    def agreement(self) -> pd.DataFrame:
        """One row a pair of weights: the share of unit-periods with the same label, and of the clusters of either."""
        rows = []
        for one, other in combinations(self.weights, 2):
            pair = self.labels[[one, other]]
            tested = ~pair.isin(UNTESTED).any(axis=1)
            same, cluster = pair[one] == pair[other], (pair != "ns").any(axis=1)
            rows.append((one, other, int(tested.sum()), _share(same[tested]), _share(same[tested & cluster])))
        return pd.DataFrame(rows, columns=["weights", "other_weights", "compared", "same_label", "same_cluster"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Moran's I by weights, labels by weights, agreement of pairs."""
        return {"global_moran": self.morans, "labels": self.labels, "agreement": self.agreement}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        return {
            "Variable": self.column,
            **{name: weights.words for name, weights in self.weights.items()},
            **inference_facts(self.permutations, self.seed, self.alternative, self.correction, self.significance),
            "Labels alike": Message.of(
                "{share} of unit-periods have the same label under all weights",
                share=_percent(_share(self.labels["agree"].dropna() == 1)),
            ),
        }

    def digest(self) -> pd.DataFrame:
        """Moran's I of the last period by weights."""
        last = self.morans[self.morans["period"] == self.data.periods[-1]]
        return last.reset_index(drop=True)

    def digests(self) -> Sequence[pd.DataFrame]:
        """Moran's I and agreement."""
        return self.digest(), self.agreement


@tool(group="clusters", title="Sensitivity to the weights")
def weights_sensitivity(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to test, for example an efficiency score"],
    weights: Annotated[Sequence[WeightsLike], "Sets of weights to compare"] = USUAL,
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Sides, "Alternative"] = "two-sided",
    significance: Annotated[float, Range(0.0001, 0.5), "Significance cutoff"] = 0.05,
    correction: Annotated[Correction, "Correction for many tests"] = "none",
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> WeightsSensitivityResult:
    """Run Moran's I and LISA over several weights, and count how far the clusters depend on the choice.

    All weights share the seed. Agreement is counted over unit-periods that both weights test; "ns" under both is
    agreement too, so that the share among the clusters of either is given beside it.

    Parameters
    ----------
    data : Panel or GeoPanel
        Units without a value in a period are left out of that period.
    column : str
        The variable.
    weights : sequence of str, Weights, libpysal Graph or W
        Names with their number behind a colon where they have one, such as ``"queen"`` and ``"knn:5"`` (``Weights``
        lists them all); in Python also weights themselves, or a mapping of names to weights.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "directed"}
        Of LISA: ``"directed"`` is GeoDa's and PySAL's p-value, half the two-sided one. Moran's I is two-sided.
    significance : float
        A unit is in a cluster where its p-value, or with a correction its q, is not above this.
    correction : {"none", "fdr", "bonferroni"}
        Adjusts for as many tests as there are units, in each period.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    WeightsSensitivityResult

    Raises
    ------
    OptionError
        Where there are fewer than two weights, two of the same name, or one that is no weights.
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
    >>> data = Panel.from_frame(table, unit="town").join(grid)
    >>> weights_sensitivity(data, "score", ["queen", "rook"]).agreement["same_label"].round(3).tolist()
    [0.667]
    """
    named = {name: as_weights(recipe, data) for name, recipe in named_weights(weights).items()}
    morans, labels, notes = [], {}, []
    for name, own in named.items():
        table = moran(data, column, own, permutations, seed=seed)
        found = lisa(data, column, own, permutations, alternative, significance, correction, seed=seed)
        kept = ["period", "I", "expected", "z_rand", "p_rand", "p_sim", "status"]
        morans.append(table.to_frame().reset_index().assign(weights=name)[["weights", *kept]])
        labels[name] = found.labels
        notes += [note for note in found.notes if note not in notes]
    return WeightsSensitivityResult(
        data=data.select([column]),
        column=column,
        weights=named,
        permutations=permutations,
        alternative=alternative,
        significance=significance,
        correction=correction,
        seed=seed,
        morans=pd.concat(morans, ignore_index=True),
        labels=_with_agreement(pd.DataFrame(labels)),
        notes=tuple(notes),
    )


def named_weights(weights: Sequence[WeightsLike] | Mapping[str, WeightsLike]) -> dict[str, WeightsLike]:
    """Weights under their names, such as ``knn:5``."""
    weights = weights.split() if isinstance(weights, str) else weights
    given: list[Any] = list(weights.values()) if isinstance(weights, Mapping) else list(weights)
    names = list(weights) if isinstance(weights, Mapping) else [_name(one, at) for at, one in enumerate(given)]
    if len(given) < 2 or len(set(names)) < len(names):
        raise OptionError("Name two weights or more, each once: {names}.", names=listed(names) or "none")
    if taken := [name for name in names if name in VERDICT]:
        raise OptionError("No weights can be called {names}: the labels have such columns.", names=listed(taken))
    return dict(zip(names, given, strict=True))


def _name(weights: WeightsLike, place: int) -> str:
    return weights if isinstance(weights, str) else f"weights {place + 1}"


def _with_agreement(labels: pd.DataFrame) -> pd.DataFrame:
    """Add the most common label of each row (ties: the first weights') and the share that agree on it."""
    cells = labels.to_numpy(dtype=object)
    votes = (cells[:, :, None] == cells[:, None, :]).sum(axis=2)
    first = votes.argmax(axis=1)
    rows = np.arange(len(cells))
    common = cells[rows, first]
    agree = np.where(common == "undefined", np.nan, votes[rows, first] / cells.shape[1])
    return labels.assign(label=common, agree=agree)


def _share(same: pd.Series) -> float:
    return float(same.mean()) if len(same) else np.nan


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"

"""Transitions between classes of a variable, for all units and by the class of their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import DataError, Message, Text, listed
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.markov import homogeneity, probabilities, steady_state, transition_counts
from ..panel import Panel
from ..result import Result
from .chains import long_transitions, tests_table
from .periods import FLAT, island_notes, period_names, period_notes

Breaks = Literal["pooled", "period"]
LagBreaks = Literal["of the lag", "of the variable"]
ALL = "all"
NULL = "transitions do not depend on the class of the neighbours"
BREAKS = {
    "pooled": "quantiles of all periods together",
    "period": "quantiles of each period",
}
LAG_BREAKS = {
    "of the lag": "neighbours' means classed by quantiles of their own",
    "of the variable": "neighbours' means classed by the quantiles of the variable",
}


@dataclass(frozen=True, eq=False, repr=False)
class SpatialMarkovResult(Result):
    """Markov chains of a classed variable, by the class of the neighbours.

    Attributes
    ----------
    data : Panel
        The column.
    weights : Weights
        In the order of the data's units.
    classed : DataFrame
        By (unit, period), in the order of the data: ``class`` and ``lag_class`` from 1 (lowest), empty where there
        is no value or no neighbour.
    counts : ndarray, shape (classes + 1, classes, classes)
        Transitions from row to column: of all units with a neighbour, then by the class of the neighbours.
    """

    TITLE: ClassVar[str] = "Spatial Markov chain"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("transitions", "pair", "Transition probabilities by class of the neighbours"),
        Table("steady_states", "term", "Steady states by class of the neighbours"),
        Table("tests", "term", "Tests of homogeneity"),
        Table("class_breaks", "term", "Upper bounds of the classes"),
        Table("classed", "unit-period", "Classes of units and of their neighbours"),
    )
    FIGURE: ClassVar[str | None] = "spatial_markov"

    data: Panel
    column: str
    weights: Weights
    breaks: str
    lag_breaks: str
    relative: bool
    classed: pd.DataFrame
    counts: np.ndarray
    class_breaks: pd.DataFrame

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.counts.shape[1])

    @property
    def lag_classes(self) -> tuple[str, ...]:
        """What the tables of :attr:`counts` are of: all units, then each class of the neighbours."""
        return (ALL, *(str(place + 1) for place in range(self.classes)))

    @property
    def probabilities(self) -> np.ndarray:
        """Transition probabilities, of the shape of :attr:`counts`; NaN in the rows of classes that were never left."""
        return probabilities(self.counts)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Transitions, steady states, tests, bounds, classes."""
        return {
            "transitions": self._transitions(),
            "steady_states": self._steady_states(),
            "tests": self._tests(),
            "class_breaks": self.class_breaks,
            "classed": self.classed,
        }

    def _transitions(self) -> pd.DataFrame:
        names = pd.RangeIndex(1, self.classes + 1)
        tables = [
            long_transitions(pd.DataFrame(table, index=names, columns=names)).assign(lag_class=lag_class)
            for lag_class, table in zip(self.lag_classes, self.counts, strict=True)
        ]
        return pd.concat(tables, ignore_index=True)[["lag_class", "from", "to", "count", "probability"]]

    def _steady_states(self) -> pd.DataFrame:
        found = np.array([steady_state(table) for table in self.probabilities])
        return pd.DataFrame(
            {
                "lag_class": np.repeat(self.lag_classes, self.classes),
                "class": np.tile(np.arange(1, self.classes + 1), len(found)),
                "left": self.counts.sum(axis=2).ravel(),
                "steady_state": found.ravel(),
            }
        )

    def _tests(self) -> pd.DataFrame:
        found = homogeneity(self.counts[1:])
        return tests_table({"Pearson": found.q, "Likelihood ratio": found.likelihood_ratio}, found.df, NULL)

    def facts(self) -> Mapping[str, Text]:
        """Variable, classes, weights and conventions."""
        return {
            "Variable": Message.of("{column} relative to the mean of the period", column=self.column)
            if self.relative
            else self.column,
            "Classes": Message.of("{count}, {how}", count=self.classes, how=Message.of(BREAKS[self.breaks])),
            "Neighbours": LAG_BREAKS[self.lag_breaks],
            "Weights": self.weights.words,
            "Mobility": self._mobility(),
        }

    def _mobility(self) -> Message:
        trace = float(np.trace(self.probabilities[0]))
        if np.isnan(trace):
            return Message.of("not known: a class was never left")
        return Message.of("{index} (Shorrocks)", index=f"{(self.classes - trace) / (self.classes - 1):.4f}")

    def digest(self) -> pd.DataFrame:
        """The transition probabilities of every class of the neighbours."""
        wide = self._transitions().pivot(index=["lag_class", "from"], columns="to", values="probability")
        return wide.reindex(list(self.lag_classes), level="lag_class")

    def digests(self) -> Sequence[pd.DataFrame]:
        """Probabilities and tests."""
        return self.digest(), self._tests()


@tool(group="clusters", title="Spatial Markov chain")
def spatial_markov(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    classes: Annotated[int, Range(2, 10), "Classes"] = 5,
    breaks: Annotated[Breaks, "Quantiles of"] = "pooled",
    lag_breaks: Annotated[LagBreaks, Advanced(), "Class breaks of the neighbours"] = "of the lag",
    relative: Annotated[bool, "Divide by the mean of the period"] = False,
) -> SpatialMarkovResult:
    """Estimate how units move between classes of a variable, and whether that depends on their neighbours.

    The classic Markov chain and Rey's spatial Markov chain (2001, Geographical Analysis 33, 195–214): one table for
    each class that the neighbours' mean is in before the move. Homogeneity of the tables by Pearson's Q and the
    likelihood ratio (Bickenbach and Bode 2003, International Regional Science Review 26, 363–392).

    Parameters
    ----------
    data : Panel or GeoPanel
        Two periods or more. A move is counted where the unit has a value in both and a neighbour in the first.
    column : str
        The variable.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
    classes : int
        Quantile classes, of the variable and of the neighbours.
    breaks : {"pooled", "period"}
        Quantiles of all periods together, so that units can rise together; or of each period, so that for one that
        rises another falls.
    lag_breaks : {"of the lag", "of the variable"}
        What bounds the classes of the neighbours: quantiles of their means, each class then with as many units; or
        those of the variable, so that a class means the same for a unit and its neighbours.
    relative : bool
        Class values relative to the mean of their period.

    Returns
    -------
    SpatialMarkovResult
        Class 1 is the lowest. A class holds values up to and including its upper bound.

    Raises
    ------
    DataError
        Where there are fewer than two periods, the column is missing or does not hold numbers, or values are to be
        relative to a mean that is not positive.
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no polygons.

    Examples
    --------
    >>> rows = [(town, year, float((town + year) % 4)) for year in range(3) for town in range(8)]
    >>> data = Panel.from_frame(pd.DataFrame(rows, columns=["town", "year", "y"]), unit="town", period="year")
    >>> ring = Weights.from_sparse(np.roll(np.eye(8), 1, axis=1), range(8))
    >>> spatial_markov(data, "y", ring, classes=2).counts[0].tolist()
    [[4, 4], [4, 4]]
    """
    if len(data.periods) < 2:
        raise DataError("Transitions need two periods or more; there is one. Name the period column.")
    aligned = as_weights(weights, data)
    values = data.cube([column])[:, :, 0]
    shown = values / _means(values, data, column) if relative else values
    lag = _lags(shown, aligned)
    bounds = _bounds(shown, classes, breaks)
    lag_bounds = bounds if lag_breaks == "of the variable" else _bounds(lag, classes, breaks)
    own, around = _classes(shown, bounds), _classes(lag, lag_bounds)
    quantiled = {Message.of("the variable"): shown}
    if lag_breaks == "of the lag":
        quantiled[Message.of("the neighbours")] = lag
    counts = [transition_counts(np.where(around[:-1] >= 0, own[:-1], -1), own[1:], classes)]
    for place in range(classes):
        counts.append(transition_counts(np.where(around[:-1] == place, own[:-1], -1), own[1:], classes))
    unit, period = data.places()
    classed = pd.DataFrame({"class": own[period, unit], "lag_class": around[period, unit]}, data.index) + 1.0
    return SpatialMarkovResult(
        data=data.select([column]),
        column=column,
        weights=aligned,
        breaks=breaks,
        lag_breaks=lag_breaks,
        relative=relative,
        classed=classed.where(classed > 0),
        counts=np.array(counts),
        class_breaks=_bounds_table({"variable": bounds, "neighbours": lag_bounds}, data.periods),
        notes=(
            *period_notes(data, column, values, np.full(len(values), "ok", dtype=object)),
            *_tie_notes(quantiled, classes, breaks),
            *island_notes(aligned, "are left out of the transitions"),
        ),
    )


def _means(values: np.ndarray, data: Panel, column: str) -> np.ndarray:
    """The mean of each period, shape (T, 1); NaN where there is none, an error where nothing is relative to it."""
    known = ~np.isnan(values)
    count = known.sum(axis=1, keepdims=True)
    means = np.where(known, values, 0.0).sum(axis=1, keepdims=True) / np.where(count, count, np.nan)
    senseless = means[:, 0] <= FLAT * np.abs(np.where(known, values, 0.0)).max(axis=1)
    if senseless.any():
        raise DataError(
            "'{column}' has a mean of zero or less in {periods}; values cannot be relative to it, take relative off.",
            column=column,
            periods=listed(period_names(data, data.periods[senseless])),
        )
    return np.asarray(means)


def _lags(values: np.ndarray, weights: Weights) -> np.ndarray:
    """The neighbours' weighted mean or sum, over those that have a value; NaN where there is none."""
    lag = np.full(values.shape, np.nan)
    patterns, of = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    for place, present in enumerate(patterns):
        periods, units = np.flatnonzero(of.ravel() == place), np.flatnonzero(present)
        matrix = weights.subset(weights.ids[units]).sparse
        around = (matrix @ values[np.ix_(periods, units)].T).T
        lag[np.ix_(periods, units)] = np.where(np.diff(matrix.indptr) > 0, around, np.nan)
    return lag


def _bounds(values: np.ndarray, classes: int, breaks: str, last: int | None = None) -> np.ndarray:
    """Upper bounds of the classes up to the last one, by default all but the highest; shape (T, last)."""
    shares = np.arange(1, (last or classes - 1) + 1) / classes
    pooled = breaks == "pooled"
    found = [np.quantile(row[~np.isnan(row)], shares) if not np.isnan(row).all() else np.full(len(shares), np.nan)
             for row in ([values] if pooled else values)]  # fmt: skip
    return np.array(found * len(values) if pooled else found)


def _classes(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """The class of each value from 0, −1 where there is none; shape (T, n)."""
    found = (values[:, :, None] > bounds[:, None, :]).sum(axis=2)
    return np.asarray(np.where(np.isnan(values), -1, found))


def _bounds_table(bounds: Mapping[str, np.ndarray], periods: pd.Index) -> pd.DataFrame:
    """One row a class bound: of what, the period (all where pooled), the class, its upper bound."""
    rows = []
    for name, table in bounds.items():
        pooled = bool((table == table[0]).all())
        for period, row in zip([ALL] if pooled else [str(period) for period in periods], table, strict=False):
            rows += [(name, period, place + 1, bound) for place, bound in enumerate(row)]
    return pd.DataFrame(rows, columns=["bounds_of", "when", "class", "upper"])


def _tie_notes(quantiled: Mapping[Message, np.ndarray], classes: int, breaks: str) -> list[Message]:
    """Say where tied values leave a class empty; of the highest class the largest value is the upper bound."""
    tops = {name: _bounds(values, classes, breaks, last=classes) for name, values in quantiled.items()}
    tied = [name for name, table in tops.items() if (np.diff(table, axis=1) == 0).any()]
    if not tied:
        return []
    return [
        Message.of(
            "Equal values make class bounds coincide for {what}, so that a class is empty; take fewer classes.",
            what=listed(tied),
        )
    ]

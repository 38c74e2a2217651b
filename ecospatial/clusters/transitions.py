"""How units move through the quadrants of the Moran scatter plot from period to period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Column, Table, tool
from ..errors import DataError, Text
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.markov import probabilities, steady_state, transition_counts
from ..kernels.moran import lag_moments, standardised
from ..panel import Panel
from ..result import Result
from .chains import chain_test, long_transitions, transition_matrix
from .lisa import quadrants
from .periods import island_notes, period_notes, slices, statuses

STATES = ("HH", "LL", "LH", "HL")
MOVES = ("stay", "I", "II", "IIIa", "IIIb")
NULL = "a unit and its neighbours move independently of each other"
SIDES = "HL"


@dataclass(frozen=True, eq=False, repr=False)
class LisaTransitionsResult(Result):
    """Moves between the quadrants of the Moran scatter plot.

    Attributes
    ----------
    data : Panel
        The column.
    weights : Weights
        In the order of the data's units.
    moves : DataFrame
        By (unit, period), in the order of the data: the ``previous`` period's quadrant, the ``quadrant``, the
        ``move``; empty where one of the two is not known.
    counts : DataFrame
        Transitions from the state of the row to that of the column.
    """

    TITLE: ClassVar[str] = "LISA transitions"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("moves", "unit-period", "Moves between quadrants"),
        Table("transitions", "pair", "Transitions between quadrants"),
        Table("states", "term", "Quadrants: first, last and steady state"),
        Table("move_types", "period", "Types of moves by period"),
        Table("tests", "term", "Tests of the chain"),
    )
    FIGURE: ClassVar[str | None] = "transitions"

    data: Panel
    column: str
    weights: Weights
    moves: pd.DataFrame
    counts: pd.DataFrame

    @property
    def probabilities(self) -> pd.DataFrame:
        """Transition probabilities; NaN in the rows of states that were never left."""
        return transition_matrix(self.counts)

    @property
    def steady_state(self) -> pd.Series:
        """The distribution over quadrants that the chain leaves as it is, NaN where there is not just one."""
        steady = steady_state(probabilities(self.counts.to_numpy()))
        return pd.Series(steady, index=pd.Index(STATES, name="state"), name="steady_state")

    @property
    def move_types(self) -> pd.DataFrame:
        """Moves of each type by later period, their number and the share that stayed (cohesion)."""
        known = self.moves["move"].dropna()
        table = pd.crosstab(known.index.get_level_values("period"), known.to_numpy())
        table = table.reindex(index=self.data.periods[1:], columns=list(MOVES), fill_value=0)
        moves = table.sum(axis=1)
        cohesion = table["stay"] / moves.where(moves > 0)
        return table.assign(moves=moves, cohesion=cohesion).rename_axis(index="period", columns=None)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Moves, transitions, states, types of moves by period, tests."""
        return {
            "moves": self.moves,
            "transitions": long_transitions(self.counts),
            "states": self._states(),
            "move_types": self.move_types,
            "tests": chain_test(self.counts.to_numpy(), *self._independent(), NULL),
        }

    def _states(self) -> pd.DataFrame:
        quadrant = self.moves["quadrant"]
        found = {}
        for name, period in (("first", self.data.periods[0]), ("last", self.data.periods[-1])):
            shares = quadrant.xs(period, level="period").value_counts(normalize=True)
            found[name] = shares.reindex(list(STATES), fill_value=0.0).to_numpy()
        return pd.DataFrame({**found, "steady_state": self.steady_state}).rename_axis("state").reset_index()

    def _independent(self) -> tuple[np.ndarray, int]:
        """Transitions to be expected of two chains, a unit's and its neighbours', and their free probabilities."""
        counts = self.counts.to_numpy()
        sides = np.array([[SIDES.index(side) for side in state] for state in STATES])
        chance, free = np.ones(counts.shape), 0
        for which in (0, 1):
            side = sides[:, which]
            pooled = np.zeros((2, 2))
            np.add.at(pooled, (side[:, None], side[None, :]), counts)
            chance = chance * np.nan_to_num(probabilities(pooled))[side[:, None], side[None, :]]
            free += int((pooled > 0).all(axis=1).sum())  # a side that is always, or never, left for the other has none
        return np.asarray(counts.sum(axis=1, keepdims=True) * chance), free

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        return {
            "Variable": self.column,
            "Quadrants": "of the Moran scatter plot in every period, significant or not",
            "Moves": "I: the unit alone; II: its neighbours alone; IIIa: both alike; IIIb: both, apart; else it stays",
            "Weights": self.weights.words,
        }

    def digest(self) -> pd.DataFrame:
        """Transition probabilities."""
        return self.probabilities

    def digests(self) -> Sequence[pd.DataFrame]:
        """Probabilities, states, types of moves, tests."""
        found = self.tables()
        return self.probabilities, found["states"], found["move_types"], found["tests"]


@tool(group="clusters", title="LISA transitions")
def lisa_transitions(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
) -> LisaTransitionsResult:
    """Follow every unit through the quadrants of the Moran scatter plot, as a Markov chain (LISA Markov).

    Rey (2001, Geographical Analysis 33, 195–214); types of moves of Rey and Janikas (2006, Geographical Analysis
    38, 67–86); cohesion, the share that stays, as in Rey and Ye (2010). The test asks whether a unit and its
    neighbours move independently: Pearson's chi-squared and the likelihood ratio against the product of the
    two chains, 8 degrees of freedom where all moves occur (12 free probabilities less 4).

    Parameters
    ----------
    data : Panel or GeoPanel
        Two periods or more. A move is counted where the unit has a value and a neighbour in both.
    column : str
        The variable.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.

    Returns
    -------
    LisaTransitionsResult
        Quadrants HH, LL, LH, HL: the unit's own side of the mean, then that of its neighbours' mean.

    Raises
    ------
    DataError
        Where there are fewer than two periods, or the column is missing or does not hold numbers.
    JoinError
        Where weights and data are of different units.
    GeometryError
        Where weights are to be built but the data have no polygons.

    Examples
    --------
    >>> import shapely
    >>> from ecospatial.geo.boundaries import Boundaries
    >>> towns = [f"t{place}" for place in range(16)]
    >>> grid = Boundaries.of(towns, [shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)])
    >>> rows = [(town, year, place // 4 + (year if place == 0 else 0))
    ...         for year in (0, 9) for place, town in enumerate(towns)]
    >>> table = pd.DataFrame(rows, columns=["town", "year", "score"])
    >>> found = lisa_transitions(Panel.from_frame(table, unit="town", period="year").join(grid), "score", "rook")
    >>> found.moves["move"].value_counts().to_dict()
    {'stay': 9, 'IIIa': 4, 'II': 2, 'I': 1}
    """
    if len(data.periods) < 2:
        raise DataError("Transitions need two periods or more; there is one. Name the period column.")
    aligned = as_weights(weights, data)
    values = data.cube([column])[:, :, 0]
    status = statuses(values)
    state = np.full(values.shape, None, dtype=object)
    for part in slices(values, status, aligned):
        value = standardised(part.values)
        lag = lag_moments(value, part.matrix).lag
        state[np.ix_(part.periods, part.units)] = quadrants(value, lag)
    before = np.vstack([np.full((1, values.shape[1]), None, dtype=object), state[:-1]])
    unit, period = data.places()
    previous, now = before[period, unit], state[period, unit]
    move = [_move(*pair) for pair in zip(previous, now, strict=True)]
    codes = np.array([[STATES.index(one) if one else -1 for one in row] for row in state])
    counts = transition_counts(codes[:-1], codes[1:], len(STATES))
    names = pd.Index(STATES, name="from")
    return LisaTransitionsResult(
        data=data.select([column]),
        column=column,
        weights=aligned,
        moves=pd.DataFrame({"previous": previous, "quadrant": now, "move": move}, data.index),
        counts=pd.DataFrame(counts, index=names, columns=list(STATES)),
        notes=(
            *period_notes(data, column, values, status),
            *island_notes(aligned, "are in no quadrant and make no moves"),
        ),
    )


def _move(previous: str | None, now: str | None) -> str | None:
    """The type of a move from one quadrant to another."""
    if previous is None or now is None:
        return None
    own, neighbours = previous[0] != now[0], previous[1] != now[1]
    if own and neighbours:
        return "IIIa" if now[0] == now[1] else "IIIb"
    return "I" if own else "II" if neighbours else "stay"

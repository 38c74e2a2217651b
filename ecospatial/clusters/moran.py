"""Global Moran's I, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import Message, OptionError, Text, joined
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike, as_weights
from ..geo.weights import Weights
from ..kernels.moran import GlobalMoran, bivariate_moran, deviations, global_moran, pulled
from ..kernels.permutation import Tails, global_tails, product_tails
from ..panel import Panel
from ..result import Result
from .change import variable_words
from .periods import Slice, island_notes, joint, period_notes, slices
from .residuals import residual_moments, residuals
from .significance import SIDES, normal_p, pseudo_p

NUMBERS = ("I", "expected", "z_norm", "p_norm", "z_rand", "p_rand", "p_sim")


@dataclass(frozen=True, eq=False, repr=False)
class MoranResult(Result):
    """Global Moran's I by period.

    Attributes
    ----------
    data : Panel
        The column that was tested, and its regressors.
    weights : Weights
        In the order of the data's units.
    periods : DataFrame
        By period: ``I``, ``expected``, ``z_norm`` and ``p_norm`` (normality; NaN for two variables), ``z_rand`` and
        ``p_rand`` (randomisation; NaN for residuals), ``p_sim`` (permutation), ``units`` that had a value, ``status``.
    regressors : tuple of str
        Where residuals were tested.
    second : str or None
        The variable whose lag was taken, where it is another one.
    """

    TITLE: ClassVar[str] = "Global Moran's I"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("moran", "period", "Global Moran's I"),)
    FIGURE: ClassVar[str | None] = "moran_trend"

    data: Panel
    column: str
    weights: Weights
    permutations: int
    alternative: str
    seed: int
    periods: pd.DataFrame
    regressors: tuple[str, ...] = ()
    second: str | None = None

    @property
    def I(self) -> pd.Series:  # noqa: E743 - the statistic's name
        """The statistic by period."""
        return self.periods["I"].copy()

    @property
    def p_sim(self) -> pd.Series:
        """The permutation p-value by period."""
        return self.periods["p_sim"].copy()

    @property
    def variable(self) -> Text:
        """What was tested, in words."""
        if not self.regressors:
            return variable_words(self.column, self.second)
        return Message.of("residuals of {y} on {x}", y=self.column, x=", ".join(self.regressors))

    def tables(self) -> dict[str, pd.DataFrame]:
        """One row a period."""
        return {"moran": self.periods}

    def facts(self) -> Mapping[str, Text]:
        """Variable, weights and conventions."""
        return {
            "Variable": self.variable,
            "Statistic": "Moran's I; units without a neighbour stay in the mean and in n",
            "Weights": self.weights.words,
            "Permutations": Message.of("{count} of all values, seed {seed}", count=self.permutations, seed=self.seed),
            "Alternative": SIDES.get(self.alternative, self.alternative),
        }


@tool(group="clusters", title="Global Moran's I")
def moran(
    data: Annotated[PanelLike, "Panel"],
    column: Annotated[str, Column(), "Variable to test, for example an efficiency score"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    alternative: Annotated[Literal["two-sided", "greater", "less"], "Alternative"] = "two-sided",
    regressors: Annotated[Sequence[str] | None, Column(), "Regressors, to test residuals"] = None,
    second: Annotated[str | None, Column(), "Second variable, that of the neighbours"] = None,
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> MoranResult:
    """Test a variable for spatial autocorrelation, in every period.

    Moran's I with its variance under normality and under randomisation (Cliff and Ord 1981, Spatial
    Processes) and with a permutation test in which the values change places among all units. The same
    permutations serve all periods.

    Parameters
    ----------
    data : Panel or GeoPanel
        Units without a value in a period are left out of that period.
    column : str
        The variable.
    weights : Weights, libpysal Graph or W, or str
        A name such as ``"queen"`` or ``"knn:6"`` is built on the polygons of a GeoPanel; ``Weights`` lists them all.
    permutations : int
        More give finer p-values; the smallest possible one is 1 / (permutations + 1), twice that two-sided.
    alternative : {"two-sided", "greater", "less"}
        Clustering and dispersion, clustering alone, dispersion alone.
    regressors : sequence of str or None
        Test the least-squares residuals of the variable on these, period by period, with the moments of Cliff and
        Ord (1981, section 8.3), which allow for the regression; shuffling residuals does so only in large samples.
        The residuals of any other model are a variable: ``moran(data.assign(e=model.residuals), "e")``.
    second : str or None
        Bivariate Moran's I: the unit's own variable against the lag of this one (Anselin, Syabri and Smirnov 2002),
        which alone changes places. It does not control for the correlation of the two within the unit.
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    MoranResult
        A period in which the variable is constant or too few units have it is NaN and says so.

    Raises
    ------
    OptionError
        Where regressors and a second variable are both given.
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
    >>> towns = [f"t{place}" for place in range(9)]
    >>> grid = Boundaries.of(towns, [shapely.box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)])
    >>> table = pd.DataFrame({"town": towns, "score": [9.0, 8, 7, 5, 5, 4, 2, 1, 1]})
    >>> moran(Panel.from_frame(table, unit="town").join(grid), "score", "rook").I.round(3).tolist()
    [0.556]
    """
    aligned = as_weights(weights, data)
    drivers = (regressors,) if isinstance(regressors, str) else tuple(regressors or ())
    if drivers and second is not None:
        raise OptionError("Give regressors= or second=: residuals against a second variable are no one test.")
    others = drivers if second is None else (second,)
    cube, status = joint(data.cube([column, *others]))
    values, status = residuals(cube, status) if drivers else (cube[:, :, 0], status)
    numbers = pd.DataFrame(np.nan, index=data.periods, columns=list(NUMBERS))
    for part in slices(values, status, aligned):
        if part.matrix.nnz == 0:
            status[part.periods] = "no links"
            continue
        x = (cube[:, :, 1:] if second is None else cube[:, :, -1:])[np.ix_(part.periods, part.units)]
        test = _tested if second is None else _tested_pair
        numbers.iloc[part.periods] = test(part, x, permutations, alternative, seed)
        fixed = numbers.iloc[part.periods][["z_norm", "z_rand"]].isna().all(axis=1).to_numpy()
        status[part.periods[fixed]] = "no variance"  # every order gives the same I, as where all neighbour all
    return MoranResult(
        data=data.select([column, *others]),
        column=column,
        weights=aligned,
        permutations=permutations,
        alternative=alternative,
        seed=seed,
        regressors=drivers,
        second=second,
        periods=numbers.assign(units=(~np.isnan(values)).sum(axis=1), status=status),
        notes=(
            *period_notes(data, joined([column, *others]), values, status),
            *island_notes(aligned, "stay in the mean and in n"),
        ),
    )


def _tested(part: Slice, x: np.ndarray, permutations: int, alternative: str, seed: int) -> np.ndarray:
    """The numbers of some periods, a row each; ``x`` (periods, units, k) of residuals, k of zero otherwise."""
    found = residual_moments(part.values, x, part.matrix) if x.shape[2] else global_moran(part.values, part.matrix)
    tails = global_tails(deviations(part.values), part.matrix, permutations, seed)
    return _numbers(found, tails, permutations, alternative)


def _tested_pair(part: Slice, second: np.ndarray, permutations: int, alternative: str, seed: int) -> np.ndarray:
    """The numbers of some periods against the neighbours' second variable, shape (periods, units, 1)."""
    other = second[:, :, 0]
    found = bivariate_moran(part.values, other, part.matrix)
    tails = product_tails(pulled(deviations(part.values), part.matrix), deviations(other), permutations, seed)
    return _numbers(found, tails, permutations, alternative)


def _numbers(found: GlobalMoran, tails: Tails, permutations: int, alternative: str) -> np.ndarray:
    """The columns of the table."""
    excess = found.statistic - found.expected
    z_norm, z_rand = (
        excess / np.sqrt(np.where(variance > 0, variance, np.nan))
        for variance in (found.variance_norm, found.variance_rand)
    )
    return np.column_stack(
        [
            found.statistic,
            np.broadcast_to(found.expected, excess.shape),
            z_norm,
            normal_p(z_norm, alternative),
            z_rand,
            normal_p(z_rand, alternative),
            pseudo_p(tails, permutations, alternative),
        ]
    )

"""What order-m efficiency gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..geo.join import PanelLike
from ..result import Result
from .result import EFFICIENT
from .summaries import summarise, summarise_groups


@dataclass(frozen=True, eq=False, repr=False)
class OrderMResult(Result):
    """Order-m efficiency of every unit-period.

    Attributes
    ----------
    estimates : DataFrame
        Indexed (unit, period) in the row order of the panel: ``score``, ``std_error`` and the bounds ``lower`` and
        ``upper`` of its confidence interval; ``peers``, the units to draw from (the fewest, where there are several
        frontiers); ``status``, ``estimated`` or ``infeasible`` (NaN: there is no unit to draw). The error and the
        interval need more than m peers.
    data : Panel or GeoPanel
        The variables in use.
    inputs, outputs, undesirable : tuple of str
    m : int
    orientation, frontier : str
    level : float
        Of the confidence intervals.
    """

    TITLE: ClassVar[str] = "Order-m efficiency"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("scores", "unit-period", "Order-m efficiency scores", style="efficiency"),
        Table("periods", "period", "Order-m efficiency by period"),
        Table("by_group", "pair", "Order-m efficiency by group and period"),
    )
    FIGURE: ClassVar[str | None] = "efficiency"

    estimates: pd.DataFrame
    data: PanelLike
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    undesirable: tuple[str, ...]
    m: int
    orientation: str
    frontier: str
    level: float

    @property
    def scores(self) -> pd.Series:
        """The mean of the smallest share, or of the largest expansion."""
        return self.estimates["score"].copy()

    @property
    def status(self) -> pd.Series:
        """``estimated`` or ``infeasible``."""
        return self.estimates["status"].copy()

    @property
    def efficiency(self) -> pd.Series:
        """The scores as shares: 1 is as good as the best of m peers on average, more is better."""
        return (self.scores if self.orientation == "input" else 1.0 / self.scores).rename("efficiency")

    @property
    def above_one(self) -> pd.Series:
        """Whether a unit-period does better than the best of m peers on average, by more than 1e-6."""
        return (self.efficiency > 1.0 + EFFICIENT).rename("above_one")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Scores, and their summaries by period and by group; ``efficient_share`` is that of 1 and better."""
        return {"scores": self._scores(), "periods": self._periods(), "by_group": self._groups()}

    def _scores(self) -> pd.DataFrame:
        rank = self.efficiency.round(6).groupby(level="period").rank(method="min", ascending=False)
        rank = rank.astype("int64") if rank.notna().all() else rank
        share = {} if self.orientation == "input" else {"efficiency": self.efficiency}
        beside = self.estimates.drop(columns="score")
        return pd.DataFrame({"score": self.scores, **share, "rank": rank, "above_one": self.above_one}).join(beside)

    def _periods(self) -> pd.DataFrame:
        return summarise(self.scores, self._reached, {"period": self.estimates.index.get_level_values("period")})

    def _groups(self) -> pd.DataFrame:
        return summarise_groups(self.scores, self._reached, self.data, {*self.inputs, *self.outputs, *self.undesirable})

    @property
    def _reached(self) -> pd.Series:
        return self.efficiency >= 1.0 - EFFICIENT

    def digest(self) -> pd.DataFrame:
        """The periods of a panel, the scores of a cross-section."""
        return self._periods() if len(self.data.periods) > 1 else self._scores()

    def facts(self) -> Mapping[str, Text]:
        """The model and its conventions."""
        scores = {
            "input": "the mean of the smallest share of the inputs among m peers, 1 and more is efficient",
            "output": "the mean of the largest expansion of the outputs among m peers, 1 and less is efficient; "
            "efficiency = 1/score",
        }
        facts: dict[str, Text] = {
            "Model": "Order-m; Cazals, Florens & Simar (2002), exact expectation",
            "m": str(self.m),
            "Orientation": self.orientation,
            "Score": scores[self.orientation],
            "Frontier": self.frontier,
            "Inputs": ", ".join(self.inputs),
            "Outputs": ", ".join(self.outputs),
        }
        if self.undesirable:
            facts["Undesirable outputs"] = ", ".join(self.undesirable)
        known = int(self.scores.notna().sum())
        return {
            **facts,
            "Above 1": Message.of(
                "{count} of {known} ({share} %)",
                count=int(self.above_one.sum()),
                known=known,
                share=f"{100 * self.above_one.sum() / max(known, 1):.1f}",
            ),
            "Confidence intervals": Message.of(
                "{level} %, normal in logarithms, where there are more than m peers", level=f"{100 * self.level:g}"
            ),
        }

"""What the stability of clusters gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..geo.join import PanelLike
from ..geo.weights import Weights
from ..result import Result
from .lisa import LABELS, UNTESTED
from .significance import inference_facts

DEGREES = ("stable", "mostly", "unstable")
STABLE, MOSTLY = 0.9, 0.7


@dataclass(frozen=True, eq=False, repr=False)
class StabilityResult(Result):
    """Clusters of efficiency over the draws of a bootstrap.

    Attributes
    ----------
    data : Panel or GeoPanel
        ``efficiency`` as estimated and ``bias_corrected``, for units that have an interval.
    weights : Weights
        In the order of the data's units.
    stability : DataFrame
        By (unit, period), in the order of the data: the most frequent ``label`` (ties: the first of HH, LL, LH, HL,
        ns), its ``frequency`` over the draws, the ``stability`` (``stable``, ``mostly``, ``unstable``, or why there is
        no test), the ``estimated_label`` of the scores as estimated, its ``estimated_frequency``, and the frequency of
        every label; they sum to one.
    morans : DataFrame
        By period: Moran's ``I`` of the scores as estimated and its ``p_sim``, the ``lower`` and ``upper`` ends of its
        confidence interval, ``I_corrected`` of the bias-corrected scores, between which bounds that of the draws lies
        (``draws_lower``, ``draws_upper``), the share of the draws in which it is ``significant``, ``units`` and
        ``status``.
    moran_draws : ndarray, shape (B, T)
        Moran's I of every draw and period.
    model : Message
        Of the scores.
    resampling : Message
        How they were drawn.
    replications : int
        Draws, B.
    level : float
        Of the interval of Moran's I.
    """

    TITLE: ClassVar[str] = "Stability of clusters"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("stability", "unit-period", "Stability of cluster labels", style="stability"),
        Table("global_moran", "period", "Moran's I over the draws"),
        Table("counts", "pair", "Units by label and stability"),
    )
    FIGURE: ClassVar[str | None] = "stability_map"

    data: PanelLike
    weights: Weights
    permutations: int
    alternative: str
    significance: float
    correction: str
    seed: int
    stability: pd.DataFrame
    morans: pd.DataFrame
    moran_draws: np.ndarray
    model: Message
    resampling: Text
    replications: int
    level: float

    @property
    def labels(self) -> pd.Series:
        """The most frequent label by unit and period."""
        return self.stability["label"].copy()

    @property
    def frequencies(self) -> pd.DataFrame:
        """The share of the draws in which a unit carries each label, by unit and period."""
        return self.stability[list(LABELS)].copy()

    @property
    def counts(self) -> pd.DataFrame:
        """One row a period and most frequent label: ``units``, and how many are ``stable, mostly, unstable``."""
        found = self.stability
        keys = [found.index.get_level_values("period"), found["label"].to_numpy()]
        table = pd.crosstab(keys, found["stability"].to_numpy(), rownames=["period", "label"], colnames=[None])
        wanted = pd.MultiIndex.from_product([self.data.periods, LABELS], names=["period", "label"])
        table = table.reindex(index=wanted, fill_value=0)
        shown = table.reindex(columns=list(DEGREES), fill_value=0)
        return shown.assign(units=table.sum(axis=1))[["units", *DEGREES]].reset_index()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Labels and their stability, Moran's I by period, counts."""
        return {"stability": self.stability, "global_moran": self.morans, "counts": self.counts}

    def facts(self) -> Mapping[str, Text]:
        """Scores, weights and conventions."""
        return {
            "Model": self.model,
            "Method": self.resampling,
            "Draws": Message.of("{count}, bias-corrected, all units of a frontier jointly", count=self.replications),
            "Weights": self.weights.words,
            **inference_facts(self.permutations, self.seed, self.alternative, self.correction, self.significance),
            "Stable": Message.of(
                "the most frequent label in {stable} of the draws or more; mostly: in {mostly} or more",
                stable=f"{STABLE:.0%}",
                mostly=f"{MOSTLY:.0%}",
            ),
            "Clusters confirmed": self._confirmed(),
            "Interval": Message.of(
                "of Moran's I, basic bootstrap, level {level}; beside it the percentiles over the draws",
                level=f"{self.level:g}",
            ),
        }

    def _confirmed(self) -> Message:
        clusters = ~self.stability["estimated_label"].isin(["ns", *UNTESTED])
        kept = clusters & (self.stability["estimated_frequency"] >= STABLE)
        return Message.of(
            "{kept} of {all} cluster labels of the scores as estimated are stable",
            kept=int(kept.sum()),
            all=int(clusters.sum()),
        )

    def digest(self) -> pd.DataFrame:
        """Moran's I by period."""
        return self.morans

    def digests(self) -> Sequence[pd.DataFrame]:
        """Moran's I by period, and the labels that occur."""
        counts = self.counts
        return self.morans, counts[counts["units"] > 0].reset_index(drop=True)

"""What the geographical detector found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..panel import Panel
from ..result import Result
from .regression import STARS_CONVENTION
from .sample_words import sample_words

Discretisation = Literal["quantile", "best", "given"]
DISCRETISATIONS = {
    "quantile": "{classes} classes of equal size; text as it is",
    "best": "the best of 2 to {classes} classes of equal size, in every permutation anew; text as it is",
    "given": "values as they are",
}


@dataclass(frozen=True, eq=False, repr=False)
class GeodetectorResult(Result):
    """Factors of stratified heterogeneity.

    Attributes
    ----------
    data : Panel or GeoPanel
        Restricted to the columns in use.
    y_name : str
    factors : tuple of str
    classes : int
    discretisation : {"quantile", "best", "given"}
    permutations, seed : int
    detected : DataFrame
        By factor: ``q, expected, pvalue, stars, strata, F, noncentrality, p_noncentral``. ``expected`` is the mean q
        over the permutations, which grows with the number of strata.
    interactions : DataFrame
        By pair: ``factor, other_factor, q, q_factor, q_other, interaction, expected, pvalue, stars, strata``.
    risk : DataFrame
        By factor and pair of classes: ``difference`` of means with Welch's ``statistic, df, pvalue, stars``.
    ecological : DataFrame
        By pair of factors: ``statistic`` (F of the squares within strata), ``df, pvalue, stars``.
    strata : DataFrame
        By factor and class: ``units, observations, mean, sd``.
    """

    TITLE: ClassVar[str] = "Geographical detector"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("factor_detector", "term", "Factor detector"),
        Table("interaction_detector", "pair", "Interaction detector"),
        Table("risk_detector", "pair", "Risk detector"),
        Table("ecological_detector", "pair", "Ecological detector"),
        Table("strata", "term", "Strata"),
    )

    data: Panel
    y_name: str
    factors: tuple[str, ...]
    classes: int
    discretisation: str
    permutations: int
    seed: int
    detected: pd.DataFrame
    interactions: pd.DataFrame
    risk: pd.DataFrame
    ecological: pd.DataFrame
    strata: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The four detectors, and the strata they compare."""
        return {
            "factor_detector": self.detected,
            "interaction_detector": self.interactions,
            "risk_detector": self.risk,
            "ecological_detector": self.ecological,
            "strata": self.strata,
        }

    def facts(self) -> Mapping[str, Text]:
        """Variable, classes and conventions."""
        return {
            "Dependent variable": self.y_name,
            "Observations": sample_words(self.data),
            "Classes": Message.of(DISCRETISATIONS[self.discretisation], classes=self.classes),
            "p-value of q": Message.of(
                "{count} permutations of whole units, seed {seed}; beside it that of Wang, Zhang and Fu (2016)",
                count=self.permutations,
                seed=self.seed,
            ),
            "Risk detector": "Welch's t test of the means of two classes, two-sided",
            "Ecological detector": "F of the sums of squares within strata, two-sided",
            "Stars": STARS_CONVENTION,
        }

    def digests(self) -> Sequence[pd.DataFrame]:
        """Factors and interactions."""
        return self.detected.rename_axis(None), self.interactions

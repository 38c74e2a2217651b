"""Regressions by group: slopes, Chow tests and effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..panel import Panel
from ..result import Result
from .regression import STARS_CONVENTION, RegressionResult
from .sample_words import sample_words

HOWS = {
    "interactions": "one regression over all units, with slopes for every group",
    "separate": "a regression for every group that can carry one",
}
LEVEL_WORDS = {
    "group": "every group has its own level",
    "group-period": "every group has its own level in every period",
    "common": "groups share their level",
}


@dataclass(frozen=True, eq=False, repr=False)
class RegimesResult(Result):
    """Slopes of drivers by group of units.

    Attributes
    ----------
    data : Panel or GeoPanel
    y_name : str
    x_names : tuple of str
    by : str
        The column of groups.
    how : {"interactions", "separate"}
    levels : {"group", "group-period", "common"}
    fits : tuple of RegressionResult
        The one regression, or those of the groups.
    common : RegressionResult or None
        The regression over all units whose slopes all groups share.
    inference : Message
        What standard errors and tests rest on.
    slopes : DataFrame
        One row a driver and group: ``term, group, coefficient, std_error, statistic, pvalue, stars, lower, upper``,
        with ``p_wild`` where the bootstrap was run, to which stars and intervals then belong.
    chow : DataFrame
        By test: ``statistic, df, df_denominator, pvalue, null``, and ``p_wild``.
    group_effects : DataFrame
        Of spatial models: one row a driver and group, as :class:`EffectsResult` has them.
    cells : DataFrame
        By group: ``units, observations, coefficients, status``.
    """

    TITLE: ClassVar[str] = "Drivers by group"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("slopes", "term", "Slopes by group"),
        Table("chow", "term", "Chow tests"),
        Table("group_effects", "term", "Effects by group"),
        Table("cells", "term", "Groups"),
    )
    FIGURE: ClassVar[str | None] = "regimes"

    data: Panel
    y_name: str
    x_names: tuple[str, ...]
    by: str
    how: str
    levels: str
    fits: tuple[RegressionResult, ...]
    common: RegressionResult | None
    inference: Text
    slopes: pd.DataFrame
    chow: pd.DataFrame
    group_effects: pd.DataFrame
    cells: pd.DataFrame

    @property
    def title(self) -> Text:
        """Heading for people."""
        return Message.of("Drivers of {y} by {by}", y=self.y_name, by=self.by)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Slopes, tests, effects and groups."""
        return {"slopes": self.slopes, "chow": self.chow, "group_effects": self.group_effects, "cells": self.cells}

    def facts(self) -> Mapping[str, Text]:
        """The model and its conventions."""
        one = self.fits[0].facts()
        shared = ("Model", "Effects") if self.how == "separate" else ("Model", "Effects", "Weights", "AIC")
        spatial: dict[str, Text] = {}
        if len(self.group_effects):
            spatial["Effects by group"] = (
                "means over all units, had all of them the slopes of the group"
                if self.how == "interactions"
                else "means over the units of the group"
            )
        return {
            "Dependent variable": self.y_name,
            "Observations": sample_words(self.data),
            "Groups": Message.of(HOWS[self.how]),
            "Levels": Message.of(LEVEL_WORDS[self.levels if self.how == "interactions" else "group"]),
            **{name: one[name] for name in shared if name in one},
            **spatial,
            "Standard errors": self.inference,
            "Stars": STARS_CONVENTION,
        }

    def digest(self) -> pd.DataFrame:
        """Slopes, drivers down and groups across."""
        shown = [
            f"{value:.4f}{mark} ({error:.4f})"
            for value, mark, error in zip(
                self.slopes["coefficient"], self.slopes["stars"], self.slopes["std_error"], strict=True
            )
        ]
        wide = self.slopes.assign(shown=shown).set_index(["term", "group"])["shown"].unstack()
        wide = wide.reindex(index=self.slopes["term"].unique(), columns=self.slopes["group"].unique())
        return wide.rename_axis(index=None, columns=None)

    def digests(self) -> Sequence[pd.DataFrame]:
        """Slopes, tests, and the groups."""
        tests = self.chow.drop(columns="null").rename_axis(None)
        return self.digest(), tests, self.cells.rename_axis(None)

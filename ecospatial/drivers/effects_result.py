"""Direct, indirect and total effects of a spatial regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..geo.weights import Weights
from ..result import Result
from .regression import STARS_CONVENTION

KINDS = ("direct", "indirect", "total")
METHODS = {
    "delta": "delta method, exact; normal distribution",
    "delta-t": "delta method, exact; Student's t",
    "simulation": (
        "{draws} draws of the coefficients from their normal distribution, seed {seed}; standard deviation, percentiles"
        " and share beyond zero of the draws"
    ),
}


@dataclass(frozen=True, eq=False, repr=False)
class EffectsResult(Result):
    """Effects of drivers, averaged over units.

    Attributes
    ----------
    label : str
        The model.
    y_name : str
    weights : Weights
    rho : float
        Zero where the model has none.
    method : {"delta", "delta-t", "simulation"}
    draws, redrawn, seed : int
        Of the simulation; redrawn are draws whose rho lay outside its bounds.
    impacts : DataFrame
        By driver: for each of ``direct``, ``indirect`` and ``total`` the effect, ``_se``, ``_z``, ``_p``, ``_stars``,
        ``_lower`` and ``_upper`` (95 %).
    partition : DataFrame
        ``driver, order, direct, indirect, total, share`` (of the total); the last order of a driver is the rest.
    """

    TITLE: ClassVar[str] = "Direct, indirect and total effects"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("impacts", "term", "Direct, indirect and total effects"),
        Table("partition", "term", "Effects by order of neighbours"),
    )
    FIGURE: ClassVar[str | None] = "impacts"

    label: str
    y_name: str
    weights: Weights
    rho: float
    method: str
    draws: int
    redrawn: int
    seed: int
    impacts: pd.DataFrame
    partition: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Effects by driver, and by order of neighbours where they were asked for."""
        return {"impacts": self.impacts, "partition": self.partition}

    def facts(self) -> Mapping[str, Text]:
        """The model and the conventions."""
        return {
            "Model": self.label,
            "Dependent variable": self.y_name,
            "Weights": self.weights.words,
            "Direct": "mean of a unit's response to its own driver, feedback through neighbours included",
            "Indirect": "mean sum of a unit's responses to the driver of all others",
            "Standard errors": Message.of(METHODS[self.method], draws=self.draws, seed=self.seed),
            "Stars": STARS_CONVENTION,
        }

    def digest(self) -> pd.DataFrame:
        """Effects with stars, standard errors beside them."""
        shown = {}
        for kind in KINDS:
            stars = self.impacts[f"{kind}_stars"]
            shown[kind] = [f"{value:.4f}{mark}" for value, mark in zip(self.impacts[kind], stars, strict=True)]
            shown[f"({kind} s.e.)"] = [f"{value:.4f}" for value in self.impacts[f"{kind}_se"]]
        return pd.DataFrame(shown, index=self.impacts.index).rename_axis(None)

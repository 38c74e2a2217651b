"""The result of a second-stage regression of efficiency scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from .truncated import TruncatedResult

_FITTED = (
    "Algorithm 1: truncated regression and parametric bootstrap",
    "Algorithm 2: bias-corrected distances, truncated regression and parametric bootstrap",
)
_DISTANCES = {
    "output": "φ ≥ 1 of the output-oriented model",
    "input": "1/θ ≥ 1, the Shephard input distance",
    "": "1/efficiency ≥ 1",
}


@dataclass(frozen=True, eq=False, repr=False)
class SecondStageResult(TruncatedResult):
    """A second-stage regression; a positive coefficient says that a driver goes with inefficiency.

    Attributes
    ----------
    algorithm : {"1", "2"}
    draws : ndarray, shape (L2, k + 1)
        Bootstrap estimates of the terms; NaN where a draw has no maximum.
    distances : DataFrame
        By (unit, period): ``efficiency``, ``distance``, ``explained`` (by algorithm 2 corrected for bias), ``used``.
    level : float
    replications : tuple of int
        L1 and L2.
    seed : int
    model : Message
        The efficiency model.
    orientation : str
    """

    TITLE: ClassVar[str] = "Drivers of efficiency (Simar & Wilson 2007)"
    LABEL: ClassVar[str] = "Simar–Wilson"
    TABLES: ClassVar[tuple[Table, ...]] = (
        *TruncatedResult.TABLES,
        Table("distances", "unit-period", "Distances that are explained"),
    )

    algorithm: str
    draws: np.ndarray
    distances: pd.DataFrame
    level: float
    replications: tuple[int, int]
    seed: int
    model: Text
    orientation: str

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return f"{self.LABEL} {self.algorithm}"

    @property
    def pvalues(self) -> pd.Series:
        """The level at which the interval of :meth:`confidence` just holds zero."""
        known, opposite = self._known(), 2 * self.params.to_numpy()
        shares = np.minimum((known >= opposite).mean(axis=0), (known <= opposite).mean(axis=0))
        tails = np.clip(2 * shares, 1 / len(known), 1.0)
        found = pd.Series(tails, index=self.params.index, name="pvalue")
        return found.mask(found.index.isin(self.ANCILLARY))

    def confidence(self, level: float | None = None) -> pd.DataFrame:
        """Intervals by term: the quantiles of the draws less the estimate, turned round it."""
        reach = (1 + (self.level if level is None else level)) / 2
        apart = self._known() - self.params.to_numpy()
        low, high = np.quantile(apart, [reach, 1 - reach], axis=0)
        return pd.DataFrame({"lower": self.params - low, "upper": self.params - high})

    def tables(self) -> dict[str, pd.DataFrame]:
        """Coefficients, residuals, diagnostics, marginal effects and distances."""
        return {**super().tables(), "distances": self.distances}

    def _known(self) -> np.ndarray:
        return np.asarray(self.draws[np.isfinite(self.draws).all(axis=1)])

    def _fit_facts(self) -> dict[str, Text]:
        first, second = self.replications
        return {
            "Efficiency model": self.model,
            "Algorithm": Message.of(_FITTED[int(self.algorithm) - 1]),
            "Explained": Message.of(
                "distances, {words}: a positive coefficient goes with inefficiency",
                words=Message.of(_DISTANCES[self.orientation]),
            ),
            "Replications": f"L1 = {first}, L2 = {second}" if self.algorithm == "2" else f"L = {second}",
            "Seed": str(self.seed),
            "Confidence level": f"{self.level:g}",
            "Inference": Message.of("basic bootstrap intervals and p-values; standard errors: deviations of the draws"),
        }

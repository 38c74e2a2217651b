"""Which changes of productivity are more than noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from ..describe import Table
from ..efficiency.technology import RETURNS
from ..errors import Message, Text
from ..geo.join import PanelLike
from ..result import Result

_INTERVALS = {
    "percentile": "percentile: between quantiles of the drawn indices",
    "basic": "basic: quantiles of the drawn indices, mirrored at the estimate",
}


@dataclass(frozen=True, eq=False, repr=False)
class MalmquistBootstrapResult(Result):
    """Confidence intervals of a Malmquist index and its components.

    Attributes
    ----------
    components : DataFrame
        ``tfpch`` and what it is made of as estimated, indexed (unit, period) by the later period.
    bias_corrected, lower, upper : DataFrame
        Of the same shape; NaN where there is no estimate, or more than (1 − level)/2 of the replications have none.
    significant : DataFrame
        Of the same shape: whether the interval excludes 1, no change.
    status : Series
        As in the index; ``too few draws`` where an estimate has no interval.
    periods : DataFrame
        For each period and component: period, component, changes (how many have an interval), mean (geometric) with
        lower and upper, and how many units have significant progress and regress.
    data : Panel or GeoPanel
        The variables in use.
    orientation : str
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
        Of the index.
    technology : {"crs", "vrs", "nirs", "ndrs"}
        Returns to scale of the technologies that the draws start from.
    replications, seed : int
    level : float
    interval : {"percentile", "basic"}
    bandwidths : dict of str to float
        By pair of periods.
    """

    TITLE: ClassVar[str] = "Significance of productivity change"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("significance", "unit-period", "Productivity change with confidence intervals"),
        Table("periods", "pair", "Significant progress and regress by period"),
    )

    components: pd.DataFrame
    bias_corrected: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    significant: pd.DataFrame
    status: pd.Series
    periods: pd.DataFrame
    data: PanelLike
    orientation: str
    returns_to_scale: str
    technology: str
    replications: int
    seed: int
    level: float
    interval: str
    bandwidths: Mapping[str, float]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Each component with its interval by unit and period, and counts by period."""
        parts = {name: getattr(self, name) for name in ("bias_corrected", "lower", "upper", "significant")}
        columns = {}
        for component in self.components:
            columns[component] = self.components[component]
            columns.update({f"{component}_{name}": frame[component] for name, frame in parts.items()})
        return {"significance": pd.DataFrame(columns).assign(status=self.status), "periods": self.periods}

    def digest(self) -> pd.DataFrame:
        """The periods, one component after another."""
        places = {name: place for place, name in enumerate(self.components)}
        rows = self.periods.sort_values("component", key=lambda names: names.map(places), kind="stable")
        return rows.set_index(["component", "period"])

    def facts(self) -> Mapping[str, Text]:
        """Index, method and how often."""
        widths = sorted(self.bandwidths.values())
        return {
            "Index": Message.of("Malmquist productivity index ({reference})", reference=Message.of("contemporaneous")),
            "Orientation": self.orientation,
            "Returns to scale": RETURNS[self.returns_to_scale],
            "Method": Message.of("smooth bootstrap of pairs of periods (Simar & Wilson 1999), in logarithms"),
            "Returns to scale of the draws": RETURNS[self.technology],
            "Replications": str(self.replications),
            "Seed": str(self.seed),
            "Confidence level": f"{self.level:g}",
            "Intervals": Message.of(_INTERVALS[self.interval]),
            "Significant": Message.of("the interval excludes 1"),
            "Bias": Message.of("corrected where bias² > 3 × variance, in logarithms"),
            "Bandwidth": " – ".join(dict.fromkeys(f"{width:.4g}" for width in (widths[0], widths[-1]))),
        }

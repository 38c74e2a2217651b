"""What every productivity index gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from ..describe import Table
from ..efficiency.technology import RETURNS
from ..errors import Message, OptionError, Text, suggest
from ..geo.join import PanelLike
from ..ids import id_texts
from ..kernels.envelopment import Effort
from ..result import Result
from .chaining import averaged, base_place, chained_means, labelled
from .meanings import meanings

_TECHNOLOGIES = {
    "radial": "radial",
    "sbm": "slacks-based; beyond a technology by super-efficiency",
    "directional": "directional",
    "non-radial directional": "non-radial directional; beyond a technology by the smallest steps back",
}
_DECOMPOSITIONS = {
    "none": "efficiency and technical change",
    "fgnz": "efficiency change (pure × scale) and technical change; Färe, Grosskopf, Norris & Zhang (1994)",
    "ray-desli": "pure efficiency, scale and technical change under variable returns; Ray & Desli (1997)",
    "meta-frontier": "efficiency, technical and technology gap change; Oh (2010)",
}


@dataclass(frozen=True)
class IndexSpecification:
    """The index behind the numbers.

    Attributes
    ----------
    title : Message
        Heading for people.
    citation : str
    technology : {"radial", "sbm", "directional", "non-radial directional"}
    orientation : {"output", "input", "non-oriented"}
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
        Of the index.
    reference : {"contemporaneous", "global", "sequential", "biennial"}
    decomposition : {"fgnz", "ray-desli", "none", "meta-frontier"}
    treatment : str
        How the undesirable outputs enter, empty where there are none.
    additive : bool
        An indicator of differences, not an index of ratios.
    weights : dict of str to float
        Weights of the variables, empty where there are none.
    base_period : int or str
        Where the cumulative index is one, or zero. This and the variables are filled in by :meth:`Index.result`.
    inputs, outputs, undesirable : tuple of str
    """

    title: Message
    citation: str
    technology: str
    orientation: str
    returns_to_scale: str
    reference: str
    decomposition: str
    treatment: str = ""
    additive: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    base_period: int | str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    undesirable: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class ProductivityResult(Result):
    """Productivity change of every unit between successive periods.

    Attributes
    ----------
    components : DataFrame
        ``tfpch`` and what it is made of, indexed (unit, period) by the later period, in the row order of the panel;
        NaN where a distance is missing.
    cumulative : DataFrame
        The same chained from the base period, where it is one, or zero for an indicator, for every row of the panel;
        NaN beyond a missing change.
    status : Series
        ``optimal``, or why a component is missing: ``infeasible``, ``undefined``, ``unbounded`` or
        ``uncertain``.
    previous : Series
        The earlier period.
    distances : DataFrame
        Every distance used, one row each: unit, period, technology_from, technology_to, returns_to_scale, distance,
        status, and ``beyond`` where a unit-period beyond its technology took a second programme; with groups
        also technology_of, empty for everyone's.
    data : Panel or GeoPanel
        The variables in use.
    specification : IndexSpecification
    effort : Effort
    violation : float
        The largest violation of the optimality conditions among the distances.
    contributions : DataFrame or None
        Of an indicator: what each variable adds to each component, indexed (unit, period, variable).
    """

    TITLE: ClassVar[str] = "Productivity change"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("components", "unit-period", "Productivity change and its components", style="productivity"),
        Table("cumulative", "unit-period", "Cumulative productivity change"),
        Table("periods", "period", "Productivity change by period"),
        Table("cumulative_periods", "period", "Cumulative productivity change by period"),
        Table("by_group", "pair", "Productivity change by group and period"),
        Table("group_means", "pair", "Mean productivity change by group"),
        Table("units", "unit", "Mean productivity change by unit", style="productivity"),
        Table("distances", "pair", "Distances"),
        Table("contributions", "pair", "Contributions of the variables"),
    )
    FIGURE: ClassVar[str | None] = "productivity"

    components: pd.DataFrame
    cumulative: pd.DataFrame
    status: pd.Series
    previous: pd.Series
    distances: pd.DataFrame
    data: PanelLike
    specification: IndexSpecification
    effort: Effort
    violation: float
    contributions: pd.DataFrame | None = None

    @property
    def title(self) -> Text:
        """Names the index."""
        return self.specification.title

    @property
    def lps_solved(self) -> int:
        """Linear programmes: one a distance, and a second one where the unit-period is beyond its technology."""
        return len(self.distances) + int(self.distances["beyond"].sum())

    def by(self, column: str | pd.Series) -> pd.DataFrame:
        """Mean components by group and period, geometric, or arithmetic for an indicator.

        Parameters
        ----------
        column : str or Series
            A column that the index was told to keep (``by=``), or labels indexed by unit, or by unit and period.
            Rows without a label are left out.

        Returns
        -------
        DataFrame
            Indexed (group, period): changes, how many there are, and the components.

        Raises
        ------
        OptionError
            Where the column was not kept.
        """
        if isinstance(column, pd.Series):
            labels = self.data.assign(group=column)["group"]
        elif column in self.data.columns:
            labels = self.data[column]
        else:
            raise OptionError(
                "The result holds no column '{column}' to group by; keep it with by='{column}' when the index is "
                "computed, or give its values. Otherwise, {hint}",
                column=column,
                hint=suggest(column, self.data.columns),
            )
        return self._means(group=self._labels(labels), period=self._level("period"))

    def _labels(self, column: pd.Series) -> np.ndarray:
        """Of every change, by the later period."""
        return np.asarray(labelled(column.reindex(self.components.index)))

    def _level(self, name: str) -> np.ndarray:
        return np.asarray(self.components.index.get_level_values(name))

    def _means(self, **keys: np.ndarray) -> pd.DataFrame:
        return averaged(self.components, keys, self.specification.additive)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Components, cumulative, means by period, group and unit, distances, contributions.

        ``cumulative_periods`` chains the means of ``periods``; ``group_means`` are over all periods, of all changes
        (grouping ``all``) and of each group of a column that was kept.
        """
        return {
            "components": self.components.assign(previous=self.previous, status=self.status),
            "cumulative": self.cumulative,
            "periods": self._means(period=self._level("period")),
            "cumulative_periods": self._chained(),
            "by_group": self._groups(),
            "group_means": self._group_means(),
            "units": self._means(unit=self._level("unit")),
            "distances": self.distances,
            "contributions": self._contributions(),
        }

    def _chained(self) -> pd.DataFrame:
        means, periods = self._means(period=self._level("period")), self.data.periods
        base = periods[base_place(self.data, self.specification.base_period)]
        total = chained_means(means.drop(columns="changes"), periods, base, self.specification.additive)
        return total.rename_axis("period")

    def _group_means(self) -> pd.DataFrame:
        everyone = {"all": np.full(len(self.components), "all", dtype=object)}
        groups = {**everyone, **{name: self._labels(self.data[name]) for name in self._kept}}
        found = [self._means(group=labels).reset_index().assign(grouping=name) for name, labels in groups.items()]
        means = pd.concat(found, ignore_index=True)
        means["group"] = id_texts(means["group"])
        return means[["grouping", "group", "changes", *self.components.columns]]

    def _groups(self) -> pd.DataFrame:
        found = [self.by(name).reset_index().assign(grouping=name) for name in self._kept]
        names = ["grouping", "group", "period", "changes", *self.components.columns]
        blank = pd.DataFrame(columns=names, index=pd.RangeIndex(0))
        return pd.concat(found, ignore_index=True)[names] if found else blank

    @property
    def _kept(self) -> list[str]:
        """Columns beside the variables."""
        variables = {*self.specification.inputs, *self.specification.outputs, *self.specification.undesirable}
        return [name for name in self.data.columns if name not in variables]

    def _contributions(self) -> pd.DataFrame:
        if self.contributions is None:
            return pd.DataFrame(columns=["unit", "period", "variable", *self.components], index=pd.RangeIndex(0))
        return self.contributions.reset_index()

    def digest(self) -> pd.DataFrame:
        """Means by period."""
        return self._means(period=self._level("period"))

    def digests(self) -> Sequence[pd.DataFrame]:
        """Means by period, and over all periods by group of each column that was kept."""
        return (self.digest(), *(self._means(**{name: self._labels(self.data[name])}) for name in self._kept))

    def facts(self) -> Mapping[str, Text]:
        """The index, its conventions, and what each component says."""
        said = self.specification
        facts: dict[str, Text] = {
            "Index": said.citation,
            "Technology": Message.of(_TECHNOLOGIES[said.technology]),
            "Orientation": said.orientation,
            "Returns to scale": RETURNS[said.returns_to_scale],
            "Reference": said.reference,
            "Decomposition": Message.of(_DECOMPOSITIONS[said.decomposition]),
            "Inputs": ", ".join(said.inputs),
            "Outputs": ", ".join(said.outputs),
        }
        if said.undesirable:
            facts["Undesirable outputs"] = Message.of(
                "{names}: {treatment}", names=", ".join(said.undesirable), treatment=Message.of(said.treatment)
            )
        if said.weights:
            facts["Weights"] = ", ".join(f"{name} {weight:.4g}" for name, weight in said.weights.items())
        missing = int((self.status != "optimal").sum())
        return {
            **facts,
            **meanings(said.reference, said.decomposition),
            "Progress": "more than 0" if said.additive else "more than 1",
            "Means": "arithmetic" if said.additive else "geometric",
            "Base period": str(said.base_period),
            "Changes": Message.of(
                "{count}, of which {missing} lack a component", count=len(self.status), missing=missing
            ),
            "Linear programmes": Message.of(
                "{count} for {distances} distances, each asked once; certified by {certified}; largest "
                "violation {worst}",
                count=self.lps_solved,
                distances=len(self.distances),
                certified=", ".join(f"{name} {count}" for name, count in self.effort.certified.items()),
                worst=f"{self.violation:.0e}",
            ),
        }

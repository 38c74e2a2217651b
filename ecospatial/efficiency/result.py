"""What every efficiency model gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Table
from ..errors import Message, OptionError, Text, suggest
from ..geo.join import PanelLike
from ..kernels.envelopment import Effort
from ..made_from import marked, parts_of
from ..result import Result
from .evaluation import Evaluation
from .frontiers import Frontier
from .observations import Observations
from .parts import gaps_of, multipliers_of, peers_of
from .summaries import summarise, summarise_groups
from .technology import RETURNS, ReturnsToScale

EFFICIENT = 1e-6
ROUNDING = 1e-9  # share of the actual value below which an improvement is none
Measure = Literal["share", "expansion", "inefficiency", "shortfall"]

_SCORES = {
    "share": "a share of the frontier, 1 is efficient",
    "expansion": "φ, an expansion, 1 is efficient and more is not; efficiency = 1/φ",
    "inefficiency": "an inefficiency, 0 is efficient and more is not; efficiency = 1/(1 + score)",
    "shortfall": "an inefficiency from 0, which is efficient, to 1; efficiency = 1 − score",
}
SHARES: Mapping[Measure, Callable[[pd.Series], pd.Series]] = {
    "share": lambda score: score,
    "expansion": lambda score: 1.0 / score,
    "inefficiency": lambda score: 1.0 / (1.0 + score),
    "shortfall": lambda score: 1.0 - score,
}


@dataclass(frozen=True)
class Specification:
    """The model behind the scores.

    Attributes
    ----------
    title : Message
        Heading for people.
    model, citation : str
    measure : {"share", "expansion", "inefficiency", "shortfall"}
        What a score is: a share of the frontier, Farrell's output measure φ, an inefficiency without a
        bound, or one of at most 1.
    orientation, returns_to_scale, frontier : str
    treatment : str
        How the undesirable outputs enter, empty where there are none.
    super_efficiency : bool
    weights : dict of str to float
        Weights of the variables in the score, empty where the model has none.
    family : {"radial", "sbm", ""}
        Of the models that can be resampled.
    inputs, outputs, undesirable : tuple of str
        Filled in by :meth:`EfficiencyResult.of`.
    """

    title: Message
    model: str
    citation: str
    measure: Measure
    orientation: str
    returns_to_scale: ReturnsToScale
    frontier: str
    treatment: str = ""
    super_efficiency: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    family: Literal["radial", "sbm", ""] = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    undesirable: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class EfficiencyResult(Result):
    """Efficiency of every unit-period.

    Attributes
    ----------
    scores : Series
        Named ``score``, indexed (unit, period) in the row order of the panel; NaN where ``status`` is not
        ``optimal`` or ``repaired``.
    status : Series
        ``optimal``, ``repaired`` (a score by the named repair), ``infeasible``, ``unbounded``, or ``uncertain``
        where no solver could certify an optimum.
    certified : Series
        Which solver gave the answer: ``simplex``, ``highs`` or the class of a solver object; ``several`` where a score
        is the mean over frontiers that different ones answered for.
    slacks, targets : DataFrame
        One column a variable, in units of the data. Where an optimum is not unique these and the peers are
        those of one vertex.
    peers : DataFrame
        Long: unit, period, peer_unit, peer_period, weight.
    multipliers : DataFrame
        Of the dual, one column a variable: the price of one of its units, and ``u0``, the free term of the sum of
        intensities, unless returns are constant. Not unique at a vertex of the frontier.
    data : Panel or GeoPanel
        The variables in use.
    specification : Specification
    effort : Effort
    violation : float
        The largest violation of the optimality conditions among the scores.
    gaps : DataFrame or None
        Of a meta-frontier: ``group``, ``group_efficiency`` (against the own group alone) and ``gap_ratio``.
    frontiers : tuple of Frontier
        Which unit-periods evaluate which, as rows of ``data``.
    scale : DataFrame or None
        Efficiency under other returns to scale, ``scale_efficiency`` and ``returns``, where it was asked for.
    """

    TITLE: ClassVar[str] = "Efficiency"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("scores", "unit-period", "Efficiency scores", style="efficiency"),
        Table("slacks", "unit-period", "Slacks"),
        Table("targets", "unit-period", "Targets"),
        Table("improvement", "unit-period", "Improvement to the target"),
        Table("improvement_percent", "unit-period", "Improvement to the target, in per cent"),
        Table("peers", "pair", "Peers"),
        Table("multipliers", "unit-period", "Multipliers"),
        Table("periods", "period", "Efficiency by period"),
        Table("by_group", "pair", "Efficiency by group and period"),
    )
    FIGURE: ClassVar[str | None] = "efficiency"

    scores: pd.Series
    status: pd.Series
    certified: pd.Series
    slacks: pd.DataFrame
    targets: pd.DataFrame
    peers: pd.DataFrame
    multipliers: pd.DataFrame
    data: PanelLike
    specification: Specification
    effort: Effort
    violation: float
    frontiers: tuple[Frontier, ...] = ()
    gaps: pd.DataFrame | None = None
    scale: pd.DataFrame | None = None

    @classmethod
    def of(
        cls,
        specification: Specification,
        observations: Observations,
        evaluation: Evaluation,
        notes: Sequence[Message],
    ) -> EfficiencyResult:
        """Label the numbers of an evaluation with units, periods and variables."""
        index, variables = observations.data.index, list(observations.variables)
        scores = marked(pd.Series(evaluation.scores, index, name="score"), variables)
        parts = {part: getattr(observations, part) for part in ("inputs", "outputs", "undesirable")}
        return cls(
            scores=scores,
            status=pd.Series(evaluation.status, index, name="status"),
            certified=pd.Series(evaluation.certified, index, name="certified"),
            slacks=pd.DataFrame(evaluation.slacks, index, variables),
            targets=pd.DataFrame(evaluation.targets, index, variables),
            peers=peers_of(evaluation, index),
            multipliers=multipliers_of(evaluation, observations),
            data=observations.data,
            specification=replace(specification, **parts),
            gaps=gaps_of(evaluation, observations.data.index, SHARES[specification.measure]),
            effort=evaluation.effort,
            violation=evaluation.violation,
            frontiers=evaluation.frontiers,
            notes=(*notes, *evaluation.notes(observations)),
        )

    @property
    def title(self) -> Text:
        """The model's name."""
        return self.specification.title

    @property
    def efficiency(self) -> pd.Series:
        """The scores as shares, one and less for ordinary models; ``facts`` says how they follow from the scores."""
        shares = SHARES[self.specification.measure](self.scores).rename("efficiency")
        return marked(shares, parts_of(self.scores))

    @property
    def efficient(self) -> pd.Series:
        """Whether a unit-period is on the frontier: a share of 1 within 1e-6, or more."""
        return (self.efficiency >= 1.0 - EFFICIENT).rename("efficient")

    @property
    def improvement(self) -> pd.DataFrame:
        """Target less actual value, in units of the data: what to save where negative, what to gain where positive."""
        change = self.targets - self._values
        return change.mask(change.abs() <= ROUNDING * self._values, 0.0)

    @property
    def improvement_percent(self) -> pd.DataFrame:
        """The improvement in per cent of the actual value, NaN where that is zero."""
        return 100.0 * self.improvement / self._values.where(self._values > 0)

    @property
    def _values(self) -> pd.DataFrame:
        return self.data.numbers(list(self.targets.columns))

    def by(self, column: str | pd.Series) -> pd.DataFrame:
        """Efficiency scores by group and period.

        Parameters
        ----------
        column : str or Series
            A column that the model was told to keep (``by=``), or labels indexed by unit, or by unit and period.
            Rows without a label are left out.

        Returns
        -------
        DataFrame
            Indexed (group, period): units, mean, sd, min, max, efficient_share.

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
            hint = suggest(column, self.data.columns)
            raise OptionError(
                "The result holds no column '{column}' to group by; keep it with by='{column}' when the model is run, "
                "or give its values. Otherwise, {hint}",
                column=column,
                hint=hint,
            )
        keys = {"group": labels.to_numpy(), "period": self._when}
        return summarise(self.scores, self.efficient, keys)

    @property
    def _when(self) -> np.ndarray:
        return np.asarray(self.scores.index.get_level_values("period"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Scores, slacks, targets and how far they are, peers, multipliers, summaries by period and by group."""
        return {
            "scores": self._scores(),
            "slacks": self.slacks,
            "targets": self.targets,
            "improvement": self.improvement,
            "improvement_percent": self.improvement_percent,
            "peers": self.peers,
            "multipliers": self.multipliers,
            "periods": self._periods(),
            "by_group": self._groups(),
        }

    def _scores(self) -> pd.DataFrame:
        # Ties within the tolerance share a rank.
        rank = self.efficiency.round(6).groupby(level="period").rank(method="min", ascending=False)
        rank = rank.astype("int64") if rank.notna().all() else rank
        found = {"score": self.scores, "rank": rank, "efficient": self.efficient}
        if self.specification.measure != "share":
            found = {"score": self.scores, "efficiency": self.efficiency, **found}
        beside = [part for part in (self.gaps, self.scale) if part is not None]
        return pd.concat([pd.DataFrame(found), *beside, self.status, self.certified], axis=1)

    def _periods(self) -> pd.DataFrame:
        return summarise(self.scores, self.efficient, {"period": self._when})

    def _groups(self) -> pd.DataFrame:
        return summarise_groups(self.scores, self.efficient, self.data, self.targets.columns)

    def digest(self) -> pd.DataFrame:
        """The periods of a panel, the scores of a cross-section."""
        return self._periods() if len(self.data.periods) > 1 else self._scores()

    def facts(self) -> Mapping[str, Text]:
        """The model and its conventions."""
        said = self.specification
        facts: dict[str, Text] = {
            "Model": Message.of("{model}; {citation}", model=Message.of(said.model), citation=said.citation),
            "Orientation": said.orientation,
            "Score": _SCORES[said.measure],
            "Returns to scale": RETURNS[said.returns_to_scale],
            "Frontier": said.frontier,
            "Inputs": ", ".join(said.inputs),
            "Outputs": ", ".join(said.outputs),
        }
        if said.undesirable:
            facts["Undesirable outputs"] = Message.of(
                "{names}: {treatment}", names=", ".join(said.undesirable), treatment=Message.of(said.treatment)
            )
        if said.weights:
            facts["Weights"] = ", ".join(f"{name} {weight:.4g}" for name, weight in said.weights.items())
        return {
            **facts,
            "Efficient": Message.of(
                "within {reach} of 1, or better than 1" if said.super_efficiency else "within {reach} of 1",
                reach=f"{EFFICIENT:g}",
            ),
            "Linear programmes": Message.of(
                "{count} solved in {pivots} pivots; certified by {certified}; largest violation {worst}",
                count=self.effort.lps,
                pivots=self.effort.pivots,
                certified=", ".join(f"{name} {count}" for name, count in self.effort.certified.items()),
                worst=f"{self.violation:.0e}",
            ),
        }

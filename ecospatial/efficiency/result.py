"""What every efficiency model gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from ..describe import Table
from ..errors import Message, Text
from ..geo.join import PanelLike
from ..result import Result
from .evaluation import Evaluation
from .observations import Observations
from .technology import RETURNS

EFFICIENT = 1e-6

_SCORES = {
    "share": "a share of the frontier, 1 is efficient",
    "expansion": "φ, an expansion, 1 is efficient and more is not; efficiency = 1/φ",
}


@dataclass(frozen=True)
class Specification:
    """The model behind the scores.

    Attributes
    ----------
    title : Message
        Heading for people.
    model, citation : str
    measure : {"share", "expansion"}
        Whether an inefficient unit scores below one, or above (Farrell's output measure φ).
    orientation, returns_to_scale, frontier : str
    inputs, outputs, undesirable : tuple of str
    treatment : str
        How the undesirable outputs enter, empty where there are none.
    super_efficiency : bool
    weights : dict of str to float
        Weights of the variables in the score, empty where the model has none.
    """

    title: Message
    model: str
    citation: str
    measure: Literal["share", "expansion"]
    orientation: str
    returns_to_scale: str
    frontier: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    undesirable: tuple[str, ...]
    treatment: str
    super_efficiency: bool
    weights: Mapping[str, float]


@dataclass(frozen=True, eq=False, repr=False)
class EfficiencyResult(Result):
    """Efficiency of every unit-period.

    Attributes
    ----------
    scores : Series
        Named ``score``, indexed (unit, period) in the row order of the panel; NaN where ``status`` is not
        ``optimal``.
    status : Series
        ``optimal``, ``infeasible``, ``unbounded``, or ``uncertain`` where no solver could certify an optimum.
    slacks, targets : DataFrame
        One column a variable, in units of the data. Where an optimum is not unique these and the peers are
        those of one vertex.
    peers : DataFrame
        Long: unit, period, peer_unit, peer_period, weight.
    data : Panel or GeoPanel
        The variables in use.
    specification : Specification
    lps_solved : int
    violation : float
        The largest violation of the optimality conditions among the scores.
    """

    TITLE: ClassVar[str] = "Efficiency"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("scores", "unit-period", "Efficiency scores", style="efficiency"),
        Table("slacks", "unit-period", "Slacks"),
        Table("targets", "unit-period", "Targets"),
        Table("peers", "pair", "Peers"),
        Table("periods", "period", "Efficiency by period"),
    )
    FIGURE: ClassVar[str | None] = "efficiency"

    scores: pd.Series
    status: pd.Series
    slacks: pd.DataFrame
    targets: pd.DataFrame
    peers: pd.DataFrame
    data: PanelLike
    specification: Specification
    lps_solved: int
    violation: float

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
        return cls(
            scores=pd.Series(evaluation.scores, index, name="score"),
            status=pd.Series(evaluation.status, index, name="status"),
            slacks=pd.DataFrame(evaluation.slacks, index, variables),
            targets=pd.DataFrame(evaluation.targets, index, variables),
            peers=_peers(evaluation, index),
            data=observations.data,
            specification=specification,
            lps_solved=evaluation.lps_solved,
            violation=evaluation.violation,
            notes=(*notes, *evaluation.notes(observations)),
        )

    @property
    def title(self) -> Text:
        """The model's name."""
        return self.specification.title

    @property
    def efficiency(self) -> pd.Series:
        """The scores as shares, one and less for ordinary models: 1/φ for an output measure φ."""
        shares = 1.0 / self.scores if self.specification.measure == "expansion" else self.scores
        return shares.rename("efficiency")

    @property
    def efficient(self) -> pd.Series:
        """Whether a unit-period is on the frontier: a share of 1 within 1e-6, or more."""
        return (self.efficiency >= 1.0 - EFFICIENT).rename("efficient")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Scores, slacks, targets, peers and a summary by period."""
        return {
            "scores": self._scores(),
            "slacks": self.slacks,
            "targets": self.targets,
            "peers": self.peers,
            "periods": self._periods(),
        }

    def _scores(self) -> pd.DataFrame:
        # Ties within the tolerance share a rank.
        rank = self.efficiency.round(6).groupby(level="period").rank(method="min", ascending=False)
        rank = rank.astype("int64") if rank.notna().all() else rank
        found = {"score": self.scores, "rank": rank, "efficient": self.efficient, "status": self.status}
        if self.specification.measure == "expansion":
            found = {"score": self.scores, "efficiency": self.efficiency, **found}
        return pd.DataFrame(found)

    def _periods(self) -> pd.DataFrame:
        scored = self.scores.dropna()
        groups = scored.groupby(level="period")
        share = self.efficient[scored.index].groupby(level="period").mean()
        found = groups.agg(["count", "mean", "std", "min", "max"]).rename(columns={"count": "units", "std": "sd"})
        return found.assign(efficient_share=share)

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
                "{count} solved by HiGHS; largest violation {worst}",
                count=self.lps_solved,
                worst=f"{self.violation:.0e}",
            ),
        }


def _peers(evaluation: Evaluation, index: pd.MultiIndex) -> pd.DataFrame:
    found = evaluation.intensities.sorted_indices().tocoo()
    own, peer = index[found.row], index[found.col]
    return pd.DataFrame(
        {
            "unit": own.get_level_values("unit"),
            "period": own.get_level_values("period"),
            "peer_unit": peer.get_level_values("unit"),
            "peer_period": peer.get_level_values("period"),
            "weight": found.data,
        }
    )

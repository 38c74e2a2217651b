"""Additive efficiency: the largest weighted sum of slacks."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from ..parallel import Workers
from .evaluation import Answer, Reading, ask, gather
from .frontiers import (
    Frontier,
    FrontierKind,
    Groups,
    ReferenceUnits,
    Window,
    draw_frontiers,
    frontier_notes,
)
from .observations import By, Observations, kept, observe, require_positive
from .result import EfficiencyResult, Specification
from .technology import ReturnsToScale, Technology

Slacks = Literal["amounts", "proportions", "ranges"]

SPECK = 1e-10  # share of the unit's own value below which a slack is rounding

_MODELS = {
    "amounts": "Additive",
    "proportions": "Additive, measure of inefficiency proportions (MIP)",
    "ranges": "Additive, range-adjusted measure (RAM)",
}
_CITATIONS = {
    "amounts": "Charnes, Cooper, Golany, Seiford & Stutz (1985)",
    "proportions": "Charnes, Cooper, Rousseau & Semple (1987)",
    "ranges": "Cooper, Park & Pastor (1999)",
}


@tool(group="efficiency", title="Additive efficiency (slack sums, MIP, RAM)")
def additive(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    counted_in: Annotated[Slacks, "Slacks counted in"] = "proportions",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> EfficiencyResult:
    """Additive model of Charnes, Cooper, Golany, Seiford & Stutz (1985) and its weighted forms.

    With input slacks s⁻ = x − Xλ, shortfalls of outputs s⁺ = Yλ − y and excesses of bads sᵇ = b − Bλ, all zero
    or more, the score is the largest weighted sum of slacks; 0 is efficient::

        max Σ w⁻ s⁻ + Σ w⁺ s⁺ + Σ wᵇ sᵇ

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of zero or more; each unit needs one positive input and one positive output.
    undesirable : sequence of str
        Bads, strongly disposable; their slacks count like those of inputs.
    counted_in : {"amounts", "proportions", "ranges"}
        Amounts: w = 1, which depends on units of measurement (Charnes et al. 1985). Proportions: w = 1/own value,
        the measure of inefficiency proportions (Charnes, Cooper, Rousseau & Semple 1987). Ranges: w = 1/(range of
        the variable on the frontier × number of variables), the range-adjusted measure, from 0 to 1 under variable
        returns (Cooper, Park & Pastor 1999).
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
        Variable: Σλ = 1, constant: λ ≥ 0, non-increasing: Σλ ≤ 1, non-decreasing: Σλ ≥ 1.
    frontier : {"contemporaneous", "global", "sequential", "window", "biennial", "meta"}
        Periods that make a unit-period's frontier: its own, all, all up to its own, every window that holds its
        own (the score is the mean over them), its own and the next (for the last one, the one before), or all
        with a frontier for each group besides.
    window : int
        Width of the windows.
    groups : str or None
        Column of groups for technology gap ratios (O'Donnell, Rao & Battese 2008), with any choice of periods.
    reference_units : sequence or None
        Units that make the frontier, by id, or a column that is not zero for them; all units are evaluated.
    by : sequence of str
        Columns to summarise the scores by.
    solver : {"auto", "highs"} or LpSolver
        ``auto``: a simplex method for many units at once, and HiGHS where that is not certain; ``highs``: HiGHS for
        each unit; or a solver object of PuLP.
    executor : concurrent.futures.Executor or None
        Whose workers share the frontiers, and the units of large ones; the numbers are the same.

    Returns
    -------
    EfficiencyResult

    Raises
    ------
    DataError, OptionError
        Where a column or cell cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 5.0], "output": [2.0, 4.0, 3.0]})
    >>> found = additive(Panel.from_frame(frame, unit="city"), "labour", "output", counted_in="amounts")
    >>> found.scores.round(4).tolist()
    [0.0, 0.0, 2.0]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    if counted_in == "proportions":
        require_positive(observations, np.ones(len(observations.variables), dtype=bool), "MIP")
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units)
    evaluation = gather(
        observations, slack_sums(observations, frontiers, returns_to_scale, counted_in, solver, executor)
    )
    said = _specification(observations, counted_in, returns_to_scale, frontier)
    return EfficiencyResult.of(said, observations, evaluation, frontier_notes(observations, frontier, frontiers))


def slack_sums(
    observations: Observations,
    frontiers: Sequence[Frontier],
    returns_to_scale: ReturnsToScale,
    counted_in: Slacks,
    solver: Solver,
    executor: Executor | None = None,
) -> list[Answer]:
    """The largest weighted sums of slacks against every frontier."""
    measure = _Measure(counted_in)
    answers = ask(observations, frontiers, returns_to_scale, measure.programme, measure.read, solver, executor)
    return [measure.worth(observations, answer) for answer in answers]


@dataclass(frozen=True)
class _Measure:
    """The weighted sum of slacks, in shares of the heaviest so that data of any size can be solved."""

    counted_in: Slacks

    def weights(self, reference: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Shape (N, V): weights of slacks in units of the data, for reference (V, J) and own values (N, V)."""
        if self.counted_in == "proportions":
            return 1.0 / own
        if self.counted_in == "amounts":
            return np.ones_like(own)
        span = np.ptp(reference, axis=1)
        # Where all are alike nothing can be gained under variable returns, and the level stands in for the range.
        span = np.where(span > 0, span, np.maximum(np.abs(reference).max(axis=1), np.finfo(float).tiny))
        return np.broadcast_to(1.0 / (span * len(span)), own.shape)

    def programme(self, technology: Technology) -> Envelopment:
        """Max σ over σ and the slacks, where σ = Σ w s."""
        width = np.count_nonzero(technology.desired | technology.contracted)
        scale = technology.scale[:, :width]
        heaviness = self.weights(technology.reference[:width], scale) * scale
        heaviness = heaviness / heaviness.max(axis=1, keepdims=True)
        own = technology.own_columns(np.zeros((len(scale), len(technology.reference))))
        line = np.zeros((len(scale), 1, own.shape[2]))
        line[:, 0, 0], line[:, 0, 1:][:, :width] = 1.0, -heaviness
        return Envelopment(
            technology=np.vstack([technology.reference, np.zeros(technology.reference.shape[1])]),
            scale=np.hstack([technology.scale, np.ones((len(scale), 1))]),
            own=np.concatenate([own, line], axis=1),
            rhs=np.hstack([np.broadcast_to(technology.share, technology.scale.shape), np.zeros((len(scale), 1))]),
            costs=technology.own_costs(-1.0),
            limiting=np.append(technology.limiting, False),
        )

    @staticmethod
    def read(solution: Solution, width: int) -> Reading:
        """The slacks; what a slack of that size is worth is told by the weights."""
        slacks = solution.own[:, 1:][:, :width]
        return Reading(solution.own[:, 0], np.where(slacks > SPECK, slacks, 0.0), solution.intensities)

    def worth(self, observations: Observations, answer: Answer) -> Answer:
        """The score of slacks in units of the data."""
        values, frontier = observations.values, answer.frontier
        weights = self.weights(values[frontier.reference].T, values[frontier.evaluated])
        return replace(answer, scores=(weights * answer.slacks).sum(axis=1))


def _specification(
    observations: Observations, counted_in: Slacks, returns_to_scale: ReturnsToScale, frontier: FrontierKind
) -> Specification:
    bounded = counted_in == "ranges" and returns_to_scale == "vrs"
    return Specification(
        title=Message.of("Additive efficiency"),
        model=_MODELS[counted_in],
        citation=_CITATIONS[counted_in],
        measure="shortfall" if bounded else "inefficiency",
        orientation="non-oriented",
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        treatment="counted with the inputs, strongly disposable" if observations.undesirable else "",
    )

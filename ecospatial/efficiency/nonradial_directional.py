"""Non-radial directional distance: a step of its own for each input, output and bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from ..parallel import Workers
from .disposability import CONVENTIONS, Disposability, Disposal
from .evaluation import Reading, evaluate
from .frontiers import (
    FrontierKind,
    Groups,
    ReferenceUnits,
    Window,
    draw_frontiers,
    frontier_notes,
)
from .observations import By, Observations, kept, observe, require_positive
from .result import EfficiencyResult, Specification
from .slack_targets import slack_targets
from .technology import ReturnsToScale, Technology
from .weighting import normalised, variable_weights


@tool(group="efficiency", title="Non-radial directional distance (NDDF)")
def nonradial_directional(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    weights: Annotated[Mapping[str, float] | None, "Weights of the variables"] = None,
    disposability: Annotated[Disposability, "Disposability of undesirable outputs"] = "strong",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> EfficiencyResult:
    """Non-radial directional distance function of Zhou, Ang & Wang (2012), in the direction of own values.

    The score is the largest weighted sum of steps, each variable with a step of its own; 0 is efficient::

        max Σ w⁻ β⁻ + Σ w⁺ β⁺ + Σ wᵇ βᵇ  s.t.  Xλ ≤ x (1 − β⁻),  Yλ ≥ y (1 + β⁺),  Bλ = b (1 − βᵇ),  β ≥ 0

    A variable without a weight does not move: its row holds, and its slack is maximised in a second stage.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of zero or more, positive where they move.
    undesirable : sequence of str
        Bads.
    weights : mapping of str to float or None
        Positive weights by column, normalised to a sum of one; a column that is not named does not move. None
        gives inputs, outputs and bads a third each, or a half where there are no bads, split evenly.
    disposability : {"strong", "weak", "equality"}
        How bads that do not move are held: Bλ ≤ b, weak with an abatement factor for each reference unit
        (Kuosmanen 2005), or Bλ = b as in the paper. Weak also lets bads that move be abated with output.
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
        ``slacks`` of what moves are β times the unit's own value; ``efficiency`` is 1/(1 + score).

    Raises
    ------
    DataError, OptionError
        Where a column, cell or weight cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 5.0], "output": [2.0, 4.0, 2.0]})
    >>> found = nonradial_directional(
    ...     Panel.from_frame(frame, unit="city"), "labour", "output", weights={"labour": 1.0}
    ... )
    >>> found.scores.round(4).tolist()
    [0.0, 0.0, 0.6]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    weight = step_weights(observations, weights)
    require_positive(observations, weight > 0, "NDDF")
    steps = NonradialSteps(weight, Disposal.of(observations, disposability, apart=weight > 0))
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units)
    evaluation = evaluate(observations, frontiers, returns_to_scale, steps.programme, steps.read, solver, executor)
    said = Specification(
        title=Message.of("Non-radial directional distance"),
        model="NDDF with undesirable outputs" if observations.undesirable else "NDDF",
        citation="Zhou, Ang & Wang (2012)",
        measure="inefficiency",
        orientation="non-oriented",
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        treatment=CONVENTIONS[disposability] if observations.undesirable else "",
        super_efficiency=False,
        weights=dict(zip(observations.variables, weight.tolist(), strict=True)),
    )
    notes = frontier_notes(observations, frontier, frontiers)
    return EfficiencyResult.of(said, observations, slack_targets(observations, evaluation), notes)


@dataclass(frozen=True, eq=False)
class NonradialSteps:
    """The weighted sum of the steps, which are slacks in shares of own values.

    Attributes
    ----------
    weight : ndarray (V,)
    disposal : Disposal
    """

    weight: np.ndarray
    disposal: Disposal

    def programme(self, technology: Technology) -> Envelopment:
        """Max Σ w β over the steps; the first own variable has no column."""
        treated = self.disposal.applied(technology)
        rest = self.disposal.slack_costs(-1.0) * (self.weight == 0)
        return Envelopment(
            technology=treated.reference,
            scale=treated.scale,
            own=treated.own_columns(np.zeros(len(treated.reference)))[..., 1:],
            rhs=treated.share,
            costs=treated.own_costs(0.0, -self.weight)[1:],
            limiting=treated.limiting,
            tie_costs=treated.own_costs(0.0, rest)[1:] if rest.any() else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """The sum, and all steps and slacks."""
        scores = np.maximum(-solution.objective, 0.0)
        return Reading(scores, solution.own[:, :width], self.disposal.intensities(solution.intensities))


def step_weights(observations: Observations, given: Mapping[str, float] | None) -> np.ndarray:
    """As given, or evenly by part and evenly within a part; the sum is one."""
    everything = np.ones(len(observations.variables), dtype=bool)
    if given:
        return normalised(variable_weights(observations, given, other=0.0), everything)
    parts = (observations.inputs, observations.outputs, observations.undesirable)
    shares = [1.0 / len(part) for part in parts for _ in part]
    return normalised(np.array(shares), everything)

"""Range-directional efficiency, for data with negative values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from ..parallel import Workers
from .directional import largest_step
from .disposability import Disposal
from .evaluation import Evaluation, Reading, evaluate
from .frontiers import (
    FrontierKind,
    Groups,
    ReferenceUnits,
    Window,
    draw_frontiers,
    frontier_notes,
)
from .observations import By, Observations, kept, observe
from .result import EfficiencyResult, Specification
from .technology import Technology


@tool(group="efficiency", title="Range-directional efficiency (RDM, negative data)")
def range_directional(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> EfficiencyResult:
    """Range-directional model of Portela, Thanassoulis & Simpson (2004), whose data may be negative.

    The direction leads to the ideal point of the frontier, its least inputs and its largest outputs:
    R⁻ = x − min x, R⁺ = max y − y. The score is the share of that way that a unit could go, and 0 is efficient::

        max β  s.t.  Xλ ≤ x − β R⁻,  Yλ ≥ y + β R⁺,  Bλ ≤ b − β Rᵇ,  Σλ = 1,  λ ≥ 0

    Returns to scale are variable, without which negative data have no meaning. Neither the origin nor the unit
    of a variable matters. A second stage maximises the sum of the slacks that are left.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of any sign.
    undesirable : sequence of str
        Bads, counted with the inputs, strongly disposable.
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
        ``scores`` are β in [0, 1], ``efficiency`` is 1 − β.

    Raises
    ------
    DataError, OptionError
        Where a column or cell cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 4.0], "profit": [-3.0, 5.0, -3.0]})
    >>> found = range_directional(Panel.from_frame(frame, unit="city"), "labour", "profit")
    >>> found.scores.round(4).tolist()
    [0.0, 0.0, 0.5]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups), signed=True)
    moved = replace(observations, values=_lifted(observations.values))
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units)

    model = _Model(Disposal.of(observations, "strong"))
    evaluation = _lowered(
        evaluate(moved, frontiers, "vrs", model.programme, model.read, solver, executor), observations
    )
    said = Specification(
        title=Message.of("Range-directional efficiency (RDM)"),
        model="RDM",
        citation="Portela, Thanassoulis & Simpson (2004)",
        measure="shortfall",
        orientation="non-oriented",
        returns_to_scale="vrs",
        frontier=frontier,
        treatment="counted with the inputs, strongly disposable" if observations.undesirable else "",
    )
    return EfficiencyResult.of(said, observations, evaluation, frontier_notes(observations, frontier, frontiers))


@dataclass(frozen=True, eq=False)
class _Model:
    """The largest step on the way to the ideal point."""

    disposal: Disposal

    def programme(self, technology: Technology) -> Envelopment:
        """Max β over β and the slacks."""
        return largest_step(technology, way_to_ideal(technology), self.disposal)

    @staticmethod
    def read(solution: Solution, width: int) -> Reading:
        """β, which cannot pass one but by rounding, and the slacks that are left."""
        return Reading(np.clip(-solution.objective, 0.0, 1.0), solution.own[:, 1:][:, :width], solution.intensities)


def way_to_ideal(technology: Technology) -> np.ndarray:
    """Shape (N, R): how far each unit is from the best value of each row, in shares of the row's scale."""
    own, reference = technology.scale * technology.share, technology.reference
    best = np.where(technology.desired, reference.max(axis=1), reference.min(axis=1))
    far = np.where(technology.desired, best - own, own - best).clip(min=0.0)
    far[:, ~(technology.desired | technology.contracted)] = 0.0
    # A unit at the ideal point can go nowhere, so any direction serves.
    far = np.where(far.any(axis=1, keepdims=True), far, own * (technology.desired | technology.contracted))
    return np.asarray(far / technology.scale)


def _lifted(values: np.ndarray) -> np.ndarray:
    """Each variable moved so that it runs from its range to twice that: positive, and of one size."""
    span = np.ptp(values, axis=0)
    return np.asarray(values - values.min(axis=0) + np.where(span > 0, span, 1.0))


def _lowered(evaluation: Evaluation, observations: Observations) -> Evaluation:
    """Targets in the place of the data; intensities sum to one, so a shift passes through."""
    within = evaluation.within and _lowered(evaluation.within, observations)
    targets = evaluation.targets + (observations.values - _lifted(observations.values))
    return replace(evaluation, targets=targets, within=within)

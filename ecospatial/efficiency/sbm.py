"""Slacks-based efficiency: how far each input, output and bad could improve on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.solvers import Solver
from ..parallel import Workers
from .evaluation import ask, gather
from .frontiers import (
    Excluded,
    FrontierKind,
    Groups,
    ReferenceUnits,
    Window,
    draw_frontiers,
    frontier_notes,
    super_efficiency_notes,
)
from .observations import By, Observations, kept, observe, require_positive
from .ranking import rank_efficient
from .result import EfficiencyResult, Specification
from .slack_targets import slack_targets
from .slacks_measure import SlacksMeasure
from .super_sbm import Placement, SuperMeasure, cap_notes
from .technology import ReturnsToScale
from .weighting import fraction_weights, normalised, variable_weights

Orientation = Literal["non-oriented", "input", "output"]

_TREATMENTS = {
    "numerator": "separable, strongly disposable; for super-efficiency counted with the inputs (numerator)",
    "denominator": "separable, strongly disposable; for super-efficiency counted with the outputs (denominator)",
}


@tool(group="efficiency", title="Slacks-based efficiency (SBM)")
def sbm(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    orientation: Annotated[Orientation, "Orientation"] = "non-oriented",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    super_efficiency: Annotated[bool, "Super-efficiency"] = False,
    super_undesirable: Annotated[Placement, Advanced(), "Undesirable outputs in super-efficiency"] = "numerator",
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    exclude: Excluded = "observation",
    by: By = (),
    weights: Annotated[Mapping[str, float] | None, Advanced(), "Weights of the variables"] = None,
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> EfficiencyResult:
    """Slacks-based measure of Tone (2001), with undesirable outputs after Tone (2004).

    With input slacks s⁻ = x − Xλ, shortfalls of outputs s⁺ = Yλ − y and excesses of bads sᵇ = b − Bλ, all zero
    or more, the score is::

        ρ = min [1 − (1/m) Σ w s⁻/x] / [1 + (1/(s₁ + s₂)) (Σ w s⁺/y + Σ w sᵇ/b)]

    Input orientation keeps only the numerator, output orientation only the denominator; slacks outside the
    score are then maximised in a second stage. The fraction is made linear after Charnes & Cooper (1962).

    Super-efficiency (Tone 2002) replaces the score of the units with ρ = 1. It measures how far a unit is from
    the technology of the others, so the slacks turn round: the reference point (x̄, ȳ, b̄) uses more input, x̄ ≥ x
    and x̄ ≥ Xλ, makes less, ȳ ≤ y and ȳ ≤ Yλ, and emits more, b̄ ≥ b and b̄ ≥ Bλ. Bads over the line::

        δ = min [1 + (1/(m + s₂)) (Σ w (x̄ − x)/x + Σ w (b̄ − b)/b)] / [1 − (1/s₁) Σ w (y − ȳ)/y]

    and bads under the line::

        δ = min [1 + (1/m) Σ w (x̄ − x)/x] / [1 − (1/(s₁ + s₂)) (Σ w (y − ȳ)/y + Σ w (b̄ − b)/b)]

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns; those in the score must be positive.
    undesirable : sequence of str
        Bads: separable from the goods, strongly disposable, improved with the outputs.
    orientation : {"non-oriented", "input", "output"}
        Which slacks count.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
        Variable: Σλ = 1, constant: λ ≥ 0, non-increasing: Σλ ≤ 1, non-decreasing: Σλ ≥ 1.
    super_efficiency : bool
        Rank the efficient units by δ, which is one and more; the others keep ρ. Some have no δ; their status
        is ``infeasible``.
    super_undesirable : {"numerator", "denominator"}
        Where the bads stand in δ. The numerator, with the inputs, always has a solution in the non-oriented
        model. The denominator, with the outputs, may have none under variable returns; under constant or
        non-increasing returns δ stays at or below (s₁ + s₂)/s₂. An orientation keeps its part of the fraction,
        and what stands in the other part is held.
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
    exclude : {"observation", "unit"}
        What super-efficiency leaves out: the unit-period, or all periods of the unit.
    by : sequence of str
        Columns to summarise the scores by.
    weights : mapping of str to float or None
        Positive weights by column, 1 where a column is not named. Those of the inputs are normalised to
        sum to m, those of the outputs, good and bad together, to s₁ + s₂ (Tone 2004).
    solver : {"auto", "highs"} or LpSolver
        ``auto``: a simplex method for many units at once, and HiGHS where that is not certain; ``highs``: HiGHS for
        each unit; or a solver object of PuLP.
    executor : concurrent.futures.Executor or None
        Whose workers share the frontiers, and the units of large ones; the numbers are the same.

    Returns
    -------
    EfficiencyResult
        ``scores`` are ρ in (0, 1], or δ. Slacks of a unit with a δ are negative: what the unit has in hand.

    Raises
    ------
    DataError, OptionError
        Where a column, cell or weight cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 2.0, 5.0], "output": [2.0, 4.0, 5.0]})
    >>> found = sbm(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> found.scores.round(4).tolist()
    [0.5, 1.0, 0.5]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    weight = variable_weights(observations, weights)
    is_input = np.array([name in observations.inputs for name in observations.variables])
    measure = SlacksMeasure(*fraction_weights(weight, is_input, orientation))
    require_positive(observations, measure.saved + measure.gained > 0, "SBM")
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units, exclude)
    notes = frontier_notes(observations, frontier, frontiers)
    over = ~observations.desired if super_undesirable == "numerator" else is_input
    above = SuperMeasure(*fraction_weights(weight, over, orientation))
    if super_efficiency:
        require_positive(observations, above.counted, "SBM")
        notes += super_efficiency_notes(observations, frontiers)
        notes += cap_notes(above, observations, returns_to_scale)
    answers = ask(observations, frontiers, returns_to_scale, measure.programme, measure.read, solver, executor)
    if super_efficiency:
        answers = rank_efficient(observations, answers, returns_to_scale, above, solver, executor)
    said = _specification(observations, orientation, returns_to_scale, frontier, weights)
    said = _above(said, observations, super_undesirable) if super_efficiency else said
    evaluation = gather(observations, answers)
    return EfficiencyResult.of(said, observations, slack_targets(observations, evaluation), notes)


def _specification(
    observations: Observations,
    orientation: Orientation,
    returns_to_scale: ReturnsToScale,
    frontier: FrontierKind,
    weights: Mapping[str, float] | None,
) -> Specification:
    bads = bool(observations.undesirable)
    return Specification(
        title=Message.of("Slacks-based efficiency (SBM, {orientation})", orientation=Message.of(orientation)),
        model="SBM with undesirable outputs" if bads else "SBM",
        citation="Tone (2001, 2004)" if bads else "Tone (2001)",
        measure="share",
        orientation=orientation,
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        treatment="separable, strongly disposable, improved with the outputs" if bads else "",
        super_efficiency=False,
        weights=_printed(observations, weights) if weights else {},
        family="sbm",
    )


def _printed(observations: Observations, given: Mapping[str, float]) -> dict[str, float]:
    """Weights by variable as Tone (2004) normalises them."""
    weight = variable_weights(observations, given)
    is_input = np.array([name in observations.inputs for name in observations.variables])
    shares = sum(normalised(weight, part) * np.count_nonzero(part) for part in (is_input, ~is_input))
    return dict(zip(observations.variables, np.asarray(shares).tolist(), strict=True))


def _above(said: Specification, observations: Observations, placement: Placement) -> Specification:
    return replace(
        said,
        title=Message.of("Super-efficiency (SBM, {orientation})", orientation=Message.of(said.orientation)),
        citation=said.citation + "; Tone (2002)",
        treatment=_TREATMENTS[placement] if observations.undesirable else "",
        super_efficiency=True,
    )

"""Radial efficiency: how far all inputs shrink, or all outputs grow, in one proportion."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from .evaluation import Reading, evaluate
from .frontiers import FrontierKind, draw_frontiers, frontier_notes
from .observations import Observations, observe
from .result import EfficiencyResult, Specification
from .technology import ReturnsToScale, Technology

Orientation = Literal["input", "output"]

_MODELS = {
    "crs": ("CCR", "Charnes, Cooper & Rhodes (1978)"),
    "vrs": ("BCC", "Banker, Charnes & Cooper (1984)"),
    "nirs": ("Radial, NIRS", "Färe, Grosskopf & Lovell (1985)"),
    "ndrs": ("Radial, NDRS", "Seiford & Thrall (1990)"),
}
_ORIENTED = {"input": "input-oriented", "output": "output-oriented"}
_HEADING = "Radial efficiency ({model}, {orientation})"
_TREATMENTS = {
    "input": "counted with the inputs and contracted with them (Korhonen & Luptacik 2004)",
    "output": "counted with the inputs and held, strongly disposable (Korhonen & Luptacik 2004)",
}


@tool(group="efficiency", title="Radial efficiency (CCR, BCC)")
def radial(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    orientation: Annotated[Orientation, "Orientation"] = "input",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    super_efficiency: Annotated[bool, "Super-efficiency"] = False,
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    solver: Annotated[Literal["auto", "highs"], Advanced(), "Solver"] = "auto",
) -> EfficiencyResult:
    """Radial efficiency of Charnes, Cooper & Rhodes (1978) and Banker, Charnes & Cooper (1984).

    The input measure is θ = min θ s.t. Xλ ≤ θ x, Yλ ≥ y, λ ≥ 0, a share in (0, 1]. The output measure is
    φ = max φ s.t. Xλ ≤ x, Yλ ≥ φ y, λ ≥ 0, one and more; the table has 1/φ as ``efficiency``. A second stage
    maximises the sum of the slacks, each in shares of the unit's own value, so that it does not depend on
    units of measurement.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of zero or more; each unit needs one positive input and one positive output.
    undesirable : sequence of str
        Bads, counted with the inputs (Korhonen & Luptacik 2004): contracted with them in input orientation,
        held and strongly disposable in output orientation.
    orientation : {"input", "output"}
        What moves.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
        Variable: Σλ = 1, constant: λ ≥ 0, non-increasing: Σλ ≤ 1, non-decreasing: Σλ ≥ 1.
    super_efficiency : bool
        Leave a unit out of its own reference set (Andersen & Petersen 1993), which ranks efficient units.
        Some have no score where returns are not constant; their status is ``infeasible``.
    frontier : {"contemporaneous", "global"}
        Each period against itself, or all unit-periods against one frontier.
    solver : {"auto", "highs"}
        What solves the linear programmes.

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
    >>> found = radial(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> found.scores.round(4).tolist()
    [1.0, 1.0, 0.6]
    """
    observations = observe(panel, inputs, outputs, undesirable)
    frontiers = draw_frontiers(observations, frontier)
    evaluation = evaluate(
        observations,
        frontiers,
        returns_to_scale,
        partial(_programme, orientation=orientation, super_efficiency=super_efficiency),
        partial(_read, orientation=orientation, super_efficiency=super_efficiency),
        solver,
    )
    notes = frontier_notes(observations, frontier, frontiers)
    if super_efficiency:
        notes.append(Message.of("Super-efficiency ranks efficient units; it is no score for trends or regressions."))
    said = _specification(observations, orientation, returns_to_scale, frontier, super_efficiency)
    return EfficiencyResult.of(said, observations, evaluation, notes)


def _programme(technology: Technology, orientation: Orientation, super_efficiency: bool) -> Envelopment:
    """Min θ or min −φ over own variables (θ or φ, slacks); the moved rows carry θ or φ, the others hold."""
    moved = technology.contracted if orientation == "input" else technology.desired
    return Envelopment(
        technology=technology.reference,
        scale=technology.scale,
        own=technology.own_columns(-technology.share * moved),
        rhs=technology.share * ~moved,
        costs=technology.own_costs(1.0 if orientation == "input" else -1.0),
        limiting=technology.limiting,
        tie_costs=technology.own_costs(0.0, -1.0),
        excluded=technology.itself if super_efficiency else None,
    )


def _read(solution: Solution, width: int, orientation: Orientation, super_efficiency: bool) -> Reading:
    scores = np.abs(solution.objective)
    if not super_efficiency:  # a unit in its own reference set cannot pass one but by rounding
        scores = np.minimum(scores, 1.0) if orientation == "input" else np.maximum(scores, 1.0)
    slacks = solution.own[:, 1:][:, :width]
    return Reading(scores, slacks, solution.intensities)


def _specification(
    observations: Observations,
    orientation: Orientation,
    returns_to_scale: ReturnsToScale,
    frontier: FrontierKind,
    super_efficiency: bool,
) -> Specification:
    name, citation = _MODELS[returns_to_scale]
    heading = "Super-efficiency ({model}, {orientation})" if super_efficiency else _HEADING
    return Specification(
        title=Message.of(heading, model=name, orientation=Message.of(_ORIENTED[orientation])),
        model=name,
        citation=citation + ("; Andersen & Petersen (1993)" if super_efficiency else ""),
        measure="share" if orientation == "input" else "expansion",
        orientation=orientation,
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        inputs=observations.inputs,
        outputs=observations.outputs,
        undesirable=observations.undesirable,
        treatment=_TREATMENTS[orientation] if observations.undesirable else "",
        super_efficiency=super_efficiency,
        weights={},
    )

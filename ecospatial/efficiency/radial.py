"""Radial efficiency: how far all inputs shrink, or all outputs grow, in one proportion."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import pandas as pd

from ..describe import Advanced, Column, tool
from ..errors import Message, OptionError
from ..geo.join import PanelLike
from ..kernels.solvers import Solver
from ..parallel import Workers
from .evaluation import Answer, ask, gather
from .frontiers import (
    Excluded,
    Frontier,
    FrontierKind,
    Groups,
    ReferenceUnits,
    Window,
    draw_frontiers,
    frontier_notes,
    super_efficiency_notes,
)
from .observations import By, Observations, kept, observe
from .radial_measure import Orientation, RadialMeasure
from .repair import repair_note, repaired
from .result import SHARES, EfficiencyResult, Specification
from .scale import TECHNOLOGIES, scale_note, scale_table
from .technology import ReturnsToScale

Infeasible = Literal["report", "cook"]

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
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    exclude: Excluded = "observation",
    infeasible: Annotated[Infeasible, Advanced(), "Infeasible super-efficiency"] = "report",
    scale: Annotated[bool, "Scale efficiency and returns to scale"] = False,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
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
    infeasible : {"report", "cook"}
        What becomes of units without a super-efficiency score: NaN, or the score of Cook, Liang, Zha & Zhu (2009).
    scale : bool
        Add scale efficiency and the class of returns to scale (Färe, Grosskopf & Lovell 1985).
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
    >>> found = radial(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> found.scores.round(4).tolist()
    [1.0, 1.0, 0.6]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units, exclude)
    notes = frontier_notes(observations, frontier, frontiers)
    if super_efficiency:
        notes += super_efficiency_notes(observations, frontiers)
    _check_options(super_efficiency, infeasible, scale)
    model = _Model(observations, RadialMeasure(orientation, super_efficiency), solver, executor)
    answers = model.ask(frontiers, returns_to_scale)
    if infeasible == "cook":
        answers = repaired(observations, answers, returns_to_scale, orientation, solver, executor)
    evaluation = gather(observations, answers)
    said = _specification(observations, orientation, returns_to_scale, frontier, super_efficiency)
    found = EfficiencyResult.of(said, observations, evaluation, [*notes, *repair_note(observations, evaluation)])
    return model.with_scale(found, frontiers) if scale else found


def _check_options(super_efficiency: bool, infeasible: Infeasible, scale: bool) -> None:
    if infeasible != "report" and not super_efficiency:
        raise OptionError(
            "infeasible='{choice}' mends super-efficiency scores; set super_efficiency.", choice=infeasible
        )
    if scale and super_efficiency:
        raise OptionError("Scale efficiency compares ordinary scores; leave out scale or super_efficiency.")


@dataclass(frozen=True, eq=False)
class _Model:
    """The radial model of some observations, to be held against frontiers under any returns to scale."""

    observations: Observations
    measure: RadialMeasure
    solver: Solver
    executor: Executor | None

    def ask(self, frontiers: Sequence[Frontier], returns_to_scale: ReturnsToScale) -> list[Answer]:
        """Solve over every frontier."""
        every = self.observations, frontiers, returns_to_scale, self.measure.programme, self.measure.read
        return ask(*every, self.solver, self.executor)

    def with_scale(self, found: EfficiencyResult, frontiers: Sequence[Frontier]) -> EfficiencyResult:
        """A result with the efficiency under other returns to scale beside its own."""
        everyone = [frontier for frontier in frontiers if not frontier.group]
        own = found.specification.returns_to_scale
        others = {name: gather(self.observations, self.ask(everyone, name)) for name in TECHNOLOGIES if name != own}
        share = SHARES[found.specification.measure]
        scores = {name: share(pd.Series(other.scores, found.scores.index)) for name, other in others.items()}
        efficiencies = pd.DataFrame({name: scores.get(name, found.efficiency) for name in TECHNOLOGIES})
        return replace(
            found,
            scale=scale_table(efficiencies),
            violation=max(found.violation, *(other.violation for other in others.values())),
            effort=sum((other.effort for other in others.values()), found.effort),
            notes=(*found.notes, scale_note()),
        )


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
        treatment=_TREATMENTS[orientation] if observations.undesirable else "",
        super_efficiency=super_efficiency,
        weights={},
        family="radial",
    )

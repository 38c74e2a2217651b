"""Directional distance: how far a unit can go in a direction of less input, more output and less bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message, OptionError, suggest
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from ..parallel import Workers
from .disposability import CONVENTIONS, Disposability, Disposal
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
from .technology import ReturnsToScale, Technology


@tool(group="efficiency", title="Directional distance (DDF)")
def directional(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    direction: Annotated[Mapping[str, float] | None, "Direction"] = None,
    direction_in: Annotated[Literal["own", "amounts"], "Direction counted in"] = "own",
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
    """Directional distance function of Chambers, Chung & Färe (1996), with bads after Chung, Färe & Grosskopf (1997).

    The score is the largest step in the direction (g⁻, g⁺, gᵇ); 0 is efficient::

        max β  s.t.  Xλ ≤ x − β g⁻,  Yλ ≥ y + β g⁺,  Bλ ≤ b − β gᵇ (strong) or Bλ = b − β gᵇ (equality)

    Under weak disposability with an abatement factor for each unit (Kuosmanen 2005) the intensities are λ = z + μ
    with outputs Yz and bads Bz = b − β gᵇ. A second stage maximises the sum of the slacks that are left,
    each in shares of the unit's own value.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of zero or more; each unit needs one positive input and one positive output.
    undesirable : sequence of str
        Bads.
    direction : mapping of str to float or None
        Positive steps by column; a column that is not named does not move. None moves all by their own values.
    direction_in : {"own", "amounts"}
        Whether steps are multiples of the unit's own value, or amounts in units of the data.
    disposability : {"strong", "weak", "equality"}
        Strong: bads can be abated freely. Weak: only together with output, each reference unit with its own
        factor, right under variable returns (Kuosmanen 2005). Equality: bads hold with equality and no factor,
        the same under constant returns.
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
        ``scores`` are β, ``efficiency`` is 1/(1 + β).

    Raises
    ------
    DataError, OptionError
        Where a column, cell or step cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 5.0], "output": [2.0, 4.0, 3.0]})
    >>> found = directional(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> found.scores.round(4).tolist()
    [0.0, 0.0, 0.25]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    steps = direction_steps(observations, direction)
    disposal = Disposal.of(observations, disposability)
    distance = DirectionalDistance(steps, direction_in == "amounts", disposal)
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units)
    evaluation = evaluate(
        observations, frontiers, returns_to_scale, distance.programme, distance.read, solver, executor
    )
    evaluation = distance.led(observations, evaluation)
    said = Specification(
        title=Message.of("Directional distance"),
        model="DDF with undesirable outputs" if observations.undesirable else "DDF",
        citation="Chung, Färe & Grosskopf (1997)" if observations.undesirable else "Chambers, Chung & Färe (1996)",
        measure="inefficiency",
        orientation="non-oriented",
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        treatment=CONVENTIONS[disposability] if observations.undesirable else "",
    )
    notes = [direction_note(observations, direction, direction_in), *frontier_notes(observations, frontier, frontiers)]
    return EfficiencyResult.of(said, observations, evaluation, notes)


@dataclass(frozen=True, eq=False)
class DirectionalDistance:
    """The largest step β.

    Attributes
    ----------
    steps : ndarray (V,)
        The direction, in multiples of own values or in amounts.
    amounts : bool
    disposal : Disposal
    """

    steps: np.ndarray
    amounts: bool
    disposal: Disposal

    def programme(self, technology: Technology) -> Envelopment:
        """Max β over β and the slacks."""
        width = len(self.steps)
        rows = np.zeros_like(technology.scale)
        own = technology.share if not self.amounts else 1.0 / technology.scale
        rows[:, :width] = (own * np.ones_like(technology.scale))[:, :width] * self.steps
        return largest_step(technology, rows, self.disposal)

    def read(self, solution: Solution, width: int) -> Reading:
        """β, and the slacks that are left."""
        return Reading(
            np.maximum(-solution.objective, 0.0),
            solution.own[:, 1:][:, :width],
            self.disposal.intensities(solution.intensities),
        )

    def led(self, observations: Observations, evaluation: Evaluation) -> Evaluation:
        """Targets where the step and the slacks lead, abated references included."""
        directions = self.steps if self.amounts else self.steps * observations.values
        towards = np.where(observations.desired, 1.0, -1.0)
        targets = observations.values + towards * (directions * evaluation.scores[:, None] + evaluation.slacks)
        within = evaluation.within and self.led(observations, evaluation.within)
        return replace(evaluation, targets=targets, within=within)


def largest_step(technology: Technology, steps: np.ndarray, disposal: Disposal) -> Envelopment:
    """Max β over β and the slacks.

    Parameters
    ----------
    technology : Technology
    steps : ndarray (N, R)
        The direction in shares of the row's scale.
    disposal : Disposal
    """
    treated = disposal.applied(technology)
    return Envelopment(
        technology=treated.reference,
        scale=treated.scale,
        own=treated.own_columns(np.where(technology.desired, -steps, steps)),
        rhs=treated.share,
        costs=treated.own_costs(-1.0),
        limiting=treated.limiting,
        tie_costs=treated.own_costs(0.0, disposal.slack_costs(-1.0)),
    )


def direction_steps(observations: Observations, given: Mapping[str, float] | None) -> np.ndarray:
    """Shape (V,): the direction, a step of one for every variable where none is given.

    Raises
    ------
    OptionError
        Where a name is no variable or a step is no positive number.
    """
    names = observations.variables
    if given is None:
        return np.ones(len(names))
    if not given:
        raise OptionError("The direction is empty; name at least one column, or leave it out.")
    for name, step in given.items():
        if name not in names:
            hint = suggest(name, names)
            raise OptionError("'{name}' has a direction but is no variable of the model; {hint}", name=name, hint=hint)
        if not 0 < step < np.inf:
            raise OptionError(
                "The step of '{name}' is {step}; steps are positive, and mean less of an input or a bad and more of "
                "an output.",
                name=name,
                step=step,
            )
    return np.array([float(given.get(name, 0.0)) for name in names])


def direction_note(observations: Observations, given: Mapping[str, float] | None, counted_in: str) -> Message:
    """What a direction is, in words."""
    if given is None:
        return Message.of("Direction: less of each input and bad and more of each output, in shares of its own value.")
    named = [name for name in observations.variables if name in given]
    return Message.of(
        "Direction, in multiples of own values: {steps}." if counted_in == "own" else "Direction, in amounts: {steps}.",
        steps=", ".join(f"{name} {given[name]:g}" for name in named),
    )

"""Epsilon-based efficiency: between one proportion for all variables and a slack for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, Range, tool
from ..errors import Message, OptionError
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from ..parallel import Workers
from .additive import slack_sums
from .affinity import epsilon_and_weights
from .evaluation import Reading, ask, gather
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
from .technology import ReturnsToScale, Technology
from .weighting import normalised, variable_weights

Orientation = Literal["non-oriented", "input", "output"]

_CONTRACTED = "counted with the inputs and contracted with them, strongly disposable"
_TREATMENTS = {
    "non-oriented": _CONTRACTED,
    "input": _CONTRACTED,
    "output": "counted with the inputs and held, strongly disposable",
}


@tool(group="efficiency", title="Epsilon-based efficiency (EBM)")
def ebm(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    orientation: Annotated[Orientation, "Orientation"] = "input",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    epsilon: Annotated[float | None, Range(0.0, 1.0), Advanced(), "Epsilon"] = None,
    weights: Annotated[Mapping[str, float] | None, Advanced(), "Weights of the variables"] = None,
    super_efficiency: Annotated[bool, "Super-efficiency"] = False,
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    window: Window = 3,
    groups: Groups = None,
    reference_units: ReferenceUnits = None,
    exclude: Excluded = "observation",
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> EfficiencyResult:
    """Epsilon-based measure of Tone & Tsutsui (2010).

    With θx = Xλ + s⁻ and ηy = Yλ − s⁺, slacks zero or more, the non-oriented score is::

        min [θ − ε⁻ Σ w⁻ s⁻/x] / [η + ε⁺ Σ w⁺ s⁺/y]  s.t.  θ ≤ 1 ≤ η

    Input orientation keeps the numerator, with η = 1, and output orientation the denominator, with θ = 1; neither
    bounds its own proportion. With ε = 0 it is the radial model, with θ = ε = 1 the slacks-based measure. Slacks
    outside the score are maximised in a second stage.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Positive columns.
    undesirable : sequence of str
        Bads, which the paper does not have, counted with the inputs: strongly disposable, contracted with them
        by θ where these are, held in output orientation.
    orientation : {"non-oriented", "input", "output"}
        What moves.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
        Variable: Σλ = 1, constant: λ ≥ 0, non-increasing: Σλ ≤ 1, non-decreasing: Σλ ≥ 1.
    epsilon : float or None
        Of inputs and of outputs alike. None takes ε and the weights from the affinity matrices of inputs and of
        outputs, computed once for all periods from the projections of the unit-periods on their frontiers
        under variable returns by the additive model in proportions.
    weights : mapping of str to float or None
        Positive weights by column, 1 where a column is not named, normalised to a sum of one over what counts
        with the inputs and over the outputs. None takes those of the affinity matrices.
    super_efficiency : bool
        Leave a unit out of its own reference set (Andersen & Petersen 1993), which ranks the units with a score
        of 1; the others keep theirs. Only for an oriented model. Some have no score where returns are not
        constant; their status is ``infeasible``.
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
        Where a column, cell or weight cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 5.0], "output": [2.0, 4.0, 3.0]})
    >>> found = ebm(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> found.scores.round(4).tolist()
    [1.0, 1.0, 0.6]
    """
    if super_efficiency and orientation == "non-oriented":
        raise OptionError("Super-efficiency of the EBM needs orientation='input' or 'output'.")
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    require_positive(observations, np.ones(len(observations.variables), dtype=bool), "EBM")
    frontiers = draw_frontiers(observations, frontier, window, groups, reference_units, exclude)
    notes = frontier_notes(observations, frontier, frontiers)
    if super_efficiency:
        notes += super_efficiency_notes(observations, frontiers)
    mix = _Mix.given(observations, epsilon, weights)
    if epsilon is None or weights is None:
        projected = gather(observations, slack_sums(observations, frontiers, "vrs", "proportions", solver, executor))
        mix = mix.completed(observations, projected.targets, epsilon is None, weights is None)
    model = (_Both if orientation == "non-oriented" else _Oriented)(mix, observations.desired, orientation == "output")
    answers = ask(observations, frontiers, returns_to_scale, model.programme, model.read, solver, executor)
    if super_efficiency:
        answers = rank_efficient(observations, answers, returns_to_scale, replace(model, above=True), solver, executor)
    evaluation = gather(observations, answers)
    said = Specification(
        title=Message.of(
            "Super-efficiency (EBM, {orientation})" if super_efficiency else "Epsilon-based efficiency ({orientation})",
            orientation=Message.of(orientation),
        ),
        model="EBM",
        citation="Tone & Tsutsui (2010)" + ("; Andersen & Petersen (1993)" if super_efficiency else ""),
        measure="share",
        orientation=orientation,
        returns_to_scale=returns_to_scale,
        frontier=frontier,
        treatment=_TREATMENTS[orientation] if observations.undesirable else "",
        super_efficiency=super_efficiency,
        weights=dict(zip(observations.variables, mix.weight.tolist(), strict=True)),
    )
    return EfficiencyResult.of(said, observations, evaluation, [mix.note(epsilon is None), *notes])


@dataclass(frozen=True, eq=False)
class _Mix:
    """How much the slacks count beside the proportions.

    Attributes
    ----------
    less, more : float
        ε of what is contracted and of the outputs.
    weight : ndarray (V,)
        With a sum of one over each of the two.
    """

    less: float
    more: float
    weight: np.ndarray

    @classmethod
    def given(cls, observations: Observations, epsilon: float | None, weights: Mapping[str, float] | None) -> _Mix:
        weight, desired = variable_weights(observations, weights), observations.desired
        known = 0.0 if epsilon is None else float(epsilon)
        return cls(known, known, normalised(weight, desired) + normalised(weight, ~desired))

    def completed(self, observations: Observations, projected: np.ndarray, epsilon: bool, weights: bool) -> _Mix:
        """What was not given, from the affinity of the projected variables."""
        points = projected[np.isfinite(projected).all(axis=1)]
        desired = observations.desired
        (less, inward), (more, outward) = (epsilon_and_weights(points[:, part]) for part in (~desired, desired))
        weight = self.weight.copy()
        if weights:
            weight[~desired], weight[desired] = inward, outward
        return _Mix(less if epsilon else self.less, more if epsilon else self.more, weight)

    def note(self, computed: bool) -> Message:
        """The values of ε."""
        told = (
            "ε of the inputs is {less} and of the outputs {more}, from the affinity matrices of projected data: they "
            "change when units or periods are added."
        )
        told = told if computed else "ε of the inputs is {less} and of the outputs {more}, as given."
        return Message.of(told, less=f"{self.less:.4f}", more=f"{self.more:.4f}")


@dataclass(frozen=True, eq=False)
class _Oriented:
    """Min θ − ε Σ w s, or the reciprocal of max η + ε Σ w s, over the proportion and the slacks.

    Attributes
    ----------
    mix : _Mix
    desired : ndarray (V,) of bool
    outward : bool
    above : bool
        Whether a unit is left out of its own reference set.
    """

    mix: _Mix
    desired: np.ndarray
    outward: bool
    above: bool = False

    def programme(self, technology: Technology) -> Envelopment:
        """The moved rows carry the proportion, the others hold."""
        moved = technology.desired if self.outward else technology.contracted
        counts = self.desired == self.outward
        epsilon, sign = (self.mix.more, -1.0) if self.outward else (self.mix.less, 1.0)
        free = ~counts | (epsilon == 0)
        return Envelopment(
            technology=technology.reference,
            scale=technology.scale,
            own=technology.own_columns(-technology.share * moved),
            rhs=technology.share * ~moved,
            costs=technology.own_costs(sign, np.where(counts, -epsilon * self.mix.weight, 0.0)),
            limiting=technology.limiting,
            tie_costs=technology.own_costs(0.0, -free.astype(float)),
            excluded=technology.itself if self.above else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """The score as a share."""
        scores = -1.0 / solution.objective if self.outward else solution.objective
        scores = np.maximum(scores, 1.0) if self.above else np.minimum(scores, 1.0)
        return Reading(scores, solution.own[:, 1:][:, :width], solution.intensities)


@dataclass(frozen=True, eq=False)
class _Both:
    """The fraction of both orientations, made linear over t, tθ, tη and ts (Charnes & Cooper 1962)."""

    mix: _Mix
    desired: np.ndarray
    outward: bool
    above: bool = False

    def programme(self, technology: Technology) -> Envelopment:
        """Three rows more: tθ ≤ t, tη ≥ t, and the denominator, tη + ε Σ w ts, is one."""
        rows, slacks = len(technology.reference), technology.slacks
        width, size = len(self.desired), slacks.shape[1]
        bounded = ~(technology.desired | technology.contracted)
        carried = np.column_stack([bounded, technology.contracted, technology.desired]).astype(float)
        own = np.zeros((rows + 3, 3 + size + 2))
        own[:rows, :3], own[:rows, 3:-2] = -carried, slacks
        own[rows, [0, 1, -2]] = -1.0, 1.0, 1.0
        own[rows + 1, [0, 2, -1]] = -1.0, 1.0, -1.0
        own[rows + 2, 2] = 1.0
        own[rows + 2, 3:][:width] = np.where(self.desired, self.mix.more * self.mix.weight, 0.0)
        costs = np.zeros(own.shape[1])
        costs[1] = 1.0
        costs[3:][:width] = np.where(self.desired, 0.0, -self.mix.less * self.mix.weight)
        free = np.where(self.desired, self.mix.more, self.mix.less) == 0
        tie_costs = np.zeros(own.shape[1])
        tie_costs[3:][:width] = -free.astype(float)
        return Envelopment(
            technology=np.vstack([technology.reference, np.zeros((3, technology.reference.shape[1]))]),
            scale=np.hstack([technology.scale, np.ones((len(technology.scale), 3))]),
            own=own,
            rhs=np.append(np.zeros(rows + 2), 1.0),
            costs=costs,
            limiting=np.append(technology.limiting, [False] * 3),
            tie_costs=tie_costs if free.any() else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """Divide t out again."""
        t = np.where(solution.own[:, :1] > 0, solution.own[:, :1], np.nan)
        slacks = solution.own[:, 3:][:, :width] / t
        return Reading(np.clip(solution.objective, 0.0, 1.0), slacks, solution.intensities.multiply(1.0 / t).tocsr())

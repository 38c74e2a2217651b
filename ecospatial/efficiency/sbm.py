"""Slacks-based efficiency: how far each input, output and bad could improve on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from ..describe import Advanced, Column, tool
from ..errors import Message, OptionError, suggest
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment, Solution
from .evaluation import Reading, evaluate
from .frontiers import FrontierKind, draw_frontiers, frontier_notes
from .observations import Observations, observe, require_positive
from .result import EfficiencyResult, Specification
from .technology import ReturnsToScale, Technology

Orientation = Literal["non-oriented", "input", "output"]


@tool(group="efficiency", title="Slacks-based efficiency (SBM)")
def sbm(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    orientation: Annotated[Orientation, "Orientation"] = "non-oriented",
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "vrs",
    frontier: Annotated[FrontierKind, "Frontier"] = "contemporaneous",
    weights: Annotated[Mapping[str, float] | None, Advanced(), "Weights of the variables"] = None,
    solver: Annotated[Literal["auto", "highs"], Advanced(), "Solver"] = "auto",
) -> EfficiencyResult:
    """Slacks-based measure of Tone (2001), with undesirable outputs after Tone (2004).

    With input slacks s⁻ = x − Xλ, shortfalls of outputs s⁺ = Yλ − y and excesses of bads sᵇ = b − Bλ, all zero
    or more, the score is::

        ρ = min [1 − (1/m) Σ w s⁻/x] / [1 + (1/(s₁ + s₂)) (Σ w s⁺/y + Σ w sᵇ/b)]

    Input orientation keeps only the numerator, output orientation only the denominator; slacks outside the
    score are then maximised in a second stage. The fraction is made linear after Charnes & Cooper (1962).

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
    frontier : {"contemporaneous", "global"}
        Each period against itself, or all unit-periods against one frontier.
    weights : mapping of str to float or None
        Positive weights by column, 1 where a column is not named. Those of the inputs are normalised to
        sum to m, those of the outputs, good and bad together, to s₁ + s₂ (Tone 2004).
    solver : {"auto", "highs"}
        What solves the linear programmes.

    Returns
    -------
    EfficiencyResult
        ``scores`` are ρ in (0, 1].

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
    observations = observe(panel, inputs, outputs, undesirable)
    measure = _Measure.of(observations, orientation, weights)
    require_positive(observations, measure.saved + measure.gained > 0, "SBM")
    frontiers = draw_frontiers(observations, frontier)
    evaluation = evaluate(observations, frontiers, returns_to_scale, measure.programme, measure.read, solver)
    said = _specification(observations, orientation, returns_to_scale, frontier, weights)
    return EfficiencyResult.of(said, observations, evaluation, frontier_notes(observations, frontier, frontiers))


@dataclass(frozen=True, eq=False)
class _Measure:
    """The fraction ρ = (1 − saved · s) / (1 + gained · s), slacks s in shares of the unit's own values.

    Attributes
    ----------
    saved, gained : ndarray (V,)
        Weights of the slacks over and under the line.
    """

    saved: np.ndarray
    gained: np.ndarray

    @classmethod
    def of(cls, observations: Observations, orientation: Orientation, weights: Mapping[str, float] | None) -> _Measure:
        weight = np.array(list(_weights(observations, weights).values()))
        is_input = np.array([name in observations.inputs for name in observations.variables])
        saved, gained = (np.where(part, weight, 0.0) / part.sum() for part in (is_input, ~is_input))
        return cls(saved * (orientation != "output"), gained * (orientation != "input"))

    def programme(self, technology: Technology) -> Envelopment:
        """Charnes & Cooper's linear form over t, t·s and tλ: min t − saved · ts, where t + gained · ts = 1."""
        own = technology.own_columns(-technology.share)
        line = np.broadcast_to(technology.own_costs(1.0, self.gained), (*own.shape[:-2], 1, own.shape[-1]))
        uncounted = self.saved + self.gained == 0
        return Envelopment(
            technology=np.vstack([technology.reference, np.zeros(technology.reference.shape[1])]),
            scale=np.hstack([technology.scale, np.ones((len(technology.scale), 1))]),
            own=np.concatenate([own, line], axis=-2),
            rhs=np.append(np.zeros(len(technology.reference)), 1.0),
            costs=technology.own_costs(1.0, -self.saved),
            limiting=np.append(technology.limiting, False),
            tie_costs=technology.own_costs(0.0, -uncounted.astype(float)) if uncounted.any() else None,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """Divide t out again."""
        t = np.where(solution.own[:, :1] > 0, solution.own[:, :1], np.nan)
        scores = np.clip(solution.objective, 0.0, 1.0)
        slacks = solution.own[:, 1:][:, :width] / t
        return Reading(scores, slacks, solution.intensities.multiply(1.0 / t).tocsr())


def _weights(observations: Observations, given: Mapping[str, float] | None) -> dict[str, float]:
    """Weights by variable, normalised."""
    given = given or {}
    for name, weight in given.items():
        if name not in observations.variables:
            hint = suggest(name, observations.variables)
            raise OptionError("'{name}' has a weight but is no variable of the model; {hint}", name=name, hint=hint)
        if not 0 < weight < np.inf:
            raise OptionError("The weight of '{name}' is {weight}; weights are positive.", name=name, weight=weight)
    found: dict[str, float] = {}
    for part in (observations.inputs, observations.outputs + observations.undesirable):
        total = sum(given.get(name, 1.0) for name in part)
        found |= {name: given.get(name, 1.0) * len(part) / total for name in part}
    return found


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
        inputs=observations.inputs,
        outputs=observations.outputs,
        undesirable=observations.undesirable,
        treatment="separable, strongly disposable, improved with the outputs" if bads else "",
        super_efficiency=False,
        weights=_weights(observations, weights) if weights else {},
    )

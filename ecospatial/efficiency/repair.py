"""Super-efficiency where the oriented model has no solution: Cook, Liang, Zha & Zhu (2009)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from ..errors import Message
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from .evaluation import Answer, Evaluation, Reading, ask
from .observations import Observations
from .technology import ReturnsToScale, Technology


@dataclass(frozen=True, eq=False)
class RelaxedModel:
    """Let the held side give way just as far as the other units need it to, then move the other side.

    Input-oriented, over the other units::

        min M β + τ   s.t.   Xλ ≤ (1 + τ) x,   Yλ ≥ (1 − β) y,   β ≥ 0

    with M so large that β comes first; output-oriented min M τ + β, with τ ≥ 0 and β free. The score is
    1 + τ + 1/(1 − β), the share of inputs and the share of outputs together: more than one. An output
    measure φ is its reciprocal. The paper takes a large number for M; here the two are minimised one after the
    other, which is its limit. Bads, which the paper does not have, go with the inputs.

    Attributes
    ----------
    orientation : {"input", "output"}
    """

    orientation: Literal["input", "output"]

    def programme(self, technology: Technology) -> Envelopment:
        """Own variables: what gives way, what moves (1 + τ or 1 − β), the slacks."""
        moved = technology.contracted if self.orientation == "input" else technology.desired
        held = technology.desired.astype(float) - technology.contracted
        yielding = technology.share * held * ~moved
        own = technology.own_columns(-technology.share * moved)
        moves = technology.own_costs(1.0 if self.orientation == "input" else -1.0)
        return Envelopment(
            technology=technology.reference,
            scale=technology.scale,
            own=np.concatenate([np.broadcast_to(yielding, own.shape[:-1])[..., None], own], axis=-1),
            rhs=technology.share * ~moved,
            costs=np.append(1.0, np.zeros(len(moves))),
            limiting=technology.limiting & ~moved,  # what moves may move far at the least give
            tie_costs=np.append(0.0, moves),
            excluded=technology.itself,
        )

    def read(self, solution: Solution, width: int) -> Reading:
        """The score of both sides together; none where an output would have to vanish."""
        gives, moves = solution.own[:, 0], solution.own[:, 1]
        used, made = (moves, 1.0 - gives) if self.orientation == "input" else (1.0 + gives, moves)
        share = used + 1.0 / np.where(made > 0, made, np.nan)
        scores = share if self.orientation == "input" else 1.0 / share
        return Reading(scores, solution.own[:, 2:][:, :width], solution.intensities)


def repaired(
    observations: Observations,
    answers: Sequence[Answer],
    returns_to_scale: ReturnsToScale,
    orientation: Literal["input", "output"],
    solver: Solver,
    executor: Executor | None = None,
) -> list[Answer]:
    """Ask again for the unit-periods that a frontier found infeasible; the other answers stay as they are."""
    model = RelaxedModel(orientation)
    infeasible = [np.flatnonzero(answer.status == "infeasible") for answer in answers]
    needy = [place for place, rows in enumerate(infeasible) if len(rows)]
    chosen = [
        replace(answers[place].frontier, evaluated=answers[place].frontier.evaluated[infeasible[place]])
        for place in needy
    ]
    again = ask(observations, chosen, returns_to_scale, model.programme, model.read, solver, executor)
    found = list(answers)
    for place, answer in zip(needy, again, strict=True):
        found[place] = _merged(answers[place], infeasible[place], answer)
    return found


def _merged(first: Answer, rows: np.ndarray, second: Answer) -> Answer:
    """The first answer with some rows from the second where that has a score."""
    solved = np.isfinite(second.scores)
    rows, kept = rows[solved], np.ones(len(first.scores))
    kept[rows] = 0.0
    spread = sparse.csr_matrix((np.ones(len(rows)), (rows, np.flatnonzero(solved))), (len(kept), len(solved)))

    def placed(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        whole = old.copy()
        whole[rows] = new
        return whole

    return replace(
        first,
        status=placed(first.status, np.full(len(rows), "repaired", dtype=object)),
        scores=placed(first.scores, second.scores[solved]),
        slacks=placed(first.slacks, second.slacks[solved]),
        multipliers=placed(first.multipliers, second.multipliers[solved]),
        certified=placed(first.certified, second.certified[solved]),
        intensities=sparse.csr_matrix(sparse.diags(kept) @ first.intensities + spread @ second.intensities),
        violation=max(first.violation, second.violation),
        effort=first.effort + second.effort,
    )


def repair_note(observations: Observations, evaluation: Evaluation) -> list[Message]:
    """Name the unit-periods whose score is a repaired one."""
    rows = np.flatnonzero(evaluation.status == "repaired")
    if len(rows) == 0:
        return []
    return [
        Message.of(
            "{count} infeasible in ordinary super-efficiency, with the score of Cook, Liang, Zha & Zhu (2009) instead, "
            "1 + τ + 1/(1 − β) as a share, which ranks them but does not compare with the other scores: {where}.",
            count=len(rows),
            where=observations.data.named(rows),
        )
    ]

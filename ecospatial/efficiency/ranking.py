"""Super-efficiency for the units that an ordinary model calls efficient."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Protocol

import numpy as np
from scipy import sparse

from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import Solver
from .evaluation import Answer, Reading, ask
from .observations import Observations
from .result import EFFICIENT
from .technology import ReturnsToScale, Technology


class Measure(Protocol):
    """A model: its programme over a technology, and how to read the solution."""

    def programme(self, technology: Technology) -> Envelopment:
        """State the model."""

    def read(self, solution: Solution, width: int) -> Reading:
        """Scores, slacks and intensities."""


def rank_efficient(
    observations: Observations,
    ordinary: Sequence[Answer],
    returns_to_scale: ReturnsToScale,
    measure: Measure,
    solver: Solver,
    executor: Executor | None = None,
) -> list[Answer]:
    """Put super-efficiency in the place of the scores of unit-periods on the frontier or beyond; others keep theirs.

    Parameters
    ----------
    observations : Observations
    ordinary : sequence of Answer
        What each frontier says in the ordinary model.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
    measure : Measure
        The super-efficiency model.
    solver : {"auto", "highs"} or LpSolver
    executor : concurrent.futures.Executor or None
    """
    # A unit that makes no frontier itself may lie beyond it, where the ordinary model has no solution.
    efficient = [(answer.scores >= 1.0 - EFFICIENT) | (answer.status == "infeasible") for answer in ordinary]
    chosen = [
        replace(answer.frontier, evaluated=answer.frontier.evaluated[ranked])
        for answer, ranked in zip(ordinary, efficient, strict=True)
        if ranked.any()
    ]
    asked = ask(observations, chosen, returns_to_scale, measure.programme, measure.read, solver, executor)
    above = iter(asked)
    return [
        _replaced(answer, ranked, next(above)) if ranked.any() else answer
        for answer, ranked in zip(ordinary, efficient, strict=True)
    ]


def _replaced(answer: Answer, ranked: np.ndarray, above: Answer) -> Answer:
    """An answer whose ranked rows are those of another, in their order."""

    def spliced(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        whole = old.copy()
        whole[ranked] = new
        return whole

    rows = np.flatnonzero(ranked)
    places = sparse.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(ranked), len(rows)))
    kept = sparse.diags((~ranked).astype(float)) @ answer.intensities
    return replace(
        answer,
        status=spliced(answer.status, above.status),
        scores=spliced(answer.scores, above.scores),
        slacks=spliced(answer.slacks, above.slacks),
        multipliers=spliced(answer.multipliers, above.multipliers),
        certified=spliced(answer.certified, above.certified),
        intensities=(kept + places @ above.intensities).tocsr(),
        violation=max(answer.violation, above.violation),
        effort=answer.effort + above.effort,
    )

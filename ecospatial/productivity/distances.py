"""All distances of a panel: every question once, in one call to the engine."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from ..efficiency.observations import Observations
from ..efficiency.technology import Technology
from ..kernels.envelopment import Effort, Solution
from ..kernels.solvers import Solver, solve
from .questions import Questions
from .technologies import Distance, Posed


@dataclass(frozen=True, eq=False)
class Distances:
    """Answers to K questions, NaN where there is none.

    Attributes
    ----------
    scores : ndarray (K, C)
        As the distance has them: a share, a step, or the step of each variable.
    levels : ndarray (K, C)
        What adds up, and more of which is better.
    status : ndarray (K,) of str
        ``optimal``, ``infeasible``, ``unbounded`` or ``uncertain``. An optimum without a level counts as infeasible,
        since the technology makes nothing of what the unit makes, or as ``undefined`` where a step is too long for a
        ratio.
    beyond : ndarray (K,) of bool
        Questions that took a second programme, since the unit-period is beyond the technology.
    violation : float
    effort : Effort
    """

    scores: np.ndarray
    levels: np.ndarray
    status: np.ndarray
    beyond: np.ndarray
    violation: float
    effort: Effort


def measured(
    observations: Observations,
    questions: Questions,
    distance: Distance,
    solver: Solver = "auto",
    executor: Executor | None = None,
    pseudo: np.ndarray | None = None,
) -> Distances:
    """Answer all questions.

    There is one batch for each technology, with all its rows, and one call for all batches; a second one for
    what lies beyond its technology, where the distance is posed otherwise for that.

    Parameters
    ----------
    observations : Observations
    questions : Questions
    distance : Distance
    solver : {"auto", "highs"} or LpSolver
    executor : concurrent.futures.Executor or None
    pseudo : ndarray (n, V) or None
        Values that make the technologies in the place of the observed ones, row by row, as a bootstrap draws them;
        the rows held against them keep their own.
    """
    scores, status, solutions = _solved(observations, questions, distance, solver, executor, pseudo)
    beyond = (status == "infeasible") & (distance.beyond is not None)
    if distance.beyond is not None and beyond.any():
        rest = questions.some(np.flatnonzero(beyond))
        scores[beyond], status[beyond], more = _solved(observations, rest, distance.beyond, solver, executor, pseudo)
        solutions += more
    scores[status != "optimal"] = np.nan
    levels = distance.level(scores)
    status[(status == "optimal") & ~np.isfinite(levels).all(axis=1)] = distance.NO_LEVEL
    violation = max(solution.worst for solution in solutions)
    effort = sum((solution.effort for solution in solutions), Effort())
    return Distances(scores, levels, status, beyond, violation, effort)


def _solved(
    observations: Observations,
    questions: Questions,
    posed: Posed,
    solver: Solver,
    executor: Executor | None,
    pseudo: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, list[Solution]]:
    """Scores and statuses in the order of the questions."""
    technologies = _technologies(observations, questions, pseudo)
    # Scores are unique, so that ties between the optima of a programme need no second stage.
    batches = [replace(posed.programme(technology), tie_costs=None, excluded=None) for technology in technologies]
    solutions = solve(batches, solver, "Productivity", executor)
    scores = np.concatenate([posed.read(solution) for solution in solutions])
    return scores, np.concatenate([solution.status for solution in solutions]), solutions


def _technologies(observations: Observations, questions: Questions, pseudo: np.ndarray | None) -> list[Technology]:
    """What each technology is made of; pseudo values stand below the observed ones."""
    frontiers = questions.frontiers(observations)
    if pseudo is not None:
        count = len(observations.values)
        observations = replace(observations, values=np.vstack([observations.values, pseudo]))
        frontiers = [
            (replace(frontier, reference=frontier.reference + count, owners=np.arange(2 * count)), returns)
            for frontier, returns in frontiers
        ]
    return [Technology.seen_from(observations, frontier, returns) for frontier, returns in frontiers]

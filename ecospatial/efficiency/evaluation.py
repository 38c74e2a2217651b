"""A model held against every frontier, gathered in the order of the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from ..errors import Message
from ..kernels.envelopment import Effort, Envelopment, Solution
from ..kernels.solvers import Solver, solve
from .frontiers import Frontier
from .observations import Observations
from .technology import ReturnsToScale, Technology

SCORED = ("optimal", "repaired")

_REASONS = {
    "infeasible": "{count} without a score, since no mix of other units can stand in for them (infeasible): {where}.",
    "unbounded": "{count} without a score, since the linear programme has no bound (unbounded): {where}.",
    "uncertain": "{count} without a score, since no optimum could be certified (uncertain): {where}; "
    "look there for extreme values.",
}


@dataclass(frozen=True, eq=False)
class Reading:
    """A solution in the words of a model.

    Attributes
    ----------
    scores : ndarray (N,)
    slacks : ndarray (N, V)
        In shares of the unit's own values.
    intensities : csr_matrix (N, J)
    """

    scores: np.ndarray
    slacks: np.ndarray
    intensities: sparse.csr_matrix


@dataclass(frozen=True, eq=False)
class Answer:
    """What one frontier says of the N unit-periods held against it; NaN where a programme has no certified optimum.

    Attributes
    ----------
    frontier : Frontier
    status : ndarray (N,) of str
    scores : ndarray (N,)
    slacks : ndarray (N, V)
        In units of the data.
    multipliers : ndarray (N, V) or (N, V + 1)
        Value of one unit of each variable, and last that of the sum of intensities where it is bounded.
    intensities : csr_matrix (N, J)
    certified : ndarray (N,) of str
        Who answered; empty where there is no certified answer.
    violation : float
    effort : Effort
    """

    frontier: Frontier
    status: np.ndarray
    scores: np.ndarray
    slacks: np.ndarray
    multipliers: np.ndarray
    intensities: sparse.csr_matrix
    certified: np.ndarray
    violation: float
    effort: Effort


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All unit-periods of a panel, NaN where a programme has no certified optimum.

    Attributes
    ----------
    scores : ndarray (n,)
    status : ndarray (n,) of str
    slacks, targets : ndarray (n, V)
        In units of the data.
    multipliers : ndarray (n, V) or (n, V + 1)
        Value of one unit of each variable, and last that of the sum of intensities where it is bounded.
    intensities : csr_matrix (n, n)
        Weights of the reference rows in each evaluated row's target.
    certified : ndarray (n,) of str
        Who answered, ``several`` where more than one did for several frontiers.
    violation : float
        The largest violation of the optimality conditions.
    effort : Effort
    groups : ndarray (n,) of str
        Of the frontiers, empty for those of everyone.
    frontiers : tuple of Frontier
    within : Evaluation or None
        The same against the frontier of the own group alone, for a meta-frontier.
    """

    scores: np.ndarray
    status: np.ndarray
    slacks: np.ndarray
    targets: np.ndarray
    multipliers: np.ndarray
    intensities: sparse.csr_matrix
    certified: np.ndarray
    violation: float
    effort: Effort
    groups: np.ndarray
    frontiers: tuple[Frontier, ...]
    within: Evaluation | None = None

    def notes(self, observations: Observations) -> list[Message]:
        """Name the unit-periods without a score and why they have none."""
        notes = []
        for status in sorted(set(self.status) & set(_REASONS)):
            rows = np.flatnonzero(self.status == status)
            notes.append(Message.of(_REASONS[status], count=len(rows), where=observations.data.named(rows)))
        return notes


def evaluate(
    observations: Observations,
    frontiers: Sequence[Frontier],
    returns_to_scale: ReturnsToScale,
    programme: Callable[[Technology], Envelopment],
    read: Callable[[Solution, int], Reading],
    solver: Solver,
    executor: Executor | None = None,
) -> Evaluation:
    """Solve a model for every evaluated unit-period.

    Parameters
    ----------
    observations : Observations
    frontiers : sequence of Frontier
        A unit-period held against several of them gets the mean of what they say, and nothing where one of
        them has no answer.
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
    programme : callable
        States the model over one technology.
    read : callable
        Turns its solution and the number of variables V into scores, slacks and intensities.
    solver : {"auto", "highs"} or LpSolver
    executor : concurrent.futures.Executor or None
    """
    return gather(observations, ask(observations, frontiers, returns_to_scale, programme, read, solver, executor))


def ask(
    observations: Observations,
    frontiers: Sequence[Frontier],
    returns_to_scale: ReturnsToScale,
    programme: Callable[[Technology], Envelopment],
    read: Callable[[Solution, int], Reading],
    solver: Solver,
    executor: Executor | None = None,
) -> list[Answer]:
    """Solve a model over every frontier; parameters as in :func:`evaluate`."""
    technologies = [Technology.seen_from(observations, frontier, returns_to_scale) for frontier in frontiers]
    solutions = solve([programme(technology) for technology in technologies], solver, executor=executor)
    every = zip(frontiers, technologies, solutions, strict=True)
    return [_answer(observations, frontier, technology, solution, read) for frontier, technology, solution in every]


def _answer(
    observations: Observations,
    frontier: Frontier,
    technology: Technology,
    solution: Solution,
    read: Callable[[Solution, int], Reading],
) -> Answer:
    """A solution in units of the data."""
    width = len(observations.variables)
    known = np.where(solution.status == "optimal", 1.0, np.nan)
    reading = read(solution, width)
    rows = len(technology.reference)
    worth = np.append(np.where(observations.desired, 1.0, -1.0), np.ones(rows - width))
    return Answer(
        frontier=frontier,
        status=solution.status,
        scores=reading.scores * known,
        slacks=reading.slacks * technology.scale[:, :width] * known[:, None],
        multipliers=solution.duals[:, :rows] * worth / technology.scale * known[:, None],
        intensities=sparse.diags(np.nan_to_num(known)) @ reading.intensities,
        certified=solution.certified,
        violation=solution.worst,
        effort=solution.effort,
    )


def gather(observations: Observations, answers: Sequence[Answer]) -> Evaluation:
    """Put the answers of all frontiers in the order of the panel, those of group frontiers aside."""
    groups = [answer for answer in answers if answer.frontier.group]
    everyone = [answer for answer in answers if not answer.frontier.group]
    found = _gathered(observations, everyone)
    if not groups:
        return found
    within = _gathered(observations, groups)
    return replace(
        found,
        violation=max(found.violation, within.violation),
        effort=found.effort + within.effort,
        frontiers=found.frontiers + within.frontiers,
        within=within,
    )


def _gathered(observations: Observations, answers: Sequence[Answer]) -> Evaluation:
    count = len(observations.values)
    rows = np.concatenate([answer.frontier.evaluated for answer in answers])
    status, groups, certified = (np.full(count, "", dtype=object) for _ in range(3))
    for answer in answers:
        groups[answer.frontier.evaluated] = answer.frontier.group
        before = status[answer.frontier.evaluated]
        status[answer.frontier.evaluated] = np.where(np.isin(before, ["", *SCORED]), answer.status, before)
        others = certified[answer.frontier.evaluated]
        same = (others == "") | (others == answer.certified)
        certified[answer.frontier.evaluated] = np.where(same, answer.certified, "several")
    times = np.bincount(rows, minlength=count)
    mean = sparse.csr_matrix((1.0 / times[rows], (rows, np.arange(len(rows)))), shape=(count, len(rows)))
    blank = np.where(np.isin(status, SCORED), 0.0, np.nan)

    def averaged(parts: Sequence[np.ndarray]) -> np.ndarray:
        whole = np.asarray(mean @ np.nan_to_num(np.concatenate(parts)))
        return whole + (blank if whole.ndim == 1 else blank[:, None])

    stacked = sparse.vstack([_over_panel(answer, count) for answer in answers])
    intensities = sparse.csr_matrix(sparse.diags(np.isfinite(blank).astype(float)) @ (mean @ stacked))
    intensities.eliminate_zeros()
    return Evaluation(
        scores=averaged([answer.scores for answer in answers]),
        status=status,
        slacks=averaged([answer.slacks for answer in answers]),
        targets=intensities @ observations.values + blank[:, None],
        multipliers=averaged([answer.multipliers for answer in answers]),
        intensities=intensities,
        certified=certified,
        violation=max(answer.violation for answer in answers),
        effort=sum((answer.effort for answer in answers), Effort()),
        groups=groups,
        frontiers=tuple(answer.frontier for answer in answers),
    )


def _over_panel(answer: Answer, count: int) -> sparse.csr_matrix:
    """Shape (N, n): intensities by row of the panel instead of place in the reference set."""
    weights = answer.intensities.tocoo()
    places = weights.row, answer.frontier.reference[weights.col]
    return sparse.csr_matrix((weights.data, places), shape=(len(answer.scores), count))

"""A model held against every frontier, gathered in the order of the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..errors import Message, listed
from ..kernels.envelopment import Envelopment, Solution
from ..kernels.solvers import solve
from .frontiers import Frontier
from .observations import Observations
from .technology import ReturnsToScale, Technology

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
class Evaluation:
    """All unit-periods of a panel, NaN where a programme has no certified optimum.

    Attributes
    ----------
    scores : ndarray (n,)
    status : ndarray (n,) of str
    slacks, targets : ndarray (n, V)
        In units of the data.
    intensities : csr_matrix (n, n)
        Weights of the reference rows in each evaluated row's target.
    violation : float
        The largest violation of the optimality conditions.
    lps_solved : int
    """

    scores: np.ndarray
    status: np.ndarray
    slacks: np.ndarray
    targets: np.ndarray
    intensities: sparse.csr_matrix
    violation: float
    lps_solved: int

    def notes(self, observations: Observations) -> list[Message]:
        """Name the unit-periods without a score and why they have none."""
        notes = []
        for status in sorted(set(self.status) - {"optimal"}):
            rows = np.flatnonzero(self.status == status)
            where = listed(observations.data.where(int(row)) for row in rows)
            notes.append(Message.of(_REASONS[status], count=len(rows), where=where))
        return notes


def evaluate(
    observations: Observations,
    frontiers: Sequence[Frontier],
    returns_to_scale: ReturnsToScale,
    programme: Callable[[Technology], Envelopment],
    read: Callable[[Solution, int], Reading],
    solver: str,
) -> Evaluation:
    """Solve a model for every evaluated unit-period.

    Parameters
    ----------
    observations : Observations
    frontiers : sequence of Frontier
    returns_to_scale : {"vrs", "crs", "nirs", "ndrs"}
    programme : callable
        States the model over one technology.
    read : callable
        Turns its solution and the number of variables V into scores, slacks and intensities.
    solver : {"auto", "highs"}
    """
    technologies = [Technology.seen_from(observations, frontier, returns_to_scale) for frontier in frontiers]
    solutions = solve([programme(technology) for technology in technologies], solver)
    values = observations.values
    count, width = values.shape
    scores, status = np.full(count, np.nan), np.full(count, "", dtype=object)
    slacks, targets = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    intensities = sparse.csr_matrix((count, count))
    for frontier, technology, solution in zip(frontiers, technologies, solutions, strict=True):
        status[frontier.evaluated] = solution.status
        solved = np.flatnonzero(solution.status == "optimal")
        rows, reading = frontier.evaluated[solved], read(solution, width)
        weights = reading.intensities[solved].tocoo()
        scores[rows] = reading.scores[solved]
        slacks[rows] = reading.slacks[solved] * technology.scale[solved, :width]
        targets[rows] = weights @ values[frontier.reference]
        places = rows[weights.row], frontier.reference[weights.col]
        intensities += sparse.csr_matrix((weights.data, places), shape=(count, count))
    return Evaluation(
        scores=scores,
        status=status,
        slacks=slacks,
        targets=targets,
        intensities=intensities,
        violation=max(solution.worst for solution in solutions),
        lps_solved=sum(solution.lps_solved for solution in solutions),
    )

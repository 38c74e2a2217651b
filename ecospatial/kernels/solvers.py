"""From batches of programmes to certified solutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from ..progress import track
from . import highs
from .envelopment import Envelopment, Solution, violations
from .highs import Vertex

CERTAIN = 1e-8  # largest violation of a certified optimum
SOLVERS = {"auto": highs.solve_unit, "highs": highs.solve_unit}


def solve(batches: Sequence[Envelopment], solver: str = "auto", label: str = "Efficiency") -> list[Solution]:
    """Solve batches of programmes and certify every solution.

    Where an optimum is not unique, the vertex at which the simplex method ends is returned, after
    ``tie_costs`` where they are given.

    Parameters
    ----------
    batches : sequence of Envelopment
    solver : {"auto", "highs"}
        Both are HiGHS as SciPy ships it.
    label : str
        What the progress is called.

    Examples
    --------
    Input efficiency of two units, constant returns; own variables are θ and the two slacks:

    >>> technology = np.array([[2.0, 4.0], [1.0, 1.0]])
    >>> own = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
    >>> rhs, costs, limiting = np.array([0.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.array([True, False])
    >>> batch = Envelopment(technology, technology.T, own, rhs, costs, limiting)
    >>> solve([batch])[0].objective.round(6).tolist()
    [1.0, 0.5]
    """
    solve_unit = SOLVERS[solver]
    programmes = [(batch, unit) for batch in batches for unit in range(batch.units)]
    vertices = iter([solve_unit(batch, unit) for batch, unit in track(programmes, label)])
    return [_certified(batch, [next(vertices) for _ in range(batch.units)]) for batch in batches]


def _certified(batch: Envelopment, vertices: Sequence[Vertex]) -> Solution:
    """Gather the vertices of a batch; what is not a certified optimum is solved again in another scaling."""
    solution = _gather(batch, vertices)
    doubtful = np.flatnonzero(solution.status != "optimal")
    if len(doubtful) == 0:
        return solution
    again = {unit: highs.solve_unit(batch, unit, evenly=True) for unit in doubtful.tolist()}
    second = _gather(batch, [again.get(unit, vertex) for unit, vertex in enumerate(vertices)])
    return replace(second, lps_solved=solution.lps_solved + sum(vertex.lps for vertex in again.values()))


def _gather(batch: Envelopment, vertices: Sequence[Vertex]) -> Solution:
    own = np.array([vertex.own for vertex in vertices])
    duals = np.array([vertex.duals for vertex in vertices])
    status = np.array([vertex.status for vertex in vertices], dtype=object)
    ends = np.cumsum([0, *(len(vertex.columns) for vertex in vertices)])
    weights = np.concatenate([vertex.weights for vertex in vertices])
    columns = np.concatenate([vertex.columns for vertex in vertices])
    intensities = sparse.csr_matrix((weights, columns, ends), shape=(batch.units, batch.technology.shape[1]))
    violation = violations(batch, own, intensities, duals)
    status[(status == "optimal") & ~(violation <= CERTAIN)] = "uncertain"
    objective = np.where(status == "optimal", own @ batch.costs, np.nan)
    return Solution(own, intensities, duals, objective, status, violation, sum(vertex.lps for vertex in vertices))

"""From batches of programmes to certified solutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Literal

import numpy as np
from scipy import sparse

from ..parallel import mapped
from ..progress import tick, track
from . import highs
from .batched import Answers, Search
from .envelopment import Envelopment, Solution
from .exact import solve_exactly
from .highs import Ask, Vertex
from .proof import violations
from .pulp_solver import LpSolver, ask_pulp
from .working_set import References, frontier

CERTAIN = 5e-9  # largest violation of a certified optimum, in shares of one plus its size
ALL_PRICES = 100_000_000  # units × references up to which every price is in the proof, whatever is covered
MANY = 8192  # units of a batch from which on its pieces are solved apart
PIECES = 16
_BY_UNIT = ("own", "duals", "objective", "status", "violation", "certified")

Solver = Literal["auto", "highs"] | LpSolver


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some units of a batch, and the working set to begin with where the batch is in several pieces."""

    number: int
    batch: Envelopment
    columns: np.ndarray | None = None


def solve(
    batches: Sequence[Envelopment],
    solver: Solver = "auto",
    label: str = "Efficiency",
    executor: Executor | None = None,
) -> list[Solution]:
    """Solve batches of programmes and certify every solution.

    Where an optimum is not unique, the vertex at which the simplex method ends is returned, after
    ``tie_costs`` where they are given. Batches, and pieces of a batch of many units, are solved apart in any case,
    so that an executor changes no number.

    Parameters
    ----------
    batches : sequence of Envelopment
    solver : {"auto", "highs"} or a solver object of PuLP
        The batched simplex method, with HiGHS for what it cannot certify; HiGHS for every unit, by highspy where
        it is installed and else SciPy's; or any solver that PuLP knows. What that does not certify goes to HiGHS,
        and at last to rational arithmetic.
    label : str
        What the progress is called.
    executor : concurrent.futures.Executor or None
        Whose workers solve; None for this process.

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
    pieces = [
        piece for number, batch in enumerate(batches) for piece in _pieces(number, batch, solver == "auto", label)
    ]
    answers = mapped(partial(_answered, solver=solver, label=label), pieces, executor, label)
    by_batch = groupby(zip(pieces, answers, strict=True), key=lambda pair: pair[0].number)
    return [_joined([answer for _, answer in pairs]) for _, pairs in by_batch]


def _pieces(number: int, batch: Envelopment, lockstep: bool, label: str) -> list[_Piece]:
    """A batch, or where it has many units its parts over one working set."""
    count = min(batch.units // MANY, PIECES)
    if count < 2:
        return [_Piece(number, batch)]
    columns = frontier(References.of(batch), lambda _: tick(label, 0.0)) if lockstep else None
    parts = np.array_split(np.arange(batch.units), count)
    return [_Piece(number, batch.of(part), columns) for part in parts]


def _answered(piece: _Piece, solver: Solver, label: str) -> Solution:
    """A piece solved and certified by the chosen solver, and what it leaves open by HiGHS."""
    batch = piece.batch
    if solver == "auto":
        solution, columns = _in_lockstep(batch, piece.columns, label)
        return _mended(batch, solution, columns)
    ask, name = (highs.ask_highs(), "highs") if isinstance(solver, str) else (ask_pulp(solver), type(solver).__name__)
    return _mended(batch, _one_by_one(batch, ask, name, label))


def _in_lockstep(batch: Envelopment, columns: np.ndarray | None, label: str) -> tuple[Solution, np.ndarray]:
    """The batched simplex method for all units of a batch, and the working set that it ends with."""
    search = Search(batch, lambda share: tick(label, share / 2), columns)
    search.solve(lambda share: tick(label, (1.0 + share) / 2))
    found = search.answers()
    solution = Solution(
        own=found.own,
        intensities=found.intensities,
        duals=found.duals,
        objective=found.own @ batch.costs,
        status=found.status,
        violation=_proof(batch, found),
        certified=np.full(batch.units, "simplex", dtype=object),
        lps_solved=found.lps,
        pivots=found.pivots,
    )
    return _judged(solution), found.columns


def _proof(batch: Envelopment, found: Answers) -> np.ndarray:
    """Violations over all references, or where these are too many over those that stand for all."""
    if batch.units * batch.technology.shape[1] <= ALL_PRICES:
        return violations(batch, found.own, found.intensities, found.duals)
    violation = violations(batch, found.own, found.intensities, found.duals, found.columns)
    rest = np.flatnonzero(~found.covered)
    if len(rest):
        violation[rest] = violations(batch.of(rest), found.own[rest], found.intensities[rest], found.duals[rest])
    return violation


def _one_by_one(batch: Envelopment, ask: Ask, name: str, label: str) -> Solution:
    """A solver for each unit of a batch in turn."""
    vertices = [highs.solve_unit(batch, unit, ask) for unit in track(range(batch.units), label)]
    return _gather(batch, vertices, name)


def _mended(batch: Envelopment, solution: Solution, columns: np.ndarray | None = None) -> Solution:
    """What is not certified is solved again: by HiGHS in one scaling, then in another, and last without rounding.

    Where a working set is known, HiGHS is given no more than that; what this leaves out, the proof shows.
    """
    cures: list[tuple[str, Callable[[Envelopment, int], Vertex]]] = [
        ("highs", partial(highs.solve_unit, among=columns)),
        ("highs", partial(highs.solve_unit, among=columns, evenly=True)),
        ("exact", solve_exactly),
    ]
    for name, solve_again in cures:
        doubtful = np.flatnonzero(~solution.proven)
        if len(doubtful) == 0:
            break
        again = [solve_again(batch, int(unit)) for unit in doubtful]
        solution = _patched(solution, doubtful, _gather(batch.of(doubtful), again, name))
    return solution


def _gather(batch: Envelopment, vertices: Sequence[Vertex], name: str) -> Solution:
    """Vertices of all units of a batch as one solution."""
    own = np.array([vertex.own for vertex in vertices])
    duals = np.array([vertex.duals for vertex in vertices])
    ends = np.cumsum([0, *(len(vertex.columns) for vertex in vertices)])
    weights = np.concatenate([vertex.weights for vertex in vertices])
    columns = np.concatenate([vertex.columns for vertex in vertices])
    intensities = sparse.csr_matrix((weights, columns, ends), shape=(batch.units, batch.technology.shape[1]))
    return _judged(
        Solution(
            own=own,
            intensities=intensities,
            duals=duals,
            objective=own @ batch.costs,
            status=np.array([vertex.status for vertex in vertices], dtype=object),
            violation=np.zeros(batch.units) if name == "exact" else violations(batch, own, intensities, duals),
            certified=np.full(batch.units, name, dtype=object),
            lps_solved=sum(vertex.lps for vertex in vertices),
            pivots=0,
        )
    )


def _judged(solution: Solution) -> Solution:
    """Optima that their proof does not bear out are uncertain."""
    status = solution.status.copy()
    status[(status == "optimal") & ~(solution.violation <= CERTAIN)] = "uncertain"
    objective = np.where(status == "optimal", solution.objective, np.nan)
    certified = np.where(status == "uncertain", "", solution.certified)
    return replace(solution, status=status, objective=objective, certified=certified)


def _patched(solution: Solution, units: np.ndarray, part: Solution) -> Solution:
    """A solution with some of its units answered anew."""
    arrays = {name: getattr(solution, name).copy() for name in _BY_UNIT}
    for name, array in arrays.items():
        array[units] = getattr(part, name)
    kept = np.ones(len(solution.status))
    kept[units] = 0.0
    places = sparse.csr_matrix((np.ones(len(units)), (units, np.arange(len(units)))), shape=(len(kept), len(units)))
    intensities = (sparse.diags(kept) @ solution.intensities + places @ part.intensities).tocsr()
    intensities.eliminate_zeros()
    lps = solution.lps_solved + part.lps_solved
    return replace(solution, **arrays, intensities=intensities, lps_solved=lps)


def _joined(parts: Sequence[Solution]) -> Solution:
    """The pieces of a batch as one solution."""
    if len(parts) == 1:
        return parts[0]
    return Solution(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _BY_UNIT},
        intensities=sparse.csr_matrix(sparse.vstack([part.intensities for part in parts])),
        lps_solved=sum(part.lps_solved for part in parts),
        pivots=sum(part.pivots for part in parts),
    )

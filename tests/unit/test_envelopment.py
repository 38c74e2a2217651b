from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from ecospatial.kernels import solvers
from ecospatial.kernels.envelopment import Envelopment
from ecospatial.kernels.highs import Vertex
from ecospatial.kernels.proof import violations
from ecospatial.kernels.solvers import solve


def input_efficiency(count: int = 30, seed: int = 4) -> Envelopment:
    """CCR with one input and two outputs; own variables are θ and three slacks."""
    technology = np.random.default_rng(seed).lognormal(0.0, 0.5, (3, count))
    own = np.array([[-1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [0.0, 0.0, 0.0, -1.0]])
    return Envelopment(
        technology=technology,
        scale=technology.T,
        own=own,
        rhs=np.array([0.0, 1.0, 1.0]),
        costs=np.array([1.0, 0.0, 0.0, 0.0]),
        limiting=np.array([True, False, False]),
    )


def test_optimum_is_certified_and_the_multipliers_price_it() -> None:
    batch = input_efficiency()
    (found,) = solve([batch])
    assert (found.status == "optimal").all() and found.worst < 1e-12
    np.testing.assert_allclose(found.duals @ batch.rhs, found.objective, rtol=1e-12)
    assert found.lps_solved == 30


def test_own_columns_by_unit_are_the_same_programme() -> None:
    batch = input_efficiency()
    by_unit = replace(batch, own=np.repeat(batch.own[None], 30, axis=0), rhs=np.repeat(batch.rhs[None], 30, axis=0))
    np.testing.assert_array_equal(solve([by_unit])[0].objective, solve([batch])[0].objective)


def test_batches_are_answered_in_their_order() -> None:
    batches = [input_efficiency(seed=seed, count=20 + seed) for seed in range(3)]
    for together, batch in zip(solve(batches), batches, strict=True):
        np.testing.assert_array_equal(together.objective, solve([batch])[0].objective)


def test_proof_fails_for_what_is_no_optimum() -> None:
    batch = input_efficiency()
    (found,) = solve([batch])
    itself = sparse.identity(30, format="csr")
    lazy = np.column_stack([np.ones(30), np.zeros((30, 3))])  # feasible: every unit is its own reference
    apart = violations(batch, lazy, itself, found.duals)
    np.testing.assert_array_equal(apart > 1e-8, found.objective < 1 - 1e-6)
    greedy = found.own - np.array([0.1, 0.0, 0.0, 0.0])  # better than the optimum, but infeasible
    assert (violations(batch, greedy, found.intensities, found.duals) > 1e-3).all()
    assert (violations(batch, found.own, found.intensities, found.duals * 1.1) > 1e-3).all()


def test_proof_fails_where_a_slack_below_zero_pays_for_the_score() -> None:
    batch = input_efficiency()
    (found,) = solve([batch])
    paid = found.own - np.array([0.1, 0.1, 0.0, 0.0])  # θ and the slack of its row: every row still holds
    duals = found.duals * ((found.objective - 0.1) / found.objective)[:, None]  # and the objectives agree
    assert (violations(batch, paid, found.intensities, duals) > 1e-3).all()


def test_excluded_references_are_not_used() -> None:
    batch = input_efficiency()
    (found,) = solve([replace(batch, excluded=sparse.identity(30, format="csr"))])
    assert found.intensities.diagonal().max() == 0
    assert found.objective.max() > 1
    assert found.worst < 1e-12


def test_impossible_programmes_say_so() -> None:
    batch = input_efficiency()
    (blocked,) = solve([replace(batch, excluded=sparse.csr_matrix(np.ones((30, 30))))])
    assert (blocked.status == "infeasible").all() and np.isnan(blocked.objective).all()
    (endless,) = solve([replace(batch, costs=np.array([1.0, -1.0, -1.0, -1.0]) * 10)])
    assert set(endless.status) == {"unbounded"}


def test_wrong_answers_are_solved_again_and_never_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = input_efficiency()
    (right,) = solve([batch])

    def wrong(batch: Envelopment, unit: int, *_: Any, **__: Any) -> Vertex:
        return Vertex("optimal", np.array([0.5, 0, 0, 0]), np.array([unit]), np.array([1.0]), np.zeros(3), 1)

    def liar(costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray, options: Any) -> Any:
        return "optimal", np.eye(len(costs))[-4] / 2, np.zeros(len(rhs))

    monkeypatch.setattr(solvers.highs, "ask_highs", lambda: liar)
    (mended,) = solve([batch], "highs")
    np.testing.assert_allclose(mended.objective, right.objective, rtol=1e-12)
    assert mended.lps_solved == 60
    monkeypatch.setattr(solvers.highs, "solve_unit", wrong)
    (settled,) = solve([batch], "highs")
    assert (settled.certified == "exact").all()
    np.testing.assert_allclose(settled.objective, right.objective, rtol=1e-14)

"""The batched engine against HiGHS on the data that linear programmes find hard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.sbm import sbm
from ecospatial.kernels import batched, highs, simplex, working_set
from ecospatial.kernels.envelopment import Effort, Envelopment
from ecospatial.kernels.solvers import Solver, solve
from ecospatial.panel import Panel
from ecospatial.progress import listen

INPUTS, GOODS, BADS = 3, 1, 3
COLUMNS = ["x0", "x1", "x2", "y0", "b0", "b1", "b2"]
DESIRED = np.array([name.startswith("y") for name in COLUMNS])


def amounts(count: int, seed: int = 0) -> np.ndarray:
    """Cobb–Douglas cities of uneven efficiency."""
    draw = np.random.default_rng(seed)
    inputs = draw.lognormal(3.0, 0.6, (count, INPUTS))
    lost = np.exp(-np.abs(draw.normal(0.0, 0.3, (count, 1))))
    good = np.prod(inputs**0.3, axis=1, keepdims=True) * lost
    return np.hstack([inputs, good, good**0.9 * np.exp(np.abs(draw.normal(0.0, 0.4, (count, BADS))))])


def programme(values: np.ndarray, model: str, convex: bool, alone: bool = False) -> Envelopment:
    """Radial models and SBM of Tone (2004), stated here once more."""
    count, width = values.shape
    ones = np.ones((count, int(convex)))
    technology, slacks = np.hstack([values, ones]).T, np.zeros((width + int(convex), width))
    slacks[:width] = np.diag(np.where(DESIRED, -1.0, 1.0))
    bounded = np.append(~DESIRED, np.ones(int(convex), dtype=bool))
    excluded = sparse.identity(count, format="csr") if alone else None
    if model == "sbm":
        saved = np.where(np.arange(width) < INPUTS, 1 / INPUTS, 0.0)
        gained = np.where(np.arange(width) < INPUTS, 0.0, 1 / (GOODS + BADS))
        own = np.vstack([np.column_stack([-np.ones(len(technology)), slacks]), np.append(1.0, gained)])
        scale = np.hstack([values, ones, np.ones((count, 1))])
        rhs, costs = np.append(np.zeros(len(technology)), 1.0), np.append(1.0, -saved)
        rows = np.vstack([technology, np.zeros(count)])
        return Envelopment(rows, scale, own, rhs, costs, np.append(bounded, False), None, excluded)
    moved = np.append(~DESIRED if model == "input" else DESIRED, np.zeros(int(convex), dtype=bool))
    own = np.column_stack([-moved.astype(float), slacks])
    costs = np.append(1.0 if model == "input" else -1.0, np.zeros(width))
    ties = np.append(0.0, -np.ones(width))
    return Envelopment(technology, technology.T, own, (~moved).astype(float), costs, bounded, ties, excluded)


def hard_data() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)
    base, count = amounts(450), 450
    free = draw.uniform(0.2, 1.0, (count, 3))
    near = base.copy()
    near[:, 1] = near[:, 0] * (1 + 1e-9 * draw.normal(size=count))
    near[:, 5] = near[:, 4] * (1 + 1e-12 * draw.normal(size=count))
    gaps = base.copy()
    gaps[::3, 0] = gaps[::7, 5] = 0.0
    return {
        "ordinary": base,
        "all on the frontier": np.column_stack([free, np.sqrt(free).sum(axis=1), 1 / (free + 0.1)]),
        "identical units": np.vstack([base[:225], base[:225]]),
        "one unit many times": np.repeat(base[:1], count, axis=0),
        "sizes from 1e-4 to 1e9": base * 10.0 ** draw.uniform(-4, 9, (count, 1)),
        "units of measurement": base * 10.0 ** np.array([-4.0, 9, 0, 3, -2, 5, 1]),
        "near-collinear columns": near,
        "small whole numbers": draw.integers(1, 5, (count, 7)).astype(float),
        "zeros": gaps,
    }


@pytest.mark.parametrize("convex", [True, False], ids=["vrs", "crs"])
@pytest.mark.parametrize("model", ["input", "output", "sbm"])
@pytest.mark.parametrize("name", hard_data())
def test_equals_highs_on_hard_data(name: str, model: str, convex: bool) -> None:
    values = hard_data()[name]
    if model == "sbm" and (values == 0).any():
        values = np.where(values == 0, 1e-3, values)
    batch = programme(values, model, convex)
    if (values == 0).any():
        batch = with_zeros(batch, values)
    (found,) = solve([batch])
    some = np.random.default_rng(1).choice(len(values), 12, replace=False)
    (plain,) = solve([batch.of(some)], "highs")
    assert (found.status == "optimal").all() and found.worst <= 1e-8
    np.testing.assert_allclose(found.objective[some], plain.objective, rtol=1e-8, atol=1e-8)
    if batch.tie_costs is not None:
        np.testing.assert_allclose(found.own[some] @ batch.tie_costs, plain.own @ batch.tie_costs, rtol=1e-6, atol=1e-6)
    assert (found.certified == "simplex").mean() > 0.95


def with_zeros(batch: Envelopment, values: np.ndarray) -> Envelopment:
    """Rows in which the unit has nothing are in shares of the largest value."""
    extra = len(batch.technology) - values.shape[1]
    share = np.hstack([(values > 0).astype(float), np.ones((len(values), extra))])
    scale = np.where(batch.scale > 0, batch.scale, batch.technology.max(axis=1))
    own = np.repeat(batch.own[None], len(values), axis=0)
    own[:, :, 0] *= share
    return replace(batch, scale=scale, own=own, rhs=batch.rhs * share)


@pytest.mark.parametrize("model", ["input", "output"])
@pytest.mark.parametrize("convex", [True, False], ids=["vrs", "crs"])
def test_super_efficiency_equals_highs(model: str, convex: bool) -> None:
    batch = programme(amounts(450), model, convex, alone=True)
    (found,) = solve([batch])
    (plain,) = solve([batch], "highs")
    np.testing.assert_array_equal(found.status, plain.status)
    np.testing.assert_allclose(found.objective, plain.objective, rtol=1e-8)
    np.testing.assert_allclose(found.own @ batch.tie_costs, plain.own @ batch.tie_costs, rtol=1e-6, atol=1e-8)
    assert (found.status == "infeasible").any() == convex
    assert found.intensities.diagonal().max() == 0
    assert set(found.certified) == {"simplex"}


def test_working_set_is_small_and_enough() -> None:
    batch = programme(amounts(2000), "input", True)
    search = batched.Search(batch, lambda share: None)
    assert len(search.columns) < 500
    search.solve(lambda share: None)
    found = search.answers()
    (proved,) = solve([batch])
    assert found.covered.all() and proved.worst < 1e-12
    assert np.isin(proved.intensities.indices, search.columns).all()


def test_everything_is_kept_where_everything_is_on_the_frontier() -> None:
    batch = programme(hard_data()["all on the frontier"], "input", True)
    references = working_set.References.of(batch)
    np.testing.assert_array_equal(working_set.frontier(references, lambda share: None), np.arange(450))


def test_a_cycling_programme_is_left_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = programme(hard_data()["small whole numbers"], "sbm", False)
    (right,) = solve([batch])
    monkeypatch.setattr(simplex, "STALLED", 0)
    (drawn,) = solve([batch])
    np.testing.assert_allclose(drawn.objective, right.objective, atol=1e-9)


def test_what_the_simplex_method_gives_up_goes_to_highs(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = programme(amounts(60), "sbm", True)
    (right,) = solve([batch])
    monkeypatch.setattr(simplex, "PATIENCE", 0)
    (found,) = solve([batch])
    assert (found.certified == "highs").sum() > 50 and (found.status == "optimal").all()
    np.testing.assert_allclose(found.objective, right.objective, atol=1e-9)


def test_same_answers_to_the_last_bit() -> None:
    batch = programme(amounts(900), "sbm", False)
    (first,), (second,) = solve([batch]), solve([batch])
    np.testing.assert_array_equal(first.own, second.own)
    np.testing.assert_array_equal(first.intensities.toarray(), second.intensities.toarray())


def test_progress_rises_to_one_and_may_cancel() -> None:
    seen: list[float] = []
    with listen(lambda label, fraction: seen.append(fraction)):
        solve([programme(amounts(900), "input", True)] * 2)
    assert seen[0] == 0.0 and seen[-1] == 1.0 and seen == sorted(seen)

    def stop(label: str, fraction: float) -> None:
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), listen(stop):
        solve([programme(amounts(900), "input", True)])


def panel_of(values: np.ndarray) -> Panel:
    frame = pd.DataFrame(values, columns=COLUMNS)
    return Panel.from_frame(frame.assign(city=range(len(values))), unit="city")


def chosen_solver(name: str) -> Solver:
    import pulp

    return {"PULP_CBC_CMD": pulp.PULP_CBC_CMD(msg=False), "HiGHS": pulp.HiGHS(msg=False), "highs": "highs"}[name]


@pytest.mark.parametrize("name", ["highs", "HiGHS", "PULP_CBC_CMD"])
def test_solvers_by_choice_agree(name: str) -> None:
    panel = panel_of(amounts(40))
    model: Any
    for model in (radial, sbm):
        for returns_to_scale in ("vrs", "crs"):
            usual = model(panel, COLUMNS[:3], "y0", COLUMNS[4:], returns_to_scale=returns_to_scale)
            found = model(
                panel, COLUMNS[:3], "y0", COLUMNS[4:], returns_to_scale=returns_to_scale, solver=chosen_solver(name)
            )
            np.testing.assert_allclose(found.scores, usual.scores, atol=1e-6)
            assert usual.effort.certified == {"simplex": 40}
            assert found.effort.certified.get(name, 0) >= (25 if name == "PULP_CBC_CMD" else 40)  # CBC prints 8 digits
            assert found.provenance.arguments["solver"] in (f"<{name}>", repr(name))


def test_scipy_answers_where_highspy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs.importlib.util, "find_spec", lambda name: None)
    assert highs.ask_highs() is highs.ask_scipy
    batch = programme(amounts(30), "sbm", True)
    np.testing.assert_allclose(solve([batch], "highs")[0].objective, solve([batch])[0].objective, atol=1e-9)


def test_efforts_add_up() -> None:
    assert sum([Effort(1, 2, {"simplex": 1})] * 3, Effort()) == Effort(3, 6, {"simplex": 3})


@pytest.mark.slow
@pytest.mark.parametrize("convex", [True, False], ids=["vrs", "crs"])
@pytest.mark.parametrize("model", ["input", "output", "sbm"])
def test_every_optimum_is_proved_at_size(model: str, convex: bool) -> None:
    """The cities of a country over 18 years: for each a feasible point and multipliers of equal worth."""
    batch = programme(amounts(5130), model, convex)
    (found,) = solve([batch])
    assert (found.status == "optimal").all() and (found.certified == "simplex").mean() > 0.99
    made = (found.intensities @ batch.technology.T) / batch.scale + found.own @ batch.own.T
    np.testing.assert_allclose(made, np.broadcast_to(batch.rhs, made.shape), atol=1e-9)
    assert min(found.own.min(), found.intensities.data.min()) >= -1e-9
    np.testing.assert_allclose(found.duals @ batch.rhs, found.objective, rtol=1e-9)
    assert (found.duals @ batch.own - batch.costs).max() <= 1e-9
    shares = np.maximum(1.0, (batch.technology[batch.limiting] / batch.scale[0, batch.limiting, None]).max(axis=0))
    assert ((found.duals / batch.scale) @ batch.technology / shares).max() <= 1e-6

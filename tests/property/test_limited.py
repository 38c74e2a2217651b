"""Identities of fixed effects and of regressions with limited dependent variables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecospatial.kernels.censored import Censored, fit_censored
from ecospatial.kernels.censored_panel import fit_censored_panel
from ecospatial.kernels.truncated import fit_truncated, truncated_draws
from ecospatial.kernels.within import Within

seeds = st.integers(0, 10_000)


def normal_sample(seed: int, count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(count), rng.normal(size=(count, 2))])
    return x, x @ rng.normal(size=3) + rng.uniform(0.3, 2) * rng.normal(size=count)


@given(seed=seeds, effects=st.sampled_from(["individual", "time", "twoway"]), share=st.floats(0.4, 1.0))
def test_what_fixed_effects_leave_is_orthogonal_to_their_dummies(seed: int, effects: str, share: float) -> None:
    rng = np.random.default_rng(seed)
    unit, period = (part.ravel() for part in np.indices((7, 5)))
    kept = np.flatnonzero((rng.random(35) < share) | (unit == period % 5) | (period == unit % 5))
    unit, period = (np.unique(part[kept], return_inverse=True)[1] for part in (unit, period))
    within = Within.of(unit, period, effects)
    values = rng.normal(size=(len(kept), 2))
    left = within(values)
    parts = [np.eye(part.max() + 1)[part] for part, name in ((unit, "time"), (period, "individual")) if name != effects]
    dummies = np.column_stack(parts)
    assert dummies.T @ left == pytest.approx(np.zeros((dummies.shape[1], 2)), abs=1e-10)
    assert within(left) == pytest.approx(left, abs=1e-12)
    assert within.rank == np.linalg.matrix_rank(dummies)
    assert within.leverage == pytest.approx(np.diag(dummies @ np.linalg.pinv(dummies)), abs=1e-10)


@settings(max_examples=25)
@given(seed=seeds, size=st.floats(0.01, 100.0), shift=st.floats(-50.0, 50.0))
def test_a_tobit_model_moves_with_its_data(seed: int, size: float, shift: float) -> None:
    x, y = normal_sample(seed)
    low = float(np.quantile(y, 0.3))
    plain = fit_censored(Censored.of(y, x, low, np.inf))
    moved = fit_censored(Censored.of(shift - size * y, x, -np.inf, shift - size * low))
    assert plain is not None and moved is not None
    wanted = -size * plain.coefficients + [shift, 0, 0]
    assert moved.coefficients == pytest.approx(wanted, rel=1e-6, abs=1e-6 * size)
    assert moved.sigma == pytest.approx(size * plain.sigma, rel=1e-6)
    free = np.count_nonzero(y > low)
    assert moved.loglik == pytest.approx(plain.loglik - free * np.log(size), abs=1e-6)


@settings(max_examples=10)
@given(seed=seeds)
def test_random_effects_add_to_the_likelihood_and_nodes_do_not_matter(seed: int) -> None:
    x, y = normal_sample(seed)
    units = np.repeat(np.arange(20), 6)
    y = y + np.random.default_rng(seed + 1).normal(size=20)[units]
    data = Censored.of(y, x, float(np.quantile(y, 0.3)), np.inf)
    pooled, few, many = fit_censored(data), fit_censored_panel(data, units, 12), fit_censored_panel(data, units, 32)
    assert pooled is not None and few is not None and many is not None
    assert many.loglik >= pooled.loglik - 1e-8
    assert few.coefficients == pytest.approx(many.coefficients, abs=1e-4)
    assert few.sigma == pytest.approx(many.sigma, abs=1e-3)


@settings(max_examples=25)
@given(seed=seeds, size=st.floats(0.01, 100.0))
def test_a_truncated_regression_moves_with_its_data(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(150), rng.normal(size=150)])
    y = truncated_draws(x @ [1.5, 0.4], 0.6, 1.0, rng)
    plain = fit_truncated(y[None], x, 1.0)
    mirrored = fit_truncated(-size * y[None], x, -np.inf, -size)
    far = fit_truncated(y[None], x, 1.0, 1e4)
    assert mirrored.coefficients == pytest.approx(-size * plain.coefficients, rel=1e-6, abs=1e-6 * size)
    assert mirrored.sigma == pytest.approx(size * plain.sigma, rel=1e-6)
    assert far.coefficients == pytest.approx(plain.coefficients, rel=1e-5, abs=1e-6)
    assert mirrored.cov == pytest.approx(
        plain.cov * size**2 * np.outer([-1, -1, 1], [-1, -1, 1]), rel=1e-5, abs=1e-7 * size**2
    )

"""The Hausman test: its covariances against brute force, its size, its reach and its refusals."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.drivers.hausman import contrast, hausman, hausman_row
from ecospatial.drivers.ols import ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.errors import OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.effects_information import RandomEffects, information
from ecospatial.panel import Panel
from ecospatial.result import Result

DRIVERS = ["a", "b"]
UNITS = 40


def ring() -> np.ndarray:
    return (np.roll(np.eye(UNITS), 1, axis=1) + np.roll(np.eye(UNITS), -1, axis=1)) / 2


NEAR = Weights.from_sparse(sparse.csr_matrix(ring()), range(UNITS))


def sample(seed: int, dependence: float = 0.0, rho: float = 0.3, periods: int = 5) -> Panel:
    """A spatial lag panel whose effects may depend on the drivers."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=UNITS)
    x = rng.normal(size=(periods, UNITS, 2)) + dependence * effect[None, :, None]
    trend = x @ [1.0, -0.5] + effect + rng.normal(size=(periods, UNITS))
    y = np.linalg.solve(np.eye(UNITS) - rho * ring(), trend.T).T
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 0].ravel(), "b": x[:, :, 1].ravel()})
    frame = frame.assign(city=np.tile(np.arange(UNITS), periods), year=np.repeat(np.arange(periods), UNITS))
    return Panel.from_frame(frame, unit="city", period="year")


def pair(panel: Panel, model: Any, **options: Any) -> tuple[Any, Any]:
    effects: Any = ("individual", "random")
    one, other = (
        spatial_panel(panel, "y", DRIVERS, NEAR, model=model, effects=effect, **options) for effect in effects
    )
    return one, other


@pytest.mark.parametrize("correlated", [True, False])
def test_information_adds_up_to_that_of_all_unit_periods(correlated: bool) -> None:
    """The expected information of the whole normal vector (T n,), by differences of its mean and covariance."""
    rng = np.random.default_rng(3)
    w = rng.random((6, 6)) * (1 - np.eye(6)) / 6
    x = rng.normal(size=(3, 6, 2))
    at = np.array([1.0, -0.5, 0.3, 0.4, 1.5, 0.8])

    def mean(theta: np.ndarray) -> np.ndarray:
        return np.linalg.solve(np.eye(6) - theta[2] * w, (x @ theta[:2]).T).T.ravel()

    def covariance(theta: np.ndarray) -> np.ndarray:
        a, b = np.linalg.inv(np.eye(6) - theta[2] * w), np.linalg.inv(np.eye(6) - theta[3] * w)
        own = b @ b.T
        whole = np.kron(np.eye(3), own) + theta[5] * np.kron(np.ones((3, 3)), own if correlated else np.eye(6))
        both = np.kron(np.eye(3), a)
        return theta[4] * both @ whole @ both.T

    steps = 1e-5 * np.eye(6)
    means = [(mean(at + step) - mean(at - step)) / 2e-5 for step in steps]
    inverse = np.linalg.inv(covariance(at))
    ratios = [inverse @ (covariance(at + step) - covariance(at - step)) / 2e-5 for step in steps]
    wanted = [[m @ inverse @ k + np.trace(r @ s) / 2 for k, s in zip(means, ratios, strict=True)]
              for m, r in zip(means, ratios, strict=True)]  # fmt: skip
    model = RandomEffects(x, at[:2], sparse.csr_matrix(w), 0.3, 0.4, 1.5, 0.8, correlated)
    within, between = information(model)
    assert within + between == pytest.approx(np.array(wanted), rel=1e-6, abs=1e-6)
    assert np.linalg.eigvalsh(within).min() > -1e-9
    assert np.linalg.eigvalsh(between).min() > -1e-9
    assert within[-1] == pytest.approx(np.zeros(6), abs=1e-12)


@pytest.mark.parametrize("model", ["lag", "error", "durbin", "durbin-error", "slx", "sac"])
@pytest.mark.parametrize("errors", ["kkp", "bsk"])
def test_the_difference_is_always_positive(model: Any, errors: Any) -> None:
    fixed, random = pair(sample(1, dependence=0.5), model, random_errors=errors)
    found = hausman(fixed, random)
    row = found.to_frame().iloc[0]
    lags = 2 if model in ("durbin", "durbin-error", "slx") else 0
    assert row["df"] == 2 + lags + (model in ("lag", "durbin", "sac"))
    assert row["statistic"] > 0
    assert row["pvalue"] < 0.05
    assert found.notes == ()
    assert found.to_frame("differences")["std_error"].notna().all()


def test_effects_that_depend_on_drivers_are_found() -> None:
    for seed in range(4):
        panel = sample(seed, dependence=1.0)
        effects: Any = ("individual", "random")
        for one, other in (pair(panel, "lag"), [ols(panel, "y", DRIVERS, effects=effect) for effect in effects]):
            assert hausman_row(one, other)[2] < 0.01


def test_its_size_is_right() -> None:
    """40 draws, since each takes two maxima: at most 12.5 % of rejections at 5 %, and some half below one half."""
    pvalues = np.array([hausman_row(*pair(sample(seed), "lag"))[2] for seed in range(40)])
    assert np.mean(pvalues < 0.05) <= 0.125
    assert 0.3 <= np.mean(pvalues < 0.5) <= 0.7


def test_the_statistic_of_least_squares_is_the_plain_one() -> None:
    panel = sample(2, rho=0.0)
    effects: Any = ("individual", "random")
    fixed, random = (ols(panel, "y", DRIVERS, effects=effect) for effect in effects)
    gap = (fixed.params[DRIVERS] - random.params[DRIVERS]).to_numpy()
    difference = (fixed.cov - random.cov.loc[DRIVERS, DRIVERS]).to_numpy()
    found = hausman(fixed, random)
    assert found.to_frame()["statistic"].iloc[0] == pytest.approx(gap @ np.linalg.solve(difference, gap), rel=1e-10)
    # The same from the regression's own table.
    assert random.diagnostics["statistic"]["Hausman"] == pytest.approx(found.to_frame()["statistic"].iloc[0], rel=1e-8)


def test_a_difference_without_information_costs_no_degree() -> None:
    fixed, random = np.diag([2.0, 3.0, 1.0]), np.diag([1.0, 1.0, 1.0])
    statistic, df, _, null = contrast(np.array([1.0, 2.0, 0.0]), fixed, random)
    assert (statistic, df) == (pytest.approx(1 + 2), 2)
    assert "not positive definite" not in null


@pytest.mark.parametrize(("gap", "value"), [([3.0, 0.1], 9 - 0.01), ([0.1, 3.0], np.nan)])
def test_an_indefinite_difference_is_said_and_never_negative(gap: list[float], value: float) -> None:
    statistic, _, pvalue, null = contrast(np.array(gap), np.diag([2.0, 1.0]), np.diag([1.0, 2.0]))
    assert statistic == pytest.approx(value, nan_ok=True)
    assert np.isnan(pvalue) == np.isnan(value)
    assert "not positive definite" in null


def test_a_stored_test_comes_back(tmp_path: pathlib.Path) -> None:
    found = hausman(*pair(sample(1), "durbin"))
    found.store(tmp_path / "hausman.eco")
    assert Result.load(tmp_path / "hausman.eco").summary() == found.summary()


def test_what_cannot_be_compared() -> None:
    panel = sample(1)
    fixed, random = pair(panel, "lag")
    with pytest.raises(OptionError, match="these have 'random' and 'individual'"):
        hausman(random, fixed)
    with pytest.raises(OptionError, match="different kinds \\(lag and error\\)"):
        hausman(fixed, pair(panel, "error")[1])
    fewer = spatial_panel(panel, "y", ["a"], NEAR, model="lag", effects="random")
    with pytest.raises(OptionError, match="different variables"):
        hausman(fixed, fewer)
    with pytest.raises(OptionError, match="different observations"):
        hausman(fixed, pair(sample(1, periods=4), "lag")[1])
    other = Weights.from_sparse(sparse.csr_matrix(np.roll(np.eye(UNITS), 1, axis=1)), range(UNITS))
    elsewhere = spatial_panel(panel, "y", DRIVERS, other, model="lag", effects="random")
    with pytest.raises(OptionError, match="different weights"):
        hausman(fixed, elsewhere)
    robust = ols(panel, "y", DRIVERS, effects="individual", errors="clustered")
    with pytest.raises(OptionError, match="classical standard errors"):
        hausman(robust, ols(panel, "y", DRIVERS, effects="random"))
    with pytest.raises(OptionError, match="of different kinds"):
        hausman(fixed, ols(panel, "y", DRIVERS, effects="random"))

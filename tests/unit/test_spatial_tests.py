"""Tests of spatial dependence against brute force, under simulated nulls, and on the way to a model."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse, stats

from ecospatial.drivers.cross_dependence import cross_section_dependence, neighbour_pairs
from ecospatial.drivers.nested import effects_rows, lagged_drivers_row
from ecospatial.drivers.ols import ols
from ecospatial.drivers.restrictions import likelihood_ratio, wald
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_tests import spatial_tests
from ecospatial.errors import DataError, EcospatialError, JoinError, ModelError, OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.baltagi import (
    PooledError,
    effects_given_spatial,
    joint_tests,
    spatial_given_effects,
    variance_ratio,
)
from ecospatial.kernels.cross_dependence import cross_dependence
from ecospatial.kernels.lagrange import lagrange_multipliers, residual_moran
from ecospatial.kernels.panel_effects import Sweep
from ecospatial.panel import Panel
from ecospatial.result import Result

DRIVERS = ["a", "b"]
FIXED = ["individual", "time", "twoway"]


def lattice(side: int) -> sparse.csr_matrix:
    """Queen contiguity of a square lattice, row-standardised."""
    line = sparse.diags([np.ones(side - 1), np.ones(side - 1)], [-1, 1])
    band = line + sparse.identity(side)
    matrix = sparse.csr_matrix(sparse.kron(band, band) - sparse.identity(side**2))
    return sparse.csr_matrix(sparse.diags(1 / np.asarray(matrix.sum(axis=1)).ravel()) @ matrix)


def uneven(seed: int, units: int) -> sparse.csr_matrix:
    """One-way weights of unequal sums, with an island."""
    rng = np.random.default_rng(seed)
    w = rng.random((units, units)) * (rng.random((units, units)) < 0.3)
    np.fill_diagonal(w, 0)
    w[3] = w[:, 3] = 0
    return sparse.csr_matrix(w)


def simulated(
    w: sparse.csr_matrix,
    seed: int,
    periods: int,
    *,
    rho: float = 0.0,
    lam: float = 0.0,
    theta: float = 0.0,
    unit: float = 0.0,
    time: float = 0.0,
    with_drivers: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """A spatial panel: y (T, n) and two drivers (T, n, 2)."""
    rng = np.random.default_rng(seed)
    n, dense = w.shape[0], w.toarray()
    level = rng.normal(size=n)
    x = rng.normal(size=(periods, n, 2)) + with_drivers * level[None, :, None]
    errors = np.linalg.solve(np.eye(n) - lam * dense, rng.normal(size=(periods, n)).T).T
    trend = x @ [1.0, -1.0] + theta * (x @ [1.0, -1.0]) @ dense.T
    trend = trend + unit * level + time * rng.normal(size=(periods, 1))
    return np.linalg.solve(np.eye(n) - rho * dense, (trend + errors).T).T, x


def as_panel(y: np.ndarray, x: np.ndarray) -> Panel:
    periods, n = y.shape
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 0].ravel(), "b": x[:, :, 1].ravel()})
    frame = frame.assign(city=np.tile(np.arange(n), periods), year=2000 + np.repeat(np.arange(periods), n))
    return Panel.from_frame(frame, unit="city", period="year")


def weights_of(w: sparse.csr_matrix) -> Weights:
    return Weights.from_sparse(w, range(w.shape[0]), transform="none")


# Brute force: the score and the expected information of a normal model, by differences of its mean and covariance


def efficient_scores(
    mean: Callable[[np.ndarray], np.ndarray],
    covariance: Callable[[np.ndarray], np.ndarray],
    y: np.ndarray,
    at: np.ndarray,
    tested: list[int],
    held: list[int],
) -> float:
    """s' (I^-1) s of the tested parameters, those held fixed left out."""

    def moved(function: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
        steps = np.eye(len(at)) * 1e-5 * np.maximum(np.abs(at), 0.1)
        return [(function(at + step) - function(at - step)) / (2 * step.sum()) for step in steps]

    inverse, rest = np.linalg.inv(covariance(at)), y - mean(at)
    by_mean, by_cov = moved(mean), moved(covariance)
    ratios = [inverse @ one for one in by_cov]
    score = np.array([
        m @ inverse @ rest + (rest @ r @ inverse @ rest - np.trace(r)) / 2 for m, r in zip(by_mean, ratios, strict=True)
    ])  # fmt: skip
    information = np.array([
        [m @ inverse @ k + np.trace(r @ s) / 2 for k, s in zip(by_mean, ratios, strict=True)]
        for m, r in zip(by_mean, ratios, strict=True)
    ])  # fmt: skip
    free = [place for place in range(len(at)) if place not in held]
    inner = np.linalg.inv(information[np.ix_(free, free)])
    own = [free.index(place) for place in tested]
    return float(score[tested] @ inner[np.ix_(own, own)] @ score[tested])


def multipliers(y: np.ndarray, x: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Lagrange multipliers of stacked periods (T n,) on regressors (T n, k), dummies among them."""
    n = len(w)
    periods, k = len(y) // n, x.shape[1]
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    at = np.array([*beta, 0.0, 0.0, np.mean((y - x @ beta) ** 2)])

    def whole(matrix: np.ndarray) -> np.ndarray:
        return np.kron(np.eye(periods), np.linalg.inv(matrix))

    def mean(theta: np.ndarray) -> np.ndarray:
        return whole(np.eye(n) - theta[k] * w) @ x @ theta[:k]

    def covariance(theta: np.ndarray) -> np.ndarray:
        root = whole(np.eye(n) - theta[k] * w) @ whole(np.eye(n) - theta[k + 1] * w)
        return theta[-1] * root @ root.T

    lag = efficient_scores(mean, covariance, y, at, [k], [k + 1])
    error = efficient_scores(mean, covariance, y, at, [k + 1], [k])
    both = efficient_scores(mean, covariance, y, at, [k, k + 1], [])
    return {"error": error, "lag": lag, "robust_error": both - lag, "robust_lag": both - error, "sarma": both}


def dummies(periods: int, units: int, effects: str) -> np.ndarray:
    by_unit = np.kron(np.ones((periods, 1)), np.eye(units))
    by_period = np.kron(np.eye(periods), np.ones((units, 1)))
    return {"individual": by_unit, "time": by_period, "twoway": np.hstack([by_unit, by_period[:, 1:]])}[effects]


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("w", [lattice(3), uneven(1, 9)], ids=["row-standardised", "uneven, an island"])
def test_multipliers_with_fixed_effects_are_those_of_dummies(w: sparse.csr_matrix, effects: str) -> None:
    y, x = simulated(w, 5, 3, rho=0.2, unit=1.0, time=1.0)
    wanted = multipliers(y.ravel(), np.hstack([x.reshape(-1, 2), dummies(3, 9, effects)]), w.toarray())
    found = lagrange_multipliers(y, x, w, Sweep.of(effects))
    for name, value in wanted.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-5), name


@pytest.mark.parametrize("effects", FIXED)
def test_transformed_multipliers_are_those_of_orthonormal_contrasts(effects: str) -> None:
    """Lee and Yu's transformation written out: F'y of T − 1 periods, and of n − 1 units with F'WF."""
    w = lattice(3)
    y, x = simulated(w, 6, 4, rho=0.3, unit=1.0, time=1.0)
    over_time = contrasts(4) if effects != "time" else np.eye(4)
    over_units = contrasts(9) if effects != "individual" else np.eye(9)
    left = over_units.T @ w.toarray() @ over_units
    moved = [over_time.T @ cube @ over_units for cube in (y, x[:, :, 0], x[:, :, 1])]
    wanted = multipliers(moved[0].ravel(), np.column_stack([cube.ravel() for cube in moved[1:]]), left)
    found = lagrange_multipliers(y, x, w, Sweep.of(effects), transformed=True)
    for name, value in wanted.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-5), name


def contrasts(size: int) -> np.ndarray:
    """An orthonormal basis of what sums to zero, shape (size, size − 1)."""
    return np.linalg.svd(np.eye(size) - 1 / size)[0][:, : size - 1]


@pytest.mark.parametrize("effects", FIXED)
def test_moments_of_moran_with_fixed_effects(effects: str) -> None:
    w = uneven(2, 12)
    y, x = simulated(w, 3, 4, unit=1.0)
    z = np.hstack([x.reshape(-1, 2), dummies(4, 12, effects)])
    m = np.eye(48) - z @ np.linalg.pinv(z)
    inside = m @ np.kron(np.eye(4), w.toarray()) @ m
    free, scale = round(np.trace(m)), 48 / (4 * w.sum())
    expected = scale * np.trace(inside) / free
    squares = np.trace(inside @ inside.T) + np.trace(inside @ inside) + np.trace(inside) ** 2
    found = residual_moran(y, x, w, Sweep.of(effects))
    rest = m @ y.ravel()
    assert found.i == pytest.approx(scale * rest @ inside @ rest / (rest @ rest), rel=1e-10)
    assert found.expected == pytest.approx(expected, rel=1e-10)
    assert found.variance == pytest.approx(scale**2 * squares / (free * (free + 2)) - expected**2, rel=1e-8)


@pytest.mark.parametrize("effects", FIXED)
def test_units_without_levels_and_with_are_one_sample(effects: str) -> None:
    """Effects of any size drop out, and so does the scale of y."""
    w = lattice(4)
    y, x = simulated(w, 4, 4, rho=0.3)
    rng = np.random.default_rng(1)
    levels = rng.normal(size=16) * (effects != "time") + rng.normal(size=(4, 1)) * (effects != "individual")
    one = lagrange_multipliers(y, x, w, Sweep.of(effects))
    # A level of a unit is a level of its neighbours' lags, so that it is an effect of units as well.
    other = lagrange_multipliers(7 * y + levels, x, w, Sweep.of(effects))
    assert (other.error, other.lag, other.robust_lag) == pytest.approx((one.error, one.lag, one.robust_lag), rel=1e-6)


def composed(y: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[Any, Any, int]:
    """Mean and covariance of a model with random effects and a spatial error: beta, lambda, σ², σµ²."""
    periods, n = y.shape
    k = x.shape[2]

    def mean(theta: np.ndarray) -> np.ndarray:
        return x.reshape(-1, k) @ theta[:k]

    def covariance(theta: np.ndarray) -> np.ndarray:
        b = np.eye(n) - theta[k] * w
        spread = np.kron(np.eye(periods), np.linalg.inv(b.T @ b))
        return theta[k + 1] * spread + theta[k + 2] * np.kron(np.ones((periods, periods)), np.eye(n))

    return mean, covariance, k


def maximised(y: np.ndarray, mean: Any, covariance: Any, start: np.ndarray, free: list[int]) -> np.ndarray:
    """The parameters at the highest likelihood, those not free as they start."""

    def loss(values: np.ndarray) -> float:
        theta = start.copy()
        theta[free] = values
        whole, rest = covariance(theta), y.ravel() - mean(theta)
        sign, logdet = np.linalg.slogdet(whole)
        return float(logdet + rest @ np.linalg.solve(whole, rest)) / 2 if sign > 0 else np.inf

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    found = start.copy()
    for _ in range(3):
        found[free] = optimize.minimize(loss, found[free], method="Nelder-Mead", options=options).x
    return found


@pytest.mark.parametrize("which", ["spatial", "effects"])
def test_conditional_multipliers_against_brute_force(which: str) -> None:
    w = lattice(3)
    y, drivers = simulated(w, 8, 3, lam=0.3, unit=0.7)
    x = np.concatenate([np.ones((3, 9, 1)), drivers[:, :, :1]], axis=2)
    mean, covariance, k = composed(y, x, w.toarray())
    start = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    tested = k if which == "spatial" else k + 2
    start[k + 2] = 0.5 if which == "spatial" else 0.0
    at = maximised(y, mean, covariance, start, [place for place in range(k + 3) if place != tested])
    wanted = efficient_scores(mean, covariance, y.ravel(), at, [tested], [])
    if which == "spatial":
        found = spatial_given_effects(y, x, w)
        assert variance_ratio(y, x) == pytest.approx(at[3] / (at[3] + 3 * at[4]), rel=1e-4)
    else:
        g = w.toarray() @ np.linalg.inv(np.eye(9) - at[k] * w.toarray())
        cross = 3 * np.trace(g) / at[3]
        block = np.array([[3 * (np.trace(g @ g) + (g**2).sum()), cross], [cross, 13.5 / at[3] ** 2]])
        variance = np.linalg.inv(block)[0, 0]
        error = PooledError(y - x @ at[:k], at[k], at[3], variance, float(np.trace(g)))
        found = effects_given_spatial(error, w)
    assert found**2 == pytest.approx(wanted, rel=1e-4)


def test_a_panel_without_effects_has_the_ratio_one() -> None:
    y, x = simulated(lattice(4), 1, 4)
    assert variance_ratio(y - y.mean(axis=0), x - x.mean(axis=0)) == 1.0
    assert variance_ratio(y + 50 * np.arange(16), np.concatenate([np.ones((4, 16, 1)), x], axis=2)) < 1e-3


# Dependence between units


def test_pesaran_in_unbalanced_panels() -> None:
    rng = np.random.default_rng(4)
    residuals = rng.normal(size=(9, 300)) + rng.normal(size=(9, 1))
    residuals[rng.random(residuals.shape) < 0.35] = np.nan
    residuals[:, 7] = 1.0
    residuals[2:, 8] = np.nan
    frame = pd.DataFrame(residuals)
    known = (~frame.isna()).astype(float)
    upper = np.triu(np.ones((300, 300), dtype=bool), 1)
    correlation, shared = frame.corr(min_periods=3).to_numpy()[upper], (known.T @ known).to_numpy()[upper]
    present = ~np.isnan(correlation)
    wanted = (np.sqrt(shared) * correlation)[present].sum() / np.sqrt(present.sum())
    found = cross_dependence(residuals)
    assert found.statistic == pytest.approx(wanted, rel=1e-10)
    assert found.pairs == present.sum()
    assert found.absolute == pytest.approx(np.abs(correlation[present]).mean(), rel=1e-10)
    every = np.nonzero(upper)
    assert cross_dependence(residuals, every).statistic == pytest.approx(wanted, rel=1e-10)


def test_neighbours_are_counted_once() -> None:
    first, second = neighbour_pairs(sparse.csr_matrix(np.array([[0, 1, 1], [1, 0, 0], [0, 1, 0]], dtype=float)))
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_dependence_of_gaps_and_refusals(tmp_path: pathlib.Path) -> None:
    y, x = simulated(lattice(4), 1, 5, unit=1.0)
    panel = as_panel(y, x)
    gap = Panel.from_frame(panel.frame.reset_index().iloc[:-48], unit="unit", period="period")
    torn = Panel.from_frame(panel.frame.reset_index().drop([0, 16, 32]), unit="unit", period="period")
    found = cross_section_dependence(ols(torn, "y", DRIVERS, effects="individual"), weights_of(lattice(4)))
    assert found.to_frame("correlations")["pairs"]["Pesaran CD"] == 105
    assert "105 of 120 pairs" in str(found.notes[0])
    found.store(tmp_path / "cd.eco")
    assert Result.load(tmp_path / "cd.eco").summary() == found.summary()
    with pytest.raises(OptionError, match="at least three periods; these data have 2"):
        cross_section_dependence(ols(gap, "y", DRIVERS), None)
    with pytest.raises(OptionError, match="residuals='units'"):
        cross_section_dependence(ols(panel, "y", DRIVERS, effects="twoway"), None)
    with pytest.raises(ModelError, match="Unit 0 cannot carry a regression of its own: 2 periods for 3"):
        cross_section_dependence(ols(torn, "y", DRIVERS), None, residuals="units")
    own = cross_section_dependence(ols(panel, "y", DRIVERS, effects="twoway"), None, residuals="units")
    assert own.to_frame()["statistic"].notna().all()


# Under the null: 400 small panels, the shares of rejections at 5 % within 2.5 and 8 %


def shares(run: Callable[[int], dict[str, float]], draws: int) -> dict[str, float]:
    pvalues = pd.DataFrame([run(seed) for seed in range(draws)])
    assert pvalues.notna().all(axis=None)
    return dict((pvalues < 0.05).mean())


def multiplier_pvalues(seed: int, effects: str, periods: int, transformed: bool) -> dict[str, float]:
    w = lattice(6)
    y, x = simulated(w, seed, periods, unit=float(effects != "time"), time=float(effects != "individual"))
    sweep = Sweep.of(effects)
    lm = lagrange_multipliers(y, x, w, sweep, transformed=transformed)
    rows = {name: getattr(lm, name) for name in ("error", "lag", "robust_error", "robust_lag")}
    found = {name: float(stats.chi2.sf(value, 1)) for name, value in rows.items()}
    found["moran"] = float(2 * stats.norm.sf(abs(residual_moran(y, x, w, sweep).z)))
    found["slx"] = lagged_drivers_row(y, x, w, sweep, 2)[2]
    return found


@pytest.mark.parametrize("effects", FIXED)
def test_sizes_with_fixed_effects(effects: str) -> None:
    found = shares(lambda seed: multiplier_pvalues(seed, effects, 4, transformed=True), 400)
    assert {name: share for name, share in found.items() if not 0.025 <= share <= 0.08} == {}


def test_with_two_periods_the_usual_convention_rejects_too_often() -> None:
    usual = shares(lambda seed: multiplier_pvalues(seed, "individual", 2, transformed=False), 400)
    exact = shares(lambda seed: multiplier_pvalues(seed, "individual", 2, transformed=True), 400)
    assert usual["error"] > 0.12
    assert 0.025 <= exact["error"] <= 0.08


def test_sizes_of_pooled_panels() -> None:
    w = lattice(7)

    def run(seed: int) -> dict[str, float]:
        y, drivers = simulated(w, seed, 5)
        x = np.concatenate([np.ones((5, 49, 1)), drivers], axis=2)
        rest = (y.ravel() - x.reshape(-1, 3) @ np.linalg.lstsq(x.reshape(-1, 3), y.ravel(), rcond=None)[0]).reshape(
            5, 49
        )
        joint = joint_tests(rest, w)
        mixture = (2 * stats.chi2.sf(joint.joint, 1) + stats.chi2.sf(joint.joint, 2)) / 4 if joint.joint > 0 else 1.0
        f = effects_rows(y, x)
        return {
            "LM1": float(stats.norm.sf(joint.individual)),
            "LM2": float(stats.norm.sf(joint.spatial)),
            "LM-H": float(mixture),
            "serial": float(stats.chi2.sf(joint.serial, 3)),
            "given effects": float(2 * stats.norm.sf(abs(spatial_given_effects(y, x, w)))),
            "units": f["F of the unit effects"][2],
            "periods": f["F of the period effects"][2],
            "CD": float(2 * stats.norm.sf(abs(cross_dependence(rest).statistic))),
            "CD of neighbours": float(2 * stats.norm.sf(abs(cross_dependence(rest, neighbour_pairs(w)).statistic))),
        }

    found = shares(run, 400)
    assert {name: share for name, share in found.items() if not 0.025 <= share <= 0.08} == {}


def test_sizes_of_restrictions() -> None:
    """100 draws only, since each takes two maxima: within 1 and 11 %."""
    w = lattice(5)
    near = weights_of(w)

    def run(seed: int) -> dict[str, float]:
        panel = as_panel(*simulated(w, seed, 4, rho=0.4 * (seed % 2)))
        durbin, lag = (
            spatial_panel(panel, "y", DRIVERS, near, model=model, effects="none")
            for model in ("durbin", "lag")  # type: ignore[arg-type]
        )
        lags = ["W_a", "W_b"]
        return {
            "LR": likelihood_ratio(durbin, lag, 2, "")[2],
            "Wald": wald(durbin.params[lags].to_numpy(), durbin.cov.loc[lags, lags].to_numpy(), "")[2],
        }

    found = shares(run, 100)
    assert {name: share for name, share in found.items() if not 0.01 <= share <= 0.11} == {}


# The way to a model


@pytest.mark.parametrize(
    ("process", "effects", "advice"),
    [
        ({}, "none", "stay with OLS"),
        ({"rho": 0.5}, "none", "the spatial lag model"),
        ({"lam": 0.6}, "none", "the spatial error model"),
        ({"rho": 0.5, "theta": 0.8}, "none", "the spatial Durbin model"),
        ({"rho": 0.5, "unit": 2.0}, "individual", "the spatial lag model"),
        ({"lam": 0.6, "unit": 2.0, "time": 2.0}, "twoway", "the spatial error model"),
        ({"rho": 0.4, "theta": 0.8, "unit": 2.0}, "random", "the spatial Durbin model"),
    ],
)
def test_the_path_finds_the_process(process: dict[str, float], effects: Any, advice: str) -> None:
    w = lattice(8)
    panel = as_panel(*simulated(w, 11, 5, **process))
    found = spatial_tests(ols(panel, "y", DRIVERS, effects=effects), weights_of(w))
    assert str(found.path[-1]) == f"advice: {advice}"
    assert found.recommendation.endswith(str(found.path[-1]))
    assert all("p " in str(step) for step in found.path[:-1])


def test_effects_that_are_missing_are_pointed_to() -> None:
    w = lattice(5)
    panel = as_panel(*simulated(w, 2, 5, rho=0.4, unit=2.0, time=2.0))
    near = weights_of(w)
    missing = spatial_tests(ols(panel, "y", DRIVERS), near)
    assert "F tests point to effects='twoway'" in str(missing.path[0])
    agreed = spatial_tests(ols(panel, "y", DRIVERS, effects="twoway"), near)
    assert "F tests agree with effects='twoway'" in str(agreed.path[0])
    names = set(agreed.to_frame()["test"])
    assert "Pesaran CD of neighbours" in names
    assert not {"Pesaran CD", "LM1: random effects", "Hausman"} & names


# Results and refusals


def test_order_and_scale_do_not_matter() -> None:
    w = lattice(5)
    y, x = simulated(w, 3, 4, rho=0.3, unit=1.0)
    panel = as_panel(y, x)
    one = spatial_tests(ols(panel, "y", DRIVERS, effects="individual"), weights_of(w))
    order = np.random.default_rng(1).permutation(25)
    turned = Weights.from_sparse(w[order][:, order], order)
    frame = panel.frame.sample(frac=1, random_state=2)
    scaled = Panel.from_frame(frame.assign(y=1e4 * frame["y"], b=frame["b"] / 3))
    other = spatial_tests(ols(scaled, "y", DRIVERS, effects="individual"), turned)
    assert other.to_frame()["test"].equals(one.to_frame()["test"])
    assert other.to_frame()["statistic"].to_numpy() == pytest.approx(one.to_frame()["statistic"].to_numpy(), rel=1e-4)
    assert str(other.path[-1]) == str(one.path[-1])


@pytest.mark.parametrize("effects", ["none", "individual", "random"])
def test_a_stored_result_comes_back(tmp_path: pathlib.Path, effects: Any) -> None:
    w = lattice(4)
    found = spatial_tests(ols(as_panel(*simulated(w, 3, 4)), "y", DRIVERS, effects=effects), weights_of(w))
    assert found.to_frame()["null"].str.len().min() > 10
    found.store(tmp_path / "tests.eco")
    assert Result.load(tmp_path / "tests.eco").summary() == found.summary()


def test_the_conventions_differ_by_what_the_effects_take() -> None:
    w = lattice(5)
    model = ols(as_panel(*simulated(w, 3, 3, rho=0.4, unit=1.0)), "y", DRIVERS, effects="individual")
    usual, exact = (spatial_tests(model, weights_of(w), convention) for convention in ("elhorst", "debarsy-ertur"))  # type: ignore[arg-type]
    ratio = exact.to_frame()["statistic"][0] / usual.to_frame()["statistic"][0]
    assert ratio == pytest.approx(2 / 3, rel=1e-10)
    assert "75 unit-periods" in str(usual.notes[0])
    assert "50 of 75 unit-periods" in str(exact.notes[0])


def test_two_periods_carry_no_correlations_over_time() -> None:
    w = lattice(4)
    names = set(spatial_tests(ols(as_panel(*simulated(w, 3, 2)), "y", DRIVERS), weights_of(w)).to_frame()["test"])
    assert "LM1: random effects" in names
    assert not {"Pesaran CD", "Joint LM with serial correlation"} & names


def test_islands_and_uneven_weights_are_served_and_noted() -> None:
    w = uneven(4, 16) / 20
    model = ols(as_panel(*simulated(w, 3, 4, unit=1.0)), "y", DRIVERS, effects="twoway")
    found = spatial_tests(model, weights_of(w))
    assert found.to_frame()["statistic"].notna().all()
    texts = " ".join(str(note) for note in found.notes)
    assert "Units without a neighbour" in texts
    assert "not row-standardised" in texts


def test_a_driver_that_is_its_own_lag_is_left_out_of_durbin() -> None:
    w = lattice(4)
    y, x = simulated(w, 3, 4)
    panel = as_panel(y, x).assign(nation=np.repeat([1.0, 3.0, 2.0, 5.0], 16))
    found = spatial_tests(ols(panel, "y", ["a", "nation"]), weights_of(w))
    assert "have none in the Durbin model: nation" in str(found.notes[0])
    assert found.to_frame().set_index("test")["df"]["LR: Durbin against lag"] == 1


def test_a_model_that_cannot_be_estimated_leaves_a_note() -> None:
    y, x = simulated(lattice(4), 3, 1)
    chain = weights_of(sparse.csr_matrix(np.eye(16, k=1)))
    found = spatial_tests(ols(as_panel(y, x), "y", DRIVERS), chain)
    assert "Spatial Durbin model not estimated, so that its tests are absent: In these weights" in str(found.notes[-3])
    assert "LR: Durbin against lag" not in set(found.to_frame()["test"])


@pytest.mark.parametrize(
    ("weights", "kind", "words"),
    [
        (Weights.from_sparse(lattice(4), range(1, 17)), JoinError, "Only in the data: 0"),
        (Weights.from_sparse(sparse.csr_matrix((16, 16)), range(16)), DataError, "No unit has a neighbour"),
    ],
)
def test_weights_that_cannot_serve(weights: Weights, kind: type[EcospatialError], words: str) -> None:
    model = ols(as_panel(*simulated(lattice(4), 3, 3)), "y", DRIVERS, effects="individual")
    with pytest.raises(kind, match=words):
        spatial_tests(model, weights)


def test_an_unbalanced_panel_is_refused() -> None:
    panel = as_panel(*simulated(lattice(4), 3, 3))
    torn = Panel.from_frame(panel.frame.reset_index().iloc[:-1], unit="unit", period="period")
    with pytest.raises(DataError, match="Unit 15 has no row for period 2002"):
        spatial_tests(ols(torn, "y", DRIVERS, effects="individual"), weights_of(lattice(4)))

"""Random-effects panels: a dense second route, the information, the boundary, known special cases, recovery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize

from ecospatial.kernels import between_variance
from ecospatial.kernels.likelihood import Sample, fit_error, fit_lag
from ecospatial.kernels.logdet import log_determinant
from ecospatial.kernels.random_effects import RandomFit, fit_random
from ecospatial.kernels.spatial_lag import spatial_lag

ERRORS = ("none", "kkp", "bsk")
MODELS = [(lag, error) for error in ERRORS for lag in (False, True)]


def ring(n: int) -> sparse.csr_matrix:
    """Two neighbours ahead and one behind, row-standardised: not symmetric."""
    steps = [np.roll(np.eye(n), step, axis=1) for step in (1, 2, -1)]
    return sparse.csr_matrix(sum(steps) / 3)


def simulated(
    w: sparse.csr_matrix, error: str, seed: int, rho: float = 0.3, lam: float = 0.4, phi: float = 1.5, periods: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """y (T, n) and X (T, n, 3)."""
    rng, n = np.random.default_rng(seed), w.shape[0]
    x = np.concatenate([np.ones((periods, n, 1)), rng.normal(size=(periods, n, 2))], axis=2)
    effects, noise = np.sqrt(phi) * rng.normal(size=n), rng.normal(size=(periods, n))
    filtering = np.linalg.inv(np.eye(n) - lam * w.toarray())
    rest = {
        "none": lambda: effects + noise,
        "kkp": lambda: (effects + noise) @ filtering.T,
        "bsk": lambda: effects + noise @ filtering.T,
    }[error]()
    return np.linalg.solve(np.eye(n) - rho * w.toarray(), (x @ [1.0, 2.0, -1.0] + rest).T).T, x


def fitted(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, lag: bool, error: Any) -> RandomFit:
    found = fit_random(y, spatial_lag(w, y), x, w, log_determinant(w), lag=lag, error=error)
    assert found is not None
    return found


def pooled_sample(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix) -> Sample:
    wy = spatial_lag(w, y)
    return Sample(y, wy, spatial_lag(w, wy), x, spatial_lag(w, x), y.size, len(y))


def dense_loglik(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, error: str, parameters: dict[str, Any]) -> float:
    """The Gaussian log-likelihood, from the whole covariance matrix."""
    (periods, n), rho, lam, phi = y.shape, *(parameters[name] for name in ("rho", "lam", "phi"))
    spread = np.linalg.inv((np.eye(n) - lam * w.toarray()).T @ (np.eye(n) - lam * w.toarray()))
    of_effects = spread if error == "kkp" else np.eye(n)
    omega = parameters["sigma2"] * (
        np.kron(np.eye(periods), spread) + phi * np.kron(np.ones((periods, periods)), of_effects)
    )
    rest = (y - rho * spatial_lag(w, y) - x @ parameters["beta"]).ravel()
    jacobian = periods * np.linalg.slogdet(np.eye(n) - rho * w.toarray())[1]
    fit = np.linalg.slogdet(2 * np.pi * omega)[1] + rest @ np.linalg.solve(omega, rest)
    return float(jacobian - fit / 2)


def unpacked(values: np.ndarray, lag: bool, error: str) -> dict[str, Any]:
    """Coefficients, the parameters that the model has, and sigma²."""
    rest = list(values[3:])
    rho = rest.pop(0) if lag else 0.0
    lam = rest.pop(0) if error != "none" else 0.0
    return {"beta": values[:3], "rho": rho, "lam": lam, "phi": rest[0], "sigma2": rest[1]}


def packed(fit: RandomFit, lag: bool, error: str) -> np.ndarray:
    parameters = [fit.rho] * lag + [fit.lam] * (error != "none") + [fit.phi, fit.sigma2]
    return np.append(fit.coefficients, parameters)


def hessian(function: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """By central differences."""
    steps = np.diag(1e-4 * np.maximum(1.0, np.abs(at)))
    found = np.empty((len(at), len(at)))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            corners = function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)
            found[i, j] = corners / (4 * a[i] * b[j])
    return found


@pytest.fixture(params=["dense", "sparse"])
def factors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(between_variance, "FULL", -1.0 if request.param == "dense" else 2.0)


@pytest.mark.usefixtures("factors")
@pytest.mark.parametrize(("lag", "error"), MODELS)
def test_the_maximum_is_that_of_the_whole_covariance_matrix(lag: bool, error: str) -> None:
    w = ring(10)
    y, x = simulated(w, error, seed=3, rho=0.3 * lag)
    found = fitted(y, x, w, lag, error)
    ours = packed(found, lag, error)

    def height(values: np.ndarray) -> float:
        return dense_loglik(y, x, w, error, unpacked(values, lag, error))

    assert found.loglik == pytest.approx(height(ours), abs=1e-10)
    start = np.concatenate([[1.0, 2.0, -1.0], np.full(len(ours) - 5, 0.2), [1.0, 1.0]])
    bounds = [(-9, 9)] * 3 + [(-0.9, 0.9)] * (len(ours) - 5) + [(1e-3, 50)] * 2
    theirs = minimize(
        lambda values: -height(values), start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9}
    )
    assert -theirs.fun <= found.loglik + 1e-9
    assert theirs.x == pytest.approx(ours, rel=1e-3, abs=1e-3)
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxfev": 6000}
    closer = minimize(lambda values: -height(values), theirs.x, method="Nelder-Mead", options=options)
    assert closer.x == pytest.approx(ours, rel=1e-6, abs=1e-6)


@pytest.mark.usefixtures("factors")
@pytest.mark.parametrize(("lag", "error"), MODELS)
def test_standard_errors_are_those_of_the_second_derivatives(lag: bool, error: str) -> None:
    w = ring(10)
    y, x = simulated(w, error, seed=5, rho=0.3 * lag)
    found = fitted(y, x, w, lag, error)
    numerical = hessian(
        lambda values: dense_loglik(y, x, w, error, unpacked(values, lag, error)), packed(found, lag, error)
    )
    assert found.cov == pytest.approx(np.linalg.inv(-numerical)[:-1, :-1], rel=1e-4, abs=1e-7)
    assert len(found.cov) == 3 + len(found.parameters)


@pytest.mark.parametrize(("lag", "error"), MODELS)
def test_innovations_and_random_effects_are_best_linear_predictions(lag: bool, error: str) -> None:
    w = ring(9)
    y, x = simulated(w, error, seed=7, rho=0.3 * lag)
    found = fitted(y, x, w, lag, error)
    filtering = np.eye(9) - found.lam * w.toarray()
    spread = np.linalg.inv(filtering.T @ filtering)
    omega = np.kron(np.eye(4), spread) + found.phi * np.kron(np.ones((4, 4)), spread if error == "kkp" else np.eye(9))
    weighted = np.linalg.solve(omega, (y - found.rho * spatial_lag(w, y) - x @ found.coefficients).ravel()).reshape(
        4, 9
    )
    innovations = weighted @ np.linalg.inv(filtering)
    effects = found.phi * (innovations if error == "kkp" else weighted).sum(axis=0)
    assert found.residuals == pytest.approx(innovations, abs=1e-10)
    assert found.random_effects == pytest.approx(effects, abs=1e-10)
    assert found.fitted + found.residuals == pytest.approx(y)
    assert found.sigma2_mu == found.phi * found.sigma2


@pytest.mark.parametrize("error", ERRORS)
def test_nothing_nearby_is_higher(error: str) -> None:
    w = ring(10)
    y, x = simulated(w, error, seed=11)
    found = fitted(y, x, w, True, error)
    rng = np.random.default_rng(0)
    ours = packed(found, True, error)
    for scale in (1e-3, 1e-2, 0.1):
        for _ in range(20):
            other = ours + scale * rng.normal(size=len(ours))
            if min(other[-2:]) > 0 and np.abs(other[3:-2]).max() < 1:
                assert dense_loglik(y, x, w, error, unpacked(other, True, error)) < found.loglik


def without_effects(error: str) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """Innovations whose means over time are nearer to each other than chance would bring them."""
    w = ring(25)
    y, x = simulated(w, "none", seed=2, rho=0.0, phi=0.0, periods=5)
    rest = y - x @ [1.0, 2.0, -1.0]
    return w, x @ [1.0, 2.0, -1.0] + rest - 0.8 * rest.mean(axis=0), x, rest


@pytest.mark.parametrize("error", ["kkp", "bsk"])
def test_no_variance_between_units_is_a_pooled_error_model(error: str) -> None:
    w, y, x, _ = without_effects(error)
    found = fitted(y, x, w, False, error)
    pooled = fit_error(pooled_sample(y, x, w), log_determinant(w))
    assert found.at_boundary
    assert (found.phi, found.sigma2_mu) == (0.0, 0.0)
    assert not found.random_effects.any()
    assert pooled is not None
    assert found.lam == pytest.approx(pooled.lam, abs=1e-8)
    assert found.coefficients == pytest.approx(pooled.coefficients, abs=1e-8)
    assert found.loglik == pytest.approx(pooled.loglik, abs=1e-9)
    assert np.isnan(found.cov[-1]).all()
    assert np.isfinite(found.cov[:-1, :-1]).all()


def test_no_variance_between_units_is_a_pooled_lag_model() -> None:
    w, y, x, _ = without_effects("none")
    found = fitted(y, x, w, True, "none")
    pooled = fit_lag(pooled_sample(y, x, w), log_determinant(w))
    assert found.at_boundary
    assert pooled is not None
    assert found.rho == pytest.approx(pooled.rho, abs=1e-8)
    assert found.traces == pytest.approx(pooled.traces[0], abs=1e-8)
    assert found.loglik == pytest.approx(pooled.loglik, abs=1e-9)


def test_without_space_it_is_maximum_likelihood_of_random_effects() -> None:
    """Breusch (1987): variances and coefficients in turn, until neither moves."""
    w = ring(30)
    y, x = simulated(w, "none", seed=4, rho=0.0)
    found = fit_random(y, spatial_lag(w, y), x, w, None, lag=False, error="none")
    assert found is not None
    weight = 0.5
    for _ in range(500):
        rows = [(1 - np.sqrt(weight)) * values.mean(axis=0) for values in (y, x)]
        beta = np.linalg.lstsq((x - rows[1]).reshape(-1, 3), (y - rows[0]).ravel(), rcond=None)[0]
        rest = y - x @ beta
        within, between = ((rest - rest.mean(axis=0)) ** 2).sum(), len(y) * (rest.mean(axis=0) ** 2).sum()
        weight = within / between / (len(y) - 1)
    assert found.coefficients == pytest.approx(beta, abs=1e-10)
    assert found.phi == pytest.approx((1 / weight - 1) / len(y), rel=1e-9)
    assert found.parameters == ("phi",)
    assert found.traces is None


def test_units_of_measurement_do_not_matter() -> None:
    w = ring(20)
    y, x = simulated(w, "bsk", seed=6)
    scale = np.array([1.0, 1e6, 1e-4])
    plain, scaled = fitted(y, x, w, True, "bsk"), fitted(1e3 * y, x * scale, w, True, "bsk")
    assert scaled.coefficients * scale == pytest.approx(1e3 * plain.coefficients, rel=1e-8)
    assert (scaled.rho, scaled.lam, scaled.phi) == pytest.approx((plain.rho, plain.lam, plain.phi), rel=1e-8)


@pytest.mark.parametrize(("lag", "error"), [(True, "none"), (False, "kkp"), (False, "bsk")])
def test_a_unit_root_has_no_maximum(lag: bool, error: Any) -> None:
    w = ring(30)
    rng = np.random.default_rng(1)
    x = np.concatenate([np.ones((3, 30, 1)), rng.normal(size=(3, 30, 1))], axis=2)
    walk = np.linalg.solve(np.eye(30) - (1 - 1e-9) * w.toarray(), rng.normal(size=(30, 3))).T
    assert fit_random(walk, spatial_lag(w, walk), x[:, :, 1:], w, log_determinant(w), lag=lag, error=error) is None


@pytest.mark.parametrize(("error", "panels"), [("kkp", 60), ("bsk", 30)])
def test_known_parameters_are_recovered(error: Any, panels: int) -> None:
    w = ring(49)
    truth = np.array([1.0, 2.0, -1.0, 0.3, 0.4, 1.5])
    found = [fitted(*simulated(w, error, seed, periods=6), w, True, error) for seed in range(panels)]
    estimates = np.array([[*one.coefficients, one.rho, one.lam, one.phi] for one in found])
    errors = np.array([np.sqrt(np.diag(one.cov)) for one in found])
    noise = errors.mean(axis=0) / np.sqrt(panels)
    assert (np.abs(estimates.mean(axis=0) - truth)[:-1] < 3.5 * noise[:-1]).all()
    assert estimates[:, -1].mean() == pytest.approx(1.5, abs=0.15)
    covered = np.abs(estimates - truth) <= 1.96 * errors
    assert covered.mean() == pytest.approx(0.95, abs=0.045)

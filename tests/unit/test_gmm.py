"""Two-stage least squares and generalised moments: by hand, beside spreg's own doors, invariances, refusals."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import minimize

from ecospatial.drivers.design import Design
from ecospatial.drivers.gmm import estimate_gmm
from ecospatial.drivers.maximum_likelihood import Estimate
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.drivers.spatial_sample import SpatialSample
from ecospatial.errors import MissingPackageError, ModelError, OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.kkp_moments import fit_moments, moment_spread
from ecospatial.kernels.spatial_lag import spatial_lag
from ecospatial.panel import Panel


def ring(n: int) -> np.ndarray:
    """Two neighbours ahead and one behind: not symmetric."""
    return sum(np.roll(np.eye(n), step, axis=1) for step in (1, 2, -1)) / 3


def simulated(
    n: int, periods: int, rho: float = 0.0, lam: float = 0.0, spread: float = 0.0, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """y (T, n) and two drivers (T, n, 2), with effects of units of a variance and unequal noise."""
    rng, w = np.random.default_rng(seed), ring(n)
    x = rng.normal(size=(periods, n, 2))
    noise = np.sqrt(spread) * rng.normal(size=n) + rng.normal(size=(periods, n))
    filtered = np.linalg.solve(np.eye(n) - lam * w, noise.T).T
    return np.linalg.solve(np.eye(n) - rho * w, (1 + x @ [2.0, -1.0] + filtered).T).T, x


def estimated(
    y: np.ndarray, x: np.ndarray, model: str, effects: str = "none", scale: float = 1.0, **options: Any
) -> Estimate:
    periods, n = y.shape
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 0].ravel(), "b": x[:, :, 1].ravel()})
    frame = frame.assign(city=np.tile(np.arange(n), periods), year=np.repeat(np.arange(periods), n))
    design = Design.of(Panel.from_frame(frame, unit="city", period="year"), "y", ["a", "b"])
    weights = Weights.from_sparse(sparse.csr_matrix(scale * ring(n)), range(n), transform="none")
    sample = SpatialSample.of(design, weights, model, effects, "transform", None)
    return estimate_gmm(model, sample, **{"random": effects == "random", "robust": False, **options})


def by_hand(y: np.ndarray, x: np.ndarray, instruments: np.ndarray, robust: bool) -> tuple[np.ndarray, np.ndarray]:
    """Two-stage least squares of y on x, with its covariance matrix."""
    first = instruments @ np.linalg.lstsq(instruments, x, rcond=None)[0]
    beta = np.linalg.lstsq(first, y, rcond=None)[0]
    rest, bread = y - x @ beta, np.linalg.inv(first.T @ first)
    meat = (first * rest[:, None] ** 2).T @ first if robust else first.T @ first * (rest**2).mean()
    return beta, bread @ meat @ bread


@pytest.mark.parametrize("robust", [False, True])
def test_two_stage_least_squares_by_hand(robust: bool) -> None:
    y, x = simulated(60, 1, rho=0.4)
    w, columns = ring(60), np.column_stack([np.ones(60), x[0]])
    instruments = np.column_stack([columns, w @ x[0], w @ w @ x[0]])
    beta, cov = by_hand(y[0], np.column_stack([columns, w @ y[0]]), instruments, robust)
    found = estimated(y, x, "lag", robust=robust)
    assert found.params == pytest.approx(beta, rel=1e-9)
    assert found.cov == pytest.approx(cov, rel=1e-8)
    assert found.residuals[0] == pytest.approx(y[0] - np.column_stack([columns, w @ y[0]]) @ beta, abs=1e-9)
    assert np.isnan(found.loglik)
    g = w @ np.linalg.inv(np.eye(60) - beta[-1] * w)
    assert found.traces == pytest.approx((np.trace(g), np.trace(g @ g)), rel=1e-8)


@pytest.mark.parametrize("effects", ["individual", "time", "twoway"])
def test_fixed_effects_are_dummies(effects: str) -> None:
    y, x = simulated(20, 5, rho=0.4)
    y = y + np.arange(20) * (effects != "time") + np.arange(5)[:, None] ** 2 * (effects != "individual")
    w = np.kron(np.eye(5), ring(20))
    units, times = np.kron(np.ones((5, 1)), np.eye(20)), np.kron(np.eye(5), np.ones((20, 1)))
    dummies = {"individual": units, "time": times, "twoway": np.column_stack([units, times[:, 1:]])}[effects]
    flat = x.reshape(-1, 2)
    columns = np.column_stack([flat, w @ y.ravel(), dummies])
    instruments = np.column_stack([flat, w @ flat, w @ w @ flat, dummies])
    beta, _ = by_hand(y.ravel(), columns, instruments, False)
    found = estimated(y, x, "lag", effects)
    assert found.params == pytest.approx(beta[:3], rel=1e-8)
    assert found.residuals.ravel() == pytest.approx(y.ravel() - columns @ beta, abs=1e-8)


@pytest.mark.parametrize(
    ("model", "robust", "door"),
    [
        ("error", False, "GM_Error"),
        ("error", True, "GM_Error_Het"),
        ("sac", False, "GM_Combo"),
        ("sac", True, "GM_Combo_Het"),
    ],
)
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_the_same_as_through_the_front_door_of_spreg(
    model: str, robust: bool, door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import spreg
    from libpysal.weights import W

    y, x = simulated(80, 1, rho=0.3 * (model == "sac"), lam=0.4, seed=3)
    neighbours = {i: np.flatnonzero(row).tolist() for i, row in enumerate(ring(80))}
    near = W(neighbours, silence_warnings=True)
    near.transform = "r"
    options = {"w_lags": 2} if model == "sac" else {}
    peer = getattr(spreg, door)(y.T, x[0], w=near, **options)
    capsys.readouterr()
    found = estimated(y, x, model, robust=robust)
    assert capsys.readouterr().out == ""
    assert found.params == pytest.approx(peer.betas.ravel(), rel=1e-4)
    known = np.isfinite(np.diag(found.cov))
    assert known.all() == robust
    assert np.diag(found.cov)[known] == pytest.approx(np.diag(peer.vm), rel=1e-3)
    assert bool(found.notes) != robust


@pytest.mark.parametrize(("model", "robust"), [("lag", True), ("error", True), ("sac", True), ("error", False)])
def test_scale_of_weights_and_of_the_data_does_not_matter(model: str, robust: bool) -> None:
    y, x = simulated(80, 1, rho=0.3 * (model != "error"), lam=0.4 * (model != "lag"), seed=3)
    plain = estimated(y, x, model, robust=robust)
    scaled = estimated(1e6 * y, x * [1e4, 1e-3], model, scale=5.0, robust=robust)
    unit = np.append([1e6, 1e2, 1e9], np.full(len(plain.parameters), 1 / 5))
    assert scaled.params == pytest.approx(plain.params * unit, rel=1e-5)
    assert np.sqrt(np.diag(scaled.cov)) == pytest.approx(np.sqrt(np.diag(plain.cov)) * unit, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize("model", ["lag", "error", "sac", "durbin", "durbin-error"])
def test_known_parameters_are_recovered_within_units(model: str) -> None:
    has_rho, has_lambda = model in ("lag", "sac", "durbin"), model not in ("lag", "durbin")
    y, x = simulated(150, 6, rho=0.4 * has_rho, lam=0.3 * has_lambda, spread=4.0, seed=5)
    found = estimated(y, x, model, "individual", robust=True)
    truth = [2.0, -1.0, *[0.0] * (2 * model.startswith("durbin")), *[0.4] * has_rho, *[0.3] * has_lambda]
    assert (np.abs(found.params - truth) < 3.5 * np.sqrt(np.diag(found.cov))).all()
    assert found.sigma2 == pytest.approx(1.0, abs=0.15)


def test_the_moments_of_random_effects_are_at_their_minimum() -> None:
    y, x = simulated(40, 5, lam=0.4, spread=2.0, seed=7)
    w = sparse.csr_matrix(ring(40))
    regressors = np.concatenate([np.ones((5, 40, 1)), x], axis=2)
    found = fit_moments(y, regressors, w, 1.0)
    assert found is not None
    u = y - regressors @ np.linalg.lstsq(regressors.reshape(-1, 3), y.ravel(), rcond=None)[0]

    def gaps(lam: float) -> np.ndarray:
        """Sample moments of the innovations, within and between."""
        filtered = u - lam * spatial_lag(w, u)
        lagged = spatial_lag(w, filtered)
        sums = []
        for part, count in ((lambda v: v - v.mean(axis=0), 160), (lambda v: np.sqrt(5) * v.mean(axis=0), 40)):
            one, two = part(filtered), part(lagged)
            sums.append([(one**2).sum() / count, (two**2).sum() / count, (one * two).sum() / count])
        return np.array(sums)

    trace = float(w.multiply(w).sum()) / 40
    pattern = np.array([1.0, trace, 0.0])
    unweighted = minimize(lambda v: ((gaps(v[0])[0] - v[1] * pattern) ** 2).sum(), [0.2, 1.0], tol=1e-14).x
    between = gaps(unweighted[0])[1, 0]
    weights = [np.linalg.inv(scale * moment_spread(w)) for scale in (unweighted[1] ** 2 / 4, between**2)]

    def objective(values: np.ndarray) -> float:
        rest = gaps(values[0]) - values[1:, None] * pattern
        return float(sum(row @ weight @ row for row, weight in zip(rest, weights, strict=True)))

    best = minimize(objective, [0.3, 1.0, 5.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    assert best.x == pytest.approx([found.lam, found.sigma2_v, found.sigma2_1], rel=1e-5)


def test_random_effects_are_recovered() -> None:
    fits = []
    for seed in range(60):
        y, x = simulated(60, 5, lam=0.4, spread=2.0, seed=seed)
        fits.append(estimated(y, x, "error", "random"))
    params = np.array([fit.params for fit in fits])
    assert params.mean(axis=0)[:4] == pytest.approx([1.0, 2.0, -1.0, 0.4], abs=0.05)
    assert params[:, 4].mean() == pytest.approx(2.0, abs=0.15)
    errors = np.array([np.sqrt(np.diag(fit.cov)) for fit in fits])[:, :3]
    assert (np.abs(params[:, :3] - [1.0, 2.0, -1.0]) < 1.96 * errors).mean() == pytest.approx(0.95, abs=0.05)
    assert np.isnan(fits[0].cov[3:]).all()


def test_drivers_whose_lags_are_the_drivers_leave_no_instrument() -> None:
    y, x = simulated(60, 1, rho=0.4)
    waves = np.exp(2j * np.pi * np.arange(60) / 60)
    x = np.stack([waves.real, waves.imag], axis=1)[None]
    with pytest.raises(ModelError, match="no instrument"):
        estimated(y + x[0, :, 0], x, "lag")


def test_a_parameter_outside_its_interval_is_no_estimate() -> None:
    y, x = simulated(60, 1, rho=0.4)
    explosive = np.linalg.solve(np.eye(60) - 1.3 * ring(60), (10 * x @ [2.0, -1.0] + 0.1 * y).T).T
    with pytest.raises(ModelError, match=r"rho = 1\.\d+ is not inside ±1"):
        estimated(explosive, x, "lag")


@pytest.mark.parametrize(
    ("model", "effects", "robust"), [("lag", "random", False), ("error", "random", True), ("slx", "none", False)]
)
def test_what_has_no_moments_is_refused(model: str, effects: str, robust: bool) -> None:
    y, x = simulated(30, 3)
    with pytest.raises(OptionError, match="estimator="):
        estimated(y, x, model, effects, robust=robust)


def test_spreg_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = simulated(30, 1)
    real = builtins.__import__

    def without_spreg(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("spreg"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_spreg)
    with pytest.raises(MissingPackageError, match="'spreg', which is not installed"):
        estimated(y, x, "lag")


def public(y: np.ndarray, x: np.ndarray, **options: Any) -> SpatialResult:
    periods, n = y.shape
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 0].ravel(), "b": x[:, :, 1].ravel()})
    frame = frame.assign(city=np.tile(np.arange(n), periods), year=np.repeat(np.arange(periods), n))
    weights = Weights.from_sparse(sparse.csr_matrix(ring(n)), range(n))
    return spatial_panel(Panel.from_frame(frame, unit="city", period="year"), "y", ["a", "b"], weights, **options)


@pytest.mark.parametrize(("model", "effects"), [("error", "individual"), ("error", "random"), ("lag", "twoway")])
def test_the_summary_has_no_likelihood_and_no_nan(model: str, effects: str, tmp_path: Any) -> None:
    y, x = simulated(40, 4, rho=0.3 * (model == "lag"), lam=0.3 * (model == "error"), spread=1.0)
    found = public(y, x, model=model, effects=effects, estimator="gmm")
    text = str(found.summary())
    assert "by GMM" in text
    assert "nan" not in text.lower()
    assert "likelihood" not in text.lower()
    together = (found.fitted + found.residuals).to_numpy()
    assert together == pytest.approx(found.data.numbers(["y"])["y"].to_numpy())
    found.store(tmp_path / "model.eco")
    assert SpatialResult.load(tmp_path / "model.eco").params.equals(found.params)


def test_effects_of_a_lag_model_are_those_of_its_estimates() -> None:
    y, x = simulated(40, 1, rho=0.4)
    found = public(y, x, model="lag", effects="none", estimator="gmm", robust=True)
    spill = np.linalg.inv(np.eye(40) - found.params["rho"] * ring(40))
    effects = found.effects().to_frame()
    assert effects["direct"].to_numpy() == pytest.approx(found.params[["a", "b"]].to_numpy() * np.trace(spill) / 40)
    assert effects["total"].to_numpy() == pytest.approx(found.params[["a", "b"]].to_numpy() * spill.sum() / 40)


def test_maximum_likelihood_is_not_robust() -> None:
    y, x = simulated(30, 1)
    with pytest.raises(OptionError, match="estimator='gmm'"):
        public(y, x, model="lag", effects="none", robust=True)

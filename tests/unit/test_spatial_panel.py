"""Fixed effects, Durbin and SAC models against likelihoods written out with dummies and dense matrices."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import minimize

from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.errors import DataError, ModelError, OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.logdet import log_determinant
from ecospatial.panel import Panel

UNITS, PERIODS = 14, 4
DRIVERS = ["a", "b"]
PARAMETERS = {
    "lag": ("rho",),
    "error": ("lambda",),
    "durbin": ("rho",),
    "durbin-error": ("lambda",),
    "sac": ("rho", "lambda"),
}
FIXED = ["individual", "time", "twoway"]


def links() -> np.ndarray:
    rng = np.random.default_rng(3)
    found = (rng.random((UNITS, UNITS)) < 0.15) | np.roll(np.eye(UNITS, dtype=bool), 1, axis=1)
    np.fill_diagonal(found, False)
    return found.astype(float)


def with_island() -> np.ndarray:
    found = links()
    found[5] = found[:, 5] = 0
    return found


KINDS = {
    "row": Weights.from_sparse(links(), range(UNITS)),
    "binary": Weights.from_sparse(links(), range(UNITS), transform="binary"),
    "island": Weights.from_sparse(with_island(), range(UNITS)),
}


def made(weights: Weights, rho: float = 0.3, lam: float = 0.2, seed: int = 7, periods: int = PERIODS) -> Panel:
    """A panel with both effects, a lag and an error."""
    rng = np.random.default_rng(seed)
    w = weights.sparse.toarray()
    n = len(w)
    scale = max(1.0, float(np.abs(np.linalg.eigvals(w)).max()))
    x = rng.normal(size=(periods, n, 2))
    shocks = np.linalg.solve(np.eye(n) - lam / scale * w, rng.normal(size=(n, periods)))
    level = x @ [1.0, -0.5] + rng.normal(size=n) + rng.normal(size=(periods, 1))
    y = np.linalg.solve(np.eye(n) - rho / scale * w, level.T + shocks).T
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 0].ravel(), "b": x[:, :, 1].ravel()})
    frame = frame.assign(city=np.tile(np.arange(n), periods), year=2000 + np.repeat(np.arange(periods), n))
    return Panel.from_frame(frame, unit="city", period="year")


class Dummies:
    """The likelihood of a panel stacked into one long vector, effects as dummies."""

    def __init__(self, panel: Panel, w: np.ndarray, model: str, effects: str) -> None:
        cube = panel.cube(["y", *DRIVERS])
        self.periods, self.n = cube.shape[:2]
        self.w = np.kron(np.eye(self.periods), w)
        self.y = cube[:, :, 0].ravel()
        drivers = cube[:, :, 1:].reshape(-1, 2)
        self.x = np.column_stack([drivers, self.w @ drivers]) if "durbin" in model else drivers
        units = np.tile(np.eye(self.n), (self.periods, 1))
        times = np.repeat(np.eye(self.periods), self.n, axis=0)
        self.effects = {
            "none": np.ones((len(self.y), 1)),
            "individual": units,
            "time": times,
            "twoway": np.column_stack([units, times[:, 1:]]),
        }[effects]
        self.places = PARAMETERS[model]

    def apart(self, r: np.ndarray) -> tuple[float, float]:
        return tuple(float(dict(zip(self.places, r, strict=True)).get(name, 0.0)) for name in ("rho", "lambda"))  # type: ignore[return-value]

    def determinant(self, r: np.ndarray) -> float:
        return sum(float(np.linalg.slogdet(np.eye(len(self.y)) - one * self.w)[1]) for one in self.apart(r))

    def squares(self, r: np.ndarray, beta: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        rho, lam = self.apart(r)
        error = np.eye(len(self.y)) - lam * self.w
        left = error @ (self.y - rho * (self.w @ self.y) - (0 if beta is None else self.x @ beta))
        right = error @ (np.column_stack([self.x, self.effects]) if beta is None else self.effects)
        found = np.linalg.lstsq(right, left, rcond=None)[0]
        return float(((left - right @ found) ** 2).sum()), found

    def loglik(self, r: np.ndarray, beta: np.ndarray | None = None) -> float:
        count = len(self.y)
        fit = np.log(2 * np.pi * self.squares(r, beta)[0] / count) + 1
        return float(-count / 2 * fit + self.determinant(r))

    def best(self, near: np.ndarray) -> np.ndarray:
        options = {"xatol": 1e-9, "fatol": 1e-12}
        return np.asarray(minimize(lambda r: -self.loglik(r), near, method="Nelder-Mead", options=options).x)

    def curvature(self, beta: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Minus the numerical Hessian by (beta, r)."""
        at, k = np.concatenate([beta, r]), len(beta)
        steps = 1e-3 * np.eye(len(at))

        def value(point: np.ndarray) -> float:
            return self.loglik(point[k:], point[:k])

        cells = [
            value(at + p + q) - value(at + p - q) - value(at - p + q) + value(at - p - q) for p in steps for q in steps
        ]
        return -np.array(cells).reshape(len(at), len(at)) / 4e-6


def fit(panel: Panel, weights: Weights, model: Any, effects: Any, **options: Any) -> SpatialResult:
    return spatial_panel(panel, "y", DRIVERS, weights, model=model, effects=effects, **options)


# Likelihood with dummies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", PARAMETERS)
def test_demeaning_is_the_likelihood_with_dummies(model: str, effects: str, kind: str) -> None:
    weights = KINDS[kind]
    panel = made(weights)
    found = fit(panel, weights, model, effects, lee_yu="none")
    own = Dummies(panel, weights.sparse.toarray(), model, effects)
    k = own.x.shape[1]
    r = own.best(found.params.to_numpy()[k:])
    assert found.loglik == pytest.approx(own.loglik(r), abs=1e-8)
    assert found.params.to_numpy()[k:] == pytest.approx(r, abs=1e-6)
    squares, coefficients = own.squares(found.params.to_numpy()[k:])
    assert found.params.to_numpy()[:k] == pytest.approx(coefficients[:k], abs=1e-8)
    assert found.sigma2 == pytest.approx(squares / len(own.y), rel=1e-9)
    assert found.parameters == k + len(own.places) + own.effects.shape[1] + 1
    assert found.aic == pytest.approx(2 * found.parameters - 2 * found.loglik)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", ["durbin", "error", "sac"])
def test_observed_information_is_the_curvature_with_dummies(model: str, effects: str, kind: str) -> None:
    weights = KINDS[kind]
    large = Weights.from_sparse(weights.sparse, range(UNITS), transform="none")
    large.__dict__["log_determinant"] = log_determinant(large.sparse, dense_limit=1)
    panel = made(weights)
    found = fit(panel, large, model, effects, lee_yu="none")
    assert found.information == "observed"
    own = Dummies(panel, weights.sparse.toarray(), model, effects)
    k = own.x.shape[1]
    curvature = own.curvature(found.params.to_numpy()[:k], found.params.to_numpy()[k:])
    assert np.linalg.inv(found.cov.to_numpy()) == pytest.approx(curvature, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", PARAMETERS)
def test_fixed_effects_and_innovations_give_the_data_back(model: str, effects: str) -> None:
    weights = KINDS["island"]
    panel = made(weights)
    found = fit(panel, weights, model, effects, lee_yu="none")
    w = weights.sparse.toarray()
    cube = panel.cube(["y", *DRIVERS])
    y, x = cube[:, :, 0], cube[:, :, 1:]
    x = np.concatenate([x, np.einsum("ij,tjk->tik", w, x)], axis=2) if "durbin" in model else x
    rho, lam = (float(found.params.get(name, 0.0)) for name in ("rho", "lambda"))
    innovations = found.residuals.unstack("unit").to_numpy()
    errors = np.linalg.solve(np.eye(UNITS) - lam * w, innovations.T).T
    table = found.to_frame("fixed_effects").set_index("of")
    level = table["level"].groupby("of").mean().iloc[0]
    deviation = {of: np.atleast_1d(table.loc[[of], "effect"]) for of in table.index.unique()}
    for values in deviation.values():
        assert values.sum() == pytest.approx(0, abs=1e-9)
    effect = level + deviation.get("unit", np.zeros(UNITS)) + deviation.get("period", np.zeros(PERIODS))[:, None]
    again = rho * y @ w.T + x @ found.params.to_numpy()[: x.shape[2]] + effect + errors
    assert again == pytest.approx(y, abs=1e-9)
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(panel["y"].to_numpy(), abs=1e-12)


# The transformation of Lee and Yu


def orthonormal(count: int) -> np.ndarray:
    """F (count, count - 1) with F'F = I and FF' = I - 11'/count."""
    values, vectors = np.linalg.eigh(np.eye(count) - 1 / count)
    return np.asarray(vectors[:, values > 0.5])


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", PARAMETERS)
def test_the_transformation_is_that_of_lee_and_yu(model: str, effects: str) -> None:
    weights = KINDS["row"]
    panel = made(weights)
    found = fit(panel, weights, model, effects)
    over_time = orthonormal(PERIODS) if effects != "time" else np.eye(PERIODS)
    over_units = orthonormal(UNITS) if effects != "individual" else np.eye(UNITS)
    w = weights.sparse.toarray()
    cube = panel.cube(["y", *DRIVERS])
    lagged = np.concatenate([cube, np.einsum("ij,tjk->tik", w, cube[:, :, 1:])], axis=2)
    reduced = np.einsum("tp,ni,tnk->pik", over_time, over_units, lagged if "durbin" in model else cube)
    own = Dummies(panel, w, model, "none")
    own.w = np.kron(np.eye(len(reduced)), over_units.T @ w @ over_units)
    own.y, own.x = reduced[:, :, 0].ravel(), reduced[:, :, 1:].reshape(-1, reduced.shape[2] - 1)
    own.effects = np.zeros((len(own.y), 0))
    k = own.x.shape[1]
    r = own.best(found.params.to_numpy()[k:])
    assert found.counted == len(own.y)
    assert found.loglik == pytest.approx(own.loglik(r), abs=1e-8)
    assert found.params.to_numpy()[k:] == pytest.approx(r, abs=1e-6)
    assert found.sigma2 == pytest.approx(own.squares(found.params.to_numpy()[k:])[0] / len(own.y), rel=1e-9)
    assert found.cov.to_numpy() == pytest.approx(expected_covariance(own, found, k), rel=1e-6, abs=1e-12)
    assert found.parameters == k + len(own.places) + 1


def expected_covariance(own: Dummies, found: SpatialResult, k: int) -> np.ndarray:
    """From the expected information of Anselin (1988, section 6.2), on the transformed data."""
    params = found.params.to_numpy()
    rho, lam = own.apart(params[k:])
    identity = np.eye(len(own.y))
    error = identity - lam * own.w
    g, h = own.w @ np.linalg.inv(identity - rho * own.w), own.w @ np.linalg.inv(error)
    pushed, x, s2 = error @ g @ own.x @ params[:k], error @ own.x, found.sigma2
    turned = error @ g @ np.linalg.inv(error)
    info = np.zeros((k + 3, k + 3))
    info[:k, :k] = x.T @ x / s2
    info[:k, k] = info[k, :k] = x.T @ pushed / s2
    info[k, k] = np.trace(g @ g) + np.trace(turned.T @ turned) + pushed @ pushed / s2
    info[k, k + 1] = info[k + 1, k] = np.trace(h.T @ turned) + np.trace(h @ turned)
    info[k + 1, k + 1] = np.trace(h @ h) + np.trace(h.T @ h)
    info[k, k + 2] = info[k + 2, k] = np.trace(g) / s2
    info[k + 1, k + 2] = info[k + 2, k + 1] = np.trace(h) / s2
    info[k + 2, k + 2] = len(own.y) / (2 * s2**2)
    kept = [*range(k), *(k + place for place, name in enumerate(("rho", "lambda")) if name in own.places), k + 2]
    return np.asarray(np.linalg.inv(info[np.ix_(kept, kept)])[:-1, :-1])


@pytest.mark.parametrize("model", PARAMETERS)
def test_the_transformation_over_time_moves_only_the_variance(model: str) -> None:
    weights = KINDS["island"]
    panel = made(weights)
    one, other = (fit(panel, weights, model, "individual", lee_yu=choice) for choice in ("transform", "none"))
    assert one.params.to_numpy() == pytest.approx(other.params.to_numpy(), abs=1e-7)
    assert one.sigma2 == pytest.approx(other.sigma2 * PERIODS / (PERIODS - 1), rel=1e-7)
    assert one.cov.to_numpy() == pytest.approx(other.cov.to_numpy() * PERIODS / (PERIODS - 1), rel=1e-5)


def test_effects_of_periods_need_rows_that_sum_to_one() -> None:
    for kind, words in (("island", "5 have no neighbour"), ("binary", "these are not row-standardised")):
        with pytest.raises(ModelError, match=rf"{words}.*lee_yu='none', or other weights \(islands='nearest'"):
            fit(made(KINDS[kind]), KINDS[kind], "lag", "twoway")
        assert fit(made(KINDS[kind]), KINDS[kind], "slx", "twoway").params.index.tolist() == ["a", "b", "W_a", "W_b"]


# Large weights


@pytest.mark.parametrize("effects", ["none", "individual", "twoway"])
@pytest.mark.parametrize("model", PARAMETERS)
def test_sparse_factors_give_the_same_estimates(model: str, effects: str) -> None:
    weights = KINDS["row"]
    large = Weights.from_sparse(weights.raw, range(UNITS))
    large.__dict__["log_determinant"] = log_determinant(large.sparse, dense_limit=1)
    panel = made(weights)
    one, other = (fit(panel, near, model, effects) for near in (weights, large))
    assert other.params.to_numpy() == pytest.approx(one.params.to_numpy(), abs=1e-7)
    assert other.loglik == pytest.approx(one.loglik, abs=1e-7)
    assert other.traces == pytest.approx(one.traces, rel=1e-5, abs=1e-6)
    assert (one.information, other.information) == ("expected", "observed")


def test_models_on_the_same_weights_share_one_spectrum() -> None:
    weights = Weights.from_sparse(links(), range(UNITS))
    panel = made(weights)
    first = fit(panel, weights, "lag", "individual")
    assert first.weights is weights
    assert fit(panel, weights, "error", "none").weights.log_determinant is first.weights.log_determinant


# Least squares, random effects, recovery


@pytest.mark.parametrize("effects", ["none", "twoway"])
def test_slx_is_least_squares_with_student_t(effects: str) -> None:
    from scipy import stats

    weights = KINDS["row"]
    panel = made(weights)
    found = fit(panel, weights, "slx", effects)
    own = Dummies(panel, weights.sparse.toarray(), "durbin", effects)
    regressors = np.column_stack([own.x, own.effects])
    beta = np.linalg.lstsq(regressors, own.y, rcond=None)[0]
    rest, df = own.y - regressors @ beta, len(own.y) - regressors.shape[1]
    cov = rest @ rest / df * np.linalg.inv(regressors.T @ regressors)
    names = ["a", "b", "W_a", "W_b"]
    assert found.params[names].to_numpy() == pytest.approx(beta[:4], abs=1e-10)
    assert found.std_errors[names].to_numpy() == pytest.approx(np.sqrt(np.diag(cov))[:4], rel=1e-9)
    assert found.df_resid == df
    assert found.pvalues["a"] == pytest.approx(2 * stats.t(df).sf(abs(found.tvalues["a"])), rel=1e-9)
    assert found.digest().columns.tolist()[2] == "t"


@pytest.mark.parametrize("model", [*PARAMETERS, "slx"])
def test_random_effects_have_their_variance_among_the_terms(model: str) -> None:
    weights = KINDS["row"]
    found = fit(made(weights, periods=8), weights, model, "random")
    lags = ["W_a", "W_b"] if model in ("durbin", "durbin-error", "slx") else []
    assert found.params.index.tolist() == ["Intercept", "a", "b", *lags, *PARAMETERS.get(model, ()), "phi"]
    assert found.params["phi"] > 0
    assert found.to_frame("fixed_effects").empty
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(made(weights, periods=8)["y"].to_numpy())
    assert found.effects().to_frame().loc["a", "direct"] == pytest.approx(1.0, abs=0.5)


def test_known_parameters_are_recovered() -> None:
    """A hundred Durbin panels with two-way effects: no bias, and intervals that cover."""
    line = np.eye(36, k=1) + np.eye(36, k=-1) + np.eye(36, k=6) + np.eye(36, k=-6)
    weights = Weights.from_sparse(line, range(36))
    truth = np.array([1.0, -0.5, 0.0, 0.0, 0.3])
    values, inside = [], []
    for seed in range(100):
        found = fit(made(weights, 0.3, 0.0, seed, periods=5), weights, "durbin", "twoway")
        interval = found.confidence()
        values.append(found.params.to_numpy())
        inside.append((interval["lower"] <= truth) & (truth <= interval["upper"]))
    spread = np.std(values, axis=0) / 10
    assert np.abs(np.mean(values, axis=0) - truth) == pytest.approx(0, abs=3 * spread.max())
    assert (np.mean(inside, axis=0) >= 0.88).all()
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


# Files and conventions


@pytest.mark.parametrize("model", [*PARAMETERS, "slx"])
def test_every_model_comes_back_from_its_file(model: str, tmp_path: pathlib.Path) -> None:
    weights = KINDS["row"]
    found = fit(made(weights), weights, model, "twoway")
    found.store(tmp_path / "model.eco")
    again = SpatialResult.load(tmp_path / "model.eco")
    assert again.summary() == found.summary()
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name], check_dtype=False, check_index_type=False)
    pd.testing.assert_frame_equal(again.effects().to_frame(), found.effects().to_frame(), check_dtype=False)


def test_the_summary_states_the_conventions() -> None:
    weights = KINDS["row"]
    text = fit(made(weights), weights, "durbin", "twoway").summary()
    for words in (
        "transformed away (Lee and Yu 2010)",
        "the lag of the intercept is dropped",
        "within effects: squared correlation of y and ρWy + Xβ + WXθ",
        f"N = {(UNITS - 1) * (PERIODS - 1)}",
        "expected information",
    ):
        assert words in text
    assert "as dummies" in fit(made(weights), weights, "lag", "individual", lee_yu="none").summary()


def test_some_drivers_may_go_without_a_lag() -> None:
    weights = KINDS["row"]
    found = fit(made(weights), weights, "durbin", "individual", lags_of=["b"])
    assert found.params.index.tolist() == ["a", "b", "W_b", "rho"]
    effects = found.effects().to_frame()
    lag_only = found.params["a"] / (1 - found.params["rho"])
    assert effects.loc["a", "total"] == pytest.approx(lag_only)


# Bad input


def test_what_is_missing_from_a_panel_is_named() -> None:
    panel = made(KINDS["row"])
    gap = Panel.from_frame(panel.frame.drop([(3, 2001), (4, 2002)]))
    with pytest.raises(DataError, match=r"Unit 3 has no row for period 2001 \(2 rows are missing\).*units 3, 4.*2001"):
        fit(gap, KINDS["row"], "lag", "twoway")


def test_effects_need_periods() -> None:
    last = made(KINDS["row"]).where_periods([2003])
    for effects in ("individual", "time", "twoway", "random"):
        with pytest.raises(OptionError, match="needs several periods"):
            fit(last, KINDS["row"], "lag", effects)


def test_drivers_that_effects_absorb_are_named() -> None:
    panel = made(KINDS["row"])
    unit, period = panel.places()
    fixed = panel.assign(area=1.0 + unit, rate=np.sin(period))
    cases: tuple[tuple[Any, str], ...] = (("individual", "area"), ("time", "rate"), ("twoway", "area"))
    for effects, driver in cases:
        with pytest.raises(ModelError, match=f"absorbs? '{driver}'"):
            spatial_panel(fixed, "y", ["a", driver], KINDS["row"], model="lag", effects=effects)


def test_a_driver_that_is_its_own_lag_is_named() -> None:
    panel = made(KINDS["row"])
    national = panel.assign(rate=np.sin(panel.places()[1]))
    with pytest.raises(ModelError, match=r"'W_rate' is collinear: it follows from 'rate'.*leave it out of lags_of"):
        spatial_panel(national, "y", ["a", "rate"], KINDS["row"], model="durbin", effects="individual")
    found = spatial_panel(
        national, "y", ["a", "rate"], KINDS["row"], model="durbin", effects="individual", lags_of=["a"]
    )
    assert found.std_errors.notna().all()


def test_a_lag_that_effects_absorb_is_named() -> None:
    """On a ring of four a driver of opposite signs in opposite places has a lag of zero."""
    ring = np.roll(np.eye(4), 1, axis=1) + np.roll(np.eye(4), -1, axis=1)
    weights = Weights.from_sparse(np.kron(np.eye(3), ring), range(12))
    panel = made(weights)
    unit, period = panel.places()
    wave = np.array([1.0, 0.0, -1.0, 0.0])[unit % 4] * (1 + period**2) * (1 + unit // 4)
    with pytest.raises(ModelError, match=r"individual effects absorb 'W_wave'"):
        spatial_panel(panel.assign(wave=wave), "y", ["a", "wave"], weights, model="durbin", effects="individual")


@pytest.mark.parametrize(
    ("model", "lags", "words"),
    [
        ("lag", ["a"], "lags_of is for the models with lagged drivers"),
        ("slx", ["q"], "'q' is none"),
        ("durbin", [], "must name drivers"),
    ],
)
def test_lags_of_other_columns_are_refused(model: str, lags: list[str], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        fit(made(KINDS["row"]), KINDS["row"], model, "twoway", lags_of=lags)


def test_a_column_called_as_a_lag_is_refused() -> None:
    panel = made(KINDS["row"])
    with pytest.raises(OptionError, match="Rename the column 'W_a'"):
        spatial_panel(panel.assign(W_a=panel["b"]), "y", ["a", "W_a"], KINDS["row"], model="slx")


def test_too_many_drivers_for_the_effects_are_refused() -> None:
    panel = made(KINDS["row"], periods=2)
    rng = np.random.default_rng(1)
    many = panel.assign(**{f"x{place}": rng.normal(size=2 * UNITS) for place in range(7)})
    with pytest.raises(ModelError, match="cannot carry"):
        spatial_panel(many, "y", [f"x{place}" for place in range(7)], KINDS["row"], model="durbin")


def test_chains_without_a_way_back_are_refused_by_both_parameters() -> None:
    chain = Weights.from_sparse(np.eye(UNITS, k=1), range(UNITS))
    with pytest.raises(ModelError, match="rho and lambda has no bounds"):
        fit(made(KINDS["row"]), chain, "sac", "individual")


def test_a_process_without_noise_has_no_sac_model() -> None:
    weights = KINDS["row"]
    panel = made(weights)
    cube = panel.cube(DRIVERS)
    y = np.linalg.solve(np.eye(UNITS) - 0.4 * weights.sparse.toarray(), (cube @ [1.0, 2.0]).T).T
    unit, period = panel.places()
    with pytest.raises(ModelError, match=r"without any rest|runs to its bound|singular"):
        fit(panel.assign(y=y[period, unit]), weights, "sac", "individual")


def test_a_parameter_next_to_its_bound_is_noted() -> None:
    blocks = np.kron(np.eye(2), np.ones((7, 7)) - np.eye(7))
    weights = Weights.from_sparse(blocks, range(14))
    panel = made(weights, periods=3)
    unit, period = panel.places()
    jumps = 600.0 * np.random.default_rng(1).normal(size=3)[period]
    near = panel.assign(y=panel["y"].to_numpy() + jumps * (unit < 7))
    found = spatial_panel(near, "y", DRIVERS, weights, model="error", effects="individual")
    assert found.params["lambda"] > 0.99
    assert "all but a spatial unit root" in " ".join(str(note) for note in found.notes)


def test_negative_dependence_is_found() -> None:
    weights = KINDS["row"]
    found = fit(made(weights, -0.5, 0.0, seed=3, periods=12), weights, "lag", "twoway")
    assert -0.8 < found.params["rho"] < -0.2


@pytest.mark.parametrize("effects", FIXED)
def test_weights_may_be_any_sparse_matrix(effects: str) -> None:
    raw = Weights.from_sparse(sparse.csr_matrix(links()), range(UNITS))
    assert fit(made(raw), raw, "lag", effects).loglik == fit(made(raw), KINDS["row"], "lag", effects).loglik

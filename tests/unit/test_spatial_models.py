"""Spatial tests and models: large weights, panels, notes, files, refusals, and a second opinion from spreg."""

from __future__ import annotations

import contextlib
import io
import pathlib
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import sparse

from ecospatial.drivers.ols import ols
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_tests import decision_path, spatial_tests
from ecospatial.errors import DataError, EcospatialError, GeometryError, JoinError, ModelError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.kernels.information import (
    covariance,
    expected,
    expected_remainder,
    observed,
    observed_remainder,
)
from ecospatial.kernels.likelihood import Sample, fit_error, fit_lag
from ecospatial.kernels.logdet import Eigenvalues, Factorised, log_determinant
from ecospatial.kernels.sarar import fit_sarar
from ecospatial.kernels.spatial_lag import spatial_lag
from ecospatial.panel import Panel
from ecospatial.result import Result

DRIVERS = ["a", "b"]


def lattice(side: int) -> sparse.csr_matrix:
    """Queen contiguity of a square lattice, row-standardised."""
    line = sparse.diags([np.ones(side - 1), np.ones(side - 1)], [-1, 1])
    band = line + sparse.identity(side)
    matrix = sparse.csr_matrix(sparse.kron(band, band) - sparse.identity(side**2))
    return sparse.csr_matrix(sparse.diags(1 / np.asarray(matrix.sum(axis=1)).ravel()) @ matrix)


def simulated(w: sparse.csr_matrix, rho: float, seed: int = 1, periods: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A spatial lag process: y (T, n) and X (T, n, 3)."""
    rng = np.random.default_rng(seed)
    n = w.shape[0]
    x = np.concatenate([np.ones((periods, n, 1)), rng.normal(size=(periods, n, 2))], axis=2)
    noisy = (x @ [1.0, 2.0, -1.0] + rng.normal(size=(periods, n))).T
    solved = sparse.linalg.spsolve(sparse.csc_matrix(sparse.identity(n) - rho * w), noisy)
    return np.asarray(solved).reshape(n, periods).T, x


def sample_of(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix) -> Sample:
    wy = spatial_lag(w, y)
    return Sample(y, wy, spatial_lag(w, wy), x, spatial_lag(w, x), y.size, len(y))


def as_panel(y: np.ndarray, x: np.ndarray) -> Panel:
    periods, n = y.shape
    frame = pd.DataFrame({"y": y.ravel(), "a": x[:, :, 1].ravel(), "b": x[:, :, 2].ravel()})
    frame = frame.assign(city=np.tile(np.arange(n), periods), year=2000 + np.repeat(np.arange(periods), n))
    return Panel.from_frame(frame, unit="city", period="year")


@pytest.fixture(scope="module")
def w() -> sparse.csr_matrix:
    return lattice(8)


@pytest.fixture(scope="module")
def weights(w: sparse.csr_matrix) -> Weights:
    return Weights.from_sparse(w, range(64))


@pytest.fixture(scope="module")
def panel(w: sparse.csr_matrix) -> Panel:
    return as_panel(*simulated(w, 0.5))


@pytest.fixture(scope="module")
def geo(panel: Panel) -> GeoPanel:
    cells = [shapely.box(i, j, i + 1, j + 1) for i in range(8) for j in range(8)]
    return join(panel, Boundaries.of(range(64), cells))


# Large weights


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.5, 0.95])
def test_sparse_factors_agree_with_eigenvalues(rho: float) -> None:
    w = lattice(30)
    sample = sample_of(*simulated(w, rho), w)
    dense, factorised = log_determinant(w), log_determinant(w, dense_limit=10)
    assert isinstance(dense, Eigenvalues)
    assert isinstance(factorised, Factorised)
    lags = [fit_lag(sample, determinant) for determinant in (dense, factorised)]
    errors = [fit_error(sample, determinant) for determinant in (dense, factorised)]
    for one, other in (lags, errors):
        assert one is not None
        assert other is not None
        assert (one.rho, one.lam) == pytest.approx((other.rho, other.lam), abs=1e-9)
        assert one.loglik == pytest.approx(other.loglik, abs=1e-8)
        assert one.traces[0] == pytest.approx(other.traces[0], rel=1e-7)


def test_observed_information_of_a_lag_comes_near_the_expected() -> None:
    w = lattice(30)
    sample, determinant = sample_of(*simulated(w, 0.5), w), log_determinant(w)
    assert determinant is not None
    fit = fit_lag(sample, determinant)
    assert fit is not None
    hoped, seen = covariance(expected(fit, sample, w)), covariance(observed(fit, sample))
    assert hoped is not None
    assert seen is not None
    assert np.sqrt(np.diag(seen)) == pytest.approx(np.sqrt(np.diag(hoped)), rel=0.04)
    assert observed_remainder(fit, sample, w, seen) == pytest.approx(expected_remainder(fit, w, hoped), abs=0.1)


def test_observed_information_of_an_error_comes_near_the_expected() -> None:
    w = lattice(30)
    shocks, x = simulated(w, 0.5)
    y = x @ [1.0, 2.0, -1.0] + shocks - np.linalg.solve(np.eye(900) - 0.5 * w.toarray(), (x @ [1.0, 2.0, -1.0])[0])
    sample, determinant = sample_of(y, x, w), log_determinant(w)
    assert determinant is not None
    fit = fit_error(sample, determinant)
    assert fit is not None
    hoped, seen = covariance(expected(fit, sample, w)), covariance(observed(fit, sample))
    assert hoped is not None
    assert seen is not None
    assert np.sqrt(np.diag(seen)) == pytest.approx(np.sqrt(np.diag(hoped)), rel=0.04)


def numeric_information(y: np.ndarray, x: np.ndarray, w: sparse.csr_matrix, at: np.ndarray) -> np.ndarray:
    """Minus the numerical Hessian of the model with both a lag and an error: beta, rho, lambda, sigma²."""

    def loglik(theta: np.ndarray) -> float:
        beta, rho, lam, sigma2 = theta[:3], *theta[3:]
        lag, error = (np.eye(y.size) - r * w.toarray() for r in (rho, lam))
        errors = error @ (lag @ y[0] - x[0] @ beta)
        logdet = np.linalg.slogdet(lag)[1] + np.linalg.slogdet(error)[1]
        return float(-y.size / 2 * np.log(2 * np.pi * sigma2) + logdet - errors @ errors / (2 * sigma2))

    steps = 1e-4 * np.eye(6)
    cells = [
        loglik(at + p + q) - loglik(at + p - q) - loglik(at - p + q) + loglik(at - p - q) for p in steps for q in steps
    ]
    return -np.array(cells).reshape(6, 6) / 4e-8


def test_observed_information_is_the_curvature_of_the_lag_likelihood(w: sparse.csr_matrix) -> None:
    y, x = simulated(w, 0.5)
    sample, determinant = sample_of(y, x, w), log_determinant(w)
    assert determinant is not None
    fit = fit_lag(sample, determinant)
    assert fit is not None
    numeric = numeric_information(y, x, w, np.array([*fit.coefficients, fit.rho, 0.0, fit.sigma2]))
    own = [0, 1, 2, 3, 5]
    found = observed(fit, sample)
    assert found == pytest.approx(numeric[np.ix_(own, own)], rel=1e-4, abs=1e-3)
    inverse = covariance(found)
    assert inverse is not None
    gradient = float((fit.residuals * spatial_lag(w, fit.residuals)).sum()) / fit.sigma2
    multiplier_test = gradient**2 * np.linalg.inv(numeric)[4, 4]
    assert observed_remainder(fit, sample, w, inverse) == pytest.approx(multiplier_test, rel=1e-4)


def test_observed_information_is_the_curvature_of_the_likelihood_with_both(w: sparse.csr_matrix) -> None:
    y, x = simulated(w, 0.5)
    y = np.linalg.solve(np.eye(64) + 0.4 * w.toarray(), y[0])[None]
    sample, determinant = sample_of(y, x, w), log_determinant(w)
    assert determinant is not None
    fit = fit_sarar(sample, determinant)
    assert fit is not None
    numeric = numeric_information(y, x, w, np.array([*fit.coefficients, fit.rho, fit.lam, fit.sigma2]))
    assert observed(fit, sample) == pytest.approx(numeric, rel=1e-4, abs=1e-3)


def test_observed_information_is_the_curvature_of_the_error_likelihood(w: sparse.csr_matrix) -> None:
    y, x = simulated(w, 0.5)
    sample, determinant = sample_of(y, x, w), log_determinant(w)
    assert determinant is not None
    fit = fit_error(sample, determinant)
    assert fit is not None
    numeric = numeric_information(y, x, w, np.array([*fit.coefficients, 0.0, fit.lam, fit.sigma2]))
    own = [0, 1, 2, 4, 5]
    assert observed(fit, sample) == pytest.approx(numeric[np.ix_(own, own)], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("model", ["lag", "error"])
def test_five_thousand_units_need_no_dense_matrix(model: Any) -> None:
    w = lattice(71)
    y, x = simulated(w, 0.6)
    panel, weights = as_panel(y, x), Weights.from_sparse(w, range(71**2))
    tracemalloc.start()
    found = spatial_panel(panel, "y", DRIVERS, weights, model=model)
    tests = spatial_tests(ols(panel, "y", DRIVERS), weights).to_frame()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 71**4 * 8 / 4
    assert found.information == "observed"
    assert 0 < found.params.iloc[-1] < 1
    assert found.pvalues.iloc[-1] < 0.001
    assert tests["statistic"].notna().all()


# Panels


@pytest.mark.parametrize("model", ["lag", "error"])
def test_a_pooled_panel_is_a_cross_section_of_blocks(w: sparse.csr_matrix, model: Any) -> None:
    y, x = simulated(w, 0.4, periods=3)
    pooled = spatial_panel(as_panel(y, x), "y", DRIVERS, Weights.from_sparse(w, range(64)), model=model, effects="none")
    blocks = Weights.from_sparse(sparse.block_diag([w] * 3), range(192))
    stacked = spatial_panel(as_panel(y.reshape(1, -1), x.reshape(1, -1, 3)), "y", DRIVERS, blocks, model=model)
    assert pooled.params.to_numpy() == pytest.approx(stacked.params.to_numpy(), abs=1e-9)
    assert pooled.cov.to_numpy() == pytest.approx(stacked.cov.to_numpy(), rel=1e-8, abs=1e-12)
    assert pooled.loglik == pytest.approx(stacked.loglik, abs=1e-9)
    assert pooled.diagnostics["statistic"].to_numpy() == pytest.approx(stacked.diagnostics["statistic"].to_numpy())


def test_rows_may_come_in_any_order(w: sparse.csr_matrix, weights: Weights) -> None:
    panel = as_panel(*simulated(w, 0.4, periods=2))
    turned = panel.frame.sample(frac=1, random_state=1)
    one, other = (
        spatial_panel(data, "y", DRIVERS, weights, model="lag", effects="none").residuals
        for data in (panel, Panel.from_frame(turned))
    )
    assert other.index.equals(turned.index)
    assert other.reindex(one.index).to_numpy() == pytest.approx(one.to_numpy(), abs=1e-9)


def test_pooled_tests_are_those_of_blocks(w: sparse.csr_matrix) -> None:
    y, x = simulated(w, 0.4, periods=3)
    pooled = spatial_tests(ols(as_panel(y, x), "y", DRIVERS), Weights.from_sparse(w, range(64)))
    blocks = Weights.from_sparse(sparse.block_diag([w] * 3), range(192))
    stacked = spatial_tests(ols(as_panel(y.reshape(1, -1), x.reshape(1, -1, 3)), "y", DRIVERS), blocks)
    assert pooled.moran.to_numpy() == pytest.approx(stacked.moran.to_numpy())
    ours, theirs = (result.to_frame().set_index("test").select_dtypes("number") for result in (pooled, stacked))
    assert ours.loc[theirs.index].to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-5, nan_ok=True)


def test_several_periods_have_two_way_effects_by_default(w: sparse.csr_matrix, weights: Weights) -> None:
    panel = as_panel(*simulated(w, 0.4, periods=2))
    default = spatial_panel(panel, "y", DRIVERS, weights, model="lag")
    assert default.panel_effects == "twoway"
    assert default.params.equals(spatial_panel(panel, "y", DRIVERS, weights, model="lag", effects="twoway").params)
    last = spatial_panel(panel.where_periods([2001]), "y", DRIVERS, weights, model="lag")
    assert last.panel_effects == "none"


def test_an_unbalanced_panel_is_refused(w: sparse.csr_matrix, weights: Weights) -> None:
    panel = as_panel(*simulated(w, 0.4, periods=2))
    gap = Panel.from_frame(panel.frame.reset_index().iloc[:-1], unit="unit", period="period")
    for run in (
        lambda: spatial_panel(gap, "y", DRIVERS, weights, model="lag", effects="none"),
        lambda: spatial_tests(ols(gap, "y", DRIVERS), weights),
    ):
        with pytest.raises(DataError, match="Unit 63 has no row for period 2001"):
            run()


# Results


@pytest.mark.parametrize("model", ["lag", "error"])
def test_residuals_are_the_innovations(w: sparse.csr_matrix, panel: Panel, weights: Weights, model: Any) -> None:
    found = spatial_panel(panel, "y", DRIVERS, weights, model=model)
    y, trend = panel["y"].to_numpy(), np.column_stack([np.ones(64), panel.frame[DRIVERS]]) @ found.params.iloc[:3]
    if model == "lag":
        innovations = y - found.params["rho"] * (w @ y) - trend
    else:
        innovations = (y - trend) - found.params["lambda"] * (w @ (y - trend))
    assert found.residuals.to_numpy() == pytest.approx(innovations, abs=1e-10)
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(y, abs=1e-12)
    assert found.sigma2 == pytest.approx(np.mean(innovations**2), rel=1e-12)


@pytest.mark.parametrize("model", ["lag", "error"])
def test_a_stored_spatial_result_comes_back_whole(geo: GeoPanel, tmp_path: pathlib.Path, model: Any) -> None:
    found = spatial_panel(geo, "y", DRIVERS, "queen", model=model)
    found.store(tmp_path / "model.eco")
    again = Result.load(tmp_path / "model.eco")
    assert again.summary() == found.summary()
    assert list(again.boundaries.ids) == list(geo.boundaries.ids)
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name], check_dtype=False, check_index_type=False)


def test_stored_least_squares_can_be_tested_on_its_own_map(geo: GeoPanel, tmp_path: pathlib.Path) -> None:
    model = ols(geo, "y", DRIVERS)
    model.store(tmp_path / "ols.eco")
    direct, later = spatial_tests(model), spatial_tests(Result.load(tmp_path / "ols.eco"))  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(direct.to_frame(), later.to_frame())
    later.store(tmp_path / "tests.eco")
    assert Result.load(tmp_path / "tests.eco").summary() == direct.summary()


def test_weights_may_come_from_libpysal_style_objects(w: sparse.csr_matrix, panel: Panel, weights: Weights) -> None:
    class Graph:
        sparse = w
        unique_ids = range(64)

    given = spatial_panel(panel, "y", DRIVERS, Graph(), model="lag")
    assert given.params.equals(spatial_panel(panel, "y", DRIVERS, weights, model="lag").params)


def test_islands_and_raw_weights_are_noted(w: sparse.csr_matrix, panel: Panel) -> None:
    matrix = (w.toarray() > 0).astype(float)
    matrix[5] = matrix[:, 5] = 0
    raw = Weights.from_sparse(matrix, range(64), transform="binary")
    found = spatial_panel(panel, "y", DRIVERS, raw, model="lag")
    texts = [str(note) for note in found.notes]
    assert any(text.endswith("zero: 5") for text in texts)
    assert any("not row-standardised" in text for text in texts)
    assert found.bounds[1] == pytest.approx(1 / np.linalg.eigvalsh(matrix).max())
    assert [str(note) for note in spatial_tests(ols(panel, "y", DRIVERS), raw).notes] == texts


def test_one_way_weights_with_complex_roots(panel: Panel) -> None:
    ring = Weights.from_sparse(np.roll(np.eye(64), 1, axis=1), range(64))
    found = spatial_panel(panel, "y", DRIVERS, ring, model="error")
    assert found.bounds == pytest.approx((-1.0, 1.0))
    assert found.std_errors.notna().all()


# Advice


@pytest.mark.parametrize(
    ("error", "lag", "robust_error", "robust_lag", "advice"),
    [
        (0.2, 0.3, 0.01, 0.01, "stay with OLS"),
        (0.01, 0.3, 0.4, 0.5, "spatial error model"),
        (0.3, 0.01, 0.5, 0.4, "spatial lag model"),
        (0.01, 0.01, 0.001, 0.5, "spatial error model"),
        (0.01, 0.01, 0.5, 0.001, "spatial lag model"),
        (0.01, 0.01, 0.01, 0.001, "spatial lag model"),
        (0.01, 0.01, np.nan, np.nan, "by theory"),
    ],
)
def test_the_decision_path(error: float, lag: float, robust_error: float, robust_lag: float, advice: str) -> None:
    names = ["LM error", "LM lag", "Robust LM error", "Robust LM lag"]
    pvalues = pd.Series([error, lag, robust_error, robust_lag], index=names)
    path = decision_path(pd.DataFrame({"statistic": -np.log(pvalues), "pvalue": pvalues}))
    assert advice in str(path[-1])
    assert str(path[-1]).startswith("advice: ")


# Bad input


def test_robust_tests_are_undefined_where_the_lag_of_the_trend_is_a_driver() -> None:
    ring = Weights.from_sparse(np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1), range(12))
    wave = np.cos(2 * np.pi * np.arange(12) / 12)
    frame = pd.DataFrame({"city": range(12), "y": np.random.default_rng(1).normal(size=12), "wave": wave})
    found = spatial_tests(ols(Panel.from_frame(frame, unit="city"), "y", ["wave"]), ring)
    assert found.to_frame().set_index("test")["statistic"]["Robust LM lag":"LM SARMA"].isna().all()
    assert "undefined" in str(found.notes[0])


def no_weights(n: int) -> Weights:
    return Weights.from_sparse(sparse.csr_matrix((n, n)), range(n))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (no_weights(64), DataError, "No unit has a neighbour"),
        (Weights.from_sparse(lattice(8), range(1, 65)), JoinError, "Only in the data: 0. Only in the weights: 64"),
        (Weights.from_sparse(np.eye(64, k=1), range(64)), ModelError, "no chain of neighbours leads back"),
        ("queen", GeometryError, "need the polygons"),
    ],
)
def test_weights_that_cannot_serve(panel: Panel, given: Any, kind: type[EcospatialError], words: str) -> None:
    with pytest.raises(kind, match=words):
        spatial_panel(panel, "y", DRIVERS, given, model="lag")


def test_bad_drivers_are_named_by_the_spatial_models_too(panel: Panel, weights: Weights) -> None:
    doubled = panel.assign(c=2 * panel["a"])
    with pytest.raises(ModelError, match="'c' is collinear: it follows from 'a'"):
        spatial_panel(doubled, "y", ["a", "c"], weights, model="error")


@pytest.mark.parametrize("model", ["lag", "error"])
def test_a_process_without_noise_is_refused(w: sparse.csr_matrix, weights: Weights, model: Any) -> None:
    x = np.random.default_rng(2).normal(size=(1, 64, 3))
    y = np.linalg.solve(np.eye(64) - 0.5 * w.toarray(), 1 + x[0] @ [0.0, 2.0, 1.0])[None]
    if model == "error":
        y = (1 + x @ [0.0, 2.0, 1.0]) + 1e-9 * y
    with pytest.raises(ModelError, match=r"without any rest|runs to its bound"):
        spatial_panel(as_panel(y, x), "y", DRIVERS, weights, model=model)


def test_a_spatial_unit_root_is_refused() -> None:
    """Two regions without a link between them, worlds apart: neighbours explain all there is at rho = 1."""
    w = sparse.csr_matrix(sparse.block_diag([lattice(6)] * 2))
    y, x = simulated(w, 0.0)
    apart = y + 1e6 * (np.arange(72) < 36)
    with pytest.raises(ModelError, match="rho runs to its bound"):
        spatial_panel(as_panel(apart, x), "y", DRIVERS, Weights.from_sparse(w, range(72)), model="lag")


def test_the_model_must_be_chosen(panel: Panel, weights: Weights) -> None:
    with pytest.raises(TypeError, match="model"):
        spatial_panel(panel, "y", DRIVERS, weights)  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="choose one of: lag, error"):
        spatial_panel(panel, "y", DRIVERS, weights, model="probit")  # type: ignore[arg-type]


def test_only_least_squares_can_be_tested(panel: Panel, weights: Weights) -> None:
    lag = spatial_panel(panel, "y", DRIVERS, weights, model="lag")
    with pytest.raises(OptionError, match="model takes OLSResult, not SpatialResult"):
        spatial_tests(lag, weights)  # type: ignore[arg-type]


# A second opinion


@pytest.fixture(scope="module")
def baltimore() -> tuple[Panel, Any]:
    import libpysal

    table = libpysal.io.open(libpysal.examples.get_path("baltim.dbf"))
    frame = pd.DataFrame({name.lower(): table.by_col(name) for name in table.header})
    near = libpysal.weights.KNN.from_array(frame[["x", "y"]].to_numpy(), k=6, ids=frame["station"].tolist())
    near.transform = "r"
    return Panel.from_frame(frame, unit="station"), near


HOUSE = ["nroom", "patio", "firepl", "sqft"]


def test_lagrange_multipliers_agree_with_spreg(baltimore: tuple[Panel, Any]) -> None:
    import spreg

    panel, near = baltimore
    frame = panel.frame
    peer = spreg.OLS(frame[["price"]].to_numpy(), frame[HOUSE].to_numpy(float), near, spat_diag=True, moran=True)
    ours = spatial_tests(ols(panel, "price", HOUSE), near).to_frame().iloc[:6]
    theirs = [peer.lm_error, peer.lm_lag, peer.rlm_error, peer.rlm_lag, peer.lm_sarma, peer.moran_res[1:]]
    assert ours["statistic"].to_numpy() == pytest.approx([statistic for statistic, _ in theirs], rel=1e-8)
    assert ours["pvalue"].to_numpy() == pytest.approx([pvalue for _, pvalue in theirs], rel=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("model", ["lag", "error"])
def test_maximum_likelihood_agrees_with_spreg(baltimore: tuple[Panel, Any], model: Any) -> None:
    import spreg

    panel, near = baltimore
    frame = panel.frame
    estimator = {"lag": spreg.ML_Lag, "error": spreg.ML_Error}[model]
    with contextlib.redirect_stdout(io.StringIO()):
        peer = estimator(frame[["price"]].to_numpy(), frame[HOUSE].to_numpy(float), near, method="full")
    ours = spatial_panel(panel, "price", HOUSE, near, model=model)
    assert ours.params.to_numpy() == pytest.approx(np.ravel(peer.betas), rel=1e-6)
    assert ours.std_errors.to_numpy() == pytest.approx(np.ravel(peer.std_err), rel=1e-6)
    assert ours.r2 == pytest.approx(peer.pr2, rel=1e-6)
    # The peer stops its search early, so its maximum may be lower, never higher.
    assert -1e-9 <= ours.loglik - float(np.squeeze(peer.logll)) < 1e-6

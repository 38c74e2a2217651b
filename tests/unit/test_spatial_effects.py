"""Direct, indirect and total effects against dense inverses and numerical derivatives."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.effects_result import EffectsResult
from ecospatial.drivers.impacts import spatial_effects
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.spatial_result import SpatialResult
from ecospatial.errors import OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.impacts import means_along, power_means
from ecospatial.kernels.logdet import log_determinant
from ecospatial.panel import Panel

COUNT = 40
DRIVERS = ["a", "b"]
MODELS = ["lag", "error", "durbin", "durbin-error", "slx", "sac"]


def links(island: bool = False) -> np.ndarray:
    rng = np.random.default_rng(4)
    found = ((rng.random((COUNT, COUNT)) < 0.06) | np.roll(np.eye(COUNT, dtype=bool), 1, axis=1)).astype(float)
    np.fill_diagonal(found, 0)
    if island:
        found[7] = found[:, 7] = 0
    return found


WEIGHTS = {
    "row": Weights.from_sparse(links(), range(COUNT)),
    "binary": Weights.from_sparse(links(), range(COUNT), transform="binary"),
    "island": Weights.from_sparse(links(island=True), range(COUNT)),
}


def fitted(kind: str, model: Any, rho: float = 0.4) -> SpatialResult:
    weights = WEIGHTS[kind]
    w = weights.sparse.toarray()
    rng = np.random.default_rng(2)
    x = rng.normal(size=(COUNT, 2))
    rho /= max(1.0, float(np.abs(np.linalg.eigvals(w)).max()))
    y = np.linalg.solve(np.eye(COUNT) - rho * w, 1 + x @ [1.0, -0.5] + w @ x @ [0.4, 0.2] + rng.normal(size=COUNT))
    panel = Panel.from_frame(pd.DataFrame({"y": y, "a": x[:, 0], "b": x[:, 1], "city": range(COUNT)}), unit="city")
    return spatial_panel(panel, "y", DRIVERS, weights, model=model)


def dense_effects(model: SpatialResult, params: pd.Series) -> np.ndarray:
    """Direct, indirect and total effects (2, 3) by the inverse that everything else avoids."""
    w = model.weights.sparse.toarray()
    inverse = np.linalg.inv(np.eye(COUNT) - params.get("rho", 0.0) * w)
    found = []
    for name in DRIVERS:
        matrix = inverse @ (params[name] * np.eye(COUNT) + params.get(f"W_{name}", 0.0) * w)
        direct, total = np.trace(matrix) / COUNT, matrix.sum() / COUNT
        found.append([direct, total - direct, total])
    return np.array(found)


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize("model", MODELS)
def test_effects_and_their_errors_are_those_of_dense_matrices(model: str, kind: str) -> None:
    fit = fitted(kind, model)
    table = fit.effects().to_frame()
    assert table[["direct", "indirect", "total"]].to_numpy() == pytest.approx(dense_effects(fit, fit.params), abs=1e-9)
    step = 1e-5
    slopes = []
    for term in fit.params.index:
        up, down = fit.params.copy(), fit.params.copy()
        up[term] += step
        down[term] -= step
        slopes.append((dense_effects(fit, up) - dense_effects(fit, down)) / (2 * step))
    turned = np.moveaxis(np.array(slopes), 0, 2)
    errors = np.sqrt(np.einsum("dki,ij,dkj->dk", turned, fit.cov.to_numpy(), turned))
    assert table[["direct_se", "indirect_se", "total_se"]].to_numpy() == pytest.approx(errors, rel=1e-6, abs=1e-9)


def test_without_rho_effects_are_the_coefficients() -> None:
    for model in ("error", "durbin-error", "slx"):
        fit = fitted("row", model)
        table = fit.effects().to_frame()
        lags = fit.params.reindex(["W_a", "W_b"]).fillna(0.0).to_numpy()
        assert table["direct"].to_numpy() == pytest.approx(fit.params[DRIVERS].to_numpy())
        assert table["direct_se"].to_numpy() == pytest.approx(fit.std_errors[DRIVERS].to_numpy())
        assert table["indirect"].to_numpy() == pytest.approx(lags)
        if model == "error":
            assert (table["indirect_se"] == 0).all()
            assert table["indirect_p"].isna().all()
        else:
            assert table["indirect_p"].to_numpy() == pytest.approx(fit.pvalues[["W_a", "W_b"]].to_numpy())


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize("model", ["lag", "durbin", "sac"])
def test_simulated_effects_become_the_delta_method_as_the_variance_shrinks(model: str, kind: str) -> None:
    """With the variance of these data the draws near the unit root have heavy tails."""
    fit = fitted(kind, model)
    sure = dataclasses.replace(fit, cov=1e-6 * fit.cov)
    exact, drawn = sure.effects().to_frame(), sure.effects("simulation", draws=4000, seed=5).to_frame()
    for name in ("direct", "indirect", "total"):
        assert drawn[name].to_numpy() == pytest.approx(exact[name].to_numpy())
        assert drawn[f"{name}_se"].to_numpy() == pytest.approx(exact[f"{name}_se"].to_numpy(), rel=0.05)
        for end in ("lower", "upper"):
            gap = drawn[f"{name}_{end}"] - exact[f"{name}_{end}"]
            assert gap.to_numpy() == pytest.approx(0, abs=0.15 * float(exact[f"{name}_se"].max()))


def test_a_simulation_repeats_itself() -> None:
    fit = fitted("row", "durbin")
    one, other, third = (fit.effects("simulation", draws=200, seed=seed).to_frame() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, other)
    assert not one["total_se"].equals(third["total_se"])


def test_draws_beyond_the_bounds_are_drawn_again_and_counted() -> None:
    fit = fitted("row", "lag", rho=0.93)
    found = fit.effects("simulation", draws=3000, seed=1)
    assert found.redrawn > 0
    assert "were drawn again" in str(found.notes[-1])
    assert np.isfinite(found.to_frame().select_dtypes("number").to_numpy()).all()


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize("model", ["lag", "durbin", "slx"])
def test_orders_of_neighbours_add_up_to_the_effects(model: str, kind: str) -> None:
    fit = fitted(kind, model)
    found = fit.effects(orders=20)
    whole, parts = found.to_frame(), found.to_frame("partition")
    for name in DRIVERS:
        own = parts[parts["driver"] == name]
        for effect in ("direct", "indirect", "total"):
            assert own[effect].sum() == pytest.approx(whole.loc[name, effect])
        assert own["share"].sum() == pytest.approx(1)
        # The series converges: each order is smaller than the one before, and next to nothing lies beyond the last.
        assert abs(own["total"].iloc[-1]) < 2e-3 * abs(whole.loc[name, "total"])
        assert (np.diff(np.abs(own["total"].iloc[2:-1])) <= 0).all()
        assert own["direct"].iloc[0] == pytest.approx(fit.params[name])
        assert own["indirect"].iloc[0] == 0
    assert fit.effects().to_frame("partition").empty


@pytest.mark.parametrize("kind", WEIGHTS)
def test_powers_and_means_along_rho_are_those_of_dense_matrices(kind: str) -> None:
    w = WEIGHTS[kind].sparse
    dense = w.toarray()
    own, rows = power_means(w, 7)
    powers = [np.linalg.matrix_power(dense, order) for order in range(8)]
    assert own == pytest.approx([np.trace(power) / COUNT for power in powers])
    assert rows == pytest.approx([power.sum() / COUNT for power in powers])
    for limit in (COUNT, 1):
        determinant = log_determinant(w, dense_limit=limit)
        assert determinant is not None
        rhos = determinant.bounds.upper * np.linspace(0.1, 0.7, 9)
        multipliers = [dense @ np.linalg.inv(np.eye(COUNT) - rho * dense) for rho in rhos]
        direct, total = means_along(w, determinant, rhos)
        assert direct == pytest.approx([np.trace(g) / COUNT for g in multipliers], abs=1e-6)
        assert total == pytest.approx([g.sum() / COUNT for g in multipliers], rel=1e-6)


def test_effects_come_from_files_and_go_to_files(tmp_path: pathlib.Path) -> None:
    fit = fitted("row", "durbin")
    fit.store(tmp_path / "model.eco")
    found = spatial_effects(SpatialResult.load(tmp_path / "model.eco"), "simulation", draws=200, orders=3)
    pd.testing.assert_frame_equal(found.to_frame(), fit.effects("simulation", draws=200).to_frame(), check_dtype=False)
    found.store(tmp_path / "effects.eco")
    assert EffectsResult.load(tmp_path / "effects.eco").summary() == found.summary()
    assert "200 draws" in found.summary()
    assert found.provenance is not None


def test_effects_are_of_spatial_regressions_only() -> None:
    with pytest.raises(OptionError, match="model takes SpatialResult"):
        spatial_effects("durbin.eco")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="orders=21"):
        fitted("row", "lag").effects(orders=21)

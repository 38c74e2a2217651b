"""A spatial regression under several weights: the same models, side by side, and weights that fail."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.drivers.impacts import spatial_effects
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.drivers.weights_robustness import WeightsRobustnessResult, weights_robustness
from ecospatial.errors import ModelError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE, YEARS = 6, 4
TOWNS = [f"t{place}" for place in range(SIDE**2)]


def data() -> Any:
    rng = np.random.default_rng(2)
    index = pd.MultiIndex.from_product([TOWNS, range(YEARS)], names=["unit", "period"])
    frame = pd.DataFrame(rng.normal(size=(len(index), 2)), index=index, columns=["rd", "fdi"])
    frame["eco"] = frame["rd"] - frame["fdi"] / 2 + rng.normal(size=len(index))
    grid = Boundaries.of(TOWNS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])
    return join(Panel.from_frame(frame), grid)


def fitted(model: Any = "durbin", effects: Any = "twoway", **options: Any) -> Any:
    return spatial_panel(data(), "eco", ["rd", "fdi"], "queen", model=model, effects=effects, **options)


@pytest.mark.parametrize(
    ("model", "effects", "options"),
    [
        ("durbin", "twoway", {"lags_of": ["rd"]}),
        ("lag", "individual", {"lee_yu": "none"}),
        ("error", "random", {"random_errors": "bsk"}),
        ("sac", "none", {}),
        ("slx", "none", {"transforms": ["rd=standardise"]}),
        ("error", "none", {"estimator": "gmm", "robust": True}),
        ("lag", "none", {"estimator": "gmm"}),
    ],
)
def test_each_row_is_the_model_under_those_weights(model: Any, effects: Any, options: dict[str, Any]) -> None:
    found = weights_robustness(fitted(model, effects, **options), ["rook", "knn:4"])
    for name, weights in (("rook", Weights.rook(data().boundaries)), ("knn:4", Weights.knn(data().boundaries, 4))):
        own = spatial_panel(data(), "eco", ["rd", "fdi"], weights, model=model, effects=effects, **options)
        rows = found.coefficients[found.coefficients["weights"] == name].set_index("term")
        assert rows["coefficient"][own.params.index].to_numpy() == pytest.approx(own.params.to_numpy(), rel=1e-12)
        assert found.fits.loc[name, "loglik"] == pytest.approx(own.loglik, rel=1e-12, nan_ok=True)
        assert found.fits.loc[name, "aic"] == pytest.approx(own.aic, rel=1e-12, nan_ok=True)
        effects_of = spatial_effects(own).impacts
        impacts = found.impacts[found.impacts["weights"] == name].set_index("term")
        assert impacts["indirect"].to_numpy() == pytest.approx(effects_of["indirect"].to_numpy(), rel=1e-12, abs=1e-15)
        for parameter in own.spatial_parameters:
            if parameter in found.fits:
                assert found.fits.loc[name, f"{parameter}_se"] == pytest.approx(own.std_errors[parameter], rel=1e-12)


def test_the_model_itself_comes_first() -> None:
    model = fitted()
    found = weights_robustness(model, ["rook", "queen"])
    assert found.fits.index.tolist() == ["as estimated", "rook", "queen"]
    assert found.fits.loc["as estimated", "rho"] == model.params["rho"]
    assert found.fits.loc["queen", "rho"] == pytest.approx(model.params["rho"], rel=1e-12)
    assert all(one.nobs == model.nobs for one in found.models.values())


def test_weights_that_fail_have_a_row_and_a_reason() -> None:
    other = Weights.from_sparse(np.ones((2, 2)) - np.eye(2), ["a", "b"])
    found = weights_robustness(fitted(), {"rook": "rook", "elsewhere": other})
    assert found.fits["status"].to_dict() == {"as estimated": "ok", "rook": "ok", "elsewhere": "not estimated"}
    assert np.isnan(found.fits.loc["elsewhere", "rho"])
    assert "elsewhere" not in found.impacts["weights"].tolist()
    assert any(str(note).startswith("elsewhere: Weights and data are of different units") for note in found.notes)


def test_islands_under_a_transformation_fail_by_name() -> None:
    found = weights_robustness(fitted(), ["rook", "band:0.5", "knn:few"])
    assert found.fits["status"].tolist() == ["ok", "ok", "not estimated", "not estimated"]


def test_refusals() -> None:
    with pytest.raises(OptionError, match="two weights or more"):
        weights_robustness(fitted(), ["rook"])
    with pytest.raises(OptionError, match="something else"):
        weights_robustness(fitted(), {"as estimated": "rook", "knn": "knn"})
    with pytest.raises(ModelError, match="under any of these weights"):
        weights_robustness(fitted(), ["band:0.5", "band:0.4"])


def test_store_and_load(tmp_path: pathlib.Path) -> None:
    found = weights_robustness(fitted(), ["rook", "band:0.5"])
    found.store(tmp_path / "found.eco")
    again = WeightsRobustnessResult.load(tmp_path / "found.eco")
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name], check_index_type=False, check_dtype=False)
    assert again.summary() == found.summary()

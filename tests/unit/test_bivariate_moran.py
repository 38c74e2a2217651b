"""Global bivariate Moran's I: against esda, all orders of the units, gaps and refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.errors import OptionError


def pairs(periods: int = 2, units: int = 36) -> tuple[es.GeoPanel, np.ndarray, np.ndarray]:
    """Two variables on a grid, the second the neighbours' first with noise."""
    side = int(units**0.5)
    ids = [f"u{place:02d}" for place in range(units)]
    grid = es.Boundaries.of(ids, [shapely.box(x, y, x + 1, y + 1) for x in range(side) for y in range(side)])
    rng = np.random.default_rng(6)
    x = rng.normal(size=(periods, units))
    y = (es.Weights.queen(grid).sparse @ x.T).T + 0.4 * rng.normal(size=(periods, units))
    frame = {"unit": ids * periods, "year": np.repeat(np.arange(periods), units), "x": x.ravel(), "y": y.ravel()}
    return es.join(es.Panel.from_frame(pd.DataFrame(frame), unit="unit", period="year"), grid), x, y


def test_bivariate_moran_is_that_of_esda() -> None:
    from esda import Moran_BV

    geo, x, y = pairs()
    found = es.moran(geo, "x", "queen", 999, second="y").periods
    theirs = es.Weights.queen(geo.boundaries).to_graph().to_W()
    for period in range(2):
        np.random.seed(1)  # esda takes no generator
        oracle = Moran_BV(x[period], y[period], theirs, permutations=999)
        assert found["I"].iloc[period] == pytest.approx(oracle.I, rel=1e-12)
        assert found["z_rand"].iloc[period] == pytest.approx(oracle.z_sim, rel=0.08)
    assert found["z_norm"].isna().all() and (found["status"] == "ok").all()


def test_bivariate_moments_and_tails_over_all_orders() -> None:
    """Six units have 720 orders: their mean and variance, and the share of larger statistics."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 6))
    links = np.triu(rng.random((6, 6)) < 0.5, 1)
    weights = es.Weights.from_sparse((links | links.T).astype(float), range(6))
    panel = es.Panel.from_frame(pd.DataFrame({"unit": range(6), "x": x, "y": y}), unit="unit")
    found = es.moran(panel, "x", weights, 4999, "greater", second="y").periods.iloc[0]
    zx, zy = ((one - one.mean()) / one.std(ddof=1) for one in (x, y))
    pull = zx @ weights.sparse.toarray() * 6 / weights.sparse.sum() / 5
    every = np.array([pull @ zy[list(order)] for order in itertools.permutations(range(6))])
    assert found["I"] == pytest.approx(pull @ zy, rel=1e-12)
    assert found["expected"] == 0.0 and abs(every.mean()) < 1e-14
    assert found["z_rand"] == pytest.approx(found["I"] / every.std(), rel=1e-9)
    assert found["p_sim"] == pytest.approx((every >= found["I"] - 1e-12).mean(), abs=0.02)


def test_bivariate_moran_with_itself_has_the_univariate_statistic() -> None:
    geo, _, _ = pairs()
    one, other = es.moran(geo, "x", "queen", 99, second="x"), es.moran(geo, "x", "queen", 99)
    np.testing.assert_allclose(one.I, other.I, rtol=1e-12)


def test_bivariate_moran_of_gaps_and_flat_variables() -> None:
    geo, _, _ = pairs()
    frame = geo.frame
    frame.loc[("u03", 0), "y"] = np.nan
    frame.loc[frame.index.get_level_values("period") == 1, "y"] = 2.0
    found = es.moran(es.Panel.from_frame(frame), "x", geo.weights("queen"), 99, second="y").periods
    assert found["status"].tolist() == ["ok", "constant"] and found["units"].tolist()[0] == 35
    with pytest.raises(OptionError, match="regressors= or second="):
        es.moran(geo, "x", "queen", 99, regressors=["y"], second="y")


def test_bivariate_moran_where_every_order_gives_the_same() -> None:
    """All neighbour all: the lag differs from unit to unit only by the own value, which the statistic still sees."""
    full = es.Weights.from_sparse(np.ones((6, 6)) - np.eye(6), range(6))
    ring = es.Weights.from_sparse(np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1), range(6))
    x = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]
    panel = es.Panel.from_frame(pd.DataFrame({"unit": range(6), "x": x, "y": [3.0, 1, 4, 1, 5, 9]}), unit="unit")
    assert es.moran(panel, "x", full, 99, second="y").periods["status"].tolist() == ["ok"]
    # Pairs of high and low: every unit is pulled up as much as down.
    pairs_ = es.Weights.from_sparse(np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), 2, axis=1), range(6))
    assert es.moran(panel, "x", pairs_, 99, second="y").periods["status"].tolist() == ["no variance"]
    assert es.moran(panel, "x", ring, 99, second="y").periods["status"].tolist() == ["ok"]

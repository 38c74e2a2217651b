"""Global Moran's I: periods, gaps, islands, conventions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import sparse

from ecospatial.clusters.moran import MoranResult, moran
from ecospatial.errors import DataError, GeometryError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE = 6
UNITS = [f"u{place:02d}" for place in range(SIDE**2)]
GRID = Boundaries.of(UNITS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])


def panel(*periods: np.ndarray, column: str = "score") -> GeoPanel:
    """Periods 2001, 2002 … of the 36 squares."""
    frames = [pd.DataFrame({"unit": UNITS, "year": 2001 + t, column: values}) for t, values in enumerate(periods)]
    return join(Panel.from_frame(pd.concat(frames), unit="unit", period="year"), GRID)


def noise(seed: int = 0, periods: int = 1) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(size=(periods, SIDE**2)))


def slope() -> np.ndarray:
    return np.arange(SIDE**2) // SIDE + noise(9)[0] / 10


def test_by_hand() -> None:
    line = Weights.from_sparse(np.eye(4, k=1) + np.eye(4, k=-1), "abcd", "binary")
    data = Panel.from_frame(pd.DataFrame({"unit": list("abcd"), "y": [1.0, 2.0, 3.0, 4.0]}), unit="unit")
    row = moran(data, "y", line).to_frame().iloc[0]
    assert row["I"] == pytest.approx(4 / 6 * 2 * (0.75 - 0.25 + 0.75) / 5)
    assert row["expected"] == pytest.approx(-1 / 3)
    # Of the 24 orders 2 have I = 1/3 and none more, so one-sided p is about 2/24.
    assert moran(data, "y", line, 9999, "greater").p_sim.iloc[0] == pytest.approx(2 / 24, abs=0.01)


def test_table_by_period() -> None:
    table = moran(panel(*noise(periods=3)), "score").to_frame()
    assert table.index.tolist() == [2001, 2002, 2003]
    assert table.index.name == "period"
    names = ["I", "expected", "z_norm", "p_norm", "z_rand", "p_rand", "p_sim", "units", "status"]
    assert table.columns.tolist() == names
    assert table["units"].tolist() == [36, 36, 36]
    assert table["status"].tolist() == ["ok"] * 3


def test_a_period_does_not_depend_on_the_others() -> None:
    first, second, third = noise(periods=3)
    third[4] = np.nan
    together = moran(panel(first, second, third), "score").to_frame()
    alone = moran(panel(second), "score").to_frame()
    pd.testing.assert_frame_equal(together.loc[[2002]].set_axis([2001]), alone, check_names=False)


def test_alternatives() -> None:
    data = panel(slope(), -noise(3)[0])
    tables = {side: moran(data, "score", alternative=side).to_frame() for side in ("greater", "less", "two-sided")}
    for name in ("p_norm", "p_rand"):
        assert np.allclose(tables["greater"][name] + tables["less"][name], 1)
        smaller = np.minimum(tables["greater"][name], tables["less"][name])
        assert np.allclose(tables["two-sided"][name], 2 * smaller)
    assert tables["greater"]["p_sim"].iloc[0] == 0.001
    assert tables["two-sided"]["p_sim"].iloc[0] == 0.002
    assert tables["less"]["p_sim"].iloc[0] == 1.0


def test_permutation_agrees_with_randomisation() -> None:
    # Moran's I of 36 units is not quite normal, hence the tolerance; the simulation error is 0.004.
    table = moran(panel(*noise(5, periods=8)), "score", permutations=9999, alternative="greater").to_frame()
    assert np.abs(table["p_sim"] - table["p_rand"]).max() < 0.05


def test_the_seed_repeats_and_matters() -> None:
    data = panel(noise(2)[0])
    assert moran(data, "score", seed=7).p_sim.equals(moran(data, "score", seed=7).p_sim)
    assert len({moran(data, "score", seed=seed).p_sim.iloc[0] for seed in range(5)}) > 1


def test_the_order_of_units_does_not_matter() -> None:
    values = noise(4)[0]
    frame = pd.DataFrame({"unit": UNITS, "score": values})
    weights = Weights.queen(GRID)
    one = moran(Panel.from_frame(frame, unit="unit"), "score", weights).to_frame()
    other = moran(Panel.from_frame(frame.iloc[::-1], unit="unit"), "score", weights).to_frame()
    numbers = ["I", "z_norm", "z_rand", "p_norm", "p_rand"]
    pd.testing.assert_frame_equal(one[numbers], other[numbers], rtol=1e-12)


def test_a_constant_period_is_named() -> None:
    result = moran(panel(noise()[0], np.full(36, 0.1 + 0.2)), "score")
    row = result.to_frame().loc[2002]
    assert row["status"] == "constant"
    assert row[["I", "expected", "z_norm", "p_sim"]].isna().all()
    assert "Not tested, constant: 2002." in [str(note) for note in result.notes]


def test_rounding_is_no_variation() -> None:
    values = np.full(36, 1.0)
    values[::2] = np.nextafter(1.0, 2.0)
    assert moran(panel(values), "score").to_frame()["status"].tolist() == ["constant"]


def test_too_few_units() -> None:
    values = np.full(36, np.nan)
    values[:3] = [1.0, 2.0, 3.0]
    table = moran(panel(values, np.full(36, np.nan)), "score").to_frame()
    assert table["status"].tolist() == ["too few units"] * 2
    assert table["units"].tolist() == [3, 0]


def test_units_without_a_value_leave_their_period() -> None:
    values = noise(6)[0]
    gaps = values.copy()
    gaps[[3, 8]] = np.nan
    result = moran(panel(values, gaps), "score")
    kept = np.isfinite(gaps)
    part = Panel.from_frame(pd.DataFrame({"unit": np.array(UNITS)[kept], "score": gaps[kept]}), unit="unit")
    alone = moran(part, "score", Weights.queen(GRID).subset(part.units)).to_frame().iloc[0]
    assert result.to_frame().loc[2002].equals(alone.rename(2002))
    assert result.to_frame()["units"].tolist() == [36, 34]
    assert "no value in 2 of 72 unit-periods (units u03, u08)" in str(result.notes[0])


def test_an_absent_row_is_a_missing_value() -> None:
    values = noise(6, periods=2)
    full = panel(*values)
    gap = values[1].copy()
    gap[5] = np.nan
    rows = full.frame.reset_index()
    rows = rows[~((rows["unit"] == "u05") & (rows["year" if "year" in rows else "period"] == 2002))]
    unbalanced = join(Panel.from_frame(rows, unit="unit", period="period"), GRID)
    expected = moran(panel(values[0], gap), "score").to_frame()
    pd.testing.assert_frame_equal(moran(unbalanced, "score").to_frame(), expected)


def test_no_links() -> None:
    table = moran(panel(noise()[0]), "score", Weights.from_sparse(np.zeros((36, 36)), UNITS)).to_frame()
    assert table["status"].tolist() == ["no links"]
    assert table["I"].isna().all()


def test_islands_stay_in_the_mean_and_are_noted() -> None:
    matrix = Weights.queen(GRID, transform="binary").sparse.toarray()
    matrix[0] = matrix[:, 0] = 0
    values = noise(8)[0]
    weights = Weights.from_sparse(matrix, UNITS)
    result = moran(panel(values), "score", weights)
    z = values - values.mean()
    assert result.I.iloc[0] == pytest.approx(36 / 35 * (z @ weights.sparse @ z) / (z @ z))
    assert "Units without a neighbour stay in the mean and in n: u00." in [str(note) for note in result.notes]


def test_where_everyone_neighbours_everyone_no_order_matters() -> None:
    everyone = Weights.from_sparse(np.ones((36, 36)) - np.eye(36), UNITS)
    row = moran(panel(noise()[0]), "score", everyone).to_frame().iloc[0]
    assert row["I"] == pytest.approx(row["expected"])
    assert np.isnan(row["z_norm"]) and np.isnan(row["z_rand"])
    assert row["p_sim"] == 1


def test_weights_scale_drops_out() -> None:
    values, matrix = noise(1)[0], Weights.queen(GRID, transform="binary").sparse
    one = moran(panel(values), "score", Weights.from_sparse(matrix, UNITS, "none")).to_frame()
    other = moran(panel(values), "score", Weights.from_sparse(matrix * 1e-7, UNITS, "none")).to_frame()
    pd.testing.assert_frame_equal(one, other)


def test_bad_input_is_named() -> None:
    data = panel(noise()[0])
    with pytest.raises(DataError, match="did you mean 'score'"):
        moran(data, "skore")
    with pytest.raises(DataError, match="must hold numbers, but unit u00, period 2001 holds 'x'"):
        moran(panel(np.array(["x"] * 36)), "score")
    with pytest.raises(DataError, match="infinite"):
        moran(panel(np.append(noise()[0][:-1], np.inf)), "score")
    with pytest.raises(JoinError, match="Only in the data: u35"):
        moran(data, "score", Weights.queen(GRID).subset(UNITS[:-1]))
    with pytest.raises(GeometryError, match="need the polygons"):
        moran(Panel.from_frame(data.frame), "score")
    for options in ({"permutations": 98}, {"alternative": "both"}, {"seed": -1}):
        with pytest.raises(OptionError):
            moran(data, "score", **options)


def test_text_of_the_result() -> None:
    text = moran(panel(noise()[0]), "score", "rook", seed=3).summary()
    for words in ("36 units, 120 links", "rook, row-standardised", "999 of all values, seed 3", "two-sided"):
        assert words in text


def test_store(tmp_path: object) -> None:
    result = moran(panel(noise()[0], np.zeros(36)), "score")
    result.store(f"{tmp_path}/m.eco")
    back = MoranResult.load(f"{tmp_path}/m.eco")
    pd.testing.assert_frame_equal(back.to_frame(), result.to_frame(), check_dtype=False)
    assert back.summary() == result.summary()
    assert len(back.boundaries) == 36
    assert back.provenance.seed == 12345


def test_input_is_not_changed() -> None:
    data, weights = panel(noise()[0]), Weights.queen(GRID)
    before = data.fingerprint(), weights.fingerprint()
    moran(data, "score", weights)
    assert (data.fingerprint(), weights.fingerprint()) == before
    assert sparse.issparse(weights.sparse)


def with_regressor(periods: int, seed: int = 0) -> GeoPanel:
    rng = np.random.default_rng(seed + 1000)
    data = panel(*noise(seed, periods))
    return data.assign(x=pd.Series(rng.normal(size=36 * periods), data.index))


def test_residual_moments_by_definition() -> None:
    data = with_regressor(2)
    table = moran(data, "score", "queen", regressors=["x"]).to_frame()
    w, cube = Weights.queen(GRID).sparse.toarray(), data.cube(["score", "x"])
    for period, row in zip(cube, table.itertuples(), strict=True):
        x = np.column_stack([np.ones(36), period[:, 1]])
        m = np.eye(36) - x @ np.linalg.inv(x.T @ x) @ x.T
        e, mw, scale = m @ period[:, 0], m @ w, 36 / w.sum()
        expected = scale * np.trace(mw) / 34
        square = np.trace(mw @ m @ w.T) + np.trace(mw @ mw) + np.trace(mw) ** 2
        variance = scale**2 * square / (34 * 36) - expected**2
        assert float(row.I) == pytest.approx(scale * (e @ w @ e) / (e @ e))
        assert row.expected == pytest.approx(expected)
        assert row.z_norm == pytest.approx((row.I - expected) / np.sqrt(variance))
    assert table["z_rand"].isna().all() and table["p_sim"].notna().all()


def test_residuals_agree_with_the_tests_of_a_regression() -> None:
    from ecospatial.drivers.ols import ols
    from ecospatial.drivers.spatial_tests import spatial_tests

    data = with_regressor(1)
    row = moran(data, "score", "queen", regressors=["x"]).to_frame().iloc[0]
    expected = spatial_tests(ols(data, "score", ["x"]), "queen").to_frame("residual_moran").iloc[0]
    assert row["I"] == pytest.approx(expected["I"]) and row["p_norm"] == pytest.approx(expected["pvalue"])


def test_residuals_of_random_maps_are_rejected_at_their_level() -> None:
    # 200 maps: the share's standard error is 0.015 at 5 % and 0.035 at 50 %.
    table = moran(with_regressor(200, 3), "score", "queen", regressors=["x"]).to_frame()
    for p in ("p_norm", "p_sim"):
        assert (table[p] <= 0.05).mean() == pytest.approx(0.05, abs=0.05)
        assert (table[p] <= 0.5).mean() == pytest.approx(0.5, abs=0.11)


def test_periods_that_cannot_be_regressed_are_named() -> None:
    data = with_regressor(3)
    values, x = data.cube(["score", "x"]).transpose(2, 0, 1)
    x[1], values[2] = 2.0, 3 * x[2] + 1
    flat = {name: pd.Series(found.ravel(), data.index) for name, found in (("score", values), ("x", x))}
    result = moran(data.assign(**flat, twice=2 * flat["x"]), "score", regressors=["x"])
    assert result.to_frame()["status"].tolist() == ["ok", "constant", "perfect fit"]
    assert "Not tested, perfect fit: 2003." in [str(note) for note in result.notes]
    twins = moran(data.assign(twice=2 * data["x"]), "score", regressors=["x", "twice"])
    assert twins.to_frame()["status"].tolist() == ["collinear"] * 3
    few = data.cube(["score"])[0, :, 0]
    few[5:] = np.nan
    short = moran(with_regressor(1).assign(score=few), "score", regressors=["x"])
    assert short.to_frame()["status"].tolist() == ["ok"]
    few[4:] = np.nan
    assert moran(with_regressor(1).assign(score=few), "score", regressors="x").to_frame()["status"].tolist() == [
        "too few units"
    ]

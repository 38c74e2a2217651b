"""Geary's C: global and local, of one variable and of several, gaps, islands, the null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.clusters.geary import GearyResult, geary
from ecospatial.errors import DataError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE = 8
UNITS = [f"u{place:02d}" for place in range(SIDE**2)]
GRID = Boundaries.of(UNITS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])


def panel(*periods: np.ndarray, **more: np.ndarray) -> GeoPanel:
    frames = [
        pd.DataFrame({"unit": UNITS, "year": 2001 + t, "score": values, **more}) for t, values in enumerate(periods)
    ]
    return join(Panel.from_frame(pd.concat(frames), unit="unit", period="year"), GRID)


def noise(seed: int = 0, periods: int = 1) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(size=(periods, SIDE**2)))


def hill() -> np.ndarray:
    x, y = np.divmod(np.arange(SIDE**2), SIDE)
    values = np.where((x < 3) & (y < 3), 4.0, np.where((x > 4) & (y > 4), -4.0, 0.0)) + noise(1)[0]
    values[SIDE + 1] = -8.0
    return values


def test_by_hand() -> None:
    line = Weights.from_sparse(np.eye(4, k=1) + np.eye(4, k=-1), "abcd", "binary")
    data = Panel.from_frame(pd.DataFrame({"unit": list("abcd"), "y": [1.0, 2.0, 3.0, 4.0]}), unit="unit")
    result = geary(data, "y", line)
    assert result.to_frame("global_geary")["C"].tolist() == pytest.approx([3 * 6 / (2 * 6 * 5)])
    assert result.local["c"].tolist() == pytest.approx([0.6, 1.2, 1.2, 0.6])


def test_labels_of_a_hill() -> None:
    result = geary(panel(hill()), "score", seed=1, alternative="directed")
    labels = result.labels.droplevel("period")
    assert labels["u09"] == "negative"
    assert "HH" in set(labels) and "LL" in set(labels)
    assert result.counts.columns.tolist() == ["HH", "LL", "other", "negative", "ns", "isolated", "undefined"]
    row = result.to_frame("global_geary").iloc[0]
    assert row["C"] < 1 and row["z_norm"] < 0 and row["p_sim"] < 0.01


def test_local_statistics_add_up_to_the_global() -> None:
    binary = Weights.queen(GRID, transform="binary")
    result = geary(panel(*noise(4, 3)), "score", binary)
    sums = result.local["c"].groupby("period").sum().to_numpy()
    assert np.allclose(sums / (2 * binary.sparse.sum()), result.to_frame("global_geary")["C"])


def test_several_variables() -> None:
    other = noise(7)[0]
    data = panel(hill(), other=other, twin=hill())
    one, two = geary(data, "score").local, geary(data, ["score", "twin"]).local
    # A variable beside itself is the variable.
    pd.testing.assert_frame_equal(one[["c", "z", "p_sim"]], two[["c", "z", "p_sim"]])
    both = geary(data, ["score", "other"])
    assert np.allclose(both.local["c"], (one["c"] + geary(data, "other").local["c"]) / 2)
    assert set(both.labels) <= {"positive", "negative", "ns"}
    assert both.to_frame("global_geary")["variable"].tolist() == ["score", "other"]


def test_a_missing_cell_of_one_variable_leaves_the_unit_out() -> None:
    other = noise(7)[0]
    other[3] = np.nan
    result = geary(panel(hill(), other=other), ["score", "other"])
    assert result.labels.droplevel("period")["u03"] == "undefined"
    assert result.to_frame("global_geary")["units"].tolist() == [63, 63]


def test_islands_never_get_a_p_value() -> None:
    alone = Boundaries.of([*UNITS, "far"], [*GRID.geometry, shapely.box(50, 50, 51, 51)])
    frame = pd.DataFrame({"unit": alone.ids, "score": np.append(hill(), 100.0)})
    row = geary(join(Panel.from_frame(frame, unit="unit"), alone), "score").local.xs("far", level="unit").iloc[0]
    assert row["label"] == "isolated"
    assert row[["c", "expected", "z", "p_sim", "q"]].isna().all()


def test_a_random_map_is_rejected_at_its_level() -> None:
    # 64 units × 150 maps for the local, 150 maps for the global statistic: four standard errors.
    result = geary(panel(*noise(11, periods=150)), "score")
    assert (result.local["p_sim"] <= 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert (result.periods["p_sim"] <= 0.05).mean() == pytest.approx(0.05, abs=0.07)
    assert (result.periods["p_rand"] <= 0.5).mean() == pytest.approx(0.5, abs=0.16)


def test_the_seed_repeats_and_periods_stand_alone() -> None:
    first, second = noise(periods=2)
    together = geary(panel(first, second), "score", seed=7).local.xs(2002, level="period")
    alone = geary(panel(second), "score", seed=7).local.xs(2001, level="period")
    pd.testing.assert_frame_equal(together, alone)
    assert not geary(panel(second), "score", seed=8).local["p_sim"].equals(alone["p_sim"])


def test_bad_input_is_named() -> None:
    data = panel(noise()[0])
    with pytest.raises(DataError, match="did you mean 'score'"):
        geary(data, "skore")
    for columns in ([], ["score", "score"]):
        with pytest.raises(OptionError, match="each once"):
            geary(data, columns)


def test_constant_periods_and_no_links() -> None:
    result = geary(panel(hill(), np.full(64, 2.0)), "score")
    assert result.to_frame("global_geary")["status"].tolist() == ["ok", "constant"]
    bare = geary(panel(hill()), "score", Weights.from_sparse(np.zeros((64, 64)), UNITS))
    assert set(bare.labels) == {"isolated"}
    assert bare.to_frame("global_geary")["status"].tolist() == ["no links"]


def test_store(tmp_path: object) -> None:
    result = geary(panel(hill(), other=noise(2)[0]), ["score", "other"])
    result.store(f"{tmp_path}/c.eco")
    back = GearyResult.load(f"{tmp_path}/c.eco")
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table, check_dtype=False)
    assert back.summary() == result.summary()

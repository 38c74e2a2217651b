"""Hot and cold spots: labels, conventions, gaps, islands, negative values, the null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.clusters.getis_ord import LABELS, GetisOrdResult, getis_ord
from ecospatial.errors import DataError, GeometryError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE = 8
UNITS = [f"u{place:02d}" for place in range(SIDE**2)]
GRID = Boundaries.of(UNITS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])


def panel(*periods: np.ndarray) -> GeoPanel:
    frames = [pd.DataFrame({"unit": UNITS, "year": 2001 + t, "score": values}) for t, values in enumerate(periods)]
    return join(Panel.from_frame(pd.concat(frames), unit="unit", period="year"), GRID)


def noise(seed: int = 0, periods: int = 1) -> list[np.ndarray]:
    return list(10 + np.random.default_rng(seed).normal(size=(periods, SIDE**2)))


def hill() -> np.ndarray:
    x, y = np.divmod(np.arange(SIDE**2), SIDE)
    return np.where((x < 3) & (y < 3), 20.0, np.where((x > 4) & (y > 4), 1.0, 10.0)) + noise(1)[0] / 10


def test_by_hand() -> None:
    line = Weights.from_sparse(np.eye(4, k=1) + np.eye(4, k=-1), "abcd", "binary")
    data = Panel.from_frame(pd.DataFrame({"unit": list("abcd"), "y": [1.0, 2.0, 3.0, 4.0]}), unit="unit")
    others = getis_ord(data, "y", line, star=False)
    assert others.hot_spots["G"].tolist() == pytest.approx([2 / 9, 4 / 8, 6 / 7, 3 / 6])
    assert getis_ord(data, "y", line).hot_spots["G"].tolist() == pytest.approx([0.3, 0.6, 0.9, 0.7])
    general = others.to_frame("general_g").iloc[0]
    assert general["G"] == pytest.approx((2 + 6 + 12) / (2 + 3 + 4 + 6 + 8 + 12))
    assert general["expected"] == pytest.approx(6 / 12)


def test_table_and_labels_of_a_hill() -> None:
    result = getis_ord(panel(hill(), noise(3)[0]), "score", seed=1)
    table = result.to_frame()
    assert table.columns.tolist() == ["G", "z", "p_norm", "p_sim", "q", "label"]
    assert set(table["label"]) <= set(LABELS)
    labels = result.labels.xs(2001, level="period")
    assert labels["u00"] == "hot" and labels["u63"] == "cold"
    assert (np.sign(table["z"])[table["label"] == "hot"] == 1).all()
    assert result.counts.sum(axis=1).tolist() == [64, 64]
    general = result.to_frame("general_g")
    assert general.index.tolist() == [2001, 2002]
    assert general["p_rand"].loc[2001] < 0.001 < general["p_rand"].loc[2002]


def test_a_unit_alone_at_the_top_is_hot_only_with_its_neighbours() -> None:
    values = noise(2)[0]
    values[27] = 30.0
    star, others = (
        getis_ord(panel(values), "score", star=star).hot_spots.droplevel("period") for star in (True, False)
    )
    assert star.loc["u27", "z"] > others.loc["u27", "z"]
    assert star["p_sim"].equals(others["p_sim"])  # the unit's own value stays where it is


def test_weights_of_a_row_may_be_rescaled() -> None:
    data, matrix = panel(hill()), Weights.queen(GRID, transform="binary").sparse
    row, binary = (Weights.from_sparse(matrix, UNITS, transform) for transform in ("row", "binary"))
    for star in (True, False):
        one, other = (getis_ord(data, "score", weights, star).hot_spots for weights in (row, binary))
        pd.testing.assert_frame_equal(one[["z", "p_sim", "q"]], other[["z", "p_sim", "q"]])


def test_negative_values_leave_shares_empty() -> None:
    data = panel(hill(), hill() - 15)
    result = getis_ord(data, "score")
    table, general = result.to_frame(), result.to_frame("general_g")
    first, second = (table.xs(year, level="period") for year in (2001, 2002))
    assert second["G"].isna().all() and first["G"].notna().all()
    assert np.allclose(first["z"], second["z"]) and first["label"].equals(second["label"])
    assert general["status"].tolist() == ["ok", "negative values"]
    assert general.loc[2002, ["G", "p_sim", "z_rand"]].isna().all()
    assert "'score' has negative values in 2002" in str(result.notes[0])


def test_islands_never_get_a_p_value() -> None:
    alone = Boundaries.of([*UNITS, "far"], [*GRID.geometry, shapely.box(50, 50, 51, 51)])
    values = np.append(hill(), 100.0)
    data = join(Panel.from_frame(pd.DataFrame({"unit": alone.ids, "score": values}), unit="unit"), alone)
    for star in (True, False):
        row = getis_ord(data, "score", star=star, correction="fdr").to_frame().xs("far", level="unit").iloc[0]
        assert row["label"] == "isolated"
        assert row[["G", "z", "p_norm", "p_sim", "q"]].isna().all()


def test_gaps_constant_periods_and_no_links() -> None:
    values = hill()
    gaps = values.copy()
    gaps[[0, 9]] = np.nan
    result = getis_ord(panel(values, gaps, np.full(64, 3.0)), "score", "rook")
    labels = result.labels.unstack("period")
    assert labels.loc[["u00", "u09"], 2002].tolist() == ["undefined"] * 2
    assert (labels[2003] == "undefined").all()
    assert result.to_frame("general_g")["status"].tolist() == ["ok", "ok", "constant"]
    bare = getis_ord(panel(values), "score", Weights.from_sparse(np.zeros((64, 64)), UNITS))
    assert set(bare.labels) == {"isolated"}
    assert bare.to_frame("general_g")["status"].tolist() == ["no links"]


def test_a_random_map_is_rejected_at_its_level() -> None:
    # 64 units × 150 maps for the local, 150 maps for the global statistic: four standard errors.
    result = getis_ord(panel(*noise(11, periods=150)), "score")
    assert (result.hot_spots["p_sim"] <= 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert (result.periods["p_sim"] <= 0.05).mean() == pytest.approx(0.05, abs=0.07)
    assert (result.periods["p_sim"] <= 0.5).mean() == pytest.approx(0.5, abs=0.16)


def test_neighbour_of_all_others() -> None:
    everyone = Weights.from_sparse(np.ones((64, 64)) - np.eye(64), UNITS)
    result = getis_ord(panel(hill()), "score", everyone)
    assert (result.hot_spots["p_sim"] == 1).all() and result.hot_spots["z"].isna().all()
    assert result.to_frame("general_g")["p_sim"].tolist() == [1.0]
    assert result.to_frame("general_g")["z_rand"].isna().all()


def test_bad_input_is_named() -> None:
    data = panel(noise()[0])
    with pytest.raises(DataError, match="did you mean 'score'"):
        getis_ord(data, "skore")
    with pytest.raises(JoinError, match="Only in the data: u63"):
        getis_ord(data, "score", Weights.queen(GRID).subset(UNITS[:-1]))
    with pytest.raises(GeometryError, match="need the polygons"):
        getis_ord(Panel.from_frame(data.frame), "score")
    for options in ({"star": "yes"}, {"correction": "holm"}, {"permutations": 5}):
        with pytest.raises(OptionError):
            getis_ord(data, "score", **options)


def test_store_and_text(tmp_path: object) -> None:
    values = hill()
    values[5] = np.nan
    result = getis_ord(panel(values, np.zeros(64)), "score", star=False, correction="fdr")
    result.store(f"{tmp_path}/g.eco")
    back = GetisOrdResult.load(f"{tmp_path}/g.eco")
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(back.tables()[name], table, check_dtype=False)
    assert back.summary() == result.summary()
    assert "Gi: neighbours only" in result.summary() and "Benjamini–Hochberg" in result.summary()

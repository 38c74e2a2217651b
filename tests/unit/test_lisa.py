"""Local Moran clusters: labels, corrections, gaps, islands, conventions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import hypergeom

from ecospatial.clusters.lisa import LABELS, LisaResult, lisa
from ecospatial.clusters.significance import adjusted
from ecospatial.errors import DataError, JoinError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE = 8
UNITS = [f"u{place:02d}" for place in range(SIDE**2)]
GRID = Boundaries.of(UNITS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])


def panel(*periods: np.ndarray) -> GeoPanel:
    """Periods 2001, 2002 … of the 64 squares, units varying fastest."""
    frames = [pd.DataFrame({"unit": UNITS, "year": 2001 + t, "score": values}) for t, values in enumerate(periods)]
    return join(Panel.from_frame(pd.concat(frames), unit="unit", period="year"), GRID)


def noise(seed: int = 0, periods: int = 1) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(size=(periods, SIDE**2)))


def hill() -> np.ndarray:
    """High in one corner of the grid, low in the opposite one, with one low unit among the high."""
    x, y = np.divmod(np.arange(SIDE**2), SIDE)
    values = np.where((x < 3) & (y < 3), 10.0, np.where((x > 4) & (y > 4), -10.0, 0.0)) + noise(1)[0] / 10
    values[SIDE + 1] = -8.0
    return values


def test_table() -> None:
    data = panel(*noise(periods=2))
    table = lisa(data, "score").to_frame()
    assert table.index.equals(data.index)
    assert table.columns.tolist() == ["I", "z", "p_sim", "q", "quadrant", "label", "value", "lag"]
    assert set(table["label"]) <= set(LABELS)
    assert np.allclose(table["I"], table["value"] * table["lag"])


def test_rows_keep_the_order_of_the_data() -> None:
    data = panel(*noise(periods=2))
    shuffled = Panel.from_frame(data.frame.sample(frac=1, random_state=3)).join(GRID)
    weights = Weights.queen(GRID)
    one, other = lisa(data, "score", weights).to_frame(), lisa(shuffled, "score", weights).to_frame()
    assert other.index.equals(shuffled.index)
    pd.testing.assert_series_equal(one["I"].reindex(other.index), other["I"], rtol=1e-12)
    pd.testing.assert_series_equal(one["z"].reindex(other.index), other["z"], rtol=1e-9)


def test_clusters_and_outliers_of_a_hill() -> None:
    labels = lisa(panel(hill()), "score", seed=1).labels.droplevel("period")
    assert labels["u00"] == "HH"
    assert labels["u63"] == "LL"
    assert labels["u09"] == "LH"


def test_quadrant_stands_without_significance() -> None:
    table = lisa(panel(noise(3)[0]), "score", significance=0.0005, permutations=999).to_frame()
    assert set(table["label"]) == {"ns"}
    assert set(table["quadrant"]) == {"HH", "LL", "LH", "HL"}
    high = table["value"] > 0
    assert (table["quadrant"].str[0] == np.where(high, "H", "L")).all()
    assert (table["quadrant"].str[1] == np.where(table["lag"] > 0, "H", "L")).all()


def test_two_sided_is_twice_directed() -> None:
    data = panel(*noise(2, periods=3))
    directed = lisa(data, "score", alternative="directed").p_sim
    assert np.allclose(lisa(data, "score").p_sim, np.minimum(2 * directed, 1))
    assert directed.max() <= 0.53


def test_the_cutoff_is_included() -> None:
    result = lisa(panel(hill()), "score", alternative="directed")
    cutoff = result.p_sim[(result.p_sim > 0.01) & (result.p_sim < 0.2)].iloc[0]
    again = lisa(panel(hill()), "score", alternative="directed", significance=cutoff)
    at_cutoff = again.p_sim == cutoff
    assert at_cutoff.any()
    assert not again.labels[at_cutoff].isin(["ns"]).any()
    below = lisa(panel(hill()), "score", alternative="directed", significance=cutoff - 1e-6)
    assert (below.labels[at_cutoff] == "ns").all()


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """By definition: the smallest level at which the step-up procedure rejects."""
    tests = len(p)
    ranks = np.array([(p <= value).sum() for value in p])
    return np.array([(p * tests / ranks)[p >= value].min() for value in p])


@pytest.mark.parametrize("correction", ["none", "fdr", "bonferroni"])
def test_corrections(correction: str) -> None:
    data = panel(hill(), noise(5)[0])
    result = lisa(data, "score", correction=correction, permutations=9999)
    table = result.to_frame()
    for year, part in table.groupby(level="period"):
        p = part["p_sim"].to_numpy()
        expected = {
            "none": p,
            "fdr": benjamini_hochberg(p),
            "bonferroni": np.minimum(len(p) * p, 1),
        }[correction]
        assert np.allclose(part["q"], expected), year
    assert (table["label"].isin(["HH", "LL", "LH", "HL"]) == (table["q"] <= 0.05 + 1e-12)).all()


def test_adjustment_leaves_what_was_not_tested() -> None:
    p = np.array([[0.01, np.nan, 0.02, 0.9], [np.nan] * 4])
    fdr = adjusted(p, "fdr")
    assert np.allclose(fdr[0, [0, 2, 3]], benjamini_hochberg(p[0, [0, 2, 3]]))
    assert np.isnan(fdr[0, 1]) and np.isnan(fdr[1]).all()
    assert np.allclose(adjusted(p, "bonferroni")[0, [0, 2, 3]], [0.03, 0.06, 1.0])


def test_too_few_permutations_for_the_correction_are_noted() -> None:
    notes = [str(note) for note in lisa(panel(hill()), "score", correction="bonferroni").notes]
    assert notes == [
        "No unit can be significant: with 999 permutations the smallest p-value is 0.002; it would take 2559."
    ]
    assert not lisa(panel(hill()), "score", correction="bonferroni", permutations=2559).notes


def test_a_random_map_is_rejected_at_its_level() -> None:
    # 64 units × 150 maps; the share's standard error is about 0.005, as tests on one map are correlated.
    result = lisa(panel(*noise(11, periods=150)), "score")
    assert (result.p_sim <= 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert (result.p_sim <= 0.2).mean() == pytest.approx(0.2, abs=0.02)


def test_ties_count_on_both_sides() -> None:
    # Most scores are exactly one, as in DEA. Where all neighbours are one, no draw is larger, and as many tie
    # as chance gives neighbours of one only.
    rng = np.random.default_rng(2)
    scores = np.where(rng.random(SIDE**2) < 0.8, 1.0, rng.random(SIDE**2))
    table = lisa(panel(scores), "score", permutations=9999, alternative="directed").to_frame()
    matrix = Weights.queen(GRID, transform="binary").sparse
    links = np.diff(matrix.indptr)
    surrounded = matrix @ (scores == 1) == links
    assert surrounded.sum() >= 5
    for place in np.flatnonzero(surrounded):
        ones = (scores == 1).sum() - (scores[place] == 1)
        chance = hypergeom(SIDE**2 - 1, ones, links[place]).pmf(links[place])
        assert table["p_sim"].iloc[place] == pytest.approx(chance, abs=0.02)


def test_solver_noise_does_not_break_ties() -> None:
    rng = np.random.default_rng(4)
    scores = np.where(rng.random(SIDE**2) < 0.8, 1.0, rng.random(SIDE**2))
    noisy = scores - 1e-11 * rng.random(SIDE**2)
    assert lisa(panel(scores), "score").p_sim.equals(lisa(panel(noisy), "score").p_sim)


def test_a_unit_at_the_mean_is_never_significant() -> None:
    values = hill()
    values[20] = np.delete(values, 20).mean()
    row = lisa(panel(values), "score").to_frame().xs("u20", level="unit").iloc[0]
    assert row["I"] == 0
    assert row["p_sim"] == 1
    assert np.isnan(row["z"])
    assert row["label"] == "ns"


def test_islands_never_get_a_p_value() -> None:
    alone = Boundaries.of([*UNITS, "far"], [*GRID.geometry, shapely.box(50, 50, 51, 51)])
    values = np.append(hill(), 100.0)
    data = join(Panel.from_frame(pd.DataFrame({"unit": alone.ids, "score": values}), unit="unit"), alone)
    result = lisa(data, "score")
    row = result.to_frame().xs("far", level="unit").iloc[0]
    assert row["label"] == "isolated"
    assert row[["I", "z", "p_sim", "q", "lag"]].isna().all()
    assert pd.isna(row["quadrant"])
    assert "labelled isolated: far." in str(result.notes[0])
    assert lisa(data, "score", correction="fdr").to_frame()["q"].notna().sum() == 64
    linked = lisa(data, "score", data.weights("queen", islands="nearest")).to_frame()
    assert linked.xs("far", level="unit")["p_sim"].notna().all()


def test_no_links_at_all() -> None:
    result = lisa(panel(hill()), "score", Weights.from_sparse(np.zeros((64, 64)), UNITS))
    assert set(result.labels) == {"isolated"}


def test_missing_cells_are_undefined_and_restandardise_their_neighbours() -> None:
    values = hill()
    gaps = values.copy()
    gaps[[0, 9]] = np.nan
    result = lisa(panel(values, gaps), "score", "rook")
    table = result.to_frame().xs(2002, level="period")
    assert table.loc[["u00", "u09"], "label"].tolist() == ["undefined"] * 2
    assert table.loc[["u00", "u09"], ["I", "p_sim", "value"]].isna().all(axis=None)
    assert (table.drop(["u00", "u09"])["label"] != "undefined").all()
    standardised = (gaps - np.nanmean(gaps)) / np.nanstd(gaps, ddof=1)
    # u01 keeps u02 of its rook neighbours u00, u02 and u09.
    assert table.loc["u01", "lag"] == pytest.approx(standardised[2])
    assert "no value in 2 of 128 unit-periods (units u00, u09)" in str(result.notes[0])


def test_a_gap_can_leave_a_unit_alone() -> None:
    values = hill()
    values[[1, 8]] = np.nan
    table = lisa(panel(values), "score", "rook").to_frame().xs(2001, level="period")
    assert table.loc["u00", "label"] == "isolated"
    assert np.isfinite(table.loc["u00", "value"])


def test_constant_and_empty_periods_are_undefined() -> None:
    result = lisa(panel(hill(), np.full(64, 3.0), np.full(64, np.nan)), "score")
    counts = result.to_frame("counts")
    assert counts.columns.tolist() == list(LABELS)
    assert counts["undefined"].tolist() == [0, 64, 64]
    assert counts.sum(axis=1).tolist() == [64] * 3
    notes = " ".join(str(note) for note in result.notes)
    assert "Not tested, constant: 2002." in notes
    assert "Not tested, too few units: 2003." in notes


def test_a_period_does_not_depend_on_the_others() -> None:
    first, second, third = noise(periods=3)
    third[4] = np.nan
    together = lisa(panel(first, second, third), "score").to_frame().xs(2002, level="period")
    alone = lisa(panel(second), "score").to_frame().xs(2001, level="period")
    pd.testing.assert_frame_equal(together, alone)


def test_the_seed_repeats_and_matters() -> None:
    data = panel(noise(2)[0])
    assert lisa(data, "score", seed=7).p_sim.equals(lisa(data, "score", seed=7).p_sim)
    assert not lisa(data, "score", seed=8).p_sim.equals(lisa(data, "score", seed=7).p_sim)


def test_unequal_weights_rescaled_give_the_same() -> None:
    matrix = np.random.default_rng(1).random((64, 64))
    np.fill_diagonal(matrix, 0)
    one = lisa(panel(hill()), "score", Weights.from_sparse(matrix, UNITS, "none")).to_frame()
    other = lisa(panel(hill()), "score", Weights.from_sparse(matrix * 1e-8, UNITS, "none")).to_frame()
    pd.testing.assert_frame_equal(one[["z", "p_sim"]], other[["z", "p_sim"]])


def test_neighbour_of_all_others() -> None:
    table = lisa(panel(hill()), "score", Weights.from_sparse(np.ones((64, 64)) - np.eye(64), UNITS)).to_frame()
    assert (table["p_sim"] == 1).all()
    assert table["z"].isna().all()


def test_bad_input_is_named() -> None:
    data = panel(noise()[0])
    with pytest.raises(DataError, match="did you mean 'score'"):
        lisa(data, "skore")
    with pytest.raises(JoinError, match="Only in the weights: u63"):
        lisa(data.where_units(UNITS[:-1]), "score", Weights.queen(GRID))
    for options in ({"significance": 0.6}, {"correction": "holm"}, {"alternative": "greater"}):
        with pytest.raises(OptionError):
            lisa(data, "score", **options)


def test_text_of_the_result() -> None:
    text = lisa(panel(hill()), "score", correction="fdr", seed=3).summary()
    for words in (
        "64 units, 420 links",
        "queen, row-standardised",
        "999 conditional on the unit's own value, seed 3",
        "two-sided: twice the smaller tail",
        "n − 1 in the variance",
        "Benjamini–Hochberg); the units of a period are one family",
        "q ≤ 0.05 (cutoff included)",
    ):
        assert words in text


def test_series() -> None:
    result = lisa(panel(hill()), "score")
    for name in ("I", "p_sim"):
        assert getattr(result, name).equals(result.to_frame()[name])
    assert result.labels.equals(result.to_frame()["label"])


def test_store(tmp_path: object) -> None:
    values = hill()
    values[5] = np.nan
    result = lisa(panel(values, np.zeros(64)), "score")
    result.store(f"{tmp_path}/l.eco")
    back = LisaResult.load(f"{tmp_path}/l.eco")
    pd.testing.assert_frame_equal(back.to_frame(), result.to_frame(), check_dtype=False)
    assert back.summary() == result.summary()
    assert len(back.boundaries) == 64
    assert back.weights.fingerprint() == result.weights.fingerprint()


def two_columns(first: np.ndarray, second: np.ndarray) -> GeoPanel:
    return panel(first).assign(other=pd.Series(second, pd.MultiIndex.from_product([UNITS, [2001]])))


def test_bivariate_by_definition() -> None:
    first, second = hill(), noise(4)[0]
    result = lisa(two_columns(first, second), "score", "rook", second="other")
    x, y = ((values - values.mean()) / values.std(ddof=1) for values in (first, second))
    lag = Weights.rook(GRID).sparse @ y
    table = result.to_frame()
    assert np.allclose(table["value"], x) and np.allclose(table["lag"], lag)
    assert np.allclose(table["I"], x * lag)
    signs = [("H" if own > 0 else "L") + ("H" if around > 0 else "L") for own, around in zip(x, lag, strict=True)]
    assert table["quadrant"].tolist() == signs
    assert "score against the neighbours' other" in result.summary()


def test_bivariate_with_itself_is_univariate() -> None:
    data = two_columns(hill(), hill())
    pd.testing.assert_frame_equal(lisa(data, "score", second="other").to_frame(), lisa(data, "score").to_frame())


def test_bivariate_draws_all_values_of_the_second_but_the_own() -> None:
    # Unit u00 alone has an extreme second value: its own lag never holds it, and others draw it as often as chance has.
    second = np.zeros(64)
    second[0] = 50.0
    table = lisa(two_columns(noise(3)[0], second), "score", "rook", 9999, "directed", second="other").to_frame()
    links = np.diff(Weights.rook(GRID).sparse.indptr)
    near = Weights.rook(GRID).sparse.toarray()[:, 0] > 0
    assert np.allclose(table["p_sim"][near], links[near] / 63, atol=0.01)


def test_a_bivariate_random_map_is_rejected_at_its_level() -> None:
    first = panel(*noise(11, periods=100))
    data = first.assign(other=pd.Series(np.concatenate(noise(12, periods=100)), first.index))
    assert (lisa(data, "score", second="other").p_sim <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_changes_are_the_variable_less_its_past() -> None:
    first, second, third = hill(), noise(2)[0], noise(3)[0]
    data = panel(first, second, third)
    for change, differences in (
        ("previous", (second - first, third - second)),
        ("first", (second - first, third - first)),
    ):
        found = lisa(data, "score", change=change).to_frame()
        expected = lisa(panel(np.zeros(64), *differences).where_periods([2002, 2003]), "score").to_frame()
        pd.testing.assert_frame_equal(found, expected)
    both = lisa(data.where_periods([2001, 2003]), "score", change="previous")
    assert both.to_frame().index.get_level_values("period").unique().tolist() == [2003]
    assert "change of score since the period before" in both.summary()
    assert np.allclose(both.data["score"], third - first)


def test_changes_need_both_periods() -> None:
    values = hill()
    gaps = noise(2)[0]
    gaps[4] = np.nan
    result = lisa(panel(gaps, values), "score", change="previous")
    assert result.labels.droplevel("period")["u04"] == "undefined"
    with pytest.raises(DataError, match="two periods or more"):
        lisa(panel(values), "score", change="first")

"""Transitions, Markov chains, emerging hot spots, and how clusters depend on the weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from ecospatial.clusters.emerging import EmergingHotSpotsResult, emerging_hot_spots, pattern
from ecospatial.clusters.getis_ord import getis_ord
from ecospatial.clusters.lisa import lisa
from ecospatial.clusters.moran import moran
from ecospatial.clusters.sensitivity import WeightsSensitivityResult, weights_sensitivity
from ecospatial.clusters.space_time import space_time_weights
from ecospatial.clusters.spatial_markov import SpatialMarkovResult, spatial_markov
from ecospatial.clusters.transitions import STATES, LisaTransitionsResult, lisa_transitions
from ecospatial.errors import DataError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel, join
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

SIDE = 7
UNITS = [f"u{place:02d}" for place in range(SIDE**2)]
GRID = Boundaries.of(UNITS, [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)])
X, Y = np.divmod(np.arange(SIDE**2), SIDE)
CORNER = (X < 2) & (Y < 2)
WEIGHTS = Weights.queen(GRID)


def panel(values: np.ndarray) -> GeoPanel:
    frames = [pd.DataFrame({"unit": UNITS, "year": 2001 + t, "score": row}) for t, row in enumerate(values)]
    return join(Panel.from_frame(pd.concat(frames), unit="unit", period="year"), GRID)


def noise(periods: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(periods, SIDE**2))


def waves(periods: int) -> np.ndarray:
    """A slope that turns slowly, so that quadrants change."""
    angle = np.linspace(0, np.pi / 2, periods)[:, None]
    return np.cos(angle) * X + np.sin(angle) * Y + noise(periods, 3) / 2


def test_moves_and_counts_are_those_of_the_quadrants_of_lisa() -> None:
    data = panel(waves(6))
    found = lisa_transitions(data, "score")
    quadrant = lisa(data, "score", permutations=99).to_frame()["quadrant"].unstack("period")
    counts = pd.DataFrame(0, index=list(STATES), columns=list(STATES))
    for earlier, later in zip(range(2001, 2006), range(2002, 2007), strict=True):
        for one, other in zip(quadrant[earlier], quadrant[later], strict=True):
            counts.loc[one, other] += 1
    assert (found.counts.to_numpy() == counts.to_numpy()).all()
    types = found.move_types
    assert types["moves"].tolist() == [49] * 5
    assert types[["stay", "I", "II", "IIIa", "IIIb"]].sum(axis=1).tolist() == [49] * 5
    assert types["cohesion"].tolist() == pytest.approx((types["stay"] / 49).tolist())
    kinds = {("HH", "LH"): "I", ("HH", "HL"): "II", ("HH", "LL"): "IIIa", ("HL", "LH"): "IIIb", ("LL", "LL"): "stay"}
    for previous, now, move in found.moves.dropna().itertuples(index=False):
        assert kinds.get((previous, now), move) == move


def test_independence_of_a_unit_and_its_neighbours() -> None:
    found = lisa_transitions(panel(waves(12)), "score")
    counts = found.counts
    expected = pd.DataFrame(0.0, index=counts.index, columns=counts.columns)
    own, around = pd.DataFrame(0.0, index=list("HL"), columns=list("HL")), pd.DataFrame(0.0, list("HL"), list("HL"))
    for one in STATES:
        for other in STATES:
            own.loc[one[0], other[0]] += counts.loc[one, other]
            around.loc[one[1], other[1]] += counts.loc[one, other]
    for one in STATES:
        for other in STATES:
            chance = own.loc[one[0], other[0]] / own.loc[one[0]].sum()
            chance *= around.loc[one[1], other[1]] / around.loc[one[1]].sum()
            expected.loc[one, other] = counts.loc[one].sum() * chance
    row = found.to_frame("tests").set_index("test").loc["Pearson"]
    assert row["statistic"] == pytest.approx(((counts - expected) ** 2 / expected).to_numpy().sum())
    assert row["df"] == 8


def test_gaps_and_islands_make_no_moves() -> None:
    values = waves(3)
    values[1, 0] = np.nan
    weights = Weights.queen(GRID, transform="binary").sparse.toarray()
    weights[48] = weights[:, 48] = 0
    found = lisa_transitions(panel(values), "score", Weights.from_sparse(weights, UNITS))
    assert found.moves.xs("u48", level="unit").isna().all(axis=None)
    assert found.moves.xs("u00", level="unit")["move"].isna().all()
    assert found.move_types["moves"].tolist() == [47, 47]
    assert "make no moves: u48" in str(found.notes[-1])


def test_spatial_chains_add_up_to_the_classic_one() -> None:
    found = spatial_markov(panel(waves(8)), "score", classes=3)
    assert (found.counts[1:].sum(axis=0) == found.counts[0]).all()
    assert found.counts[0].sum() == 7 * 49
    classed = found.classed
    assert set(classed["class"]) == {1.0, 2.0, 3.0}
    shares = classed["class"].value_counts(normalize=True)
    assert np.allclose(shares, 1 / 3, atol=0.01)
    by_period = spatial_markov(panel(waves(8)), "score", classes=3, breaks="period").classed["class"]
    assert by_period.groupby("period").value_counts().between(16, 17).all()


def test_bounds_of_the_variable_serve_the_neighbours() -> None:
    found = spatial_markov(panel(waves(5)), "score", classes=3, lag_breaks="of the variable")
    table = found.class_breaks.set_index(["bounds_of", "class"])["upper"]
    assert np.allclose(table["variable"], table["neighbours"])


def test_many_equal_values_are_noted() -> None:
    found = spatial_markov(panel(np.minimum(waves(5), 1.0)), "score", classes=5)
    assert "bounds coincide for the variable" in str(found.notes[0])
    assert (found.probabilities[0][found.counts[0].sum(axis=1) == 0] != 0).all()  # NaN, never zero


def test_independent_moves_are_rejected_at_their_level() -> None:
    # Sixty maps without memory or neighbours: the share of p ≤ 0.1 within four standard errors.
    p = [
        spatial_markov(panel(noise(6, seed)), "score", WEIGHTS, classes=2).to_frame("tests")["pvalue"][0]
        for seed in range(60)
    ]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.16)


@pytest.mark.parametrize(
    ("spots", "direction", "expected"),
    [
        ("------------------H", 0, "new hot"),
        ("-----------------HH", 0, "consecutive hot"),
        ("-HHHHHHHHHHHHHHHHHH", 1, "intensifying hot"),
        ("HHHHHHHHHHHHHHHHHHH", -1, "diminishing hot"),
        ("HHHHHHHHHHHHHHHHHHH", 0, "persistent hot"),
        ("---HH------HHH----H", 0, "sporadic hot"),
        ("CCC------------H--H", 0, "oscillating hot"),
        ("HHHHHHHHHHHHHHHHHH-", 0, "historical hot"),
        ("CCCCCCCCCCCCCCCCCCC", -1, "intensifying cold"),
        ("CCCCCCCCCCCCCCCCCCC", 1, "diminishing cold"),
        ("--CCCCC---CC-------", 0, "none"),
        ("CCCCCCCCCCCCCCCCCCH", 0, "new hot"),
        ("-------------------", 0, "none"),
    ],
)
def test_patterns(spots: str, direction: float, expected: str) -> None:
    words = {"H": "hot", "C": "cold", "-": "ns"}
    assert pattern([words[spot] for spot in spots], direction) == expected


def test_histories_on_a_map() -> None:
    periods = 10
    values = noise(periods, 5)
    values[:, CORNER] += np.linspace(3, 12, periods)[:, None]
    found = emerging_hot_spots(panel(values), "score", compared="same period")
    assert found.labels["u00"] in ("intensifying hot", "persistent hot")
    assert found.patterns.loc["u00", "hot"] >= 9
    late = noise(periods, 6)
    late[-2:, CORNER] += 15
    assert emerging_hot_spots(panel(late), "score", compared="same period").labels["u00"] == "consecutive hot"
    assert found.counts["units"].sum() == 49


def test_the_same_period_is_getis_ord() -> None:
    data = panel(noise(6, 2))
    spots = emerging_hot_spots(data, "score", compared="same period").to_frame("spots")
    # With negative values, as here, only the shares G are left out.
    expected = getis_ord(data, "score").hot_spots
    pd.testing.assert_frame_equal(spots, expected[["z", "p_sim", "q", "label"]])


def test_all_periods_are_one_map() -> None:
    values = waves(5)
    found = emerging_hot_spots(panel(values), "score", "rook", time_lag=1)
    weights = space_time_weights(Weights.rook(GRID, transform="binary").sparse, 5, 1)
    cells = [f"{t}-{unit}" for t in range(5) for unit in UNITS]
    whole = Panel.from_frame(pd.DataFrame({"cell": cells, "score": values.ravel()}), unit="cell")
    expected = getis_ord(whole, "score", Weights.from_sparse(weights, cells)).hot_spots
    spots = found.to_frame("spots")
    assert np.allclose(spots["z"], expected["z"])
    assert spots["p_sim"].tolist() == expected["p_sim"].tolist()


def test_a_growing_variable_is_cold_first_and_hot_last() -> None:
    values = noise(12, 4) / 4 + np.arange(12)[:, None]
    spots = emerging_hot_spots(panel(values), "score").to_frame("spots")["label"].unstack("period")
    assert (spots[2001] == "cold").all() and (spots[2012] == "hot").all()
    same = emerging_hot_spots(panel(values), "score", compared="same period").to_frame("spots")["label"]
    assert (same == "ns").mean() > 0.9


def test_islands_and_gaps_of_hot_spots() -> None:
    values = noise(7, 2)
    values[-1, 3] = np.nan
    values[2, 5] = np.nan
    weights = Weights.queen(GRID, transform="binary").sparse.toarray()
    weights[48] = weights[:, 48] = 0
    for compared in ("all periods", "same period"):
        found = emerging_hot_spots(panel(values), "score", Weights.from_sparse(weights, UNITS), compared)
        assert found.labels["u48"] == "isolated" and found.labels["u03"] == "undefined"
        assert found.to_frame("spots").xs("u48", level="unit")[["z", "p_sim", "q"]].isna().all(axis=None)
        assert found.patterns.loc["u05", "tested"] == 6


def test_a_random_cube_is_rejected_at_its_level() -> None:
    spots = emerging_hot_spots(panel(noise(60, 8)), "score").to_frame("spots")
    assert (spots["p_sim"] <= 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_a_constant_cube_is_undefined() -> None:
    for compared in ("all periods", "same period"):
        found = emerging_hot_spots(panel(np.full((5, 49), 2.0)), "score", compared=compared)
        assert set(found.labels) == {"undefined"}
        assert "Not tested, constant" in str(found.notes[0])


def test_too_few_periods() -> None:
    with pytest.raises(DataError, match="need 5 periods or more; there are 4"):
        emerging_hot_spots(panel(noise(4)), "score")
    for method in (lisa_transitions, spatial_markov):
        with pytest.raises(DataError, match="two periods or more"):
            method(panel(noise(1)), "score")


def test_sensitivity_runs_moran_and_lisa() -> None:
    data = panel(waves(2))
    names = ["queen", "knn:5", "band:1.5"]
    found = weights_sensitivity(data, "score", names, permutations=199, seed=4)
    recipes = [Weights.queen(GRID), Weights.knn(GRID, 5), Weights.distance_band(GRID, 1.5)]
    for name, weights in zip(names, recipes, strict=True):
        rows = found.morans[found.morans["weights"] == name]
        assert rows["I"].tolist() == moran(data, "score", weights, 199, seed=4).I.tolist()
        labels = lisa(data, "score", weights, 199, seed=4).labels
        assert found.labels[name].tolist() == labels.tolist()
    assert (found.labels["agree"] >= 1 / 3).all()
    pair = found.agreement.set_index(["weights", "other_weights"]).loc[("queen", "knn:5")]
    same = found.labels["queen"] == found.labels["knn:5"]
    assert pair["same_label"] == pytest.approx(same.mean())
    cluster = (found.labels[["queen", "knn:5"]] != "ns").any(axis=1)
    assert pair["same_cluster"] == pytest.approx(same[cluster].mean())


def test_sensitivity_takes_weights_and_texts() -> None:
    data = panel(waves(1))
    texts = weights_sensitivity(data, "score", "queen rook", permutations=99)
    mapping = weights_sensitivity(data, "score", {"queen": Weights.queen(GRID), "rook": "rook"}, permutations=99)
    pd.testing.assert_frame_equal(texts.labels, mapping.labels)
    assert list(weights_sensitivity(data, "score", [Weights.queen(GRID), "knn"], 99).weights) == ["weights 1", "knn"]
    for weights, hint in ((["queen"], "two weights"), (["queen", "queen"], "each once"), (["queen", "knn:x"], "knn:x")):
        with pytest.raises(OptionError, match=hint):
            weights_sensitivity(data, "score", weights)
    with pytest.raises(OptionError, match="is not a kind"):
        weights_sensitivity(data, "score", ["queen", "bishop"])


def test_store(tmp_path: object) -> None:
    data = panel(waves(6))
    results = {
        LisaTransitionsResult: lisa_transitions(data, "score"),
        SpatialMarkovResult: spatial_markov(data, "score", classes=3),
        EmergingHotSpotsResult: emerging_hot_spots(data, "score", permutations=99),
        WeightsSensitivityResult: weights_sensitivity(data, "score", ["queen", "rook"], 99),
    }
    for kind, result in results.items():
        result.store(f"{tmp_path}/r.eco")
        back = kind.load(f"{tmp_path}/r.eco")
        assert [table.name for table in kind.TABLES] == list(result.tables())
        for name, table in result.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_dtype=False, check_names=False)
        assert back.summary() == result.summary()

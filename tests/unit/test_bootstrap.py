"""Resampling of efficiency scores against plain loops, known truths and bad requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import ecospatial as es
from ecospatial.efficiency.bootstrap import BootstrapResult
from ecospatial.efficiency.resampling import SmoothScheme
from ecospatial.efficiency.rescoring import Rescoring
from ecospatial.efficiency.smoothing import Smoothed, reflected_bandwidth

INPUTS = ["labour", "capital"]


def cities(count: int = 24, years: int = 1, seed: int = 3) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    used = draw.uniform(1.0, 4.0, (count * years, 2))
    lost = np.exp(-np.abs(draw.normal(0.0, 0.3, count * years)))
    made = used.prod(axis=1) ** 0.4 * lost
    return pd.DataFrame(used, columns=INPUTS).assign(
        value=made,
        waste=used.sum(axis=1) * draw.uniform(0.5, 1.5, count * years),
        city=[*range(count)] * years,
        year=np.repeat(np.arange(2001, 2001 + years), count),
    )


def panel(**options: Any) -> es.Panel:
    return es.Panel.from_frame(cities(**options), unit="city", period="year")


def farrell(own: np.ndarray, values: np.ndarray, outwards: bool) -> float:
    """VRS efficiency with linprog, labour and capital in, value out."""
    count = len(values)
    moved = np.array([0.0, 0.0, own[2]]) if outwards else np.array([-own[0], -own[1], 0.0])
    rows = np.column_stack([moved, np.vstack([values[:, :2].T, -values[:, 2]])])
    limit = np.array([own[0], own[1], 0.0]) if outwards else np.array([0.0, 0.0, -own[2]])
    found = linprog(
        np.append(-1.0 if outwards else 1.0, np.zeros(count)),
        A_ub=rows,
        b_ub=limit,
        A_eq=np.append(0.0, np.ones(count))[None],
        b_eq=[1.0],
        bounds=[(0, None)] * (count + 1),
    )
    return 1.0 / abs(found.fun) if outwards else found.fun


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_the_homogeneous_bootstrap_is_this_loop(orientation: str) -> None:
    scores = es.radial(panel(), INPUTS, ["value"], orientation=orientation)
    found = es.bootstrap(scores, replications=100, seed=11)
    values = cities()[[*INPUTS, "value"]].to_numpy()
    known = np.array([1.0 / farrell(own, values, orientation == "output") for own in values])
    smooth = Smoothed.of(known)
    drawn = []
    for stream in np.random.SeedSequence(11).spawn(100):
        ratio = smooth.draw(24, np.random.Generator(np.random.PCG64(stream))) / known
        pseudo = values.copy()
        if orientation == "input":
            pseudo[:, :2] *= ratio[:, None]
        else:
            pseudo[:, 2] /= ratio
        drawn.append([1.0 / farrell(own, pseudo, orientation == "output") for own in values[:6]])
    apart = np.array(drawn) - known[:6]
    bias, spread = apart.mean(axis=0), apart.std(axis=0, ddof=1)
    corrected = np.where(bias**2 > 3 * spread**2, known[:6] - bias, known[:6])
    np.testing.assert_allclose(found.bias_corrected[:6], 1.0 / corrected, rtol=1e-7)
    low, high = np.quantile(apart, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found.lower[:6], 1.0 / (known[:6] - low), rtol=1e-7)
    np.testing.assert_allclose(found.upper[:6], 1.0 / (known[:6] - high), rtol=1e-7)
    np.testing.assert_allclose(found.draws[:, :6], 1.0 / np.array(drawn), rtol=1e-7)


def test_smooth_draws_keep_mean_and_variance_and_stay_above_one() -> None:
    distances = 1.0 + np.random.default_rng(5).exponential(0.4, 60)
    smooth = Smoothed.of(distances)
    drawn = smooth.draw(400_000, np.random.default_rng(0))
    assert drawn.min() >= 1.0
    assert abs(drawn.mean() - distances.mean()) < 0.01
    assert abs(drawn.std() - distances.std()) < 0.01
    assert len(np.unique(drawn)) > 399_000


def test_a_wider_bandwidth_smooths_more() -> None:
    distances = np.array([1.0, 1.0, 1.2, 1.5, 1.9])
    assert set(Smoothed.of(distances, 0.0).draw(50, np.random.default_rng(1))) <= set(distances)
    assert reflected_bandwidth(np.array([1.0, 1.0, 1.3])) == 0.0
    assert reflected_bandwidth(distances) > reflected_bandwidth(np.tile(distances, 40))


def test_everything_lies_between_zero_and_the_score() -> None:
    scores = es.radial(panel(years=2), INPUTS, ["value"], ["waste"])
    found = es.bootstrap(scores, replications=200).to_frame()
    assert (found[["efficiency", "bias_corrected", "lower", "upper"]] > 0).all().all()
    assert (found["bias_corrected"] <= found["efficiency"]).all()
    assert (found["lower"] < found["upper"]).all() and (found["upper"] <= found["efficiency"]).all()
    assert (found["bias"] > 0).all() and found["corrected"].any()
    assert (found["draws"] == 200).all()


def test_intervals_cover_a_known_truth() -> None:
    inside, closer, trials = [], [], 10
    for seed in range(trials):
        draw = np.random.default_rng(100 + seed)
        used, lost = draw.uniform(1.0, 9.0, 60), np.exp(-draw.exponential(0.3, 60))
        frame = pd.DataFrame({"city": range(60), "used": used, "made": np.sqrt(used) * lost})
        scores = es.radial(es.Panel.from_frame(frame, unit="city"), "used", "made", orientation="output")
        found = es.bootstrap(scores, replications=200, seed=seed)
        inside.append(((found.lower <= lost) & (lost <= found.upper)).mean())
        plain, better = scores.efficiency - lost, scores.efficiency - found.intervals["bias"] - lost
        closer.append(np.abs(better).mean() / np.abs(plain).mean())
    assert 0.85 < np.mean(inside) < 0.99
    assert np.mean(closer) < 0.9


def test_pooled_frontiers_are_drawn_together() -> None:
    data = panel(count=16, years=2)
    found = {
        kind: es.bootstrap(es.radial(data, INPUTS, ["value"], frontier=kind), 100)
        for kind in ("contemporaneous", "global", "sequential", "biennial")
    }
    assert all(one.lower.notna().all() for one in found.values())
    assert any("pools periods" in str(note) for note in found["global"].notes)
    assert not any("pools periods" in str(note) for note in found["contemporaneous"].notes)
    alone = panel(count=16, years=2).where_periods([2001])
    scheme = SmoothScheme.of(Rescoring.of(es.radial(alone, INPUTS, ["value"])), None)
    both = SmoothScheme.of(Rescoring.of(es.radial(data, INPUTS, ["value"])), None)
    assert both.smoothed[0].bandwidth == scheme.smoothed[0].bandwidth
    np.testing.assert_allclose(both.distances[0], scheme.distances[0], rtol=1e-12)


def test_units_outside_the_frontier_makers_may_lack_an_interval() -> None:
    scores = es.radial(panel(), INPUTS, ["value"], reference_units=list(range(3, 24)))
    found = es.bootstrap(scores, replications=100)
    assert set(found.intervals["status"]) <= {"optimal", "infeasible", "too few draws"}
    assert found.intervals.loc[found.intervals["status"] != "optimal", "lower"].isna().all()


def test_slacks_based_scores_are_subsampled_and_called_a_heuristic() -> None:
    scores = es.sbm(panel(count=40), INPUTS, ["value"], ["waste"], returns_to_scale="crs")
    found = es.bootstrap(scores, replications=150)
    assert not found.proven and found.method == "subsampling"
    assert "heuristic" in found.summary()
    cells = found.to_frame()
    assert (cells["status"] == "optimal").all()
    assert ((cells["lower"] > 0) & (cells["upper"] <= cells["efficiency"] + 1e-9)).all()
    assert (cells["lower"] < cells["upper"]).all()
    with pytest.raises(es.EcospatialError, match="for radial scores"):
        es.bootstrap(scores, method="homogeneous")


def test_subsampling_of_radial_scores_is_proven() -> None:
    scores = es.radial(panel(count=40), INPUTS, ["value"])
    found = es.bootstrap(scores, replications=150, method="subsampling")
    assert found.proven and "Kneip" in found.summary()
    assert (found.lower.dropna() <= found.upper.dropna()).all()
    assert found.setting == "13" and "homogeneous" not in found.summary()


@pytest.mark.parametrize("options", [{"super_efficiency": True}, {"frontier": "window", "window": 2}])
def test_scores_that_cannot_be_resampled_are_refused(options: dict[str, Any]) -> None:
    scores = es.radial(panel(years=3), INPUTS, ["value"], **options)
    with pytest.raises(es.EcospatialError, match=r"ordinary scores|several windows"):
        es.bootstrap(scores)


def test_other_models_are_refused_by_name() -> None:
    with pytest.raises(es.EcospatialError, match="Additive"):
        es.bootstrap(es.additive(panel(), INPUTS, ["value"]))


def test_a_frontier_of_everyone_has_nothing_to_draw_from() -> None:
    frame = pd.DataFrame({"city": range(9), "labour": np.arange(1.0, 10), "value": np.sqrt(np.arange(1.0, 10))})
    scores = es.radial(es.Panel.from_frame(frame, unit="city"), "labour", "value")
    with pytest.raises(es.EcospatialError, match="Fewer than two units are inefficient"):
        es.bootstrap(scores)


def test_it_is_stored_whole(tmp_path: Path) -> None:
    found = es.bootstrap(es.radial(panel(), INPUTS, ["value"]), 100)
    found.store(tmp_path / "a.eco")
    read = BootstrapResult.load(tmp_path / "a.eco")
    pd.testing.assert_frame_equal(read.to_frame(), found.to_frame())
    np.testing.assert_array_equal(read.draws, found.draws)
    assert read.summary() == found.summary()


def test_the_seed_decides() -> None:
    scores = es.radial(panel(), INPUTS, ["value"])
    first, again, other = (es.bootstrap(scores, 100, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.draws, again.draws)
    assert not np.array_equal(first.draws, other.draws)

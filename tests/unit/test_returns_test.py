"""Tests of returns to scale where the truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial.efficiency.returns_test import ReturnsTestResult


def scores(power: float, shift: float = 0.0, seed: int = 0, years: int = 1, **options: object) -> object:
    draw = np.random.default_rng(seed)
    used = draw.uniform(1.0, 9.0, 50 * years)
    made = (used - shift) ** power * np.exp(-draw.exponential(0.25, 50 * years))
    frame = pd.DataFrame({"city": [*range(50)] * years, "used": used, "made": made})
    frame["year"] = np.repeat(np.arange(years) + 2001, 50)
    return es.radial(es.Panel.from_frame(frame, unit="city", period="year"), "used", "made", **options)


def test_the_statistics_are_those_of_the_scores() -> None:
    constant, variable = (scores(0.6, returns_to_scale=returns).efficiency for returns in ("crs", "vrs"))
    found = es.returns_to_scale_test(scores(0.6), replications=100).to_frame()
    assert found.loc[0, "statistic"] == pytest.approx(constant.sum() / variable.sum(), rel=1e-12)
    found = es.returns_to_scale_test(scores(0.6), "mean of ratios", replications=100).to_frame()
    assert found.loc[0, "statistic"] == pytest.approx((constant / variable).mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("power", "shift", "truth"), [(1.0, 0.0, "crs"), (0.5, 0.0, "nirs"), (0.6, 0.9, "vrs")], ids=["crs", "nirs", "vrs"]
)
def test_known_technologies_are_found(power: float, shift: float, truth: str) -> None:
    found = es.returns_to_scale_test(scores(power, shift, orientation="output"), replications=100)
    assert found.conclusions == {"2001": truth}
    assert (found.tests["rejected"] == (found.tests["pvalue"] <= 0.05)).all()
    assert ((found.tests["statistic"] < found.tests["critical"]) == found.tests["rejected"]).all()


def test_constant_returns_are_seldom_rejected() -> None:
    pvalues = [
        es.returns_to_scale_test(scores(1.0, seed=seed), replications=100).tests.loc[0, "pvalue"] for seed in range(8)
    ]
    assert np.mean(np.array(pvalues) <= 0.05) <= 0.125  # 5 %, with eight draws at most one in 94 % of the cases
    assert np.std(pvalues) > 0.1 and np.mean(pvalues) > 0.25


def test_every_frontier_has_its_tests(tmp_path: Path) -> None:
    found = es.returns_to_scale_test(scores(0.5, years=2), replications=100)
    assert found.tests["periods"].tolist() == ["2001", "2001", "2002", "2002"]
    assert set(found.conclusions) == {"2001", "2002"}
    found.store(tmp_path / "a.eco")
    pd.testing.assert_frame_equal(ReturnsTestResult.load(tmp_path / "a.eco").tests, found.tests)


def test_slacks_based_scores_are_refused() -> None:
    frame = pd.DataFrame({"city": range(9), "used": np.arange(1.0, 10), "made": np.arange(1.0, 10) % 4 + 1})
    with pytest.raises(es.EcospatialError, match="radial"):
        es.returns_to_scale_test(es.sbm(es.Panel.from_frame(frame, unit="city"), "used", "made"))

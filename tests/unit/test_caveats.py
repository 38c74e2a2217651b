from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import ecospatial as es
from ecospatial.caveats import SIMULATED_DATA, is_marked


@pytest.fixture(scope="module")
def simulated() -> es.GeoPanel:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"u": [f"c{place}" for place in range(16)], "simulated": 1})
    for name in ("labour", "output", "x"):
        frame[name] = rng.uniform(1, 2, 16)
    boxes = [shapely.box(place % 4, place // 4, place % 4 + 1, place // 4 + 1) for place in range(16)]
    return es.join(es.Panel.from_frame(frame, unit="u"), es.Boundaries.of(frame["u"], boxes))


def test_everything_made_of_simulated_data_says_so(simulated: es.GeoPanel, tmp_path: Path) -> None:
    scores = es.radial(simulated, ["labour"], ["output"])
    ols = es.ols(simulated, "output", ["x"])
    tests = es.spatial_tests(ols, "queen")
    both = es.compare([ols])
    for result in (simulated, scores, ols, tests, both):
        assert result.notes.count(SIMULATED_DATA) == 1, result.title
        assert "simulated" in result.summary()
    ols.store(tmp_path / "ols.eco")
    assert es.spatial_tests(es.Result.load(tmp_path / "ols.eco"), "queen").caveats == (SIMULATED_DATA,)


def test_a_page_says_it_once_and_at_the_top(simulated: es.GeoPanel) -> None:
    page = es.report(es.ols(simulated, "output", ["x"]), es.radial(simulated, ["labour"], ["output"])).html
    assert page.count(str(SIMULATED_DATA)) == 1
    assert page.index(str(SIMULATED_DATA)) < page.index("<section")


def test_data_that_were_observed_say_nothing() -> None:
    cities = es.Panel.from_frame(pd.DataFrame({"u": list("abc"), "labour": [1.0, 2, 3], "y": [1.0, 2, 4]}), unit="u")
    assert es.radial(cities, ["labour"], ["y"]).caveats == ()
    assert cities.assign(simulated=0).caveats == ()


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ([1, 0], True),
        ([0, 0], False),
        ([True, False], True),
        (["1", "0"], True),
        (["no", None], False),
        ([None, 1.0], True),
    ],
)
def test_a_mark_is_read_however_it_is_written(column: list[object], said: bool) -> None:
    assert is_marked(pd.DataFrame({"schematic": column}), "schematic") is said

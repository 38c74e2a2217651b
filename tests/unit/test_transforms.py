"""Declared transforms of the variables of a regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.ols import ols
from ecospatial.drivers.transforms import transformed
from ecospatial.errors import DataError, EcospatialError, OptionError
from ecospatial.geo.boundaries import Boundaries
from ecospatial.geo.join import GeoPanel
from ecospatial.panel import Panel

UNITS, YEARS = 6, 5


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    keys = pd.MultiIndex.from_product([[f"c{place}" for place in range(UNITS)], range(2001, 2001 + YEARS)])
    table = pd.DataFrame({"city": keys.get_level_values(0), "year": keys.get_level_values(1)})
    return table.assign(
        y=rng.normal(size=len(keys)), a=np.exp(rng.normal(size=len(keys))), b=rng.normal(size=len(keys))
    )


@pytest.fixture
def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, "city", "year")


def test_a_chain_is_done_in_its_order_by_unit(frame: pd.DataFrame, panel: Panel) -> None:
    by_hand = frame.assign(z=np.log(frame["a"]).groupby(frame["city"]).shift(1)).dropna()
    found = ols(panel, "y", ["a", "b"], transforms={"a": "log+lag"})
    assert found.x_names == ("lag(log(a))", "b")
    x = np.column_stack([np.ones(len(by_hand)), by_hand[["z", "b"]]])
    assert found.params.to_numpy() == pytest.approx(np.linalg.lstsq(x, by_hand["y"], rcond=None)[0], rel=1e-10)
    assert found.nobs == UNITS * (YEARS - 1)
    assert "Lags cost 6 of 30 unit-periods." in [str(note) for note in found.notes]


def test_texts_and_a_mapping_are_the_same_and_recorded(panel: Panel) -> None:
    one = ols(panel, "y", ["a"], transforms=["a=log", "y=standardise"])
    other = ols(panel, "y", ["a"], transforms={"a": "log", "y": "standardise"})
    assert one.params.tolist() == other.params.tolist()
    assert one.y_name == "standardise(y)"
    assert "'a=log'" in one.provenance.arguments["transforms"]
    assert one.residuals.add(one.fitted).to_numpy() == pytest.approx(one.data["standardise(y)"].to_numpy())


def test_standardised_and_winsorised_values(panel: Panel) -> None:
    data = transformed(panel, ["a", "b"], ["a=standardise", "b=winsorise5"]).data
    assert data["standardise(a)"].mean() == pytest.approx(0, abs=1e-14)
    assert data["standardise(a)"].std() == pytest.approx(1)
    low, high = panel["b"].quantile([0.05, 0.95])
    assert data["winsorise5(b)"].tolist() == panel["b"].clip(low, high).tolist()
    assert transformed(panel, ["b"], {"b": "winsorise"}).data["winsorise(b)"].max() < panel["b"].max()


def test_two_lags_are_the_lag_of_a_lag(panel: Panel) -> None:
    twice = transformed(panel, ["a"], ["a=lag+lag"]).data["lag(lag(a))"]
    assert transformed(panel, ["a"], ["a=lag2"]).data["lag2(a)"].tolist() == twice.tolist()


def test_a_gap_costs_the_unit_period_after_it_and_is_named(frame: pd.DataFrame) -> None:
    torn = frame[~((frame["city"] == "c3") & (frame["year"] == 2003))]
    found = transformed(Panel.from_frame(torn, "city", "year"), ["a"], ["a=lag"])
    assert ("c3", 2004) not in found.data.index
    assert len(found.data.index) == UNITS * (YEARS - 1) - 2
    assert any("gaps" in str(note) and "c3" in str(note) for note in found.notes)


def test_uneven_periods_are_flagged(frame: pd.DataFrame) -> None:
    uneven = Panel.from_frame(frame[frame["year"] != 2003], "city", "year")
    assert any("not evenly spaced (steps of 1, 2)" in str(note) for note in transformed(uneven, ["a"], ["a=lag"]).notes)


def test_a_cell_that_only_a_lost_row_has_may_be_empty(frame: pd.DataFrame) -> None:
    early = frame.assign(y=frame["y"].where(frame["year"] > 2001))
    assert ols(Panel.from_frame(early, "city", "year"), "y", ["a"], transforms=["a=lag"]).nobs == 24
    late = frame.assign(a=frame["a"].where(~((frame["city"] == "c2") & (frame["year"] == 2002))))
    with pytest.raises(DataError, match=r"'lag\(a\)' is empty for unit c2, period 2003"):
        ols(Panel.from_frame(late, "city", "year"), "y", ["a"], transforms=["a=lag"])


def test_boundaries_stay_with_their_units(frame: pd.DataFrame) -> None:
    import shapely

    boxes = [shapely.box(place, 0, place + 1, 1) for place in range(UNITS)]
    single = pd.concat([frame[frame["city"] != "c5"], frame[(frame["city"] == "c5") & (frame["year"] == 2001)]])
    geo = Panel.from_frame(single, "city", "year").join(Boundaries.of([f"c{i}" for i in range(UNITS)], boxes))
    data = transformed(geo, ["a"], ["a=lag"]).data
    assert isinstance(data, GeoPanel)
    assert data.boundaries.ids.tolist() == data.units.tolist() == ["c0", "c1", "c2", "c3", "c4"]


@pytest.mark.parametrize(
    ("change", "transforms", "kind", "words"),
    [
        ({}, ["a=square"], OptionError, "no transform 'square'; the rules are: log, standardise"),
        ({}, ["a=log2"], OptionError, "no transform 'log2'"),
        ({}, ["a=lag0"], OptionError, "no transform 'lag0'"),
        ({}, ["a=winsorise50"], OptionError, "no transform 'winsorise50'"),
        ({}, ["a"], OptionError, "COLUMN=RULE"),
        ({}, ["c=log"], OptionError, "'c', which is neither y nor in x"),
        ({}, ["a=log", "a=lag"], OptionError, "'a' twice; chain"),
        ({"a": lambda f: f["a"].where(f.index != 7, 0.0)}, ["a=log"], DataError, "'a' is 0 for unit c1, period 2003"),
        ({"a": 2.0}, ["a=standardise"], DataError, "'a' is the same for all units and cannot be standardised"),
        ({}, ["a=lag5"], DataError, "leave no unit-period"),
        ({"a": "much"}, ["a=log"], DataError, "'a' must hold numbers"),
    ],
)
def test_bad_transforms(
    frame: pd.DataFrame, change: dict[str, object], transforms: list[str], kind: type[EcospatialError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        ols(Panel.from_frame(frame.assign(**change), "city", "year"), "y", ["a", "b"], transforms=transforms)


def test_a_cross_section_has_no_lags(frame: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="one period"):
        ols(Panel.from_frame(frame[frame["year"] == 2001], "city"), "y", ["a"], transforms=["a=lag"])

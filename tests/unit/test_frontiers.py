from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import DataError, EcospatialError, OptionError
from ecospatial.panel import Panel

INPUTS, OUTPUTS = ["labour", "capital"], ["gdp"]
YEARS = range(2001, 2006)
CITIES = [f"c{place:02d}" for place in range(12)]


def drawn(seed: int = 4, years: Sequence[int] = YEARS) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    cells = draw.lognormal(1.0, 0.5, (len(CITIES) * len(years), 3))
    frame = pd.DataFrame(cells, columns=[*INPUTS, *OUTPUTS])
    frame["city"], frame["year"] = CITIES * len(years), np.repeat(list(years), len(CITIES))
    place = np.arange(len(frame)) % len(CITIES)
    frame["region"] = np.where(place < 5, "east", "west")
    frame["core"] = (place < 7).astype(int)
    return frame


FRAME = drawn()
PANEL = Panel.from_frame(FRAME, unit="city", period="year")
Model = Callable[..., EfficiencyResult]
MODELS: dict[str, Model] = {
    "radial": lambda panel=PANEL, **options: radial(panel, INPUTS, OUTPUTS, **options),
    "sbm": lambda panel=PANEL, **options: sbm(panel, INPUTS, OUTPUTS, **options),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def input_efficiency(own: pd.Series, reference: pd.DataFrame) -> float:
    """BCC by the textbook, against any reference set."""
    x, y = reference[INPUTS].to_numpy(), reference[OUTPUTS].to_numpy()
    rows = np.vstack([np.column_stack([-own[INPUTS].to_numpy(float), x.T]), np.column_stack([[0.0], -y.T])])
    found = linprog(
        np.append(1.0, np.zeros(len(x))),
        A_ub=rows,
        b_ub=np.append(np.zeros(len(INPUTS)), -own[OUTPUTS].to_numpy(float)),
        A_eq=np.append(0.0, np.ones(len(x)))[None, :],
        b_eq=[1.0],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return float(found.fun) if found.status == 0 else np.nan


def by_hand(reference: Callable[[pd.Series], list[pd.DataFrame]]) -> np.ndarray:
    """Mean efficiency of every row over its reference sets."""
    return np.array([np.mean([input_efficiency(row, part) for part in reference(row)]) for _, row in FRAME.iterrows()])


def of_years(*years: int) -> pd.DataFrame:
    return FRAME[FRAME["year"].isin(years)]


def windows(row: pd.Series) -> list[pd.DataFrame]:
    starts = range(2001, 2004)
    return [of_years(*range(start, start + 3)) for start in starts if start <= row["year"] < start + 3]


REFERENCES: dict[str, Callable[[pd.Series], list[pd.DataFrame]]] = {
    "contemporaneous": lambda row: [of_years(row["year"])],
    "global": lambda row: [FRAME],
    "sequential": lambda row: [FRAME[FRAME["year"] <= row["year"]]],
    "biennial": lambda row: [of_years(*((2004, 2005) if row["year"] == 2005 else (row["year"], row["year"] + 1)))],
    "window": windows,
}


@pytest.mark.parametrize("frontier", REFERENCES)
def test_scores_are_those_of_the_periods_in_the_frontier(frontier: Any) -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, frontier=frontier)
    np.testing.assert_allclose(found.scores, by_hand(REFERENCES[frontier]), rtol=1e-8)


def scores(model: Model, frontier: str, **options: Any) -> pd.Series:
    found = model(frontier=frontier, **options)
    assert (found.status == "optimal").all()
    return found.scores


@every_model
def test_larger_frontiers_score_lower(model: Model) -> None:
    found = {name: scores(model, name) for name in REFERENCES}
    for wide, narrow in (
        ("global", "sequential"),
        ("global", "window"),
        ("global", "biennial"),
        ("window", "contemporaneous"),
        ("biennial", "contemporaneous"),
        ("sequential", "contemporaneous"),
    ):
        assert (found[wide] <= found[narrow] + 1e-8).all(), (wide, narrow)


@every_model
def test_frontiers_that_are_the_same_by_another_name(model: Model) -> None:
    pooled, separate = scores(model, "global"), scores(model, "contemporaneous")
    last, first = (slice(None), 2005), (slice(None), 2001)
    sequential = scores(model, "sequential")
    np.testing.assert_allclose(sequential.loc[last], pooled.loc[last], rtol=1e-9)
    np.testing.assert_allclose(sequential.loc[first], separate.loc[first], rtol=1e-9)
    np.testing.assert_allclose(scores(model, "window", window=5), pooled, rtol=1e-9)
    np.testing.assert_allclose(scores(model, "window", window=1), separate, rtol=1e-9)
    np.testing.assert_allclose(scores(model, "meta", groups="region"), pooled, rtol=1e-9)
    two = Panel.from_frame(of_years(2001, 2002), unit="city", period="year")
    np.testing.assert_allclose(scores(model, "biennial", panel=two), scores(model, "global", panel=two), rtol=1e-9)


@every_model
def test_means_over_windows_hang_together(model: Model) -> None:
    found = model(frontier="window")
    data = found.data.frame
    if "SBM" not in found.specification.model:
        left = data[INPUTS].mul(found.scores, axis=0) - found.slacks[INPUTS]
        np.testing.assert_allclose(found.targets[INPUTS], left, rtol=1e-8)
    keys = ["peer_unit", "peer_period"]
    peers = found.peers.merge(data.reset_index(), left_on=keys, right_on=["unit", "period"], suffixes=("", "_peer"))
    made = (peers["gdp"] * peers["weight"]).groupby([peers["unit"], peers["period"]]).sum()
    np.testing.assert_allclose(found.targets["gdp"], made.reindex(data.index), rtol=1e-8)
    np.testing.assert_allclose(found.peers.groupby(["unit", "period"])["weight"].sum(), 1.0, rtol=1e-9)


@every_model
@pytest.mark.parametrize("frontier", ["meta", "contemporaneous", "window"])
def test_gap_ratios_compare_everyone_with_the_own_group(model: Model, frontier: str) -> None:
    years = {"meta": YEARS, "contemporaneous": YEARS, "window": range(2001, 2004)}[frontier]
    panel = Panel.from_frame(drawn(years=years), unit="city", period="year")
    found = model(panel=panel, frontier=frontier, groups="region")
    table = found.to_frame()
    assert (table["gap_ratio"] > 0).all() and (table["gap_ratio"] <= 1).all()
    assert (table["gap_ratio"] == 1).any() and (table["gap_ratio"] < 0.99).any()
    np.testing.assert_allclose(table["gap_ratio"] * table["group_efficiency"], found.efficiency, rtol=1e-8)
    for region in ("east", "west"):
        own = panel.where_units(panel.units[:5] if region == "east" else panel.units[5:])
        alone = model(panel=own, frontier="global" if frontier == "meta" else frontier)
        np.testing.assert_allclose(table.loc[alone.scores.index, "group_efficiency"], alone.scores, rtol=1e-8)
        assert (table.loc[alone.scores.index, "group"] == region).all()
    assert any("O'Donnell" in str(note) for note in found.notes)


def test_gap_ratios_of_an_output_measure_are_shares_too() -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, orientation="output", frontier="meta", groups="region")
    assert (found.scores >= 1).all()
    assert found.to_frame()["gap_ratio"].between(0, 1).all()


def test_reference_units_make_the_frontier_and_all_are_evaluated() -> None:
    options: dict[str, Any] = {"returns_to_scale": "crs", "orientation": "output"}
    marked = radial(PANEL, INPUTS, OUTPUTS, reference_units="core", **options)
    core = PANEL.units[:7]
    listed = radial(PANEL, INPUTS, OUTPUTS, reference_units=list(core), **options)
    pd.testing.assert_series_equal(marked.scores, listed.scores)
    alone = radial(PANEL.where_units(core), INPUTS, OUTPUTS, **options)
    np.testing.assert_allclose(marked.scores[alone.scores.index], alone.scores, rtol=1e-9)
    assert set(marked.peers["peer_unit"]) <= set(core)
    assert (marked.efficiency > 1.001).any() and (alone.efficiency <= 1).all()
    assert any("7 of 12 units make the frontier" in str(note) for note in marked.notes)


def test_reference_units_against_the_textbook() -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, reference_units="core", frontier="global")
    expected = by_hand(lambda row: [FRAME[FRAME["core"] == 1]])
    np.testing.assert_allclose(found.scores, expected, rtol=1e-8)
    assert (found.status[np.isnan(expected)] == "infeasible").all()


@pytest.mark.parametrize("frontier", ["global", "window", "sequential"])
def test_super_efficiency_leaves_out_the_observation_or_the_unit(frontier: str) -> None:
    def reference(row: pd.Series, exclude: str) -> list[pd.DataFrame]:
        own = FRAME["city"] == row["city"]
        own &= (FRAME["year"] == row["year"]) if exclude == "observation" else True
        return [part[~own[part.index]] for part in REFERENCES[frontier](row)]

    for exclude, words in (("observation", "exclude='unit' leaves out them too"), ("unit", "all periods of the unit")):
        options: dict[str, Any] = {"frontier": frontier, "exclude": exclude, "super_efficiency": True}
        found = radial(PANEL, INPUTS, OUTPUTS, **options)
        expected = by_hand(lambda row, exclude=exclude: reference(row, exclude))  # type: ignore[misc]
        np.testing.assert_allclose(found.scores, expected, rtol=1e-8)
        assert any(words in str(note) for note in found.notes)
        if exclude == "unit":
            assert (found.peers["unit"] != found.peers["peer_unit"]).all()


def test_excluding_the_unit_changes_nothing_within_one_period() -> None:
    first = radial(PANEL, INPUTS, OUTPUTS, super_efficiency=True)
    second = radial(PANEL, INPUTS, OUTPUTS, super_efficiency=True, exclude="unit")
    pd.testing.assert_series_equal(first.scores, second.scores)


def test_unbalanced_panels_keep_their_order() -> None:
    frame = FRAME.drop(index=[3, 17, 40]).sample(frac=1.0, random_state=2)
    panel = Panel.from_frame(frame, unit="city", period="year")
    found = radial(panel, INPUTS, OUTPUTS, frontier="window", groups="region")
    sorted_panel = Panel.from_frame(frame.sort_values(["year", "city"]), unit="city", period="year")
    again = radial(sorted_panel, INPUTS, OUTPUTS, frontier="window", groups="region")
    assert found.scores.index.equals(panel.index)
    np.testing.assert_allclose(found.scores, again.scores[panel.index], rtol=1e-9)
    np.testing.assert_allclose(found.to_frame()["gap_ratio"], again.to_frame()["gap_ratio"][panel.index], rtol=1e-8)


def test_a_cross_section_takes_every_frontier() -> None:
    panel = Panel.from_frame(of_years(2001).drop(columns="year"), unit="city")
    plain = radial(panel, INPUTS, OUTPUTS).scores
    kinds: tuple[Any, ...] = ("global", "sequential", "biennial")
    for kind in kinds:
        pd.testing.assert_series_equal(radial(panel, INPUTS, OUTPUTS, frontier=kind).scores, plain)
    pd.testing.assert_series_equal(radial(panel, INPUTS, OUTPUTS, frontier="window", window=1).scores, plain)


@pytest.mark.parametrize(
    ("frontier", "words"),
    [
        ("contemporaneous", "not comparable over time"),
        ("global", "change when periods are added"),
        ("meta", "change when periods are added"),
        ("sequential", "cannot regress"),
        ("window", "the frontier of 2001–2003, the frontier of 2002–2004, the frontier of 2003–2005"),
        ("biennial", "that of the last period of it and the one before"),
    ],
)
def test_notes_say_what_a_frontier_means_over_time(frontier: Any, words: str) -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, frontier=frontier, groups="region" if frontier == "meta" else None)
    assert words in found.summary()


def test_small_groups_are_noted() -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, groups="region", frontier="contemporaneous")
    small = next(str(note) for note in found.notes if "Fewer than 9" in str(note))
    assert "group east in the frontier of 2001 (5)" in small and "and 5 more" in small


def test_meta_results_return_from_their_file(tmp_path: Path) -> None:
    found = radial(PANEL, INPUTS, OUTPUTS, frontier="meta", groups="region", scale=True)
    found.store(tmp_path / "meta.eco")
    again = EfficiencyResult.load(tmp_path / "meta.eco")
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)


@every_model
@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"frontier": "meta"}, OptionError, "needs groups"),
        (
            {"frontier": "window", "window": 6},
            OptionError,
            "A window of 6 periods is wider than the panel, which has 5",
        ),
        ({"window": 0}, OptionError, "window=0"),
        ({"groups": "regoin"}, DataError, "no column 'regoin'.*did you mean 'region'"),
        (
            {"groups": "lone"},
            DataError,
            "There are 1 units in group alone in the frontier of 2001",
        ),
        ({"groups": "holes"}, DataError, "'holes' is empty for unit c03, period 2001"),
        ({"reference_units": ["c01", "d02"]}, OptionError, "no unit d02 to make the frontier; did you mean"),
        ({"reference_units": "c1"}, OptionError, "no unit c1 "),
        ({"reference_units": []}, OptionError, "No unit is left"),
        ({"reference_units": "none"}, OptionError, "No unit is left"),
        ({"reference_units": ["c01", "c02"]}, DataError, "There are 2 units in the frontier of 2001 for 3 variables"),
        ({"reference_units": "region"}, DataError, "'region' must hold numbers"),
        ({"exclude": "city"}, OptionError, "exclude='city' is not a choice"),
        ({"groups": "region", "super_efficiency": True}, OptionError, "no technology gap ratio"),
    ],
)
def test_bad_choices_are_named(model: Model, options: dict[str, Any], kind: type[EcospatialError], words: str) -> None:
    frame = FRAME.assign(lone=np.where(FRAME["city"] == "c03", "alone", "other"), none=0)
    frame["holes"] = frame["region"].where(frame["city"] != "c03")
    with pytest.raises(kind, match=words):
        model(panel=Panel.from_frame(frame, unit="city", period="year"), **options)

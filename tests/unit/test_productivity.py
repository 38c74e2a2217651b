"""What productivity results hold, and how bad input is named."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.observations import observe
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import DataError, OptionError
from ecospatial.panel import Panel
from ecospatial.productivity.decompositions import fgnz
from ecospatial.productivity.index import Index
from ecospatial.productivity.luenberger import luenberger
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.malmquist_luenberger import malmquist_luenberger
from ecospatial.productivity.result import ProductivityResult
from ecospatial.productivity.technologies import RadialDistance
from ecospatial.shipped import data_path

UNITS, PERIODS = 12, (2001, 2002, 2004, 2005)
n, T = UNITS, len(PERIODS)


def table(units: int = UNITS, periods: tuple[int, ...] = PERIODS, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.uniform(1, 9, (units * len(periods), 4)), columns=["x0", "x1", "y", "b"])
    names = [f"c{place}" for place in range(units)]
    return frame.assign(
        unit=names * len(periods),
        period=np.repeat(periods, units),
        region=[("east", "west")[place % 2] for place in range(units)] * len(periods),
    )


def panel_of(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, unit="unit", period="period")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return panel_of(table())


def growth(panel: Panel, **options: Any) -> ProductivityResult:
    return malmquist(panel, ["x0", "x1"], "y", **options)


def green(panel: Panel, **options: Any) -> ProductivityResult:
    return malmquist_luenberger(panel, ["x0", "x1"], "y", "b", **options)


def indicator(panel: Panel, **options: Any) -> ProductivityResult:
    return luenberger(panel, ["x0", "x1"], "y", "b", **options)


EVERY: dict[str, Callable[..., ProductivityResult]] = {
    "radial": growth,
    "sbm": lambda panel, **options: malmquist(panel, ["x0", "x1"], "y", "b", technology="sbm", **options),
    "malmquist-luenberger": green,
    "luenberger": indicator,
}
every = pytest.mark.parametrize("index", EVERY.values(), ids=EVERY.keys())


@every
def test_components_stand_on_unit_and_later_period(index: Any, panel: Panel) -> None:
    found = index(panel)
    later = panel.index.get_level_values("period") > PERIODS[0]
    assert found.components.index.equals(panel.index[later])
    assert found.components.columns[:3].tolist() == ["tfpch", "effch", "techch"]
    assert found.previous.loc[("c0", 2004)] == 2002
    assert found.to_frame().columns.tolist() == [*found.components.columns, "previous", "status"]
    assert list(found.tables()) == [declared.name for declared in found.TABLES]
    for words in ("tfpch", "effch", "techch", "Reference", "Linear programmes"):
        assert words in found.summary()


@every
def test_a_result_survives_its_file(index: Any, panel: Panel, tmp_path: Path) -> None:
    found = index(panel, by="region")
    found.store(tmp_path / "a.eco")
    again = ProductivityResult.load(tmp_path / "a.eco")
    for name, expected in found.tables().items():
        pd.testing.assert_frame_equal(again.to_frame(name), expected)
    assert again.summary() == found.summary()
    assert again.lps_solved == found.lps_solved


@every
def test_an_executor_and_a_repetition_change_nothing(index: Any, panel: Panel) -> None:
    alone = index(panel).to_frame("distances").to_csv()
    assert index(panel).to_frame("distances").to_csv() == alone
    with ThreadPoolExecutor(2) as pool:
        assert index(panel, executor=pool).to_frame("distances").to_csv() == alone


@every
def test_highs_agrees_with_the_simplex(index: Any, panel: Panel) -> None:
    expected = index(panel).distances
    found = index(panel, solver="highs").distances
    np.testing.assert_allclose(found["distance"], expected["distance"], atol=1e-8)
    assert found["status"].equals(expected["status"])


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 2 * n * T + 2 * n * (T - 1)),
        ({"reference": "sequential"}, 2 * n * T + 2 * n * (T - 1)),
        ({"reference": "global"}, 3 * n * T),
        ({"reference": "biennial"}, 2 * n * T + 2 * n * (T - 1)),
        ({"decomposition": "ray-desli"}, 2 * n * T + 4 * n * (T - 1)),
        ({"decomposition": "ray-desli", "reference": "global"}, 3 * n * T),
        ({"decomposition": "ray-desli", "reference": "biennial"}, n * T + 4 * n * (T - 1)),
        ({"returns_to_scale": "vrs"}, n * T + 2 * n * (T - 1)),
    ],
)
def test_no_distance_is_asked_twice(options: dict[str, Any], count: int, panel: Panel) -> None:
    for found in (growth(panel, **options), malmquist(panel, "x0", "y", "b", technology="directional", **options)):
        assert found.lps_solved == count
        assert not found.distances.duplicated(list(found.distances.columns[:5])).any()
    slacks = EVERY["sbm"](panel, **options)
    assert slacks.lps_solved == count + slacks.distances["beyond"].sum()


@pytest.mark.parametrize(
    ("reference", "count"),
    [
        ("contemporaneous", 2 * n * T + 4 * n * (T - 1)),
        ("sequential", 2 * n * T + 4 * n * (T - 1)),
        ("global", 3 * n * T),
        ("biennial", n * T + 4 * n * (T - 1)),
    ],
)
def test_no_distance_is_asked_twice_with_groups(reference: Any, count: int, panel: Panel) -> None:
    assert green(panel, reference=reference, groups="region").lps_solved == count


@pytest.mark.parametrize(("reference", "count"), [("contemporaneous", n * T + 2 * n * (T - 1)), ("global", 2 * n * T)])
def test_no_distance_of_the_indicator_is_asked_twice(reference: Any, count: int, panel: Panel) -> None:
    found = indicator(panel, reference=reference)
    assert found.lps_solved == count + found.distances["beyond"].sum()


def own(found: ProductivityResult, returns_to_scale: str) -> pd.Series:
    rows = found.distances[
        (found.distances["technology_from"] == found.distances["period"])
        & (found.distances["technology_to"] == found.distances["period"])
        & (found.distances["returns_to_scale"] == returns_to_scale)
    ]
    return rows.set_index(["unit", "period"])["distance"]


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
def test_own_distances_are_the_efficiency_scores(panel: Panel, returns_to_scale: Any) -> None:
    scores = radial(panel, ["x0", "x1"], "y", orientation="output", returns_to_scale=returns_to_scale).efficiency
    np.testing.assert_allclose(own(growth(panel), returns_to_scale).reindex(scores.index), scores, atol=1e-9)
    scores = sbm(panel, ["x0", "x1"], "y", "b", returns_to_scale=returns_to_scale).scores
    np.testing.assert_allclose(own(EVERY["sbm"](panel), returns_to_scale).reindex(scores.index), scores, atol=1e-9)


def test_cumulative_index_is_chained_from_its_base(panel: Panel) -> None:
    found = growth(panel, base_period=2004)
    tfp = found.components["tfpch"].unstack("period").loc["c3"]
    total = found.cumulative["tfpch"].unstack("period").loc["c3"]
    assert total[2004] == 1.0
    np.testing.assert_allclose(total[2005], tfp[2005], rtol=1e-12)
    np.testing.assert_allclose(total[2001], 1 / (tfp[2002] * tfp[2004]), rtol=1e-12)
    assert indicator(panel).cumulative.xs(2001, level="period").eq(0.0).all(axis=None)
    assert growth(panel, base_period="2004").cumulative.equals(found.cumulative)


def test_means_are_geometric_and_keep_the_identities(panel: Panel) -> None:
    found = growth(panel, by="region")
    tfp = found.components["tfpch"]
    periods, units, groups = found.to_frame("periods"), found.to_frame("units"), found.to_frame("by_group")
    np.testing.assert_allclose(periods.loc[2002, "tfpch"], np.exp(np.log(tfp.xs(2002, level="period")).mean()))
    np.testing.assert_allclose(units.loc["c1", "tfpch"], np.exp(np.log(tfp.loc["c1"]).mean()))
    for means in (periods, units, groups):
        np.testing.assert_allclose(means["tfpch"], means["effch"] * means["techch"], rtol=1e-12)
    assert periods["changes"].tolist() == [n] * (T - 1)
    assert groups["changes"].tolist() == [n // 2] * 2 * (T - 1)
    pd.testing.assert_frame_equal(found.by("region"), groups.set_index(["group", "period"]).drop(columns="grouping"))
    label = pd.Series({f"c{place}": "core" for place in range(3)}).rename_axis("unit")
    assert found.by(label)["changes"].tolist() == [3] * (T - 1)
    arithmetic = indicator(panel)
    np.testing.assert_allclose(arithmetic.digest()["tfpch"], arithmetic.components["tfpch"].groupby("period").mean())


@every
def test_means_over_all_periods_and_their_chain(index: Any, panel: Panel) -> None:
    found = index(panel, by="region", base_period=2002)
    parts, chain = found.components, found.to_frame("cumulative_periods")
    logs = parts if index is indicator else np.log(parts)
    back = (lambda means: means) if index is indicator else np.exp
    steps = logs.groupby(level="period").mean()
    assert chain.index.tolist() == list(PERIODS) and chain.index.name == "period"
    np.testing.assert_allclose(chain.loc[2002], 0.0 if index is indicator else 1.0)
    np.testing.assert_allclose(chain.loc[2005], back(steps.loc[2004] + steps.loc[2005]), rtol=1e-10)
    np.testing.assert_allclose(chain.loc[2001], back(-steps.loc[2002]), rtol=1e-10)
    means = found.to_frame("group_means").set_index(["grouping", "group"])
    assert means.index.tolist() == [("all", "all"), ("region", "east"), ("region", "west")]
    assert means["changes"].tolist() == [len(parts), len(parts) // 2, len(parts) // 2]
    np.testing.assert_allclose(means.loc[("all", "all")].iloc[1:].astype(float), back(logs.mean()), rtol=1e-10)
    east = logs[np.asarray(found.data["region"].reindex(parts.index) == "east")]
    np.testing.assert_allclose(means.loc[("region", "east")].iloc[1:].astype(float), back(east.mean()), rtol=1e-10)


def test_changes_without_a_label_are_counted_and_left_out() -> None:
    frame = table()
    frame["region"] = frame["region"].where(frame["unit"] != "c0", " ")
    found = growth(panel_of(frame), by="region")
    assert f"{T - 1} of {n * (T - 1)} changes have no label in 'region'" in found.summary()
    assert found.to_frame("group_means")["group"].tolist() == ["all", "east", "west"]
    assert set(found.to_frame("by_group")["group"]) == {"east", "west"}
    assert "no label" not in growth(panel_of(table()), by="region").summary()


@every
def test_means_by_a_variable_are_refused(index: Any, panel: Panel) -> None:
    with pytest.raises(OptionError, match="cannot be taken by x1, which"):
        index(panel, by=["region", "x1"])


def test_a_zero_may_stand_still_in_the_indicator() -> None:
    frame = table()
    frame.loc[3, "x0"] = 0.0
    with pytest.raises(DataError, match="leave it out of weights="):
        indicator(panel_of(frame))
    assert (indicator(panel_of(frame), weights={"x1": 1.0, "y": 1.0}).status == "optimal").any()


def test_units_that_enter_pause_and_leave_are_paired_where_they_can_be() -> None:
    frame = table()
    gone = [("c1", 2001), ("c2", 2002), ("c3", 2005), ("c4", 2001), ("c4", 2002), ("c4", 2004)]
    frame = frame[[pair not in gone for pair in zip(frame["unit"], frame["period"], strict=True)]]
    found = growth(panel_of(frame))
    pairs = found.components.index
    assert ("c1", 2002) not in pairs and ("c1", 2004) in pairs
    assert not {("c2", 2002), ("c2", 2004)} & set(pairs) and ("c2", 2005) in pairs
    assert "c4" not in pairs.get_level_values("unit")
    assert found.cumulative.loc[("c2", 2001), "tfpch"] == 1.0
    assert found.cumulative.loc[[("c2", 2005), ("c1", 2005), ("c4", 2005)], "tfpch"].isna().all()
    text = found.summary()
    assert "3 unit-periods have no row in the period before" in text
    assert (
        "2 unit-periods are the last before a unit leaves or pauses: unit c2, period 2001; unit c3, period 2004" in text
    )
    # The technology of a period is made of all that are there in it, paired or not.
    full = radial(panel_of(frame), ["x0", "x1"], "y", orientation="output", returns_to_scale="crs").efficiency
    mine = own(found, "crs")
    np.testing.assert_allclose(mine, full.reindex(mine.index), atol=1e-9)


def test_infeasible_pairs_are_nan_and_name_the_alternative() -> None:
    frame = table()
    frame.loc[(frame["unit"] == "c5") & (frame["period"] == 2004), ["x0", "x1"]] = 0.1
    found = growth(panel_of(frame), decomposition="ray-desli")
    assert found.status[("c5", 2004)] == "infeasible"
    row = found.components.loc[("c5", 2004)]
    assert row[["effch", "techch", "sech"]].isna().all()
    assert row[["tfpch", "pech"]].notna().all()
    count = int((found.status != "optimal").sum())
    assert f"{count} of {n * (T - 1)} changes lack a component" in found.summary()
    assert "reference='global' and reference='biennial'" in found.summary()
    for reference in ("global", "biennial"):
        other = growth(panel_of(frame), decomposition="ray-desli", reference=reference)
        assert (other.status == "optimal").all()
        assert other.components.notna().all(axis=None)


def test_groups_have_technologies_of_their_own(panel: Panel) -> None:
    found = green(panel, reference="global", groups="region")
    assert found.components.columns.tolist() == ["tfpch", "effch", "techch", "tgch"]
    np.testing.assert_allclose(found.components["tfpch"], green(panel, reference="global").components["tfpch"])
    frame = table()
    east = green(panel_of(frame[frame["region"] == "east"]), reference="global").components
    product = (found.components["effch"] * found.components["techch"]).loc[east.index]
    np.testing.assert_allclose(product, east["tfpch"], rtol=1e-9)
    np.testing.assert_allclose(found.components.loc[east.index, "effch"], east["effch"], rtol=1e-9)
    assert set(found.distances["technology_of"]) == {"", "east", "west"}
    assert found.to_frame("by_group")["grouping"].unique().tolist() == ["region"]


def test_contributions_add_up(panel: Panel) -> None:
    found = indicator(panel, weights={"y": 2.0, "b": 1.0, "x1": 1.0})
    sums = found.contributions.groupby(level=["unit", "period"]).sum().reindex(found.components.index)
    np.testing.assert_allclose(sums, found.components, atol=1e-10)
    assert found.contributions.xs("x0", level="variable").eq(0.0).all(axis=None)
    assert found.to_frame("contributions").columns[:3].tolist() == ["unit", "period", "variable"]
    assert len(growth(panel).to_frame("contributions")) == 0


def test_pseudo_values_make_the_technologies_alone(panel: Panel) -> None:
    observations = observe(panel, ["x0", "x1"], "y", ())
    index = Index.of(observations, RadialDistance("output"), "contemporaneous", fgnz())
    plain = index.measured()
    same = pickle.loads(pickle.dumps(index)).measured(pseudo=observations.values)
    np.testing.assert_array_equal(same.scores, plain.scores)
    # Twice the output all around halves every output distance, and no change of distance knows of it.
    doubled = index.measured(pseudo=observations.values * np.array([1.0, 1.0, 2.0]))
    np.testing.assert_allclose(doubled.scores, plain.scores / 2.0, rtol=1e-9)
    for name, part in index.components(doubled).items():
        np.testing.assert_allclose(part, index.components(plain)[name], atol=1e-9)


def test_the_default_orientation_follows_the_technology(panel: Panel) -> None:
    assert growth(panel).specification.orientation == "output"
    assert EVERY["sbm"](panel).specification.orientation == "non-oriented"
    inward = malmquist(panel, ["x0", "x1"], "y", "b", technology="directional", orientation="input")
    assert (inward.components["tfpch"] != EVERY["malmquist-luenberger"](panel).components["tfpch"]).any()


def test_an_index_under_variable_returns_has_no_scale(panel: Panel) -> None:
    found = growth(panel, returns_to_scale="vrs")
    assert found.components.columns.tolist() == ["tfpch", "effch", "techch"]
    assert "no index of total factor productivity" in found.summary()


@pytest.mark.parametrize("reference", ["contemporaneous", "global", "sequential", "biennial"])
def test_the_summary_says_what_the_parts_mean(panel: Panel, reference: Any) -> None:
    shift = "best-practice gap" if reference in ("global", "biennial") else "technical change"
    by_fgnz = growth(panel, reference=reference).facts()
    by_ray_desli = growth(panel, reference=reference, decomposition="ray-desli").facts()
    assert shift in str(by_fgnz["techch"])
    assert str(by_ray_desli["techch"]).endswith("under variable returns")
    assert by_fgnz["sech"] != by_ray_desli["sech"]


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        ({"undesirable": "b"}, {}, OptionError, "technology='sbm' or technology='directional'"),
        ({"undesirable": "b"}, {"technology": "radial"}, OptionError, "would ignore them"),
        ({}, {"orientation": "non-oriented"}, OptionError, "orientation='output' or 'input'"),
        ({}, {"base_period": 2003}, OptionError, "no base period 2003; there are: 2001, 2002, 2004, 2005"),
        ({}, {"returns_to_scale": "vrs", "decomposition": "ray-desli"}, OptionError, "returns_to_scale='crs'"),
        ({}, {"reference": "window"}, OptionError, "choose one of"),
        ({"inputs": "gdp"}, {}, DataError, "no column 'gdp'"),
        ({"outputs": ()}, {}, OptionError, "no outputs"),
    ],
)
def test_wrong_options_are_named(
    panel: Panel, change: dict[str, Any], options: dict[str, Any], kind: Any, words: str
) -> None:
    with pytest.raises(kind, match=words):
        malmquist(panel, **{"inputs": ["x0", "x1"], "outputs": "y", **change}, **options)


def test_panels_without_a_change_are_named() -> None:
    with pytest.raises(DataError, match="needs two periods"):
        growth(panel_of(table(periods=(2001,))))
    apart = pd.concat([table(6, (2001,)), table(6, (2002,)).assign(unit=[f"d{place}" for place in range(6)])])
    with pytest.raises(DataError, match="No unit is there in two successive periods"):
        growth(panel_of(apart))
    with pytest.raises(DataError, match="2 units in the frontier of 2001 for 3 variables"):
        growth(panel_of(table(2)))


@pytest.mark.parametrize("index", [EVERY["sbm"], indicator], ids=["sbm", "luenberger"])
def test_zeros_are_named_where_they_are_divided_by(index: Any) -> None:
    frame = table()
    frame.loc[3, "b"] = 0.0
    with pytest.raises(DataError, match="'b' is zero for unit c3, period 2001"):
        index(panel_of(frame))


def test_zeros_and_negative_cells_of_a_radial_index() -> None:
    frame = table()
    frame.loc[3, "x0"] = 0.0
    status = growth(panel_of(frame), orientation="input").status
    # In 2002 nobody does without the first input, so that no share of nothing will do.
    assert status[status != "optimal"].to_dict() == {("c3", 2002): "infeasible"}
    frame.loc[3, "x0"] = -1.0
    with pytest.raises(DataError, match="'x0' is negative for unit c3, period 2001"):
        growth(panel_of(frame))


def test_a_technology_that_makes_nothing_of_an_output_gives_no_index() -> None:
    """Only one unit makes the second output, and only from 2002 on."""
    frame = table().assign(z=0.0)
    frame.loc[(frame["unit"] == "c6") & (frame["period"] >= 2002), "z"] = 1.0
    found = malmquist(panel_of(frame), ["x0", "x1"], ["y", "z"])
    assert found.status[("c6", 2002)] == "infeasible"
    assert np.isnan(found.components.loc[("c6", 2002), "tfpch"])


def test_groups_that_cannot_serve_are_named(panel: Panel) -> None:
    frame = table()
    frame.loc[(frame["unit"] == "c1") & (frame["period"] == 2005), "region"] = "east"
    with pytest.raises(DataError, match="changes to 'east' for unit c1, period 2005"):
        green(panel_of(frame), groups="region")
    with pytest.raises(DataError, match="The group column 'region' is empty for unit c0, period 2001"):
        green(panel_of(table().assign(region=["", *table()["region"][1:]])), groups="region")
    few = table().assign(region=["a" if unit == "c0" else "b" for unit in table()["unit"]])
    with pytest.raises(DataError, match="1 units in group a in the frontier of 2001"):
        green(panel_of(few), groups="region")
    with pytest.raises(OptionError, match="no undesirable outputs"):
        malmquist_luenberger(panel, ["x0", "x1"], "y", ())
    with pytest.raises(OptionError, match="moves inputs only \\(x0, x1\\)"):
        green(panel, direction={"x0": 1.0, "x1": 1.0})
    with pytest.raises(OptionError, match="holds no column 'zone'"):
        growth(panel).by("zone")


def test_a_summary_has_means_by_group() -> None:
    found = growth(panel_of(table()), by="region")
    text, (periods, groups) = found.summary(), found.digests()
    assert groups.index.tolist() == ["east", "west"]
    east = found.components[np.asarray(found.data["region"].reindex(found.components.index) == "east")]
    np.testing.assert_allclose(groups.loc["east"].iloc[1:], np.exp(np.log(east).mean()))
    assert groups["changes"].tolist() == [UNITS // 2 * (T - 1)] * 2
    assert periods.equals(found.digest())
    assert text.index("2005") < text.index("east") < text.index("west")


def test_means_without_some_changes_say_so() -> None:
    frame = table()
    frame.loc[(frame["unit"] == "c5") & (frame["period"] == 2004), ["x0", "x1"]] = 0.1
    said = "Means by period, group and unit leave out the changes"
    assert said in growth(panel_of(frame), decomposition="ray-desli").summary()
    assert said not in growth(panel_of(table())).summary()


@every
def test_an_extreme_change_is_named(index: Any) -> None:
    frame = table()
    steady = frame.groupby("unit")[["x0", "x1", "y", "b"]].transform("first")
    frame[steady.columns] = steady * np.random.default_rng(8).uniform(0.95, 1.05, steady.shape)
    assert "Extreme" not in index(panel_of(frame)).summary()
    frame.loc[(frame["unit"] == "c3") & (frame["period"] == 2002), "y"] /= 20.0
    notes = " ".join(str(note) for note in index(panel_of(frame)).notes)
    assert "beyond the quartiles of all changes: unit c3, period 200" in notes
    assert "unit c3, period 2002" in notes and "unit c3, period 2004" in notes


def test_the_digit_that_the_power_panel_lacks_is_found() -> None:
    """Guangdong's capacity in 2007 is a tenth of what it was; the change to 2008 stands out, and no other."""
    frame = pd.read_csv(data_path("panels/china_power.csv"))
    power = Panel.from_frame(frame, unit="code", period="year")
    found = malmquist_luenberger(power, ["capacity", "labour", "energy"], "electricity", "co2")
    extreme = [str(note) for note in found.notes if str(note).startswith("Extreme")]
    assert len(extreme) == 1
    assert "all changes: unit 440000, period 2008. Check" in extreme[0]

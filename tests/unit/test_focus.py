"""A group in focus: means, ranks, and a test that permutes whole units."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecospatial import Panel, Result, focus
from ecospatial.errors import DataError


def cities(seed: int = 1, units: int = 12, periods: int = 4, shift: float = 0.0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({"city": np.repeat(np.arange(units), periods), "year": list(range(periods)) * units})
    frame["stage"] = np.where(frame["city"] < 3, "new", "old")
    frame["eco"] = draw.random(len(frame)) + np.repeat(draw.random(units), periods) + shift * (frame["stage"] == "new")
    return frame


def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, unit="city", period="year")


def test_means_by_period_are_those_of_a_plain_groupby() -> None:
    frame = cities().drop([3, 30])
    frame.loc[5, "eco"] = np.nan
    found = focus(panel(frame), "eco", "stage", "new", permutations=99)
    means = frame.groupby(["year", "stage"])["eco"].mean().unstack()
    np.testing.assert_allclose(found.trend["in_focus"], means["new"])
    np.testing.assert_allclose(found.trend["others"], means["old"])
    counts = frame.dropna().groupby(["year", "stage"]).size().unstack()
    assert found.trend["focus_units"].tolist() == counts["new"].tolist()
    assert found.overall["in_focus"] == pytest.approx(frame.loc[frame["stage"] == "new", "eco"].mean())


def test_the_pseudo_p_value_approaches_that_of_all_groups_of_whole_units() -> None:
    frame = cities(units=9, shift=0.35)
    means = frame.pivot(index="city", columns="year", values="eco").mean(axis=1).to_numpy()
    differences = [means[list(some)].mean() - np.delete(means, list(some)).mean() for some in combinations(range(9), 3)]
    actual = means[:3].mean() - means[3:].mean()
    exact = np.mean(np.abs(differences) >= abs(actual) - 1e-12)
    found = focus(panel(frame), "eco", "stage", "new", permutations=20_000)
    assert found.overall["difference"] == pytest.approx(actual)
    assert found.overall["pvalue"] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000) + 1e-4)


def test_under_no_difference_one_in_twenty_groups_differs() -> None:
    shares = [focus(panel(cities(seed)), "eco", "stage", "new", 199).overall["pvalue"] <= 0.05 for seed in range(200)]
    assert 0.01 <= np.mean(shares) <= 0.1


def test_members_have_their_first_and_last_value_and_rank_among_all() -> None:
    frame = cities()
    frame.loc[frame["city"].isin([0, 7]) & (frame["year"] == 3), "eco"] = [5.0, 5.0 * (1 + 1e-15)]
    members = focus(panel(frame), "eco", "stage", "new", 99).members
    assert members["rank"].iloc[0] == 1, "rounding does not rank"
    one = frame[frame["city"] == 1]["eco"].to_numpy()
    assert members.loc[1, ["first", "last", "change", "mean"]].tolist() == pytest.approx(
        [one[0], one[-1], one[-1] - one[0], one.mean()]
    )


def test_a_unit_that_changes_its_group_counts_while_it_is_in_it() -> None:
    frame = cities()
    frame.loc[(frame["city"] == 5) & (frame["year"] >= 2), "stage"] = "new"
    found = focus(panel(frame), "eco", "stage", "new", 99)
    assert found.trend["focus_units"].tolist() == [3, 3, 4, 4]
    own = frame[frame["city"] == 5]["eco"].to_numpy()
    assert found.members.loc[5, "first"] == own[2]


def test_the_same_seed_gives_the_same_numbers_and_a_stored_result_is_whole(tmp_path: Path) -> None:
    found = focus(panel(cities()), "eco", "stage", "new", 99)
    found.store(tmp_path / "focus.eco")
    again = Result.load(tmp_path / "focus.eco")
    for name, table in focus(panel(cities()), "eco", "stage", "new", 99).tables().items():
        pd.testing.assert_frame_equal(table, found.to_frame(name).set_index(table.index), check_like=True)
        pd.testing.assert_frame_equal(again.tables()[name], found.tables()[name])


def test_what_cannot_be_compared_is_said() -> None:
    frame = cities()
    with pytest.raises(DataError, match="no group 'young'; its groups are new, old"):
        focus(panel(frame), "eco", "stage", "young")
    with pytest.raises(DataError, match="nothing to compare"):
        focus(panel(frame.assign(stage="new")), "eco", "stage", "new")
    with pytest.raises(DataError, match="nothing to compare"):
        focus(panel(frame.assign(eco=np.where(frame["stage"] == "new", np.nan, 1.0))), "eco", "stage", "new")

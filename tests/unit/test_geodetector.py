"""The geographical detector against formulas written out, its size on random maps, and what it refuses."""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ecospatial.drivers.geodetector import geodetector
from ecospatial.drivers.geodetector_result import GeodetectorResult
from ecospatial.errors import DataError, OptionError
from ecospatial.kernels.geodetector import (
    interaction_type,
    noncentral_f,
    overlay,
    permuted,
    q_statistic,
    quantile_classes,
)
from ecospatial.panel import Panel


def city_table(count: int = 40, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"city": range(count), "rd": rng.normal(size=count), "fdi": rng.normal(size=count)})
    table["zone"] = rng.choice(["north", "south", "west"], size=count)
    table["eco"] = 5 + table["rd"] + 2.0 * (table["zone"] == "west") + rng.normal(size=count)
    return table


def cities(count: int = 40, seed: int = 1) -> Panel:
    return Panel.from_frame(city_table(count, seed), unit="city")


def share_between(y: list[float], strata: list[object]) -> float:
    """q by loops over classes, as Wang et al. (2010) write it."""
    rows, total = len(y), 0.0
    for each in set(strata):
        own = [value for value, label in zip(y, strata, strict=True) if label == each]
        mean = sum(own) / len(own)
        total += len(own) * (sum((value - mean) ** 2 for value in own) / len(own))
    mean = sum(y) / rows
    return 1 - total / (rows * (sum((value - mean) ** 2 for value in y) / rows))


class TestStatistics:
    def test_q_is_that_of_a_loop(self) -> None:
        data = city_table()
        found = geodetector(cities(), "eco", ["zone", "rd"], classes=4, permutations=99).detected
        classes = pd.qcut(data["rd"], 4, labels=False)
        assert found["q"]["zone"] == pytest.approx(share_between(list(data["eco"]), list(data["zone"])), abs=1e-13)
        assert found["q"]["rd"] == pytest.approx(share_between(list(data["eco"]), list(classes)), abs=1e-13)

    def test_q_is_r_squared_of_dummies_and_f_that_of_anova(self) -> None:
        data = city_table()
        parts = [group["eco"].to_numpy() for _, group in data.groupby("zone")]
        codes = pd.factorize(data["zone"])[0]
        statistic, _, _ = noncentral_f(data["eco"].to_numpy(), codes)
        assert statistic == pytest.approx(float(stats.f_oneway(*parts).statistic), rel=1e-12)

    def test_noncentral_f_is_that_of_a_loop(self) -> None:
        data = city_table()
        found = geodetector(cities(), "eco", ["zone"], permutations=99).detected.loc["zone"]
        y, rows, levels = data["eco"], len(data), 3
        squares = sum(group.mean() ** 2 for _, group in y.groupby(data["zone"]))
        roots = sum(np.sqrt(len(group)) * group.mean() for _, group in y.groupby(data["zone"]))
        centrality = (squares - roots**2 / rows) / y.var(ddof=0)
        q = share_between(list(y), list(data["zone"]))
        statistic = (rows - levels) / (levels - 1) * q / (1 - q)
        assert found["noncentrality"] == pytest.approx(centrality, rel=1e-10)
        assert found["F"] == pytest.approx(statistic, rel=1e-12)
        expected = stats.ncf.sf(statistic, levels - 1, rows - levels, centrality)
        assert found["p_noncentral"] == pytest.approx(expected, rel=1e-9)

    def test_the_published_noncentrality_depends_on_the_level_of_y(self) -> None:
        y, strata = city_table()["eco"].to_numpy(), pd.factorize(city_table()["zone"])[0]
        assert noncentral_f(y + 100, strata)[1] > 2 * noncentral_f(y, strata)[1]
        assert q_statistic(y + 100, strata) == pytest.approx(float(q_statistic(y, strata)), rel=1e-10)

    def test_risk_is_welch(self) -> None:
        data = city_table()
        found = geodetector(cities(), "eco", ["zone"], permutations=99).risk
        for row in found.itertuples():
            one, other = (data["eco"][data["zone"] == name] for name in (row._2, row.other_class))
            expected = stats.ttest_ind(one, other, equal_var=False)
            assert row.statistic == pytest.approx(expected.statistic, rel=1e-12)
            assert row.pvalue == pytest.approx(expected.pvalue, rel=1e-10)
            assert row.difference == pytest.approx(one.mean() - other.mean(), rel=1e-12)

    def test_ecological_is_a_ratio_of_squares(self) -> None:
        found = geodetector(cities(), "eco", ["zone", "rd"], permutations=99)
        q = found.detected["q"]
        ratio = (1 - q["zone"]) / (1 - q["rd"])
        row = found.ecological.iloc[0]
        assert row["statistic"] == pytest.approx(ratio, rel=1e-12)
        tail = stats.f.sf(ratio, 39, 39)
        assert row["pvalue"] == pytest.approx(2 * min(tail, 1 - tail), rel=1e-9)

    def test_overlay_is_q_of_both(self) -> None:
        data = city_table()
        found = geodetector(cities(), "eco", ["zone", "rd"], classes=3, permutations=99).interactions.iloc[0]
        both = data["zone"] + pd.qcut(data["rd"], 3, labels=False).astype(str)
        assert found["q"] == pytest.approx(share_between(list(data["eco"]), list(both)), abs=1e-13)
        assert found["interaction"] == interaction_type(found["q_factor"], found["q_other"], found["q"])

    @pytest.mark.parametrize(
        ("both", "kind"),
        [
            (0.1, "weakened, nonlinear"),
            (0.25, "weakened, univariate"),
            (0.4, "enhanced, bivariate"),
            (0.5, "independent"),
            (0.6, "enhanced, nonlinear"),
        ],
    )
    def test_types_of_interaction(self, both: float, kind: str) -> None:
        assert interaction_type(0.2, 0.3, both) == kind

    @given(st.integers(0, 10_000))
    def test_an_overlay_never_weakens(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        y, one, other = rng.normal(size=30), rng.integers(0, 4, 30), rng.integers(0, 3, 30)
        one, other = (np.unique(codes, return_inverse=True)[1] for codes in (one, other))
        q = [float(q_statistic(y, codes)) for codes in (one, other, overlay(one, other))]
        assert q[2] >= max(q[:2]) - 1e-12
        assert not interaction_type(*q).startswith("weakened, nonlinear")

    @given(st.integers(0, 10_000), st.integers(2, 6))
    def test_quantile_classes_are_those_of_pandas(self, seed: int, count: int) -> None:
        values = np.round(np.random.default_rng(seed).normal(size=25), 1)
        codes, bounds = quantile_classes(values, count)
        expected = pd.qcut(values, count, labels=False, duplicates="drop")
        assert np.array_equal(codes, np.unique(expected, return_inverse=True)[1])
        assert len(bounds) == codes.max() + 2


class TestPermutations:
    def test_whole_units_move(self) -> None:
        y = np.arange(12.0).reshape(3, 4)
        drawn = np.concatenate(list(permuted(y, 50, 1)), axis=1).reshape(3, 4, 50)
        histories = {tuple(column) for column in y.T}
        assert all(tuple(drawn[:, unit, draw]) in histories for unit in range(4) for draw in range(50))
        assert len({tuple(drawn[0, :, draw]) for draw in range(50)}) > 10

    def test_pvalue_by_brute_force(self) -> None:
        data, strata = city_table(20), pd.factorize(city_table(20)["zone"])[0]
        found = geodetector(cities(20), "eco", ["zone"], permutations=99, seed=5).detected.loc["zone"]
        y = data["eco"].to_numpy()
        draws = next(iter(permuted(y[None], 99, 5)))
        beyond = sum(share_between(list(column), list(strata)) >= found["q"] - 1e-12 for column in draws.T)
        assert found["pvalue"] == (beyond + 1) / 100

    @pytest.mark.parametrize("discretisation", ["quantile", "best"])
    def test_a_true_null_is_rejected_one_time_in_twenty(self, discretisation: str) -> None:
        maps, rejected, naive = 300, 0, 0
        for seed in range(maps):
            rng = np.random.default_rng(1000 + seed)
            table = pd.DataFrame({"city": range(24), "x": rng.normal(size=24), "y": rng.normal(size=24)})
            data = Panel.from_frame(table, unit="city")
            found = geodetector(data, "y", ["x"], 6, discretisation, 99, seed).detected.loc["x"]  # type: ignore[arg-type]
            rejected += found["pvalue"] <= 0.05
            naive += stats.f.sf(found["F"], found["strata"] - 1, 24 - found["strata"]) <= 0.05
        assert 0.02 <= rejected / maps <= 0.085
        if discretisation == "best":
            assert naive / maps > 0.09

    def test_years_of_a_city_are_not_independent(self) -> None:
        """A factor that says nothing, in a panel whose units hardly change: only whole units may be shuffled."""
        maps, rejected, independent = 120, 0, 0
        for seed in range(maps):
            rng = np.random.default_rng(seed)
            y, x = (rng.normal(size=20)[:, None] + rng.normal(size=(20, 8)) / 5 for _ in range(2))
            index = pd.MultiIndex.from_product([range(20), range(8)], names=["unit", "period"])
            data = Panel.from_frame(pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index))
            found = geodetector(data, "y", ["x"], 4, permutations=99).detected.loc["x"]
            rejected += found["pvalue"] <= 0.05
            independent += found["p_noncentral"] <= 0.05
        assert rejected / maps <= 0.10
        assert independent / maps > 0.4

    def test_the_same_seed_gives_the_same(self) -> None:
        one, other = (geodetector(cities(), "eco", ["rd", "fdi", "zone"], 4, "best", 99) for _ in range(2))
        for name, table in one.tables().items():
            pd.testing.assert_frame_equal(table, other.tables()[name])


class TestResult:
    def test_store_and_load(self, tmp_path: pathlib.Path) -> None:
        found = geodetector(cities(), "eco", ["rd", "zone"], permutations=99)
        found.store(tmp_path / "found.eco")
        again = GeodetectorResult.load(tmp_path / "found.eco")
        for name, table in found.tables().items():
            pd.testing.assert_frame_equal(table, again.tables()[name], check_index_type=False)
        assert again.summary() == found.summary()

    def test_search_takes_the_largest_q(self) -> None:
        found = geodetector(cities(), "eco", ["rd"], 6, "best", 99).detected.loc["rd"]
        each = {
            count: geodetector(cities(), "eco", ["rd"], count, permutations=99).detected["q"]["rd"]
            for count in range(2, 7)
        }
        assert found["q"] == max(each.values())
        assert found["strata"] == max(each, key=lambda count: each[count])

    def test_numbers_as_given_run_by_size(self) -> None:
        table = city_table().assign(tier=np.tile([10, 9, 2, 1], 10))
        found = geodetector(
            Panel.from_frame(table, unit="city"), "eco", ["tier"], discretisation="given", permutations=99
        )
        assert found.strata["class"].tolist() == ["1", "2", "9", "10"]

    def test_strata_count_units_and_observations(self) -> None:
        table = pd.concat([city_table().assign(year=year) for year in (1, 2)])
        table["eco"] += np.random.default_rng(3).normal(size=80)
        found = geodetector(Panel.from_frame(table, unit="city", period="year"), "eco", ["zone"], permutations=99)
        assert found.strata["units"].sum() == 40
        assert found.strata["observations"].sum() == 80
        assert any("independent" in str(note) for note in found.notes)

    def test_thin_overlays_are_named(self) -> None:
        found = geodetector(cities(), "eco", ["rd", "fdi"], permutations=99)
        assert any("rd and fdi" in str(note) for note in found.notes)

    def test_ties_are_told(self) -> None:
        table = city_table().assign(flag=[0.0] * 20 + [1.0] * 10 + [2.0] * 10)
        found = geodetector(Panel.from_frame(table, unit="city"), "eco", ["flag"], permutations=99)
        assert any("flag" in str(note) for note in found.notes)


class TestRefusals:
    def test_small_classes_with_their_count(self) -> None:
        table = city_table()
        table.loc[:1, "zone"] = "islet"
        with pytest.raises(DataError, match=r"'zone' has classes of fewer than 3 units: islet \(2\)"):
            geodetector(Panel.from_frame(table, unit="city"), "eco", ["zone"])
        with pytest.raises(DataError, match="Use fewer classes"):
            geodetector(cities(), "eco", ["rd"], classes=20)

    def test_one_class(self) -> None:
        with pytest.raises(DataError, match="one class only"):
            geodetector(Panel.from_frame(city_table().assign(zone="all"), unit="city"), "eco", ["zone"])
        with pytest.raises(DataError, match="no two classes"):
            geodetector(Panel.from_frame(city_table().assign(rd=1.0), unit="city"), "eco", ["rd"])

    def test_empty_cells(self) -> None:
        table = city_table()
        table.loc[3, "zone"] = None
        with pytest.raises(DataError, match="'zone' is empty for unit 3"):
            geodetector(Panel.from_frame(table, unit="city"), "eco", ["zone"])
        with pytest.raises(DataError, match="'rd' is empty for unit 4"):
            geodetector(
                Panel.from_frame(city_table().replace({"rd": {city_table()["rd"][4]: np.nan}}), unit="city"),
                "eco",
                ["rd"],
            )

    def test_unbalanced_panels(self) -> None:
        table = pd.concat([city_table().assign(year=year) for year in (1, 2)]).iloc[:-1]
        with pytest.raises(DataError, match="balanced"):
            geodetector(Panel.from_frame(table, unit="city", period="year"), "eco", ["zone"])

    def test_nothing_to_explain(self) -> None:
        with pytest.raises(DataError, match="nothing to explain"):
            geodetector(Panel.from_frame(city_table().assign(eco=2.5), unit="city"), "eco", ["zone"])

    def test_names(self) -> None:
        for factors in ([], ["zone", "zone"], ["eco"]):
            with pytest.raises(OptionError, match="Name one or more factors"):
                geodetector(cities(), "eco", factors)

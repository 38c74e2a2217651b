"""Regressions by group: identities, the wild bootstrap against a loop, effects, refusals."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from ecospatial.drivers.impacts import spatial_effects
from ecospatial.drivers.ols import ols
from ecospatial.drivers.regimes import regimes
from ecospatial.drivers.regimes_result import RegimesResult
from ecospatial.drivers.spatial_panel import spatial_panel
from ecospatial.errors import DataError, ModelError, OptionError
from ecospatial.geo.weights import Weights
from ecospatial.kernels.wild_bootstrap import RADEMACHER, WEBB, WildBootstrap
from ecospatial.panel import Panel

CITIES, YEARS = 45, 6
GROUPS = ("centre", "east", "west")
SLOPES = {"centre": 0.0, "east": 1.0, "west": -1.0}


def ring(count: int = CITIES) -> Weights:
    near = sparse.diags([np.ones(count - 1), np.ones(count - 1), [1.0], [1.0]], [-1, 1, count - 1, 1 - count])
    return Weights.from_sparse(near, range(count))


def city_table(seed: int = 1, years: int = YEARS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([range(CITIES), range(2000, 2000 + years)], names=["city", "year"])
    table = pd.DataFrame({"rd": rng.normal(size=len(index)), "fdi": rng.normal(size=len(index))}, index=index)
    table = table.reset_index()
    table["region"] = np.array(GROUPS)[table["city"] % 3]
    table["eco"] = table["rd"] * table["region"].map(SLOPES) + 0.5 * table["fdi"] + table["city"] / 20
    table["eco"] += 0.1 * (table["year"] - 2000) + rng.normal(size=len(table)) / 2
    return table


def panel(**changes: Any) -> Panel:
    return Panel.from_frame(city_table().assign(**changes), unit="city", period="year")


def cross_section() -> Panel:
    return Panel.from_frame(city_table(years=1).drop(columns="year"), unit="city")


DRIVERS = ["rd", "fdi"]


class TestInteractions:
    def test_own_levels_in_every_period_are_separate_regressions(self) -> None:
        """Every group apart, in slopes and in classical sums of squares."""
        found = regimes(
            panel(), "eco", DRIVERS, "region", effects="twoway", levels="group-period", wild_bootstrap="never"
        )
        for group in GROUPS:
            part = panel().where_units([city for city in range(CITIES) if GROUPS[city % 3] == group])
            own = ols(part, "eco", DRIVERS, effects="twoway")
            rows = found.slopes[found.slopes["group"] == group].set_index("term")["coefficient"]
            assert rows[DRIVERS].to_numpy() == pytest.approx(own.params[DRIVERS].to_numpy(), rel=1e-9)

    def test_separate_regressions_are_those_of_the_groups(self) -> None:
        found = regimes(panel(), "eco", DRIVERS, "region", how="separate")
        for group, fit in zip(GROUPS, found.fits, strict=True):
            part = panel().where_units([city for city in range(CITIES) if GROUPS[city % 3] == group])
            own = ols(part, "eco", DRIVERS, "twoway", "clustered")
            assert fit.params.to_numpy() == pytest.approx(own.params.to_numpy(), rel=1e-12)
            rows = found.slopes[found.slopes["group"] == group]
            assert rows["std_error"].to_numpy() == pytest.approx(own.std_errors.to_numpy(), rel=1e-12)

    @pytest.mark.parametrize(("effects", "levels"), [("none", "group"), ("time", "group"), ("twoway", "common")])
    def test_chow_is_the_f_of_restricted_and_unrestricted_squares(self, effects: Any, levels: Any) -> None:
        found = regimes(panel(), "eco", DRIVERS, "region", effects=effects, levels=levels, errors="classical")
        free, common = (float((fit.residuals**2).sum()) for fit in (found.fits[0], found.common))
        df = found.fits[0].df_resid
        statistic = (common - free) / 4 / (free / df)
        assert found.chow.loc["All slopes", "statistic"] == pytest.approx(statistic, rel=1e-9)
        assert found.chow.loc["All slopes", "pvalue"] == pytest.approx(stats.f.sf(statistic, 4, df), rel=1e-9)
        assert found.chow.loc["All slopes", "df_denominator"] == df
        if levels == "group":
            pooled = float((ols(panel(), "eco", DRIVERS, effects).residuals ** 2).sum())
            both = (pooled - free) / 6 / (free / df)
            assert found.chow.loc["All slopes and levels", "statistic"] == pytest.approx(both, rel=1e-9)

    def test_chow_of_one_driver(self) -> None:
        found = regimes(cross_section(), "eco", DRIVERS, "region", errors="classical")
        table = city_table(years=1)
        dummies = pd.get_dummies(table["region"]).to_numpy(float)
        both = np.column_stack([dummies, dummies * table[["rd"]].to_numpy(), dummies * table[["fdi"]].to_numpy()])
        common = np.column_stack([dummies, table[["rd"]].to_numpy(), dummies * table[["fdi"]].to_numpy()])
        y = table["eco"].to_numpy()
        squares = [float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum()) for x in (both, common)]
        statistic = (squares[1] - squares[0]) / 2 / (squares[0] / (CITIES - 9))
        assert found.chow.loc["rd", "statistic"] == pytest.approx(statistic, rel=1e-9)

    def test_true_differences_are_found_and_equal_slopes_are_not(self) -> None:
        found = regimes(panel(), "eco", DRIVERS, "region", draws=199)
        assert found.chow.loc["rd", "p_wild"] <= 0.01
        assert found.chow.loc["fdi", "p_wild"] > 0.1
        slopes = found.slopes.set_index(["term", "group"])["coefficient"]
        assert [round(slopes["rd", group]) for group in GROUPS] == [0, 1, -1]

    def test_cross_sections_are_robust_to_heteroskedasticity(self) -> None:
        found = regimes(cross_section(), "eco", ["rd"], "region")
        assert "HC3" in str(found.inference)
        assert "p_wild" not in found.slopes

    def test_transforms_come_first(self) -> None:
        positive = panel(rd=np.exp(city_table()["rd"].to_numpy()))
        found = regimes(positive, "eco", DRIVERS, "region", transforms=["rd=log"], wild_bootstrap="never")
        plain = regimes(panel(), "eco", DRIVERS, "region", wild_bootstrap="never")
        assert found.slopes["term"].unique().tolist() == ["log(rd)", "fdi"]
        assert found.slopes["coefficient"].to_numpy() == pytest.approx(plain.slopes["coefficient"].to_numpy(), rel=1e-9)

    def test_random_effects(self) -> None:
        found = regimes(panel(), "eco", DRIVERS, "region", effects="random")
        assert found.fits[0].panel_effects == "random"
        assert "p_wild" not in found.slopes


class TestSpatial:
    @pytest.mark.parametrize("model", ["lag", "error", "durbin", "sac", "slx"])
    def test_the_regression_is_that_of_dummies_by_hand(self, model: Any) -> None:
        table = city_table()
        for group in GROUPS:
            table[f"rd {group}"] = table["rd"] * (table["region"] == group)
        names = [f"rd {group}" for group in GROUPS]
        by_hand = spatial_panel(Panel.from_frame(table, unit="city", period="year"), "eco", names, ring(), model=model)
        found = regimes(panel(), "eco", ["rd"], "region", ring(), model)
        assert found.fits[0].params.to_numpy() == pytest.approx(by_hand.params.to_numpy(), rel=1e-9)
        effects = spatial_effects(by_hand).impacts
        for kind in ("direct", "indirect", "total", "indirect_se"):
            assert found.group_effects[kind].to_numpy() == pytest.approx(effects[kind].to_numpy(), rel=1e-8, abs=1e-12)

    def test_likelihood_ratio_and_wald_agree(self) -> None:
        found = regimes(panel(), "eco", DRIVERS, "region", ring(), "lag")
        statistics = found.chow["statistic"]
        assert found.fits[0].loglik > found.common.loglik  # type: ignore[union-attr]
        expected = 2 * (found.fits[0].loglik - found.common.loglik)  # type: ignore[union-attr]
        assert statistics["All slopes (likelihood ratio)"] == pytest.approx(expected, rel=1e-12)
        assert found.chow.loc["All slopes (likelihood ratio)", "df"] == 4
        weak = regimes(panel(), "eco", ["fdi"], "region", ring(), "error").chow["statistic"]
        assert weak["All slopes (likelihood ratio)"] == pytest.approx(weak["All slopes"], rel=0.1, abs=0.05)

    def test_total_effect_is_slope_over_one_less_rho(self) -> None:
        found = regimes(panel(), "eco", ["rd"], "region", ring(), "lag")
        rho = found.fits[0].params["rho"]
        assert found.group_effects["total"].to_numpy() == pytest.approx(
            (found.slopes["coefficient"] / (1 - rho)).to_numpy(), rel=1e-9
        )

    def test_lagged_drivers_are_tested_too(self) -> None:
        found = regimes(panel(), "eco", ["rd"], "region", ring(), "durbin")
        assert found.slopes["term"].unique().tolist() == ["rd", "W_rd"]
        assert "W_rd" in found.chow.index
        assert found.chow.loc["All slopes", "df"] == 4

    def test_levels_have_no_lag(self) -> None:
        found = regimes(cross_section(), "eco", ["rd"], "region", ring(), "slx")
        assert not [name for name in found.fits[0].params.index if name.startswith("W_level")]

    def test_separate_weights_stay_within_groups(self) -> None:
        blocks = panel(region=np.array(GROUPS)[city_table()["city"] // 15])
        found = regimes(blocks, "eco", ["rd"], "region", ring(), "lag", how="separate")
        assert [len(fit.weights.ids) for fit in found.fits] == [15, 15, 15]  # type: ignore[attr-defined]
        assert any("links across are cut" in str(note) for note in found.notes)
        assert len(found.group_effects) == 3

    def test_errors_of_least_squares_are_refused(self) -> None:
        with pytest.raises(OptionError, match="are for model='ols'"):
            regimes(panel(), "eco", ["rd"], "region", ring(), "lag", errors="clustered")
        with pytest.raises(OptionError, match="wild bootstrap is for"):
            regimes(panel(), "eco", ["rd"], "region", ring(), "lag", wild_bootstrap="always")


def wald_by_hand(x: np.ndarray, y: np.ndarray, clusters: np.ndarray, r: np.ndarray) -> float:
    """With a loop over clusters, and dummies among the columns of x."""
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    e = y - x @ b
    meat = sum(
        np.outer(x[clusters == g].T @ e[clusters == g], x[clusters == g].T @ e[clusters == g]) for g in set(clusters)
    )
    value = r @ b
    return float(value @ np.linalg.solve(r @ inverse @ meat @ inverse @ r.T, value))


class TestWildBootstrap:
    @pytest.mark.parametrize("joint", [False, True])
    def test_two_way_effects_against_a_loop_with_dummies(self, joint: bool) -> None:
        rng = np.random.default_rng(4)
        unit, period = (places.ravel() for places in np.meshgrid(range(8), range(5), indexing="ij"))
        drivers = rng.normal(size=(40, 3))
        y = drivers @ [1.0, 0.5, 0.0] + rng.normal(size=8)[unit] + rng.normal(size=40)
        dummies = np.column_stack([np.eye(8)[unit], np.eye(5)[period][:, 1:]])
        annihilator = np.eye(40) - dummies @ np.linalg.pinv(dummies)
        times = (np.eye(8)[unit] / 5 @ np.eye(8)[unit].T) @ np.eye(5)[period]
        basis, sizes, _ = np.linalg.svd(np.eye(5)[period] - times, full_matrices=False)
        fit = WildBootstrap(annihilator @ drivers, annihilator @ y, basis[:, sizes > 1e-9], unit, WEBB, 60, 9)
        r = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])[: 1 + joint]
        found = fit.pvalue(r)
        x, wide = np.column_stack([drivers, dummies]), np.column_stack([r, np.zeros((len(r), dummies.shape[1]))])
        inverse = np.linalg.inv(x.T @ x)
        b = inverse @ x.T @ y
        b = b - inverse @ wide.T @ np.linalg.solve(wide @ inverse @ wide.T, wide @ b)
        weights = np.random.Generator(np.random.PCG64(9)).choice(WEBB, size=(60, 8)).T
        observed = wald_by_hand(x, y, unit, wide)
        drawn = [wald_by_hand(x, x @ b + (y - x @ b) * column[unit], unit, wide) for column in weights.T]
        assert found == (sum(value >= observed * (1 - 1e-9) for value in drawn) + 1) / 61

    @pytest.mark.parametrize("effects", ["none", "individual", "time", "twoway"])
    def test_p_wild_of_a_slope_against_a_loop_with_dummies(self, effects: Any) -> None:
        table = city_table().query("city < 12").assign(half=lambda frame: np.where(frame["city"] < 6, "a", "b"))
        data = Panel.from_frame(table, unit="city", period="year")
        found = regimes(data, "eco", ["fdi"], "half", effects=effects, draws=99, seed=8)
        city, year = (pd.get_dummies(table[name]).to_numpy(float) for name in ("city", "year"))
        half = pd.get_dummies(table["half"]).to_numpy(float)
        level = [half[:, 1:]] if effects in ("none", "time") else []
        dummies = {"none": [half], "individual": [city], "time": [year, *level], "twoway": [city, year[:, 1:]]}[effects]
        x = np.column_stack([half * table[["fdi"]].to_numpy(), *dummies])
        y, r = table["eco"].to_numpy(), np.eye(x.shape[1])[:1]
        rest = y - x[:, 1:] @ np.linalg.lstsq(x[:, 1:], y, rcond=None)[0]
        weights = np.random.Generator(np.random.PCG64(8)).choice(WEBB, size=(99, 12))
        clusters = table["city"].to_numpy()
        observed = wald_by_hand(x, y, clusters, r)
        drawn = [wald_by_hand(x, y - rest + rest * row[clusters], clusters, r) for row in weights]
        assert found.slopes["p_wild"][0] == (sum(value >= observed * (1 - 1e-9) for value in drawn) + 1) / 100

    def test_size_with_few_clusters(self) -> None:
        """Where t tests with clustered errors reject far too often, the bootstrap does not."""
        samples, rejected, plain = 300, 0, 0
        clusters = np.repeat(np.arange(8), 12)
        r = np.array([[0.0, 1.0]])
        for seed in range(samples):
            rng = np.random.default_rng(seed)
            x = np.column_stack([np.ones(96), rng.lognormal(size=8)[clusters]])
            y = rng.normal(size=8)[clusters] + rng.normal(size=96)
            fit = WildBootstrap(x, y, np.zeros((96, 0)), clusters, WEBB, 199, seed)
            rejected += fit.pvalue(r) <= 0.05
            correction = 8 / 7 * 95 / 94
            plain += stats.t.sf(np.sqrt(wald_by_hand(x, y, clusters, r) / correction), 7) * 2 <= 0.05
        assert 0.02 <= rejected / samples <= 0.09
        assert plain / samples > 0.12

    def test_intervals_hold_what_is_not_rejected(self) -> None:
        """The p-value of beta = c, with y less c times the regressor, crosses 5 % at both ends."""
        rng = np.random.default_rng(7)
        clusters = np.repeat(np.arange(14), 6)
        x = np.column_stack([np.ones(84), rng.normal(size=14)[clusters] + rng.normal(size=84)])
        y = x[:, 1] + rng.normal(size=14)[clusters] + rng.normal(size=84)
        row = np.array([0.0, 1.0])
        fit = WildBootstrap(x, y, np.zeros((84, 0)), clusters, RADEMACHER, 399, 3)
        lower, upper = fit.interval(row)
        assert lower < float(np.linalg.lstsq(x, y, rcond=None)[0][1]) < upper

        def pvalue(value: float) -> float:
            moved = y - value * x[:, 1]
            return WildBootstrap(x, moved, np.zeros((84, 0)), clusters, RADEMACHER, 399, 3).pvalue(row[None])

        width = 1e-6 * (upper - lower)
        for end, inward in ((lower, width), (upper, -width)):
            assert pvalue(end - inward) <= 0.05 < pvalue(end + inward)

    def test_intervals_and_stars_agree(self) -> None:
        slopes = regimes(panel(), "eco", DRIVERS, "region", draws=199).slopes
        outside = (slopes["lower"] > 0) | (slopes["upper"] < 0)
        assert outside.tolist() == (slopes["p_wild"] <= 0.05).tolist()

    def test_three_clusters_bound_nothing(self) -> None:
        rng = np.random.default_rng(1)
        x, y = np.ones((9, 1)), rng.normal(size=9)
        fit = WildBootstrap(x, y, np.zeros((9, 0)), np.repeat([0, 1, 2], 3), RADEMACHER, 99, 1)
        assert fit.interval(np.ones(1)) == (-np.inf, np.inf)

    def test_more_restrictions_than_clusters(self) -> None:
        rng = np.random.default_rng(1)
        x, y = rng.normal(size=(20, 4)), rng.normal(size=20)
        fit = WildBootstrap(x, y, np.zeros((20, 0)), np.repeat([0, 1, 2], [6, 7, 7]), WEBB, 99, 1)
        assert np.isnan(fit.pvalue(np.eye(4)))

    def test_it_runs_where_the_smallest_group_has_few_clusters(self) -> None:
        assert "p_wild" in regimes(panel(), "eco", ["rd"], "region", draws=99).slopes
        never = regimes(panel(), "eco", ["rd"], "region", draws=99, wild_bootstrap="never")
        assert "p_wild" not in never.chow
        assert any("the smallest has 15" in str(note) for note in never.notes)

    def test_weights_of_two_or_six_points(self) -> None:
        few = panel(region=np.where(city_table()["city"] < 8, "small", "large"))
        assert "Webb" in str(regimes(few, "eco", ["rd"], "region", draws=99).inference)
        assert "Rademacher" in str(regimes(panel(), "eco", ["rd"], "region", draws=99).inference)
        assert len(RADEMACHER) == 2
        assert np.mean(WEBB**2) == pytest.approx(1.0)

    def test_other_clusters(self) -> None:
        table = city_table()
        data = panel(province="p" + (table["city"] // 3).astype(str))
        found = regimes(data, "eco", ["rd"], "region", cluster="province", draws=99)
        assert "15 clusters" in str(found.inference)
        with pytest.raises(OptionError, match="stay in one cluster"):
            regimes(panel(half=table["year"] // 2003), "eco", ["rd"], "region", cluster="half", wild_bootstrap="always")

    def test_same_seed_same_numbers(self) -> None:
        one, other = (regimes(panel(), "eco", ["rd"], "region", draws=99, seed=3) for _ in range(2))
        pd.testing.assert_frame_equal(one.slopes, other.slopes)
        pd.testing.assert_frame_equal(one.chow, other.chow)


class TestGroups:
    def test_changing_groups(self) -> None:
        table = city_table()
        moved = np.where((table["city"] == 4) & (table["year"] > 2002), "west", table["region"])
        with pytest.raises(DataError, match="Units change their 'region' over time: 4"):
            regimes(panel(region=moved), "eco", ["rd"], "region")
        found = regimes(panel(region=moved), "eco", ["rd"], "region", changing="first", wild_bootstrap="never")
        plain = regimes(panel(), "eco", ["rd"], "region", wild_bootstrap="never")
        pd.testing.assert_frame_equal(found.slopes, plain.slopes)
        assert any("first period: 4" in str(note) for note in found.notes)

    def test_units_without_a_group(self) -> None:
        table = city_table()
        bare = table["region"].where(table["city"] >= 6)
        with pytest.raises(DataError, match="'region' is empty for 0, 1, 2, 3, 4"):
            regimes(panel(region=bare), "eco", ["rd"], "region")
        found = regimes(panel(region=bare), "eco", ["rd"], "region", ungrouped="none", wild_bootstrap="never")
        assert found.cells["units"].to_dict() == {"centre": 13, "east": 13, "west": 13, "none": 6}
        assert any("a group of their own" in str(note) for note in found.notes)

    def test_a_cell_that_is_empty_in_one_year(self) -> None:
        bare = city_table()["region"].mask(city_table().index == 7)
        found = regimes(panel(region=bare), "eco", ["rd"], "region", wild_bootstrap="never")
        assert found.cells["units"].sum() == CITIES

    def test_groups_follow_units_whose_order_lags_change(self) -> None:
        table = city_table()
        shuffled = pd.concat([table[table["year"] == 2000].iloc[::-1], table[table["year"] > 2000]])
        options: dict[str, Any] = {"transforms": ["rd=lag"], "wild_bootstrap": "never"}
        plain = regimes(panel(), "eco", DRIVERS, "region", **options)
        found = regimes(Panel.from_frame(shuffled, unit="city", period="year"), "eco", DRIVERS, "region", **options)
        assert found.slopes["coefficient"].to_numpy() == pytest.approx(plain.slopes["coefficient"].to_numpy(), rel=1e-9)

    def test_numbers_stand_by_size(self) -> None:
        found = regimes(panel(region=city_table()["city"] % 3 * 5 + 1), "eco", ["rd"], "region", wild_bootstrap="never")
        assert found.cells.index.tolist() == ["1", "6", "11"]

    def test_one_group(self) -> None:
        with pytest.raises(DataError, match="nothing to compare"):
            regimes(panel(region="all"), "eco", ["rd"], "region")

    def test_small_groups_are_refused_with_their_count(self) -> None:
        tiny = panel(region=np.where(city_table()["city"] < 2, "islet", "main"))
        with pytest.raises(ModelError, match=r"too small for 2 coefficients .* islet \(2\)"):
            regimes(tiny, "eco", DRIVERS, "region")

    def test_clusters_that_are_the_groups_are_refused(self) -> None:
        """Scores of a group sum to zero, so that its standard errors would be nil."""
        with pytest.raises(ModelError, match=r"more than 1 clusters: centre \(1\), east \(1\), west \(1\)"):
            regimes(panel(zone=city_table()["region"]), "eco", ["rd"], "region", cluster="zone")

    def test_small_groups_are_named(self) -> None:
        small = panel(region=np.where(city_table()["city"] < 9, "islet", "main"))
        found = regimes(small, "eco", ["rd"], "region", wild_bootstrap="never")
        assert found.cells["status"].to_dict() == {"islet": "too few units", "main": "ok"}
        assert any(r"islet (54 observations of 9 units)" in str(note) for note in found.notes)

    def test_separate_regressions_need_enough(self) -> None:
        small = panel(region=np.where(city_table()["city"] < 9, "islet", "main"))
        found = regimes(small, "eco", ["rd"], "region", how="separate")
        assert found.slopes["group"].tolist() == ["main"]
        assert len(found.chow) == 0
        assert any("islet (54 observations of 9 units)" in str(note) for note in found.notes)
        with pytest.raises(ModelError, match="No group of 'region' can carry a regression with 3 coefficients"):
            regimes(cross_section().where_units(range(30)), "eco", DRIVERS, "region", how="separate")

    def test_a_group_whose_driver_stands_still_has_its_reason(self) -> None:
        still = panel(rd=city_table()["rd"].mask(city_table()["region"] == "west", 1.0))
        with pytest.raises(ModelError, match=r"absorbs 'rd\[west\]'"):
            regimes(still, "eco", DRIVERS, "region")
        found = regimes(still, "eco", DRIVERS, "region", how="separate")
        assert found.cells["status"]["west"] == "not estimated"
        assert any(str(note).startswith("west:") for note in found.notes)

    def test_levels_by_period_need_effects_of_periods(self) -> None:
        with pytest.raises(OptionError, match="levels='group-period' needs"):
            regimes(panel(), "eco", ["rd"], "region", effects="individual", levels="group-period")


class TestResult:
    @pytest.mark.parametrize("model", ["ols", "durbin"])
    @pytest.mark.parametrize("how", ["interactions", "separate"])
    def test_store_load_and_draw(self, tmp_path: pathlib.Path, model: Any, how: Any) -> None:
        blocks = panel(region=np.array(GROUPS)[city_table()["city"] // 15])
        found = regimes(blocks, "eco", DRIVERS, "region", ring(), model, how=how, draws=99)
        found.store(tmp_path / "found.eco")
        again = RegimesResult.load(tmp_path / "found.eco")
        for name, table in found.tables().items():
            pd.testing.assert_frame_equal(table, again.tables()[name], check_index_type=False, check_dtype=False)
        assert again.summary() == found.summary()
        figure = again.plot()
        drawn = [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes if axes.get_visible()]
        assert drawn == found.slopes["term"].unique().tolist()

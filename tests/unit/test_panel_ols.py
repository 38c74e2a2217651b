"""Least squares with the effects of a panel and robust errors, against dummies and formulas written out."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.design import Design
from ecospatial.drivers.ols import OLSResult, ols
from ecospatial.errors import DataError, EcospatialError, ModelError, OptionError
from ecospatial.panel import Panel
from ecospatial.result import Result

UNITS, YEARS = 12, 6


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """An unbalanced panel in mixed order."""
    rng = np.random.default_rng(11)
    unit, year = np.divmod(np.arange(UNITS * YEARS), YEARS)
    table = pd.DataFrame({"city": [f"c{place:02}" for place in unit], "year": 2000 + year})
    table["region"] = np.where(unit < 5, "east", np.where(unit < 9, "west", "north"))
    table["a"], table["b"] = rng.normal(size=(2, len(unit))) + 0.3 * unit
    table["area"], table["trend"] = 1.0 + unit, 0.1 * year
    table["y"] = table["a"] - 0.5 * table["b"] + 0.4 * unit + 0.2 * year + rng.normal(size=len(unit))
    return table.drop(index=[3, 17, 40]).sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, "city", "year")


def dummies(frame: pd.DataFrame, effects: str) -> np.ndarray:
    parts = []
    if effects in ("individual", "twoway"):
        parts.append(pd.get_dummies(frame["city"]).to_numpy(float))
    if effects in ("time", "twoway"):
        first = len(parts)
        parts.append(pd.get_dummies(frame["year"]).to_numpy(float)[:, first:])
    return np.column_stack([frame[["a", "b"]].to_numpy(), *parts])


@pytest.mark.parametrize("effects", ["individual", "time", "twoway"])
def test_fixed_effects_are_dummies(frame: pd.DataFrame, panel: Panel, effects: str) -> None:
    x, y = dummies(frame, effects), frame["y"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    rest = y - x @ beta
    found = ols(panel, "y", ["a", "b"], effects=effects)  # type: ignore[arg-type]
    assert found.params.to_numpy() == pytest.approx(beta[:2], abs=1e-12)
    sigma2 = rest @ rest / (len(y) - x.shape[1])
    assert found.cov.to_numpy() == pytest.approx(sigma2 * inverse[:2, :2], abs=1e-12)
    assert found.residuals.to_numpy() == pytest.approx(rest, abs=1e-12)
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(y)
    assert found.df_resid == len(y) - x.shape[1]
    assert found.aic == pytest.approx(2 * (x.shape[1] + 1) - 2 * found.loglik)


@pytest.mark.parametrize("effects", ["individual", "time", "twoway"])
@pytest.mark.parametrize("errors", ["hc0", "hc1", "hc2", "hc3"])
def test_white_errors_with_dummies(frame: pd.DataFrame, panel: Panel, effects: str, errors: str) -> None:
    x, y = dummies(frame, effects), frame["y"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    rest, hat = y - x @ inverse @ x.T @ y, np.einsum("ij,jk,ik->i", x, inverse, x)
    weights = {"hc0": 1.0, "hc1": len(y) / (len(y) - x.shape[1]), "hc2": 1 / (1 - hat), "hc3": 1 / (1 - hat) ** 2}
    meat = (x * (rest**2 * weights[errors])[:, None]).T @ x
    found = ols(panel, "y", ["a", "b"], effects=effects, errors=errors)  # type: ignore[arg-type]
    assert found.cov.to_numpy() == pytest.approx((inverse @ meat @ inverse)[:2, :2], abs=1e-12)
    assert any("Stock & Watson" in str(note) for note in found.notes) == (effects != "time")


def clustered(x: np.ndarray, rest: np.ndarray, labels: pd.Series, parameters: int) -> np.ndarray:
    inverse = np.linalg.inv(x.T @ x)
    meat = np.zeros_like(inverse)
    for label in labels.unique():
        rows = (labels == label).to_numpy()
        score = x[rows].T @ rest[rows]
        meat += np.outer(score, score)
    groups = labels.nunique()
    return inverse @ meat @ inverse * groups / (groups - 1) * (len(x) - 1) / (len(x) - parameters)


@pytest.mark.parametrize(
    ("effects", "column", "parameters"),
    [
        ("none", "city", 3),
        ("none", "region", 3),
        ("individual", "city", 3),  # nested in the clusters
        ("individual", "region", 3),
        ("individual", "year", 2 + UNITS),
        ("time", "year", 3),
        ("twoway", "city", 3 + YEARS - 1),
    ],
)
def test_clusters(frame: pd.DataFrame, panel: Panel, effects: str, column: str, parameters: int) -> None:
    x = dummies(frame, effects) if effects != "none" else np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
    rest = frame["y"].to_numpy() - x @ np.linalg.lstsq(x, frame["y"], rcond=None)[0]
    # The years of the frame are the index of the panel, so their labels go in by another name.
    data = panel.assign(when=frame["year"].to_numpy(), place=frame["city"].to_numpy())
    name = {"city": "place", "year": "when"}.get(column, column)
    found = ols(data, "y", ["a", "b"], effects=effects, errors="clustered", cluster=name)  # type: ignore[arg-type]
    drivers = slice(1, 3) if effects == "none" else slice(0, 2)
    wanted = clustered(x, rest, frame[column], parameters)[drivers, drivers]
    assert found.cov.to_numpy()[-2:, -2:] == pytest.approx(wanted, rel=1e-9)
    assert found.df_inference == frame[column].nunique() - 1
    assert any("clusters are few" in str(note) for note in found.notes)


def test_units_are_the_clusters_by_default(frame: pd.DataFrame, panel: Panel) -> None:
    named = panel.assign(place=frame["city"].to_numpy())
    own = ols(panel, "y", ["a"], errors="clustered")
    assert own.std_errors.tolist() == ols(named, "y", ["a"], errors="clustered", cluster="place").std_errors.tolist()
    assert own.std_errors.tolist() != ols(panel, "y", ["a"]).std_errors.tolist()


def test_driscoll_kraay_without_lags_is_clustering_by_period(frame: pd.DataFrame, panel: Panel) -> None:
    dated = panel.assign(when=frame["year"].to_numpy())
    one = ols(panel, "y", ["a", "b"], errors="driscoll-kraay", bandwidth=0)
    other = ols(dated, "y", ["a", "b"], errors="clustered", cluster="when")
    assert one.cov.to_numpy() == pytest.approx(other.cov.to_numpy(), rel=1e-12)


def test_driscoll_kraay_written_out(frame: pd.DataFrame, panel: Panel) -> None:
    x = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
    inverse = np.linalg.inv(x.T @ x)
    rest = frame["y"].to_numpy() - x @ inverse @ x.T @ frame["y"].to_numpy()
    sums = pd.DataFrame(x * rest[:, None]).groupby(frame["year"].to_numpy()).sum().to_numpy()
    meat = sum((1 - abs(s - t) / 3) * np.outer(sums[s], sums[t]) for s in range(6) for t in range(6) if abs(s - t) < 3)
    scale = 6 / 5 * (len(x) - 1) / (len(x) - 3)
    found = ols(panel, "y", ["a", "b"], errors="driscoll-kraay", bandwidth=2)
    assert found.cov.to_numpy() == pytest.approx(scale * inverse @ meat @ inverse, rel=1e-10)
    assert "bandwidth 2" in found.summary()
    assert any("periods are few" in str(note) for note in found.notes)


def test_fixed_effects_can_be_had(frame: pd.DataFrame, panel: Panel) -> None:
    found = ols(panel, "y", ["a", "b"], effects="twoway")
    table = found.to_frame("fixed_effects")
    units, years = (table[table["of"] == of].set_index("id")["effect"] for of in ("unit", "period"))
    level = table["level"].iloc[0] - table["effect"].iloc[0]
    explained = frame[["a", "b"]].to_numpy() @ found.params.to_numpy()
    effects = frame["city"].map(units).to_numpy() + frame["year"].astype(str).map(years).to_numpy()
    assert found.fitted.to_numpy() == pytest.approx(explained + level + effects, abs=1e-10)
    assert frame["city"].map(units).sum() == pytest.approx(0, abs=1e-9)
    assert len(ols(panel, "y", ["a"]).to_frame("fixed_effects")) == 0


def test_random_effects_are_weighted_least_squares(frame: pd.DataFrame, panel: Panel) -> None:
    """The quasi-demeaned fit is GLS with the covariance that the components say; the likelihood is that of a normal."""
    from scipy import stats

    found = ols(panel, "y", ["a", "b", "area"], effects="random")
    x = np.column_stack([np.ones(len(frame)), frame[["a", "b", "area"]]])
    same = frame["city"].to_numpy()[:, None] == frame["city"].to_numpy()
    covariance = found.components["idiosyncratic"] * np.eye(len(x)) + found.components["unit"] * same
    weights = np.linalg.inv(covariance)
    beta = np.linalg.solve(x.T @ weights @ x, x.T @ weights @ frame["y"].to_numpy())
    assert found.params.to_numpy() == pytest.approx(beta, rel=1e-9)
    assert found.residuals.to_numpy() == pytest.approx(frame["y"] - x @ beta, rel=1e-9)
    wanted = stats.multivariate_normal(x @ beta, covariance).logpdf(frame["y"])
    assert found.loglik == pytest.approx(wanted, rel=1e-10)
    assert found.diagnostics["df"]["Hausman"] == 2  # the area does not vary within units


def test_no_variance_between_units_is_pooling() -> None:
    rng = np.random.default_rng(5)
    unit, year = np.divmod(np.arange(200), 20)
    noise = pd.DataFrame({"u": unit, "t": year, "a": rng.normal(size=200), "y": rng.normal(size=200)})
    noise["y"] -= noise.groupby("u")["y"].transform("mean")
    data = Panel.from_frame(noise, "u", "t")
    found = ols(data, "y", ["a"], effects="random")
    assert found.components["unit"] == 0
    assert found.params.to_numpy() == pytest.approx(ols(data, "y", ["a"]).params.to_numpy(), rel=1e-10)
    assert any("negative and is set to zero" in str(note) for note in found.notes)


def test_the_robust_hausman_test_is_defined_and_rejects_what_it_should(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(2)
    unit, year = np.divmod(np.arange(400), 8)
    own = np.repeat(rng.normal(size=50), 8)
    table = pd.DataFrame({"u": unit, "t": year, "a": rng.normal(size=400)})
    outcomes = {True: table["a"] + own, False: table["a"]}
    for dependent, driver in outcomes.items():
        data = Panel.from_frame(table.assign(a=driver, y=driver + 2 * own + rng.normal(size=400)), "u", "t")
        pvalue = ols(data, "y", ["a"], effects="random").diagnostics["pvalue"]["Hausman, robust (on unit means)"]
        assert (pvalue < 1e-6) == dependent


def test_a_stored_panel_regression_comes_back(panel: Panel, tmp_path: pathlib.Path) -> None:
    model = ols(panel, "y", ["a", "b"], effects="twoway", errors="clustered", cluster="region")
    model.store(tmp_path / "fe.eco")
    again = Result.load(tmp_path / "fe.eco")
    assert isinstance(again, OLSResult)
    assert again.summary() == model.summary()
    pd.testing.assert_frame_equal(again.fixed_effects, model.fixed_effects, check_index_type=False)


@pytest.mark.parametrize(
    ("x", "options", "kind", "words"),
    [
        (["a", "area"], {"effects": "individual"}, ModelError, "effects='individual' absorbs 'area': they do"),
        (["a", "area", "trend"], {"effects": "twoway"}, ModelError, "absorbs 'area', 'trend'"),
        (["a", "trend"], {"effects": "time"}, ModelError, "absorbs 'trend': they are the same for all units"),
        (["a", "mix"], {"effects": "twoway"}, ModelError, "'mix' is collinear: it follows from 'a'"),
        (["a"], {"errors": "hc1", "cluster": "region"}, OptionError, "cluster= goes with errors='clustered'"),
        (["a"], {"bandwidth": 2}, OptionError, "bandwidth= goes with"),
        (["a"], {"errors": "driscoll-kraay", "bandwidth": 6}, OptionError, "less than the 6 periods"),
        (["a"], {"errors": "clustered", "cluster": "same"}, OptionError, "all rows into one cluster"),
        (["a"], {"errors": "clustered", "cluster": "holes"}, DataError, "'holes' is empty for unit"),
        (["a"], {"errors": "clustered", "cluster": "nowhere"}, DataError, "no column 'nowhere'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(
    frame: pd.DataFrame, x: list[str], options: dict[str, Any], kind: type[EcospatialError], words: str
) -> None:
    more = frame.assign(mix=2 * frame["a"] + frame["area"] - frame["trend"], same="one")
    more["holes"] = more["region"].where(more["city"] != "c03")
    with pytest.raises(kind, match=words):
        ols(Panel.from_frame(more, "city", "year"), "y", x, **options)


def test_a_cross_section_has_no_effects_and_no_clusters_of_its_own(frame: pd.DataFrame) -> None:
    one = Panel.from_frame(frame[frame["year"] == 2001], "city")
    with pytest.raises(OptionError, match="one period"):
        ols(one, "y", ["a"], effects="individual")
    with pytest.raises(OptionError, match="cluster="):
        ols(one, "y", ["a"], errors="clustered")
    assert ols(one, "y", ["a"], errors="clustered", cluster="region").df_inference == 2


def test_effects_that_explain_everything(frame: pd.DataFrame) -> None:
    fixed = Panel.from_frame(frame.assign(y=frame["area"] ** 2), "city", "year")
    with pytest.raises(ModelError, match="explains 'y' alone"):
        ols(fixed, "y", ["a"], effects="individual")


def test_too_few_rows_for_the_effects(frame: pd.DataFrame) -> None:
    few = frame[frame["year"].isin([2001, 2002])]
    with pytest.raises(ModelError, match="cannot carry"):
        rng = np.random.default_rng(1)
        drivers = {f"d{place}": rng.normal(size=len(few)) for place in range(12)}
        ols(Panel.from_frame(few.assign(**drivers), "city", "year"), "y", list(drivers), effects="individual")


def test_a_design_names_what_effects_absorb(panel: Panel) -> None:
    design = Design.of(panel, "y", ["a", "area"])
    design.check_absorbed("time")
    design.check_absorbed("random")
    with pytest.raises(ModelError, match="'area'"):
        design.check_absorbed("twoway")

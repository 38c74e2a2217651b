"""Tobit regression against likelihoods and integrals written out, and what it refuses."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

from ecospatial.drivers.ols import ols
from ecospatial.drivers.tobit import TobitResult, tobit
from ecospatial.errors import DataError, EcospatialError, ModelError, OptionError
from ecospatial.kernels.censored_effects import moments
from ecospatial.panel import Panel
from ecospatial.result import Result

COUNT, UNITS, YEARS = 240, 30, 8


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    unit, year = np.divmod(np.arange(COUNT), YEARS)
    a, b = rng.normal(size=(2, COUNT))
    own = np.repeat(rng.normal(size=UNITS), YEARS)
    latent = 0.4 + a - 0.5 * b + 0.8 * own + rng.normal(size=COUNT)
    return pd.DataFrame({"city": unit, "year": year, "a": a, "b": b, "y": np.clip(latent, 0, 2.0), "latent": latent})


@pytest.fixture(scope="module")
def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, "city", "year")


def loglik(y: np.ndarray, mean: np.ndarray, sigma: float, lower: float, upper: float) -> np.ndarray:
    free = stats.norm.logpdf(y, mean, sigma)
    return np.where(
        y <= lower,
        stats.norm.logcdf(lower, mean, sigma),
        np.where(y >= upper, stats.norm.logsf(upper, mean, sigma), free),
    )


@pytest.mark.parametrize(("lower", "upper"), [(0.0, None), (None, 2.0), (0.0, 2.0)])
def test_the_maximum_of_a_likelihood_written_out(
    frame: pd.DataFrame, panel: Panel, lower: float | None, upper: float | None
) -> None:
    found = tobit(panel, "y", ["a", "b"], lower=lower, upper=upper)
    x, y = np.column_stack([np.ones(COUNT), frame[["a", "b"]]]), frame["y"].to_numpy()
    low, high = (-np.inf if lower is None else lower), (np.inf if upper is None else upper)

    def minus(place: np.ndarray) -> float:
        return -float(loglik(y, x @ place[:3], np.exp(place[3]), low, high).sum())

    best = optimize.minimize(minus, [0.0, 0.0, 0.0, 0.0], method="BFGS", options={"gtol": 1e-6})
    assert found.params.to_numpy()[:3] == pytest.approx(best.x[:3], abs=1e-5)
    assert found.params["sigma"] == pytest.approx(np.exp(best.x[3]), abs=1e-5)
    assert found.loglik == pytest.approx(-best.fun, abs=1e-8)
    assert found.loglik >= -best.fun - 1e-9
    assert sum(found.censored) == COUNT


def test_standard_errors_are_of_the_observed_information(frame: pd.DataFrame, panel: Panel) -> None:
    found = tobit(panel, "y", ["a", "b"], upper=2.0)
    x, y, at = np.column_stack([np.ones(COUNT), frame[["a", "b"]]]), frame["y"].to_numpy(), found.params.to_numpy()
    steps, size = np.eye(4) * 1e-4, 1e-4
    value = lambda place: float(loglik(y, x @ place[:3], place[3], 0.0, 2.0).sum())  # noqa: E731
    hessian = np.array(
        [
            [
                (value(at + s + t) - value(at + s - t) - value(at - s + t) + value(at - s - t)) / (4 * size**2)
                for t in steps
            ]
            for s in steps
        ]
    )
    assert found.cov.to_numpy() == pytest.approx(np.linalg.inv(-hessian), rel=1e-4)


def test_clustered_errors_are_sums_of_scores(frame: pd.DataFrame, panel: Panel) -> None:
    found, plain = (tobit(panel, "y", ["a", "b"], errors=errors) for errors in ("clustered", "classical"))
    x, y, at = np.column_stack([np.ones(COUNT), frame[["a", "b"]]]), frame["y"].to_numpy(), found.params.to_numpy()
    rows = [
        loglik(y, x @ (at + sign * step)[:3], (at + sign * step)[3], 0.0, np.inf)
        for step in np.eye(4) * 1e-5
        for sign in (1, -1)
    ]
    scores = np.column_stack([(up - down) / 2e-5 for up, down in zip(rows[::2], rows[1::2], strict=True)])
    sums = np.add.reduceat(scores, np.arange(0, COUNT, YEARS), axis=0)
    inverse = plain.cov.to_numpy()
    assert found.cov.to_numpy() == pytest.approx(inverse @ (sums.T @ sums) @ inverse * UNITS / (UNITS - 1), rel=1e-5)
    assert found.params.tolist() == plain.params.tolist()
    assert "clustered by unit (30 clusters)" in found.summary()
    assert any("to be independent" in str(note) for note in plain.notes)
    with pytest.raises(OptionError, match="go with effects='none'"):
        tobit(panel, "y", ["a"], effects="random", errors="clustered")
    with pytest.raises(OptionError, match="cluster= goes with"):
        tobit(panel, "y", ["a"], cluster="b")


def test_marginal_effects_are_slopes_of_expectations(panel: Panel) -> None:
    found = tobit(panel, "y", ["a", "b"], upper=2.0)
    table = found.to_frame("marginal_effects").set_index(["on", "at", "driver"])
    beta, sigma = found.params.to_numpy()[:3], found.params["sigma"]
    law = stats.norm(float(beta @ [1, panel["a"].mean(), panel["b"].mean()]), sigma)
    inside = law.cdf(2) - law.cdf(0)
    density = (law.pdf(0) - law.pdf(2)) * beta[1]
    assert table["effect"]["probability", "means", "a"] == pytest.approx(density, rel=1e-8)
    assert table["effect"]["observed", "means", "a"] == pytest.approx(beta[1] * inside, rel=1e-8)
    assert table["effect"]["latent", "average", "b"] == beta[2]
    assert table["std_error"]["latent", "means", "b"] == pytest.approx(found.std_errors["b"], rel=1e-12)


@pytest.mark.parametrize(("lower", "upper"), [(0.0, np.inf), (-np.inf, 1.0), (0.0, 1.5)])
def test_moments_are_integrals(lower: float, upper: float) -> None:
    eta, sigma, step = np.array([-0.7, 0.3, 1.4]), 0.9, 1e-5
    ours = moments(eta, sigma, lower, upper)
    for place, centre in enumerate(eta):
        law = stats.norm(centre, sigma)
        inner = integrate.quad(lambda y, law=law: y * law.pdf(y), max(lower, -9), min(upper, 9))[0]
        ends = [limit * share for limit, share in ((lower, law.cdf(lower)), (upper, law.sf(upper))) if share > 0]
        assert ours.mean[place] == pytest.approx(inner + sum(ends), abs=1e-8)
    for kind, (slope, by_eta, by_sigma) in ours.slopes.items():
        for change, ours_change in ((np.array([step, 0]), by_eta), (np.array([0, step]), by_sigma)):
            up, down = (
                moments(eta + s * change[0], sigma + s * change[1], lower, upper).slopes[kind][0] for s in (1, -1)
            )
            assert ours_change == pytest.approx((up - down) / (2 * step), abs=1e-8), kind
        assert slope.shape == eta.shape


def test_random_effects_are_integrals_over_units(frame: pd.DataFrame, panel: Panel) -> None:
    """Value, slope and curvature at the result are those of plain numerical integration."""
    found = tobit(panel, "y", ["a", "b"], upper=2.0, effects="random")
    x, y = np.column_stack([np.ones(COUNT), frame[["a", "b"]]]), frame["y"].to_numpy()
    grid = np.linspace(-7, 7, 281)

    def value(place: np.ndarray) -> float:
        mean = (x @ place[:3])[:, None] + place[3] * grid
        rows = loglik(y[:, None], mean, place[4], 0.0, 2.0)
        units = np.exp(np.add.reduceat(rows, np.arange(0, COUNT, YEARS), axis=0)) * stats.norm.pdf(grid)
        return float(
            np.log(np.trapezoid(units, grid, axis=1) if hasattr(np, "trapezoid") else np.trapz(units, grid)).sum()
        )

    at = found.params.to_numpy()
    assert found.params.index.tolist() == ["Intercept", "a", "b", "sigma_u", "sigma"]
    assert found.loglik == pytest.approx(value(at), abs=1e-7)
    slopes = [(value(at + step) - value(at - step)) / 2e-4 for step in np.eye(5) * 1e-4]
    assert slopes == pytest.approx([0] * 5, abs=2e-4)
    steps = np.eye(5) * 1e-3
    hessian = [
        [(value(at + s + t) - value(at + s - t) - value(at - s + t) + value(at - s - t)) / 4e-6 for t in steps]
        for s in steps
    ]
    assert found.cov.to_numpy() == pytest.approx(np.linalg.inv(-np.array(hessian)), rel=1e-3, abs=1e-7)
    row = found.diagnostics.loc["Likelihood ratio (random effects)"]
    assert row["statistic"] == pytest.approx(2 * (found.loglik - tobit(panel, "y", ["a", "b"], upper=2.0).loglik))
    assert any("32 nodes instead of 16" in str(note) for note in found.notes)


def test_no_unit_effects_is_the_pooled_model() -> None:
    rng = np.random.default_rng(3)
    unit, year = np.divmod(np.arange(200), 10)
    noise = rng.normal(size=(20, 10))
    y = np.maximum(0.5 + (noise - noise.mean(axis=1, keepdims=True)).ravel(), 0.0)
    data = Panel.from_frame(pd.DataFrame({"u": unit, "t": year, "a": rng.normal(size=200), "y": y}), "u", "t")
    random, pooled = tobit(data, "y", ["a"], effects="random"), tobit(data, "y", ["a"])
    assert random.params["sigma_u"] == pytest.approx(0, abs=1e-4)
    assert random.params["sigma"] == pytest.approx(pooled.params["sigma"], rel=1e-5)
    assert random.loglik == pytest.approx(pooled.loglik, abs=1e-8)


def test_units_of_measurement_do_not_matter(frame: pd.DataFrame, panel: Panel) -> None:
    plain = tobit(panel, "y", ["a", "b"])
    moved = frame.assign(a=1e6 * frame["a"] + 1e7, y=1e-5 * frame["y"])
    other = tobit(Panel.from_frame(moved, "city", "year"), "y", ["a", "b"])
    assert other.params["a"] == pytest.approx(1e-11 * plain.params["a"], rel=1e-8)
    assert other.pvalues["a"] == pytest.approx(plain.pvalues["a"], rel=1e-6)


def test_nothing_censored_is_least_squares(frame: pd.DataFrame, panel: Panel) -> None:
    found, plain = tobit(panel, "latent", ["a", "b"], lower=-50.0), ols(panel, "latent", ["a", "b"])
    assert found.params.iloc[:3].to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-10)
    assert found.loglik == pytest.approx(plain.loglik, abs=1e-10)
    assert found.params["sigma"] ** 2 == pytest.approx(plain.residuals @ plain.residuals / COUNT)
    assert any("No observation is at a limit" in str(note) for note in found.notes)


def test_values_beyond_a_limit_are_counted(panel: Panel) -> None:
    found = tobit(panel, "latent", ["a", "b"])
    floored = panel.assign(floored=panel["latent"].clip(lower=0.0))
    assert found.params.tolist() == pytest.approx(tobit(floored, "floored", ["a", "b"]).params.tolist(), rel=1e-12)
    beyond = int((panel["latent"] < 0).sum())
    assert any(f"{beyond} values lie beyond a limit" in str(note) for note in found.notes)


def test_sigma_has_no_stars_and_the_result_comes_back(panel: Panel, tmp_path: pathlib.Path) -> None:
    found = tobit(panel, "y", ["a", "b"], effects="random")
    assert found.pvalues[["sigma", "sigma_u"]].isna().all()
    assert found.to_frame()["stars"]["sigma"] == ""
    found.store(tmp_path / "tobit.eco")
    again = Result.load(tmp_path / "tobit.eco")
    assert isinstance(again, TobitResult)
    assert again.summary() == found.summary()
    assert (found.fitted + found.residuals).to_numpy() == pytest.approx(panel["y"].to_numpy())


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        ({}, {"lower": None}, OptionError, "Name a lower or an upper limit"),
        ({}, {"lower": 1.0, "upper": 0.0}, OptionError, "lower=1.0 must be less than upper=0.0"),
        ({}, {"lower": float("nan")}, OptionError, "must be less"),
        ({}, {"lower": "zero"}, OptionError, "lower=zero must be less"),
        ({}, {"lower": 5.0}, DataError, "All 240 values of 'y' are at a limit"),
        ({"a": 1.0}, {}, DataError, "'a' is the same for all units"),
        ({"b": lambda f: 2 * f["a"]}, {}, ModelError, "'b' is collinear: it follows from 'a'"),
        ({"b": lambda f: f["b"].where(f["city"] != 3)}, {}, DataError, "'b' is empty for unit 3, period 0"),
        ({"b": "x"}, {}, DataError, "'b' must hold numbers"),
        ({"b": lambda f: (f["y"] == 0).astype(float)}, {}, ModelError, "'b' separates the censored observations"),
        ({"y": lambda f: f["a"].clip(lower=0.0)}, {}, ModelError, "without any rest|no maximum"),
    ],
)  # fmt: skip
def test_bad_input_is_named(
    frame: pd.DataFrame, change: dict[str, Any], options: dict[str, Any], kind: type[EcospatialError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        tobit(Panel.from_frame(frame.assign(**change), "city", "year"), "y", ["a", "b"], **options)


def test_fewer_rows_than_terms(frame: pd.DataFrame) -> None:
    few = Panel.from_frame(frame[frame["year"] == 0].iloc[:3], "city")
    with pytest.raises(ModelError, match="3 observations cannot carry 3"):
        tobit(few, "y", ["a", "b"])
    with pytest.raises(OptionError, match="needs a panel"):
        tobit(Panel.from_frame(frame[frame["year"] == 0], "city"), "y", ["a"], effects="random")

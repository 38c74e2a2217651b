"""Truncated regression against a likelihood written out, and what it refuses."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

from ecospatial.drivers.truncated import TruncatedResult, truncated
from ecospatial.errors import DataError, EcospatialError, ModelError, OptionError
from ecospatial.kernels.truncated import fit_truncated, truncated_draws, truncated_mean
from ecospatial.panel import Panel
from ecospatial.result import Result


def sample(lower: float, upper: float, seed: int = 6, count: int = 250) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 20 * count))
    y = 0.6 + 0.7 * a - 0.4 * b + 0.8 * rng.normal(size=20 * count)
    inside = np.flatnonzero((y > lower) & (y < upper))[:count]
    return pd.DataFrame({"city": np.arange(count), "a": a[inside], "b": b[inside], "y": y[inside]})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return sample(1.0, np.inf)


@pytest.mark.parametrize(("lower", "upper"), [(1.0, np.inf), (-np.inf, 0.5), (-0.5, 1.5)])
def test_the_maximum_of_a_likelihood_written_out(lower: float, upper: float) -> None:
    frame = sample(lower, upper)
    found = truncated(Panel.from_frame(frame, "city"), "y", ["a", "b"], lower=lower, upper=upper)
    x, y = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]]), frame["y"].to_numpy()

    def minus(place: np.ndarray) -> float:
        law = stats.norm(x @ place[:3], np.exp(place[3]))
        inside = stats.norm.cdf(upper, law.mean(), law.std()) - stats.norm.cdf(lower, law.mean(), law.std())
        return -float((law.logpdf(y) - np.log(inside)).sum())

    start = [0.6, 0.7, -0.4, np.log(0.8)]
    best = optimize.minimize(minus, start, method="BFGS", options={"gtol": 1e-6})
    assert found.loglik == pytest.approx(-best.fun, abs=1e-7)
    assert found.loglik >= -best.fun - 1e-9
    assert found.params.to_numpy() == pytest.approx([*best.x[:3], np.exp(best.x[3])], abs=2e-4)
    at = np.append(found.params.to_numpy()[:3], np.log(found.params["sigma"]))
    steps = np.eye(4) * 1e-3
    hessian = np.array(
        [
            [(minus(at + s + t) - minus(at + s - t) - minus(at - s + t) + minus(at - s - t)) / 4e-6 for t in steps]
            for s in steps
        ]
    )
    scale = np.diag([1, 1, 1, found.params["sigma"]])
    assert found.cov.to_numpy() == pytest.approx(scale @ np.linalg.inv(hessian) @ scale, rel=1e-3, abs=1e-6)


def test_many_samples_at_once_are_one_after_another() -> None:
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(80), rng.normal(size=80)])
    y = np.stack([truncated_draws(x @ [1.2, 0.3], 0.5, 1.0, rng) for _ in range(7)])
    together = fit_truncated(y, x, 1.0)
    for place in range(7):
        alone = fit_truncated(y[[place]], x, 1.0)
        assert together.coefficients[place] == pytest.approx(alone.coefficients[0], rel=1e-12)
        assert together.cov[place] == pytest.approx(alone.cov[0], rel=1e-9)


def test_draws_and_means_are_those_of_the_law() -> None:
    rng = np.random.default_rng(0)
    for centre in (-4.0, 0.5, 3.0):
        law = stats.truncnorm((1 - centre) / 0.7, np.inf, centre, 0.7)
        drawn = truncated_draws(np.full(20_000, centre), 0.7, 1.0, rng)
        assert stats.kstest(drawn, law.cdf).pvalue > 0.001
        assert truncated_mean(np.array([centre]), 0.7, 1.0, np.inf)[0] == pytest.approx(law.mean(), rel=1e-6)
    law = stats.norm(0.3, 0.9)
    inside = integrate.quad(lambda y: y * law.pdf(y), -1, 2)[0] / (law.cdf(2) - law.cdf(-1))
    assert truncated_mean(np.array([0.3]), 0.9, -1.0, 2.0)[0] == pytest.approx(inside, rel=1e-9)
    one_sided = integrate.quad(lambda y: y * law.pdf(y), -9, 0)[0] / law.cdf(0)
    assert truncated_mean(np.array([0.3]), 0.9, -np.inf, 0.0)[0] == pytest.approx(one_sided, rel=1e-9)


def test_draws_far_below_the_limit_stay_finite() -> None:
    drawn = truncated_draws(np.full(1000, -60.0), 1.0, 1.0, np.random.default_rng(0))
    assert (drawn >= 1).all()
    assert drawn.mean() == pytest.approx(1 + 1 / 61, abs=0.003)  # nearly exponential


def test_units_of_measurement_do_not_matter(frame: pd.DataFrame) -> None:
    plain = truncated(Panel.from_frame(frame, "city"), "y", ["a", "b"])
    moved = frame.assign(y=1000 * frame["y"], a=frame["a"] / 1e4 + 5)
    other = truncated(Panel.from_frame(moved, "city"), "y", ["a", "b"], lower=1000.0)
    assert other.params["a"] == pytest.approx(1e7 * plain.params["a"], rel=1e-7)
    assert other.params["sigma"] == pytest.approx(1000 * plain.params["sigma"], rel=1e-7)


def test_rows_at_the_limit_are_left_out_and_counted(frame: pd.DataFrame) -> None:
    more = pd.concat([frame, frame.iloc[:5].assign(city=range(900, 905), y=[1.0, 1.0, 0.5, 0.9, 1.0])])
    found = truncated(Panel.from_frame(more, "city"), "y", ["a", "b"])
    assert found.params.tolist() == truncated(Panel.from_frame(frame, "city"), "y", ["a", "b"]).params.tolist()
    assert "5 of 255 unit-periods at a limit or beyond it are left out." in [str(note) for note in found.notes]


def test_a_stored_result_comes_back(frame: pd.DataFrame, tmp_path: pathlib.Path) -> None:
    found = truncated(Panel.from_frame(frame, "city"), "y", ["a", "b"])
    found.store(tmp_path / "t.eco")
    again = Result.load(tmp_path / "t.eco")
    assert isinstance(again, TruncatedResult)
    assert again.summary() == found.summary()
    assert set(found.to_frame("marginal_effects")["on"]) == {"latent", "uncensored"}
    assert (found.fitted > 1).all()


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        ({}, {"lower": None}, OptionError, "Name a lower or an upper limit"),
        ({}, {"lower": 90.0}, DataError, "No value of 'y' lies between the limits 90 and inf"),
        ({"a": 3.0}, {}, DataError, "'a' is the same"),
        ({"b": lambda f: 1 - f["a"]}, {}, ModelError, "'b' is collinear"),
        ({"b": lambda f: f["b"].where(f["city"] != 9)}, {}, DataError, "'b' is empty for unit 9"),
        ({"a": "x"}, {}, DataError, "'a' must hold numbers"),
        ({"y": lambda f: 2 + f["a"] / 9}, {}, ModelError, "without any rest"),
        # A tail that is heavier than exponential: σ runs off.
        ({"y": lambda f: 1 + np.random.default_rng(1).exponential(size=len(f)) ** 2}, {}, ModelError, "no maximum"),
    ],
)  # fmt: skip
def test_bad_input_is_named(
    frame: pd.DataFrame, change: dict[str, Any], options: dict[str, Any], kind: type[EcospatialError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        truncated(Panel.from_frame(frame.assign(**change), "city"), "y", ["a", "b"], **options)


def test_fewer_rows_than_terms(frame: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match="3 observations cannot carry 3"):
        truncated(Panel.from_frame(frame.iloc[:3], "city"), "y", ["a", "b"])

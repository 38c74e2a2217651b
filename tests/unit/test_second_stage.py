"""The second stage of Simar and Wilson: its steps, its refusals, its repeatability."""

from __future__ import annotations

import pathlib
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.drivers.double_bootstrap import bias_corrected
from ecospatial.drivers.ols import ols
from ecospatial.drivers.second_stage import second_stage
from ecospatial.drivers.second_stage_result import SecondStageResult
from ecospatial.drivers.tobit import tobit
from ecospatial.drivers.truncated import truncated
from ecospatial.efficiency.directional import directional
from ecospatial.efficiency.radial import radial
from ecospatial.efficiency.rescoring import Rescoring
from ecospatial.efficiency.result import EfficiencyResult
from ecospatial.efficiency.sbm import sbm
from ecospatial.errors import DataError, EcospatialError, OptionError
from ecospatial.kernels.truncated import truncated_draws
from ecospatial.panel import Panel
from ecospatial.progress import listen
from ecospatial.result import Result

CITIES, YEARS = 40, 2
FEW: dict[str, Any] = {"first_replications": 20, "replications": 100}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    city, year = np.divmod(np.arange(CITIES * YEARS), YEARS)
    rd, open_ = rng.normal(size=(2, len(city)))
    labour, capital = rng.uniform(1, 9, size=(2, len(city)))
    distance = np.maximum(1.4 - 0.4 * rd + 0.3 * np.abs(rng.normal(size=len(city))), 1.0)
    output = labour**0.4 * capital**0.4 / distance
    return pd.DataFrame(
        {"city": city, "year": year, "rd": rd, "open": open_, "labour": labour, "capital": capital, "output": output}
    )


@pytest.fixture(scope="module")
def panel(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, "city", "year")


@pytest.fixture(scope="module")
def efficiency(panel: Panel) -> EfficiencyResult:
    return radial(panel, ["labour", "capital"], ["output"], orientation="output", frontier="global", by=["rd", "open"])


def test_algorithm_1_is_the_truncated_regression_of_inefficient_units(
    panel: Panel, efficiency: EfficiencyResult
) -> None:
    found = second_stage(efficiency, ["rd", "open"], algorithm="1", replications=100)
    wide = panel.assign(phi=efficiency.scores)
    plain = truncated(wide.where_rows((efficiency.scores > 1 + 1e-6).to_numpy()), "phi", ["rd", "open"])
    assert found.params.to_numpy() == pytest.approx(plain.params.to_numpy(), rel=1e-10)
    assert found.loglik == pytest.approx(plain.loglik, rel=1e-12)
    assert found.nobs == int((efficiency.scores > 1 + 1e-6).sum())
    assert found.distances["used"].sum() == found.nobs
    assert found.params["rd"] < 0
    assert found.std_errors.to_numpy() == pytest.approx(found.draws.std(axis=0, ddof=1))


def test_algorithm_2_explains_all_units_by_distances_less_their_bias(efficiency: EfficiencyResult) -> None:
    found = second_stage(efficiency, ["rd", "open"], **FEW)
    assert found.nobs == CITIES * YEARS
    table = found.to_frame("distances")
    assert table["distance"].to_numpy() == pytest.approx(efficiency.scores.to_numpy())
    assert found.data["distance"].tolist() == table["explained"].tolist()


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_the_bias_is_that_of_programmes_written_out(frame: pd.DataFrame, orientation: Any) -> None:
    """Steps 3 and 4 of algorithm 2 with SciPy's linear programmes on pseudo-samples made by hand."""
    small = frame[frame["year"] == 0].iloc[:15]
    scores = radial(Panel.from_frame(small, "city"), ["labour", "capital"], ["output"], orientation=orientation)
    x, y = small[["labour", "capital"]].to_numpy(), small["output"].to_numpy()
    known, mean = (1 / scores.efficiency).to_numpy(), np.linspace(0.8, 1.4, 15)
    found = bias_corrected(Rescoring.of(scores), known, mean, 0.3, 3, 99, None)
    drawn = []
    for stream in np.random.SeedSequence(99).spawn(3):
        ratio = truncated_draws(mean, 0.3, 1.0, np.random.Generator(np.random.PCG64(stream))) / known
        xs, ys = (x, y / ratio) if orientation == "output" else (x * ratio[:, None], y)
        drawn.append([farrell(x[row], y[row], xs, ys, orientation) for row in range(15)])
    assert found == pytest.approx(2 * known - np.mean(drawn, axis=0), abs=1e-8)


def farrell(x: np.ndarray, y: float, xs: np.ndarray, ys: np.ndarray, orientation: str) -> float:
    """The distance of one unit to the convex hull of others, 1/θ or φ."""
    outward = orientation == "output"
    moved = np.append(np.zeros(2), y) if outward else np.append(-x, 0.0)
    rows = np.column_stack([moved, np.vstack([xs.T, -ys])])
    held = np.append(x, 0.0) if outward else np.append(np.zeros(2), -y)
    sums = np.append(0.0, np.ones(len(ys)))[None]
    cost = np.append(-1.0 if outward else 1.0, np.zeros(len(ys)))
    best = linprog(cost, rows, held, sums, [1.0], method="highs").x[0]
    return float(best if outward else 1 / best)


def test_intervals_and_p_values_are_of_the_draws(efficiency: EfficiencyResult) -> None:
    found = second_stage(efficiency, ["rd", "open"], algorithm="1", replications=400)
    apart = found.draws - found.params.to_numpy()
    low, high = found.params.to_numpy() - np.quantile(apart, [0.95, 0.05], axis=0)
    assert found.confidence(0.9)["lower"].tolist() == pytest.approx(low.tolist())
    assert found.confidence(0.9)["upper"].tolist() == pytest.approx(high.tolist())
    for level in (0.9, 0.95, 0.99):
        table, pvalues = found.confidence(level).iloc[:3], found.pvalues.iloc[:3]
        excluded = (table["lower"] > 0) | (table["upper"] < 0)
        assert (excluded == (pvalues < 1 - level)).all()
    assert np.isnan(found.pvalues["sigma"])


def test_orientation_is_turned_into_distances(panel: Panel) -> None:
    inward = radial(panel, ["labour", "capital"], ["output"], frontier="global", returns_to_scale="crs")
    outward = radial(
        panel, ["labour", "capital"], ["output"], frontier="global", returns_to_scale="crs", orientation="output"
    )
    one, other = (second_stage(each, ["rd"], panel, **FEW) for each in (inward, outward))
    assert one.params.to_numpy() == pytest.approx(other.params.to_numpy(), rel=1e-6)  # the same under constant returns
    assert "Shephard input distance" in one.summary()
    assert "output-oriented model" in other.summary()


def test_the_same_with_workers_and_by_seed(efficiency: EfficiencyResult) -> None:
    alone = second_stage(efficiency, ["rd", "open"], **FEW)
    with ProcessPoolExecutor(2) as workers:
        shared = second_stage(efficiency, ["rd", "open"], **FEW, executor=workers)
    assert (alone.draws == shared.draws).all()
    assert alone.summary() == shared.summary()
    assert second_stage(efficiency, ["rd", "open"], **FEW, seed=2).params.tolist() != alone.params.tolist()


def test_progress_is_told(efficiency: EfficiencyResult) -> None:
    seen: list[str] = []
    with listen(lambda label, _: seen.append(label)):
        second_stage(efficiency, ["rd"], **FEW)
    assert {"Resampling", "Second-stage bootstrap"} <= set(seen)


def test_a_stored_result_comes_back(efficiency: EfficiencyResult, tmp_path: pathlib.Path) -> None:
    found = second_stage(efficiency, ["rd"], algorithm="1", replications=100, level=0.9)
    found.store(tmp_path / "second.eco")
    again = Result.load(tmp_path / "second.eco")
    assert isinstance(again, SecondStageResult)
    assert again.summary() == found.summary()
    assert "Separability" in found.summary()


def test_slacks_based_scores_are_a_heuristic_and_for_algorithm_1_alone(panel: Panel) -> None:
    scores = sbm(panel, ["labour", "capital"], ["output"], frontier="global")
    found = second_stage(scores, ["rd"], panel, algorithm="1", replications=100)
    assert any("heuristic" in str(note) for note in found.notes)
    with pytest.raises(OptionError, match="algorithm='1' as a heuristic"):
        second_stage(scores, ["rd"], panel)


def test_scores_that_it_is_not_for(panel: Panel) -> None:
    parts = ["labour", "capital"], ["output"]
    with pytest.raises(OptionError, match="not truncated at 1"):
        second_stage(radial(panel, *parts, super_efficiency=True, returns_to_scale="crs"), ["rd"], panel)
    with pytest.raises(OptionError, match="for scores of radial"):
        second_stage(directional(panel, *parts), ["rd"], panel)
    with pytest.raises(OptionError, match="frontier='contemporaneous' or 'global'"):
        second_stage(radial(panel, *parts, frontier="sequential"), ["rd"], panel, **FEW)


@pytest.mark.parametrize(
    ("change", "x", "options", "kind", "words"),
    [
        ({}, ["rd", "gdp"], {}, DataError, "no column 'gdp'"),
        ({"rd": lambda f: f["rd"].where(f["city"] != 7)}, ["rd"], {}, DataError, "'rd' is empty for unit 7, period 0"),
        ({"rd": 1.0}, ["rd"], {}, DataError, "'rd' is the same"),
        ({"open": lambda f: 2 * f["rd"]}, ["rd", "open"], {}, EcospatialError, "'open' is collinear"),
        ({"rd": "x"}, ["rd"], {}, DataError, "'rd' must hold numbers"),
        ({}, ["rd"], {"transforms": ["rd=lag"]}, OptionError, "takes no lags"),
        ({}, ["rd"], {"replications": 5}, OptionError, "replications=5"),
    ],
)
def test_bad_input_is_named(
    frame: pd.DataFrame, panel: Panel, change: dict[str, Any], x: list[str], options: dict[str, Any],
    kind: type[EcospatialError], words: str,
) -> None:  # fmt: skip
    plain = radial(panel, ["labour", "capital"], ["output"], frontier="global")
    drivers = Panel.from_frame(frame.assign(**change), "city", "year")
    with pytest.raises(kind, match=words):
        second_stage(plain, x, drivers, **{**FEW, **options})


def test_missing_rows_of_drivers_are_named(frame: pd.DataFrame, panel: Panel) -> None:
    plain = radial(panel, ["labour", "capital"], ["output"], frontier="global")
    with pytest.raises(DataError, match="'rd' is empty for unit 0, period 0"):
        second_stage(plain, ["rd"], Panel.from_frame(frame[frame["city"] > 0], "city", "year"))


def test_a_driver_of_which_the_efficiency_was_made(panel: Panel, efficiency: EfficiencyResult) -> None:
    words = "'labour': drivers that are inputs or outputs of the efficiency"
    joined = panel.assign(score=efficiency.scores, share=efficiency.efficiency).where_units(range(30))
    assert any(words in str(note) for note in ols(joined, "score", ["rd", "labour"]).notes)
    assert any(words in str(note) for note in ols(joined, "share", ["rd", "labour"], transforms=["labour=log"]).notes)
    assert any(words in str(note) for note in tobit(joined, "share", ["labour"], lower=None, upper=1.0).notes)
    assert any(words in str(note) for note in second_stage(efficiency, ["labour"], panel, algorithm="1").notes)
    assert ols(joined, "score", ["rd"]).notes == ()


def test_super_efficiency_in_a_tobit_model(panel: Panel) -> None:
    scores = radial(panel, ["labour", "capital"], ["output"], super_efficiency=True, returns_to_scale="crs").scores
    notes = tobit(panel.assign(score=scores), "score", ["rd"], lower=None, upper=1.0).notes
    assert any("both sides of 1, as super-efficiency scores have" in str(note) for note in notes)


def test_what_a_column_was_made_of_survives(panel: Panel, efficiency: EfficiencyResult, tmp_path: pathlib.Path) -> None:
    from ecospatial.store import load_object, store_object

    made = ("labour", "capital", "output")
    efficiency.store(tmp_path / "scores.eco")
    loaded = Result.load(tmp_path / "scores.eco")
    assert isinstance(loaded, EfficiencyResult)
    joined = panel.assign(score=loaded.scores)
    store_object(joined, tmp_path / "panel.eco")
    again = load_object(tmp_path / "panel.eco", Panel)
    for data in (joined, again, again.where_periods([0]), again.select(["score"]), again.assign(other=again["score"])):
        assert data.made_from["score"] == made
    assert again.assign(other=again["score"]).made_from["other"] == made
    assert joined.assign(score=1.0).made_from == {}
    assert panel.made_from == {}

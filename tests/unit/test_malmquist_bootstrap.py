"""Intervals of the Malmquist index against a plain loop, known truths and bad requests."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.errors import Cancelled, DataError, OptionError
from ecospatial.panel import Panel
from ecospatial.productivity.confidence import malmquist_bootstrap
from ecospatial.productivity.confidence_result import MalmquistBootstrapResult
from ecospatial.productivity.intervals import Intervals
from ecospatial.productivity.luenberger import luenberger
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.paired_distances import PairedDistances
from ecospatial.productivity.result import ProductivityResult
from ecospatial.progress import listen

INPUTS = ["labour", "capital"]
PARTS = ("bias_corrected", "lower", "upper", "significant")


def table(units: int = 12, years: int = 2, seed: int = 4, shift: float = 0.0, noise: float = 0.3) -> pd.DataFrame:
    """Constant returns, losses that last from year to year, and technical change of ``shift`` a year in logarithms."""
    draw = np.random.default_rng(seed)
    used = draw.uniform(1.0, 9.0, (units, 2))
    lost = np.abs(draw.normal(0.0, noise, units))
    frames = []
    for year in range(years):
        now = used * np.exp(draw.normal(0.0, 0.1, used.shape))
        made = np.sqrt(now.prod(axis=1)) * np.exp(year * shift - lost * draw.uniform(0.8, 1.2, units))
        frames.append(pd.DataFrame(now, columns=INPUTS).assign(value=made, city=range(units), year=2000 + year))
    return pd.concat(frames, ignore_index=True)


def index_of(frame: pd.DataFrame, **options: Any) -> ProductivityResult:
    return malmquist(Panel.from_frame(frame, unit="city", period="year"), INPUTS, "value", **options)


@pytest.fixture(scope="module")
def found() -> MalmquistBootstrapResult:
    return malmquist_bootstrap(index_of(table(years=3)), replications=100, seed=7)


def share_of(own: np.ndarray, points: np.ndarray, outwards: bool, variable: bool) -> float:
    """Efficiency of (labour, capital, value) with linprog, which may pass one."""
    moved = np.array([0.0, 0.0, own[2]]) if outwards else np.array([-own[0], -own[1], 0.0])
    limit = np.array([own[0], own[1], 0.0]) if outwards else np.array([0.0, 0.0, -own[2]])
    answer = linprog(
        np.append(-1.0 if outwards else 1.0, np.zeros(len(points))),
        A_ub=np.column_stack([moved, np.vstack([points[:, :2].T, -points[:, 2]])]),
        b_ub=limit,
        A_eq=np.append(0.0, np.ones(len(points)))[None] if variable else None,
        b_eq=[1.0] if variable else None,
        bounds=(0, None),
    )
    return 1.0 / -answer.fun if outwards else answer.fun


def pieces(real: list[np.ndarray], made: list[np.ndarray], rows: Any, outwards: bool) -> np.ndarray:
    """Logarithms of tfpch, effch, techch, pech and sech of some units, real ones against made technologies."""

    def level(held: int, by: int, variable: bool = False) -> np.ndarray:
        return np.log([share_of(real[held][row], made[by], outwards, variable) for row in rows])

    effch, pech = level(1, 1) - level(0, 0), level(1, 1, True) - level(0, 0, True)
    tfpch = (level(1, 0) - level(0, 0) + level(1, 1) - level(0, 1)) / 2
    return np.column_stack([tfpch, effch, tfpch - effch, pech, effch - pech])


@pytest.mark.parametrize(("orientation", "interval"), [("input", "percentile"), ("output", "basic")])
def test_the_bootstrap_is_this_loop(orientation: str, interval: Any) -> None:
    """Simar & Wilson (1999): the 4N × 2 matrix of reflected distances, and kernels of either covariance."""
    frame, outwards, rows = table(), orientation == "output", range(2)
    found = malmquist_bootstrap(index_of(frame, orientation=orientation), 100, interval=interval, seed=11)
    real = [part[[*INPUTS, "value"]].to_numpy() for _, part in frame.groupby("year")]
    known = pieces(real, real, rows, outwards)
    distances = np.column_stack([[1.0 / share_of(own, part, outwards, True) for own in part] for part in real])
    distances = np.where(distances < 1.0 + 1e-6, 1.0, distances)
    (a, b), width = distances.T, (4 / (5 * 12)) ** (1 / 6)
    corners = {(1, 1): [a, b], (-1, 1): [2 - a, b], (-1, -1): [2 - a, 2 - b], (1, -1): [a, 2 - b]}
    drawn = []
    for stream in np.random.SeedSequence(11).spawn(2)[1].spawn(100):
        draw = np.random.Generator(np.random.PCG64(stream))
        chosen, sides = draw.integers(0, 12, 12), draw.choice([-1.0, 1.0], (12, 2))
        normal = draw.standard_normal((12, 2))
        turned = [tuple(side.astype(int)) for side in sides]
        star = np.array([[part[at] for part in corners[side]] for at, side in zip(chosen, turned, strict=True)])
        kernels = []
        for side, one in zip(sides, normal, strict=True):
            # Of the covariance of (A, B) on two sides, and of (2 − A, B) on the others.
            root = np.linalg.cholesky(np.cov(np.column_stack(corners[tuple(side.astype(int))]), rowvar=False))
            kernels.append(root @ (one * side))
        middle = star.mean(axis=0)
        gamma = (star + width * np.array(kernels) - middle) / np.sqrt(1 + width**2) + middle
        gamma = np.where(gamma < 1, 2 - gamma, gamma)
        made = [part.copy() for part in real]
        for place, part in enumerate(made):
            ratio = gamma[:, place] / distances[:, place]
            part[:, 2] /= ratio if outwards else 1.0
            part[:, :2] *= 1.0 if outwards else ratio[:, None]
        drawn.append(pieces(real, made, rows, outwards))
    apart = np.array(drawn) - known
    low, high = np.quantile(apart, [0.025, 0.975], axis=0)
    low, high = (low, high) if interval == "percentile" else (-high, -low)
    bias, spread = apart.mean(axis=0), apart.std(axis=0, ddof=1)
    np.testing.assert_allclose(found.components[:2], np.exp(known), rtol=1e-7)
    np.testing.assert_allclose(found.lower[:2], np.exp(known + low), rtol=1e-7)
    np.testing.assert_allclose(found.upper[:2], np.exp(known + high), rtol=1e-7)
    corrected = known - np.where(bias**2 > 3 * spread**2, bias, 0.0)
    np.testing.assert_allclose(found.bias_corrected[:2], np.exp(corrected), rtol=1e-7)


def test_draws_keep_the_moments_of_reflected_distances() -> None:
    draw = np.random.default_rng(1)
    lost = np.abs(draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 400)) * [0.3, 0.6]
    smooth = PairedDistances.of(1.0 + lost)
    drawn = smooth.draw(40_000, np.random.default_rng(2))
    assert smooth.bandwidth == pytest.approx((4 / 2000) ** (1 / 6))
    assert drawn.min() >= 1.0
    # Moving by h and drawing together leaves variances about one between (1 + h² var/second moment)/(1 + h²) and 1.
    np.testing.assert_allclose((drawn - 1).std(axis=0), lost.std(axis=0), rtol=0.1)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(lost.T)[0, 1], abs=0.1)
    plain = PairedDistances.of(1.0 + lost, bandwidth=0.0).draw(500, np.random.default_rng(3))
    known = {tuple(row) for row in np.round(1.0 + lost, 9)}
    assert {tuple(row) for row in np.round(plain, 9)} <= known


def test_one_period_without_spread_draws_that_of_the_other_alone() -> None:
    pairs = np.column_stack([np.ones(9), np.linspace(1.0, 2.0, 9)])
    drawn = PairedDistances.of(pairs).draw(50, np.random.default_rng(3))
    assert (drawn[:, 0] == 1.0).all()
    assert np.ptp(drawn[:, 1]) > 0.2


@pytest.mark.parametrize("kind", ["percentile", "basic"])
def test_the_interval_of_the_way_back_is_the_reciprocal(kind: Any) -> None:
    draw = np.random.default_rng(5)
    known, drawn = draw.normal(size=4), draw.normal(size=(99, 4))
    there, back = (Intervals.of(sign * known, sign * drawn, 0.9, kind) for sign in (1.0, -1.0))
    np.testing.assert_allclose(there.lower, -back.upper)
    np.testing.assert_allclose(there.bias_corrected, -back.bias_corrected)
    assert (there.significant() == -back.significant()).all()


def test_missing_draws() -> None:
    drawn = np.array([[0.1, np.nan, np.nan], [0.2, 0.2, np.nan], [0.3, 0.3, 0.3], [0.4, 0.4, np.nan]])
    found = Intervals.of(np.array([0.0, 0.0, 0.0]), drawn, 0.5, "basic")
    assert np.isfinite(found.lower).tolist() == [True, True, False]
    assert found.significant().tolist() == [-1, -1, 0]
    assert found.upper[1] == pytest.approx(-0.25)
    # A quarter may fill a tail of a quarter, but not a narrower one.
    assert np.isfinite(Intervals.of(np.zeros(3), drawn, 0.6).lower).tolist() == [True, False, False]


@pytest.mark.filterwarnings("error")
def test_nothing_drawn_is_no_interval() -> None:
    found = Intervals.of(np.zeros(2), np.full((9, 2), np.nan), 0.9)
    assert np.isnan(found).all()
    assert not found.significant().any()


def test_one_ray_makes_the_index_certain() -> None:
    """With one input, one output and constant returns frontiers cancel out of tfpch: it is the growth of y/x."""
    frame = table(units=15)
    panel = Panel.from_frame(frame, unit="city", period="year")
    found = malmquist_bootstrap(malmquist(panel, "labour", "value"), replications=100)
    ratio = (frame["value"] / frame["labour"]).to_numpy()
    for bound in (found.lower, found.upper, found.components):
        np.testing.assert_allclose(bound["tfpch"], ratio[15:] / ratio[:15], rtol=1e-9)
    assert found.significant["tfpch"].all()
    assert found.significant["techch"].nunique() == 1


def test_no_change_is_seldom_significant() -> None:
    shares = [
        malmquist_bootstrap(index_of(table(25, seed=seed)), replications=100).significant["techch"].mean()
        for seed in range(4)
    ]
    assert np.mean(shares) < 0.15


def test_technical_change_moves_the_intervals_with_it_and_is_found() -> None:
    still, moving = (malmquist_bootstrap(index_of(table(shift=shift)), replications=100) for shift in (0.0, 0.6))
    for name in ("lower", "upper", "bias_corrected"):
        ratio = getattr(moving, name) / getattr(still, name)
        np.testing.assert_allclose(ratio, np.tile(np.exp([0.6, 0.0, 0.6, 0.0, 0.0]), (12, 1)), rtol=1e-7)
    assert moving.significant[["tfpch", "techch"]].all(axis=None)
    assert (moving.to_frame("periods")["progress"][[0, 2]] == 12).all()


def test_parts_of_the_result_agree(found: MalmquistBootstrapResult) -> None:
    wide, names = found.to_frame(), list(found.components)
    assert names == ["tfpch", "effch", "techch", "pech", "sech"]
    assert wide.columns.tolist()[:5] == ["tfpch", *(f"tfpch_{part}" for part in PARTS)]
    assert wide.columns[-1] == "status"
    assert (found.lower <= found.upper).all(axis=None)
    assert (found.significant == ((found.lower > 1) | (found.upper < 1))).all(axis=None)
    progress = (found.lower > 1).groupby(level="period").sum()
    counts = found.to_frame("periods").pivot(index="period", columns="component", values="progress")[names]
    assert (counts.to_numpy() == progress.to_numpy()).all()
    means = found.to_frame("periods").pivot(index="period", columns="component", values="mean")[names]
    np.testing.assert_allclose(means, np.exp(np.log(found.components).groupby(level="period").mean()))
    assert "0.95" in found.summary()


def test_a_wider_level_holds_a_narrower_one() -> None:
    known, drawn = np.zeros(5), np.random.default_rng(6).normal(0.3, 1.0, (99, 5))
    wide, narrow = Intervals.of(known, drawn, 0.95), Intervals.of(known, drawn, 0.8)
    assert (wide.lower < narrow.lower).all()
    assert (narrow.upper < wide.upper).all()


def test_units_of_measurement_and_later_periods_change_nothing(found: MalmquistBootstrapResult) -> None:
    frame = table(years=3).assign(labour=lambda one: one["labour"] * 1000.0)
    rescaled = malmquist_bootstrap(index_of(frame), replications=100, seed=7)
    np.testing.assert_allclose(rescaled.lower, found.lower, rtol=1e-8)
    first = malmquist_bootstrap(index_of(table(years=3).query("year < 2002")), replications=100, seed=7)
    np.testing.assert_allclose(first.upper, found.upper.loc[first.upper.index], rtol=1e-12)


def test_unbalanced_panels_keep_lone_units_in_the_technology() -> None:
    frame = table(years=3)
    lone = (frame["city"] == 3) & (frame["year"] == 2001) | (frame["city"] == 8) & (frame["year"] == 2000)
    index = index_of(frame[~lone])
    found = malmquist_bootstrap(index, replications=100)
    assert found.lower.index.equals(index.components.index)
    assert found.lower.notna().all(axis=None)
    assert any("3 times a unit is there in one of two" in str(note) for note in found.notes)


def test_ray_and_desli_leave_out_what_has_no_estimate() -> None:
    index = index_of(table(years=2, shift=0.5), decomposition="ray-desli")
    missing = index.components["techch"].isna()
    assert 0 < missing.sum() < len(missing)
    found = malmquist_bootstrap(index, replications=100)
    assert found.lower["tfpch"].notna().all()
    assert found.lower["techch"].isna()[missing].all()
    assert not found.significant["techch"][missing].any()
    assert (found.status[missing] == "infeasible").all()
    few = found.lower["techch"].isna() & ~missing
    assert (found.status[few] == "too few draws").all()
    assert (found.status == "too few draws").sum() == few.sum()


def test_variable_returns_start_from_their_own_frontiers() -> None:
    found = malmquist_bootstrap(index_of(table(), returns_to_scale="vrs"), replications=100)
    assert list(found.components) == ["tfpch", "effch", "techch"]
    assert (found.technology, found.returns_to_scale) == ("vrs", "vrs")


def test_workers_change_nothing(found: MalmquistBootstrapResult) -> None:
    with ProcessPoolExecutor(2) as pool:
        shared = malmquist_bootstrap(index_of(table(years=3)), replications=100, seed=7, executor=pool)
    for name, frame in found.tables().items():
        pd.testing.assert_frame_equal(shared.to_frame(name), frame, check_exact=True)


def test_it_is_stored_whole(found: MalmquistBootstrapResult, tmp_path: Path) -> None:
    found.store(tmp_path / "it.eco")
    again = MalmquistBootstrapResult.load(tmp_path / "it.eco")
    for name, frame in found.tables().items():
        pd.testing.assert_frame_equal(again.to_frame(name), frame)
    assert again.summary() == found.summary()


def test_progress_rises_and_stops() -> None:
    index, seen = index_of(table(years=3)), []

    def listener(label: str, fraction: float) -> None:
        seen.append((label, fraction))
        if label == "Resampling" and fraction > 0.6:
            raise Cancelled

    with listen(listener), pytest.raises(Cancelled):
        malmquist_bootstrap(index, replications=100)
    fractions = [fraction for label, fraction in seen if label == "Resampling"]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.6


@pytest.mark.parametrize("reference", ["global", "sequential", "biennial"])
def test_other_references_are_refused(reference: Any) -> None:
    with pytest.raises(OptionError, match=f"with the contemporaneous reference.*reference {reference}"):
        malmquist_bootstrap(index_of(table(), reference=reference))


def test_other_technologies_are_refused() -> None:
    panel = Panel.from_frame(table(), unit="city", period="year")
    for index in (luenberger(panel, INPUTS, "value"), malmquist(panel, INPUTS, "value", technology="sbm")):
        with pytest.raises(OptionError, match="is for the radial Malmquist index"):
            malmquist_bootstrap(index)


def test_too_few_inefficient_units_are_named() -> None:
    frame = table()
    best = np.sqrt(frame[INPUTS].prod(axis=1))
    frame.loc[frame["year"] == 2001, "value"] = best
    with pytest.raises(DataError, match="units of both 2000 and 2001 are inefficient in 2001"):
        malmquist_bootstrap(index_of(frame))


@pytest.mark.parametrize("option", [{"replications": 99}, {"level": 1.0}, {"bandwidth": -0.1}, {"seed": -1}])
def test_options_out_of_range(option: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        malmquist_bootstrap(index_of(table()), **option)

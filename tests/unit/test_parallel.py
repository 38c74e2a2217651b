"""Executors of every kind give the numbers of one process, report progress and can be stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ecospatial as es
from ecospatial.errors import Cancelled, EcospatialError
from ecospatial.kernels import solvers
from ecospatial.parallel import mapped
from ecospatial.progress import listen

NAMES = ["x0", "x1", "y0", "b0"]


def cities(count: int = 30, years: int = 3) -> es.Panel:
    cells = np.random.default_rng(4).lognormal(0.0, 0.5, (count * years, 4))
    frame = pd.DataFrame(cells, columns=NAMES)
    frame = frame.assign(city=[*range(count)] * years, year=np.repeat(np.arange(years) + 2001, count))
    return es.Panel.from_frame(frame, unit="city", period="year")


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ProcessPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as workers,
        Client(workers) as client,
    ):
        yield client.get_executor()


MODELS: dict[str, Callable[..., es.Result]] = {
    "radial": lambda **options: es.radial(cities(), NAMES[:2], ["y0"], ["b0"], scale=True, **options),
    "super-efficiency": lambda **options: es.radial(
        cities(), NAMES[:2], ["y0"], super_efficiency=True, infeasible="cook", **options
    ),
    "sbm": lambda **options: es.sbm(cities(), NAMES[:2], ["y0"], ["b0"], super_efficiency=True, **options),
    "ebm": lambda **options: es.ebm(cities(), NAMES[:2], ["y0"], frontier="sequential", **options),
    "additive": lambda **options: es.additive(cities(), NAMES[:2], ["y0"], **options),
    "directional": lambda **options: es.directional(cities(), NAMES[:2], ["y0"], ["b0"], **options),
    "nonradial": lambda **options: es.nonradial_directional(cities(), NAMES[:2], ["y0"], ["b0"], **options),
    "range": lambda **options: es.range_directional(cities(), NAMES[:2], ["y0"], **options),
    "highs": lambda **options: es.sbm(cities(12), NAMES[:2], ["y0"], solver="highs", **options),
    "bootstrap": lambda **options: es.bootstrap(es.radial(cities(), NAMES[:2], ["y0"]), 250, **options),
    "subsampling": lambda **options: es.bootstrap(es.sbm(cities(), NAMES[:2], ["y0"]), 230, **options),
    "returns": lambda **options: es.returns_to_scale_test(
        es.radial(cities(30, 1), NAMES[:2], ["y0"]), replications=100, **options
    ),
    "order-m": lambda **options: es.order_m(cities(), NAMES[:2], ["y0"], m=5, **options),
    "influence": lambda **options: es.influence(es.radial(cities(), NAMES[:2], ["y0"]), **options),
}


def same(first: es.Result, second: es.Result) -> None:
    for table, frame in first.tables().items():
        pd.testing.assert_frame_equal(second.tables()[table], frame, check_exact=True)
    assert first.summary() == second.summary()
    assert first.provenance == second.provenance


@pytest.mark.parametrize("name", MODELS)
def test_processes_change_no_bit(name: str, pool: Executor) -> None:
    same(MODELS[name](), MODELS[name](executor=pool))


@pytest.mark.parametrize("name", ["radial", "sbm", "bootstrap", "subsampling"])
def test_a_dask_cluster_changes_no_bit(name: str, cluster: Executor) -> None:
    same(MODELS[name](), MODELS[name](executor=cluster))


def test_the_work_is_done_elsewhere(pool: Executor, cluster: Executor) -> None:
    for executor in (pool, cluster):
        homes = mapped(_home, range(8), executor, "Homes")
        assert os.getpid() not in homes


def _home(_: int) -> int:
    return os.getpid()


def test_units_of_a_large_frontier_are_shared(pool: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = es.radial(cities(700, 1), NAMES[:2], ["y0"])
    monkeypatch.setattr(solvers, "MANY", 100)
    parts, shared = (es.radial(cities(700, 1), NAMES[:2], ["y0"], executor=one) for one in (None, pool))
    same(parts, shared)
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-12)
    assert (parts.status == "optimal").all()


@pytest.mark.parametrize("name", ["radial", "bootstrap"])
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_progress_only_rises(name: str, shared: bool, pool: Executor) -> None:
    seen: list[float] = []
    with listen(lambda label, fraction: seen.append(fraction)):
        MODELS[name](executor=pool if shared else None)
    starts = [place for place, fraction in enumerate(seen) if fraction == 0.0]
    last = seen[starts[-1] :]
    assert last == sorted(last) and last[-1] == 1.0 and len(last) >= 3


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_work_can_be_stopped(shared: bool, pool: Executor) -> None:
    def stop(label: str, fraction: float) -> None:
        if label == "Resampling" and fraction > 0.0:
            raise Cancelled

    with listen(stop), pytest.raises(Cancelled):
        es.bootstrap(es.radial(cities(), NAMES[:2], ["y0"]), 5000, executor=pool if shared else None)
    assert mapped(_home, range(2), pool, "Homes")


def test_a_lost_worker_is_reported() -> None:
    with ProcessPoolExecutor(1) as executor, pytest.raises(EcospatialError, match="ended before its work was done"):
        mapped(_die, [1], executor, "Dying")


def test_what_is_no_executor_or_is_shut_down_is_told() -> None:
    with pytest.raises(EcospatialError, match="has a method submit"):
        es.radial(cities(), NAMES[:2], ["y0"], executor=3)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(EcospatialError, match="shut down"):
        mapped(_home, range(2), executor, "Homes")


def _die(status: int) -> Any:
    os._exit(status)


def test_threads_serve_too() -> None:
    with ThreadPoolExecutor(3) as executor:
        same(MODELS["sbm"](), MODELS["sbm"](executor=executor))

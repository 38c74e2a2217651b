"""The whole chain on data that come with the package, from a table to a report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .clusters.lisa import lisa
from .clusters.moran import moran
from .drivers.compare import compare
from .drivers.ols import ols
from .drivers.spatial_panel import spatial_panel
from .drivers.spatial_tests import spatial_tests
from .efficiency.sbm import sbm
from .errors import FileError, OptionError, suggest
from .geo.boundaries import read_boundaries
from .geo.join import GeoPanel, join
from .present.language import Words
from .present.report import report
from .progress import tick
from .reading import read_panel
from .result import Result
from .shipped import data_path

Results = dict[str, Result]


def run(name: str, folder: str | os.PathLike[str], language: str = "en") -> Path:
    """Run a demo and write its report and results.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.
    folder : path-like
        Made where it is not there yet.
    language : str
        Of the report.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    OptionError
        Where there is no such demo.
    FileError
        Where the folder cannot be made.
    """
    if name not in DEMOS:
        raise OptionError("There is no demo '{name}'; {hint}", name=name, hint=suggest(name, NAMES))
    target = Path(folder).resolve()
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError("Cannot make the folder '{folder}': {reason}.", folder=target, reason=error.strerror) from error
    title, chain = DEMOS[name]
    results = chain()
    with _step("Report"):
        for key, result in results.items():
            result.store(target / f"{key}.eco")
            result.save(target / f"{key}.csv")
        page = target / "report.html"
        report(*results.values(), title=Words(language)(title), language=language).save(page)
    return page


def us_states() -> Results:
    """Efficiency of 48 US states, 1970–1986: where it clusters and what goes with it.

    The drivers show the method; they are no account of the states' economies.
    """
    with _step("Join"):
        geo = _states()
    efficiency = sbm(
        geo,
        inputs=["public_capital", "private_capital", "employment"],
        outputs=["gross_state_product"],
        returns_to_scale="vrs",
        frontier="global",
    )
    geo = geo.assign(efficiency=efficiency.scores)
    weights = geo.weights("queen")
    with _step("Moran's I"):
        trend = moran(geo, "efficiency", weights)
    last = geo.where_periods([geo.periods[-1]])
    with _step("Local clusters"):
        clusters = lisa(last, "efficiency", weights)
    drivers = ["unemployment", "highway_share", "ln_employment"]
    with _step("Regressions"):
        plain = ols(last, "efficiency", drivers)
        advice = spatial_tests(plain, weights)
        lag = spatial_panel(last, "efficiency", drivers, weights, model="lag")
        error = spatial_panel(last, "efficiency", drivers, weights, model="error")
        table = compare([plain, lag, error])
    return {
        "join": geo,
        "efficiency": efficiency,
        "moran": trend,
        "clusters": clusters,
        "ols": plain,
        "spatial-tests": advice,
        "spatial-lag": lag,
        "spatial-error": error,
        "comparison": table,
    }


def _states() -> GeoPanel:
    panel = read_panel(data_path("panels/us_states_production.csv"), unit="state", period="year")
    boundaries = read_boundaries(data_path("shapefiles/us_states.shp"), unit="state")
    geo = join(panel, boundaries)
    return geo.assign(
        highway_share=100 * geo["highways"] / geo["public_capital"],
        ln_employment=np.log(geo["employment"]),
    )


@contextmanager
def _step(label: str) -> Iterator[None]:
    tick(label, 0.0)
    yield
    tick(label, 1.0)


DEMOS: dict[str, tuple[str, Callable[[], Results]]] = {
    "us-states": ("Efficiency of 48 US states, 1970–1986", us_states),
}
NAMES = tuple(DEMOS)

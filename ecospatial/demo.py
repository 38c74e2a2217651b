"""The whole chain on data that come with the package, from a table to a report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .clusters.lisa import lisa
from .clusters.moran import moran
from .clusters.stability import cluster_stability
from .drivers.compare import compare
from .drivers.ols import ols
from .drivers.spatial_models import Model
from .drivers.spatial_panel import spatial_panel
from .drivers.spatial_tests import spatial_tests
from .efficiency.bootstrap import bootstrap
from .efficiency.radial import radial
from .efficiency.sbm import sbm
from .errors import FileError, OptionError, suggest
from .geo.boundaries import read_boundaries
from .geo.city_groups import classify
from .geo.join import GeoPanel, join
from .geo.weights import Weights
from .heterogeneity.focus import focus
from .present.language import Words
from .present.report import report
from .productivity.malmquist import malmquist
from .productivity.malmquist_luenberger import malmquist_luenberger
from .progress import tick
from .reading import read_panel
from .result import Result
from .shipped import data_path

Results = dict[str, Result]
DRAWS = 200
SPATIAL: tuple[Model, ...] = ("lag", "error", "durbin")


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
    """Efficiency and productivity of 48 US states, 1970–1986: where it clusters and what goes with it.

    The drivers show the method; they are no account of the states' economies.
    """
    with _step("Join"):
        geo = _states()
    inputs, outputs = ["public_capital", "private_capital", "employment"], ["gross_state_product"]
    efficiency = sbm(geo, inputs, outputs, frontier="global")
    growth = malmquist(geo, inputs, outputs)
    geo = geo.assign(efficiency=efficiency.scores)
    drivers = ["unemployment", "highway_share", "ln_employment"]
    weights = geo.weights("queen", islands="nearest")
    found: Results = {"join": geo, "efficiency": efficiency, "productivity": growth}
    return {**found, **_places(geo, weights), **_drivers(geo, weights, drivers)}


def china() -> Results:
    """Eco-efficiency of China's prefectures on simulated data, 2000–2017: where it clusters and what goes with it."""
    with _step("Join"):
        joined = _prefectures()
        groups = classify(joined, population="population")
        cities = joined.assign(**{name: groups[name] for name in groups.groups})
    inputs, outputs = ["labour", "capital", "energy"], ["value_added"]
    bads, by = ["wastewater", "so2", "soot"], ["region", "stage"]
    efficiency = sbm(cities, inputs, outputs, bads, returns_to_scale="crs", frontier="global", by=by)
    growth = malmquist_luenberger(cities, inputs, outputs, bads, reference="global", by=by)
    geo = cities.assign(efficiency=efficiency.scores, tfpch=growth.to_frame()["tfpch"])
    drivers = ["ln_pgdp", "industry_share", "rd_share", "fiscal_share", "env_regulation", "fdi_share"]
    with _step("Regenerative cities"):
        scores, growths = (focus(geo, name, by="stage", group="regenerative") for name in ("efficiency", "tfpch"))
    found: Results = {"join": joined, "groups": groups, "efficiency": efficiency, "regenerative-efficiency": scores}
    found |= {"productivity": growth, "regenerative-productivity": growths}
    weights = geo.weights("queen", islands="nearest")
    found |= _places(geo, weights)
    with _step("Cluster stability"):
        last = geo.where_periods([geo.periods[-1]])
        found["stability"] = cluster_stability(bootstrap(radial(last, inputs, outputs, bads), DRAWS), weights)
    return {**found, **_drivers(geo, weights, drivers)}


def china_power() -> Results:
    """Thermal power in 30 provinces of China, 2007–2017, with carbon dioxide as undesirable output."""
    with _step("Join"):
        geo = _provinces()
    inputs, outputs, bads = ["capacity", "labour", "energy"], ["electricity"], ["co2"]
    efficiency = sbm(geo, inputs, outputs, bads, returns_to_scale="crs", frontier="global", by=["region"])
    growth = malmquist_luenberger(geo, inputs, outputs, bads, by=["region"])
    geo = geo.assign(efficiency=efficiency.scores)
    with _step("Moran's I"):
        trend = moran(geo, "efficiency", "queen")
    return {"join": geo, "efficiency": efficiency, "productivity": growth, "moran": trend}


def _places(geo: GeoPanel, weights: Weights) -> Results:
    """Clusters of the column ``efficiency``."""
    with _step("Moran's I"):
        trend = moran(geo, "efficiency", weights)
    with _step("Local clusters"):
        clusters = lisa(geo.where_periods([geo.periods[-1]]), "efficiency", weights)
    return {"moran": trend, "clusters": clusters}


def _drivers(geo: GeoPanel, weights: Weights, drivers: Sequence[str]) -> Results:
    """What goes with the column ``efficiency``."""
    with _step("Regressions"):
        plain = ols(geo, "efficiency", drivers, effects="twoway", errors="clustered")
        advice = spatial_tests(plain, weights)
        lag, error, durbin = (
            spatial_panel(geo, "efficiency", drivers, weights, model=model, effects="twoway") for model in SPATIAL
        )
    return {
        "ols": plain,
        "spatial-tests": advice,
        "spatial-durbin": durbin,
        "spatial-effects": durbin.effects(),
        "comparison": compare([plain, lag, error, durbin]),
    }


def _provinces() -> GeoPanel:
    panel = read_panel(data_path("panels/china_power.csv"), unit="code", period="year")
    return join(panel, read_boundaries(data_path("shapefiles/china_provinces.shp"), unit="code"))


def _prefectures() -> GeoPanel:
    panel = read_panel(data_path("panels/china_prefectures_simulated.csv"), unit="code", period="year")
    return join(panel, read_boundaries(data_path("shapefiles/china_prefectures.shp"), unit="code"))


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
    "china": ("Eco-efficiency of China's prefectures, simulated data, 2000–2017", china),
    "china-power": ("Thermal power in China's provinces, 2007–2017", china_power),
    "us-states": ("Efficiency of 48 US states, 1970–1986", us_states),
}
NAMES = tuple(DEMOS)

"""Simulate a panel of China's prefectures, 2000 to 2017, from a process whose parameters are known.

    python data/build/china_panel.py

No figure in it was ever observed: it is there to teach the methods and to test the estimators, which must find the
parameters again. They stand below, and in the JSON file that is written beside the panel. Needs nothing but the
package; running it again writes the same bytes.

    efficiency   e(t) = rho W e(t) + X(t) beta + W X(t) theta + group + own exp(-decay t) + year + noise
    output       value_added = exp(progress t) A capital^a labour^b energy^c e(t)
    emissions    bad = intensity exp(-abatement t) value_added^elasticity e(t)^-waste noise

W are row-standardised queen weights of the schematic layer; e is held between 0.05 and 1 (which few rows need).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

import ecospatial as es
from ecospatial.geo import facts

DATA = Path(__file__).resolve().parents[1]
SEED = 20_170
YEARS = np.arange(2000, 2018)
ISLAND = "460300"  # Sansha touches no other unit and has no economy to speak of

PARAMETERS = {
    "rho": 0.35,
    "beta": {
        "ln_pgdp": 0.05,
        "industry_share": -0.002,
        "rd_share": 0.03,
        "fiscal_share": -0.002,
        "env_regulation": 0.08,
        "fdi_share": 0.008,
    },
    "theta": {
        "ln_pgdp": 0.02,
        "industry_share": -0.001,
        "rd_share": 0.015,
        "fiscal_share": 0.0,
        "env_regulation": -0.04,
        "fdi_share": 0.0,
    },
    "sigma": 0.03,
    "intercept": -0.21,
    "region": {"East": 0.05, "Central": 0.0, "West": -0.02, "Northeast": -0.03},
    "stage": {"none": 0.0, "growing": -0.01, "mature": -0.04, "declining": -0.07, "regenerative": -0.02},
    "own": {"sd": 0.08, "decay": 0.03},
    "year_sd": 0.01,
    "frontier": {"scale": 1.2, "capital": 0.45, "labour": 0.35, "energy": 0.2, "progress": 0.02},
    "emissions": {
        "wastewater": {"intensity": 25.0, "elasticity": 0.9, "abatement": 0.03, "waste": 1.0, "noise": 0.25},
        "so2": {"intensity": 400.0, "elasticity": 0.85, "abatement": 0.05, "waste": 1.2, "noise": 0.3},
        "soot": {"intensity": 180.0, "elasticity": 0.8, "abatement": 0.04, "waste": 0.8, "noise": 0.35},
    },
}
# Mean in 2000, change a year, spread between units, spread between years, lowest and highest value.
DRIVERS = {
    "ln_pgdp": (8.8, 0.11, 0.45, 0.12, 6.0, 13.0),
    "industry_share": (45.0, 0.15, 9.0, 4.0, 10.0, 90.0),
    "rd_share": (0.7, 0.05, 0.35, 0.25, 0.05, 6.0),
    "fiscal_share": (11.0, 0.5, 4.0, 2.5, 3.0, 90.0),
    "env_regulation": (0.4, 0.015, 0.1, 0.08, 0.05, 1.0),
    "fdi_share": (2.4, -0.03, 1.2, 0.8, 0.0, 15.0),
}
FIELDS = {
    "code": "GB/T 2260 code at the end of 2015",
    "year": "2000 to 2017",
    "simulated": "1: no figure was observed",
    "labour": "employees in industry, 10^4 persons",
    "capital": "capital stock of industry, 10^8 yuan of 2000",
    "energy": "energy used by industry, 10^4 tonnes of coal equivalent",
    "value_added": "value added of industry, 10^8 yuan of 2000",
    "wastewater": "industrial wastewater, 10^4 tonnes",
    "so2": "industrial sulphur dioxide, tonnes",
    "soot": "industrial soot, tonnes",
    "population": "residents of the urban area, 10^4 persons",
    "ln_pgdp": "logarithm of GDP a head in yuan of 2000",
    "industry_share": "secondary sector in GDP, %",
    "rd_share": "research and development in GDP, %",
    "fiscal_share": "government spending in GDP, %",
    "env_regulation": "index of environmental regulation, 0 to 1",
    "fdi_share": "foreign direct investment in GDP, %",
    "resource_share": "resource-intensive branches in industry, %",
    "labour_share": "labour-intensive branches in industry, %",
    "technology_share": "capital- and technology-intensive branches in industry, %",
    "true_efficiency": "the efficiency that the process gave the unit",
}


class Process:
    """The units, their weights and the random draws; arrays are of shape (T, n)."""

    def __init__(self) -> None:
        layer = es.read_boundaries(DATA / "shapefiles" / "china_prefectures.shp", unit="code")
        self.units = layer.subset([code for code in layer.ids if code != ISLAND])
        self.codes = pd.Index([str(code) for code in self.units.ids])
        self.groups = facts.prefectures().loc[self.codes]
        self.weights = sparse.csr_matrix(es.Weights.queen(self.units, transform="row").sparse)
        self.random = np.random.Generator(np.random.PCG64(SEED))
        self.shape = (len(YEARS), len(self.codes))
        self.time = (YEARS - YEARS[0])[:, None]

    def solve(self, rho: float, values: np.ndarray) -> np.ndarray:
        """``(I - rho W)^-1`` applied to the rows of (T, n)."""
        system = sparse.eye(self.shape[1], format="csc") - rho * self.weights.tocsc()
        return splu(system).solve(values.T).T

    def smooth(self) -> np.ndarray:
        """A field over the units in which neighbours are alike, of mean 0 and deviation 1, shape (n,)."""
        field = self.solve(0.7, self.random.standard_normal((1, self.shape[1])))[0]
        return (field - field.mean()) / field.std()

    def drivers(self) -> dict[str, np.ndarray]:
        """Level, trend and noise of every driver."""
        east = (self.groups["region"] == "East").to_numpy() - 0.3
        found = {}
        for name, (mean, change, between, within, low, high) in DRIVERS.items():
            unit = between * (self.smooth() + (east if name in ("ln_pgdp", "rd_share", "fdi_share") else 0.0))
            noise = within * self.random.standard_normal(self.shape)
            found[name] = np.clip(mean + change * self.time + unit + noise, low, high).round(3)
        return found

    def efficiency(self, drivers: dict[str, np.ndarray]) -> np.ndarray:
        """The spatial Durbin process."""
        known = PARAMETERS
        level = self.groups["region"].map(known["region"]) + self.groups["stage"].map(known["stage"])
        own = (
            known["own"]["sd"] * self.random.standard_normal(self.shape[1]) * np.exp(-known["own"]["decay"] * self.time)
        )
        year = known["year_sd"] * self.random.standard_normal((self.shape[0], 1))
        noise = known["sigma"] * self.random.standard_normal(self.shape)
        mean = known["intercept"] + level.to_numpy() + own + year + noise
        for name, values in drivers.items():
            mean = mean + known["beta"][name] * values + known["theta"][name] * (self.weights @ values.T).T
        return np.clip(self.solve(known["rho"], mean), 0.05, 1.0)

    def production(self, drivers: dict[str, np.ndarray], efficiency: np.ndarray) -> dict[str, np.ndarray]:
        """Population, inputs, output and emissions."""
        whole_province = self.codes.str.endswith("0000")
        people = np.exp(4.1 + 0.6 * self.smooth() + 1.8 * whole_province + 0.02 * self.time)
        noise = iter(np.exp(0.25 * self.random.standard_normal((3, *self.shape))))
        labour = 0.16 * people * next(noise)
        capital = 6e-5 * people * np.exp(drivers["ln_pgdp"]) * next(noise)
        energy = 1.5 * people**0.9 * (drivers["industry_share"] / 45) * np.exp(0.04 * self.time) * next(noise)
        known = PARAMETERS["frontier"]
        best = known["scale"] * capital ** known["capital"] * labour ** known["labour"] * energy ** known["energy"]
        output = best * np.exp(known["progress"] * self.time) * efficiency
        found = {"labour": labour, "capital": capital, "energy": energy, "value_added": output}
        for name, rule in PARAMETERS["emissions"].items():
            luck = np.exp(rule["noise"] * self.random.standard_normal(self.shape))
            cleaner = np.exp(-rule["abatement"] * self.time)
            level = rule["intensity"] * cleaner * output ** rule["elasticity"]
            found[name] = level * efficiency ** -rule["waste"] * luck
        return found | {"population": people}

    def branches(self) -> dict[str, np.ndarray]:
        """Shares of industry in per cent; resource-based cities have more resource-intensive branches."""
        based = (self.groups["stage"] != facts.NO_STAGE).to_numpy()
        resource = 0.6 * self.smooth() + 0.9 * based - 0.02 * self.time + 0.1 * self.random.standard_normal(self.shape)
        technology = 0.5 * self.smooth() + 0.03 * self.time + 0.1 * self.random.standard_normal(self.shape)
        parts = np.exp(np.stack([resource, np.zeros(self.shape), technology]))
        shares = (100 * parts / parts.sum(axis=0)).round(2)
        shares[2] = (100 - shares[0] - shares[1]).round(2)
        return dict(zip(("resource_share", "labour_share", "technology_share"), shares, strict=True))


def significant(values: np.ndarray, digits: int = 4) -> np.ndarray:
    """Positive values with so many significant digits."""
    return np.array([float(f"{value:.{digits}g}") for value in values])


def simulate() -> pd.DataFrame:
    """The panel sorted by code and year."""
    process = Process()
    drivers = process.drivers()
    efficiency = process.efficiency(drivers)
    economy = process.production(drivers, efficiency)
    index = pd.MultiIndex.from_product([process.codes, YEARS], names=["code", "year"])
    rounded = {name: significant(values.T.ravel()) for name, values in economy.items()}
    plain = {name: values.T.ravel() for name, values in (drivers | process.branches()).items()}
    columns = rounded | plain | {"true_efficiency": efficiency.T.ravel().round(5)}
    frame = pd.DataFrame(columns, index=index).assign(simulated=1).reset_index()
    return frame[list(FIELDS)]


def write(panel: pd.DataFrame, target: Path) -> None:
    """Write the panel, and what it is beside it."""
    panel.to_csv(target, index=False, lineterminator="\n", encoding="utf-8")
    about = {
        "simulated": True,
        "statement": "Simulated from a process with known parameters; no figure was observed.",
        "script": "data/build/china_panel.py",
        "seed": SEED,
        "units": int(panel["code"].nunique()),
        "years": [int(YEARS[0]), int(YEARS[-1])],
        "fields": FIELDS,
        "parameters": PARAMETERS,
        "drivers": DRIVERS,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    target.with_suffix(".json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(simulate(), DATA / "panels" / "china_prefectures_simulated.csv")

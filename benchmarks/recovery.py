"""Whether a spatial Durbin panel finds the parameters that made the data, and what estimated scores do to them.

    python benchmarks/recovery.py --panels 1000 --out build/recovery.md

Each panel has 64 cities on an 8 × 8 chessboard (rook neighbours) and 8 years. True efficiency follows a spatial Durbin
process of two drivers with city and year effects; output is a Cobb–Douglas product of two inputs times efficiency.
The model is fitted to true efficiency, and to the radial output scores of a global VRS frontier that know only
inputs and output. The table has the mean estimate, its bias, and how often the 95 % interval holds the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import ecospatial as es

SIDE, YEARS = 8, 8
RHO, BETA, THETA, NOISE = 0.4, (0.03, -0.02), (0.02, 0.01), 0.03
DRIVERS = ["rd", "fdi"]
SEED = 20_260_101
CENTRE = 0.55  # of true efficiency, far enough from 0 and 1 to stay between them


def chessboard() -> es.Weights:
    """Row-standardised rook neighbours."""
    cells = np.arange(SIDE**2).reshape(SIDE, SIDE)
    links = np.zeros((SIDE**2, SIDE**2))
    for one, other in ((cells[:, 1:], cells[:, :-1]), (cells[1:], cells[:-1])):
        links[one.ravel(), other.ravel()] = links[other.ravel(), one.ravel()] = 1.0
    return es.Weights.from_sparse(links, range(SIDE**2))


def panels(count: int, weights: es.Weights) -> Iterator[es.Panel]:
    """Simulated panels, each from a stream of its own."""
    spread = np.linalg.inv(np.eye(SIDE**2) - RHO * weights.sparse.toarray())
    for seed in np.random.SeedSequence(SEED).spawn(count):
        yield one_panel(np.random.default_rng(seed), weights, spread)


def one_panel(draw: np.random.Generator, weights: es.Weights, spread: np.ndarray) -> es.Panel:
    """One panel: drivers, true efficiency, inputs and output."""
    shape = (YEARS, SIDE**2)
    city, year = draw.normal(0, 0.02, SIDE**2), draw.normal(0, 0.01, (YEARS, 1))
    # Drivers go with the effects of their city, which random effects would take for their own.
    drivers = [draw.normal(size=shape) + 20 * city for _ in DRIVERS]
    signal = sum(b * x + t * x @ weights.sparse.T for b, t, x in zip(BETA, THETA, drivers, strict=True))
    process = (signal + city + year + draw.normal(0, NOISE, shape)) @ spread.T
    efficiency = np.clip(CENTRE + process - process.mean(), 0.05, 1.0)
    labour, capital = draw.lognormal(2.0, 0.5, shape), draw.lognormal(3.0, 0.5, shape)
    columns = {
        **dict(zip(DRIVERS, drivers, strict=True)),
        "efficiency": efficiency,
        "labour": labour,
        "capital": capital,
        "output": labour**0.4 * capital**0.5 * efficiency,
    }
    years, cities = np.indices(shape)
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    return es.Panel.from_frame(frame.assign(city=cities.ravel(), year=years.ravel()), unit="city", period="year")


def truth(weights: es.Weights) -> pd.Series:
    """The parameters, and the effects that follow from them, by dense algebra."""
    spread = np.linalg.inv(np.eye(SIDE**2) - RHO * weights.sparse.toarray())
    found = {"rho": RHO, **dict(zip(DRIVERS, BETA, strict=True))}
    found |= {f"W_{name}": value for name, value in zip(DRIVERS, THETA, strict=True)}
    for name, beta, theta in zip(DRIVERS, BETA, THETA, strict=True):
        moves = spread @ (beta * np.eye(SIDE**2) + theta * weights.sparse.toarray())
        direct, total = float(np.trace(moves)) / SIDE**2, float(moves.sum()) / SIDE**2
        found |= {f"direct {name}": direct, f"indirect {name}": total - direct, f"total {name}": total}
    return pd.Series(found)


def estimates(panel: es.Panel, column: str, weights: es.Weights) -> tuple[pd.Series, pd.Series]:
    """What one model says: estimates and standard errors of parameters and effects."""
    model = es.spatial_panel(panel, column, DRIVERS, weights, model="durbin", effects="twoway")
    effects = model.effects().to_frame()
    values, errors = model.params.to_dict(), model.std_errors.to_dict()
    for kind in ("direct", "indirect", "total"):
        values |= {f"{kind} {name}": effects.loc[name, kind] for name in DRIVERS}
        errors |= {f"{kind} {name}": effects.loc[name, f"{kind}_se"] for name in DRIVERS}
    return pd.Series(values), pd.Series(errors)


def recovered(found: list[tuple[pd.Series, pd.Series]], actual: pd.Series) -> pd.DataFrame:
    """Mean estimate, bias and coverage of 95 % intervals over all panels."""
    values, errors = (pd.DataFrame(part)[actual.index] for part in zip(*found, strict=True))
    inside = (values - actual).abs() <= 1.959963984540054 * errors
    return pd.DataFrame(
        {
            "truth": actual,
            "mean": values.mean(),
            "bias": values.mean() - actual,
            "error_of_the_mean": values.std() / np.sqrt(len(values)),
            "coverage": inside.mean(),
        }
    )


def estimated_scores(panel: es.Panel) -> es.Panel:
    """The panel with the radial scores that a researcher would have, on the scale of true efficiency.

    A frontier knows only relations: the best city has a score of one, whatever its true efficiency.
    """
    scores = es.radial(panel, ["labour", "capital"], ["output"], orientation="output", frontier="global")
    return panel.assign(score=scores.efficiency * panel["efficiency"].max())


def study(count: int) -> dict[str, pd.DataFrame]:
    """Recovery on true and on estimated efficiency."""
    weights = chessboard()
    found: dict[str, list[Any]] = {"true efficiency": [], "estimated scores": []}
    for panel in panels(count, weights):
        found["true efficiency"].append(estimates(panel, "efficiency", weights))
        found["estimated scores"].append(estimates(estimated_scores(panel), "score", weights))
    return {name: recovered(rows, truth(weights)) for name, rows in found.items()}


def table(found: dict[str, pd.DataFrame]) -> str:
    lines = [
        "| term | truth | on true efficiency: mean | bias | coverage | on estimated scores: mean | share of truth |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    actual, scores = found["true efficiency"], found["estimated scores"]
    for term, row in actual.iterrows():
        other = scores.loc[term, "mean"]
        lines.append(
            f"| {term} | {row['truth']:.4f} | {row['mean']:.4f} | {row['bias']:+.4f} | {row['coverage']:.3f} "
            f"| {other:.4f} | {other / row['truth']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--panels", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    text = table(study(given.panels))
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The Malmquist index beside what people use, in one run on one thread.

    python benchmarks/productivity.py --out build/productivity.md

Output-oriented indices of Färe, Grosskopf, Norris & Zhang (1994) with all five components for 285 units over 18 years,
three inputs and two outputs. A slow engine answers a part of the panel and its time is scaled up by the count of
linear programmes, which the table marks with ~. DEAPack is installed from PyPI into an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import Figures, apart, measured, peer_python

INPUTS, OUTPUTS = ["x0", "x1", "x2"], ["y0", "y1"]
COMPONENTS = {
    "tfpch": "productivity_change",
    "effch": "efficiency_change",
    "techch": "technical_change",
    "pech": "pure_efficiency_change",
    "sech": "fgnz_scale_change",
}
HIGHSPY_UNITS, DEAPACK_YEARS = 10, 4


def panel(units: int, years: int) -> Any:
    """Units that spread around a frontier which moves by 2 % a year."""
    import numpy as np
    import pandas as pd

    draw = np.random.default_rng(0)
    size = draw.lognormal(3.0, 0.6, (1, units, 1))
    inputs = size * draw.lognormal(0.0, 0.2, (years, units, 3))
    level = 1.02 ** np.arange(years)[:, None] * np.exp(-np.abs(draw.normal(0.0, 0.3, (years, units))))
    mix = draw.uniform(0.3, 0.7, (years, units))
    made = level * np.prod(inputs**0.3, axis=2)
    values = np.dstack([inputs, made * np.sqrt(mix), made * np.sqrt(1.0 - mix)])
    frame = pd.DataFrame(values.reshape(-1, 5), columns=[*INPUTS, *OUTPUTS])
    return frame.assign(city=np.tile(np.arange(units), years), year=2000 + np.repeat(np.arange(years), units))


def programmes(units: int, years: int) -> int:
    """Distances of an index with all five components: two of the own year, and two across each pair of years."""
    return 2 * units * years + 2 * units * (years - 1)


def toolkit(frame: Any) -> Any:
    """The whole public call."""
    from ecospatial.panel import Panel
    from ecospatial.productivity.malmquist import malmquist

    return malmquist(Panel.from_frame(frame, unit="city", period="year"), INPUTS, OUTPUTS).components


def highspy(frame: Any) -> Any:
    """A fresh linear programme for each distance, as a script would write it; the first units only."""
    import numpy as np
    import pandas as pd

    years = sorted(frame["year"].unique())
    cubes = {year: frame[frame["year"] == year].set_index("city")[[*INPUTS, *OUTPUTS]].to_numpy() for year in years}
    rows = {}
    for earlier, later in zip([None, *years[:-1]], years, strict=True):
        for unit in range(min(HIGHSPY_UNITS, len(cubes[later]))):
            own, pure = (distance(cubes[later], cubes[later][unit], variable) for variable in (False, True))
            rows[unit, later] = {"own": own, "pure": pure}
            if earlier is not None:
                rows[unit, later]["forward"] = distance(cubes[earlier], cubes[later][unit], False)
                rows[unit, later]["back"] = distance(cubes[later], cubes[earlier][unit], False)
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["unit", "period"])
    change = found / found.groupby(level="unit").shift()
    ratio = np.sqrt(found["forward"] / found["back"] / change["own"])
    parts = {"tfpch": ratio * change["own"], "effch": change["own"], "techch": ratio, "pech": change["pure"]}
    return pd.DataFrame({**parts, "sech": change["own"] / change["pure"]}).dropna()


def distance(reference: Any, own: Any, variable: bool) -> float:
    """Shephard's output distance by one linear programme."""
    import numpy as np

    from ecospatial.kernels.highs import ask_highspy

    count, bound = len(reference), len(INPUTS)
    moved = np.concatenate([np.zeros(bound), -np.ones(len(own) - bound)])[:, None]
    slacks = np.diag(np.where(np.arange(len(own)) < bound, 1.0, -1.0))
    matrix = np.hstack([(reference / own).T, moved, slacks])
    rhs = np.where(np.arange(len(own)) < bound, 1.0, 0.0)
    if variable:
        matrix = np.vstack([matrix, np.repeat([1.0, 0.0], [count, 1 + len(own)])])
        rhs = np.append(rhs, 1.0)
    costs = np.zeros(matrix.shape[1])
    costs[count] = -1.0
    _, point, _ = ask_highspy(costs, matrix, rhs, {})
    return float(1.0 / point[count])


def deapack(frame: Any) -> Any:
    """DEAPack's index of the same components; the first years only."""
    from deapack import DEAData, FGNZEnhancedMalmquist  # type: ignore[import-not-found]

    some = frame[frame["year"] < frame["year"].min() + DEAPACK_YEARS]
    data = DEAData.from_frame(some, dmu="city", period="year", inputs=INPUTS, outputs=OUTPUTS)
    found = FGNZEnhancedMalmquist().fit(data).summary_frame
    found = found.rename(columns={theirs: ours for ours, theirs in COMPONENTS.items()})
    return found.rename(columns={"dmu_id": "unit"}).set_index(["unit", "period"])[list(COMPONENTS)]


ENGINES: dict[str, Callable[[Any], Any]] = {"ecospatial": toolkit, "highspy": highspy, "DEAPack": deapack}


def part(engine: str, units: int, years: int) -> float:
    """The share of all linear programmes that an engine is given."""
    some = {"highspy": (min(HIGHSPY_UNITS, units), years), "DEAPack": (units, min(DEAPACK_YEARS, years))}
    return programmes(*some.get(engine, (units, years))) / programmes(units, years)


def one(engine: str, units: int, years: int, kept: Path) -> Figures:
    """Time one engine in this process and keep its components."""
    ENGINES[engine](panel(8, 2))  # what is imported at the first call does not count
    frame, found = panel(units, years), []
    figures = measured(lambda: found.append(ENGINES[engine](frame)))
    found[0].to_csv(kept)
    share = part(engine, units, years)
    return {**figures, "seconds": figures["seconds"] / share, "sampled": float(share < 1)}


def difference(ours: Path, theirs: Path) -> float:
    """The largest difference of a component from the toolkit's, relative to it."""
    import pandas as pd

    base, other = (pd.read_csv(path, index_col=["unit", "period"])[list(COMPONENTS)] for path in (ours, theirs))
    return float((other / base.loc[other.index] - 1.0).abs().max(axis=None))


def table(found: dict[str, Figures | None], distances: int) -> str:
    """Seconds, times the toolkit's, memory and differences, as Markdown."""
    lines = [
        f"| engine ({distances:,} distances) | CPU seconds | times ecospatial | peak GB | largest difference |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    base = found["ecospatial"]
    for engine, row in found.items():
        if row is None or base is None:
            lines.append(f"| {engine} | – | – | – | – |")
            continue
        about = "~" if row["sampled"] else ""
        cells = [engine, f"{about}{row['seconds']:,.2f}", f"{about}{row['seconds'] / base['seconds']:,.1f}"]
        lines.append(f"| {' | '.join(cells)} | {row['gigabytes']:.2f} | {row['difference']:.0e} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=285)
    parser.add_argument("--years", type=int, default=18)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--peers", type=Path, default=Path("build/peers"), help="environment of the peers")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds after which an engine is given up")
    parser.add_argument("--out", type=Path, default=Path("build/productivity.md"))
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, kept = given.one
        print(json.dumps(one(engine, given.units, given.years, Path(kept))))
        return
    found: dict[str, Figures | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        kept = {engine: Path(folder) / f"{engine}.csv" for engine in ENGINES}
        for engine in dict.fromkeys(["ecospatial", *given.engines]):
            python = peer_python(given.peers) if engine == "DEAPack" else sys.executable
            size = ["--units", str(given.units), "--years", str(given.years)]
            row = apart(__file__, [*size, "--one", engine, str(kept[engine])], python, given.limit)
            if row is not None and kept["ecospatial"].exists():
                row["difference"] = difference(kept["ecospatial"], kept[engine])
            found[engine] = row
            print(table(found, programmes(given.units, given.years)), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found, programmes(given.units, given.years)), encoding="utf-8")


if __name__ == "__main__":
    main()

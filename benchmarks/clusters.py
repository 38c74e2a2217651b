"""Local Moran clusters beside what people use, in one run, each engine in a process and on a thread of its own.

    python benchmarks/clusters.py --out build/clusters.md

LISA of a square grid with queen neighbours, row-standardised, conditional permutation. "fresh" is everything that a
new process needs for one answer, imports and compilation included, but for making the data; "warm" is the second
answer of the same process. p-values are one-sided, as GeoDa and PySAL give them; the last column is their largest
difference from the toolkit's, which is Monte Carlo noise. pygeoda is installed from PyPI, apart from the others.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import Figures, apart, measured, peer_python

# Name: side of the grid, periods, permutations.
SIZES = {"2,916 × 18, 999": (54, 18, 999), "28,900 × 1, 9,999": (170, 1, 9999)}
ENGINES = ("ecospatial", "esda", "pygeoda")


def make(folder: Path, side: int, periods: int) -> None:
    """Values, links and, for pygeoda, a shapefile with a column a period."""
    import geopandas
    import numpy as np
    import shapely

    x, y = (place.ravel() for place in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    values = np.random.default_rng(0).normal(size=(periods, side * side)) + np.sin(x / 5) * np.cos(y / 7)
    steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    inside = [(x + a >= 0) & (x + a < side) & (y + b >= 0) & (y + b < side) for a, b in steps]
    rows = np.concatenate([np.flatnonzero(kept) for kept in inside])
    columns = np.concatenate([((x + a) * side + y + b)[kept] for (a, b), kept in zip(steps, inside, strict=True)])
    np.savez(folder / "data.npz", values=values, rows=rows, columns=columns)
    frame = geopandas.GeoDataFrame(
        {f"y{period}": row for period, row in enumerate(values)}, geometry=shapely.box(x, y, x + 1, y + 1)
    )
    frame.to_file(folder / "grid.shp")


def toolkit(folder: Path, permutations: int) -> Callable[[], Any]:
    """The whole public call."""
    import numpy as np
    import pandas as pd
    from scipy import sparse

    from ecospatial import Panel, Weights, lisa

    data = np.load(folder / "data.npz")
    periods, count = data["values"].shape
    links = (np.ones(len(data["rows"])), (data["rows"], data["columns"]))
    weights = Weights.from_sparse(sparse.csr_matrix(links, shape=(count, count)), range(count))
    table = {"unit": np.tile(np.arange(count), periods), "period": np.repeat(np.arange(periods), count)}
    panel = Panel.from_frame(pd.DataFrame({**table, "y": data["values"].ravel()}), unit="unit", period="period")
    return lambda: lisa(panel, "y", weights, permutations, "directed").p_sim.to_numpy().reshape(periods, count)


def esda(folder: Path, permutations: int) -> Callable[[], Any]:
    """A period after the other, as a script would do it."""
    import numpy as np
    from esda import Moran_Local
    from libpysal.weights import WSP
    from scipy import sparse

    data = np.load(folder / "data.npz")
    count = data["values"].shape[1]
    links = (np.ones(len(data["rows"])), (data["rows"], data["columns"]))
    weights = WSP(sparse.csr_matrix(links, shape=(count, count))).to_W(silence_warnings=True)
    weights.transform = "r"
    options = {"permutations": permutations, "n_jobs": 1, "keep_simulations": False, "seed": 1}
    return lambda: np.array([Moran_Local(row, weights, **options).p_sim for row in data["values"]])


def pygeoda(folder: Path, permutations: int) -> Callable[[], Any]:
    """A period after the other, on one thread."""
    import pygeoda as geoda  # type: ignore[import-not-found]

    grid = geoda.open(str(folder / "grid.shp"))
    weights = geoda.queen_weights(grid)
    names = [name for name in grid.field_names if name.startswith("y")]
    columns = [grid.GetRealCol(name) for name in names]

    def answer() -> Any:
        found = [
            geoda.local_moran(weights, column, permutations=permutations, cpu_threads=1, seed=1) for column in columns
        ]
        return [list(one.lisa_pvalues()) for one in found]

    return answer


MAKERS: dict[str, Callable[[Path, int], Callable[[], Any]]] = {
    "ecospatial": toolkit,
    "esda": esda,
    "pygeoda": pygeoda,
}


def one(engine: str, folder: Path, permutations: int) -> Figures:
    """Prepare, answer twice, keep the p-values."""
    begun = time.process_time()
    answer = MAKERS[engine](folder, permutations)
    prepared = time.process_time() - begun
    kept: list[Any] = []
    first = measured(lambda: kept.append(answer()))
    fresh = time.process_time()
    warm = measured(answer)
    (folder / f"{engine}.json").write_text(json.dumps([list(map(float, row)) for row in kept[0]]))
    return {"fresh": fresh, "prepared": prepared, "first": first["seconds"], "warm": warm["seconds"],
            "gigabytes": first["gigabytes"]}  # fmt: skip


def difference(folder: Path, engine: str) -> float:
    """The largest difference of a p-value from the toolkit's."""
    ours, theirs = (json.loads((folder / f"{name}.json").read_text()) for name in ("ecospatial", engine))
    return max(
        abs(one - other) for row, their in zip(ours, theirs, strict=True) for one, other in zip(row, their, strict=True)
    )


def table(found: dict[str, dict[str, Figures | None]]) -> str:
    """CPU seconds, times the toolkit's, memory and differences, as Markdown."""
    lines = [
        "| units × periods, permutations | engine | fresh process | warm | times ecospatial, warm | peak GB | largest"
        " difference of p |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, engines in found.items():
        base = engines["ecospatial"]
        for engine, row in engines.items():
            if row is None or base is None:
                lines.append(f"| {size} | {engine} | – | – | – | – | – |")
                continue
            cells = [size, engine, f"{row['fresh']:.2f}", f"{row['warm']:.3f}", f"{row['warm'] / base['warm']:,.1f}"]
            lines.append(f"| {' | '.join(cells)} | {row['gigabytes']:.2f} | {row['difference']:.3f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--peers", type=Path, default=Path("build/peers-clusters"), help="environment of pygeoda")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which an engine is given up")
    parser.add_argument("--out", type=Path, default=Path("build/clusters.md"))
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "FOLDER", "PERMUTATIONS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, folder, permutations = given.one
        print(json.dumps(one(engine, Path(folder), int(permutations))))
        return
    found: dict[str, dict[str, Figures | None]] = {}
    for size, (side, periods, permutations) in SIZES.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            make(folder, side, periods)
            found[size] = {}
            for engine in dict.fromkeys(["ecospatial", *given.engines]):
                python = peer_python(given.peers, ("pygeoda",)) if engine == "pygeoda" else sys.executable
                row = apart(__file__, ["--one", engine, place, str(permutations)], python, given.limit)
                if row is not None:
                    row["difference"] = difference(folder, engine)
                found[size][engine] = row
                print(table(found), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

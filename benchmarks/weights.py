"""Spatial weights beside libpysal, in one run on one thread.

    python benchmarks/weights.py --out build/weights.md

A map like that of a country's counties (2,900 random cells whose borders have 1.1 million vertices), a lattice of
100,489 cells and 100,000 random points; from the map in memory to the sparse matrix. Every matrix is compared with
libpysal's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import Figures, apart, measured

COUNTIES, VERTICES, SIDE, POINTS = 2900, 1.1e6, 317, 100_000
REACH = 0.008  # about twenty neighbours a point


def counties(share: float) -> Any:
    """Random cells of the unit square, their borders drawn with many vertices."""
    import numpy as np
    import shapely

    square = shapely.box(0, 0, 1, 1)
    places = np.random.default_rng(0).uniform(0, 1, (max(10, int(COUNTIES * share)), 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=square))
    cells = shapely.intersection(cells, square)
    drawn = shapely.segmentize(cells, shapely.length(cells).sum() / (VERTICES * max(share, 1e-3)))
    return shapely.transform(drawn, lambda vertices: vertices.round(9))  # both sides of a border have the same


def lattice(share: float) -> Any:
    """Unit squares."""
    import numpy as np
    import shapely

    x, y = (side.ravel() for side in np.meshgrid(*[np.arange(max(4, int(SIDE * share**0.5)))] * 2))
    return shapely.box(x, y, x + 1, y + 1)


def points(share: float) -> Any:
    """Random places in the unit square."""
    import numpy as np
    import shapely

    return shapely.points(np.random.default_rng(0).uniform(0, 1, (max(100, int(POINTS * share)), 2)))


MAPS: dict[str, Callable[[float], Any]] = {"counties": counties, "lattice": lattice, "points": points}
# Name for people, map, and the kind with its options as each engine has it.
CASES: dict[str, tuple[str, str, Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "queen": (
        "queen, 2,900 units, 1.1 million vertices",
        "counties",
        lambda weights, shapes: weights.queen(shapes, transform="binary"),
        lambda graph, shapes: graph.build_contiguity(shapes, rook=False),
    ),
    "rook": (
        "rook, the same",
        "counties",
        lambda weights, shapes: weights.rook(shapes, transform="binary"),
        lambda graph, shapes: graph.build_contiguity(shapes, rook=True),
    ),
    "lattice": (
        "queen, lattice of 100,489 units",
        "lattice",
        lambda weights, shapes: weights.queen(shapes, transform="binary"),
        lambda graph, shapes: graph.build_contiguity(shapes, rook=False),
    ),
    "second-order": (
        "queen up to order 2, the same",
        "lattice",
        lambda weights, shapes: weights.build(shapes, "queen", order=2, lower_order=True, transform="binary"),
        lambda graph, shapes: graph.build_contiguity(shapes, rook=False).higher_order(2, lower_order=True),
    ),
    "knn": (
        "6 nearest, 100,000 points",
        "points",
        lambda weights, shapes: weights.knn(shapes, 6, transform="binary"),
        lambda graph, shapes: graph.build_knn(shapes, 6),
    ),
    "band": (
        "distance band, the same, 20 neighbours each",
        "points",
        lambda weights, shapes: weights.distance_band(shapes, REACH, transform="binary"),
        lambda graph, shapes: graph.build_distance_band(shapes, REACH),
    ),
    "inverse": (
        "inverse distance², the same cut-off",
        "points",
        lambda weights, shapes: weights.inverse_distance(shapes, REACH, 2, transform="none"),
        lambda graph, shapes: graph.build_distance_band(shapes, REACH, binary=False, alpha=-2.0),
    ),
    "kernel": (
        "triangular kernel, the same bandwidth",
        "points",
        lambda weights, shapes: weights.kernel(shapes, "triangular", REACH, transform="none"),
        lambda graph, shapes: graph.build_distance_band(
            shapes, REACH, binary=False, kernel="triangular", bandwidth=REACH
        ),
    ),
}


def ecospatial(case: str, shapes: Any) -> Callable[[], Any]:
    """The public call."""
    from ecospatial.geo.boundaries import Boundaries
    from ecospatial.geo.weights import Weights

    boundaries = Boundaries.of(range(len(shapes)), shapes)
    return lambda: CASES[case][2](Weights, boundaries).sparse


def libpysal(case: str, shapes: Any) -> Callable[[], Any]:
    """The public call, and the matrix."""
    import geopandas
    from libpysal.graph import Graph

    series = geopandas.GeoSeries(shapes)
    return lambda: CASES[case][3](Graph, series).sparse


ENGINES: dict[str, Callable[[str, Any], Callable[[], Any]]] = {"ecospatial": ecospatial, "libpysal": libpysal}


def one(engine: str, case: str, share: float, kept: Path) -> Figures:
    """Time one engine in this process and keep its matrix."""
    from scipy import sparse

    make = MAPS[CASES[case][1]]
    ENGINES[engine](case, make(0.0))()  # what is imported or compiled at the first call does not count
    call, found = ENGINES[engine](case, make(share)), []
    figures = measured(lambda: found.append(call()))
    sparse.save_npz(kept, sparse.csr_matrix(found[0], dtype=float))
    return figures


def difference(one: Path, other: Path) -> tuple[int, float]:
    """Links, and the largest difference of a weight relative to the largest weight."""
    from scipy import sparse

    ours, theirs = (sparse.load_npz(path) for path in (one, other))
    return int(ours.nnz), float(abs(ours - theirs).max() / ours.max())


def table(found: dict[str, dict[str, Figures | None]]) -> str:
    """Seconds and memory of both, their ratios, and the differences, as Markdown."""
    lines = [
        "| weights | links | ecospatial, s | libpysal, s | times | ecospatial, GB | libpysal, GB | difference |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case, row in found.items():
        ours, theirs = row["ecospatial"], row["libpysal"]
        if ours is None or theirs is None:
            mine = "–" if ours is None else f"{ours['seconds']:.2f}"
            lines.append(f"| {CASES[case][0]} | – | {mine} | – | – | – | – | – |")
            continue
        ratio = theirs["seconds"] / ours["seconds"]
        cells = [CASES[case][0], f"{ours['links']:,.0f}", f"{ours['seconds']:.2f}", f"{theirs['seconds']:.2f}"]
        cells += [f"{ratio:.1f}", f"{ours['gigabytes']:.2f}", f"{theirs['gigabytes']:.2f}", f"{ours['difference']:.0e}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--share", type=float, default=1.0, help="share of the units, for a quick look")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which an engine is given up")
    parser.add_argument("--out", type=Path, default=Path("build/weights.md"))
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "CASE", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, case, kept = given.one
        print(json.dumps(one(engine, case, given.share, Path(kept))))
        return
    found: dict[str, dict[str, Figures | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in given.cases:
            kept = {engine: Path(folder) / f"{case}-{engine}.npz" for engine in ENGINES}
            share = ["--share", str(given.share)]
            row = {
                engine: apart(__file__, [*share, "--one", engine, case, str(path)], sys.executable, given.limit)
                for engine, path in kept.items()
            }
            if row["ecospatial"] is not None and row["libpysal"] is not None:
                links, apart_by = difference(*kept.values())
                row["ecospatial"] |= {"links": links, "difference": apart_by}
            found[case] = row
            print(table(found), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

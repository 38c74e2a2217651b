"""The envelopment engine beside what people use, in one run on one thread.

    python benchmarks/dea.py --units 285 5130 50000 1000000 --out build/benchmark.md

Models, all with variable returns: ``radial``, three inputs and one output, input-oriented; ``sbm``, with three bads as
well; ``bootstrap``, 2,000 replications of the radial scores of 285 units. A slow engine answers a sample of the units
or replications and its time is scaled up, which the table marks with ~. DEAPack and Pyfrontier are installed from PyPI
into an environment of their own; Benchmarking and deaR take part where R has them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import PEERS, Figures, apart, measured, peer_python

INPUTS, BADS = ["x0", "x1", "x2"], ["b0", "b1", "b2"]
SAMPLE = {"highspy": 500, "scipy": 200, "pulp-cbc": 20}  # units that a slow engine answers
REPLICATIONS = {"ecospatial": 2000, "highspy": 10, "Benchmarking": 50}
R_CALLS = {
    ("Benchmarking", "radial"): "Benchmarking::dea(X, Y, RTS='vrs', ORIENTATION='in')",
    ("Benchmarking", "bootstrap"): "Benchmarking::dea.boot(X, Y, NREP=50, RTS='vrs', ORIENTATION='in')",
    ("deaR", "radial"): "deaR::model_basic(deaR::make_deadata(inputs=t(X), outputs=t(Y)), orientation='io', rts='vrs')",
}


def amounts(count: int) -> Any:
    import numpy as np

    draw = np.random.default_rng(0)
    inputs = draw.lognormal(3.0, 0.6, (count, 3))
    good = np.prod(inputs**0.3, axis=1, keepdims=True) * np.exp(-np.abs(draw.normal(0.0, 0.3, (count, 1))))
    return np.hstack([inputs, good, good**0.9 * np.exp(np.abs(draw.normal(0.0, 0.4, (count, 3))))])


def one(engine: str, units: int, model: str) -> Figures:
    """CPU seconds for the whole task, how much of it was answered, and peak memory; run in a process of its own."""
    values = amounts(units)
    values = values if model == "sbm" else values[:, :4]
    task = units if model != "bootstrap" else 2000
    some = min(SAMPLE.get(engine, units), units) if model != "bootstrap" else REPLICATIONS.get(engine, 2000)
    ENGINES[engine](values[:40], 2, model if model != "bootstrap" else "radial")  # what is imported once does not count
    figures = measured(lambda: ENGINES[engine](values, some, model))
    return {**figures, "seconds": figures["seconds"] * task / some, "sampled": float(some < task)}


def toolkit(values: Any, some: int, model: str) -> None:
    """The whole public call."""
    import pandas as pd

    import ecospatial as es

    names = [*INPUTS, "y", *BADS][: values.shape[1]]
    panel = es.Panel.from_frame(pd.DataFrame(values, columns=names).assign(city=range(len(values))), unit="city")
    if model == "sbm":
        es.sbm(panel, INPUTS, "y", BADS)
    else:
        scores = es.radial(panel, INPUTS, "y")
        if model == "bootstrap":
            es.bootstrap(scores, some)


def one_by_one(ask: Callable[..., Any]) -> Callable[[Any, int, str], None]:
    """A fresh linear programme for each unit, one stage, as a script would write it."""

    def answer(values: Any, some: int, model: str) -> None:
        import numpy as np

        if model != "bootstrap":
            every(values[:some], values, model)
            return
        draw = np.random.default_rng(0)
        for _ in range(some):
            moved = values * np.where(np.arange(4) < 3, np.exp(np.abs(draw.normal(0.0, 0.2, (len(values), 1)))), 1.0)
            every(values, moved, model)

    def every(units: Any, references: Any, model: str) -> None:
        import numpy as np

        width = units.shape[1]
        signs = np.array([1.0, 1, 1, -1, 1, 1, 1])[:width]
        slacks = np.vstack([np.diag(signs), np.zeros(width)])
        for own in units:
            columns = np.vstack([(references / own).T, np.ones(len(references))])
            if model == "sbm":
                matrix = np.hstack([columns, -np.ones((width + 1, 1)), slacks])
                line = np.concatenate([np.zeros(len(references)), [1.0], [0, 0, 0], np.full(4, 0.25)])
                matrix, rhs = np.vstack([matrix, line]), np.append(np.zeros(width + 1), 1.0)
                costs = np.concatenate([np.zeros(len(references)), [1.0], np.full(3, -1 / 3), np.zeros(4)])
            else:
                moved = np.append(-(signs > 0).astype(float), 0.0)[:, None]
                matrix, rhs = np.hstack([columns, moved, slacks]), np.append((signs < 0).astype(float), 1.0)
                costs = np.concatenate([np.zeros(len(references)), [1.0], np.zeros(width)])
            ask(costs, matrix, rhs, {})

    return answer


def solver(name: str) -> Callable[..., Any]:
    def ask(*arguments: Any) -> Any:
        from ecospatial.kernels import highs, pulp_solver

        if name == "pulp-cbc":
            import pulp

            return pulp_solver.ask_pulp(pulp.PULP_CBC_CMD(msg=False))(*arguments)
        return {"highspy": highs.ask_highspy, "scipy": highs.ask_scipy}[name](*arguments)

    return ask


def deapack(values: Any, some: int, model: str) -> None:
    """DEAPack's BCC model."""
    import pandas as pd
    from deapack import BCCInput, DEAData  # type: ignore[import-not-found]

    frame = pd.DataFrame(values, columns=[*INPUTS, "y"]).assign(city=range(len(values)))
    BCCInput().fit(DEAData.from_frame(frame, dmu="city", inputs=INPUTS, outputs="y"))


def pyfrontier(values: Any, some: int, model: str) -> None:
    """Pyfrontier's envelopment model, by PuLP and CBC."""
    from Pyfrontier.frontier_model import EnvelopDEA  # type: ignore[import-not-found]

    EnvelopDEA("VRS", "in").fit(values[:, :3], values[:, 3:4])


def in_r(package: str) -> Callable[[Any, int, str], None]:
    """A package of R, the start of R and reading the numbers included."""

    def answer(values: Any, some: int, model: str) -> None:
        import tempfile

        import numpy as np

        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            np.savetxt(file.name, values, delimiter=",")
            read = f"d <- as.matrix(read.csv('{file.name}', header=FALSE)); X <- d[, 1:3]; Y <- d[, 4, drop=FALSE]; "
            subprocess.run(["Rscript", "-e", read + R_CALLS[package, model]], check=True, capture_output=True)

    return answer


ENGINES: dict[str, Callable[[Any, int, str], None]] = {
    "ecospatial": toolkit,
    "highspy": one_by_one(solver("highspy")),
    "scipy": one_by_one(solver("scipy")),
    "pulp-cbc": one_by_one(solver("pulp-cbc")),
    "DEAPack": deapack,
    "Pyfrontier": pyfrontier,
    "Benchmarking": in_r("Benchmarking"),
    "deaR": in_r("deaR"),
}


def takes_part(engine: str, units: int, model: str) -> bool:
    """Whether an engine has the model and gets through so many units."""
    if engine == "ecospatial":
        return True
    if model == "bootstrap":
        able = engine == "highspy" or (engine, model) in R_CALLS
    elif engine in SAMPLE:
        able = units <= 50_000
    else:
        able = model == "radial" and units <= 5130
    return able and (engine not in ("Benchmarking", "deaR") or _r_has(engine))


def _r_has(package: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    call = ["Rscript", "-e", f"if (!requireNamespace('{package}', quietly=TRUE)) quit(status=1)"]
    return subprocess.run(call, check=False, capture_output=True).returncode == 0


def table(found: dict[tuple[str, int, str], Figures | None]) -> str:
    """Seconds, times the toolkit's, and memory, as Markdown."""
    lines = [
        "| model | units | engine | CPU seconds | times ecospatial | peak GB |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for (model, units, engine), row in found.items():
        base = found[model, units, "ecospatial"]
        if row is None or base is None:
            lines.append(f"| {model} | {units:,} | {engine} | – | – | – |")
            continue
        about, seconds = "~" if row["sampled"] else "", row["seconds"]
        cells = [model, f"{units:,}", engine, f"{about}{seconds:,.3f}", f"{about}{seconds / base['seconds']:,.1f}"]
        lines.append(f"| {' | '.join(cells)} | {row['gigabytes']:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, nargs="+", default=[285, 5130, 50_000])
    parser.add_argument("--models", nargs="+", default=["radial", "sbm", "bootstrap"])
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--peers", type=Path, default=Path("build/peers"), help="environment of the peers")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds after which an engine is given up")
    parser.add_argument("--out", type=Path, default=Path("build/benchmark.md"))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, units, model = given.one
        print(json.dumps(one(engine, int(units), model)))
        return
    found: dict[tuple[str, int, str], Figures | None] = {}
    for model in given.models:
        for units in given.units if model != "bootstrap" else [285]:
            for engine in given.engines:
                if not takes_part(engine, units, model):
                    continue
                python = peer_python(given.peers) if engine in PEERS else sys.executable
                found[model, units, engine] = apart(__file__, ["--one", engine, str(units), model], python, given.limit)
                print(table({key: row for key, row in found.items() if key[:2] == (model, units)}), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

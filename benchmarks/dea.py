"""The envelopment engine beside what people use, in one run on one thread.

    python benchmarks/dea.py --units 285 5130 50000 --out build/benchmark.md

Scores of radial efficiency (VRS, input orientation) and SBM with undesirable outputs; three inputs, one good and
three bads. A slow engine answers a sample of the units and its time is scaled up, which the table marks with ~.
DEAPack and Pyfrontier are installed from PyPI into an environment of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PEERS = ("DEAPack", "Pyfrontier")
INPUTS, BADS = ["x0", "x1", "x2"], ["b0", "b1", "b2"]
SAMPLE = {"highspy": 500, "scipy": 200, "pulp-cbc": 20}


def amounts(count: int) -> Any:
    import numpy as np

    draw = np.random.default_rng(0)
    inputs = draw.lognormal(3.0, 0.6, (count, 3))
    good = np.prod(inputs**0.3, axis=1, keepdims=True) * np.exp(-np.abs(draw.normal(0.0, 0.3, (count, 1))))
    return np.hstack([inputs, good, good**0.9 * np.exp(np.abs(draw.normal(0.0, 0.4, (count, 3))))])


def measured(engine: str, units: int, model: str) -> dict[str, float]:
    """CPU seconds for all units, the share that was answered, and peak memory; run in a process of its own."""
    values = amounts(units)
    answer = ENGINES[engine]
    some = min(SAMPLE.get(engine, units), units)
    answer(values[:40], 2, model)  # what is imported at the first call does not count
    begun = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    answer(values, some, model)
    spent = time.process_time() - begun[0] + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begun[1]
    return {
        "seconds": spent * units / some,
        "sampled": float(some < units),
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def toolkit(values: Any, some: int, model: str) -> None:
    """The whole public call."""
    import pandas as pd

    import ecospatial as es

    frame = pd.DataFrame(values, columns=[*INPUTS, "y", *BADS]).assign(city=range(len(values)))
    panel = es.Panel.from_frame(frame, unit="city")
    if model == "sbm":
        es.sbm(panel, INPUTS, "y", BADS)
    else:
        es.radial(panel, INPUTS, "y", BADS)


def one_by_one(ask: Callable[..., Any]) -> Callable[[Any, int, str], None]:
    """A fresh linear programme for each unit, one stage, as a script would write it."""

    def answer(values: Any, some: int, model: str) -> None:
        import numpy as np

        signs = np.array([1.0, 1, 1, -1, 1, 1, 1])
        for own in values[:some]:
            references = np.vstack([(values / own).T, np.ones(len(values))])
            slacks = np.vstack([np.diag(signs), np.zeros(7)])
            if model == "sbm":
                matrix = np.hstack([references, -np.ones((8, 1)), slacks])
                line = np.concatenate([np.zeros(len(values)), [1.0], [0, 0, 0], np.full(4, 0.25)])
                matrix, rhs = np.vstack([matrix, line]), np.append(np.zeros(8), 1.0)
                costs = np.concatenate([np.zeros(len(values)), [1.0], np.full(3, -1 / 3), np.zeros(4)])
            else:
                moved = np.append(-(signs > 0).astype(float), 0.0)[:, None]
                matrix = np.hstack([references, moved, slacks])
                rhs = np.append((signs < 0).astype(float), 1.0)
                costs = np.concatenate([np.zeros(len(values)), [1.0], np.zeros(7)])
            ask(costs, matrix, rhs, {})

    return answer


def ask(name: str) -> Callable[..., Any]:
    def asked(*arguments: Any) -> Any:
        from ecospatial.kernels import highs, pulp_solver

        if name == "pulp-cbc":
            import pulp

            return pulp_solver.ask_pulp(pulp.PULP_CBC_CMD(msg=False))(*arguments)
        return {"highspy": highs.ask_highspy, "scipy": highs.ask_scipy}[name](*arguments)

    return asked


def deapack(values: Any, some: int, model: str) -> None:
    """DEAPack's BCC; bads counted with the inputs."""
    import pandas as pd
    from deapack import BCCInput, DEAData  # type: ignore[import-not-found]

    frame = pd.DataFrame(values, columns=[*INPUTS, "y", *BADS]).assign(city=range(len(values)))
    BCCInput().fit(DEAData.from_frame(frame, dmu="city", inputs=[*INPUTS, *BADS], outputs="y"))


def pyfrontier(values: Any, some: int, model: str) -> None:
    """Pyfrontier's envelopment model, by PuLP and CBC; bads counted with the inputs."""
    import numpy as np
    from Pyfrontier.frontier_model import EnvelopDEA  # type: ignore[import-not-found]

    EnvelopDEA("VRS", "in").fit(np.hstack([values[:, :3], values[:, 4:]]), values[:, 3:4])


ENGINES: dict[str, Callable[[Any, int, str], None]] = {
    "ecospatial": toolkit,
    "highspy": one_by_one(ask("highspy")),
    "scipy": one_by_one(ask("scipy")),
    "pulp-cbc": one_by_one(ask("pulp-cbc")),
    "DEAPack": deapack,
    "Pyfrontier": pyfrontier,
}


def peer_python(folder: Path) -> Path:
    """An interpreter with the peers, which pin libraries of their own."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        for peer in PEERS:
            subprocess.run([python, "-m", "pip", "install", "--quiet", peer], check=False)
    return python


def run(engine: str, units: int, model: str, python: str | Path, limit: float) -> dict[str, float] | None:
    call = [str(python), str(Path(__file__).absolute()), "--one", engine, str(units), model]
    try:
        done = subprocess.run(
            call,
            env={**os.environ, **THREADS},
            capture_output=True,
            text=True,
            timeout=limit,
            cwd=tempfile.gettempdir(),
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"{engine} {units} {model}: {(done.stderr.strip() or 'no answer').splitlines()[-1]}", file=sys.stderr)
        return None
    return dict(json.loads(lines[-1]))


def table(found: dict[tuple[str, int, str], dict[str, float] | None]) -> str:
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
    parser.add_argument("--models", nargs="+", default=["radial", "sbm"])
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--peers", type=Path, default=Path("build/peers"), help="environment of the peers")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds after which an engine is given up")
    parser.add_argument("--out", type=Path, default=Path("build/benchmark.md"))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, units, model = given.one
        print(json.dumps(measured(engine, int(units), model)))
        return
    found: dict[tuple[str, int, str], dict[str, float] | None] = {}
    for model in given.models:
        for units in given.units:
            for engine in given.engines:
                peer = engine in PEERS
                if (peer and (model != "radial" or units > 5130)) or (engine != "ecospatial" and units > 50_000):
                    continue
                python = peer_python(given.peers).absolute() if peer else sys.executable
                found[model, units, engine] = run(engine, units, model, python, given.limit)
                print(table({key: row for key, row in found.items() if key[:2] == (model, units)}), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

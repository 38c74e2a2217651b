"""Spatial regressions beside spreg (and spatialreg and splm, where R has them), each in a process and on a thread.

    python benchmarks/drivers.py --out build/drivers.md

Square grids with rook neighbours, row-standardised, simulated data. Times are CPU seconds of the public call after
imports and the making of the data, weights included, with the direct, indirect and total effects where the model has
a lag; "again" is a second model on the same weights, whose log-determinants are shared (and, of GMM, without the
import of spreg). The last column is the largest relative difference of a coefficient or parameter from the toolkit's.
An engine is given up after --limit seconds or --memory gigabytes.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import Figures, apart, measured

Task = dict[str, Any]
# Name: what is estimated, the shape of the grid and the periods.
TASKS: dict[str, Task] = {
    "SDM, two-way effects, 285 × 18": {"model": "durbin", "effects": "twoway", "shape": (15, 19), "periods": 18},
    "SAR, unit effects, 2,916 × 18": {"model": "lag", "effects": "individual", "shape": (54, 54), "periods": 18},
    "SAR, cross-section, 2,916": {"model": "lag", "effects": "none", "shape": (54, 54), "periods": 1},
    "SDM, cross-section, 28,900": {"model": "durbin", "effects": "none", "shape": (170, 170), "periods": 1},
    "SEM, random effects (BSK), 285 × 18": {
        "model": "error", "effects": "random", "errors": "bsk", "shape": (15, 19), "periods": 18
    },
    "SEM, random effects (KKP), 2,916 × 18": {
        "model": "error", "effects": "random", "errors": "kkp", "shape": (54, 54), "periods": 18
    },
    "SEM, random effects (BSK), 2,916 × 18": {
        "model": "error", "effects": "random", "errors": "bsk", "shape": (54, 54), "periods": 18
    },
    "2SLS lag, robust, 2,916": {
        "model": "lag", "effects": "none", "estimator": "gmm", "shape": (54, 54), "periods": 1
    },
    "GM error, robust, 2,916": {
        "model": "error", "effects": "none", "estimator": "gmm", "shape": (54, 54), "periods": 1
    },
}  # fmt: skip
ENGINES = ("ecospatial", "spreg", "R")
DRIVERS = ("a", "b", "c", "d")


def make(folder: Path, task: Task) -> None:
    """y, drivers and links of a spatial lag or error process with effects of units."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.linalg import splu

    rows, columns = task["shape"]
    n, periods = rows * columns, task["periods"]
    steps = [sparse.diags([np.ones(side - 1)] * 2, [-1, 1]) for side in (rows, columns)]
    links = sparse.kron(steps[0], sparse.identity(columns)) + sparse.kron(sparse.identity(rows), steps[1])
    w = sparse.csr_matrix(sparse.diags(1 / np.asarray(links.sum(axis=1)).ravel()) @ links)
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(periods, n, len(DRIVERS))), rng.normal(size=(periods, n))
    units = (0.0 if periods == 1 else 1.5) * rng.normal(size=n)
    solve = splu(sparse.csc_matrix(sparse.identity(n) - 0.5 * w)).solve
    if task["model"] == "error":
        y = x @ np.arange(1.0, 5.0) + units + solve(noise.T).T
    else:
        lagged = np.stack([w @ period for period in x])
        spill = 0.5 * lagged.sum(axis=2) if task["model"] == "durbin" else 0.0
        y = solve((x @ np.arange(1.0, 5.0) + spill + units + noise).T).T
    pairs = sparse.coo_matrix(w)
    np.savez(folder / "data.npz", y=y, x=x, i=pairs.row, j=pairs.col, w=pairs.data)
    table = np.column_stack(
        [np.tile(np.arange(n), periods), np.repeat(np.arange(periods), n), y.ravel(), x.reshape(-1, 4)]
    )
    np.savetxt(folder / "data.csv", table, delimiter=",", header="unit,period,y,a,b,c,d", comments="")
    np.savetxt(folder / "w.csv", np.column_stack([pairs.row + 1, pairs.col + 1, pairs.data]), delimiter=",")


def toolkit(folder: Path, task: Task) -> Callable[[], Any]:
    """The public call, with effects."""
    import numpy as np
    import pandas as pd
    from scipy import sparse

    from ecospatial import Panel, Weights, spatial_panel

    data = np.load(folder / "data.npz")
    n = data["y"].shape[1]
    weights = Weights.from_sparse(sparse.csr_matrix((data["w"], (data["i"], data["j"])), shape=(n, n)), range(n))
    panel = Panel.from_frame(pd.read_csv(folder / "data.csv"), unit="unit", period="period")
    options: dict[str, Any] = {"model": task["model"], "effects": task["effects"]}
    if "errors" in task:
        options["random_errors"] = task["errors"]
    if task.get("estimator"):
        options.update(estimator="gmm", robust=True)

    def answer() -> dict[str, float]:
        found = spatial_panel(panel, "y", list(DRIVERS), weights, **options)
        if "rho" in found.params:
            found.effects()
        return {str(term): float(value) for term, value in found.params.items()}

    return answer


def spreg(folder: Path, task: Task) -> Callable[[], Any]:
    """The class that spreg has for the task."""
    import numpy as np
    import spreg as peer
    from libpysal.weights import WSP
    from scipy import sparse

    data = np.load(folder / "data.npz")
    periods, n = data["y"].shape
    w = WSP(sparse.csr_matrix((np.ones(len(data["i"])), (data["i"], data["j"])), shape=(n, n))).to_W(
        silence_warnings=True
    )
    w.transform = "r"
    y, x, names = data["y"].reshape(-1, 1), data["x"].reshape(-1, len(DRIVERS)), list(DRIVERS)
    known = {"w": w, "name_y": "y", "name_x": names}

    def estimate() -> tuple[Any, list[str]]:
        plain, lagged = ["Intercept", *names], [f"W_{name}" for name in names]
        if task.get("estimator"):
            if task["model"] == "lag":
                return peer.GM_Lag(y, x, w_lags=2, robust="white", **known), [*plain, "rho"]
            return peer.GM_Error_Het(y, x, **known), [*plain, "lambda"]
        if periods == 1:
            durbin = task["model"] == "durbin"
            found = peer.ML_Lag(y, x, method="lu", slx_lags=int(durbin), spat_impacts="simple", **known)
            return found, [*plain, *(lagged if durbin else []), "rho"]
        if task.get("errors") == "kkp":
            raise NotImplementedError("spreg has moments alone for the errors of Kapoor, Kelejian and Prucha")
        if task["effects"] == "random":
            return peer.Panel_RE_Error(y, x, **known), [*plain, "lambda"]
        if task["model"] == "durbin":
            raise NotImplementedError("spreg has no panel Durbin model with two-way effects")
        return peer.Panel_FE_Lag(y, x, **known), [*names, "rho"]

    def answer() -> dict[str, float]:
        with contextlib.redirect_stdout(io.StringIO()):
            found, terms = estimate()
        return dict(zip(terms, map(float, found.betas.ravel()), strict=False))

    return answer


R_SCRIPT = """
arguments <- commandArgs(TRUE); folder <- arguments[1]; model <- arguments[2]; effects <- arguments[3]
errors <- arguments[4]; estimator <- arguments[5]
suppressMessages({library(spdep); library(spatialreg); library(Matrix)})
data <- read.csv(file.path(folder, "data.csv")); links <- read.csv(file.path(folder, "w.csv"), header = FALSE)
near <- mat2listw(sparseMatrix(i = links$V1, j = links$V2, x = links$V3), style = "W")
formula <- y ~ a + b + c + d
begun <- proc.time()
if (estimator == "gmm") {
  found <- if (model == "lag") stsls(formula, data, near, robust = TRUE) else GMerrorsar(formula, data, near)
} else if (length(unique(data$period)) == 1) {
  method <- if (nrow(data) > 1000) "LU" else "eigen"
  found <- lagsarlm(formula, data, near, Durbin = model == "durbin", method = method)
  traces <- trW(as(near, "CsparseMatrix"), type = "mult"); impacts(found, tr = traces)
} else {
  suppressMessages(library(splm))
  effect <- if (effects == "twoway") "twoways" else "individual"
  spatial <- if (model == "error") { if (errors == "bsk") "b" else "kkp" } else "none"
  found <- spml(formula, data, index = c("unit", "period"), listw = near, effect = effect, spatial.error = spatial,
                model = if (effects == "random") "random" else "within", lag = model != "error")
}
spent <- sum((proc.time() - begun)[1:2])
values <- coef(found)
names(values) <- gsub("^lag[.]", "W_", sub("[(]Intercept[)]", "Intercept", sub("^Rho$", "rho", names(values))))
if (!is.null(found$lambda) && is.numeric(found$lambda)) values["lambda"] <- found$lambda
pairs <- paste(sprintf("\\"%s\\": %.12g", names(values), values), collapse = ", ")
cat(sprintf("\\n{\\"seconds\\": %.3f, %s}\\n", spent, pairs))
"""


def one(engine: str, folder: Path, task: Task, memory: float) -> dict[str, Any]:
    """Prepare, answer twice, and keep the coefficients."""
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (int(memory * 2**30), int(memory * 2**30)))
    answer = {"ecospatial": toolkit, "spreg": spreg}[engine](folder, task)
    if engine == "ecospatial":
        import ecospatial.drivers.impacts
        import ecospatial.drivers.spatial_panel  # noqa: F401
    kept: list[dict[str, float]] = []
    first = measured(lambda: kept.append(answer()))
    again = measured(answer)["seconds"] if engine == "ecospatial" else float("nan")
    return {**first, "again": again, "terms": kept[0]}


def with_r(folder: Path, task: Task, limit: float) -> dict[str, Any] | None:
    """What R's packages answer, None where there is no R or it fails."""
    if shutil.which("Rscript") is None:
        return None
    script = folder / "peer.R"
    script.write_text(R_SCRIPT, encoding="utf-8")
    options = [task["model"], task["effects"], task.get("errors", "none"), task.get("estimator", "ml")]
    try:
        done = subprocess.run(
            ["Rscript", script, folder, *options], capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        return None
    terms = json.loads(lines[-1])
    return {"seconds": terms.pop("seconds"), "gigabytes": float("nan"), "again": float("nan"), "terms": terms}


def difference(ours: dict[str, float], theirs: dict[str, float]) -> float:
    """The largest relative difference of a term that both have."""
    common = [term for term in ours if term in theirs]
    return max((abs(ours[term] - theirs[term]) / max(1.0, abs(ours[term])) for term in common), default=float("nan"))


def table(found: dict[str, dict[str, dict[str, Any] | None]]) -> str:
    """CPU seconds, times the toolkit's, memory and differences, as Markdown."""
    lines = [
        "| model, units × periods | engine | seconds | again | times ecospatial | peak GB | largest difference |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for task, engines in found.items():
        ours = engines["ecospatial"]
        for engine, row in engines.items():
            if row is None or ours is None:
                lines.append(f"| {task} | {engine} | – | – | – | – | – |")
                continue
            again = "" if row["again"] != row["again"] else f"{row['again']:.3f}"
            ratio = f"{row['seconds'] / max(ours['seconds'], 1e-9):,.1f}"
            gap = f"{difference(ours['terms'], row['terms']):.1e}"
            lines.append(
                f"| {task} | {engine} | {row['seconds']:.3f} | {again} | {ratio} | {row['gigabytes']:.2f} | {gap} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), metavar="TASK")
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds after which an engine is given up")
    parser.add_argument("--memory", type=float, default=12.0, help="gigabytes that an engine may take")
    parser.add_argument("--out", type=Path, default=Path("build/drivers.md"))
    parser.add_argument("--one", nargs=4, metavar=("ENGINE", "FOLDER", "TASK", "MEMORY"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        engine, folder, task, memory = given.one
        print(json.dumps(one(engine, Path(folder), TASKS[task], float(memory))))
        return
    found: dict[str, dict[str, dict[str, Any] | None]] = {}
    for name in given.tasks:
        with tempfile.TemporaryDirectory() as place:
            make(Path(place), TASKS[name])
            found[name] = {}
            for engine in dict.fromkeys(["ecospatial", *given.engines]):
                row: dict[str, Any] | Figures | None
                if engine == "R":
                    row = with_r(Path(place), TASKS[name], given.limit)
                else:
                    row = apart(
                        __file__, ["--one", engine, place, name, str(given.memory)], sys.executable, given.limit
                    )
                found[name][engine] = row
            print(table({name: found[name]}), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

"""How often cluster labels are right, given how frequent they are over the draws of a bootstrap.

    python benchmarks/stability.py --out build/stability.md

Cities on a square grid, two inputs, one output. The true inefficiency of a city is exponential (mean 0.3 on the log
scale), associated in space (a spatial autoregression with rho 0.7, queen neighbours) and independent of its inputs.
Only inputs and output are observed: output-oriented VRS scores, their homogeneous bootstrap, and the stability of
their clusters. A label is right where LISA of the true efficiency gives the same one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.special import log_ndtr

import ecospatial as es
from ecospatial.clusters.stability import cluster_stability

BINS = {"below 0.5": 0.0, "0.5 to 0.7": 0.5, "0.7 to 0.9": 0.7, "0.9 to below 1": 0.9, "1": 1.0}
RHO, SPREAD = 0.7, 0.3


def cities(side: int, seed: int) -> es.GeoPanel:
    """Inputs, output and the true efficiency of ``side²`` cities."""
    generator = np.random.Generator(np.random.PCG64(seed))
    count = side**2
    boxes = [shapely.box(x, y, x + 1, y + 1) for x in range(side) for y in range(side)]
    ids = [f"{place:04d}" for place in range(count)]
    near = es.Weights.queen(es.Boundaries.of(ids, boxes)).sparse.toarray()
    filter_ = np.linalg.inv(np.eye(count) - RHO * near)
    noise = filter_ @ generator.standard_normal(count) / np.sqrt((filter_**2).sum(axis=1))
    efficiency = np.exp(SPREAD * log_ndtr(-noise))
    used = generator.uniform(1.0, 3.0, (count, 2))
    made = used[:, 0] ** 0.4 * used[:, 1] ** 0.5 * efficiency
    frame = pd.DataFrame({"city": ids, "labour": used[:, 0], "capital": used[:, 1], "output": made, "true": efficiency})
    return es.join(es.Panel.from_frame(frame, unit="city"), es.Boundaries.of(ids, boxes))


def one(side: int, replications: int, permutations: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Labels and their frequencies beside the true labels; Moran's I, its interval and the true one."""
    geo = cities(side, seed)
    scores = es.radial(geo, ["labour", "capital"], ["output"], orientation="output")
    found = cluster_stability(es.bootstrap(scores, replications, seed=seed), "queen", permutations)
    true = es.lisa(geo, "true", "queen", permutations).labels.to_numpy()
    statistic = float(es.moran(geo, "true", "queen", 99).I.iloc[0])
    return found.stability.assign(true_label=true), found.morans.assign(true=statistic).iloc[0]


def simulated(side: int, replications: int, permutations: int, samples: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All samples, a row a city and a row a sample."""
    parts = [one(side, replications, permutations, seed) for seed in range(samples)]
    return pd.concat([part[0] for part in parts]), pd.DataFrame([part[1] for part in parts])


def calibration(labels: pd.DataFrame, column: str = "label", frequency: str = "frequency") -> pd.DataFrame:
    """By how frequent a label is: cities, its mean frequency, and the share in which it is that of the truth."""
    place = np.searchsorted(list(BINS.values()), labels[frequency], side="right") - 1
    right = labels[column] == labels["true_label"]
    table = pd.DataFrame({"frequency": labels[frequency], "right": right}).groupby(place).agg(["size", "mean"])
    table = table.reindex(range(len(BINS)))
    columns = {
        "cities": table[("right", "size")].fillna(0).astype(int),
        "mean_frequency": table[("frequency", "mean")],
        "right": table[("right", "mean")],
    }
    return pd.DataFrame(columns).set_axis(list(BINS))


def report(labels: pd.DataFrame, morans: pd.DataFrame) -> str:
    """The tables as Markdown."""
    clusters = labels[labels["label"] != "ns"]
    estimated = labels[labels["estimated_label"] != "ns"]
    parts = {
        "All cities, by the frequency of the most frequent label": calibration(labels),
        "Cities whose most frequent label is a cluster or outlier": calibration(clusters),
        "Clusters and outliers of the scores as estimated, by the frequency of that label": calibration(
            estimated, "estimated_label", "estimated_frequency"
        ),
    }
    lines = []
    for title, table in parts.items():
        lines += [f"{title}:", "", "| frequency | cities | mean frequency | label of the truth |"]
        lines += ["| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {name} | {row['cities']:.0f} | {row['mean_frequency']:.3f} | {row['right']:.3f} |"
            for name, row in table.iterrows()
        ]
        lines.append("")
    means = morans[["true", "I", "I_corrected"]].mean()
    lines += [
        f"Moran's I, means of {len(morans)} samples: true {means['true']:.3f}, of the scores {means['I']:.3f}, of the"
        f" bias-corrected scores {means['I_corrected']:.3f}.",
        "",
        "| interval of Moran's I, level 0.95 | lower | upper | holds the true one | lies below it | lies above it |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, ends in (("basic", ["lower", "upper"]), ("percentiles of the draws", ["draws_lower", "draws_upper"])):
        low, high = (morans[end] for end in ends)
        below, above = (morans["true"] > high).mean(), (morans["true"] < low).mean()
        lines.append(
            f"| {name} | {low.mean():.3f} | {high.mean():.3f} | {1 - below - above:.3f} | {below:.3f} | {above:.3f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=10)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--replications", type=int, default=300)
    parser.add_argument("--permutations", type=int, default=499)
    parser.add_argument("--out", type=Path, default=Path("build/stability.md"))
    given = parser.parse_args()
    found = report(*simulated(given.side, given.replications, given.permutations, given.samples))
    print(found)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()

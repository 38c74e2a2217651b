"""Every distance of an index, computed again: one textbook linear programme each, by SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.panel import Panel
from ecospatial.productivity.luenberger import luenberger
from ecospatial.productivity.malmquist import malmquist
from ecospatial.productivity.malmquist_luenberger import malmquist_luenberger
from ecospatial.productivity.result import ProductivityResult

INPUTS, OUTPUT, BAD = ["labour", "energy"], "value", "so2"


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Nine units in three periods; one enters late, one leaves, and the frontier moves out."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"unit": np.tile(np.arange(9), 3), "period": np.repeat([2001, 2002, 2003], 9)})
    for name in (*INPUTS, OUTPUT, BAD):
        frame[name] = rng.uniform(1.0, 5.0, 27)
    frame[OUTPUT] *= 1.15 ** (frame["period"] - 2001)
    gone = [(4, 2001), (7, 2003)]
    keep = [pair not in gone for pair in zip(frame["unit"], frame["period"], strict=True)]
    return Panel.from_frame(frame[keep].sample(frac=1, random_state=3), unit="unit", period="period")


class Held:
    """One unit-period against one technology."""

    def __init__(self, panel: Panel, row: Any) -> None:
        frame = panel.frame
        when = frame.index.get_level_values("period")
        makes = frame[(when >= row.technology_from) & (when <= row.technology_to)]
        own = frame.loc[(row.unit, row.period)]
        self.X, self.Y, self.B = makes[INPUTS].to_numpy().T, makes[[OUTPUT]].to_numpy().T, makes[[BAD]].to_numpy().T
        self.x, self.y, self.b = own[INPUTS].to_numpy(), own[[OUTPUT]].to_numpy(), own[[BAD]].to_numpy()
        self.variable = row.returns_to_scale == "vrs"
        self.count = self.X.shape[1]
        self.every = np.arange(self.count)

    def solve(self, costs: Any, less: list[Any], equal: list[Any], bounds: list[Any], t: int | None = None) -> float:
        """Min costs over λ and what follows; ``less`` and ``equal`` are (row, right side), λ are times variable t."""
        if self.variable:
            size = np.zeros(len(costs))
            size[self.every] = 1.0
            if t is not None:
                size[t] = -1.0
            equal = [*equal, (size, 1.0 if t is None else 0.0)]
        kinds: dict[str, Any] = {}
        if less:
            kinds.update(A_ub=np.array([row for row, _ in less]), b_ub=[side for _, side in less])
        if equal:
            kinds.update(A_eq=np.array([row for row, _ in equal]), b_eq=[side for _, side in equal])
        found = linprog(costs, bounds=[(0, None)] * self.count + bounds, method="highs", **kinds)
        return float(found.fun) if found.status == 0 else np.nan

    def radial(self, orientation: str) -> float:
        costs = np.append(np.zeros(self.count), 1.0 if orientation == "input" else -1.0)
        if orientation == "input":
            less = [(np.append(row, -own), 0.0) for row, own in zip(self.X, self.x, strict=True)]
            less += [(np.append(-row, 0.0), -own) for row, own in zip(self.Y, self.y, strict=True)]
        else:
            less = [(np.append(row, 0.0), own) for row, own in zip(self.X, self.x, strict=True)]
            less += [(np.append(-row, own), 0.0) for row, own in zip(self.Y, self.y, strict=True)]
        value = self.solve(costs, less, [], [(0, None)])
        return value if orientation == "input" else -1.0 / value

    def directional(self, disposability: str) -> float:
        """Max β free, outputs and bads move by their own values; weak: a factor for each reference (Kuosmanen)."""
        extra = self.count if disposability == "weak" else 0
        tail = np.zeros(extra)
        row = lambda mine, abated, step: np.concatenate([mine, [step], abated])  # noqa: E731
        less = [(row(X, X if extra else tail, 0.0), x) for X, x in zip(self.X, self.x, strict=True)]
        less += [(row(-self.Y[0], tail, self.y[0]), -self.y[0])]
        bads = (row(self.B[0], tail, self.b[0]), self.b[0])
        equal = [] if disposability == "strong" else [bads]
        less += [bads] if disposability == "strong" else []
        costs = row(np.zeros(self.count), tail, -1.0)
        if self.variable:
            equal, self.variable = [*equal, (row(np.ones(self.count), np.ones(extra), 0.0), 1.0)], False
        return -self.solve(costs, less, equal, [(None, None)] + [(0, None)] * extra)

    def sbm(self) -> float:
        """Tone (2001, 2004) within the technology; Tone (2002) with the bads over the line beyond it."""
        m = len(INPUTS)
        # Λ = tλ, then t, S⁻ (m), S⁺, Sᵇ
        width = self.count + 1 + m + 2
        at, slack = self.count, self.count + 1
        costs = np.zeros(width)
        costs[at], costs[slack:][:m] = 1.0, -1.0 / (m * self.x)
        line = np.zeros(width)
        line[at], line[-2], line[-1] = 1.0, 1.0 / (2 * self.y[0]), 1.0 / (2 * self.b[0])
        equal = [(line, 1.0)]
        for place, (reference, own, sign) in enumerate(
            zip([*self.X, self.Y[0], self.B[0]], [*self.x, self.y[0], self.b[0]], [1.0] * m + [-1.0, 1.0], strict=True)
        ):
            row = np.zeros(width)
            row[self.every], row[at], row[slack + place] = reference, -own, sign
            equal.append((row, 0.0))
        inside = self.solve(costs, [], equal, [(0, None)] * (width - at), t=at)
        return inside if np.isfinite(inside) else self.super_sbm()

    def super_sbm(self) -> float:
        """Min (1 + mean of (x̄ − x)/x and (b̄ − b)/b) / (ȳ/y): with ȳ scaled to y, over Λ, t, x̄, ȳ, b̄."""
        m = len(INPUTS)
        width = self.count + 1 + m + 2
        at, point = self.count, self.count + 1
        costs = np.zeros(width)
        costs[point:][:m], costs[-1] = 1.0 / ((m + 1) * self.x), 1.0 / ((m + 1) * self.b[0])
        line = np.zeros(width)
        line[-2] = 1.0 / self.y[0]
        less = []
        references, owns = [*self.X, self.Y[0], self.B[0]], [*self.x, self.y[0], self.b[0]]
        for place, (reference, own, sign) in enumerate(zip(references, owns, [1.0] * m + [-1.0, 1.0], strict=True)):
            behind, worse = np.zeros(width), np.zeros(width)
            behind[self.every], behind[point + place] = sign * reference, -sign
            worse[at], worse[point + place] = sign * own, -sign
            less += [(behind, 0.0), (worse, 0.0)]
        return self.solve(costs, less, [(line, 1.0)], [(0, None)] * (width - at), t=at)

    def nonradial(self) -> float:
        """Max Σ w β, β ≥ 0; beyond the technology −min Σ w e."""
        weight = np.array([1 / 6, 1 / 6, 1 / 3, 1 / 3])
        references, owns = [*self.X, self.Y[0], self.B[0]], [*self.x, self.y[0], self.b[0]]
        signs = [1.0, 1.0, -1.0, 1.0]

        def best(back: float) -> float:
            less = []
            for place, (reference, own, sign) in enumerate(zip(references, owns, signs, strict=True)):
                row = np.zeros(self.count + 4)
                row[self.every], row[self.count + place] = sign * reference, back * own
                less.append((row, sign * own))
            costs = np.append(np.zeros(self.count), -back * weight)
            return -back * self.solve(costs, less, [], [(0, None)] * 4)

        inside = best(1.0)
        return inside if np.isfinite(inside) else -best(-1.0)


def assert_same(found: ProductivityResult, panel: Panel, again: Any) -> None:
    expected = [again(Held(panel, row)) for row in found.distances.itertuples()]
    np.testing.assert_allclose(found.distances["distance"], expected, rtol=1e-8, atol=1e-9)
    solved = np.isfinite(expected)
    assert (found.distances["status"] == np.where(solved, "optimal", "infeasible")).all()


@pytest.mark.parametrize("reference", ["contemporaneous", "sequential", "global", "biennial"])
@pytest.mark.parametrize("orientation", ["output", "input"])
def test_radial_distances(panel: Panel, orientation: Any, reference: Any) -> None:
    found = malmquist(panel, INPUTS, OUTPUT, orientation=orientation, reference=reference, decomposition="ray-desli")
    assert_same(found, panel, lambda held: held.radial(orientation))


@pytest.mark.parametrize("reference", ["contemporaneous", "biennial"])
def test_slacks_based_distances(panel: Panel, reference: Any) -> None:
    options: dict[str, Any] = {"reference": reference, "decomposition": "ray-desli"}
    found = malmquist(panel, INPUTS, OUTPUT, BAD, technology="sbm", **options)
    assert_same(found, panel, Held.sbm)
    beyond = found.distances["beyond"]
    assert beyond.any() == (reference == "contemporaneous")
    assert (found.distances["distance"][beyond] > 1.0).all()
    assert (found.distances["distance"][~beyond] <= 1.0).all()


@pytest.mark.parametrize("disposability", ["strong", "weak", "equality"])
@pytest.mark.parametrize("reference", ["contemporaneous", "sequential"])
def test_directional_distances(panel: Panel, reference: Any, disposability: Any) -> None:
    found = malmquist_luenberger(panel, INPUTS, OUTPUT, BAD, reference=reference, disposability=disposability)
    assert_same(found, panel, lambda held: held.directional(disposability))


@pytest.mark.parametrize("returns_to_scale", ["crs", "vrs"])
def test_nonradial_directional_distances(panel: Panel, returns_to_scale: Any) -> None:
    found = luenberger(panel, INPUTS, OUTPUT, BAD, returns_to_scale=returns_to_scale)
    assert_same(found, panel, Held.nonradial)
    assert (found.distances["distance"][found.distances["beyond"]] < 0.0).all()

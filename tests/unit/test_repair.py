"""The repaired super-efficiency against values worked out by hand, and with a large M as in the paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ecospatial.efficiency.radial import radial
from ecospatial.panel import Panel

M = 1e5


def scores(values: np.ndarray, orientation: Any) -> pd.DataFrame:
    panel = Panel.from_frame(pd.DataFrame(values, columns=["x", "y"]).assign(city=list("abc")), unit="city")
    options: dict[str, Any] = {"super_efficiency": True, "infeasible": "cook", "orientation": orientation}
    found = radial(panel, "x", "y", **options)
    return pd.DataFrame({"share": found.efficiency.to_numpy(), "status": found.status.to_numpy()}, list("abc"))


def test_by_hand() -> None:
    values = np.array([[2.0, 1.0], [4.0, 3.0], [6.0, 4.0]])
    # Without c the most output is 3: it gives way to 3/4 of its own 4, and b makes that with 4/6 of its input.
    inward = scores(values, "input")
    assert inward.loc["c", "status"] == "repaired"
    assert inward.loc["c", "share"] == pytest.approx(4 / 6 + 1 / (3 / 4), rel=1e-12)
    # Without a the least input is 4, twice its own, and makes 3 times its output.
    outward = scores(values, "output")
    assert outward.loc["a", "status"] == "repaired"
    assert outward.loc["a", "share"] == pytest.approx(2 + 1 / 3, rel=1e-12)
    assert inward["status"].tolist() == ["optimal", "optimal", "repaired"]


def with_large_m(values: np.ndarray, unit: int) -> tuple[float, float]:
    """Input-oriented min τ + M β over τ (free), β and intensities: the score, and β."""
    (x, y), rest = values[unit], np.delete(values, unit, axis=0)
    found = linprog(
        np.r_[1.0, M, np.zeros(len(rest))],
        A_ub=np.array([np.r_[-x, 0.0, rest[:, 0]], np.r_[0.0, -y, -rest[:, 1]]]),
        b_ub=[x, -y],
        A_eq=np.r_[0.0, 0.0, np.ones(len(rest))][None, :],
        b_eq=[1.0],
        bounds=[(None, None), *[(0, None)] * (len(rest) + 1)],
        method="highs",
    )
    moved, given = found.x[:2]
    return float(1 + moved + (1 / (1 - given) if given > 1e-9 else 0.0)), float(given)


def test_equals_the_programme_with_a_large_m() -> None:
    values = np.random.default_rng(6).uniform(1.0, 5.0, (3, 2))
    found = scores(values, "input")
    expected, gave = zip(*(with_large_m(values, unit) for unit in range(3)), strict=True)
    np.testing.assert_allclose(found["share"], expected, rtol=1e-8)
    assert ((found["status"] == "repaired") == (np.array(gave) > 1e-9)).all() and max(gave) > 0

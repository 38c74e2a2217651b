"""Order-m efficiency against the R package frontiles, and its limit against published FDH scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecospatial.efficiency.order_m import order_m
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def follow_through() -> tuple[Panel, list[str], list[str]]:
    source = read("ccr1981_program_follow_through.json")
    x, y = (np.array(source[part], dtype=float) for part in ("inputs", "outputs"))
    inputs, outputs = ([f"{part}{place}" for place in range(values.shape[1])] for part, values in (("x", x), ("y", y)))
    frame = pd.DataFrame(np.hstack([x, y]), columns=inputs + outputs).assign(site=range(len(x)))
    return Panel.from_frame(frame, unit="site"), inputs, outputs


@pytest.mark.parametrize("m", [1, 10, 25, 100])
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_frontiles(follow_through: tuple[Panel, list[str], list[str]], orientation: Any, m: int) -> None:
    source = read("order_m_follow_through.json")
    found = order_m(*follow_through, m=m, orientation=orientation)
    expected = source["expected"][f"{orientation}_{m}"]
    np.testing.assert_allclose(found.scores, expected, rtol=0, atol=source["tolerance"])


def test_many_peers_make_a_free_disposal_hull(follow_through: tuple[Panel, list[str], list[str]]) -> None:
    source = read("ccr1981_program_follow_through.json")
    found = order_m(*follow_through, m=1_000_000)
    np.testing.assert_allclose(found.scores, source["expected"]["fdh_input"], rtol=0, atol=source["tolerance"])

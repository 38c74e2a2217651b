"""Income of the US states, 1929 to 2009: giddy's Markov, spatial Markov and LISA Markov chains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ecospatial.clusters.spatial_markov import SpatialMarkovResult, spatial_markov
from ecospatial.clusters.transitions import lisa_transitions
from ecospatial.geo.weights import Weights
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
TOLERANCE = 1e-9


def reference(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def states() -> tuple[Panel, Weights]:
    wide = pd.read_csv(DATA / "data_usjoin48.csv").rename_axis("state").reset_index()
    pairs = pd.read_csv(DATA / "data_states48_nb.csv")
    matrix = sparse.csr_matrix((np.ones(len(pairs)), (pairs["i"] - 1, pairs["j"] - 1)), shape=(48, 48))
    table = wide.melt("state", var_name="year", value_name="income").astype({"year": int})
    return Panel.from_frame(table, unit="state", period="year"), Weights.from_sparse(matrix, range(48))


@pytest.fixture(scope="module")
def pooled(states: tuple[Panel, Weights]) -> SpatialMarkovResult:
    return spatial_markov(states[0], "income", states[1], relative=True)


def test_classic_chain_of_yearly_quintiles(states: tuple[Panel, Weights]) -> None:
    whole = reference("16_markov_usjoin")
    expected = whole["values"]
    found = spatial_markov(states[0], "income", states[1], breaks="period")
    assert (found.counts[0] == expected["transitions"]).all()
    assert np.allclose(found.probabilities[0], expected["p"], rtol=TOLERANCE)
    steady = found.to_frame("steady_states")["steady_state"].to_numpy()[:5]
    assert np.allclose(steady, expected["steady_state"], rtol=TOLERANCE)
    assert np.allclose(steady, whole["published"]["steady_state"], atol=5e-9)
    assert str(found.facts()["Mobility"]) == f"{expected['shorrocks_P']:.4f} (Shorrocks)"


def test_spatial_chain(pooled: SpatialMarkovResult) -> None:
    whole = reference("17_spatial_markov_usjoin")
    expected = whole["values"]["spatial"]
    assert (pooled.counts[0] == expected["transitions"]).all()
    assert (pooled.counts[1:] == expected["T"]).all()
    assert np.allclose(pooled.probabilities[1:], expected["P"], rtol=TOLERANCE)
    steady = pooled.to_frame("steady_states")["steady_state"].to_numpy().reshape(6, 5)
    assert np.allclose(steady, [expected["s"], *expected["S"]], rtol=TOLERANCE)
    assert np.allclose(steady[1], whole["published"]["steady_state_first"], atol=5e-9)
    bounds = pooled.class_breaks["upper"].to_numpy().reshape(2, 4)
    assert np.allclose(bounds, [expected["cutoffs"], expected["lag_cutoffs"]], rtol=TOLERANCE)


def test_homogeneity(pooled: SpatialMarkovResult) -> None:
    expected = reference("17_spatial_markov_usjoin")["values"]["spatial"]
    table = pooled.to_frame("tests").set_index("test")
    for test, statistic, p in (("Pearson", "Q", "Q_p"), ("Likelihood ratio", "LR", "LR_p")):
        assert table.loc[test, "statistic"] == pytest.approx(expected[statistic], rel=TOLERANCE)
        assert table.loc[test, "df"] == expected["dof"]
        assert table.loc[test, "pvalue"] == pytest.approx(expected[p], abs=1e-12)


def test_lisa_chain(states: tuple[Panel, Weights]) -> None:
    expected = reference("17_spatial_markov_usjoin")["values"]["lisa"]
    found = lisa_transitions(states[0], "income", states[1])
    order = [0, 2, 1, 3]  # giddy has HH, LH, LL, HL
    assert (found.counts.to_numpy() == np.array(expected["transitions"])[np.ix_(order, order)]).all()
    assert np.allclose(found.steady_state, np.array(expected["steady_state"])[order], rtol=TOLERANCE)
    # giddy numbers the sixteen moves from 1, by row of the matrix of HH, LH, LL, HL.
    codes = {(one, other): 4 * row + place + 1 for row, one in enumerate(("HH", "LH", "LL", "HL"))
             for place, other in enumerate(("HH", "LH", "LL", "HL"))}  # fmt: skip
    last = found.moves.xs(2009, level="period")
    assert [codes[pair] for pair in zip(last["previous"], last["quadrant"], strict=True)] == expected["last_types"]

"""What holds of the stability of clusters for any draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import ecospatial as es
from ecospatial.clusters.lisa import LABELS
from ecospatial.clusters.stability import cluster_stability
from ecospatial.efficiency.bootstrap import BootstrapResult
from ecospatial.errors import Message

UNITS = 12
RING = np.roll(np.eye(UNITS), 1, axis=1) + np.roll(np.eye(UNITS), -1, axis=1)


def bootstrap_of(efficiency: np.ndarray, noise: np.ndarray, rate: float) -> BootstrapResult:
    """A bootstrap whose draws have this noise, on the scale of distances."""
    known = 1.0 / efficiency
    frame = pd.DataFrame({"city": range(UNITS), "labour": 1.0})
    data = es.Panel.from_frame(frame, unit="city")
    columns: dict[str, Any] = dict.fromkeys(["bias_corrected", "lower", "upper"], efficiency)
    return BootstrapResult(
        intervals=pd.DataFrame({"efficiency": efficiency, **columns}, data.index).assign(status="optimal"),
        rate=np.full(UNITS, rate),
        draws=1.0 / (known - noise),
        data=data,
        method="homogeneous",
        model=Message.of("made up"),
        proven=True,
        replications=len(noise),
        seed=1,
        level=0.9,
        setting="",
    )


@st.composite
def bootstraps(draw: st.DrawFn) -> BootstrapResult:
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    efficiency = generator.uniform(0.2, 1.0, UNITS)
    noise = draw(st.sampled_from([0.0, 0.01, 0.3])) * generator.random((20, UNITS))
    return bootstrap_of(efficiency, noise, draw(st.sampled_from([1.0, 0.4])))


def stability_of(bootstrap: BootstrapResult, isolated: bool = False) -> Any:
    links = RING.copy()
    if isolated:
        links[0], links[:, 0] = 0.0, 0.0
    return cluster_stability(bootstrap, es.Weights.from_sparse(links, range(UNITS)), 99, significance=0.2)


@settings(max_examples=25, deadline=None)
@given(bootstraps(), st.booleans())
def test_frequencies_sum_to_one_and_islands_stay_alone(bootstrap: BootstrapResult, isolated: bool) -> None:
    table = stability_of(bootstrap, isolated).stability
    np.testing.assert_allclose(table[list(LABELS)].sum(axis=1), 1.0, rtol=1e-13)
    assert (table["isolated"] == (np.arange(UNITS) == 0) * float(isolated)).all()
    assert (table["frequency"] >= table["estimated_frequency"]).all()


@settings(max_examples=15, deadline=None)
@given(bootstraps())
def test_without_noise_every_label_is_stable(bootstrap: BootstrapResult) -> None:
    still = bootstrap_of(bootstrap.intervals["efficiency"].to_numpy(), np.zeros((20, UNITS)), 1.0)
    table = stability_of(still).stability
    assert (table["stability"] == "stable").all() and (table["label"] == table["estimated_label"]).all()


@settings(max_examples=15, deadline=None)
@given(bootstraps(), st.randoms(use_true_random=False))
def test_the_order_of_the_draws_does_not_matter(bootstrap: BootstrapResult, random: Any) -> None:
    order = random.sample(range(20), 20)
    shuffled = bootstrap_of(
        bootstrap.intervals["efficiency"].to_numpy(),
        (1.0 / bootstrap.intervals["efficiency"].to_numpy() - 1.0 / bootstrap.draws)[order],
        float(bootstrap.rate[0]),
    )
    one, other = stability_of(bootstrap), stability_of(shuffled)
    pd.testing.assert_frame_equal(one.frequencies, other.frequencies)
    pd.testing.assert_frame_equal(one.morans, other.morans, rtol=1e-9)

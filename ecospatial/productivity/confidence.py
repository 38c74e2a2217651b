"""How far a Malmquist index can be trusted: which changes are significant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import Annotated, cast

import numpy as np
import pandas as pd

from ..describe import Advanced, Range, tool
from ..efficiency.observations import Observations
from ..efficiency.resampling import LABEL
from ..efficiency.technology import ReturnsToScale
from ..errors import Message, OptionError
from ..parallel import Workers
from ..progress import share
from .confidence_result import MalmquistBootstrapResult
from .decompositions import Decomposition, DecompositionKind
from .intervals import IntervalKind, Intervals
from .malmquist import recipe
from .pairs import Pairs
from .resampling import PairScheme, pair_schemes
from .result import ProductivityResult
from .technologies import RadialDistance


@tool(group="productivity", title="Bootstrap of the Malmquist index")
def malmquist_bootstrap(
    productivity: Annotated[ProductivityResult, "Malmquist index"],
    replications: Annotated[int, Range(100, 100_000), "Replications"] = 2000,
    level: Annotated[float, Range(0.5, 0.999), "Confidence level"] = 0.95,
    interval: Annotated[IntervalKind, Advanced(), "Interval"] = "percentile",
    bandwidth: Annotated[float | None, Range(0.0, 10.0), Advanced(), "Bandwidth"] = None,
    seed: Annotated[int, Range(0, 2**31 - 1), "Seed"] = 12345,
    executor: Workers = None,
) -> MalmquistBootstrapResult:
    """Confidence intervals of a radial Malmquist index and its components (Simar & Wilson 1999).

    An index compares estimated frontiers, which lie inside the true ones, so that part of a change is noise. The
    bootstrap imitates this for two periods at a time. The distances δ = 1/efficiency ≥ 1 of the units to the
    frontiers of both periods are drawn jointly from their smooth bivariate distribution, reflected at one, which
    keeps their correlation; every unit-period is moved along its ray to where its distance is the drawn one; and
    all distances of the real unit-periods are measured against the two pseudo-technologies. With M̂* the indices that
    follow, log M̂* − log M̂ is to log M̂ what log M̂ − log M is to the unknown log M. With q its quantiles::

        percentile interval = [log M̂ + q(α/2), log M̂ + q(1 − α/2)]
        basic interval = [log M̂ − q(1 − α/2), log M̂ − q(α/2)]
        bias = mean(log M̂*) − log M̂, taken out where its square exceeds three times the variance of log M̂*

    A change is significant where its interval excludes 1. The basic interval is that of the paper (section 4), there of
    the indices themselves: in logarithms no interval has negative ends, and that of the way back is the reciprocal.
    It takes the bias out of every interval, which most indices are too noisy for, since biases of two frontiers
    nearly cancel: without technical change too many basic intervals of techch exclude 1. Percentile intervals, which
    leave the bias in, are therefore the default. A change has no interval where more than (1 − level)/2 of its draws
    are missing, which could fill a tail of it.

    As in the paper each pair of successive periods is drawn by itself, so that a period's pseudo-sample differs
    between the pair that it ends and the pair that it begins: a density of all T periods at once would need units in
    every period, and many more of them than periods. A unit that is there in one period of a pair stays in that
    period's technology, with a distance drawn from the margin of the joint distribution. Where the index has ``pech``
    and ``sech``, unit-periods are moved from the frontiers of variable returns, whose conical hulls are those of
    constant returns: so one draw serves both. Otherwise they are moved from the frontiers of the index.

    Parameters
    ----------
    productivity : ProductivityResult
        Of ``malmquist``, radial and with the contemporaneous reference.
    replications : int
        How many pseudo-samples are drawn for each pair of periods.
    level : float
        Share of intervals that hold the true change.
    interval : {"percentile", "basic"}
        Between quantiles of the drawn indices, or those mirrored at the estimate, as in the paper.
    bandwidth : float or None
        Width of the kernel in standard deviations of the distances. Left empty: (4/5N)^(1/6) for N units (Silverman
        1986), as in the paper.
    seed : int
        Of the random numbers: the same seed gives the same intervals.
    executor : concurrent.futures.Executor or None
        Whose workers share the replications; the numbers are the same.

    Returns
    -------
    MalmquistBootstrapResult

    Raises
    ------
    OptionError
        Where the index is no radial one with the contemporaneous reference.
    DataError
        Where fewer than two units of a pair of periods are inefficient, so that there is no distribution to draw from.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from ecospatial.panel import Panel
    >>> from ecospatial.productivity.malmquist import malmquist
    >>> used = np.linspace(1.0, 4.0, 30)
    >>> lost = np.concatenate([np.sin(7 * used) ** 2, np.sin(7 * used + 0.1) ** 2])
    >>> made = np.tile(np.sqrt(used), 2) * (1.0 - 0.4 * lost) * np.repeat([1.0, 1.5], 30)
    >>> frame = pd.DataFrame({"city": [*range(30)] * 2, "year": np.repeat([2000, 2001], 30)})
    >>> panel = Panel.from_frame(frame.assign(labour=np.tile(used, 2), output=made), unit="city", period="year")
    >>> found = malmquist_bootstrap(malmquist(panel, "labour", "output"), replications=100)
    >>> int(found.significant["techch"].sum()), bool((found.lower <= found.upper).all(axis=None))
    (30, True)
    """
    distance, observations = _radial(productivity), _observations(productivity)
    parts, technology = _recipe(productivity)
    schemes = pair_schemes(observations, distance, parts, technology, bandwidth)
    found, periods = _resampled(productivity, schemes, replications, level, interval, seed, executor)
    few = np.isnan(found.lower).any(axis=1) & (productivity.status == "optimal").to_numpy()
    return MalmquistBootstrapResult(
        components=productivity.components,
        bias_corrected=_like(productivity, np.exp(found.bias_corrected)),
        lower=_like(productivity, np.exp(found.lower)),
        upper=_like(productivity, np.exp(found.upper)),
        significant=_like(productivity, found.significant() != 0),
        status=productivity.status.mask(few, "too few draws"),
        periods=periods,
        data=productivity.data,
        orientation=distance.orientation,
        returns_to_scale=productivity.specification.returns_to_scale,
        technology=technology,
        replications=replications,
        seed=seed,
        level=level,
        interval=interval,
        bandwidths={scheme.span: scheme.smoothed.bandwidth for scheme in schemes},
        notes=tuple(_notes(observations, productivity.components.index[few])),
    )


def _radial(productivity: ProductivityResult) -> RadialDistance:
    said = productivity.specification
    if said.technology != "radial" or said.reference != "contemporaneous":
        raise OptionError(
            "The bootstrap of Simar & Wilson (1999) is for the radial Malmquist index with the contemporaneous "
            "reference, not for '{title}' (technology {technology}, reference {reference}); run malmquist() with "
            "technology='radial' and reference='contemporaneous'.",
            title=productivity.title,
            technology=said.technology,
            reference=said.reference,
        )
    return RadialDistance("input" if said.orientation == "input" else "output")


def _observations(productivity: ProductivityResult) -> Observations:
    said = productivity.specification
    data = productivity.data.select([*said.inputs, *said.outputs])
    return Observations(data, data, said.inputs, said.outputs, (), data.numbers(data.columns).to_numpy())


def _recipe(productivity: ProductivityResult) -> tuple[Decomposition, ReturnsToScale]:
    """What the index is made of, and the returns to scale of the technologies that the draws start from."""
    said = productivity.specification
    returns = cast(ReturnsToScale, said.returns_to_scale)
    kind: DecompositionKind = "ray-desli" if said.decomposition == "ray-desli" else "fgnz"
    parts = recipe(returns, kind)
    return parts, "vrs" if "pech" in parts else returns


def _resampled(
    productivity: ProductivityResult,
    schemes: Sequence[PairScheme],
    replications: int,
    level: float,
    interval: IntervalKind,
    seed: int,
    executor: Executor | None,
) -> tuple[Intervals, pd.DataFrame]:
    """Intervals (P, C) of all changes in logarithms, and the means by period."""
    known = np.log(productivity.components.to_numpy())
    streams = np.random.SeedSequence(seed).spawn(len(productivity.data.periods))
    places, intervals, periods = [], [], []
    for done, scheme in enumerate(schemes):
        with share(LABEL, done / len(schemes), (done + 1) / len(schemes)):
            drawn = scheme.resampled(streams[scheme.place].spawn(replications), executor)
        rows = productivity.components.index.get_indexer(scheme.changed)
        places.append(rows)
        intervals.append(Intervals.of(known[rows], drawn, level, interval))
        periods += [
            {
                "period": scheme.changed[0][1],
                "component": name,
                **_mean(known[rows, at], drawn[..., at], level, interval),
            }
            for at, name in enumerate(productivity.components)
        ]
    order = np.argsort(np.concatenate(places))
    return Intervals(*np.concatenate(intervals, axis=1)[:, order]), pd.DataFrame(periods)


def _mean(known: np.ndarray, drawn: np.ndarray, level: float, kind: IntervalKind) -> dict[str, float]:
    """The geometric mean of (P,) changes with its interval, and how many of them are significant."""
    each = Intervals.of(known, drawn, level, kind)
    some = np.isfinite(each.lower)
    signs, middle = each.significant(), known[some].mean() if some.any() else np.nan
    apart, count = drawn[:, some] - known[some], np.isfinite(drawn[:, some]).sum(axis=1)
    apart = np.nansum(apart, axis=1) / np.where(count > 0, count, np.nan)
    mean = Intervals.of(np.array(middle), middle + apart, level, kind)
    return {
        "changes": int(some.sum()),
        **{"mean": np.exp(middle), "lower": float(np.exp(mean.lower)), "upper": float(np.exp(mean.upper))},
        **{"progress": int((signs > 0).sum()), "regress": int((signs < 0).sum())},
    }


def _like(productivity: ProductivityResult, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, productivity.components.index, productivity.components.columns)


def _notes(observations: Observations, few: pd.Index) -> Iterator[Message]:
    pairs = Pairs.of(observations.data)
    yield Message.of(
        "The distribution of efficiency is taken to be the same for all units of two periods, whatever their size and "
        "mix."
    )
    alone = len(pairs.entered) + len(pairs.left)
    if alone:
        yield Message.of(
            "{count} times a unit is there in one of two successive periods only; it stays in that period's "
            "technology, with a distance drawn for that period alone.",
            count=alone,
        )
    if len(few):
        yield Message.of(
            "{count} changes without an interval in some component, since too many draws had none: {where}.",
            count=len(few),
            where=observations.data.named(observations.data.index.get_indexer(few)),
        )

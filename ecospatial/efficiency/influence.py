"""Leave-one-out leverage: how far the scores of others hang on one unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..describe import Table, tool
from ..errors import Message, OptionError, Text
from ..geo.join import PanelLike
from ..kernels.envelopment import Envelopment
from ..parallel import Workers
from ..result import Result
from .evaluation import ask
from .frontiers import Frontier
from .rescoring import Rescoring
from .result import SHARES, EfficiencyResult
from .technology import Technology

NOTHING = 1e-9  # change of an efficiency that is rounding


@dataclass(frozen=True, eq=False, repr=False)
class InfluenceResult(Result):
    """The leverage of every unit-period that makes a frontier.

    Attributes
    ----------
    leverage : DataFrame
        Indexed (unit, period), the greatest leverage first: ``leverage`` and its ``threshold``; ``dependents``, how
        many efficiencies rise when the unit-period is left out, by ``mean_change`` and at most by ``largest_change``;
        ``lost``, how many have no score then; and whether it is ``influential``.
    data : Panel or GeoPanel
        The variables of the model.
    model : Message
        Heading of the model.
    """

    TITLE: ClassVar[str] = "Influential units (leverage)"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("leverage", "unit-period", "Leverage"),)

    leverage: pd.DataFrame
    data: PanelLike
    model: Message

    @property
    def influential(self) -> pd.MultiIndex:
        """The unit-periods whose leverage is above the threshold, the greatest first."""
        found: pd.MultiIndex = self.leverage.index[self.leverage["influential"].to_numpy()]
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """The leverage."""
        return {"leverage": self.leverage}

    def digest(self) -> pd.DataFrame:
        """The greatest leverages."""
        return self.leverage.head(20)

    def facts(self) -> Mapping[str, Text]:
        """The model and the rule."""
        return {
            "Model": self.model,
            "Leverage": "root mean square change of the others' efficiency when one is left out (Sousa & Stosic 2005)",
            "Threshold": "mean leverage times ln K, with K units to the frontier (Sousa & Stosic 2005)",
            "Influential": Message.of("{count} of {all}", count=len(self.influential), all=len(self.leverage)),
        }


@tool(group="efficiency", title="Influential units (leverage)")
def influence(
    efficiency: Annotated[EfficiencyResult, "Efficiency result"],
    executor: Workers = None,
) -> InfluenceResult:
    """Leave-one-out leverage of Sousa & Stosic (2005), and the outliers that it names.

    The leverage of unit k is lₖ = √(Σ_{i≠k} (θᵢ₍ₖ₎ − θᵢ)² / (K − 1)), with θᵢ₍ₖ₎ the efficiency of i, a share of the
    frontier, where the other K − 1 units make it. A unit is influential where lₖ exceeds ln K times the mean leverage
    of all K, zeros included (the threshold of their step function; a natural logarithm, as in the R package jackstrap).
    All units are taken at once, where they draw subsamples. Leaving out one that is no peer of a unit does not change
    its score, so that one linear programme for each pair of a unit and its peer is enough.

    Parameters
    ----------
    efficiency : EfficiencyResult
        Of :func:`radial` or :func:`sbm`, without super-efficiency, where each score comes of one frontier. Units that
        make a frontier of their own period alone have a threshold of their own; others share one.
    executor : concurrent.futures.Executor or None
        Whose workers share the programmes; the numbers are the same.

    Returns
    -------
    InfluenceResult

    Raises
    ------
    OptionError
        Where the scores are those of another model.

    References
    ----------
    Sousa, M. C. S. & Stosic, B. (2005). Technical efficiency of the Brazilian municipalities: correcting nonparametric
    frontier measurements for outliers. Journal of Productivity Analysis 24, 157–181.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.efficiency.radial import radial
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abcd"), "labour": [1.0, 4.0, 5.0, 8.0], "output": [2.0, 4.0, 3.0, 6.0]})
    >>> scores = radial(Panel.from_frame(frame, unit="city"), "labour", "output", returns_to_scale="crs")
    >>> influence(scores).leverage["leverage"].round(4).droplevel("period").to_dict()
    {'a': 0.4003, 'b': 0.0, 'c': 0.0, 'd': 0.0}
    """
    _check(efficiency)
    model = Rescoring.of(efficiency)
    own, peer = _pairs(efficiency)
    change = _changes(efficiency, model, own, peer, executor)
    leverage = _leverage(model, efficiency.scores.notna().to_numpy(), own, peer, change)
    return InfluenceResult(
        leverage=leverage.set_axis(efficiency.data.index[leverage.index], axis=0),
        data=efficiency.data,
        model=efficiency.specification.title,
        notes=tuple(_notes(efficiency.data, leverage)),
    )


def _check(efficiency: EfficiencyResult) -> None:
    said = efficiency.specification
    if said.family not in ("radial", "sbm") or said.super_efficiency:
        raise OptionError(
            "Leverage takes ordinary scores of radial() or sbm(), not '{title}'; run one of them.",
            title=efficiency.title,
        )
    if said.frontier == "window":
        raise OptionError(
            "Leverage takes scores of one frontier each, not means over windows; choose another frontier=."
        )


def _pairs(efficiency: EfficiencyResult) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the panel: every evaluated one beside each of its peers other than itself."""
    peers, index = efficiency.peers, efficiency.data.index
    own, peer = (
        index.get_indexer(pd.MultiIndex.from_frame(peers[names].set_axis(index.names, axis=1)))
        for names in (["unit", "period"], ["peer_unit", "peer_period"])
    )
    others = own != peer
    return own[others], peer[others]


def _changes(
    efficiency: EfficiencyResult, model: Rescoring, own: np.ndarray, peer: np.ndarray, executor: Workers
) -> np.ndarray:
    """What each pair's own efficiency rises by without its peer; NaN where it has no score then."""
    values = model.observations.values
    count = len(values)
    # A pair is a copy of its own row that belongs to its peer, which super-efficiency leaves out with its owner's rows.
    extended = replace(model.observations, values=np.vstack([values, values[own]]))
    owners = np.concatenate([np.arange(count), peer])
    frontiers = [
        replace(frontier, evaluated=count + pairs, owners=owners)
        for frontier in model.frontiers
        if len(pairs := np.flatnonzero(np.isin(own, frontier.evaluated)))
    ]

    def programme(technology: Technology) -> Envelopment:
        return replace(model.measure.programme(technology), excluded=technology.itself, tie_costs=None)

    scores = np.full(len(own), np.nan)
    for answer in ask(extended, frontiers, model.returns_to_scale, programme, model.measure.read, "auto", executor):
        scores[answer.frontier.evaluated - count] = answer.scores
    share = SHARES[efficiency.specification.measure]
    change = share(pd.Series(scores)).to_numpy() - efficiency.efficiency.to_numpy()[own]
    return np.where(np.abs(change) <= NOTHING, 0.0, change)


def _leverage(
    model: Rescoring, known: np.ndarray, own: np.ndarray, peer: np.ndarray, change: np.ndarray
) -> pd.DataFrame:
    """By row of the panel, for those that make a frontier, the greatest leverage first."""
    count = len(known)
    scored = ~np.isnan(change)

    def summed(amounts: np.ndarray) -> np.ndarray:
        return np.bincount(peer, np.where(scored, amounts, 0.0), minlength=count)

    lost = np.bincount(peer[~scored], minlength=count)
    dependents = summed(change > 0).astype("int64")
    largest = np.zeros(count)
    np.maximum.at(largest, peer[scored], change[scored])
    others = np.maximum(_others(model.frontiers, known) - lost, 1)
    table = pd.DataFrame(
        {
            "leverage": np.sqrt(summed(change**2) / others),
            "threshold": np.nan,
            "dependents": dependents,
            "mean_change": summed(change) / np.maximum(dependents, 1),
            "largest_change": largest,
            "lost": lost,
        }
    )
    pools = _pools(model.frontiers)
    for pool in pools:
        table.loc[pool, "threshold"] = table["leverage"].to_numpy()[pool].mean() * np.log(len(pool))
    table["influential"] = table["leverage"] > table["threshold"]
    return table.loc[np.sort(np.concatenate(pools))].sort_values("leverage", ascending=False, kind="stable")


def _others(frontiers: Sequence[Frontier], known: np.ndarray) -> np.ndarray:
    """How many scores other than its own a row of the panel could have a part in."""
    others = np.zeros(len(known), dtype="int64")
    for frontier in frontiers:
        others[frontier.reference] += known[frontier.evaluated].sum()
        others[np.intersect1d(frontier.reference, frontier.evaluated[known[frontier.evaluated]])] -= 1
    return others


def _pools(frontiers: Sequence[Frontier]) -> list[np.ndarray]:
    """The rows that share a threshold: a frontier's, or all where frontiers share rows."""
    together = np.concatenate([frontier.reference for frontier in frontiers])
    rows = np.unique(together)
    return [frontier.reference for frontier in frontiers] if len(rows) == len(together) else [rows]


def _notes(data: PanelLike, leverage: pd.DataFrame) -> Iterator[Message]:
    named = {kind: leverage.index[leverage[kind] > 0] for kind in ("influential", "lost")}
    if len(named["influential"]):
        yield Message.of(
            "Influential: {where}. Check their data, and see whether the conclusions hold without them; then screen "
            "again, since outliers near one another hide each other.",
            where=data.named(named["influential"], limit=10),
        )
    else:
        yield Message.of("No unit-period is influential; outliers near one another may hide each other.")
    if len(named["lost"]):
        yield Message.of(
            "Without {where}, others have no score; these are counted as lost and are no part of the leverage.",
            where=data.named(named["lost"]),
        )

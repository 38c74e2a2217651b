"""The numbers of an evaluation under the names of units, periods and variables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from .evaluation import Evaluation
from .observations import Observations


def peers_of(evaluation: Evaluation, index: pd.MultiIndex) -> pd.DataFrame:
    """Long: unit, period, peer_unit, peer_period, weight."""
    found = evaluation.intensities.sorted_indices().tocoo()
    own, peer = index[found.row], index[found.col]
    return pd.DataFrame(
        {
            "unit": own.get_level_values("unit"),
            "period": own.get_level_values("period"),
            "peer_unit": peer.get_level_values("unit"),
            "peer_period": peer.get_level_values("period"),
            "weight": found.data,
        }
    )


def multipliers_of(evaluation: Evaluation, observations: Observations) -> pd.DataFrame:
    """One column a variable, and the free term where there is one."""
    names = list(observations.variables)
    free = "u0" if "u0" not in names else "u0 (free)"
    width = evaluation.multipliers.shape[1]
    return pd.DataFrame(evaluation.multipliers, observations.data.index, [*names, free][:width])


def gaps_of(
    evaluation: Evaluation, index: pd.MultiIndex, share: Callable[[pd.Series], pd.Series]
) -> pd.DataFrame | None:
    """Group, efficiency within it and technology gap ratio; None without a meta-frontier.

    Parameters
    ----------
    evaluation : Evaluation
    index : MultiIndex
    share : callable
        Turns scores into shares.
    """
    if evaluation.within is None:
        return None
    everyone, own = (share(pd.Series(part.scores, index)) for part in (evaluation, evaluation.within))
    # Rounding apart, a smaller technology never scores lower.
    ratio = np.minimum(everyone / own, 1.0)
    return pd.DataFrame({"group": evaluation.within.groups, "group_efficiency": own, "gap_ratio": ratio}, index)

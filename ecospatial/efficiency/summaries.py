"""Scores gathered by period and by group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

COLUMNS = ("units", "mean", "sd", "min", "max", "efficient_share")


def summarise(scores: pd.Series, efficient: pd.Series, keys: Mapping[str, pd.Index | np.ndarray]) -> pd.DataFrame:
    """Count, moments and share of efficient ones of the known scores in each cell.

    Parameters
    ----------
    scores : Series
    efficient : Series of bool
    keys : mapping
        Label of every score, by the name of an index level of the outcome; unlabelled scores are left out.

    Examples
    --------
    >>> scores = pd.Series([0.5, 1.0, 0.25])
    >>> summarise(scores, scores >= 1, {"group": np.array(["a", "a", "b"])})["mean"].tolist()
    [0.75, 0.25]
    """
    cells = pd.DataFrame({"score": scores.to_numpy(), "efficient": efficient.to_numpy(dtype=float)})
    labels = [pd.Series(np.asarray(label), name=name) for name, label in keys.items()]
    known = cells["score"].notna()
    groups = cells[known].groupby([label[known] for label in labels] if len(labels) > 1 else labels[0][known])
    found = groups["score"].agg(["count", "mean", "std", "min", "max"]).set_axis(list(COLUMNS[:-1]), axis=1)
    return found.assign(efficient_share=groups["efficient"].mean())

"""Scores gathered by period and by group."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from ..geo.join import PanelLike

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


def summarise_groups(
    scores: pd.Series, efficient: pd.Series, data: PanelLike, variables: Collection[str]
) -> pd.DataFrame:
    """The cells of every column of the data that is no variable of the model, by group and period.

    Parameters
    ----------
    scores : Series
    efficient : Series of bool
    data : Panel or GeoPanel
        Row by row as the scores.
    variables : collection of str

    Returns
    -------
    DataFrame
        Long: grouping (the column), group, period, and the columns of :func:`summarise`.
    """
    period = data.index.get_level_values("period")
    found = [
        summarise(scores, efficient, {"group": data[name].to_numpy(), "period": period})
        .reset_index()
        .assign(grouping=name)
        for name in data.columns
        if name not in variables
    ]
    names = ["grouping", "group", "period", *COLUMNS]
    return pd.concat(found, ignore_index=True)[names] if found else pd.DataFrame(columns=names, index=pd.RangeIndex(0))

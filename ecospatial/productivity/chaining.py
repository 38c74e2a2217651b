"""Changes chained over the periods, and their means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import OptionError, listed
from ..geo.join import PanelLike
from ..ids import id_text, id_texts
from .pairs import Pairs


def base_place(panel: PanelLike, base_period: Any) -> int:
    """Place of the base among the periods, compared as text; the first by default.

    Raises
    ------
    OptionError
        Where there is no such period.
    """
    if base_period is None:
        return 0
    found = np.flatnonzero(np.asarray(id_texts(panel.periods)) == id_text(base_period))
    if len(found) == 0:
        raise OptionError(
            "There is no base period {period}; there are: {all}.",
            period=base_period,
            all=listed(panel.periods, limit=30),
        )
    return int(found[0])


def chained(changes: np.ndarray, pairs: Pairs, panel: PanelLike, base: int) -> np.ndarray:
    """Sums of changes from the base period on, and back from it.

    Parameters
    ----------
    changes : ndarray (P, C)
        That add up: logarithms for an index.
    pairs : Pairs
    panel : Panel or GeoPanel
    base : int
        Place of the base period.

    Returns
    -------
    ndarray (n, C)
        For every row of the panel: zero in the base period, NaN beyond a change that is missing.
    """
    unit, when = panel.places()
    cube = np.full((len(panel.periods), len(panel.units), changes.shape[1]), np.nan)
    cube[pairs.when, unit[pairs.later]] = changes
    total = np.full_like(cube, np.nan)
    total[base, unit[when == base]] = 0.0
    for place in range(base + 1, len(cube)):
        total[place] = total[place - 1] + cube[place]
    for place in range(base, 0, -1):
        total[place - 1] = total[place] - cube[place]
    return np.asarray(total[when, unit])


def chained_means(means: pd.DataFrame, periods: pd.Index, base: Any, additive: bool) -> pd.DataFrame:
    """Mean changes chained from the base period on, and back from it.

    Parameters
    ----------
    means : DataFrame
        Indexed by the later period of each change; a component a column.
    periods : Index
    base : int or str
        The period that is one, or zero for an indicator.
    additive : bool

    Returns
    -------
    DataFrame
        Indexed by ``periods``; NaN beyond a period without a change.

    Examples
    --------
    >>> means = pd.DataFrame({"tfpch": [2.0, 3.0]}, index=[2001, 2002])
    >>> chained_means(means, pd.Index([2000, 2001, 2002, 2003]), 2001, additive=False)["tfpch"].round(6).tolist()
    [0.5, 1.0, 3.0, nan]
    """
    steps = means.reindex(periods)
    steps = steps if additive else np.log(steps)
    total = steps.fillna(0.0).cumsum()
    stretch = steps.isna().cumsum()
    total = (total - total.loc[base]).where(stretch == stretch.loc[base])
    return total if additive else np.exp(total)


def labelled(cells: pd.Series) -> pd.Series:
    """The labels of groups, NaN where a cell is blank.

    Examples
    --------
    >>> labelled(pd.Series(["east", " ", None])).notna().tolist()
    [True, False, False]
    """
    return cells.where(cells.notna() & (cells.astype(str).str.strip() != ""))


def averaged(components: pd.DataFrame, keys: Mapping[str, Any], additive: bool) -> pd.DataFrame:
    """Means of the components in each cell: geometric, or arithmetic for an indicator.

    Rows that lack a component are left out, so that the means obey the identities of the rows.

    Parameters
    ----------
    components : DataFrame
    keys : mapping
        Label of every row, by the name of an index level of the outcome; rows without a label are left out.
    additive : bool

    Returns
    -------
    DataFrame
        ``changes``, how many there are, and the components.

    Examples
    --------
    >>> components = pd.DataFrame({"tfpch": [0.5, 2.0, 3.0]})
    >>> averaged(components, {"period": [2001, 2001, 2002]}, additive=False)["tfpch"].round(6).tolist()
    [1.0, 3.0]
    """
    known = components.notna().all(axis=1).to_numpy()
    levels = (components if additive else np.log(components))[known].reset_index(drop=True)
    labels = [pd.Series(np.asarray(label)[known], name=name) for name, label in keys.items()]
    groups = levels.groupby(labels if len(labels) > 1 else labels[0])
    means = groups.mean() if additive else np.exp(groups.mean())
    means.insert(0, "changes", groups.size())
    return means

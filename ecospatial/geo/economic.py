"""Weights by what units are, not only by where they lie: economic distance and gravity.

Weights made of the outcome or of what moves with it are endogenous, and the usual estimators assume that they are
not: take values of base periods before the sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from ..errors import DataError, OptionError, Text, joined, listed
from ..panel import Panel
from .neighbours import everyone


def base_values(data: Panel, column: str, periods: Any = None) -> tuple[pd.Series, Text]:
    """The mean of a column over the base periods, by unit, and the periods in words.

    Parameters
    ----------
    data : Panel
    column : str
    periods : a period, an iterable of periods, or None
        None serves a panel of one period only.

    Raises
    ------
    OptionError
        Where no period is named or one does not exist.
    DataError
        Where a unit has no value in one of them.

    Examples
    --------
    >>> table = pd.DataFrame({"city": ["a", "a"], "year": [2000, 2001], "gdp": [1.0, 3.0]})
    >>> base_values(Panel.from_frame(table, unit="city", period="year"), "gdp", [2000, 2001])[0].tolist()
    [2.0]
    """
    if periods is None and len(data.periods) > 1:
        raise OptionError(
            "Name the base periods of '{column}', before the sample or its first ones: weights made of later values"
            " depend on what they are to explain. There are: {periods}",
            column=column,
            periods=listed(data.periods, limit=30),
        )
    wanted = pd.Index(_as_list(data.periods if periods is None else periods))
    unknown = wanted[~wanted.isin(data.periods)]
    if len(unknown) or not len(wanted):
        raise OptionError(
            "There is no period {period}; there are: {all}",
            period=listed(unknown) or "none",
            all=listed(data.periods, limit=30),
        )
    values = data.cube([column])[data.periods.get_indexer(wanted), :, 0]
    absent = np.isnan(values).any(axis=0)
    if absent.any():
        raise DataError(
            "'{column}' is empty in a base period for these units: {units}.",
            column=column,
            units=listed(data.units[absent]),
        )
    return pd.Series(values.mean(axis=0), index=data.units, name=column), listed(wanted, limit=10)


def economic_distance(values: pd.Series, smallest: float | None = None) -> sparse.csr_matrix:
    """Weights 1 / |v_i − v_j| of all pairs: the more alike, the nearer (Case, Rosen and Hines 1993).

    Parameters
    ----------
    values : Series, length n
    smallest : float or None
        Differences below this count as this, so that units that are the same do not weigh infinitely.

    Raises
    ------
    DataError
        Where two units have the same value and ``smallest`` is not given.
    OptionError
        Where ``smallest`` is not positive, or there are too many units for all pairs.

    Examples
    --------
    >>> economic_distance(pd.Series([1.0, 2.0, 4.0])).toarray().tolist()
    [[0.0, 1.0, 0.3333333333333333], [1.0, 0.0, 0.5], [0.3333333333333333, 0.5, 0.0]]
    """
    if smallest is not None and not (np.isfinite(smallest) and smallest > 0):
        raise OptionError("smallest={value} must be a positive number.", value=smallest)
    pairs = everyone(len(values)).tocoo()
    numbers = values.to_numpy(float)
    apart = np.maximum(np.abs(numbers[pairs.row] - numbers[pairs.col]), smallest or 0.0)
    if not apart.all():
        same = np.flatnonzero((apart == 0) & (pairs.row < pairs.col))
        named = [joined(values.index[[pairs.row[at], pairs.col[at]]], "–") for at in same]
        raise DataError(
            "These units have the same '{column}', so that the inverse of their difference is infinite: {pairs};"
            " let differences count as so much at least (smallest).",
            column=values.name,
            pairs=listed(named),
        )
    return sparse.csr_matrix((1.0 / apart, (pairs.row, pairs.col)), shape=pairs.shape)


def gravity(inverse: sparse.csr_matrix, masses: pd.Series) -> sparse.csr_matrix:
    """Weights m_i m_j / d^p of inverse distances 1 / d^p and masses.

    Raises
    ------
    DataError
        Where a mass is not positive.

    Examples
    --------
    >>> gravity(sparse.csr_matrix([[0.0, 0.5], [0.5, 0.0]]), pd.Series([2.0, 3.0])).toarray().tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    size = masses.to_numpy(float)
    if not (np.isfinite(size) & (size > 0)).all():
        raise DataError(
            "'{column}' must be positive to be a mass; it is not for: {units}.",
            column=masses.name,
            units=listed(masses.index[~(np.isfinite(size) & (size > 0))]),
        )
    scaled = sparse.diags(size) @ inverse @ sparse.diags(size)
    return sparse.csr_matrix(scaled)


def _as_list(periods: Any) -> list[Any]:
    plain = isinstance(periods, str) or not isinstance(periods, Iterable)
    return [periods] if plain else list(periods)

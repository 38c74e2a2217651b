"""Factors of the geographical detector as strata: taken as they are, or in classes of equal size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ..errors import DataError, Message, OptionError, listed
from ..ids import id_text
from ..kernels.geodetector import quantile_classes
from ..panel import Panel

# Wang and Xu (2017): a mean and a variance in each stratum need at least two units; three leave one to spare.
FEWEST = 3


@dataclass(frozen=True, eq=False)
class Strata:
    """One way to divide the unit-periods.

    Attributes
    ----------
    codes : ndarray, shape (N,)
        Positions from zero, period by period as in a cube.
    names : tuple of str
    """

    codes: np.ndarray
    names: tuple[str, ...]

    def units(self, unit: np.ndarray) -> np.ndarray:
        """Distinct units in each stratum, given the unit of every row (N,)."""
        pairs = np.unique(np.column_stack([self.codes, unit]), axis=0)
        return np.bincount(pairs[:, 0], minlength=len(self.names))


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor and the ways to divide by it that are to be tried.

    Attributes
    ----------
    name : str
    given : bool
        Whether its values are the strata.
    candidates : tuple of Strata
        One where the number of classes is fixed.
    """

    name: str
    given: bool
    candidates: tuple[Strata, ...]

    @classmethod
    def of(cls, data: Panel, name: str, order: np.ndarray, classes: int, discretisation: str) -> Factor:
        """Divide by a column; text is taken as it is.

        Parameters
        ----------
        data : Panel
        name : str
        order : ndarray, shape (N,)
            Places of the rows, period by period.
        classes : int
        discretisation : {"quantile", "best", "given"}

        Raises
        ------
        DataError
            Where a cell is empty, or strata are fewer than two or hold too few units.
        """
        unit = data.places()[0][order]
        given = discretisation == "given" or not _is_number(data[name])
        if given:
            candidates = (_given(data, name, order),)
            _check_classes(name, candidates[0], unit)
            return cls(name, True, candidates)
        values = data.numbers([name])[name].to_numpy()[order]
        counts = range(2, classes + 1) if discretisation == "best" else (classes,)
        found = [_quantiles(name, values, count) for count in counts]
        if discretisation == "best":
            # The search is over what the data can carry; with the fewest classes it must find something.
            found = [found[0], *(one for one in found[1:] if one.units(unit).min() >= FEWEST)]
        _check_classes(name, found[0], unit)
        return cls(name, False, tuple(found))


def _given(data: Panel, name: str, order: np.ndarray) -> Strata:
    column = data[name].astype(object).iloc[order]
    empty = np.flatnonzero(column.isna().to_numpy())
    if len(empty):
        raise DataError(
            "'{column}' is empty for {where}; every unit needs a class.", column=name, where=data.named(order[empty])
        )
    cells = column.astype(float) if _is_number(data[name]) else column.map(id_text)
    codes, values = pd.factorize(cells, sort=True)
    return Strata(np.asarray(codes), tuple(id_text(value) for value in values))


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _quantiles(name: str, values: np.ndarray, count: int) -> Strata:
    codes, bounds = quantile_classes(values, count)
    if len(bounds) < 3:
        raise DataError(
            "'{column}' has so many equal values that no two classes can be made; give classes of your own.",
            column=name,
        )
    spans = [f"({low:.6g}, {high:.6g}]" for low, high in pairwise(bounds)]
    return Strata(codes, ("[" + spans[0][1:], *spans[1:]))


def _check_classes(name: str, strata: Strata, unit: np.ndarray) -> None:
    if len(strata.names) < 2:
        raise DataError("'{column}' has one class only, which divides nothing.", column=name)
    counts = strata.units(unit)
    small = np.flatnonzero(counts < FEWEST)
    if len(small):
        raise DataError(
            "'{column}' has classes of fewer than {fewest} units: {classes}. Use fewer classes (classes=), or join"
            " some.",
            column=name,
            fewest=FEWEST,
            classes=listed(
                Message.of("{name} ({count})", name=strata.names[place], count=counts[place]) for place in small
            ),
        )


def check_factors(y: str, factors: Sequence[str]) -> tuple[str, ...]:
    """Names of the factors, each once.

    Raises
    ------
    OptionError
        Where there are none, or one is named twice or explains itself.
    """
    names = (factors,) if isinstance(factors, str) else tuple(factors)
    if not names or len(set(names)) < len(names) or y in names:
        raise OptionError("Name one or more factors, each once, and not '{y}' itself.", y=y)
    return names


def tie_notes(factors: Sequence[Factor], classes: int, discretisation: str) -> tuple[Message, ...]:
    """Which factors have fewer classes than asked for."""
    short = [one for one in factors if not one.given and len(one.candidates[0].names) < classes]
    if discretisation != "quantile" or not short:
        return ()
    return (
        Message.of(
            "Equal values join classes, so that there are fewer than {classes}: {factors}.",
            classes=classes,
            factors=listed(
                Message.of("{name} ({count})", name=one.name, count=len(one.candidates[0].names)) for one in short
            ),
        ),
    )

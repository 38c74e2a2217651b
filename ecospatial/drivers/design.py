"""A dependent variable and its drivers, taken from a panel and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import DataError, ModelError, OptionError, listed
from ..kernels.least_squares import LeastSquares, dependence, least_squares
from ..panel import Panel

LARGEST = 1e60
INTERCEPT = "Intercept"
RESERVED = (INTERCEPT, "rho", "lambda", "sigma2")
# Squares below these shares, of the values themselves or of their spread, are rounding error.
CONSTANT, NOTHING_LEFT = 1e-24, 1e-13


@dataclass(frozen=True, eq=False)
class Design:
    """What a regression is run on.

    Attributes
    ----------
    data : Panel
        Restricted to the columns in use.
    y_name : str
    x_names : tuple of str
    y : ndarray, shape (N,)
        In the order of the panel's rows.
    x : ndarray, shape (N, k)
        The intercept and the drivers.
    """

    data: Panel
    y_name: str
    x_names: tuple[str, ...]
    y: np.ndarray
    x: np.ndarray

    @classmethod
    def of(cls, data: Panel, y: str, x: Sequence[str]) -> Design:
        """Take the columns out of a panel.

        Raises
        ------
        OptionError
            Where a column is named twice, or none is.
        DataError
            Where a cell is missing or no number, or a column is constant.
        ModelError
            Where the drivers are collinear, too many, or leave nothing to explain.
        """
        names = (x,) if isinstance(x, str) else tuple(x)
        _check_names(y, names)
        used = data.select([y, *names])
        numbers = used.numbers([y, *names])
        _check_sizes(numbers)
        regressors = np.column_stack([np.ones(len(numbers)), numbers[list(names)].to_numpy()])
        design = cls(used, y, names, numbers[y].to_numpy(), regressors)
        design._check()
        return design

    @property
    def terms(self) -> pd.Index:
        """Names of the coefficients."""
        return pd.Index([INTERCEPT, *self.x_names], name="term", dtype=object)

    @property
    def total_squares(self) -> float:
        """Squares of the dependent variable around its mean."""
        return float(((self.y - self.y.mean()) ** 2).sum())

    def fit(self) -> LeastSquares:
        """Least squares on all rows.

        Raises
        ------
        ModelError
            Where the drivers explain the dependent variable without a rest.
        """
        fit = least_squares(self.x, self.y)
        self.check_rest(fit.squares)
        return fit

    def check_rest(self, squares: float) -> None:
        """Stop where nothing but rounding error is left to explain."""
        if squares <= NOTHING_LEFT * self.total_squares:
            raise ModelError(
                "The model explains '{y}' without any rest: a driver is part of it, or the data have no noise;"
                " no standard error can be computed.",
                y=self.y_name,
            )

    def cubes(self) -> tuple[np.ndarray, np.ndarray]:
        """The dependent variable (T, n) and the regressors (T, n, k) of a balanced panel.

        Raises
        ------
        DataError
            Where a unit-period is absent.
        """
        cube = self.data.cube([self.y_name, *self.x_names], missing="error")
        intercept = np.ones((*cube.shape[:2], 1))
        return cube[:, :, 0], np.concatenate([intercept, cube[:, :, 1:]], axis=2)

    def rows(self, cube: np.ndarray, name: str) -> pd.Series:
        """An array (T, n) as a series in the order of the panel's rows."""
        unit, period = self.data.places()
        return pd.Series(cube[period, unit], index=self.data.index, name=name)

    def _check(self) -> None:
        rows, columns = self.x.shape
        if rows <= columns:
            raise ModelError(
                "{rows} observations cannot carry {columns} coefficients (intercept included); use fewer drivers.",
                rows=rows,
                columns=columns,
            )
        if self.total_squares <= CONSTANT * float(self.y @ self.y):
            raise DataError("'{column}' is the same for all units; there is nothing to explain.", column=self.y_name)
        found = dependence(self.x)
        if found is None:
            return
        place, others = found
        driver = self.x_names[place - 1]
        if len(others) == 0:
            raise DataError(
                "The driver '{column}' is the same for all units, as the intercept is; leave it out.", column=driver
            )
        raise ModelError(
            "The driver '{column}' is collinear: it follows from {others}; leave one of them out.",
            column=driver,
            others=listed((f"'{self.x_names[other - 1]}'" for other in others), limit=10),
        )


def _check_names(y: str, x: tuple[str, ...]) -> None:
    if not x:
        raise OptionError("Name at least one driver in x.")
    twice = sorted({name for name in x if x.count(name) > 1})
    if twice:
        raise OptionError("Drivers are named twice: {names}.", names=listed(twice))
    if y in x:
        raise OptionError("'{name}' is the dependent variable and a driver as well.", name=y)
    clash = [name for name in x if name in RESERVED]
    if clash:
        raise OptionError("Rename the column '{name}': regression tables use this name themselves.", name=clash[0])


def _check_sizes(numbers: pd.DataFrame) -> None:
    """Squares of squares must stay within the range of floating-point numbers."""
    largest = numbers.abs().max()
    extreme = largest[(largest > LARGEST) | ((largest > 0) & (largest < 1 / LARGEST))]
    if len(extreme):
        raise DataError(
            "'{column}' reaches {value}; give it in other units, so that it lies between 1e-60 and 1e60.",
            column=extreme.index[0],
            value=f"{extreme.iloc[0]:.3g}",
        )

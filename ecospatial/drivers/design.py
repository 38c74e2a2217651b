"""A dependent variable and its drivers, taken from a panel and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import DataError, Message, ModelError, OptionError, Text, listed
from ..kernels.least_squares import LeastSquares, dependence, least_squares
from ..kernels.within import Within
from ..panel import Panel
from .transforms import transformed

LARGEST = 1e60
INTERCEPT = "Intercept"
RESERVED = (INTERCEPT, "rho", "lambda", "phi", "sigma", "sigma_u", "sigma2")
# Squares below these shares, of the values themselves or of their spread, are rounding error.
CONSTANT, NOTHING_LEFT = 1e-24, 1e-13
# Shares of its spread, and of its size, that a driver must keep once fixed effects are taken out.
ABSORBED, ROUNDED = 1e-9, 1e-14
_ABSORBING = {
    "individual": "they do not change over time within any unit",
    "time": "they are the same for all units in every period",
    "twoway": "they only differ between units, or only between periods, or by the sum of both",
}


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
    notes : tuple of Message
        What a result must say of its variables.
    """

    data: Panel
    y_name: str
    x_names: tuple[str, ...]
    y: np.ndarray
    x: np.ndarray
    notes: tuple[Message, ...] = ()

    @classmethod
    def of(cls, data: Panel, y: str, x: Sequence[str], transforms: Mapping[str, str] | Sequence[str] = ()) -> Design:
        """Take the columns out of a panel.

        Parameters
        ----------
        data : Panel or GeoPanel
        y : str
        x : sequence of str
        transforms : mapping or sequence of str
            See :func:`transformed`; the names of the design are those of the terms then, ``log(gdp)``.

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
        used = transformed(data, [y, *names], transforms)
        explained, *terms = used.names.values()
        numbers = used.data.numbers([explained, *terms])
        _check_sizes(numbers)
        regressors = np.column_stack([np.ones(len(numbers)), numbers[terms].to_numpy()])
        notes = (*used.notes, *_circular(data, y, names))
        design = cls(used.data, explained, tuple(terms), numbers[explained].to_numpy(), regressors, notes)
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

    def within(self, effects: str) -> Within:
        """The projection that takes fixed effects out of rows."""
        return Within.of(*self.data.places(), effects)

    def varying(self, effects: str = "individual") -> np.ndarray:
        """Columns of ``x`` that differ from what fixed effects explain of them."""
        return np.flatnonzero(~absorbed(self.within(effects)(self.x[:, 1:]), self.x[:, 1:])) + 1

    def check_absorbed(self, effects: str) -> None:
        """Stop where fixed effects leave a driver nothing, or make drivers collinear.

        Parameters
        ----------
        effects : {"none", "individual", "time", "twoway", "random"}

        Raises
        ------
        ModelError
            Names the drivers; or there are fewer observations than effects and coefficients.
        """
        if effects == "random":
            self._check_left(self.within("individual"), effects)
        if effects not in _ABSORBING:
            return
        within = self.within(effects)
        left = within(self.x[:, 1:])
        gone = np.setdiff1d(np.arange(1, self.x.shape[1]), self.varying(effects))
        if len(gone):
            raise ModelError(
                "effects='{effects}' absorbs {drivers}: {reason}. Leave them out or choose other effects.",
                effects=effects,
                drivers=self.drivers(gone),
                reason=Message.of(_ABSORBING[effects]),
            )
        self._check_independent(np.column_stack([np.ones(len(left)), left]))
        self._check_count(left.shape[1] + within.rank)
        self._check_left(within, effects)

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
        self._check_count(self.x.shape[1])
        if self.total_squares <= CONSTANT * float(self.y @ self.y):
            raise DataError("'{column}' is the same for all units; there is nothing to explain.", column=self.y_name)
        self._check_independent(self.x)

    def _check_left(self, within: Within, effects: str) -> None:
        if ((within(self.y)) ** 2).sum() <= NOTHING_LEFT * self.total_squares:
            raise ModelError(
                "effects='{effects}' explains '{column}' alone; there is nothing left for drivers to explain.",
                effects=effects,
                column=self.y_name,
            )

    def _check_count(self, columns: int) -> None:
        if len(self.x) <= columns:
            raise ModelError(
                "{rows} observations cannot carry {columns} coefficients (intercept included); use fewer drivers.",
                rows=len(self.x),
                columns=columns,
            )

    def _check_independent(self, x: np.ndarray) -> None:
        found = dependence(x)
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
            others=self.drivers(others),
        )

    def drivers(self, columns: np.ndarray) -> Text:
        """Names of columns of ``x`` for a message."""
        return listed((f"'{self.x_names[column - 1]}'" for column in columns), limit=10)


def absorbed(left: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Which columns (N, k) fixed effects leave nothing but rounding error."""
    size, spread = (np.linalg.norm(values, axis=0) for values in (levels, levels - levels.mean(axis=0)))
    return np.asarray(np.linalg.norm(left, axis=0) <= np.maximum(ABSORBED * spread, ROUNDED * size))


def _circular(data: Panel, y: str, x: Sequence[str]) -> tuple[Message, ...]:
    """Warn of drivers that the model of the dependent variable was made of."""
    parts = data.made_from.get(y, ())
    circular = [name for name in x if name in parts]
    if not circular:
        return ()
    return (
        Message.of(
            "{drivers}: drivers that are inputs or outputs of the efficiency '{y}' as well, so the regression explains"
            " it in part by itself.",
            drivers=listed((f"'{name}'" for name in circular), limit=10),
            y=y,
        ),
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

"""A regression for every group that can carry one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from ..errors import EcospatialError, Message, ModelError, listed
from ..panel import Panel
from .chow import COLUMNS, Hypotheses
from .group_slopes import effects_table, slopes_table
from .regime_model import RegimeModel
from .regression import RegressionResult
from .spatial_models import LAG_PREFIX
from .unit_groups import UnitGroups

# Hair, Black, Babin and Anderson (2019), Multivariate Data Analysis, chapter 5: never fewer than five observations a
# variable. Cameron and Miller (2015), Journal of Human Resources 50, 317-372: some ten clusters are the least.
OBSERVATIONS, UNITS = 5, 10
OK, FEW_OBSERVATIONS, FEW_UNITS, FAILED = "ok", "too few observations", "too few units", "not estimated"


def cells_of(data: Panel, groups: UnitGroups, model: RegimeModel, drivers: int) -> pd.DataFrame:
    """Units and observations of each group, and whether they can carry a regression of their own.

    Parameters
    ----------
    data : Panel
    groups : UnitGroups
    model : RegimeModel
    drivers : int

    Returns
    -------
    DataFrame
        By group: ``units, observations, coefficients, status``; coefficients are those of the regression, fixed effects
        apart.
    """
    unit, _ = data.places()
    rows = np.bincount(groups.codes[unit], minlength=len(groups.names))
    by_unit, by_period = model.effects in ("individual", "twoway"), model.effects in ("time", "twoway")
    count = drivers * (1 + model.lags) + model.spatial_parameters + (not by_unit and not by_period)
    fixed = by_unit * groups.counts + by_period * len(data.periods) - (by_unit and by_period)
    thin = rows - fixed < OBSERVATIONS * count
    status = np.where(thin, FEW_OBSERVATIONS, np.where(groups.counts < UNITS, FEW_UNITS, OK))
    columns = {"units": groups.counts, "observations": rows, "coefficients": count, "status": status.astype(object)}
    return pd.DataFrame(columns, index=pd.Index(groups.names, name="group", dtype=object))


def small_note(cells: pd.DataFrame, separate: bool) -> tuple[Message, ...]:
    """Names of the groups that are too small for a regression of their own."""
    small = cells[cells["status"] != OK]
    if not len(small):
        return ()
    template = (
        "Groups without a regression, which needs {observations} observations a coefficient, fixed effects taken off,"
        " and {units} units: {groups}."
        if separate
        else "Small groups, which could not carry a regression of their own ({observations} observations a coefficient,"
        " fixed effects taken off, and {units} units), and whose slopes rest on little: {groups}."
    )
    return (Message.of(template, observations=OBSERVATIONS, units=UNITS, groups=_counted(small)),)


def _counted(cells: pd.DataFrame) -> object:
    shown = (
        Message.of(
            "{name} ({rows} observations of {units} units)", name=name, rows=row["observations"], units=row["units"]
        )
        for name, row in cells.iterrows()
    )
    return listed(shown, limit=20)


def separate_regressions(
    data: Panel, y: str, drivers: Sequence[str], groups: UnitGroups, model: RegimeModel, cells: pd.DataFrame
) -> tuple[dict[str, RegressionResult], pd.DataFrame, tuple[Message, ...]]:
    """Fit each group that is large enough.

    Returns
    -------
    tuple of dict, DataFrame and tuple
        Fits by group, the cells with the fate of each, and notes on failures.

    Raises
    ------
    ModelError
        Where no group can carry a regression.
    """
    fits: dict[str, RegressionResult] = {}
    notes, fate = [], cells["status"].copy()
    for place, group in enumerate(groups.names):
        if cells["status"][group] != OK:
            continue
        part = data.where_units(data.units[groups.codes == place])
        try:
            fits[group] = model.within(part).fit(part, y, drivers, drivers)
        except EcospatialError as error:
            fate[group] = FAILED
            notes.append(Message.of("{group}: {problem}", group=group, problem=error.message))
    if not fits:
        raise ModelError(
            "No group of '{by}' can carry a regression with {count} coefficients, which needs {observations}"
            " observations a coefficient, fixed effects taken off, and {units} units: {groups}. {problems}Use"
            " how='interactions', join groups, or use fewer drivers.",
            by=groups.by,
            count=cells["coefficients"].iloc[0],
            observations=OBSERVATIONS,
            units=UNITS,
            groups=_counted(cells),
            problems="".join(f"{note} " for note in notes),
        )
    return fits, cells.assign(status=fate), tuple(notes)


def separate_slopes(fits: dict[str, RegressionResult], drivers: Sequence[str]) -> pd.DataFrame:
    """One row a driver and group."""
    parts = []
    for group, fit in fits.items():
        every = [*drivers, *(LAG_PREFIX + driver for driver in drivers)]
        parts.append(slopes_table(fit, {term: [term] for term in every if term in fit.params.index}, [group]))
    return by_driver(parts)


def separate_effects(fits: dict[str, RegressionResult], drivers: Sequence[str]) -> pd.DataFrame:
    """Effects in each group's own regression."""
    return by_driver([effects_table(fit, {name: [name] for name in drivers}, [group]) for group, fit in fits.items()])


def by_driver(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables of single groups as one, drivers together."""
    whole = pd.concat(parts, ignore_index=True)
    order = pd.Index(whole["term"].unique()).get_indexer(whole["term"])
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def separate_chow(fits: dict[str, RegressionResult], slopes: pd.DataFrame) -> pd.DataFrame:
    """Wald tests across regressions of different units, whose estimates are independent (Chi-squared)."""
    if len(fits) < 2:
        return pd.DataFrame(columns=[*COLUMNS, "null"]).rename_axis("test")
    names = list(dict.fromkeys(slopes["term"]))
    terms = {name: [f"{name}[{group}]" for group in fits] for name in names}
    params = np.concatenate([fit.params[names].to_numpy() for fit in fits.values()])
    cov = block_diag(*(fit.cov.loc[names, names].to_numpy() for fit in fits.values()))
    order = pd.Index([f"{name}[{group}]" for group in fits for name in names], dtype=object)
    return Hypotheses.of(order, terms, ()).tests(params, cov, None)

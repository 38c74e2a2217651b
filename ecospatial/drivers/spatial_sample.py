"""The arrays of a spatial model: regressors and their lags, swept of fixed effects, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import DataError, Message, ModelError, OptionError, listed, suggest
from ..geo.weights import Weights
from ..kernels.least_squares import dependence
from ..kernels.likelihood import Sample
from ..kernels.logdet import LogDeterminant, UnitRootRemoved
from ..kernels.panel_effects import Sweep, period_dummies
from ..kernels.spatial_lag import spatial_lag
from ..panel import Panel
from .design import INTERCEPT, ROUNDED, Design, absorbed
from .spatial_models import LAG_PREFIX, MODELS, SpatialModel

# Share of its length that a spatial lag must keep outside of what is lagged.
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class SpatialSample:
    """A model's arrays, before and after fixed effects are taken out.

    Attributes
    ----------
    weights : Weights
    names : tuple of str
        Of the coefficients, spatial parameters excepted.
    y, wy : ndarray, shape (T, n)
    x : ndarray, shape (T, n, k)
        As in the data.
    swept : Sample
        Less the effects; the last ``dummies`` of its regressors are effects of periods.
    sweep : Sweep
        What was taken out of it.
    effects : Sweep
        What the model's effects are, dummies included.
    centred : bool
        Whether a root of the spectrum went with the effects of periods.
    dummies : int
    """

    weights: Weights
    names: tuple[str, ...]
    y: np.ndarray
    wy: np.ndarray
    x: np.ndarray
    swept: Sample
    sweep: Sweep
    effects: Sweep
    centred: bool
    dummies: int

    @classmethod
    def of(
        cls, design: Design, weights: Weights, model: str, effects: str, lee_yu: str, lags_of: Sequence[str] | None
    ) -> SpatialSample:
        """Build and check the arrays.

        Raises
        ------
        OptionError, DataError, ModelError
            Where effects, weights or drivers do not go together.
        """
        kind, full = MODELS[model], Sweep.of(effects)
        centred = full.periods and lee_yu == "transform" and bool(kind.parameters)
        if centred and not weights.has_unit_rows:
            raise _no_transformation(weights)
        y, every = design.cubes()
        lagged = _lagged_names(design, kind, lags_of)
        names = (*(() if full.units or full.periods else (INTERCEPT,)), *design.x_names)
        first = len(design.terms) - len(names)
        x = every[:, :, first:]
        places = [design.terms.get_loc(name) for name in lagged]
        x = np.concatenate([x, spatial_lag(weights.sparse, every[:, :, places])], axis=2) if places else x
        as_dummies = full.periods and "lambda" in kind.parameters and not weights.has_unit_rows
        sweep = Sweep(full.units, full.periods and not as_dummies)
        regressors = sweep(x)
        names = (*names, *(LAG_PREFIX + name for name in lagged))
        _check_count(full.rows(*y.shape), len(names))
        _check_regressors(full(x) if as_dummies else regressors, x, names, effects)
        dummies = period_dummies(len(y), y.shape[1], full.units) if as_dummies else np.zeros((*y.shape, 0))
        wy = spatial_lag(weights.sparse, y)
        outcomes = sweep(y), sweep(wy)
        transformed = lee_yu == "transform" or not kind.parameters
        swept = _sample(weights, outcomes, np.concatenate([regressors, dummies], axis=2), sweep, full, transformed)
        if kind.parameters:
            _check_lag(swept, wy, design.y_name)
        return cls(weights, names, y, wy, x, swept, sweep, full, centred, dummies.shape[2])

    @property
    def degrees(self) -> int:
        """Observations less effects and coefficients."""
        return self.effects.rows(*self.y.shape) - len(self.names)

    @property
    def absorbed(self) -> int:
        """Effects that the likelihood counts as parameters."""
        return self.swept.observations - self.effects.rows(*self.y.shape)

    def determinant(self) -> LogDeterminant | None:
        """The log-determinant of the weights, less the root that effects of periods take with them."""
        whole = self.weights.log_determinant
        return UnitRootRemoved(whole) if whole is not None and self.centred else whole


def check_effects(data: Panel, effects: str | None) -> str:
    """The effects that were asked for; by default two-way where there are several periods.

    Raises
    ------
    OptionError
        Where effects are asked of one period.
    """
    several = len(data.periods) > 1
    if effects is None:
        return "twoway" if several else "none"
    if effects != "none" and not several:
        raise OptionError("effects='{effects}' needs several periods; the data have one.", effects=effects)
    return effects


def check_balance(data: Panel) -> None:
    """Stop where a unit-period is absent: a neighbour without a row has no place in a spatial lag."""
    if data.balanced:
        return
    gaps = data.balance()
    first = gaps.iloc[0]
    raise DataError(
        "Unit {unit} has no row for period {period}{more}; a spatial model needs all units in all its periods. Fill the"
        " rows, or keep whole periods (panel.where_periods) or whole units (panel.where_units). Incomplete are the"
        " units {units}, and the periods {periods}.",
        unit=first["unit"],
        period=first["period"],
        more=Message.of(" ({count} rows are missing)", count=len(gaps)) if len(gaps) > 1 else "",
        units=listed(gaps["unit"].unique()),
        periods=listed(gaps["period"].unique()),
    )


def _sample(
    weights: Weights,
    outcomes: tuple[np.ndarray, np.ndarray],
    x: np.ndarray,
    sweep: Sweep,
    effects: Sweep,
    transformed: bool,
) -> Sample:
    """The swept arrays with what they count for (:mod:`ecospatial.kernels.panel_effects`)."""
    y, wy = outcomes
    return Sample(
        y=y,
        wy=wy,
        wwy=sweep(spatial_lag(weights.sparse, wy)),
        x=x,
        wx=sweep(spatial_lag(weights.sparse, x)),
        observations=effects.rows(*y.shape) if transformed else y.size,
        spectra=len(y) - effects.units if transformed else len(y),
    )


def _lagged_names(design: Design, kind: SpatialModel, lags_of: Sequence[str] | None) -> tuple[str, ...]:
    if lags_of is not None and not kind.lags:
        raise OptionError("lags_of is for the models with lagged drivers: durbin, durbin-error and slx.")
    if not kind.lags:
        return ()
    names = design.x_names if lags_of is None else ((lags_of,) if isinstance(lags_of, str) else tuple(lags_of))
    strange = [name for name in names if name not in design.x_names]
    if strange or not names:
        raise OptionError(
            "lags_of must name drivers of x; '{name}' is none: {hint}",
            name=strange[0] if strange else "",
            hint=suggest(strange[0] if strange else "", design.x_names),
        )
    clash = [name for name in names if LAG_PREFIX + name in design.x_names]
    if clash:
        raise OptionError("Rename the column '{name}': its name is that of a lag.", name=LAG_PREFIX + clash[0])
    return tuple(dict.fromkeys(names))


def _no_transformation(weights: Weights) -> ModelError:
    reason = Message.of("{units} have no neighbour", units=listed(weights.islands))
    return ModelError(
        "The transformation of Lee and Yu for effects of periods needs weights whose rows all sum to one, but {reason}."
        " Use lee_yu='none', or other weights (islands='nearest', transform='row').",
        reason=reason if len(weights.islands) else Message.of("these are not row-standardised"),
    )


def _check_count(rows: int, columns: int) -> None:
    if rows <= columns + 2:
        raise ModelError(
            "{rows} observations, effects taken off, cannot carry {columns} coefficients and the spatial parameters;"
            " use fewer drivers or lags.",
            rows=rows,
            columns=columns,
        )


def _check_lag(swept: Sample, wy: np.ndarray, name: str) -> None:
    """Stop where Wy follows from y alone: then the likelihood is flat, or has no top."""
    y, lag = swept.y.ravel(), swept.wy.ravel()
    rest = lag - (y @ lag) / (y @ y) * y
    if np.linalg.norm(rest) <= max(SAME * np.linalg.norm(lag), ROUNDED * np.linalg.norm(wy)):
        raise ModelError(
            "The spatial lag of '{y}' is a multiple of '{y}' itself, effects taken off: all units are neighbours of all"
            " others alike, or '{y}' is the same for all that are neighbours. No spatial parameter can be estimated;"
            " use other weights or effects.",
            y=name,
        )


def _check_regressors(swept: np.ndarray, x: np.ndarray, names: Sequence[str], effects: str) -> None:
    """Stop where effects absorb a lagged driver, or the lags make regressors collinear."""
    left, levels = swept.reshape(-1, len(names)), x.reshape(-1, len(names))
    bare = names[0] != INTERCEPT
    if bare:
        gone = absorbed(left, levels)
        if gone.any():
            raise ModelError(
                "The {effects} effects absorb {terms}; leave the drivers out of lags_of, or choose other effects.",
                effects=Message.of(effects),
                terms=listed((f"'{names[place]}'" for place in np.flatnonzero(gone).tolist()), limit=10),
            )
        left = np.column_stack([np.ones(len(left)), left])
    found = dependence(left)
    if found is None:
        return
    place, others = found
    raise ModelError(
        "'{term}' is collinear: it follows from {others}. A driver that is the same for all units, or for all that are"
        " neighbours, is its own lag; leave it out of lags_of.",
        term=names[place - bare],
        others=listed((f"'{names[other - bare]}'" for other in others), limit=10) if len(others) else INTERCEPT,
    )

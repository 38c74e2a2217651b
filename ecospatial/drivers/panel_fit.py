"""Least squares with the effects of a panel: none, fixed or random."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import Message, ModelError, OptionError
from ..kernels.least_squares import LeastSquares, least_squares
from ..kernels.variance_components import Components, swamy_arora
from ..kernels.within import Within, group_means
from .design import Design

NO_EFFECTS: pd.DataFrame = pd.DataFrame({"of": [], "id": [], "effect": [], "level": []}).rename_axis("row")


@dataclass(frozen=True, eq=False)
class PanelFit:
    """A least-squares fit of transformed rows, and what it says of the rows themselves.

    Attributes
    ----------
    terms : Index
    x : ndarray, shape (N, k)
        Transformed regressors.
    fit : LeastSquares
        Of the transformed rows.
    leverage : ndarray, shape (N,)
        Absorbed effects included.
    absorbed : int
        Parameters of the fixed effects.
    residuals : ndarray, shape (N,)
        They and the fitted values add up to the dependent variable.
    loglik : float
    r2 : float
        Of the transformed rows.
    overall : float
        Share of all variance explained, fixed effects included.
    effects : DataFrame
        ``of, id, effect, level``, empty without fixed effects.
    components : Components or None
    """

    terms: pd.Index
    x: np.ndarray
    fit: LeastSquares
    leverage: np.ndarray
    absorbed: int
    residuals: np.ndarray
    loglik: float
    r2: float
    overall: float
    effects: pd.DataFrame = field(default_factory=NO_EFFECTS.copy)
    components: Components | None = None

    @property
    def df(self) -> int:
        """Observations less all parameters."""
        return len(self.residuals) - len(self.terms) - self.absorbed

    @property
    def sigma2(self) -> float:
        """Residual variance of the transformed rows, e'e / df."""
        return self.fit.squares / self.df


def fit_panel(design: Design, effects: str) -> PanelFit:
    """Fit a design with effects.

    Parameters
    ----------
    design : Design
    effects : {"none", "individual", "time", "twoway", "random"}

    Raises
    ------
    OptionError
        Where a cross-section is given effects.
    ModelError
        Where effects absorb drivers or explain y alone, or there are too few units for random effects.
    """
    if effects == "none":
        return _pooled(design)
    if len(design.data.periods) == 1:
        raise OptionError("effects='{effects}' needs a panel; these data have one period.", effects=effects)
    design.check_absorbed(effects)
    return _random(design) if effects == "random" else _fixed(design, effects)


def gaussian_loglik(squares: float, count: int) -> float:
    """The log-likelihood of a least-squares fit with its sum of squares."""
    return float(-count / 2 * (np.log(2 * np.pi) + 1 + np.log(squares / count)))


def _pooled(design: Design) -> PanelFit:
    fit = design.fit()
    r2 = 1 - fit.squares / design.total_squares
    loglik = gaussian_loglik(fit.squares, len(design.y))
    return PanelFit(design.terms, design.x, fit, _hat(fit), 0, fit.residuals, loglik, r2, r2)


def _fixed(design: Design, effects: str) -> PanelFit:
    within = design.within(effects)
    x, y = within(design.x[:, 1:]), within(design.y)
    fit = least_squares(x, y)
    design.check_rest(fit.squares)
    rest = design.y - design.x[:, 1:] @ fit.coefficients
    return PanelFit(
        terms=design.terms[1:],
        x=x,
        fit=fit,
        leverage=within.leverage + _hat(fit),
        absorbed=within.rank,
        residuals=fit.residuals,
        loglik=gaussian_loglik(fit.squares, len(y)),
        r2=1 - fit.squares / float(y @ y),
        overall=1 - fit.squares / design.total_squares,
        effects=_effects(design, rest, effects),
    )


def _random(design: Design) -> PanelFit:
    unit, _ = design.data.places()
    found = swamy_arora(design.y, design.x, unit)
    if found is None:
        raise ModelError(
            "{units} units are too few for random effects with {drivers} drivers; use fewer, or fixed effects.",
            units=len(design.data.units),
            drivers=len(design.x_names),
        )
    x, y = found.transformed(design.x, unit), found.transformed(design.y, unit)
    fit = least_squares(x, y)
    design.check_rest(fit.squares)
    residuals = design.y - design.x @ fit.coefficients
    return PanelFit(
        terms=design.terms,
        x=x,
        fit=fit,
        leverage=_hat(fit),
        absorbed=0,
        residuals=residuals,
        loglik=found.loglik(residuals, unit),
        r2=1 - fit.squares / float(((y - y.mean()) ** 2).sum()),
        overall=float(np.corrcoef(design.y, design.y - residuals)[0, 1] ** 2),
        components=found,
    )


def _hat(fit: LeastSquares) -> np.ndarray:
    return np.asarray((fit.basis**2).sum(axis=1))


def _effects(design: Design, rest: np.ndarray, effects: str) -> pd.DataFrame:
    """Deviations of units and of periods from the common level, whose mean over the rows is zero."""
    unit, period = design.data.places()
    parts = {}
    if effects == "twoway":
        # What the dummies of the periods say once the means of the units are out of them (least norm where the
        # panel falls apart into unconnected pieces).
        within = Within.of(unit, period, "individual")
        dummies = np.eye(len(design.data.periods))[period]
        times = np.linalg.lstsq(within(dummies), within(rest), rcond=None)[0]
        parts["unit"] = group_means(rest - times[period], unit, np.bincount(unit))
        parts["period"] = times
    elif effects == "individual":
        parts["unit"] = group_means(rest, unit, np.bincount(unit))
    else:
        parts["period"] = group_means(rest, period, np.bincount(period))
    level = rest.mean()
    places = {"unit": (unit, design.data.units), "period": (period, design.data.periods)}
    found = []
    for of, values in parts.items():
        rows, ids = places[of]
        deviations = values - values[rows].mean()
        names = [str(name) for name in ids]
        found.append(pd.DataFrame({"of": of, "id": names, "effect": deviations, "level": level + deviations}))
    return pd.concat(found, ignore_index=True).rename_axis("row")


def component_notes(fit: PanelFit) -> tuple[Message, ...]:
    """Whether the variance of the unit effects came out negative."""
    if fit.components is None or not fit.components.bounded:
        return ()
    return (
        Message.of(
            "The variance of the unit effects came out negative and is set to zero: the random-effects model is pooled"
            " least squares here."
        ),
    )

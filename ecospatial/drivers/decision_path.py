"""From tests to a spatial model: the path that Elhorst (2010, 2014) and Anselin and Florax describe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import Message
from .hausman import HAUSMAN
from .nested import F_PERIODS, F_SLX, F_UNITS
from .regression import probability
from .restrictions import LR_ERROR, LR_LAG, WALD_ERROR, WALD_LAG, WALD_SLX

LEVEL = 0.05
LM_ERROR, LM_LAG = "LM error", "LM lag"
ROBUST_ERROR, ROBUST_LAG = "Robust LM error", "Robust LM lag"

Points = Literal["lag", "error"] | None
# Effects by whether those of units and of periods are needed.
EFFECTS = {(False, False): "none", (True, False): "individual", (False, True): "time", (True, True): "twoway"}


def decision_path(tests: pd.DataFrame, effects: str = "none") -> tuple[Message, ...]:
    """Walk from the tests of a regression to a model; steps whose tests are not there are left out.

    Effects first: F, and Hausman where they are random. Then the Lagrange multipliers. Where one rejects, the Durbin
    model is tested against the lag and the error model: the simpler one stands where its restriction is not rejected
    and the (robust) Lagrange multipliers point to it; else the Durbin model, which holds both. Where none rejects,
    lagged drivers alone may (Elhorst 2010, J. Geographical Systems 12, 9–28; 2014, section 2.9).

    Parameters
    ----------
    tests : DataFrame
        Indexed by name of the test: ``statistic, pvalue``.
    effects : {"none", "individual", "time", "twoway", "random"}
        Of the regression that was tested.

    Returns
    -------
    tuple of Message
        The advice last.

    Examples
    --------
    >>> tests = pd.DataFrame({"statistic": [0.7, 0.2], "pvalue": [0.4, 0.6]}, index=["LM error", "LM lag"])
    >>> [str(step) for step in decision_path(tests)]
    ['LM error (p = 0.4000) and LM lag (p = 0.6000) do not reject at 0.05', 'advice: stay with OLS']
    """
    error, lag = bool(tests["pvalue"][LM_ERROR] < LEVEL), bool(tests["pvalue"][LM_LAG] < LEVEL)
    first = (*_effects_steps(tests, effects), _multiplier_step(tests, (error, lag)))
    if not error and not lag:
        return *first, *_without_multipliers(tests)
    robust, points = _pointed(tests) if error and lag else ((), "error" if error else "lag")
    return *first, *robust, *_with_durbin(tests, points)


def _effects_steps(tests: pd.DataFrame, effects: str) -> tuple[Message, ...]:
    steps = []
    if F_UNITS in tests.index:
        steps.append(_fixed_effects_step(effects, *_values(tests, (F_UNITS, F_PERIODS))))
    if HAUSMAN in tests.index:
        value = float(tests["pvalue"][HAUSMAN])
        if np.isnan(value):
            steps.append(Message.of("Hausman is undefined: fixed effects are the safe choice"))
        else:
            outcome = (
                "Hausman rejects random effects ({value}): fixed effects"
                if value < LEVEL
                else "Hausman does not reject random effects ({value})"
            )
            steps.append(Message.of(outcome, value=probability(value)))
    return tuple(steps)


def _fixed_effects_step(effects: str, units: float, periods: float) -> Message:
    if np.isnan(units) or np.isnan(periods):
        return Message.of("F tests of the effects are undefined: effects of units and periods explain everything")
    needed = EFFECTS[bool(units < LEVEL), bool(periods < LEVEL)]
    verdict = (
        "F tests agree with effects='{effects}' (units {units}, periods {periods})"
        if needed == effects
        else "F tests point to effects='{effects}' (units {units}, periods {periods}): repeat the tests with them"
    )
    return Message.of(verdict, effects=needed, units=probability(units), periods=probability(periods))


def _multiplier_step(tests: pd.DataFrame, rejected: tuple[bool, bool]) -> Message:
    verdicts = {
        (False, False): "LM error ({error}) and LM lag ({lag}) do not reject at {level}",
        (True, False): "LM error rejects ({error}), LM lag does not ({lag}) at {level}",
        (False, True): "LM lag rejects ({lag}), LM error does not ({error}) at {level}",
        (True, True): "LM error ({error}) and LM lag ({lag}) both reject at {level}",
    }
    return _step(verdicts[rejected], *_values(tests, (LM_ERROR, LM_LAG)))


def _pointed(tests: pd.DataFrame) -> tuple[tuple[Message, ...], Points]:
    """Settle by the robust tests; where they agree the larger statistic decides."""
    error, lag = _values(tests, (ROBUST_ERROR, ROBUST_LAG))
    if np.isnan(error) or np.isnan(lag):
        return (Message.of("the robust tests are undefined"),), None
    verdicts = {
        (False, False): "neither robust test rejects (error {error}, lag {lag}); the larger statistic decides",
        (True, False): "only robust LM error rejects (error {error}, lag {lag})",
        (False, True): "only robust LM lag rejects (error {error}, lag {lag})",
        (True, True): "both robust tests reject (error {error}, lag {lag}); the larger statistic decides",
    }
    larger = tests["statistic"][ROBUST_ERROR] > tests["statistic"][ROBUST_LAG]
    return (_step(verdicts[bool(error < LEVEL), bool(lag < LEVEL)], error, lag),), "error" if larger else "lag"


def _without_multipliers(tests: pd.DataFrame) -> tuple[Message, ...]:
    """OLS, unless the lagged drivers say otherwise; then whether a spatial lag comes with them."""
    if F_SLX not in tests.index or not tests["pvalue"][F_SLX] < LEVEL:
        return (Message.of("advice: stay with OLS"),)
    lagged = Message.of("the lagged drivers reject OLS ({value})", value=probability(tests["pvalue"][F_SLX]))
    if WALD_SLX not in tests.index:
        return lagged, Message.of("advice: the SLX model")
    rho = float(tests["pvalue"][WALD_SLX])
    verdict = "rho rejects in the Durbin model ({value})" if rho < LEVEL else "rho does not, in Durbin ({value})"
    advice = _advice("Durbin") if rho < LEVEL else Message.of("advice: the SLX model")
    return lagged, Message.of(verdict, value=probability(rho)), advice


def _with_durbin(tests: pd.DataFrame, points: Points) -> tuple[Message, ...]:
    """Whether the Durbin model simplifies to the one that the multipliers point to."""
    if LR_LAG not in tests.index:
        return (_untested(points),)
    names = {"lag": (LR_LAG, WALD_LAG), "error": (LR_ERROR, WALD_ERROR)}
    values = {model: _values(tests, pair) for model, pair in names.items()}
    holds = {model: all(value >= LEVEL for value in pair) for model, pair in values.items()}
    verdicts = {
        (False, False): "Durbin simplifies to neither",
        (True, False): "Durbin simplifies to the lag model, not to the error model",
        (False, True): "Durbin simplifies to the error model, not to the lag model",
        (True, True): "Durbin simplifies to either",
    }
    template = "{verdict} (lag: LR {lr_lag}, Wald {wald_lag}; error: LR {lr_error}, Wald {wald_error})"
    shown = {
        f"{kind}_{model}": probability(value)
        for model, pair in values.items()
        for kind, value in zip(("lr", "wald"), pair, strict=True)
    }
    step = Message.of(template, verdict=Message.of(verdicts[holds["lag"], holds["error"]]), **shown)
    if points is not None and holds[points]:
        return step, _advice(points)
    if any(holds.values()):
        return step, Message.of("the multipliers do not point there"), _advice("Durbin")
    return step, _advice("Durbin")


def _untested(points: Points) -> Message:
    if points is None:
        return Message.of("advice: choose lag or error by theory")
    return Message.of(
        "advice: the spatial {model} model; Elhorst (2010) would estimate a spatial Durbin model as well and test"
        " whether it simplifies to it",
        model=Message.of(points),
    )


def _advice(model: str) -> Message:
    return Message.of("advice: the spatial {model} model", model=Message.of(model))


def _step(template: str, error: float, lag: float) -> Message:
    return Message.of(template, error=probability(error), lag=probability(lag), level=f"{LEVEL:g}")


def _values(tests: pd.DataFrame, names: Sequence[str]) -> tuple[float, ...]:
    return tuple(float(tests["pvalue"][name]) for name in names)

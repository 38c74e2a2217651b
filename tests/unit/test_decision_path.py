"""From p-values to a model: every branch of the decision path."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ecospatial.drivers.decision_path import decision_path


def table(**pvalues: float) -> pd.DataFrame:
    names = {
        "error": "LM error", "lag": "LM lag", "robust_error": "Robust LM error", "robust_lag": "Robust LM lag",
        "slx": "F of the lagged drivers (SLX)", "rho": "Wald: Durbin against SLX", "hausman": "Hausman",
        "lr_lag": "LR: Durbin against lag", "wald_lag": "Wald: Durbin against lag",
        "lr_error": "LR: Durbin against error", "wald_error": "Wald: Durbin against error",
    }  # fmt: skip
    series = pd.Series({names[name]: value for name, value in pvalues.items()})
    return pd.DataFrame({"statistic": -np.log(series), "pvalue": series})


LAG = {"error": 0.3, "lag": 0.01, "robust_error": 0.5, "robust_lag": 0.4}
BOTH = {"error": 0.01, "lag": 0.01, "robust_error": 0.001, "robust_lag": 0.2}


@pytest.mark.parametrize(
    ("multiplier", "restrictions", "advice"),
    [
        (LAG, (0.4, 0.4, 0.4, 0.4), "the spatial lag model"),
        (LAG, (0.4, 0.4, 0.01, 0.01), "the spatial lag model"),
        (LAG, (0.01, 0.01, 0.4, 0.4), "the spatial Durbin model"),
        (LAG, (0.4, 0.04, 0.4, 0.4), "the spatial Durbin model"),
        (LAG, (0.01, 0.01, 0.01, 0.01), "the spatial Durbin model"),
        (BOTH, (0.4, 0.4, 0.4, 0.4), "the spatial error model"),
        (BOTH, (0.4, 0.4, 0.01, 0.01), "the spatial Durbin model"),
        ({**BOTH, "robust_error": np.nan}, (0.4, 0.4, 0.01, 0.01), "the spatial Durbin model"),
    ],
)
def test_restrictions_decide_with_the_multipliers(
    multiplier: dict[str, float], restrictions: tuple[float, ...], advice: str
) -> None:
    names = ("lr_lag", "wald_lag", "lr_error", "wald_error")
    path = decision_path(table(**multiplier, **dict(zip(names, restrictions, strict=True)), slx=0.5, rho=0.5))
    assert str(path[-1]) == f"advice: {advice}"


@pytest.mark.parametrize(
    ("slx", "rho", "advice"),
    [(0.3, 0.01, "stay with OLS"), (0.01, 0.3, "the SLX model"), (0.01, 0.01, "the spatial Durbin model")],
)
def test_lagged_drivers_alone(slx: float, rho: float, advice: str) -> None:
    path = decision_path(table(error=0.4, lag=0.4, robust_error=0.4, robust_lag=0.4, slx=slx, rho=rho))
    assert str(path[-1]) == f"advice: {advice}"


@pytest.mark.parametrize(
    ("pvalue", "words"),
    [(0.01, "rejects random effects (p = 0.0100)"), (0.4, "does not reject random"), (np.nan, "Hausman is undefined")],
)
def test_hausman_is_a_step(pvalue: float, words: str) -> None:
    assert words in str(decision_path(table(**LAG, hausman=pvalue), "random")[0])

"""The family of spatial models: which parameters each has, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Model = Literal["lag", "error", "durbin", "durbin-error", "slx", "sac"]
RHO, LAMBDA = "rho", "lambda"
SPATIAL_TERMS = (RHO, LAMBDA)
# Variance of random effects over that of the innovations.
PHI = "phi"
LAG_PREFIX = "W_"


@dataclass(frozen=True)
class SpatialModel:
    """What a model is made of.

    Attributes
    ----------
    label : str
    parameters : tuple of str
        ``rho``, ``lambda``, both or none.
    lags : bool
        Whether drivers enter with their spatial lags.
    fit : str
        Whose correlation with y is the pseudo-R².
    null : str
        What the test of the spatial parameters says.
    """

    label: str
    parameters: tuple[str, ...]
    lags: bool
    fit: str
    null: str


MODELS: Mapping[str, SpatialModel] = {
    "lag": SpatialModel("Spatial lag", (RHO,), False, "ρWy + Xβ", "rho = 0: OLS suffices"),
    "error": SpatialModel("Spatial error", (LAMBDA,), False, "Xβ", "lambda = 0: OLS suffices"),
    "durbin": SpatialModel("Spatial Durbin", (RHO,), True, "ρWy + Xβ + WXθ", "rho = 0: the SLX model suffices"),
    "durbin-error": SpatialModel(
        "Spatial Durbin error", (LAMBDA,), True, "Xβ + WXθ", "lambda = 0: the SLX model suffices"
    ),
    "slx": SpatialModel("SLX", (), True, "Xβ + WXθ", "no driver spills over: OLS suffices"),
    "sac": SpatialModel(
        "Spatial lag and error (SAC)", (RHO, LAMBDA), False, "ρWy + Xβ", "rho = lambda = 0: OLS suffices"
    ),
}

"""The result of a spatial regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, cast

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Table
from ..errors import Message, Text
from ..geo.weights import Weights
from ..package import public
from .effects_result import EffectsResult
from .regression import RegressionResult
from .spatial_models import LAG_PREFIX, LAMBDA, MODELS, PHI, RHO, SPATIAL_TERMS, SpatialModel

RANGES = {(RHO,): "Range of rho", (LAMBDA,): "Range of lambda", (RHO, LAMBDA): "Range of rho and lambda"}
INFORMATION = {
    "expected": "expected information",
    "observed": "observed information",
    "least-squares": "least squares, σ² = e'e / (N − k)",
    "robust": "robust to heteroskedasticity",
    "homoskedastic": "homoskedastic errors",
}
ESTIMATORS = {
    "ml": "{model} model by maximum likelihood",
    "gmm": "{model} model by GMM",
    "ls": "{model} model by least squares",
}
EFFECTS = {
    "none": "none",
    "individual": "fixed, by unit",
    "time": "fixed, by period",
    "twoway": "fixed, by unit and period",
    "random": "random, by unit",
}
TREATMENTS = {
    "transform": "{effects}; transformed away (Lee and Yu 2010)",
    "none": "{effects}; as dummies, whose likelihood understates σ²",
    "kkp": "{effects}; spatially correlated as the innovations (Kapoor, Kelejian and Prucha 2007)",
    "bsk": "{effects}; not spatially correlated (Baltagi, Song and Koh 2003)",
}


@dataclass(frozen=True, eq=False, repr=False)
class SpatialResult(RegressionResult):
    """A spatial regression; inference by the normal distribution, of SLX by least squares by Student's t.

    ``residuals`` are the innovations e, ``fitted`` is y - e and holds the fixed effects. ``sigma2`` is e'e / N, with
    the N that the likelihood counts (:attr:`counted`), of least squares e'e / (N - k). ``r2`` is the squared
    correlation of y with ρWy + Xβ, or with Xβ where there is no rho, both within fixed effects.

    Attributes
    ----------
    model : {"lag", "error", "durbin", "durbin-error", "slx", "sac"}
    estimator : {"ml", "gmm", "ls"}
    treatment : str
        How the effects were dealt with: ``"transform"``, ``"none"``, ``"kkp"``, ``"bsk"``; empty without effects.
    weights : Weights
        In the order of the data's units.
    bounds : tuple of float, or None
        Interval on which the spatial parameters were sought.
    information : str
        What the standard errors rest on.
    traces : tuple of float
        tr G and tr G² of G = W (I - rho W)^-1 at rho.
    counted : int
        Observations that the likelihood counts, fewer than the data where effects are transformed away.
    absorbed : int
        Fixed effects that the likelihood counts as parameters.
    fixed_effects : DataFrame
        ``of`` (unit or period), ``id``, ``effect`` (deviation from the common level), ``level``.
    """

    TITLE: ClassVar[str] = "Spatial regression by maximum likelihood"
    TABLES: ClassVar[tuple[Table, ...]] = (*RegressionResult.TABLES, Table("fixed_effects", "term", "Fixed effects"))

    model: str
    weights: Weights
    bounds: tuple[float, float] | None
    information: str
    estimator: str
    treatment: str
    traces: tuple[float, float]
    counted: int
    absorbed: int
    fixed_effects: pd.DataFrame

    @property
    def title(self) -> Text:
        """Heading for people."""
        return Message.of(ESTIMATORS[self.estimator], model=Message.of(self.label))

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return self.kind.label

    @property
    def kind(self) -> SpatialModel:
        """What the model is made of."""
        return MODELS[self.model]

    @property
    def spatial_parameters(self) -> tuple[str, ...]:
        """Terms that are no coefficients: ``rho``, ``lambda``, and ``phi`` of random effects."""
        return tuple(term for term in self.params.index if term in (*SPATIAL_TERMS, PHI))

    @property
    def parameters(self) -> int:
        """Coefficients, spatial parameters, variances, and fixed effects where they were estimated."""
        return super().parameters + self.absorbed

    @property
    def bic(self) -> float:
        """Schwarz's criterion, on the observations that the likelihood counts."""
        return float(np.log(self.counted)) * self.parameters - 2 * self.loglik

    @property
    def df_resid(self) -> int:
        """Observations less effects and coefficients."""
        fixed = {"unit": len(self.data.units), "period": len(self.data.periods)}
        present = [fixed[of] for of in self.fixed_effects["of"].unique()]
        taken = sum(present) - (len(present) == 2)
        return self.nobs - taken - len(self.params)

    def effects(
        self,
        method: Literal["delta", "simulation"] = "delta",
        draws: int = 2000,
        seed: int = 12345,
        orders: int = 0,
    ) -> EffectsResult:
        """Direct, indirect and total effects of the drivers; see :func:`ecospatial.spatial_effects`."""
        return cast(EffectsResult, public("spatial_effects")(self, method, draws=draws, seed=seed, orders=orders))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Coefficients, residuals by unit and period, diagnostics, and fixed effects where there are any."""
        return {**super().tables(), "fixed_effects": self.fixed_effects}

    def digest(self) -> pd.DataFrame:
        """The coefficient table as printed."""
        return super().digest().rename(columns={"z": "t"} if self.estimator == "ls" else {})

    def _distribution(self) -> stats.rv_continuous:
        return stats.t(self.df_resid) if self.estimator == "ls" else stats.norm()

    def _fit_facts(self) -> dict[str, Text]:
        within = self.panel_effects in ("individual", "time", "twoway")
        words = (
            "{r2} (within effects: squared correlation of y and {fit})"
            if within
            else ("{r2} (squared correlation of y and {fit})")
        )
        return {
            "Weights": self.weights.words,
            **self._panel_facts(),
            **self._spatial_facts(),
            "Standard errors": INFORMATION[self.information],
            "Pseudo-R²": Message.of(words, r2=f"{self.r2:.4f}", fit=self.kind.fit),
            "σ²": self._variance(),
        }

    def _panel_facts(self) -> dict[str, Text]:
        if self.panel_effects == "none":
            return {}
        effects = Message.of(EFFECTS[self.panel_effects])
        return {"Effects": Message.of(TREATMENTS[self.treatment], effects=effects) if self.treatment else effects}

    def _spatial_facts(self) -> dict[str, Text]:
        found: dict[str, Text] = {}
        if self.kind.lags:
            words = Message.of("{prefix} before the name; the lag of the intercept is dropped", prefix=LAG_PREFIX)
            found |= {"Lagged drivers": words}
        if self.bounds is not None:
            low, high = self.bounds
            reach = Message.of("{low} to {high}", low=f"{low:.4f}", high=f"{high:.4f}")
            found |= {RANGES[self.kind.parameters]: reach}
        return found

    def _variance(self) -> Text:
        if self.estimator == "ls":
            return f"{self.sigma2:.6g} (e'e / (N − k))"
        if self.counted == self.nobs:
            return f"{self.sigma2:.6g} (e'e / N)"
        return Message.of("{value} (e'e / N with N = {count})", value=f"{self.sigma2:.6g}", count=self.counted)

"""The result of a spatial regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..geo.weights import Weights
from .neighbourhood import weights_fact
from .regression import RegressionResult

LABELS = {"lag": "Spatial lag", "error": "Spatial error"}
PARAMETERS = {"lag": "rho", "error": "lambda"}
R2_OF = {"lag": "ρWy + Xβ", "error": "Xβ"}


@dataclass(frozen=True, eq=False, repr=False)
class SpatialResult(RegressionResult):
    """A spatial regression by maximum likelihood; inference by the normal distribution.

    ``residuals`` are the innovations e, ``fitted`` is y - e, ``sigma2`` is e'e / N. ``r2`` is the squared
    correlation of y with ρWy + Xβ (lag) or Xβ (error).

    Attributes
    ----------
    model : {"lag", "error"}
    weights : Weights
        In the order of the data's units.
    bounds : tuple of float
        Interval on which the spatial parameter was sought.
    information : {"expected", "observed"}
        What the standard errors rest on.
    """

    TITLE: ClassVar[str] = "Spatial regression by maximum likelihood"

    model: str
    weights: Weights
    bounds: tuple[float, float]
    information: str

    @property
    def title(self) -> str:
        """Heading for people."""
        return f"{self.label} model by maximum likelihood"

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return LABELS[self.model]

    @property
    def parameter(self) -> str:
        """Name of the spatial parameter among the terms."""
        return PARAMETERS[self.model]

    def _fit_facts(self) -> dict[str, str]:
        low, high = self.bounds
        return {
            "Weights": weights_fact(self.weights),
            f"Range of {self.parameter}": f"{low:.4f} to {high:.4f}",
            "Standard errors": f"{self.information} information",
            "Pseudo-R²": f"{self.r2:.4f} (squared correlation of y and {R2_OF[self.model]})",
            "σ²": f"{self.sigma2:.6g} (e'e / N)",
        }

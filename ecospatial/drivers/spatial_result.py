"""The result of a spatial regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import Message, Text
from ..geo.weights import Weights
from .regression import RegressionResult

LABELS = {"lag": "Spatial lag", "error": "Spatial error"}
PARAMETERS = {"lag": "rho", "error": "lambda"}
RANGES = {"lag": "Range of rho", "error": "Range of lambda"}
INFORMATION = {"expected": "expected information", "observed": "observed information"}
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
    def title(self) -> Text:
        """Heading for people."""
        return Message.of("{model} model by maximum likelihood", model=Message.of(self.label))

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return LABELS[self.model]

    @property
    def parameter(self) -> str:
        """Name of the spatial parameter among the terms."""
        return PARAMETERS[self.model]

    def _fit_facts(self) -> dict[str, Text]:
        low, high = self.bounds
        return {
            "Weights": self.weights.words,
            RANGES[self.model]: Message.of("{low} to {high}", low=f"{low:.4f}", high=f"{high:.4f}"),
            "Standard errors": INFORMATION[self.information],
            "Pseudo-R²": Message.of(
                "{r2} (squared correlation of y and {fit})", r2=f"{self.r2:.4f}", fit=R2_OF[self.model]
            ),
            "σ²": f"{self.sigma2:.6g} (e'e / N)",
        }

"""The result of a Tobit regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import Message, Text
from .likelihood_result import LikelihoodResult, limit_words

SIGMA, SIGMA_UNIT = "sigma", "sigma_u"


@dataclass(frozen=True, eq=False, repr=False)
class TobitResult(LikelihoodResult):
    """A Tobit regression.

    Attributes
    ----------
    lower, upper : float
        Limits; infinite where there is none.
    censored : tuple of int
        Observations at or beyond the lower limit, between, at or beyond the upper limit.
    null_loglik : float
        Of the model with an intercept alone.
    points : int
        Nodes of the quadrature of a random-effects model, 0 without.
    inference : Message
        The convention of the standard errors.
    """

    TITLE: ClassVar[str] = "Tobit regression"
    LABEL: ClassVar[str] = "Tobit"
    ANCILLARY: ClassVar[tuple[str, ...]] = (SIGMA, SIGMA_UNIT)

    censored: tuple[int, int, int]
    null_loglik: float
    points: int
    inference: Text

    @property
    def label(self) -> str:
        """Name of the model for a column of a table."""
        return "RE Tobit" if self.panel_effects == "random" else self.LABEL

    @property
    def log_sigma(self) -> tuple[float, float]:
        """The logarithm of sigma and its standard error."""
        return float(np.log(self.params[SIGMA])), float(self.std_errors[SIGMA] / self.params[SIGMA])

    def _fit_facts(self) -> dict[str, Text]:
        below, between, above = self.censored
        log, error = self.log_sigma
        return {
            "Effects": "none (pooled)" if self.panel_effects == "none" else "random, by unit",
            "Limits": limit_words(self.lower, self.upper),
            "Censored": Message.of(
                "{below} at the lower limit, {above} at the upper, {between} not",
                below=below,
                above=above,
                between=between,
            ),
            "Pseudo-R²": Message.of(
                "{mcfadden} (McFadden); {correlation} squared correlation of y and its expectation",
                mcfadden=f"{1 - self.loglik / self.null_loglik:.4f}",
                correlation=f"{self.r2:.4f}",
            ),
            "log σ": f"{log:.4f} (s.e. {error:.4f})",
            "Standard errors": self.inference,
            **({"Quadrature": f"{self.points} adaptive Gauss–Hermite nodes"} if self.points else {}),
        }

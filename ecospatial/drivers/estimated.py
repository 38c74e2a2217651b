"""Spatial models that the decision path estimates, and the tests they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import DataError, Message, ModelError, OptionError, listed
from ..geo.weights import Weights
from ..kernels.panel_effects import Sweep
from .design import Design
from .diagnostics import Row
from .hausman import HAUSMAN, hausman_row
from .nested import drivers_to_lag
from .ols import OLSResult
from .restrictions import durbin_tests
from .spatial_models import MODELS, Model
from .spatial_panel import spatial_panel
from .spatial_result import SpatialResult


@dataclass(frozen=True, eq=False)
class Estimated:
    """Models of one regression's variables and weights.

    Attributes
    ----------
    rows : dict of str to Row
        Tests between them.
    pooled_error : SpatialResult or None
        The error model without effects.
    notes : tuple of Message
    """

    rows: Mapping[str, Row]
    pooled_error: SpatialResult | None
    notes: tuple[Message, ...]

    @classmethod
    def of(cls, model: OLSResult, weights: Weights) -> Estimated:
        """Estimate what the tests of a regression need; a model that cannot be estimated leaves a note."""
        attempts = _Attempts(model, weights, _lagged(model, weights))
        effects = model.panel_effects
        durbin, lag, error = (attempts.estimate(name, effects) for name in ("durbin", "lag", "error"))
        rows: dict[str, Row] = {}
        if durbin is not None and lag is not None and error is not None:
            rows = durbin_tests(durbin, lag, error)
        if effects in ("individual", "random") and durbin is not None:
            other = attempts.estimate("durbin", "random" if effects == "individual" else "individual")
            if other is not None:
                rows[HAUSMAN] = hausman_row(*((durbin, other) if effects == "individual" else (other, durbin)))
        pooled = error if effects == "none" else None
        if effects == "random":
            pooled = attempts.estimate("error", "none")
        return cls(rows, pooled, tuple(attempts.notes))


class _Attempts:
    """Estimates models, and keeps why one could not be."""

    def __init__(self, model: OLSResult, weights: Weights, lagged: tuple[str, ...]) -> None:
        self.model, self.weights, self.lagged = model, weights, lagged
        self.notes: list[Message] = []
        left_out = [name for name in model.x_names if name not in lagged]
        if left_out:
            self.notes.append(
                Message.of(
                    "Drivers whose spatial lag follows from the other terms have none in the Durbin model: {names}",
                    names=listed(left_out, limit=20),
                )
            )

    def estimate(self, name: Model, effects: str) -> SpatialResult | None:
        """A model, None with a note where it cannot be estimated."""
        if name == "durbin" and not self.lagged:
            return None
        by_periods = Sweep.of(effects).periods and not self.weights.has_unit_rows
        try:
            return spatial_panel(
                self.model.data,
                self.model.y_name,
                self.model.x_names,
                self.weights,
                model=name,
                effects=effects,  # type: ignore[arg-type]
                lee_yu="none" if by_periods else "transform",
                lags_of=self.lagged if name == "durbin" else None,
            )
        except (DataError, ModelError, OptionError) as reason:
            template = "{model} model not estimated, so that its tests are absent: {reason}"
            label = Message.of(MODELS[name].label)
            self.notes.append(Message.of(template, model=label, reason=reason.message))
            return None


def _lagged(model: OLSResult, weights: Weights) -> tuple[str, ...]:
    _, x = Design.of(model.data, model.y_name, model.x_names).cubes()
    return drivers_to_lag(model.x_names, x, weights.sparse, Sweep.of(model.panel_effects))

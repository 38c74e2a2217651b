"""How a spatial regression and its effects depend on the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ..clusters.sensitivity import USUAL, named_weights
from ..describe import Table, tool
from ..errors import EcospatialError, Message, ModelError, OptionError, Text
from ..geo.recipe import WeightsLike
from ..result import Result
from .effects_result import KINDS
from .impacts import spatial_effects
from .neighbourhood import weights_of
from .regression import STARS_CONVENTION, stars
from .sample_words import sample_words
from .separate import by_driver
from .spatial_models import LAG_PREFIX, SPATIAL_TERMS
from .spatial_panel import spatial_panel
from .spatial_result import SpatialResult

OWN, OK, FAILED = "as estimated", "ok", "not estimated"


@dataclass(frozen=True, eq=False, repr=False)
class WeightsRobustnessResult(Result):
    """A spatial regression under several weights.

    Attributes
    ----------
    models : dict of str to SpatialResult
        By weights, the first as it was estimated; without those that failed.
    fits : DataFrame
        By weights: ``rho`` and ``lambda`` with ``_se``, ``_p`` and ``_stars``, ``loglik``, ``aic``, ``links`` and
        ``status``.
    coefficients : DataFrame
        One row a term and weights: ``coefficient, std_error, statistic, pvalue, stars, lower, upper``.
    impacts : DataFrame
        One row a driver and weights, as :class:`EffectsResult` has them.
    """

    TITLE: ClassVar[str] = "Robustness to the weights"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("fits", "term", "Spatial parameters and fit by weights"),
        Table("impacts", "term", "Effects by weights"),
        Table("coefficients", "term", "Coefficients by weights"),
    )

    models: dict[str, SpatialResult]
    fits: pd.DataFrame
    coefficients: pd.DataFrame
    impacts: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Fit, effects and coefficients by weights."""
        return {"fits": self.fits, "impacts": self.impacts, "coefficients": self.coefficients}

    def facts(self) -> Mapping[str, Text]:
        """The model, its weights and the conventions."""
        first = self.models[OWN]
        shared = first.facts()
        return {
            "Model": first.label,
            "Dependent variable": first.y_name,
            "Observations": sample_words(first.data),
            **{name: shared[name] for name in ("Effects", "Standard errors") if name in shared},
            **{name: model.weights.words for name, model in self.models.items()},
            "Stars": STARS_CONVENTION,
        }

    def digest(self) -> pd.DataFrame:
        """Spatial parameters and fit."""
        hidden = [name for name in self.fits.columns if name.endswith(("_p", "_stars"))]
        return self.fits.drop(columns=hidden).rename_axis(None)

    def digests(self) -> Sequence[pd.DataFrame]:
        """Fit, and each kind of effect with weights across."""
        return self.digest(), *(self._across(kind) for kind in KINDS)

    def _across(self, kind: str) -> pd.DataFrame:
        shown = [
            f"{value:.4f}{mark}" for value, mark in zip(self.impacts[kind], self.impacts[f"{kind}_stars"], strict=True)
        ]
        wide = self.impacts.assign(shown=shown).set_index(["term", "weights"])["shown"].unstack()
        wide = wide.reindex(index=self.impacts["term"].unique(), columns=list(self.models))
        return wide.set_axis([f"{term} ({kind})" for term in wide.index]).rename_axis(columns=None)


@tool(group="drivers", title="Robustness to the weights")
def weights_robustness(
    model: Annotated[SpatialResult, "Spatial regression"],
    weights: Annotated[Sequence[WeightsLike], "Sets of weights to compare"] = USUAL,
) -> WeightsRobustnessResult:
    """Estimate a spatial regression again under other weights, on the same data, and put its effects side by side.

    Coefficients of models with different weights do not compare where there is a lag of y; direct, indirect and total
    effects do (LeSage and Pace 2014). A higher likelihood speaks for weights, but the models are not nested.

    Parameters
    ----------
    model : SpatialResult
        From :func:`spatial_panel`; its data must have a map where weights are built by name.
    weights : sequence of str, Weights, libpysal Graph or W
        Names with their number behind a colon where they have one: ``"queen"``, ``"knn:5"``, ``"band:100"``,
        ``"inverse-distance"``; in Python also weights themselves, or a mapping of names to weights.

    Returns
    -------
    WeightsRobustnessResult
        Weights under which there is no estimate have a row that says so, and a note why.

    Raises
    ------
    OptionError
        Where there are fewer than two weights, or two of the same name.
    ModelError
        Where the model cannot be estimated under any of the weights.

    References
    ----------
    LeSage, J. P. & Pace, R. K. (2014). The biggest myth in spatial econometrics. *Econometrics* 2, 217–249.

    Examples
    --------
    >>> from ecospatial.geo.weights import Weights
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(30), "gdp": rng.normal(size=30), "rd": rng.normal(size=30)})
    >>> ring = np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1, axis=1)
    >>> far = np.roll(np.eye(30), 2, axis=1) + np.roll(np.eye(30), -2, axis=1)
    >>> near, far = (Weights.from_sparse(part, range(30)) for part in (ring, far))
    >>> fit = spatial_panel(Panel.from_frame(frame, unit="city"), "gdp", ["rd"], near, model="lag")
    >>> weights_robustness(fit, {"ring": near, "second": far}).fits["status"].tolist()
    ['ok', 'ok', 'ok']
    """
    chosen = named_weights(weights)
    if OWN in chosen:
        raise OptionError("Call the weights '{name}' something else: this is the name of those of the model.", name=OWN)
    found: dict[str, SpatialResult | Message] = {OWN: model}
    for name, one in chosen.items():
        try:
            found[name] = _refitted(model, one)
        except EcospatialError as error:
            found[name] = error.message
    models = {name: one for name, one in found.items() if isinstance(one, SpatialResult)}
    failures = {name: one for name, one in found.items() if isinstance(one, Message)}
    notes = tuple(Message.of("{weights}: {problem}", weights=name, problem=one) for name, one in failures.items())
    if len(models) == 1:
        raise ModelError(
            "The model cannot be estimated under any of these weights: {problems}",
            problems=" ".join(str(note) for note in notes),
        )
    return WeightsRobustnessResult(
        models=models,
        fits=_fits(found, model),
        coefficients=_stacked({name: one.tables()["coefficients"] for name, one in models.items()}),
        impacts=_stacked({name: spatial_effects(one).impacts for name, one in models.items()}),
        notes=(*notes, *_own_notes(models)),
    )


def _refitted(model: SpatialResult, weights: WeightsLike) -> SpatialResult:
    """The same model on the same rows under other weights."""
    terms = model.params.index
    lagged = [name for name in model.x_names if LAG_PREFIX + name in terms]
    random = model.treatment if model.treatment in ("kkp", "bsk") else "kkp"
    return spatial_panel(
        model.data,
        model.y_name,
        model.x_names,
        weights_of(weights, model.data),
        model=model.model,  # type: ignore[arg-type]
        effects=model.panel_effects,  # type: ignore[arg-type]
        lee_yu="none" if model.treatment == "none" else "transform",
        random_errors=random,  # type: ignore[arg-type]
        estimator="gmm" if model.estimator == "gmm" else "ml",
        robust=model.information == "robust",
        lags_of=lagged or None,
    )


def _fits(found: Mapping[str, SpatialResult | Message], model: SpatialResult) -> pd.DataFrame:
    parameters = [name for name in SPATIAL_TERMS if name in model.params.index]
    rows = {name: _fit(one, parameters) for name, one in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("weights")


def _fit(one: SpatialResult | Message, parameters: Sequence[str]) -> dict[str, object]:
    """A row of the table of fits, empty where there is none."""
    row: dict[str, object] = {}
    if isinstance(one, Message):
        for name in parameters:
            row |= {name: np.nan, f"{name}_se": np.nan, f"{name}_p": np.nan, f"{name}_stars": ""}
        return {**row, "loglik": np.nan, "aic": np.nan, "links": np.nan, "status": FAILED}
    for name in parameters:
        p = float(one.pvalues[name])
        row |= {name: one.params[name], f"{name}_se": one.std_errors[name], f"{name}_p": p, f"{name}_stars": stars(p)}
    return {**row, "loglik": one.loglik, "aic": one.aic, "links": float(one.weights.sparse.nnz), "status": OK}


def _stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables by term under each other, the weights of a term together."""
    parts = [table.rename_axis("term").reset_index() for table in tables.values()]
    for part, weights in zip(parts, tables, strict=True):
        part.insert(1, "weights", weights)
    return by_driver(parts)


def _own_notes(models: Mapping[str, SpatialResult]) -> tuple[Message, ...]:
    """What is to be said of single fits."""
    return tuple(
        note if name == OWN else Message.of("{weights}: {problem}", weights=name, problem=note)
        for name, one in models.items()
        for note in one.notes
        if note not in one.caveats
    )

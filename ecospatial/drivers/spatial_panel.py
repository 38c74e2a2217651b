"""Spatial models of cross-sections and panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, tool
from ..errors import Message, OptionError
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike
from ..geo.weights import Weights
from ..panel import Panel
from .design import Design
from .diagnostics import chi2
from .gmm import estimate_gmm
from .maximum_likelihood import Estimate, estimate, fixed_effects
from .neighbourhood import weights_notes, weights_of
from .panel_fit import NO_EFFECTS
from .random_panel import estimate_random
from .regression import table_of_tests
from .spatial_models import MODELS, SPATIAL_TERMS, Model
from .spatial_result import SpatialResult
from .spatial_sample import SpatialSample, check_balance, check_effects
from .transforms import Transforms

# Nearer to its bound than this share, a spatial parameter is as good as a unit root.
UNIT_ROOT = 0.01


@tool(group="drivers", title="Spatial regression")
def spatial_panel(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    weights: Annotated[WeightsLike, "Weights"] = "queen",
    *,
    model: Annotated[Model, "Model"],
    effects: Annotated[Literal["none", "individual", "time", "twoway", "random"] | None, "Effects"] = None,
    lee_yu: Annotated[Literal["transform", "none"], Advanced(), "Lee–Yu transformation"] = "transform",
    random_errors: Annotated[Literal["kkp", "bsk"], Advanced(), "Errors of random effects"] = "kkp",
    estimator: Annotated[Literal["ml", "gmm"], "Estimator"] = "ml",
    robust: Annotated[bool, Advanced(), "Moments robust to heteroskedasticity"] = False,
    transforms: Transforms = (),
    lags_of: Annotated[Sequence[str] | None, Column(), Advanced(), "Drivers with a lag"] = None,
) -> SpatialResult:
    """Estimate a spatial regression by maximum likelihood: lag, error, Durbin, Durbin error, SLX or SAC.

    ==================  ==============================================
    ``"lag"``           y = rho Wy + X beta + e
    ``"error"``         y = X beta + u, u = lambda Wu + e
    ``"durbin"``        y = rho Wy + X beta + WX theta + e
    ``"durbin-error"``  y = X beta + WX theta + u, u = lambda Wu + e
    ``"slx"``           y = X beta + WX theta + e
    ``"sac"``           y = rho Wy + X beta + u, u = lambda Wu + e
    ==================  ==============================================

    The likelihood (Ord 1975; Anselin 1988; LeSage and Pace 2009) is concentrated to the spatial parameters; its maximum
    is a root of the analytic score. Standard errors come from the expected information up to 1,000 units and from the
    observed information above, with random effects always from the observed, never from a numerical Hessian. SLX is
    least squares with Student's t. In a panel W acts within each period (Elhorst 2014).

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a balanced panel.
    y : str
        Dependent variable.
    x : sequence of str
        Drivers; the intercept is added where no fixed effects take its place.
    weights : Weights, libpysal Graph or W, or str
        A name builds them on the map of the data. Models on the same weights share their log-determinants.
    model : {"lag", "error", "durbin", "durbin-error", "slx", "sac"}
        Must be chosen: a lag says that outcomes spill over, an error that unseen shocks do, Durbin and SLX that
        drivers do.
    effects : {"none", "individual", "time", "twoway", "random"} or None
        Fixed effects of units, of periods, or both; random effects of units; or all unit-periods pooled. None is
        two-way where there are several periods.
    lee_yu : {"transform", "none"}
        Fixed effects are transformed away (Lee and Yu 2010), which leaves (T − 1) periods and, for effects of periods,
        (n − 1) units in the likelihood; effects of periods then need weights whose rows sum to one. "none" is the
        likelihood with dummies, whose σ² is too small: the estimates are those of a demeaned regression.
    random_errors : {"kkp", "bsk"}
        Whether random effects are spatially correlated as the innovations (Kapoor, Kelejian and Prucha 2007) or not
        (Baltagi, Song and Koh 2003), in models with lambda.
    estimator : {"ml", "gmm"}
        Maximum likelihood; or two-stage least squares for rho and generalised moments for lambda (Kelejian and Prucha
        1998, 1999; Kapoor, Kelejian and Prucha 2007 for random effects), which need no normal errors. GMM takes the
        package spreg, random effects excepted.
    robust : bool
        GMM that allows for heteroskedasticity: White's covariance with rho, the moments of Kelejian and Prucha (2010)
        with lambda.
    transforms : mapping or sequence of str
        Logs, lags and the like, declared: ``{"gdp": "log"}`` or ``["gdp=log"]``.
    lags_of : sequence of str or None
        Drivers whose lag ``W_<driver>`` enters a Durbin or SLX model; None is all. That of the intercept never does.

    Returns
    -------
    SpatialResult
        Terms in the order intercept, drivers, lagged drivers, ``rho``, ``lambda`` (and ``phi``, the variance of random
        effects over σ²). Its ``effects()`` are the direct, indirect and total effects.

    Raises
    ------
    OptionError
        Where effects are asked of a single period, or ``lags_of`` names no driver.
    DataError
        Where a cell is missing, a panel is unbalanced, a column is constant, or no unit has a neighbour.
    ModelError
        Where drivers are collinear or absorbed by the effects, weights do not allow the transformation, or the
        likelihood has no maximum inside the bounds.
    JoinError
        Where weights and data are of different units.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(30), "gdp": rng.normal(size=30), "rd": rng.normal(size=30)})
    >>> ring = np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1, axis=1)
    >>> near = Weights.from_sparse(ring, range(30))
    >>> spatial_panel(Panel.from_frame(frame, unit="city"), "gdp", ["rd"], near, model="durbin").params.index.tolist()
    ['Intercept', 'rd', 'W_rd', 'rho']
    """
    design = Design.of(data, y, x, transforms)
    chosen = check_effects(design.data, effects)
    check_balance(design.data)
    design.check_absorbed(chosen)
    near = weights_of(weights, design.data)
    if estimator == "gmm":
        return _by_moments(design, near, model, chosen, lags_of, robust)
    if robust:
        raise OptionError("robust=True goes with estimator='gmm'.")
    sample = SpatialSample.of(design, near, model, chosen, lee_yu, lags_of)
    found = estimate_random(model, sample, random_errors) if chosen == "random" else estimate(model, sample)
    design.check_rest(found.residuals.size * found.sigma2)
    treatment = {"none": "", "random": random_errors if "lambda" in MODELS[model].parameters else ""}
    fixed = lee_yu if MODELS[model].parameters else ""
    return assembled(design, sample, found, model, chosen, treatment.get(chosen, fixed))


def _by_moments(
    design: Design, weights: Weights, model: str, effects: str, lags_of: Sequence[str] | None, robust: bool
) -> SpatialResult:
    """The same by GMM, which has no likelihood to transform for."""
    lee_yu = "transform" if weights.has_unit_rows else "none"
    sample = SpatialSample.of(design, weights, model, effects, lee_yu, lags_of)
    found = estimate_gmm(model, sample, effects == "random", robust)
    design.check_rest(found.residuals.size * found.sigma2)
    return assembled(design, sample, found, model, effects, "kkp" if effects == "random" else "", "gmm")


def assembled(
    design: Design,
    sample: SpatialSample,
    found: Estimate,
    model: str,
    effects: str,
    treatment: str,
    estimator: str = "",
) -> SpatialResult:
    """The result of an estimate."""
    terms = pd.Index([*sample.names, *found.parameters], name="term", dtype=object)
    return SpatialResult(
        data=design.data,
        y_name=design.y_name,
        x_names=design.x_names,
        panel_effects=effects,
        params=pd.Series(found.params, index=terms, name="coefficient"),
        cov=pd.DataFrame(found.cov, index=terms, columns=terms),
        fitted=design.rows(sample.y - found.residuals, "fitted"),
        residuals=design.rows(found.residuals, "residual"),
        sigma2=found.sigma2,
        loglik=found.loglik,
        r2=_squared_correlation(sample.effects(sample.y), sample.effects(found.predicted)),
        diagnostics=_diagnostics(model, sample, found),
        model=model,
        weights=sample.weights,
        bounds=found.bounds,
        information=found.information,
        estimator=estimator or ("ml" if found.parameters else "ls"),
        treatment=treatment,
        traces=found.traces,
        counted=sample.swept.observations,
        absorbed=sample.absorbed,
        fixed_effects=_fixed_effects(sample, found, design.data),
        notes=(*design.notes, *weights_notes(sample.weights), *found.notes, *_unit_roots(found)),
    )


def _squared_correlation(y: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.corrcoef(y.ravel(), predicted.ravel())[0, 1] ** 2)


def _diagnostics(model: str, sample: SpatialSample, found: Estimate) -> pd.DataFrame:
    """Tests of the spatial parameters against the same regressors and effects without them."""
    null, terms = MODELS[model].null, (*sample.names, *found.parameters)
    tested = [place for place, term in enumerate(terms) if term in SPATIAL_TERMS]
    rows = {}
    if tested and np.isfinite(found.loglik):
        rows["Likelihood ratio"] = chi2(max(2 * (found.loglik - found.plain), 0.0), len(tested), null)
    if not tested:
        tested = [place for place, term in enumerate(terms) if term.startswith("W_") and term[2:] in terms]
    # Moments may give lambda no standard error.
    tested = [place for place in tested if np.isfinite(found.cov[place, place])]
    values, cov = found.params[tested], found.cov[np.ix_(tested, tested)]
    if tested:
        rows["Wald"] = chi2(float(values @ np.linalg.solve(cov, values)), len(tested), null)
    if found.remainder is not None:
        rows["LM of the residuals"] = chi2(found.remainder, 1, "no spatial error is left in the residuals")
    return table_of_tests(rows)


def _fixed_effects(sample: SpatialSample, found: Estimate, data: Panel) -> pd.DataFrame:
    """Deviations of units and of periods from the common level, and the levels themselves."""
    parts = []
    by_unit, by_period = fixed_effects(sample, found)
    common = by_unit.mean() if len(by_unit) else 0.0
    for of, values, ids in (("unit", by_unit, data.units), ("period", by_period, data.periods)):
        if len(values):
            level = values.mean() if not len(by_unit) else common
            deviations = values - values.mean()
            names = [str(name) for name in ids]
            parts.append(pd.DataFrame({"of": of, "id": names, "effect": deviations, "level": level + deviations}))
    return pd.concat(parts, ignore_index=True).rename_axis("row") if parts else NO_EFFECTS.copy()


def _unit_roots(found: Estimate) -> tuple[Message, ...]:
    notes = []
    for name in SPATIAL_TERMS:
        value = found.value(name)
        bound = None if found.bounds is None else found.bounds[int(value > 0)]
        if bound is not None and abs(bound - value) < UNIT_ROOT * abs(bound):
            notes.append(
                Message.of(
                    "{parameter} = {value} is all but a spatial unit root ({bound}): effects and their standard errors"
                    " are not to be trusted.",
                    parameter=name,
                    value=f"{value:.4f}",
                    bound=f"{bound:.4f}",
                )
            )
    return tuple(notes)

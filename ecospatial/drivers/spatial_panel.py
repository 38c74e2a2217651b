"""Spatial lag and spatial error models by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Column, tool
from ..errors import OptionError
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike
from ..geo.weights import Weights
from ..kernels.spatial_lag import spatial_lag
from ..panel import Panel
from .design import Design
from .maximum_likelihood import Estimate, Lagged, estimate
from .neighbourhood import weights_notes, weights_of
from .ols import gaussian_loglik
from .regression import table_of_tests
from .spatial_result import PARAMETERS, SpatialResult


@tool(group="drivers", title="Spatial lag and error models")
def spatial_panel(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    weights: Annotated[WeightsLike, "Weights"] = "queen",
    *,
    model: Annotated[Literal["lag", "error"], "Model"],
    effects: Annotated[Literal["none"] | None, "Effects"] = None,
) -> SpatialResult:
    """Estimate a spatial lag or a spatial error model by maximum likelihood.

    ``lag``: y = rho Wy + X beta + e. ``error``: y = X beta + u, u = lambda Wu + e (Ord 1975; Anselin
    1988). The likelihood is concentrated to the spatial parameter; its maximum is the root of the analytic
    score. Standard errors come from the expected information up to 1,000 units and from the observed
    information above, never from a numerical Hessian.

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a balanced panel.
    y : str
        Dependent variable.
    x : sequence of str
        Drivers; the intercept is added.
    weights : Weights, libpysal Graph or W, or str
        A name builds them on the map of the data.
    model : {"lag", "error"}
        Must be chosen: a lag says that outcomes spill over, an error that unseen shocks do.
    effects : {"none"} or None
        "none" pools the periods of a panel; a cross-section needs no choice.

    Returns
    -------
    SpatialResult
        Terms in the order intercept, drivers, ``rho`` or ``lambda``.

    Raises
    ------
    OptionError
        Where a panel of several periods comes without ``effects``.
    DataError
        Where a cell is missing, a panel is unbalanced, a column is constant, or no unit has a neighbour.
    ModelError
        Where drivers are collinear, or the likelihood has no maximum inside the bounds.
    JoinError
        Where weights and data are of different units.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(30), "gdp": rng.normal(size=30), "rd": rng.normal(size=30)})
    >>> ring = np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1, axis=1)
    >>> near = Weights.from_sparse(ring, range(30))
    >>> spatial_panel(Panel.from_frame(frame, unit="city"), "gdp", ["rd"], near, model="lag").params.index.tolist()
    ['Intercept', 'rd', 'rho']
    """
    design = Design.of(data, y, x)
    _check_effects(design.data, effects)
    near = weights_of(weights, design.data)
    arrays = _lagged(design, near)
    plain = gaussian_loglik(design.fit().squares, arrays.y.size)
    found = estimate(model, arrays)
    fit = found.fit
    design.check_rest(fit.residuals.size * fit.sigma2)
    terms = design.terms.append(pd.Index([PARAMETERS[model]])).rename("term")
    return SpatialResult(
        data=design.data,
        y_name=y,
        x_names=design.x_names,
        effects="none",
        params=pd.Series(np.append(fit.coefficients, fit.parameter), index=terms, name="coefficient"),
        cov=pd.DataFrame(found.cov, index=terms, columns=terms),
        fitted=design.rows(arrays.y - fit.residuals, "fitted"),
        residuals=design.rows(fit.residuals, "residual"),
        sigma2=fit.sigma2,
        loglik=fit.loglik,
        r2=_squared_correlation(arrays.y, found.predicted),
        diagnostics=_diagnostics(PARAMETERS[model], found, plain),
        model=model,
        weights=near,
        bounds=found.bounds,
        information=found.information,
        notes=weights_notes(near),
    )


def _check_effects(data: Panel, effects: str | None) -> None:
    if effects is None and len(data.periods) > 1:
        raise OptionError(
            "The panel has {count} periods: choose effects='none' to pool them, or one period, for example with"
            " panel.where_periods([{last}]).",
            count=len(data.periods),
            last=data.periods[-1],
        )


def _lagged(design: Design, weights: Weights) -> Lagged:
    y, x = design.cubes()
    return Lagged(y, spatial_lag(weights.sparse, y), x, spatial_lag(weights.sparse, x), weights.sparse)


def _squared_correlation(y: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.corrcoef(y.ravel(), predicted.ravel())[0, 1] ** 2)


def _diagnostics(parameter: str, found: Estimate, loglik_ols: float) -> pd.DataFrame:
    null = f"{parameter} = 0: OLS suffices"
    rows = {
        "Likelihood ratio": _chi2(max(2 * (found.fit.loglik - loglik_ols), 0.0), null),
        "Wald": _chi2(found.fit.parameter**2 / found.cov[-1, -1], null),
    }
    if found.remainder is not None:
        rows["LM of the residuals"] = _chi2(found.remainder, "no spatial error is left in the residuals")
    return table_of_tests(rows)


def _chi2(statistic: float, null: str) -> tuple[float, float, float, str]:
    return statistic, 1.0, float(stats.chi2.sf(statistic, 1)), null

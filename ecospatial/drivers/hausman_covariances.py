"""The covariances that a Hausman test compares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..kernels.effects_information import RandomEffects, information
from ..kernels.information import covariance
from ..kernels.logdet import DENSE_LIMIT
from ..kernels.spatial_lag import spatial_lag
from .design import INTERCEPT
from .regression import RegressionResult
from .spatial_models import LAG_PREFIX
from .spatial_result import SpatialResult


def compared_covariances(
    fixed: RegressionResult, random: RegressionResult, terms: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Covariances (q, q) of the terms with fixed and with random effects.

    Of least squares, of GMM and above 1,000 units those of the two models. Of maximum likelihood both from the expected
    information at the parameters of the random-effects model, which is efficient under the null: what is known with
    fixed effects is then a part of what is known with random ones, and the difference is never negative.
    """
    if not isinstance(random, SpatialResult) or random.estimator == "gmm" or len(random.weights.ids) > DENSE_LIMIT:
        names = list(terms)
        return fixed.cov.loc[names, names].to_numpy(), random.cov.loc[names, names].to_numpy()
    whole = [term for term in random.params.index if term != "phi"]
    within, between = information(_random_effects(random, [name for name in whole if name not in ("rho", "lambda")]))
    order = [*whole, "sigma2", "phi"]
    known = [name for name in order if name in fixed.params.index or name == "sigma2"]
    return _block(within, order, known, terms), _block(within + between, order, order, terms)


def _random_effects(model: SpatialResult, names: Sequence[str]) -> RandomEffects:
    regressors = [_regressor(model, name) for name in names]
    return RandomEffects(
        x=np.stack(regressors, axis=2),
        coefficients=model.params[list(names)].to_numpy(),
        w=model.weights.sparse,
        rho=model.params.get("rho"),
        lam=model.params.get("lambda"),
        sigma2=model.sigma2,
        phi=float(model.params["phi"]),
        correlated=model.treatment != "bsk",
    )


def _regressor(model: SpatialResult, name: str) -> np.ndarray:
    """The values of a term, shape (T, n)."""
    if name == INTERCEPT:
        return np.ones((len(model.data.periods), len(model.data.units)))
    if name in model.x_names:
        return np.asarray(model.data.cube([name])[:, :, 0])
    return spatial_lag(model.weights.sparse, model.data.cube([name.removeprefix(LAG_PREFIX)])[:, :, 0])


def _block(matrix: np.ndarray, order: Sequence[str], known: Sequence[str], terms: Sequence[str]) -> np.ndarray:
    """The rows and columns of some terms of the inverse information on those that are known of."""
    places = [order.index(name) for name in known]
    inverse = covariance(matrix[np.ix_(places, places)])
    if inverse is None:
        return np.full((len(terms), len(terms)), np.nan)
    chosen = [known.index(name) for name in terms]
    return np.asarray(inverse[np.ix_(chosen, chosen)])

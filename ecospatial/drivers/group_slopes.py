"""Inference on slopes by group: tables of slopes, of Chow tests and of effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..errors import Message, OptionError
from ..kernels.wild_bootstrap import RADEMACHER, WEBB, WildBootstrap
from .chow import Hypotheses, likelihood_ratio
from .design import Design
from .effects_result import KINDS
from .impacts import spatial_effects
from .interactions import Interactions
from .ols import OLSResult
from .panel_fit import fit_panel
from .regression import RegressionResult, stars
from .spatial_result import SpatialResult

# Cameron, Gelbach and Miller (2008); below the second number Rademacher weights repeat themselves (Webb 2023).
FEW, VERY_FEW = 30, 12


def slopes_table(
    fit: RegressionResult, terms: Mapping[str, Sequence[str]], groups: Sequence[str], wild: WildBootstrap | None = None
) -> pd.DataFrame:
    """One row a driver and group; stars and intervals follow the bootstrap where it was run.

    Parameters
    ----------
    fit : RegressionResult
    terms : mapping of str to sequence of str
        By driver, the term of each group.
    groups : sequence of str
    wild : WildBootstrap or None
    """
    names = [name for each in terms.values() for name in each]
    table = fit.tables()["coefficients"].loc[names]
    if wild is not None:
        rows = np.eye(len(fit.params))[fit.params.index.get_indexer(names)]
        tests = [wild.pvalue(row[None]) for row in rows]
        table.insert(table.columns.get_loc("stars"), "p_wild", tests)
        table["stars"] = [stars(p) for p in tests]
        table[["lower", "upper"]] = [wild.interval(row) for row in rows]
    table.insert(0, "term", [term for term, each in terms.items() for _ in each])
    table.insert(1, "group", list(groups) * len(terms))
    return table.reset_index(drop=True)


def chow_table(
    fit: RegressionResult, common: RegressionResult, made: Interactions, wild: WildBootstrap | None = None
) -> pd.DataFrame:
    """Wald tests of equal slopes, the likelihood-ratio test of a model with a likelihood, and the bootstrap.

    Parameters
    ----------
    fit, common : RegressionResult
        With slopes by group, and with slopes that all share.
    made : Interactions
    wild : WildBootstrap or None
    """
    levels = [name for name in made.group_levels if name in fit.params.index]
    hypotheses = Hypotheses.of(fit.params.index, made.terms(fit.params.index), levels)
    df = fit.df_inference or fit.df_resid if isinstance(fit, OLSResult) else None
    if isinstance(fit, SpatialResult) and fit.estimator == "ls":
        df = fit.df_resid
    table = hypotheses.tests(fit.params.to_numpy(), fit.cov.to_numpy(), df)
    if wild is not None:
        table.insert(table.columns.get_loc("null"), "p_wild", hypotheses.pvalues(wild.pvalue))
    if isinstance(fit, SpatialResult) and fit.estimator == "ml":
        row = likelihood_ratio(fit.loglik, common.loglik, len(fit.params) - len(common.params))
        table = pd.concat([table.iloc[:1], row, table.iloc[1:]]).rename_axis("test")
    return table


def effects_table(fit: RegressionResult, slopes: Mapping[str, Sequence[str]], groups: Sequence[str]) -> pd.DataFrame:
    """Direct, indirect and total effects by driver and group; empty without weights."""
    columns = [f"{kind}{part}" for part in ("", "_se", "_z", "_p", "_stars", "_lower", "_upper") for kind in KINDS]
    if not isinstance(fit, SpatialResult):
        return pd.DataFrame(columns=["term", "group", *columns])
    names = [name for each in slopes.values() for name in each]
    table = spatial_effects(fit).impacts.loc[names, columns]
    table.insert(0, "term", [term for term, each in slopes.items() for _ in each])
    table.insert(1, "group", list(groups) * len(slopes))
    return table.reset_index(drop=True)


def wild_bootstrap_of(
    made: Interactions, names: Sequence[str], effects: str, clusters: np.ndarray, draws: int, seed: int
) -> WildBootstrap:
    """The bootstrap of an interacted regression.

    Parameters
    ----------
    made : Interactions
    names : sequence of str
        Its regressors.
    effects : str
    clusters : ndarray, shape (N,)
    draws, seed : int

    Raises
    ------
    OptionError
        Where units with effects belong to several clusters.
    """
    unit, period = made.data.places()
    within_units = effects in ("individual", "twoway")
    if within_units and len(np.unique(np.column_stack([unit, clusters]), axis=0)) > len(made.data.units):
        raise OptionError(
            "The wild bootstrap needs units that stay in one cluster where they have effects; use other clusters, or"
            " wild_bootstrap='never'."
        )
    design = Design.of(made.data, made.y_name, names)
    fit = fit_panel(design, effects)
    crossing = np.zeros((len(unit), 0))
    if effects in ("time", "twoway"):
        dummies = np.eye(len(made.data.periods))[period]
        basis, sizes, _ = np.linalg.svd(
            design.within("individual")(dummies) if within_units else dummies, full_matrices=False
        )
        crossing = basis[:, sizes > 1e-8 * sizes[0]]
    points = WEBB if clusters_by_group(made, clusters).min() < VERY_FEW else RADEMACHER
    return WildBootstrap(fit.x, design.within(effects)(design.y), crossing, clusters, points, draws, seed)


def clusters_by_group(made: Interactions, clusters: np.ndarray) -> np.ndarray:
    """Clusters in each group (G,): the slopes of a group rest on those alone."""
    group = made.groups.codes[made.data.places()[0]]
    pairs = np.unique(np.column_stack([group, clusters]), axis=0)
    return np.bincount(pairs[:, 0])


def few_clusters_note(count: int, bootstrapped: bool) -> tuple[Message, ...]:
    """What the smallest group's clusters mean for clustered errors."""
    if count >= FEW:
        return ()
    return (
        Message.of(
            "The slopes of a group rest on the clusters in that group, of which the smallest has {count}: with fewer"
            " than {enough} standard errors are too small (Cameron, Gelbach & Miller 2008){advice}.",
            count=count,
            enough=FEW,
            advice=Message.of("; trust p_wild and the intervals") if bootstrapped else "",
        ),
    )

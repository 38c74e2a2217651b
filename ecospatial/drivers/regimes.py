"""Regressions by group of units: region, size, stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import pandas as pd

from ..describe import Advanced, Column, Range, tool
from ..errors import Message, OptionError, Text
from ..geo.join import PanelLike
from ..geo.recipe import WeightsLike
from ..kernels.wild_bootstrap import RADEMACHER, WildBootstrap
from .covariance import Errors, labels_of
from .design import Design
from .group_slopes import (
    FEW,
    chow_table,
    clusters_by_group,
    effects_table,
    few_clusters_note,
    slopes_table,
    wild_bootstrap_of,
)
from .interactions import Interactions, Levels
from .neighbourhood import weights_of
from .ols import Effects
from .regime_model import RegimeModel, with_clusters
from .regimes_result import RegimesResult
from .regression import RegressionResult
from .separate import cells_of, separate_chow, separate_effects, separate_regressions, separate_slopes, small_note
from .spatial_sample import check_effects
from .transforms import Transforms
from .unit_groups import Changing, Ungrouped, UnitGroups


@tool(group="drivers", title="Drivers by group")
def regimes(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    by: Annotated[str, Column(numeric=False), "Column of groups"],
    weights: Annotated[WeightsLike, "Weights"] = "queen",
    model: Annotated[Literal["ols", "lag", "error", "durbin", "durbin-error", "slx", "sac"], "Model"] = "ols",
    effects: Annotated[Effects | None, "Effects"] = None,
    *,
    how: Annotated[Literal["interactions", "separate"], "One regression or several"] = "interactions",
    levels: Annotated[Levels, "Levels of the groups"] = "group",
    errors: Annotated[Errors | None, "Standard errors"] = None,
    cluster: Annotated[str | None, Column(numeric=False), "Clusters"] = None,
    wild_bootstrap: Annotated[Literal["few", "always", "never"], "Wild cluster bootstrap"] = "few",
    draws: Annotated[int, Range(99, 99_999), Advanced(), "Draws"] = 999,
    lee_yu: Annotated[Literal["transform", "none"], Advanced(), "Lee–Yu transformation"] = "transform",
    changing: Annotated[Changing, Advanced(), "Units that change their group"] = "error",
    ungrouped: Annotated[Ungrouped, Advanced(), "Units without a group"] = "error",
    transforms: Transforms = (),
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed"] = 12345,
) -> RegimesResult:
    """Let the slopes of drivers differ between groups of units, and test whether they do.

    By default in one regression over all units, each driver times a dummy of each group: weights span all units, and
    the spatial parameter, the variance and the effects of periods are shared. Chow tests (Chow 1960) are Wald tests
    with the chosen covariance, of each driver, of all slopes, and of slopes and levels; with classical errors they are
    F tests of restricted and unrestricted sums of squares. A lagged driver of a Durbin or SLX model, ``W_rd[east]``, is
    the lag of the driver within its group: what comes from neighbours of that group.

    The slopes of a group rest on its clusters alone. Where the smallest group has fewer than 30, p-values come from a
    wild cluster bootstrap as well, with the null imposed, Rademacher weights, or Webb's where there are fewer than 12
    (Cameron, Gelbach and Miller 2008; Webb 2023), and intervals are the values that it does not reject; in groups of
    very few clusters it may reject too seldom (MacKinnon and Webb 2017). Spatial models by maximum likelihood have
    standard errors from the information.

    Parameters
    ----------
    data : Panel or GeoPanel
    y : str
        Dependent variable.
    x : sequence of str
        Drivers, each of which gets a slope in every group.
    by : str
        Column of groups, numbers or text; a unit is in one group.
    weights : Weights, libpysal Graph or W, or str
        Over all units; of no use in model "ols".
    model : {"ols", "lag", "error", "durbin", "durbin-error", "slx", "sac"}
        Least squares, or a spatial model as in :func:`spatial_panel`.
    effects : {"none", "individual", "time", "twoway", "random"} or None
        None is two-way where there are several periods.
    how : {"interactions", "separate"}
        Separate regressions only for groups with five observations a coefficient, fixed effects taken off (the rule of
        thumb of Hair et al. 2019, chapter 5), and ten units; the weights of a group are then those within it.
    levels : {"group", "group-period", "common"}
        Whether groups have levels of their own, which effects of units take in, or in every period; or share them.
    errors : str or None
        As in :func:`ols`. None is clustered by unit in a panel or where ``cluster`` is given, else hc3.
    cluster : str or None
        Column of the clusters; by default each unit is one.
    wild_bootstrap : {"few", "always", "never"}
        With clustered errors.
    draws : int
        Replications of the bootstrap.
    lee_yu : {"transform", "none"}
        As in :func:`spatial_panel`.
    changing : {"error", "first"}
        Units that change their group: stop, or count them to that of their first period.
    ungrouped : {"error", "none"}
        Units without a group: stop, or make them a group of their own, "none". They are never left out, since their
        neighbours need them.
    transforms : mapping or sequence of str
        As in :func:`ols`; over all units, before they are grouped.
    seed : int
        Of the bootstrap.

    Returns
    -------
    RegimesResult
        ``fits`` are the regressions themselves. Effects of spatial models are means over all units, had all of them the
        slopes of the group.

    Raises
    ------
    DataError
        Where a unit has no group or changes it, or a cell is missing.
    ModelError
        Where a group is too small for slopes of its own, or no group can carry a regression.
    OptionError
        Where options do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(40), "rd": rng.normal(size=40), "east": [0, 1] * 20})
    >>> frame["eco"] = frame["rd"] * frame["east"] + rng.normal(size=40) / 10
    >>> found = regimes(Panel.from_frame(frame, unit="city"), "eco", ["rd"], by="east")
    >>> found.slopes["coefficient"].round(1).tolist(), bool(found.chow["pvalue"]["rd"] < 0.01)
    ([0.0, 1.0], True)
    """
    design = Design.of(data, y, x, transforms)
    chosen = check_effects(design.data, effects)
    groups = UnitGroups.of(data, design.data.units, by, changing, ungrouped)
    near = None if model == "ols" else weights_of(weights, design.data)
    regression = RegimeModel.of(design.data, model, chosen, near, errors, cluster, lee_yu)
    if wild_bootstrap == "always":
        _check_bootstrap(regression, how)
    cells = cells_of(design.data, groups, regression, len(design.x_names))
    labels = None if cluster is None else labels_of(data, cluster)
    parts = (
        _separate(design, groups, regression, cells, labels)
        if how == "separate"
        else _together(design, groups, regression, cells, labels, levels, (wild_bootstrap, draws, seed))
    )
    return RegimesResult(
        data=design.data,
        y_name=design.y_name,
        x_names=design.x_names,
        by=by,
        how=how,
        levels=levels,
        fits=parts.fits,
        common=parts.common,
        inference=parts.inference,
        slopes=parts.slopes,
        chow=parts.chow,
        group_effects=parts.effects,
        cells=parts.cells,
        notes=tuple(dict.fromkeys((*design.notes, *groups.notes, *parts.notes, *regression.notes()))),
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """What a result is put together of."""

    fits: tuple[RegressionResult, ...]
    common: RegressionResult | None
    slopes: pd.DataFrame
    chow: pd.DataFrame
    effects: pd.DataFrame
    cells: pd.DataFrame
    inference: Text
    notes: tuple[Message, ...]


def _together(
    design: Design,
    groups: UnitGroups,
    model: RegimeModel,
    cells: pd.DataFrame,
    labels: pd.Series | None,
    levels: Levels,
    bootstrap: tuple[str, int, int],
) -> _Parts:
    """One regression with slopes by group, and the one with common slopes that it is held against."""
    made = Interactions.of(design, groups, levels, model.effects)
    made.check_cells(model.lags)
    data = with_clusters(made.data, model.cluster, labels)
    names = [*made.interacted, *made.levels]
    fit = model.fit(data, made.y_name, names, made.interacted)
    common = model.fit(data, made.y_name, [*made.drivers, *made.levels], made.drivers)
    wild, notes = _bootstrap(made, model, names, labels, *bootstrap)
    return _Parts(
        fits=(fit,),
        common=common,
        slopes=slopes_table(fit, made.terms(fit.params.index), groups.names, wild),
        chow=chow_table(fit, common, made, wild),
        effects=effects_table(fit, made.slopes, groups.names),
        cells=cells,
        inference=_inference(model, fit, wild),
        notes=(*small_note(cells, separate=False), *fit.notes, *notes),
    )


def _separate(
    design: Design, groups: UnitGroups, model: RegimeModel, cells: pd.DataFrame, labels: pd.Series | None
) -> _Parts:
    """Regressions of single groups; those of different units are independent."""
    data = with_clusters(design.data, model.cluster, labels)
    fits, cells, failures = separate_regressions(data, design.y_name, design.x_names, groups, model, cells)
    slopes = separate_slopes(fits, design.x_names)
    inside = () if model.weights is None else (Message.of("Weights are those within a group: links across are cut."),)
    return _Parts(
        fits=tuple(fits.values()),
        common=None,
        slopes=slopes,
        chow=separate_chow(fits, slopes),
        effects=separate_effects(fits, design.x_names),
        cells=cells,
        inference=Message.of("of each regression by itself: {errors}", errors=model.words),
        notes=(
            *small_note(cells, separate=True),
            *failures,
            *inside,
            *(
                Message.of("{group}: {problem}", group=group, problem=note)
                for group in fits
                for note in fits[group].notes
            ),
        ),
    )


def _check_bootstrap(model: RegimeModel, how: str) -> None:
    if model.model != "ols" or model.errors != "clustered" or model.effects == "random" or how == "separate":
        raise OptionError(
            "The wild bootstrap is for model='ols' with errors='clustered', fixed effects or none, and"
            " how='interactions'."
        )


def _bootstrap(
    made: Interactions,
    model: RegimeModel,
    names: Sequence[str],
    labels: pd.Series | None,
    when: str,
    draws: int,
    seed: int,
) -> tuple[WildBootstrap | None, tuple[Message, ...]]:
    """The bootstrap where it is called for, and a note where clusters are few."""
    if model.model != "ols" or model.errors != "clustered":
        return None, ()
    clusters = made.data.places()[0] if labels is None else pd.factorize(labels.reindex(made.data.index))[0]
    counts = clusters_by_group(made, clusters)
    made.check_cells(model.lags, counts)
    fewest = int(counts.min())
    run = when == "always" or (when == "few" and fewest < FEW and model.effects != "random")
    wild = wild_bootstrap_of(made, names, model.effects, clusters, draws, seed) if run else None
    return wild, few_clusters_note(fewest, bootstrapped=run)


def _inference(model: RegimeModel, fit: RegressionResult, wild: WildBootstrap | None) -> Text:
    own = model.inference(fit)
    if wild is None:
        return own
    return Message.of(
        "{errors}; p_wild: wild cluster bootstrap, null imposed, {points} weights, {draws} draws, seed {seed};"
        " stars and intervals are its own",
        errors=own,
        points="Rademacher" if wild.points is RADEMACHER else "Webb",
        draws=wild.draws,
        seed=wild.seed,
    )

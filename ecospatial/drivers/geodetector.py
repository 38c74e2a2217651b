"""The geographical detector: which factors, alone and in pairs, divide the map as the outcome is divided."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Advanced, Column, Range, tool
from ..errors import DataError, Message, listed
from ..geo.join import PanelLike
from ..kernels.geodetector import interaction_type, noncentral_f, welch, within_squares
from ..panel import Panel
from .geodetector_result import Discretisation, GeodetectorResult
from .geodetector_search import Detected, detect
from .geodetector_strata import FEWEST, Factor, check_factors, tie_notes
from .regression import stars


@tool(group="drivers", title="Geographical detector")
def geodetector(
    data: Annotated[PanelLike, "Panel"],
    y: Annotated[str, Column(), "Dependent variable"],
    factors: Annotated[Sequence[str], Column(numeric=False), "Factors"],
    classes: Annotated[int, Range(2, 50), "Classes"] = 5,
    discretisation: Annotated[Discretisation, "Discretisation"] = "quantile",
    permutations: Annotated[int, Range(99, 99_999), "Permutations"] = 999,
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed of the permutations"] = 12345,
) -> GeodetectorResult:
    r"""Find the factors whose strata differ most in a variable: factor, interaction, risk and ecological detector.

    :math:`q = 1 - \sum_h N_h \sigma_h^2 / (N \sigma^2)` is the share of the variance of y between the strata of a
    factor (Wang et al. 2010). It grows with the number of strata even where a factor says nothing, so that its p-value
    comes from maps with the units shuffled, :math:`(\#\{q^* \ge q\} + 1)/(P + 1)`. Where the number of classes is
    searched, every shuffled map is searched as well: the best of many discretisations, tested as if it were the only
    one, rejects far too often. In a panel unit-periods are pooled and whole units shuffled, since the years of a city
    are not independent. Strata of two factors laid over each other are finer than either, so that their q is never
    smaller and "weakened" does not occur; what it would be by chance, with both shuffled against y, ``expected``
    says.

    Parameters
    ----------
    data : Panel or GeoPanel
        A cross-section, or a balanced panel.
    y : str
        Dependent variable.
    factors : sequence of str
        Text is taken as classes, numbers are divided into classes.
    classes : int
        How many, or with ``"best"`` the most to try.
    discretisation : {"quantile", "best", "given"}
        Numbers in classes of equal size; in that number of them, from two on, with the largest q; or each value a
        class.
    permutations : int
        The smallest possible p-value is 1 / (permutations + 1).
    seed : int
        The same seed gives the same p-values.

    Returns
    -------
    GeodetectorResult

    Raises
    ------
    DataError
        Where a cell is empty, the panel is unbalanced, y is constant, or a class has fewer than three units.
    OptionError
        Where factors are named twice.

    References
    ----------
    Wang, J.-F. et al. (2010). Geographical detectors-based health risk assessment. *International Journal of
    Geographical Information Science* 24, 107–127. Wang, J.-F., Zhang, T.-L. & Fu, B.-J. (2016). A measure of spatial
    stratified heterogeneity. *Ecological Indicators* 67, 250–256.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": range(9), "eco": [1, 1, 2, 5, 5, 6, 9, 9, 8.0], "zone": list("aaabbbccc")})
    >>> found = geodetector(Panel.from_frame(frame, unit="city"), "eco", ["zone"], permutations=99)
    >>> found.detected["q"].round(3).tolist()
    [0.976]
    """
    names = check_factors(y, factors)
    outcome = data.cube([y], missing="error")[:, :, 0]
    if np.ptp(outcome) <= 1e-12 * np.abs(outcome).max():
        raise DataError("'{column}' is the same for all units; there is nothing to explain.", column=y)
    unit, period = data.places()
    order = np.lexsort((unit, period))
    made = [Factor.of(data, name, order, classes, discretisation) for name in names]
    found = detect(outcome, made, permutations, seed)
    flat, at = outcome.ravel(), unit[order]
    interactions = _interactions(names, found)
    return GeodetectorResult(
        data=data.select([y, *names]),
        y_name=y,
        factors=names,
        classes=classes,
        discretisation=discretisation,
        permutations=permutations,
        seed=seed,
        detected=_factors(names, flat, found),
        interactions=interactions,
        risk=_risk(names, flat, at, found),
        ecological=_ecological(names, flat, len(data.units), found),
        strata=_strata(names, flat, at, found),
        notes=(*tie_notes(made, classes, discretisation), *_thin(names, at, found), *_pooled(data)),
    )


def _factors(names: Sequence[str], y: np.ndarray, found: Detected) -> pd.DataFrame:
    published = [noncentral_f(y, strata.codes) for strata in found.chosen]
    return pd.DataFrame(
        {
            "q": found.q,
            "expected": found.expected,
            "pvalue": found.pvalue,
            "stars": [stars(p) for p in found.pvalue],
            "strata": [len(strata.names) for strata in found.chosen],
            "F": [f for f, _, _ in published],
            "noncentrality": [centrality for _, centrality, _ in published],
            "p_noncentral": [p for _, _, p in published],
        },
        index=pd.Index(names, name="factor", dtype=object),
    )


def _interactions(names: Sequence[str], found: Detected) -> pd.DataFrame:
    ones, others = ([pair[side] for pair in found.pairs] for side in (0, 1))
    kinds = map(interaction_type, found.q[ones], found.q[others], found.q_pairs)
    return pd.DataFrame(
        {
            "factor": [names[one] for one in ones],
            "other_factor": [names[other] for other in others],
            "q": found.q_pairs,
            "q_factor": found.q[ones],
            "q_other": found.q[others],
            "interaction": list(kinds),
            "expected": found.expected_pairs,
            "pvalue": found.pvalue_pairs,
            "stars": [stars(p) for p in found.pvalue_pairs],
            "strata": [int(codes.max()) + 1 for codes in found.overlays],
        }
    )


def _risk(names: Sequence[str], y: np.ndarray, unit: np.ndarray, found: Detected) -> pd.DataFrame:
    rows = []
    for name, strata in zip(names, found.chosen, strict=True):
        means = [_unit_means(y[strata.codes == code], unit[strata.codes == code]) for code in range(len(strata.names))]
        for one, other in combinations(range(len(means)), 2):
            statistic, df, pvalue = welch(means[one], means[other])
            difference = float(means[one].mean() - means[other].mean())
            pair = strata.names[one], strata.names[other]
            rows.append((name, *pair, difference, statistic, df, pvalue, stars(pvalue)))
    columns = ["factor", "class", "other_class", "difference", "statistic", "df", "pvalue", "stars"]
    return pd.DataFrame(rows, columns=columns)


def _unit_means(y: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """One value a unit, the mean of its periods in a stratum."""
    _, own = np.unique(unit, return_inverse=True)
    return np.asarray(np.bincount(own.reshape(-1), weights=y) / np.bincount(own.reshape(-1)))


def _ecological(names: Sequence[str], y: np.ndarray, units: int, found: Detected) -> pd.DataFrame:
    squares = [float(within_squares(y, strata.codes)) for strata in found.chosen]
    law, rows = stats.f(units - 1, units - 1), []
    for one, other in found.pairs:
        known = squares[one] > 0 and squares[other] > 0
        statistic = squares[one] / squares[other] if known else np.nan
        pvalue = float(min(1.0, 2 * min(law.sf(statistic), law.cdf(statistic)))) if known else np.nan
        rows.append((names[one], names[other], statistic, units - 1, pvalue, stars(pvalue)))
    return pd.DataFrame(rows, columns=["factor", "other_factor", "statistic", "df", "pvalue", "stars"])


def _strata(names: Sequence[str], y: np.ndarray, unit: np.ndarray, found: Detected) -> pd.DataFrame:
    rows = []
    for name, strata in zip(names, found.chosen, strict=True):
        for code, units in enumerate(strata.units(unit)):
            own = y[strata.codes == code]
            spread = float(own.std(ddof=1)) if len(own) > 1 else np.nan
            rows.append((name, strata.names[code], int(units), len(own), float(own.mean()), spread))
    return pd.DataFrame(rows, columns=["factor", "class", "units", "observations", "mean", "sd"])


def _thin(names: Sequence[str], unit: np.ndarray, found: Detected) -> tuple[Message, ...]:
    """Pairs whose overlay has strata of very few units."""
    thin = []
    for (one, other), codes in zip(found.pairs, found.overlays, strict=True):
        pairs = np.unique(np.column_stack([codes, unit]), axis=0)
        small = int((np.bincount(pairs[:, 0]) < FEWEST).sum())
        if small:
            values = {"one": names[one], "other": names[other], "small": small, "count": int(codes.max()) + 1}
            thin.append(Message.of("{one} and {other} ({small} of {count})", **values))
    if not thin:
        return ()
    return (
        Message.of(
            "Laid over each other, these factors have strata of fewer than {fewest} units, whose q is large by"
            " chance; hold it against the expected one: {pairs}.",
            fewest=FEWEST,
            pairs=listed(thin, limit=10, mark="; "),
        ),
    )


def _pooled(data: Panel) -> tuple[Message, ...]:
    if len(data.periods) == 1:
        return ()
    return (
        Message.of(
            "The years of a unit are not independent: permutations shuffle whole units, the risk detector compares"
            " means of units, the ecological detector counts units; the noncentral F takes all unit-periods for"
            " independent."
        ),
    )

"""Tests of the effects of a panel regression: whether there are any, and whether they may be random."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..kernels.least_squares import dependence, least_squares
from ..kernels.robust import clustered
from ..kernels.within import group_means, group_sums
from .design import Design
from .diagnostics import Row, chi2
from .panel_fit import PanelFit, fit_panel

F_TEST, LM_RANDOM = "F test of the effects", "Breusch–Pagan LM (random effects)"
HAUSMAN, MUNDLAK = "Hausman", "Hausman, robust (on unit means)"


def effects_tests(design: Design, effects: str, fit: PanelFit) -> dict[str, Row]:
    """The tests that go with the effects of a fit; none for a cross-section.

    Fixed effects: F against pooling. Pooled and random: the Lagrange multiplier of Breusch and Pagan (1980), in
    unbalanced panels of Baltagi and Li (1990). Random: Hausman (1978) against fixed effects, as
    published and robust.
    """
    if len(design.data.periods) == 1:
        return {}
    if effects in ("individual", "time", "twoway"):
        return {F_TEST: _poolability(design.fit().squares, design, fit)}
    unit, _ = design.data.places()
    null = "no unit effects: their variance is zero"
    rows = {LM_RANDOM: chi2(lm_random(design.fit().residuals, unit), 1, null)}
    return rows if effects == "none" else {**rows, **_hausman(design, fit)}


def lm_random(residuals: np.ndarray, units: np.ndarray) -> float:
    """The Lagrange multiplier N²/2 [Σᵢ(Σₜe)²/e'e − 1]² / (ΣTᵢ² − N) of pooled residuals (N,)."""
    counts = np.bincount(units)
    count, pairs = len(residuals), float(counts @ counts) - len(residuals)
    together = float((group_sums(residuals, units, len(counts)) ** 2).sum() / (residuals @ residuals)) - 1
    return count**2 / 2 * together**2 / pairs if pairs else np.nan


def _poolability(pooled: float, design: Design, fit: PanelFit) -> Row:
    df = fit.absorbed - 1
    statistic = (pooled - fit.fit.squares) / df / fit.sigma2
    return statistic, float(df), float(stats.f.sf(statistic, df, fit.df)), "all effects are equal: pooling suffices"


def _hausman(design: Design, random: PanelFit) -> dict[str, Row]:
    """Hausman (1978), and the test on unit means that holds without homoskedasticity (Mundlak 1978; Arellano 1993)."""
    null = "the unit effects do not depend on the drivers: random effects are consistent"
    varying = design.varying()
    if len(varying) == 0:
        return {HAUSMAN: (np.nan, np.nan, np.nan, null + "; undefined, since no driver varies within units")}
    return {HAUSMAN: _classical(design, random, varying, null), MUNDLAK: _mundlak(design, random, varying, null)}


def _classical(design: Design, random: PanelFit, varying: np.ndarray, null: str) -> Row:
    """(b − β)'[V(b) − V(β)]⁻¹(b − β), each model with its own residual variance."""
    chosen = [design.x_names[place - 1] for place in varying]
    fixed = fit_panel(Design.of(design.data, design.y_name, chosen), "individual")
    gap = fixed.fit.coefficients - random.fit.coefficients[varying]
    ours, theirs = fixed.sigma2 * fixed.fit.inverse, random.sigma2 * random.fit.inverse[np.ix_(varying, varying)]
    scale = np.sqrt(np.diag(ours))
    statistic = float(gap @ np.linalg.lstsq(ours - theirs, gap, rcond=None)[0])
    if statistic < 0:
        return np.nan, np.nan, np.nan, null + "; undefined here, since V(b) − V(β) is not positive definite"
    if np.linalg.eigvalsh((ours - theirs) / np.outer(scale, scale)).min() <= 0:
        null += "; V(b) − V(β) is not positive definite, so rather trust the test on unit means"
    return chi2(statistic, len(varying), null)


def _mundlak(design: Design, random: PanelFit, varying: np.ndarray, null: str) -> Row:
    """Wald test that the means of the drivers by unit have no effect, errors clustered by unit."""
    unit, _ = design.data.places()
    counts = np.bincount(unit)
    means = group_means(design.x[:, varying], unit, counts)[unit]
    tied = dependence(np.column_stack([design.x, means]))
    if random.components is None or tied is not None or len(counts) <= len(varying):
        return np.nan, np.nan, np.nan, null + "; undefined here, since the means depend on the drivers"
    x = np.column_stack([random.x, random.components.transformed(means, unit)])
    fit = least_squares(x, random.components.transformed(design.y, unit))
    cov = clustered(x, fit.residuals, fit.inverse, unit, x.shape[1])
    added = slice(random.x.shape[1], None)
    gap = fit.coefficients[added]
    return chi2(float(gap @ np.linalg.solve(cov[added, added], gap)), len(varying), null)

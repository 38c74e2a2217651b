"""Chow tests: whether slopes, one by one or all together, are the same in all groups (Chow 1960)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

SLOPES, LEVELS, LIKELIHOOD_RATIO = "All slopes", "All slopes and levels", "All slopes (likelihood ratio)"
NULLS = {
    SLOPES: "the slopes of all drivers are the same in all groups",
    LEVELS: "slopes and levels are the same in all groups: one regression for all",
    LIKELIHOOD_RATIO: "the slopes of all drivers are the same in all groups",
}
ONE_DRIVER = "its slopes are the same in all groups"
COLUMNS = ["statistic", "df", "df_denominator", "pvalue"]
# Below this share of the largest root of a correlation matrix a direction is not known.
SINGULAR = 1e-10


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """Restrictions on the coefficients of a regression, by name.

    Attributes
    ----------
    terms : Index
        The coefficients.
    restrictions : dict of str to ndarray, shape (q, k)
        R of R beta = 0.
    """

    terms: pd.Index
    restrictions: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, terms: pd.Index, slopes: Mapping[str, Sequence[str]], levels: Sequence[str]) -> Hypotheses:
        """That slopes do not differ, of every driver alone, of all, and of all with the levels.

        Parameters
        ----------
        terms : Index
        slopes : mapping of str to sequence of str
            By driver, the term of each group.
        levels : sequence of str
            Dummies of groups among the terms.
        """
        single = {driver: equality(terms, names) for driver, names in slopes.items()}
        found = {SLOPES: np.vstack(list(single.values()))}
        if len(levels):
            found[LEVELS] = np.vstack([found[SLOPES], picks(terms, levels)])
        return cls(terms, {**found, **single})

    def tests(self, params: np.ndarray, cov: np.ndarray, df: int | None) -> pd.DataFrame:
        """Wald tests: F = W/q with ``df`` degrees of freedom below, or chi-squared where there are none."""
        rows = {name: wald(r @ params, r @ cov @ r.T, df) for name, r in self.restrictions.items()}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS).rename_axis("test")
        return table.assign(null=[NULLS.get(name, ONE_DRIVER) for name in table.index])

    def pvalues(self, test: Callable[[np.ndarray], float]) -> list[float]:
        """What another test of restrictions says of each."""
        return [test(restrictions) for restrictions in self.restrictions.values()]


def picks(terms: pd.Index, names: Sequence[str]) -> np.ndarray:
    """Rows that pick terms, shape (q, k)."""
    return np.asarray(np.eye(len(terms))[terms.get_indexer(list(names))])


def equality(terms: pd.Index, names: Sequence[str]) -> np.ndarray:
    """Rows that hold each term against the first, shape (q, k).

    Examples
    --------
    >>> equality(pd.Index(["a", "b"]), ["a", "b"]).tolist()
    [[1.0, -1.0]]
    """
    rows = picks(terms, names)
    return np.asarray(rows[0] - rows[1:])


def wald(values: np.ndarray, cov: np.ndarray, df: int | None) -> tuple[float, float, float, float]:
    """Statistic, its degrees of freedom, and the p-value of what should be zero (q,) with its covariance (q, q).

    NaN where the covariance does not know all directions, as one clustered by few units.
    """
    count, scale = len(values), np.sqrt(np.diag(cov))
    known = bool((scale > 0).all())
    roots, axes = np.linalg.eigh(cov / np.outer(scale, scale)) if known else (np.zeros(1), np.zeros((1, 1)))
    below = np.nan if df is None else float(df)
    if not known or roots[0] <= SINGULAR * roots[-1] or (df is not None and df < count):
        return np.nan, float(count), below, np.nan
    statistic = float((((values / scale) @ axes) ** 2 / roots).sum())
    if df is None:
        return statistic, float(count), below, float(stats.chi2.sf(statistic, count))
    return statistic / count, float(count), below, float(stats.f.sf(statistic / count, count, df))


def likelihood_ratio(free: float, common: float, count: int) -> pd.DataFrame:
    """The row of a likelihood-ratio test of ``count`` restrictions."""
    statistic = max(2 * (free - common), 0.0)
    row = [statistic, float(count), np.nan, float(stats.chi2.sf(statistic, count)), NULLS[LIKELIHOOD_RATIO]]
    return pd.DataFrame([row], columns=[*COLUMNS, "null"], index=pd.Index([LIKELIHOOD_RATIO], name="test"))

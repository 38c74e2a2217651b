"""Transition tables in the forms that results show."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from ..kernels.markov import likelihood_ratio, pearson, probabilities


def transition_matrix(counts: pd.DataFrame) -> pd.DataFrame:
    """Probabilities in the place of counts; NaN in the rows of states that were never left.

    Examples
    --------
    >>> transition_matrix(pd.DataFrame([[3, 1], [0, 2]])).to_numpy().tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """
    return pd.DataFrame(probabilities(counts.to_numpy()), index=counts.index, columns=counts.columns)


def long_transitions(counts: pd.DataFrame) -> pd.DataFrame:
    """One row a pair of states: ``from, to, count, probability``."""
    origin, destination = np.indices(counts.shape)
    return pd.DataFrame(
        {
            "from": np.asarray(counts.index)[origin.ravel()],
            "to": np.asarray(counts.columns)[destination.ravel()],
            "count": counts.to_numpy().ravel(),
            "probability": probabilities(counts.to_numpy()).ravel(),
        }
    )


def tests_table(statistics: dict[str, float], df: int, null: str) -> pd.DataFrame:
    """One row a chi-squared test; NaN where there are no degrees of freedom.

    Examples
    --------
    >>> tests_table({"Q": 3.84}, 1, "nothing")["pvalue"].round(3).tolist()
    [0.05]
    """
    values = [value if df > 0 else np.nan for value in statistics.values()]
    return pd.DataFrame(
        {
            "test": list(statistics),
            "statistic": values,
            "df": float(df) if df > 0 else np.nan,
            "pvalue": stats.chi2.sf(values, max(df, 1)),
            "null": null,
        }
    )


def chain_test(counts: np.ndarray, expected: np.ndarray, parameters: int, null: str) -> pd.DataFrame:
    """Pearson's and the likelihood-ratio test of transition counts against expected ones.

    Parameters
    ----------
    counts, expected : ndarray, shape (states, states)
    parameters : int
        Free probabilities that the expected counts were made with.
    null : str
    """
    left = counts.sum(axis=1) > 0
    df = int(((expected[left] > 0).sum(axis=1) - 1).sum()) - parameters
    statistics = {"Pearson": pearson(counts, expected), "Likelihood ratio": likelihood_ratio(counts, expected)}
    return tests_table(statistics, df, null)

"""Discrete Markov chains: transitions counted, their probabilities, steady states, tests of homogeneity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Homogeneity(NamedTuple):
    """Tests of whether several transition tables come from one chain; df is zero where nothing can be compared."""

    q: float
    likelihood_ratio: float
    df: int


def transition_counts(origin: np.ndarray, destination: np.ndarray, states: int) -> np.ndarray:
    """How often each state was followed by each, shape (states, states).

    Parameters
    ----------
    origin, destination : ndarray of int
        States 0, 1 … of the same shape; a pair with a negative state is no transition.

    Examples
    --------
    >>> transition_counts(np.array([0, 0, 1, -1]), np.array([0, 1, 1, 0]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    known = (origin >= 0) & (destination >= 0)
    pairs = origin[known] * states + destination[known]
    return np.bincount(pairs, minlength=states**2).reshape(states, states)


def probabilities(counts: np.ndarray) -> np.ndarray:
    """Maximum-likelihood transition probabilities; the rows of states that were never left are NaN.

    Examples
    --------
    >>> probabilities(np.array([[3, 1], [0, 0]])).tolist()
    [[0.75, 0.25], [nan, nan]]
    """
    left = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(left > 0, counts / np.where(left > 0, left, 1), np.nan))


def steady_state(transition: np.ndarray) -> np.ndarray:
    """The distribution that the chain leaves as it is, NaN where there is none or more than one.

    A state that is never left nor entered has probability zero; one that is entered but not left is unknown.

    Examples
    --------
    >>> steady_state(np.array([[0.9, 0.1], [0.2, 0.8]])).round(4)
    array([0.6667, 0.3333])
    """
    known = ~np.isnan(transition[:, 0])
    entered = np.nansum(transition[known], axis=0) > 0
    if not known.any() or (entered & ~known).any():
        return np.full(len(transition), np.nan)
    chain = transition[np.ix_(known, known)]
    drift = chain.T - np.eye(len(chain))
    if np.linalg.matrix_rank(drift, tol=1e-9) < len(chain) - 1:
        return np.full(len(transition), np.nan)
    system, right = np.vstack([drift, np.ones(len(chain))]), np.append(np.zeros(len(chain)), 1.0)
    state = np.zeros(len(transition))
    state[known] = np.linalg.lstsq(system, right, rcond=None)[0]
    return np.where(np.abs(state) < 1e-12, 0.0, state)


def homogeneity(counts: np.ndarray) -> Homogeneity:
    """Pearson's Q and the likelihood ratio of transition tables against the pooled one.

    Bickenbach and Bode (2003), International Regional Science Review 26, equations 9 and 10: both are
    chi-squared with Σ_i (a_i − 1)(b_i − 1) degrees of freedom, a_i the tables in which state i was left and b_i
    the states that it was left for.

    Parameters
    ----------
    counts : ndarray, shape (tables, states, states)

    Examples
    --------
    >>> homogeneity(np.array([[[8, 2], [3, 7]], [[16, 4], [6, 14]]]))
    Homogeneity(q=0.0, likelihood_ratio=0.0, df=2)
    """
    pooled = probabilities(counts.sum(axis=0))
    possible = pooled > 0
    left = counts.sum(axis=2)
    df = ((left > 0).sum(axis=0) - 1) * (possible.sum(axis=1) - 1)
    expected = left[:, :, None] * np.where(possible, pooled, 0.0)
    return Homogeneity(pearson(counts, expected), likelihood_ratio(counts, expected), int(np.maximum(df, 0).sum()))


def pearson(counts: np.ndarray, expected: np.ndarray) -> float:
    """Σ (count − expected)² / expected over cells that can be filled."""
    filled = expected > 0
    return float(((counts[filled] - expected[filled]) ** 2 / expected[filled]).sum())


def likelihood_ratio(counts: np.ndarray, expected: np.ndarray) -> float:
    """2 Σ count ln(count / expected) over filled cells."""
    filled = counts > 0
    return float(2 * (counts[filled] * np.log(counts[filled] / expected[filled])).sum())

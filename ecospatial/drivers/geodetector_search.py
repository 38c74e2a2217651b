"""q of factors and of pairs of factors, with the best of several discretisations, and under permuted units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from ..kernels.geodetector import TIE, overlay, permuted, q_statistic
from .geodetector_strata import Factor, Strata


@dataclass(frozen=True, eq=False)
class Detected:
    """What was found, and how often as much is found by chance.

    Attributes
    ----------
    chosen : tuple of Strata
        Of each factor.
    q, pvalue, expected : ndarray, shape (p,)
        Statistic of each factor, its permutation p-value, and its mean over the permutations.
    pairs : tuple of (int, int)
    overlays : tuple of ndarray
        Strata of each pair.
    q_pairs, pvalue_pairs, expected_pairs : ndarray, shape (p (p − 1) / 2,)
    """

    chosen: tuple[Strata, ...]
    q: np.ndarray
    pvalue: np.ndarray
    expected: np.ndarray
    pairs: tuple[tuple[int, int], ...]
    overlays: tuple[np.ndarray, ...]
    q_pairs: np.ndarray
    pvalue_pairs: np.ndarray
    expected_pairs: np.ndarray


def detect(y: np.ndarray, factors: Sequence[Factor], permutations: int, seed: int) -> Detected:
    """Detect factors and interactions; permutations go through the same search for the best number of classes.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Its units are shuffled with their histories.
    factors : sequence of Factor
        Codes in the order of ``y.ravel()``.
    permutations, seed : int
    """
    pairs = tuple(combinations(range(len(factors)), 2))
    search = _Search(factors, pairs)
    found, best = search(y.reshape(-1, 1))
    beyond, total = np.ones(len(found)), np.zeros(len(found))
    for block in permuted(y, permutations, seed):
        drawn, _ = search(block)
        beyond += (drawn >= found - TIE).sum(axis=1)
        total += drawn.sum(axis=1)
    places, p = [int(place) for place in best[:, 0]], len(factors)
    q, pvalue, expected = found[:, 0], beyond / (permutations + 1), total / permutations
    return Detected(
        chosen=tuple(factor.candidates[place] for factor, place in zip(factors, places, strict=True)),
        q=q[:p],
        pvalue=pvalue[:p],
        expected=expected[:p],
        pairs=pairs,
        overlays=tuple(search.overlays[pair][places[pair[0]], places[pair[1]]] for pair in pairs),
        q_pairs=q[p:],
        pvalue_pairs=pvalue[p:],
        expected_pairs=expected[p:],
    )


class _Search:
    """q of all factors and pairs for outcomes (N, B), each with the classes that suit that outcome best."""

    def __init__(self, factors: Sequence[Factor], pairs: Sequence[tuple[int, int]]) -> None:
        self.factors = factors
        self.overlays = {
            (one, other): {
                (a, b): overlay(factors[one].candidates[a].codes, factors[other].candidates[b].codes)
                for a, b in product(range(len(factors[one].candidates)), range(len(factors[other].candidates)))
            }
            for one, other in pairs
        }

    def __call__(self, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Statistics (p + pairs, B), and which candidates of the factors they are of (p, B)."""
        draws = np.arange(outcomes.shape[1])
        tried = [np.stack([q_statistic(outcomes, one.codes) for one in factor.candidates]) for factor in self.factors]
        best = np.stack([values.argmax(axis=0) for values in tried])
        rows = [values[place, draws] for values, place in zip(tried, best, strict=True)]
        for (one, other), strata in self.overlays.items():
            together = np.zeros(len(draws))
            for (a, b), codes in strata.items():
                own = (best[one] == a) & (best[other] == b)
                if own.any():
                    together[own] = q_statistic(outcomes[:, own], codes)
            rows.append(together)
        return np.stack(rows), best

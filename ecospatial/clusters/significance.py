"""p-values of permutation tails, and their adjustment for many tests."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from ..errors import Message, Text
from ..kernels.permutation import Tails

Correction = Literal["none", "fdr", "bonferroni"]
Sides = Literal["two-sided", "directed"]

FAMILIES = {
    "none": "none: by chance alone, a share of the units equal to the cutoff would be significant",
    "fdr": "false discovery rate (Benjamini–Hochberg); the units of a period are one family",
    "bonferroni": "Bonferroni; the units of a period are one family",
}
TWICE = "none: by chance alone, a share of the units equal to twice the cutoff would be significant"
SIDES = {
    "two-sided": "two-sided: twice the smaller tail",
    "directed": "directed: the smaller tail, as GeoDa and PySAL report it; false positives are twice the cutoff",
}


def pseudo_p(tails: Tails, permutations: int, alternative: str) -> np.ndarray:
    """Pseudo p-value (r + 1) / (permutations + 1), r the permutations as extreme as what was observed.

    Parameters
    ----------
    tails : Tails
        Permutations at least, and at most, as large as the observed statistic.
    permutations : int
        Number of permutations.
    alternative : {"two-sided", "directed", "greater", "less"}
        ``"directed"`` is the smaller tail, whichever it is, as GeoDa and PySAL report it; ``"two-sided"``
        twice that, at most one.

    Examples
    --------
    >>> tails = Tails(np.array([4, 50]), np.array([95, 49]))
    >>> pseudo_p(tails, 99, "directed"), pseudo_p(tails, 99, "two-sided")
    (array([0.05, 0.5 ]), array([0.1, 1. ]))
    """
    extreme = {"greater": tails.above, "less": tails.below}.get(alternative, np.minimum(*tails)) + 1
    sides = 2 if alternative == "two-sided" else 1
    return np.asarray(np.minimum(sides * extreme / (permutations + 1), 1.0))


def normal_p(z: np.ndarray, alternative: str) -> np.ndarray:
    """p-value of a standard normal statistic; ``"directed"`` is the smaller tail.

    Examples
    --------
    >>> normal_p(np.array([1.959964]), "two-sided").round(6)
    array([0.05])
    """
    if alternative in ("two-sided", "directed"):
        return np.asarray((2.0 if alternative == "two-sided" else 1.0) * ndtr(-np.abs(z)))
    return np.asarray(ndtr(-z) if alternative == "greater" else ndtr(z))


def reached(q: Any, significance: float | np.ndarray) -> Any:
    """Whether adjusted p-values are at or below the cutoff; a q is a product, and its last digit must not decide."""
    return q <= significance * (1 + 1e-12)


def labelled(kind: Any, q: Any, significance: float, tested: np.ndarray) -> np.ndarray:
    """The kind of a unit where it is significant, else ``"ns"``, ``"isolated"`` (no q) or ``"undefined"`` (no test).

    Examples
    --------
    >>> tested = np.array([True, True, True, False])
    >>> labelled("hot", np.array([0.01, 0.2, np.nan, np.nan]), 0.05, tested).tolist()
    ['hot', 'ns', 'isolated', 'undefined']
    """
    conditions = [~tested, np.isnan(q), np.asarray(reached(q, significance))]
    return np.asarray(np.select(conditions, ["undefined", "isolated", kind], "ns").astype(object))


def inference_facts(
    permutations: int, seed: int, alternative: str, correction: str, significance: float
) -> dict[str, Text]:
    """How local statistics were tested, for the head of a table."""
    return {
        "Permutations": Message.of(
            "{count} conditional on the unit's own value, seed {seed}", count=permutations, seed=seed
        ),
        "Alternative": SIDES[alternative],
        "Correction": TWICE if (correction, alternative) == ("none", "directed") else FAMILIES[correction],
        "Significant": Message.of(
            "{letter} ≤ {cutoff} (cutoff included)",
            letter="p" if correction == "none" else "q",
            cutoff=f"{significance:g}",
        ),
    }


def tests_by_period(p: np.ndarray) -> np.ndarray:
    """How many tests there are in each period; ``p`` of shape (T, n), NaN for none."""
    return np.asarray((~np.isnan(p)).sum(axis=1))


def resolution_notes(
    tests: Any, permutations: int, alternative: str, significance: float, correction: str
) -> list[Message]:
    """Say where too few permutations make significance impossible, or leave it to many units at once.

    Parameters
    ----------
    tests : sequence of int
        Of each period, the units that have a p-value; none in a period that could not be tested.
    """
    families = [int(count) for count in tests if count]
    if not families:
        return []
    smallest = (2 if alternative == "two-sided" else 1) / (permutations + 1)
    alone = smallest * (1 if correction == "none" else max(families))  # the least q that one unit can have
    enough = int(np.ceil(round(alone / significance * (permutations + 1), 6))) - 1
    if not reached(smallest * (min(families) if correction == "bonferroni" else 1), significance):
        return [
            Message.of(
                "No unit can be significant: with {permutations} permutations the smallest p-value is {smallest};"
                " it would take {enough}.",
                permutations=permutations,
                smallest=f"{smallest:g}",
                enough=enough,
            )
        ]
    if correction != "fdr" or reached(alone, significance):
        return []
    return [
        Message.of(
            "With {permutations} permutations the smallest p-value is {smallest}; under the false discovery rate either"
            " none or at least {units} units of a period are significant then. {enough} permutations lift this.",
            permutations=permutations,
            smallest=f"{smallest:g}",
            units=int(np.ceil(round(alone / significance, 6))),
            enough=enough,
        )
    ]


def adjusted(p: np.ndarray, correction: Correction) -> np.ndarray:
    """Each row's p-values adjusted as one family; NaN are no tests and stay.

    Benjamini and Hochberg (1995), JRSS B 57, as the smallest false discovery rate at which the test is
    significant; or Bonferroni.

    Parameters
    ----------
    p : ndarray, shape (T, n)
        A period to a row.
    correction : {"none", "fdr", "bonferroni"}
        ``"none"`` gives ``p`` back.

    Examples
    --------
    >>> adjusted(np.array([[0.01, 0.04, np.nan, 0.02]]), "fdr").round(3)
    array([[0.03, 0.04,  nan, 0.03]])
    """
    if correction == "none":
        return p.copy()
    tests = (~np.isnan(p)).sum(axis=1, keepdims=True)
    if correction == "bonferroni":
        return np.asarray(np.minimum(p * tests, 1.0))
    order = np.argsort(p, axis=1, kind="stable")  # NaN last
    stepped = np.take_along_axis(p, order, axis=1) * tests / np.arange(1, p.shape[1] + 1)
    stepped = np.fmin.accumulate(stepped[:, ::-1], axis=1)[:, ::-1]
    q = np.full_like(p, np.nan)
    np.put_along_axis(q, order, stepped, axis=1)
    return np.asarray(np.where(np.isnan(p), np.nan, q))

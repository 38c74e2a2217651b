"""Where the simplex method starts: at a basis that is known, at one around a guess, or at an artificial one."""

from __future__ import annotations

import numpy as np

from .tableau import BEST, DONE, FEASIBLE, FIND, PIVOT, SLIP, Tableau


def start(tableau: Tableau, guess: np.ndarray | None = None, basis: np.ndarray | None = None) -> None:
    """Set up a feasible basis for each unit.

    Parameters
    ----------
    tableau : Tableau
    guess : ndarray (K,) of int or None
        A reference to build a basis around, −1 for none.
    basis : ndarray (K, R) of int or None
        A basis from earlier, −1 in the first place for none.
    """
    rest = np.arange(tableau.count)
    if basis is not None:
        known = rest[basis[:, 0] >= 0]
        tableau.basis[known] = basis[known]
        rest = np.setdiff1d(rest, _accepted(tableau, known))
    if guess is not None:
        _crash(tableau, rest, guess)
        rest = rest[~np.isin(rest, _accepted(tableau, rest)) | (tableau.phase[rest] == FIND)]
    _begin(tableau, rest, keep=False)
    tableau.end(np.setdiff1d(rest, _accepted(tableau, rest)), "uncertain")


def _accepted(tableau: Tableau, units: np.ndarray) -> np.ndarray:
    """Those of the units whose basis is feasible, in the first phase while artificial columns are in use."""
    tableau.status[units] = "uncertain"
    tableau.phase[units] = BEST
    tableau.factor(units)
    levels = tableau.levels[units]
    good = np.isfinite(levels).all(axis=1) & (levels.min(axis=1, initial=0.0) >= -SLIP)
    needs = (tableau.is_artificial(units) & (levels > FEASIBLE)).any(axis=1)
    tableau.phase[units[needs]] = FIND
    tableau.levels[units[good]] = np.maximum(levels[good], 0.0)
    return np.asarray(units[good])


def _begin(tableau: Tableau, units: np.ndarray, keep: bool) -> None:
    """Slacks where there are any, artificial columns elsewhere, and for negative slacks unless these are kept."""
    slacks, artificial = tableau.block.slacks, tableau.width + np.arange(tableau.rows)
    tableau.basis[units] = np.where(slacks >= 0, slacks, artificial)
    tableau.phase[units] = FIND
    tableau.factor(units)
    if not keep:
        tableau.basis[units] = np.where(tableau.levels[units] < 0, artificial, tableau.basis[units])


def _crash(tableau: Tableau, units: np.ndarray, guess: np.ndarray) -> None:
    """Bring in the first own column and the guessed reference where rows are not satisfied yet."""
    _begin(tableau, units, keep=True)
    reference = np.where(guess[units] >= 0, guess[units] + tableau.first, 0)
    for entering in (np.zeros_like(reference), reference, np.zeros_like(reference)):
        fresh = (tableau.basis[units] != entering[:, None]).all(axis=1) & (tableau.phase[units] < DONE)
        some, places = units[fresh], entering[fresh]
        move = (tableau.inverse[some] @ tableau.column(some, places)[..., None])[..., 0]
        levels = tableau.levels[some]
        held = tableau.is_artificial(some) & (levels > FEASIBLE) & (move > PIVOT)
        short = (levels < 0) & (move < -PIVOT)
        ratio = np.where(short, levels / np.where(short, move, 1.0), -np.inf)
        ratio = np.where(held, np.inf, ratio)
        row = ratio.argmax(axis=1)
        able = ratio[np.arange(len(some)), row] > -np.inf
        tableau.exchange(some[able], row[able], places[able], move[able])

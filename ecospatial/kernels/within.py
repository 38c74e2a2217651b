"""Fixed effects of units and periods taken out of rows, in balanced and unbalanced panels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Share of its length that a dummy must keep once the others are taken out of it.
LEFT = 1e-8


@dataclass(frozen=True, eq=False)
class Within:
    """The projection that takes fixed effects out.

    One kind of effects is taken out by means. The dummies of the other kind, cleared of those means, are few enough
    to be taken out by an orthonormal basis, so two-way effects are exact where the panel has gaps as well
    (Frisch–Waugh–Lovell; Wansbeek & Kapteyn 1989).

    Attributes
    ----------
    groups : ndarray, shape (N,), or None
        Whose means are taken out: positions from zero.
    counts : ndarray, shape (G,)
        Rows of each group.
    basis : ndarray, shape (N, r)
        Orthonormal, of what the other effects add.
    """

    groups: np.ndarray | None
    counts: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, unit: np.ndarray, period: np.ndarray, effects: str) -> Within:
        """Of the positions (N,) of units and periods.

        Parameters
        ----------
        unit, period : ndarray, shape (N,)
            Positions from zero, each of which occurs.
        effects : {"none", "individual", "time", "twoway"}
        """
        nothing = np.zeros((len(unit), 0))
        if effects == "none":
            return cls(None, np.zeros(0), nothing)
        if effects != "twoway":
            groups = unit if effects == "individual" else period
            return cls(groups, np.bincount(groups), nothing)
        many, few = (unit, period) if unit.max() >= period.max() else (period, unit)
        one = cls(many, np.bincount(many), nothing)
        return cls(many, one.counts, _span(one(np.eye(few.max() + 1)[few])))

    @property
    def rank(self) -> int:
        """How many parameters the effects take, their common level included."""
        return len(self.counts) + int(self.basis.shape[1])

    @property
    def leverage(self) -> np.ndarray:
        """Diagonal of the projection on the effects, shape (N,)."""
        own = (self.basis**2).sum(axis=1)
        return np.asarray(own if self.groups is None else own + 1.0 / self.counts[self.groups])

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Rows (N,) or (N, k) less their effects."""
        if self.groups is None:
            return values
        left = values - group_means(values, self.groups, self.counts)[self.groups]
        return np.asarray(left - self.basis @ (self.basis.T @ left))


def group_means(values: np.ndarray, groups: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Means of rows (N,) or (N, k) by group, shape (G,) or (G, k)."""
    return np.asarray(group_sums(values, groups, len(counts)).T / counts).T


def group_sums(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Sums of rows (N,) or (N, k) by group, shape (count,) or (count, k)."""
    if values.ndim == 1:
        return np.bincount(groups, weights=values, minlength=count)
    return np.column_stack([np.bincount(groups, weights=column, minlength=count) for column in values.T])


def _span(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis (N, r) of columns (N, g)."""
    basis, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(basis[:, sizes > LEFT * np.sqrt(len(columns))])

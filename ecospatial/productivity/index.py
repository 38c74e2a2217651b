"""From distances to a productivity index."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..efficiency.frontiers import size_notes
from ..efficiency.membership import group_labels
from ..efficiency.observations import Observations
from ..errors import DataError, Message
from ..kernels.solvers import Solver
from .chaining import base_place, chained
from .decompositions import Decomposition, changes_of, combined
from .distances import Distances, measured
from .notes import extreme_notes, missing_notes, unlabelled_notes
from .pairs import Pairs
from .questions import Questions, ReferenceKind
from .result import IndexSpecification, ProductivityResult
from .technologies import Distance


@dataclass(frozen=True, eq=False)
class Index:
    """An index of some observations, before anything is solved.

    Attributes
    ----------
    observations : Observations
    pairs : Pairs
    questions : Questions
        All distances that the components need, each once.
    distance : Distance
    decomposition : mapping
    """

    observations: Observations
    pairs: Pairs
    questions: Questions
    distance: Distance
    decomposition: Decomposition

    @classmethod
    def of(
        cls,
        observations: Observations,
        distance: Distance,
        reference: ReferenceKind,
        decomposition: Decomposition,
        groups: str | None = None,
    ) -> Index:
        """Lay out the questions.

        Parameters
        ----------
        observations : Observations
        distance : Distance
        reference : {"contemporaneous", "global", "sequential", "biennial"}
        decomposition : mapping
        groups : str or None
            Column of the groups that make technologies of their own.

        Raises
        ------
        DataError
            Where the panel has one period, a unit changes its group, or a technology has too few units.
        """
        pairs = Pairs.of(observations.data)
        labels = None if groups is None else _steady(observations, groups, pairs)
        count = len(observations.data.periods)
        questions = Questions.of(pairs, reference, changes_of(decomposition), count, labels)
        return cls(observations, pairs, questions, distance, decomposition)

    def measured(
        self, solver: Solver = "auto", executor: Executor | None = None, pseudo: np.ndarray | None = None
    ) -> Distances:
        """All distances; ``pseudo`` (n, V) are values that make the technologies in the place of the observed ones."""
        return measured(self.observations, self.questions, self.distance, solver, executor, pseudo)

    def components(self, distances: Distances) -> dict[str, np.ndarray]:
        """Shape (P, C) each: what adds up, by pair; logarithms for an index."""
        return combined(self.decomposition, lambda change: self.questions.change(change, distances.levels))

    def status(self, distances: Distances) -> np.ndarray:
        """Shape (P,): ``optimal``, or why a distance of the pair is missing."""
        status = np.full(len(self.pairs.later), "optimal", dtype=object)
        for places in self.questions.places.values():
            for some in places.reshape(-1, len(status)):
                status = np.where(status == "optimal", distances.status[some], status)
        return status

    def result(
        self,
        said: IndexSpecification,
        base_period: Any,
        notes: Sequence[Message],
        solver: Solver,
        executor: Executor | None,
    ) -> ProductivityResult:
        """Solve, and label the numbers with units and periods.

        Raises
        ------
        OptionError
            Where the base period is none of the panel.
        """
        data, pairs = self.observations.data, self.pairs
        base = base_place(data, base_period)
        distances = self.measured(solver, executor)
        index = data.index[pairs.later]
        parts = self.components(distances)
        changes = np.column_stack([part.sum(axis=1) for part in parts.values()])
        total = chained(changes, pairs, data, base)
        finish = (lambda levels: levels) if said.additive else np.exp
        status = self.status(distances)
        before = data.index.get_level_values("period")[pairs.earlier]
        variables = {name: getattr(self.observations, name) for name in ("inputs", "outputs", "undesirable")}
        return ProductivityResult(
            components=pd.DataFrame(finish(changes), index, list(parts)),
            cumulative=pd.DataFrame(finish(total), data.index, list(parts)),
            status=pd.Series(status, index, name="status"),
            previous=pd.Series(np.asarray(before), index, name="previous"),
            distances=self.questions.frame(self.observations).assign(
                distance=distances.scores.sum(axis=1), status=distances.status, beyond=distances.beyond
            ),
            data=data,
            specification=replace(said, base_period=_plain(data.periods[base]), **variables),
            effort=distances.effort,
            violation=distances.violation,
            contributions=self._contributions(parts, index) if said.additive else None,
            notes=(*notes, *self._notes(status, changes, total)),
        )

    def _contributions(self, parts: dict[str, np.ndarray], index: pd.MultiIndex) -> pd.DataFrame:
        names = self.observations.variables
        levels = {name: np.repeat(np.asarray(index.get_level_values(name)), len(names)) for name in index.names}
        labels = pd.MultiIndex.from_arrays(
            [*levels.values(), np.tile(np.array(names, dtype=object), len(index))], names=[*levels, "variable"]
        )
        return pd.DataFrame({name: part.ravel() for name, part in parts.items()}, labels)

    def _notes(self, status: np.ndarray, changes: np.ndarray, total: np.ndarray) -> list[Message]:
        data, variables = self.observations.data, self.observations.variables
        frontiers = [frontier for frontier, _ in self.questions.frontiers(self.observations)]
        return [
            *size_notes(frontiers, 3 * len(variables)),
            *self.pairs.notes(data),
            *missing_notes(data, self.pairs, status, total),
            *unlabelled_notes(data, self.pairs, [name for name in data.columns if name not in variables]),
            *extreme_notes(data, self.pairs, changes[:, list(self.decomposition).index("tfpch")]),
        ]


def _plain(period: Any) -> int | str:
    return int(period) if isinstance(period, (int, np.integer)) else str(period)


def _steady(observations: Observations, groups: str, pairs: Pairs) -> np.ndarray:
    """The group of every row, which is the same in both periods of every pair."""
    labels = group_labels(observations.panel, groups)
    moved = np.flatnonzero(labels[pairs.earlier] != labels[pairs.later])
    if len(moved):
        row = int(pairs.later[moved[0]])
        raise DataError(
            "The group '{column}' changes to '{group}' for {where}; a technology gap needs groups that stay the same.",
            column=groups,
            group=labels[row],
            where=observations.data.where(row),
        )
    return labels

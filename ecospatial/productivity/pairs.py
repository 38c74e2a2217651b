"""Which two unit-periods a change is measured between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DataError, Message
from ..geo.join import PanelLike


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two successive periods of the panel in which the same unit is there, as rows of the panel.

    Attributes
    ----------
    earlier, later : ndarray (P,) of int
        Rows of the first and of the second period, in the order of the later rows.
    when : ndarray (P,) of int
        Place of the later period among the periods.
    entered, left : ndarray of int
        Rows without a row of their unit in the period before, first period apart, or in the one after, last apart.
    """

    earlier: np.ndarray
    later: np.ndarray
    when: np.ndarray
    entered: np.ndarray
    left: np.ndarray

    @classmethod
    def of(cls, panel: PanelLike) -> Pairs:
        """Pair the rows of a panel, which may be unbalanced.

        Raises
        ------
        DataError
            Where there is one period, or no unit is there in two successive ones.
        """
        if len(panel.periods) < 2:
            raise DataError(
                "A change needs two periods, but the panel has one; name the period column, or add a period."
            )
        unit, when = panel.places()
        rows = np.full((len(panel.periods) + 2, len(panel.units)), -1)
        rows[when + 1, unit] = np.arange(len(unit))
        before, after = rows[when, unit], rows[when + 2, unit]
        later = np.flatnonzero(before >= 0)
        if len(later) == 0:
            raise DataError(
                "No unit is there in two successive periods of the panel, so that there is no change to measure."
            )
        return cls(
            earlier=before[later],
            later=later,
            when=when[later],
            entered=np.flatnonzero((before < 0) & (when > 0)),
            left=np.flatnonzero((after < 0) & (when < len(panel.periods) - 1)),
        )

    def notes(self, panel: PanelLike) -> list[Message]:
        """Name the units that enter and leave."""
        notes = []
        if len(self.entered):
            notes.append(
                Message.of(
                    "{count} unit-periods have no row in the period before, and so no change: {where}. They are part "
                    "of their own period's technology.",
                    count=len(self.entered),
                    where=panel.named(self.entered),
                )
            )
        if len(self.left):
            notes.append(
                Message.of(
                    "{count} unit-periods are the last before a unit leaves or pauses: {where}.",
                    count=len(self.left),
                    where=panel.named(self.left),
                )
            )
        return notes

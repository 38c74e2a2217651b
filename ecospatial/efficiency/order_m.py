"""Order-m efficiency: a unit beside the best of m peers drawn at random, which an outlier cannot rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..describe import Advanced, Column, Range, tool
from ..errors import Message
from ..geo.join import PanelLike
from ..kernels.partial_frontier import expected_minimum
from ..parallel import Workers, mapped
from .frontiers import Frontier, ReferenceUnits, Window, draw_frontiers, frontier_notes
from .observations import By, Observations, observe, require_positive
from .order_m_result import OrderMResult
from .radial_measure import Orientation

Periods = Literal["contemporaneous", "global", "sequential", "window", "biennial"]

ENTRIES = 1_000_000  # pairs of units that are compared at a time


@tool(group="efficiency", title="Order-m efficiency")
def order_m(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    m: Annotated[int, Range(1, 1_000_000_000), "Peers drawn (m)"] = 25,
    orientation: Annotated[Orientation, "Orientation"] = "input",
    frontier: Annotated[Periods, "Frontier"] = "contemporaneous",
    window: Window = 3,
    reference_units: ReferenceUnits = None,
    level: Annotated[float, Range(0.5, 0.999), Advanced(), "Confidence level"] = 0.95,
    by: By = (),
    executor: Workers = None,
) -> OrderMResult:
    """Order-m efficiency of Cazals, Florens & Simar (2002), exactly.

    In input orientation a unit (x, y) stands beside m units drawn with replacement from the N that make at least y.
    Unit i needs the share dᵢ = max_j xᵢⱼ / xⱼ of its inputs, and the score is the mean over all draws of the smallest
    of these shares. No draws are made: with d₁ ≤ … ≤ d_N the mean is Σ dᵢ [((N − i + 1)/N)^m − ((N − i)/N)^m]
    (Daouia & Gijbels 2011, equation 2.4). In output orientation it is the mean of the largest min_j yᵢⱼ / yⱼ among m
    units that use at most x; the table has its reciprocal as ``efficiency``. As m grows, the score becomes that of
    the free disposal hull (FDH). It may be better than 1: such a unit does better than the best of m others of its
    kind on average, and where it does so by far, and for any m, it is a likely outlier (Simar 2003).

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period; it may be unbalanced.
    inputs, outputs : sequence of str
        Columns of zero or more; in input orientation, inputs and bads above zero.
    undesirable : sequence of str
        Bads, counted with the inputs (Korhonen & Luptacik 2004): contracted with them in input orientation, held and
        strongly disposable in output orientation.
    m : int
        Peers drawn. The fewer, the less the score depends on the best units.
    orientation : {"input", "output"}
        What moves.
    frontier : {"contemporaneous", "global", "sequential", "window", "biennial"}
        Periods that a unit-period's peers come from, as in :func:`radial`. Against several windows, the score is the
        mean over them.
    window : int
        Width of the windows.
    reference_units : sequence or None
        Units that the peers are drawn from, by id, or a column that is not zero for them.
    level : float
        Of the confidence intervals, by the normal distribution (Cazals, Florens & Simar 2002): they hold where
        the units to draw from are many times m, are too short where they are few, and absent where they are at most m.
    by : sequence of str
        Columns to summarise the efficiency by.
    executor : concurrent.futures.Executor or None
        Whose workers share the units; the numbers are the same.

    Returns
    -------
    OrderMResult

    Raises
    ------
    DataError, OptionError
        Where a column or cell cannot be used, or a frontier has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc"), "labour": [2.0, 4.0, 5.0], "output": [2.0, 2.0, 2.0]})
    >>> order_m(Panel.from_frame(frame, unit="city"), "labour", "output", m=2).scores.round(4).tolist()
    [1.5, 0.75, 0.6]
    """
    observations = observe(panel, inputs, outputs, undesirable, by)
    moved = observations.desired if orientation == "output" else ~observations.desired
    if orientation == "input":
        require_positive(observations, moved, "order-m efficiency")
    frontiers = draw_frontiers(observations, frontier, window, reference_units=reference_units)
    pieces = [piece for each in frontiers for piece in _pieces(observations, each, moved, m)]
    found = _gathered(pieces, mapped(_Piece.answer, pieces, executor, "Order-m efficiency"), observations)
    # In logarithms, so that the interval stays above zero and that of the reciprocal is its reciprocal.
    reach = np.exp(norm.ppf(0.5 + level / 2) * found["std_error"] / found["score"])
    return OrderMResult(
        estimates=found.assign(lower=found["score"] / reach, upper=found["score"] * reach),
        data=observations.data,
        inputs=observations.inputs,
        outputs=observations.outputs,
        undesirable=observations.undesirable,
        m=m,
        orientation=orientation,
        frontier=frontier,
        level=level,
        notes=tuple(_notes(observations, frontier, frontiers, found)),
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some unit-periods and the frontier whose units they are held against.

    Attributes
    ----------
    rows : ndarray (B,) of int
        The unit-periods as rows of the panel.
    own, reference : ndarray (B, V), (J, V)
        Their values, and those of the frontier; goods below zero, so that less of everything is better.
    moved : ndarray (V,) of bool
    draws : int
    """

    rows: np.ndarray
    own: np.ndarray
    reference: np.ndarray
    moved: np.ndarray
    draws: int

    def answer(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores, standard errors and the number of units to draw from."""
        shape = len(self.own), len(self.reference)
        distances, able = np.full(shape, -np.inf), np.ones(shape, dtype=bool)
        for own, reference, moves in zip(self.own.T, self.reference.T, self.moved, strict=True):
            if moves:
                # An output that a unit has none of asks nothing of the others: NaN, which fmax passes over.
                distances = np.fmax(distances, reference / np.where(own == 0, np.nan, np.abs(own))[:, None])
            else:
                able &= reference <= own[:, None]
        mean, error, size = expected_minimum(np.where(able, distances, np.inf), self.draws)
        return np.abs(mean), error, size


def _pieces(observations: Observations, frontier: Frontier, moved: np.ndarray, draws: int) -> Iterator[_Piece]:
    values = np.where(observations.desired, -observations.values, observations.values)
    reference = values[frontier.reference]
    width = max(ENTRIES // len(reference), 1)
    for start in range(0, len(frontier.evaluated), width):
        rows = frontier.evaluated[start:][:width]
        yield _Piece(rows, values[rows], reference, moved, draws)


def _gathered(
    pieces: Sequence[_Piece], answers: Sequence[tuple[np.ndarray, ...]], observations: Observations
) -> pd.DataFrame:
    """Score, standard error, size and status in the order of the panel; means where there are several frontiers."""
    rows = np.concatenate([piece.rows for piece in pieces])
    scores, errors, sizes = (np.concatenate(parts) for parts in zip(*answers, strict=True))
    count = len(observations.values)
    times = np.bincount(rows, minlength=count)
    errors = np.where(sizes > pieces[0].draws, errors, np.nan)
    score, error = (np.bincount(rows, part, minlength=count) / times for part in (scores, errors))
    fewest = np.full(count, len(observations.values))
    np.minimum.at(fewest, rows, sizes)
    # A score of zero means that every unit to draw from has none of some output.
    known = score > 0
    table = {
        "score": np.where(known, score, np.nan),
        "std_error": np.where(known, error, np.nan),
        "peers": fewest,
        "status": np.where(known, "estimated", "infeasible").astype(object),
    }
    return pd.DataFrame(table, index=observations.data.index)


def _notes(
    observations: Observations, kind: Periods, frontiers: Sequence[Frontier], found: pd.DataFrame
) -> Iterator[Message]:
    yield from frontier_notes(observations, kind, frontiers)
    yield Message.of(
        "A unit may do better than the best of m peers on average, and has then an efficiency above 1; far above 1 for "
        "any m is the mark of an outlier (Simar 2003)."
    )
    lacking = np.flatnonzero(found["status"] == "infeasible")
    if len(lacking):
        yield Message.of(
            "{count} without a score, since no unit could be drawn in their place (infeasible): {where}.",
            count=len(lacking),
            where=observations.data.named(lacking),
        )
    if len(observations.data.periods) > 1 and kind != "contemporaneous":
        yield Message.of(
            "The standard errors take unit-periods as independent, and are bounds from above where a score is the mean "
            "over several frontiers."
        )

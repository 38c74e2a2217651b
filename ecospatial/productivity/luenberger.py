"""The Luenberger productivity indicator, and what each input, output and bad adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np

from ..describe import Advanced, Column, tool
from ..efficiency.disposability import CONVENTIONS, Disposability, Disposal
from ..efficiency.nonradial_directional import NonradialSteps, step_weights
from ..efficiency.observations import By, Observations, kept, observe
from ..efficiency.technology import ReturnsToScale
from ..errors import DataError, Message
from ..geo.join import PanelLike
from ..kernels.solvers import Solver
from ..parallel import Workers
from .decompositions import catch_up_and_shift
from .index import Index
from .malmquist import BasePeriod, index_notes, refuse_variables
from .questions import ReferenceKind
from .result import IndexSpecification, ProductivityResult
from .technologies import NonradialDistance


@tool(group="productivity", title="Luenberger productivity indicator")
def luenberger(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    weights: Annotated[Mapping[str, float] | None, "Weights of the variables"] = None,
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale"] = "crs",
    reference: Annotated[ReferenceKind, "Reference technology"] = "contemporaneous",
    disposability: Annotated[Disposability, "Disposability of undesirable outputs"] = "strong",
    base_period: BasePeriod = None,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> ProductivityResult:
    """Luenberger indicator of Chambers (1996) with the non-radial directional distance of Zhou, Ang & Wang (2012).

    D(s | t) is the largest weighted sum of steps Σ w β with which period s reaches the technology of period t. Beyond
    that technology it is −Σ w e, the smallest steps back that lead to it, as in the additive super-efficiency of Du,
    Liang & Zhu (2010). The indicator from t to s = t + 1 is a difference, and 0 is no change::

        tfpch = ½ [D(t | t) − D(s | t) + D(t | s) − D(s | s)]     more than 0 is progress
        effch = D(t | t) − D(s | s),    techch = tfpch − effch

    Against one benchmark B, all periods (global) or the two (biennial), it is D(t | B) − D(s | B). Each D is a sum
    over the variables, and so is each component: ``contributions`` has its terms, as in Fujii, Cao & Managi
    (2014). They add up to it in every row; where an optimum is not unique they are those of one vertex.

    Every distance is asked once. Of n units in T periods these are nT + 2n(T − 1), or 2nT for the global reference,
    each a linear programme, and a second one where the unit-period is beyond the technology.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period. It may be unbalanced: a change needs the unit in two successive periods of the panel.
    inputs, outputs : sequence of str
        Columns of zero or more, positive where they move.
    undesirable : sequence of str
        Columns of what is made beside the outputs and should be less, such as emissions; zero or more.
    weights : mapping of str to float or None
        Positive numbers by column, normalised to a sum of one; a column that is not named does not move. Left empty:
        a third each to inputs, outputs and bads, or a half where there are no bads, split evenly.
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
        Only under constant returns does the indicator measure total factor productivity.
    reference : {"contemporaneous", "global", "sequential", "biennial"}
        The technologies of both periods, with the mean; one of all periods, which makes the indicator circular; those
        of all periods up to each; or one of both periods together.
    disposability : {"strong", "weak", "equality"}
        How bads that do not move are held: Bλ ≤ b, weak with an abatement factor for each reference unit
        (Kuosmanen 2005), or Bλ = b. Weak also lets bads that move be abated with output.
    base_period : str, int or None
        From which changes are chained, forth and back. Left empty: the first period.
    by : sequence of str
        Such as regions: mean changes are given for each of their values.
    solver : {"auto", "highs"} or LpSolver
        ``auto``: a simplex method for many units at once, and HiGHS where that is not certain; ``highs``: HiGHS for
        each unit; or a solver object of PuLP.
    executor : concurrent.futures.Executor or None
        Whose workers share the technologies; the numbers are the same.

    Returns
    -------
    ProductivityResult
        ``components`` with ``tfpch, effch, techch`` by unit and the later period, and ``contributions``. A distance
        has no solution only where columns that do not move stand in the way.

    Raises
    ------
    DataError, OptionError
        Where a column, cell or weight cannot be used, there are no two periods, or a technology has fewer units than
        there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc") * 2, "year": [2000] * 3 + [2001] * 3})
    >>> frame = frame.assign(labour=[2.0, 4.0, 5.0, 2.0, 4.0, 5.0], output=[2.0, 4.0, 3.0, 3.0, 4.0, 3.0])
    >>> panel = Panel.from_frame(frame, unit="city", period="year")
    >>> found = luenberger(panel, "labour", "output", weights={"output": 1.0})
    >>> found.components.round(4).to_numpy().tolist()
    [[0.4167, 0.0, 0.4167], [0.0, -0.5, 0.5], [0.0, -0.8333, 0.8333]]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, None))
    refuse_variables(observations, kept(by, None))
    weight = step_weights(observations, weights)
    _require_positive(observations, weight)
    steps = NonradialSteps(weight, Disposal.of(observations, disposability, apart=weight > 0))
    index = Index.of(observations, NonradialDistance(steps), reference, catch_up_and_shift(returns_to_scale))
    said = IndexSpecification(
        title=Message.of("Luenberger productivity indicator ({reference})", reference=Message.of(reference)),
        citation="Chambers (1996); Zhou, Ang & Wang (2012); Fujii, Cao & Managi (2014)",
        technology="non-radial directional",
        orientation="non-oriented",
        returns_to_scale=returns_to_scale,
        reference=reference,
        decomposition="none",
        treatment=CONVENTIONS[disposability] if observations.undesirable else "",
        additive=True,
        weights=dict(zip(observations.variables, weight.tolist(), strict=True)),
    )
    return index.result(said, base_period, index_notes(returns_to_scale, reference), solver, executor)


def _require_positive(observations: Observations, weight: np.ndarray) -> None:
    """Refuse zeros where the indicator divides by them."""
    zeros = np.argwhere((observations.values <= 0) & (weight > 0))
    if len(zeros):
        row, column = (int(place) for place in zeros[0])
        raise DataError(
            "'{column}' is zero for {where} ({count} such cells), and the indicator divides by it; leave it out of "
            "weights=, so that it does not move, or use malmquist or malmquist_luenberger, which allow zeros.",
            column=observations.variables[column],
            where=observations.data.where(row),
            count=len(zeros),
        )

"""The Malmquist–Luenberger index: productivity that credits less of the bads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from ..describe import Advanced, Column, tool
from ..efficiency.directional import DirectionalDistance, direction_note, direction_steps
from ..efficiency.disposability import CONVENTIONS, Disposability, Disposal
from ..efficiency.observations import By, Observations, kept, observe
from ..efficiency.technology import ReturnsToScale
from ..errors import Message, OptionError, listed
from ..geo.join import PanelLike
from ..kernels.solvers import Solver
from ..parallel import Workers
from .decompositions import catch_up_and_shift, fgnz, meta_frontier
from .index import Index
from .malmquist import BasePeriod, index_notes, refuse_variables
from .questions import ReferenceKind
from .result import IndexSpecification, ProductivityResult
from .technologies import StepDistance

# The technologies of groups, for signatures.
MetaGroups = Annotated[str | None, Column(numeric=False, of="panel"), Advanced(), "Groups of the meta-frontier"]

_CITATIONS = {
    "contemporaneous": "Chung, Färe & Grosskopf (1997)",
    "sequential": "Chung, Färe & Grosskopf (1997); Oh & Heshmati (2010)",
    "global": "Oh (2010), A global Malmquist–Luenberger productivity index",
    "biennial": "Chung, Färe & Grosskopf (1997); Pastor, Asmild & Lovell (2011)",
}
_META = "Oh (2010), A metafrontier approach for measuring an environmentally sensitive productivity growth index"


@tool(group="productivity", title="Malmquist–Luenberger productivity index")
def malmquist_luenberger(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"],
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale of the index"] = "crs",
    reference: Annotated[ReferenceKind, "Reference technology"] = "contemporaneous",
    disposability: Annotated[Disposability, "Disposability of undesirable outputs"] = "strong",
    direction: Annotated[Mapping[str, float] | None, Advanced(), "Direction"] = None,
    direction_in: Annotated[Literal["own", "amounts"], Advanced(), "Direction counted in"] = "own",
    groups: MetaGroups = None,
    base_period: BasePeriod = None,
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> ProductivityResult:
    """Malmquist–Luenberger index of Chung, Färe & Grosskopf (1997).

    With β(s | t) the largest step of period s in the direction of more output and less bad that the technology of
    period t allows, negative for a unit-period beyond it, the index from t to s = t + 1 is::

        tfpch = [(1 + β(t | t)) / (1 + β(s | t)) · (1 + β(t | s)) / (1 + β(s | s))]^½    more than 1 is progress
        effch = (1 + β(t | t)) / (1 + β(s | s)),    techch = tfpch / effch

    Against one benchmark B, all periods (global, Oh 2010) or the two (biennial), it is (1 + β(t | B)) / (1 + β(s | B)).
    Under constant returns effch = pech · sech, with pech from the steps under variable returns (Färe, Grosskopf,
    Norris & Zhang 1994). With groups (Oh 2010) the benchmark of everyone gives tfpch, the same formula against the
    benchmark of the own group the growth of the group, and::

        tfpch = effch · techch · tgch,    effch within the group,  techch = group's growth / effch

    where tgch is more than 1 if the group's technology comes nearer to that of all groups.

    Every distance is asked once. Of n units in T periods these are, each a linear programme::

                                     without groups        with groups
        contemporaneous, sequential  2nT + 2n(T − 1)       2nT + 4n(T − 1)
        global                       3nT                   3nT
        biennial                     2nT + 2n(T − 1)       nT + 4n(T − 1)

    and without groups nT less where returns are not constant.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period. It may be unbalanced: a change needs the unit in two successive periods of the panel.
    inputs, outputs : sequence of str
        Columns of zero or more; each unit needs one positive input and one positive output.
    undesirable : sequence of str
        Columns of what is made beside the outputs and should be less, such as emissions; zero or more.
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
        Only under constant returns does the index measure total factor productivity, and has pech and sech.
    reference : {"contemporaneous", "global", "sequential", "biennial"}
        The technologies of both periods, with the geometric mean; one of all periods (Oh 2010), which makes the
        index circular; those of all periods up to each; or one of both periods together. The last and the global one
        are never infeasible.
    disposability : {"strong", "weak", "equality"}
        Strong: Bλ ≤ b. Weak: bads fall only together with output, each reference unit with its own factor (Kuosmanen
        2005). Equality: Bλ = b, as in Chung, Färe & Grosskopf; the same as weak under constant returns.
    direction : mapping of str to float or None
        Positive steps by column, of an output or a bad at least; a column that is not named does not move. Left empty:
        outputs and bads move by their own values, (0, y, b). In any other direction 1 + β, and so the index, depends
        on the length of the direction; ``luenberger`` is the indicator for free directions.
    direction_in : {"own", "amounts"}
        Multiples of the unit-period's own value, or amounts in units of the data.
    groups : str or None
        Column of groups with technologies of their own, which adds tgch; a unit stays in its group. Left empty: none.
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
        ``components`` with ``tfpch, effch, techch`` and under constant returns ``pech, sech``, or with groups
        ``tgch``, by unit and the later period; NaN with a ``status`` where a distance has no solution.

    Raises
    ------
    DataError, OptionError
        Where a column, cell or step cannot be used, no output and no bad moves, there are no bads or no two
        periods, a unit changes its group, or a technology has fewer units than there are variables.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc") * 2, "year": [2000] * 3 + [2001] * 3, "labour": 1.0})
    >>> frame = frame.assign(output=[4.0, 2.0, 3.0, 4.0, 2.0, 4.0], so2=[2.0, 2.0, 3.0, 2.0, 1.0, 2.0])
    >>> panel = Panel.from_frame(frame, unit="city", period="year")
    >>> found = malmquist_luenberger(panel, "labour", "output", "so2")
    >>> found.components[["tfpch", "effch", "techch"]].round(4).to_numpy().tolist()
    [[1.0, 1.0, 1.0], [1.3333, 1.3333, 1.0], [1.3333, 1.3333, 1.0]]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, groups))
    refuse_variables(observations, kept(by, None))
    if not observations.undesirable:
        raise OptionError(
            "There are no undesirable outputs; name at least one column, or use malmquist, which needs none."
        )
    steps = _direction(observations, direction)
    distance = DirectionalDistance(
        direction_steps(observations, steps), direction_in == "amounts", Disposal.of(observations, disposability)
    )
    parts = fgnz() if returns_to_scale == "crs" else catch_up_and_shift(returns_to_scale)
    parts = meta_frontier(returns_to_scale) if groups is not None else parts
    index = Index.of(observations, StepDistance(distance), reference, parts, groups)
    said = IndexSpecification(
        title=Message.of("Malmquist–Luenberger productivity index ({reference})", reference=Message.of(reference)),
        citation=_META if groups is not None else _CITATIONS[reference],
        technology="directional",
        orientation="non-oriented",
        returns_to_scale=returns_to_scale,
        reference=reference,
        decomposition="meta-frontier" if "tgch" in parts else "fgnz" if "pech" in parts else "none",
        treatment=CONVENTIONS[disposability],
    )
    notes = [
        direction_note(observations, steps, direction_in),
        *_length_notes(observations, steps, direction_in),
        *index_notes(returns_to_scale, reference),
    ]
    return index.result(said, base_period, notes, solver, executor)


def _direction(observations: Observations, given: Mapping[str, float] | None) -> Mapping[str, float]:
    """Steps by column; (0, y, b) where none are given."""
    if given and set(given) <= set(observations.inputs):
        raise OptionError(
            "The direction moves inputs only ({columns}), but the index counts growth of outputs and less of the bads; "
            "name an output or a bad as well, or use malmquist with technology='directional' and orientation='input'.",
            columns=listed(given),
        )
    return given if given is not None else _own(observations)


def _own(observations: Observations) -> dict[str, float]:
    return dict.fromkeys([*observations.outputs, *observations.undesirable], 1.0)


def _length_notes(observations: Observations, steps: Mapping[str, float], counted_in: str) -> Iterator[Message]:
    if counted_in != "own" or dict(steps) != _own(observations):
        yield Message.of(
            "The index is made of factors 1 + β, which depend on the length of the direction: only that of the "
            "outputs' and bads' own values is the index of Chung, Färe & Grosskopf (1997). luenberger() is the "
            "indicator for free directions."
        )

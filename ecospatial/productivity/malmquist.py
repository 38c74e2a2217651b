"""The Malmquist productivity index and its components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from ..describe import Advanced, Column, tool
from ..efficiency.directional import DirectionalDistance, direction_steps
from ..efficiency.disposability import Disposal
from ..efficiency.observations import By, Observations, kept, observe
from ..efficiency.super_sbm import Placement
from ..efficiency.technology import ReturnsToScale
from ..errors import Message, OptionError, listed
from ..geo.join import PanelLike
from ..kernels.solvers import Solver
from ..parallel import Workers
from .decompositions import Decomposition, DecompositionKind, catch_up_and_shift, fgnz, ray_desli
from .index import Index
from .questions import ReferenceKind
from .result import IndexSpecification, ProductivityResult
from .technologies import Distance, Orientation, RadialDistance, SlacksDistance, StepDistance

TechnologyKind = Literal["radial", "sbm", "directional"]

BasePeriod = Annotated[str | int | None, Advanced(), "Base period"]
_CITATIONS = {
    "contemporaneous": "Färe, Grosskopf, Lindgren & Roos (1992)",
    "sequential": "Tulkens & Vanden Eeckaut (1995); Shestalova (2003)",
    "global": "Pastor & Lovell (2005)",
    "biennial": "Pastor, Asmild & Lovell (2011)",
}
_PARTS = {"fgnz": "Färe, Grosskopf, Norris & Zhang (1994)", "ray-desli": "Ray & Desli (1997)"}
_PLACEMENTS = {
    "numerator": "separable, strongly disposable; beyond the technology counted with the inputs (numerator)",
    "denominator": "separable, strongly disposable; beyond the technology counted with the outputs (denominator)",
}
_DIRECTED = "strongly disposable (Bλ ≤ b), less of them in the direction"


@tool(group="productivity", title="Malmquist productivity index")
def malmquist(
    panel: Annotated[PanelLike, "Panel"],
    inputs: Annotated[Sequence[str], Column(of="panel"), "Inputs"],
    outputs: Annotated[Sequence[str], Column(of="panel"), "Outputs"],
    undesirable: Annotated[Sequence[str], Column(of="panel"), "Undesirable outputs"] = (),
    technology: Annotated[TechnologyKind | None, "Technology"] = None,
    orientation: Annotated[Orientation | None, "Orientation"] = None,
    returns_to_scale: Annotated[ReturnsToScale, "Returns to scale of the index"] = "crs",
    reference: Annotated[ReferenceKind, "Reference technology"] = "contemporaneous",
    decomposition: Annotated[DecompositionKind, "Decomposition"] = "fgnz",
    base_period: BasePeriod = None,
    super_undesirable: Annotated[
        Placement, Advanced(), "Undesirable outputs beyond the technology (SBM)"
    ] = "numerator",
    by: By = (),
    solver: Annotated[Solver, Advanced(), "Solver"] = "auto",
    executor: Workers = None,
) -> ProductivityResult:
    """Malmquist index of Färe, Grosskopf, Norris & Zhang (1994), and what it is made of.

    With D(s | t) the distance of period s from the technology of period t, a share that is 1 on the frontier and
    more beyond it, the index from t to s = t + 1 is::

        tfpch = [D(s | t) / D(t | t) · D(s | s) / D(t | s)]^½      more than 1 is progress
        effch = D(s | s) / D(t | t),    techch = tfpch / effch

    Against one benchmark B, all periods (global) or the two (biennial), it is D(s | B) / D(t | B). An index under
    constant returns divides further, with distances Dᵛ under variable returns: by Färe, Grosskopf, Norris & Zhang
    pech = Dᵛ(s | s) / Dᵛ(t | t) and sech = effch / pech; by Ray & Desli (1997) techch comes from Dᵛ, and sech is
    tfpch over the same formula in Dᵛ, so that effch = pech · sech is no distance ratio of its own.
    In every row tfpch = effch · techch and effch = pech · sech.

    Every distance is asked once. Of n units in T periods these are, each a linear programme::

                                     fgnz                  ray-desli
        contemporaneous, sequential  2nT + 2n(T − 1)       2nT + 4n(T − 1)
        global                       3nT                   3nT
        biennial                     2nT + 2n(T − 1)       nT + 4n(T − 1)

    and where returns are not constant nT less than fgnz. An SBM distance takes a second one where the unit-period is
    beyond the technology.

    Parameters
    ----------
    panel : Panel or GeoPanel
        One row a unit-period. It may be unbalanced: a change needs the unit in two successive periods of the panel,
        and each period's technology is made of all units it has.
    inputs, outputs : sequence of str
        Columns of zero or more; positive where the technology is SBM.
    undesirable : sequence of str
        Columns of what is made beside the outputs and should be less, such as emissions; zero or more.
    technology : {"radial", "sbm", "directional"} or None
        How distance is measured: radial (Shephard); slacks-based (Tone 2001), by super-efficiency (Tone 2002) beyond
        the technology; or by the directional step β (Chung, Färe & Grosskopf 1997), as the share 1/(1 + β) where
        outputs move, 1 − β where inputs move, and (1 − β)/(1 + β) where both do. Left empty: radial; where there are
        bads, choose SBM or directional.
    orientation : {"output", "input", "non-oriented"} or None
        What moves: outputs and bads, inputs and bads, or all. Left empty: non-oriented for SBM, output else. In SBM a
        bad belongs to the outputs.
    returns_to_scale : {"crs", "vrs", "nirs", "ndrs"}
        Only under constant returns does the index measure total factor productivity, and has pech and sech.
    reference : {"contemporaneous", "global", "sequential", "biennial"}
        The technologies of both periods, with the geometric mean; one of all periods (Pastor & Lovell 2005), which
        makes the index circular; those of all periods up to each (Tulkens & Vanden Eeckaut 1995); or one of
        both periods together (Pastor, Asmild & Lovell 2011). The last and the global one are never infeasible.
    decomposition : {"fgnz", "ray-desli"}
        Of an index under constant returns: Färe, Grosskopf, Norris & Zhang (1994), with technical change under
        constant returns, or Ray & Desli (1997), with technical change under variable returns.
    base_period : str, int or None
        From which changes are chained, forth and back. Left empty: the first period.
    super_undesirable : {"numerator", "denominator"}
        Whether the super-efficiency of SBM counts them with the inputs (numerator) or with the outputs (denominator).
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
        ``components`` with ``tfpch, effch, techch`` and under constant returns ``pech, sech``, by unit and the
        later period; NaN with a ``status`` where a distance has no solution.

    Raises
    ------
    DataError, OptionError
        Where a column or cell cannot be used, a technology has fewer units than there are variables, there are no
        two periods, or bads have no technology.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecospatial.panel import Panel
    >>> frame = pd.DataFrame({"city": list("abc") * 2, "year": [2000] * 3 + [2001] * 3})
    >>> frame = frame.assign(labour=[2.0, 4.0, 5.0, 2.0, 4.0, 5.0], output=[2.0, 4.0, 3.0, 3.0, 4.0, 3.0])
    >>> found = malmquist(Panel.from_frame(frame, unit="city", period="year"), "labour", "output")
    >>> found.components[["tfpch", "effch", "techch"]].round(4).to_numpy().tolist()
    [[1.5, 1.0, 1.5], [1.0, 0.6667, 1.5], [1.0, 0.6667, 1.5]]
    """
    observations = observe(panel, inputs, outputs, undesirable, kept(by, None))
    refuse_variables(observations, kept(by, None))
    chosen = _technology(observations, technology)
    moved: Orientation = orientation or ("non-oriented" if chosen == "sbm" else "output")
    distance = malmquist_distance(observations, chosen, moved, super_undesirable)
    parts = recipe(returns_to_scale, decomposition)
    index = Index.of(observations, distance, reference, parts)
    kind = decomposition if "pech" in parts else "none"
    said = IndexSpecification(
        title=Message.of("Malmquist productivity index ({reference})", reference=Message.of(reference)),
        citation=_citation(reference, kind),
        technology=chosen,
        orientation=moved,
        returns_to_scale=returns_to_scale,
        reference=reference,
        decomposition=kind,
        treatment=""
        if not observations.undesirable
        else _PLACEMENTS[super_undesirable]
        if chosen == "sbm"
        else _DIRECTED,
    )
    return index.result(said, base_period, index_notes(returns_to_scale, reference), solver, executor)


def refuse_variables(observations: Observations, by: Sequence[str]) -> None:
    """Refuse to group by what the index is computed from.

    Raises
    ------
    OptionError
    """
    twice = [name for name in by if name in observations.variables]
    if twice:
        raise OptionError(
            "The means cannot be taken by {columns}, which the index is computed from; name columns of groups in by=, "
            "such as regions.",
            columns=listed(twice),
        )


def malmquist_distance(
    observations: Observations, technology: TechnologyKind, orientation: Orientation, placement: Placement = "numerator"
) -> Distance:
    """The distance of a Malmquist index.

    Raises
    ------
    OptionError
        Where a radial distance is non-oriented.
    DataError
        Where SBM would divide by zero.
    """
    if technology == "sbm":
        return SlacksDistance.of(observations, orientation, placement)
    if technology == "directional":
        still = {"output": observations.inputs, "input": observations.outputs, "non-oriented": ()}[orientation]
        steps = direction_steps(observations, {name: 1.0 for name in observations.variables if name not in still})
        return StepDistance(DirectionalDistance(steps, False, Disposal.of(observations, "strong")), orientation)
    if orientation == "non-oriented":
        raise OptionError(
            "A radial distance moves the inputs or the outputs; choose orientation='output' or 'input', or "
            "technology='sbm' or 'directional'."
        )
    return RadialDistance(orientation)


def recipe(returns_to_scale: ReturnsToScale, decomposition: DecompositionKind) -> Decomposition:
    """What the index is made of; scale has a part only where the index has constant returns.

    Raises
    ------
    OptionError
        Where Ray & Desli's decomposition has no constant returns.
    """
    if returns_to_scale == "crs":
        return fgnz() if decomposition == "fgnz" else ray_desli()
    if decomposition == "ray-desli":
        raise OptionError(
            "Ray & Desli (1997) decompose an index under constant returns; choose returns_to_scale='crs', which has "
            "technical change under variable returns, or leave out the decomposition."
        )
    return catch_up_and_shift(returns_to_scale)


def index_notes(returns_to_scale: ReturnsToScale, reference: ReferenceKind) -> list[Message]:
    """What a reader should know of the choices."""
    notes = []
    if returns_to_scale != "crs":
        notes.append(
            Message.of(
                "Under other than constant returns the index does not count what changes of scale bring, and is no "
                "index of total factor productivity (Grifell-Tatjé & Lovell 1995)."
            )
        )
    if reference == "global":
        notes.append(Message.of("All periods make the benchmark: the numbers change when periods are added."))
    return notes


def _technology(observations: Observations, given: TechnologyKind | None) -> TechnologyKind:
    if observations.undesirable and given in (None, "radial"):
        raise OptionError(
            "A radial Malmquist index has no place for undesirable outputs ({columns}) and would ignore them; choose "
            "technology='sbm' or technology='directional', or use malmquist_luenberger.",
            columns=listed(observations.undesirable),
        )
    return given or "radial"


def _citation(reference: ReferenceKind, parts: str) -> str:
    return "; ".join(dict.fromkeys([_CITATIONS[reference], *([_PARTS[parts]] if parts in _PARTS else [])]))

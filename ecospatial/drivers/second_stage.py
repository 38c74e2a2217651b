"""What drives efficiency: the truncated regression of Simar and Wilson (2007) on radial scores."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from ..describe import Column, Range, tool
from ..efficiency.rescoring import Rescoring
from ..efficiency.result import EfficiencyResult
from ..efficiency.smoothing import ONE
from ..errors import DataError, Message, OptionError
from ..made_from import marked, parts_of
from ..panel import Panel
from ..parallel import Workers
from .design import Design
from .double_bootstrap import bias_corrected, redrawn
from .second_stage_result import SecondStageResult
from .transforms import Transforms
from .truncated import between, fitted_truncated, truncated_result

DISTANCE = "distance"
LIMITS = (1.0, np.inf)


@tool(group="drivers", title="Drivers of efficiency (Simar & Wilson)")
def second_stage(
    efficiency: Annotated[EfficiencyResult, "Efficiency scores"],
    x: Annotated[Sequence[str], Column(), "Drivers"],
    data: Annotated[Panel | None, "Panel with the drivers"] = None,
    algorithm: Annotated[Literal["1", "2"], "Algorithm"] = "2",
    first_replications: Annotated[int, Range(10, 10_000), "Replications of the bias correction"] = 100,
    replications: Annotated[int, Range(100, 100_000), "Replications"] = 2000,
    level: Annotated[float, Range(0.5, 0.999), "Confidence level"] = 0.95,
    transforms: Transforms = (),
    seed: Annotated[int, Range(0, 2**31 - 1), "Seed"] = 12345,
    executor: Workers = None,
) -> SecondStageResult:
    """Regress efficiency on drivers with the inference of Simar & Wilson (2007).

    Distances δ = 1/efficiency ≥ 1 are taken to be zβ + ε ≥ 1 with ε normal, truncated at 1 − zβ. Estimated distances
    depend on each other and are too small, so that usual standard errors are wrong.

    Algorithm 1 estimates β and σ by truncated regression on the units with δ̂ > 1, draws δ* = zβ̂ + ε* anew L2 times
    and estimates again. Algorithm 2 first corrects the distances: L1 times it draws δ* for all units, moves each to
    that distance along its ray (output-oriented y* = y δ̂/δ*, input-oriented x* = x δ*/δ̂), and measures the units
    against the frontier of these: δ̂*. With δ̂̂ = 2δ̂ − mean(δ̂*) it goes on as algorithm 1 does, with all units.
    Intervals are [β̂ − q(1 − α/2), β̂ − q(α/2)], q quantiles of β̂* − β̂.

    Parameters
    ----------
    efficiency : EfficiencyResult
        Of ``radial`` without super-efficiency. Scores of ``sbm`` are taken by algorithm 1 and called a heuristic.
    x : sequence of str
        Drivers, neither inputs nor outputs; the intercept is added.
    data : Panel or None
        Holds the drivers; None where the efficiency model kept them (``by=``).
    algorithm : {"1", "2"}
        Whether the bias of the distances is corrected first (2) or not (1).
    first_replications : int
        L1, for the bias; 100 in the paper.
    replications : int
        L2, for the intervals; 2,000 in the paper.
    level : float
        Of the intervals.
    transforms : mapping, or sequence of str
        What is done to drivers first; see :func:`ols`. No lags.
    seed : int
        Of the draws; the same seed gives the same numbers.
    executor : concurrent.futures.Executor or None
        Whose workers share the replications; the numbers are the same.

    Returns
    -------
    SecondStageResult

    Raises
    ------
    OptionError
        Where the scores are not of a model that this holds for.
    DataError, ModelError
        Where drivers cannot be used, too few units are inefficient, or the likelihood has no maximum.

    Examples
    --------
    >>> from ecospatial.panel import Panel
    >>> from ecospatial.efficiency.radial import radial
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(60), "labour": rng.uniform(1, 9, 60), "rd": rng.normal(size=60)})
    >>> lost = 1.5 - 0.3 * frame["rd"] + 0.2 * rng.normal(size=60)
    >>> frame["output"] = frame["labour"] ** 0.6 / lost.clip(1.0)
    >>> panel = Panel.from_frame(frame, unit="city")
    >>> scores = radial(panel, "labour", "output", orientation="output")
    >>> bool(second_stage(scores, ["rd"], panel, algorithm="1", replications=100).params["rd"] < 0)
    True
    """
    _check(efficiency, algorithm)
    design = _design(efficiency, x, data, transforms)
    seen = between(design, (1.0 + ONE, np.inf))
    if algorithm == "2":
        whole = _corrected(efficiency, design, seen, first_replications, seed, executor)
        seen = between(whole, LIMITS)
    return _result(efficiency, design, seen, algorithm, (first_replications, replications), level, seed, executor)


def _check(efficiency: EfficiencyResult, algorithm: str) -> None:
    said = efficiency.specification
    if said.super_efficiency:
        raise OptionError(
            "Super-efficiency scores are not truncated at 1, and this regression is not for them; run the model without"
            " super_efficiency."
        )
    if said.family not in ("radial", "sbm"):
        raise OptionError(
            "The second stage of Simar & Wilson (2007) is for scores of radial(), not '{title}'.",
            title=efficiency.title,
        )
    if said.family == "sbm" and algorithm == "2":
        raise OptionError(
            "Algorithm 2 moves units along their rays, which slacks-based scores do not measure; take scores of"
            " radial(), or algorithm='1' as a heuristic."
        )
    unknown = np.flatnonzero(efficiency.scores.isna().to_numpy())
    if len(unknown):
        raise DataError(
            "There is no score for {where}; leave them out of the efficiency model.",
            where=efficiency.data.named(unknown),
        )


def _design(efficiency: EfficiencyResult, x: Sequence[str], data: Panel | None, transforms: Transforms) -> Design:
    """Distances and drivers of the unit-periods of the efficiency model."""
    names = [x] if isinstance(x, str) else list(x)
    made = marked(1.0 / efficiency.efficiency, parts_of(efficiency.scores))
    source = efficiency.data if data is None else data
    whole = efficiency.data.assign(**{name: source[name] for name in names}, **{DISTANCE: made})
    design = Design.of(whole, DISTANCE, names, transforms)
    if len(design.y) < len(made):
        raise OptionError("The second stage takes no lags, which leave unit-periods out; lag the drivers before.")
    return design


def _corrected(
    efficiency: EfficiencyResult, design: Design, seen: Design, replications: int, seed: int, executor: Executor | None
) -> Design:
    """The design with distances that are corrected for bias (steps 2 to 4 of algorithm 2)."""
    fits = fitted_truncated(seen, LIMITS)
    mean = design.x @ fits.coefficients[0]
    model = Rescoring.of(efficiency)
    distances = bias_corrected(model, design.y, mean, float(fits.sigma[0]), replications, seed, executor)
    corrected = design.data.assign(**{DISTANCE: distances})
    return Design(corrected, DISTANCE, design.x_names, distances, design.x, design.notes)


def _result(
    efficiency: EfficiencyResult,
    design: Design,
    seen: Design,
    algorithm: str,
    replications: tuple[int, int],
    level: float,
    seed: int,
    executor: Executor | None,
) -> SecondStageResult:
    fits = fitted_truncated(seen, LIMITS)
    mean, sigma = seen.x @ fits.coefficients[0], float(fits.sigma[0])
    draws = redrawn(seen.x, mean, sigma, replications[1], seed, executor)
    known = draws[np.isfinite(draws).all(axis=1)]
    if len(known) < len(draws) / 2:
        raise DataError(
            "Most of the {count} draws have no maximum of the likelihood; there are too few units for these drivers.",
            count=len(draws),
        )
    said = efficiency.specification
    return truncated_result(
        SecondStageResult,
        seen,
        replace(fits, cov=np.cov(known, rowvar=False)[None]),
        LIMITS,
        _notes(efficiency, len(draws) - len(known)),
        algorithm=algorithm,
        draws=draws,
        distances=_distances(efficiency, design, seen),
        level=level,
        replications=replications,
        seed=seed,
        model=efficiency.title,
        orientation=said.orientation if said.family == "radial" else "",
    )


def _distances(efficiency: EfficiencyResult, design: Design, seen: Design) -> pd.DataFrame:
    explained = pd.Series(seen.y, seen.data.index).reindex(design.data.index)
    return pd.DataFrame(
        {
            "efficiency": efficiency.efficiency,
            "distance": pd.Series(design.y, design.data.index),
            "explained": explained,
            "used": explained.notna(),
        }
    )


def _notes(efficiency: EfficiencyResult, lost: int) -> list[Message]:
    notes = [
        Message.of(
            "Separability is taken for granted: drivers move efficiency, not the frontier itself; where they move the"
            " frontier the scores mean something else (Daraio, Simar & Wilson 2018)."
        )
    ]
    if efficiency.specification.family == "sbm":
        notes.append(
            Message.of("Slacks-based scores: a heuristic, since the method is only known to hold for radial scores.")
        )
    if lost:
        notes.append(Message.of("{count} draws without a maximum of the likelihood are left out.", count=lost))
    return notes

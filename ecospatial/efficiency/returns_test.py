"""Whether a technology has constant or non-increasing returns to scale as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Range, Table, tool
from ..errors import Message, OptionError, Text
from ..geo.join import PanelLike
from ..parallel import Workers
from ..result import Result
from .frontiers import Frontier
from .radial_measure import RadialMeasure
from .resampling import SmoothScheme, resampled
from .rescoring import Rescoring
from .result import EfficiencyResult
from .technology import ReturnsToScale

Statistic = Literal["ratio of means", "mean of ratios"]

_NULLS: dict[ReturnsToScale, str] = {
    "crs": "returns to scale are constant everywhere",
    "nirs": "returns to scale are non-increasing everywhere",
}
_FOUND = {
    "crs": "constant returns are not rejected",
    "nirs": "constant returns are rejected, non-increasing returns are not",
    "vrs": "both are rejected: variable returns",
}


@dataclass(frozen=True, eq=False, repr=False)
class ReturnsTestResult(Result):
    """Tests of returns to scale, two for each frontier.

    Attributes
    ----------
    tests : DataFrame
        ``periods`` (those held against the frontier), ``null``, ``statistic``, ``critical``, ``pvalue``, ``rejected``,
        ``units``.
    conclusions : dict of str to {"crs", "nirs", "vrs"}
        What the tests of a frontier come to, by its periods.
    data : Panel or GeoPanel
    statistic : str
    replications, seed : int
    significance : float
    """

    TITLE: ClassVar[str] = "Tests of returns to scale"
    TABLES: ClassVar[tuple[Table, ...]] = (Table("tests", "term", "Tests of returns to scale"),)

    tests: pd.DataFrame
    conclusions: Mapping[str, str]
    data: PanelLike
    statistic: str
    replications: int
    seed: int
    significance: float

    def tables(self) -> dict[str, pd.DataFrame]:
        """One row a test."""
        return {"tests": self.tests}

    def facts(self) -> Mapping[str, Text]:
        """Method, level and what is found."""
        return {
            "Method": "Simar & Wilson (2002)",
            "Statistic": Message.of(
                "{kind} of efficiency under the null and under VRS", kind=Message.of(self.statistic)
            ),
            "Replications": str(self.replications),
            "Seed": str(self.seed),
            "Significance": f"{self.significance:g}",
            **self._conclusions(),
        }

    def _conclusions(self) -> dict[str, Text]:
        if len(self.conclusions) == 1:
            return {"Conclusion": Message.of(_FOUND[next(iter(self.conclusions.values()))])}
        return {periods: Message.of(_FOUND[found]) for periods, found in self.conclusions.items()}


@tool(group="efficiency", title="Test of returns to scale")
def returns_to_scale_test(
    efficiency: Annotated[EfficiencyResult, "Efficiency scores"],
    statistic: Annotated[Statistic, "Statistic"] = "ratio of means",
    replications: Annotated[int, Range(100, 100_000), "Replications"] = 2000,
    significance: Annotated[float, Range(0.001, 0.5), "Significance"] = 0.05,
    bandwidth: Annotated[float | None, Range(0.0, 100.0), Advanced(), "Bandwidth"] = None,
    seed: Annotated[int, Range(0, 2**31 - 1), "Seed"] = 12345,
    executor: Workers = None,
) -> ReturnsTestResult:
    """Test returns to scale of the technology as a whole (Simar & Wilson 2002).

    First constant against variable returns, then non-increasing against variable returns. The statistic is
    Σ θ₀ / Σ θ (their eq. 4.6) or the mean of θ₀/θ (eq. 4.5), with efficiency θ₀ under the null and θ under VRS; it is
    one where the two technologies agree and small where the null does not fit. Pseudo-samples are drawn as in the
    homogeneous bootstrap, from the distances under the null; each gives the statistic of its own units against its
    own two frontiers. The p-value is the share of them with a statistic no larger than the observed one,
    (1 + count)/(1 + replications). Units that make no frontier do not enter.

    Parameters
    ----------
    efficiency : EfficiencyResult
        Of ``radial``, whatever its own returns to scale; its orientation and frontiers are kept.
    statistic : {"ratio of means", "mean of ratios"}
        Of the efficiency under the null and under VRS.
    replications : int
        How many pseudo-samples are drawn.
    significance : float
        At which the conclusions are drawn.
    bandwidth : float or None
        Of the smooth distribution of distances; by default the normal reference rule for each frontier.
    seed : int
        Of the draws; the same seed gives the same numbers.
    executor : concurrent.futures.Executor or None
        Whose workers share the replications; the numbers are the same.

    Returns
    -------
    ReturnsTestResult

    Raises
    ------
    OptionError
        Where the scores are not ordinary radial ones.
    DataError
        Where a frontier has fewer than two inefficient units.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from ecospatial.panel import Panel
    >>> from ecospatial.efficiency.radial import radial
    >>> used = np.linspace(1.0, 4.0, 30)
    >>> made = (used - 0.8) * (1.0 - 0.4 * np.sin(7 * used) ** 2)
    >>> frame = pd.DataFrame({"city": range(30), "labour": used, "output": made})
    >>> scores = radial(Panel.from_frame(frame, unit="city"), "labour", "output")
    >>> found = returns_to_scale_test(scores, replications=200)
    >>> found.to_frame()["rejected"].tolist()
    [True, True]
    """
    model = Rescoring.of(efficiency)
    if not isinstance(model.measure, RadialMeasure):
        raise OptionError("The test of returns to scale is for radial scores; run radial() first.")
    models = {returns: replace(model, returns_to_scale=returns) for returns in (*_NULLS, "vrs")}
    observed = {returns: one.own() for returns, one in models.items()}
    tests = []
    for returns, null in _NULLS.items():
        scheme = SmoothScheme.of(models[returns], bandwidth, itself=True)
        drawn = [resampled(models[one], scheme, replications, seed, executor) for one in (returns, "vrs")]
        for place, frontier in enumerate(model.frontiers):
            pseudo = _statistics([part[place] for part in drawn], statistic)
            value = _statistics([observed[one][place][None] for one in (returns, "vrs")], statistic)[0]
            tests.append(
                {
                    "periods": _periods(model, frontier),
                    "null": null,
                    "statistic": value,
                    "critical": np.quantile(pseudo, significance),
                    "pvalue": (1 + np.count_nonzero(pseudo <= value)) / (1 + replications),
                    "units": len(frontier.reference),
                }
            )
    table = pd.DataFrame(tests).sort_values("periods", kind="stable", ignore_index=True)
    table.insert(5, "rejected", table["pvalue"] <= significance)
    return ReturnsTestResult(
        tests=table,
        conclusions=_conclusions(table),
        data=efficiency.data,
        statistic=statistic,
        replications=replications,
        seed=seed,
        significance=significance,
        notes=tuple(_notes(table)),
    )


def _notes(tests: pd.DataFrame) -> list[Message]:
    notes = [Message.of("Non-increasing returns are a question only where constant returns are rejected.")]
    if len(tests) > len(_NULLS):
        notes.append(
            Message.of("With {count} tests some reject by chance alone; none is adjusted for that.", count=len(tests))
        )
    return notes


def _statistics(distances: Sequence[np.ndarray], statistic: Statistic) -> np.ndarray:
    """One number for each row of distances, (B, N) under the null and (B, N) under VRS."""
    known = np.isfinite(distances).all(axis=0)
    narrow, wide = (np.where(known, 1.0 / one, np.nan) for one in distances)
    if statistic == "ratio of means":
        return np.asarray(np.nansum(narrow, axis=1) / np.nansum(wide, axis=1))
    return np.asarray(np.nanmean(narrow / wide, axis=1))


def _periods(model: Rescoring, frontier: Frontier) -> str:
    """The periods held against a frontier."""
    held = model.observations.data.index[frontier.evaluated].get_level_values("period").unique().sort_values()
    return str(held[0]) if len(held) == 1 else f"{held[0]}–{held[-1]}"


def _conclusions(tests: pd.DataFrame) -> dict[str, str]:
    """Constant returns unless rejected, then non-increasing ones unless rejected."""
    found = {}
    for periods, pair in tests.groupby("periods", sort=False):
        constant, falling = pair["rejected"]
        found[str(periods)] = "vrs" if constant and falling else "nirs" if constant else "crs"
    return found

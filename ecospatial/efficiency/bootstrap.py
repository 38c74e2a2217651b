"""How far efficiency scores can be trusted: bias and confidence intervals by resampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Range, Table, tool
from ..errors import DataError, Message, OptionError, Text
from ..geo.join import PanelLike
from ..parallel import Workers
from ..result import Result
from .confidence import intervals_of
from .radial_measure import RadialMeasure
from .resampling import Scheme, SmoothScheme, SubsampleScheme, resampled
from .rescoring import Rescoring
from .result import EfficiencyResult
from .technology import RETURNS

Method = Literal["auto", "homogeneous", "subsampling"]

_METHODS = {
    "homogeneous": "homogeneous smooth bootstrap (Simar & Wilson 1998), intervals after Simar & Wilson (2000)",
    "subsampling": "subsampling (Kneip, Simar & Wilson 2008)",
    "heuristic": "subsampling, a heuristic: no resampling method is proven for slacks-based scores",
}


@dataclass(frozen=True, eq=False, repr=False)
class BootstrapResult(Result):
    """Bias and confidence intervals of efficiency scores, all as shares in (0, 1].

    Attributes
    ----------
    intervals : DataFrame
        Indexed (unit, period): ``efficiency`` as estimated, ``bias``, ``bias_corrected``, ``corrected`` (whether the
        bias was large enough against its noise to be taken out), ``lower``, ``upper``, ``sd``, ``draws`` (replications
        with a score), ``status``.
    rate : ndarray (n,)
        What a resampled difference is multiplied by.
    draws : ndarray (replications, n)
        The efficiency of every unit-period in every replication, drawn jointly; NaN where a replication has none.
    data : Panel or GeoPanel
    method : str
    model : Message
    proven : bool
        Whether the method is known to be consistent for these scores.
    replications, seed : int
    level : float
    setting : str
        The bandwidth, or how many units are in a subsample, over the frontiers.
    """

    TITLE: ClassVar[str] = "Confidence of efficiency scores"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("intervals", "unit-period", "Bias-corrected efficiency and confidence intervals"),
        Table("periods", "period", "Bias-corrected efficiency by period"),
    )
    FIGURE: ClassVar[str | None] = "intervals"

    intervals: pd.DataFrame
    rate: np.ndarray
    draws: np.ndarray
    data: PanelLike
    method: str
    model: Message
    proven: bool
    replications: int
    seed: int
    level: float
    setting: str

    @property
    def bias_corrected(self) -> pd.Series:
        """Efficiency with its bias taken out where that is worth its noise."""
        return self.intervals["bias_corrected"]

    @property
    def lower(self) -> pd.Series:
        """Lower ends of the intervals."""
        return self.intervals["lower"]

    @property
    def upper(self) -> pd.Series:
        """Upper ends of the intervals."""
        return self.intervals["upper"]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Intervals by unit and period, and means by period."""
        return {"intervals": self.intervals, "periods": self._periods()}

    def _periods(self) -> pd.DataFrame:
        """Means over the units that have an interval, and the interval of the mean by their joint draws."""
        known = (self.intervals["status"] == "optimal").to_numpy()
        when = self.intervals.index.get_level_values("period")
        tails = [(1.0 + self.level) / 2.0, (1.0 - self.level) / 2.0]
        rows = {}
        for period in when[known].unique().sort_values():
            cells = np.flatnonzero(known & (when == period))
            part = self.intervals.iloc[cells]
            mean = part["efficiency"].mean()
            apart = np.nanmean(self.draws[:, cells], axis=1) - mean
            low, high = mean - self.rate[cells].mean() * np.quantile(apart, tails)
            rows[period] = (len(cells), mean, part["bias_corrected"].mean(), low, high, int(part["corrected"].sum()))
        names = ["units", "efficiency", "bias_corrected", "lower", "upper", "corrected"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("period")

    def digest(self) -> pd.DataFrame:
        """The periods of a panel, the units of a cross-section."""
        return self._periods() if len(self.data.periods) > 1 else self.intervals

    def facts(self) -> Mapping[str, Text]:
        """Model, method and how often."""
        return {
            "Model": self.model,
            "Method": Message.of(_METHODS[self.method if self.proven else "heuristic"]),
            "Replications": str(self.replications),
            "Seed": str(self.seed),
            "Confidence level": f"{self.level:g}",
            "Bias": Message.of("corrected where bias² > 3 × variance, on the scale of distances (1/efficiency)"),
            **({"Bandwidth": self.setting} if self.method == "homogeneous" else {"Units in a subsample": self.setting}),
        }


@tool(group="efficiency", title="Bootstrap of efficiency scores")
def bootstrap(
    efficiency: Annotated[EfficiencyResult, "Efficiency scores"],
    replications: Annotated[int, Range(100, 100_000), "Replications"] = 2000,
    level: Annotated[float, Range(0.5, 0.999), "Confidence level"] = 0.95,
    method: Annotated[Method, "Method"] = "auto",
    bandwidth: Annotated[float | None, Range(0.0, 100.0), Advanced(), "Bandwidth"] = None,
    exponent: Annotated[float, Range(0.3, 0.99), Advanced(), "Exponent of the size of subsamples"] = 0.7,
    seed: Annotated[int, Range(0, 2**31 - 1), "Seed"] = 12345,
    executor: Workers = None,
) -> BootstrapResult:
    """Bias correction and confidence intervals of efficiency scores by resampling.

    The frontier is estimated from the best units of a sample, so it lies inside the true one and scores are too
    good. The homogeneous bootstrap of Simar & Wilson (1998) imitates this for radial scores. With distances
    δ = 1/efficiency ≥ 1 it draws δ* from their smooth distribution, reflected at one (in the steps of Daraio &
    Simar 2007), for all units of a frontier together, moves every unit along its ray to where its distance is δ*,
    and measures the real units against this pseudo-frontier: δ̂*. Then δ̂* − δ̂ is to δ̂ what δ̂ − δ is to the
    unknown δ::

        bias = mean(δ̂*) − δ̂,    corrected = δ̂ − bias,    interval = [δ̂ − q(1 − α/2), δ̂ − q(α/2)]

    where q are quantiles of δ̂* − δ̂ (Simar & Wilson 2000). The bias is taken out where its square exceeds three
    times the variance of δ̂*. All of it becomes shares again at the end, so nothing leaves (0, 1].

    Subsampling (Kneip, Simar & Wilson 2008) measures the units against m = n^exponent references drawn without
    replacement and scales δ̂* − δ̂ by (m/n)^κ, κ = 2/(inputs + outputs + 1), or 2/(inputs + outputs) under constant
    returns (Park, Jeong & Simar 2010). For slacks-based scores nothing is proven and this rate is borrowed, so the
    result calls it a heuristic; where a unit lies beyond a subsample its super-efficiency (Tone 2002) serves.

    Parameters
    ----------
    efficiency : EfficiencyResult
        Of ``radial`` or ``sbm``, without super-efficiency, under any frontier but windows.
    replications : int
        How often the frontier is drawn anew; 2,000 are usual for intervals.
    level : float
        Of the intervals.
    method : {"auto", "homogeneous", "subsampling"}
        ``auto``: homogeneous for radial scores, subsampling for slacks-based ones.
    bandwidth : float or None
        Of the smooth distribution of distances; by default the normal reference rule for each frontier.
    exponent : float
        Of the sample size, for the size of subsamples.
    seed : int
        Of the draws; the same seed gives the same numbers.
    executor : concurrent.futures.Executor or None
        Whose workers share the replications; the numbers are the same.

    Returns
    -------
    BootstrapResult

    Raises
    ------
    OptionError
        Where the scores are not of a model that can be resampled, or the method does not suit them.
    DataError
        Where a frontier has fewer than two inefficient units, so that there is no distribution to draw from.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from ecospatial.panel import Panel
    >>> from ecospatial.efficiency.radial import radial
    >>> used = np.linspace(1.0, 4.0, 30)
    >>> made = np.sqrt(used) * (1.0 - 0.4 * np.sin(7 * used) ** 2)
    >>> frame = pd.DataFrame({"city": range(30), "labour": used, "output": made})
    >>> scores = radial(Panel.from_frame(frame, unit="city"), "labour", "output")
    >>> found = bootstrap(scores, replications=200)
    >>> bool((found.bias_corrected <= scores.efficiency).all() and (found.lower <= found.upper).all())
    True
    """
    model = Rescoring.of(efficiency)
    radial = isinstance(model.measure, RadialMeasure)
    chosen = ("homogeneous" if radial else "subsampling") if method == "auto" else method
    if chosen == "homogeneous" and not radial:
        raise OptionError("The homogeneous bootstrap is for radial scores; choose method='subsampling'.")
    known = efficiency.efficiency.to_numpy()
    scheme, setting, rates = _smooth(model, bandwidth) if chosen == "homogeneous" else _subsample(model, exponent)
    distances = np.full((replications, len(known)), np.nan)
    drawn = resampled(model, scheme, replications, seed, executor)
    for frontier, part in zip(model.frontiers, drawn, strict=True):
        distances[:, frontier.evaluated] = part
    intervals = intervals_of(known, distances, rates, level)
    return BootstrapResult(
        intervals=intervals.set_axis(efficiency.scores.index).assign(status=_status(efficiency, intervals)),
        rate=rates,
        draws=1.0 / distances,
        data=efficiency.data,
        method=chosen,
        model=Message.of(
            "{title}, {returns}", title=efficiency.title, returns=Message.of(RETURNS[model.returns_to_scale])
        ),
        proven=radial,
        replications=replications,
        seed=seed,
        level=level,
        setting=setting,
        notes=tuple(_notes(model, efficiency, intervals, chosen)),
    )


def _smooth(model: Rescoring, bandwidth: float | None) -> tuple[Scheme, str, np.ndarray]:
    """The homogeneous scheme, its bandwidths, and how resampled differences compare to real ones."""
    scheme = SmoothScheme.of(model, bandwidth)
    widths = [smoothed.bandwidth for smoothed in scheme.smoothed]
    return scheme, _span(widths), np.ones(len(model.observations.values))


def _subsample(model: Rescoring, exponent: float) -> tuple[Scheme, str, np.ndarray]:
    """The subsampling scheme, its sizes, and how resampled differences compare to real ones."""
    variables = len(model.observations.variables)
    speed = 2.0 / (variables + (model.returns_to_scale != "crs"))
    sizes, rates = [], np.ones(len(model.observations.values))
    for frontier in model.frontiers:
        count = len(frontier.reference)
        sizes.append(min(max(round(count**exponent), variables + 1), count - 1))
        if sizes[-1] < variables + 1:
            raise DataError(
                "There are {units} units in {frontier}, too few to draw from; add units, or pool periods with "
                "frontier='global'.",
                frontier=frontier.name,
                units=count,
            )
        rates[frontier.evaluated] = (sizes[-1] / count) ** speed
    return SubsampleScheme(model, tuple(sizes)), _span(sizes), rates


def _span(numbers: list[float] | list[int]) -> str:
    low, high = f"{min(numbers):.4g}", f"{max(numbers):.4g}"
    return low if low == high else f"{low} – {high}"


def _status(efficiency: EfficiencyResult, intervals: pd.DataFrame) -> np.ndarray:
    few = intervals["bias"].isna().to_numpy() & efficiency.scores.notna().to_numpy()
    return np.where(few, "too few draws", efficiency.status.to_numpy())


def _notes(model: Rescoring, efficiency: EfficiencyResult, intervals: pd.DataFrame, method: str) -> list[Message]:
    notes = []
    if not isinstance(model.measure, RadialMeasure):
        notes.append(
            Message.of("Subsampling of slacks-based scores is a heuristic; read the intervals as a rough guide.")
        )
    unit, _ = model.observations.data.places()
    if any(len(set(unit[frontier.reference])) < len(frontier.reference) for frontier in model.frontiers):
        notes.append(Message.of("A frontier pools periods, and its unit-periods are drawn as if independent."))
    if method == "homogeneous":
        notes.append(
            Message.of(
                "The homogeneous bootstrap takes the distribution of efficiency to be the same for all units, "
                "whatever their size and mix."
            )
        )
    few = np.flatnonzero(_status(efficiency, intervals) == "too few draws")
    if len(few):
        where = model.observations.data.named(few)
        notes.append(
            Message.of(
                "{count} without an interval, since most draws had no score: {where}.", count=len(few), where=where
            )
        )
    return notes

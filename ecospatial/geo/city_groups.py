"""Groups of China's cities: region, stage of resource-based cities, class of city size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from ..describe import Advanced, Column, Range, Table, tool
from ..errors import DataError, Message, Text, listed
from ..ids import id_text, id_texts
from ..panel import Panel
from ..result import Result
from . import facts
from .join import GeoPanel, PanelLike
from .vintages import gazetteer

Unknown = Literal["error", "empty"]
# Persons in the largest city: fewer, or more, and the column counts something else.
PLAUSIBLE = (20_000.0, 60_000_000.0)


def size_tiers(
    population: pd.Series, base_period: Any = None, persons: float = 10_000.0, yearly: bool = False
) -> pd.Series:
    """Classes of city size by resident population of the urban area (城区常住人口).

    Parameters
    ----------
    population : Series
        By unit and period, or by unit alone.
    base_period : object
        The period whose class a city keeps throughout; None takes the first, so that no later growth decides.
    persons : float
        Persons in one unit of the column: 10,000 where it is in 万人, as in the yearbooks.
    yearly : bool
        Whether every period has its own class instead.

    Returns
    -------
    Series
        super, mega, large I, large II, medium, small I or small II; empty where the population is.

    Raises
    ------
    DataError
        Where no city could have such a population, or there is no such period.

    References
    ----------
    State Council, Guofa [2014] No. 51: the lower bound belongs to the class, the upper does not.

    Examples
    --------
    >>> size_tiers(pd.Series([2300.0, 100.0, 49.9], index=["310000", "130200", "150300"])).tolist()
    ['super', 'large II', 'small I']
    """
    heads = population.astype(float) * persons
    _check_heads(heads)
    tiers = _tiers(heads)
    if yearly or heads.index.nlevels == 1:
        return tiers
    periods = tiers.index.get_level_values("period")
    base = periods.min() if base_period is None else _period(periods.unique(), base_period)
    return pd.Series(tiers.xs(base, level="period").reindex(tiers.index.get_level_values("unit")).to_numpy(),
                     tiers.index, name="size")  # fmt: skip


def current(code: Any) -> str | None:
    """The code that a place had last, by any code it had; None where there never was such a code.

    Examples
    --------
    >>> current(533200.0), current("530700"), current("999999")
    ('530700', '530700', None)
    """
    return gazetteer().place.get(id_text(code))


@dataclass(frozen=True, eq=False, repr=False)
class Classified(Panel, Result):
    """A panel with the groups of its units; made by :func:`classify`.

    Attributes
    ----------
    groups : tuple of str
        The columns that were added.
    """

    TITLE: ClassVar[str] = "Cities of China by group"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("classified", "unit-period", "Panel with groups"),
        Table("groups", "term", "Units in each group"),
    )

    groups: tuple[str, ...] = field(default=(), kw_only=True)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The panel, and how many units are in each group in the last period."""
        last = self._frame[~self.index.get_level_values("unit").duplicated(keep="last")]
        counts = {name: last[name].value_counts().reindex(_order(name)).dropna().astype(int) for name in self.groups}
        counted = pd.concat(counts, names=["grouping", "group"]).rename("units").reset_index()
        return {"classified": self.frame, "groups": counted}

    def facts(self) -> Mapping[str, Text]:
        """What was added."""
        return {"Units": str(len(self.units)), "Columns added": ", ".join(self.groups)}

    def digest(self) -> pd.DataFrame:
        """The groups."""
        return self.tables()["groups"]

    def summary(self) -> str:
        """The panel in one line, then the groups."""
        return f"{Panel.__repr__(self)}\n{Result.summary(self)}"

    def __repr__(self) -> str:
        return Panel.__repr__(self)


@dataclass(frozen=True, eq=False, repr=False)
class ClassifiedGeoPanel(Classified, GeoPanel):
    """A panel with boundaries and the groups of its units."""


@tool(group="places", title="Group the cities of China")
def classify(
    panel: Annotated[PanelLike, "Panel"],
    population: Annotated[str | None, Column(of="panel"), "Urban population, for classes of city size"] = None,
    base_period: Annotated[str | int | None, "Period whose class of size counts"] = None,
    persons: Annotated[float, Range(1, 1e6), "Persons in one unit of the population column"] = 10_000.0,
    yearly: Annotated[bool, Advanced(), "Class of size of every period"] = False,
    resource: Annotated[bool, "Stage of resource-based cities"] = True,
    unknown: Annotated[Unknown, "Units whose code is not known"] = "error",
) -> Classified:
    """Add region, stage of resource-based cities and class of city size to a panel of Chinese cities.

    Units go by GB/T 2260 code, of any year.

    Parameters
    ----------
    panel : Panel or GeoPanel
        Its units are prefectures or provinces, by code.
    population : str or None
        Column of the resident population of the urban area; None adds no class of size.
    base_period : str, int or None
        The period whose class of size a city keeps throughout; the first by default.
    persons : float
        Persons in one unit of the population column: 10,000 where it is in 万人, as in the yearbooks.
    yearly : bool
        Whether every period has a class of size of its own.
    resource : bool
        Whether to add the stage; cities that are not resource-based get ``none``.
    unknown : {"error", "empty"}
        What happens where a unit's code is not known: the call stops, or the cells stay empty.

    Returns
    -------
    Classified
        The panel, with boundaries where it had them, and the columns ``region``, ``stage`` and ``size``.

    Raises
    ------
    DataError
        Where a code is not known, a column would be replaced, or a population cannot be.

    References
    ----------
    National Bureau of Statistics (2011); State Council, Guofa [2013] No. 45 and Guofa [2014] No. 51.

    Examples
    --------
    >>> cities = Panel.from_frame(pd.DataFrame({"code": [130200.0, 310000.0], "people": [200.0, 2100.0]}), unit="code")
    >>> classify(cities, population="people").frame.values.tolist()
    [[200.0, 'East', 'regenerative', 'large II'], [2100.0, 'East', 'none', 'super']]
    """
    places = _places(panel.units, unknown)
    added = {"region": places.map(_region, na_action="ignore")}
    if resource:
        stages = facts.stages().rename(index=lambda code: current(code) or code)
        added["stage"] = places.map(lambda place: stages.get(place, facts.NO_STAGE), na_action="ignore")
    if population is not None:
        heads = panel.numbers([population], missing="nan")[population]
        added["size"] = size_tiers(heads, base_period, persons, yearly)
    taken = [name for name in added if name in panel.columns]
    if taken:
        raise DataError("The panel already has the columns {columns}; rename or drop them.", columns=listed(taken))
    full = panel.assign(**added)
    base = {item.name: getattr(full, item.name) for item in fields(full) if item.name not in ("notes", "provenance")}
    made = ClassifiedGeoPanel if isinstance(full, GeoPanel) else Classified
    return made(**{**base, "groups": tuple(added)}, notes=_notes(added, population))


def _order(column: str) -> list[str]:
    """The groups of a column as they are usually listed."""
    if column == "region":
        return ["East", "Central", "West", "Northeast"]
    return [*facts.stages().unique(), facts.NO_STAGE] if column == "stage" else facts.city_sizes()["tier"].tolist()


def _places(units: pd.Index, unknown: Unknown) -> pd.Series:
    places = pd.Series([current(code) for code in units], index=units, dtype=object)
    lost = places.isna()
    if lost.any() and unknown == "error":
        raise DataError(
            "These units are no GB/T 2260 codes of prefectures or provinces: {units}. Match names to codes first, or"
            " choose unknown='empty'.",
            units=listed(units[lost.to_numpy()]),
        )
    return places


def _region(place: str) -> str:
    return str(facts.provinces()["region"][place[:2] + "0000"])


def _tiers(heads: pd.Series) -> pd.Series:
    classes = facts.city_sizes().sort_values("lower")
    place = np.searchsorted(classes["lower"].to_numpy(), heads.to_numpy(), side="right") - 1
    names = classes["tier"].to_numpy(dtype=object)[place]
    return pd.Series(np.where(heads.isna(), None, names), heads.index, dtype=object, name="size")


def _check_heads(heads: pd.Series) -> None:
    if (heads < 0).any():
        raise DataError("The population is negative for: {units}.", units=listed(heads.index[heads < 0]))
    largest = heads.max()
    if not PLAUSIBLE[0] <= largest <= PLAUSIBLE[1]:
        raise DataError(
            "The largest city would have {persons} persons; say with 'persons' how many persons one unit of the"
            " population column stands for (1 for persons, 10000 for 万人).",
            persons=f"{largest:.10g}",
        )


def _period(periods: pd.Index, wanted: Any) -> Any:
    found = np.flatnonzero(np.asarray(id_texts(periods)) == id_text(wanted))
    if not len(found):
        raise DataError("There is no period {periods}; there are: {all}.", periods=wanted, all=listed(periods, 30))
    return periods[found[0]]


def _notes(added: Mapping[str, pd.Series], population: str | None) -> tuple[Message, ...]:
    notes = []
    for name, column in added.items():
        empty = column.index.get_level_values("unit")[column.isna()].unique()
        if len(empty):
            notes.append(Message.of("'{column}' is empty for: {units}", column=name, units=listed(empty)))
    if population is not None:
        counted = Message.of(
            "City sizes follow Guofa [2014] No. 51, which counts residents of the urban area; a registered or"
            " whole-prefecture population gives other classes."
        )
        notes.append(counted)
    return tuple(notes)

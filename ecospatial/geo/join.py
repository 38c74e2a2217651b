"""The join of a panel to boundaries, and what it leaves to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from ..describe import Table, tool
from ..errors import DataError, JoinError, Message, Text, listed
from ..ids import id_texts
from ..panel import Panel
from ..ports import Port
from ..result import Result
from ..source import Source, geopandas_or_error, source_of_geodataframe
from .boundaries import Boundaries

Unmatched = Literal["keep", "drop", "error"]


@dataclass(frozen=True, eq=False)
class JoinReport:
    """How units of a panel met boundaries.

    Attributes
    ----------
    matches : DataFrame
        One row a panel unit: ``unit``, ``boundary`` (NaN where unmatched), ``rule``.
    only_in_panel, only_in_boundaries : tuple
        Ids without a partner.
    """

    matches: pd.DataFrame
    only_in_panel: tuple[Any, ...] = ()
    only_in_boundaries: tuple[Any, ...] = ()

    def of(self, units: pd.Index) -> JoinReport:
        """The report of some of the units."""
        here = self.matches["unit"].isin(units)
        return JoinReport(
            self.matches[here].reset_index(drop=True),
            tuple(unit for unit in self.only_in_panel if unit in units),
            self.only_in_boundaries,
        )

    @property
    def matched(self) -> int:
        """How many panel units have a boundary."""
        return int(self.matches["boundary"].notna().sum())

    def to_frame(self) -> pd.DataFrame:
        """One row a panel unit with the rule that matched it."""
        return self.matches.copy()

    def __str__(self) -> str:
        lines = [f"{self.matched} of {len(self.matches)} units matched"]
        if self.only_in_panel:
            lines.append(f"only in the panel: {listed(self.only_in_panel, limit=20)}")
        if self.only_in_boundaries:
            lines.append(f"only in the boundaries: {listed(self.only_in_boundaries, limit=20)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<JoinReport: {'; '.join(str(self).splitlines())}>"


@dataclass(frozen=True, eq=False, repr=False)
class GeoPanel(Panel, Result):
    """A panel whose units have boundaries; made by :func:`join`.

    Attributes
    ----------
    boundaries : Boundaries
        Of the matched units, under the panel's ids, in the panel's order.
    report : JoinReport
    """

    TITLE: ClassVar[str] = "Panel joined to boundaries"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("joined", "unit-period", "Panel with polygons"),
        Table("report", "unit", "Join report"),
    )

    boundaries: Boundaries = field(default=None, kw_only=True)  # type: ignore[assignment]
    report: JoinReport = field(default=None, kw_only=True)  # type: ignore[assignment]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The panel and the join report."""
        return {"joined": self.frame, "report": self.report.to_frame().set_index("unit")}

    def facts(self) -> Mapping[str, Text]:
        """Counts of the join."""
        return {
            "Units matched": Message.of("{matched} of {all}", matched=self.report.matched, all=len(self.units)),
            "Only in the panel": listed(self.report.only_in_panel, limit=20) or "none",
            "Only in the boundaries": listed(self.report.only_in_boundaries, limit=20) or "none",
        }

    def digest(self) -> pd.DataFrame:
        """The units that found no boundary."""
        report = self.report.to_frame().set_index("unit")
        return report[report["boundary"].isna()]

    def matched(self) -> GeoPanel:
        """Only the units that have a boundary."""
        return self.where_units(self.boundaries.ids)

    def where_units(self, units: Iterable[Any]) -> GeoPanel:
        """A new panel with only these units, and only their boundaries."""
        part = super().where_units(units)
        kept = self.boundaries.ids[self.boundaries.ids.isin(part.units)]
        return replace(part, boundaries=self.boundaries.subset(kept), report=self.report.of(part.units))

    def weights(self, kind: str = "queen", **options: Any) -> Any:
        """Spatial weights of the units; see :class:`ecospatial.Weights` for kinds and options."""
        from .weights import Weights

        return Weights.build(self.boundaries, kind, **options)

    def to_geodataframe(self, period: Any = None) -> Any:
        """A ``GeoDataFrame``: one period indexed by unit, or all periods indexed by (unit, period).

        Parameters
        ----------
        period : object or None
            None takes the only period of a cross-section, or repeats the geometry for all.
        """
        geopandas = geopandas_or_error("A GeoDataFrame")
        if "geometry" in self.columns:
            raise DataError("A column of the panel is called 'geometry'; rename it first.")
        frame = self._frame
        if period is None and len(self.periods) == 1:
            period = self.periods[0]
        if period is not None:
            if period not in self.periods:
                raise JoinError(
                    "There is no period {period}; there are: {all}", period=period, all=listed(self.periods, 30)
                )
            frame = frame.xs(period, level="period")
        places = self.boundaries.ids.get_indexer(frame.index.get_level_values("unit"))
        shapes = np.append(self.boundaries.geometry, [None])[places]
        return geopandas.GeoDataFrame(frame.copy(), geometry=list(shapes), crs=self.boundaries.crs)

    @classmethod
    def from_geodataframe(cls, gdf: Any, unit: str, period: str | None = None) -> GeoPanel:
        """A panel of a ``GeoDataFrame`` that has both the data and the polygons."""
        return geopanel_from_layer(source_of_geodataframe(gdf, "the layer"), unit, period)

    def fingerprint(self) -> str:
        """A short hash of data and boundaries."""
        return f"{super().fingerprint()}+{self.boundaries.fingerprint()}"

    def summary(self) -> str:
        """The panel in one line, then the join."""
        return f"{Panel.__repr__(self)}\n{Result.summary(self)}"

    def __repr__(self) -> str:
        return Panel.__repr__(self)

    @staticmethod
    def ports(name: str, title: str, default: Any) -> tuple[Port, ...]:
        """A table with its unit and period columns, and the boundaries with their id column."""
        return (
            *Panel.ports(name, title, default),
            Port("boundaries", "polygons", "Boundaries", "Polygons of the units where the table has none."),
            Port("boundary_unit", "column", "Unit column of the boundaries", "Codes or names.", table="boundaries"),
            Port(
                "unmatched",
                "choice",
                "Units without a boundary",
                "Keep them without polygons, drop them, or stop with an error.",
                default="keep",
                choices=get_args(Unmatched),
                advanced=True,
            ),
        )

    @staticmethod
    def from_ports(name: str, values: Mapping[str, Any]) -> Panel:
        """A panel, with polygons where there are any."""
        source: Source = values[name]
        panel = Panel.from_ports(name, values)
        layer: Source | None = values.get("boundaries")
        if layer is not None:
            boundaries = Boundaries.from_source(layer, values.get("boundary_unit"))
            return join(panel, boundaries, unmatched=values.get("unmatched") or "keep")
        if source.geometry is not None:
            return geopanel_from_layer(source, panel.unit_name, panel.period_name)
        return panel


PanelLike = Panel | GeoPanel


def geopanel_from_layer(source: Source, unit: str, period: str | None) -> GeoPanel:
    """A panel of a map layer that has the data too; geometry repeated over periods is kept once."""
    panel = Panel.from_frame(source.frame, unit, period, source.labels)
    geometry = source.geometry if source.geometry is not None else np.array([])
    units = panel.index.get_level_values("unit")
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    # The first row that has a polygon stands for its unit; where none has, the absence is named.
    order = np.argsort(~drawn, kind="stable")
    first = np.sort(order[~units[order].duplicated()])
    boundaries = Boundaries.of(units[first], geometry[first], source.crs)
    return join(panel, boundaries)


@tool(group="places", title="Join a table to boundaries")
def join(
    panel: Annotated[Panel, "Panel"],
    boundaries: Annotated[Boundaries, "Boundaries"],
    unmatched: Annotated[Unmatched, "Units without a boundary"] = "keep",
) -> GeoPanel:
    """Join a panel to boundaries by unit id.

    Ids are compared as text, so the code 130200 of a table meets '130200' of a shapefile.

    Parameters
    ----------
    panel : Panel
        Any panel; its rows keep their order.
    boundaries : Boundaries
        Polygons of the units.
    unmatched : {"keep", "drop", "error"}
        What happens to panel units without a boundary: they stay without geometry (methods that need a
        map then name them), leave the panel, or stop the join.

    Returns
    -------
    GeoPanel
        Its ``report`` says what did not match.

    Raises
    ------
    JoinError
        Where nothing matches, or ``unmatched="error"`` and a unit has no boundary.

    Examples
    --------
    >>> import pandas as pd, shapely
    >>> panel = Panel.from_frame(pd.DataFrame({"u": ["a", "b"], "y": [1, 2]}), unit="u")
    >>> join(panel, Boundaries.of(["a", "c"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])).report
    <JoinReport: 1 of 2 units matched; only in the panel: b; only in the boundaries: c>
    """
    report, places = _match(panel.units, boundaries.ids)
    if not (places >= 0).any():
        raise JoinError(
            "No unit of the panel has a boundary. The panel has: {panel}. The boundaries have: {boundaries}.",
            panel=listed(panel.units),
            boundaries=listed(boundaries.ids),
        )
    if report.only_in_panel and unmatched == "error":
        raise JoinError("These units have no boundary: {units}.", units=listed(report.only_in_panel, limit=20))
    found = places >= 0
    own = boundaries.subset(boundaries.ids[places[found]])
    ids = panel.units[found]
    own = Boundaries(ids, own.geometry, own.crs, own.attributes.set_axis(ids, axis=0), own.repaired)
    kept = panel.where_units(ids) if unmatched == "drop" else panel
    base = {item.name: getattr(kept, item.name) for item in fields(Panel)}
    return GeoPanel(**base, boundaries=own, report=report, notes=_notes(report, own, unmatched))


def _match(units: pd.Index, ids: pd.Index) -> tuple[JoinReport, np.ndarray]:
    theirs = pd.Index(id_texts(ids))
    ours = pd.Index(id_texts(units))
    if not theirs.is_unique:
        raise JoinError("Boundary ids are alike as text: {ids}.", ids=listed(theirs[theirs.duplicated()]))
    places = np.asarray(theirs.get_indexer(ours))
    found = places >= 0
    partner = np.full(len(units), np.nan, dtype=object)
    partner[found] = np.asarray(ids, dtype=object)[places[found]]
    rule = np.where(found, "exact", "unmatched")
    matches = pd.DataFrame({"unit": np.asarray(units), "boundary": partner, "rule": rule})
    unused = np.setdiff1d(np.arange(len(ids)), places)
    return JoinReport(matches, tuple(units[~found]), tuple(ids[unused])), places


def _notes(report: JoinReport, own: Boundaries, unmatched: str) -> tuple[Message, ...]:
    notes = []
    if report.only_in_panel:
        fate = Message.of("left out" if unmatched == "drop" else "kept without polygons")
        notes.append(
            Message.of("Units without a boundary, {fate}: {units}", fate=fate, units=listed(report.only_in_panel))
        )
    if own.repaired:
        notes.append(Message.of("Self-intersections repaired for: {units}", units=listed(own.repaired)))
    if own.crs is None:
        notes.append(Message.of("The boundaries carry no coordinate reference system; distances are planar."))
    return tuple(notes)

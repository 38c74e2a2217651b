"""The join of a panel to boundaries, and what it leaves to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from ..caveats import SCHEMATIC
from ..describe import Advanced, Table, tool
from ..errors import DataError, JoinError, Message, Text, listed
from ..panel import Panel
from ..ports import Port
from ..result import Result
from ..source import Source, source_of_geodataframe
from ..vector_files import geopandas_or_error
from .boundaries import Boundaries, datum_port
from .corrections import Corrections, CorrectionsLike
from .join_report import CHANGED, TO_CORRECT, UNUSED, JoinReport
from .match import MERGED_AWAY, paired
from .matching import Rules
from .merging import FLAG, merged, policies

Unmatched = Literal["keep", "drop", "error"]


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
        *(UNUSED, CHANGED, TO_CORRECT),
    )

    boundaries: Boundaries = field(default=None, kw_only=True)  # type: ignore[assignment]
    report: JoinReport = field(default=None, kw_only=True)  # type: ignore[assignment]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The panel and the join report."""
        matches, *others = self.report.tables().items()
        return {"joined": self.frame, "report": matches[1], **dict(others)}

    def facts(self) -> Mapping[str, Text]:
        """Counts of the join."""
        return self.report.facts()

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
            datum_port(),
            *Corrections.ports("corrections", "Corrections", None),
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
            boundaries = Boundaries.from_ports("boundaries", values)
            corrections = Corrections.from_ports("corrections", values)
            return join(panel, boundaries, unmatched=values.get("unmatched") or "keep", corrections=corrections)
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
    said = source.frame.iloc[first].filter([SCHEMATIC]).reset_index(drop=True)
    layer = Source(said.assign(unit=units[first]), geometry[first], source.crs, source.name)
    return join(panel, Boundaries.from_source(layer, "unit"), match="exact")


@tool(group="places", title="Join a table to boundaries")
def join(
    panel: Annotated[Panel, "Panel"],
    boundaries: Annotated[Boundaries, "Boundaries"],
    unmatched: Annotated[Unmatched, "Units without a boundary"] = "keep",
    match: Annotated[Rules, Advanced(), "Rules by which units find boundaries"] = "auto",
    merge: Annotated[Mapping[str, str] | str, Advanced(), "Figures of units that became one"] = FLAG,
    corrections: Annotated[CorrectionsLike | None, "Corrections"] = None,
) -> GeoPanel:
    """Join a panel to boundaries by code or name.

    The rules run from the surest to the loosest: equal ids; the same code written otherwise; the code of another
    year (533200 and 530700 are both Lijiang); equal names; names without their suffix; a former name; pinyin.
    Places of China are known from GB/T 2260 since 1998; other units meet by their id or by a name field of the
    boundaries. A close spelling is a suggestion in the report and never a match.

    Parameters
    ----------
    panel : Panel
        Any panel; its rows keep their order.
    boundaries : Boundaries
        Polygons of the units.
    unmatched : {"keep", "drop", "error"}
        What happens to panel units without a boundary: they stay without geometry (methods that need a
        map then name them), leave the panel, or stop the join.
    match : {"auto", "exact"}
        All rules, or equal ids alone.
    merge : str or mapping
        What becomes of a unit that was merged into another (Laiwu into Jinan in 2019) where the boundaries have
        only that one, and of one place under two codes in two spans of years: ``"flag"`` reports the first and
        refuses the second; ``"sum"``, ``"mean"``, ``"weighted mean by COLUMN"`` and ``"drop"`` (the merged
        unit's figures are left out) join them. Column by column as ``{"gdp": "sum", "*": "drop"}`` or as text,
        ``"gdp=sum, *=drop"``.
    corrections : mapping, DataFrame, path or None
        Boundary ids by unit, as a table with the columns unit and boundary; they come before every rule.

    Returns
    -------
    GeoPanel
        Its ``report`` says what matched by which rule and what did not. Splits and moved counties are listed there
        by unit and year; nothing is done about them.

    Raises
    ------
    JoinError
        Where nothing matches, a unit could match several boundaries or several units one boundary, or
        ``unmatched="error"`` and a unit has no boundary.

    Examples
    --------
    >>> import pandas as pd, shapely
    >>> panel = Panel.from_frame(pd.DataFrame({"u": ["a", "b"], "y": [1, 2]}), unit="u")
    >>> join(panel, Boundaries.of(["a", "c"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])).report
    <JoinReport: 1 of 2 units matched; only in the panel: b; only in the boundaries: c>
    """
    rules = policies(merge)
    pairing = paired(panel.units, boundaries, panel.periods, match, Corrections.of(corrections), rules is not None)
    report = pairing.report if rules is None else pairing.with_unions()
    _check(report, panel, boundaries, unmatched)
    joint, told = (panel, ()) if rules is None or not pairing.unions else merged(panel, pairing.unions, rules)
    ids = pairing.units[pairing.places >= 0]
    own = boundaries.subset(boundaries.ids[pairing.places[pairing.places >= 0]])
    own = replace(own, ids=ids, attributes=own.attributes.set_axis(ids, axis=0), repaired=_as_units(own, ids))
    kept = joint.where_units(ids) if unmatched == "drop" else joint
    base = {item.name: getattr(kept, item.name) for item in fields(Panel)}
    base["notes"] = (*panel.notes, *_notes(report, unmatched), *told, *report.notes)
    return GeoPanel(**base, boundaries=own, report=report)


def _check(report: JoinReport, panel: Panel, boundaries: Boundaries, unmatched: str) -> None:
    if not report.matched:
        raise JoinError(
            "No unit of the panel has a boundary. The panel has: {panel}. The boundaries have: {boundaries}.",
            panel=listed(panel.units),
            boundaries=listed(boundaries.ids),
        )
    if report.only_in_panel and unmatched == "error":
        raise JoinError("These units have no boundary: {units}.", units=listed(report.only_in_panel, limit=20))


def _as_units(own: Boundaries, ids: pd.Index) -> tuple[Any, ...]:
    """The repaired boundaries under the panel's ids."""
    return tuple(ids[own.ids.isin(own.repaired)])


def _notes(report: JoinReport, unmatched: str) -> tuple[Message, ...]:
    notes = []
    if report.only_in_panel:
        fate = Message.of("left out" if unmatched == "drop" else "kept without polygons")
        notes.append(
            Message.of("Units without a boundary, {fate}: {units}", fate=fate, units=listed(report.only_in_panel))
        )
    away = report.matches.loc[report.matches["rule"] == MERGED_AWAY, "unit"]
    if len(away):
        notes.append(
            Message.of(
                "Units merged into one that the boundaries have: {units}; name a policy for every column (merge) to"
                " join their figures.",
                units=listed(away),
            )
        )
    if len(report.changes):
        units = listed([f"{row.unit} ({row.year})" for row in report.changes.itertuples()])
        notes.append(Message.of("The ground of these units changed, which breaks their series: {units}", units=units))
    return tuple(notes)

"""What is known of spatial weights: neighbours by unit, the links, a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from ..describe import Table
from ..errors import Text
from ..result import Result
from .boundaries import Boundaries
from .connectivity import links_of
from .weights_matrix import WeightsMatrix


@dataclass(frozen=True, eq=False, repr=False)
class WeightsResult(Result):
    """Spatial weights and their connectivity.

    Attributes
    ----------
    weights : Weights
    boundaries : Boundaries or None
        Of the units, in their order.
    """

    TITLE: ClassVar[str] = "Spatial weights"
    TABLES: ClassVar[tuple[Table, ...]] = (
        Table("connectivity", "unit", "Neighbours of each unit"),
        Table("links", "pair", "Links and their weights"),
    )
    FIGURE: ClassVar[str | None] = "weights"

    weights: WeightsMatrix
    boundaries: Boundaries | None = field(default=None, kw_only=True)  # type: ignore[assignment]

    def tables(self) -> dict[str, pd.DataFrame]:
        """One row a unit, and one row a link."""
        return {"connectivity": self.weights.connectivity(), "links": links_of(self.weights.sparse, self.weights.ids)}

    def facts(self) -> Mapping[str, Text]:
        """How they were made, neighbours, density, components, islands by name."""
        return self.weights.facts()

    def digest(self) -> pd.DataFrame:
        """How many units have how many neighbours."""
        return self.weights.cardinalities.value_counts().sort_index().rename("units").to_frame()

"""The weights of a map as a step of its own: built, looked at, written to a file."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from scipy import sparse

from ..describe import Advanced, tool
from ..errors import Message, Text, joined, listed
from .boundaries import Boundaries
from .contiguity import contiguity, overlaps
from .recipe import Recipe, WeightsLike, on_map
from .weights import Weights
from .weights_result import WeightsResult


@tool(group="places", title="Spatial weights")
def weights(
    boundaries: Annotated[Boundaries, "Boundaries"],
    weights: Annotated[WeightsLike, "Spatial weights"] = "queen",
    write_to: Annotated[str | None, Advanced(), "File to write the weights to"] = None,
) -> WeightsResult:
    """Build the spatial weights of a map, look at them and keep them.

    Parameters
    ----------
    boundaries : Boundaries
        Polygons of the units; points serve kinds by distance.
    weights : Weights, libpysal Graph or W, or str
        A name builds them on the map: ``"queen"``, ``"rook"``, ``"knn:4"``, ``"band:500"``, ``"inverse-distance"``,
        ``"kernel"``, ``"adaptive-kernel"``; :class:`ecospatial.Weights` says what each means.
    write_to : str or None
        A ``.gal``, ``.gwt``, ``.csv`` or ``.xlsx`` file, which other tools and programs read.

    Returns
    -------
    WeightsResult
        Neighbours, island and component of each unit, the links, and a figure; its ``weights`` serve other tools.

    Raises
    ------
    GeometryError, OptionError
        Where the weights cannot be built on this map.
    JoinError
        Where weights that were given are not of its units.
    FileError
        Where the file cannot hold the weights.

    Examples
    --------
    >>> import shapely
    >>> row = Boundaries.of(["a", "b", "c"], [shapely.box(i, 0, i + 1, 1) for i in range(3)])
    >>> weights(row, "queen").to_frame()
          neighbours  weight_sum island  component
    unit
    a              1         1.0     no          1
    b              2         1.0     no          1
    c              1         1.0     no          1
    """
    made = on_map(weights, boundaries)
    if write_to is not None:
        made.write(write_to)
    notes = (*_notes(made), *_map_notes(weights, boundaries))
    return WeightsResult(made, boundaries=boundaries, notes=notes)


def _notes(made: Weights) -> list[Message]:
    """Islands, and parts that no chain of links connects."""
    notes = []
    if len(made.islands):
        notes.append(
            Message.of(
                "Units without a neighbour: {units}. Their spatial lag is zero and local statistics leave them out;"
                " see islands.",
                units=listed(made.islands, 20),
            )
        )
    parts = made.n_components - len(made.islands)
    if parts > 1:
        table = made.connectivity()
        apart = table.index[(table["component"] > 1) & (table["neighbours"] > 0)]
        template = "{count} groups of units have no link between them; outside the largest are: {units}."
        notes.append(Message.of(template, count=parts, units=listed(apart, 20)))
    return notes


def _map_notes(weights: WeightsLike, boundaries: Boundaries) -> list[Message]:
    """Faults of the map that contiguity brings to light: gaps that the tolerance closed, and overlaps."""
    recipe = Recipe.of(weights) if isinstance(weights, str) else weights
    if not isinstance(recipe, Recipe) or recipe.kind not in ("queen", "rook"):
        return []
    touching = contiguity(boundaries, "queen")
    notes = []
    if recipe.tolerance:
        closed = contiguity(boundaries, "queen", recipe.tolerance)
        across = sparse.triu(closed - touching).tocoo()
        gaps = np.column_stack([across.row, across.col])[across.data > 0]
        if len(gaps):
            template = "Neighbours across a gap in the map ({count}): {pairs}."
            notes.append(Message.of(template, count=len(gaps), pairs=_named(gaps, boundaries)))
    laps = overlaps(boundaries, touching)
    if len(laps):
        template = "Units that overlap by more than 0.1 % of the smaller ({count}): {pairs}."
        notes.append(Message.of(template, count=len(laps), pairs=_named(laps, boundaries)))
    return notes


def _named(pairs: np.ndarray, boundaries: Boundaries) -> Text:
    return listed([joined(boundaries.ids[pair], "–") for pair in pairs], 10)

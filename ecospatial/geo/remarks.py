"""What a person should know of a map that was read without complaint."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from ..errors import Message, joined, listed


def of_layers(layers: tuple[str, ...]) -> tuple[Message, ...]:
    """A word on the layers of a file that were not read.

    Examples
    --------
    >>> print(*of_layers(("cities", "counties")))
    The layer 'cities' of the map was read; it has others: counties (name one as FILE|layername=LAYER).
    """
    if len(layers) < 2:
        return ()
    template = "The layer '{layer}' of the map was read; it has others: {others} (name one as FILE|layername=LAYER)."
    return (Message.of(template, layer=layers[0], others=listed(layers[1:], 12)),)


def of_covered(ids: pd.Index, shapes: np.ndarray) -> tuple[Message, ...]:
    """A word on units that lie over others: a polygon that was copied, or a county in the map of its city.

    Borders that merely overlap show in the notes of the weights, where they are measured.

    Examples
    --------
    >>> boxes = np.array([shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2), shapely.box(5, 0, 6, 1)])
    >>> print(*of_covered(pd.Index(["city", "county", "town"]), boxes))
    Units of the map that lie over others: city–county
    """
    drawn = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    inner = shapely.point_on_surface(shapes[drawn])
    inside, around = shapely.STRtree(shapes[drawn]).query(inner, predicate="within")
    pairs = np.unique(np.sort(drawn[np.column_stack([inside, around])[inside != around]], axis=1), axis=0)
    if not len(pairs):
        return ()
    named = [joined(ids[pair], "–") for pair in pairs]
    return (Message.of("Units of the map that lie over others: {pairs}", pairs=listed(named, 10)),)

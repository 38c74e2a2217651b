"""Scale efficiency and the class of returns to scale, unit by unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import Message
from .technology import ReturnsToScale

TECHNOLOGIES: tuple[ReturnsToScale, ...] = ("crs", "vrs", "nirs")
ALIKE = 1e-6  # largest difference of two efficiencies that count as equal


def scale_table(efficiencies: pd.DataFrame) -> pd.DataFrame:
    """Classify returns to scale as Färe, Grosskopf & Lovell (1985) do.

    Constant where the efficiencies under constant and variable returns agree; otherwise increasing where
    non-increasing returns give the constant-returns efficiency, and decreasing where they do not.

    Parameters
    ----------
    efficiencies : DataFrame
        Columns ``crs``, ``vrs`` and ``nirs``: efficiency as a share.

    Returns
    -------
    DataFrame
        Those columns, ``scale_efficiency`` = crs/vrs, and ``returns``, empty where one of them is unknown.

    Examples
    --------
    >>> found = pd.DataFrame({"crs": [1.0, 0.5, 0.5], "vrs": [1.0, 0.8, 0.8], "nirs": [1.0, 0.5, 0.8]})
    >>> scale_table(found)["returns"].tolist()
    ['constant', 'increasing', 'decreasing']
    """
    crs, vrs, nirs = (efficiencies[name] for name in TECHNOLOGIES)
    known = efficiencies[list(TECHNOLOGIES)].notna().all(axis=1)
    rising = np.where(np.abs(nirs - crs) <= ALIKE, "increasing", "decreasing")
    returns = np.where(np.abs(vrs - crs) <= ALIKE, "constant", rising)
    return efficiencies.assign(
        scale_efficiency=np.minimum(crs / vrs, 1.0), returns=pd.Series(returns, efficiencies.index).where(known, "")
    )


def scale_note() -> Message:
    """How the classes were found."""
    return Message.of(
        "Returns to scale by comparing CRS, VRS and NIRS efficiency (Färe, Grosskopf & Lovell 1985), equal within "
        "{reach}; the class is that of the unit's projection on the frontier in this orientation.",
        reach=f"{ALIKE:g}",
    )

"""Files that come with the package: data and assets."""

from __future__ import annotations

from pathlib import Path

from .errors import FileError


def data_path(name: str) -> Path:
    """Where a shipped data file stands: in the installed package, or in the checkout beside it.

    Parameters
    ----------
    name : str
        Path below the data folder.

    Raises
    ------
    FileError
        Where there is no such file.

    Examples
    --------
    >>> data_path("panels/us_states_production.csv").name
    'us_states_production.csv'
    """
    here = Path(__file__).resolve().parent
    for root in (here / "data", here.parent / "data"):
        if (root / name).exists():
            return root / name
    raise FileError("The shipped file '{name}' is not there; install the package again.", name=name)

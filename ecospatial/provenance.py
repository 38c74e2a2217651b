"""Where a result came from: the call, the seed, the versions, a hash of the data."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd


@runtime_checkable
class Fingerprinted(Protocol):
    """Anything that names its content by a short hash."""

    def fingerprint(self) -> str:
        """Hexadecimal hash of the content."""
        ...


@dataclass(frozen=True)
class Provenance:
    """The call behind a result.

    Attributes
    ----------
    tool : str
        Name of the public function, empty for a result built by hand.
    arguments : dict of str to str
        Every argument written as text, defaults included.
    seed : int or None
        Seed of the random draws where there were any.
    versions : dict of str to str
        The package, Python and the numerical packages in use.
    """

    tool: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tool: str, arguments: Mapping[str, Any]) -> Provenance:
        """Record a call."""
        seed = arguments.get("seed")
        return cls(
            tool=tool,
            arguments={name: written(value) for name, value in arguments.items()},
            seed=int(seed) if isinstance(seed, (int, np.integer)) else None,
            versions=versions(),
        )

    def __str__(self) -> str:
        call = ", ".join(f"{name}={text}" for name, text in self.arguments.items())
        return f"{self.tool}({call})"


def versions() -> dict[str, str]:
    """Versions of the package, Python and the loaded numerical packages."""
    from . import __version__

    found = {"ecospatial": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "pandas", "shapely"):
        module = sys.modules.get(name)
        if module is not None:
            found[name] = str(module.__version__)
    return found


def written(value: Any) -> str:
    """An argument as text: data by its hash, everything else as Python writes it."""
    if isinstance(value, Fingerprinted):
        return f"<{type(value).__name__} {value.fingerprint()}>"
    if hasattr(value, "as_argument"):
        return str(value.as_argument())
    if isinstance(getattr(value, "provenance", None), Provenance):
        return f"<{type(value).__name__} of {value.provenance.tool or 'hand'}>"
    if isinstance(value, (str, int, float, bool, type(None))):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Iterable) and not isinstance(value, np.ndarray):
        return "[" + ", ".join(written(item) for item in value) + "]"
    return f"<{type(value).__name__}>"


def fingerprint_arrays(*arrays: np.ndarray) -> str:
    """A short hash of arrays: dtype, shape and bytes.

    Examples
    --------
    >>> fingerprint_arrays(np.arange(3)) == fingerprint_arrays(np.arange(3))
    True
    """
    digest = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        if array.dtype == object:
            array = np.array([str(item) for item in array.ravel()], dtype="U")
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]


def fingerprint_frame(frame: pd.DataFrame) -> str:
    """A short hash of a frame: index, column names and cells."""
    parts = [np.array([str(key) for key in frame.index], dtype="U")]
    for name in frame.columns:
        column = frame[name]
        cells = (
            column.to_numpy(float, na_value=np.nan)
            if pd.api.types.is_numeric_dtype(column)
            else column.astype(str).to_numpy("U")
        )
        parts += [np.array([str(name)], dtype="U"), cells]
    return fingerprint_arrays(*parts)

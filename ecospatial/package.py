"""The package's own front door, for methods that lead to a higher floor.

``Panel.join`` and ``Result.plot`` are conveniences whose work stands upstairs. They go through the
public names of the package, which are imported lazily, so that no module imports upward.
"""

from __future__ import annotations

import sys
from typing import Any


def public(name: str) -> Any:
    """A public name of the package.

    Examples
    --------
    >>> public("Panel").__name__
    'Panel'
    """
    return getattr(sys.modules[__name__.rpartition(".")[0]], name)

"""A progress bar for a terminal."""

from __future__ import annotations

import sys
from typing import TextIO


class Bar:
    """Draws the current piece of work and its fraction on one line; silent where nobody watches.

    Parameters
    ----------
    stream : text stream or None
        Standard error by default.

    Examples
    --------
    >>> import io
    >>> Bar(io.StringIO())("Clusters", 0.5)
    """

    WIDTH = 30

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._watched = self._stream.isatty()
        self._shown = ""

    def __call__(self, label: str, fraction: float) -> None:
        """Draw a tick."""
        done = round(self.WIDTH * min(max(fraction, 0.0), 1.0))
        line = f"{label:<28} {'█' * done}{'░' * (self.WIDTH - done)} {fraction:4.0%}"
        if not self._watched or line == self._shown:
            return
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()
        self._shown = line

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = ""

"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import FileError


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` and move it there only when the block succeeds.

    What the block writes beside the temporary file moves with it.

    Parameters
    ----------
    path : path-like
        Where the file is to stand.

    Raises
    ------
    FileError
        Where the folder does not exist or cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole(target) as draft:
    ...     _ = draft.write_text("all of it")
    >>> target.read_text()
    'all of it'
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileError("The folder '{folder}' does not exist; make it first.", folder=target.parent)
    if target.is_dir():
        raise FileError("'{path}' is a folder; name a file in it.", path=target)
    try:
        folder = tempfile.mkdtemp(prefix=".ecospatial-", dir=target.parent)
    except OSError as error:
        raise FileError("Cannot write in '{folder}': {reason}.", folder=target.parent, reason=error.strerror) from error
    draft = Path(folder) / target.name
    try:
        yield draft
        try:
            for beside in sorted(set(Path(folder).iterdir()) - {draft}):  # the other files of a shapefile
                os.replace(beside, target.parent / beside.name)
            os.replace(draft, target)
        except OSError as error:
            raise FileError("Cannot write '{path}': {reason}.", path=target, reason=error.strerror) from error
    finally:
        for leftover in Path(folder).iterdir():
            leftover.unlink()
        os.rmdir(folder)

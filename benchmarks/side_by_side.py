"""What the benchmarks share: one engine in a process and on a thread of its own, and the environment of the peers."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PEERS = ("DEAPack", "Pyfrontier")

Figures = dict[str, float]


def peer_python(folder: Path, peers: Sequence[str] = PEERS) -> Path:
    """An interpreter with the peers, which pin libraries of their own."""
    python = folder.absolute() / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        for peer in peers:
            subprocess.run([python, "-m", "pip", "install", "--quiet", peer], check=False)
    return python


def measured(answer: Callable[[], object]) -> Figures:
    """CPU seconds of a call, children included, and the peak memory of this process."""
    begun = _cpu()
    answer()
    spent = _cpu() - begun
    return {"seconds": spent, "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def _cpu() -> float:
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def apart(script: str, arguments: Sequence[str], python: str | Path, limit: float) -> Figures | None:
    """What a script prints as JSON when it runs apart on one thread, or None where it fails or takes too long."""
    call = [str(python), str(Path(script).absolute()), *arguments]
    places = {"capture_output": True, "text": True, "cwd": tempfile.gettempdir()}
    try:
        done = subprocess.run(call, env={**os.environ, **THREADS}, timeout=limit, **places)  # type: ignore[call-overload]
    except subprocess.TimeoutExpired:
        print(f"{' '.join(arguments)}: given up after {limit:g} seconds", file=sys.stderr)
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"{' '.join(arguments)}: {(done.stderr.strip() or 'no answer').splitlines()[-1]}", file=sys.stderr)
        return None
    return dict(json.loads(lines[-1]))

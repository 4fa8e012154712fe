"""Find and end the processes of a cloud: Lambda workers, Spark drivers and whatever these start.

Each inherits a TMPDIR inside the home of its cloud, so they are found also after the server was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def of(temporary: Path) -> list[int]:
    """The process ids whose TMPDIR is the folder `temporary` or inside it, the calling process excepted."""
    listing = _from_proc() if (_PROC / "self" / "environ").exists() else _from_ps()
    marks = (f"TMPDIR={temporary}/".encode(), f"TMPDIR={temporary}".encode())
    found = []
    for process, environment in listing:
        if process != os.getpid() and any(
            entry == marks[1] or entry.startswith(marks[0]) for entry in environment
        ):
            found.append(process)
    return found


def end(temporary: Path, timeout: float = 5.0) -> list[int]:
    """Kill the processes of `temporary`; returns those that are still there after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while left := of(temporary):
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            return left
        time.sleep(0.01)
    return []


def _from_proc() -> Iterator[tuple[int, list[bytes]]]:
    """Linux: a process that has ended (a zombie) has an empty environment and is left out."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "environ").read_bytes().split(b"\0")


def _from_ps() -> Iterator[tuple[int, list[bytes]]]:
    """macOS: ps appends the environment to the command."""
    listing = subprocess.run(
        ["/bin/ps", "-Aeww", "-o", "pid=,command="], capture_output=True, check=False
    ).stdout
    for line in listing.splitlines():
        process, _, command = line.strip().partition(b" ")
        if process.isdigit():
            yield int(process), command.split(b" ")

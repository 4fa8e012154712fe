"""Find and end the processes of a cloud: Lambda workers, Spark drivers and whatever these start.

Each inherits a TMPDIR inside the home of its cloud, so they are found also after the server was killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def of(temporary: Path) -> list[int]:
    """The process ids whose TMPDIR is the folder `temporary` or inside it, the calling process excepted."""
    listing = _from_proc() if (_PROC / "self" / "environ").exists() else _from_ps()
    mark = re.compile(rb"(?:^|[\0 ])TMPDIR=" + re.escape(os.fsencode(temporary)) + rb"(?:[/\0 ]|$)")
    return [process for process, text in listing if process != os.getpid() and mark.search(text)]


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


def _from_proc() -> Iterator[tuple[int, bytes]]:
    """Linux: a process that has ended (a zombie) has an empty environment and is left out."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "environ").read_bytes()


def _from_ps() -> Iterator[tuple[int, bytes]]:
    """macOS: ps appends the environment to the command."""
    command = ["/bin/ps", "axeww", "-o", "pid=,command="]
    for line in subprocess.run(command, capture_output=True, check=False).stdout.splitlines():
        process, _, text = line.strip().partition(b" ")
        if process.isdigit():
            yield int(process), text

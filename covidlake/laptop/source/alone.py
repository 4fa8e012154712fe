"""One process at a time: another waits until the first has done its work, and says so."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from covidlake.base.progress import Progress


@contextmanager
def alone(folder: Path, what: str, progress: Progress) -> Iterator[None]:
    """Hold the folder for the block; `what` does whoever else holds it.

    A lock goes with its process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            progress(f"another run {what} (process {lock.read() or 'unknown'}): waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield

"""One run at a time prepares a source: another waits until the first has."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from covidlake.base.progress import Progress


@contextmanager
def alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder for the block. A lock goes with its process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another run prepares the source: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

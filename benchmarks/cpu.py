"""CPU seconds of a program with all that it starts: unlike wall time, nearly the same on a busy machine."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

LOOK_SECONDS = 0.1
TICKS = os.sysconf("SC_CLK_TCK")


def run(command: Sequence[str]) -> float:
    """Run a command to its end; return the CPU seconds of it and of everything below it.

    Processes are looked at ten times a second: what one does after the last look is missed. Needs /proc.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    tree = _Tree(process.pid)
    over = threading.Event()
    looking = threading.Thread(target=tree.watch, args=(over,))
    looking.start()
    _, errors = process.communicate()
    over.set()
    looking.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
    return sum(tree.seconds.values())


class _Tree:
    """The processes below one, also those whose parent has ended since, and the CPU seconds of each."""

    def __init__(self, root: int) -> None:
        self.seconds: dict[int, float] = {root: 0.0}

    def watch(self, over: threading.Event) -> None:
        self.look()
        while not over.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        found = {process: (parent, seconds) for process, parent, seconds in _processes()}
        new = True
        while new:
            new = {one for one, (parent, _) in found.items() if parent in self.seconds} - self.seconds.keys()
            self.seconds |= dict.fromkeys(new, 0.0)
        for process in self.seconds.keys() & found.keys():
            self.seconds[process] = max(self.seconds[process], found[process][1])


def _processes() -> Iterator[tuple[int, int, float]]:
    """Each process with its parent and its own CPU seconds."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            yield int(folder.name), int(after_name[1]), (int(after_name[11]) + int(after_name[12])) / TICKS

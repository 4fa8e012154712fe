"""One time limit for everything that a command waits for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clock:
    """Counts `minutes` down from when it is made."""

    minutes: float
    started: float = field(default_factory=lambda: time.monotonic())

    def left(self) -> float:
        """The minutes that are left, to a tenth; 0 after the limit."""
        return max(0.0, round(self.minutes - (time.monotonic() - self.started) / 60, 1))

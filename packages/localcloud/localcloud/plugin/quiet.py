"""How long nobody has called this cloud: what can wait is done while nothing else runs."""

from __future__ import annotations

import time

_last = [time.monotonic()]


def note() -> None:
    """A request has arrived."""
    _last[0] = time.monotonic()


def seconds() -> float:
    """Seconds since the last request."""
    return time.monotonic() - _last[0]

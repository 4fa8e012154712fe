"""What plug-ins want done when the cloud stops: end the runs they started, close what they opened."""

from __future__ import annotations

import logging
from collections.abc import Callable

_logger = logging.getLogger(__name__)
_callbacks: list[Callable[[], None]] = []


def at_exit(callback: Callable[[], None]) -> None:
    """Have `callback` called once when the cloud stops, before its state is saved; last registered first."""
    _callbacks.append(callback)


def run() -> None:
    """Call every registered callback; one that fails is logged and does not keep the others from running."""
    while _callbacks:
        callback = _callbacks.pop()
        try:
            callback()
        except Exception:
            _logger.exception("clean-up %s failed", getattr(callback, "__qualname__", callback))

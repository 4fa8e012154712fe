"""Waits of the interpreter: they end at once when their state machine, branch or Task does."""

from __future__ import annotations

import os
import time
from typing import Any

_SLICE_SECONDS = 0.05


def scale() -> float:
    """How much of a Wait state or a retry's interval really passes: the cloud's `--wait-scale`."""
    return min(1.0, max(0.0, float(os.environ.get("SFN_WAIT_SCALE", "1"))))


def wait(env: Any, seconds: float) -> None:
    """Wait in real time while `env`, a frame of moto's interpreter, runs."""
    deadline = time.monotonic() + seconds
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        env.program_state_event.wait(min(left, _SLICE_SECONDS))


def wait_scaled(env: Any, seconds: float) -> None:
    wait(env, seconds * scale())

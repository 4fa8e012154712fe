"""What becomes of an error in a state that is tried: the Retry or the Catch that applies to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localcloud.step_functions.states.error_matching import matches

_ATTEMPTS, _INTERVAL_SECONDS, _RATE = 3, 1, 2.0
_LONGEST_SECONDS = 31_622_400


def applying(handlers: Sequence[dict[str, Any]], error: str | None) -> int | None:
    """The index of the first Retry or Catch that names the error."""
    return next((index for index, one in enumerate(handlers) if matches(one["ErrorEquals"], error)), None)


def backoff(retrier: dict[str, Any], retries: int) -> int | None:
    """The seconds before the next attempt, after so many; None where none is left.

    A JitterStrategy makes it shorter by chance on AWS: this is the longest that it can be.
    """
    if retries >= retrier.get("MaxAttempts", _ATTEMPTS):
        return None
    longest = float(retrier.get("MaxDelaySeconds", _LONGEST_SECONDS))
    try:
        factor = float(retrier.get("BackoffRate", _RATE)) ** retries
    except OverflowError:
        return int(longest)
    return int(min(retrier.get("IntervalSeconds", _INTERVAL_SECONDS) * factor, longest))

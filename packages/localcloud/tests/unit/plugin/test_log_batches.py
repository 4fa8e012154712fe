"""Batches of log events within what one call of PutLogEvents takes."""

from __future__ import annotations

from typing import Any

from localcloud.cloudwatch import log_events
from localcloud.plugin import log_batches

HOUR_MS = 3_600_000


def sizes(events: list[dict[str, Any]]) -> list[int]:
    return [len(batch) for batch in log_batches.batches(events)]


def test_batches_respect_the_limits_of_put_log_events() -> None:
    assert sizes([{"timestamp": 1, "message": "x"}] * 25_000) == [10_000, 10_000, 5_000]
    assert sizes([{"timestamp": 1, "message": "é" * 100_000}] * 11) == [5, 5, 1]
    assert sizes([]) == []


def test_batches_are_in_the_order_of_time_and_span_a_day_at_most() -> None:
    events = [{"timestamp": hour * HOUR_MS, "message": str(hour)} for hour in (30, 3, 0, 24, 25)]
    found = [[event["message"] for event in batch] for batch in log_batches.batches(events)]
    assert found == [["0", "3", "24"], ["25", "30"]]


def test_cloudwatch_takes_every_batch() -> None:
    now = 100 * HOUR_MS
    events = [{"timestamp": now - hour * HOUR_MS, "message": "x" * 200_000} for hour in range(40)]
    taken = [log_events.accepted(batch, None, now) for batch in log_batches.batches(events)]
    assert sum(len(kept) for kept, _ in taken) == 40
    assert not any(rejected for _, rejected in taken)

"""Log events, however many, in batches that one call of PutLogEvents takes."""

from __future__ import annotations

from typing import Any

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
BATCH_EVENTS = 10_000
BATCH_BYTES = 1_048_576
BATCH_MILLISECONDS = 86_400_000
EVENT_OVERHEAD_BYTES = 26  # what an event counts beside its text

Event = dict[str, Any]


def put(logs: Any, group: str, stream: str, events: list[Event]) -> None:
    """Put events, whose order is free, into a stream that exists; raises what boto3 raises."""
    for batch in batches(events):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)


def batches(events: list[Event]) -> list[list[Event]]:
    """Groups of events in the order of time, each within the limits of one PutLogEvents call."""
    found: list[list[Event]] = []
    size = 0
    for event in sorted(events, key=lambda one: one["timestamp"]):
        weight = len(event["message"].encode()) + EVENT_OVERHEAD_BYTES
        if not found or size + weight > BATCH_BYTES or not _has_room(found[-1], event):
            found.append([])
            size = 0
        found[-1].append(event)
        size += weight
    return found


def _has_room(batch: list[Event], event: Event) -> bool:
    is_within_a_day = event["timestamp"] - batch[0]["timestamp"] <= BATCH_MILLISECONDS
    return len(batch) < BATCH_EVENTS and is_within_a_day

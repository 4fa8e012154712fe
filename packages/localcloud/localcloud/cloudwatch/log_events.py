"""Log events: a batch is taken or refused as CloudWatch Logs does, and every event is found, page by page."""

from __future__ import annotations

import bisect
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from localcloud.plugin import AwsError

Request = dict[str, Any]
Event = dict[str, Any]

MOST = 10_000  # events of one answer
_DAY_MS = 86_400_000
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_OLDEST_MS, _NEWEST_MS = 14 * _DAY_MS, 2 * 3_600_000
_ORDER = "Log events in a single PutLogEvents request must be in chronological order."
_TOKEN = "offset:"  # noqa: S105
_moment = itemgetter("timestamp")


def check_limit(request: Request) -> None:
    """Raises InvalidParameterException for a limit beyond AWS's."""
    if (limit := request.get("limit") or 0) > MOST:
        message = (
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {MOST}"
        )
        raise AwsError("InvalidParameterException", message)


def accepted(events: list[Event], retention_days: int | None, now_ms: int) -> tuple[list[Event], Request]:
    """The events of a batch that are kept, and `rejectedLogEventsInfo` about the others.

    Raises InvalidParameterException for a batch that is not in the order of time.
    """
    moments = [int(event["timestamp"]) for event in events]
    if any(first > second for first, second in itertools.pairwise(moments)):
        raise AwsError("InvalidParameterException", _ORDER)
    expiry = now_ms - retention_days * _DAY_MS if retention_days else 0
    too_old = sum(moment < now_ms - _OLDEST_MS for moment in moments)
    expired = sum(moment < expiry for moment in moments)
    too_new = sum(moment > now_ms + _NEWEST_MS for moment in moments)
    rejected = {
        "tooOldLogEventEndIndex": too_old or None,
        "expiredLogEventEndIndex": expired or None,
        "tooNewLogEventStartIndex": len(events) - too_new if too_new else None,
    }
    kept = events[max(too_old, expired) : len(events) - too_new]
    return kept, {name: index for name, index in rejected.items() if index is not None}


def put(service: Any, request: Request, original: Callable[[str, Request], Request]) -> Request:
    """PutLogEvents. What is rejected is said so in the answer, not kept."""
    group = service._log_groups.get(request.get("logGroupName"))
    days = group.get("retentionInDays") if group else None
    kept, rejected = accepted(request.get("logEvents") or [], days, int(time.time() * 1000))
    answer = original("PutLogEvents", {**request, "logEvents": kept})
    return {**answer, "rejectedLogEventsInfo": rejected} if rejected else answer


def find(service: Any, request: Request, matches: Callable[[str], bool]) -> Request:
    """FilterLogEvents, whose further pages ministack lacks."""
    check_limit(request)
    name = service._resolve_log_group_name(request)
    if name not in service._log_groups:
        raise AwsError("ResourceNotFoundException", f"The specified log group does not exist: {name}")
    begin, size = _offset(request.get("nextToken")), request.get("limit") or MOST
    with service._log_events_lock:
        streams = _chosen(service._log_groups[name]["streams"], request)
        ranges = [(stream, _within(events, request)) for stream, events in streams]
    ordered = heapq.merge(*itertools.starmap(_of, ranges), key=_moment)
    found = (event for event in ordered if matches(event.get("message", "")))
    page = list(itertools.islice(found, begin, begin + size))
    more = {"nextToken": f"{_TOKEN}{begin + size}"} if next(found, None) else {}
    return {"events": page, "searchedLogStreams": [], **more}


def _chosen(streams: Any, request: Request) -> Iterator[tuple[str, list[Event]]]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        message = "LogStreamNamePrefix and LogStreamNames cannot be used at the same time"
        raise AwsError("InvalidParameterException", message)
    if any(name not in streams for name in names or ()):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    for name in names or [name for name in streams if name.startswith(prefix or "")]:
        yield name, streams[name]["events"]


def _within(events: list[Event], request: Request) -> list[Event]:
    """The events between both times, which count themselves; ministack keeps them in the order of time."""
    first, last = request.get("startTime"), request.get("endTime")
    begin = 0 if first is None else bisect.bisect_left(events, first, key=_moment)
    end = len(events) if last is None else bisect.bisect_right(events, last, key=_moment)
    return events[begin:end]


def _of(stream: str, events: list[Event]) -> Iterator[Event]:
    return ({**event, "logStreamName": stream} for event in events)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    word, number = token[: len(_TOKEN)], token[len(_TOKEN) :]
    if word != _TOKEN or not number.isdecimal():
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    return int(number)

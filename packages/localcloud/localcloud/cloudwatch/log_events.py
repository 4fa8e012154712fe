"""Log events: a batch is taken or refused as CloudWatch Logs does, and every event is found, page by page."""

from __future__ import annotations

import base64
import bisect
import heapq
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator
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
_SPAN = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
_MOST_BYTES, _EVENT_BYTES = 1_048_576, 26  # of a batch, and what each of its events counts beside its text
# An event by its time, its stream and its number among those of the same time in the stream.
Seen = tuple[int, str, int]
Place = tuple[int, str, int, Event]
_NOTHING: Seen = (0, "", -1)
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

    Raises InvalidParameterException for a batch that is too large, not in the order of time, or whose valid
    events are more than a day apart.
    """
    _check_size(events)
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
    if kept and kept[-1]["timestamp"] - kept[0]["timestamp"] > _DAY_MS:
        raise AwsError("InvalidParameterException", _SPAN)
    return kept, {name: index for name, index in rejected.items() if index is not None}


def _check_size(events: list[Event]) -> None:
    size = sum(len(str(event.get("message", "")).encode()) + _EVENT_BYTES for event in events)
    if len(events) > MOST:
        message = (
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST}"
        )
        raise AwsError("InvalidParameterException", message)
    if size > _MOST_BYTES:
        message = f"Upload too large: {size} bytes exceeds limit of {_MOST_BYTES}"
        raise AwsError("InvalidParameterException", message)


def put(service: Any, request: Request, original: Callable[[str, Request], Request]) -> Request:
    """PutLogEvents. What is rejected is said so in the answer, not kept."""
    group = service._log_groups.get(request.get("logGroupName"))
    days = group.get("retentionInDays") if group else None
    kept, rejected = accepted(request.get("logEvents") or [], days, int(time.time() * 1000))
    answer = original("PutLogEvents", {**request, "logEvents": kept})
    return {**answer, "rejectedLogEventsInfo": rejected} if rejected else answer


def find(service: Any, request: Request, matches: Callable[[str], bool]) -> Request:
    """FilterLogEvents, whose further pages ministack lacks.

    A token is the place of the last event of a page, so that events which arrive meanwhile move nothing.
    """
    check_limit(request)
    name = service._resolve_log_group_name(request)
    if name not in service._log_groups:
        raise AwsError("ResourceNotFoundException", f"The specified log group does not exist: {name}")
    seen, size = _read_token(request.get("nextToken")), request.get("limit") or MOST
    with service._log_events_lock:
        streams = _chosen(service._log_groups[name]["streams"], request)
        ranges = [_places(stream, events, request, seen) for stream, events in streams]
    ordered = heapq.merge(*ranges, key=itemgetter(0, 1, 2))
    found = list(itertools.islice(_matching(ordered, matches), size + 1))
    page, is_more = found[:size], len(found) > size
    events = [{**event, "logStreamName": stream} for _, stream, _, event in page]
    more = {"nextToken": _token(*page[-1][:3])} if is_more else {}
    return {"events": events, "searchedLogStreams": [], **more}


def _matching(places: Iterable[Place], matches: Callable[[str], bool]) -> Iterator[Place]:
    return (place for place in places if matches(place[3].get("message", "")))


def _chosen(streams: Any, request: Request) -> Iterator[tuple[str, list[Event]]]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        message = "LogStreamNamePrefix and LogStreamNames cannot be used at the same time"
        raise AwsError("InvalidParameterException", message)
    if any(name not in streams for name in names or ()):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    for name in names or [name for name in streams if name.startswith(prefix or "")]:
        yield name, streams[name]["events"]


def _places(stream: str, events: list[Event], request: Request, seen: Seen) -> Iterator[Place]:
    """What comes after `seen`, between both times, which count themselves; `events` are ordered by time."""
    first, last = request.get("startTime", 0), request.get("endTime")
    begin = bisect.bisect_left(events, max(first, seen[0]), key=_moment)
    end = len(events) if last is None else bisect.bisect_right(events, last, key=_moment)
    return _after(stream, events[begin:end], seen)


def _after(stream: str, events: list[Event], seen: Seen) -> Iterator[Place]:
    number, before = 0, None
    for event in events:
        moment = event["timestamp"]
        number = number + 1 if moment == before else 0
        before = moment
        if (moment, stream, number) > seen:
            yield moment, stream, number, event


def _token(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(token: str | None) -> Seen:
    if token is None:
        return _NOTHING
    try:
        moment, stream, number = json.loads(base64.urlsafe_b64decode(token))
        return int(moment), str(stream), int(number)
    except (ValueError, TypeError) as error:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.") from error

"""Which log events of a batch are kept, and that a search finds all of them, page by page."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.cloudwatch import log_events
from localcloud.plugin import AwsError

NOW = 1_800_000_000_000
HOUR, DAY = 3_600_000, 86_400_000


def events(*ages_ms: int) -> list[dict[str, Any]]:
    return [{"timestamp": NOW - age, "message": str(age)} for age in ages_ms]


@pytest.mark.parametrize(
    ("ages", "days", "kept", "told"),
    [
        ((3, 2, 1), None, (3, 2, 1), {}),
        ((), None, (), {}),
        ((15 * DAY, 13 * DAY, 0), None, (13 * DAY, 0), {"tooOldLogEventEndIndex": 1}),
        ((0, -HOUR, -3 * HOUR), None, (0, -HOUR), {"tooNewLogEventStartIndex": 2}),
        ((-3 * HOUR,), None, (), {"tooNewLogEventStartIndex": 0}),
        ((4 * DAY, 2 * DAY), 3, (2 * DAY,), {"expiredLogEventEndIndex": 1}),
        (
            (20 * DAY, 4 * DAY, 0, -3 * HOUR),
            3,
            (0,),
            {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3},
        ),
    ],
)
def test_what_is_too_old_or_too_new_is_rejected_and_told(
    ages: tuple[int, ...], days: int | None, kept: tuple[int, ...], told: dict[str, int]
) -> None:
    assert log_events.accepted(events(*ages), days, NOW) == (events(*kept), told)


def test_a_batch_is_in_the_order_of_time() -> None:
    with pytest.raises(AwsError, match="must be in chronological order"):
        log_events.accepted(events(1, 2), None, NOW)


def service() -> Any:
    """ministack's module with two streams of a group, 30 and 20 events, the second a moment later each."""
    streams = {
        name: {"events": [{"timestamp": 10 * n + late, "message": f"{name} {n}"} for n in range(count)]}
        for name, count, late in (("a-1", 30, 0), ("b-1", 20, 1))
    }
    return SimpleNamespace(
        _log_groups={"g": {"streams": streams}},
        _log_events_lock=threading.Lock(),
        _resolve_log_group_name=lambda request: request.get("logGroupName"),
    )


def search(**request: Any) -> dict[str, Any]:
    matches = request.pop("matches", lambda _: True)
    return log_events.find(service(), {"logGroupName": "g", **request}, matches)


def test_pages_hold_every_event_once_and_in_order() -> None:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    for _ in range(8):
        page = search(limit=7, **more)
        found += page["events"]
        if "nextToken" not in page:
            break
        more = {"nextToken": page["nextToken"]}
    assert len({event["message"] for event in found}) == len(found) == 50
    assert [event["timestamp"] for event in found] == sorted(event["timestamp"] for event in found)
    assert {event["logStreamName"] for event in found} == {"a-1", "b-1"}


def test_a_last_full_page_is_followed_by_none() -> None:
    assert "nextToken" not in search(limit=50)
    assert "nextToken" in search(limit=49)


@pytest.mark.parametrize(
    ("request_fields", "expected"),
    [
        ({"logStreamNamePrefix": "b"}, 20),
        ({"logStreamNames": ["a-1"]}, 30),
        ({"startTime": 280}, 2),
        ({"endTime": 1}, 2),
        ({"startTime": 190, "endTime": 191}, 2),
        ({"matches": lambda message: message.endswith(" 3")}, 2),
    ],
)
def test_streams_times_and_pattern_choose(request_fields: dict[str, Any], expected: int) -> None:
    assert len(search(**request_fields)["events"]) == expected


@pytest.mark.parametrize(
    ("request_fields", "words"),
    [
        ({"limit": 10_001}, "Value '10001' at 'limit'"),
        ({"nextToken": "nonsense"}, "The specified nextToken is invalid"),
        ({"logStreamNames": ["none"]}, "The specified log stream does not exist"),
        ({"logStreamNames": ["a-1"], "logStreamNamePrefix": "a"}, "cannot be used at the same time"),
        ({"logGroupName": "none"}, "The specified log group does not exist"),
    ],
)
def test_what_cannot_be_searched_is_refused(request_fields: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        search(**request_fields)

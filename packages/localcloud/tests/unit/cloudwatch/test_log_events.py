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
        ((15 * DAY, HOUR, 0), None, (HOUR, 0), {"tooOldLogEventEndIndex": 1}),
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


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (events(1, 2), "must be in chronological order"),
        (events(2 * DAY, 0), "cannot span more than 24 hours"),
        ([{"timestamp": NOW, "message": "x" * 1_048_560}], "Upload too large: 1048586 bytes"),
        (events(0) * 10_001, "less than or equal to 10000"),
    ],
)
def test_a_batch_is_small_and_in_the_order_of_one_day(batch: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        log_events.accepted(batch, None, NOW)


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


def test_events_that_arrive_between_two_pages_bring_none_twice() -> None:
    cloud = service()
    first = log_events.find(cloud, {"logGroupName": "g", "limit": 10}, lambda _: True)
    earlier = [{"timestamp": n, "message": f"late {n}"} for n in range(5)]
    cloud._log_groups["g"]["streams"]["0-late"] = {"events": earlier}
    rest = log_events.find(cloud, {"logGroupName": "g", "nextToken": first["nextToken"]}, lambda _: True)
    told = [event["message"] for event in (*first["events"], *rest["events"])]
    assert len(told) == len(set(told)) == 50


def test_events_of_one_moment_are_on_either_page_once() -> None:
    cloud = service()
    same = [{"timestamp": 100, "message": f"same {n}"} for n in range(9)]
    cloud._log_groups["g"]["streams"] = {name: {"events": list(same)} for name in ("a", "b")}
    told: list[tuple[str, str]] = []
    token: dict[str, Any] = {}
    while True:
        page = log_events.find(cloud, {"logGroupName": "g", "limit": 4, **token}, lambda _: True)
        told += [(event["logStreamName"], event["message"]) for event in page["events"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len(told) == len(set(told)) == 18


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

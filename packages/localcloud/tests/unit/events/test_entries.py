"""PutEvents answers for each entry by itself: the good ones are sent, the others say why not."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.events import entries as event_entries

GOOD = {"Source": "s", "DetailType": "t", "Detail": {"a": 1}}
NO_DETAIL, NO_SOURCE = (
    "Detail is malformed.",
    "Parameter Source is not valid. Reason: Source is a required argument.",
)


def _put(*entries: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    sent: list[Any] = []

    def send(good: list[Any]) -> dict[str, Any]:
        sent.extend(good)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(number)} for number in range(len(good))]}

    return event_entries.put(list(entries), send), sent


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"Detail": "plain"}, "MalformedDetail", NO_DETAIL),
        ({"Detail": "[1]"}, "MalformedDetail", NO_DETAIL),
        ({"Detail": "1"}, "MalformedDetail", NO_DETAIL),
        ({"Detail": "{"}, "MalformedDetail", NO_DETAIL),
        ({"Detail": '"{}"'}, "MalformedDetail", NO_DETAIL),
        ({"Detail": [1]}, "MalformedDetail", NO_DETAIL),
        ({"Source": ""}, "InvalidArgument", NO_SOURCE),
        ({"Source": None}, "InvalidArgument", NO_SOURCE),
        ({"DetailType": ""}, "InvalidArgument", NO_SOURCE.replace("Source", "DetailType")),
        ({"Detail": ""}, "InvalidArgument", NO_SOURCE.replace("Source", "Detail")),
    ],
)
def test_a_bad_entry_is_not_sent_and_the_others_are(change: dict[str, Any], code: str, message: str) -> None:
    answer, sent = _put(GOOD, {**GOOD, **change}, GOOD)
    assert sent == [GOOD, GOOD]
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"] == [
        {"EventId": "0"},
        {"ErrorCode": code, "ErrorMessage": message},
        {"EventId": "1"},
    ]


def test_good_entries_and_none_are_sent_as_they_are() -> None:
    answer, sent = _put(GOOD, {**GOOD, "Detail": '{"a": 1}'})
    assert (answer["FailedEntryCount"], len(sent)) == (0, 2)
    assert _put({**GOOD, "Source": ""})[1] == []

"""Timestamps are those of RFC 3339, with fractions of a second and offsets, where states read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states.execution import Run
from localcloud.step_functions.states.timestamps import Instant, read
from rigs.executions import new_record

NOON = 1_470_484_800  # 2016-08-06T12:00:00Z, by `date -u -d 2016-08-06T12:00:00Z +%s`


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-08-06T12:00:00Z", (NOON, 0)),
        ("2016-08-06T14:00:00+02:00", (NOON, 0)),
        ("2016-08-06T06:30:00-05:30", (NOON, 0)),
        ("2016-08-06T12:00:00.25Z", (NOON, 250_000_000)),
        ("2016-08-06T12:00:00.000000001Z", (NOON, 1)),
        ("1969-12-31T23:59:59.5Z", (-1, 500_000_000)),
        ("2016-02-29T00:00:00Z", (1_456_704_000, 0)),
    ],
)
def test_a_timestamp_is_a_point_in_time(text: str, expected: tuple[int, int]) -> None:
    assert read(text) == Instant(*expected)


@pytest.mark.parametrize(
    "text",
    [
        *("2016-08-06", "2016-08-06T12:00:00", "2016-08-06 12:00:00Z", "2016-08-06t12:00:00Z"),
        *("2016-08-06T12:00:00z", "2016-08-06T12:00Z", "2015-02-29T00:00:00Z", "2016-08-06T25:00:00Z"),
        *("2016-08-06T12:00:00.Z", "2016-08-06T12:00:00+0200", "2016-08-06T12:00:00Z ", "", "now"),
        *("٢٠١٦-08-06T12:00:00Z", 1_470_484_800, None, True, ["2016-08-06T12:00:00Z"]),
    ],
)
def test_anything_else_is_none(text: Any) -> None:
    assert read(text) is None


def chosen(rule: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether a Choice follows its one rule."""
    choice = {"Type": "Choice", "Choices": [{**rule, "Variable": "$.a", "Next": "Yes"}], "Default": "No"}
    states = {"A": choice, "Yes": {"Type": "Pass", "Result": True, "End": True}}
    states["No"] = {"Type": "Pass", "Result": False, "End": True}
    record = new_record(given)
    definition = json.dumps({"StartAt": "A", "States": states})
    Run(record, {"name": "m", "roleArn": "r", "definition": definition}).run()
    assert record["status"] == "SUCCEEDED", record
    return bool(json.loads(record["output"]))


MILLISECOND, LATER = "2016-08-06T12:00:00.001Z", "2016-08-06T13:00:00+01:00"


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"IsTimestamp": True}, MILLISECOND, True),
        ({"IsTimestamp": True}, LATER, True),
        ({"IsTimestamp": True}, "2016-08-06", False),
        ({"IsTimestamp": False}, 1, True),
        ({"TimestampEquals": "2016-08-06T12:00:00Z"}, LATER, True),
        ({"TimestampEquals": "2016-08-06T12:00:00Z"}, MILLISECOND, False),
        ({"TimestampGreaterThan": "2016-08-06T12:00:00Z"}, MILLISECOND, True),
        ({"TimestampGreaterThan": "2016-08-06T12:00:00Z"}, LATER, False),
        ({"TimestampGreaterThanEquals": "2016-08-06T12:00:00.000Z"}, LATER, True),
        ({"TimestampLessThan": "2016-08-06T12:00:00.01Z"}, MILLISECOND, True),
        ({"TimestampLessThan": "2016-08-06T12:00:00.01Z"}, "yesterday", False),
        ({"TimestampLessThanEquals": "2016-08-06T14:00:00+02:00"}, LATER, True),
        ({"TimestampLessThanPath": "$.b"}, MILLISECOND, True),
        ({"TimestampGreaterThanPath": "$.text"}, MILLISECOND, False),
    ],
)
def test_a_choice_compares_points_in_time(rule: dict[str, Any], value: Any, expected: bool) -> None:
    given = {"a": value, "b": "2016-08-06T12:00:00.0011Z", "text": "tomorrow"}
    assert chosen(rule, given) is expected


def test_the_time_at_which_a_state_was_entered_can_be_compared() -> None:
    """It has milliseconds."""
    states = {
        "A": {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "Next": "B"},
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.at", "TimestampGreaterThan": "2020-01-01T00:00:00Z", "Next": "C"}],
        },
        "C": {"Type": "Succeed"},
    }
    record = new_record({})
    definition = json.dumps({"StartAt": "A", "States": states})
    Run(record, {"name": "m", "roleArn": "r", "definition": definition}).run()
    assert record["status"] == "SUCCEEDED", record


@pytest.mark.parametrize("moment", ["2016-08-06T12:00:00.5Z", "2016-08-06T12:00:00+02:00"])
def test_a_wait_ends_at_a_point_in_time(moment: str) -> None:
    record = new_record({"until": moment})
    for wait in ({"TimestampPath": "$.until"}, {"Timestamp": moment}):
        states = {"A": {"Type": "Wait", "End": True, **wait}}
        definition = json.dumps({"StartAt": "A", "States": states})
        Run(record, {"name": "m", "roleArn": "r", "definition": definition}).run()
        assert record["status"] == "SUCCEEDED", record

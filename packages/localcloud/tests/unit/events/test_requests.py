"""What is wrong with the targets of a rule."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.events.requests import schedule_problem, target_problem, targets_problem


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Input": "{}"},
        {"InputPath": "$.detail"},
        {"InputTransformer": {"InputPathsMap": {"a": "$.a"}, "InputTemplate": '"<a> <aws.events.rule-arn>"'}},
    ],
)
def test_a_good_target_is_taken(more: dict[str, Any]) -> None:
    assert target_problem({"Id": "a-b_c.1", "Arn": "arn", **more}, 1) is None


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"Id": "no blanks"}, "Value 'no blanks' at 'targets.3.member.id'"),
        ({"Id": "x" * 65}, "length less than or equal to 64"),
        ({"Id": ""}, "regular expression pattern"),
        ({"Id": "a", "Input": "{}", "InputPath": "$.detail"}, "Only one of Input, InputPath"),
        (
            {"Id": "a", "InputTransformer": {"InputPathsMap": {"a": "$.a"}, "InputTemplate": '"<a> <b>"'}},
            "contains invalid placeholder b",
        ),
        ({"Id": "a", "InputTransformer": {"InputTemplate": '"<b>"'}}, "contains invalid placeholder b"),
        ({"Id": "a", "InputTransformer": {"InputTemplate": "<aws.no>"}}, "invalid placeholder aws.no"),
    ],
)
def test_a_target_that_aws_does_not_take_is_refused(target: dict[str, Any], words: str) -> None:
    assert words in str(target_problem(target, 3))


def test_the_first_bad_target_is_named() -> None:
    assert targets_problem([{"Id": "a"}, {"Id": "b b"}, {"Id": "c c"}]) == target_problem({"Id": "b b"}, 2)
    assert targets_problem([]) is None


BUS = "arn:aws:events:us-east-2:000000000000:event-bus"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"ScheduleExpression": "rate(1 day)"}, None),
        ({"ScheduleExpression": "rate(1 day)", "EventBusName": "default"}, None),
        ({"ScheduleExpression": "rate(1 day)", "EventBusName": f"{BUS}/default"}, None),
        (
            {"ScheduleExpression": "rate(1 day)", "EventBusName": f"{BUS}/mine"},
            "only on the default event bus",
        ),
        ({"ScheduleExpression": "rate(1 day)", "EventBusName": "mine"}, "only on the default event bus"),
        ({"ScheduleExpression": "rate(1 days)"}, "ScheduleExpression is not valid"),
        ({"EventPattern": "{}", "EventBusName": "mine"}, None),
        ({}, "EventPattern or ScheduleExpression must be specified"),
    ],
)
def test_a_rule_has_a_schedule_that_there_is_or_a_pattern(rule: dict[str, str], words: str | None) -> None:
    found = schedule_problem(rule, lambda _: None)
    assert found is None if words is None else words in str(found)

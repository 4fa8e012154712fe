"""What is wrong with the targets of a rule."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.events.requests import target_problem


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
    ],
)
def test_a_target_that_aws_does_not_take_is_refused(target: dict[str, Any], words: str) -> None:
    assert words in str(target_problem(target, 3))

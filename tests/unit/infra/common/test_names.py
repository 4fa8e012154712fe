"""Names that are derived from the stack's name, and the environments that may have a stack."""

from __future__ import annotations

import re

import pytest

from infra.common import names


def test_a_function_is_named_after_its_folder() -> None:
    assert names.function_name("start_crawler") == "${AWS::StackName}-start-crawler"
    assert names.function_log_group("start_crawler") == "/aws/lambda/${AWS::StackName}-start-crawler"


def test_an_alarm_is_named_after_its_metric() -> None:
    assert names.alarm_name("TimedOut") == "${AWS::StackName}-executions-timedout"


def test_a_log_group_has_an_arn_for_itself_and_one_for_its_streams() -> None:
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/own/group"
    found = [one.to_dict() for one in names.log_group_arns("/own/group")]
    assert found == [{"Fn::Sub": arn}, {"Fn::Sub": f"{arn}:*"}]


@pytest.mark.parametrize(
    ("environment", "allowed"),
    [("dev", True), ("a-1", True), ("prod", True), ("pr", False), ("pr-7", False), ("artifacts-2", False)],
)
def test_no_environment_has_a_name_that_covers_other_stacks(environment: str, allowed: bool) -> None:
    assert bool(re.search(names.ENVIRONMENT_PATTERN, environment)) == allowed

"""What the verbs learn of a stack, and what is wrong when there is none."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import EnvironmentFileError, StackNotFoundError
from covidlake.ship.stack import stack
from tests.unit.covidlake.ship.stack_stub import NAME, stack_is


def test_an_unknown_environment_is_reported_before_an_absent_stack(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    for _ in range(2):
        stub.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    with pytest.raises(EnvironmentFileError, match=r"nowhere\.yaml: no such environment"):
        stack.find("nowhere")
    with pytest.raises(StackNotFoundError, match="covidlake deploy dev"):
        stack.find("dev")


def test_a_stack_is_found_with_its_status_and_outputs(stub: Stubber) -> None:
    outputs: list[Any] = [{"OutputKey": "LakeBucketName", "OutputValue": "lake"}]
    stack_is(stub, "UPDATE_COMPLETE", Outputs=outputs)
    assert stack.find("dev") == stack.Stack(NAME, "UPDATE_COMPLETE", {"LakeBucketName": "lake"})


def test_a_stack_that_was_only_reviewed_is_not_deployed(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    stack_is(stub, "REVIEW_IN_PROGRESS")
    with pytest.raises(StackNotFoundError, match="in region us-east-2"):
        stack.find("dev")


def test_any_other_refusal_is_no_absent_stack(stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "AccessDenied", "you may not")
    with pytest.raises(ClientError, match="you may not"):
        stack.describe(NAME)


def test_an_absent_stack_has_nothing() -> None:
    assert (stack.parameters_of(None), stack.tags_of(None), stack.outputs_of(None)) == ({}, {}, {})

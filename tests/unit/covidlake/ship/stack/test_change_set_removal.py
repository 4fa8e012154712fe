"""A change set goes with the empty stack that it made, and takes nothing of anybody else along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake.aws import retries
from covidlake.base.errors import DeployError
from covidlake.ship.stack import change_set, change_set_removal
from tests.unit.covidlake.ship.stack.test_change_set_request import (
    NAME,
    change_set_is,
    discarded,
    request,
    stack_is,
)

FIRST = change_set.ChangeSet(NAME, "plan-1", "CREATE")


def test_what_discarding_refuses_does_not_hide_the_first_reason(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("create_change_set", {})
    change_set_is(stub, "FAILED", StatusReason="bad Ref")
    stub.add_client_error("delete_change_set", "AccessDenied", "not yours")
    said: list[str] = []
    with pytest.raises(DeployError, match="bad Ref"):
        request({}, {}, progress=said.append)
    (line,) = said
    assert line.startswith("change set deploy-")
    assert "stays (" in line
    assert f"not yours): delete it with: aws cloudformation delete-change-set --stack-name {NAME} " in line


def test_a_change_set_that_is_still_being_made_is_deleted_when_it_is(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "delay", lambda _: 0.0)
    for _ in range(2):
        words = "Cannot delete ChangeSet in status CREATE_IN_PROGRESS"
        stub.add_client_error("delete_change_set", "InvalidChangeSetStatus", words)
    stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": "plan-1"})
    assert change_set_removal.discard(replace(FIRST, kind="UPDATE")) is None


@pytest.mark.parametrize(
    ("others", "resources", "expected"),
    [(["plan-2"], 0, "it has the change set plan-2"), ([], 1, "it holds resources")],
)
def test_a_ghost_that_is_somebodys_stays(
    stub: Stubber, others: list[str], resources: int, expected: str
) -> None:
    discarded(stub, *others, resources=resources)
    assert change_set_removal.discard(FIRST) == f"stack {NAME} stays in REVIEW_IN_PROGRESS: {expected}"


def test_a_stack_that_was_deployed_meanwhile_stays(stub: Stubber) -> None:
    stub.add_response("delete_change_set", {})
    stack_is(stub, "CREATE_IN_PROGRESS")
    assert change_set_removal.discard(FIRST) is None


def test_who_may_not_delete_stacks_reads_that_the_ghost_stays(stub: Stubber) -> None:
    discarded(stub)
    stub.add_client_error("delete_stack", "AccessDenied", "no")
    left = change_set_removal.discard(FIRST)
    assert left is not None
    assert "stays, empty, in REVIEW_IN_PROGRESS" in left


@pytest.mark.parametrize("call", ["list_change_sets", "describe_stack_resources", "delete_stack"])
def test_a_ghost_that_another_deploy_deletes_meanwhile_is_gone(stub: Stubber, call: str) -> None:
    stub.add_response("delete_change_set", {})
    stack_is(stub, "REVIEW_IN_PROGRESS")
    answers: dict[str, Any] = {
        "list_change_sets": {"Summaries": []},
        "describe_stack_resources": {"StackResources": []},
        "delete_stack": {},
    }
    for one, answer in answers.items():
        if one == call:
            stub.add_client_error(one, "ValidationError", f"Stack [{NAME}] does not exist")
            break
        stub.add_response(one, answer)
    assert change_set_removal.discard(FIRST) is None

"""A deploy starts right from each state that a stack can be in, or says in one line why it cannot."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake.base.errors import DeployError
from covidlake.ship.deploy import bucket_contents, recovery
from covidlake.ship.deploy.recovery import Recovery
from tests.unit.covidlake.ship.stack_stub import (
    ARN,
    NAME,
    event,
    events_are,
    resource,
    resources_are,
    stack_is,
)

ROLE = "arn:aws:iam::000000000000:role/covid-lake-dev-cloudformation"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each resource holds, by logical id; and nothing is really deleted."""
    found: dict[str, str] = {}
    monkeypatch.setattr(bucket_contents, "held_by", lambda one: found.get(one["LogicalResourceId"]))
    monkeypatch.setattr(
        bucket_contents, "delete_empty", lambda one, report: report(f"gone {one['LogicalResourceId']}")
    )
    return found


def recover(lines: list[str] | None = None, **options: Any) -> Any:
    return Recovery(NAME, (lines if lines is not None else []).append, **options).recover()


def followed_to(stub: Stubber, status: str | None, operation: str, expected: dict[str, Any]) -> None:
    """What the cloud answers when something is started on a stack and followed to its end."""
    events_are(stub, event(1, "CREATE_COMPLETE", "Job"), name=ARN)
    stub.add_response(operation, {}, expected)
    stack_is(stub, status, name=ARN)
    if status is not None:
        events_are(stub, event(1, "CREATE_COMPLETE", "Job"), name=ARN)


@pytest.mark.parametrize("status", [None, "DELETE_COMPLETE"])
def test_an_absent_stack_is_created(stub: Stubber, status: str | None) -> None:
    stack_is(stub, status)
    assert recover() is None


@pytest.mark.parametrize(
    "status",
    [
        "REVIEW_IN_PROGRESS",
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    ],
)
def test_nothing_is_done_to_a_stack_that_a_change_set_can_start_from(stub: Stubber, status: str) -> None:
    stack_is(stub, status)
    assert recover()["StackStatus"] == status


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_failed_creation_that_holds_nothing_is_deleted(
    stub: Stubber, held: dict[str, str], status: str
) -> None:
    stack_is(stub, status)
    resources_are(stub, resource("LakeBucket", "DELETE_SKIPPED"), resource("Topic", "DELETE_COMPLETE"))
    followed_to(stub, "DELETE_COMPLETE", "delete_stack", {"StackName": NAME, "RoleARN": ROLE})
    stack_is(stub, None)
    lines: list[str] = []
    assert recover(lines, role_arn=lambda: ROLE) is None
    assert lines == [
        f"stack {NAME} is {status}: its creation failed; it is deleted and created anew",
        "gone LakeBucket",
    ]


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_failed_creation_that_holds_data_is_refused(
    stub: Stubber, held: dict[str, str], status: str
) -> None:
    held["LakeBucket"] = "holds objects"
    stack_is(stub, status)
    resources_are(stub, resource("LakeBucket", "CREATE_COMPLETE", physical_id="lake-1"))
    with pytest.raises(DeployError, match=rf"is {status} and LakeBucket \(lake-1\) holds objects: save"):
        recover()


def test_a_resource_that_is_gone_holds_nothing(stub: Stubber, held: dict[str, str]) -> None:
    held["LakeBucket"] = "holds objects"
    stack_is(stub, "ROLLBACK_COMPLETE")
    resources_are(stub, resource("LakeBucket", "DELETE_COMPLETE"))
    followed_to(stub, None, "delete_stack", {"StackName": NAME})
    stack_is(stub, None)
    assert recover() is None


def test_a_failed_creation_that_cannot_be_deleted_names_what_holds_it(
    stub: Stubber, held: dict[str, str]
) -> None:
    stack_is(stub, "ROLLBACK_FAILED")
    resources_are(stub)
    followed_to(stub, "DELETE_FAILED", "delete_stack", {"StackName": NAME})
    resources_are(stub, resource("Role", "DELETE_FAILED", "AWS::IAM::Role", "r-1", "has\n policies"))
    with pytest.raises(DeployError, match=r"is DELETE_FAILED: Role \(r-1\) has policies: empty or free it"):
        recover()


def test_a_failed_update_is_rolled_back(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_FAILED")
    followed_to(stub, "UPDATE_ROLLBACK_COMPLETE", "rollback_stack", {"StackName": NAME})
    stack_is(stub, "UPDATE_ROLLBACK_COMPLETE")
    assert recover()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_a_failed_update_that_cannot_be_rolled_back_says_what_to_do(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_FAILED")
    events_are(stub, name=ARN)
    stub.add_client_error("rollback_stack", "ValidationError", "not for a stack in Express mode")
    with pytest.raises(DeployError, match="is not rolled back: not for a stack in Express mode: delete"):
        recover()


def test_a_stuck_rollback_is_continued_first_without_skipping(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_ROLLBACK_FAILED")
    resources_are(stub, resource("Job", "UPDATE_FAILED"), resource("Topic", "UPDATE_COMPLETE"))
    expected = {"StackName": NAME, "RoleARN": ROLE}
    followed_to(stub, "UPDATE_ROLLBACK_COMPLETE", "continue_update_rollback", expected)
    stack_is(stub, "UPDATE_ROLLBACK_COMPLETE")
    lines: list[str] = []
    recover(lines, role_arn=lambda: ROLE)
    assert lines == [f"stack {NAME} is UPDATE_ROLLBACK_FAILED: the rollback of Job is continued"]


def test_a_rollback_that_stays_stuck_says_what_may_be_skipped(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_ROLLBACK_FAILED")
    resources_are(stub, resource("Job", "UPDATE_FAILED", physical_id="job-1", reason="no such role"))
    followed_to(stub, "UPDATE_ROLLBACK_FAILED", "continue_update_rollback", {"StackName": NAME})
    with pytest.raises(DeployError, match=r"Job \(job-1\) no such role: .*with: --skip Job$"):
        recover()


def test_what_is_skipped_is_named(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_ROLLBACK_FAILED")
    resources_are(stub, resource("Job", "UPDATE_FAILED"), resource("Role", "UPDATE_FAILED"))
    expected = {"StackName": NAME, "ResourcesToSkip": ["Job", "Role"]}
    followed_to(stub, "UPDATE_ROLLBACK_COMPLETE", "continue_update_rollback", expected)
    stack_is(stub, "UPDATE_ROLLBACK_COMPLETE")
    lines: list[str] = []
    recover(lines, skip=["Role", "Job"])
    assert lines[-1] == "skipped, and left as they are: Job, Role"


def test_what_cannot_be_skipped_is_one_line(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_ROLLBACK_FAILED")
    resources_are(stub, resource("Job", "UPDATE_FAILED"))
    events_are(stub, name=ARN)
    stub.add_client_error("continue_update_rollback", "ValidationError", "Topic cannot\nbe skipped")
    with pytest.raises(DeployError, match=f"stack {NAME} is UPDATE_ROLLBACK_FAILED: Topic cannot be skipped"):
        recover(skip=["Topic"])


IN_PROGRESS = [
    "CREATE_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
]


@pytest.mark.parametrize("status", IN_PROGRESS)
def test_another_operation_is_refused_without_the_flag(stub: Stubber, status: str) -> None:
    stack_is(stub, status)
    with pytest.raises(DeployError, match=f"is {status}: something else runs; wait for it with --wait"):
        recover()


@pytest.mark.parametrize("status", IN_PROGRESS)
def test_another_operation_is_waited_for_with_it(stub: Stubber, status: str) -> None:
    stack_is(stub, status)
    events_are(stub, event(1, "CREATE_COMPLETE", "Job"), name=ARN)
    stack_is(stub, status, name=ARN)
    events_are(stub, event(2, "UPDATE_COMPLETE", "Topic"), event(1, "CREATE_COMPLETE", "Job"), name=ARN)
    stack_is(stub, "UPDATE_COMPLETE", name=ARN)
    events_are(stub, event(2, "UPDATE_COMPLETE", "Topic"), name=ARN)
    stack_is(stub, "UPDATE_COMPLETE")
    lines: list[str] = []
    assert recover(lines, wait=True)["StackStatus"] == "UPDATE_COMPLETE"
    assert len(lines) == 2


def test_after_the_wait_the_state_is_looked_at_again(stub: Stubber, held: dict[str, str]) -> None:
    stack_is(stub, "CREATE_IN_PROGRESS")
    events_are(stub, name=ARN)
    stack_is(stub, "ROLLBACK_COMPLETE", name=ARN)
    events_are(stub, name=ARN)
    stack_is(stub, "ROLLBACK_COMPLETE")
    resources_are(stub)
    followed_to(stub, None, "delete_stack", {"StackName": NAME})
    stack_is(stub, None)
    assert recover(wait=True) is None


def test_a_failed_deletion_names_what_holds_it(stub: Stubber) -> None:
    stack_is(stub, "DELETE_FAILED")
    stuck = resource("LakeBucket", "DELETE_FAILED", physical_id="lake-1", reason="is not empty")
    resources_are(stub, stuck, resource("Topic", "DELETE_COMPLETE"))
    with pytest.raises(DeployError, match=r"is DELETE_FAILED: LakeBucket \(lake-1\) is not empty: empty or"):
        recover()


def test_a_stack_that_never_rests_is_given_up(stub: Stubber) -> None:
    for _ in range(recovery.MOST_STEPS):
        stack_is(stub, "UPDATE_FAILED")
        followed_to(stub, "UPDATE_FAILED", "rollback_stack", {"StackName": NAME})
    with pytest.raises(DeployError, match="does not come to rest"):
        recover()


def test_each_failed_state_of_cloudformation_has_a_step() -> None:
    model = boto3.client("cloudformation", region_name="us-east-2").meta.service_model
    for status in model.shape_for("StackStatus").enum:
        handled = recovery._step(status) is not None
        at_rest = status == "REVIEW_IN_PROGRESS" or status in {
            *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE"),
            *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED"),
        }
        assert handled != at_rest, status

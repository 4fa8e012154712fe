"""Validations before a deployment: all of them are read, those that refuse end in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake.base.errors import DeployError
from covidlake.ship.stack import change_set, change_set_request, stack, validations
from covidlake.ship.stack.validations import Validation

ID = "arn:aws:cloudformation:us-east-2:000000000000:changeSet/plan-1/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(logical_id: str, status: str = "FAILED", mode: str = "FAIL", **more: Any) -> dict[str, Any]:
    return {
        "EventId": "1",
        "Timestamp": NOW,
        "EventType": "VALIDATION_ERROR",
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::S3::Bucket",
        "ValidationName": "NAME_CONFLICT_VALIDATION",
        "ValidationPath": f"/Resources/{logical_id}",
        "ValidationStatus": status,
        "ValidationFailureMode": mode,
        "ValidationStatusReason": "it exists\n already",
        **more,
    }


def events_are(stub: Stubber, *events: dict[str, Any], before: str = "", after: str = "") -> None:
    answer = {"OperationEvents": list(events), **({"NextToken": before} if before else {})}
    asked = {"ChangeSetName": ID, **({"NextToken": after} if after else {})}
    stub.add_response("describe_events", answer, asked)


def test_every_page_is_read_and_only_validations_count(stub: Stubber) -> None:
    progress = {"EventId": "2", "Timestamp": NOW, "EventType": "STACK_EVENT"}
    events_are(stub, event("Warned", mode="WARN"), progress, before="more")
    events_are(stub, event("Skipped", "SKIPPED"), event("Failed"), event("Failed"), after="more")
    found = validations.read(ID)
    assert [(one.logical_id, one.outcome) for one in found.found] == [
        ("Failed", "failed"),
        ("Skipped", "skipped"),
        ("Warned", "warning"),
    ]
    assert found.unknown == ""
    assert str(found.found[0]) == (
        "Failed (AWS::S3::Bucket): NAME_CONFLICT_VALIDATION at /Resources/Failed: it exists already"
    )


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAction", "ChangeSetNotFound"])
def test_who_may_not_read_them_gets_no_false_all_clear(stub: Stubber, code: str) -> None:
    stub.add_client_error("describe_events", code, "no")
    assert validations.read(ID) == validations.Validations(unknown=f"DescribeEvents: {code}")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ([event("A", mode="WARN"), event("B", "SKIPPED")], None),
        ([event("A"), event("B"), event("C", mode="WARN")], r"^A .* \(and 1 more\)$"),
    ],
)
def test_warnings_and_skipped_ones_refuse_nothing(
    given: list[dict[str, Any]], refusal: str | None, stub: Stubber
) -> None:
    events_are(stub, *given)
    found = validations.read(ID).refusal()
    if refusal is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(refusal, found)


def made(stub: Stubber, status: str, *events: dict[str, Any], reason: str = "") -> None:
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    stub.add_response("create_change_set", {"Id": ID, "StackId": "arn:stack"})
    stub.add_response("describe_change_set", {"Status": status, "StatusReason": reason, "Changes": []})
    events_are(stub, *events)


def create() -> change_set.ChangeSet | None:
    return change_set_request.create("covid-lake-dev", "{}", {}, {}, found=stack.describe("covid-lake-dev"))


def test_a_refused_change_set_says_the_validation_and_not_where_to_look_for_it(stub: Stubber) -> None:
    reason = "The following hook(s)/validation failed: [X]. Use the DescribeEvents API."
    made(stub, "FAILED", event("Bucket"), reason=reason)
    stub.add_response("delete_change_set", {})
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    with pytest.raises(DeployError, match=r"validation failed: Bucket \(AWS::S3::Bucket\): NAME_CONFLICT"):
        create()


def test_a_refusal_that_cannot_be_looked_up_says_so(stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    stub.add_response("create_change_set", {"Id": ID, "StackId": "arn:stack"})
    reason = "validation failed: [X]. Use the DescribeEvents API."
    stub.add_response("describe_change_set", {"Status": "FAILED", "StatusReason": reason})
    stub.add_client_error("describe_events", "AccessDenied", "no")
    stub.add_response("delete_change_set", {})
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    with pytest.raises(DeployError, match=r"failed: \[X\]\..*\(DescribeEvents: AccessDenied\)$"):
        create()


def test_warnings_come_along_with_the_change_set(stub: Stubber) -> None:
    made(stub, "CREATE_COMPLETE", event("Bucket", mode="WARN"))
    created = create()
    assert created is not None
    assert [one.outcome for one in created.validations.found] == ["warning"]
    assert (created.id, created.stack_id) == (ID, "arn:stack")


def test_a_validation_without_a_mode_is_taken_for_one_that_refuses() -> None:
    assert Validation.of({"EventId": "1", "StackId": "s", "Timestamp": NOW}).refuses  # type: ignore[typeddict-item]

"""Only throw-away stacks are destroyed, with what they keep; what happens on the way is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import DeployError
from covidlake.ship.deploy import bucket_contents, destroy, history, reader_queue, running_executions
from covidlake.ship.stack.stack_events import Follower
from tests.unit.covidlake.ship.stack_stub import (
    ARN,
    NAME,
    event,
    events_are,
    resource,
    resources_are,
    stack_is,
)

THROW_AWAY = [{"Key": "covidlake:throw-away", "Value": "true"}]


def test_a_stack_that_was_only_reviewed_has_no_tags_and_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    ghost: Any = {"StackName": "covid-lake-pr-7", "StackStatus": "REVIEW_IN_PROGRESS"}
    destroy._refuse_kept("pr-7", ghost)
    with pytest.raises(DeployError, match="has no tag covidlake:throw-away"):
        destroy._refuse_kept("pr-7", {**ghost, "StackStatus": "CREATE_COMPLETE"})


@pytest.fixture
def buckets(stub: Stubber, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, int]:
    """The buckets that are there, with how many objects each holds; no environment has a file."""
    held: dict[str, int] = {}

    class S3:
        def delete_bucket(self, Bucket: str) -> None:  # noqa: N803 - boto3's own name
            del held[Bucket]

    def empty(bucket: str) -> int:
        found, held[bucket] = held[bucket], 0
        return found

    client = aws.client("cloudformation")
    monkeypatch.setattr(aws, "client", {"cloudformation": client, "s3": S3()}.__getitem__)
    monkeypatch.setattr("covidlake.aws.buckets.exists", lambda bucket: bucket in held)
    monkeypatch.setattr(bucket_contents, "empty_bucket", empty)
    monkeypatch.setattr(running_executions, "stop_executions", lambda *_: None)
    monkeypatch.setattr(reader_queue, "delete", lambda *_: None)
    monkeypatch.setattr(project, "ENVIRONMENTS", tmp_path)
    return held


def deletion_is(stub: Stubber, status: str | None) -> None:
    """The answers to one deletion that is followed to its end."""
    events_are(stub, name=ARN)
    stub.add_response("delete_stack", {}, {"StackName": ARN})
    stack_is(stub, status, name=ARN)
    if status is not None:
        events_are(stub, event(9, "DELETE_FAILED", "LakeBucket", "not empty"), name=ARN)


def test_an_absent_stack_is_a_success(stub: Stubber, buckets: dict[str, int]) -> None:
    stack_is(stub, None)
    assert destroy.destroy("dev", print) == destroy.Destroyed(NAME)


def test_a_stack_goes_with_its_buckets_and_their_objects(
    stub: Stubber, buckets: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    buckets["lake"] = 3
    stack_is(stub, "UPDATE_COMPLETE", Tags=THROW_AWAY)
    resources_are(stub, resource("LakeBucket", "CREATE_COMPLETE", physical_id="lake"))
    deletion_is(stub, None)
    kept: list[history.Record] = []
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "caller", lambda: "me")
    monkeypatch.setattr(history, "write", lambda record, _: kept.append(record))
    assert destroy.destroy("dev", print) == destroy.Destroyed(NAME, "DELETE_COMPLETE", ["lake"], 3)
    assert buckets == {}
    assert [(one.environment, one.outcome, one.by) for one in kept] == [("dev", "DESTROYED", "me")]


def test_a_deletion_that_fails_on_a_bucket_is_tried_once_more(stub: Stubber, buckets: dict[str, int]) -> None:
    buckets["lake"] = 1
    stack_is(stub, "UPDATE_COMPLETE", Tags=THROW_AWAY)
    resources_are(stub, resource("LakeBucket", "CREATE_COMPLETE", physical_id="lake"))
    deletion_is(stub, "DELETE_FAILED")
    deletion_is(stub, "DELETE_FAILED")
    with pytest.raises(DeployError, match=f"stack {NAME} ended DELETE_FAILED: LakeBucket: not empty"):
        destroy.destroy("dev", print)
    assert buckets == {"lake": 0}


def test_an_interrupt_says_which_buckets_stay(
    stub: Stubber, buckets: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    buckets["lake"] = 1
    monkeypatch.setattr(Follower, "from_now", interrupt)
    stack_is(stub, "UPDATE_COMPLETE", Tags=THROW_AWAY)
    resources_are(stub, resource("LakeBucket", "CREATE_COMPLETE", physical_id="lake"))
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        destroy.destroy("dev", lines.append)
    assert lines == ["these buckets stay, empty and delete them by hand: lake"]


def test_a_parameter_file_without_the_tag_keeps_the_stack(
    buckets: dict[str, int], stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.ENVIRONMENTS / "dev.yaml").write_text("parameters: {}\ntags: {}\n")
    stack_is(stub, "UPDATE_COMPLETE", Tags=THROW_AWAY)
    with pytest.raises(DeployError, match=r"dev\.yaml has no tag covidlake:throw-away"):
        destroy.destroy("dev", print)


def test_a_protected_stack_stays(buckets: dict[str, int], stub: Stubber) -> None:
    stack_is(stub, "UPDATE_COMPLETE", Tags=THROW_AWAY, EnableTerminationProtection=True)
    with pytest.raises(DeployError, match="termination protection: it is not to be destroyed"):
        destroy.destroy("dev", print)


def test_what_an_earlier_deletion_kept_belongs_to_the_stack_still(stub: Stubber) -> None:
    resources_are(stub)
    kept = {**event(3, "DELETE_SKIPPED", "LakeBucket"), "ResourceType": "AWS::S3::Bucket"}
    events_are(stub, {**kept, "PhysicalResourceId": "lake"}, event(2, "CREATE_COMPLETE", NAME), name=ARN)
    found: Any = {"StackName": NAME, "StackId": ARN, "StackStatus": "DELETE_FAILED"}
    assert destroy._made(found) == [("AWS::S3::Bucket", "lake")]

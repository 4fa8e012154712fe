"""Executing a change set: what is told while it runs, and how each end is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake.base.clock import Clock
from covidlake.base.errors import BundleError, CredentialsError, DeployError, StackBusyError
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.ship.deploy.execute import execute as execute_change_set
from covidlake.ship.deploy.recovery import Recovery
from covidlake.ship.stack import change_set
from covidlake.ship.stack.stack_events import Follower, failed_validation
from tests.unit.covidlake.ship.stack_stub import NAME, event, events_are, stack_is

REVIEWED = event(0, "REVIEW_IN_PROGRESS", NAME)


def execute(told: list[str], kind: change_set.Kind = "CREATE", minutes: float = 60.0) -> str:
    created = change_set.ChangeSet(NAME, "first", kind)
    return execute_change_set(created, told.append, minutes)["StackStatus"]


def test_the_first_failure_is_told_not_the_cascade(stub: Stubber) -> None:
    events = [
        event(1, "CREATE_IN_PROGRESS", NAME),
        event(2, "CREATE_FAILED", "Crawler", "Resource creation cancelled"),
        event(3, "CREATE_FAILED", "Job", "role\n is missing"),
        event(4, "CREATE_FAILED", "Topic", "later"),
        event(5, "ROLLBACK_IN_PROGRESS", NAME, "The following resource(s) failed to create: [Job, Topic]."),
    ]
    events_are(stub, REVIEWED)
    executed = {"StackName": NAME, "ChangeSetName": "first", "RetainExceptOnCreate": True}
    stub.add_response("execute_change_set", {}, executed)
    stack_is(stub, "CREATE_IN_PROGRESS")
    events_are(stub, events[0], REVIEWED)
    stack_is(stub, "ROLLBACK_COMPLETE")
    events_are(stub, *events[::-1], REVIEWED)
    told: list[str] = []
    with pytest.raises(DeployError, match=r"ended ROLLBACK_COMPLETE: Job: role is missing$"):
        execute(told)
    assert [line.split()[1:3] for line in told] == [
        ["CREATE_IN_PROGRESS", NAME],
        ["CREATE_FAILED", "Crawler"],
        ["CREATE_FAILED", "Job"],
        ["CREATE_FAILED", "Topic"],
        ["ROLLBACK_IN_PROGRESS", NAME],
    ]
    assert told[0] == f"00:00:00 CREATE_IN_PROGRESS   {NAME}"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ChangeSetNotFound", "ChangeSet [first] does not exist"),
        (
            "InvalidChangeSetStatus",
            "ChangeSet [first] cannot be executed in its status [OBSOLETE]",
        ),
        ("ValidationError", f"Stack:{NAME} is in UPDATE_IN_PROGRESS state and can not be updated."),
    ],
)
def test_another_deploy_that_was_faster_is_said(stub: Stubber, code: str, words: str) -> None:
    events_are(stub, REVIEWED)
    stub.add_client_error("execute_change_set", code, words)
    with pytest.raises(StackBusyError, match="another deploy was faster, this one has changed nothing"):
        execute([])


def test_a_validation_on_a_later_page_is_the_cause(stub: Stubber) -> None:
    asked = {"StackName": NAME, "Filters": {"FailedEvents": True}}
    more = {"OperationEvents": [], "NextToken": "more"}
    stub.add_response("describe_events", more, asked)
    failed = {"LogicalResourceId": "Lake", "ValidationStatusReason": "it\n exists"}
    stub.add_response("describe_events", {"OperationEvents": [failed]}, {**asked, "NextToken": "more"})
    assert failed_validation(NAME) == "Lake: it exists"
    stub.add_client_error("describe_events", "AccessDenied", "no")
    told = failed_validation(NAME) or ""
    assert told.endswith("validations are not known (AccessDenied of DescribeEvents)")


def test_an_update_tells_only_its_own_events_and_asks_for_no_page_beyond(stub: Stubber) -> None:
    old, new = event(1, "CREATE_COMPLETE", "Job"), event(2, "UPDATE_COMPLETE", "Job")
    events_are(stub, old, before="older")
    stub.add_response("execute_change_set", {})
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, new, old, before="older")
    told: list[str] = []
    assert execute(told, "UPDATE") == "UPDATE_COMPLETE"
    assert told == ["00:00:00 UPDATE_COMPLETE      Job"]


def test_every_page_of_new_events_is_read(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, event(3, "UPDATE_COMPLETE", "Topic"), before="older")
    events_are(stub, event(2, "UPDATE_COMPLETE", "Job"), event(1, "CREATE_COMPLETE", "Job"), after="older")
    told: list[str] = []
    assert Follower(NAME, told.append, "1").follow() == "UPDATE_COMPLETE"
    assert [line.split()[2] for line in told] == ["Job", "Topic"]


def test_a_stack_that_does_not_end_is_a_failure_that_says_how_to_follow_it(stub: Stubber) -> None:
    events_are(stub)
    stub.add_response("execute_change_set", {})
    stack_is(stub, "CREATE_IN_PROGRESS")
    events_are(stub)
    with pytest.raises(DeployError, match=r"still CREATE_IN_PROGRESS after -1 min.*stack-events"):
        execute([], minutes=-1)


def test_ctrl_c_leaves_the_stack_to_finish(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    stack_is(stub, "UPDATE_IN_PROGRESS")
    events_are(stub)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        Follower(NAME, told.append).follow()
    assert told == [
        "the stack goes on by itself; follow it with: "
        f"aws cloudformation describe-stack-events --stack-name {NAME}"
    ]


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_a_session_that_ends_meanwhile_leaves_the_stack_to_finish_and_says_so(
    stub: Stubber, code: str
) -> None:
    stack_is(stub, "UPDATE_IN_PROGRESS")
    events_are(stub)
    stub.add_client_error("describe_stacks", code, "The security token included in the request is expired")
    with pytest.raises(CredentialsError) as caught:
        Follower(NAME, print).follow()
    assert str(caught.value) == (
        f"the AWS credentials have expired, and stack {NAME} goes on by itself: sign in again "
        "(aws sso login, aws login, or fresh credentials of the role), then follow it with: "
        f"aws cloudformation describe-stack-events --stack-name {NAME}"
    )
    assert caught.value.exit_code == 4


def test_all_waits_of_a_deploy_share_one_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    clock = Clock(60.0)
    assert clock.left() == 60.0
    now[0] += 45 * 60
    assert (clock.left(), Recovery(NAME, print, minutes_left=clock.left).minutes_left()) == (15.0, 15.0)
    now[0] += 45 * 60
    assert clock.left() == 0.0


def test_a_stack_that_is_gone_has_ended(stub: Stubber) -> None:
    stack_is(stub, None)
    assert Follower(NAME, print).follow() == "DELETE_COMPLETE"


def bundle_of(folder: Path, template: dict[str, Any] | str) -> Bundle:
    text = template if isinstance(template, str) else json.dumps(template)
    (folder / "template.json").write_text(text)
    return Bundle(folder, {"template.json": "0" * 64})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Description": "x" * 1_048_576}, "CloudFormation takes 1,048,576: move"),
        ({"Parameters": {f"P{n}": {} for n in range(201)}}, "has 201 parameters, CloudFormation takes 200"),
        ({"Resources": {f"R{n}": {} for n in range(501)}}, "has 501 resources, CloudFormation takes 500"),
        ({"Transform": "AWS::Serverless-2016-10-31"}, "which needs CAPABILITY_AUTO_EXPAND"),
        ("no json", "template.json is missing or no JSON"),
    ],
)
def test_what_cloudformation_would_not_take_is_one_line(
    tmp_path: Path, template: dict[str, Any] | str, message: str
) -> None:
    with pytest.raises(BundleError, match=message) as caught:
        template_limits.check(bundle_of(tmp_path, template))
    assert "\n" not in str(caught.value)


def test_a_bundle_without_a_template_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is missing or no JSON; make the bundle again"):
        template_limits.check(Bundle(tmp_path, {}))


def test_a_template_within_the_limits_passes(tmp_path: Path) -> None:
    parameters = {f"P{number}": {} for number in range(200)}
    template_limits.check(bundle_of(tmp_path, {"Parameters": parameters, "Description": "x" * 60_000}))

"""Executing a change set: what it says while it runs, and how each end is reported."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from covidlake.base.errors import DeployError, StackBusyError
from covidlake.ship.deploy.execute import execute as execute_change_set
from covidlake.ship.stack import change_set
from covidlake.ship.stack.stack_events import Follower
from tests.unit.covidlake.ship.stack_stub import NAME, event, events_are, stack_is

REVIEWED = event(0, "REVIEW_IN_PROGRESS", NAME)


def execute(lines: list[str], kind: change_set.Kind = "CREATE", minutes: float = 60.0) -> str:
    created = change_set.ChangeSet(NAME, "first", kind)
    return execute_change_set(created, lines.append, minutes)["StackStatus"]


def test_the_first_failure_is_reported_not_the_cascade(stub: Stubber) -> None:
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
    lines: list[str] = []
    with pytest.raises(DeployError, match=r"ended ROLLBACK_COMPLETE: Job: role is missing$"):
        execute(lines)
    assert [line.split()[1:3] for line in lines] == [
        ["CREATE_IN_PROGRESS", NAME],
        ["CREATE_FAILED", "Crawler"],
        ["CREATE_FAILED", "Job"],
        ["CREATE_FAILED", "Topic"],
        ["ROLLBACK_IN_PROGRESS", NAME],
    ]
    assert lines[0] == f"00:00:00 CREATE_IN_PROGRESS   {NAME}"


@pytest.mark.parametrize(
    "reason",
    [
        "Resource of type 'AWS::Glue::Table' with identifier '1|covid_lake_dev|runs' already exists.",
        'Resource handler returned message: "Table already exists." (Service: Glue, Status Code: 400)',
        'AWS::Glue::Table create failed: b\'{"__type": "AlreadyExistsException"}\'',
    ],
)
def test_a_table_that_the_function_made_before_is_named_with_what_to_do(stub: Stubber, reason: str) -> None:
    events_are(stub, REVIEWED)
    stub.add_response("execute_change_set", {})
    stack_is(stub, "UPDATE_ROLLBACK_COMPLETE")
    events_are(stub, event(1, "CREATE_FAILED", "RunsTable", reason), REVIEWED)
    hint = f"glue delete-table --database-name {NAME.replace('-', '_')} --name runs$"
    with pytest.raises(DeployError, match=hint):
        execute([], "UPDATE")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ChangeSetNotFound", "ChangeSet [first] does not exist"),
        (
            "InvalidChangeSetStatus",
            "ChangeSet [first] cannot be executed in its status [OBSOLETE]",
        ),
        ("ValidationError", f"Stack [{NAME}] does not exist"),
        ("ValidationError", f"Stack:{NAME} is in UPDATE_IN_PROGRESS state and can not be updated."),
    ],
)
def test_another_deploy_that_was_faster_is_said(stub: Stubber, code: str, words: str) -> None:
    events_are(stub, REVIEWED)
    stub.add_client_error("execute_change_set", code, words)
    with pytest.raises(StackBusyError, match="another deploy was faster, this one has changed nothing"):
        execute([])


def test_an_update_tells_only_its_own_events_and_asks_for_no_page_beyond(stub: Stubber) -> None:
    old, new = event(1, "CREATE_COMPLETE", "Job"), event(2, "UPDATE_COMPLETE", "Job")
    events_are(stub, old, before="older")
    stub.add_response("execute_change_set", {})
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, new, old, before="older")
    lines: list[str] = []
    assert execute(lines, "UPDATE") == "UPDATE_COMPLETE"
    assert lines == ["00:00:00 UPDATE_COMPLETE      Job"]


def test_a_stack_that_does_not_end_is_a_failure_that_says_how_to_follow_it(stub: Stubber) -> None:
    events_are(stub)
    stub.add_response("execute_change_set", {})
    stack_is(stub, "CREATE_IN_PROGRESS")
    events_are(stub)
    with pytest.raises(DeployError, match=r"still CREATE_IN_PROGRESS after -1 min.*stack-events"):
        execute([], minutes=-1)


def test_an_interrupt_before_the_execution_leaves_no_change_set(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Follower, "from_now", interrupted)
    stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": "first"})
    with pytest.raises(KeyboardInterrupt):
        execute([], "UPDATE")
    stub.assert_no_pending_responses()

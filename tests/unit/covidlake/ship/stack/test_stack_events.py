"""The events of a stack are reported once each, and its end is reported whatever happens to us."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from covidlake.base.errors import CredentialsError
from covidlake.base.progress import Happening
from covidlake.ship.stack import stack_events
from covidlake.ship.stack.stack_events import Follower, failed_validation
from tests.unit.covidlake.ship.stack_stub import NAME, event, events_are, stack_is


def test_a_validation_on_a_later_page_is_the_cause(stub: Stubber) -> None:
    asked = {"StackName": NAME, "Filters": {"FailedEvents": True}}
    more = {"OperationEvents": [], "NextToken": "more"}
    stub.add_response("describe_events", more, asked)
    failed = {"LogicalResourceId": "Lake", "ValidationStatusReason": "it\n exists"}
    stub.add_response("describe_events", {"OperationEvents": [failed]}, {**asked, "NextToken": "more"})
    assert failed_validation(NAME) == "Lake: it exists"
    stub.add_client_error("describe_events", "AccessDenied", "no")
    shown = failed_validation(NAME) or ""
    assert shown.endswith("validations are not known (AccessDenied of DescribeEvents)")


def test_every_page_of_new_events_is_read(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, event(3, "UPDATE_COMPLETE", "Topic"), before="older")
    events_are(stub, event(2, "UPDATE_COMPLETE", "Job"), event(1, "CREATE_COMPLETE", "Job"), after="older")
    lines: list[str] = []
    assert Follower(NAME, lines.append, "1").follow() == "UPDATE_COMPLETE"
    assert [line.split()[2] for line in lines] == ["Job", "Topic"]


def test_a_resource_is_a_line_when_it_ends_and_what_takes_long_is_said(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_events, "LIFE_SECONDS", -1.0)
    monkeypatch.setattr("time.sleep", lambda _: None)
    stack_is(stub, "UPDATE_IN_PROGRESS")
    begun = [event(n, "UPDATE_IN_PROGRESS", name) for n, name in ((3, "Key"), (2, "Job"), (1, NAME))]
    events_are(stub, *begun)
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, event(5, "UPDATE_COMPLETE", "Key"), event(4, "UPDATE_COMPLETE", "Job"), *begun)
    lines: list[str] = []
    Follower(NAME, lines.append).follow()
    assert [line.partition(" ")[2] for line in lines] == [
        f"UPDATE_IN_PROGRESS   {NAME}",
        "UPDATE_IN_PROGRESS: Job, Key",
        "UPDATE_COMPLETE      Job",
        "UPDATE_COMPLETE      Key",
    ]


class Taker:
    """A progress that takes what happens."""

    def __init__(self) -> None:
        self.taken: list[Happening] = []

    def __call__(self, line: str, /) -> None:
        raise AssertionError(line)

    def happened(self, happening: Happening, /) -> None:
        self.taken.append(happening)


def test_who_takes_what_happens_gets_each_event_also_those_that_begin(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    events_are(stub, event(2, "UPDATE_COMPLETE", "Job"), event(1, "UPDATE_IN_PROGRESS", "Job"))
    taker = Taker()
    Follower(NAME, taker).follow()
    assert [one.facts["ResourceStatus"] for one in taker.taken] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert [bool(one.line) for one in taker.taken] == [False, True]


def test_ctrl_c_leaves_the_stack_to_finish(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    stack_is(stub, "UPDATE_IN_PROGRESS")
    events_are(stub)
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        Follower(NAME, lines.append).follow()
    assert lines == [
        "no longer followed, not cancelled; to follow the stack again: "
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


def test_a_stack_that_is_gone_has_ended(stub: Stubber) -> None:
    stack_is(stub, None)
    assert Follower(NAME, print).follow() == "DELETE_COMPLETE"

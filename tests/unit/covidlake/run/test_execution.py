"""An execution is followed to its end, state by state, whatever the end is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.run import execution, ingest
from covidlake.run.execution import Execution, StateVisit

MACHINE = "arn:aws:states:us-east-2:123456789012:stateMachine:covid-lake-dev-ingestion"
ARN = "arn:aws:states:us-east-2:123456789012:execution:covid-lake-dev-ingestion:today"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "stepfunctions", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"stepfunctions": client}.__getitem__)
    monkeypatch.setattr(aws, "poll_interval", lambda _: 0.0)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def described(status: str, **more: Any) -> dict[str, Any]:
    answer = {"executionArn": ARN, "stateMachineArn": MACHINE, "status": status, "startDate": START}
    return answer | ({} if status == "RUNNING" else {"stopDate": START + timedelta(seconds=9)}) | more


def event(number: int, kind: str, name: str, second: float) -> dict[str, Any]:
    details = {f"state{kind}EventDetails": {"name": name}}
    return {
        "id": number,
        "type": f"TaskState{kind}",
        "timestamp": START + timedelta(seconds=second),
        **details,
    }


def test_states_are_reported_once_with_their_seconds(stub: Stubber) -> None:
    first = [event(1, "Entered", "RunJob", 0), event(2, "Exited", "RunJob", 5)]
    second = [*first, event(3, "Entered", "VerifyTable", 5), event(4, "Exited", "VerifyTable", 7.5)]
    stub.add_response("describe_execution", described("RUNNING"))
    stub.add_response("get_execution_history", {"events": first})
    stub.add_response("describe_execution", described("SUCCEEDED", output='{"outcomes": []}'))
    stub.add_response("get_execution_history", {"events": second})
    visits: list[StateVisit] = []
    ended = execution.follow(ARN, visits.append, limit_seconds=60)
    assert visits == [StateVisit("RunJob", 5.0), StateVisit("VerifyTable", 2.5)] == ended.visits
    assert (ended.status, ended.seconds, ended.output) == ("SUCCEEDED", 9.0, {"outcomes": []})


def test_each_look_gives_the_events_that_are_new(stub: Stubber) -> None:
    first = [event(1, "Entered", "RunJob", 0)]
    stub.add_response("describe_execution", described("RUNNING"))
    stub.add_response("get_execution_history", {"events": first})
    stub.add_response("describe_execution", described("RUNNING"))
    stub.add_response("get_execution_history", {"events": first})
    stub.add_response("describe_execution", described("SUCCEEDED", output="{}"))
    stub.add_response("get_execution_history", {"events": [*first, event(2, "Exited", "RunJob", 5)]})
    looks: list[list[int]] = []
    execution.follow(ARN, lambda _: None, 60, on_look=lambda new: looks.append([one["id"] for one in new]))
    assert looks == [[1], [], [2]]


def test_two_iterations_in_one_state_are_both_reported(stub: Stubber) -> None:
    events = [
        event(1, "Entered", "RunJob", 0),
        event(2, "Entered", "RunJob", 1),
        event(3, "Exited", "RunJob", 4),
        event(4, "Exited", "RunJob", 6),
    ]
    stub.add_response("describe_execution", described("SUCCEEDED", output="{}"))
    stub.add_response("get_execution_history", {"events": events})
    assert [visit.seconds for visit in execution.follow(ARN, lambda _: None, 60).visits] == [4.0, 5.0]


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_other_ends_keep_error_and_cause(stub: Stubber, status: str) -> None:
    stub.add_response(
        "describe_execution", described(status, error="IngestionFailed", cause="uk_covid:\n RunJob")
    )
    stub.add_response("get_execution_history", {"events": []})
    ended = execution.follow(ARN, lambda _: None, 60)
    text = ingest.failure_text(ended)
    assert text == f"execution today {status}: IngestionFailed: uk_covid: RunJob"


def test_end_without_words_says_so() -> None:
    ended = Execution(ARN, "ABORTED", 1.0, {}, "", "")
    assert ingest.failure_text(ended) == "execution today ABORTED: no error name: no cause was given"


def test_an_execution_that_does_not_end_is_left_running(stub: Stubber) -> None:
    stub.add_response("describe_execution", described("RUNNING"))
    stub.add_response("get_execution_history", {"events": []})
    left = execution.follow(ARN, lambda _: None, limit_seconds=-1)
    assert left.status == "RUNNING"
    with pytest.raises(IngestionError, match="still runs"):
        ingest.succeeded(left)


def test_a_second_start_finds_the_first(stub: Stubber) -> None:
    stub.add_client_error("start_execution", "ExecutionAlreadyExists")
    stub.add_response("describe_execution", described("RUNNING", input='{"mode":"incremental"}'))
    assert execution.start(MACHINE, "today", {"mode": "incremental"}) == ARN


def test_a_name_taken_with_another_input_is_refused(stub: Stubber) -> None:
    stub.add_client_error("start_execution", "ExecutionAlreadyExists")
    stub.add_response("describe_execution", described("RUNNING", input='{"mode":"full"}'))
    with pytest.raises(IngestionError, match="execution today exists with another input"):
        execution.start(MACHINE, "today", {"mode": "incremental"})


@pytest.mark.parametrize("name", ["", "bad name!", "a" * 81])
def test_a_name_that_is_none_is_refused_before_any_call(stub: Stubber, name: str) -> None:
    with pytest.raises(IngestionError, match="use 1 to 80 letters"):
        execution.start(MACHINE, name, {})

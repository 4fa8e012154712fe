"""The logs of an execution: its job runs, the failed ones first, and its functions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.base.errors import IngestionError
from covidlake.run import logs
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

MACHINE = OUTPUTS["StateMachineArn"]
ARN = f"{MACHINE.replace(':stateMachine:', ':execution:')}:today"
AT = datetime(2026, 1, 1, 3, tzinfo=UTC)
EXECUTION = {"executionArn": ARN, "stateMachineArn": MACHINE, "name": "today", "startDate": AT}


@pytest.fixture(autouse=True)
def outputs(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**OUTPUTS, "JobName": "job", "JobOutputLogGroupName": "/out"}
    monkeypatch.setattr(stack, "find", lambda _: Stack("covid-lake-dev", "CREATE_COMPLETE", found))


def executions_are(stubs: Stubs, *names: str) -> None:
    found = [{**EXECUTION, "name": name, "status": "FAILED"} for name in names]
    stubs("stepfunctions").add_response("list_executions", {"executions": found})


def run(identity: str, data_set: str, state: str, **more: str) -> dict[str, object]:
    arguments = {"--run_id": "today", "--datasets": data_set}
    return {"Id": identity, "JobName": "job", "JobRunState": state, "Arguments": arguments, **more}


STAMP = "2026-11-28 03:00:00,116 "  # of the job's own: a line says its time once


def test_failed_runs_come_first_with_their_lines_and_the_functions_last(stubs: Stubs) -> None:
    executions_are(stubs, "today", "yesterday")
    other = {**run("jr_3", "c", "FAILED"), "Arguments": {"--run_id": "yesterday"}}
    runs = [run("jr_1", "a", "SUCCEEDED"), other, run("jr_2", "b,d", "FAILED", ErrorMessage="no rows")]
    stubs("glue").add_response("get_job_runs", {"JobRuns": runs}, {"JobName": "job"})
    events = {"events": [{"timestamp": int(AT.timestamp() * 1000), "message": f"{STAMP}INFO reading\n"}]}
    asked = {"logGroupName": "/out", "limit": 5, "startFromHead": False}
    stubs("logs").add_response("get_log_events", events, {**asked, "logStreamName": "jr_2"})
    stubs("logs").add_client_error("get_log_events", "ResourceNotFoundException")
    described = {**EXECUTION, "status": "FAILED", "stopDate": AT}
    stubs("stepfunctions").add_response("describe_execution", described, {"executionArn": ARN})
    stubs("logs").add_response("filter_log_events", {"events": events["events"]})
    stubs("logs").add_response("filter_log_events", {"events": []})
    stubs("logs").add_response("filter_log_events", {"events": []})

    found = list(logs.logs("dev", None, 5))

    assert [log.title for log in found] == [
        "job run of b, d FAILED: no rows",
        "job run of a SUCCEEDED",
        "function covid-lake-dev-find-work",
    ]
    assert found[0].lines == ("03:00:00 INFO reading",)
    assert "nothing was logged, or it has expired" in found[1].lines[0]


def test_without_an_execution_there_is_nothing_to_show(stubs: Stubs) -> None:
    executions_are(stubs)
    with pytest.raises(IngestionError, match="no execution in dev yet: start one with"):
        list(logs.logs("dev", None, 5))


def test_a_wrong_name_is_told_the_nearest(stubs: Stubs) -> None:
    executions_are(stubs, "today")
    stubs("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    with pytest.raises(IngestionError, match=r"no execution 'toda': did you mean today\?"):
        list(logs.logs("dev", "toda", 5))

"""The API of Step Functions: what is refused, names, history, logs, metrics, events, the end of the cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud, await_ready, launch
from localcloud.home import Home
from rigs.roles import allow
from rigs.steps import StepsRig, single, task

PASS = single({"Type": "Pass"})
WAIT = single({"Type": "Wait", "Seconds": 99999})


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> StepsRig:
    return StepsRig(cloud, "sfn-api")


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


BAD = [
    (
        {"StartAt": "B", "States": {"A": {"Type": "Pass", "End": True}}},
        "Missing 'StartAt' target: B at /StartAt",
    ),
    (
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
        "Missing 'Next' target: B at /States/A",
    ),
    (single(task("glue:startCrawler.sync")), "glue:startCrawler.sync is not recognized"),
    (single(task("aws-sdk:glue:getCrawlr")), "getCrawlr"),
]


@pytest.mark.parametrize(("definition", "reason"), BAD)
def test_a_bad_definition_is_refused_at_create(rig: StepsRig, definition: Any, reason: str) -> None:
    with pytest.raises(ClientError, match=reason) as error:
        rig.make_machine(definition)
    assert _code(error) == "InvalidDefinition"


@pytest.mark.parametrize(("definition", "reason"), BAD)
def test_a_bad_definition_is_refused_at_update(rig: StepsRig, definition: Any, reason: str) -> None:
    machine = rig.make_machine(PASS)
    with pytest.raises(ClientError, match=reason) as error:
        rig.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    assert _code(error) == "InvalidDefinition"
    described = rig.states.describe_state_machine(stateMachineArn=machine)
    assert json.loads(described["definition"]) == PASS


def test_a_definition_is_validated_without_a_machine(rig: StepsRig) -> None:
    good = rig.states.validate_state_machine_definition(definition=json.dumps(PASS))
    assert (good["result"], good["diagnostics"]) == ("OK", [])
    bad = rig.states.validate_state_machine_definition(definition=json.dumps(BAD[0][0]))
    assert bad["result"] == "FAIL"
    assert bad["diagnostics"][0]["code"] == "MISSING_TRANSITION_TARGET"


def test_a_task_is_tried_with_its_role_and_tells_each_step(rig: StepsRig) -> None:
    states = rig.cloud.client("stepfunctions")
    states.meta.config.inject_host_prefix = False  # AWS answers on a host of its own, sync-states
    state = task(
        "aws-sdk:s3:listObjectsV2",
        Parameters={"Bucket.$": "$.bucket"},
        ResultSelector={"n.$": "$.KeyCount"},
        ResultPath="$.found",
        Next="B",
    )
    given = {"bucket": rig.make_bucket("tried")}
    answer = states.test_state(
        definition=json.dumps(state), roleArn=rig.role, input=json.dumps(given), inspectionLevel="DEBUG"
    )
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "B")
    assert json.loads(answer["output"]) == {**given, "found": {"n": 0}}
    seen = {name: json.loads(text) for name, text in answer["inspectionData"].items()}
    assert seen.pop("result")["Name"] == given["bucket"]
    assert seen == {
        "input": given,
        "afterInputPath": given,
        "afterParameters": {"Bucket": given["bucket"]},
        "afterResultSelector": {"n": 0},
        "afterResultPath": {**given, "found": {"n": 0}},
    }
    powerless = rig.make_role("powerless")
    denied = states.test_state(definition=json.dumps(state), roleArn=powerless, input=json.dumps(given))
    assert (denied["status"], denied["error"]) == ("FAILED", "S3.S3Exception")


def test_an_express_machine_is_run_within_the_call(rig: StepsRig) -> None:
    states = rig.cloud.client("stepfunctions")
    states.meta.config.inject_host_prefix = False  # AWS answers on a host of its own, sync-states
    machine = rig.make_machine(single({"Type": "Pass", "Result": 7}), type="EXPRESS")
    assert states.start_sync_execution(stateMachineArn=machine)["output"] == "7"
    with pytest.raises(ClientError) as error:
        states.start_sync_execution(stateMachineArn=rig.make_machine(PASS))
    assert _code(error) == "StateMachineTypeNotSupported"
    with pytest.raises(ClientError, match=r"Express state machine does not support '\.sync'"):
        rig.make_machine(single(task("glue:startJobRun.sync", Parameters={"JobName": "j"})), type="EXPRESS")


def test_a_role_that_does_not_trust_step_functions_is_refused(rig: StepsRig) -> None:
    role = rig.make_role("foreign", allow("*"), service="lambda.amazonaws.com")
    with pytest.raises(ClientError, match="authorized to assume the provided role") as error:
        rig.make_machine(PASS, role)
    assert _code(error) == "AccessDeniedException"


def test_a_name_in_use_is_the_same_execution_while_it_runs_with_the_same_input(rig: StepsRig) -> None:
    machine = rig.make_machine(WAIT)
    first = rig.start(machine, {"a": 1}, name="once")
    assert rig.start(machine, {"a": 1}, name="once") == first
    with pytest.raises(ClientError) as error:
        rig.start(machine, {"a": 2}, name="once")
    assert _code(error) == "ExecutionAlreadyExists"
    rig.states.stop_execution(executionArn=first)
    with pytest.raises(ClientError) as error:
        rig.start(machine, {"a": 1}, name="once")
    assert _code(error) == "ExecutionAlreadyExists"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"input": "{no json"}, "InvalidExecutionInput"),
        ({"name": "a name"}, "InvalidName"),
        ({"input": json.dumps("x" * 262145)}, "ValidationException"),
    ],
)
def test_a_bad_start_is_refused(rig: StepsRig, fields: dict[str, str], expected: str) -> None:
    with pytest.raises(ClientError) as error:
        rig.states.start_execution(stateMachineArn=rig.make_machine(PASS), **fields)
    assert _code(error) == expected


def test_history_comes_in_pages_and_backwards(rig: StepsRig) -> None:
    execution = rig.run(PASS)["executionArn"]
    pages = rig.states.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": 3}
    )
    events = [event for page in pages for event in page["events"]]
    assert [event["id"] for event in events] == [1, 2, 3, 4]
    backwards = rig.states.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
    assert [event["id"] for event in backwards] == [4, 3, 2, 1]
    assert events[0]["executionStartedEventDetails"]["roleArn"] == rig.role


def test_executions_are_listed_by_status(rig: StepsRig) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "F"}],
        "Default": "S",
    }
    states = {"A": choice, "F": {"Type": "Fail", "Error": "E"}, "S": {"Type": "Succeed"}}
    machine = rig.make_machine({"StartAt": "A", "States": states})
    failed, succeeded = rig.start(machine, {"fail": True}), rig.start(machine, {"fail": False})
    rig.ended(failed), rig.ended(succeeded)
    for status, expected in (("FAILED", failed), ("SUCCEEDED", succeeded)):
        listed = rig.states.list_executions(stateMachineArn=machine, statusFilter=status)["executions"]
        assert [execution["executionArn"] for execution in listed] == [expected]


def test_an_execution_keeps_the_definition_it_started_with(rig: StepsRig) -> None:
    machine = rig.make_machine(WAIT)
    execution = rig.start(machine)
    rig.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS))
    described = rig.states.describe_state_machine_for_execution(executionArn=execution)
    assert json.loads(described["definition"]) == WAIT
    rig.states.stop_execution(executionArn=execution)


def _group(rig: StepsRig, name: str) -> dict[str, Any]:
    logs = rig.cloud.client("logs")
    logs.create_log_group(logGroupName=f"/aws/vendedlogs/{rig.name}-{name}")
    arn = f"arn:aws:logs:{rig.cloud.region}:000000000000:log-group:/aws/vendedlogs/{rig.name}-{name}:*"
    return {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}


def _logged(rig: StepsRig, name: str, last: str) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        events = rig.cloud.client("logs").filter_log_events(logGroupName=f"/aws/vendedlogs/{rig.name}-{name}")
        return [json.loads(event["message"]) for event in events["events"]]

    found: list[dict[str, Any]] = rig.until(read, lambda events: events and events[-1]["type"] == last)
    return found


def test_all_events_are_logged_with_their_data_when_asked(rig: StepsRig) -> None:
    logging = {"level": "ALL", "includeExecutionData": True, **_group(rig, "all")}
    execution = rig.run(PASS, {"a": 1}, loggingConfiguration=logging)
    events = _logged(rig, "all", "ExecutionSucceeded")
    assert [event["type"] for event in events] == rig.types(execution)
    assert events[0]["execution_arn"] == execution["executionArn"]
    assert json.loads(events[0]["details"]["input"]) == {"a": 1}


def test_errors_are_logged_without_data_unless_asked(rig: StepsRig) -> None:
    logging = {"level": "ERROR", "includeExecutionData": False, **_group(rig, "error")}
    rig.run(single({"Type": "Fail", "Error": "Boom"}), {"a": 1}, loggingConfiguration=logging)
    events = _logged(rig, "error", "ExecutionFailed")
    assert [event["type"] for event in events] == ["FailStateEntered", "ExecutionFailed"]
    assert "input" not in events[0]["details"]
    assert events[1]["details"]["error"] == "Boom"


def test_a_role_that_may_not_deliver_logs_is_refused(rig: StepsRig) -> None:
    role = rig.make_role("silent", allow("sns:Publish"))
    logging = {"level": "ALL", "includeExecutionData": False, **_group(rig, "refused")}
    with pytest.raises(ClientError, match="not authorized to access the Log Destination") as error:
        rig.make_machine(PASS, role, loggingConfiguration=logging)
    assert _code(error) == "AccessDeniedException"


def test_a_failed_execution_raises_an_alarm(rig: StepsRig) -> None:
    machine = rig.make_machine(single({"Type": "Fail", "Error": "Boom"}))
    cloudwatch = rig.cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="sfn-api-failed",
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    rig.ended(rig.start(machine))
    rig.until(
        lambda: cloudwatch.describe_alarms(AlarmNames=["sfn-api-failed"])["MetricAlarms"][0]["StateValue"],
        lambda state: state == "ALARM",
    )


def test_every_change_of_status_is_an_event(rig: StepsRig) -> None:
    url, arn = rig.make_queue("events")
    wait = rig.make_machine(single({"Type": "Wait", "Seconds": 99999}, TimeoutSeconds=1))
    fail = rig.make_machine(single({"Type": "Fail", "Error": "Boom"}))
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [wait, fail]}}
    events, sqs = rig.cloud.client("events"), rig.cloud.client("sqs")
    rule = events.put_rule(Name="sfn-api-status", EventPattern=json.dumps(pattern))["RuleArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.put_targets(Rule="sfn-api-status", Targets=[{"Id": "q", "Arn": arn}])
    aborted = rig.start(wait)
    rig.states.stop_execution(executionArn=aborted)
    rig.ended(rig.start(fail))
    rig.ended(rig.start(wait))
    seen: list[str] = []

    def read() -> list[str]:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            seen.append(json.loads(message["Body"])["detail"]["status"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(seen)

    expected = sorted(["RUNNING", "ABORTED", "RUNNING", "FAILED", "RUNNING", "TIMED_OUT"])
    rig.until(read, lambda statuses: statuses == expected)


@contextmanager
def _kept(home: Path) -> Iterator[LocalCloud]:
    """A cloud that keeps its state in `home`, as `up` and `down` do."""
    process = launch(Home(home), "--until-stdin-closes")
    try:
        yield LocalCloud(Home(home), await_ready(Home(home), process))
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_an_execution_that_runs_when_the_cloud_stops_is_aborted(tmp_path: Path) -> None:
    with _kept(tmp_path) as first:
        rig = StepsRig(first, "sfn-kept")
        execution = rig.start(rig.make_machine(WAIT))
    with _kept(tmp_path) as second:
        states = second.client("stepfunctions")
        described = states.describe_execution(executionArn=execution)
        assert described["status"] == "ABORTED"
        assert "stopped while the execution was running" in described["cause"]
        assert (
            states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionAborted"
        )

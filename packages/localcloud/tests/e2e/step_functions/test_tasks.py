"""Tasks against the services of the cloud: results, errors, rights, jobs that end with their state."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.glue import GlueRig
from rigs.roles import allow, assume, make_role
from rigs.steps import StepsRig, caught, single, task

FLAKY = """
calls = {}

class Busy(Exception):
    "Too many callers."

def handler(event, context):
    calls[event["key"]] = calls.get(event["key"], 0) + 1
    if calls[event["key"]] <= event["failures"]:
        raise Busy("call %d" % calls[event["key"]])
    return {"calls": calls[event["key"]], "event": event}
"""
SLEEPER = "import time\ntime.sleep(600)\n"


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> StepsRig:
    return StepsRig(cloud, "sfn-tasks")


@pytest.fixture(scope="module")
def flaky(rig: StepsRig) -> str:
    return rig.make_function("flaky", FLAKY)


@pytest.fixture(scope="module")
def bucket(rig: StepsRig) -> str:
    return rig.make_bucket("data")


@pytest.fixture(scope="module")
def glue(cloud: LocalCloud) -> GlueRig:
    return GlueRig(cloud, "sfn-glue")


def test_a_function_is_tried_again_by_the_name_of_its_exception(rig: StepsRig, flaky: str) -> None:
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}]
    invoke = task("lambda:invoke", Parameters={"FunctionName": flaky, "Payload.$": "$"}, Retry=retry)
    execution = rig.run(single(invoke), {"key": "retry", "failures": 2})
    output = json.loads(execution["output"])
    assert output["Payload"]["calls"] == 3
    assert (output["StatusCode"], output["ExecutedVersion"]) == (200, "$LATEST")
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert rig.types(execution).count("TaskFailed") == 2


def test_an_exception_is_caught_with_its_payload_as_cause(rig: StepsRig, flaky: str) -> None:
    invoke = task("lambda:invoke", Parameters={"FunctionName": flaky, "Payload.$": "$"})
    problem = rig.output(caught(invoke), {"key": "catch", "failures": 9})
    assert problem["Error"] == "Busy"
    assert json.loads(problem["Cause"])["errorMessage"] == "call 1"


def test_a_function_s_own_arn_is_a_task_that_returns_its_payload(rig: StepsRig, flaky: str) -> None:
    arn = f"arn:aws:lambda:{rig.cloud.region}:000000000000:function:{flaky}"
    given = {"key": "arn", "failures": 0}
    execution = rig.run(single({"Type": "Task", "Resource": arn}), given)
    assert json.loads(execution["output"]) == {"calls": 1, "event": given}
    assert "LambdaFunctionSucceeded" in rig.types(execution)
    missing = caught({"Type": "Task", "Resource": arn + "-missing"})
    assert rig.output(missing)["Error"] == "Lambda.ResourceNotFoundException"


def test_a_task_ends_at_its_time_out(rig: StepsRig) -> None:
    sleeper = rig.make_function(
        "sleeper", "import time\ndef handler(event, context): time.sleep(20)", Timeout=30
    )
    invoke = task("lambda:invoke", Parameters={"FunctionName": sleeper}, TimeoutSeconds=1)
    execution = rig.run(caught(invoke))
    assert json.loads(execution["output"])["Error"] == "States.Timeout"
    assert "TaskTimedOut" in rig.types(execution)
    assert "TaskSucceeded" not in rig.types(execution)


def test_an_object_is_written_and_read_as_json(rig: StepsRig, bucket: str) -> None:
    put = task(
        "aws-sdk:s3:putObject", Parameters={"Bucket": bucket, "Key": "k", "Body": {"rows": 3, "ü": None}}
    )
    get = task("aws-sdk:s3:getObject", Parameters={"Bucket": bucket, "Key": "k"})
    select = {"ResultSelector": {"body.$": "States.StringToJson($.Body)", "length.$": "$.ContentLength"}}
    machine = {
        "StartAt": "Put",
        "States": {"Put": {**put, "Next": "Get"}, "Get": {**get, **select, "End": True}},
    }
    assert rig.output(machine) == {"body": {"rows": 3, "ü": None}, "length": 20}
    s3 = rig.cloud.client("s3")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "text/plain; charset=UTF-8"
    s3.put_object(Bucket=bucket, Key="untyped", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="untyped")["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize(
    ("resource", "parameters", "expected"),
    [
        ("aws-sdk:s3:getObject", {"Bucket": "sfn-tasks-data", "Key": "none"}, "S3.NoSuchKeyException"),
        ("aws-sdk:glue:getCrawler", {"Name": "none"}, "Glue.EntityNotFoundException"),
        ("aws-sdk:sqs:getQueueUrl", {"QueueName": "none"}, "Sqs.QueueDoesNotExistException"),
        ("glue:startJobRun.sync", {"JobName": "none"}, "Glue.EntityNotFoundException"),
        ("lambda:invoke", {"FunctionName": "none"}, "Lambda.ResourceNotFoundException"),
        (
            "aws-sdk:secretsmanager:createSecret",
            {"Name": "two words", "SecretString": "s"},
            "SecretsManager.SecretsManagerException",
        ),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:us-east-2:000000000000:none", "Message": "m"},
            "SNS.NotFoundException",
        ),
    ],
)
def test_errors_of_services_have_the_names_of_aws(
    rig: StepsRig, bucket: str, resource: str, parameters: dict[str, Any], expected: str
) -> None:
    problem = rig.output(caught(task(resource, Parameters=parameters)))
    assert problem["Error"] == expected
    assert "Status Code: 4" in problem["Cause"]


@pytest.mark.parametrize(
    ("resource", "parameters", "expected"),
    [
        ("lambda:invoke", {"FunctionName": "f"}, "Lambda.AWSLambdaException"),
        ("glue:startJobRun.sync", {"JobName": "j"}, "Glue.AccessDeniedException"),
        ("aws-sdk:s3:getObject", {"Bucket": "sfn-tasks-data", "Key": "none"}, "S3.S3Exception"),
        ("aws-sdk:glue:getCrawler", {"Name": "none"}, "Glue.AccessDeniedException"),
        ("athena:startQueryExecution.sync", {"QueryString": "SELECT 1"}, "Athena.AmazonAthenaException"),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:us-east-2:000000000000:t", "Message": "m"},
            "SNS.AuthorizationErrorException",
        ),
    ],
)
def test_a_call_that_the_role_may_not_make_is_denied(
    rig: StepsRig, bucket: str, resource: str, parameters: dict[str, Any], expected: str
) -> None:
    name = f"denied-{resource.split(':')[-2]}-{resource.split(':')[-1].split('.')[0]}"
    role = rig.make_role(name, allow("logs:*"))
    problem = rig.output(caught(task(resource, Parameters=parameters)), role=role)
    assert problem["Error"] == expected
    assert "not authorized" in problem["Cause"] or "Access" in problem["Cause"]


def test_two_executions_at_once_keep_their_roles(rig: StepsRig, bucket: str) -> None:
    rig.cloud.client("s3").put_object(Bucket=bucket, Key="both", Body=b"1")
    get = caught(task("aws-sdk:s3:getObject", Parameters={"Bucket": bucket, "Key": "both"}))
    machines = [
        rig.make_machine(get),
        rig.make_machine(get, rig.make_role("nothing", allow("logs:*"))),
    ]
    executions = [rig.start(machine) for _ in range(4) for machine in machines]
    outputs = [json.loads(rig.ended(execution)["output"]) for execution in executions]
    assert [output.get("Error", output.get("Body")) for output in outputs] == ["1", "S3.S3Exception"] * 4


def test_what_sns_finds_wrong_has_the_class_that_its_sdk_knows(rig: StepsRig) -> None:
    sns = rig.cloud.client("sns")
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.list_tags_for_resource(ResourceArn="no-arn")
    with pytest.raises(sns.exceptions.ResourceNotFoundException):
        sns.list_tags_for_resource(ResourceArn="arn:aws:sns:us-east-2:000000000000:none")


def test_messages_are_published_and_sent(rig: StepsRig) -> None:
    url, _ = rig.make_queue("messages")
    sns = rig.cloud.client("sns")
    topic = sns.create_topic(Name="sfn-tasks-topic")["TopicArn"]
    send = task("sqs:sendMessage", Parameters={"QueueUrl": url, "MessageBody": {"from": "sqs"}}, End=True)
    publish = task("sns:publish", Parameters={"TopicArn": topic, "Message": {"from": "sns"}}, End=True)
    branches = [{"StartAt": name, "States": {name: state}} for name, state in (("S", send), ("P", publish))]
    outputs = rig.output(single({"Type": "Parallel", "Branches": branches}))
    assert all(output["MessageId"] for output in outputs)
    message = rig.cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    assert json.loads(message["Body"]) == {"from": "sqs"}


def test_times_are_text_in_sdk_tasks_and_numbers_in_optimised_ones(rig: StepsRig, glue: GlueRig) -> None:
    job = glue.make_job("quick", "print('quick')")
    described = rig.output(single(task("aws-sdk:glue:getJob", Parameters={"JobName": job})))
    assert described["Job"]["CreatedOn"].endswith("Z")
    run = rig.output(single(task("glue:startJobRun.sync", Parameters={"JobName": job})))
    assert run["JobRunState"] == "SUCCEEDED"
    assert run["JobName"] == job
    assert run["StartedOn"] > 1_600_000_000_000


def test_a_failed_job_run_is_the_cause(rig: StepsRig, glue: GlueRig) -> None:
    job = glue.make_job("broken", "raise ValueError('bad record in day 2')")
    execution = rig.run(caught(task("glue:startJobRun.sync", Parameters={"JobName": job})))
    problem = json.loads(execution["output"])
    run = json.loads(problem["Cause"])
    assert problem["Error"] == "States.TaskFailed"
    assert (run["JobRunState"], run["JobName"]) == ("FAILED", job)
    assert "bad record in day 2" in run["ErrorMessage"]
    assert "TaskSubmitted" in rig.types(execution)


def _sleeping(glue: GlueRig, name: str) -> tuple[str, dict[str, Any]]:
    job = glue.make_job(name, SLEEPER)
    return job, task("glue:startJobRun.sync", Parameters={"JobName": job})


def _await_stop(rig: StepsRig, glue: GlueRig, job: str) -> None:
    rig.until(
        lambda: glue.glue.get_job_runs(JobName=job)["JobRuns"],
        lambda runs: [run["JobRunState"] for run in runs] == ["STOPPED"],
    )


def test_a_job_run_is_stopped_when_its_task_times_out(rig: StepsRig, glue: GlueRig) -> None:
    job, state = _sleeping(glue, "late")
    assert rig.output(caught({**state, "TimeoutSeconds": 1}))["Error"] == "States.Timeout"
    _await_stop(rig, glue, job)


def test_a_job_run_is_stopped_when_its_state_machine_times_out(rig: StepsRig, glue: GlueRig) -> None:
    job, state = _sleeping(glue, "later")
    execution = rig.run(single(state, TimeoutSeconds=1))
    assert execution["status"] == "TIMED_OUT"
    assert rig.types(execution)[-1] == "ExecutionTimedOut"
    _await_stop(rig, glue, job)


def test_a_job_run_is_stopped_with_its_execution(rig: StepsRig, glue: GlueRig) -> None:
    job, state = _sleeping(glue, "aborted")
    execution = rig.start(rig.make_machine(single(state)))
    rig.until(lambda: rig.types(execution), lambda types: "TaskSubmitted" in types)
    rig.states.stop_execution(executionArn=execution, error="Enough", cause="no time")
    described = rig.ended(execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Enough", "no time")
    _await_stop(rig, glue, job)
    assert rig.types(execution)[-1] == "ExecutionAborted"


def test_a_job_run_is_stopped_when_a_sibling_fails(rig: StepsRig, glue: GlueRig) -> None:
    job, state = _sleeping(glue, "sibling")
    fail = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 50, "Next": "F"}, "F": {"Type": "Fail", "Error": "Boom"}},
    }
    branches = [{"StartAt": "J", "States": {"J": {**state, "End": True}}}, fail]
    assert rig.run(single({"Type": "Parallel", "Branches": branches}))["error"] == "Boom"
    _await_stop(rig, glue, job)


def test_a_query_is_awaited_and_its_rows_are_read(rig: StepsRig, bucket: str) -> None:
    where = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/athena/"}}
    query = task(
        "athena:startQueryExecution.sync", Parameters={"QueryString": "SELECT 42 AS answer", **where}
    )
    path = "$.QueryExecution.QueryExecutionId"
    results = task("athena:getQueryResults", Parameters={"QueryExecutionId.$": path})
    select = {"value.$": "$.ResultSet.Rows[1].Data[0].VarCharValue"}
    states = {"Q": {**query, "Next": "R"}, "R": {**results, "ResultSelector": select, "End": True}}
    assert rig.output({"StartAt": "Q", "States": states}) == {"value": "42"}


def test_a_failed_query_is_the_cause(rig: StepsRig, bucket: str) -> None:
    where = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/athena/"}}
    query = task(
        "athena:startQueryExecution.sync", Parameters={"QueryString": "SELECT * FROM nowhere", **where}
    )
    problem = rig.output(caught(query))
    assert problem["Error"] == "States.TaskFailed"
    assert json.loads(problem["Cause"])["QueryExecution"]["Status"]["State"] == "FAILED"


def test_a_nested_execution_is_awaited_with_its_output_as_json(rig: StepsRig) -> None:
    inner = rig.make_machine(
        single({"Type": "Pass", "Parameters": {"doubled.$": "States.MathAdd($.n, $.n)"}})
    )
    start = task("states:startExecution.sync:2", Parameters={"StateMachineArn": inner, "Input": {"n": 4}})
    output = rig.output(single(start))
    assert (output["Status"], output["Input"], output["Output"]) == ("SUCCEEDED", {"n": 4}, {"doubled": 8})
    failing = rig.make_machine(single({"Type": "Fail", "Error": "Inner", "Cause": "why"}))
    problem = rig.output(
        caught(task("states:startExecution.sync:2", Parameters={"StateMachineArn": failing}))
    )
    assert problem["Error"] == "States.TaskFailed"
    assert json.loads(problem["Cause"])["Error"] == "Inner"


def _token_machine(url: str, **fields: Any) -> dict[str, Any]:
    body = {"token.$": "$$.Task.Token"}
    return task(
        "sqs:sendMessage.waitForTaskToken", Parameters={"QueueUrl": url, "MessageBody": body}, **fields
    )


def _token(rig: StepsRig, url: str) -> str:
    message = rig.cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    return str(json.loads(message["Body"])["token"])


def test_a_task_waits_for_its_token(rig: StepsRig) -> None:
    url, _ = rig.make_queue("tokens")
    machine = rig.make_machine(caught(_token_machine(url)))
    good = rig.start(machine)
    rig.states.send_task_success(taskToken=_token(rig, url), output='{"done": true}')
    assert json.loads(rig.ended(good)["output"]) == {"done": True}
    bad = rig.start(machine)
    rig.states.send_task_failure(taskToken=_token(rig, url), error="Refused", cause="no")
    assert json.loads(rig.ended(bad)["output"]) == {"Error": "Refused", "Cause": "no"}


@pytest.mark.parametrize(("granted", "may"), [("{}", True), ("{}-other", False)])
def test_the_right_to_answer_is_that_on_the_state_machine(rig: StepsRig, granted: str, may: bool) -> None:
    """As CDK's grantTaskResponse gives it."""
    url, _ = rig.make_queue(f"granted-{may}".lower())
    machine = rig.make_machine(single(_token_machine(url)))
    rights = allow(["states:SendTaskSuccess", "states:SendTaskFailure"], granted.format(machine))
    role = make_role(rig.cloud, f"{rig.name}-answers-{may}", rights)
    worker = rig.cloud.client("stepfunctions", assume(rig.cloud, role))
    execution = rig.start(machine)
    token = _token(rig, url)
    if may:
        worker.send_task_success(taskToken=token, output="1")
        assert rig.ended(execution)["output"] == "1"
        with pytest.raises(worker.exceptions.TaskTimedOut):
            worker.send_task_success(taskToken=token, output="1")
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            worker.send_task_success(taskToken=token, output="1")
        rig.states.stop_execution(executionArn=execution)


def test_the_end_of_a_function_s_log_is_shown_to_who_asks(rig: StepsRig, flaky: str) -> None:
    parameters = {"FunctionName": flaky, "Payload": {"key": "log", "failures": 0}, "LogType": "Tail"}
    output = rig.output(single(task("lambda:invoke", Parameters=parameters)))
    assert base64.b64decode(output["LogResult"]).decode().startswith("START RequestId: ")
    assert output["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Log-Result"] == output["LogResult"]


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout"])
def test_a_task_without_a_heartbeat_fails(rig: StepsRig, name: str) -> None:
    url, _ = rig.make_queue(f"heartbeats-{name.rpartition('.')[2]}")
    catch = [{"ErrorEquals": [name], "Next": "B"}]
    state = {**_token_machine(url, HeartbeatSeconds=1, TimeoutSeconds=60), "Catch": catch, "End": True}
    machine = {"StartAt": "A", "States": {"A": state, "B": {"Type": "Pass", "End": True}}}
    execution = rig.run(machine)
    assert json.loads(execution["output"])["Error"] == "States.Timeout"
    assert "TaskTimedOut" in rig.types(execution)

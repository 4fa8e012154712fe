"""What the API of Step Functions says of machines, versions, aliases, executions, activities: AWS's words."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.steps import StepsRig, single, task

PASS = single({"Type": "Pass"})
OTHER = single({"Type": "Pass", "Result": 2})
NOWHERE = "arn:aws:states:us-east-2:000000000000:{}:nowhere"


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> StepsRig:
    return StepsRig(cloud, "sfn-records")


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    told = error.value.response["Error"]
    return str(told["Code"]), str(told["Message"])


def test_what_is_absent_is_said_to_be_absent(rig: StepsRig) -> None:
    machine, execution, activity = (
        NOWHERE.format(kind) for kind in ("stateMachine", "execution", "activity")
    )
    states = rig.states
    absent = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'")
    assert refused(states.list_executions, stateMachineArn=machine) == absent
    assert refused(states.start_execution, stateMachineArn=machine) == absent
    assert refused(states.describe_state_machine, stateMachineArn=machine) == absent
    gone = ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{execution}:e'")
    assert refused(states.describe_execution, executionArn=f"{execution}:e") == gone
    assert refused(states.get_execution_history, executionArn=f"{execution}:e") == gone
    unknown = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{activity}'")
    assert refused(states.describe_activity, activityArn=activity) == unknown
    assert refused(states.list_tags_for_resource, resourceArn=machine)[0] == "ResourceNotFound"
    assert refused(states.describe_execution, executionArn="nonsense")[0] == "InvalidArn"
    states.delete_state_machine(stateMachineArn=machine)
    states.delete_activity(activityArn=activity)


def test_a_revision_is_told_once_there_is_one_and_kept_by_an_update_of_nothing(rig: StepsRig) -> None:
    machine = rig.make_machine(PASS)
    described = rig.states.describe_state_machine(stateMachineArn=machine)
    assert described["tracingConfiguration"] == {"enabled": False}
    assert "revisionId" not in described
    assert "revisionId" not in rig.states.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(PASS)
    )
    first = rig.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(OTHER))[
        "revisionId"
    ]
    again = rig.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(OTHER))[
        "revisionId"
    ]
    assert first == again
    assert rig.states.describe_state_machine(stateMachineArn=machine)["revisionId"] == first
    nothing = refused(rig.states.update_state_machine, stateMachineArn=machine)
    assert nothing[0] == "MissingRequiredParameter"
    hint = refused(
        rig.states.create_state_machine,
        name="sfn-records-hint",
        definition=json.dumps(PASS),
        roleArn=rig.role,
        versionDescription="v",
    )
    assert hint == ("ValidationException", "Version description can only be set when publish is true")


def test_an_execution_of_a_version_runs_that_version_and_is_listed_by_it(rig: StepsRig) -> None:
    machine = rig.make_machine(PASS)
    publish = rig.states.publish_state_machine_version
    version = publish(stateMachineArn=machine, description="one")["stateMachineVersionArn"]
    assert publish(stateMachineArn=machine)["stateMachineVersionArn"] == version  # of the same revision
    rig.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(OTHER))
    alias = rig.states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    other = rig.make_machine(single({"Type": "Pass"}))
    foreign = rig.states.publish_state_machine_version(stateMachineArn=other)["stateMachineVersionArn"]
    for more in ({}, {"routingConfiguration": [{"stateMachineVersionArn": foreign, "weight": 100}]}):
        with pytest.raises(ClientError, match="must"):
            rig.states.update_state_machine_alias(stateMachineAliasArn=alias, **more)
    outputs = {arn: rig.ended(rig.start(arn, 1)) for arn in (machine, version, alias)}
    assert [json.loads(outputs[arn]["output"]) for arn in (machine, version, alias)] == [2, 1, 1]
    assert outputs[alias]["stateMachineAliasArn"] == alias
    listed = rig.states.list_executions(stateMachineArn=version)["executions"]
    assert {one["executionArn"] for one in listed} == {
        outputs[arn]["executionArn"] for arn in (version, alias)
    }
    assert rig.states.describe_state_machine(stateMachineArn=version)["description"] == "one"
    ran = rig.states.describe_state_machine_for_execution(executionArn=outputs[version]["executionArn"])
    assert json.loads(ran["definition"]) == PASS
    code, message = refused(rig.states.delete_state_machine_version, stateMachineVersionArn=version)
    assert (code, message[-6:]) == ("ConflictException", "[live]")
    rig.states.delete_state_machine(stateMachineArn=machine)
    assert (
        refused(rig.states.describe_state_machine, stateMachineArn=version)[0] == "StateMachineDoesNotExist"
    )


def test_an_execution_says_whether_it_can_be_redriven(rig: StepsRig) -> None:
    good, bad = rig.run(PASS), rig.run(single({"Type": "Fail", "Error": "E"}))
    assert (good["redriveCount"], good["redriveStatus"]) == (0, "NOT_REDRIVABLE")
    assert good["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert bad["redriveStatus"] == "REDRIVABLE"
    assert "outputDetails" in good
    assert "outputDetails" not in bad
    assert refused(rig.states.redrive_execution, executionArn=good["executionArn"]) == (
        "ExecutionNotRedrivable",
        "Execution is SUCCEEDED and cannot be redriven",
    )


def test_a_task_that_failed_is_redriven_and_not_entered_again(rig: StepsRig) -> None:
    name = f"{rig.name}-redriven"
    call = task("aws-sdk:s3:headBucket", Parameters={"Bucket": name})
    execution = rig.run(single(call), {"x": 1})
    assert execution["status"] == "FAILED"
    begun = len(rig.events(execution))
    constraint = {"LocationConstraint": rig.cloud.region}
    rig.cloud.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=constraint)
    rig.states.redrive_execution(executionArn=execution["executionArn"])
    ended = rig.ended(execution["executionArn"])
    assert (ended["status"], ended["redriveCount"], "error" in ended) == ("SUCCEEDED", 1, False)
    assert rig.types(execution)[begun : begun + 2] == ["ExecutionRedriven", "TaskScheduled"]
    arn = ended["stateMachineArn"]
    for wanted, count in (("REDRIVEN", 1), ("NOT_REDRIVEN", 0)):
        found = rig.states.list_executions(stateMachineArn=arn, redriveFilter=wanted)["executions"]
        assert len(found) == count


def test_what_was_stopped_is_redriven_at_once_and_stopped_again(rig: StepsRig) -> None:
    arn = rig.start(rig.make_machine(single({"Type": "Wait", "Seconds": 99999})))
    for count in (0, 1):
        assert rig.states.describe_execution(executionArn=arn)["redriveCount"] == count
        rig.states.stop_execution(executionArn=arn)
        assert rig.states.describe_execution(executionArn=arn)["status"] == "ABORTED"
        rig.states.redrive_execution(executionArn=arn)
        assert rig.states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    rig.states.stop_execution(executionArn=arn)
    types = [event["type"] for event in rig.states.get_execution_history(executionArn=arn)["events"]]
    assert types.count("ExecutionAborted") == 3


def test_an_express_execution_has_its_own_arn_and_is_not_described(rig: StepsRig) -> None:
    machine = rig.make_machine(PASS, type="EXPRESS")
    answer = rig.states.start_sync_execution(stateMachineArn=machine, input="{}")
    assert ":express:" in answer["executionArn"]
    assert answer["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    started = rig.states.start_execution(stateMachineArn=machine, name="twice")["executionArn"]
    assert started != rig.states.start_execution(stateMachineArn=machine, name="twice")["executionArn"]
    for call in (rig.states.describe_execution, rig.states.get_execution_history, rig.states.stop_execution):
        code, message = refused(call, executionArn=started)
        assert (code, message) == (
            "InvalidArn",
            "Invalid Arn: 'Resource type not valid in this context: express'",
        )
    assert refused(rig.states.list_executions, stateMachineArn=machine)[0] == "StateMachineTypeNotSupported"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Invalid execution input."),
        ("not json", "Unrecognized token 'not'"),
        ("{'a': 1}", "was expecting double-quote to start field name"),
    ],
)
def test_an_input_that_is_no_json_is_refused(rig: StepsRig, text: str, words: str) -> None:
    machine = rig.make_machine(PASS)
    code, message = refused(rig.states.start_execution, stateMachineArn=machine, input=text)
    assert code == "InvalidExecutionInput"
    assert words in message


def test_a_worker_takes_an_activity_s_task_and_answers_with_its_token(rig: StepsRig) -> None:
    made = [rig.states.create_activity(name="sfn-records-work")["activityArn"] for _ in range(2)]
    assert made[0] == made[1]
    assert refused(rig.states.create_activity, name="a b")[0] == "InvalidName"
    waiting = {"Type": "Task", "Resource": made[0], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}
    machine = {
        "StartAt": "A",
        "States": {"A": {**waiting, "End": True}, "B": {"Type": "Pass", "End": True}},
    }

    def work(answer: Callable[[str], Any]) -> None:
        taken = rig.states.get_activity_task(activityArn=made[0], workerName="w")
        assert json.loads(taken["input"]) == {"n": 1}
        answer(taken["taskToken"])

    good = rig.start(rig.make_machine(machine), {"n": 1})
    work(lambda token: rig.states.send_task_success(taskToken=token, output="[5]"))
    assert json.loads(rig.ended(good)["output"]) == [5]
    kinds = [kind for kind in rig.types(good) if kind.startswith("Activity")]
    assert kinds == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    bad = rig.start(rig.make_machine(machine), {"n": 1})
    work(lambda token: rig.states.send_task_failure(taskToken=token))
    assert json.loads(rig.ended(bad)["output"]) == {"Error": "", "Cause": ""}


def test_a_token_that_never_was_one_and_one_that_is_over_are_refused(rig: StepsRig) -> None:
    url, _ = rig.make_queue("tokens")
    sent = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    arn = rig.start(rig.make_machine(single(task("sqs:sendMessage.waitForTaskToken", Parameters=sent))))
    sqs = rig.cloud.client("sqs")
    body = rig.until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), bool)[0]["Body"]
    token = json.loads(body)["token"]
    rig.states.send_task_success(taskToken=token, output="1")
    assert json.loads(rig.ended(arn)["output"]) == 1
    success = rig.states.send_task_success
    assert refused(success, taskToken="nonsense", output="1") == (
        "InvalidToken",
        "Invalid Token: 'Invalid token'",
    )
    assert refused(success, taskToken=token, output="1")[0] == "TaskTimedOut"


def test_what_is_too_long_is_refused_before_anything_is_done(rig: StepsRig) -> None:
    role, state = rig.role, json.dumps({"Type": "Pass", "End": True})
    arn = rig.start(rig.make_machine(single({"Type": "Wait", "Seconds": 99999})))
    too_long = json.dumps("a" * 262_144)
    calls: list[tuple[Callable[..., Any], dict[str, str]]] = [
        (rig.states.test_state, {"definition": state, "roleArn": role, "input": too_long}),
        (rig.states.test_state, {"definition": state, "roleArn": role, "variables": too_long}),
        (rig.states.send_task_success, {"taskToken": "nonsense", "output": too_long}),
        (rig.states.send_task_failure, {"taskToken": "nonsense", "cause": "a" * 32_769}),
        (rig.states.stop_execution, {"executionArn": arn, "error": "a" * 257}),
        (rig.states.redrive_execution, {"executionArn": arn, "clientToken": "a b"}),
    ]
    for call, given in calls:
        assert refused(call, **given)[0] == "ValidationException"
    assert rig.states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    rig.states.stop_execution(executionArn=arn)


def test_branches_that_are_cut_off_say_so(rig: StepsRig) -> None:
    waits = single({"Type": "Wait", "Seconds": 99999})
    later = {"Type": "Wait", "Seconds": 20, "Next": "F"}  # the other branch has begun by then
    branches = [
        {"StartAt": "W", "States": {"W": waits["States"]["A"]}},
        {"StartAt": "L", "States": {"L": later, "F": {"Type": "Fail", "Error": "E"}}},
    ]
    types = rig.types(rig.run(single({"Type": "Parallel", "Branches": branches})))
    assert types[-3:] == ["WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"]


def test_validations_side_by_side_do_not_disturb_each_other(rig: StepsRig) -> None:
    good = json.dumps(single({"Type": "Pass", "Parameters": {"a.$": "$.a"}}))
    bad = json.dumps({"QueryLanguage": "JSONata", **single({"Type": "Pass", "QueryLanguage": "JSONPath"})})
    results: list[tuple[str, str]] = []

    def validate(text: str) -> None:
        client = rig.cloud.client("stepfunctions")
        results.extend(
            (text, client.validate_state_machine_definition(definition=text)["result"]) for _ in range(10)
        )

    threads = [threading.Thread(target=validate, args=(text,)) for text in (good, bad, good, bad)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == {(good, "OK"), (bad, "FAIL")}

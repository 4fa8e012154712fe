"""What the Step Functions tests share: roles, functions, state machines and their executions."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

from localcloud.cloud import LocalCloud
from rigs.roles import allow, make_role

Definition = dict[str, Any]
_DEADLINE_SECONDS = 60


class StepsRig:
    """State machines of one test module; every name begins with that of the module's rig."""

    def __init__(self, cloud: LocalCloud, name: str) -> None:
        self.cloud, self.name = cloud, name
        self.states = cloud.client("stepfunctions")
        self.role = self.make_role("machine", allow("*"))
        self._count = 0

    def make_role(self, name: str, *statements: dict[str, Any], service: str = "states.amazonaws.com") -> str:
        return make_role(self.cloud, f"{self.name}-{name}", *statements, service=service)

    def make_function(self, name: str, code: str, **fields: Any) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as folder:
            folder.writestr("index.py", code)
        self.cloud.client("lambda").create_function(
            FunctionName=f"{self.name}-{name}",
            Runtime="python3.11",
            Handler="index.handler",
            Role=self.make_role(f"{name}-function", service="lambda.amazonaws.com"),
            Code={"ZipFile": archive.getvalue()},
            **fields,
        )
        return f"{self.name}-{name}"

    def make_bucket(self, name: str) -> str:
        constraint = {"LocationConstraint": self.cloud.region}
        bucket = f"{self.name}-{name}"
        self.cloud.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=constraint)
        return bucket

    def make_queue(self, name: str) -> tuple[str, str]:
        """The URL and the ARN."""
        sqs = self.cloud.client("sqs")
        url = sqs.create_queue(QueueName=f"{self.name}-{name}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, attributes["QueueArn"]

    def make_machine(self, definition: Definition, role: str = "", **fields: Any) -> str:
        self._count += 1
        answer = self.states.create_state_machine(
            name=f"{self.name}-{self._count}",
            definition=json.dumps(definition),
            roleArn=role or self.role,
            **fields,
        )
        return str(answer["stateMachineArn"])

    def start(self, machine: str, given: Any = None, **fields: Any) -> str:
        text = json.dumps({} if given is None else given)
        answer = self.states.start_execution(stateMachineArn=machine, input=text, **fields)
        return str(answer["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        return self.until(
            lambda: self.states.describe_execution(executionArn=execution),
            lambda described: described["status"] != "RUNNING",
        )

    def run(self, definition: Definition, given: Any = None, role: str = "", **fields: Any) -> dict[str, Any]:
        return self.ended(self.start(self.make_machine(definition, role, **fields), given))

    def output(self, definition: Definition, given: Any = None, role: str = "") -> Any:
        execution = self.run(definition, given, role)
        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        return json.loads(execution["output"])

    def events(self, execution: dict[str, Any] | str) -> list[dict[str, Any]]:
        arn = execution if isinstance(execution, str) else execution["executionArn"]
        return list(self.states.get_execution_history(executionArn=arn, maxResults=1000)["events"])

    def types(self, execution: dict[str, Any] | str) -> list[str]:
        return [event["type"] for event in self.events(execution)]

    @staticmethod
    def until(read: Any, suits: Any) -> Any:
        """What `read` returns once it suits; fails when it never does."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not suits(value := read()):
            assert time.monotonic() < deadline, value
            time.sleep(0.02)
        return value


def task(resource: str, **fields: Any) -> Definition:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", **fields}


def single(state: Definition, **fields: Any) -> Definition:
    """A machine of one state."""
    end = {} if state["Type"] in ("Choice", "Fail", "Succeed") else {"End": True}
    return {"StartAt": "A", "States": {"A": {**end, **state}}, **fields}


def caught(state: Definition, **fields: Any) -> Definition:
    """A machine whose output is the Error and Cause with which its one Task fails."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {"A": {"End": True, **state, "Catch": catch}, "Caught": {"Type": "Pass", "End": True}}
    return {"StartAt": "A", "States": states, **fields}

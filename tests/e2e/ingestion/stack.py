"""The project's own stack on the local cloud, with a stand-in Glue job, and what tests do to it."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from infra.common import watch
from infra.common.code_locations import CodeLocations, artifact_key
from infra.common.pipeline import DescribedDataSet, template_json
from infra.ingestion import work
from infra.ingestion.template import build_template
from localcloud.cloud import ACCOUNT, LocalCloud

ROOT = Path(__file__).parents[3]
ENVIRONMENT = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text())
DEADLINE_SECONDS = 120.0


def _zip(path: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(path, "handler.py")
    return buffer.getvalue()


def _empty_library() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("nothing/__init__.py", "")
    return buffer.getvalue()


class IngestionStack:
    """A deployed stack: start executions, see how they end, read the notifications."""

    def __init__(self, cloud: LocalCloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self.source = f"{name}-source"
        self.s3 = cloud.client("s3")
        self.states = cloud.client("stepfunctions")
        self.outputs: dict[str, str] = {}

    def deploy(self, without: str = "", **parameters: str) -> None:
        """Create the stack from the template and dev.yaml, with these parameters instead of its own.

        `without`: a resource that the template does not have yet.
        """
        self.s3.create_bucket(
            Bucket=self.source, CreateBucketConfiguration={"LocationConstraint": self.cloud.region}
        )
        self._upload()
        formation = self.cloud.client("cloudformation")
        formation.create_stack(**self._request(parameters, without))
        stack = self._await_stack(formation)
        events = formation.describe_stack_events(StackName=self.name)["StackEvents"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [
            event.get("ResourceStatusReason") for event in events if "FAILED" in event["ResourceStatus"]
        ]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def update(self, **parameters: str) -> str:
        """Update the stack to the whole template: its status."""
        formation = self.cloud.client("cloudformation")
        formation.update_stack(**self._request(parameters, ""))
        return str(self._await_stack(formation)["StackStatus"])

    def _request(self, parameters: Mapping[str, str], without: str) -> dict[str, Any]:
        bucket = f"covid-lake-artifacts-{ACCOUNT}-{self.cloud.region}"
        body = self.s3.get_object(Bucket=bucket, Key=self._template)["Body"].read()
        place = self._template
        if without:
            content = json.loads(body)
            del content["Resources"][without]
            place = self._template.replace(".json", f"-{without}.json")
            self.s3.put_object(Bucket=bucket, Key=place, Body=json.dumps(content).encode())
        values = {**ENVIRONMENT["parameters"], "SourceBucket": self.source, **parameters}
        return {
            "StackName": self.name,
            "TemplateURL": f"https://s3.{self.cloud.region}.amazonaws.com/{bucket}/{place}",
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            "Capabilities": ["CAPABILITY_IAM"],
        }

    @property
    def _template(self) -> str:
        return f"{self.name}/templates/{self.name}.json"

    def _upload(self) -> None:
        bucket = f"covid-lake-artifacts-{ACCOUNT}-{self.cloud.region}"
        if bucket not in [entry["Name"] for entry in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self.cloud.region}
            )
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        functions = {
            name: _zip(ROOT / "lambdas" / name / "handler.py") for name in (*work.FUNCTIONS, watch.FOLDER)
        }
        functions["find_work"] = _zip(Path(__file__).with_name("stand_in_find_work.py"))
        keys = {name: artifact_key(self.name, f"{name}.zip") for name in functions}
        script = artifact_key(self.name, "stand_in_job.py")
        library = artifact_key(self.name, "library.zip")
        code = CodeLocations.packaged(keys, {"ingest.py": script}, library)
        bodies: dict[str, bytes] = {f"{self.name}/{keys[name]}": body for name, body in functions.items()}
        bodies[f"{self.name}/{script}"] = Path(__file__).with_name("stand_in_job.py").read_bytes()
        bodies[f"{self.name}/{library}"] = _empty_library()
        bodies[self._template] = template_json(build_template(code, [DescribedDataSet("uk_covid")])).encode()
        for key, body in bodies.items():
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def _await_stack(self, formation: Any) -> dict[str, Any]:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            stack: dict[str, Any] = formation.describe_stacks(StackName=self.name)["Stacks"][0]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return stack
            time.sleep(0.1)
        raise AssertionError(f"stack {self.name} is not finished")

    @property
    def lake(self) -> str:
        return self.outputs["LakeBucketName"]

    def plan(self, dataset: str, revision: str, rows: int, **more: Any) -> None:
        """Tell the stand-in job what to do for a data set."""
        body = json.dumps({"revision": revision, "rows": rows, **more})
        self.s3.put_object(Bucket=self.source, Key=f"{dataset}/plan.json", Body=body)

    @contextmanager
    def found(self, dataset: str, **content: Any) -> Iterator[None]:
        """For a while, have the stand-in `find_work` answer this for a data set."""
        key = f"state/{dataset}/find.json"
        self.s3.put_object(Bucket=self.lake, Key=key, Body=json.dumps(content))
        try:
            yield
        finally:
            self.s3.delete_object(Bucket=self.lake, Key=key)

    def query(self, text: str) -> list[dict[str, Any]]:
        """The rows that Athena answers with, as text."""
        athena = self.cloud.client("athena")
        started = athena.start_query_execution(
            QueryString=text,
            WorkGroup=self.outputs["WorkGroupName"],
            QueryExecutionContext={"Database": self.outputs["DatabaseName"]},
        )["QueryExecutionId"]
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        assert status["State"] == "SUCCEEDED", status
        found = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        head, *rest = [[cell.get("VarCharValue") for cell in row["Data"]] for row in found]
        return [dict(zip(head, row, strict=True)) for row in rest]

    def job_runs(self, execution_arn: str) -> list[str]:
        """The data sets of each job run of an execution, as the job was told."""
        runs = self.cloud.client("glue").get_job_runs(JobName=self.outputs["JobName"])["JobRuns"]
        name = execution_arn.rsplit(":", 1)[1]
        return sorted(run["Arguments"]["--datasets"] for run in runs if run["Arguments"]["--run_id"] == name)

    def start(self, execution_input: Any = None, name: str | None = None) -> str:
        answer = self.states.start_execution(
            stateMachineArn=self.outputs["StateMachineArn"],
            name=name or f"test-{uuid.uuid4()}",
            input=json.dumps({} if execution_input is None else execution_input),
        )
        return str(answer["executionArn"])

    def finish(self, execution_arn: str) -> dict[str, Any]:
        """The execution once it has ended, with `output` parsed."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            execution: dict[str, Any] = self.states.describe_execution(executionArn=execution_arn)
            if execution["status"] != "RUNNING":
                if "output" in execution:
                    execution["output"] = json.loads(execution["output"])
                return execution
            time.sleep(0.1)
        raise AssertionError(f"execution is still running: {self.states_entered(execution_arn)}")

    def run(self, execution_input: Any = None) -> dict[str, Any]:
        return self.finish(self.start(execution_input))

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    def states_entered(self, execution_arn: str) -> list[str]:
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in self.history(execution_arn)
            if "stateEnteredEventDetails" in event
        ]

    @contextmanager
    def without_permission(
        self, role_logical_id: str, *actions: str, sid: str | None = None
    ) -> Iterator[None]:
        """Take actions away from a role of the stack for a while, in one statement or in all."""
        iam, policy = self.cloud.client("iam"), "Permissions"
        role = self.cloud.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=role_logical_id
        )["StackResourceDetail"]["PhysicalResourceId"]
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        left = [
            _without(statement, actions) if sid in (None, statement["Sid"]) else statement
            for statement in document["Statement"]
        ]
        reduced = {**document, "Statement": [statement for statement in left if statement["Action"]]}
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(reduced))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    def await_job_run(self, state: str = "RUNNING") -> str:
        """The state of the job's newest run once it is this one."""
        glue, deadline = self.cloud.client("glue"), time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            runs = glue.get_job_runs(JobName=self.outputs["JobName"], MaxResults=1)["JobRuns"]
            if runs and runs[0]["JobRunState"] == state:
                return state
            time.sleep(0.1)
        raise AssertionError(f"no job run is {state}")

    def undelivered(self) -> list[str]:
        """What is in the queue of undelivered messages, once there is anything."""
        sqs, deadline = self.cloud.client("sqs"), time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            answer = sqs.receive_message(QueueUrl=self.outputs["UndeliveredQueueUrl"], MaxNumberOfMessages=10)
            if answer.get("Messages"):
                return [message["Body"] for message in answer["Messages"]]
            time.sleep(0.1)
        raise AssertionError("no message was left")


def _without(statement: Mapping[str, Any], actions: tuple[str, ...]) -> dict[str, Any]:
    return {**statement, "Action": [action for action in statement["Action"] if action not in actions]}


class Inbox:
    """A queue subscribed to the stack's topic: the notifications that people get."""

    def __init__(self, stack: IngestionStack, name: str) -> None:
        self._sqs = stack.cloud.client("sqs")
        self.url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        topic = stack.outputs["TopicArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})
        stack.cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def messages(self, expected: int = 1) -> list[dict[str, Any]]:
        """At least `expected` messages (Subject, Message), and whatever else has arrived by then."""
        received: list[dict[str, Any]] = []
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            answer = self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                received.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            if len(received) >= expected:
                return received
            time.sleep(0.1)
        raise AssertionError(f"{len(received)} of {expected} messages arrived: {received}")

    def clear(self) -> None:
        self._sqs.purge_queue(QueueUrl=self.url)

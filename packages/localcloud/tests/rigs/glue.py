"""What the Glue tests share: a bucket of code, a lake bucket, a role, jobs made from script texts."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.roles import allow, make_role

ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"}


class GlueRig:
    def __init__(self, cloud: LocalCloud, name: str) -> None:
        self.cloud, self.name = cloud, name
        self.glue, self.s3 = cloud.client("glue"), cloud.client("s3")
        self.code, self.lake = f"{name}-code", f"{name}-lake"
        for bucket in (self.code, self.lake):
            constraint = {"LocationConstraint": cloud.region}
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=constraint)
        self.role = self.make_role("job", allow("s3:*", "*"))

    def make_role(self, name: str, *statements: dict[str, Any], service: str = "glue.amazonaws.com") -> str:
        return make_role(self.cloud, f"{self.name}-{name}", *statements, service=service)

    def put(self, key: str, body: str | bytes, bucket: str = "") -> str:
        self.s3.put_object(Bucket=bucket or self.code, Key=key, Body=body)
        return f"s3://{bucket or self.code}/{key}"

    def make_job(self, name: str, script: str, **fields: Any) -> str:
        location = self.put(f"{name}.py", script)
        command = {"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": location}
        job = {"Role": self.role, "GlueVersion": "5.1", "WorkerType": "G.1X", "NumberOfWorkers": 2, **fields}
        self.glue.create_job(Name=f"{self.name}-{name}", Command=command, **job)
        return f"{self.name}-{name}"

    def start(self, job: str, **fields: Any) -> str:
        return str(self.glue.start_job_run(JobName=job, **fields)["JobRunId"])

    def run(self, job: str, **fields: Any) -> dict[str, Any]:
        return self.ended(job, self.start(job, **fields))

    def record(self, job: str, run: str) -> dict[str, Any]:
        return dict(self.glue.get_job_run(JobName=job, RunId=run)["JobRun"])

    def ended(self, job: str, run: str) -> dict[str, Any]:
        return self.until(job, run, ENDED)

    def until(self, job: str, run: str, states: set[str]) -> dict[str, Any]:
        deadline = time.monotonic() + 120
        while (record := self.record(job, run))["JobRunState"] not in states:
            assert time.monotonic() < deadline, record
            time.sleep(0.05)
        return record

    def log(self, run: str, kind: str, group: str = "/aws-glue/jobs") -> list[str]:
        logs = self.cloud.client("logs")
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            stream = {"logGroupName": f"{group}/{kind}", "logStreamName": run, "startFromHead": True}
            page = logs.get_log_events(**stream, **token)
            if not page["events"]:
                return found
            found += [event["message"] for event in page["events"]]
            token = {"nextToken": page["nextForwardToken"]}

    def await_line(self, run: str, line: str) -> None:
        """Until the run has printed `line`, read from its log stream while the run goes on."""
        deadline = time.monotonic() + 60
        while line not in self.log_so_far(run):
            assert time.monotonic() < deadline, f"{line} never came: {self.log_so_far(run)}"
            time.sleep(0.1)

    def log_so_far(self, run: str) -> list[str]:
        try:
            return self.log(run, "output")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return []

    def keys(self, prefix: str) -> list[str]:
        listing = self.s3.list_objects_v2(Bucket=self.lake, Prefix=prefix)
        return [item["Key"] for item in listing.get("Contents", [])]

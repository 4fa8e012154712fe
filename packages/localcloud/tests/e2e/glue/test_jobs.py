"""Glue job runs that need no Spark: environment, arguments, failure, logs, stop, time-out, limits, rights."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import processes
from localcloud.cloud import LocalCloud
from rigs.glue import GlueRig
from rigs.roles import allow, document

SLEEPER = "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\nprint('asleep')\ntime.sleep(600)\n"
TELL = """
import json, os, sys
import boto3
print(json.dumps({
    "argv": sys.argv[1:],
    "who": boto3.client("sts").get_caller_identity()["Arn"],
    "spark": "pyspark" in sys.modules,
    "environment": sorted(os.environ),
    "files": sorted(os.listdir()),
}))
"""


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> GlueRig:
    return GlueRig(cloud, "glue-jobs")


def zipped(**modules: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in modules.items():
            archive.writestr(f"{name}.py", text)
    return target.getvalue()


def error_code(operation: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**arguments)
    return str(caught.value.response["Error"]["Code"])


def job_processes(rig: GlueRig) -> list[int]:
    folders = rig.cloud.home.temporary.glob("glue-run-*")
    return [process for folder in folders for process in processes.of(folder)]


def test_script_gets_merged_arguments_role_and_a_clean_environment(
    rig: GlueRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = rig.put("limits.json", "{}")
    job = rig.make_job(
        "tell",
        TELL,
        DefaultArguments={"--a": "default", "--b": "default", "--extra-files": extra},
        NonOverridableArguments={"--c": "fixed"},
    )
    record = rig.run(job, Arguments={"--b": "run", "--c": "run", "--empty": ""})
    assert record["JobRunState"] == "SUCCEEDED", record
    assert record["Arguments"] == {"--b": "run", "--c": "run", "--empty": ""}
    assert (record["WorkerType"], record["NumberOfWorkers"], record["MaxCapacity"]) == ("G.1X", 2, 2.0)
    assert record["CompletedOn"] >= record["StartedOn"]
    told = json.loads(rig.log(record["Id"], "output")[0])
    arguments = dict(zip(told["argv"][::2], told["argv"][1::2], strict=True))
    assert arguments == {
        "--a": "default",
        "--b": "run",
        "--c": "fixed",
        "--empty": "",
        "--extra-files": extra,
        "--JOB_NAME": job,
        "--JOB_RUN_ID": record["Id"],
    }
    assert ":assumed-role/glue-jobs-job/" in told["who"]
    assert told["spark"] is False
    assert not {"GATEWAY_PORT", "MINISTACK_REGION", "VIRTUAL_ENV"} & set(told["environment"])
    assert "limits.json" in told["files"]


def test_extra_py_files_are_importable_and_the_project_is_not(rig: GlueRig) -> None:
    files = [
        rig.put("library.zip", zipped(shared="WORD = 'from the zip'")),
        rig.put("alone.py", "WORD = 'alone'"),
    ]
    script = """
import alone, shared
print(shared.WORD, alone.WORD)
try:
    import ingestion
except ModuleNotFoundError as error:
    print(error)
"""
    job = rig.make_job("library", script, DefaultArguments={"--extra-py-files": ",".join(files)})
    record = rig.run(job)
    expected = ["from the zip alone", "No module named 'ingestion'"]
    assert rig.log(record["Id"], "output") == expected, record


def test_failure_has_the_last_exception_line_and_whole_logs(rig: GlueRig) -> None:
    script = (
        "import sys\n"
        "for number in range(25_000):\n"
        "    print('line', number)\n"
        "print('no line break at the end', end='')\n"
        "raise ValueError('bad record in day 2')\n"
    )
    job = rig.make_job("fails", script, DefaultArguments={"--custom-logGroup-prefix": "/own/group"})
    record = rig.run(job)
    assert (record["JobRunState"], record["ErrorMessage"]) == ("FAILED", "ValueError: bad record in day 2")
    assert record["LogGroupName"] == "/own/group"
    trace = rig.log(record["Id"], "error", "/own/group")
    assert trace[0] == "Traceback (most recent call last):"
    assert "fails.py" in trace[1]
    assert trace[-1] == "ValueError: bad record in day 2"
    assert rig.log(record["Id"], "output", "/own/group") == [f"line {number}" for number in range(25_000)] + [
        "no line break at the end"
    ]


def test_end_of_a_run_is_an_event(rig: GlueRig) -> None:
    job = rig.make_job("told", "raise ValueError('no')")
    events, sqs = rig.cloud.client("events"), rig.cloud.client("sqs")
    queue = f"arn:aws:sqs:{rig.cloud.region}:000000000000:glue-events"
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    policy = document({**statement, "Action": "sqs:SendMessage", "Resource": queue})
    url = sqs.create_queue(QueueName="glue-events", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {"source": ["aws.glue"], "detail": {"jobName": [job], "state": ["FAILED"]}}
    events.put_rule(Name="glue-events", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="glue-events", Targets=[{"Id": "queue", "Arn": queue}])
    record = rig.run(job)
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    event = json.loads(found[0]["Body"])
    assert (event["detail-type"], event["detail"]["jobRunId"]) == ("Glue Job State Change", record["Id"])
    assert event["detail"]["message"] == "ValueError: no"


@pytest.mark.parametrize(
    ("name", "ending", "state", "message"),
    [
        ("exit-zero", "sys.exit(0)", "SUCCEEDED", None),
        ("exit-none", "sys.exit()", "SUCCEEDED", None),
        ("exit-text", "sys.exit('see --source')", "FAILED", "SystemExit: see --source"),
        ("exit-code", "sys.exit(3)", "FAILED", "SystemExit: 3"),
        ("exit-hard", "os._exit(4)", "FAILED", "Command failed with exit code 4"),
        ("killed", "os.kill(os.getpid(), 9)", "FAILED", "Command failed: the script's process was"),
        ("syntax", "def", "FAILED", "SyntaxError: invalid syntax"),
    ],
)  # fmt: skip
def test_endings(rig: GlueRig, name: str, ending: str, state: str, message: str | None) -> None:
    record = rig.run(rig.make_job(name, f"import os, sys\n{ending}\n"))
    assert record["JobRunState"] == state
    assert (record.get("ErrorMessage") or "").startswith(message or "")
    assert bool(record.get("ErrorMessage")) == bool(message)


def test_limit_of_concurrent_runs_logs_while_running_and_stop(rig: GlueRig) -> None:
    job = rig.make_job("sleeps", SLEEPER, ExecutionProperty={"MaxConcurrentRuns": 1})
    run = rig.start(job)
    rig.await_line(run, "asleep")
    assert error_code(rig.glue.start_job_run, JobName=job) == "ConcurrentRunsExceededException"
    answer = rig.glue.batch_stop_job_run(JobName=job, JobRunIds=[run, "jr_unknown"])
    assert [stopped["JobRunId"] for stopped in answer["SuccessfulSubmissions"]] == [run]
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    assert rig.ended(job, run)["JobRunState"] == "STOPPED"
    assert job_processes(rig) == []
    again = rig.glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
    assert [error["ErrorDetail"]["ErrorCode"] for error in again["Errors"]] == ["InvalidInputException"]


def test_time_out_ends_the_process_group(rig: GlueRig) -> None:
    job = rig.make_job("slow", SLEEPER, MaxRetries=1)
    fractions: Any = boto3.client(  # no SDK sends a fraction of a minute unless it is told not to look
        "glue",
        endpoint_url=rig.cloud.endpoint_url,
        region_name=rig.cloud.region,
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )
    run = fractions.start_job_run(JobName=job, Timeout=0.03)["JobRunId"]
    record = rig.ended(job, run)
    assert record["JobRunState"] == "TIMEOUT"
    assert "timeout of 0.03 minutes" in record["ErrorMessage"]
    assert rig.log(run, "output") == ["asleep"]
    assert job_processes(rig) == []
    assert len(rig.glue.get_job_runs(JobName=job)["JobRuns"]) == 1


def test_retries_are_new_attempts_and_runs_are_paged_newest_first(rig: GlueRig) -> None:
    job = rig.make_job("retried", "raise RuntimeError('again')", MaxRetries=2)
    first = rig.start(job)
    last = f"{first}_attempt_2"
    rig.ended(job, first)
    for attempt in ("_attempt_1", "_attempt_2"):
        while f"{first}{attempt}" not in [run["Id"] for run in rig.glue.get_job_runs(JobName=job)["JobRuns"]]:
            rig.record(job, first)
    assert rig.ended(job, last)["PreviousRunId"] == f"{first}_attempt_1"
    page = rig.glue.get_job_runs(JobName=job, MaxResults=2)
    assert [(run["Id"], run["Attempt"]) for run in page["JobRuns"]] == [(last, 2), (f"{first}_attempt_1", 1)]
    rest = rig.glue.get_job_runs(JobName=job, MaxResults=2, NextToken=page["NextToken"])
    assert [run["Id"] for run in rest["JobRuns"]] == [first]
    assert "NextToken" not in rest


def test_errors_of_the_api(rig: GlueRig) -> None:
    job = rig.make_job("plain", "print('plain')")
    glue = rig.glue
    assert error_code(glue.start_job_run, JobName="unknown") == "EntityNotFoundException"
    assert error_code(glue.get_job_runs, JobName="unknown") == "EntityNotFoundException"
    assert error_code(glue.get_job_run, JobName=job, RunId="jr_unknown") == "EntityNotFoundException"
    both = {"MaxCapacity": 2.0, "WorkerType": "G.1X", "NumberOfWorkers": 2}
    assert error_code(glue.start_job_run, JobName=job, **both) == "InvalidInputException"


def test_runs_that_cannot_start_say_why(rig: GlueRig) -> None:
    def message(name: str, **fields: Any) -> str:
        record = rig.run(rig.make_job(name, "print('never')", **fields))
        assert record["JobRunState"] == "FAILED"
        return str(record["ErrorMessage"])

    blind = rig.make_role("blind", allow("s3:ListBucket", "*"))
    foreign = rig.make_role("foreign", allow("s3:*", "*"), service="lambda.amazonaws.com")
    code = f"bucket: {rig.code}, key: no-script-right.py"
    assert re.search(f"{code}.*AccessDenied.*s3:GetObject", message("no-script-right", Role=blind))
    assert "should be given assume role permissions" in message("no-trust", Role=foreign)
    assert "does not exist" in message("no-role", Role="arn:aws:iam::000000000000:role/nobody")
    missing = {"--extra-py-files": f"s3://{rig.code}/none.zip"}
    assert "NoSuchKey" in message("no-library", DefaultArguments=missing)
    modules = {"--additional-python-modules": "boto3,awswrangler==3.9.0"}
    assert "awswrangler==3.9.0 is not installed" in message("no-module", DefaultArguments=modules)
    assert "--extra-jars" in message("jars", DefaultArguments={"--extra-jars": "s3://x/y.jar"})

"""The AWS CLI: the commands that a lake's people type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cases import case, run

AWS = Path(sys.executable).parent / "aws"
BUCKET, DATABASE = "cli-lake", "cli_clients"
FOLDER = Path(tempfile.mkdtemp(prefix="cli-clients-"))
TEMPLATE = {"Description": "one topic", "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
DESCRIPTOR = {"Columns": [{"Name": "a", "Type": "int"}], "Location": f"s3://{BUCKET}/t/"}


def aws(*words: str, fails: str = "") -> Any:
    """What a command prints; with `fails` it has to, with these words."""
    command = [str(AWS), *words]
    if words[0] == "sqs":  # version 1 asks another host in some regions, whatever AWS_ENDPOINT_URL says
        command += ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if fails:
        assert done.returncode, done.stdout
        assert fails in done.stderr, done.stderr
        return None
    if done.returncode:
        raise AssertionError(" ".join(words[:2]) + ": " + done.stderr.strip())
    try:
        return json.loads(done.stdout or "null")
    except ValueError:
        return done.stdout


@case
def buckets_and_objects() -> None:
    aws("s3", "mb", f"s3://{BUCKET}")
    (FOLDER / "a.txt").write_text("hello")
    aws("s3", "cp", "a.txt", f"s3://{BUCKET}/x/a.txt")
    aws("s3", "sync", ".", f"s3://{BUCKET}/sync/", "--exclude", "*", "--include", "a.txt")
    assert "a.txt" in aws("s3", "ls", f"s3://{BUCKET}/sync/")
    aws("s3", "mv", f"s3://{BUCKET}/x/a.txt", f"s3://{BUCKET}/x/b.txt")
    assert "b.txt" in aws("s3", "ls", f"s3://{BUCKET}/x/", "--recursive")
    assert (
        aws("s3api", "head-object", "--bucket", BUCKET, "--key", "x/b.txt")["ServerSideEncryption"]
        == "AES256"
    )
    aws("s3", "rm", f"s3://{BUCKET}/x/", "--recursive")


@case
def a_database_and_a_table() -> None:
    aws("glue", "create-database", "--database-input", json.dumps({"Name": DATABASE.upper()}))
    described = {
        "Name": "T",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": DESCRIPTOR,
        "PartitionKeys": [{"Name": "year", "Type": "int"}],
    }
    aws("glue", "create-table", "--database-name", DATABASE, "--table-input", json.dumps(described))
    assert aws("glue", "get-table", "--database-name", DATABASE, "--name", "T")["Table"]["Name"] == "t"
    versions = aws("glue", "get-table-versions", "--database-name", DATABASE, "--table-name", "t")
    assert len(versions["TableVersions"]) == 1
    aws("glue", "get-tables", "--database-name", "absent", fails="EntityNotFoundException")
    assert aws("glue", "get-database", "--name", "default")["Database"]["Name"] == "default"


@case
def partitions() -> None:
    names = ("--database-name", DATABASE, "--table-name", "t")
    inputs = [{"Values": [str(year)], "StorageDescriptor": DESCRIPTOR} for year in (2019, 2020, 2021)]
    aws("glue", "batch-create-partition", *names, "--partition-input-list", json.dumps(inputs))
    found = aws("glue", "get-partitions", *names, "--expression", "year >= 2020")["Partitions"]
    assert [one["Values"] for one in found] == [["2020"], ["2021"]]
    aws("glue", "get-partitions", *names, "--expression", "nonsense", fails="InvalidInputException")
    aws("glue", "batch-delete-partition", *names, "--partitions-to-delete", "Values=2019")
    assert len(aws("glue", "get-partitions", *names)["Partitions"]) == 2


@case
def jobs_and_crawlers() -> None:
    assert aws("glue", "list-jobs")["JobNames"] == []
    assert aws("glue", "list-crawlers")["CrawlerNames"] == []
    command = json.dumps({"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/job.py"})
    job = ("glue", "create-job", "--name", "j", "--role", "r", "--command", command)
    aws(*job, "--glue-version", "9.9", fails="InvalidInputException")
    aws(*job, "--worker-type", "Z.9X", "--number-of-workers", "2", fails="InvalidInputException")
    aws("glue", "get-job-bookmark", "--job-name", "j", fails="does not support glue:GetJobBookmark")


@case
def queries() -> None:
    output = f"OutputLocation=s3://{BUCKET}/results/"
    query = aws(
        "athena", "start-query-execution", "--query-string", "SELECT 1 AS a", "--result-configuration", output
    )
    name = ("--query-execution-id", query["QueryExecutionId"])
    while aws("athena", "get-query-execution", *name)["QueryExecution"]["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.1)
    rows = aws("athena", "get-query-results", *name)["ResultSet"]["Rows"]
    assert rows[1]["Data"][0]["VarCharValue"] == "1"
    table = ("--catalog-name", "AwsDataCatalog", "--database-name", DATABASE, "--table-name")
    assert aws("athena", "get-table-metadata", *table, "t")["TableMetadata"]["Name"] == "t"
    aws("athena", "get-table-metadata", *table, "absent", fails="MetadataException")


@case
def stacks() -> None:
    (FOLDER / "t.json").write_text(json.dumps(TEMPLATE))
    aws("cloudformation", "validate-template", "--template-body", "file://t.json")
    aws("cloudformation", "create-stack", "--stack-name", "cli", "--template-body", "file://t.json")
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", "cli")
    stack = aws("cloudformation", "describe-stacks", "--stack-name", "cli")["Stacks"][0]
    assert (stack["StackStatus"], stack["Description"]) == ("CREATE_COMPLETE", "one topic")
    aws(
        "cloudformation",
        "deploy",
        "--stack-name",
        "cli",
        "--template-file",
        "t.json",
        "--no-fail-on-empty-changeset",
    )
    aws("cloudformation", "delete-stack", "--stack-name", "cli")


@case
def topics_and_queues() -> None:
    topic = aws("sns", "create-topic", "--name", "cli")["TopicArn"]
    assert aws("sns", "publish", "--topic-arn", topic, "--message", "m", "--subject", "s")["MessageId"]
    aws(
        "sns",
        "publish",
        "--topic-arn",
        topic,
        "--message",
        "m",
        "--subject",
        "x" * 101,
        fails="InvalidParameter",
    )
    aws(
        "sns",
        "subscribe",
        "--topic-arn",
        topic,
        "--protocol",
        "nosuch",
        "--notification-endpoint",
        "x",
        fails="protocol",
    )
    queue = aws("sqs", "create-queue", "--queue-name", "cli")["QueueUrl"]
    aws("sqs", "send-message", "--queue-url", queue, "--message-body", "m")
    assert aws("sqs", "receive-message", "--queue-url", queue)["Messages"][0]["Body"] == "m"


@case
def logs() -> None:
    aws("logs", "create-log-group", "--log-group-name", "/cli")
    aws("logs", "create-log-stream", "--log-group-name", "/cli", "--log-stream-name", "s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in ('{"a": 1}', '{"a": 2}')]
    stream = ("--log-group-name", "/cli", "--log-stream-name", "s")
    aws("logs", "put-log-events", *stream, "--log-events", json.dumps(events))
    found = aws("logs", "filter-log-events", "--log-group-name", "/cli", "--filter-pattern", "{ $.a = 2 }")[
        "events"
    ]
    assert [event["message"] for event in found] == ['{"a": 2}']


@case
def who_am_i() -> None:
    assert aws("sts", "get-caller-identity")["Account"] == "000000000000"
    assert aws("iam", "list-roles")["Roles"] is not None


if __name__ == "__main__":
    run()

"""The template's own state machine on the local cloud, IAM enforced, with a stand-in for the Glue job.

The tests share one stack and leave it whole: each uses revisions of its own.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from tests.e2e.ingestion.stack import Inbox, IngestionStack

NO_ROWS = ("rows_restated", "rows_unchanged", "rows_removed", "rows_duplicate", "rows_quarantined")
NO_ROWS += ("rows_filtered_out", "quarantine_rows")

CRAWL_STATES = {"StartCrawler", "WaitForCrawler", "CheckCrawler", "VerifyTable"}


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> IngestionStack:
    deployed = IngestionStack(cloud, "covid-lake-states")
    deployed.deploy(Environment="states", DataSets="alpha,beta")
    return deployed


def outcomes(execution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return {outcome["dataset"]: outcome for outcome in execution["output"]["outcomes"]}


def published(stack: IngestionStack, dataset: str) -> dict[str, Any]:
    body = stack.s3.get_object(Bucket=stack.lake, Key=f"state/{dataset}/published.json")["Body"].read()
    record: dict[str, Any] = json.loads(body)
    return record


def test_new_data_is_loaded_crawled_verified_and_marked(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 5)
    stack.plan("beta", revision, 7)
    name = f"run-{revision}"
    loaded = outcomes(stack.finish(stack.start(name=name)))
    assert loaded["alpha"] == {
        "dataset": "alpha",
        "outcome": "LOADED",
        "run_record": f"s3://{stack.lake}/runs/alpha/{name}.json",
        "objects_read": 1,
        "rows_read": 5,
        "rows_new": 5,
        **dict.fromkeys(NO_ROWS, 0),
        "findings": "",
        "partitions_written": 1,
        "files_written": 1,
        "bytes_written": 1000,
        "table_rows": 5,
        "seconds": 0.1,
    }
    assert (loaded["beta"]["outcome"], loaded["beta"]["table_rows"]) == ("LOADED", 7)
    assert published(stack, "alpha") == {
        "revision": revision,
        "catalog": "2022-12",
        "run_id": name,
        "table_rows": 5,
    }


def test_nothing_new_ends_without_a_crawl(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 3)
    outcomes(stack.run({"datasets": ["alpha"]}))
    again = stack.start({"datasets": ["alpha"], "mode": "full"})
    outcome = outcomes(stack.finish(again))["alpha"]
    assert (outcome["outcome"], outcome["rows_read"]) == ("NOTHING_NEW", 0)
    assert CRAWL_STATES.isdisjoint(stack.states_entered(again))
    record = stack.s3.get_object(Bucket=stack.lake, Key=f"runs/alpha/{again.rsplit(':', 1)[1]}.json")
    assert json.loads(record["Body"].read())["mode"] == "full"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"dataset": "alpha"}, "unknown key in the input: dataset"),
        ({"datasets": []}, "datasets is empty"),
        ({"datasets": "alpha"}, "datasets is of type string"),
        ({"datasets": None}, "datasets"),
        ({"datasets": [7]}, "datasets holds something that is not a name: 7"),
        ({"datasets": [None]}, "datasets holds something that is not a name"),
        ({"datasets": ["alpha", "gamma"]}, "unknown data set: gamma; allowed: alpha, beta"),
        ({"datasets": ["alpha", "alpha"]}, "datasets names one more than once"),
        ({"mode": "everything"}, "unknown mode: everything; allowed: incremental, full"),
        ([], "the input is of type array"),
        ("alpha", "the input is of type string"),
    ],
)
def test_a_bad_input_fails_at_once_and_says_why(
    stack: IngestionStack, inbox: Inbox, given: Any, says: str
) -> None:
    started = stack.start(given)
    execution = stack.finish(started)
    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidInput")
    assert says in execution["cause"]
    assert stack.states_entered(started) == ["ValidateInput", "NotifyExecutionFailed", "ExecutionFailed"]
    subjects = {message.get("Subject"): message["Message"] for message in inbox.messages()}
    assert says in subjects["covid-lake-states: execution failed: InvalidInput"]


def test_a_data_set_that_fails_does_not_stop_the_other(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 5, error="no object under s3://source/alpha/")
    stack.plan("beta", revision, 4)
    started = stack.start()
    execution = stack.finish(started)
    assert (execution["status"], execution["error"]) == ("FAILED", "IngestionFailed")
    assert execution["cause"] == "alpha in RunJob: ValueError: no object under s3://source/alpha/"
    assert published(stack, "beta")["revision"] == revision
    messages = {message.get("Subject"): message["Message"] for message in inbox.messages(2)}
    lines = messages["covid-lake-states: alpha failed in RunJob"].splitlines()
    assert lines[0] == "The data set alpha was not ingested."
    assert "Environment: states (covid-lake-states)" in lines
    assert "Error:       ValueError" in lines
    assert "Cause:       no object under s3://source/alpha/" in lines
    assert lines[-1].endswith(f"#/v2/executions/details/{started}")
    assert any(f"{started.rsplit(':', 1)[1]} ended with status FAILED" in text for text in messages.values())


def test_a_crawl_that_fails_is_reported_and_made_up_for_by_the_next_run(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 6, crawl_needed=True)
    with stack.without_permission("CrawlerRole", "s3:GetObject", "s3:ListBucket"):
        failed = stack.run({"datasets": ["alpha"]})
    assert failed["error"] == "IngestionFailed"
    assert (
        "alpha in CheckCrawler: CrawlFailed: crawl of covid-lake-states-crawler ended as FAILED"
        in failed["cause"]
    )
    assert any("CrawlFailed" in message["Message"] for message in inbox.messages())
    # The source has nothing new, yet the table's revision was never verified: the catalog is repaired.
    repaired = outcomes(stack.run({"datasets": ["alpha"]}))["alpha"]
    assert (repaired["outcome"], repaired["rows_read"], repaired["table_rows"]) == ("LOADED", 0, 6)
    assert published(stack, "alpha")["revision"] == revision


@pytest.fixture
def busy_crawler(stack: IngestionStack) -> Iterator[None]:
    """Someone else who starts the crawler whenever it is idle."""
    glue, done = stack.cloud.client("glue"), threading.Event()

    def crawl() -> None:
        while not done.wait(0.05):
            try:
                glue.start_crawler(Name=stack.outputs["CrawlerName"])
            except glue.exceptions.CrawlerRunningException:
                continue

    thread = threading.Thread(target=crawl)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.mark.prove
@pytest.mark.usefixtures("busy_crawler")
def test_a_crawler_that_others_use_as_well(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 11)
    started = stack.start({"datasets": ["alpha"]})
    assert outcomes(stack.finish(started))["alpha"]["table_rows"] == 11
    assert published(stack, "alpha")["revision"] == revision


def test_a_table_with_other_rows_than_the_job_says_is_not_published(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 5, claimed_rows=6)
    failed = stack.run({"datasets": ["alpha"]})
    assert failed["cause"].startswith(
        "alpha in RowsMatch: VerificationFailed: Athena counts 5 rows in alpha, the job published 6"
    )
    assert published(stack, "alpha")["revision"] != revision
    assert any("VerificationFailed" in message["Message"] for message in inbox.messages())


def test_a_run_record_that_lacks_a_field_is_reported_by_its_name(
    stack: IngestionStack, revision: str
) -> None:
    stack.plan("alpha", revision, 5, without=["table_rows"])
    failed = stack.run({"datasets": ["alpha"]})
    assert failed["cause"] == ("alpha in ReadRunRecord: IncompleteRunRecord: the run record lacks table_rows")


@pytest.mark.parametrize(
    ("action", "state", "error"),
    [
        ("glue:StartJobRun", "RunJob", "AccessDenied"),
        ("lambda:InvokeFunction", "FindWork", "AccessDenied"),
        ("athena:StartQueryExecution", "VerifyTable", "AccessDenied|not authorized"),
        ("athena:GetQueryResults", "ReadVerification", "AccessDenied|not authorized"),
    ],
)
def test_a_missing_permission_is_the_cause(
    stack: IngestionStack, revision: str, action: str, state: str, error: str
) -> None:
    stack.plan("alpha", revision, 2)
    with stack.without_permission("StateMachineRole", action):
        failed = stack.run({"datasets": ["alpha"]})
    assert failed["error"] == "IngestionFailed"
    assert failed["cause"].startswith(f"alpha in {state}: ")
    assert any(word in failed["cause"] for word in error.split("|"))
    assert action in failed["cause"]


@pytest.mark.prove
@pytest.mark.parametrize(
    ("action", "state"), [("s3:GetObject", "ReadRunRecord"), ("s3:PutObject", "MarkPublished")]
)
def test_a_missing_permission_on_the_lake_is_the_cause(
    stack: IngestionStack, revision: str, action: str, state: str
) -> None:
    sid = {"ReadRunRecord": "ReadRunRecords", "MarkPublished": "MarkPublished"}[state]
    stack.plan("alpha", revision, 2)
    with stack.without_permission("StateMachineRole", action, sid=sid):
        failed = stack.run({"datasets": ["alpha"]})
    assert failed["cause"].startswith(f"alpha in {state}: ")
    assert published(stack, "alpha")["revision"] != revision


def test_a_message_that_cannot_be_sent_does_not_hide_the_failure(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 5, error="boom")
    with stack.without_permission("StateMachineRole", "sns:Publish"):
        failed = stack.run({"datasets": ["alpha"]})
    assert failed["cause"] == "alpha in RunJob: ValueError: boom"
    # The rule that watches executions does not depend on the role of the state machine.
    assert any("ended with status FAILED" in message["Message"] for message in inbox.messages())


def test_people_hear_of_an_execution_that_was_stopped(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 5, sleep_seconds=60)
    started = stack.start({"datasets": ["alpha"]})
    stack.await_job_run()
    stack.states.stop_execution(executionArn=started, error="Stopped", cause="by a test")
    assert stack.finish(started)["status"] == "ABORTED"
    assert any("ended with status ABORTED" in message["Message"] for message in inbox.messages())
    assert stack.await_job_run("STOPPED") == "STOPPED"


def test_what_cannot_be_delivered_is_kept(stack: IngestionStack) -> None:
    """The queue takes it from the topic and from no one else."""
    sns, sqs = stack.cloud.client("sns"), stack.cloud.client("sqs")
    closed = sqs.create_queue(QueueName="covid-lake-states-closed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=closed, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(
        TopicArn=stack.outputs["TopicArn"],
        Protocol="sqs",
        Endpoint=arn,
        Attributes={
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": stack.outputs["UndeliveredQueueArn"]})
        },
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    text = uuid.uuid4().hex
    sns.publish(TopicArn=stack.outputs["TopicArn"], Subject="lost", Message=text)
    sns.unsubscribe(SubscriptionArn=subscription)
    assert any(text in body for body in stack.undelivered())


def test_the_history_and_the_log_tell_what_happened(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 2)
    started = stack.start({"datasets": ["alpha"]})
    outcomes(stack.finish(started))
    assert len(stack.history(started)) < 100
    logs = stack.cloud.client("logs")
    group = stack.outputs["StateMachineLogGroupName"]
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert streams


@pytest.mark.prove
def test_a_stack_with_a_key_of_its_own(cloud: LocalCloud, revision: str) -> None:
    """Data, results and notifications are encrypted with it, and every role that needs it may use it."""
    stack = IngestionStack(cloud, "covid-lake-key")
    stack.deploy(Environment="key", DataSets="alpha", Encryption="SSE-KMS")
    inbox = Inbox(stack, "covid-lake-key-people")
    stack.plan("alpha", revision, 5)
    assert outcomes(stack.run())["alpha"]["outcome"] == "LOADED"
    head = stack.s3.head_object(Bucket=stack.lake, Key="state/alpha/published.json")
    assert head["ServerSideEncryption"] == "aws:kms"
    key = cloud.client("kms").describe_key(KeyId="alias/covid-lake-key")["KeyMetadata"]
    assert head["SSEKMSKeyId"] == key["Arn"]
    stack.run({"datasets": []})
    assert any("datasets is empty" in message["Message"] for message in inbox.messages(2))

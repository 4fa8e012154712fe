"""The function `watch` on the local cloud: a row for each execution, a message for each bound crossed."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from covidlake.report.page.recorded import VERIFIED
from localcloud.cloud import LocalCloud
from tests.e2e import taken_away
from tests.e2e.ingestion.stack import DEADLINE_SECONDS, Inbox, IngestionStack

STATE = "watch/state.json"
STATEMENTS = [
    *("ListLake", "ReadRunRecords", "WriteRecords", "ReadJobRuns", "ReadCrawls", "Notify"),
]
NAME = "covid-lake-watch"
TIME = "%Y-%m-%d %H:%M:%S"
BOUNDS = {
    "StaleAfterHours": "24",
    "MaxQuarantinedPercent": "10",
    "MissedScheduleHours": "36",
    "MonthlyBudgetDollars": "5",
    "ScheduleState": "ENABLED",
    "ScheduleExpression": "cron(0 5 29 2 ? 2048)",
}

SHOWN = ("status", "nothing_new", "rows_read", "error", "cause", "first")
ENDINGS = {
    "loaded": ("SUCCEEDED", "false", "10", None, None, "LOADED"),
    "again": ("SUCCEEDED", "true", "0", None, None, "NOTHING_NEW"),
    "failed": (
        "FAILED",
        "false",
        "0",
        "IngestionFailed",
        "alpha in RunJob: ValueError: no object",
        "FAILED",
    ),
    "stopped": ("ABORTED", "false", "0", "Enough", "by hand", None),
}


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> IngestionStack:
    deployed = IngestionStack(cloud, NAME)
    deployed.deploy(Environment="watch", DataSets="alpha,beta", CloudWatchDashboard="true", **BOUNDS)
    return deployed


def rows(stack: IngestionStack) -> dict[str, dict[str, Any]]:
    """By execution, what the table `runs` says, asked of Athena; no crawl has seen it."""
    query = "SELECT *, element_at(datasets, 1).outcome AS first FROM runs WHERE month >= '2026-01'"
    return {row["execution"]: row for row in stack.query(query)}


def recorded(stack: IngestionStack, *executions: str) -> None:
    """Wait until each of the executions is a row."""
    wanted = {one.rsplit(":", 1)[1] for one in executions}
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        keys = stack.s3.list_objects_v2(Bucket=stack.lake, Prefix="executions/").get("Contents", [])
        if wanted <= {one["Key"].rsplit("/", 1)[1].removesuffix(".json") for one in keys}:
            return
        time.sleep(0.2)
    raise AssertionError(f"not recorded: {wanted}")


def put_row(stack: IngestionStack, execution: str, dataset: str, outcome: str, **said: str) -> None:
    """A row of `runs`, of an execution that ends next year and read nothing."""
    end = f"{datetime.now(UTC).year + 1}-01-01 00:00:00"
    one = {"dataset": dataset, "outcome": outcome, "table_rows": 9}
    row = {"execution": execution, "rows_read": 0, "ended_at": end, "datasets": [one], **said}
    key = f"executions/month={datetime.now(UTC):%Y-%m}/{execution}.json"
    stack.s3.put_object(Bucket=stack.lake, Key=key, Body=json.dumps(row) + "\n")


def state(stack: IngestionStack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.s3.get_object(Bucket=stack.lake, Key=STATE)["Body"].read())
    return found


def put_state(stack: IngestionStack, **changes: Any) -> None:
    body = json.dumps({**state(stack), **changes})
    stack.s3.put_object(Bucket=stack.lake, Key=STATE, Body=body)


def call(stack: IngestionStack, event: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    """Whether the function answers the event, and its answer or error."""
    payload = json.dumps(event)
    answer = stack.cloud.client("lambda").invoke(FunctionName=f"{NAME}-watch", Payload=payload)
    return "FunctionError" not in answer, json.loads(answer["Payload"].read())


def hour(stack: IngestionStack) -> dict[str, str]:
    """What the rule of the hour makes of the function: the bounds that are crossed."""
    answered, found = call(stack, {"detail-type": "Scheduled Event"})
    assert answered, found
    return dict(found["alarms"])


def role_of(stack: IngestionStack, logical_id: str) -> str:
    formation = stack.cloud.client("cloudformation")
    found = formation.describe_stack_resource(StackName=NAME, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def told(inbox: Inbox, *subjects: str) -> None:
    """Wait for messages with these subjects; others of the function there must not be."""
    wanted, seen = {f"{one} in {NAME}" for one in subjects}, set[str]()
    while not wanted <= seen:
        seen |= {one.get("Subject") or "" for one in inbox.messages()}
    assert {one for one in seen if one.endswith(f" in {NAME}")} == wanted


def test_the_table_is_there_before_the_first_execution(stack: IngestionStack) -> None:
    assert rows(stack) == {}


def test_every_ending_is_a_row_that_athena_reads(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 8)
    stack.plan("beta", revision, 2)
    loaded = stack.start()
    assert stack.finish(loaded)["status"] == "SUCCEEDED"
    again = stack.start()
    stack.finish(again)
    stack.plan("alpha", revision, 8, error="no object")
    failed = stack.start({"datasets": ["alpha"]})
    stack.finish(failed)
    stack.plan("alpha", f"{revision}-slow", 8, sleep_seconds=60)
    stopped = stack.start({"datasets": ["alpha"]})
    stack.await_job_run()
    stack.states.stop_execution(executionArn=stopped, error="Enough", cause="by hand")
    recorded(stack, loaded, again, failed, stopped)
    found = rows(stack)
    of = {name: found[arn.rsplit(":", 1)[1]] for name, arn in locals().items() if name in ENDINGS}
    assert {name: tuple(row[one] for one in SHOWN) for name, row in of.items()} == ENDINGS
    assert json.loads(of["failed"]["input"] or "") == {"datasets": ["alpha"]}
    assert of["loaded"]["month"] == f"{datetime.now(UTC):%Y-%m}"
    assert float(of["loaded"]["glue_dollars"] or 0) > 0
    statement = VERIFIED.format(error="IngestionFailed")
    verified = {row["dataset"]: row for row in stack.query(statement)}
    assert {row["execution"] for row in verified.values()} == {loaded.rsplit(":", 1)[1]}
    assert {name: int(row["table_rows"]) for name, row in verified.items()} == {"alpha": 8, "beta": 2}
    put_row(stack, "stopped-behind-the-job", "beta", "LOADED", status="ABORTED")
    put_row(stack, "failed-as-a-whole", "beta", "LOADED", status="FAILED")
    put_row(stack, "failed-for-another", "alpha", "LOADED", status="FAILED", error="IngestionFailed")
    put_row(stack, "failed", "gamma", "FAILED", status="FAILED", error="IngestionFailed")
    verified = {row["dataset"]: row["execution"] for row in stack.query(statement)}
    assert verified == {"alpha": "failed-for-another", "beta": loaded.rsplit(":", 1)[1], "gamma": None}


def board(stack: IngestionStack) -> list[dict[str, Any]]:
    """The properties of the widgets."""
    name = f"{NAME}-{stack.cloud.region}"
    found = stack.cloud.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    return [widget["properties"] for widget in json.loads(found)["widgets"]]


def points(stack: IngestionStack, metric: list[Any]) -> list[dict[str, Any]]:
    """What CloudWatch has of a metric of the dashboard."""
    namespace, name, *rest, _ = metric
    now = datetime.now(UTC)
    found: list[dict[str, Any]] = stack.cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": one} for key, one in zip(rest[::2], rest[1::2], strict=True)],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=86_400,
        Statistics=["Sum", "Maximum"],
    )["Datapoints"]
    return found


# What this cloud does not publish, or what did not happen.
WITHOUT_VALUES = {"BucketSizeBytes", "ExecutionsTimedOut", "ProcessedBytes"}


def test_the_dashboard_draws_what_happened(stack: IngestionStack, revision: str) -> None:
    stack.plan("alpha", revision, 10, rows_quarantined=1)
    loaded = stack.start({"datasets": ["alpha"]})
    stack.finish(loaded)
    recorded(stack, loaded)
    hour(stack)
    metrics = [one for widget in board(stack) for one in widget.get("metrics", []) if len(one) > 1]
    values = {one[1]: points(stack, one) for one in metrics}
    assert {name for name, found in values.items() if not found} == WITHOUT_VALUES
    (read,) = (one for one in metrics if one[1:2] == ["RowsRead"] and one[-1].get("label") == "read")
    wanted = sum(int(row["rows_read"]) for row in rows(stack).values())
    deadline = time.monotonic() + DEADLINE_SECONDS
    while sum(one["Sum"] for one in points(stack, read)) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_dashboard_reads_the_log_of_the_function(stack: IngestionStack) -> None:
    hour(stack)
    (text,) = (widget["query"] for widget in board(stack) if "query" in widget)
    source, _, rest = text.partition(" | ")
    logs, now = stack.cloud.client("logs"), int(time.time())
    group = source.split("'")[1]
    asked = {"startTime": now - 3600, "endTime": now + 3600, "queryString": rest}
    started = logs.start_query(logGroupName=group, **asked)["queryId"]
    found = logs.get_query_results(queryId=started)["results"]
    newest = {one["field"]: one["value"] for one in found[0]}
    assert json.loads(newest["@message"])["hours"].keys() == {"alpha", "beta"}


def test_a_share_of_rejected_rows_is_told_when_it_is_crossed_and_when_it_is_kept_again(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("alpha", revision, 10, rows_quarantined=2)
    first = stack.start({"datasets": ["alpha"]})
    told(inbox, "ALARM: quarantine alpha")
    stack.finish(first)
    stack.plan("alpha", f"{revision}-2", 10, rows_quarantined=1)
    stack.start({"datasets": ["alpha"]})
    told(inbox, "OK: quarantine alpha")


def test_stale_data_a_missed_schedule_and_the_budget_are_told_without_an_execution(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    stack.plan("beta", revision, 3)
    long_ago = (datetime.now(UTC) - timedelta(hours=37)).strftime(TIME)
    hour(stack)
    before = state(stack)
    costs = {"one": 3.0, "two": 2.5}
    put_state(stack, good={**before["good"], "beta": long_ago}, started=long_ago, costs=costs)
    crossed = {"stale beta", "schedule", "cost"}
    assert hour(stack).keys() == crossed
    told(inbox, *(f"ALARM: {one}" for one in crossed))
    assert hour(stack).keys() == crossed
    stack.start({"datasets": ["beta"]})
    told(inbox, "OK: stale beta", "OK: schedule")
    put_state(stack, month="2026-01")
    assert hour(stack) == {}
    told(inbox, "OK: cost")


@pytest.fixture(scope="module")
def ended(stack: IngestionStack) -> dict[str, Any]:
    """The event of an execution that timed out and left a run record."""
    now = time.time() * 1000
    record = json.dumps({"dataset": "alpha", "status": "LOADED", "rows_read": 4})
    stack.s3.put_object(Bucket=stack.lake, Key="runs/alpha/late.json", Body=record)
    times = {"startDate": now - 1000, "stopDate": now}
    detail = {"name": "late", "status": "TIMED_OUT", "input": "{}", "output": None, **times}
    return {"detail-type": "Step Functions Execution Status Change", "detail": detail}


def test_an_execution_that_timed_out_has_the_rows_of_its_run_records(
    stack: IngestionStack, ended: dict[str, Any]
) -> None:
    assert call(stack, ended)[0]
    row = rows(stack)["late"]
    assert (row["status"], row["rows_read"], row["first"]) == ("TIMED_OUT", "4", "LOADED")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_fails_where_a_permission_is_missing(
    stack: IngestionStack, ended: dict[str, Any], statement: str
) -> None:
    if statement == "Notify":
        put_state(stack, alarms={"schedule": "so far"})
    with taken_away.without(stack.cloud, NAME, ("WatchFunctionRole", statement)):
        answered, error = call(stack, ended)
    assert not answered
    assert "not authorized" in error["errorMessage"]
    assert call(stack, ended)[0]


def test_an_event_that_may_not_be_delivered_waits_in_the_queue(stack: IngestionStack) -> None:
    iam = stack.cloud.client("iam")
    denial = {"Effect": "Deny", "Action": "lambda:InvokeFunction", "Resource": "*"}
    denied = {"RoleName": role_of(stack, "WatchRuleRole"), "PolicyName": "Denied"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(**denied, PolicyDocument=document)
    name = stack.start({"dataset": "none"}).rsplit(":", 1)[1]
    assert any(name in body for body in stack.undelivered())
    iam.delete_role_policy(**denied)


def test_every_statement_of_the_function_is_tried(stack: IngestionStack) -> None:
    role = role_of(stack, "WatchFunctionRole")
    policy = stack.cloud.client("iam").get_role_policy(RoleName=role, PolicyName="Permissions")[
        "PolicyDocument"
    ]
    assert {one["Sid"] for one in policy["Statement"]} == {*STATEMENTS, "WriteLogs"}

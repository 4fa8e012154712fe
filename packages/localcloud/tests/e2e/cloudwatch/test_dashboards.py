"""Dashboards, and the metrics that log events hold for them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

BODY = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "rows < 5 & more"}}]})
BAD = json.dumps({"widgets": [{"type": "text", "properties": {}}]})
STACK = "board"


def template(body: str) -> str:
    properties = {"DashboardName": STACK, "DashboardBody": body}
    return json.dumps(
        {"Resources": {"Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}}
    )


def ended(cloud: LocalCloud, action: str, body: str) -> str:
    formation = cloud.client("cloudformation")
    getattr(formation, f"{action}_stack")(StackName=STACK, TemplateBody=template(body))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = formation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            return str(status)
        time.sleep(0.05)
    raise AssertionError("the stack does not come to rest")


@pytest.mark.claim("CloudWatch", "supported", "dashboards, with a body that is checked as AWS checks it")
def test_a_dashboard_is_put_shown_listed_and_deleted(cloud: LocalCloud) -> None:
    client = cloud.client("cloudwatch")
    assert (
        client.put_dashboard(DashboardName="shop-1", DashboardBody=BODY)["DashboardValidationMessages"] == []
    )
    assert client.get_dashboard(DashboardName="shop-1")["DashboardBody"] == BODY
    (entry,) = client.list_dashboards(DashboardNamePrefix="shop-")["DashboardEntries"]
    assert (entry["DashboardName"], entry["Size"]) == ("shop-1", len(BODY))
    client.delete_dashboards(DashboardNames=["shop-1"])
    for call in (
        lambda: client.get_dashboard(DashboardName="shop-1"),
        lambda: client.delete_dashboards(DashboardNames=["shop-1"]),
    ):
        with pytest.raises(ClientError, match=r"ResourceNotFound.*Dashboard shop-1 does not exist"):
            call()


def test_a_body_comes_back_whole_in_the_query_protocol(cloud: LocalCloud) -> None:
    cloud.client("cloudwatch").put_dashboard(DashboardName="query", DashboardBody=BODY)
    asked = urllib.parse.urlencode({"Action": "GetDashboard", "DashboardName": "query"}).encode()
    signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-2/monitoring/aws4_request"
    request = urllib.request.Request(cloud.endpoint_url, asked, {"Authorization": signed})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        text = answer.read().decode()
    assert "rows &lt; 5 &amp; more" in text


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("shop", "{", "must be a valid JSON object"),
        ("shop", BAD, "there are 1 validation errors(.|\n)*/widgets/0/properties(.|\n)*markdown"),
        ("shop board", BODY, "alphanumerics, dash and underscore"),
    ],
)
def test_a_wrong_dashboard_is_refused(cloud: LocalCloud, name: str, body: str, message: str) -> None:
    client = cloud.client("cloudwatch")
    with pytest.raises(ClientError, match=message) as caught:
        client.put_dashboard(DashboardName=name, DashboardBody=body)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterInput"
    assert client.list_dashboards(DashboardNamePrefix="shop")["DashboardEntries"] == []


def test_a_stack_has_a_dashboard_and_keeps_it_where_a_new_body_is_wrong(cloud: LocalCloud) -> None:
    client = cloud.client("cloudwatch")
    assert ended(cloud, "create", BODY) == "CREATE_COMPLETE"
    assert ended(cloud, "update", BAD) == "UPDATE_ROLLBACK_COMPLETE"
    assert client.get_dashboard(DashboardName=STACK)["DashboardBody"] == BODY
    cloud.client("cloudformation").delete_stack(StackName=STACK)
    deadline = time.monotonic() + 30
    while client.list_dashboards(DashboardNamePrefix=STACK)["DashboardEntries"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.claim("CloudWatch Logs", "supported", "metrics in log events, in the embedded metric format")
def test_a_metric_in_a_log_event_is_put(cloud: LocalCloud) -> None:
    logs, client = cloud.client("logs"), cloud.client("cloudwatch")
    logs.create_log_group(logGroupName="/embedded")
    logs.create_log_stream(logGroupName="/embedded", logStreamName="s")
    now = datetime.now(UTC)
    line: dict[str, Any] = {
        "_aws": {
            "Timestamp": int(now.timestamp() * 1000),
            "CloudWatchMetrics": [
                {"Namespace": "Embedded", "Dimensions": [["Stack"]], "Metrics": [{"Name": "Rows"}]}
            ],
        },
        "Stack": "dev",
        "Rows": 5,
    }
    events = [{"timestamp": int(now.timestamp() * 1000), "message": json.dumps(line)}] * 2
    logs.put_log_events(logGroupName="/embedded", logStreamName="s", logEvents=events)
    (listed,) = client.list_metrics(Namespace="Embedded")["Metrics"]
    assert listed["Dimensions"] == [{"Name": "Stack", "Value": "dev"}]
    (point,) = client.get_metric_statistics(
        Namespace="Embedded",
        MetricName="Rows",
        Dimensions=listed["Dimensions"],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert point["Sum"] == 10.0

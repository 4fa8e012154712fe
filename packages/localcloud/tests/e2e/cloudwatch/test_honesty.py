"""Logs, rules, alarms, topics: what AWS refuses is refused, and nothing waits for ever."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import ACCOUNT, LocalCloud

GROUP, BUCKET = "/honesty", "honesty-templates"
LINES = ['{"a": 2}', '{"a": 3}', "one thing", "two things", "ERROR 404", "error 404"]


@pytest.fixture(scope="module")
def logs(cloud: LocalCloud) -> Any:
    client = cloud.client("logs")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + index, "message": line} for index, line in enumerate(LINES)]
    client.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=events)
    return client


@pytest.mark.claim(
    "CloudWatch Logs",
    "supported",
    "filter patterns of terms, JSON, fields and regular expressions; TestMetricFilter",
)
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.a = 2 }", LINES[:1]),
        ("?one ?two", LINES[2:4]),
        ("[level = ERROR, code = 404]", LINES[4:5]),
        ("%^[Ee]rror%", LINES[5:]),
        ("ERROR", LINES[4:5]),
        ("thing -two", LINES[2:3]),
    ],
)
def test_logs_are_filtered_as_the_pattern_says(logs: Any, pattern: str, expected: list[str]) -> None:
    found = logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)["events"]
    assert [event["message"] for event in found] == expected
    tested = logs.test_metric_filter(filterPattern=pattern, logEventMessages=LINES)["matches"]
    assert [one["eventMessage"] for one in tested] == expected


@pytest.mark.claim("CloudWatch Logs", "supported", "pages of FilterLogEvents; rejected log events are told")
def test_a_search_has_pages_and_what_is_too_new_is_told(logs: Any) -> None:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, PaginationConfig={"PageSize": 2}
    )
    found = [event["message"] for page in pages for event in page["events"]]
    assert sorted(found) == sorted(LINES)
    later = [{"timestamp": int(time.time() * 1000) + 86_400_000, "message": "tomorrow"}]
    answer = logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=later)
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}
    with pytest.raises(ClientError, match="Value '10001' at 'limit'"):
        logs.get_log_events(logGroupName=GROUP, logStreamName="s", limit=10_001)


def query(logs: Any, text: str) -> list[list[dict[str, str]]]:
    now = int(time.time())
    started = logs.start_query(logGroupName=GROUP, startTime=now - 600, endTime=now + 600, queryString=text)
    return list(logs.get_query_results(queryId=started["queryId"])["results"])


@pytest.mark.claim(
    "CloudWatch Logs",
    "refused",
    "in Insights every command but fields of @ names, filter with = and like, sort, limit",
)
def test_insights_does_what_it_says_or_refuses(logs: Any) -> None:
    rows = query(
        logs, "fields @message\n# a remark\n| filter @message like /thing/ | sort @timestamp desc | limit 1"
    )
    assert rows[0][0]["value"] == "two things"
    for text in (
        "stats count(*) by bin(1h)",
        "fields @message | parse @message '* *' as a, b",
        "filter a > 2",
        "fields a",
        "filter @message = 'x' or @message = 'y'",
        "sort a",
        "fields @message | display @message",
        "dedup @message",
        "nonsense",
        "limit x",
    ):
        with pytest.raises(ClientError, match=r"does not support `.*` in a query of Logs Insights"):
            query(logs, text)


@pytest.mark.claim(
    "CloudWatch",
    "refused",
    "metric filters; alarms on metrics that nothing here puts: all of AWS/* but AWS/States and AWS/Lambda",
)
@pytest.mark.claim("CloudWatch Logs", "refused", "subscription filters to anything but functions")
@pytest.mark.claim(
    "EventBridge",
    "refused",
    "Pipes; rules on events that are not sent here: of crawlers, the catalog, Athena, "
    "CloudFormation and most other services",
)
@pytest.mark.parametrize(
    ("service", "operation", "arguments", "words"),
    [
        ("logs", "filter_log_events", {"logGroupName": GROUP, "filterPattern": "{ a"}, "Invalid"),
        (
            "logs",
            "put_metric_filter",
            {
                "logGroupName": GROUP,
                "filterName": "f",
                "filterPattern": "x",
                "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
            },
            "does not support logs:PutMetricFilter",
        ),
        (
            "logs",
            "put_subscription_filter",
            {
                "logGroupName": GROUP,
                "filterName": "f",
                "filterPattern": "",
                "destinationArn": f"arn:aws:kinesis:us-east-2:{ACCOUNT}:stream/s",
            },
            "does not support the destination",
        ),
        (
            "pipes",
            "create_pipe",
            {"Name": "p", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "Source": "a", "Target": "b"},
            "does not support pipes:CreatePipe",
        ),
        (
            "events",
            "put_rule",
            {"Name": "never", "EventPattern": json.dumps({"source": ["aws.athena"]})},
            "does not support events of aws.athena",
        ),
        (
            "cloudwatch",
            "put_metric_alarm",
            {
                "AlarmName": "never",
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": 0,
                "Period": 60,
                "Statistic": "Sum",
            },
            "does not support the metric",
        ),
    ],
)
def test_what_would_never_happen_is_refused(
    cloud: LocalCloud, logs: Any, service: str, operation: str, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError, match=words):
        getattr(cloud.client(service), operation)(**arguments)


@pytest.mark.claim("CloudFormation", "refused", "AWS::Logs::MetricFilter, AWS::Pipes::Pipe")
@pytest.mark.parametrize(
    "kind", ["AWS::Logs::MetricFilter", "AWS::Pipes::Pipe", "AWS::Events::Rule", "AWS::CloudWatch::Alarm"]
)
def test_neither_does_a_stack_set_it_up(cloud: LocalCloud, kind: str) -> None:
    alarm = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Period": 60,
        "Statistic": "Sum",
    }
    properties = {
        "AWS::Events::Rule": {"EventPattern": {"source": ["aws.athena"]}},
        "AWS::CloudWatch::Alarm": {**alarm, "Namespace": "AWS/SQS", "MetricName": "m", "Threshold": 1},
    }
    formation, name = cloud.client("cloudformation"), "never-" + kind.split("::")[1].lower()
    template = {"Resources": {"One": {"Type": kind, "Properties": properties.get(kind, {})}}}
    if kind not in properties:
        with pytest.raises(ClientError, match=kind):
            formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        return
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    deadline = time.monotonic() + 20
    while "PROGRESS" in (stack := formation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    assert any("localcloud does not support" in event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.claim("CloudFormation", "refused", "AWS::QuickSight, unless a condition leaves it out")
def test_quicksight_is_refused_by_name_before_anything_is_made(cloud: LocalCloud) -> None:
    formation = cloud.client("cloudformation")
    board = {"Type": "AWS::QuickSight::Dashboard", "Properties": {}}
    template = {"Resources": {"Board": board, "Topic": {"Type": "AWS::SNS::Topic"}}}
    words = r"AWS::QuickSight::Dashboard.*localcloud does not support QuickSight: leave its parameter empty"
    with pytest.raises(ClientError, match=words):
        formation.create_stack(StackName="quick", TemplateBody=json.dumps(template))
    with pytest.raises(ClientError, match=words):
        formation.create_change_set(
            StackName="quick", ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=json.dumps(template)
        )
    template["Conditions"] = {"Off": {"Fn::Equals": ["a", "b"]}}
    board["Condition"] = "Off"
    formation.create_stack(StackName="not-quick", TemplateBody=json.dumps(template))
    deadline = time.monotonic() + 20
    while "PROGRESS" in formation.describe_stacks(StackName="not-quick")["Stacks"][0]["StackStatus"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert formation.describe_stacks(StackName="not-quick")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.claim("SNS", "differs", "one malformed entry of PublishBatch refuses all")
@pytest.mark.claim("SNS", "supported", "what Publish and Subscribe refuse")
def test_a_topic_takes_what_sns_takes(cloud: LocalCloud) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="honesty")["TopicArn"]
    assert sns.publish(TopicArn=topic, Message="m", Subject="s")["MessageId"]
    for arguments in (
        {"Message": "m", "Subject": "x" * 101},
        {"Message": "m", "Subject": "a\nb"},
        {"Message": ""},
        {"Message": "{", "MessageStructure": "json"},
    ):
        with pytest.raises(sns.exceptions.InvalidParameterException, match="Invalid parameter"):
            sns.publish(TopicArn=topic, **arguments)
    with pytest.raises(
        sns.exceptions.InvalidParameterException, match="does not support this protocol string: nosuch"
    ):
        sns.subscribe(TopicArn=topic, Protocol="nosuch", Endpoint="x")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="Empty message"):
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": ""}])


@pytest.mark.claim("Glue jobs", "supported", "versions and worker types that there are")
@pytest.mark.claim(
    "Glue jobs",
    "differs",
    "every version of Glue runs on Spark 3.5 and the Python that is installed",
)
@pytest.mark.claim("CloudFormation", "supported", "no change set for a stack in ROLLBACK_COMPLETE")
@pytest.mark.parametrize(
    "fields",
    [{"GlueVersion": "9.9"}, {"WorkerType": "Z.9X"}, {"GlueVersion": "latest"}, {"WorkerType": "g.1x"}],
)
def test_a_job_has_a_version_and_workers_that_there_are(cloud: LocalCloud, fields: dict[str, str]) -> None:
    glue = cloud.client("glue")
    job = {"Name": "honesty", "Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"}}
    with pytest.raises(glue.exceptions.InvalidInputException, match="is not supported"):
        glue.create_job(**job, **fields)
    formation = cloud.client("cloudformation")
    stack = "honesty-" + "".join(c for c in next(iter(fields.values())) if c.isalnum())
    properties = {"Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"}, **fields}
    template = {"Resources": {"Job": {"Type": "AWS::Glue::Job", "Properties": properties}}}
    formation.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    deadline = time.monotonic() + 20
    while "PROGRESS" in (status := formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status == "ROLLBACK_COMPLETE"
    for kind in ("CREATE", "UPDATE"):
        with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
            formation.create_change_set(
                StackName=stack, ChangeSetName="c", ChangeSetType=kind, TemplateBody=json.dumps(template)
            )


@pytest.mark.claim("Glue jobs", "supported", "ListJobs with tags, BatchGetJobs")
def test_jobs_are_listed_by_their_tags(cloud: LocalCloud) -> None:
    glue = cloud.client("glue")
    job = {"Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"}}
    for name, tags in (("listed-a", {"team": "x"}), ("listed-b", {"team": "y"})):
        glue.create_job(Name=name, **job, Tags=tags)
    assert {"listed-a", "listed-b"} <= set(glue.list_jobs()["JobNames"])
    assert glue.list_jobs(Tags={"team": "y"})["JobNames"] == ["listed-b"]
    found = glue.batch_get_jobs(JobNames=["listed-a", "absent"])
    assert ([one["Name"] for one in found["Jobs"]], found["JobsNotFound"]) == (["listed-a"], ["absent"])


@pytest.mark.claim("CloudFormation", "supported", "drift of bucket tags; TemplateURL with S3 host names")
def test_a_stack_keeps_its_description_and_sees_the_drift_of_tags(cloud: LocalCloud) -> None:
    formation, s3 = cloud.client("cloudformation"), cloud.client("s3")
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": "described", "Tags": [{"Key": "a", "Value": "b"}]},
    }
    template = json.dumps({"Description": "What it is for", "Resources": {"Bucket": bucket}})
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_object(Bucket=BUCKET, Key="nested/t.json", Body=template)
    url = f"https://{BUCKET}.s3.{cloud.region}.amazonaws.com/nested/t.json"
    names = {"StackName": "described", "ChangeSetName": "c"}
    formation.create_change_set(**names, ChangeSetType="CREATE", TemplateURL=url)
    formation.get_waiter("change_set_create_complete").wait(**names, WaiterConfig={"Delay": 1})
    formation.execute_change_set(**names)
    formation.get_waiter("stack_create_complete").wait(StackName="described", WaiterConfig={"Delay": 1})
    assert formation.describe_stacks(StackName="described")["Stacks"][0]["Description"] == "What it is for"
    assert drift(formation) == "IN_SYNC"
    s3.put_bucket_tagging(Bucket="described", Tagging={"TagSet": [{"Key": "a", "Value": "changed"}]})
    assert drift(formation) == "DRIFTED"


def drift(formation: Any) -> str:
    detected = formation.detect_stack_drift(StackName="described")["StackDriftDetectionId"]
    deadline = time.monotonic() + 20
    while True:
        found = formation.describe_stack_drift_detection_status(StackDriftDetectionId=detected)
        if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            return str(found["StackDriftStatus"])
        assert time.monotonic() < deadline
        time.sleep(0.05)

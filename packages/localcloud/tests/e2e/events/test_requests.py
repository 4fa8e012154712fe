"""Schedules, targets and entries of EventBridge."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud


@pytest.mark.claim(
    "EventBridge", "supported", "schedules, targets and entries that AWS refuses; the Time of an entry"
)
def test_rules_targets_and_events_are_looked_at(cloud: LocalCloud) -> None:
    events, sqs = cloud.client("events"), cloud.client("sqs")
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        events.put_rule(Name="honesty", ScheduleExpression="rate(1 hours)")
    events.put_rule(Name="honesty", EventPattern='{"source": ["honesty"]}')
    url = sqs.create_queue(QueueName="honesty-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sqs:SendMessage"}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    with pytest.raises(events.exceptions.LimitExceededException):
        events.put_targets(Rule="honesty", Targets=[{"Id": str(n), "Arn": arn} for n in range(6)])
    events.put_targets(Rule="honesty", Targets=[{"Id": "queue", "Arn": arn}])
    good = {"Source": "honesty", "DetailType": "t", "Detail": "{}", "Time": "2022-01-01T00:00:00Z"}
    answer = events.put_events(Entries=[{**good, "Detail": "[]"}, good])
    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, "MalformedDetail")
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    assert json.loads(message["Body"])["time"] == "2022-01-01T00:00:00Z"
    with pytest.raises(ClientError, match="Rule can't be deleted since it has targets"):
        events.delete_rule(Name="honesty")
    events.remove_targets(Rule="honesty", Ids=["queue"])
    events.delete_rule(Name="honesty")

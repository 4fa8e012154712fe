"""Who hears of an execution that did not succeed, and that nothing keeps the message from them."""

from __future__ import annotations

import json
import re
from typing import Any


def test_people_hear_of_every_way_to_end_other_than_succeeded(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    pattern = resources["StatusRule"]["Properties"]["EventPattern"]
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert pattern["detail"]["stateMachineArn"] == [{"Ref": "StateMachine"}]
    target = resources["StatusRule"]["Properties"]["Targets"][0]
    assert target["Arn"] == {"Ref": "Topic"}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["UndeliveredQueue", "Arn"]}}
    alarms = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    assert sorted(alarm["MetricName"] for alarm in alarms) == [
        "ExecutionsAborted",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
    ]
    assert all(alarm["AlarmActions"] == [{"Ref": "Topic"}] for alarm in alarms)


def service_statements(document: dict[str, Any]) -> dict[str, Any]:
    """The condition of each statement that lets a service in, by the service."""
    written = [s for s in document["Statement"] if "Fn::If" not in s]
    allowed = [s for s in written if s["Effect"] == "Allow" and "Service" in s["Principal"]]
    return {str(s["Principal"]["Service"]): s.get("Condition") for s in allowed}


def test_no_condition_keeps_eventbridge_from_the_encrypted_topic(template: dict[str, Any]) -> None:
    """Its guide rules them out for the policy of a topic, the guide of SNS for that of the topic's key."""
    topic = service_statements(template["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"])
    key = service_statements(template["Resources"]["Key"]["Properties"]["KeyPolicy"])
    assert topic["events.amazonaws.com"] is None
    assert key["events.amazonaws.com"] is None
    assert topic["cloudwatch.amazonaws.com"] is not None
    assert key["cloudwatch.amazonaws.com"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


def test_the_message_of_the_status_rule_is_one_json_string(template: dict[str, Any]) -> None:
    transformer = template["Resources"]["StatusRule"]["Properties"]["Targets"][0]["InputTransformer"]
    text = transformer["InputTemplate"]["Fn::Sub"][0]
    assert re.findall(r"<(\w+)>", text) == ["name", "status", "execution"]
    assert set(transformer["InputPathsMap"]) == {"name", "status", "execution"}
    assert isinstance(json.loads(text), str)

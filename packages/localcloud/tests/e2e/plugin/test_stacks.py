"""A stack has nothing that its resources' services refuse."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import WaiterError

from localcloud.cloud import LocalCloud


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("Events::Rule", {"ScheduleExpression": "rate(1 hours)"}, "ScheduleExpression is not valid"),
        ("Events::Rule", {"Description": "never"}, "EventPattern or ScheduleExpression must be specified"),
        ("SecretsManager::Secret", {"Name": "two words", "SecretString": "s"}, "Must be a valid name"),
    ],
)
def test_a_stack_has_nothing_that_its_service_refuses(
    cloud: LocalCloud, kind: str, properties: dict[str, str], reason: str
) -> None:
    formation = cloud.client("cloudformation")
    resource = {"Type": f"AWS::{kind}", "Properties": properties}
    template = json.dumps({"Resources": {"One": resource}})
    made = formation.create_stack(StackName="honesty-refused", TemplateBody=template, OnFailure="DELETE")
    stack = made["StackId"]
    with pytest.raises(WaiterError):
        formation.get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    told = formation.describe_stack_events(StackName=stack)["StackEvents"]
    assert any(reason in event.get("ResourceStatusReason", "") for event in told)

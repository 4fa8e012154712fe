"""Protected stacks cannot be deleted, nor lose what holds data, unless it is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake.ship.deploy import stack_policy
from tests.unit.covidlake.ship.stack_stub import ARN, NAME, NOW

PLAIN, EXEMPT = stack_policy.stack_policy(), stack_policy.stack_policy(["LakeBucket"])


def found(protected: bool) -> Any:
    return {
        "StackName": NAME,
        "StackId": ARN,
        "CreationTime": NOW,
        "StackStatus": "CREATE_COMPLETE",
        "EnableTerminationProtection": protected,
    }


def policy_is_set(stub: Stubber, body: str) -> None:
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": body})


def test_the_policy_denies_replacing_and_deleting_what_is_stateful() -> None:
    allow, deny = json.loads(PLAIN)["Statement"]
    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "Update:*", "*")
    assert (deny["Effect"], deny["Resource"]) == ("Deny", "*")
    assert deny["Action"] == ["Update:Replace", "Update:Delete"]
    types = deny["Condition"]["StringEquals"]["ResourceType"]
    wanted = ("S3::Bucket", "Glue::Database", "KMS::Key", "Logs::LogGroup", "SNS::Topic", "SQS::Queue")
    assert {f"AWS::{kind}" for kind in wanted} <= set(types)
    assert "AWS::IAM::Role" not in types
    assert len(PLAIN) < 16_384  # CloudFormation's limit


def test_the_policy_exempts_only_what_is_named() -> None:
    deny = json.loads(EXEMPT)["Statement"][1]
    assert deny["NotResource"] == ["LogicalResourceId/LakeBucket"]
    assert "Resource" not in deny


def test_protection_is_turned_on_where_it_is_off(stub: Stubber) -> None:
    expected = {"StackName": NAME, "EnableTerminationProtection": True}
    stub.add_response("update_termination_protection", {}, expected)
    stub.add_response("get_stack_policy", {})
    policy_is_set(stub, PLAIN)
    lines: list[str] = []
    stack_policy.protect(NAME, found(protected=False), lines.append)
    assert len(lines) == 2


def test_a_left_exemption_is_taken_back(stub: Stubber) -> None:
    stub.add_response("get_stack_policy", {"StackPolicyBody": EXEMPT})
    policy_is_set(stub, PLAIN)
    stack_policy.protect(NAME, found(protected=True), lambda _: None)


def test_what_is_protected_already_is_left_alone(stub: Stubber) -> None:
    stub.add_response("get_stack_policy", {"StackPolicyBody": json.dumps(json.loads(PLAIN), indent=2)})
    lines: list[str] = []
    stack_policy.protect(NAME, found(protected=True), lines.append)
    assert lines == []


def test_the_policy_is_lifted_for_one_update(stub: Stubber) -> None:
    policy_is_set(stub, EXEMPT)
    with stack_policy.lifted(NAME, ["LakeBucket"], lambda _: None):
        stub.assert_no_pending_responses()
        policy_is_set(stub, PLAIN)


def test_the_policy_comes_back_when_the_update_fails(stub: Stubber) -> None:
    policy_is_set(stub, EXEMPT)
    policy_is_set(stub, PLAIN)
    with pytest.raises(ValueError, match="failed"), stack_policy.lifted(NAME, ["LakeBucket"], lambda _: None):
        raise ValueError("failed")


def test_an_interrupted_update_keeps_its_exemption(stub: Stubber) -> None:
    policy_is_set(stub, EXEMPT)
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt), stack_policy.lifted(NAME, ["LakeBucket"], lines.append):
        raise KeyboardInterrupt
    assert "stays until the next covidlake deploy" in lines[-1]


def test_nothing_is_lifted_when_nothing_is_allowed(stub: Stubber) -> None:
    with stack_policy.lifted(NAME, (), lambda _: None):
        stub.assert_no_pending_responses()

"""The change set of a deploy has the reviewed plan's mode, and waits where the stack is protected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import DeployError
from covidlake.ship.deploy import reviewed_change_set
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.plan import live_drift
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import change_set_removal, change_set_request, stack_inputs, template_object
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.stack_inputs import StackInputs
from tests.unit.covidlake.ship.plan_samples import NAME, change, context, inputs_of, make_bundle, own_tags


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the change set is asked for; CloudFormation answers that nothing would change."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(template_object, "pin", lambda *_: "https://x")
    monkeypatch.setattr(StackInputs, "bucket", "b")
    monkeypatch.setattr(change_set_request, "create", lambda *_, **options: found.update(options))
    return found


@pytest.mark.parametrize(("protected", "express"), [("false", True), ("true", False)])
def test_a_protected_stack_never_gets_express_mode(
    asked: dict[str, Any], tmp_path: Path, protected: str, express: bool
) -> None:
    inputs = inputs_of(make_bundle(tmp_path, {}), {stack_inputs.PROTECTED_TAG: protected})
    assert reviewed_change_set.make(inputs, None, DeployOptions(express=True), print) is None
    assert (asked["express"], asked["mode"]) == (express, "STANDARD")
    reviewed = Plan("dev", NAME, "UPDATE", "0" * 64, mode="REVERT_DRIFT")
    reviewed_change_set.make(inputs, None, DeployOptions(reviewed=reviewed), print)
    assert (asked["express"], asked["mode"]) == (False, "REVERT_DRIFT")


def made(*changes: Any, **more: Any) -> ChangeSet:
    return ChangeSet(NAME, "deploy-1", "UPDATE", list(changes), **more)


def test_a_change_set_that_was_not_agreed_to_is_not_left_behind(
    asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    removes = made(change("Lake", "AWS::S3::Bucket", "Remove", PolicyAction="Delete"))
    monkeypatch.setattr(change_set_request, "create", lambda *_, **__: removes)
    monkeypatch.setattr(live_drift, "look", lambda created, *_: created)
    monkeypatch.setattr(change_set_removal, "discard", lambda created: gone.append(created.name))
    inputs = inputs_of(make_bundle(tmp_path, {}))
    with pytest.raises(DeployError, match="--allow-destructive Lake"):
        reviewed_change_set.make(inputs, None, DeployOptions(), print)
    assert gone == ["deploy-1"]
    allowed = reviewed_change_set.make(inputs, None, DeployOptions(allow_destructive=["Lake"]), print)
    assert allowed is not None
    assert allowed.lines() == ["Remove  AWS::S3::Bucket Lake"]
    assert gone == ["deploy-1"]


def test_a_resource_that_only_loses_the_tags_of_older_stacks_gets_no_line(
    asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [{"Key": key, "Value": value} for key, value in own_tags("one").items()]
    retagged = change(
        "Topic",
        "AWS::SNS::Topic",
        Scope=["Tags"],
        BeforeContext=context(TopicName="t", Tags=tags),
        AfterContext=context(TopicName="t"),
    )
    renamed = change(
        "Queue", "AWS::SQS::Queue", BeforeContext=context(Name="a"), AfterContext=context(Name="b")
    )
    previous: Any = {"StackName": NAME, "StackStatus": "UPDATE_COMPLETE", "Tags": tags}
    created = made(retagged, renamed, previous=previous)
    monkeypatch.setattr(change_set_request, "create", lambda *_, **__: created)
    monkeypatch.setattr(live_drift, "look", lambda created, *_: created)
    done = reviewed_change_set.make(inputs_of(make_bundle(tmp_path, {})), None, DeployOptions(), print)
    assert done is not None
    assert done.lines() == ["Modify  AWS::SQS::Queue Queue"]

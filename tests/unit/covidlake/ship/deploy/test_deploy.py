"""The stages of a deploy: what is asked and read for each kind of it, and in which order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import BundleError, DeployError
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file
from covidlake.ship.deploy import deploy, execute, history, reviewed_change_set, service_role, stack_policy
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.deploy.reviewed_change_set import Agreed
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import artifacts
from covidlake.ship.stack.change_set import ChangeSet, Mode
from tests.unit.covidlake.ship.stack_stub import NAME, stack_is

TEMPLATE = {"Parameters": {"Environment": {"Type": "String"}}, "Resources": {}}
PARAMETERS = [{"ParameterKey": "Environment", "ParameterValue": "dev"}]
TAGS = [{"Key": "covidlake:protected", "Value": "true"}]
DEPLOYED = {"Parameters": PARAMETERS, "Tags": TAGS}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    (tmp_path / "environments").mkdir()
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    text = 'parameters: {Environment: dev}\ntags: {"covidlake:protected": "true"}\n'
    (tmp_path / "environments" / "dev.yaml").write_text(text)
    return Bundle(tmp_path, {"template.json": "0" * 64})


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order; nothing of it is really done."""
    order: list[str] = []

    def note(text: str, answer: Any = None) -> Any:
        order.append(text)
        return answer

    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "caller", lambda: "arn:aws:iam::111122223333:user/me")
    load = environment_file.load
    monkeypatch.setattr(environment_file, "load", lambda *given: note("load", load(*given)))
    monkeypatch.setattr(artifacts, "upload", lambda *_: note("upload", ["artifacts/x"]))
    monkeypatch.setattr(service_role, "find", lambda _: None)
    monkeypatch.setattr(history, "newest_good_commit", lambda _: "")
    monkeypatch.setattr(reviewed_change_set, "make", lambda _, found, *__: note("change set", planned(found)))
    ended = {"StackStatus": "UPDATE_COMPLETE"}
    monkeypatch.setattr(execute, "execute", lambda *_: note("execute", ended))
    monkeypatch.setattr(stack_policy, "protect", lambda _, found, __: note(f"protect {found['StackStatus']}"))
    monkeypatch.setattr(history, "write", lambda record, _: note(record.outcome))
    return order


def planned(found: Any, mode: Mode = "STANDARD") -> Agreed:
    kind: Any = "UPDATE" if found else "CREATE"
    return Agreed(ChangeSet(NAME, "deploy-1", kind, mode=mode), Plan("dev", NAME, kind, "0" * 64))


def template_is(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any]) -> None:
    """What botocore makes of the text that CloudFormation answers."""
    client = aws.client("cloudformation")
    monkeypatch.setattr(client, "get_template", lambda **_: {"TemplateBody": template})


def test_a_stack_in_the_bundles_state_takes_two_calls_and_no_change_set(
    stub: Stubber, bundle: Bundle, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    template_is(monkeypatch, TEMPLATE)
    stack_is(stub, "UPDATE_COMPLETE", **DEPLOYED)
    deployment = deploy.deploy("dev", bundle, print)
    assert deployment.status == "NO_CHANGE"
    assert deployment.uploaded == 1  # what was missing in the bucket
    assert done == ["load", "upload", "protect UPDATE_COMPLETE", "NO_CHANGE"]


def test_a_plan_of_another_stack_is_refused_before_any_call(bundle: Bundle, done: list[str]) -> None:
    reviewed = Plan("tiny/dev", f"{NAME}-tiny", "UPDATE", "0" * 64)
    with pytest.raises(DeployError, match=rf"{NAME}: the reviewed plan is for stack {NAME}-tiny"):
        deploy.deploy("dev", bundle, print, DeployOptions(reviewed=reviewed))
    assert done == ["load"]


@pytest.mark.parametrize("status", [None, "UPDATE_COMPLETE"])
def test_the_stages_follow_each_other_and_the_file_is_read_once(
    stub: Stubber, bundle: Bundle, done: list[str], status: str | None
) -> None:
    for _ in range(2):  # before the upload, and before the change set: the upload may have taken long
        stack_is(stub, status)
    seen: list[Plan] = []
    deployment = deploy.deploy("dev", bundle, print, DeployOptions(on_plan=seen.append))
    assert (deployment.status, deployment.uploaded, len(seen)) == ("UPDATE_COMPLETE", 1, 1)
    assert done == ["load", "upload", "change set", "execute", "protect UPDATE_COMPLETE", "DEPLOYED"]


def test_the_reviewed_revert_of_drift_is_done_where_nothing_else_would_change(
    stub: Stubber, bundle: Bundle, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    template_is(monkeypatch, TEMPLATE)
    for _ in range(2):
        stack_is(stub, "UPDATE_COMPLETE", **DEPLOYED)
    reviewed = Plan("dev", NAME, "UPDATE", "0" * 64, mode="REVERT_DRIFT")
    deploy.deploy("dev", bundle, print, DeployOptions(reviewed=reviewed))
    assert done[1:4] == ["upload", "change set", "execute"]


@pytest.mark.parametrize(
    "found",
    [
        {"Parameters": PARAMETERS, "Tags": []},
        {"Parameters": [{"ParameterKey": "Environment", "ParameterValue": "x"}], "Tags": TAGS},
    ],
)
def test_another_tag_or_parameter_is_a_change_without_a_look_at_the_template(
    stub: Stubber, bundle: Bundle, done: list[str], found: dict[str, Any]
) -> None:
    for _ in range(2):
        stack_is(stub, "UPDATE_COMPLETE", **found)
    deploy.deploy("dev", bundle, print)
    assert "change set" in done


@pytest.mark.parametrize("refused", [True, False])
def test_another_template_or_one_that_may_not_be_read_is_a_change(
    stub: Stubber, bundle: Bundle, done: list[str], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_is(stub, "UPDATE_COMPLETE", **DEPLOYED)
    if refused:
        stub.add_client_error("get_template", "AccessDenied")
    else:
        template_is(monkeypatch, {**TEMPLATE, "Resources": {"Another": {}}})
    stack_is(stub, "UPDATE_COMPLETE", **DEPLOYED)
    deploy.deploy("dev", bundle, print)
    assert "change set" in done


def test_a_template_that_cloudformation_would_not_take_ends_it_before_any_call(
    stub: Stubber, bundle: Bundle, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_limits, "MAX_BYTES", 1)
    with pytest.raises(BundleError, match="move resources to another stack"):
        deploy.deploy("dev", bundle, print)
    assert done == ["load"]


def test_a_failed_execution_is_recorded_with_its_cause_and_the_stacks_status(
    stub: Stubber, bundle: Bundle, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[history.Record] = []

    def fail(*_: Any) -> Any:
        raise DeployError("Job: no\n role")

    monkeypatch.setattr(execute, "execute", fail)
    monkeypatch.setattr(history, "write", lambda record, _: kept.append(record))
    stack_is(stub, None)
    stack_is(stub, None)
    stack_is(stub, "ROLLBACK_COMPLETE")
    with pytest.raises(DeployError):
        deploy.deploy("dev", bundle, print)
    (record,) = kept
    assert (record.outcome, record.status, record.cause) == ("FAILED", "ROLLBACK_COMPLETE", "Job: no role")

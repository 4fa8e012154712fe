"""What was changed by hand is seen through a drift-aware change set, which is never executed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from typer.testing import CliRunner

from covidlake.commands.command_line import app
from covidlake.ship.plan import builder, live_drift, plan_file, plan_table
from covidlake.ship.plan import plan as verb
from covidlake.ship.plan.live_drift import LiveValue
from covidlake.ship.plan.model import Plan
from covidlake.ship.plan.plan_markdown import markdown
from covidlake.ship.plan.secrets import Secrets
from covidlake.ship.stack.change_set import ChangeSet
from tests.unit.covidlake.ship.plan.test_plan_table import EVIL, shown
from tests.unit.covidlake.ship.plan_samples import (
    NAME,
    change,
    context,
    detail,
    inputs_of,
    make_bundle,
    own_tags,
    previous,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STANDARD = ChangeSet(NAME, "plan-1", "UPDATE", previous=previous({}, {}))
FUNCTION = "AWS::Lambda::Function"


def drifted(name: str, before: str, live: str, after: str, **target: Any) -> dict[str, Any]:
    drift = {"PreviousValue": before, "ActualValue": live, "DriftDetectionTimestamp": NOW}
    one = detail(name, Path=f"/Properties/{name}", AfterValue=after)
    one["Target"] |= {"Drift": drift, "AttributeChangeType": "Modify", **target}
    return one


def resource(logical_id: str, *details: dict[str, Any], status: str = "MODIFIED", **more: Any) -> Any:
    return change(logical_id, FUNCTION, Details=list(details), ResourceDriftStatus=status, **more)


def values(created: ChangeSet, folder: Path, template: dict[str, Any] | None = None) -> Plan:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "environments" / "dev.yaml").write_text(
        "# drift-ignore: Ignored:/Timeout -- the incident of 3 May\n"
    )
    return builder.build(created, inputs_of(make_bundle(folder, template or {})))


def seen(*live: Any, changes: tuple[Any, ...] = (), **more: Any) -> ChangeSet:
    return replace(STANDARD, live=list(live), changes=list(changes), **more)


MEMORY = drifted("MemorySize", "128", "512", "256")


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ((change("F", FUNCTION, Details=[detail("MemorySize")]),), "overwritten"),
        ((change("F", FUNCTION, Details=[detail("Timeout")]),), "may be overwritten"),
        ((change("F", FUNCTION, "Remove"),), "overwritten"),
        ((change("G", FUNCTION, Details=[detail("MemorySize")]),), "stays"),
    ],
)
def test_the_standard_change_set_decides_what_becomes_of_a_live_value(
    tmp_path: Path, changes: tuple[Any, ...], effect: Any
) -> None:
    made = values(seen(resource("F", MEMORY), changes=changes), tmp_path)
    assert made.drift == (LiveValue("F", FUNCTION, "MemorySize", "128", "512", "256", effect),)


def test_a_resource_that_only_gets_our_tags_may_lose_what_was_changed_too(tmp_path: Path) -> None:
    tagged = change("F", FUNCTION, Scope=["Tags"])
    created = seen(resource("F", MEMORY), changes=(tagged,), tags=own_tags("two"))
    created = replace(created, previous=previous({}, own_tags("one")))
    made = values(created, tmp_path)
    assert made.resources == ()
    assert [one.effect for one in made.drift or ()] == ["may be overwritten"]


def test_a_value_that_the_template_takes_over_is_kept(tmp_path: Path) -> None:
    synced = drifted("MemorySize", "128", "512", "512", AttributeChangeType="SyncWithActual")
    made = values(seen(resource("F", synced), changes=(resource("F", synced),)), tmp_path)
    assert [one.effect for one in made.drift or ()] == ["as in the template"]
    assert plan_table.notes(made) == []


@pytest.mark.parametrize(("touched", "effect"), [(True, "fails the update"), (False, "stays")])
def test_a_resource_that_is_gone_fails_its_update(tmp_path: Path, touched: bool, effect: str) -> None:
    changes = (change("F", FUNCTION, Details=[detail("Timeout")]),) if touched else ()
    made = values(seen(resource("F", status="DELETED"), changes=changes), tmp_path)
    assert [(one.path, one.effect) for one in made.drift or ()] == [("", effect)]


def test_the_contexts_tell_where_the_details_do_not(tmp_path: Path) -> None:
    given = resource(
        "F",
        PreviousDeploymentContext=context(MemorySize=128, Timeout=3),
        BeforeContext=context(MemorySize=512, Timeout=3),
        AfterContext=context(MemorySize=256, Timeout=3),
    )
    made = values(seen(given, changes=(given,)), tmp_path)
    assert made.drift == (LiveValue("F", FUNCTION, "MemorySize", 128, 512, 256, "overwritten"),)


def test_a_drift_ignore_line_lets_it_pass_and_says_why(tmp_path: Path) -> None:
    given = resource("Ignored", drifted("Timeout", "3", "9", "5"))
    made = values(seen(given, changes=(given,)), tmp_path)
    assert [one.ignored for one in made.drift or ()] == ["the incident of 3 May"]
    assert plan_table.notes(made) == []
    assert "the incident of 3 May" in shown(made)


def test_a_secret_is_not_shown_by_its_drift(tmp_path: Path) -> None:
    template = {
        "Parameters": {"Secret": {"Type": "String", "NoEcho": True}},
        "Resources": {"F": {"Type": FUNCTION, "Properties": {"Description": {"Ref": "Secret"}}}},
    }
    given = resource("F", drifted("Description", "hunter22", "by hand", "hunter22"))
    made = values(seen(given, changes=(given,)), tmp_path, template)
    assert [(one.deployed, one.live, one.after) for one in made.drift or ()] == [("****",) * 3]


def test_who_may_not_see_how_things_are_sees_which_differ(tmp_path: Path) -> None:
    given = resource("F", drifted("Environment", "old", "a password", "new"))
    made = values(seen(given, changes=(given,)), tmp_path).without_live_values()
    for text in (shown(made), markdown(made), plan_file.to_json(made)):
        assert "a password" not in text
        assert "Environment" in text
        assert "overwritten" in text


def test_the_plan_of_a_pull_request_shows_no_live_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = resource("F", drifted("Environment", "old", "a password", "new"))
    monkeypatch.setattr(verb, "plan", lambda *_, **__: values(seen(given, changes=(given,)), tmp_path))
    monkeypatch.setattr("covidlake.bundle.manifest.open_bundle", lambda _: make_bundle(tmp_path, {}))
    monkeypatch.setattr("covidlake.ship.stack.stack.describe", lambda _: None)
    outputs = [
        CliRunner().invoke(app, ["plan", "dev", "--format", "markdown", *options]).output
        for options in ([], ["--untrusted"])
    ]
    assert ["a password" in output for output in outputs] == [True, False]


def test_reverting_drift_overwrites_all_and_makes_anew(tmp_path: Path) -> None:
    given = (resource("F", MEMORY), resource("Gone", action="Add", status="DELETED"))
    created = live_drift.look(replace(STANDARD, mode="REVERT_DRIFT", changes=list(given)), "{}")
    made = values(created, tmp_path)
    assert [one.effect for one in made.drift or ()] == ["overwritten", "made anew"]
    assert made.mode == "REVERT_DRIFT"
    assert made.fingerprint() != replace(made, mode="STANDARD").fingerprint()
    assert "(reverts drift)" in plan_table.title(made)
    assert "(reverts drift)" in markdown(made)


def looked_at(stub: Stubber, *pages: dict[str, Any]) -> None:
    stub.add_response(
        "create_change_set",
        {"Id": "arn:aws:cloudformation:us-east-2:0:changeSet/x/1", "StackId": "s"},
        {
            "StackName": NAME,
            "ChangeSetName": "plan-1-live",
            "ChangeSetType": "UPDATE",
            "TemplateBody": "{}",
            "DeploymentMode": "REVERT_DRIFT",
            "Parameters": [],
            "Tags": [],
            "Capabilities": ANY,
        },
    )
    for page in pages:
        stub.add_response("describe_change_set", page)


def test_the_drift_aware_one_is_looked_at_and_deleted(stub: Stubber) -> None:
    looked_at(stub, {"Status": "CREATE_COMPLETE", "Changes": [resource("F", MEMORY)]})
    stub.add_response("describe_events", {"OperationEvents": []})
    stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": "plan-1-live"})
    created = live_drift.look(STANDARD, "{}")
    assert created.live is not None
    assert (len(created.live), created.mode, created.name, created.not_seen) == (1, "STANDARD", "plan-1", "")


def test_no_drift_is_known_to_be_none(stub: Stubber) -> None:
    reason = "The submitted information didn't contain changes."
    looked_at(stub, {"Status": "FAILED", "StatusReason": reason})
    stub.add_response("delete_change_set", {})
    assert live_drift.look(STANDARD, "{}").live == []


@pytest.mark.parametrize("code", ["ValidationError", "AccessDenied"])
def test_a_refusal_is_said_and_takes_nothing_else_along(stub: Stubber, code: str, tmp_path: Path) -> None:
    stub.add_client_error("create_change_set", code, "DeploymentMode: not here")
    stub.add_response("delete_change_set", {})
    made = values(live_drift.look(STANDARD, "{}"), tmp_path)
    assert made.drift is None
    assert made.unknown[0].startswith("live values that a deploy would overwrite: ")
    assert "DeploymentMode: not here" in made.unknown[0]
    assert f"not known: {made.unknown[0]}" in plan_table.notes(made)
    assert "Not known" in shown(made)
    assert "**Not known**" in markdown(made)


def test_a_role_that_may_not_read_the_resources_is_said(stub: Stubber) -> None:
    reason = "User is not authorized to perform: lambda:GetFunction"
    looked_at(stub, {"Status": "FAILED", "StatusReason": reason})
    stub.add_client_error("describe_events", "AccessDenied", "no")
    stub.add_response("delete_change_set", {})
    assert live_drift.look(STANDARD, "{}").not_seen == f"the change set failed: {reason}"


def test_a_new_stack_has_nothing_to_look_at(stub: Stubber) -> None:
    assert stub is not None
    first = ChangeSet(NAME, "plan-1", "CREATE")
    assert live_drift.look(first, "{}") is first


def test_only_resources_that_change_are_named_where_nothing_was_compared(tmp_path: Path) -> None:
    live = [resource(f"F{number}", status="UNSUPPORTED") for number in range(9)]
    changes = [change(f"F{number}", FUNCTION, Details=[detail("Timeout")]) for number in range(7)]
    made = values(seen(*live, changes=tuple(changes)), tmp_path)
    names = "F0, F1, F2, F3, F4 and 2 more"
    assert f"live values of {names}: CloudFormation did not compare them" in made.unknown


def test_what_was_changed_by_hand_is_shown_everywhere_and_survives_the_json(tmp_path: Path) -> None:
    given = resource("F", drifted("Description", "as deployed", EVIL, "comes"))
    made = values(seen(given, changes=(given,)), tmp_path)
    (note,) = (line for line in plan_table.notes(made) if line.startswith("changed by hand"))
    assert note.startswith("changed by hand: F.Description: deployed as deployed, now a|b`c`")
    assert "\x1b" not in note
    assert "changed by hand and not kept" in plan_table.title(made)
    assert "as deployed" in shown(made)
    text = markdown(made)
    assert "changed by hand | deployed | now" in text
    assert "<script>" not in text
    assert plan_file.from_json(plan_file.to_json(made)) == made
    assert json.loads(plan_file.to_json(made))["drift"][0]["effect"] == "overwritten"


def test_values_of_secrets_that_nobody_knows_need_no_template() -> None:
    none = Secrets(frozenset(), frozenset(), {})
    assert live_drift.values(STANDARD, [], none, []) is None

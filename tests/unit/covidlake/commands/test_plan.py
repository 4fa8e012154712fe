"""`plan` and `compare` in each form, on the screen, in a file and in the job summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake import aws
from covidlake.base.errors import DeployError
from covidlake.bundle import manifest
from covidlake.commands import plan as commands_plan
from covidlake.ship.deploy import ancestry
from covidlake.ship.plan import compare, plan, untrusted
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import stack
from tests.unit.covidlake.ship.plan_samples import change, context, make_bundle, plan_of


@pytest.fixture
def found(tmp_path: Path) -> Plan:
    folder = tmp_path / "planned"
    folder.mkdir()
    return plan_of(folder, change("Queue", "AWS::SQS::Queue", "Add"))


@pytest.fixture
def asked(found: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How the plan was asked for."""
    calls: list[dict[str, Any]] = []

    def planned(environment: str, _bundle: Any, _progress: Any, **given: Any) -> Plan:
        calls.append({"environment": environment, **given})
        return found

    bundle = make_bundle(tmp_path, {"Resources": {}})
    monkeypatch.setattr(manifest, "open_bundle", lambda _: bundle)
    monkeypatch.setattr(plan, "plan", planned)
    monkeypatch.setattr(stack, "describe", lambda _: None)
    monkeypatch.setattr(compare, "compare", lambda *_: found)
    return calls


def run(*arguments: str) -> Result:
    app = typer.Typer()
    commands_plan.register(app)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(("form", "words"), [("table", "Queue"), ("markdown", "### Plan for"), ("json", "{")])
def test_each_form_is_shown(asked: list[dict[str, Any]], form: str, words: str) -> None:
    assert words in run("plan", "dev", "--format", form).stdout
    assert asked == [{"environment": "dev", "wait_minutes": 10.0, "mode": "STANDARD"}]


def test_options_reach_the_plan(asked: list[dict[str, Any]]) -> None:
    run("plan", "dev", "--revert-drift", "--wait-minutes", "0")
    assert asked == [{"environment": "dev", "wait_minutes": 0.0, "mode": "REVERT_DRIFT"}]


def test_json_in_a_file_is_the_whole_plan(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "new" / "plan.json"
    shown = run("plan", "dev", "--format", "json", "--output", str(path)).stdout
    assert json.loads(path.read_text())["stack_name"] == "covid-lake-dev"
    assert shown.startswith("covid-lake-dev: 1 to add")
    assert shown.endswith(f"written to {path}\n")


def test_an_untrusted_bundle_is_checked_before_it_is_planned(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Any] = []
    monkeypatch.setattr(untrusted, "check", checked.append)
    run("plan", "dev", "--untrusted")
    assert len(checked) == len(asked) == 1


def test_markdown_goes_to_the_job_summary(
    asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    run("plan", "dev", "--format", "table")
    assert not (tmp_path / "summary").exists()
    run("compare", "--base", "template.json", "--format", "markdown")
    assert (tmp_path / "summary").read_text().startswith(compare.NOTE)


def test_a_plan_of_an_older_bundle_says_that_a_deploy_refuses_it(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DeployError("the bundle of commit 1 is older than 2, which is deployed")

    deployed = {"Parameters": [{"ParameterKey": "BundleCommit", "ParameterValue": "2"}]}
    monkeypatch.setattr(stack, "describe", lambda _: deployed)
    monkeypatch.setattr(ancestry, "refuse_older", refuse)
    result = run("plan", "dev")
    assert "is older than 2, which is deployed" in result.stderr
    assert "Queue" in result.stdout


def test_json_of_several_plans_is_one_document(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_plan.options, "chosen", lambda *_: ["dev", "tiny/dev"])
    shown = json.loads(run("plan", "dev", "--promoted", "--format", "json").stdout)
    assert [one["stack_name"] for one in shown] == ["covid-lake-dev"] * 2
    assert [one["environment"] for one in asked] == ["dev", "tiny/dev"]


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_plan_says_what_it_changes_of_the_cost(
    asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    key = change("Key", "AWS::KMS::Key", "Add", AfterContext=context(Enabled=True))
    found = plan_of(tmp_path, key)
    monkeypatch.setattr(plan, "plan", lambda *_, **__: found)
    monkeypatch.setattr(aws, "region", lambda: "eu-central-1")
    shown = run("plan", "dev", "--format", form).stdout.replace("&#36;", "$")
    assert "Cost: $1.00 more a month for what stands" in shown
    assert "1 key-months x $1 = $1.00" in shown
    assert "in eu-central-1" in shown
    assert asked == []


def test_a_plan_that_costs_nothing_says_nothing_of_it(asked: list[dict[str, Any]]) -> None:
    assert "Cost" not in run("plan", "dev").stdout
    assert asked

"""The commands that change a stack, as they are typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import BundleError, DeployError, PlanError
from covidlake.commands import build as commands_build
from covidlake.commands import deploy as commands_deploy
from covidlake.ship.deploy import deploy, destroy, history, rollback
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.destroy import Destroyed
from covidlake.ship.deploy.history import Record
from covidlake.ship.deploy.options import DEFAULTS, DeployOptions

DONE = Deployment("covid-lake-dev", "a" * 64, "now", "UPDATE_COMPLETE", 1)


RECORD = Record(
    *("dev", "covid-lake-dev", "UPDATE_ROLLBACK_COMPLETE", "FAILED", "a" * 64, f"{'c' * 40}-dirty"),
    *("2026-01-02T03:04:05.678+00:00", "2026-01-02T03:05:05.678+00:00"),
    *("arn:aws:sts::000000000000:assumed-role/covid-lake-dev-deploy/run-7", "Job: no role"),
)


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    commands_deploy.register(made)
    commands_build.register(made)
    return made


def run(app: typer.Typer, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    assert result.exit_code == code, result.output
    return result


def recorded(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, answer: Any) -> list[Any]:
    """Replace a verb by one that only keeps what it was called with."""
    calls: list[Any] = []

    def verb(*arguments: Any, **options: Any) -> Any:
        calls.append((arguments, options))
        return answer

    monkeypatch.setattr(module, name, verb)
    return calls


@pytest.fixture
def bundle(app: typer.Typer, tmp_path: Path) -> Path:
    run(app, "package", "--output", str(tmp_path / "bundle"))
    return tmp_path / "bundle"


def test_deploy_hands_every_option_on(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    options = ["--allow-destructive", "A", "--allow-destructive", "B", "--wait", "--skip", "C"]
    run(app, "deploy", "dev", "--bundle", str(bundle), *options, "--time-limit", "5")
    ((arguments, _),) = calls
    assert (arguments[0], arguments[1].folder) == ("dev", bundle)
    assert arguments[3].on_plan != DEFAULTS.on_plan
    assert arguments[3] == DeployOptions(
        reviewed=None,
        allow_destructive=["A", "B"],
        wait_for_other=True,
        skip=["C"],
        allow_older=False,
        time_limit=5.0,
        on_plan=arguments[3].on_plan,
    )


@pytest.mark.parametrize(("module", "name"), [(deploy, "deploy"), (rollback, "rollback")])
def test_json_is_all_that_a_program_reads(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    recorded(monkeypatch, module, name, DONE)
    options = ["--bundle", str(bundle)] if name == "deploy" else []
    (only,) = run(app, name, "dev", *options, "--json").stdout.splitlines()
    found = json.loads(only)
    assert (found["event"], found["stack"], found["status"]) == (
        "outcome",
        "covid-lake-dev",
        "UPDATE_COMPLETE",
    )


@pytest.mark.parametrize("value", ["", "true"])
def test_a_workflow_requires_the_history_of_the_repository(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    run(app, "deploy", "dev", "--bundle", str(bundle))
    assert calls[0][0][3].require_history is (value == "true")


@pytest.mark.parametrize(("given", "allowed"), [("", False), ("false", False), ("true", True)])
def test_a_workflow_says_by_a_variable_whether_an_older_bundle_is_meant(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch, given: str, allowed: bool
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    monkeypatch.setenv("COVIDLAKE_ALLOW_OLDER", given)
    run(app, "deploy", "dev", "--bundle", str(bundle))
    assert calls[0][0][3].allow_older is allowed


def test_a_bundle_of_another_digest_is_never_deployed(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    monkeypatch.setenv("COVIDLAKE_DIGEST", "0" * 64)
    refused = run(app, "deploy", "dev", "--bundle", str(bundle), code=1)
    assert isinstance(refused.exception, BundleError)
    assert calls == []
    monkeypatch.setenv("COVIDLAKE_DIGEST", "")  # a step's variable that nobody has filled
    run(app, "deploy", "dev", "--bundle", str(bundle))
    assert len(calls) == 1


def test_a_deploy_is_summed_up_also_when_it_fails(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(environment: str, _bundle: Any, report: Any, *_: Any) -> None:
        report("12:00:00 CREATE_FAILED Queue <b>no</b>")
        raise DeployError("stack ended ROLLBACK_COMPLETE: Queue: <b>no</b>")

    monkeypatch.setattr(deploy, "deploy", fail)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    run(app, "deploy", "dev", "--bundle", str(bundle), code=1)
    summary = (tmp_path / "summary").read_text()
    assert "failed" in summary
    assert "ROLLBACK" in summary
    assert "CREATE_FAILED Queue" in summary
    assert "<b>" not in summary


def test_a_deploy_tells_its_status_and_its_stack(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outputs = [{"OutputKey": "LakeBucket", "OutputValue": "the-lake"}]
    described = {"StackId": "arn:aws:cloudformation:x:0:stack/covid-lake-dev/1", "Outputs": outputs}
    recorded(monkeypatch, deploy, "deploy", replace(DONE, stack=cast(Any, described)))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    run(app, "deploy", "dev", "--bundle", str(bundle))
    outputs = (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()
    assert {DONE.status, DONE.digest, described["StackId"]} <= set(outputs)
    assert "the-lake" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()


def test_a_plan_that_is_none_stops_the_deploy(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    (bundle.parent / "plan.json").write_text("{}")
    arguments = ["deploy", "dev", "--bundle", str(bundle), "--plan", str(bundle.parent / "plan.json")]
    assert isinstance(run(app, *arguments, code=1).exception, PlanError)
    assert calls == []


def test_rollback_hands_the_digest_on(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = recorded(monkeypatch, rollback, "rollback", DONE)
    run(app, "rollback", "dev", "--to", "abcdef0")
    ((arguments, _),) = calls
    assert (arguments[0], arguments[2]) == ("dev", "abcdef0")


def test_history_as_json_is_what_was_recorded(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = recorded(monkeypatch, history, "history", [RECORD])
    shown = run(app, "history", "dev", "--format", "json", "--limit", "3")
    assert [Record(**one) for one in json.loads(shown.stdout)] == [RECORD]
    assert calls[0][0] == ("dev", 3)


def test_history_as_a_table_is_short(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(monkeypatch, history, "history", [RECORD])
    printed: list[Any] = []
    monkeypatch.setattr(commands_deploy.console.results, "print", printed.append)
    run(app, "history", "dev")
    cells = [next(iter(column.cells)) for column in printed[0].columns]
    assert cells == [
        *("2026-01-02T03:05:05", "FAILED", "a" * 12, f"{'c' * 12}-dirty"),
        *("assumed-role/covid-lake-dev-deploy/run-7", "Job: no role"),
    ]


def test_an_unknown_format_is_wrong_usage(app: typer.Typer) -> None:
    refused = run(app, "history", "dev", "--format", "xml", code=2).output
    assert "'xml' is not one of 'table', 'json'" in " ".join(refused.replace("│", " ").split())


def test_destroy_tells_what_is_gone(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(commands_deploy.console, "say", lines.append)
    recorded(monkeypatch, destroy, "destroy", Destroyed("covid-lake-pr", "DELETE_COMPLETE", ["b"], 7))
    run(app, "destroy", "pr", "--yes")
    recorded(monkeypatch, destroy, "destroy", Destroyed("covid-lake-pr"))
    run(app, "destroy", "pr", "--yes")
    assert lines == [
        "covid-lake-pr: DELETE_COMPLETE, 1 bucket, 7 objects deleted",
        "covid-lake-pr: there is no such stack",
    ]


def test_destroy_asks_nobody_who_cannot_answer(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = recorded(monkeypatch, destroy, "destroy", Destroyed("covid-lake-pr"))
    assert "--yes" in run(app, "destroy", "pr", code=2).output
    assert calls == []


def test_all_that_is_promoted_is_judged_before_the_first_is_deployed(
    app: typer.Typer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recorded(monkeypatch, deploy, "deploy", DONE)
    monkeypatch.setattr(commands_deploy.options, "chosen", lambda *_: ["dev", "tiny/dev"])
    result = run(app, "deploy", "dev", "--bundle", str(bundle), "--promoted", code=1)
    assert isinstance(result.exception, BundleError)  # no pipeline tiny
    assert calls == []

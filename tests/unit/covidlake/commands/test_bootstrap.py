"""`bootstrap` and `doctor`, as they are typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.commands import bootstrap as commands_bootstrap
from covidlake.doctor import examine
from covidlake.doctor.check import Check
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.repository import Repository, RepositoryVariable

LAKE = Repository("acme", "77", "lake", "99")
IDS = ["--repository", "acme/lake", "--repository-id", "99", "--owner-id", "77"]


def run(*arguments: str, code: int = 0) -> Result:
    app = typer.Typer()
    commands_bootstrap.register(app)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_bootstrap_prints_the_commands_for_github(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    variables = [
        RepositoryVariable("PLAN", "arn:plan", "acme/lake"),
        RepositoryVariable("DEPLOY", "arn:deploy", "acme/lake", "dev"),
    ]

    def made(environment: str, repository: Repository, **given: Any) -> list[RepositoryVariable]:
        calls.append((environment, repository, given["operations_environment"]))
        return variables

    monkeypatch.setattr(bootstrap, "bootstrap", made)
    lines = run("bootstrap", "dev", *IDS, "--operations-environment", "ops").stdout.splitlines()
    assert calls == [("dev", LAKE, "ops")]
    assert lines[-2:] == [one.command() for one in variables]
    assert any("environments/dev" in line for line in lines[:-2])


@pytest.mark.parametrize(("status", "code"), [("OK", 0), ("SKIP", 0), ("FAIL", 1)])
def test_doctor_fails_where_a_check_does(monkeypatch: pytest.MonkeyPatch, status: Any, code: int) -> None:
    asked: list[Any] = []

    def checks(*given: Any) -> list[Check]:
        asked.append(given)
        return [Check("job", status, "[found]", "do y" if status == "FAIL" else "")]

    monkeypatch.setattr(examine, "checks", checks)
    assert f"{status:<4}  job: [found]" in run("doctor", "dev", code=code).stdout
    run("doctor", "dev", *IDS, code=code)
    assert asked == [("dev", None), ("dev", LAKE)]


def test_doctor_as_json_is_each_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "checks", lambda *_: [Check("job", "FAIL", "gone", "do y")])
    shown = json.loads(run("doctor", "dev", "--format", "json", code=1).stdout)
    assert shown == [{"name": "job", "status": "FAIL", "found": "gone", "hint": "do y"}]

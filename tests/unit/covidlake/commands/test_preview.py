"""The stack of a pull request: deployed while it is wanted, deleted, swept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import DeployError
from covidlake.bundle import manifest
from covidlake.commands import preview as commands_preview
from covidlake.ship.deploy import preview_stack
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.destroy import Destroyed
from covidlake.ship.deploy.preview_stack import Swept

DONE = Deployment("covid-lake-pr-7", "a" * 64, "now", "CREATE_COMPLETE", 3)


@pytest.fixture(autouse=True)
def without_github(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "COVIDLAKE_HEAD", "COVIDLAKE_DIGEST"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, code: int = 0) -> Result:
    app = typer.Typer()
    commands_preview.register(app)
    result = CliRunner().invoke(app, ["preview-stack", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_deploy_waits_for_others_within_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(manifest, "verify", lambda *given: given)
    monkeypatch.setattr(preview_stack, "deploy", lambda *given: calls.append(given) or DONE)
    shown = run("deploy", "7", "--bundle", "folder", "--digest", "abc", "--hours", "2.5").stdout
    assert shown == "covid-lake-pr-7: CREATE_COMPLETE, lives 2.5 hours\n"
    ((number, bundle, hours, _, asked),) = calls
    assert (number, bundle, hours) == (7, (Path("folder"), "abc"), 2.5)
    assert (asked.wait_for_other, asked.time_limit) == (True, preview_stack.TIME_LIMIT_MINUTES)


def test_a_stack_is_deleted_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Destroyed("covid-lake-pr-7", "DELETE_COMPLETE", [], 0)
    monkeypatch.setattr(preview_stack, "delete", lambda *_: gone)
    assert run("delete", "7").stdout == "covid-lake-pr-7: DELETE_COMPLETE\n"
    run("delete", "0", code=2)


def test_a_sweep_goes_on_after_a_failure_and_then_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    swept = [Swept("covid-lake-pr-1", "expired", "it is busy"), Swept("covid-lake-pr-2", "expired")]
    asked: list[Any] = []
    monkeypatch.setattr(preview_stack, "sweep", lambda _, is_closed: asked.append(is_closed) or iter(swept))
    result = run("sweep", code=1)
    assert isinstance(result.exception, DeployError)
    assert "covid-lake-pr-1 could not be deleted" in str(result.exception)
    assert "covid-lake-pr-2: expired: deleted" in result.stdout
    assert asked == [None]
    assert (tmp_path / "summary").read_text() == (
        "- `covid-lake-pr-1`: not deleted, see the log\n- `covid-lake-pr-2`: deleted\n"
    )


@pytest.mark.parametrize("hours", ["inf", "1e9", "nan", "-1"])
def test_a_stack_lives_no_longer_than_the_sweep_lets_it(hours: str) -> None:
    assert "--hours" in run("deploy", "7", "--hours", hours, code=2).output


def test_what_is_no_number_is_named() -> None:
    assert "lake" in run("deploy", "lake", code=2).output

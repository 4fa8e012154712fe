"""`drift` of several pipelines: each has its own files, and one drift is enough to exit 2."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import CloudError, StackNotFoundError
from covidlake.commands import drift as commands_drift
from covidlake.commands import options
from covidlake.report.job_report import JobReport
from covidlake.ship.drift import drift
from covidlake.ship.drift.drift import Drift, Resource

ABSENT: dict[str, Any] = {"absent": True}
GONE = Resource("Queue", "AWS::SQS::Queue", "q", "DELETED")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What is found, by the name of the environment."""
    known: dict[str, dict[str, Any]] = {"dev": {}, "tiny/dev": {}}
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def detect(name: str, _: Any) -> Drift:
        if known[name] is ABSENT:
            raise StackNotFoundError(f"stack {name} is not there")
        return Drift(name, name.replace("/", "-"), now, **known[name])

    monkeypatch.setattr(drift, "drift", detect)
    monkeypatch.setattr(options, "chosen", lambda *_: list(known))
    return known


def run(*arguments: str, code: int = 0) -> Result:
    app = typer.Typer()
    commands_drift.register(app)
    result = CliRunner().invoke(app, ["dev", "--promoted", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_each_pipeline_has_its_own_files(found: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    found["tiny/dev"] = {"resources": [GONE]}
    run("--report", str(tmp_path / "dev.json"), "--output", str(tmp_path / "dev.txt"), code=2)
    assert JobReport.read(tmp_path / "dev.json").healthy
    assert JobReport.read(tmp_path / "dev-tiny.json").status == "DRIFTED"
    assert "Queue" in (tmp_path / "dev-tiny.txt").read_text()


def test_a_drift_matters_more_than_what_could_not_be_checked(found: dict[str, dict[str, Any]]) -> None:
    found["dev"] = {"failure": "throttled"}
    found["tiny/dev"] = {"resources": [GONE]}
    run(code=2)


def test_what_could_not_be_checked_is_an_error(found: dict[str, dict[str, Any]]) -> None:
    found["tiny/dev"] = {"failure": "throttled"}
    result = run(code=1)
    assert isinstance(result.exception, CloudError)
    assert "tiny-dev: drift could not be detected everywhere: throttled" in str(result.exception)


def test_an_absent_stack_does_not_keep_the_others_and_fails_at_the_end(
    found: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    found["dev"] = ABSENT
    result = run("--output", str(tmp_path / "drift.txt"), code=1)
    assert isinstance(result.exception, StackNotFoundError)
    assert (tmp_path / "drift-tiny.txt").exists()


def test_each_absent_stack_is_named(found: dict[str, dict[str, Any]]) -> None:
    found["dev"] = found["tiny/dev"] = ABSENT
    result = run(code=1)
    assert "stack dev is not there" in str(result.exception)
    assert "stack tiny/dev is not there" in result.stderr


def test_json_of_several_stacks_is_one_document(found: dict[str, dict[str, Any]]) -> None:
    shown = json.loads(run("--format", "json").stdout)
    assert [one["environment"] for one in shown] == ["dev", "tiny/dev"]

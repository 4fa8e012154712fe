"""The commands on executions: they show logs, and stop only what somebody agreed to."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from covidlake import aws
from covidlake.commands import executions
from covidlake.run import logs, stop
from covidlake.run.logs import Log

ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingestion:today"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    executions.register(made)
    return made


def test_each_log_has_a_title_and_its_lines(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "logs", lambda *_: iter([Log("job run of a FAILED", ("one", "two\x1b"))]))
    shown = CliRunner().invoke(app, ["logs", "dev"]).output
    assert shown == "job run of a FAILED\n  one\n  two\\u001b\n"


def test_nothing_is_stopped_where_nobody_can_answer(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[Any] = []
    monkeypatch.setattr(stop, "running", lambda *_: [ARN])
    monkeypatch.setattr(stop, "stop", lambda *given: stopped.append(given))
    monkeypatch.setattr(aws, "caller", lambda: "me")
    refused = CliRunner().invoke(app, ["stop", "dev"])
    assert refused.exit_code == 2
    assert "add --yes" in refused.output
    assert stopped == []
    done = CliRunner().invoke(app, ["stop", "dev", "--yes"])
    assert stopped == [(ARN, "me")]
    assert done.output.startswith("today: stopped; a crawl that runs goes on")

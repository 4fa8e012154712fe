"""The rows in quarantine are shown, and replayed by data set."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from covidlake.commands import quarantine as commands_quarantine
from covidlake.run import going_on, ingest, quarantine
from covidlake.run.execution import Execution
from covidlake.run.ingest import Request
from covidlake.run.pipelines import ingestion
from covidlake.run.query import Answer

ROW: list[str | None] = ["uk_covid", "no key", "3", "a.json", "7", "r1", "{}"]


def shown(*arguments: str) -> str:
    app = typer.Typer()
    commands_quarantine.register(app)
    result = CliRunner().invoke(app, ["quarantine", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def rejected(monkeypatch: pytest.MonkeyPatch) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    monkeypatch.setattr(
        quarantine, "rejected_rows", lambda *_: Answer(quarantine.columns(ingestion.PIPELINE), rows, 0, "")
    )
    return rows


@pytest.mark.parametrize("verb", ["list", "replay"])
def test_an_empty_quarantine_is_said(rejected: list[list[str | None]], verb: str) -> None:
    assert shown(verb, "dev") == "the quarantine is empty\n"


def test_rows_are_listed_with_their_reason(rejected: list[list[str | None]]) -> None:
    rejected.append(ROW)
    assert "no key" in shown("list", "dev")


def test_each_data_set_is_replayed_once(
    rejected: list[list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected += [ROW, ROW, ["owid", *ROW[1:]]]
    requests: list[Request] = []
    outcome = {"dataset": "owid", "rows_new": 1200, "rows_restated": 1, "quarantine_rows": 2}

    def run(_environment: str, _progress: Any, request: Request, _name: str) -> Execution:
        requests.append(request)
        return Execution("arn", "SUCCEEDED", 1.0, {"outcomes": [outcome]}, "", "")

    monkeypatch.setattr(ingest, "ingest", run)
    assert shown("replay", "dev") == "owid: 1,201 rows loaded, 2 left in quarantine\n"
    assert requests == [Request(("uk_covid", "owid"), "replay")]


def test_an_interrupted_replay_says_that_it_goes_on(
    rejected: list[list[str | None]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> Execution:
        raise KeyboardInterrupt

    rejected.append(ROW)
    monkeypatch.setattr(ingest, "ingest", interrupted)
    monkeypatch.setattr(going_on, "_line", lambda environment, name: f"{name} of {environment} goes on")
    with pytest.raises(KeyboardInterrupt):
        commands_quarantine.replay("dev")
    assert " of dev goes on" in capsys.readouterr().err

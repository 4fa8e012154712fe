"""The commands that look into a deployed environment, in each form."""

from __future__ import annotations

import csv
import io
import json

import pytest
import typer
from typer.testing import CliRunner

from covidlake.commands import query as commands_query
from covidlake.dataset import descriptions
from covidlake.run import notifications, query, status
from covidlake.run.notifications import Notification
from covidlake.run.query import Answer
from covidlake.run.status import Status
from covidlake.ship.stack.stack import Stack

ANSWER = Answer(["area", "note"], [["E12", 'a "b",\tc'], [None, ""]], 42, "q1")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    calls: list[tuple[str, str]] = []

    def answer(environment: str, sql: str) -> Answer:
        calls.append((environment, sql))
        return ANSWER

    monkeypatch.setattr(query, "query", answer)
    return calls


def shown(*arguments: str) -> str:
    app = typer.Typer()
    commands_query.register(app)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_keeps_every_value(asked: list[tuple[str, str]]) -> None:
    rows = json.loads(shown("query", "dev", "SELECT 1", "--format", "json"))
    assert rows == [{"area": "E12", "note": 'a "b",\tc'}, {"area": None, "note": ""}]
    assert asked == [("dev", "SELECT 1")]


def test_csv_keeps_every_value(asked: list[tuple[str, str]]) -> None:
    text = shown("query", "dev", "SELECT 1", "--format", "csv")
    assert list(csv.reader(io.StringIO(text))) == [["area", "note"], ["E12", 'a "b",\tc'], ["", ""]]


def test_a_table_shows_what_is_missing(asked: list[tuple[str, str]]) -> None:
    assert "│ -" in shown("query", "dev", "SELECT 1")


def test_without_a_statement_the_first_named_query_is_run(asked: list[tuple[str, str]]) -> None:
    shown("query", "dev")
    shown("query", "dev", "--dataset", "country_codes")
    wanted = [descriptions.load(name).queries[0].sql for name in ("uk_covid", "country_codes")]
    assert [sql for _, sql in asked] == wanted


def test_status_shows_the_stack_and_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack("covid-lake-dev", "CREATE_COMPLETE", {"LakeBucketName": "the-lake"})
    found = Status(
        stack, [["today", "SUCCEEDED", "2026", "1.0"]], [["uk_covid", "3", "1", "7", "s3://x"]], "c"
    )
    monkeypatch.setattr(status, "status", lambda _: found)
    text = shown("status", "dev")
    for part in ("stack covid-lake-dev: CREATE_COMPLETE", "crawler c", "today", "uk_covid", "the-lake"):
        assert part in text


@pytest.mark.parametrize(
    ("messages", "said"), [([Notification("failed", "why")], "failed\nwhy\n"), ([], "no new messages\n")]
)
def test_notifications_are_shown_once(
    monkeypatch: pytest.MonkeyPatch, messages: list[Notification], said: str
) -> None:
    subscribed: list[str] = []
    monkeypatch.setattr(notifications, "subscribe", subscribed.append)
    monkeypatch.setattr(notifications, "receive", lambda _environment, **_: messages)
    assert said in shown("notifications", "dev")
    assert subscribed == ["dev"]

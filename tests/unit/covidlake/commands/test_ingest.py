"""The commands ingest and smoke, as they are typed and as a workflow's variables fill them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import IngestionError, StackNotFoundError, StillRunningError
from covidlake.commands import ingest as commands_ingest
from covidlake.report import ingestion_report
from covidlake.report.job_report import JobReport
from covidlake.run import ingest
from covidlake.run.execution import Execution
from covidlake.run.ingest import Request
from covidlake.ship.stack.stack import Stack

ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingest:today"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Request, str | None]]:
    """What the verb was asked for; it answers with the execution that `answer` sets."""
    calls: list[tuple[Request, str | None]] = []

    def run(_environment: str, _report: Any, request: Request, name: str | None, _limit: float) -> Execution:
        calls.append((request, name))
        return Execution(ARN, "SUCCEEDED", 1.0, {"outcomes": []}, "", "")

    monkeypatch.setattr(ingest, "run", run)
    monkeypatch.setattr(ingest, "daily_name", lambda _environment, _request: "ingest-2026-11-26")
    return calls


def invoke(*arguments: str, code: int = 0) -> Result:
    app = typer.Typer()
    commands_ingest.register(app)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_options_make_the_request(asked: list[Any]) -> None:
    days = ["--from", "2022-12-01", "--to", "2022-12-07"]
    named = ["--dataset", "uk_covid", "--datasets", "country_codes, owid_vaccinations"]
    invoke("ingest", "dev", *named, *days, "--full", "--name", "mine")
    three = ("uk_covid", "country_codes", "owid_vaccinations")
    assert asked == [(Request(three, "full", "2022-12-01", "2022-12-07"), "mine")]
    assert asked[0][0].content() == {
        "datasets": list(three),
        "mode": "full",
        "from": "2022-12-01",
        "to": "2022-12-07",
    }


@pytest.mark.parametrize(("force", "mode"), [("", "incremental"), ("false", "incremental"), ("true", "full")])
def test_empty_variables_of_a_schedule_ask_for_the_default(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, force: str, mode: str
) -> None:
    for name in ("DATASETS", "FROM", "TO"):
        monkeypatch.setenv(f"COVIDLAKE_{name}", "")
    monkeypatch.setenv("COVIDLAKE_FULL", force)
    invoke("ingest", "dev", "--daily")
    assert asked == [(Request(mode=mode), "ingest-2026-11-26")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "7.12.2022"),
        ("--from", "20221207"),
        ("--to", "2022-02-30"),
        ("--to", "latest"),
        ("--daily", "--name", "mine"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_call(
    asked: list[Any], arguments: tuple[str, ...]
) -> None:
    invoke("ingest", "dev", *arguments, code=2)
    assert asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dataset", "uk_covd"], "did you mean uk_covid?"),
        (["--datasets", ","], "names no data set"),
        (["--from", ""], "it is empty: leave it out"),
        (["--from", "2022-12-07", "--to", "2022-12-01"], "is after 2022-12-01"),
        (["--from", "2022-02-30"], "is not a day"),
        (["--from", "latest", "--to", "2022-12-01"], "is one day"),
        (["--name", "bad name!"], "is no name of an execution"),
        (["--follow", "x", "--full"], "it starts nothing: leave out full"),
    ],
)
def test_bad_input_starts_no_execution(asked: list[Any], arguments: list[str], said: str) -> None:
    shown = invoke("ingest", "dev", *arguments, code=2).output
    assert said in " ".join(shown.replace("│", " ").split())
    assert asked == []


def test_json_is_all_that_a_program_reads(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = {"dataset": "uk_covid", "outcome": "LOADED", "rows_read": 7}
    monkeypatch.setattr(ingest, "outcomes", lambda _: [outcome])
    (only,) = invoke("ingest", "dev", "--json").stdout.splitlines()
    found = json.loads(only)
    assert (found["event"], found["dataset"], found["rows_read"]) == ("outcome", "uk_covid", 7)
    monkeypatch.setattr(ingest, "still_runs", lambda _: True)
    (only,) = invoke("ingest", "dev", "--json", "--leave-running").stdout.splitlines()
    assert json.loads(only)["status"] == "SUCCEEDED"
    assert len(asked) == 2


def test_smoke_asks_for_the_newest_day_of_the_first_data_set_and_checks_the_states(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Execution] = []
    monkeypatch.setattr("covidlake.run.smoke.check", checked.append)
    invoke("smoke", "dev")
    ((request, name),) = asked
    assert request == Request(("uk_covid",), "smoke", "latest")
    assert [one.arn for one in checked] == [ARN]
    assert name.startswith("smoke-")


def test_a_failed_execution_is_reported_and_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failed = Execution(ARN, "FAILED", 1.0, {}, "IngestionFailed", "no rows")
    monkeypatch.setattr(ingest, "run", lambda *_: failed)
    monkeypatch.setattr(
        "covidlake.ship.stack.stack.find", lambda _: Stack("s", "CREATE_COMPLETE", {"JobName": "job"})
    )
    expected = JobReport("ingest", "dev", False, "FAILED", "it failed", "**why**")
    monkeypatch.setattr(ingestion_report, "report", lambda *_: expected)
    result = invoke("ingest", "dev", "--report", str(tmp_path / "new" / "report.json"), code=1)
    assert isinstance(result.exception, IngestionError)
    assert JobReport.read(tmp_path / "new" / "report.json") == expected


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Execution:
    """An execution that has not ended when the time is over."""
    goes_on = Execution(ARN, "RUNNING", 1200.0, {}, "", "")
    monkeypatch.setattr(ingest, "run", lambda *_: goes_on)
    monkeypatch.setattr(
        "covidlake.ship.stack.stack.find", lambda _: Stack("s", "CREATE_COMPLETE", {"JobName": "job"})
    )
    monkeypatch.setattr(
        ingestion_report,
        "report",
        lambda *_: ingestion_report.made_of(ingestion_report.Facts("dev", goes_on)),
    )
    return goes_on


@pytest.mark.parametrize("command", ["ingest", "smoke"])
def test_an_execution_that_goes_on_has_a_code_of_its_own(running: Execution, command: str) -> None:
    result = invoke(command, "dev", code=1)
    assert isinstance(result.exception, StillRunningError)
    assert result.exception.exit_code == 11
    assert running.arn in str(result.exception)


def test_a_schedule_leaves_an_execution_that_goes_on_and_reports_it_as_that(
    running: Execution, tmp_path: Path
) -> None:
    result = invoke("ingest", "dev", "--leave-running", "--report", str(tmp_path / "report.json"))
    assert running.arn in result.output.replace("\n", "")
    report = JobReport.read(tmp_path / "report.json")
    assert (report.status, report.healthy, report.undecided) == ("RUNNING", False, True)


def test_what_failed_is_a_failure_for_a_schedule_too(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Execution(ARN, "FAILED", 1.0, {}, "IngestionFailed", "no rows")
    monkeypatch.setattr(ingest, "run", lambda *_: failed)
    monkeypatch.setattr(
        "covidlake.ship.stack.stack.find", lambda _: Stack("s", "CREATE_COMPLETE", {"JobName": "job"})
    )
    result = invoke("ingest", "dev", "--leave-running", code=1)
    assert not isinstance(result.exception, StillRunningError)
    assert isinstance(result.exception, IngestionError)


def test_what_never_started_is_reported_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(*_: Any) -> Execution:
        raise StackNotFoundError("stack covid-lake-dev does not exist")

    monkeypatch.setattr(ingest, "run", run)
    invoke("ingest", "dev", "--report", str(tmp_path / "report.json"), code=1)
    report = JobReport.read(tmp_path / "report.json")
    assert (report.healthy, report.title) == (False, "stack covid-lake-dev does not exist")


def test_tables_are_asked_of_a_segmentation(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COVIDLAKE_DATASETS", "")
    monkeypatch.setenv("COVIDLAKE_COMPARE_KEYS", "true")
    invoke(
        "ingest", "segmentation/dev", "--table", "sales_orders", "--tables", "crm_customers", "--name", "x"
    )
    content = {"mode": "incremental", "tables": ["sales_orders", "crm_customers"], "compare_keys": True}
    assert [(request.content(), name) for request, name in asked] == [(content, "x")]


@pytest.mark.parametrize(
    ("environment", "arguments", "said"),
    [
        ("dev", ("--table", "sales_orders"), "dev ingests data sets: leave it out"),
        ("dev", ("--compare-keys",), "dev ingests data sets: leave it out"),
        ("segmentation/dev", ("--dataset", "uk_covid"), "segmentation/dev ingests tables: leave it out"),
        ("segmentation/dev", ("--from", "2022-12-01"), "segmentation/dev ingests tables: leave it out"),
        ("segmentation/dev", ("--table", "sales_order"), "did you mean sales_orders"),
    ],
)
def test_what_the_pipeline_does_not_take_starts_nothing(
    asked: list[Any], environment: str, arguments: tuple[str, ...], said: str
) -> None:
    result = invoke("ingest", environment, *arguments, code=2)
    assert said in " ".join(result.output.replace("│", " ").split())
    assert asked == []

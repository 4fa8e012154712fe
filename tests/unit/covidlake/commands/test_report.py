"""`covidlake report`: a file, or the text, of an execution."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from covidlake.base import workflow
from covidlake.base.errors import PriceError
from covidlake.commands import report as command
from covidlake.cost import month_cost
from covidlake.report.page import facts, report
from covidlake.report.page.collected import Gap
from tests import recorded_executions


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> typer.Typer:
    collected = recorded_executions.read("nothing-new")
    collected.charts.clear()
    collected.gaps.append(Gap("crawl", "denied"))
    monkeypatch.setattr(report, "found", lambda *_: facts.facts(collected))
    monkeypatch.setattr(report, "FILE", tmp_path / "report.html")
    made = typer.Typer()
    command.register(made)
    return made


def test_the_page_is_written_and_its_file_named(app: typer.Typer, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", "dev"])
    assert done.exit_code == 0
    assert "NOTHING_NEW: nothing-new: report written to" in done.output
    assert "<strong>crawl</strong> could not be read" in (tmp_path / "report.html").read_text()


def test_other_forms_are_shown_or_written(app: typer.Typer, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["report", "dev", "x", "--format", "json"]).stdout.startswith("{")
    done = CliRunner().invoke(app, ["report", "dev", "--format", "markdown", "--out", str(tmp_path / "a.md")])
    assert done.exit_code == 0
    assert (tmp_path / "a.md").read_text().startswith("### Ingestion")


def test_a_browser_shows_the_page_alone(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: shown.append(address) or True)
    assert CliRunner().invoke(app, ["report", "dev", "--open"]).exit_code == 0
    assert shown[0].startswith("file:///")
    refused = CliRunner().invoke(app, ["report", "dev", "--format", "json", "--open"])
    assert refused.exit_code == 2
    assert "a browser shows HTML" in refused.output


def test_a_workflow_gets_in_its_summary_what_it_lacks(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workflow, "active", lambda: True)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    assert CliRunner().invoke(app, ["report", "dev"]).exit_code == 0
    summary = (tmp_path / "summary").read_text()
    assert summary.startswith("#### What this report lacks")
    assert "### Ingestion" not in summary.replace("#### ", "")


def test_the_site_is_written_and_what_it_lacks_is_said(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_: str) -> None:
        raise PriceError("region mars-1: no prices")

    monkeypatch.setattr(month_cost, "of_month", refuse)
    done = CliRunner().invoke(app, ["site", "dev", "--reports", "1", "--out", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    assert "nothing-new: 1 report and the status written to" in done.stdout
    assert "cost of the month could not be read: region mars-1: no prices" in done.output
    assert (tmp_path / "site/index.html").is_file()
    assert (tmp_path / "site/reports/nothing-new.html").is_file()


def test_a_link_is_added_to_the_summary_and_nothing_else_is(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    url = "https://github.com/a/b/actions/runs/1/artifacts/2"
    assert CliRunner().invoke(app, ["report-link", url]).exit_code == 0
    assert (tmp_path / "summary").read_text() == f"[Open the report of this execution]({url})\n"
    more = tmp_path / "report.md"
    assert CliRunner().invoke(app, ["report-link", url, "--below", str(more)]).exit_code == 2
    more.write_text("#### Rows\n")
    assert CliRunner().invoke(app, ["report-link", url, "--below", str(more)]).exit_code == 0
    assert (tmp_path / "summary").read_text().endswith(f"({url})\n\n#### Rows\n\n")
    for wrong in ("http://x", "https://x)[y](z", "javascript:alert(1)"):
        assert CliRunner().invoke(app, ["report-link", wrong]).exit_code == 2

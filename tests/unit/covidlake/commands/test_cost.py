"""`cost` in each form, for a run and for the month."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.commands import cost
from covidlake.cost import month_cost, run_cost
from tests.unit.covidlake.cost.test_show import MONTH, RUN


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_cost, "of_execution", lambda *_: RUN)
    monkeypatch.setattr(month_cost, "of_month", lambda *_: MONTH)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    cost.register(app)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(("form", "words"), [("text", "execution"), ("markdown", "### "), ("json", "{")])
def test_an_execution_is_shown_in_each_form(form: str, words: str) -> None:
    assert run("dev", "today", "--format", form).stdout.startswith(words)


@pytest.mark.parametrize(("form", "words"), [("text", "2026-11"), ("markdown", "### "), ("json", "{")])
def test_without_an_execution_it_is_the_month(form: str, words: str) -> None:
    assert run("dev", "--format", form).stdout.startswith(words)


def test_a_file_gets_the_whole_and_a_summary_the_markdown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    run("dev", "--format", "markdown", "--output", str(tmp_path / "cost.md"))
    assert (tmp_path / "cost.md").read_text().startswith("### 2026-11 so far")
    assert (tmp_path / "summary.md").read_text().startswith("### 2026-11 so far")

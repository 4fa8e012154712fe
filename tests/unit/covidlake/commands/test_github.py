"""The commands that GitHub's workflows call, as they are typed there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from covidlake.base.errors import GateError
from covidlake.commands import github as commands_github
from covidlake.github import comment, find_run, issue


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    app = typer.Typer()
    commands_github.register(app)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_the_verdicts_of_the_gate_are_a_table_that_no_name_can_break(
    step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "push")
    monkeypatch.setenv("NEEDS", json.dumps({"a|b": {"result": "success"}, "c": {"result": "failure"}}))
    result = run("gate", "--always", "a|b", "--always", "c", code=1)
    assert isinstance(result.exception, GateError)
    lines = (step / "GITHUB_STEP_SUMMARY").read_text().strip().splitlines()
    assert lines[0] == "| job | result | verdict |"
    assert all(line.count("|") == 4 for line in lines)
    assert "<code>a&#124;b</code>" in lines[2]
    assert "it ended in failure" in lines[3]


def test_a_found_run_is_an_output(step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_run, "find_run", lambda *_: "4711")
    assert run("find-run", "--commit", "abcdef0").output == "run 4711\n"
    assert "4711" in (step / "GITHUB_OUTPUT").read_text().splitlines()


def test_a_comment_takes_its_number_from_the_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(comment, "comment", lambda *given: calls.append(given) or "created")
    monkeypatch.setenv("COVIDLAKE_PULL_REQUEST", "7")
    assert run("comment", "plans").output == "comment on #7 created\n"
    assert calls == [(7, [Path("plans")], "plan")]


def test_an_unknown_result_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue, "issue", lambda *_: "done")
    assert run("issue", "reports", "--kind", "drift", "--result", "success").output == "done\n"
    refused = run("issue", "reports", "--kind", "drift", "--result", "maybe", code=2)
    assert "is not one of success, failure" in " ".join(refused.output.replace("│", " ").split())


def test_variables_that_are_set_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE", "arn")
    assert run("require", "ROLE").output == "ROLE: set\n"
    monkeypatch.setenv("ROLE", "")
    assert "GitHub has no variable ROLE" in str(run("require", "ROLE", code=1).exception)

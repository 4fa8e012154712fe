"""What a step tells GitHub Actions through its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.github import actions


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def test_an_output_keeps_every_line(files: Path) -> None:
    actions.output("note", "one\ntwo=2\nEOF")
    name, *lines = (files / "GITHUB_OUTPUT").read_text().splitlines()
    delimiter = name.removeprefix("note<<")
    assert lines == ["one", "two=2", "EOF", delimiter]


def test_a_summary_that_github_would_refuse_is_cut_at_a_line(files: Path) -> None:
    actions.summary("é" * 50 + "\n" + "x" * 2_000_000)
    written = (files / "GITHUB_STEP_SUMMARY").read_bytes()
    assert len(written) < 1_048_576
    assert written.decode().startswith("é" * 50 + "\n")
    assert "Cut" in written.decode()


def test_nothing_is_written_outside_of_a_workflow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    actions.output("a", "b")
    actions.summary("text")
    actions.error("failed")
    assert capsys.readouterr().out == ""


def test_an_error_is_one_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    actions.error("50% of\nit")
    assert capsys.readouterr().out == "::error::50%25 of%0Ait\n"


def test_a_warning_leaves_the_job_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    actions.warning("it goes on")
    assert capsys.readouterr().out == "::warning::it goes on\n"


def test_the_run_is_linked_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    assert actions.run_url() == "https://github.com/o/r/actions/runs/7"
    monkeypatch.delenv("GITHUB_RUN_ID")
    assert actions.run_url() == ""


def test_a_notice_is_one_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    actions.notice("it is over")
    assert capsys.readouterr().out == "::notice::it is over\n"

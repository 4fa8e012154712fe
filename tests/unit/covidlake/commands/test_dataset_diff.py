"""`covidlake dataset judge`: exit codes, forms, the label; `dataset diff` runs in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from covidlake.commands.command_line import app
from covidlake.laptop.preview import renderings
from covidlake.laptop.preview.model import Preview
from tests.github_api import GitHubApi
from tests.unit.covidlake.laptop.preview.test_gate import STOPPED

NUMBER = 7


@pytest.fixture
def red(tmp_path: Path) -> Path:
    """A preview in which rows are gone."""
    path = tmp_path / "data.json"
    path.write_text(renderings.as_json(Preview("a", "b", "sample", (STOPPED["rows gone"],)), []))
    return path


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubApi]:
    with GitHubApi("acme/lake", "token") as api:
        for name, value in {"REPOSITORY": "acme/lake", "TOKEN": "token", "API_URL": api.url}.items():
            monkeypatch.setenv(f"GITHUB_{name}", value)
        yield api


def judge(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["dataset", "judge", *map(str, words)])
    return (getattr(done.exception, "exit_code", done.exit_code) if done.exception else 0), done.stdout


def test_what_nobody_accepted_ends_with_a_code_of_its_own(red: Path) -> None:
    code, shown = judge(red)
    assert code == 12
    assert "rows gone" in shown
    assert judge(red, "--accept")[0] == 0
    assert judge(red, "--no-gate")[0] == 0


def test_the_label_that_the_pull_request_has_now_accepts(red: Path, github: GitHubApi) -> None:
    github.add_pull_request(NUMBER, labels=["other"])
    assert judge(red, "--pull-request", str(NUMBER))[0] == 12
    github.add_pull_request(NUMBER, labels=["other", "accept-data-change"])
    assert judge(red, "--pull-request", str(NUMBER))[0] == 0


@pytest.mark.parametrize("form", ["table", "markdown", "json", "html"])
def test_each_form_goes_to_a_file(red: Path, tmp_path: Path, form: str) -> None:
    code, _ = judge(red, "--no-gate", "--format", form, "--output", tmp_path / "out")
    assert code == 0
    assert "rows gone" in (tmp_path / "out").read_text()


def test_a_file_that_is_no_preview_is_said_in_a_comment_and_refused_elsewhere(
    tmp_path: Path,
) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"preview": {"base": "<b>"}}))
    code, shown = judge(path, "--no-gate", "--format", "markdown")
    assert code == 0
    assert "cannot be shown" in shown
    assert judge(path, "--no-gate")[0] == 3
    assert judge(path, "--format", "markdown")[0] == 3


def test_growth_of_the_quarantine_has_a_bound_that_can_be_moved(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(renderings.as_json(Preview("a", "b", "sample", (STOPPED["quarantine"],)), []))
    assert judge(path)[0] == 12
    assert judge(path, "--quarantine-growth", "0.5")[0] == 0


def test_the_share_of_customers_that_move_has_a_bound_that_can_be_moved(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    moved = STOPPED["customers move"]
    path.write_text(renderings.as_json(Preview("a", "b", "sample", (moved,)), []))
    code, shown = judge(path)
    assert code == 12
    assert "6 of 100 customers" in shown
    assert "Customers that change segment" in shown
    assert judge(path, "--segment-moves", "0.06")[0] == 0

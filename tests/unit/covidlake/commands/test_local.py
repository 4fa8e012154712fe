"""The commands of the laptop hand on what they are given."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from covidlake.base.errors import LocalCloudError
from covidlake.commands import local as commands_local
from covidlake.laptop import local, loop
from covidlake.laptop.pipelines.own_part import Wanted


def run(*arguments: str, code: int = 0) -> Any:
    app = typer.Typer()
    commands_local.register(app)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_run_has_defaults_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(loop, "run", lambda *given: calls.append(given))
    run("run")
    run("run", "staging", "--source", "public", "--datasets", "*")
    run("run", "segmentation/dev", "--database", "postgresql://me:pw@host/shop")
    run("run", "--no-warm")
    run("run", "--json")
    assert calls == [
        (Wanted(), None, True, False),
        (Wanted("staging", "public", "*"), None, True, False),
        (Wanted("segmentation/dev", database="postgresql://me:pw@host/shop"), None, True, False),
        (Wanted(), None, False, False),
        (Wanted(), None, True, True),
    ]


@pytest.mark.parametrize("verb", ["down", "reset"])
def test_the_local_cloud_answers_for_itself(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(local, "control", lambda asked: f"{asked} done")
    assert run("local", verb).output == f"{verb} done\n"


def test_settings_are_printed_for_eval_only_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "control", lambda _: "export A='[b]'")
    monkeypatch.setattr(local, "running", lambda: None)
    assert isinstance(run("local", "env", code=1).exception, LocalCloudError)
    monkeypatch.setattr(local, "running", object)
    assert run("local", "env").stdout == "export A='[b]'\n"


def test_up_says_how_to_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cloud:
        endpoint_url = "http://127.0.0.1:4566"

    warm: list[bool] = []
    monkeypatch.setattr(local, "start", lambda asked: (warm.append(asked), Cloud())[1])
    monkeypatch.setattr(local, "attached", nullcontext)
    monkeypatch.setattr(local, "reserved", nullcontext)
    monkeypatch.setattr(local, "fill_source", lambda source, _progress: f"source {source}")
    shown = run("local", "up").stdout
    assert shown.startswith("source None\nhttp://127.0.0.1:4566 is up")
    assert 'eval "$(.venv/bin/covidlake local env)"' in shown
    run("local", "up", "--no-warm")
    assert warm == [True, False]

"""What a step of a workflow prints: readable in GitHub's log, and an annotation for our own errors alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT

COLOURS = re.compile(r"\033\[[\d;]*m")  # GitHub's log shows them as colours


def covidlake(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a step runs it: without a terminal; Typer colours its own output there."""
    done = subprocess.run(
        [Path(sys.executable).with_name("covidlake"), *words],
        cwd=ROOT,
        env=os.environ | {"CI": "true", "GITHUB_ACTIONS": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    done.stdout, done.stderr = COLOURS.sub("", done.stdout), COLOURS.sub("", done.stderr)
    return done


@pytest.mark.parametrize("words", [["--help"], ["deploy", "--help"], ["local", "--help"]], ids=" ".join)
def test_help_is_whole_and_no_annotation(words: list[str]) -> None:
    done = covidlake(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: covidlake" in done.stdout
    assert "::" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan"], "Missing argument 'environment'"),
        (["plan", "dev", "--frmat", "json"], "No such option: --frmat"),
        (["nothing"], "No such command 'nothing'"),
    ],
    ids=["argument", "option", "command"],
)
def test_wrong_usage_is_named_without_an_annotation(words: list[str], said: str) -> None:
    done = covidlake(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "::" not in done.stderr


def test_an_error_of_ours_is_one_line_and_one_annotation() -> None:
    done = covidlake("plan", "nowhere")
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert done.stdout == f"::error::{line.removeprefix('error: ')}\n"

"""Whoever runs the tests: their shell's, their runner's and their account's settings change nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import FOREIGN, KNOBS, ROOT

OURS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
CALLERS = {
    "ACTIONS_STEP_DEBUG": "true",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_ENDPOINT_URL": "https://example.org",
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "xx-nowhere-1",
    "COLUMNS": "20",
    "COVIDLAKE_PULL_REQUEST": "x",
    "FORCE_COLOR": "1",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_STEP_SUMMARY": "/nowhere/summary",
    "GITHUB_TOKEN": "a-token",
    "MAKEFLAGS": "w",
    "MAKELEVEL": "1",
    "NEEDS": "{",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "1",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "PY_COLORS": "1",
    "RUNNER_DEBUG": "1",
    "RUNNER_TEMP": "/nowhere",
    "TERM": "xterm-256color",
    "TERMINAL_WIDTH": "20",
    "TTY_COMPATIBLE": "1",
}
PRINT_NAMES = "import os; print(*os.environ)"
PRINT_HELP = "import sys; sys.argv = ['covidlake', '--help']; from covidlake.__main__ import main; main()"


def test_nothing_of_the_caller_is_seen_here_or_in_a_process_that_a_test_starts() -> None:
    found = subprocess.run([sys.executable, "-c", PRINT_NAMES], capture_output=True, text=True, check=True)
    for names in (set(os.environ), set(found.stdout.split())):
        assert {name for name in names if FOREIGN.fullmatch(name)} - KNOBS == set(OURS)
    assert {name: os.environ[name] for name in OURS} == OURS


def test_typer_is_imported_without_the_runners_colours() -> None:
    shown = subprocess.run([sys.executable, "-c", PRINT_HELP], capture_output=True, text=True, cwd=ROOT)
    assert (shown.returncode, "\033" in shown.stdout) == (0, False)


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "a worker"])
def test_settings_of_the_caller_reach_no_test(workers: list[str], tmp_path: Path) -> None:
    tests = [f"{__file__}::{name}" for name in TESTS_OF_THE_ENVIRONMENT]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, *tests],
        cwd=ROOT,
        env=os.environ | CALLERS | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(tests)} passed" in done.stdout


def test_make_hands_no_setting_of_python_on(tmp_path: Path) -> None:
    probe = tmp_path / "probe.mk"
    probe.write_text('probe:\n\t@env | grep ^PYTHON || echo "none; PYTHON is $(PYTHON)"\n')
    names = ("PYTHONPATH", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHON")
    command = [shutil.which("make") or "make", "-f", "Makefile", "-f", str(probe), "probe"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | dict.fromkeys(names, "x"), capture_output=True, text=True
    )
    assert done.stdout == "none; PYTHON is x\n", done.stderr


TESTS_OF_THE_ENVIRONMENT = (
    test_nothing_of_the_caller_is_seen_here_or_in_a_process_that_a_test_starts.__name__,
    test_typer_is_imported_without_the_runners_colours.__name__,
    test_make_hands_no_setting_of_python_on.__name__,
)

"""An interrupt is one line and exit code 130 from the first import of a command to its last moment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

START = """
import atexit, gc, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
class Importing:
    def find_spec(self, name, *_):
        if name == {module!r}:
            {what}
class Removed:
    def __del__(self, kill=os.kill, process=os.getpid(), number=signal.SIGINT):
        kill(process, number)
sys.meta_path.insert(0, Importing())
sys.argv = ["covidlake", *{arguments!r}]
from covidlake.__main__ import main
main()
"""
INTERRUPT = "os.kill(os.getpid(), signal.SIGINT)"


def started(module: str, what: str, *arguments: str) -> tuple[int, str, str]:
    """Start a command that does something when it imports a module."""
    code = START.format(module=module, what=what, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("module", ["typer", "rich.table", "covidlake.commands.query"])
def test_while_the_command_line_is_imported(module: str, number: str) -> None:
    what = f"os.kill(os.getpid(), signal.{number})"
    assert started(module, what, "build") == (130, "", "error: interrupted\n")


def test_while_a_verb_is_imported() -> None:
    assert started("covidlake.bundle.template", INTERRUPT, "build") == (130, "", "error: interrupted\n")


def test_while_an_object_is_removed() -> None:
    what = "Removed(); import time; time.sleep(5)"
    assert started("covidlake.bundle.template", what, "build") == (130, "", "error: interrupted\n")


@pytest.mark.parametrize("late", [f"atexit.register(lambda: {INTERRUPT})", "sys.late = Removed()"])
@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["verify", "/nowhere"], 3)])
def test_one_that_comes_after_the_end_changes_nothing(arguments: list[str], code: int, late: str) -> None:
    assert started("typer", late, *arguments) == (code, *started("", "pass", *arguments)[1:])


def test_what_the_caller_lets_it_ignore_stays_ignored() -> None:
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    code = f"import os, signal; {ignored}; from covidlake.base import interruption as i\n"
    code += f"for begun in (i.ends_at_once, i.interrupts, lambda: i.comes_too_late(3)): begun(); {INTERRUPT}"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0

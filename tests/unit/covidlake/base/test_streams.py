"""Whatever the standard streams are, a command says what it has to say, or that it cannot."""

from __future__ import annotations

import subprocess
import sys

import pytest

from covidlake.base import streams

SAYS = (
    "from covidlake.base import console; console.say('é✓'); console.show(['é'], [['✓']]); console.write('é')"
)
COMMAND = f"import sys; from covidlake.base import streams; streams.require(); {SAYS}"
PYTHON = f'"{sys.executable}"'


def shell(line: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", ["status dev", "--help", "run", "build"])
def test_a_closed_output_is_refused_before_anything_is_done(command: str) -> None:
    assert shell(f"{PYTHON} -m covidlake {command} >&-") == (1, "", streams.CLOSED)


def test_with_all_streams_closed_the_code_still_tells() -> None:
    assert shell(f"{PYTHON} -m covidlake verify /nowhere <&- >&- 2>&-") == (1, "", "")
    assert shell(f"{PYTHON} -m covidlake verify /nowhere <&- 2>&-") == (3, "", "")


def test_without_an_input_nobody_can_be_asked() -> None:
    code, _, said = shell(f"{PYTHON} -m covidlake destroy dev <&-", AWS_REGION="us-east-2")
    assert (code, "add --yes" in said) == (2, True)


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict"])
def test_what_an_output_cannot_show_is_written_as_an_escape(encoding: str) -> None:
    code, out, said = shell(f'{PYTHON} -c "{COMMAND}"', PYTHONIOENCODING=encoding)
    assert (code, said) == (0, "")
    assert r"\u2713" in out


@pytest.mark.parametrize("arguments", ["--version", "environments diff dev prod --format json"])
def test_a_full_disk_is_one_line(arguments: str) -> None:
    code, _, said = shell(f"{PYTHON} -m covidlake {arguments} >/dev/full")
    assert (code, said.count("\n"), "No space left" in said) == (1, 1, True)


def test_a_reader_that_has_left_is_no_traceback() -> None:
    pipe = f"{PYTHON} -m covidlake environments diff dev prod --format json; echo $? >&2"
    assert shell(f"({{ sleep 0.1; {pipe}; }}) | true")[2] == "1\n"

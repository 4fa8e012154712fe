"""A description is a user's code: whatever it does instead of describing is one line with its file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

import datasets as descriptions
from covidlake.base.errors import DataSetError
from covidlake.dataset import descriptions as datasets
from covidlake.dataset import loading


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second place where descriptions are found."""
    monkeypatch.setattr(descriptions, "__path__", [*descriptions.__path__, str(tmp_path)])
    return tmp_path


INSTEAD = {
    "ends the program": ("raise SystemExit(0)", "SystemExit"),
    "ends it by a function": ("import sys; sys.exit()", "SystemExit"),
    "ends it by exit": ("exit()", "SystemExit|NameError"),
    "ends it at once": ("import os; os._exit(0)", r"calls os\._exit"),
    "aborts": ("import os; os.abort()", r"calls os\.abort"),
    "becomes another program": ("import os; os.execvp('true', ['true'])", r"calls os\.execv"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "generator": ("raise GeneratorExit", "GeneratorExit"),
    "own base": ("class Odd(BaseException): pass\nraise Odd('so')", "Odd: so"),
    "recurses": ("def f(): f()\nf()", "RecursionError"),
    "prints": ("print('hello')", "prints 'hello'"),
    "writes an error": ("import sys; sys.stderr.write('hello')", "prints 'hello'"),
    "asks": ("input()", "reads standard input"),
    "swallows its end": ("try:\n    raise SystemExit(0)\nfinally:\n    pass", "SystemExit"),
}


@pytest.mark.parametrize(("code", "said"), INSTEAD.values(), ids=INSTEAD)
def test_what_it_does_instead_is_said_with_its_file_and_line(folder: Path, code: str, said: str) -> None:
    (folder / "odd.py").write_text(f"\n{code}\n")
    with pytest.raises(DataSetError, match=rf"^jobs/datasets/odd\.py, line \d: .*({said})") as caught:
        datasets.load("odd")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(100)"])
def test_one_that_does_not_end_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(loading, "SECONDS", 0.5)
    (folder / "odd.py").write_text(f"\n{code}\n")
    with pytest.raises(DataSetError, match=r"^jobs/datasets/odd\.py, line \d: it does not end within 0\.5 s"):
        datasets.load("odd")


def test_no_command_succeeds_with_a_description_that_ends_the_program(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("raise SystemExit(0)\n")
    code = (
        f"import datasets, sys; datasets.__path__.append({str(tmp_path)!r});"
        "sys.argv[1:] = ['dataset', 'check']; from covidlake.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "SystemExit" in done.stderr) == (3, True)


def test_a_spinner_may_go_on_turning(capsys: pytest.CaptureFixture[str]) -> None:
    def other_thread() -> None:
        thread = threading.Thread(target=lambda: sys.stderr.write("turning\n"))
        thread.start()
        thread.join()

    loading.run(other_thread)
    assert capsys.readouterr().err == "turning\n"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A process that a shell has started in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_real_interrupt_stays_one(folder: Path) -> None:
    (folder / "odd.py").write_text(
        "import os, signal; os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n"
    )
    with pytest.raises(KeyboardInterrupt):
        datasets.load("odd")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("moment", ["__enter__", "__exit__"])
def test_an_interrupt_beside_the_loading_blames_no_description(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before, guard = state(), getattr(mock._patch, moment)

    def interrupted(*given: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return guard(*given)

    with monkeypatch.context() as patched:
        patched.setattr(mock._patch, moment, interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("uk_covid")
    assert state() == before


@pytest.mark.usefixtures("interruptible")
def test_a_description_cannot_keep_an_interrupt(folder: Path) -> None:
    (folder / "odd.py").write_text(
        "import os, signal\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\nexcept BaseException:\n    pass\n"
    )
    with pytest.raises(KeyboardInterrupt):
        datasets.load("odd")


def state() -> list[object]:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGALRM)]
    return [sys.stdout, sys.stderr, sys.stdin, os._exit, *handlers]


def test_everything_is_as_before_afterwards(folder: Path) -> None:
    before = state()
    with pytest.raises(DataSetError):
        datasets.load("nope")
    assert datasets.load("uk_covid")
    assert state() == before


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(DataSetError, match=r"no data set 'uk_covd': did you mean uk_covid\?.*describe it"):
        datasets.load("uk_covd")

"""Whatever happens, a command ends with one line and a documented exit code."""

from __future__ import annotations

import os
import signal
import time

import pytest
from botocore import exceptions as aws

from covidlake.base import errors, interruption
from covidlake.base.errors import BundleError
from covidlake.commands import command_line as cli


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (errors.DeployError("stack x ended ROLLBACK_COMPLETE"), 6, "error: stack x ended ROLLBACK_COMPLETE"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (SystemExit(130), 130, "interrupted"),
        (aws.NoCredentialsError(), 4, "no AWS credentials"),
    ],
)
def test_main_prints_one_line_and_exits(
    raised: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def app(standalone_mode: bool) -> None:
        raise raised

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (
            OSError(28, "No space left on device", "build/bundle"),
            "build/bundle: No space left on device: make",
        ),
        (OSError(2, "No such file", "x"), "x: No such file: restore it"),
        (OSError(13, "Permission denied", b"x"), "x: Permission denied: make it a place that you may read"),
        (OSError(40, "Too many levels of symbolic links", "x"), "x: Too many levels of symbolic links"),
    ],
)
def test_what_the_system_refuses_is_one_line_with_the_path(
    raised: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", lambda **_: (_ for _ in ()).throw(raised))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert said in capsys.readouterr().err


def _defective(**_: object) -> None:
    raise ZeroDivisionError("by\n\x1b[31m zero")


def test_what_nobody_foresaw_is_one_line_that_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", _defective)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "a defect of covidlake in tests/unit/covidlake/commands/test_command_line.py:" in said
    assert "ZeroDivisionError: by\\n\\u001b[31m zero" in said
    assert said.count("\n") == 1


def test_a_developer_can_ask_for_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", _defective)
    monkeypatch.setenv("COVIDLAKE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.app(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("covidlake ")


def test_an_error_stays_one_line_whatever_it_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "x\n::error::pwned\x1b[31m"
    monkeypatch.setattr(cli, "app", lambda **_: (_ for _ in ()).throw(BundleError(evil)))
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert r"x\n::error::pwned\u001b" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_cancelled_job_ends_as_with_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    before = {one: signal.getsignal(one) for one in interruption.SIGNALS}
    monkeypatch.setattr(cli, "app", lambda **_: (os.kill(os.getpid(), number), time.sleep(5)))
    for one in before:
        signal.signal(one, signal.SIG_DFL)  # whoever runs the tests may ignore them, as nohup does
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert ended.value.code == 130
    assert "interrupted" in capsys.readouterr().err


def test_what_a_library_makes_of_an_interrupt_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app(**_: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except KeyboardInterrupt:
            raise ImportError("the C extensions do not load") from None

    before = {one: signal.getsignal(one) for one in interruption.SIGNALS}
    monkeypatch.setattr(cli, "app", app)
    for one in before:
        signal.signal(one, signal.SIG_DFL)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert (ended.value.code, capsys.readouterr().err) == (130, "error: interrupted\n")

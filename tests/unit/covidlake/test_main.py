"""The command begins with next to nothing imported, and ends with the code of its command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from covidlake import __main__ as start
from covidlake.base import interruption
from covidlake.commands import command_line


def test_next_to_nothing_is_imported_before_an_interrupt_is_one_line() -> None:
    code = (
        "import sys; before = set(sys.modules); import covidlake.__main__; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.startswith("covidlake")}
    assert ours == {
        "covidlake",
        "covidlake.__main__",
        "covidlake.base",
        "covidlake.base.errors",
        "covidlake.base.interruption",
        "covidlake.base.streams",
    }
    assert not {"typer", "rich", "botocore"} & set(done.stdout.split())


@pytest.mark.parametrize(("raised", "code"), [(SystemExit(6), 6), (KeyboardInterrupt(), 130)])
def test_the_code_of_the_command_is_the_processs(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int
) -> None:
    late: list[object] = []

    def run() -> None:
        raise raised

    monkeypatch.setattr(interruption, "ends_at_once", lambda: None)
    monkeypatch.setattr(interruption, "comes_too_late", late.append)
    monkeypatch.setattr(command_line, "main", run)
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert (ended.value.code, late) == (code, [code])

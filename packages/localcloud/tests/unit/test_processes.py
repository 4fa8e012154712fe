"""Processes of a cloud are found by their temporary folder, and ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import processes


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TMPDIR": str(tmp_path / "cloud" / "tmp" / "job")}
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.parametrize("listing", ["_from_proc", "_from_ps"])
def test_processes_are_found_by_their_temporary_folder(
    tmp_path: Path,
    sleeper: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
    listing: str,
) -> None:
    if listing == "_from_ps" and not Path("/bin/ps").exists():
        pytest.skip("there is no /bin/ps on this machine")
    if listing == "_from_proc" and not Path("/proc/self/environ").exists():
        pytest.skip("there is no /proc on this machine")
    for name in ("_from_proc", "_from_ps"):
        monkeypatch.setattr(processes, name, getattr(processes, listing))
    assert processes.of(tmp_path / "cloud" / "tmp") == [sleeper.pid]
    assert processes.of(tmp_path / "cloud" / "tm") == []
    assert processes.of(tmp_path / "other") == []


def test_processes_are_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    assert processes.end(tmp_path / "cloud" / "tmp") == []
    assert sleeper.wait(10) == -9

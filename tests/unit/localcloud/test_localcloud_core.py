"""The launcher's parts that need no server: home, processes, clean-up, plug state, command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import __main__ as command_line
from localcloud import processes
from localcloud.cloud import LocalCloud
from localcloud.errors import LocalCloudError
from localcloud.home import Home, Run, ephemeral
from localcloud.plugin import cleanup, state

RUN = Run(pid=1, port=4567, region="us-east-2", wait_scale=1.0, started_at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_a_home_has_one_server(home: Home) -> None:
    assert not home.is_held()
    with home.hold():
        assert home.is_held()
        with pytest.raises(LocalCloudError, match="already runs"), home.hold():
            pytest.fail("two servers hold one home")
    assert not home.is_held()


def test_the_run_file_counts_only_while_its_server_lives(home: Home) -> None:
    with home.hold():
        assert home.run() is None
        home.announce(RUN)
        assert home.run() == RUN
    assert home.run() is None
    assert home.last_port() == 4567


def test_a_home_is_private(home: Home) -> None:
    assert home.path.stat().st_mode & 0o077 == 0


def test_sweeping_keeps_the_state_and_forgetting_removes_it(home: Home) -> None:
    for folder in (home.temporary, home.state, home.objects):
        (folder / "deep").mkdir(parents=True)
    home.sweep()
    assert not home.temporary.exists()
    assert home.state.exists()
    home.forget_state()
    assert not home.state.exists()
    assert not home.objects.exists()


def test_a_home_that_is_held_is_not_taken_for_a_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held, left = Home(tmp_path / "localcloud-held"), Home(tmp_path / "localcloud-left")
    stranger = tmp_path / "localcloud-notes"
    stranger.mkdir()
    with left.hold():
        assert left.path.exists()
    with held.hold():
        made = ephemeral()
    assert held.path.exists()
    assert stranger.exists()
    assert not left.path.exists()
    assert made.path.parent == tmp_path.resolve()


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


def test_clean_up_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def fail() -> None:
        raise RuntimeError("broken")

    cleanup.at_exit(lambda: called.append("first"))
    cleanup.at_exit(fail)
    cleanup.at_exit(lambda: called.append("last"))
    cleanup.run()
    cleanup.run()
    assert called == ["last", "first"]
    assert "broken" in caplog.text


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    held: dict[str, Any] = {"runs": [1]}
    monkeypatch.setattr(state, "_keepers", {})
    state.keep("plug", lambda: dict(held), held.update, held.clear)
    return held


def test_plug_state_is_kept_between_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any]
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "1")
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    state.save()
    state.reset()
    assert keeper == {}
    state.restore()
    assert keeper == {"runs": [1]}


def test_plug_state_that_is_damaged_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "1")
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    (tmp_path / "localcloud-plug.json").write_text("{")
    state.restore()
    assert keeper == {"runs": [1]}
    assert "localcloud-plug.json" in caplog.text


def test_an_ephemeral_cloud_saves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any]
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "0")
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    state.save()
    assert list(tmp_path.iterdir()) == []


def test_env_and_status_describe_a_running_cloud(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with home.hold():
        home.announce(RUN)
        assert command_line.main(["env", "--home", str(home.path)]) == 0
        exported = capsys.readouterr().out
        assert command_line.main(["status", "--json", "--home", str(home.path)]) == 0
        facts = json.loads(capsys.readouterr().out)
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4567\n" in exported
    assert "unset AWS_PROFILE" in exported
    assert facts == {"running": True, "endpoint_url": "http://127.0.0.1:4567", **vars(RUN)}


def test_the_environment_names_every_variable_that_an_sdk_reads(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "ignored")
    monkeypatch.setenv("no_proxy", ".corp, 10.0.0.1")
    assert LocalCloud(home, RUN).environment() == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4567",
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-2",
        "AWS_REGION": "us-east-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ".corp,10.0.0.1,127.0.0.1",
        "no_proxy": ".corp,10.0.0.1,127.0.0.1",
    }


@pytest.mark.parametrize("port", ["-1", "65536", "x", "1.5"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["up", f"--port={port}"])
    assert ended.value.code == 2
    assert f"'{port}' is not a port" in capsys.readouterr().err

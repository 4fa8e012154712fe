"""The command line and the environment that it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud import __main__ as command_line
from localcloud.cloud import LocalCloud
from localcloud.errors import LocalCloudError
from localcloud.home import Home, Run

RUN = Run(pid=1, port=4567, region="us-east-2", wait_scale=1.0, started_at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


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
def test_what_is_not_a_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["up", f"--port={port}"])
    assert ended.value.code == 2
    assert f"'{port}' is not a port" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["up", "env", "reset"])
def test_a_home_that_is_a_file_is_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert command_line.main([command, "--home", str(tmp_path / "file")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"localcloud: {tmp_path / 'file'}")
    assert said.endswith("name another folder with --home\n")
    assert said.count("\n") == 1


def test_what_is_not_a_region_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["up", "--region", "mars"])
    assert ended.value.code == 2
    assert "'mars' is not a region: give such as us-east-2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--port", "1234"], "with --port 4567, not 1234: stop it first with: down"),
        (["--region", "eu-west-1"], "with --region us-east-2, not eu-west-1"),
    ],
)
def test_a_running_cloud_keeps_its_port_and_region(
    home: Home, option: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with home.hold():
        home.announce(RUN)
        assert command_line.main(["up", "--home", str(home.path)]) == 0
        assert command_line.main(["up", "--home", str(home.path), *option]) == 1
    assert said in capsys.readouterr().err


def test_reset_of_what_is_no_cloud_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["reset", "--home", str(tmp_path / "nothing")]) == 0
    assert "there is no cloud in" in capsys.readouterr().out
    (tmp_path / "thesis.tex").touch()
    assert command_line.main(["reset", "--home", str(tmp_path)]) == 1
    assert "is no folder of a local cloud" in capsys.readouterr().err
    assert (tmp_path / "thesis.tex").exists()


def test_who_is_slower_at_the_start_uses_the_cloud_of_the_faster(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def slower(*_: object) -> Run:
        home.announce(RUN)
        raise LocalCloudError("a local cloud already runs")

    runs = iter([None, RUN])
    monkeypatch.setattr(command_line, "launch", lambda *_, **__: None)
    monkeypatch.setattr(command_line, "await_ready", slower)
    monkeypatch.setattr(Home, "run", lambda _: next(runs))
    with home.hold():
        assert command_line.main(["up", "--home", str(home.path)]) == 0
    assert "already running on http://127.0.0.1:4567" in capsys.readouterr().out
